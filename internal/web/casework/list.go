// SPDX-License-Identifier: Apache-2.0

package casework

import (
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/ids"
	"fera/internal/web/exporting"
	"fera/internal/web/kit"
	"fera/internal/web/places"
	"fera/internal/web/site"
)

// rows are the things of a group as lines of a table.
func rows(items []item) (all []kit.Row) {
	for _, i := range items {
		all = append(all, kit.Row{Href: i.Href, Cells: []templ.Component{kit.Text(i.Who), kit.Text(i.What), kit.Text(i.When), kit.Pills(i.Tags)}})
	}
	return all
}

// asked is which cases an address asks for, in its own words.
type asked struct {
	Status, Risk, Worker, Office string
	Late, Idle, Unseen, Waiting  bool
	After                        cases.Cursor
}

// ask reads an address. What it cannot mean asks for all.
func ask(q url.Values) (a asked) {
	if s := cases.Status(q.Get("status")); slices.Contains(cases.Statuses(), s) && s != cases.Closed {
		a.Status = string(s)
	}
	if risk := cases.Risk(q.Get("risk")); slices.Contains([]cases.Risk{cases.Medium, cases.High, cases.Critical}, risk) {
		a.Risk = string(risk)
	}
	if w := q.Get("worker"); w == "me" || w == cases.Nobody || ids.Valid(w) {
		a.Worker = w
	}
	if o := q.Get("office"); ids.Valid(o) {
		a.Office = o
	}
	a.Late, a.Idle, a.Unseen, a.Waiting = q.Get("late") == "yes", q.Get("idle") == "yes", q.Get("unvisited") == "yes", q.Get("waiting") == "yes"
	if due, id, ok := strings.Cut(q.Get("after"), "~"); ok && ids.Valid(id) {
		if day, err := dates.Parse(due); err == nil && day.Precision() == dates.Day {
			a.After = cases.Cursor{DueOn: day.String(), ID: cases.ID(id)}
		}
	}
	return a
}

// query is an address that asks for the same.
func (a asked) query() string {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	yes := map[bool]string{true: "yes"}
	set("status", a.Status)
	set("risk", a.Risk)
	set("worker", a.Worker)
	set("office", a.Office)
	set("late", yes[a.Late])
	set("idle", yes[a.Idle])
	set("unvisited", yes[a.Unseen])
	set("waiting", yes[a.Waiting])
	if a.After != (cases.Cursor{}) {
		set("after", a.After.DueOn+"~"+string(a.After.ID))
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// filter is what the address asks of the store.
func (a asked) filter(r *site.Request, q db.Reader) (f cases.Filter, err error) {
	today := dates.Of(r.Now)
	f = cases.Filter{Office: a.Office, Worker: a.Worker, Status: cases.Status(a.Status), Risk: cases.Risk(a.Risk), Asked: a.Waiting, After: a.After}
	if a.Worker == "me" {
		f.Worker = r.Who.ID
	}
	if a.Late {
		f.DueBy = today.Add(-1)
	}
	if !a.Idle && !a.Unseen {
		return f, nil
	}
	days, err := idleDays(r, q)
	if a.Idle {
		f.Idle = r.Now.AddDate(0, 0, -days)
	}
	if a.Unseen {
		f.Unseen = dates.Of(r.Now.AddDate(0, 0, -days))
	}
	return f, err
}

type listView struct {
	kit.Frame
	Asked    asked
	Chosen   bool // not all cases are asked for
	Said     string
	Rows     []kit.Row
	Pages    kit.Pages
	Selects  []choice
	Export   string // where they are taken away as a file, for who may
	HandOver string // where these cases are handed over, for who may
	Board    bool
}

// choice is a list to choose one of.
type choice struct {
	In      kit.Input
	Options []kit.Option
}

func listPage(r *site.Request, q db.Reader) (templ.Component, error) {
	a := ask(r.URL.Query())
	f, err := a.filter(r, q)
	if err != nil {
		return nil, err
	}
	found, err := cases.List(r.Context(), q, r.Who, f)
	if err != nil {
		return nil, err
	}
	all := a
	all.After = cases.Cursor{}
	v := listView{Frame: r.Frame(r.S.T("casework.cases")), Asked: a, Chosen: all != asked{}, Said: r.S.T("casework.said", "count", len(found.Cases))}
	if a.After != (cases.Cursor{}) {
		v.Pages.Previous = "/cases" + all.query()
	}
	if found.Next != (cases.Cursor{}) {
		next := a
		next.After = found.Next
		v.Pages.Next = "/cases" + next.query()
		v.Said = r.S.T("casework.said_more", "count", len(found.Cases))
	}
	cards, err := names(r, q, found.Cases)
	if err != nil {
		return nil, err
	}
	today := dates.Of(r.Now)
	for _, c := range found.Cases {
		v.Rows = append(v.Rows, kit.Row{Href: path(c.ID), Cells: []templ.Component{kit.Text(nameOf(r.S, cards, c.Person)), kit.Pills(Tags(r.S, c, today)),
			kit.Text(Due(r.S, c, today)), kit.Text(worker(r.S, c)), kit.Text(Day(r.S, dates.Of(c.TouchedAt), today))}})
	}
	v.Export = exporting.Link(r, "cases", map[string]string{"office": a.Office, "worker": f.Worker, "status": a.Status, "risk": a.Risk})
	v.Board = r.Who.Holds(access.AssignCase) || r.Who.Holds(access.ApproveCase)
	if r.Who.Holds(access.AssignCase) {
		v.HandOver = "/cases/hand-over" + asked{Worker: a.Worker, Office: a.Office}.query()
	}
	return listShown(v), v.choices(r, q)
}

// choices are what can be asked for.
func (v *listView) choices(r *site.Request, q db.Reader) error {
	s, a := r.S, v.Asked
	in := func(name, value string) kit.Input {
		return kit.Input{Name: name, Label: s.T("casework.filter." + name), Value: value}
	}
	var statuses, risks []kit.Option
	for _, one := range cases.Statuses() {
		if one != cases.Closed {
			statuses = append(statuses, kit.Option{Value: string(one), Label: s.T("case.status." + string(one))})
		}
	}
	for _, one := range []cases.Risk{cases.Medium, cases.High, cases.Critical} {
		risks = append(risks, kit.Option{Value: string(one), Label: s.T("casework.risk_from." + string(one))})
	}
	v.Selects = []choice{{in("status", a.Status), statuses}, {in("risk", a.Risk), risks}}
	where, err := places.New(r, q)
	if err != nil {
		return err
	}
	if open := where.Open(access.ReadCases, a.Office); len(open) > 1 {
		v.Selects = append(v.Selects, choice{in("office", a.Office), open})
	}
	workers := []kit.Option{{Value: "me", Label: s.T("casework.me")}, {Value: cases.Nobody, Label: s.T("casework.nobody")}}
	office := a.Office
	if office == "" {
		office = r.Who.Office
	}
	if r.Who.Holds(access.AssignCase) || r.Who.Holds(access.ApproveCase) {
		more, err := Workers(r, q, office)
		if err != nil {
			return err
		}
		workers = append(workers, slices.DeleteFunc(more, func(o kit.Option) bool { return o.Value == r.Who.ID })...)
	}
	if a.Worker != "" && !slices.ContainsFunc(workers, func(o kit.Option) bool { return o.Value == a.Worker }) {
		workers = append(workers, kit.Option{Value: a.Worker, Label: s.T("casework.another")})
	}
	v.Selects = append(v.Selects, choice{in("worker", a.Worker), workers})
	return nil
}

// only are the further conditions, each a name of its own in the address.
func (v listView) only() []kit.Input {
	tick := func(name string, on bool) kit.Input {
		in := kit.Input{Name: name, Label: v.S.T("casework.filter." + name)}
		if on {
			in.Value = "yes"
		}
		return in
	}
	return []kit.Input{tick("late", v.Asked.Late), tick("idle", v.Asked.Idle), tick("unvisited", v.Asked.Unseen), tick("waiting", v.Asked.Waiting)}
}
