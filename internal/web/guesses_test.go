// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
)

// from visits as somebody at an address does.
func (l *loop) from(t *testing.T, address, method, path string, form url.Values) answer {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(form.Encode()))
	req.RemoteAddr = address
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return l.do(t, "", req)
}

// Who tries addresses is answered no more for a while, and learns nothing by it; a village behind the same address has its links
// answered all the while, and so has everybody elsewhere.
func TestGuessingIsSlowed(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		l := openLoop(t, d, clock)
		secret := l.issue(t, l.refer(t, "business", nil), referrals.ToAnswer)
		const village, elsewhere = "203.0.113.7:4000", "198.51.100.9:4000"
		guess := func(n int) (string, string) {
			wrong := fmt.Sprintf("%032d", n)
			return []string{"GET", "POST", "GET", "GET"}[n%4], []string{"/r/" + wrong + "/en", "/r/" + wrong, "/calendar/" + wrong + ".ics", "/wall/" + l.users["amina"].Office + "/" + wrong}[n%4]
		}
		for n := range 100 {
			method, path := guess(n)
			if a := l.from(t, village, method, path, nil); a.status != http.StatusNotFound {
				t.Fatalf("mistyped %d times: %s %s: %d", n+1, method, path, a.status)
			}
			if n%10 == 0 { // those who hold a link do not add up
				wantIn(t, l.from(t, village, "GET", "/r/"+secret+"/en", nil).body, "Somebody is referred")
			}
		}
		l.from(t, village, "GET", "/r/x", nil)
		for n := range 8 {
			method, path := guess(n)
			a := l.from(t, strings.Replace(village, ".7:", ".200:", 1), method, path, nil)
			if a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") == "" || strings.Contains(a.body, "Fera") || strings.Contains(a.body, "ফেরা") {
				t.Errorf("%s %s after too many: %d %v\n%s", method, path, a.status, a.header, a.body)
			}
			if a := l.from(t, elsewhere, method, path, nil); a.status != http.StatusNotFound {
				t.Errorf("%s %s from elsewhere: %d", method, path, a.status)
			}
		}
		wantIn(t, l.from(t, village, "GET", "/r/"+secret+"/en", nil).body, "Somebody is referred")
		wantIn(t, l.from(t, village, "POST", "/r/"+secret+"/en", url.Values{"act": {"open"}}).body, "please help")
		clock.Move(time.Minute)
		if a := l.from(t, village, "GET", "/r/x", nil); a.status != http.StatusNotFound {
			t.Errorf("a minute later: %d", a.status)
		}
		if a := l.from(t, village, "GET", "/r/x", nil); a.status != http.StatusTooManyRequests {
			t.Errorf("and at once again: %d", a.status)
		}
		clock.Move(16 * time.Minute)
		for range 50 {
			if a := l.from(t, village, "GET", "/r/x", nil); a.status != http.StatusNotFound {
				t.Fatalf("when all is forgotten: %d", a.status)
			}
		}
		l.silentOn(t, secret)
	})
}

// A link that is real is not hammered either: what is behind it is opened so often in an hour and no more.
func TestALinkIsNotHammered(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		l := openLoop(t, d, clock)
		one, other := l.issue(t, l.refer(t, "business", nil), referrals.ToAnswer), l.issue(t, l.refer(t, "business", nil), referrals.ToAnswer)
		open := func(secret string) answer {
			return l.visit(t, "POST", "/r/"+secret+"/en", url.Values{"act": {"open"}})
		}
		for n := range 41 {
			if a := open(one); a.status != http.StatusOK {
				t.Fatalf("opened %d times: %d", n+1, a.status)
			}
		}
		if a := open(one); a.status != http.StatusTooManyRequests || strings.Contains(a.body, "please help") {
			t.Errorf("opened once more: %d\n%s", a.status, a.body)
		}
		if a := l.visit(t, "POST", "/r/"+one+"/en", url.Values{"act": {"accept"}}); a.status != http.StatusTooManyRequests {
			t.Errorf("and used: %d", a.status)
		}
		if a := open(other); a.status != http.StatusOK {
			t.Errorf("another link: %d", a.status)
		}
		clock.Move(16 * time.Minute)
		if a := l.visit(t, "POST", "/r/"+one+"/en", url.Values{"act": {"accept"}}); a.status != http.StatusOK || !strings.Contains(a.body, "Keep this address") {
			t.Errorf("a quarter of an hour later: %d\n%s", a.status, a.body)
		}
	})
}

// Who finds an old message of hers learns nothing from its address: a question that was answered, one whose time is over, one that is
// not asked any more, and one that nobody ever asked are told from one another by nothing.
func TestAnOldQuestionIsAsOneThatNeverWas(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		l := openLoop(t, d, clock)
		ask := func() (referrals.ID, string) {
			id := l.refer(t, "documents", nil)
			for _, act := range []course.Act{course.Accept, course.Serve} {
				dbtest.Write(t, d, func(tx *db.Tx) error {
					return referrals.Answer(t.Context(), tx, l.users["lima"], referrals.Reply{ID: id, Act: act})
				})
			}
			return id, l.issue(t, id, referrals.ToConfirm)
		}
		_, late := ask()
		clock.Move(15 * 24 * time.Hour)
		_, answered := ask()
		wantIn(t, l.visit(t, "POST", "/r/"+answered+"/en", url.Values{"act": {"yes"}}).body, "Thank you")
		heard, over := ask()
		l.hears(t, heard, course.Confirm)
		_, replaced := ask()
		again, _ := ask()
		l.issue(t, again, referrals.ToConfirm)
		never := strings.Repeat("a", len(late))
		for _, method := range []string{"GET", "POST"} {
			seen := map[string]string{}
			for what, secret := range map[string]string{"late": late, "answered": answered, "over": over, "never": never} {
				a := l.visit(t, method, "/r/"+secret+"/en", url.Values{"act": {"yes"}})
				seen[what] = fmt.Sprint(a.status, strings.ReplaceAll(a.body, secret, "SECRET"))
			}
			for what, got := range seen {
				if got != seen["never"] || !strings.HasPrefix(got, "404") {
					t.Errorf("%s of a question that is %s differs from one that never was:\n%s\n%s", method, what, got, seen["never"])
				}
			}
		}
		wantIn(t, l.visit(t, "GET", "/r/"+replaced+"/en", nil).body, "Did you get it?")
	})
}
