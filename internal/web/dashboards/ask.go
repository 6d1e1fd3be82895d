// SPDX-License-Identifier: Apache-2.0

package dashboards

import (
	"slices"

	"github.com/a-h/templ"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/indicators"
	"fera/internal/indicators/definitions"
	"fera/internal/indicators/facts"
	"fera/internal/phrases"
	"fera/internal/web/guide"
	"fera/internal/web/kit"
	"fera/internal/web/site"
)

type askView struct {
	kit.Frame
	Lead    string
	Filters filters
	Refused string // why it is not shown
	Instead []kit.NavItem
	None    bool
	Great   cell
	drawn
	Title string // of the plot and the table
	How   string
	About []kit.Fact
	Keep  string // the address that will tell whether it was revised
	Typed []typed
	Guide guide.View
}

// typed is a figure that was typed in, beside what was counted here for the same months.
type typed struct {
	Facts   []kit.Fact
	Differs string
}

func ask(r *site.Request, q db.Reader) (templ.Component, error) {
	a, wrong := read(r)
	i, say, err := begin(r, q)
	if err != nil {
		return nil, err
	}
	path := "/figures/ask/" + i.Code
	v := askView{Frame: r.Frame(i.Name(string(r.S.Lang()))), Lead: say.Period(a.From, a.To), How: say.How(i)}
	if v.Filters, err = filtersOf(r, q, say, a, path); err != nil {
		return nil, err
	}
	v.Filters.narrowed(r, say, i, a)
	v.Filters.Selects = append(breakdowns(r, i, a), v.Filters.Selects...)
	v.about(r, i)
	if v.Guide, err = guide.For(r, q, topic); err != nil {
		return nil, err
	}
	if v.Typed, err = entered(r, q, say, i); err != nil {
		return nil, err
	}
	var t indicators.Table
	if wrong == nil {
		t, wrong = indicators.Ask(r.Context(), q, r.Who, a.question(i.Code))
	}
	if f := fault.Of(wrong); f != nil && f.Kind == fault.Invalid {
		v.Refused, v.Instead = r.S.Fault(f), instead(r, a, f.Key, path)
		return askPage(v), nil
	}
	if wrong != nil {
		return nil, wrong
	}
	v.show(r, tell(r, say, t, a))
	return askPage(v), nil
}

// begin finds the indicator of the address, and the words for it.
func begin(r *site.Request, q db.Reader) (i definitions.Indicator, say *phrases.Phrases, err error) {
	if i, err = indicators.Find(r.Context(), q, r.Who, r.PathValue("indicator"), dates.Of(r.Now)); err != nil {
		return i, nil, err
	}
	say, err = phrases.New(r.Context(), q, r.S)
	return i, say, err
}

// show draws what was answered.
func (v *askView) show(r *site.Request, x told) {
	v.Lead, v.Title = x.say.Period(x.t.Question.From, x.t.Question.To), x.title()
	v.drawn, v.Great = x.draw(x.fitting()), x.cell(nil, x.t.Whole)
	v.None = nothing(x.t)
	v.Notes = append(v.Notes, r.S.T("figure.as_of", "at", dates.FormatTime(r.S, x.t.AsOf)))
	keep := x.asked
	if keep.Since.IsZero() {
		keep = keep.months(x.t.Question.From, x.t.Question.To)
		keep.From, keep.Since = max(keep.From, facts.Month(keep.From.Year()*100+1)), x.t.AsOf
		v.Keep = keep.at(x.path())
	}
}

// breakdowns are the choices of what a figure is told apart by.
func breakdowns(r *site.Request, i definitions.Indicator, a asked) []choice {
	options := []kit.Option{{Label: r.S.T("board.not_apart")}}
	known := slices.Clone(i.By)
	for _, by := range a.By {
		if slices.Contains(definitions.Dimensions(), by) && !slices.Contains(known, by) {
			known = append(known, by)
		}
	}
	for _, d := range known {
		options = append(options, kit.Option{Value: d, Label: r.S.T("figure.dimension." + d)})
	}
	value := func(n int) string {
		if n < len(a.By) {
			return a.By[n]
		}
		return ""
	}
	return []choice{
		{kit.Input{Name: "by", Label: r.S.T("board.choose.by"), Value: value(0)}, options},
		{kit.Input{Name: "and", Label: r.S.T("board.choose.and"), Value: value(1)}, options},
	}
}

// instead are questions that may be answered where one was refused.
func instead(r *site.Request, a asked, key, path string) (items []kit.NavItem) {
	add := func(label string, a asked) { items = append(items, kit.NavItem{Href: a.at(path), Label: label}) }
	switch key {
	case "figure.whole_years":
		year := facts.Month(a.To.Year() * 100)
		whole := a.months(year+1, year+12)
		whole.Place, whole.Filter = "", map[string]string{}
		if len(whole.By) > 1 {
			whole.By = whole.By[:1]
		}
		add(r.S.T("board.instead_year", "year", r.S.Digits(monthText(year)[:4])), whole)
		whole.By = nil
		add(r.S.T("board.instead_whole"), whole)
	case "figure.not_for_place":
		parts := a.clone()
		parts.By = []string{"district"}
		add(r.S.T("board.instead_place"), parts)
		country := a.clone()
		country.Place = ""
		add(r.S.T("board.instead_country"), country)
	case "figure.not_together", "figure.two_at_most":
		fewer := a.clone()
		fewer.By = fewer.By[:min(len(fewer.By), 1)]
		add(r.S.T("board.instead_fewer"), fewer)
	}
	return items
}

// about is who answers for the figure and which standard it speaks for.
func (v *askView) about(r *site.Request, i definitions.Indicator) {
	v.About = []kit.Fact{{Label: r.S.T("board.answers"), Value: i.Owner}}
	for _, s := range i.Standards {
		note := ""
		if s.Partly {
			note = r.S.T("board.partly")
		}
		v.About = append(v.About, kit.Fact{Label: r.S.T("board.standard"), Value: s.Name + " " + s.Code, Note: note})
	}
	v.About = append(v.About, kit.Fact{Label: r.S.T("board.code"), Value: i.Code})
}

// mostTyped is how many figures that were typed in are compared with what was counted.
const mostTyped = 12

// entered are the figures that were typed in, each with its difference and with what was counted here.
func entered(r *site.Request, q db.Reader, say *phrases.Phrases, i definitions.Indicator) (all []typed, err error) {
	found, err := indicators.Entered(r.Context(), q, r.Who, i.Code)
	for _, f := range found[:min(len(found), mostTyped)] {
		from, to := facts.MonthOf(f.From), facts.MonthOf(f.To)
		if f.From.Month == 0 {
			from = facts.Month(f.From.Year*100 + 1)
		}
		if f.To.Month == 0 {
			to = facts.Month(f.To.Year*100 + 12)
		}
		number := func(n int64) string { return say.Number(definitions.Indicator{}, indicators.Number{N: n}) }
		one := typed{Facts: []kit.Fact{{Label: r.S.T("board.typed_period"), Value: say.Period(from, to)}, {Label: r.S.T("board.typed_whole"), Value: number(f.Whole)}}}
		for _, p := range f.Parts {
			one.Facts = append(one.Facts, kit.Fact{Label: partName(r, p.Code), Value: number(p.N)})
		}
		if len(f.Parts) > 0 {
			one.Facts = append(one.Facts, kit.Fact{Label: r.S.T("board.typed_sum"), Value: number(f.Of())})
		}
		if d := f.Difference(); d != 0 {
			one.Differs = r.S.T("figure.note.typed", "n", max(d, -d))
		}
		t, asking := indicators.Ask(r.Context(), q, r.Who, indicators.Question{Indicator: i.Code, From: from, To: to})
		if asking == nil {
			one.Facts = append(one.Facts, kit.Fact{Label: r.S.T("board.counted_here"), Value: say.Number(i, t.Whole)})
		} else if fault.KindOf(asking) == fault.Internal {
			return nil, asking
		}
		one.Facts = append(one.Facts, kit.Fact{Label: r.S.T("board.typed_source"), Value: f.Source})
		all = append(all, one)
	}
	return all, err
}

// partName says the part of a figure that was typed in: a sex in words, and what else it was called.
func partName(r *site.Request, code string) string {
	if key := "figure.sex." + code; r.S.Has(key) {
		return r.S.T(key)
	}
	return code
}
