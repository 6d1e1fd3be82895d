// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"fmt"
	"net/http"
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
	"fera/internal/offices"
	"fera/internal/persons"
	"fera/internal/words"
)

// openCase opens a case of Rahima through the pages, and returns its address.
func (r *room) openCase(t testing.TB, login string, person persons.ID) string {
	t.Helper()
	base := "/persons/" + string(person)
	a := r.send(t, login, base+"/cases/new", base+"/cases", url.Values{"programme": {"reintegration"}, "why": {"wants to begin anew"}})
	at := a.header.Get("Location")
	if a.status != http.StatusSeeOther || !strings.HasPrefix(at, "/cases/") {
		t.Fatalf("open a case: %d to %q\n%s", a.status, at, a.body)
	}
	return at
}

func caseOf(path string) cases.ID { return cases.ID(strings.TrimPrefix(path, "/cases/")) }

// must sends a form of a page and wants to be led on.
func (r *room) must(t testing.TB, login, path, action string, typed url.Values) string {
	t.Helper()
	a := r.send(t, login, path, action, typed)
	if a.status != http.StatusSeeOther {
		t.Fatalf("%s sends %s: %d\n%s", login, action, a.status, a.body)
	}
	return a.header.Get("Location")
}

// button presses a button of a page that posts to an address beginning with this.
func (r *room) button(t testing.TB, login, path, action string) {
	t.Helper()
	m := regexp.MustCompile(`action="(` + regexp.QuoteMeta(action) + `[^"]*)"`).FindStringSubmatch(r.page(t, login, path))
	if m == nil {
		t.Fatalf("no button of %s leads %s to %s", path, login, action)
	}
	if a := r.post(t, login, strings.ReplaceAll(m[1], "&amp;", "&"), nil); a.status != http.StatusSeeOther {
		t.Fatalf("%s presses %s: %d\n%s", login, m[1], a.status, a.body)
	}
}

// hire adds another user to the office of one who is there.
func (r *room) join(t testing.TB, login, beside string, role access.Role) {
	t.Helper()
	dbtest.Write(t, r.d, func(tx *db.Tx) error {
		o, err := offices.Find(t.Context(), tx, terminal(), r.users[beside].Office)
		if err != nil {
			return err
		}
		return r.hire(t, tx, login, o, role)
	})
}

func (r *room) caseNow(t testing.TB, login string, id cases.ID) (c cases.Case) {
	t.Helper()
	if err := r.d.Read(t.Context(), func(q db.Reader) (err error) {
		c, err = cases.Find(t.Context(), q, r.users[login], id)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return c
}

// A whole life of a case through its pages, without scripts: at each step the page offers what is possible and no more.
func TestACaseThroughItsPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		en := words.In(words.English)
		person := r.rahima(t)
		wantIn(t, r.page(t, "amina", "/persons/"+string(person)), en.T("casework.of_person_none"), en.T("casework.open"))
		at := r.openCase(t, "amina", person)
		wantIn(t, r.page(t, "amina", "/persons/"+string(person)), at, en.T("casework.case_nobody"))
		wantNotIn(t, "her page", r.page(t, "amina", "/persons/"+string(person)), "/cases/new")
		page := r.page(t, "amina", at)
		wantIn(t, page, "Rahima Khatun", "Careful: only call", en.T("casework.due.assign"), en.T("casework.act.take"), "wants to begin anew")
		wantNotIn(t, "a new case", page, en.T("casework.act.draw_plan"), en.T("casework.act.assess"), at+"/assign")
		r.button(t, "amina", at, at+"/take")
		page = r.page(t, "amina", at)
		wantIn(t, page, en.T("casework.act.assess"), en.T("casework.due.assess"))
		wantNotIn(t, "an assigned case", page, en.T("casework.act.take"))

		refused := r.send(t, "amina", at+"/risk", at+"/risk", url.Values{"risk": {"high"}, "why": {"short"}})
		if refused.status != http.StatusUnprocessableEntity {
			t.Errorf("a risk with hardly a reason: %d", refused.status)
		}
		wantIn(t, refused.body, "short", en.T("fault.too_short", "min", 10))
		r.must(t, "amina", at+"/risk", at+"/risk", url.Values{"risk": {"high"}, "why": {"canary the lender came"}})
		page = r.page(t, "amina", at)
		wantIn(t, page, en.T("case.risk.high"), at+"/plan/draw", en.T("casework.private_open"))
		wantNotIn(t, "the file", page, "canary")

		r.must(t, "amina", at+"/tasks/new", at+"/tasks", url.Values{"what": {"ask the bank"}, "due_on": {en.Digits(dates.Of(d.Now()).Add(2).String())}})
		wantIn(t, r.page(t, "amina", at), "ask the bank")
		r.button(t, "amina", at, at+"/tasks/")
		wantIn(t, r.page(t, "amina", at), en.T("casework.task_again"))
		r.button(t, "amina", at, at+"/tasks/")
		wantIn(t, r.page(t, "amina", at), en.T("casework.task_done"))

		r.must(t, "amina", at+"/pause", at+"/pause", url.Values{"why": {"she is in hospital"}})
		wantIn(t, r.page(t, "amina", at), en.T("case.paused"), "she is in hospital")
		r.button(t, "amina", at, at+"/resume")

		reasons := r.page(t, "amina", at+"/close")
		wantIn(t, reasons, "The goals were reached", en.T("programme.group.planned"))
		closing := at + "/close?code=goals_reached"
		missing := r.send(t, "amina", closing, at+"/close", url.Values{"duties": {"prepared"}, "why": {"she earns her living"}})
		if missing.status != http.StatusUnprocessableEntity {
			t.Errorf("closed with one duty of three: %d", missing.status)
		}
		wantIn(t, missing.body, en.T("case.duties_missing"), "she earns her living")
		if form := formOf(t, missing.body, at+"/close"); len(form["duties"]) != 1 {
			t.Errorf("what was ticked is %v", form["duties"])
		}
		r.must(t, "amina", closing, at+"/close", url.Values{"duties": {"prepared", "last_review", "where_to_turn"}, "why": {"she earns her living"}})
		page = r.page(t, "amina", at)
		wantIn(t, page, en.T("case.status.closed"), "The goals were reached", "she earns her living")
		wantNotIn(t, "a closed case", page, at+"/close", at+"/tasks/new")
		r.button(t, "amina", at, at+"/aftercare")
		r.button(t, "amina", at, at+"/aftercare/end")
		r.must(t, "amina", at+"/reopen", at+"/reopen", url.Values{"why": {"she asks again"}})
		history := r.page(t, "amina", at+"/history")
		for _, act := range []string{"open", "take", "assess", "pause", "resume", "close", "begin_aftercare", "end_aftercare", "reopen"} {
			wantIn(t, history, en.T("casework.did."+act))
		}
		wantNotIn(t, "the history", history, "canary")
	})
}

// Two change a case at once: the second is told who did what, and keeps what she typed.
func TestWhatWasTypedOutlastsAnother(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := openRoom(t, d)
		en := words.In(words.English)
		at := r.openCase(t, "amina", r.rahima(t))
		r.button(t, "amina", at, at+"/take")
		mine := formOf(t, r.page(t, "amina", at+"/pause"), at+"/pause")
		r.must(t, "chandra", at+"/pause", at+"/pause", url.Values{"why": {"a court date is set"}})
		clock.Move(time.Second)
		r.button(t, "chandra", at, at+"/resume")
		mine.Set("why", "she went abroad for her brother")
		got := r.post(t, "amina", at+"/pause", mine)
		if got.status != http.StatusConflict {
			t.Fatalf("a stale form: %d", got.status)
		}
		wantIn(t, got.body, en.T("case.changed_meanwhile"), "she went abroad for her brother", "Chandra", en.T("casework.did.resume"))
		if done := r.post(t, "amina", at+"/pause", formOf(t, got.body, at+"/pause")); done.status != http.StatusSeeOther {
			t.Errorf("sent once more: %d %s", done.status, done.body)
		}
		if stale := r.post(t, "amina", at+"/resume?version=1", nil); stale.status != http.StatusConflict {
			t.Errorf("a button of an old page: %d", stale.status)
		}
	})
}

// Whoever may not see a case finds none of its pages, and no button leads where its act is refused.
func TestCasePagesPerRight(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		r.join(t, "jamil", "amina", access.Caseworker)
		r.join(t, "kajol", "amina", access.ProgrammeManager)
		at := r.openCase(t, "amina", r.rahima(t))
		r.button(t, "amina", at, at+"/take")
		r.must(t, "amina", at+"/notes/new", at+"/notes", url.Values{"text": {"canary of class two"}})
		r.must(t, "amina", at+"/notes/new?protected=yes", at+"/notes", url.Values{"text": {"canary of class three"}})
		pages := []string{"", "/history", "/assign", "/members/new", "/tasks/new", "/notes/new", "/risk", "/pause", "/close", "/reopen"}
		posts := []string{"/look", "/take", "/assign", "/members", "/tasks", "/notes", "/risk", "/pause", "/resume", "/close", "/aftercare", "/aftercare/end", "/reopen"}
		for _, login := range []string{"basil", "farid", "esha", "dipu"} {
			for _, page := range pages {
				got := r.get(t, login, at+page)
				if got.status != http.StatusNotFound || strings.Contains(got.body, "canary") || strings.Contains(got.body, "Rahima") {
					t.Errorf("%s gets %s: %d", login, page, got.status)
				}
			}
			for _, post := range posts {
				if got := r.post(t, login, at+post, url.Values{"why": {"because I want to"}, "to": {r.users[login].ID}, "text": {"x"}, "what": {"x y z"}, "due_on": {"2030-04-01"}, "risk": {"low"}, "code": {"died"}}); got.status != http.StatusNotFound {
					t.Errorf("%s posts %s: %d", login, post, got.status)
				}
			}
			if got := r.get(t, login, "/persons/"+string(r.caseNow(t, "amina", caseOf(at)).Person)+"/history"); strings.Contains(got.body, "wants to begin anew") || strings.Contains(strings.ToLower(got.body), "a case") {
				t.Errorf("%s reads of the case in the history of the record", login)
			}
			for _, list := range []string{"/day", "/cases", "/board", "/decisions", "/"} {
				if got := r.get(t, login, list); strings.Contains(got.body, "Rahima") || strings.Contains(got.body, at) {
					t.Errorf("%s sees her on %s", login, list)
				}
			}
		}
		wantIn(t, r.page(t, "chandra", "/persons/"+string(r.caseNow(t, "amina", caseOf(at)).Person)+"/history"), "opened a case", "wants to begin anew")
		// Each link and button of the file leads somewhere for who is shown it.
		here := regexp.MustCompile(`(?:href)="(` + at + `(?:/(?:history|assign|members|tasks|notes|risk|pause|close|reopen)[^"#]*)?)"`)
		for _, login := range []string{"amina", "chandra", "jamil", "kajol"} {
			page := r.page(t, login, at)
			wantIn(t, page, "canary of class two")
			wantNotIn(t, login+"'s file", page, "canary of class three")
			links := here.FindAllStringSubmatch(page, -1)
			if len(links) == 0 {
				t.Errorf("%s is offered nothing", login)
			}
			for _, l := range links {
				r.page(t, login, strings.ReplaceAll(l[1], "&amp;", "&"))
			}
			for _, hidden := range []string{"/assign", "/notes/new", "/close", "/risk"} {
				if offered := strings.Contains(page, `"`+at+hidden); !offered {
					if got := r.get(t, login, at+hidden); got.status != http.StatusNotFound {
						t.Errorf("%s types %s by hand: %d", login, hidden, got.status)
					}
				}
			}
		}
		wantNotIn(t, "Kajol's file", r.page(t, "kajol", at), at+"/notes/new", at+"/pause", at+"/take")
	})
}

// Protected notes are opened by an act that stands in the trail, and only by who has her on the caseload.
func TestProtectedNotesAreALook(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		r.join(t, "jamil", "amina", access.Caseworker)
		en := words.In(words.English)
		person := r.rahima(t)
		at := r.openCase(t, "amina", person)
		r.button(t, "amina", at, at+"/take")
		r.must(t, "amina", at+"/notes/new?protected=yes", at+"/notes", url.Values{"text": {"canary <b>of</b> the deepest"}})
		wantNotIn(t, "Jamil's file", r.page(t, "jamil", at), en.T("casework.private"), "canary")
		if got := r.post(t, "jamil", at+"/look", nil); got.status != http.StatusForbidden || strings.Contains(got.body, "canary") {
			t.Errorf("Jamil looks: %d", got.status)
		}
		looked := r.post(t, "amina", at+"/look", nil)
		if looked.status != http.StatusOK {
			t.Fatalf("Amina looks: %d", looked.status)
		}
		wantIn(t, looked.body, "canary <b>of</b> the deepest", "data-protected", "data-exit")
		if strings.Contains(looked.body, "<b>of</b>") {
			t.Error("what was typed is markup")
		}
		if strings.Contains(r.log.String(), "canary") {
			t.Error("the log holds a note")
		}
		seen := 0
		if err := d.Read(t.Context(), func(q db.Reader) error {
			lines, err := persons.Looks(t.Context(), q, r.users["esha"], person)
			for _, l := range lines {
				if l.Act == access.ReadProtected {
					seen++
				}
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if seen == 0 {
			t.Error("the look is not in the trail")
		}
	})
}

// Colleagues are mentioned by a tick or by @login; the notice leads to the case and says nothing of whom.
func TestMentionOnThePage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		r.join(t, "jamil", "amina", access.Caseworker)
		en := words.In(words.English)
		at := r.openCase(t, "amina", r.rahima(t))
		r.button(t, "amina", at, at+"/take")
		r.must(t, "amina", at+"/notes/new", at+"/notes", url.Values{"kind": {"conference"}, "text": {"Please look, @JAMIL. And @nobody."}, "present": {"the lawyer"}, "mention": {r.users["chandra"].ID}})
		for _, login := range []string{"jamil", "chandra"} {
			page := r.page(t, login, "/notices")
			wantIn(t, page, en.T("notice.case_mention"), at)
			wantNotIn(t, "the notice", page, "Rahima", "look,", "lawyer")
		}
		page := r.page(t, "jamil", at)
		wantIn(t, page, "the lawyer", "And @nobody.", en.T("casework.note.conference"), en.T("casework.mentioned", "names", "Chandra, Jamil"))
		own := regexp.MustCompile(`href="([^"]+replaces=[^"]+)"`)
		if own.MatchString(page) {
			t.Error("Jamil may correct what Amina wrote")
		}
		correct := own.FindStringSubmatch(r.page(t, "amina", at))
		if correct == nil {
			t.Fatal("Amina may not correct her own")
		}
		form := formOf(t, r.page(t, "amina", strings.ReplaceAll(correct[1], "&amp;", "&")), at+"/notes")
		if form.Get("text") != "Please look, @JAMIL. And @nobody." || form.Get("kind") != "conference" {
			t.Errorf("the form begins with %v", form)
		}
		form.Set("text", "It was another.")
		if got := r.post(t, "amina", at+"/notes", form); got.status != http.StatusSeeOther {
			t.Fatalf("corrected: %d %s", got.status, got.body)
		}
		wantIn(t, r.page(t, "jamil", at), "It was another.", en.T("casework.note_replaced"))
		if got := r.get(t, "jamil", strings.ReplaceAll(correct[1], "&amp;", "&")); got.status != http.StatusNotFound {
			t.Errorf("Jamil opens the form of Amina's note: %d", got.status)
		}
	})
}

// rahimas registers some people and gives amina a case of each.
func (r *room) rahimas(t testing.TB, n int) (ids []cases.ID) {
	t.Helper()
	for range n {
		p := r.rahima(t)
		dbtest.Write(t, r.d, func(tx *db.Tx) error {
			id, err := cases.Open(t.Context(), tx, r.users["amina"], cases.Opening{Person: p, Programme: "reintegration", Origin: "self"})
			ids = append(ids, id)
			if err == nil {
				err = cases.TakeUp(t.Context(), tx, r.users["amina"], id, 0)
			}
			return err
		})
	}
	return ids
}

// My day leads through what waits, one by one, and says so when nothing does.
func TestMyDayLeadsOn(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := openRoom(t, d)
		en := words.In(words.English)
		for _, login := range []string{"amina", "basil"} {
			wantIn(t, r.page(t, login, "/day"), en.T("casework.day_free"))
		}
		if got := r.get(t, "amina", "/day/next"); got.header.Get("Location") != "/day" {
			t.Errorf("nothing waits, and next leads to %q", got.header.Get("Location"))
		}
		ids := r.rahimas(t, 3)
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := cases.Remember(t.Context(), tx, r.users["amina"], cases.Task{Case: ids[2], What: "ring the bank", DueOn: dates.Of(tx.Now())})
			return err
		})
		page := r.page(t, "amina", "/day")
		wantIn(t, page, en.T("casework.group.new"), en.T("casework.group.today"), "ring the bank", "data-next")
		wantIn(t, r.page(t, "amina", "/"), en.T("casework.day"), "ring the bank", `href="/day"`)
		next := func(after string) string {
			t.Helper()
			return r.get(t, "amina", "/day/next?after="+after).header.Get("Location")
		}
		seen := map[string]bool{}
		after := ""
		for step := next(after); step != "/day"; step = next(after) {
			after, _, _ = strings.Cut(strings.TrimPrefix(step, "/cases/"), "#")
			if seen[after] || len(seen) > 3 {
				t.Fatalf("next leads in a circle: %v", seen)
			}
			seen[after] = true
		}
		if len(seen) != 3 {
			t.Errorf("next led to %d cases, want 3", len(seen))
		}
		if got := next("x"); got == "/day" {
			t.Error("after what is no case, next leads nowhere instead of to the first")
		}
		clock.Move(20 * 24 * time.Hour)
		r.keys = map[string]string{}
		wantIn(t, r.page(t, "amina", "/day"), en.T("casework.group.late"), en.T("case.late"))
		page = r.page(t, "basil", "/day")
		wantNotIn(t, "Basil's day", page, "Rahima", "ring the bank")
	})
}

// What a supervisor is to decide is on her day; who asked is not offered to decide it.
func TestDecidingThroughThePages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		en := words.In(words.English)
		at := r.openCase(t, "amina", r.rahima(t))
		r.button(t, "amina", at, at+"/take")
		closing := at + "/close?code=lost_contact"
		wantIn(t, r.page(t, "amina", closing), en.T("casework.close_asks"))
		r.must(t, "amina", closing, at+"/close", url.Values{"duties": {"tried_to_reach", "told_supervisor"}, "why": {"three calls in vain"}})
		wantIn(t, r.page(t, "amina", at), en.T("casework.asked.closure"), en.T("casework.decision.waiting"))
		decide := linksTo(t, r.page(t, "chandra", "/decisions"), at+"/decisions/")
		wantIn(t, r.page(t, "chandra", "/day"), decide, en.T("casework.group.decide"))
		own := r.page(t, "amina", decide)
		wantNotIn(t, "Amina's page", own, en.T("casework.decide_yes"))
		if got := r.post(t, "amina", decide, url.Values{"yes": {"yes"}}); got.status != http.StatusNotFound {
			t.Errorf("Amina decides herself: %d", got.status)
		}
		page := r.page(t, "chandra", decide)
		wantIn(t, page, "She could not be reached any more", "three calls in vain", en.T("casework.duty_done"))
		if got := r.post(t, "chandra", decide, url.Values{"yes": {"no"}, "why": {"x"}}); got.status != http.StatusUnprocessableEntity {
			t.Errorf("no without a reason: %d", got.status)
		}
		if got := r.post(t, "chandra", decide, url.Values{"yes": {"perhaps"}}); got.status != http.StatusUnprocessableEntity {
			t.Errorf("neither yes nor no: %d", got.status)
		}
		if got := r.post(t, "chandra", decide, url.Values{"yes": {"yes"}}); got.status != http.StatusSeeOther {
			t.Fatalf("yes: %d %s", got.status, got.body)
		}
		wantIn(t, r.page(t, "amina", at), en.T("case.status.closed"), en.T("casework.said_yes", "name", "Chandra"))
		if got := r.post(t, "chandra", decide, url.Values{"yes": {"yes"}}); got.status != http.StatusConflict {
			t.Errorf("yes again: %d", got.status)
		}
	})
}

// Many cases change hands in one act, with their tasks; each figure of the board opens a list of as many.
func TestHandingOverThroughThePages(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := openRoom(t, d)
		r.join(t, "jamil", "amina", access.Caseworker)
		en := words.In(words.English)
		ids := r.rahimas(t, 12)
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := cases.Remember(t.Context(), tx, r.users["amina"], cases.Task{Case: ids[0], What: "ring the bank", DueOn: dates.Of(tx.Now()).Add(1)})
			if err == nil {
				err = cases.Rate(t.Context(), tx, r.users["amina"], cases.Rating{Case: ids[1], Risk: cases.Critical, Why: "threats from the recruiter"})
			}
			return err
		})
		amina, jamil := r.users["amina"].ID, r.users["jamil"].ID
		from := "/cases/hand-over?office=" + r.users["amina"].Office + "&worker=" + amina
		if got := r.get(t, "amina", from); got.status != http.StatusNotFound {
			t.Errorf("a caseworker hands over: %d", got.status)
		}
		form := formOf(t, r.page(t, "chandra", from), "/cases/hand-over")
		if len(form["cases"]) != 12 {
			t.Fatalf("%d cases are ticked, want 12", len(form["cases"]))
		}
		if none := formOf(t, r.page(t, "chandra", from+"&none=yes"), "/cases/hand-over"); len(none["cases"]) != 0 {
			t.Errorf("%d cases are ticked, want none", len(none["cases"]))
		}
		form["cases"] = form["cases"][:11]
		form.Set("to", r.users["basil"].ID)
		form.Set("why", "leave until May")
		wrong := r.post(t, "chandra", "/cases/hand-over", form)
		if wrong.status != http.StatusUnprocessableEntity || len(formOf(t, wrong.body, "/cases/hand-over")["cases"]) != 11 {
			t.Errorf("to a stranger: %d, and what was ticked is lost", wrong.status)
		}
		wantIn(t, wrong.body, "leave until May")
		form.Set("to", jamil)
		if done := r.post(t, "chandra", "/cases/hand-over", form); done.status != http.StatusSeeOther || done.header.Get("Location") != "/cases?worker="+jamil {
			t.Fatalf("handed over: %d %s", done.status, done.body)
		}
		if n := strings.Count(r.page(t, "jamil", "/cases?worker=me"), "data-row>"); n != 11 {
			t.Errorf("Jamil has %d cases, want 11", n)
		}
		if n := strings.Count(r.page(t, "amina", "/cases?worker=me"), "data-row>"); n != 1 {
			t.Errorf("Amina has %d cases, want 1", n)
		}
		wantIn(t, r.page(t, "jamil", "/day"), en.T("casework.group.new"))
		clock.Move(40 * 24 * time.Hour)
		r.keys = map[string]string{}
		page := r.page(t, "chandra", "/board?office="+r.users["amina"].Office)
		figures := regexp.MustCompile(`<a href="(/cases\?[^"]+)" aria-label="(\d+) `).FindAllStringSubmatch(page, -1)
		if len(figures) < 8 {
			t.Fatalf("the board has %d figures", len(figures))
		}
		for _, f := range figures {
			if n := strings.Count(r.page(t, "chandra", strings.ReplaceAll(f[1], "&amp;", "&")), "data-row>"); fmt.Sprint(n) != f[2] {
				t.Errorf("%s holds %d, the board says %s", f[1], n, f[2])
			}
		}
		if got := r.get(t, "basil", "/board?office="+r.users["amina"].Office); got.status != http.StatusNotFound {
			t.Errorf("Basil sees the board: %d", got.status)
		}
	})
}

// The list comes in pages that together hold each case once; what an address cannot mean asks for all.
func TestTheListOfCasesComesInPages(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	r := openRoom(t, d)
	r.rahimas(t, 60)
	seen := map[string]bool{}
	at, pages := "/cases?worker=me", 0
	for ; at != ""; pages++ {
		page := r.page(t, "amina", at)
		for _, m := range regexp.MustCompile(`href="(/cases/[0-9a-f-]+)" data-row`).FindAllStringSubmatch(page, -1) {
			if seen[m[1]] {
				t.Errorf("%s comes twice", m[1])
			}
			seen[m[1]] = true
		}
		at = ""
		if m := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(page); m != nil {
			at = strings.ReplaceAll(m[1], "&amp;", "&")
		}
	}
	if len(seen) != 60 || pages != 2 {
		t.Errorf("%d cases on %d pages", len(seen), pages)
	}
	for _, odd := range []string{"?status=x", "?risk=none", "?worker=%27", "?office=x", "?after=x", "?after=9999~x", "?late=perhaps", "?worker=" + strings.Repeat("a", 400)} {
		wantIn(t, r.page(t, "amina", "/cases"+odd), "data-row>")
	}
	for _, such := range []string{"?status=active", "?risk=critical", "?late=yes", "?idle=yes", "?unvisited=yes", "?waiting=yes", "?worker=nobody"} {
		wantIn(t, r.page(t, "amina", "/cases"+such), words.In(words.English).T("casework.none_such"))
	}
}

// A case of a person whose family the register knows takes a member in; without one the page says what to do first.
func TestTheFamilyOnThePages(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	r := openRoom(t, d)
	en := words.In(words.English)
	person := r.rahima(t)
	at := r.openCase(t, "amina", person)
	wantIn(t, r.page(t, "amina", at+"/members/new"), en.T("casework.member_none"))
	dbtest.Write(t, d, func(tx *db.Tx) error {
		return persons.AddRelation(t.Context(), tx, r.users["amina"], person, persons.Relation{Relation: "mother", Name: "Ayesha Khatun"})
	})
	relation := r.find(t, "amina", person).Relations[0].ID
	r.must(t, "amina", at+"/members/new", at+"/members", url.Values{"relation": {relation}})
	wantIn(t, r.page(t, "amina", at), "Ayesha Khatun")
	if got := r.post(t, "amina", at+"/members", url.Values{"relation": {relation}}); got.status != http.StatusConflict {
		t.Errorf("taken in twice: %d", got.status)
	}
}

// Whatever is typed into the forms of a case comes back as text, and nothing breaks.
func TestHostileTextInCases(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		at := r.openCase(t, "amina", r.rahima(t))
		r.button(t, "amina", at, at+"/take")
		fields := []string{"why", "text", "what", "due_on", "user", "to", "kind", "on", "present", "mention", "risk", "code", "duties", "relation", "replaces", "version", "yes", "protected", "programme", "origin", "operation", "cases", "move"}
		for _, text := range hostile() {
			form := url.Values{}
			for _, f := range fields {
				form.Set(f, text)
			}
			for _, path := range []string{"/notes", "/tasks", "/risk", "/pause", "/close", "/assign", "/members", "/take", "/reopen", "/decisions/x"} {
				got := r.post(t, "amina", at+path, form)
				if strings.Contains(got.body, "<script>alert") || strings.Contains(got.header.Get("Location"), "evil") {
					t.Errorf("%s with %.20q: %d", path, text, got.status)
				}
			}
			form.Set("operation", "")
			r.post(t, "amina", "/persons/"+string(r.caseNow(t, "amina", caseOf(at)).Person)+"/cases", form)
			if got := r.post(t, "chandra", "/cases/hand-over", form); strings.Contains(got.body, "<script>alert") {
				t.Errorf("handing over with %.20q", text)
			}
			r.page(t, "amina", at)
		}
	})
}
