// SPDX-License-Identifier: Apache-2.0

// Package dashboards is the part of the API that answers whole dashboards: several figures at once, for who draws them elsewhere.
// It says what each operation takes and shows; package op admits who asks and opens the snapshot.
package dashboards

import (
	"net/http"
	"time"

	"fera/internal/access"
	"fera/internal/api/op"
	boards "fera/internal/dashboards"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/indicators"
	"fera/internal/indicators/facts"
	"fera/internal/words"
)

// Operations is the table. All of it reads.
func Operations() []op.Operation {
	return op.Acts([]op.Operation{
		{Name: "list_dashboards", Method: http.MethodGet, Path: "/dashboards", Need: access.ReadFigures, Out: op.Holds[boardList](), Show: list},
		{Name: "read_dashboard", Method: http.MethodGet, Path: "/dashboards/{code}", Need: access.ReadFigures, Params: []string{"from", "to", "place", "sex", "organisation"}, Out: op.Holds[dashboardView](), Show: read},
	})
}

// boardList are the dashboards that there are.
type boardList struct {
	Items []dashboardKind `json:"items"`
}

// dashboardKind is a dashboard, with what is on it.
type dashboardKind struct {
	Code   string      `json:"code"`
	NameEn string      `json:"name_en"`
	NameBn string      `json:"name_bn"`
	LeadEn string      `json:"lead_en"`
	LeadBn string      `json:"lead_bn"`
	Panels []panelKind `json:"panels"`
}

// panelKind is a figure of a dashboard.
type panelKind struct {
	Figure string   `json:"figure"`
	By     []string `json:"by,omitempty"`
	Draw   string   `json:"draw"`
}

// dashboardView is a dashboard with its figures.
type dashboardView struct {
	Code   string      `json:"code"`
	NameEn string      `json:"name_en"`
	NameBn string      `json:"name_bn"`
	Panels []panelView `json:"panels"`
}

// panelView is a figure with its numbers, or with why there are none.
type panelView struct {
	Figure  string       `json:"figure"`
	Draw    string       `json:"draw"`
	By      []string     `json:"by,omitempty"`
	From    string       `json:"from,omitempty"`
	To      string       `json:"to,omitempty"`
	Place   string       `json:"place,omitempty"`
	Whole   *panelCell   `json:"altogether,omitempty"`
	Cells   []panelCell  `json:"cells,omitempty"`
	Before  *panelCell   `json:"year_before,omitempty"`
	Exact   bool         `json:"exact"`
	Stock   bool         `json:"stock,omitzero"`
	AsOf    time.Time    `json:"as_of,omitzero"`
	Notes   []panelNote  `json:"notes,omitempty"`
	Refused *panelReason `json:"not_shown,omitempty"`
}

// panelCell is one number. An empty key stands for what is not known, several are joined that are shown together.
type panelCell struct {
	Keys   []string `json:"keys,omitempty"`
	N      int64    `json:"n"`
	Of     int64    `json:"of,omitzero"`
	Hidden bool     `json:"hidden,omitzero"`
}

// panelNote is something to be said under a figure.
type panelNote struct {
	Code string                `json:"code"`
	Text map[words.Lang]string `json:"text"`
}

// panelReason is why a figure is not shown to who asks.
type panelReason struct {
	Code string                `json:"code"`
	Text map[words.Lang]string `json:"text"`
}

func list(*op.Call) (any, error) {
	l := boardList{}
	for _, d := range boards.List() {
		k := dashboardKind{d.Code, d.NameEn, d.NameBn, d.LeadEn, d.LeadBn, nil}
		for _, p := range d.Panels {
			k.Panels = append(k.Panels, panelKind{p.Indicator, p.By, string(p.Draw)})
		}
		l.Items = append(l.Items, k)
	}
	return l, nil
}

// viewed reads what is looked at from the query.
func viewed(c *op.Call) (v boards.View, err error) {
	v = boards.View{Place: c.Query["place"], Filter: map[string]string{}}
	for name, to := range map[string]*facts.Month{"from": &v.From, "to": &v.To} {
		text, given := c.Query[name]
		if !given {
			continue
		}
		on, err := dates.Parse(text)
		if err != nil || on.Precision() != dates.Month {
			return v, fault.New(fault.Invalid, "figure.bad_period").On(name)
		}
		*to = facts.MonthOf(on)
	}
	for _, name := range []string{"sex", "organisation"} {
		if value, given := c.Query[name]; given {
			v.Filter[name] = value
		}
	}
	return v, nil
}

func read(c *op.Call) (any, error) {
	d, ok := boards.Find(c.Path("code"))
	if !ok {
		return nil, fault.New(fault.NotFound, "board.not_found")
	}
	v, err := viewed(c)
	if err != nil {
		return nil, err
	}
	all, err := boards.Answer(c.Ctx, c.Q, c.Who, d, v)
	if err != nil {
		return nil, err
	}
	view := dashboardView{Code: d.Code, NameEn: d.NameEn, NameBn: d.NameBn}
	for _, a := range all {
		view.Panels = append(view.Panels, panelOf(a))
	}
	return view, nil
}

func panelOf(a boards.Answered) panelView {
	p := panelView{Figure: a.Indicator, Draw: string(a.Draw), By: a.By}
	if a.Refused != nil {
		p.Refused = &panelReason{a.Refused.Key, said(func(s *words.Speaker) string { return s.Fault(a.Refused) })}
		return p
	}
	t := a.Table
	whole := cellOf(indicators.Cell{Number: t.Whole})
	p.By, p.From, p.To, p.Place, p.Whole, p.Exact, p.Stock, p.AsOf = t.Question.By, monthText(t.Question.From), monthText(t.Question.To), t.Question.Place, &whole, t.Exact, t.Stock, t.AsOf
	for _, c := range t.Cells {
		p.Cells = append(p.Cells, cellOf(c))
	}
	if a.Before != nil {
		before := cellOf(indicators.Cell{Number: a.Before.Whole})
		p.Before = &before
	}
	for _, n := range t.Notes {
		var args []any
		for name, v := range n.Values {
			args = append(args, name, v)
		}
		p.Notes = append(p.Notes, panelNote{n.Key, said(func(s *words.Speaker) string { return s.T(n.Key, args...) })})
	}
	return p
}

func cellOf(c indicators.Cell) panelCell { return panelCell{c.Keys, c.N, c.Of, c.Hidden} }

// said is a sentence in each language.
func said(say func(*words.Speaker) string) map[words.Lang]string {
	all := map[words.Lang]string{}
	for _, lang := range words.Languages() {
		all[lang] = say(words.In(lang))
	}
	return all
}

// monthText is a month as it is asked for: that of which only the year is known is its beginning.
func monthText(m facts.Month) string {
	return dates.Partial{Year: m.Year(), Month: max(int(m)%100, 1)}.String()
}
