// SPDX-License-Identifier: Apache-2.0

package indicators

import (
	"context"
	"slices"
	"strings"

	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/indicators/definitions"
	"fera/internal/indicators/facts"
	"fera/internal/indicators/sources"
	"fera/internal/indicators/tables"
)

// told is how a figure is told that may not be told exactly.
type told struct {
	way     string      // in which the population is told apart; the places are told apart down to a level
	level   facts.Level // of the places
	columns string      // the dimension whose values are the columns: the sexes where they are asked for
}

// mayBeShown refuses for who may not see the records what could be put together from
// several answers: a figure is shown of whole years, told apart in one way and by
// sex, so that all answers are parts of one that is safe as a whole. Who may see
// the records, and asks for what is of class 3 in them, may choose the months, and
// what is of class 3 by place, down to the upazila.
func (t *Table) mayBeShown() (how told, err error) {
	a := t.Question
	m, _ := sources.Find(t.Indicator.Counts.Measure)
	refused := fault.New(fault.Invalid, "figure.whole_years")
	if !t.sees && (a.From.Known() || a.From.Year() != a.To.Year()) {
		return how, refused
	}
	if m.Stock || t.Indicator.Of != nil || t.Indicator.Counts.Count == definitions.Amount || t.Indicator.Counts.Count == definitions.Mean {
		return how, refused
	}
	for d := range a.Filter {
		if d != "organisation" && !(t.sees && d == "kind") {
			return how, refused
		}
	}
	how.level = max(facts.District, facts.Level(len(facts.PlaceOf(a.Place).String())/2))
	for _, by := range a.By {
		level, place := levelOf(by)
		switch {
		case by == "sex" && how.columns == "":
			how.columns = by
		case place && how.way == "" && (level < facts.Upazila || t.sees):
			how.way, how.level = "place", max(how.level, level)
		case definitions.Protected(by) && how.columns == "" && t.sees && t.placed():
			how.columns = by
		case slices.Contains([]string{"month", "age", "country", "reason", "disability", "ethnicity"}, by) && how.way == "":
			how.way = by
		case by == "kind" && how.way == "" && (t.Indicator.Counts.Count == definitions.Events || t.sees && len(a.By) == 1):
			how.way = by
		default:
			return how, refused
		}
	}
	if definitions.Protected(how.columns) {
		if how.way != "" && how.way != "place" {
			return how, refused
		}
		how.way = "place"
	}
	if how.way == "kind" && t.Indicator.Counts.Count == definitions.People {
		return how, nil // no parts of a whole: each is told by itself
	}
	if a.Place != "" && (how.way != "place" || how.level == facts.Upazila && !t.sees) {
		return how, fault.New(fault.Invalid, "figure.not_for_place").On("place")
	}
	return how, nil
}

// placed tells whether a figure is asked of a place, or told apart by place.
func (t *Table) placed() bool {
	return t.Question.Place != "" || slices.ContainsFunc(t.Question.By, func(by string) bool { _, is := levelOf(by); return is })
}

// Finer tells whether who asked may be told the figure by upazila.
func (t *Table) Finer() bool { return t.sees }

// shown counts for who may not see the records, or not what is of class 3 in them.
func (t *Table) shown(ctx context.Context, q db.Reader) error {
	how, err := t.mayBeShown()
	if err != nil {
		return err
	}
	if how.way == "kind" && t.Indicator.Counts.Count == definitions.People {
		return t.kinds(ctx, q)
	}
	a := t.Question
	to := facts.Month(a.From.Year()*100 + 12)
	if t.sees {
		to = a.To
	}
	t.Question.To = to
	f, err := familyOf(ctx, q, t.Indicator.Counts, selection{from: a.From, to: to, where: a.Filter}, how)
	if err != nil {
		return err
	}
	answer, any := tables.Protect(f, tables.Inside)
	if !any {
		t.Whole.Hidden = true
		return nil
	}
	t.Whole.N = answer.Whole.Total
	if how.way == "" {
		if how.columns != "" {
			t.Cells = cellsOf(answer, []tables.Shown{answer.Whole}, nil, true)
		}
		return nil
	}
	rows := answer.Ways[0].Rows
	if a.Place != "" {
		t.Whole = wholeOf(rows, answer.Whole.Total, a.Place)
	}
	if how.way == "place" && !t.byPlace() { // of one place what its columns are
		t.Cells = cellsOf(answer, []tables.Shown{rowOf(rows, a.Place)}, nil, true)
		return nil
	}
	for range t.levels() - 1 {
		rows = finest(rows)
	}
	t.Cells = cellsOf(answer, lying(rows, a.Place), a.By, how.columns != "")
	if how.columns != "" {
		t.margins(answer, lying(rows, a.Place))
	}
	return nil
}

// byPlace tells whether a figure is told apart by place.
func (t *Table) byPlace() bool { return t.levels() > 0 }

// levels is how far a figure is told apart by place; one for what is told apart by something else.
func (t *Table) levels() int {
	for _, by := range t.Question.By {
		if l, is := levelOf(by); is {
			return int(l)
		}
	}
	if t.Question.Place == "" {
		return 1
	}
	return 0
}

// lying are the rows that lie in a place. Where only what lies around it is told, it is not known how many there are in it.
func lying(rows []tables.Shown, place string) (some []tables.Shown) {
	if place == "" {
		return rows
	}
	for _, r := range rows {
		switch {
		case slices.ContainsFunc(r.Codes, func(c string) bool { return strings.HasPrefix(c, place) }):
			some = append(some, r)
		case r.Total > 0 && slices.ContainsFunc(r.Codes, func(c string) bool { return c != "" && strings.HasPrefix(place, c) }):
			some = append(some, tables.Shown{Codes: []string{place}, Total: hidden})
		}
	}
	return some
}

// hidden stands for a total that is not told.
const hidden = -1

// rowOf is the row of a place, with nothing told of it where there is none of its own.
func rowOf(rows []tables.Shown, place string) tables.Shown {
	for _, r := range rows {
		if len(r.Codes) == 1 && r.Codes[0] == place {
			return r
		}
		if len(r.Codes) == 1 && r.Codes[0] != "" && strings.HasPrefix(place, r.Codes[0]) {
			return rowOf(r.Parts, place)
		}
	}
	return tables.Shown{Codes: []string{place}, Total: hidden}
}

// margins are the rows and the columns each by itself, which may be known where they are not told apart. Of a place the columns are not.
func (t *Table) margins(answer tables.Answer, rows []tables.Shown) {
	totals := cellsOf(answer, rows, nil, false)
	columns := cellsOf(answer, []tables.Shown{answer.Whole}, nil, true)
	for i := range columns {
		if t.Question.Place != "" {
			columns[i].Number = Number{Hidden: true}
		}
	}
	if t.Margins = [][]Cell{totals, columns}; columnsFirst(t.Question.By) {
		slices.Reverse(t.Margins)
	}
}

// columnsFirst tells of two dimensions whether the first is that of the columns.
func columnsFirst(by []string) bool {
	if len(by) < 2 {
		return false
	}
	_, place := levelOf(by[1])
	return by[0] == "sex" || place && definitions.Protected(by[0])
}

// wholeOf is how many there are in a place by what is shown of rows that come to a total. It may not be known where the place is
// shown with others or is not told apart.
func wholeOf(rows []tables.Shown, total int64, place string) Number {
	if len(rows) == 0 {
		return Number{Hidden: total > 0}
	}
	for _, r := range rows {
		around := slices.ContainsFunc(r.Codes, func(c string) bool { return c != "" && strings.HasPrefix(place, c) })
		switch {
		case !around:
		case len(r.Codes) > 1:
			return Number{Hidden: r.Total > 0}
		case r.Codes[0] == place:
			return Number{N: r.Total}
		default:
			return wholeOf(r.Parts, r.Total, place)
		}
	}
	return Number{}
}

// kinds counts people by kind, for who may see the records. One may have had several kinds of help, so the numbers are no parts
// of the whole and cannot be taken away from it: each that is small is left out by itself.
func (t *Table) kinds(ctx context.Context, q db.Reader) error {
	if err := t.count(ctx, q); err != nil {
		return err
	}
	hide := func(n *Number) {
		if n.N > 0 && n.N < tables.Inside {
			*n = Number{Hidden: true}
		}
	}
	hide(&t.Whole)
	for i := range t.Cells {
		hide(&t.Cells[i].Number)
	}
	if t.Whole.Hidden || slices.ContainsFunc(t.Cells, func(c Cell) bool { return c.Hidden }) {
		t.Overlaps = nil
	}
	return nil
}

// finest are the parts of rows, and the rows that are not told apart.
func finest(rows []tables.Shown) (all []tables.Shown) {
	for _, r := range rows {
		if r.Parts == nil {
			all = append(all, r)
			continue
		}
		all = append(all, r.Parts...)
	}
	return all
}

// shownTogether stands between the codes of what is shown together.
const shownTogether = " + "

// cellsOf makes cells of rows, by the columns or not.
func cellsOf(a tables.Answer, rows []tables.Shown, by []string, columns bool) (cells []Cell) {
	for _, r := range rows {
		name := strings.Join(r.Codes, shownTogether)
		if !columns {
			cells = append(cells, Cell{Keys: []string{name}, Number: Number{N: max(r.Total, 0), Hidden: r.Total == hidden}})
			continue
		}
		for i, codes := range a.Columns {
			keys := []string{name, strings.Join(codes, shownTogether)}
			if columnsFirst(by) {
				slices.Reverse(keys)
			}
			if len(by) == 0 {
				keys = keys[1:]
			}
			n := Number{Hidden: r.Split == nil}
			if r.Split != nil {
				n.N = r.Split[i]
			}
			cells = append(cells, Cell{Keys: keys, Number: n})
		}
	}
	return cells
}
