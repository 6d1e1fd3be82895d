// SPDX-License-Identifier: Apache-2.0

package dashboards

import (
	"context"
	"maps"
	"slices"
	"strings"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/indicators"
	"fera/internal/indicators/facts"
)

// View is what is looked at: between which months, where, and of whom.
type View struct {
	From, To facts.Month       // both are in it; this year so far when both are zero
	Place    string            // only there; the whole country when empty
	Filter   map[string]string // only those, by dimension
}

// Answered is a panel with its figures, or with why there are none.
type Answered struct {
	Panel
	Table   indicators.Table
	Before  *indicators.Table // the same a year before, where it may be shown; of a Number alone
	Refused *fault.Error      // why it is not shown to who asks; then the table has its indicator alone
}

// mostMonths is for how many months each is drawn; for more it is years.
const mostMonths = 36

// Answer asks for the figures of a dashboard. A panel that may not be shown to who asks, or that is not kept so, says why and leaves
// the others standing. A place or an organisation that is not theirs to look at is not found.
func Answer(ctx context.Context, q db.Reader, who access.Actor, d Dashboard, v View) ([]Answered, error) {
	v = v.whole(dates.Of(q.Now()))
	var all []Answered
	for _, p := range d.Panels {
		a, err := v.panel(ctx, q, who, p)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

// whole fills in what was left out.
func (v View) whole(today dates.Partial) View {
	if v.From == 0 && v.To == 0 {
		v.From, v.To = facts.Month(today.Year*100+1), facts.MonthOf(today)
	}
	if v.To == 0 {
		v.To = facts.MonthOf(today)
	}
	return v
}

// panel answers one panel.
func (v View) panel(ctx context.Context, q db.Reader, who access.Actor, p Panel) (a Answered, err error) {
	a.Panel = p
	i, err := indicators.Find(ctx, q, who, p.Indicator, dates.Of(q.Now()))
	if err != nil {
		a.Refused = fault.Of(err)
		return a, known(err)
	}
	if a.Table, err = v.ask(ctx, q, who, p); err != nil {
		a.Table.Indicator, a.Refused = i, fault.Of(err)
		return a, known(err, refusals()...)
	}
	if p.Draw == Map && len(p.By) > 0 && p.By[0] == ByPlace && oneDistrict(a.Table) {
		finer, err := v.try(ctx, q, who, p.Indicator, attempt{by: []string{"upazila"}})
		if err == nil {
			a.Table = finer
		}
		return a, known(err, refusals()...)
	}
	if p.Draw != Number {
		return a, nil
	}
	v.From, v.To = v.From-100, v.To-100
	before, err := v.ask(ctx, q, who, p)
	if err == nil && !before.Whole.Hidden {
		a.Before = &before
	}
	return a, known(err, append(refusals(), "figure.bad_period")...)
}

// oneDistrict tells of a table by district that nothing lies in another: then a map of its upazilas says more.
func oneDistrict(t indicators.Table) bool {
	known := slices.DeleteFunc(slices.Clone(t.Cells), func(c indicators.Cell) bool { return c.Keys[0] == "" })
	return t.Question.By[0] == "district" && len(known) == 1 && len(known[0].Keys[0]) == 4
}

// refusals are the faults that say of a question that it is not answered to who asks, or not at all.
func refusals() []string {
	return []string{"figure.whole_years", "figure.not_for_place", "figure.not_together", "figure.no_kinds", "figure.people_of_kinds"}
}

// known is nothing for the faults that a panel says itself: that there is no such figure any more when none are given, else these.
func known(err error, keys ...string) error {
	f := fault.Of(err)
	if f == nil || len(keys) == 0 && f.Kind != fault.NotFound || len(keys) > 0 && !slices.Contains(keys, f.Key) {
		return err
	}
	return nil
}

// attempt is a way to ask for a panel. What may not be asked of one sex or one place alone may be read off a table that has them all.
type attempt struct {
	by     []string
	bySex  bool // asked by sex too, and read of one
	folded bool // asked by place too, and read of all of them together
}

// attempts are the ways to ask, the plainest first.
func (v View) attempts(p Panel) (all []attempt) {
	add := func(folded bool, by ...string) {
		all = append(all, attempt{by: by, folded: folded})
		if _, there := v.Filter["sex"]; there && (len(by) < 2 || slices.Contains(by, "sex")) {
			all = append(all, attempt{by: by, folded: folded, bySex: true})
		}
	}
	for _, first := range v.dimensions(p) {
		add(false, append([]string{first}, p.By[1:]...)...)
	}
	if len(p.By) == 0 {
		add(false)
	}
	if p.Draw == Number && v.Place != "" {
		add(true, map[int]string{2: "division", 4: "district"}[len(v.Place)])
	}
	return all
}

// dimensions are what the first dimension of a panel may stand for, the finest first.
func (v View) dimensions(p Panel) []string {
	switch {
	case len(p.By) == 0:
		return nil
	case p.By[0] == ByTime && months(v.From, v.To) > mostMonths:
		return []string{"year", "month"}
	case p.By[0] == ByTime:
		return []string{"month"}
	case p.By[0] == ByPlace && len(v.Place) >= 4:
		return []string{"upazila", "district"}
	case p.By[0] == ByPlace:
		return []string{"district"}
	}
	return p.By[:1]
}

// months is how many there are between two, both in it.
func months(from, to facts.Month) int {
	return (to.Year()-from.Year())*12 + int(to)%100 - max(int(from)%100, 1) + 1
}

// ask asks for a panel in the first way that is answered.
func (v View) ask(ctx context.Context, q db.Reader, who access.Actor, p Panel) (t indicators.Table, first error) {
	for _, a := range v.attempts(p) {
		t, err := v.try(ctx, q, who, p.Indicator, a)
		if err == nil || known(err, refusals()...) != nil {
			return t, err
		}
		if first == nil {
			first = err
		}
	}
	return t, first
}

func (v View) try(ctx context.Context, q db.Reader, who access.Actor, indicator string, a attempt) (indicators.Table, error) {
	question := indicators.Question{Indicator: indicator, From: v.From, To: v.To, Place: v.Place, By: slices.Clone(a.by), Filter: maps.Clone(v.Filter)}
	sex := v.Filter["sex"]
	if a.bySex {
		delete(question.Filter, "sex")
		if !slices.Contains(a.by, "sex") {
			question.By = append(question.By, "sex")
		}
	}
	t, err := indicators.Ask(ctx, q, who, question)
	if err != nil {
		return t, err
	}
	if a.bySex {
		readOf(&t, sex, len(a.by) < len(question.By))
	}
	if a.folded {
		t.Cells, t.Margins, t.Overlaps, t.Question.By = nil, nil, nil, nil
	}
	return t, nil
}

// readOf leaves of a table by sex what is of one; drop says that the table is not to be told apart by it any more. Where that sex
// is shown together with another it cannot be told.
func readOf(t *indicators.Table, sex string, drop bool) {
	at := slices.Index(t.Question.By, "sex")
	t.Whole, t.Margins, t.Overlaps = indicators.Number{}, nil, nil
	var cells []indicators.Cell
	for _, c := range t.Cells {
		apart := c.Keys[at] == sex
		if !apart && !slices.Contains(strings.Split(c.Keys[at], " + "), sex) {
			continue
		}
		if !apart {
			c.Number = indicators.Number{Hidden: true}
		}
		t.Whole.N, t.Whole.Hidden = t.Whole.N+c.N, t.Whole.Hidden || c.Hidden
		if c.Keys = slices.Clone(c.Keys); drop {
			c.Keys = slices.Delete(c.Keys, at, at+1)
		}
		if len(c.Keys) > 0 {
			cells = append(cells, c)
		}
	}
	if t.Whole.Hidden {
		t.Whole.N = 0
	}
	t.Cells = cells
	if drop {
		t.Question.By = slices.Delete(slices.Clone(t.Question.By), at, at+1)
	}
	t.Question.Filter = maps.Clone(t.Question.Filter)
	t.Question.Filter["sex"] = sex
}
