// SPDX-License-Identifier: Apache-2.0

package dashboards

import (
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/activities"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/indicators"
	"fera/internal/indicators/definitions"
	"fera/internal/indicators/sources"
	"fera/internal/persons"
	"fera/internal/phrases"
	"fera/internal/referrals"
	"fera/internal/services"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/site"
)

// perPage is how many records are on a page.
const perPage = 50

type behindView struct {
	kit.Frame
	Lead     string
	Said     string
	Back     string // the figure
	How      string
	Wrong    string
	Closed   string // why no records are listed
	Few      string // that only some can be listed
	Columns  []kit.Column
	Rows     []kit.Row
	Pages    kit.Pages
	Filtered []string // what the number is of
}

// behind lists the records behind a number, as far as who asks may see them, or says how it was counted.
func behind(r *site.Request, q db.Reader) (templ.Component, error) {
	a, wrong := read(r)
	i, say, err := begin(r, q)
	if err != nil {
		return nil, err
	}
	v := behindView{Frame: r.Frame(i.Name(string(r.S.Lang()))), Lead: say.Period(a.From, a.To), How: say.How(i), Back: a.clone().at("/figures/ask/" + i.Code)}
	v.Filtered = filtered(r, say, i, a)
	m, _ := sources.Find(i.Counts.Measure)
	if closed := closedTo(r, m); closed != "" {
		v.Closed = r.S.T(closed)
		return behindPage(v), nil
	}
	if m.Mixed {
		v.Few = r.S.T("board.some_protected")
	}
	var found indicators.Behind
	if wrong == nil {
		found, wrong = indicators.Look(r.Context(), q, r.Who, indicators.Looking{Question: a.question(i.Code), Keys: a.Keys, After: a.After, Limit: perPage})
	}
	if f := fault.Of(wrong); f != nil && f.Kind == fault.Invalid {
		v.Wrong = r.S.Fault(f)
		return behindPage(v), nil
	}
	if wrong != nil {
		return nil, wrong
	}
	if err := v.list(r, q, say, i, found); err != nil {
		return nil, err
	}
	if found.Next != "" {
		further := a.clone()
		further.Keys, further.After = a.Keys, found.Next
		v.Pages.Next = further.at("/figures/ask/" + i.Code + "/records")
	}
	if a.After != "" {
		first := a.clone()
		first.Keys = a.Keys
		v.Pages.Previous = first.at("/figures/ask/" + i.Code + "/records")
	}
	return behindPage(v), nil
}

// closedTo is why there are no records to list: what is counted is protected, or who asks sees figures only.
func closedTo(r *site.Request, m sources.Measure) string {
	switch {
	case m.Class == 3 || m.Sealed:
		return "board.closed_protected"
	case sources.OnPersons(m.Code) && !r.Who.Holds(access.ReadPersons):
		return "board.closed_figures"
	}
	return ""
}

// filtered says what the number is of.
func filtered(r *site.Request, say *phrases.Phrases, i definitions.Indicator, a asked) (all []string) {
	add := func(d, value string) {
		all = append(all, r.S.T("board.only", "dimension", r.S.T("figure.dimension."+d), "value", say.Key(i, d, value)))
	}
	if a.Place != "" {
		all = append(all, people.Home(r.S, a.Place))
	}
	for n, k := range a.Keys {
		if n < len(a.By) && r.S.Has("figure.dimension."+a.By[n]) {
			add(a.By[n], k)
		}
	}
	for _, d := range definitions.Dimensions() {
		if value, there := a.Filter[d]; there {
			add(d, value)
		}
	}
	return all
}

// list says the records, each with where it leads.
func (v *behindView) list(r *site.Request, q db.Reader, say *phrases.Phrases, i definitions.Indicator, found indicators.Behind) error {
	v.Columns = kit.Columns(r.S, "board.record", "board.kind_of", "board.on")
	v.Said = r.S.T("board.records", "count", len(found.Records))
	if found.Next != "" {
		v.Said = r.S.T("board.records_more", "count", len(found.Records))
	}
	for _, one := range found.Records {
		row, err := rowOf(r, q, say, i, one)
		if err != nil {
			return err
		}
		v.Rows = append(v.Rows, row)
	}
	return nil
}

// rowOf is one record: whose it is or what was done, what it is, and when.
func rowOf(r *site.Request, q db.Reader, say *phrases.Phrases, i definitions.Indicator, one indicators.Record) (kit.Row, error) {
	of, id, _ := strings.Cut(one.Ref, ":")
	row, name, kind := kit.Row{}, "", r.S.T("board.of."+of)
	if one.Person != "" {
		card, err := persons.FindCard(r.Context(), q, r.Who, persons.ID(one.Person))
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return row, err
		}
		if err == nil {
			name = people.Name(r.S, card.NameBn, card.NameLatin)
			row.Href = "/persons/" + one.Person
		}
	}
	var err error
	switch of {
	case "case":
		row.Href = "/cases/" + id
	case "service":
		var s services.Service
		if s, err = services.Find(r.Context(), q, r.Who, services.ID(id)); err == nil {
			row.Href = "/cases/" + string(s.Case) + "/services"
			kind = say.Key(i, "kind", s.Code)
		}
	case "referral":
		var s referrals.Referral
		if s, err = referrals.Find(r.Context(), q, r.Who, referrals.ID(id)); err == nil {
			row.Href = "/referrals/" + string(s.ID)
		}
	case "activity":
		var s activities.Act
		if s, err = activities.Find(r.Context(), q, r.Who, activities.ID(id)); err == nil {
			row.Href, name = "/activities/"+id, say.Key(i, "kind", s.Kind)
		}
	}
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return row, err
	}
	if name == "" {
		name = kind
	}
	on, bad := dates.Parse(one.On)
	when := r.S.T("common.not_known")
	if bad == nil {
		when = dates.Format(r.S, on)
	}
	row.Cells = []templ.Component{kit.Text(name), kit.Text(kind), kit.Text(when)}
	return row, nil
}
