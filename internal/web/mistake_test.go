// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
)

// reported is a referral that was accepted and reported on by links, and the link of the report.
func (l *loop) reported(t *testing.T, act string) (id referrals.ID, at string) {
	t.Helper()
	id = l.refer(t, "business", nil)
	dbtest.Write(t, l.d, func(tx *db.Tx) error {
		_, err := referrals.Use(t.Context(), tx, l.pass(t, tx, id, referrals.ToAnswer), referrals.Reply{Act: course.Accept})
		return err
	})
	at = "/r/" + l.issue(t, id, referrals.ToReport) + "/en"
	done := l.visit(t, "POST", at, url.Values{"act": {act}})
	if done.status != http.StatusOK {
		t.Fatalf("reported: %d", done.status)
	}
	wantIn(t, done.body, "If it was a mistake, it can be taken back until", "That was a mistake")
	return id, at
}

func (l *loop) pass(t *testing.T, tx *db.Tx, id referrals.ID, purpose referrals.Purpose) string {
	t.Helper()
	secret, _, err := referrals.Issue(t.Context(), tx, l.users["amina"], id, purpose)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// A report that was made by a link by mistake is taken back by the same link, which then reports anew; to look at it changes nothing.
func TestAMistakeIsTakenBackByTheLink(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		l := openLoop(t, d, clock)
		id, at := l.reported(t, "no_show")
		l.state(t, id, course.Unserved)
		for _, a := range []answer{l.visit(t, "GET", at, nil), l.visit(t, "HEAD", at, nil), l.visit(t, "POST", at, url.Values{"act": {"open"}}), l.visit(t, "POST", at, url.Values{"act": {"serve"}})} {
			if a.status != http.StatusOK {
				t.Errorf("looked at: %d", a.status)
			}
			wantNotIn(t, "a link that reported", a.body, "Rahima", "please help", "come", "Shetu")
		}
		wantIn(t, l.visit(t, "GET", at, nil).body, "That was a mistake")
		wantIn(t, l.visit(t, "GET", strings.TrimSuffix(at, "/en"), nil).body, "ভুল হয়েছে")
		l.state(t, id, course.Unserved)
		if a := l.visit(t, "POST", at, url.Values{"act": {"correct"}}); a.status != 422 || !strings.Contains(a.body, "Take back the report") || strings.Contains(a.body, "Rahima") {
			t.Errorf("without a word: %d\n%s", a.status, a.body)
		}
		clock.Move(59 * time.Minute)
		back := l.visit(t, "POST", at, url.Values{"act": {"correct"}, "reason": {"it was somebody else"}}).body
		wantIn(t, back, "The report is taken back", "Rahima", "Report: served")
		l.state(t, id, course.Accepted)
		wantIn(t, l.visit(t, "POST", at, url.Values{"act": {"serve"}, "reason-serve": {"she has a stall"}}).body, "Now the person will be asked")
		l.state(t, id, course.Served)
		clock.Move(61 * time.Minute)
		late := l.visit(t, "GET", at, nil).body
		wantIn(t, late, "has done its work")
		wantNotIn(t, "an hour later the link", late, "mistake")
		wantIn(t, l.visit(t, "POST", at, url.Values{"act": {"correct"}, "reason": {"too late"}}).body, "has done its work")
		l.state(t, id, course.Served)
	})
}

// Once she has answered, was asked in person, or holds a link to answer by, a report stands.
func TestAReportByLinkStandsOnceSheWasHeard(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		l := openLoop(t, d, clock)
		for name, then := range map[string]func(id referrals.ID){
			"she says yes":     func(id referrals.ID) { l.hears(t, id, course.Confirm) },
			"she says no":      func(id referrals.ID) { l.hears(t, id, course.Deny) },
			"she was called":   func(id referrals.ID) { l.hears(t, id, course.Try) },
			"she holds a link": func(id referrals.ID) { l.issue(t, id, referrals.ToConfirm) },
		} {
			id, at := l.reported(t, "serve")
			then(id)
			page := l.visit(t, "GET", at, nil).body
			wantIn(t, page, "has done its work")
			wantNotIn(t, name+": the link", page, "mistake")
			a := l.visit(t, "POST", at, url.Values{"act": {"correct"}, "reason": {"a mistake"}})
			if a.status != http.StatusOK || !strings.Contains(a.body, "has done its work") || strings.Contains(a.body, "taken back.") {
				t.Errorf("%s: %d\n%s", name, a.status, a.body)
			}
		}
	})
}
