// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/deadlines"
	"fera/internal/programmes"
	"fera/internal/words"
)

func (r *room) programme(t *testing.T, day dates.Partial) (p programmes.Programme) {
	t.Helper()
	if err := r.d.Read(t.Context(), func(q db.Reader) (err error) {
		p, err = programmes.On(t.Context(), q, "reintegration", day)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return p
}

// An administrator sets what a programme asks from a day on; what was typed wrong is said beside its field and kept.
func TestAProgrammeIsSetOnItsPage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		en := words.In(words.English)
		const path = "/programmes/reintegration/change"
		today := dates.Of(d.Now())
		unchanged := r.send(t, "farid", path, path, nil)
		if unchanged.status != http.StatusSeeOther {
			t.Fatalf("sent as it was: %d\n%s", unchanged.status, unchanged.body)
		}
		was, is := programmes.Programme{}, r.programme(t, today)
		if err := d.Read(t.Context(), func(q db.Reader) error {
			all, err := programmes.Versions(t.Context(), q, "reintegration")
			was = all[0].Programme
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if is.Assign != was.Assign || is.Plan != was.Plan || is.OneUpTo != was.OneUpTo || len(is.Reviews) != len(was.Reviews) || len(is.Reminders) != len(was.Reminders) || len(is.Reasons()) != len(was.Reasons()) {
			t.Errorf("sent as it was, it became %+v", is)
		}
		wrong := r.send(t, "farid", path, path, url.Values{"assess": {"soon"}, "untouched_days": {"৪৫"}})
		if wrong.status != http.StatusUnprocessableEntity || !strings.Contains(wrong.body, `href="#assess"`) {
			t.Errorf("a term that is no number: %d", wrong.status)
		}
		wantIn(t, wrong.body, "soon", "৪৫")
		stale := formOf(t, r.page(t, "farid", path), path)
		from := today.Add(10)
		r.must(t, "farid", path, path, url.Values{"assess": {"১২"}, "assess_unit": {"days"}, "one_up_to": {"50,000"}, "approve_closure": {"yes"}, "from": {from.String()}})
		if p := r.programme(t, today); p.Assess.Count != was.Assess.Count || p.ApproveClosure {
			t.Errorf("it holds before its day: %+v", p)
		}
		if p := r.programme(t, from); p.Assess != (deadlines.Term{Count: 12, Unit: deadlines.Days}) || p.OneUpTo != 5_000_000 || !p.ApproveClosure {
			t.Errorf("from its day it is %+v", p)
		}
		if got := r.post(t, "farid", path, stale); got.status != http.StatusConflict {
			t.Errorf("set by another meanwhile: %d", got.status)
		}
		wantIn(t, r.page(t, "farid", path), en.T("programme.later"))
		if got := r.send(t, "farid", path, path, url.Values{"from": {"1/1/2020"}}); got.status != http.StatusUnprocessableEntity {
			t.Errorf("from a day that is over: %d", got.status)
		}
		for _, login := range []string{"amina", "chandra", "esha"} {
			for _, page := range []string{"/programmes", path, "/programmes/reintegration/reasons/died"} {
				if got := r.get(t, login, page); got.status != http.StatusNotFound {
					t.Errorf("%s sees %s: %d", login, page, got.status)
				}
			}
		}
	})
}

// A programme of one's own, with its own reasons for closing and a duty that nobody had before.
func TestReasonsAreSetOnTheirPage(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := openRoom(t, d)
		en := words.In(words.English)
		r.must(t, "farid", "/programmes/new", "/programmes", url.Values{"code": {"skills"}, "name_bn": {"দক্ষতা"}, "name_en": {"Skills"}})
		if got := r.send(t, "farid", "/programmes/new", "/programmes", url.Values{"code": {"skills"}, "name_bn": {"দক্ষতা"}, "name_en": {"Skills"}}); got.status != http.StatusConflict {
			t.Errorf("a code that is taken: %d", got.status)
		}
		const reason = "/programmes/reintegration/reasons/"
		missing := r.send(t, "farid", reason+"new", reason+"new", url.Values{"code": {"settled"}, "bn": {"থিতু হয়েছেন"}, "en": {"She has settled"}, "group": {"planned"}})
		if missing.status != http.StatusUnprocessableEntity {
			t.Errorf("a reason without duties: %d", missing.status)
		}
		wantIn(t, missing.body, en.T("programme.closure_duties"), "She has settled")
		r.must(t, "farid", reason+"new", reason+"new", url.Values{"code": {"settled"}, "bn": {"থিতু হয়েছেন"}, "en": {"She has settled"}, "group": {"planned"}, "duties": {"prepared"},
			"duty_bn": {"তাঁর কাছে আমাদের কার্ড আছে।"}, "duty_en": {"She has our card."}})
		clock.Move(time.Second)
		r.must(t, "farid", reason+"died", reason+"died", url.Values{"remove": {"yes"}})
		wantIn(t, r.page(t, "farid", reason+"settled"), "She has our card.")
		page := r.page(t, "farid", "/programmes/reintegration")
		wantIn(t, page, "She has settled", en.T("programme.reasons_own"))
		wantNotIn(t, "the programme", page, "She died")
		at := r.openCase(t, "amina", r.rahima(t))
		wantIn(t, r.page(t, "amina", at+"/close"), "She has settled")
		wantNotIn(t, "the reasons", r.page(t, "amina", at+"/close"), "She died")
		duties := r.page(t, "amina", at+"/close?code=settled")
		wantIn(t, duties, "She has our card.", "We prepared the end")
		form := formOf(t, duties, at+"/close")
		form["duties"], form["why"] = []string{"prepared", "own_1"}, []string{"she is well"}
		if got := r.post(t, "amina", at+"/close", form); got.status != http.StatusSeeOther {
			t.Fatalf("closed: %d %s", got.status, got.body)
		}
		clock.Move(time.Second)
		r.must(t, "farid", reason+"settled", reason+"settled", url.Values{"remove": {"yes"}})
		wantIn(t, r.page(t, "amina", at), "She has settled")
	})
}

// The calendar says of each day where it is from; a forecast is taken back by an entry, an entry with a reason.
func TestTheCalendarOnItsPage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		en := words.In(words.English)
		page := r.page(t, "amina", "/calendar?year=2026")
		wantIn(t, page, "Eid ul-Fitr", en.T("calendar.is_announced"), "9 November 2025", "Victory Day", en.T("calendar.is_yearly"))
		wantNotIn(t, "the calendar of a caseworker", page, en.T("calendar.enter_do"), en.T("calendar.is_wrong"))
		if got := r.post(t, "amina", "/calendar", url.Values{"day": {"1/1/2027"}}); got.status != http.StatusNotFound {
			t.Errorf("a caseworker enters a day: %d", got.status)
		}
		page = r.page(t, "farid", "/calendar?year=2027")
		wantIn(t, page, en.T("calendar.is_forecast"), "20 days of 2027 are forecasts", "not announced")
		given := r.page(t, "farid", "/calendar?year=2027&day=2027-03-08")
		form := formOf(t, given, "/calendar")
		if form.Get("worked") != "yes" || form.Get("day") != "8/3/2027" {
			t.Errorf("the form begins with %v", form)
		}
		form.Set("name_bn", "কর্মদিবস")
		form.Set("name_en", "Worked after all")
		refused := r.post(t, "farid", "/calendar", form)
		if refused.status != http.StatusUnprocessableEntity {
			t.Errorf("without a source: %d", refused.status)
		}
		wantIn(t, refused.body, "Worked after all")
		form.Set("source", "notification 12 of 2027")
		if got := r.post(t, "farid", "/calendar", form); got.status != http.StatusSeeOther || got.header.Get("Location") != "/calendar?year=2027" {
			t.Fatalf("entered: %d %s", got.status, got.body)
		}
		page = r.page(t, "farid", "/calendar?year=2027")
		wantIn(t, page, "Worked after all", en.T("calendar.is_worked"), "19 days of 2027 are forecasts")
		end := linksTo(t, page, "/end")
		if got := r.send(t, "farid", end, end, nil); got.status != http.StatusUnprocessableEntity {
			t.Errorf("taken back without a reason: %d", got.status)
		}
		r.must(t, "farid", end, end, url.Values{"reason": {"it was of another year"}})
		wantNotIn(t, "the calendar", r.page(t, "farid", "/calendar?year=2027"), "Worked after all")
		for _, odd := range []string{"?year=x", "?year=-5", "?year=999999999999999999999", "?day=%3Cscript%3E"} {
			r.page(t, "farid", "/calendar"+odd)
		}
	})
}
