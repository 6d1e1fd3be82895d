// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"fmt"
	"html"
	"image"
	"image/png"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/persons"
	"fera/internal/plans"
	"fera/internal/services"
)

// file is a room with a case of amina's, assessed, of a woman with a mother who is a client too.
type file struct {
	*room
	clock  *dbtest.Clock
	person persons.ID
	id     cases.ID
	member string
}

func eachFile(t *testing.T, fn func(t *testing.T, f file)) {
	t.Helper()
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) { fn(t, openFile(t, d, clock)) })
}

func openFile(t testing.TB, d *db.DB, clock *dbtest.Clock) file {
	t.Helper()
	f := file{room: openRoom(t, d), clock: clock}
	f.person = f.rahima(t)
	amina := f.users["amina"]
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		if err := persons.AddRelation(t.Context(), tx, amina, f.person, persons.Relation{Relation: "mother", Name: "আমেনা বেগম", LivesWith: true}); err != nil {
			return err
		}
		f.id, err = cases.Open(t.Context(), tx, amina, cases.Opening{Person: f.person, Programme: "reintegration", Origin: "self"})
		return err
	})
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		if err := cases.TakeUp(t.Context(), tx, amina, f.id, 0); err != nil {
			return err
		}
		p, err := persons.Find(t.Context(), tx, amina, f.person)
		if err == nil {
			f.member, err = cases.Include(t.Context(), tx, amina, f.id, p.Relations[0].ID)
		}
		return err
	})
	dbtest.Write(t, d, func(tx *db.Tx) error {
		return cases.Rate(t.Context(), tx, amina, cases.Rating{Case: f.id, Risk: cases.Medium, Why: "she owes money to a lender"})
	})
	return f
}

func (f file) at(parts ...string) string {
	return strings.Join(append([]string{"/cases", string(f.id)}, parts...), "/")
}

func (f file) leads(t testing.TB, a answer, to string) {
	t.Helper()
	if got := a.header.Get("Location"); a.status != http.StatusSeeOther || !strings.HasPrefix(got, to) {
		t.Fatalf("%d to %q, want to %q\n%s", a.status, got, to, spaces.ReplaceAllString(tags.ReplaceAllString(a.body, " "), " "))
	}
}

// goal fills in one goal of the form with one step.
func goal(i int, words, dimension, level string) url.Values {
	at := fmt.Sprintf("goals.%d.", i)
	return url.Values{at + "words": {words}, at + "dimension": {dimension}, at + "level": {level}, at + "steps.0.what": {words + ", step"}, at + "steps.0.who": {"returnee"}, at + "steps.0.by": {"১/৪/২০৩০"}}
}

func joined(all ...url.Values) url.Values {
	one := url.Values{}
	for _, v := range all {
		for k, x := range v {
			one[k] = x
		}
	}
	return one
}

func signature(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 90, 30))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// agreed draws a plan with an open goal and a private one and lets her agree aloud.
func (f file) agreed(t testing.TB) {
	t.Helper()
	amina := f.users["amina"]
	dbtest.Write(t, f.d, func(tx *db.Tx) error {
		by := mustDay("2030-04-01")
		_, err := plans.Draw(t.Context(), tx, amina, plans.Drawing{Case: f.id, Goals: []plans.Goal{
			{Dimension: plans.Economic, Level: plans.Family, Words: "নিজের একটা সেলাইয়ের দোকান", Client: f.member, Steps: []plans.Step{{What: "সেলাই শেখা", Who: "returnee", By: by, Service: "skills_training"}, {What: "মেশিন কেনা", Who: "worker", User: amina.ID, By: by}}},
			{Dimension: plans.Psychosocial, Level: plans.Individual, Words: "Zqsleep through the night", Steps: []plans.Step{{What: "Zqtalk", Who: "provider", By: by}}}}})
		return err
	})
	dbtest.Write(t, f.d, func(tx *db.Tx) error {
		return plans.Agree(t.Context(), tx, amina, plans.Agreement{Case: f.id, Version: 1, How: "spoken", Witness: "Her mother"})
	})
}

// The plan is drawn without scripts, goal by goal; she signs on the screen; it is begun, ticked off, reviewed and amended.
func TestThePlanOnItsPages(t *testing.T) {
	eachFile(t, func(t *testing.T, f file) {
		plan, draw := f.at("plan"), f.at("plan", "draw")
		wantIn(t, f.page(t, "amina", plan), "There is no plan yet", "Write the plan")
		first := joined(goal(0, "a shop of my own", "economic", "individual"), url.Values{"go": {"add_goal"}})
		more := f.send(t, "amina", draw, draw, first)
		if more.status != http.StatusOK {
			t.Fatalf("with another goal: %d", more.status)
		}
		wantIn(t, more.body, "a shop of my own", "Goal 2", "১/৪/২০৩০")
		step := f.post(t, "amina", draw, joined(formOf(t, more.body, draw), url.Values{"go": {"add_step:1"}}))
		wantIn(t, step.body, "Goal 2, step 2", "a shop of my own")
		typed := formOf(t, step.body, draw)
		back := f.post(t, "amina", draw, joined(typed, url.Values{"go": {"save"}}))
		if back.status != http.StatusUnprocessableEntity {
			t.Errorf("with an empty goal: %d", back.status)
		}
		wantIn(t, back.body, "a shop of my own", `href="#goals.1.words"`)
		typed = joined(typed, goal(1, "peace with my brothers", "social", "family"), url.Values{"goals.1.steps.1.what": {"invite them"}, "goals.1.steps.1.who": {"family"}, "goals.1.steps.1.by": {"2/4/2030"}, "go": {"save"}})
		f.leads(t, f.post(t, "amina", draw, typed), plan+"?version=1")
		wantIn(t, f.page(t, "amina", plan), "peace with my brothers", "She agrees to it", "by 1 April 2030")
		agree := f.at("plan", "agree")
		form := formOf(t, f.page(t, "amina", agree), agree)
		fields := map[string]string{"how": "screen", "version": form.Get("version"), "operation": form.Get("operation")}
		if a := f.upload(t, "amina", agree, fields, nil); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Let her sign") {
			t.Errorf("without a signature: %d", a.status)
		}
		f.leads(t, f.upload(t, "amina", agree, fields, signature(t)), plan)
		f.leads(t, f.post(t, "amina", f.at("plan", "start"), nil), plan)
		page := f.page(t, "amina", plan)
		wantIn(t, page, "Agreed on", "Version 1, which holds", "Review after 1 month")
		done := regexp.MustCompile(`action="([^"]+/done)"`).FindStringSubmatch(page)
		f.leads(t, f.post(t, "amina", done[1], nil), plan)
		drop := regexp.MustCompile(`href="([^"]+/plan/steps/[^"]+)"`).FindStringSubmatch(f.page(t, "amina", plan))[1]
		if a := f.send(t, "amina", drop, drop, url.Values{"outcome": {"dropped"}}); a.status != http.StatusUnprocessableEntity {
			t.Errorf("dropped without a reason: %d", a.status)
		}
		f.leads(t, f.send(t, "amina", drop, drop, url.Values{"outcome": {"dropped"}, "why": {"they moved away"}}), plan)
		end := regexp.MustCompile(`href="([^"]+/plan/goals/[^"]+)"`).FindStringSubmatch(f.page(t, "amina", plan))[1]
		f.leads(t, f.send(t, "amina", end, end, url.Values{"outcome": {"reached"}}), plan)
		review := f.at("plan", "review")
		wantIn(t, f.page(t, "amina", review), "The next review is due on")
		f.leads(t, f.send(t, "amina", review, review, url.Values{"go": {"put_off"}, "found": {"she is away"}, "until": {"20/4/2030"}}), plan)
		if a := f.send(t, "amina", review, review, url.Values{"go": {"hold"}, "found": {"well"}, "next": {"soon"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "well") {
			t.Errorf("with a day that is none: %d", a.status)
		}
		f.leads(t, f.send(t, "amina", review, review, url.Values{"go": {"hold"}, "found": {"the shop is open"}, "next": {"30/4/2030"}}), plan)
		wantIn(t, f.page(t, "amina", plan), "the shop is open", "Review in between", "they moved away", "Reached")
		if old := f.get(t, "amina", plan+"?version=7"); old.status != http.StatusNotFound {
			t.Errorf("a version that is not there: %d", old.status)
		}
	})
}

// Goals of class 3 are shown after a look alone, survive that somebody without sight amends the plan, and leave no trace for her.
func TestPrivateGoalsOnThePages(t *testing.T) {
	eachFile(t, func(t *testing.T, f file) {
		f.agreed(t)
		plan, draw := f.at("plan"), f.at("plan", "draw")
		for _, login := range []string{"amina", "chandra"} {
			for _, path := range []string{plan, draw, f.at("plan", "agree"), f.at("print")} {
				wantNotIn(t, path+" as "+login, f.get(t, login, path).body, "Zq")
			}
		}
		wantNotIn(t, "the plan of who may not see them", f.page(t, "chandra", plan), "Private goals")
		if a := f.post(t, "chandra", f.at("plan", "look"), nil); a.status != http.StatusForbidden || strings.Contains(a.body, "Zq") {
			t.Errorf("Chandra looks: %d", a.status)
		}
		open := f.post(t, "amina", f.at("plan", "look"), url.Values{"number": {"1"}})
		wantIn(t, open.body, "Zqsleep", "data-protected", "আমেনা বেগম")
		secret := regexp.MustCompile(`/plan/goals/([^"]+)"`).FindAllStringSubmatch(open.body, -1)
		if a := f.get(t, "chandra", f.at("plan", "goals", secret[len(secret)-1][1])); a.status != http.StatusNotFound {
			t.Errorf("Chandra at the address of a private goal: %d", a.status)
		}
		f.leads(t, f.send(t, "chandra", draw, draw, url.Values{"goals.0.words": {"a larger shop"}, "go": {"save"}}), plan)
		wantIn(t, f.page(t, "amina", draw), "Open the whole plan")
		whole := f.post(t, "amina", f.at("plan", "amend"), nil)
		wantIn(t, whole.body, "a larger shop", "Zqsleep")
		wantNotIn(t, "the title", titleOf(whole.body), "Zq", "Rahima", "রহিমা")
		typed := joined(formOf(t, whole.body, draw), url.Values{"goals.0.steps.0.service": {"trafficking_case"}, "go": {"save"}})
		if a := f.post(t, "amina", draw, typed); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "This service is private") {
			t.Errorf("a private service in an open goal: %d", a.status)
		}
		if strings.Contains(f.log.String(), "Zq") {
			t.Error("the log says what a private goal is")
		}
	})
}

// What is given is logged in one line or in the form of its kind; money shows what was given before, waits for others, is handed over.
func TestServicesOnTheirPages(t *testing.T) {
	eachFile(t, func(t *testing.T, f file) {
		list, choose, log := f.at("services"), f.at("services", "new"), f.at("services", "log")
		f.leads(t, f.send(t, "amina", list, list, url.Values{"code": {"life_skills"}, "quantity": {"৩"}, "client": {f.member}, "remark": {"three mornings"}}), list)
		wantIn(t, f.page(t, "amina", list), "three mornings", "3 days", "for আমেনা বেগম (mother)", "Given so far")
		if a := f.send(t, "amina", list, list, url.Values{"code": {"life_skills"}, "quantity": {"many"}, "remark": {"kept"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `value="kept"`) {
			t.Errorf("many days: %d", a.status)
		}
		ask := func(amount string, more url.Values) answer {
			form := f.post(t, "amina", choose, url.Values{"code": {"business_grant"}})
			wantIn(t, form.body, "Start-up grant", "She has a business plan")
			return f.post(t, "amina", log, joined(formOf(t, form.body, log), url.Values{"amount": {amount}, "conditions": {"returned", "business_plan"}, "papers": {"nid"}}, more))
		}
		if a := ask("১২,৫০০.৭৫৫", nil); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "১২,৫০০.৭৫৫") {
			t.Errorf("a third of a poisha: %d", a.status)
		}
		f.leads(t, ask("১২,৫০০.৭৫", nil), list)
		wantIn(t, f.page(t, "amina", list), "৳ 12,500.75", "Waits for approval (0 of 1)")
		f.clock.Move(time.Second)
		again := ask("500", nil)
		if again.status != http.StatusUnprocessableEntity {
			t.Fatalf("asked for again without a look: %d", again.status)
		}
		wantIn(t, again.body, "The same was given or promised before", "To her: ৳ 12,500.75, asked for", "Shetu centre")
		f.leads(t, ask("500", url.Values{"seen": {"yes"}, "currency": {"sar"}, "foreign": {"15.50"}}), list)
		approve := func() {
			var waiting []cases.Approval
			if err := f.d.Read(t.Context(), func(q db.Reader) (err error) {
				waiting, err = cases.ToDecide(t.Context(), q, f.users["chandra"], 10)
				return err
			}); err != nil || len(waiting) == 0 {
				t.Fatalf("nothing waits: %v", err)
			}
			dbtest.Write(t, f.d, func(tx *db.Tx) error {
				s, before, err := services.Behind(t.Context(), tx, f.users["chandra"], waiting[0])
				if err == nil && (s.Amount != 1_250_075 || len(before) != 1 || before[0].Amount != 50_000) {
					t.Errorf("behind the approval is %+v, before it %+v", s, before)
				}
				if err == nil {
					_, err = cases.Say(t.Context(), tx, f.users["chandra"], cases.Deciding{Approval: waiting[0].ID, Yes: true})
				}
				return err
			})
		}
		approve()
		page := f.page(t, "amina", list)
		wantIn(t, page, "Approved, to be handed over", "SAR 15.50")
		pay := regexp.MustCompile(`href="([^"]+/pay)"`).FindStringSubmatch(page)[1]
		if a := f.send(t, "amina", pay, pay, url.Values{"receipt": {""}}); a.status != http.StatusUnprocessableEntity && a.status != http.StatusConflict {
			t.Errorf("handed over without a receipt: %d", a.status)
		}
		paid := f.send(t, "amina", pay, pay, url.Values{"witness": {"Chandra"}})
		if paid.status == http.StatusConflict {
			wantIn(t, paid.body, "the same")
		} else {
			f.leads(t, paid, list)
			wantIn(t, f.page(t, "amina", list), "Handed over", "with Chandra")
		}
		undo := regexp.MustCompile(`href="([^"]+/undo)"`).FindStringSubmatch(f.page(t, "amina", list))[1]
		f.leads(t, f.send(t, "amina", undo, undo, url.Values{"why": {"it was for another"}}), list)
		wantIn(t, f.page(t, "amina", list), "it was for another")
	})
}

// What is protected is in no list before a look, in no address and no title; notes of a session are for who held it; she is told each month.
func TestPrivateServicesOnTheirPages(t *testing.T) {
	eachFile(t, func(t *testing.T, f file) {
		list, choose, log, look := f.at("services"), f.at("services", "new"), f.at("services", "log"), f.at("services", "look")
		logged := func(code string, typed url.Values) {
			t.Helper()
			form := f.post(t, "amina", choose, url.Values{"code": {code}})
			wantNotIn(t, "the title", titleOf(form.body), "Trafficking", "trafficking", "counselling")
			f.leads(t, f.post(t, "amina", log, joined(formOf(t, form.body, log), typed)), list)
			f.clock.Move(time.Second)
		}
		logged("counselling_individual", url.Values{"notes": {"Zqshe wept"}, "remark": {"Zqfirst session"}})
		logged("trafficking_case", url.Values{"details.place": {"tribunal"}, "details.number": {"Zq12/2030"}, "details.next_day": {"20/3/2030"}})
		if a := f.post(t, "amina", log, url.Values{"code": {"occupational_injury"}, "details.cause": {"Zqa fall"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Zqa fall") {
			t.Errorf("an injury without a part of the body: %d", a.status)
		}
		logged("occupational_injury", url.Values{"details.body_site": {"hand"}, "details.cause": {"Zqa press"}, "details.severity": {"serious"}, "details.incapacity": {"৩০"}})
		for _, login := range []string{"amina", "chandra", "dipu"} {
			wantNotIn(t, "the list", f.get(t, login, list).body, "Zq", "trafficking case", "Individual psychosocial")
		}
		wantNotIn(t, "the choice of who has her not on the caseload", f.page(t, "chandra", choose), "trafficking", "counselling")
		for path, form := range map[string]url.Values{look: nil, choose: {"code": {"trafficking_case"}}, log: {"code": {"trafficking_case"}}} {
			if a := f.post(t, "chandra", path, form); a.status < 400 || strings.Contains(a.body, "Help in a trafficking case") {
				t.Errorf("Chandra at %s: %d", path, a.status)
			}
		}
		open := f.post(t, "amina", look, nil)
		wantIn(t, open.body, "Help in a trafficking case", "Zq12/2030", "20 March 2030", "Zqa press", "30", "Serious", "Zqfirst session", "Tell her how it stands by")
		wantNotIn(t, "the look", open.body, "Zqshe wept")
		notes := regexp.MustCompile(`action="([^"]+/notes)"`).FindStringSubmatch(open.body)[1]
		wantIn(t, f.post(t, "amina", notes, nil).body, "Zqshe wept")
		if a := f.post(t, "chandra", notes, nil); a.status < 400 || strings.Contains(a.body, "Zq") {
			t.Errorf("Chandra reads the notes: %d", a.status)
		}
		tell := regexp.MustCompile(`href="([^"]+/tell)"`).FindStringSubmatch(open.body)[1]
		if a := f.get(t, "chandra", tell); a.status != http.StatusNotFound {
			t.Errorf("Chandra tells: %d", a.status)
		}
		wantIn(t, f.page(t, "amina", tell), "only call")
		f.leads(t, f.send(t, "amina", tell, tell, url.Values{"what": {"Zqthe hearing is put off"}}), list)
		wantIn(t, f.post(t, "amina", look, nil).body, "Zqthe hearing is put off")
		if strings.Contains(f.log.String(), "Zq") || strings.Contains(f.log.String(), "trafficking") {
			t.Error("the log says what is protected")
		}
	})
}

// Paper goes home only when it is safe there, in the language that was chosen, and what is private stays at the office.
func TestPapers(t *testing.T) {
	eachFile(t, func(t *testing.T, f file) {
		f.agreed(t)
		at := f.at("print")
		print := func(login, what, lang, where string, more url.Values) answer {
			return f.post(t, login, at, joined(url.Values{"what": {what}, "lang": {lang}, "where": {where}}, more))
		}
		wantIn(t, f.page(t, "amina", at), "Not asked yet", "Where does the paper go?")
		for what, want := range map[string][]string{"plan": {"পুনঃএকত্রীকরণ পরিকল্পনা", "সেলাইয়ের দোকান"}, "plan_sign": {"টিপসই", "আমি বুঝেছি এবং সম্মত আছি"}, "summary": {"সারসংক্ষেপ", "রহিমা খাতুন"}, "consent": {"তাঁর সম্মতি", "সম্মত"}} {
			a := print("amina", what, "bn", "office", nil)
			if a.status != http.StatusOK {
				t.Fatalf("%s: %d", what, a.status)
			}
			wantIn(t, a.body, append(want, `lang="bn"`)...)
			wantNotIn(t, what, a.body, "Zq", "01712345678")
			wantNotIn(t, "the title", titleOf(a.body), "রহিমা", "Rahima")
			wantIn(t, print("amina", what, "en", "office", nil).body, "Rahima Khatun", `lang="en"`)
		}
		wantIn(t, print("amina", "plan", "en", "office", url.Values{"private": {"yes"}}).body, "Zqsleep")
		for where, test := range map[string]struct {
			more url.Values
			want string
		}{"home": {nil, "Nobody has asked whether papers are safe"}, "moon": {nil, "Choose"}, "": {nil, "Choose"}} {
			if a := print("amina", "plan", "bn", where, test.more); a.status != http.StatusUnprocessableEntity || where == "home" && !strings.Contains(html.UnescapeString(a.body), test.want) {
				t.Errorf("to %q: %d", where, a.status)
			}
		}
		say := func(value string) {
			p := f.find(t, "amina", f.person)
			dbtest.Write(t, f.d, func(tx *db.Tx) error {
				return persons.Change(t.Context(), tx, f.users["amina"], persons.Amendment{Person: f.person, Version: p.Version, Source: persons.OwnWord, Values: map[persons.Field]string{persons.PapersHome: value}})
			})
			f.clock.Move(time.Second)
		}
		say("no")
		if a := print("amina", "plan", "bn", "home", nil); a.status != http.StatusForbidden || strings.Contains(a.body, "class=\"paper\"") {
			t.Errorf("home where it is not safe: %d", a.status)
		}
		if a := f.post(t, "amina", "/persons/"+string(f.person)+"/print", url.Values{"what": {"card"}}); a.status != http.StatusForbidden {
			t.Errorf("the card, where paper is not safe: %d", a.status)
		}
		say("yes")
		wantIn(t, print("amina", "plan", "bn", "home", nil).body, `class="paper"`)
		if a := print("amina", "plan", "bn", "home", url.Values{"private": {"yes"}}); a.status != http.StatusUnprocessableEntity || strings.Contains(a.body, "Zq") {
			t.Errorf("private goals go home: %d", a.status)
		}
		if a := print("basil", "plan", "bn", "office", nil); a.status != http.StatusNotFound {
			t.Errorf("Basil prints: %d", a.status)
		}
		if a := print("chandra", "plan", "en", "office", url.Values{"private": {"yes"}}); strings.Contains(a.body, "Zq") {
			t.Error("Chandra prints what is private")
		}
	})
}

// Who does not see the case finds none of its pages, whatever she asks for; who only reads it may not write.
func TestPlansAndServicesTurnAway(t *testing.T) {
	eachFile(t, func(t *testing.T, f file) {
		f.agreed(t)
		var service services.ID
		dbtest.Write(t, f.d, func(tx *db.Tx) (err error) {
			service, err = services.Log(t.Context(), tx, f.users["amina"], services.Giving{Case: f.id, Code: "food"})
			return err
		})
		before := rows(t, f.d)
		for _, login := range []string{"basil", "dipu", "farid", "esha"} {
			for _, path := range []string{"plan", "plan/draw", "plan/agree", "plan/review", "services", "services/new", "services/" + string(service) + "/undo", "services/" + string(service) + "/pay", "print"} {
				if a := f.get(t, login, f.at(path)); a.status != http.StatusNotFound {
					t.Errorf("GET %s as %s: %d", path, login, a.status)
				}
			}
			for _, path := range []string{"plan/look", "plan/draw", "plan/amend", "plan/propose", "plan/agree", "plan/start", "plan/review", "services", "services/look", "services/new", "services/log",
				"services/" + string(service) + "/undo", "services/" + string(service) + "/notes", "print"} {
				form := joined(goal(0, "mine", "economic", "individual"), url.Values{"code": {"food"}, "why": {"because"}, "what": {"plan"}, "lang": {"bn"}, "where": {"office"}, "go": {"save"}, "how": {"spoken"}, "witness": {"x"}, "found": {"x"}})
				if a := f.post(t, login, f.at(path), form); a.status != http.StatusNotFound {
					t.Errorf("POST %s as %s: %d", path, login, a.status)
				}
			}
		}
		for table, n := range rows(t, f.d) {
			if before[table] != n && regexp.MustCompile(`^(plan|service|case|file)`).MatchString(table) {
				t.Errorf("%s has %d rows, had %d", table, n, before[table])
			}
		}
		for _, path := range []string{"/services", "/services/new", "/services/food", "/services/food/change"} {
			if a := f.get(t, "amina", path); a.status != http.StatusNotFound {
				t.Errorf("GET %s as amina: %d", path, a.status)
			}
		}
	})
}

// Whatever is typed comes back as text, and the answer is never our mistake.
func TestHostileTextInPlansAndServices(t *testing.T) {
	eachFile(t, func(t *testing.T, f file) {
		f.agreed(t)
		var service services.ID
		dbtest.Write(t, f.d, func(tx *db.Tx) (err error) {
			service, err = services.Log(t.Context(), tx, f.users["amina"], services.Giving{Case: f.id, Code: "food", Remark: `"><script>alert(1)</script>`})
			return err
		})
		paths := []string{"plan/draw", "plan/amend", "plan/look", "plan/agree", "plan/review", "plan/propose", "plan/start", "plan/steps/" + string(service), "plan/goals/" + string(service), "plan/steps/" + string(service) + "/done",
			"services", "services/new", "services/log", "services/look", "services/" + string(service) + "/pay", "services/" + string(service) + "/tell", "services/" + string(service) + "/notes", "print"}
		names := []string{"go", "version", "how", "witness", "operation", "outcome", "why", "review", "found", "until", "next", "number", "code", "on", "quantity", "client", "remark", "notes", "amount", "currency", "foreign",
			"conditions", "papers", "same", "seen", "replaces", "receipt", "what", "over", "lang", "where", "private", "service", "details.place", "details.matter", "goals.0.words", "goals.0.dimension", "goals.0.level", "goals.0.client",
			"goals.0.protected", "goals.0.id", "goals.0.steps.0.what", "goals.0.steps.0.who", "goals.0.steps.0.user", "goals.0.steps.0.by", "goals.0.steps.0.service", "goals.0.steps.0.id"}
		for _, path := range paths {
			for _, text := range hostile() {
				form := url.Values{}
				for _, name := range names {
					form.Set(name, text)
				}
				for _, code := range []string{text, "food", "business_grant", "trafficking_case"} {
					form.Set("code", code)
					if a := f.post(t, "amina", f.at(path), form); strings.Contains(a.body, "<script>alert") {
						t.Errorf("POST %s with %.20q: %d", path, text, a.status)
					}
					f.log.Reset()
				}
			}
		}
		for _, todo := range []string{"add_step:99", "remove_step:0.99", "remove_goal:-1", "add_step:x", "remove_step:0", "add_goal:", "add_step:99999999999999999999"} {
			if a := f.post(t, "amina", f.at("plan", "draw"), joined(goal(0, "kept", "economic", "individual"), url.Values{"go": {todo}})); a.status != http.StatusOK || !strings.Contains(a.body, "kept") {
				t.Errorf("%s: %d", todo, a.status)
			}
		}
		if page := f.page(t, "amina", f.at("services")); strings.Contains(page, "<script>alert") || !strings.Contains(page, "&lt;script&gt;alert") {
			t.Error("the list does not show what was typed as text")
		}
	})
}

// An administrator says what can be given, from a day on; what held before stays.
func TestTheCatalogueOnItsPages(t *testing.T) {
	eachFile(t, func(t *testing.T, f file) {
		wantIn(t, f.page(t, "farid", "/services"), "Start-up grant", "Private", "Money or goods")
		wantIn(t, f.page(t, "farid", "/services/business_grant"), "As it ships", "She has a business plan")
		typed := url.Values{"code": {"goat"}, "name_bn": {"ছাগল"}, "name_en": {"A goat"}, "category": {"in_kind"}, "unit": {"item"}, "unit_cost": {"৬,৫০০"}, "conditions.0.key": {"yard"}, "conditions.0.bn": {"উঠান আছে"}, "conditions.0.en": {"She has a yard"},
			"fields.0.key": {"colour"}, "fields.0.bn": {"রং"}, "fields.0.en": {"Colour"}, "fields.0.kind": {"choice"}, "fields.0.options": {"black | কালো | Black\nwhite | সাদা | White"}, "go": {"add_papers"}}
		more := f.send(t, "farid", "/services/new", "/services", typed)
		if more.status != http.StatusOK {
			t.Fatalf("with a row more: %d", more.status)
		}
		wantIn(t, more.body, `name="papers.1.key"`, "উঠান আছে")
		typed.Set("go", "save")
		f.leads(t, f.send(t, "farid", "/services/new", "/services", typed), "/services/goat")
		if a := f.send(t, "farid", "/services/new", "/services", typed); a.status != http.StatusConflict {
			t.Errorf("the same mark again: %d", a.status)
		}
		wantIn(t, f.page(t, "farid", "/services/goat"), "A goat", "6500", "She has a yard", "Colour", "Farid")
		form := f.post(t, "amina", f.at("services", "new"), url.Values{"code": {"goat"}})
		wantIn(t, form.body, "She has a yard", "Black")
		change := url.Values{"name_en": {"A she-goat"}, "from": {"1/1/2020"}}
		if a := f.send(t, "farid", "/services/goat/change", "/services/goat", change); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "A she-goat") {
			t.Errorf("from a day that is over: %d", a.status)
		}
		change.Set("from", "1/1/2040")
		f.leads(t, f.send(t, "farid", "/services/goat/change", "/services/goat", change), "/services/goat")
		wantIn(t, f.page(t, "farid", "/services/goat"), "From 1 January 2040", "A she-goat")
		wantIn(t, f.post(t, "amina", f.at("services", "new"), url.Values{"code": {"goat"}}).body, "A goat")
	})
}

func mustDay(text string) dates.Partial {
	day, err := dates.Parse(text)
	if err != nil {
		panic(err)
	}
	return day
}
