// SPDX-License-Identifier: Apache-2.0

package casework

import (
	"slices"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/offices"
	"fera/internal/web/kit"
	"fera/internal/web/places"
	"fera/internal/web/site"
	"fera/internal/words"
)

// counted is a figure of the board and the list behind it.
type counted struct {
	Count               int
	Number, Label, Href string
	Said                string // figure and label, for those who do not see where it stands
}

type boardView struct {
	kit.Frame
	Office      kit.Input
	OfficeName  string
	Offices     []kit.Option
	Totals      []counted
	Rows        []kit.Row
	Counted     string // how it was counted
	MayHandOver bool
	MayDecide   bool
}

// measures are the figures of a load, each with the list behind it.
func measures(s *words.Speaker, l cases.Load, a asked) []counted {
	list := []counted{}
	add := func(key string, n int, ask func(*asked)) {
		one := a
		ask(&one)
		label := s.T("casework.figure." + key)
		list = append(list, counted{Count: n, Number: s.Number(n), Label: label, Href: "/cases" + one.query(), Said: s.Number(n) + " " + label})
	}
	add("cases", l.Cases, func(*asked) {})
	add("late", l.Late, func(a *asked) { a.Late = true })
	add("idle", l.Idle, func(a *asked) { a.Idle = true })
	add("grave", l.Grave, func(a *asked) { a.Risk = string(cases.High) })
	add("unvisited", l.Unseen, func(a *asked) { a.Unseen = true })
	add("waiting", l.Asked, func(a *asked) { a.Waiting = true })
	return list
}

func (v boardView) columns() []kit.Column {
	all := kit.Columns(v.S, "casework.worker", "casework.figure.cases", "casework.figure.late", "casework.figure.idle", "casework.figure.grave", "casework.figure.unvisited", "casework.figure.waiting")
	for i := range all[1:] {
		all[i+1].Number = true
	}
	return all
}

func boardPage(r *site.Request, q db.Reader) (templ.Component, error) {
	where, err := places.New(r, q)
	if err != nil {
		return nil, err
	}
	open := where.Open(access.ReadCases, "")
	office := r.URL.Query().Get("office")
	if office == "" && len(open) > 0 {
		office = open[0].Value
		if slices.ContainsFunc(open, func(o kit.Option) bool { return o.Value == r.Who.Office }) {
			office = r.Who.Office
		}
	}
	if !slices.ContainsFunc(open, func(o kit.Option) bool { return o.Value == office }) {
		return nil, fault.New(fault.NotFound, "case.office_not_found")
	}
	days, err := idleDays(r, q)
	if err != nil {
		return nil, err
	}
	loads, err := cases.Board(r.Context(), q, r.Who, office, r.Now.AddDate(0, 0, -days))
	if err != nil {
		return nil, err
	}
	v := boardView{Frame: r.Frame(r.S.T("casework.board")), Office: kit.Input{Name: "office", Label: r.S.T("casework.filter.office"), Value: office}, Offices: open,
		OfficeName: where.Said(access.AtOffice(office)), Counted: r.S.T("casework.board_counted", "when", dates.FormatTime(r.S, r.Now), "days", days)}
	var sum cases.Load
	for _, l := range loads {
		a := asked{Office: office, Worker: l.Worker}
		name := l.Name
		if l.Worker == "" {
			a.Worker, name = cases.Nobody, r.S.T("casework.nobody")
		}
		row := kit.Row{Href: "/cases" + a.query(), Cells: []templ.Component{kit.Text(name)}}
		for _, m := range measures(r.S, l, a) {
			row.Cells = append(row.Cells, figure(m))
		}
		v.Rows = append(v.Rows, row)
		sum.Cases, sum.Late, sum.Idle, sum.Grave, sum.Unseen, sum.Asked = sum.Cases+l.Cases, sum.Late+l.Late, sum.Idle+l.Idle, sum.Grave+l.Grave, sum.Unseen+l.Unseen, sum.Asked+l.Asked
	}
	v.Totals = measures(r.S, sum, asked{Office: office})
	scopes, err := offices.Scopes(r.Context(), q, office)
	v.MayHandOver, v.MayDecide = r.Who.Covers(access.AssignCase, scopes...), r.Who.Covers(access.ApproveCase, scopes...)
	return boardShown(v), err
}
