// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"net/http"
	"time"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/iati"
	"fera/internal/projects"
	"fera/internal/reports/counted"
)

// projectOperations are those on projects: what they are to do, their money, and what counts for them.
func projectOperations() []operation {
	read, manage, get, post := access.ReadProjects, access.ManageProjects, http.MethodGet, http.MethodPost
	return []operation{
		{name: "list_projects", method: get, path: "/projects", need: read, params: []string{"state", "place", "on"}, out: holds[page[projectCard]](), do: listProjects},
		{name: "open_project", method: post, path: "/projects", need: manage, keyed: true, in: sent[newProject](), out: holds[projectView](), status: http.StatusCreated, writes: true, do: openProject,
			example: `{"code": "coming-home", "state": "running", "record": {"title_en": "Coming home", "planned_from": "2026-01-01", "nationwide": true}}`},
		{name: "read_project", method: get, path: "/projects/{id}", need: read, out: holds[projectView](), do: readProject},
		{name: "amend_project", method: post, path: "/projects/{id}/versions", need: manage, in: sent[projectAmendment](), out: holds[projectView](), writes: true, do: amendProject,
			example: `{"version": 1, "state": "completed", "record": {"title_en": "Coming home", "planned_from": "2026-01-01", "nationwide": true}, "why": "it has ended"}`},
		{name: "read_project_iati", method: get, path: "/projects/{id}/iati.xml", need: read, media: "application/xml", do: readProjectIATI},
		{name: "list_project_money", method: get, path: "/projects/{id}/money", need: access.ReadProjectMoney, out: holds[page[moneyView]](), do: listProjectMoney},
		{name: "enter_project_money", method: post, path: "/projects/{id}/money", need: manage, keyed: true, in: sent[newMoney](), out: holds[page[moneyView]](), status: http.StatusCreated, writes: true, do: enterProjectMoney,
			example: `{"kind": "spent", "line": "1.1", "currency": "BDT", "amount": 12500050, "on": "2026-03-01", "says": "rent"}`},
		{name: "reverse_project_money", method: post, path: "/projects/{id}/money/{row}/reverse", need: manage, in: sent[forReason](), out: holds[page[moneyView]](), writes: true, do: reverseProjectMoney,
			example: `{"why": "entered twice"}`},
		{name: "add_project_rule", method: post, path: "/projects/{id}/rules", need: manage, in: sent[newRule](), out: holds[projectView](), status: http.StatusCreated, writes: true, do: addProjectRule,
			example: `{"programme": "reintegration", "from": "2026-01-01", "until": "2026-12-31"}`},
		{name: "count_for_project", method: post, path: "/projects/{id}/counts", need: manage, in: sent[newCount](), out: holds[projectView](), writes: true, do: countForProject,
			example: `{"subject": "case", "id": "01900000-0000-7000-8000-000000000000", "since": "2026-01-01"}`},
	}
}

// projectCard is a project in a list.
type projectCard struct {
	ID           string        `json:"id"`
	Code         string        `json:"code"`
	State        string        `json:"state"`
	TitleBn      string        `json:"title_bn,omitempty"`
	TitleEn      string        `json:"title_en,omitempty"`
	Organisation string        `json:"organisation"`
	From         dates.Partial `json:"from,omitzero"`
	Until        dates.Partial `json:"until,omitzero"`
	Version      int           `json:"version"`
}

// projectView is a project with what counts for it.
type projectView struct {
	ID           string          `json:"id"`
	Code         string          `json:"code"`
	State        string          `json:"state"`
	TitleBn      string          `json:"title_bn,omitempty"`
	TitleEn      string          `json:"title_en,omitempty"`
	Organisation string          `json:"organisation"`
	From         dates.Partial   `json:"from,omitzero"`
	Until        dates.Partial   `json:"until,omitzero"`
	Version      int             `json:"version"`
	Record       projects.Record `json:"record"`
	Tally        map[string]int  `json:"tally"`
	By           string          `json:"by"`
	At           time.Time       `json:"at"`
}

func projectCardOf(p projects.Project) projectCard {
	return projectCard{string(p.ID), p.Code, string(p.State), p.TitleBn, p.TitleEn, p.Organisation, p.Begins(), p.Ends(), p.Version}
}

// newProject begins a project.
type newProject struct {
	Code   string          `json:"code"`
	State  string          `json:"state,omitempty"`
	Record projects.Record `json:"record"`
}

// projectAmendment says a project anew.
type projectAmendment struct {
	Version int             `json:"version"`
	State   string          `json:"state"`
	Record  projects.Record `json:"record"`
	Why     string          `json:"why"`
}

func (b *projectAmendment) check() *fault.Error { return based(b.Version) }

// forReason is an act for a reason.
type forReason struct {
	Why string `json:"why"`
}

// newMoney enters money. Amounts are hundredths.
type newMoney struct {
	Kind     string        `json:"kind"`
	Line     string        `json:"line,omitempty"`
	Currency string        `json:"currency"`
	Amount   int64         `json:"amount"`
	On       dates.Partial `json:"on"`
	Until    dates.Partial `json:"until,omitzero"`
	Partner  string        `json:"partner,omitempty"`
	Says     string        `json:"says,omitempty"`
}

// moneyView is an entry of a project's book.
type moneyView struct {
	ID       string        `json:"id"`
	Kind     string        `json:"kind"`
	Line     string        `json:"line,omitempty"`
	Currency string        `json:"currency"`
	Amount   int64         `json:"amount"`
	On       dates.Partial `json:"on"`
	Until    dates.Partial `json:"until,omitzero"`
	Partner  string        `json:"partner,omitempty"`
	Says     string        `json:"says,omitempty"`
	Reverses string        `json:"reverses,omitempty"`
	Reversed bool          `json:"reversed"`
	By       string        `json:"by"`
	At       time.Time     `json:"at"`
}

// newRule lets cases count for a project without being named.
type newRule struct {
	Organisation string        `json:"organisation,omitempty"`
	Office       string        `json:"office,omitempty"`
	Programme    string        `json:"programme,omitempty"`
	From         dates.Partial `json:"from"`
	Until        dates.Partial `json:"until"`
}

// newCount says that something counts for a project, or does not.
type newCount struct {
	Subject string        `json:"subject"`
	ID      string        `json:"id"`
	Not     bool          `json:"not,omitzero"`
	Since   dates.Partial `json:"since,omitzero"`
	Until   dates.Partial `json:"until,omitzero"`
	Why     string        `json:"why,omitempty"`
}

func (c *call) project() (projects.ID, error) {
	return pathID[projects.ID](c, "id", "project.not_found")
}

func listProjects(c *call) (answer, error) {
	state, err := c.text("state")
	if err != nil {
		return answer{}, err
	}
	place, err := c.text("place")
	if err != nil {
		return answer{}, err
	}
	on, err := c.day("on")
	if err != nil {
		return answer{}, err
	}
	f := projects.Filter{State: projects.State(state), Place: place}
	if !on.IsZero() {
		f.On = on.String()
	}
	all, err := projects.List(c.ctx, c.q, c.who, f)
	return answer{body: page[projectCard]{Items: each(all, projectCardOf)}}, err
}

// shown is a project as it stands after what was done.
func (c *call) shown(id projects.ID) (projectView, error) {
	p, err := projects.Find(c.ctx, c.q, c.who, id)
	if err != nil {
		return projectView{}, err
	}
	tally, err := projects.Tally(c.ctx, c.q, c.who, id)
	card := projectCardOf(p)
	v := projectView{card.ID, card.Code, card.State, card.TitleBn, card.TitleEn, card.Organisation, card.From, card.Until, card.Version, p.Record, map[string]int{}, p.By, p.At}
	for subject, n := range tally {
		v.Tally[string(subject)] = n
	}
	return v, err
}

func openProject(c *call) (answer, error) {
	b := c.body.(*newProject)
	replayed, err := c.done()
	if err != nil {
		return answer{}, err
	}
	id, err := projects.Open(c.ctx, c.tx, c.who, projects.Opening{Operation: c.key, Code: b.Code, State: projects.State(b.State), Record: b.Record})
	if err != nil {
		return answer{}, err
	}
	v, err := c.shown(id)
	return answer{body: v, status: http.StatusCreated, location: c.r.URL.Path + "/" + string(id), replayed: replayed}, err
}

func readProject(c *call) (answer, error) {
	id, err := c.project()
	if err != nil {
		return answer{}, err
	}
	v, err := c.shown(id)
	return answer{body: v}, err
}

// onProject is what an operation that changes a project answers.
func onProject(c *call, status int, do func(id projects.ID) error) (answer, error) {
	id, err := c.project()
	if err != nil {
		return answer{}, err
	}
	if err := do(id); err != nil {
		return answer{}, err
	}
	v, err := c.shown(id)
	return answer{body: v, status: status}, err
}

func amendProject(c *call) (answer, error) {
	return onProject(c, http.StatusOK, func(id projects.ID) error {
		b := c.body.(*projectAmendment)
		_, err := projects.Amend(c.ctx, c.tx, c.who, projects.Amendment{Project: id, Version: b.Version, State: projects.State(b.State), Record: b.Record, Why: b.Why})
		return err
	})
}

func addProjectRule(c *call) (answer, error) {
	return onProject(c, http.StatusCreated, func(id projects.ID) error {
		b := c.body.(*newRule)
		_, err := projects.AddRule(c.ctx, c.tx, c.who, id, projects.Rule{Organisation: b.Organisation, Office: b.Office, Programme: b.Programme, From: b.From, Until: b.Until})
		return err
	})
}

func countForProject(c *call) (answer, error) {
	return onProject(c, http.StatusOK, func(id projects.ID) error {
		b := c.body.(*newCount)
		return projects.Count(c.ctx, c.tx, c.who, projects.Counting{Project: id, Subject: projects.Subject(b.Subject), ID: b.ID, Not: b.Not, Since: b.Since, Until: b.Until, Why: b.Why})
	})
}

func readProjectIATI(c *call) (answer, error) {
	id, err := c.project()
	if err != nil {
		return answer{}, err
	}
	p, err := projects.Find(c.ctx, c.q, c.who, id)
	if err != nil {
		return answer{}, err
	}
	a := iati.Activity{Project: p}
	if a.Actuals, err = counted.Actuals(c.ctx, c.q, c.who, id); err != nil {
		return answer{}, err
	}
	if projects.SeesMoney(c.who, p) {
		if a.Entries, err = projects.Money(c.ctx, c.q, c.who, id); err != nil {
			return answer{}, err
		}
	}
	var b bytes.Buffer
	if err := iati.Write(&b, a, c.q.Now()); err != nil {
		return answer{}, err
	}
	return answer{file: b.Bytes()}, nil
}

func (c *call) book(id projects.ID, status int, replayed bool) (answer, error) {
	all, err := projects.Money(c.ctx, c.q, c.who, id)
	return answer{status: status, replayed: replayed, body: page[moneyView]{Items: each(all, func(e projects.Entry) moneyView {
		return moneyView{e.ID, string(e.Kind), e.Line, e.Currency, e.Amount, e.On, e.Until, e.Partner, e.Says, e.Reverses, e.Reversed, e.By, e.At}
	})}}, err
}

func listProjectMoney(c *call) (answer, error) {
	id, err := c.project()
	if err != nil {
		return answer{}, err
	}
	return c.book(id, http.StatusOK, false)
}

func enterProjectMoney(c *call) (answer, error) {
	id, err := c.project()
	if err != nil {
		return answer{}, err
	}
	replayed, err := c.done()
	if err != nil {
		return answer{}, err
	}
	b := c.body.(*newMoney)
	if _, err := projects.Enter(c.ctx, c.tx, c.who, projects.Entering{Operation: c.key, Project: id, Kind: projects.Kind(b.Kind), Line: b.Line, Currency: b.Currency, Amount: b.Amount, On: b.On, Until: b.Until,
		Partner: b.Partner, Says: b.Says}); err != nil {
		return answer{}, err
	}
	return c.book(id, http.StatusCreated, replayed)
}

func reverseProjectMoney(c *call) (answer, error) {
	id, err := c.project()
	if err != nil {
		return answer{}, err
	}
	row, err := pathID[string](c, "row", "project.entry_unknown")
	if err != nil {
		return answer{}, err
	}
	if err := projects.Reverse(c.ctx, c.tx, c.who, projects.Reversal{Project: id, Entry: row, Why: c.body.(*forReason).Why}); err != nil {
		return answer{}, err
	}
	return c.book(id, http.StatusOK, false)
}
