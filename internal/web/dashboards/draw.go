// SPDX-License-Identifier: Apache-2.0

package dashboards

import (
	"math"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/dashboards"
	"fera/internal/geo"
	"fera/internal/indicators"
	"fera/internal/indicators/definitions"
	"fera/internal/outlines"
	"fera/internal/phrases"
	"fera/internal/web/plots"
)

// drawn is a figure as it is seen.
type drawn struct {
	Plot   templ.Component // nothing where there is nothing to draw
	Legend plots.Legend    // of shares, and of columns with parts
	Sheet  *sheet
	Notes  []string
}

// mostDrawn is how many bars are drawn; the table has them all.
const mostDrawn = 8

// draw draws the figure in a way.
func (x told) draw(as dashboards.Drawing) drawn {
	d := drawn{Sheet: x.sheet(), Notes: x.notes()}
	if d.Sheet == nil {
		return d
	}
	switch as {
	case dashboards.Course:
		d.Plot, d.Legend = x.columns()
		if n := x.untimed(); n != "" {
			d.Notes = append(d.Notes, x.r.S.T("board.untimed", "n", n))
		}
	case dashboards.Bars:
		d.Plot = x.bars().Draw()
	case dashboards.Shares:
		d.Plot, d.Legend = x.shares()
	case dashboards.Map:
		d.Plot = x.mapped()
	}
	return d
}

// fitting is how a figure is drawn that no dashboard says.
func (x told) fitting() dashboards.Drawing {
	by := x.t.Question.By
	switch {
	case len(by) == 0:
		return dashboards.Number
	case definitions.Period(by[0]) && (len(by) == 1 || by[1] == "sex"):
		return dashboards.Course
	case len(by) == 1 && (by[0] == "district" || by[0] == "upazila"):
		return dashboards.Map
	case len(by) == 1:
		return dashboards.Bars
	case by[1] == "sex" && x.adds():
		return dashboards.Shares
	}
	return dashboards.Number
}

// adds tells whether the numbers are parts that add up: a share of something and a mean do not.
func (x told) adds() bool {
	return x.t.Indicator.Of == nil && x.t.Indicator.Counts.Count != definitions.Mean
}

// said is the picture in one sentence.
func (x told) said() string {
	return x.r.S.T("board.said", "title", x.title(), "period", x.say.Period(x.t.Question.From, x.t.Question.To), "n", x.say.Number(x.t.Indicator, x.t.Whole))
}

// worth is a number on the scale of a plot: nothing when it may not be shown, or is none.
func (x told) worth(n indicators.Number) float64 {
	if v := phrases.Worth(x.t.Indicator, n); !n.Hidden && !math.IsNaN(v) {
		return max(v, 0)
	}
	return 0
}

// timed tells of a time that it is one known one.
func timed(key string) bool { return lateness(key) == 0 && !strings.Contains(key, together) }

// untimed is how many are not in the picture, because their time is not known or not shown alone.
func (x told) untimed() string {
	var sum indicators.Number
	for _, k := range x.keys(0) {
		if timed(k) {
			continue
		}
		n := x.cells[k]
		if len(x.t.Margins) > 0 {
			n = numberOf(x.t.Margins[0], k)
		}
		sum.N, sum.Of, sum.Hidden = sum.N+n.N, sum.Of+n.Of, sum.Hidden || n.Hidden
	}
	if sum == (indicators.Number{}) {
		return ""
	}
	return x.say.Number(x.t.Indicator, sum)
}

// columns are the figure over time. What is known of no month is in the table alone.
func (x told) columns() (templ.Component, plots.Legend) {
	by := x.t.Question.By
	c, legend, seconds := plots.Columns{Said: x.said()}, plots.Legend{}, []string{}
	if len(by) > 1 {
		seconds = x.keys(1)
		for _, k := range seconds {
			legend.Labels = append(legend.Labels, x.say.Key(x.t.Indicator, by[1], k))
		}
	}
	most := 0.0
	for _, k := range x.keys(0) {
		if !timed(k) {
			continue
		}
		one := plots.Column{Label: x.say.Key(x.t.Indicator, by[0], k)}
		sum := 0.0
		add := func(n indicators.Number) {
			one.Parts, one.Hidden = append(one.Parts, x.worth(n)), one.Hidden || n.Hidden
			sum += x.worth(n)
		}
		if len(by) == 1 {
			add(x.cells[k])
		}
		for _, second := range seconds {
			add(x.cells[joined(k, second)])
		}
		if one.Hidden {
			sum, legend.Few = 0, x.r.S.T("board.undivided")
			if one.Parts = nil; len(x.t.Margins) > 0 {
				one.Undivided = x.worth(numberOf(x.t.Margins[0], k))
				sum = one.Undivided
			}
		}
		one.Said = one.Label + ": " + x.say.Value(x.t.Indicator, sum)
		if one.Hidden && sum == 0 {
			one.Said = one.Label + ": " + x.r.S.T("figure.few")
		}
		most = max(most, sum)
		c.Columns = append(c.Columns, one)
	}
	c.Top = x.say.Value(x.t.Indicator, most)
	return c.Draw(), legend
}

// bars are the greatest amounts beside one another.
func (x told) bars() plots.Bars {
	b := plots.Bars{Said: x.said()}
	for _, k := range x.keys(0) {
		n := x.cells[k]
		if n.N == 0 && !n.Hidden {
			continue
		}
		one := plots.Bar{Label: x.say.Key(x.t.Indicator, x.t.Question.By[0], k), Said: x.say.Number(x.t.Indicator, n)}
		if v := x.worth(n); v > 0 {
			one.Parts = []float64{v}
		}
		if b.Bars = append(b.Bars, one); len(b.Bars) == mostDrawn {
			break
		}
	}
	return b
}

// shares are what part of each the women and the men are.
func (x told) shares() (templ.Component, plots.Legend) {
	by := x.t.Question.By
	s, legend, seconds := plots.Shares{Said: x.said()}, plots.Legend{}, x.keys(1)
	for _, k := range seconds {
		legend.Labels = append(legend.Labels, x.say.Key(x.t.Indicator, by[1], k))
	}
	for _, k := range x.keys(0) {
		one := plots.ShareRow{Label: x.say.Key(x.t.Indicator, by[0], k)}
		hidden, sum := false, 0.0
		for _, second := range seconds {
			n := x.cells[joined(k, second)]
			hidden = hidden || n.Hidden
			one.Parts = append(one.Parts, x.worth(n))
			sum += x.worth(n)
		}
		if one.Said = x.say.Value(x.t.Indicator, sum); hidden {
			one.Said, one.Parts = x.r.S.T("figure.few"), nil
			if len(x.t.Margins) > 0 {
				one.Said = x.say.Number(x.t.Indicator, numberOf(x.t.Margins[0], k))
			}
			one.Undivided, legend.Few = true, x.r.S.T("board.undivided")
		}
		if s.Rows = append(s.Rows, one); len(s.Rows) == mostDrawn {
			break
		}
	}
	return s.Draw(), legend
}

// mapped is the figure on a map: of the districts, or of the upazilas of what was asked for; nothing where there is no such map.
func (x told) mapped() templ.Component {
	dimension, place := x.t.Question.By[0], x.t.Question.Place
	s, ok := outlines.Districts(place[:min(len(place), 2)])
	if dimension == "upazila" {
		if place == "" {
			place = around(x.t.Cells)
		}
		s, ok = outlines.Upazilas(place[:min(len(place), 4)])
	}
	if !ok {
		return nil
	}
	m := plots.Map{Said: x.said(), Sheet: s, Places: map[string]plots.Spot{}, Thanks: x.r.S.T("board.thanks")}
	numbers := x.onMap()
	var values []float64
	for _, a := range s.Areas {
		if n := numbers[a.Code]; !n.Hidden {
			values = append(values, x.worth(n))
		}
	}
	classes := outlines.Classes(values)
	few := false
	for _, a := range s.Areas {
		n, there := numbers[a.Code]
		spot := plots.Spot{Said: geo.Name(x.r.S.Lang(), a.Code) + ": " + x.say.Number(x.t.Indicator, n), Href: x.into(dimension, a.Code), Few: n.Hidden}
		if spot.Shade = outlines.Shade(classes, x.worth(n)); n.Hidden {
			few, spot.Shade = true, 0
		}
		if !there && x.t.Indicator.Of != nil {
			spot.Said = geo.Name(x.r.S.Lang(), a.Code) + ": –"
		}
		if len(s.Areas) <= 14 {
			spot.Name = geo.Name(x.r.S.Lang(), a.Code)
		}
		m.Places[a.Code] = spot
	}
	m.Key = x.mapKey(classes, few)
	if n, there := x.cells[""]; there && (n.N != 0 || n.Hidden) {
		m.Apart = x.r.S.T("board.unplaced", "n", x.say.Number(x.t.Indicator, n))
	}
	if newer := newerOn(s); len(newer) > 0 {
		var said []string
		for _, u := range newer {
			said = append(said, x.r.S.T("board.drawn_with", "name", u.Name(x.r.S.Lang()), "other", geo.Name(x.r.S.Lang(), geo.Drawn(u.Code))))
		}
		m.Thanks = strings.Join(said, " ") + " " + m.Thanks
	}
	return m.Draw()
}

// around is the district or the division in which all places of a table lie; nothing when they lie in several.
func around(cells []indicators.Cell) string {
	for _, digits := range []int{4, 2} {
		found := map[string]bool{}
		for _, c := range cells {
			if k := c.Keys[0]; k != "" {
				found[k[:min(digits, len(k))]] = true
			}
		}
		for code := range found {
			if len(found) == 1 {
				return code
			}
		}
	}
	return ""
}

// mapKey says what the shades stand for.
func (x told) mapKey(classes []outlines.Class, few bool) (key []plots.Shaded) {
	key = append(key, plots.Shaded{Label: x.r.S.T("board.none")})
	for _, c := range classes {
		label, to := x.say.Value(x.t.Indicator, c.From), x.say.Value(x.t.Indicator, c.To)
		if label != to {
			label = label + "–" + to
		}
		key = append(key, plots.Shaded{Label: label, Shade: outlines.Shade(classes, c.From)})
	}
	if few {
		key = append(key, plots.Shaded{Label: x.r.S.T("board.few"), Few: true})
	}
	return key
}

// newerOn are the upazilas of a sheet that were made after it was drawn.
func newerOn(s outlines.Sheet) (all []geo.Place) {
	for _, a := range s.Areas {
		for _, u := range geo.Children(a.Code[:min(len(a.Code), 4)]) {
			if d := geo.Drawn(u.Code); d != u.Code && d == a.Code {
				all = append(all, u)
			}
		}
	}
	return all
}

// onMap are the numbers of the places of a map. Upazilas that are newer than the map are added to those that they were part of; what
// is shown together with others, or of what lies around it only, is not shown apart.
func (x told) onMap() map[string]indicators.Number {
	all := map[string]indicators.Number{}
	add := func(code string, n indicators.Number) {
		was := all[geo.Drawn(code)]
		all[geo.Drawn(code)] = indicators.Number{N: was.N + n.N, Of: was.Of + n.Of, Hidden: was.Hidden || n.Hidden}
	}
	level := map[string]int{"district": 4, "upazila": 6}[x.t.Question.By[0]]
	for _, c := range x.t.Cells {
		parts := strings.Split(c.Keys[0], together)
		for _, code := range parts {
			switch {
			case len(code) == level && len(parts) == 1:
				add(code, c.Number)
			case len(code) == level && c.N > 0:
				add(code, indicators.Number{Hidden: true})
			case len(code) < level && code != "" && (c.N > 0 || c.Hidden):
				for _, inner := range lyingIn(code, level) {
					add(inner, indicators.Number{Hidden: true})
				}
			}
		}
	}
	return all
}

// lyingIn are the places of a level in one that is known less finely.
func lyingIn(code string, level int) (all []string) {
	for _, inner := range geo.Children(code) {
		if len(inner.Code) == level {
			all = append(all, inner.Code)
		} else if len(inner.Code) < level {
			all = append(all, lyingIn(inner.Code, level)...)
		}
	}
	return all
}

// openTo tells whether who asks may look at a place.
func openTo(held []string, code string) bool {
	return len(held) == 0 || slices.ContainsFunc(held, func(area string) bool { return geo.Within(code, area) })
}
