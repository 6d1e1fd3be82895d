// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/assessments"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/instruments"
	"fera/internal/persons"
	"fera/internal/questionnaires"
	"fera/internal/services"
	"fera/internal/words"
	"fera/internal/xlsform"
)

// start begins a questionnaire on the pages, and returns the address of the assessment.
func (r *room) start(t testing.TB, login, name string, p persons.ID) string {
	t.Helper()
	base := "/persons/" + string(p) + "/questionnaires"
	a := r.post(t, login, base, url.Values{"instrument": {name}, "asked_in": {"en"}})
	to := a.header.Get("Location")
	if a.status != http.StatusSeeOther || !strings.HasSuffix(to, "/fill") {
		t.Fatalf("begun: %d %q %s", a.status, to, problemsIn(a.body))
	}
	return strings.TrimSuffix(to, "/fill")
}

// answers sends the page of a form that is being filled in.
func (r *room) answers(t testing.TB, login, at, page string, typed url.Values) answer {
	t.Helper()
	return r.send(t, login, at+"/fill"+page, at+"/fill", typed)
}

// progress is answers to the progress check.
func progress(answer string) url.Values {
	typed := url.Values{}
	for _, name := range []string{"income", "debt", "work", "home", "services", "papers", "support", "belonging", "choice"} {
		typed.Set("q.pc_"+name, answer)
	}
	return typed
}

func (r *room) completed(t testing.TB, login, name string, p persons.ID, typed url.Values) string {
	t.Helper()
	at := r.start(t, login, name, p)
	typed.Set("go", "next")
	if a := r.answers(t, login, at, "?as=whole", typed); a.header.Get("Location") != at+"/finish" {
		t.Fatalf("filled in: %d to %q\n%s", a.status, a.header.Get("Location"), problemsIn(a.body))
	}
	r.send(t, login, at+"/finish", at+"/finish", nil)
	return at
}

// With scripts off a questionnaire goes from page to page: what is missing stops it there, going back and keeping do not.
func TestAQuestionnaireFromPageToPage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		p := r.rahima(t)
		at := r.start(t, "amina", "progress_check", p)
		page := r.page(t, "amina", at+"/fill?as=pages")
		wantIn(t, page, "1 of 3", "Throw this away")
		pages := r.answers(t, "amina", at, "?as=pages", url.Values{"q.pc_income": {"1"}, "q.pc_debt": {"2"}, "q.pc_work": {"3"}, "go": {"next"}})
		if !strings.Contains(pages.header.Get("Location"), "page=1") {
			t.Fatalf("on to %q\n%s", pages.header.Get("Location"), problemsIn(pages.body))
		}
		back := r.answers(t, "amina", at, "?as=pages&page=1", url.Values{"q.pc_home": {"4"}, "go": {"back"}})
		if !strings.Contains(back.header.Get("Location"), "page=0") {
			t.Errorf("back to %q", back.header.Get("Location"))
		}
		if form := formOf(t, r.page(t, "amina", at+"/fill?as=pages&page=1"), at+"/fill"); form.Get("q.pc_home") != "4" {
			t.Error("going back lost an answer")
		}
		kept := r.answers(t, "amina", at, "?as=pages&page=1", url.Values{"go": {"keep"}})
		list := r.page(t, "amina", kept.header.Get("Location"))
		wantIn(t, list, "Begun, not complete", "Go on", at+"/fill")
		whole := r.answers(t, "amina", at, "?as=whole", url.Values{"q.pc_services": {"0"}, "q.pc_papers": {"0"}, "q.pc_support": {"4"}, "q.pc_belonging": {"4"}, "q.pc_choice": {"4"}, "go": {"next"}})
		if whole.header.Get("Location") != at+"/finish" {
			t.Fatalf("to %q %s", whole.header.Get("Location"), problemsIn(whole.body))
		}
		a := r.send(t, "amina", at+"/finish", at+"/finish", nil)
		if a.status != http.StatusSeeOther || a.header.Get("Location") != at {
			t.Fatalf("complete: %d to %q %s", a.status, a.header.Get("Location"), problemsIn(a.body))
		}
		result := r.page(t, "amina", at)
		wantIn(t, result, "Result", "3 of 3 answered", "version 1")
		caution, _ := questionnaires.Find("progress_check")
		wantIn(t, result, caution.Caution["en"])
	})
}

// Answers that bring up more questions show them before the way on, with scripts off.
func TestRelevanceWorksStepByStep(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		p := r.rahima(t)
		r.bring(t, branching("1"))
		at := r.start(t, "amina", "branching", p)
		page := r.page(t, "amina", at+"/fill?as=whole")
		wantNotIn(t, "the first page", page, "Which one?")
		a := r.answers(t, "amina", at, "?as=whole", url.Values{"q.any": {"yes"}, "go": {"next"}})
		if !strings.HasPrefix(a.header.Get("Location"), at+"/fill?page=0") {
			t.Fatalf("sent on to %q", a.header.Get("Location"))
		}
		page = r.page(t, "amina", at+"/fill?as=whole")
		wantIn(t, page, "Which one?", "Person")
		a = r.answers(t, "amina", at, "?as=whole", url.Values{"go": {"next"}})
		if a.status != http.StatusOK {
			t.Fatalf("went on without what is required: %d %q", a.status, a.header.Get("Location"))
		}
		wantIn(t, a.body, "An answer is needed here")
		a = r.answers(t, "amina", at, "?as=whole", url.Values{"q.which": {"the first"}, "q.day": {"৫ মার্চ ২০৩০"}, "q.people[1]/name": {"Rakib"}, "go": {"add:people"}})
		page = r.page(t, "amina", a.header.Get("Location"))
		wantIn(t, page, "q.people[2]/name", `value="Rakib"`, `value="5 March 2030"`)
		a = r.answers(t, "amina", at, "?as=whole", url.Values{"go": {"remove:people[2]"}})
		wantNotIn(t, "after taking one out", r.page(t, "amina", a.header.Get("Location")), "q.people[2]/name")
		// A script that keeps the form is answered with the questions as they are.
		form := formOf(t, r.page(t, "amina", at+"/fill?as=whole"), at+"/fill")
		form.Set("q.any", "no")
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, at+"/fill", strings.NewReader(form.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Fera-Fragment", "1")
		kept := r.do(t, "amina", req)
		wantIn(t, kept.body, `id="kept"`, "data-questions")
		wantNotIn(t, "the fragment", kept.body, "Which one?", "<html")
	})
}

// branching is a questionnaire in which one answer brings up a question and a repeat.
func branching(version string) *instruments.Definition {
	text := func(en string) instruments.Texts { return instruments.Texts{"en": en, "bn": "বাংলা " + en} }
	return &instruments.Definition{Name: "branching", Version: version, Title: text("Branching"), Source: "made up for the tests", Licence: "none needed", Language: "en",
		Languages: []instruments.Language{{Code: "en", Name: "English"}, {Code: "bn", Name: "Bangla"}},
		Lists:     []instruments.List{{Name: "yn", Options: []instruments.Option{{Name: "yes", Label: text("Yes")}, {Name: "no", Label: text("No")}}}},
		Items: []instruments.Item{{Name: "any", Kind: instruments.SelectOne, List: "yn", Label: text("Any?"), Required: "true()"},
			{Name: "which", Kind: instruments.Text, Label: text("Which one?"), Relevant: "${any} = 'yes'", Required: "true()"},
			{Name: "day", Kind: instruments.Date, Label: text("When?"), Relevant: "${any} = 'yes'"},
			{Name: "people", Kind: instruments.Repeat, Label: text("Person"), Relevant: "${any} = 'yes'", Items: []instruments.Item{{Name: "name", Kind: instruments.Text, Label: text("Name")}}}}}
}

// bring takes a questionnaire in as the administrator, and activates it.
func (r *room) bring(t testing.TB, def *instruments.Definition) {
	t.Helper()
	dbtest.Write(t, r.d, func(tx *db.Tx) error {
		ref, err := assessments.Bring(context.Background(), tx, r.users["farid"], def)
		if err != nil {
			return err
		}
		return assessments.Activate(context.Background(), tx, r.users["farid"], assessments.Activation{Ref: ref})
	})
}

// A thought of death is answered by the steps on the same screen, the supervisor's list, and nothing in the open.
func TestAnAlertOnThePages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		p := r.rahima(t)
		at := r.start(t, "amina", "phq9", p)
		a := r.answers(t, "amina", at, "?as=whole", url.Values{"q.phq9_9": {"2"}, "go": {"stay"}})
		page := r.page(t, "amina", a.header.Get("Location"))
		wantIn(t, page, "Do not leave her or him alone", "The supervisor was told", "data-protected", "data-exit")
		notices := r.page(t, "chandra", "/notices")
		wantIn(t, notices, "needs help at once", `href="/alerts"`)
		list := r.page(t, "chandra", "/alerts")
		wantIn(t, list, "At once", "Amina")
		wantNotIn(t, "the list of alerts", list, "self-harm", "PHQ")
		action := "/alerts/" + strings.TrimSuffix(strings.TrimPrefix(cutOut(t, list, `action="`, `/open"`), "/alerts/"), "/open")
		wantIn(t, r.post(t, "chandra", action+"/open", nil).body, "self-harm", "Telephone the supervisor")
		refused := r.post(t, "chandra", action+"/heed", url.Values{"done": {""}})
		wantIn(t, refused.body, "Write what was done")
		if a := r.post(t, "chandra", action+"/heed", url.Values{"done": {"her sister is with her"}}); a.status != http.StatusSeeOther {
			t.Errorf("heeded: %d", a.status)
		}
		for _, login := range []string{"basil", "esha", "dipu"} {
			for _, path := range []string{at, at + "/fill", "/persons/" + string(p) + "/questionnaires/phq9"} {
				if a := r.get(t, login, path); a.status == http.StatusOK {
					t.Errorf("%s sees %s", login, path)
				}
			}
		}
	})
}

func cutOut(t testing.TB, text, before, after string) string {
	t.Helper()
	for rest := text; ; {
		_, tail, ok := strings.Cut(rest, before)
		if !ok {
			t.Fatalf("no %q … %q", before, after)
		}
		if head, _, ok := strings.Cut(tail, `"`); ok && strings.HasSuffix(head+`"`, after) {
			return head
		}
		rest = tail
	}
}

// What is protected is closed until it is opened, and each opening is in the trail.
func TestProtectedAnswersAreClosed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		p := r.rahima(t)
		typed := url.Values{}
		for i := range 9 {
			typed.Set("q.phq9_"+strconv.Itoa(i+1), "1")
		}
		typed.Set("q.phq9_9", "0")
		at := r.completed(t, "amina", "phq9", p, typed)
		closed := r.page(t, "amina", at)
		wantIn(t, closed, "This is protected", at+"/look")
		wantNotIn(t, "the closed page", closed, "Several days", "on a scale")
		looks := func() (n int) {
			d.Read(t.Context(), func(q db.Reader) error {
				lines, err := audit.List(t.Context(), q, audit.Filter{Person: string(p), Act: access.ReadProtected, Limit: 100})
				n = len(lines)
				return err
			})
			return n
		}
		before := looks()
		opened := r.post(t, "amina", at+"/look", nil)
		wantIn(t, opened.body, "Several days", "on a scale from 0 to 27", "data-protected")
		paper := r.post(t, "amina", at+"/print", nil)
		wantIn(t, paper.body, "ফলাফল"[:0]+"কাগজটি সঙ্গে রাখা কি নিরাপদ")
		if n := looks(); n != before+2 {
			t.Errorf("%d looks are in the trail, want %d", n, before+2)
		}
		for _, login := range []string{"chandra", "basil", "esha"} {
			if a := r.post(t, login, at+"/look", nil); a.status != http.StatusNotFound {
				t.Errorf("%s opens it: %d", login, a.status)
			}
			wantNotIn(t, login+"'s list", r.get(t, login, "/persons/"+string(p)+"/questionnaires").body, at)
		}
	})
}

// What was given in between stands on the course, but for what is protected, and for who sees none of her cases.
func TestWhatWasGivenStandsOnTheCourse(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := openRoom(t, d)
		p := r.rahima(t)
		days := func(n time.Duration) {
			clock.Move(n * 24 * time.Hour)
			r.keys = map[string]string{} // the sessions have ended
		}
		amina := r.users["amina"]
		given := func(code string) services.ID {
			var id services.ID
			dbtest.Write(t, d, func(tx *db.Tx) (err error) {
				hers, err := cases.Of(t.Context(), tx, amina, p)
				if err != nil {
					return err
				}
				id, err = services.Log(t.Context(), tx, amina, services.Giving{Case: hers[0].ID, Code: code})
				return err
			})
			return id
		}
		dbtest.Write(t, d, func(tx *db.Tx) error {
			id, err := cases.Open(t.Context(), tx, amina, cases.Opening{Person: p, Programme: "reintegration", Origin: "self"})
			if err != nil {
				return err
			}
			return cases.TakeUp(t.Context(), tx, amina, id, 0)
		})
		given("food") // before the first
		days(1)
		r.completed(t, "amina", "progress_check", p, progress("1"))
		days(30)
		given("life_skills")
		undone := given("job_placement")
		dbtest.Write(t, d, func(tx *db.Tx) error {
			return services.Undo(t.Context(), tx, amina, services.Undoing{Service: undone, Why: "it came to nothing"})
		})
		days(65)
		r.completed(t, "amina", "progress_check", p, progress("3"))
		at := "/persons/" + string(p) + "/questionnaires/progress_check"
		course := r.page(t, "amina", at)
		wantIn(t, course, "Given in between", "Life-skills training", `class="mark"`)
		wantNotIn(t, "the course", course, "Food", "Job placement")
		r.speak(t, "amina", words.Bangla)
		wantIn(t, r.page(t, "amina", at), "জীবনদক্ষতা প্রশিক্ষণ", "এর মধ্যে যা দেওয়া হয়েছে")
	})
}

// A correction asks why, keeps the first answers, and two times stand side by side and in a course.
func TestCorrectCompareAndCourse(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := openRoom(t, d)
		p := r.rahima(t)
		first := r.completed(t, "amina", "progress_check", p, progress("1"))
		clock.Move(95 * 24 * 60 * 60 * 1e9)
		r.keys = map[string]string{} // the sessions have ended
		second := r.completed(t, "amina", "progress_check", p, progress("3"))
		if a := r.post(t, "amina", second+"/correct", nil); a.header.Get("Location") != second+"/fill" {
			t.Fatalf("correct: %d", a.status)
		}
		r.answers(t, "amina", second, "?as=whole", url.Values{"q.pc_income": {"4"}, "go": {"next"}})
		refused := r.send(t, "amina", second+"/finish", second+"/finish", url.Values{"reason": {""}})
		wantIn(t, refused.body, "Write why the answers are corrected")
		if a := r.send(t, "amina", second+"/finish", second+"/finish", url.Values{"reason": {"she said so later"}}); a.status != http.StatusSeeOther {
			t.Fatalf("corrected: %d %s", a.status, problemsIn(a.body))
		}
		wantIn(t, r.page(t, "amina", second), "Corrections", "she said so later", "First answers", "Compare with another time")
		side := r.post(t, "amina", second+"/compare", url.Values{"with": {strings.TrimPrefix(first, "/assessments/")}})
		wantIn(t, side.body, "beside", "Changed", "0.25")
		course := r.page(t, "amina", "/persons/"+string(p)+"/questionnaires/progress_check")
		wantIn(t, course, "<svg", "<circle", "Scores over time"[:6])
		if a := r.post(t, "amina", second+"/compare", url.Values{"with": {"01900000-0000-7000-8000-000000000000"}}); a.status != http.StatusNotFound {
			t.Errorf("compared with nothing: %d", a.status)
		}
	})
}

func (r *room) sendBook(t testing.TB, login, path, name string, body []byte) answer {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	part.Write(body)
	w.Close()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, &b)
	req.Header.Set("Content-Type", w.FormDataContentType())
	return r.do(t, login, req)
}

func workbook(t testing.TB, d *instruments.Definition) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := xlsform.Write(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// An administrator sends a workbook, sees what is wrong with its place, tries it, activates it, and takes it out of use.
func TestAdministerQuestionnaires(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		p := r.rahima(t)
		wrong := branching("1")
		wrong.Items[1].Relevant = "${nothing} = 'yes'"
		refused := r.sendBook(t, "farid", "/questionnaires", "x.xlsx", workbook(t, wrong))
		wantIn(t, refused.body, "Nothing was kept", "survey, row", "nothing")
		for name, body := range map[string][]byte{"nothing": nil, "no workbook": []byte("hello"), "half": workbook(t, branching("1"))[:900]} {
			if a := r.sendBook(t, "farid", "/questionnaires", "x.xlsx", body); a.status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", name, a.status)
			}
		}
		r.sendBook(t, "farid", "/questionnaires", "x.xlsx", workbook(t, branching("1")))
		path := "/questionnaires/branching/1"
		wantIn(t, r.page(t, "farid", path), "Draft", "Activate", "made up for the tests")
		tried := r.post(t, "farid", path+"/try", url.Values{"asked": {"select_one:any"}, "q.any": {"yes"}, "lang": {"en"}})
		wantIn(t, tried.body, "Which one?", "An answer is needed here")
		if n := rows(t, d)["assessment_answers"]; n != 0 {
			t.Errorf("trying kept %d answers", n)
		}
		wantNotIn(t, "the choice", r.page(t, "amina", "/persons/"+string(p)+"/questionnaires"), "Branching")
		bad := r.post(t, "farid", path+"/activate", url.Values{"from": {"yesterday"}})
		wantIn(t, bad.body, "It can be activated from today")
		if a := r.send(t, "farid", path, path+"/activate", nil); a.status != http.StatusSeeOther {
			t.Fatalf("activated: %d %s", a.status, problemsIn(a.body))
		}
		wantIn(t, r.page(t, "amina", "/persons/"+string(p)+"/questionnaires"), "Branching")
		again := r.get(t, "farid", path+"/form.xlsx")
		if again.status != http.StatusOK || !strings.HasPrefix(again.body, "PK") {
			t.Errorf("downloaded: %d", again.status)
		}
		wantIn(t, r.page(t, "farid", path+"/paper"), "বাংলা Any?", "☐", "বাংলা Which one?", "শুধু যদি “বাংলা Any?”")
		if a := r.send(t, "farid", path, path+"/retire", url.Values{"reason": {"a better one"}}); a.status != http.StatusSeeOther {
			t.Errorf("retired: %d", a.status)
		}
		wantIn(t, r.page(t, "farid", "/questionnaires"), "Out of use", "Waits for permission")
		wantIn(t, r.page(t, "farid", "/questionnaires/srq20/1"), "waits for its owner's permission")
		if a := r.post(t, "farid", "/questionnaires/srq20/1/activate", url.Values{"from": {""}}); a.status != http.StatusConflict {
			t.Errorf("a pending one was activated: %d", a.status)
		}
	})
}

// Every questionnaire that ships can be tried, printed blank and looked at in both languages.
func TestEveryQuestionnaireIsDrawn(t *testing.T) {
	r := openRoom(t, dbtest.Open(t, dbtest.SQLite(t), nil))
	for _, lang := range words.Languages() {
		r.speak(t, "farid", lang)
		for _, d := range questionnaires.List() {
			path := "/questionnaires/" + d.Name + "/" + d.Version
			r.page(t, "farid", path)
			r.page(t, "farid", path+"/paper")
			page := r.page(t, "farid", path+"/try")
			form := formOf(t, page, path+"/try")
			if a := r.post(t, "farid", path+"/try", form); a.status != http.StatusOK {
				t.Errorf("%s: tried blank: %d", d.Name, a.status)
			}
		}
	}
}
