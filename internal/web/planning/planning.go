// SPDX-License-Identifier: Apache-2.0

// Package planning is the pages of a plan: what was agreed and what was before it, drawing and amending it,
// agreeing on it, carrying it out, and looking after some time how it goes.
//
// Goals of class 3 are shown by an act that enters the look in the trail, and then under the same address.
package planning

import (
	"strconv"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/plans"
	"fera/internal/programmes"
	"fera/internal/services"
	"fera/internal/web/casehead"
	"fera/internal/web/guide"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/site"
)

// room is the pages of plans over a site, which begins the transactions of steps.
type room struct{ site *site.Site }

// Routes are the pages about the plan of a case.
func Routes(s *site.Site) []site.Route {
	o := room{s}
	return []site.Route{
		{Path: "GET /cases/{id}/plan", Perm: access.ReadCases, Page: o.plan},
		{Path: "POST /cases/{id}/plan/look", Perm: access.ReadCases, Act: o.look},
		{Path: "GET /cases/{id}/plan/draw", Perm: access.WorkCase, Page: o.drawing},
		{Path: "POST /cases/{id}/plan/draw", Perm: access.WorkCase, Act: o.draw, Page: o.drawing},
		{Path: "POST /cases/{id}/plan/amend", Perm: access.WorkCase, Act: o.amend},
		{Path: "POST /cases/{id}/plan/propose", Perm: access.WorkCase, Act: o.propose, Page: o.plan},
		{Path: "GET /cases/{id}/plan/agree", Perm: access.WorkCase, Page: o.agreeing},
		{Path: "POST /cases/{id}/plan/agree", Perm: access.WorkCase, Step: o.agree, Page: o.agreeing},
		{Path: "POST /cases/{id}/plan/start", Perm: access.WorkCase, Act: o.start, Page: o.plan},
		{Path: "GET /cases/{id}/plan/review", Perm: access.WorkCase, Page: o.reviewing},
		{Path: "POST /cases/{id}/plan/review", Perm: access.WorkCase, Act: o.review, Page: o.reviewing},
		{Path: "POST /cases/{id}/plan/steps/{step}/done", Perm: access.WorkCase, Act: o.done, Page: o.plan},
		{Path: "GET /cases/{id}/plan/steps/{step}", Perm: access.WorkCase, Page: o.dropping},
		{Path: "POST /cases/{id}/plan/steps/{step}", Perm: access.WorkCase, Act: o.drop, Page: o.dropping},
		{Path: "GET /cases/{id}/plan/goals/{goal}", Perm: access.WorkCase, Page: o.ending},
		{Path: "POST /cases/{id}/plan/goals/{goal}", Perm: access.WorkCase, Act: o.end, Page: o.ending},
	}
}

func caseID(r *site.Request) cases.ID { return cases.ID(r.PathValue("id")) }

// sheet is what every page about a plan has.
type sheet struct {
	Guide guide.View // how it is done well
	kit.Frame
	Head     casehead.Head
	Problems kit.Problems
	May      map[cases.Act]bool
	Secret   bool              // who reads may see goals of class 3
	Writes   bool              // and write them
	Clients  map[string]string // members of the case by their id, in words
	Kinds    map[string]string // services of the catalogue by their code, in words
	Today    dates.Partial
}

func (v sheet) path(parts ...string) string {
	return casehead.Path(v.Head.Case.ID, append([]string{"plan"}, parts...)...)
}

// open begins a page about the plan of a case that the reader sees.
func open(r *site.Request, q db.Reader) (v sheet, err error) {
	v = sheet{Frame: r.Frame(r.S.T("plan.title")), Problems: r.Problems, May: map[cases.Act]bool{}, Clients: map[string]string{}, Kinds: map[string]string{}, Today: dates.Of(r.Now)}
	v.QuickExit = true
	if v.Head, err = casehead.New(r, q, caseID(r), "plan"); err != nil {
		return v, err
	}
	acts, err := cases.PossibleNow(r.Context(), q, r.Who, v.Head.Case)
	if err != nil {
		return v, err
	}
	for _, a := range acts {
		v.May[a] = true
	}
	her := string(v.Head.Case.Person)
	if v.Secret, _, err = access.SeesProtected(r.Context(), q, r.Who, her); err != nil {
		return v, err
	}
	if v.Writes, err = access.Reaches(r.Context(), q, r.Who, access.ChangeProtected, her); err != nil {
		return v, err
	}
	members, err := cases.Members(r.Context(), q, r.Who, v.Head.Case.ID)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return v, err
	}
	for _, m := range members {
		v.Clients[m.ID] = people.Kin(r.S, m.Relation)
	}
	kinds, err := services.Catalogue(r.Context(), q, v.Today)
	for _, k := range kinds {
		v.Kinds[k.Code] = k.Name(string(r.S.Lang()))
	}
	return v, err
}

// planView is the plan as one of its versions has it.
type planView struct {
	sheet
	Plan     plans.Plan
	None     bool // there is no plan yet
	Opened   bool // with the goals of class 3
	Reviews  []plans.Review
	Approval cases.Approval // of the draft; without an id when nobody was asked
	Asks     bool           // the programme wants the plan to be allowed by another
}

func (o room) plan(r *site.Request, q db.Reader) (templ.Component, error) {
	number, _ := strconv.Atoi(r.URL.Query().Get("version"))
	v, err := read(r, q, max(number, 0))
	return planPage(v), err
}

// read reads a version of the plan; without a number what was agreed, or else the draft.
func read(r *site.Request, q db.Reader, number int) (v planView, err error) {
	if v.sheet, err = open(r, q); err != nil {
		return v, err
	}
	v.Plan, err = plans.Find(r.Context(), q, r.Who, v.Head.Case.ID, number)
	if err == nil && number == 0 && v.Plan.Agreed > 0 && v.Plan.Draft > 0 {
		v.Plan, err = plans.Find(r.Context(), q, r.Who, v.Head.Case.ID, v.Plan.Agreed)
	}
	if fault.KindOf(err) == fault.NotFound && err != nil && number == 0 {
		v.None = true
		return v, nil
	}
	if err != nil {
		return v, err
	}
	return v, v.more(r, q)
}

// more reads what stands beside the goals.
func (v *planView) more(r *site.Request, q db.Reader) (err error) {
	if v.Reviews, err = plans.Reviews(r.Context(), q, r.Who, v.Head.Case.ID); err != nil {
		return err
	}
	p, err := programmes.Find(r.Context(), q, v.Head.Case.Programme)
	if err != nil {
		return err
	}
	v.Asks = p.ApprovePlan
	draft := v.Plan
	if draft.Draft > 0 && draft.Number != draft.Draft {
		if draft, err = plans.Find(r.Context(), q, r.Who, v.Head.Case.ID, draft.Draft); err != nil {
			return err
		}
	}
	if draft.Draft == 0 || draft.Approval == "" {
		return nil
	}
	v.Approval, err = cases.FindApproval(r.Context(), q, r.Who, v.Head.Case.ID, draft.Approval)
	return err
}

// look shows all goals, and enters that they were looked at.
func (o room) look(r *site.Request, tx *db.Tx) (string, error) {
	number, _ := strconv.Atoi(r.PostForm.Get("number"))
	v, err := read(r, tx, max(number, 0))
	if err != nil {
		return "", err
	}
	if v.None {
		return v.path(), nil
	}
	v.Plan, err = plans.Look(r.Context(), tx, r.Who, v.Head.Case.ID, v.Plan.Number)
	v.Opened = true
	r.Answer = planPage(v)
	return "", err
}

func (o room) propose(r *site.Request, tx *db.Tx) (string, error) {
	r.Say("plan_proposed")
	_, err := plans.Propose(r.Context(), tx, r.Who, caseID(r), r.Version(0))
	return casehead.Path(caseID(r), "plan"), err
}

func (o room) start(r *site.Request, tx *db.Tx) (string, error) {
	r.Say("plan_started")
	return casehead.Path(caseID(r), "plan"), cases.Begun(r.Context(), tx, r.Who, caseID(r), 0)
}

// holds tells whether the version shown is the one that was agreed last.
func (v planView) holds() bool { return v.Plan.Agreed > 0 && v.Plan.Number == v.Plan.Agreed }

// shut and open goals apart: those of class 3 stand under a lock.
func (v planView) goals(protected bool) (some []plans.Goal) {
	for _, g := range v.Plan.Goals {
		if g.Protected == protected {
			some = append(some, g)
		}
	}
	return some
}

// number is under which number a goal is shown.
func (v planView) number(g plans.Goal) int {
	n := 1
	for _, other := range v.Plan.Goals {
		if other.ID == g.ID {
			break
		}
		n++
	}
	return n
}

// in are the goals of a cell of the grid.
func (v planView) in(d plans.Dimension, l plans.Level) (some []plans.Goal) {
	for _, g := range v.Plan.Goals {
		if g.Dimension == d && g.Level == l {
			some = append(some, g)
		}
	}
	return some
}

// grid is the table of dimensions and levels.
func (v planView) grid() (columns []kit.Column, rows []kit.Row) {
	columns = []kit.Column{{Label: v.S.T("plan.dimension")}}
	for _, l := range plans.Levels() {
		columns = append(columns, kit.Column{Label: v.S.T("plan.level." + string(l))})
	}
	for _, d := range plans.Dimensions() {
		row := kit.Row{Cells: []templ.Component{kit.Text(v.S.T("plan.dimension." + string(d)))}}
		for _, l := range plans.Levels() {
			row.Cells = append(row.Cells, planCell(v, v.in(d, l)))
		}
		rows = append(rows, row)
	}
	return columns, rows
}

// versions are the links to the plan as it was before, and to the draft.
func (v planView) versions() (all []kit.NavItem) {
	if v.Plan.Draft > 0 {
		all = append(all, kit.NavItem{Href: v.path() + "?version=" + strconv.Itoa(v.Plan.Draft), Label: v.S.T("plan.version_draft"), Current: v.Plan.Number == v.Plan.Draft})
	}
	for n := v.Plan.Agreed; n > 0; n-- {
		label := v.S.T("plan.version", "number", n)
		if n == v.Plan.Agreed {
			label = v.S.T("plan.version_holds", "number", n)
		}
		all = append(all, kit.NavItem{Href: v.path() + "?version=" + strconv.Itoa(n), Label: label, Current: v.Plan.Number == n})
	}
	return all
}

// said says of the version shown where it stands.
func (v planView) said() string {
	p := v.Plan
	switch {
	case p.AgreedAt.IsZero():
		return v.S.T("plan.drawn_by", "name", p.By, "when", dates.FormatTime(v.S, p.At))
	case p.How == "spoken":
		return v.S.T("plan.agreed_spoken", "when", dates.FormatTime(v.S, p.AgreedAt), "name", p.AgreedBy)
	}
	return v.S.T("plan.agreed_by", "when", dates.FormatTime(v.S, p.AgreedAt), "name", p.AgreedBy)
}

// doer says who does a step, and for the family who of it.
func (v sheet) doer(s plans.Step) string {
	if s.Who == "worker" && s.User != "" && s.User == v.Head.Case.Worker {
		return v.Head.Case.WorkerName
	}
	return v.S.T("plan.who." + s.Who)
}

func (v sheet) tags(g plans.Goal) []kit.Tag {
	all := []kit.Tag{{Text: v.S.T("plan.dimension." + string(g.Dimension)), Tone: kit.Accent}, {Text: v.S.T("plan.level." + string(g.Level))}}
	if g.Client != "" {
		name := v.Clients[g.Client]
		if name == "" {
			name = v.S.T("plan.client_gone")
		}
		all = append(all, kit.Tag{Text: v.S.T("plan.goal_of", "name", name)})
	}
	switch g.State.Outcome {
	case "reached":
		all = append(all, kit.Tag{Text: v.S.T("plan.outcome.reached"), Tone: kit.Good})
	case "partly", "given_up":
		all = append(all, kit.Tag{Text: v.S.T("plan.outcome." + g.State.Outcome)})
	}
	return all
}

// stepTag says how a step stands.
func (v sheet) stepTag(s plans.Step) kit.Tag {
	switch {
	case s.State.Outcome == "done":
		return kit.Tag{Text: v.S.T("plan.step.done"), Tone: kit.Good}
	case s.State.Outcome == "dropped":
		return kit.Tag{Text: v.S.T("plan.step.dropped")}
	case s.By.String() < v.Today.String():
		return kit.Tag{Text: v.S.T("plan.step.late"), Tone: kit.Attention}
	}
	return kit.Tag{Text: v.S.T("plan.step.open")}
}

// next is the review that is to be held next.
func (v planView) next() *plans.Review {
	for i := range v.Reviews {
		if v.Reviews[i].DoneAt.IsZero() {
			return &v.Reviews[i]
		}
	}
	return nil
}

// reviewEvents are the reviews that were held, the latest first.
func (v planView) reviewEvents() (all []kit.Event) {
	for i := len(v.Reviews) - 1; i >= 0; i-- {
		if r := v.Reviews[i]; !r.DoneAt.IsZero() {
			all = append(all, kit.Event{When: dates.FormatTime(v.S, r.DoneAt), ISO: dates.Of(r.DoneAt).String(), Title: reviewName(v.S, r), Who: r.By, Text: r.Found})
		}
	}
	return all
}
