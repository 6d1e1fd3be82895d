// SPDX-License-Identifier: Apache-2.0

package indicators

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/indicators/counting"
	"fera/internal/indicators/definitions"
	"fera/internal/indicators/facts"
	"fera/internal/indicators/sources"
)

// Question asks for a figure.
type Question struct {
	Indicator string
	From, To  facts.Month       // both are in it; this year so far when both are zero
	Place     string            // only there; the whole country when empty
	By        []string          // at most two dimensions, see definitions.Dimensions
	Filter    map[string]string // only those, by dimension; an empty value stands for what is not known
	Since     time.Time         // it is to be said whether the figure has changed since
}

// Number is one figure. Of is what it is a share of, or the number that the mean is taken over.
type Number struct {
	N, Of  int64
	Hidden bool // it may not be shown to who asks
}

// Cell is one number of a table, with the value of each of the table's dimensions; an empty one stands for what is not known.
type Cell struct {
	Keys []string
	Number
}

// Note is something to be said under a table: a message key with its values.
type Note struct {
	Key    string
	Values map[string]any
}

// Table is a figure that was asked for.
type Table struct {
	Indicator definitions.Indicator
	Unit      string // what is counted: see the catalogue
	Question  Question
	Cells     []Cell
	Margins   [][]Cell // for two dimensions: each by itself
	Whole     Number
	Overlaps  []int64 // for each dimension: how many more its parts come to than the whole, because some are counted in several
	Stock     bool    // what there is at a time: the whole is that of the end, and periods do not add up to it
	Exact     bool    // nothing had to be hidden from who asks
	AsOf      time.Time
	Notes     []Note

	sees bool // who asks may see the records
}

// Ask answers a question, as far as who may know. Who may not see the records is shown nothing below the floor.
func Ask(ctx context.Context, q db.Reader, who access.Actor, ask Question) (Table, error) {
	i, err := Find(ctx, q, who, ask.Indicator, dates.Of(q.Now()))
	if err != nil {
		return Table{}, err
	}
	if err := ask.check(q.Now()); err != nil {
		return Table{}, err
	}
	if err := ask.confine(who); err != nil {
		return Table{}, err
	}
	m, _ := sources.Find(i.Counts.Measure)
	sees := ask.covered(who, access.ReadPersons) && (!m.Sealed || ask.covered(who, access.ReadAssessments))
	exact := sees && !ask.protects(i)
	t := Table{Indicator: i, Unit: m.Unit, Question: ask, Stock: m.Stock, Exact: exact, sees: sees}
	if exact {
		err = t.count(ctx, q)
	} else {
		err = t.shown(ctx, q)
	}
	if err != nil {
		return Table{}, err
	}
	return t, t.annotate(ctx, q)
}

// check refuses what cannot be asked, and fills in what was left out.
func (a *Question) check(now time.Time) error {
	today := dates.Of(now)
	if a.From == 0 && a.To == 0 {
		a.From, a.To = facts.Month(today.Year*100+1), facts.MonthOf(today)
	}
	if a.To == 0 {
		a.To = facts.MonthOf(today)
	}
	if a.From%100 == 1 {
		a.From-- // of what only the year is known counts with its beginning
	}
	if a.From < 0 || a.From > a.To || a.From%100 > 12 || a.To%100 > 12 || a.To > 999912 {
		return fault.New(fault.Invalid, "figure.bad_period").On("from")
	}
	if len(a.By) > 2 || len(a.By) == 2 && a.By[0] == a.By[1] {
		return fault.New(fault.Invalid, "figure.two_at_most").On("by")
	}
	for _, by := range a.By {
		if !slices.Contains(definitions.Dimensions(), by) {
			return fault.New(fault.Invalid, "fault.bad_choice").On("by")
		}
	}
	if len(a.By) == 2 && definitions.Period(a.By[0]) && definitions.Period(a.By[1]) {
		return fault.New(fault.Invalid, "figure.two_at_most").On("by")
	}
	if a.Place != "" && facts.PlaceOf(a.Place) == 0 {
		return fault.New(fault.Invalid, "fault.bad_choice").On("place")
	}
	return nil
}

// confine holds a question to what who may ask: everything, what the own
// organisation does, or an area.
func (a *Question) confine(who access.Actor) error {
	a.Filter = maps.Clone(a.Filter)
	if a.Filter == nil {
		a.Filter = map[string]string{}
	}
	may := who.Grants[access.ReadFigures]
	if may.Everywhere || a.onlyOwn(who, may) || a.onlyArea(may) {
		return nil
	}
	return notFound()
}

// onlyOwn narrows to the own organisation.
func (a *Question) onlyOwn(who access.Actor, may access.Reach) bool {
	own := slices.ContainsFunc(may.Scopes, func(s access.Scope) bool {
		return s == access.OfOrganisation(who.Organisation) || strings.HasPrefix(s, "o:")
	})
	if asked, there := a.Filter["organisation"]; there && asked != who.Organisation {
		return false
	}
	if own {
		a.Filter["organisation"] = who.Organisation
	}
	return own
}

// onlyArea narrows to the area, if one was asked for that lies elsewhere it is not found.
func (a *Question) onlyArea(may access.Reach) bool {
	for _, s := range may.Scopes {
		area, is := strings.CutPrefix(s, "a:")
		if !is {
			continue
		}
		if a.Place == "" {
			a.Place = area
		}
		if strings.HasPrefix(a.Place, area) {
			return true
		}
	}
	return false
}

// protects tells whether a question is about something of class 3.
func (a *Question) protects(i definitions.Indicator) bool {
	m, _ := sources.Find(i.Counts.Measure)
	protected := m.Class == 3 || slices.ContainsFunc(a.By, definitions.Protected)
	for d := range a.Filter {
		protected = protected || definitions.Protected(d)
	}
	for d := range i.Counts.Where {
		protected = protected || definitions.Protected(d)
	}
	return protected || m.Mixed && i.Counts.Count != definitions.Amount // money is never of class 3
}

// covered tells whether who has a right to all the records that are counted.
func (a *Question) covered(who access.Actor, right access.Permission) bool {
	reach := who.Grants[right]
	if reach.Everywhere {
		return true
	}
	own, there := a.Filter["organisation"]
	return there && own != "" && slices.Contains(reach.Scopes, access.OfOrganisation(own))
}

// count counts exactly.
func (t *Table) count(ctx context.Context, q db.Reader) error {
	whole, err := t.numbers(ctx, q, nil)
	if err != nil {
		return err
	}
	t.Whole = whole[keyFrom(nil)]
	by := t.Question.By
	if len(by) == 0 {
		return nil
	}
	cells, err := t.numbers(ctx, q, by)
	if err != nil {
		return err
	}
	t.Cells = inOrder(cells)
	t.Overlaps = make([]int64, len(by))
	for n, one := range by {
		margin := t.Cells
		if len(by) > 1 {
			found, err := t.numbers(ctx, q, []string{one})
			if err != nil {
				return err
			}
			margin = inOrder(found)
			t.Margins = append(t.Margins, margin)
		}
		var sum int64
		for _, c := range margin {
			sum += c.N
		}
		if !t.Stock || !definitions.Period(one) {
			t.Overlaps[n] = sum - t.Whole.N
		}
	}
	return nil
}

// numbers counts what the indicator says, told apart by some dimensions.
func (t *Table) numbers(ctx context.Context, q db.Reader, by []string) (map[key]Number, error) {
	s := selection{from: t.Question.From, to: t.Question.To, place: t.Question.Place, where: t.Question.Filter, by: by}
	all := map[key]Number{}
	part := t.Indicator.Counts
	values, err := tally(ctx, q, part, s)
	if err != nil {
		return nil, err
	}
	for k, v := range values {
		n := Number{N: counted(part.Count, v)}
		if part.Count == definitions.Mean {
			n.Of = v.Events
		}
		if n != (Number{}) {
			all[k] = n
		}
	}
	if t.Indicator.Of == nil {
		return all, nil
	}
	if values, err = tally(ctx, q, *t.Indicator.Of, s); err != nil {
		return nil, err
	}
	for k, v := range values {
		n := all[k]
		if n.Of = counted(t.Indicator.Of.Count, v); n != (Number{}) {
			all[k] = n
		}
	}
	return all, nil
}

func counted(c definitions.Count, v facts.Value) int64 {
	switch c {
	case definitions.People:
		return v.People
	case definitions.Events:
		return v.Events
	}
	return v.Amount
}

func inOrder(numbers map[key]Number) []Cell {
	cells := make([]Cell, 0, len(numbers))
	for k, n := range numbers {
		cells = append(cells, Cell{Keys: k.values(), Number: n})
	}
	slices.SortFunc(cells, func(a, b Cell) int { return cmp.Or(slices.Compare(a.Keys, b.Keys), cmp.Compare(a.N, b.N)) })
	return cells
}

// annotate says what is to be said under the table.
func (t *Table) annotate(ctx context.Context, q db.Reader) error {
	say := func(key string, values map[string]any) { t.Notes = append(t.Notes, Note{key, values}) }
	asOf, recounting, err := counting.State(ctx, q)
	if err != nil {
		return err
	}
	if t.AsOf = asOf; recounting {
		say("figure.note.counting", nil)
	}
	for n, by := range t.Question.By {
		cells := t.Cells
		if len(t.Margins) > n {
			cells = t.Margins[n]
		}
		for _, c := range cells {
			if at := n % len(c.Keys); c.Keys[at] == "" && c.N != 0 && !c.Hidden {
				say("figure.note.unknown", map[string]any{"n": c.N, "dimension": by})
				break
			}
		}
		if n < len(t.Overlaps) && t.Overlaps[n] != 0 {
			say("figure.note.overlap", map[string]any{"n": t.Overlaps[n], "dimension": by})
		}
	}
	if !t.Exact {
		say("figure.note.floor", map[string]any{"n": 5})
	}
	if !t.Question.Since.IsZero() {
		changed, err := changedSince(ctx, q, t)
		if err != nil {
			return err
		}
		if changed {
			say("figure.note.revised", map[string]any{"since": t.Question.Since})
		}
	}
	return nil
}

// changedSince tells whether a total of the months that are asked for has changed since.
func changedSince(ctx context.Context, q db.Reader, t *Table) (bool, error) {
	b, err := counting.ReadBook(ctx, q)
	if err != nil {
		return false, err
	}
	id, there := b.Find(counting.OfMeasure, t.Indicator.Counts.Measure)
	if !there {
		return false, nil
	}
	return counting.Changed(ctx, q, counting.Pick{Measure: id, From: t.Question.From, To: t.Question.To}, t.Question.Since)
}
