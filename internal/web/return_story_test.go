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

	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/persons"
	"fera/internal/words"
)

// A woman comes back in distress. Amina takes her case from the airport to its end and begins it again, in a browser: in Bangla on a
// phone over the one engine, in English on a desk over the other. Before each of her forms is sent, Basil of another organisation opens
// the same address and posts the same form, and finds nothing; where it is protected, neither does Jamil, who sits beside her.
// What is written begins with Zp, or with Zq where it is of class 3, so that it is known again wherever it shows.
func TestAWomanReturnsInABrowser(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		h := openTale(t, d, clock)
		h.returns()
		h.isScreened()
		h.isTakenCareOf()
		h.findsABed()
		h.isHelped()
		h.plans()
		h.getsAGrant()
		h.isCalledFor()
		h.leavesTheShelter()
		h.isReviewed()
		h.endsAndBeginsAgain()
		h.isFoundByNobodyElse()
		if _, err := audit.Seal(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if err := d.Read(t.Context(), func(q db.Reader) error {
			trail, err := audit.Verify(t.Context(), q)
			if err == nil && (!trail.Holds() || trail.Entries < 30) {
				t.Errorf("the trail does not hold, or is short: %+v", trail)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// returns is how she is registered, with her husband's telephone and her mother, and how her case is opened.
func (h *tale) returns() {
	h.t.Helper()
	to := h.do(deed{path: "/persons/new", action: "/persons", button: "person.new_save", free: true, fields: []string{"name_bn=" + herName, "name_latin=" + herLatin, "sex=female",
		"birth=১২/৪/১৯৯১", "contacts.0.number=01712345678", "contacts.0.safety=careful", "contacts.0.ways=call", "consent_register=yes", "consent_contact=yes", "consent_protected=yes"}})
	id := regexp.MustCompile(`^/persons/([0-9a-f-]{36})`).FindStringSubmatch(to)
	if id == nil {
		h.t.Fatalf("registering leads to %s", to)
	}
	h.woman, h.record = persons.ID(id[1]), "/persons/"+id[1]
	h.as("amina").See(map[words.Lang]string{words.Bangla: herName, words.English: herLatin}[h.lang])
	h.do(deed{path: h.record + "/contacts/new", action: h.record + "/contacts", button: "common.save", fields: []string{"kind=phone", "number=01812345678", "owner=husband", "safety=unsafe"}})
	h.do(deed{path: h.record + "/family/new", action: h.record + "/family", button: "common.save", fields: []string{"relation=mother", "name=Zpmother", "lives_with=yes"}})
	h.at = h.do(deed{path: h.record + "/cases/new", action: h.record + "/cases", button: "casework.open_do", fields: []string{"origin=airport", "why=Zpshe wept at the desk"}})
	if !strings.HasPrefix(h.at, "/cases/") {
		h.t.Fatalf("opening a case leads to %s", h.at)
	}
	h.as("amina").See(h.s.T("casework.act.take"))
}

// isScreened is how she is asked the first questions, and what they say of how soon somebody is needed.
func (h *tale) isScreened() {
	h.t.Helper()
	base := h.record + "/questionnaires"
	for _, login := range []string{"basil", "jamil"} {
		h.barred(login, "", base, url.Values{"instrument": {"intake_screening"}, "asked_in": {"bn"}})
	}
	p := h.opened(base, `main form:has([name=instrument][value=intake_screening]) button`, "")
	at := strings.TrimSuffix(strings.TrimPrefix(p.URL(), h.site), "/fill")
	p.Go(h.site + at + "/fill?as=whole")
	p.Click(`[name="q.in_ill"][value=yes]`)
	p.Click(`[name="q.in_lender"][value=yes]`)
	p.Click(h.s.T("assessment.to_finish"))
	p.Click(h.s.T("assessment.finish"))
	p.See(h.s.T("assessment.sorted.now"))
	for _, login := range []string{"basil", "jamil"} {
		h.barred(login, "", at+"/look", url.Values{})
	}
}

// isTakenCareOf is how the case is taken and the danger rated.
func (h *tale) isTakenCareOf() {
	h.t.Helper()
	h.do(deed{path: h.at, action: h.at + "/take", button: "casework.act.take", see: "said.case_taken"})
	h.do(deed{path: h.at + "/risk", action: h.at + "/risk", button: "casework.act.assess", fields: []string{"risk=critical", "why=Zqhe said that he would kill her"}})
	h.as("amina").See(h.s.T("case.risk.critical"))
	h.do(deed{path: h.at + "/members/new", action: h.at + "/members", button: "casework.act.member", fields: []string{"relation=" + h.find(h.t, "amina", h.woman).Relations[0].ID}})
	h.as("amina").See("Zpmother")
}

// findsABed is how Jorina opens a shelter, Amina asks for a bed, and Jorina gives it and lets her in.
func (h *tale) findsABed() {
	h.t.Helper()
	settings := h.do(deed{login: "jorina", path: "/shelters/new", action: "/shelters", button: "shelter.new", free: true,
		fields: []string{"name=Zqshefali", "division=30", "days=30", "extension=30", "address=House 7, Zqlane", "telephone=01799887766"}})
	h.board = strings.TrimSuffix(settings, "/settings")
	keeper := h.as("jorina")
	keeper.Click(h.s.T("shelter.room_add"))
	h.do(deed{login: "jorina", action: h.board + "/rooms", button: "shelter.room_add", see: "said.shelter_saved", fields: []string{"label=A", "serves=women", "beds=2"}})
	ask := h.at + "/stays/ask"
	h.do(deed{path: ask, action: ask, button: "shelter.ask_send", hidden: true, fields: []string{"division=30", "called_as=Zqcalled", "needs=Zqneeds", "how=leave"}})
	h.guest("place")
	var bed string
	keeper.Eval(`document.querySelector('main select[name=bed] option[value]:not([value=""])').value`, &bed)
	h.do(deed{login: "jorina", action: h.board + "/guest", button: "shelter.act.place", see: "shelter.guests", fields: []string{"bed=" + bed}})
	h.guest("arrive")
	h.do(deed{login: "jorina", action: h.board + "/guest", button: "shelter.act.arrive", see: "shelter.guests"})
	h.barred("basil", h.board, h.board+"/names", nil)
	h.barred("jamil", h.board, h.board+"/guest", url.Values{})
	p := h.opened(h.at+"/stays", `main form[action="`+h.at+`/stays"] button`, h.s.T("shelter.state.there"))
	p.See("Zqshefali")
	h.barred("jamil", h.at+"/stays", h.at+"/stays", url.Values{})
	h.barred("basil", h.at+"/stays", h.at+"/stays", url.Values{})
}

// guest opens the one guest of the shelter and the form of an act.
func (h *tale) guest(act string) {
	h.t.Helper()
	p := h.opened(h.board, `main form[action="`+h.board+`/guest"] button`, "Zqneeds", "jorina")
	p.Click(`main form:has([name=act][value=` + act + `]) button`)
	p.See(h.s.T("shelter.act_text." + act))
}

// isHelped is what she is given that nobody else may know of.
func (h *tale) isHelped() {
	h.t.Helper()
	list, choose, log := h.at+"/services", h.at+"/services/new", h.at+"/services/log"
	for code, fields := range map[string][]string{"counselling_individual": {"notes=Zqshe has not slept", "remark=Zqfirst session"},
		"legal_advice": {"details.matter=violence", "details.place=police", "details.number=Zq12/2030"}} {
		h.opened(choose, `main button[value="`+code+`"]`, h.s.T("service.log"))
		h.do(deed{action: log, button: "service.log", see: "said.service_logged", hidden: true, fields: fields})
		h.as("amina").SeeNo("Zq")
	}
	p := h.opened(list, `main form[action="`+list+`/look"] button`, "Zqfirst session")
	p.See("Zq12/2030")
	p.SeeNo("Zqshe has not slept") // only the notes themselves show that, to who wrote them
	for _, login := range []string{"basil", "jamil"} {
		h.barred(login, "", list+"/look", url.Values{})
	}
}

// plans is how she says what she wants, one goal for her mother, agrees aloud, and begins.
func (h *tale) plans() {
	h.t.Helper()
	plan, draw := h.at+"/plan", h.at+"/plan/draw"
	step := func(n int, words, dimension, level string) []string {
		at := fmt.Sprintf("goals.%d.", n)
		return []string{at + "words=" + words, at + "dimension=" + dimension, at + "level=" + level, at + "steps.0.what=" + words + ", a step", at + "steps.0.who=returnee", at + "steps.0.by=১/৬/২০৩০"}
	}
	p := h.as("amina")
	h.do(deed{path: draw, action: draw, button: "plan.add_goal", press: `[value="add_goal"]`, says: h.s.T("plan.goal_number", "number", 2), fields: step(0, "Zpa shop of my own", "economic", "individual")})
	if kept := p.Value(`[name="goals.0.words"]`); kept != "Zpa shop of my own" {
		h.t.Errorf("after a second goal was added, the first says %q", kept)
	}
	var mother string
	p.Eval(`document.querySelector('[name="goals.1.client"] option:not([value=""])').value`, &mother)
	h.do(deed{action: draw, button: "plan.save", fields: append(step(1, "Zpmedicine for her mother", "social", "family"), "goals.1.client="+mother)})
	p.See("Zpmedicine for her mother")
	p.See(h.s.T("person.kinship.mother"))
	h.do(deed{path: plan + "/agree", action: plan + "/agree", button: "plan.agree_yes", fields: []string{"how=spoken", "witness=Zpmother"}})
	h.do(deed{path: plan, action: plan + "/start", button: "plan.start", see: "said.plan_started"})
	p.See("Zpa shop of my own")
}

// getsAGrant is how money is asked for that two others have to allow, and handed over.
func (h *tale) getsAGrant() {
	h.t.Helper()
	list := h.at + "/services"
	p := h.opened(h.at+"/services/new", `main button[value="business_grant"]`, h.s.T("service.ask"))
	h.do(deed{action: list + "/log", button: "service.ask", fields: []string{"amount=২৫০০০", "conditions=returned", "conditions=business_plan", "papers=nid", "remark=Zpfor the first stock"}})
	p.See(h.s.T("service.state.waiting", "yes", 0, "needed", 2))
	h.decided("chandra")
	p.Go(h.site + list)
	p.See(h.s.T("service.state.waiting", "yes", 1, "needed", 2))
	h.decided("chitra")
	p.Go(h.site + list)
	p.See(h.s.T("service.state.allowed"))
	p.Click(h.s.T("service.pay"))
	pay := strings.TrimPrefix(p.URL(), h.site)
	h.do(deed{path: pay, action: pay, button: "service.pay_yes", fields: []string{"witness=Zpchandra"}})
	p.See(h.s.T("service.state.paid"))
}

// decided is how a supervisor says yes to what waits for her. Who asked is offered no button.
func (h *tale) decided(login string) {
	h.t.Helper()
	path := linksTo(h.t, h.page(h.t, login, "/decisions"), h.at+"/decisions/")
	amina := h.as("amina")
	amina.Go(h.site + path)
	amina.SeeNo(h.s.T("casework.decide_yes"))
	if a := h.post(h.t, "amina", path, url.Values{"yes": {"yes"}}); a.status != http.StatusNotFound {
		h.t.Errorf("Amina decides on what she asked for: %d", a.status)
	}
	h.do(deed{login: login, path: path, action: path, button: "casework.decide_yes"})
}

// isCalledFor is how her husband asks for her, and what must not be sent to him.
func (h *tale) isCalledFor() {
	h.t.Helper()
	in, out := h.record+"/calls/in", h.record+"/calls/new"
	h.do(deed{path: in, action: in, button: "call.save", see: "call.answered_family", fields: []string{"other=husband", "about=Zphe asks where she is"}})
	p := h.as("amina")
	h.silent("the answer to her husband", p.HTML(), herName, herLatin, "Zq")
	his := ""
	for _, c := range h.find(h.t, "amina", h.woman).Contacts {
		if c.Owner == "husband" {
			his = c.ID
		}
	}
	for _, way := range []string{"call", "sms"} {
		h.do(deed{path: out, action: out, button: "call.save", see: "call.refused", fields: []string{"contact=" + his, "way=" + way, "other=husband", "outcome=talked", "about=Zqnever said"}})
		h.silent("the refusal", p.HTML(), "Zqnever said")
	}
	p.Go(h.site + h.record + "/calls")
	p.See("Zphe asks where she is")
	p.SeeNo("Zqnever said")
}

// leavesTheShelter is how she goes to her parents, with a plan.
func (h *tale) leavesTheShelter() {
	h.t.Helper()
	h.pass(10 * 24 * time.Hour)
	stays := h.at + "/stays"
	p := h.opened(stays, `main form[action="`+stays+`"] button`, h.s.T("shelter.state.there"))
	p.Click(`main form:has([name=act][value=discharge]) button`)
	p.See(h.s.T("shelter.act_text.discharge"))
	h.do(deed{action: stays + "/do", button: "shelter.act.discharge", hidden: true, fields: []string{"to=parents", "where=Zqvillage", "safe=yes", "follow_up=২০/৩/২০৩০"}})
	h.opened(stays, `main form[action="`+stays+`"] button`, h.s.T("shelter.state.left"))
}

// isReviewed is how it goes after one month and after three.
func (h *tale) isReviewed() {
	h.t.Helper()
	review := h.at + "/plan/review"
	h.pass(22 * 24 * time.Hour)
	h.do(deed{path: review, action: review, button: "plan.review_hold", fields: []string{"found=Zpthe shop is open"}})
	h.as("amina").See("Zpthe shop is open")
	h.pass(61 * 24 * time.Hour)
	p := h.as("amina")
	p.Go(h.site + review)
	p.See(h.s.T("plan.review_after", "count", 3))
	h.do(deed{path: review, action: review, button: "plan.review_hold", fields: []string{"found=Zpthe shop feeds three"}})
	p.See("Zpthe shop feeds three")
}

// endsAndBeginsAgain is how the case is closed for a reason that another has to allow, and opened again.
func (h *tale) endsAndBeginsAgain() {
	h.t.Helper()
	h.do(deed{path: h.at + "/close?code=harm", action: h.at + "/close", button: "casework.close_ask",
		fields: []string{"duties=explored_why", "duties=safety_planned", "duties=told_supervisor", "why=Zphe follows her to our office"}})
	p := h.as("amina")
	p.See(h.s.T("casework.decision.waiting"))
	h.decided("chandra")
	p.Go(h.site + h.at)
	p.See(h.s.T("case.status.closed"))
	h.do(deed{path: h.at + "/reopen", action: h.at + "/reopen", button: "casework.act.reopen", fields: []string{"why=Zpshe asks again"}})
	p.See(h.s.T("case.status.assigned"))
	p.Go(h.site + h.at + "/history")
	for _, act := range []string{"open", "take", "assess", "close", "reopen"} {
		p.See(h.s.T("casework.did." + act))
	}
}

// isFoundByNobodyElse walks the rooms of who may not see her, or not what is protected.
func (h *tale) isFoundByNobodyElse() {
	h.t.Helper()
	h.barred("basil", h.record, h.at+"/look", url.Values{})
	basil, jamil := h.as("basil"), h.as("jamil")
	for _, path := range []string{"/", "/day", "/cases", "/board", "/decisions", "/calls", "/notices", "/persons?q=Nasima"} {
		if path == "/board" || path == "/decisions" {
			h.silent(path+" of Basil", h.get(h.t, "basil", path).body, herName, herLatin, "Zp", "Zq")
			continue
		}
		basil.Go(h.site + path)
		h.silent(path+" of Basil", basil.HTML(), herName, herLatin, "Zp", "Zq")
	}
	for _, path := range []string{h.at, h.at + "/history", h.at + "/plan", h.at + "/services", h.at + "/timeline", h.record, h.record + "/history"} {
		jamil.Go(h.site + path)
		if jamil.Status() != http.StatusOK {
			h.t.Errorf("Jamil at %s: %d", path, jamil.Status())
		}
		h.silent(path+" of Jamil", jamil.HTML(), "Zq")
	}
	h.silent("the log", h.log.String(), herName, herLatin, "Zp", "Zq", "01712345678", "01812345678")
	for login, p := range h.tabs {
		if complaints := p.Complaints(); len(complaints) > 0 {
			h.t.Errorf("the browser of %s complains: %s", login, strings.Join(complaints, "\n"))
		}
	}
}
