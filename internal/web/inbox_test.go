// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/offices"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/referrals/sharing"
	"fera/internal/web"
	"fera/internal/words"
	"fera/internal/worldtest"
)

// loop is a room with a provider: lima answers for Bandhan, mitu for one that nobody asked; a clinic has no accounts. Keya keeps the
// directory and sees the flows.
type loop struct {
	*room
	clock  *dbtest.Clock
	life   worldtest.Life
	legal  string // a service of Bandhan's for papers and work
	talks  string // counselling, of Bandhan
	clinic string // medical care, of the clinic
	shop   string // help with a business, of the clinic
}

func openLoop(t *testing.T, d *db.DB, clock *dbtest.Clock) *loop {
	t.Helper()
	l := &loop{room: openRoom(t, d), clock: clock}
	l.life = worldtest.Live(t, d, clock, l.users["amina"])
	l.hireAt(t, l.users["basil"].Office, map[string]access.Role{"lima": access.ProviderFocal})
	l.hireAt(t, l.users["amina"].Office, map[string]access.Role{"keya": access.ProgrammeManager, "omar": access.NationalObserver})
	l.hireAt(t, l.office(t, "Nobody asked"), map[string]access.Role{"mitu": access.ProviderFocal})
	bandhan := l.entry(t, listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: "Bandhan"}, Partner: l.users["basil"].Organisation}})
	l.entry(t, listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: "Shetu"}, Partner: l.users["amina"].Organisation, Phones: []listing.Phone{{Number: "01555000111"}}}})
	clinic := l.entry(t, listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: "Clinic"}}})
	for _, s := range []struct {
		id    *string
		of    string
		needs []string
	}{{&l.legal, bandhan, []string{"documents", "job"}}, {&l.talks, bandhan, []string{"counselling"}}, {&l.clinic, clinic, []string{"health"}}, {&l.shop, clinic, []string{"business"}}} {
		*s.id = l.entry(t, listing.Body{Service: &listing.Service{Organisation: s.of, Name: listing.Text{En: "service for " + s.needs[0]}, State: listing.Active, Needs: s.needs, Areas: []string{listing.Country}}})
	}
	return l
}

// office adds an organisation with an office.
func (l *loop) office(t *testing.T, name string) (id string) {
	t.Helper()
	dbtest.Write(t, l.d, func(tx *db.Tx) error {
		org, err := offices.AddOrganisation(t.Context(), tx, terminal(), offices.Organisation{NameEn: name, NameBn: "কেউ না", Kind: offices.CivilSociety})
		if err != nil {
			return err
		}
		o, err := offices.Add(t.Context(), tx, terminal(), offices.Opening{Organisation: org.ID, NameEn: name, NameBn: "কেউ না", Kind: offices.ServiceCentre, Place: "305646"})
		id = o.ID
		return err
	})
	return id
}

func (l *loop) hireAt(t *testing.T, office string, who map[string]access.Role) {
	t.Helper()
	dbtest.Write(t, l.d, func(tx *db.Tx) error {
		o, err := offices.Find(t.Context(), tx, terminal(), office)
		for login, role := range who {
			if err == nil {
				err = l.hire(t, tx, login, o, role)
			}
		}
		return err
	})
}

func (l *loop) entry(t *testing.T, b listing.Body) (id string) {
	t.Helper()
	dbtest.Write(t, l.d, func(tx *db.Tx) error {
		e, err := directory.Add(t.Context(), tx, access.System(access.ManageDirectory), directory.Addition{Body: b})
		id = e.ID
		return err
	})
	return id
}

// refer drafts a referral and sends it.
func (l *loop) refer(t *testing.T, need string, typed sharing.Sheet, share ...string) (id referrals.ID) {
	t.Helper()
	l.clock.Move(time.Second)
	service := map[string]string{"documents": l.legal, "job": l.legal, "counselling": l.talks, "health": l.clinic, "business": l.shop}[need]
	if typed == nil {
		typed = sharing.Sheet{"ask": "please help"}
	}
	dbtest.Write(t, l.d, func(tx *db.Tx) (err error) {
		id, err = referrals.Draft(t.Context(), tx, l.users["amina"], referrals.Drafting{Case: l.life.Case, Service: service, Need: need, Urgency: "days", Typed: typed, Share: share})
		return err
	})
	dbtest.Write(t, l.d, func(tx *db.Tx) error {
		return referrals.Send(t.Context(), tx, l.users["amina"], referrals.Sending{ID: id, Agreed: true, Method: "spoken", Language: "bn"})
	})
	return id
}

func (l *loop) issue(t *testing.T, id referrals.ID, purpose referrals.Purpose) (secret string) {
	t.Helper()
	dbtest.Write(t, l.d, func(tx *db.Tx) (err error) {
		secret, _, err = referrals.Issue(t.Context(), tx, l.users["amina"], id, purpose)
		return err
	})
	return secret
}

func (l *loop) state(t *testing.T, id referrals.ID, want course.State) {
	t.Helper()
	dbtest.Write(t, l.d, func(tx *db.Tx) error {
		r, err := referrals.LookAt(t.Context(), tx, l.users["amina"], id)
		if err == nil && r.State != want {
			t.Errorf("the referral is %s, want %s", r.State, want)
		}
		return err
	})
}

// version is that which a page hands on.
func version(t *testing.T, page string) string {
	t.Helper()
	m := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatal("the page hands on no version")
	}
	return m[1]
}

// A provider opens what came, agrees, gives a day, reports; takes a mistake back; and is told what she said.
func TestAProviderAnswersInItsInbox(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		l := openLoop(t, d, clock)
		id := l.refer(t, "documents", sharing.Sheet{"ask": "a new passport", "language": "bn"}, "country", "home", "language")
		at := "/inbox/" + string(id)
		told := l.page(t, "lima", "/notices")
		wantIn(t, told, `href="`+at+`"`)
		list := l.page(t, "lima", "/inbox")
		wantIn(t, list, at, "Papers and registration", "Shetu centre, Shetu", "Manikganj", "within three days", "1 referral")
		wantNotIn(t, "the list", list, "Rahima", "রহিমা", "a new passport", "01712345678")
		cover := l.page(t, "lima", at)
		wantIn(t, cover, at+"/open", "01555000111", "Please answer by")
		wantNotIn(t, "the cover", cover, "Rahima", "a new passport", "woman")
		l.state(t, id, course.Sent)
		page := l.post(t, "lima", at+"/open", nil).body
		wantIn(t, page, "a new passport", "woman", "Bangla", "once you have said that you will serve", "Accept", "Decline", "Opened")
		wantNotIn(t, "before it agreed the page", page, "Rahima", "Riyadh", "Saudi", "8801712345678", "Amina")
		l.state(t, id, course.Received)
		page = l.post(t, "lima", at+"/accept", url.Values{"version": {version(t, page)}}).body
		wantIn(t, page, "Accepted. Now you see who it is.", "Rahima", "Saudi Arabia", "Through the office that sent this referral", "then the person will be asked")
		if a := l.post(t, "lima", at+"/appoint", url.Values{"at": {"someday"}, "time": {"25:00"}}); a.status != 422 || !strings.Contains(a.body, "whole date") || !strings.Contains(a.body, "time of day") || !strings.Contains(a.body, "someday") {
			t.Errorf("a day that is none: %d\n%s", a.status, a.body)
		}
		if a := l.post(t, "lima", at+"/appoint", url.Values{"at": {"1 1 2020"}, "time": {"১০:০০"}}); a.status != 422 || !strings.Contains(a.body, "still to come") {
			t.Errorf("a day that is gone: %d", a.status)
		}
		page = l.post(t, "lima", at+"/appoint", url.Values{"at": {clock.Now().AddDate(0, 0, 3).Format("2 1 2006")}, "time": {"১০:০০"}, "where": {"room 3"}}).body
		wantIn(t, page, "The day is given", "room 3", "10:00 am")
		page = l.post(t, "lima", at+"/no_show", nil).body
		wantIn(t, page, "Now the person will be asked", "Take back the report")
		if a := l.post(t, "lima", at+"/correct", nil); a.status != 422 {
			t.Errorf("a report taken back without a word: %d", a.status)
		}
		page = l.post(t, "lima", at+"/correct", url.Values{"reason": {"it was somebody else"}}).body
		wantIn(t, page, "Please report anew", "it was somebody else")
		l.post(t, "lima", at+"/serve", url.Values{"reason": {"the form is filed"}})
		l.state(t, id, course.Served)
		l.hears(t, id, course.Deny)
		wantIn(t, l.page(t, "lima", "/inbox"), "open again")
		wantIn(t, l.post(t, "lima", at+"/open", nil).body, "The person says that it was not so", "not so")
		l.post(t, "lima", at+"/serve", nil)
		l.hears(t, id, course.Confirm)
		wantIn(t, l.page(t, "lima", at), "The person says that it was so")
		wantIn(t, l.page(t, "lima", "/inbox?state=confirmed"), at)
		wantIn(t, l.page(t, "lima", "/inbox"), "Nothing waits for you")
	})
}

func (l *loop) hears(t *testing.T, id referrals.ID, act course.Act) {
	t.Helper()
	dbtest.Write(t, l.d, func(tx *db.Tx) error {
		return referrals.Hear(t.Context(), tx, l.users["amina"], referrals.Hearing{ID: id, Act: act, Way: "call"})
	})
}

// Strangers find nothing of it in the inbox, by no address; who may answer sees nothing of another provider's.
func TestTheInboxIsForWhoWasAsked(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		l := openLoop(t, d, clock)
		id := l.refer(t, "documents", nil)
		at := "/inbox/" + string(id)
		for _, login := range []string{"mitu", "amina", "chandra", "dipu", "esha", "farid", "keya", "omar"} {
			if a := l.get(t, login, at); a.status != http.StatusNotFound {
				t.Errorf("%s sees the cover: %d", login, a.status)
			}
			for _, act := range []string{"open", "accept", "decline", "appoint", "serve", "correct", "acknowledge", "receive", "close", "nonsense"} {
				if a := l.post(t, login, at+"/"+act, url.Values{"reason": {"because it is"}, "code": {"full"}, "at": {"1 1 2031"}, "time": {"10:00"}}); a.status != http.StatusNotFound {
					t.Errorf("%s does %s: %d", login, act, a.status)
				}
			}
		}
		wantNotIn(t, "another's inbox", l.page(t, "mitu", "/inbox"), string(id), "documents", "Papers and reg")
		wantIn(t, l.page(t, "mitu", "/inbox"), "Nothing waits for you")
		l.state(t, id, course.Sent)
		for _, act := range []string{"receive", "close", "confirm", "withdraw", "nonsense"} {
			if a := l.get(t, "lima", at+"/"+act); a.status != http.StatusNotFound {
				t.Errorf("the form of %s: %d", act, a.status)
			}
		}
		if a := l.post(t, "lima", at+"/serve", nil); a.status != http.StatusConflict {
			t.Errorf("a report before anybody agreed: %d", a.status)
		}
		if a := l.post(t, "lima", at+"/decline", nil); a.status != 422 || !strings.Contains(a.body, "Please choose why") {
			t.Errorf("declined without a reason: %d", a.status)
		}
		if a := l.post(t, "lima", at+"/decline", url.Values{"code": {"other"}}); a.status != 422 || !strings.Contains(a.body, "a few words") {
			t.Errorf("declined for something else: %d", a.status)
		}
		if a := l.post(t, "lima", at+"/accept", url.Values{"version": {"77"}}); a.status != http.StatusConflict {
			t.Errorf("of another version: %d", a.status)
		}
		page := l.post(t, "lima", at+"/decline", url.Values{"code": {"full"}, "reason": {"until spring"}}).body
		wantIn(t, page, "Declined. Nothing of the person is shown any more")
		wantNotIn(t, "after it declined the page", page, "please help", "woman", "Manikganj", "Accept")
	})
}

// What is of class 3 says in a list only that it is protected; a list is chosen by state and by what is late, and goes on.
func TestTheListOfTheInbox(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		l := openLoop(t, d, clock)
		protected := l.refer(t, "counselling", nil)
		list := l.page(t, "lima", "/inbox")
		wantIn(t, list, string(protected), "protected")
		wantNotIn(t, "the list", list, "ounselling")
		wantNotIn(t, "the cover", l.page(t, "lima", "/inbox/"+string(protected)), "ounselling")
		opened := l.post(t, "lima", "/inbox/"+string(protected)+"/open", nil).body
		wantIn(t, opened, "ounselling", "data-protected", "data-exit")
		if title := titleOf(opened); strings.Contains(title, "ounselling") {
			t.Errorf("the title says %q", title)
		}
		for range 52 {
			l.refer(t, "job", nil)
		}
		first := l.page(t, "lima", "/inbox")
		next := regexp.MustCompile(`rel="next" href="([^"]*)"`).FindStringSubmatch(first)
		if next == nil {
			t.Fatal("the list does not go on")
		}
		second := l.page(t, "lima", strings.ReplaceAll(next[1], "&amp;", "&"))
		wantIn(t, first, "50 referrals", "Waits for you (53)", "new (52)", "opened (1)")
		wantIn(t, second, "3 referrals")
		wantIn(t, l.page(t, "lima", "/inbox?state=received"), "1 referral")
		wantNotIn(t, "what is late", l.page(t, "lima", "/inbox?late=yes"), "/inbox/0")
		l.clock.Move(20 * 24 * time.Hour)
		l.keys = map[string]string{}
		wantIn(t, l.page(t, "lima", "/inbox?late=yes&state=received"), string(protected), "late")
		for _, address := range []string{"?state=nonsense", "?state=drafted", "?after=x~y", "?after=2031-01-01~" + string(protected), "?late=perhaps"} {
			l.page(t, "lima", "/inbox"+address)
		}
		l.speak(t, "lima", words.Bangla)
		wantIn(t, l.page(t, "lima", "/inbox"), "আপনাদের অপেক্ষায় (৫৩)", "সুরক্ষিত")
	})
}

// When she takes back her consent the provider sees nothing of her any more, and says that it keeps nothing.
func TestAWithdrawnReferralIsAcknowledged(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		l := openLoop(t, d, clock)
		id := l.refer(t, "documents", nil)
		at := "/inbox/" + string(id)
		l.post(t, "lima", at+"/accept", nil)
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := referrals.RevokeAll(t.Context(), tx, l.users["amina"], l.life.Case, "")
			return err
		})
		wantIn(t, l.page(t, "lima", "/inbox"), "taken back (1)", at)
		page := l.post(t, "lima", at+"/open", nil).body
		wantIn(t, page, "Destroy what you have noted", "we keep nothing")
		wantNotIn(t, "after it was taken back the page", page, "Rahima", "please help", "woman", "Manikganj")
		wantIn(t, l.post(t, "lima", at+"/acknowledge", nil).body, "you have said that you keep nothing")
		wantIn(t, l.page(t, "lima", "/inbox"), "Nothing waits for you")
	})
}

// visit asks for a page behind a link as whoever holds it would.
func (l *loop) visit(t *testing.T, method, path string, form url.Values) answer {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", "null") // as browsers say that tell nobody where they come from
	}
	a := l.do(t, "", req)
	if a.status != http.StatusNotFound && (a.header.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(a.body, `name="referrer" content="no-referrer"`)) {
		t.Errorf("%s %s lets the browser tell its address", method, path)
	}
	if !strings.Contains(a.header.Get("X-Robots-Tag"), "noindex") || a.header.Get("Cache-Control") != "no-store" || len(a.header["Set-Cookie"]) > 0 {
		t.Errorf("%s %s: %v", method, path, a.header)
	}
	return a
}

// A provider without accounts answers by a link, keeps the next, and reports by that; each does one thing, once.
func TestAProviderAnswersByALink(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		l := openLoop(t, d, clock)
		id := l.refer(t, "business", sharing.Sheet{"ask": "a stall at the market"}, "home")
		secret := l.issue(t, id, referrals.ToAnswer)
		at := "/r/" + secret + "/en"
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodGet} {
			a := l.visit(t, method, at, nil)
			wantNotIn(t, "what a preview fetches", a.body, "market", "Rahima", "woman", "usiness")
		}
		l.state(t, id, course.Sent)
		wantIn(t, l.visit(t, "GET", at, nil).body, "Shetu centre", "01555000111", `value="open"`)
		wantIn(t, l.visit(t, "GET", "/r/"+secret, nil).body, "আপনাদের কাছে একজনকে পাঠানো হয়েছে", at)
		opened := l.visit(t, "POST", at, url.Values{"act": {"open"}}).body
		wantIn(t, opened, "a stall at the market", "woman", "Accept", "Decline", "Give a day and time")
		wantNotIn(t, "before it agreed the page", opened, "Rahima", "Saturia")
		l.state(t, id, course.Received)
		wrong := l.visit(t, "POST", at, url.Values{"act": {"decline"}, "reason-decline": {"because"}})
		if wrong.status != 422 || !strings.Contains(wrong.body, "Please choose why") || strings.Contains(wrong.body, "market") {
			t.Errorf("declined without a reason: %d\n%s", wrong.status, wrong.body)
		}
		if a := l.visit(t, "POST", at, url.Values{"act": {"serve"}}); a.status != http.StatusConflict {
			t.Errorf("reported by a link that answers: %d", a.status)
		}
		if a := l.visit(t, "POST", at, url.Values{"act": {"accept"}, "version": {"99"}}); a.status != http.StatusConflict {
			t.Errorf("of another version: %d", a.status)
		}
		done := l.visit(t, "POST", at, url.Values{"act": {"accept"}, "version": {version(t, opened)}}).body
		wantIn(t, done, "Accepted", "Rahima", "Saturia", "Keep this address")
		l.state(t, id, course.Accepted)
		again := l.visit(t, "POST", at, url.Values{"act": {"decline"}, "code": {"full"}}).body
		wantIn(t, again, "has done its work")
		wantNotIn(t, "a link that is spent", again+l.visit(t, "GET", at, nil).body+l.visit(t, "POST", at, url.Values{"act": {"open"}}).body, "Rahima", "market", "Shetu")
		next := regexp.MustCompile(`http://[^/]+(/r/[a-z0-9]+/en)<`).FindStringSubmatch(done)
		if next == nil {
			t.Fatalf("no next link in %s", done)
		}
		wantNotIn(t, "the next link, before it is opened,", l.visit(t, "GET", next[1], nil).body, "Rahima", "market")
		wantIn(t, l.visit(t, "POST", next[1], url.Values{"act": {"open"}}).body, "Rahima", "Report: served")
		wantIn(t, l.visit(t, "POST", next[1], url.Values{"act": {"serve"}, "reason-serve": {"she has a stall"}}).body, "Now the person will be asked", "it can be taken back until")
		l.state(t, id, course.Served)
		clock.Move(time.Hour)
		wantIn(t, l.visit(t, "GET", next[1], nil).body, "has done its work")
		l.silentOn(t, secret, strings.Split(next[1], "/")[2])
	})
}

// silentOn wants that neither the log nor the figures hold the secret of a link.
func (l *loop) silentOn(t *testing.T, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(l.log.String()+l.counted.String(), secret) {
			t.Errorf("the log or the figures hold %s", secret)
		}
	}
	if !strings.Contains(l.log.String(), "/r/{secret}") {
		t.Error("the log has no line of a link")
	}
}

// A link that is over, and one that nobody made, say so in plain words and show nothing.
func TestALinkThatIsNone(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		l := openLoop(t, d, clock)
		secret := l.issue(t, l.refer(t, "business", nil), referrals.ToAnswer)
		for _, wrong := range []string{secret[:len(secret)-1], secret + "a", "x", strings.Repeat("a", 32), "%F0%9F%A7%95"} {
			for _, a := range []answer{l.visit(t, "GET", "/r/"+wrong+"/en", nil), l.visit(t, "POST", "/r/"+wrong+"/en", url.Values{"act": {"accept"}}), l.visit(t, "POST", "/r/"+wrong+"/en", url.Values{"act": {"open"}})} {
				if a.status != http.StatusNotFound || !strings.Contains(a.body, "There is nothing at this address") || strings.Contains(a.body, "Fera") {
					t.Errorf("%s: %d\n%s", wrong, a.status, a.body)
				}
			}
		}
		wantIn(t, l.visit(t, "GET", "/r/"+strings.ToUpper(secret)+"/en", nil).body, "Somebody is referred")
		clock.Move(15 * 24 * time.Hour)
		for _, a := range []answer{l.visit(t, "GET", "/r/"+secret+"/en", nil), l.visit(t, "POST", "/r/"+secret+"/en", url.Values{"act": {"open"}}), l.visit(t, "POST", "/r/"+secret+"/en", url.Values{"act": {"accept"}})} {
			wantIn(t, a.body, "The time of this link is over")
			wantNotIn(t, "a link that is over", a.body, "please help", "Shetu")
		}
	})
}

// Her link asks one question and says nothing of what it is about; her no takes the referral up again, whatever was reported.
func TestSheAnswersByALink(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		l := openLoop(t, d, clock)
		for i, c := range []struct {
			report course.Act
			says   string
			want   course.State
		}{{course.Serve, "no", course.Reopened}, {course.Serve, "yes", course.Confirmed}, {course.NoShow, "yes", course.Reopened}, {course.NoShow, "no", course.Confirmed}} {
			id := l.refer(t, []string{"documents", "counselling"}[i%2], nil)
			for _, act := range []course.Act{course.Accept, c.report} {
				dbtest.Write(t, d, func(tx *db.Tx) error {
					return referrals.Answer(t.Context(), tx, l.users["lima"], referrals.Reply{ID: id, Act: act})
				})
			}
			secret := l.issue(t, id, referrals.ToConfirm)
			for _, path := range []string{"/r/" + secret, "/r/" + secret + "/en"} {
				page := l.visit(t, "GET", path, nil).body
				wantIn(t, page, "data-exit", `value="yes"`, `value="no"`)
				wantNotIn(t, "her page", page, "Rahima", "রহিমা", "Bandhan", "Shetu", "সেতু", "Fera", "ফেরা", "documents", "ounsel", "eferral", "রেফারেল", "case", "service")
				if got := titleOf(page); got != "A question" && got != "একটি প্রশ্ন" {
					t.Errorf("the title says %q", got)
				}
			}
			l.visit(t, "HEAD", "/r/"+secret, nil)
			if a := l.visit(t, "POST", "/r/"+secret, url.Values{"act": {"perhaps"}}); a.status != 422 {
				t.Errorf("neither yes nor no: %d", a.status)
			}
			for _, act := range []string{"open", "accept", "serve"} {
				l.visit(t, "POST", "/r/"+secret, url.Values{"act": {act}})
			}
			wantIn(t, l.visit(t, "POST", "/r/"+secret, url.Values{"act": {c.says}}).body, "ধন্যবাদ")
			l.state(t, id, c.want)
			for _, a := range []answer{l.visit(t, "GET", "/r/"+secret+"/en", nil), l.visit(t, "POST", "/r/"+secret+"/en", url.Values{"act": {"yes"}})} {
				if a.status != http.StatusNotFound || !strings.Contains(a.body, "There is nothing at this address") {
					t.Errorf("a link that was answered: %d\n%s", a.status, a.body)
				}
			}
			l.state(t, id, c.want)
			l.silentOn(t, secret)
		}
	})
}

// The receiver's session finds, by no way there is, anything of the person, the case, the plan or the notes that was not shared.
func TestAReceiverSeesWhatWasShared(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		l := openLoop(t, d, clock)
		l.mark(t)
		shared := sharing.Sheet{"ask": "shared-ask", "help_needed": "shared-help"}
		id := l.refer(t, "documents", shared, "help_needed", "country")
		at := "/inbox/" + string(id)
		ids := append([]string{string(id)}, known(l.life)...)
		never := []string{"Rahima", "রহিমা", "1712345678", "305670", "Saturia", "1991", "wants to begin anew", "a shop of my own", "she came with her mother", "call the bank"}
		walk := func(when string, never ...string) {
			t.Helper()
			l.keys = map[string]string{} // some of the ways end the session
			if n := l.seeks(t, "lima", ids, never); n < 500 {
				t.Errorf("%s: walked %d ways only", when, n)
			}
		}
		walk("before it was opened", never...)
		wantIn(t, l.post(t, "lima", at+"/open", nil).body, "shared-ask")
		wantNotIn(t, "before it agreed", l.post(t, "lima", at+"/open", nil).body, "shared-help", "Rahima", "Saudi")
		walk("before it agreed", never...)
		l.post(t, "lima", at+"/accept", nil)
		walk("after it agreed", never[2:]...)
		wantIn(t, l.post(t, "lima", at+"/open", nil).body, "shared-help", "Rahima", "Saudi")
		dbtest.Write(t, d, func(tx *db.Tx) error {
			return referrals.Revoke(t.Context(), tx, l.users["amina"], referrals.Ending{ID: id})
		})
		walk("after she took back her consent", append(never, "shared-ask", "shared-help")...)
		wantNotIn(t, "after that", l.post(t, "lima", at+"/open", nil).body, "shared-ask", "shared-help", "Rahima")
		other := l.refer(t, "documents", shared, "help_needed")
		l.post(t, "lima", "/inbox/"+string(other)+"/decline", url.Values{"code": {"full"}})
		ids[0] = string(other)
		walk("after it declined", append(never, "shared-ask", "shared-help")...)
		wantNotIn(t, "after that", l.post(t, "lima", "/inbox/"+string(other)+"/open", nil).body, "shared-ask", "shared-help", "Rahima")
	})
}

// mark puts a canary also where a Life has none of class 2.
func (l *loop) mark(t *testing.T) {
	t.Helper()
	dbtest.Write(t, l.d, func(tx *db.Tx) error {
		return cases.Write(t.Context(), tx, l.users["amina"], l.life.Case, cases.Note{Text: worldtest.Canary + "-open-note"})
	})
	dbtest.Write(t, l.d, func(tx *db.Tx) error {
		_, err := cases.Remember(t.Context(), tx, l.users["amina"], cases.Task{Case: l.life.Case, What: worldtest.Canary + "-task", DueOn: dates.Partial{Year: 2030, Month: 4, Day: 1}})
		return err
	})
}

// seeks walks over all routes with the session of a user and reads each answer: no canary, and nothing of what she must never see.
func (l *loop) seeks(t *testing.T, login string, ids, never []string) (walked int) {
	t.Helper()
	for _, rt := range web.Routes() {
		if leaves(rt.Path) {
			continue
		}
		method, _, _ := strings.Cut(rt.Path, " ")
		for _, path := range addresses(rt, ids) {
			walked++
			req := httptest.NewRequestWithContext(t.Context(), method, path, nil)
			got := l.do(t, login, req)
			for _, text := range append([]string{worldtest.Canary}, never...) {
				if at := strings.Index(got.body, text); at >= 0 {
					t.Errorf("%s %s shows %s: %s", method, path, text, got.body[max(0, at-60):min(len(got.body), at+60)])
				}
			}
		}
	}
	return walked
}
