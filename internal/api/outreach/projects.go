// SPDX-License-Identifier: Apache-2.0

// Package outreach is the part of the API that is about work among people: projects, and the
// activities that count for them.
package outreach

import (
	"bytes"
	"net/http"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/iati"
	"fera/internal/projects"
	"fera/internal/reports/counted"
)

// Operations is the table.
func Operations() []op.Operation {
	return slices.Concat(projectOperations(), activityOperations())
}

// projectOperations are those on projects: what they are to do, their money, and what counts for them.
func projectOperations() []op.Operation {
	read, manage, get, post := access.ReadProjects, access.ManageProjects, http.MethodGet, http.MethodPost
	return []op.Operation{
		{Name: "list_projects", Method: get, Path: "/projects", Need: read, Params: []string{"state", "place", "on"}, Out: op.Holds[op.Page[projectCard]](), Do: listProjects},
		{Name: "open_project", Method: post, Path: "/projects", Need: manage, Keyed: true, In: op.Sent[newProject](), Out: op.Holds[projectView](), Status: http.StatusCreated, Writes: true, Do: openProject,
			Example: `{"code": "coming-home", "state": "running", "record": {"title_en": "Coming home", "planned_from": "2026-01-01", "nationwide": true}}`},
		{Name: "read_project", Method: get, Path: "/projects/{id}", Need: read, Out: op.Holds[projectView](), Do: readProject},
		{Name: "amend_project", Method: post, Path: "/projects/{id}/versions", Need: manage, In: op.Sent[projectAmendment](), Out: op.Holds[projectView](), Writes: true, Do: amendProject,
			Example: `{"version": 1, "state": "completed", "record": {"title_en": "Coming home", "planned_from": "2026-01-01", "nationwide": true}, "why": "it has ended"}`},
		{Name: "read_project_iati", Method: get, Path: "/projects/{id}/iati.xml", Need: read, Media: "application/xml", Do: readProjectIATI},
		{Name: "list_project_money", Method: get, Path: "/projects/{id}/money", Need: access.ReadProjectMoney, Out: op.Holds[op.Page[moneyView]](), Do: listProjectMoney},
		{Name: "enter_project_money", Method: post, Path: "/projects/{id}/money", Need: manage, Keyed: true, In: op.Sent[newMoney](), Out: op.Holds[op.Page[moneyView]](), Status: http.StatusCreated, Writes: true, Do: enterProjectMoney,
			Example: `{"kind": "spent", "line": "1.1", "currency": "BDT", "amount": 12500050, "on": "2026-03-01", "says": "rent"}`},
		{Name: "reverse_project_money", Method: post, Path: "/projects/{id}/money/{row}/reverse", Need: manage, In: op.Sent[forReason](), Out: op.Holds[op.Page[moneyView]](), Writes: true, Do: reverseProjectMoney,
			Example: `{"why": "entered twice"}`},
		{Name: "add_project_rule", Method: post, Path: "/projects/{id}/rules", Need: manage, In: op.Sent[newRule](), Out: op.Holds[projectView](), Status: http.StatusCreated, Writes: true, Do: addProjectRule,
			Example: `{"programme": "reintegration", "from": "2026-01-01", "until": "2026-12-31"}`},
		{Name: "count_for_project", Method: post, Path: "/projects/{id}/counts", Need: manage, In: op.Sent[newCount](), Out: op.Holds[projectView](), Writes: true, Do: countForProject,
			Example: `{"subject": "case", "id": "01900000-0000-7000-8000-000000000000", "since": "2026-01-01"}`},
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

// Check implements op.Checked.
func (b *projectAmendment) Check() *fault.Error { return op.Based(b.Version) }

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

func projectID(c *op.Call) (projects.ID, error) {
	return op.PathID[projects.ID](c, "id", "project.not_found")
}

func listProjects(c *op.Call) (op.Answer, error) {
	state, err := c.Text("state")
	if err != nil {
		return op.Answer{}, err
	}
	place, err := c.Text("place")
	if err != nil {
		return op.Answer{}, err
	}
	on, err := c.Day("on")
	if err != nil {
		return op.Answer{}, err
	}
	f := projects.Filter{State: projects.State(state), Place: place}
	if !on.IsZero() {
		f.On = on.String()
	}
	all, err := projects.List(c.Ctx, c.Q, c.Who, f)
	return op.Answer{Body: op.Page[projectCard]{Items: op.Each(all, projectCardOf)}}, err
}

// shown is a project as it stands after what was done.
func shown(c *op.Call, id projects.ID) (projectView, error) {
	p, err := projects.Find(c.Ctx, c.Q, c.Who, id)
	if err != nil {
		return projectView{}, err
	}
	tally, err := projects.Tally(c.Ctx, c.Q, c.Who, id)
	card := projectCardOf(p)
	v := projectView{card.ID, card.Code, card.State, card.TitleBn, card.TitleEn, card.Organisation, card.From, card.Until, card.Version, p.Record, map[string]int{}, p.By, p.At}
	for subject, n := range tally {
		v.Tally[string(subject)] = n
	}
	return v, err
}

func openProject(c *op.Call) (op.Answer, error) {
	b := c.Body.(*newProject)
	replayed, err := c.Done()
	if err != nil {
		return op.Answer{}, err
	}
	id, err := projects.Open(c.Ctx, c.Tx, c.Who, projects.Opening{Operation: c.Key, Code: b.Code, State: projects.State(b.State), Record: b.Record})
	if err != nil {
		return op.Answer{}, err
	}
	v, err := shown(c, id)
	return op.Answer{Body: v, Status: http.StatusCreated, Location: c.R.URL.Path + "/" + string(id), Replayed: replayed}, err
}

func readProject(c *op.Call) (op.Answer, error) {
	id, err := projectID(c)
	if err != nil {
		return op.Answer{}, err
	}
	v, err := shown(c, id)
	return op.Answer{Body: v}, err
}

// onProject is what an operation that changes a project answers.
func onProject(c *op.Call, status int, do func(id projects.ID) error) (op.Answer, error) {
	id, err := projectID(c)
	if err != nil {
		return op.Answer{}, err
	}
	if err := do(id); err != nil {
		return op.Answer{}, err
	}
	v, err := shown(c, id)
	return op.Answer{Body: v, Status: status}, err
}

func amendProject(c *op.Call) (op.Answer, error) {
	return onProject(c, http.StatusOK, func(id projects.ID) error {
		b := c.Body.(*projectAmendment)
		_, err := projects.Amend(c.Ctx, c.Tx, c.Who, projects.Amendment{Project: id, Version: b.Version, State: projects.State(b.State), Record: b.Record, Why: b.Why})
		return err
	})
}

func addProjectRule(c *op.Call) (op.Answer, error) {
	return onProject(c, http.StatusCreated, func(id projects.ID) error {
		b := c.Body.(*newRule)
		_, err := projects.AddRule(c.Ctx, c.Tx, c.Who, id, projects.Rule{Organisation: b.Organisation, Office: b.Office, Programme: b.Programme, From: b.From, Until: b.Until})
		return err
	})
}

func countForProject(c *op.Call) (op.Answer, error) {
	return onProject(c, http.StatusOK, func(id projects.ID) error {
		b := c.Body.(*newCount)
		return projects.Count(c.Ctx, c.Tx, c.Who, projects.Counting{Project: id, Subject: projects.Subject(b.Subject), ID: b.ID, Not: b.Not, Since: b.Since, Until: b.Until, Why: b.Why})
	})
}

func readProjectIATI(c *op.Call) (op.Answer, error) {
	id, err := projectID(c)
	if err != nil {
		return op.Answer{}, err
	}
	p, err := projects.Find(c.Ctx, c.Q, c.Who, id)
	if err != nil {
		return op.Answer{}, err
	}
	a := iati.Activity{Project: p}
	if a.Actuals, err = counted.Actuals(c.Ctx, c.Q, c.Who, id); err != nil {
		return op.Answer{}, err
	}
	if projects.SeesMoney(c.Who, p) {
		if a.Entries, err = projects.Money(c.Ctx, c.Q, c.Who, id); err != nil {
			return op.Answer{}, err
		}
	}
	var b bytes.Buffer
	if err := iati.Write(&b, a, c.Q.Now()); err != nil {
		return op.Answer{}, err
	}
	return op.Answer{File: b.Bytes()}, nil
}

func book(c *op.Call, id projects.ID, status int, replayed bool) (op.Answer, error) {
	all, err := projects.Money(c.Ctx, c.Q, c.Who, id)
	return op.Answer{Status: status, Replayed: replayed, Body: op.Page[moneyView]{Items: op.Each(all, func(e projects.Entry) moneyView {
		return moneyView{e.ID, string(e.Kind), e.Line, e.Currency, e.Amount, e.On, e.Until, e.Partner, e.Says, e.Reverses, e.Reversed, e.By, e.At}
	})}}, err
}

func listProjectMoney(c *op.Call) (op.Answer, error) {
	id, err := projectID(c)
	if err != nil {
		return op.Answer{}, err
	}
	return book(c, id, http.StatusOK, false)
}

func enterProjectMoney(c *op.Call) (op.Answer, error) {
	id, err := projectID(c)
	if err != nil {
		return op.Answer{}, err
	}
	replayed, err := c.Done()
	if err != nil {
		return op.Answer{}, err
	}
	b := c.Body.(*newMoney)
	if _, err := projects.Enter(c.Ctx, c.Tx, c.Who, projects.Entering{Operation: c.Key, Project: id, Kind: projects.Kind(b.Kind), Line: b.Line, Currency: b.Currency, Amount: b.Amount, On: b.On, Until: b.Until,
		Partner: b.Partner, Says: b.Says}); err != nil {
		return op.Answer{}, err
	}
	return book(c, id, http.StatusCreated, replayed)
}

func reverseProjectMoney(c *op.Call) (op.Answer, error) {
	id, err := projectID(c)
	if err != nil {
		return op.Answer{}, err
	}
	row, err := op.PathID[string](c, "row", "project.entry_unknown")
	if err != nil {
		return op.Answer{}, err
	}
	if err := projects.Reverse(c.Ctx, c.Tx, c.Who, projects.Reversal{Project: id, Entry: row, Why: c.Body.(*forReason).Why}); err != nil {
		return op.Answer{}, err
	}
	return book(c, id, http.StatusOK, false)
}
