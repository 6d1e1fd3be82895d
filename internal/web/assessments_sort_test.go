// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/assessments"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/offices"
	"fera/internal/questionnaires"
	"fera/internal/words"
)

// A new version scores the old answers too; the page of the questionnaire says how far, and the course is drawn by one version.
func TestOldAnswersByANewVersion(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := openRoom(t, d)
		p := r.rahima(t)
		r.completed(t, "amina", "progress_check", p, progress("1"))
		newer, err := questionnaires.Find("progress_check")
		if err != nil {
			t.Fatal(err)
		}
		changed := *newer
		changed.Version, changed.OncePer = "7", ""
		clock.Move(95 * 24 * 60 * 60 * 1e9)
		r.keys = map[string]string{} // the sessions have ended
		r.bring(t, &changed)
		path, course := "/questionnaires/progress_check/7", "/persons/"+string(p)+"/questionnaires/progress_check"
		wantIn(t, r.page(t, "farid", path), "Old answers", "0 of 1 assessments")
		r.completed(t, "amina", "progress_check", p, progress("3"))
		wantIn(t, r.page(t, "amina", course), "Dots of different versions are not joined")
		if _, err := assessments.Work(t.Context(), d, "a server", nil); err != nil {
			t.Fatal(err)
		}
		wantIn(t, r.page(t, "farid", path), "1 assessment was scored by this version")
		wantIn(t, r.page(t, "amina", course), "All answers were scored anew by version 7")
		if a := r.send(t, "farid", path, path+"/rescore", nil); a.status != http.StatusSeeOther {
			t.Errorf("wanted again: %d %s", a.status, problemsIn(a.body))
		}
		wantNotIn(t, "the page for a caseworker", r.page(t, "amina", path), "Old answers")
		if a := r.post(t, "amina", path+"/rescore", nil); a.status != http.StatusForbidden && a.status != http.StatusNotFound {
			t.Errorf("a caseworker wants it: %d", a.status)
		}
	})
}

// At the airport the screening is asked, and its page says immediate, soon or routine with the reasons; half an hour later it is gone.
func TestTheScreeningAtTheDesk(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := openRoom(t, d)
		dbtest.Write(t, d, func(tx *db.Tx) error {
			return r.hire(t, tx, "rasel", offices.Office{ID: r.users["amina"].Office, Organisation: r.users["amina"].Organisation}, access.AirportOfficer)
		})
		sort := func(typed url.Values, want ...string) string {
			t.Helper()
			p := r.rahima(t)
			at := r.start(t, "rasel", "intake_screening", p)
			typed.Set("go", "next")
			r.answers(t, "rasel", at, "?as=whole", typed)
			done := r.send(t, "rasel", at+"/finish", at+"/finish", nil)
			wantIn(t, done.body, want...)
			wantNotIn(t, "the result at the desk", done.body, at+"/correct")
			return at
		}
		sort(url.Values{"q.in_ill": {"no"}}, "Routine", "Nothing pressing was said", "9 of 10 questions were left unanswered")
		sort(url.Values{}, "Not sorted", "No question was answered")
		sort(url.Values{"q.in_lender": {"yes"}}, "Soon: somebody is needed within days", "Pressed or threatened by lenders")
		at := sort(url.Values{"q.in_lender": {"yes"}, "q.in_ill": {"yes"}}, "Immediate: somebody is needed now", "Needs medical care now", "Pressed or threatened by lenders", "The supervisor was told")
		paper := r.post(t, "rasel", at+"/print", nil)
		wantIn(t, paper.body, words.In(words.Bangla).T("assessment.sorted.now"))
		if a := r.post(t, "rasel", at+"/correct", nil); a.status != http.StatusNotFound {
			t.Errorf("the desk corrects: %d", a.status)
		}
		clock.Move(assessments.SheetLasts)
		r.keys = map[string]string{} // the sessions have ended
		for _, path := range []string{at + "/look", at + "/print"} {
			if a := r.post(t, "rasel", path, nil); a.status != http.StatusNotFound || strings.Contains(a.body, "medical") {
				t.Errorf("%s half an hour later: %d", path, a.status)
			}
		}
	})
}
