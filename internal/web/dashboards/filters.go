// SPDX-License-Identifier: Apache-2.0

package dashboards

import (
	"slices"
	"strconv"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/geo"
	"fera/internal/indicators/definitions"
	"fera/internal/indicators/facts"
	"fera/internal/offices"
	"fera/internal/phrases"
	"fera/internal/web/kit"
	"fera/internal/web/site"
)

// filters is the form over figures: which months, where, of whom. It works by its button alone.
type filters struct {
	Path    string
	Periods []kit.NavItem // months that are asked for often
	Selects []choice
	Kept    [][2]string   // what else the address says, to be sent with the form
	Only    []kit.NavItem // what is narrowed to, each a link that widens
	Clear   string
	Own     string // to whose work who asks is held, in words
}

type choice struct {
	In      kit.Input
	Options []kit.Option
}

// filtersOf draws the form for what is asked. The choices of what to break it down by come first, where there are some.
func filtersOf(r *site.Request, q db.Reader, say *phrases.Phrases, a asked, path string) (filters, error) {
	f := filters{Path: path, Clear: path, Periods: periods(r, a, path)}
	f.add(r, "from", monthText(a.From), monthOptions(r, a.From))
	f.add(r, "to", monthText(a.To), monthOptions(r, a.To))
	district := a.Place[:min(len(a.Place), 4)]
	f.add(r, "place", district, placeOptions(r))
	if len(district) == 4 {
		options := []kit.Option{{Label: r.S.T("board.all_upazilas")}}
		for _, u := range sortedOptions(geo.Children(district), r) {
			options = append(options, u)
		}
		f.add(r, "within", a.Place, options)
	}
	f.add(r, "sex", a.Filter["sex"], []kit.Option{{Label: r.S.T("board.all_people")}, {Value: "female", Label: r.S.T("figure.sex.female")}, {Value: "male", Label: r.S.T("figure.sex.male")}, {Value: "other", Label: r.S.T("figure.sex.other")}})
	may := r.Who.Grants[access.ReadFigures]
	switch {
	case may.Everywhere:
		bodies, err := offices.Organisations(r.Context(), q, access.System(access.ReadOffices))
		if err != nil {
			return f, err
		}
		options := []kit.Option{{Label: r.S.T("board.all_organisations")}}
		for _, o := range bodies {
			options = append(options, kit.Option{Value: o.ID, Label: o.Name(string(r.S.Lang()))})
		}
		slices.SortStableFunc(options[1:], func(a, b kit.Option) int { return byName(a.Label, b.Label) })
		f.add(r, "organisation", a.Filter["organisation"], options)
	case len(areas(r.Who)) == 0:
		f.Own = r.S.T("board.own_only", "name", say.Organisation(r.Who.Organisation))
	}
	return f, nil
}

func (f *filters) add(r *site.Request, name, value string, options []kit.Option) {
	f.Selects = append(f.Selects, choice{kit.Input{Name: name, Label: r.S.T("board.choose." + name), Value: value}, options})
}

// narrowed says to what else a question is narrowed, each with a link that widens it, and keeps it in the form.
func (f *filters) narrowed(r *site.Request, say *phrases.Phrases, i definitions.Indicator, a asked) {
	for _, d := range definitions.Dimensions() {
		value, there := a.Filter[d]
		if !there || d == "sex" || d == "organisation" && r.Who.Grants[access.ReadFigures].Everywhere {
			continue
		}
		wider := a.clone()
		delete(wider.Filter, d)
		f.Only = append(f.Only, kit.NavItem{Href: wider.at(f.Path), Label: r.S.T("board.only", "dimension", r.S.T("figure.dimension."+d), "value", say.Key(i, d, value))})
		f.Kept = append(f.Kept, [2]string{d, value})
	}
}

// periods are links to the months that are asked for often, with what else is asked for left as it is.
func periods(r *site.Request, a asked, path string) (items []kit.NavItem) {
	now := facts.MonthOf(dates.Of(r.Now))
	add := func(label string, from, to facts.Month) {
		items = append(items, kit.NavItem{Href: a.months(from, to).at(path), Label: label, Current: a.From == from && a.To == to})
	}
	january := facts.Month(now.Year()*100 + 1)
	if r.Who.Holds(access.ReadPersons) {
		add(r.S.T("board.this_month"), now, now)
		add(r.S.T("board.last_months", "count", 12), back(now, 11), now)
	}
	add(r.S.T("board.this_year"), january, now)
	for year := now.Year() - 1; year > now.Year()-5; year-- {
		add(r.S.Digits(strconv.Itoa(year)), facts.Month(year*100+1), facts.Month(year*100+12))
	}
	return items
}

// monthOptions are the months of the last ten years, and the one that is asked for.
func monthOptions(r *site.Request, chosen facts.Month) (options []kit.Option) {
	now := facts.MonthOf(dates.Of(r.Now))
	option := func(m facts.Month) kit.Option {
		return kit.Option{Value: monthText(m), Label: dates.Format(r.S, dates.Partial{Year: m.Year(), Month: max(int(m)%100, 1)})}
	}
	if chosen > now {
		options = append(options, option(chosen))
	}
	earliest := now
	for n := range 120 {
		earliest = back(now, n)
		options = append(options, option(earliest))
	}
	if chosen < earliest {
		options = append(options, option(chosen))
	}
	return options
}

// placeOptions are the divisions and districts that who asks may look at.
func placeOptions(r *site.Request) []kit.Option {
	held := areas(r.Who)
	options := []kit.Option{{Label: r.S.T("board.all_places")}}
	var districts []geo.Place
	for _, division := range geo.Children("") {
		if openTo(held, division.Code) {
			options = append(options, kit.Option{Value: division.Code, Label: geo.Full(r.S.Lang(), division.Code)})
		}
		for _, d := range geo.Children(division.Code) {
			if openTo(held, d.Code) {
				districts = append(districts, d)
			}
		}
	}
	return append(options, sortedOptions(districts, r)...)
}

func sortedOptions(places []geo.Place, r *site.Request) (options []kit.Option) {
	for _, p := range places {
		options = append(options, kit.Option{Value: p.Code, Label: p.Name(r.S.Lang())})
	}
	slices.SortStableFunc(options, func(a, b kit.Option) int { return byName(a.Label, b.Label) })
	return options
}
