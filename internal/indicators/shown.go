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

// sexes are the columns of what may be shown.
func sexes() []string { return []string{"female", "male", "other", ""} }

// familyOf counts a population of one year for showing it: the sexes, and the ways given. The place is told apart down to the district.
func familyOf(ctx context.Context, q db.Reader, part definitions.Part, s selection, ways []string) (tables.Family, error) {
	f := tables.Family{Columns: sexes()}
	s.by = []string{"sex"}
	whole, err := tally(ctx, q, part, s)
	if err != nil {
		return f, err
	}
	f.Counts = columns(part, whole)[""]
	if f.Counts == nil {
		f.Counts = make([]int64, len(f.Columns))
	}
	for _, way := range ways {
		w := tables.Way{Code: way}
		if w.Parts, err = partsOf(ctx, q, part, s, way); err != nil {
			return f, err
		}
		f.Ways = append(f.Ways, w)
	}
	return f, nil
}

// columns are the counts of a tally by sex, under what stands before the sex in its keys.
func columns(part definitions.Part, values map[key]facts.Value) map[string][]int64 {
	all := map[string][]int64{}
	for k, v := range values {
		keys := k.values()
		row, sex := strings.Join(keys[:len(keys)-1], "\x1f"), keys[len(keys)-1]
		if all[row] == nil {
			all[row] = make([]int64, len(sexes()))
		}
		all[row][max(slices.Index(sexes(), sex), 0)] += counted(part.Count, v)
	}
	return all
}

// partsOf tells a population apart in one way.
func partsOf(ctx context.Context, q db.Reader, part definitions.Part, s selection, way string) ([]tables.Node, error) {
	if way != "place" {
		return rowsOf(ctx, q, part, s, way)
	}
	divisions, err := rowsOf(ctx, q, part, s, "division")
	if err != nil {
		return nil, err
	}
	districts, err := rowsOf(ctx, q, part, s, "district")
	if err != nil {
		return nil, err
	}
	for i := range divisions {
		d := &divisions[i]
		left := slices.Clone(d.Counts)
		for _, n := range districts {
			if d.Code == "" || !strings.HasPrefix(n.Code, d.Code) {
				continue
			}
			d.Parts = append(d.Parts, n)
			for c, v := range n.Counts {
				left[c] -= v
			}
		}
		if d.Code != "" && slices.ContainsFunc(left, func(v int64) bool { return v != 0 }) {
			d.Parts = append(d.Parts, tables.Node{Counts: left}) // of whom only the division is known
		}
	}
	return divisions, nil
}

func rowsOf(ctx context.Context, q db.Reader, part definitions.Part, s selection, by string) (rows []tables.Node, err error) {
	s.by = []string{by, "sex"}
	values, err := tally(ctx, q, part, s)
	if err != nil {
		return nil, err
	}
	for code, counts := range columns(part, values) {
		rows = append(rows, tables.Node{Code: code, Counts: counts})
	}
	slices.SortFunc(rows, func(a, b tables.Node) int { return strings.Compare(a.Code, b.Code) })
	return rows, nil
}

// mayBeShown refuses for who may not see the records what could be put together from
// several answers: a figure is shown of whole years, told apart in one way and by
// sex, so that all answers are parts of one that is safe as a whole. Who may see
// the records, and asks for what is of class 3 in them, may choose the months.
func (t *Table) mayBeShown() (way string, err error) {
	a := t.Question
	m, _ := sources.Find(t.Indicator.Counts.Measure)
	refused := fault.New(fault.Invalid, "figure.whole_years")
	if !t.sees && (a.From.Known() || a.From.Year() != a.To.Year()) {
		return "", refused
	}
	if m.Stock || t.Indicator.Of != nil || t.Indicator.Counts.Count == definitions.Amount || t.Indicator.Counts.Count == definitions.Mean {
		return "", refused
	}
	for d := range a.Filter {
		if d != "organisation" && !(t.sees && d == "kind") {
			return "", refused
		}
	}
	for _, by := range a.By {
		switch {
		case by == "sex":
		case slices.Contains([]string{"division", "district"}, by) && way == "":
			way = "place"
		case slices.Contains([]string{"month", "age", "country", "reason", "disability", "ethnicity"}, by) && way == "":
			way = by
		case by == "kind" && way == "" && (t.Indicator.Counts.Count == definitions.Events || t.sees && len(a.By) == 1):
			way = by
		default:
			return "", refused
		}
	}
	return way, nil
}

// shown counts for who may not see the records.
func (t *Table) shown(ctx context.Context, q db.Reader) error {
	way, err := t.mayBeShown()
	if err != nil {
		return err
	}
	if way == "kind" && t.Indicator.Counts.Count == definitions.People {
		return t.kinds(ctx, q)
	}
	ways := []string{}
	if way != "" {
		ways = append(ways, way)
	}
	a := t.Question
	if a.Place != "" && way != "place" {
		return fault.New(fault.Invalid, "figure.not_for_place").On("place")
	}
	to := facts.Month(a.From.Year()*100 + 12)
	if t.sees {
		to = a.To
	}
	t.Question.To = to
	f, err := familyOf(ctx, q, t.Indicator.Counts, selection{from: a.From, to: to, where: a.Filter}, ways)
	if err != nil {
		return err
	}
	answer, any := tables.Protect(f, tables.Inside)
	if !any {
		t.Whole.Hidden = true
		return nil
	}
	t.Whole.N = answer.Whole.Total
	bySex := slices.Contains(a.By, "sex")
	if way == "" {
		if bySex {
			t.Cells = cellsOf(answer, []tables.Shown{answer.Whole}, nil, true)
		}
		return nil
	}
	rows := answer.Ways[0].Rows
	if slices.Contains(a.By, "district") {
		rows = finest(rows)
	}
	if a.Place != "" {
		rows = slices.DeleteFunc(slices.Clone(rows), func(r tables.Shown) bool {
			return !slices.ContainsFunc(r.Codes, func(c string) bool { return strings.HasPrefix(c, a.Place) })
		})
		t.Whole = wholeOf(answer.Ways[0].Rows, answer.Whole.Total, a.Place)
	}
	t.Cells = cellsOf(answer, rows, a.By, bySex)
	if bySex {
		t.margins(answer, rows)
	}
	return nil
}

// margins are the rows and the sexes each by itself, which may be known where they are not told apart. Of a place the sexes are not.
func (t *Table) margins(answer tables.Answer, rows []tables.Shown) {
	totals := cellsOf(answer, rows, nil, false)
	columns := cellsOf(answer, []tables.Shown{answer.Whole}, nil, true)
	for i := range columns {
		if t.Question.Place != "" {
			columns[i].Number = Number{Hidden: true}
		}
	}
	if t.Margins = [][]Cell{totals, columns}; t.Question.By[0] == "sex" {
		slices.Reverse(t.Margins)
	}
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

// cellsOf makes cells of rows, by sex or not.
func cellsOf(a tables.Answer, rows []tables.Shown, by []string, bySex bool) (cells []Cell) {
	for _, r := range rows {
		name := strings.Join(r.Codes, shownTogether)
		if !bySex {
			cells = append(cells, Cell{Keys: []string{name}, Number: Number{N: r.Total}})
			continue
		}
		for i, codes := range a.Columns {
			keys := []string{name, strings.Join(codes, shownTogether)}
			if len(by) == 2 && by[0] == "sex" {
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
