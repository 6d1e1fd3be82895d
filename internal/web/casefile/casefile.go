// SPDX-License-Identifier: Apache-2.0

// Package casefile is the pages of one case: the file itself, and a page for each
// act that can be done with it. Plan, services, stays and timeline of a case are
// rooms of their own below the same address; the pages over many cases are in casework.
package casefile

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/web/casehead"
	"fera/internal/web/guide"
	"fera/internal/web/kit"
	"fera/internal/web/site"
	"fera/internal/words"
)

// Routes are the pages of one case, and of opening one.
func Routes(_ *site.Site) []site.Route {
	const read = access.ReadCases
	return []site.Route{
		{Path: "GET /persons/{id}/cases/new", Perm: access.OpenCase, Page: openPage},
		{Path: "POST /persons/{id}/cases", Perm: access.OpenCase, Act: open, Page: openPage},
		{Path: "GET /cases/{id}", Perm: read, Page: file},
		{Path: "POST /cases/{id}/look", Perm: read, Act: look},
		{Path: "GET /cases/{id}/history", Perm: read, Page: history},
		{Path: "POST /cases/{id}/take", Perm: access.WorkCase, Act: take},
		{Path: "GET /cases/{id}/assign", Perm: access.AssignCase, Page: assignPage},
		{Path: "POST /cases/{id}/assign", Perm: access.AssignCase, Act: assign, Page: assignPage},
		{Path: "GET /cases/{id}/members/new", Perm: access.WorkCase, Page: memberPage},
		{Path: "POST /cases/{id}/members", Perm: access.WorkCase, Act: include, Page: memberPage},
		{Path: "GET /cases/{id}/tasks/new", Perm: access.NoteCase, Page: taskPage},
		{Path: "POST /cases/{id}/tasks", Perm: access.NoteCase, Act: addTask, Page: taskPage},
		{Path: "POST /cases/{id}/tasks/{task}/done", Perm: access.NoteCase, Act: tick},
		{Path: "POST /cases/{id}/tasks/{task}/again", Perm: access.NoteCase, Act: untick},
		{Path: "GET /cases/{id}/notes/new", Perm: access.NoteCase, Page: notePage},
		{Path: "POST /cases/{id}/notes", Perm: access.NoteCase, Act: addNote, Page: notePage},
		{Path: "GET /cases/{id}/risk", Perm: access.WorkCase, Page: riskPage},
		{Path: "POST /cases/{id}/risk", Perm: access.WorkCase, Act: rate, Page: riskPage},
		{Path: "GET /cases/{id}/pause", Perm: access.WorkCase, Page: pausePage},
		{Path: "POST /cases/{id}/pause", Perm: access.WorkCase, Act: pause, Page: pausePage},
		{Path: "POST /cases/{id}/resume", Perm: access.WorkCase, Act: resume},
		{Path: "GET /cases/{id}/close", Perm: access.CloseCase, Page: closePage},
		{Path: "POST /cases/{id}/close", Perm: access.CloseCase, Act: shut, Page: closePage},
		{Path: "POST /cases/{id}/aftercare", Perm: access.CloseCase, Act: beginAfterCare},
		{Path: "POST /cases/{id}/aftercare/end", Perm: access.CloseCase, Act: endAfterCare},
		{Path: "GET /cases/{id}/reopen", Perm: access.ReopenCase, Page: reopenPage},
		{Path: "POST /cases/{id}/reopen", Perm: access.ReopenCase, Act: reopen, Page: reopenPage},
		{Path: "GET /cases/{id}/decisions/{approval}", Perm: read, Page: decisionPage},
		{Path: "POST /cases/{id}/decisions/{approval}", Perm: access.ApproveCase, Act: decide, Page: decisionPage},
	}
}

// caseID is the case of the address.
func caseID(r *site.Request) (cases.ID, error) {
	id, err := r.ID("id")
	return cases.ID(id), err
}

// version is that of the case which the visitor saw: in the form, or in the
// address of a button.
func version(r *site.Request) int {
	n, err := strconv.Atoi(r.FormValue("version"))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// head is the head of a page about the case of the address, and what may be done with it now.
func head(r *site.Request, q db.Reader) (casehead.Head, []cases.Act, error) {
	id, err := caseID(r)
	if err != nil {
		return casehead.Head{}, nil, err
	}
	h, err := casehead.New(r, q, id, "file")
	if err != nil {
		return h, nil, err
	}
	can, err := cases.PossibleNow(r.Context(), q, r.Who, h.Case)
	return h, can, err
}

// button is an act as the page offers it. What another room does is offered where
// it is done; asking for money has no page of its own, for a service asks for it.
func button(s *words.Speaker, c cases.Case, a cases.Act) (kit.Action, bool) {
	get := map[cases.Act]string{cases.Assign: "assign", cases.AddMember: "members/new", cases.AddTask: "tasks/new", cases.WriteNote: "notes/new",
		cases.WriteProtected: "notes/new?protected=yes", cases.Assess: "risk", cases.DrawPlan: "plan/draw", cases.AgreePlan: "plan/agree", cases.Review: "plan/review",
		cases.Give: "services/new", cases.GiveProtected: "services/new?protected=1", cases.Refer: "referrals/new", cases.Pause: "pause", cases.Close: "close", cases.Reopen: "reopen"}
	post := map[cases.Act]string{cases.Take: "take", cases.Start: "plan/start", cases.Resume: "resume", cases.BeginAfterCare: "aftercare", cases.EndAfterCare: "aftercare/end"}
	label := s.T("casework.act." + string(a))
	if to, ok := get[a]; ok {
		return kit.Action{Href: casehead.Path(c.ID, to), Label: label}, true
	}
	to, ok := post[a]
	return kit.Action{Href: casehead.Path(c.ID, to) + "?version=" + strconv.Itoa(c.Version), Label: label, Post: true}, ok
}

// mainAct is the act that the case waits for most.
func mainAct(c cases.Case, can []cases.Act) (main cases.Act) {
	wanted := map[string][]cases.Act{"assign": {cases.Assign, cases.Take}, "assess": {cases.Assess}, "plan": {cases.DrawPlan}, "start": {cases.Start},
		"review": {cases.Review}, "aftercare": {cases.EndAfterCare}}[c.DueFor]
	for _, a := range append(wanted, cases.WriteNote, cases.Reopen) {
		if slices.Contains(can, a) {
			return a
		}
	}
	return ""
}

// offer puts the acts on the head of the page.
func offer(h *casehead.Head, can []cases.Act) {
	main := mainAct(h.Case, can)
	for _, a := range can {
		b, ok := button(h.S, h.Case, a)
		switch {
		case !ok:
		case a == main:
			b.Kind = kit.Primary
			h.Main = &b
		default:
			h.More = append(h.More, b)
		}
	}
}

// sheet is the page of one act.
type sheet struct {
	kit.Frame
	Head     casehead.Head
	Problems kit.Problems
	Lead     string
	Guide    guide.View // how it is done well
	Told     string     // what somebody did meanwhile
	Action   string
	Parts    []templ.Component
	Button   string
	Kind     kit.Kind
	Back     string
}

// topics are the texts that stand beside an act.
func topics() map[cases.Act]string {
	return map[cases.Act]string{cases.Assess: "case.risk", cases.Close: "case.close"}
}

// begin begins the page of an act. Who may not do it finds no such page; when it
// was sent already and the case has changed since, the page comes back with what
// was typed and says what happened.
func begin(r *site.Request, q db.Reader, act cases.Act) (sheet, error) {
	h, can, err := head(r, q)
	if err != nil {
		return sheet{}, err
	}
	if !slices.Contains(can, act) && r.Method != "POST" {
		return sheet{}, fault.New(fault.NotFound, "case.not_now")
	}
	v := sheet{Frame: r.Frame(r.S.T("casework.act." + string(act))), Head: h, Problems: r.Problems, Kind: kit.Primary, Back: casehead.Path(h.Case.ID)}
	v.Button = v.Title
	if topic := topics()[act]; topic != "" {
		if v.Guide, err = guide.For(r, q, topic); err != nil {
			return v, err
		}
	}
	if seen := version(r); r.Method == "POST" && seen != 0 && seen != h.Case.Version {
		last, err := cases.History(r.Context(), q, r.Who, h.Case.ID, cases.Part{Limit: 1})
		if err != nil {
			return v, err
		}
		for _, e := range last {
			v.Told = r.S.T("casework.meanwhile", "name", e.By, "did", r.S.T("casework.did."+string(e.Act)), "when", dates.Near(r.S, e.At, r.Now))
		}
	}
	return v, nil
}

// area is a box for a reason or a text.
func area(r *site.Request, name, label, hint string) kit.Input {
	in := r.Input(name, r.S.T(label), "")
	in.MaxLength = 10_000
	if hint != "" {
		in.Hint = r.S.T(hint)
	}
	return in
}

// back is the page of a case, after an act.
func back(r *site.Request, id cases.ID, said string) string {
	r.Say(said)
	return casehead.Path(id)
}

// money says an amount that is kept in poisha.
func money(s *words.Speaker, poisha int64) string {
	taka := s.T("person.taka", "count", int(poisha/100))
	if rest := poisha % 100; rest != 0 {
		return taka + " " + s.T("casework.poisha", "count", int(rest))
	}
	return taka
}

// paragraphs are the lines of a text that somebody typed.
func paragraphs(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return strings.TrimSpace(line) == "" })
}

// below is an address below that of a case, with a part that came from outside.
func below(id cases.ID, room, part string, more ...string) string {
	return casehead.Path(id, append([]string{room, url.PathEscape(part)}, more...)...)
}
