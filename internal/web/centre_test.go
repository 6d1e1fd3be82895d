// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/words"
)

// settle makes the office of amina and chandra a centre with two counters, and returns its address and that of the screen on its wall.
func (r *room) settle(t testing.TB) (at, wall string) {
	t.Helper()
	at = "/centre/" + r.users["chandra"].Office
	if list := r.page(t, "chandra", "/centre"); !strings.Contains(list, at+"/settings") {
		t.Fatalf("nothing leads chandra to make her office a centre:\n%s", list)
	}
	r.must(t, "chandra", at+"/settings", at+"/settings", nil)
	for _, c := range []url.Values{{"name_bn": {"চাকরি"}, "name_en": {"Work"}, "needs": {"job", "training"}}, {"name_bn": {"স্বাস্থ্য"}, "name_en": {"All else"}, "letter": {"B"}, "women": {"yes"}, "languages": {"syl"}}} {
		r.must(t, "chandra", at+"/settings/counter", at+"/settings/counter", c)
	}
	m := regexp.MustCompile(`href="http://[^/"]+(/wall/[^"]+)"`).FindStringSubmatch(r.page(t, "chandra", at+"/settings"))
	if m == nil {
		t.Fatal("the settings show no address of a wall")
	}
	return at, m[1]
}

// desks are the addresses of the counters of a centre, in order.
func (r *room) desks(t testing.TB, login, at string) (all []string) {
	t.Helper()
	for _, m := range regexp.MustCompile(`href="(`+regexp.QuoteMeta(at)+`/counters/[^"]+)"`).FindAllStringSubmatch(r.page(t, login, at), -1) {
		all = append(all, m[1])
	}
	return all
}

// A morning at the centre: numbers are given, called, sent on and put back; the wall shows numbers alone, and strangers find nothing.
func TestAMorningAtTheCentre(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		clock.Move(-6 * time.Hour) // noon in Dhaka
		r := openRoom(t, d)
		r.join(t, "goldfinch", "amina", "provider_focal")
		at, wall := r.settle(t)
		desks := r.desks(t, "amina", at)
		if len(desks) != 2 {
			t.Fatalf("desks %v", desks)
		}
		if got := r.send(t, "amina", at, at, nil); got.status != 422 || !strings.Contains(got.body, `href="#need"`) {
			t.Errorf("a number for nothing: %d", got.status)
		}
		if got := r.send(t, "amina", at, at, url.Values{"need": {"job"}, "women": {"yes"}, "language": {"syl"}}); got.status != http.StatusSeeOther {
			t.Errorf("a woman for a job at the counter for all: %d\n%s", got.status, got.body)
		}
		job := r.must(t, "amina", at, at, url.Values{"need": {"job"}})
		clock.Move(time.Minute)
		first := r.must(t, "goldfinch", at, at, url.Values{"need": {"training"}, "first": {"yes"}})
		if page := r.page(t, "amina", job); !strings.Contains(page, "A-001") || !strings.Contains(page, "A-০০১") || !strings.Contains(page, "too few visits") {
			t.Errorf("the ticket has not its number in both numerals, or says more of the wait than is known:\n%s", page)
		}
		call := func(desk string) string {
			r.must(t, "amina", desk, desk, nil)
			return r.page(t, "amina", desk)
		}
		if page := call(desks[0]); !strings.Contains(page, "A-002") || !strings.Contains(page, "Goes first") || strings.Contains(page, "data-next") {
			t.Errorf("the desk shows not who goes first, or offers to call while somebody is called:\n%s", page)
		}
		screen := r.do(t, "", request(t, wall))
		for _, want := range []string{"A-002", "A-০০২", "http-equiv=\"refresh\"", "class=\"fresh\"", "সেবাকেন্দ্র"} {
			if !strings.Contains(screen.body, want) {
				t.Errorf("the wall lacks %q:\n%s", want, screen.body)
			}
		}
		for _, never := range []string{"job", "A job", "চাকরি", "Training", "Set-Cookie", "<script"} {
			if strings.Contains(screen.body, never) {
				t.Errorf("the wall shows %q", never)
			}
		}
		if len(screen.header.Values("Set-Cookie")) != 0 || screen.header.Get("Cache-Control") != "no-store" {
			t.Errorf("the wall's headers: %v", screen.header)
		}
		r.must(t, "amina", desks[0], first, url.Values{"act": {"begin"}})
		clock.Move(7 * time.Minute)
		if page := call(desks[0]); !strings.Contains(page, "A-001") {
			t.Errorf("done, and the next is not called:\n%s", page)
		}
		if got := r.must(t, "amina", desks[0], job, url.Values{"act": {"put_back"}}); got != desks[0] {
			t.Errorf("put back leads to %s, want the desk", got)
		}
		r.must(t, "amina", job, job, url.Values{"act": {"send_on"}, "to": {desks[1][strings.LastIndex(desks[1], "/")+1:]}})
		r.must(t, "amina", desks[0], desks[0], nil)
		if page := r.page(t, "amina", desks[0]); !strings.Contains(page, "Nobody is here") {
			t.Errorf("who was sent on is called where she was:\n%s", page)
		}
		if page := r.page(t, "chandra", at+"/settings"); !strings.Contains(page, "Counter 1 · Work") || !strings.Contains(page, "Sylheti") {
			t.Errorf("the settings do not list the counters:\n%s", page)
		}
		for _, path := range []string{at, job, desks[0], at + "/settings"} {
			if got := r.get(t, "basil", path); got.status != http.StatusNotFound {
				t.Errorf("basil finds %s: %d", path, got.status)
			}
		}
		if got := r.get(t, "amina", at+"/settings"); got.status != http.StatusNotFound {
			t.Errorf("amina finds the settings: %d", got.status)
		}
		r.button(t, "chandra", at+"/settings", at+"/wall")
		if got := r.get(t, "", wall); got.status != http.StatusNotFound {
			t.Errorf("the old address of the wall: %d", got.status)
		}
		for _, lang := range words.Languages() {
			r.speak(t, "chandra", lang)
			for _, path := range []string{"/centre", at, job, desks[0], desks[1], at + "/settings", at + "/settings/counter"} {
				r.get(t, "chandra", path) // a text that is missing fails
			}
		}
	})
}

func request(t testing.TB, path string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.RequestURI = path
	return req
}

// Whose ticket it is, is said on the ticket alone, to who sees her, and in no list.
func TestATicketNamesNobody(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := openRoom(t, d)
		r.join(t, "goldfinch", "amina", "provider_focal")
		at, wall := r.settle(t)
		file := r.openCase(t, "amina", r.rahima(t))
		m := regexp.MustCompile(`href="(` + regexp.QuoteMeta(at) + `\?case=[^"]+)"`).FindStringSubmatch(r.page(t, "amina", file+"/appointments"))
		if m == nil {
			t.Fatal("the case leads to no number")
		}
		ticket := r.must(t, "amina", m[1], at, url.Values{"need": {"job"}})
		if page := r.page(t, "amina", ticket); !strings.Contains(page, "Rahima") {
			t.Errorf("amina does not see whose ticket it is:\n%s", page)
		}
		slip := regexp.MustCompile(`(?s)<article class="slip">.*?</article>`).FindString(r.page(t, "amina", ticket))
		if slip == "" || strings.Contains(slip, "Rahima") || strings.Contains(slip, "job") || strings.Contains(slip, "Shetu") {
			t.Errorf("what is printed is %q", slip)
		}
		for path, login := range map[string]string{ticket: "goldfinch", at: "amina", r.desks(t, "amina", at)[0]: "amina", wall: ""} {
			if page := r.page(t, login, path); strings.Contains(page, "Rahima") || strings.Contains(page, "রহিমা") {
				t.Errorf("%s as %q names her", path, login)
			}
		}
		r.button(t, "amina", file, file+"/take")
		r.must(t, "amina", ticket, ticket+"/whose", url.Values{"nobody": {"yes"}})
		if page := r.page(t, "amina", ticket); strings.Contains(page, ">Rahima Khatun</a>") {
			t.Error("it was taken back, and she is named")
		}
		r.must(t, "amina", ticket, ticket+"/whose", url.Values{"case": {string(caseOf(file))}})
		if page := r.page(t, "amina", ticket); !strings.Contains(page, "Rahima") {
			t.Error("it was said again, and she is not named")
		}
	})
}

// An appointment is found, booked, moved, cancelled; the lists have it, the calendar has its time, and who does not see her has nothing.
func TestAnAppointmentThroughThePages(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := openRoom(t, d)
		at, _ := r.settle(t)
		file := r.openCase(t, "amina", r.rahima(t))
		form := file + "/appointments/new"
		page := r.page(t, "amina", form)
		free := regexp.MustCompile(`name="at" value="([^"]+)"`).FindAllStringSubmatch(page, -1)
		if len(free) < 4 || free[0][1] != "2030-03-06T03:00:00Z" {
			t.Fatalf("free times %v, want nine tomorrow first", free)
		}
		if got := r.send(t, "amina", form, form, url.Values{"purpose": {"job"}}); got.status != 422 || !strings.Contains(got.body, `href="#at"`) {
			t.Errorf("no time: %d", got.status)
		}
		if got := r.send(t, "amina", form, form, url.Values{"purpose": {"job"}, "day": {"8 March 2030"}, "time": {"10:00"}, "note": {"zqtyped"}}); got.status != 409 || !strings.Contains(got.body, "closed on that day") || !strings.Contains(got.body, "zqtyped") {
			t.Errorf("on a Friday: %d, or what was typed is lost", got.status)
		}
		r.must(t, "amina", form, form, url.Values{"purpose": {"job"}, "at": {free[0][1]}, "note": {"zqnote"}})
		if got := r.send(t, "amina", form, form, url.Values{"purpose": {"loan"}, "day": {"2030-03-06"}, "time": {"০৯:১৫"}}); got.status != 409 || !strings.Contains(got.body, "another appointment") {
			t.Errorf("twice at one time: %d", got.status)
		}
		list := r.page(t, "amina", file+"/appointments")
		one := regexp.MustCompile(`href="(/appointments/[0-9a-f-]{36})"`).FindStringSubmatch(list)
		if one == nil || !strings.Contains(list, "A job") {
			t.Fatalf("the case does not show it:\n%s", list)
		}
		for _, path := range []string{"/appointments?day=2030-03-06", "/appointments?day=2030-03-06&of=office"} {
			if day := r.page(t, "amina", path); !strings.Contains(day, "Rahima") || strings.Contains(day, "A job") || strings.Contains(day, "zqnote") {
				t.Errorf("%s lacks her, or says for what", path)
			}
		}
		for _, path := range []string{one[1], one[1] + "/move", file + "/appointments"} {
			if got := r.get(t, "basil", path); got.status != http.StatusNotFound {
				t.Errorf("basil finds %s: %d", path, got.status)
			}
		}
		if day := r.page(t, "basil", "/appointments?day=2030-03-06&of=office"); strings.Contains(day, "Rahima") {
			t.Error("basil's day shows her")
		}
		address := regexp.MustCompile(`/calendar/[a-z0-9]+\.ics`).FindString(r.post(t, "amina", "/appointments/feed", nil).body)
		if again := r.page(t, "amina", "/appointments/feed"); strings.Contains(again, address) || address == "" {
			t.Errorf("the address %q is shown twice, or not at all", address)
		}
		feed := r.get(t, "", address)
		cal, err := ics.ParseCalendar(bytes.NewReader([]byte(feed.body)))
		if err != nil || len(cal.Events()) != 1 || !strings.HasPrefix(feed.header.Get("Content-Type"), "text/calendar") || strings.Contains(feed.body, "Rahima") || strings.Contains(feed.body, "zqnote") {
			t.Errorf("the calendar: %v, %s\n%s", err, feed.header.Get("Content-Type"), feed.body)
		}
		r.must(t, "amina", one[1]+"/move", one[1]+"/move", url.Values{"at": {free[1][1]}, "reason": {"she has to work"}})
		r.must(t, "amina", one[1], one[1], url.Values{"act": {"cancel"}, "why": {"she is ill"}})
		if page := r.page(t, "amina", one[1]); !strings.Contains(page, "Cancelled") || !strings.Contains(page, "she has to work") {
			t.Errorf("what was done:\n%s", page)
		}
		if feed := r.get(t, "", address); !strings.Contains(feed.body, "STATUS:CANCELLED") || !strings.Contains(feed.body, "SEQUENCE:2") {
			t.Errorf("the calendar after it was cancelled:\n%s", feed.body)
		}
		r.button(t, "amina", "/appointments/feed", "/appointments/feed/end")
		for _, path := range []string{address, "/calendar/x.ics", "/calendar/x", strings.TrimSuffix(address, ".ics")} {
			if got := r.get(t, "", path); got.status != http.StatusNotFound {
				t.Errorf("%s: %d, want not found", path, got.status)
			}
		}
		for _, lang := range words.Languages() {
			r.speak(t, "amina", lang)
			for _, path := range []string{"/appointments", file + "/appointments", form + "?where=elsewhere&with=counter", one[1], "/appointments/feed", at} {
				r.get(t, "amina", path)
			}
		}
	})
}
