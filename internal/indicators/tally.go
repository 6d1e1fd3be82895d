// SPDX-License-Identifier: Apache-2.0

package indicators

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/indicators/counting"
	"fera/internal/indicators/definitions"
	"fera/internal/indicators/facts"
	"fera/internal/indicators/sources"
)

// selection is which facts are added up, and by what they are told apart.
type selection struct {
	from, to facts.Month
	place    string
	where    map[string]string // by dimension; what is empty there is not known
	by       []string
	day      int // of the month, for records alone: zero stands for one that is not known
	daily    bool
}

// key names a cell of a table: the values of the dimensions, one after the other.
type key string

func keyFrom(values []string) key { return key(strings.Join(values, "\x1f")) }

func (k key) values() []string { return strings.Split(string(k), "\x1f") }

// plan is how a selection is read from the totals.
type plan struct {
	measure facts.Code
	lane    facts.Lane
	cube    facts.Cube
	level   facts.Level
	place   facts.Place
	kinds   []facts.Code // nil for all
	org     *facts.Code
	dims    map[facts.Dim]facts.Code // that must be so
	stock   bool
	nothing bool // it asks for what there is none of
}

// levelOf is the level of a dimension of place.
func levelOf(dimension string) (facts.Level, bool) {
	l, ok := map[string]facts.Level{"division": facts.Division, "district": facts.District, "upazila": facts.Upazila}[dimension]
	return l, ok
}

// dimOf is the dimension of facts of a name.
func dimOf(name string) (facts.Dim, bool) {
	names := counting.Named()
	at := slices.Index(names[:], name)
	return facts.Dim(max(at, 0)), at >= 0
}

// planFor finds the smallest totals that answer a selection.
func planFor(b *counting.Book, part definitions.Part, s selection) (p plan, err error) {
	m, known := sources.Find(part.Measure)
	if !known {
		return p, fmt.Errorf("there is no measure %q", part.Measure)
	}
	p = plan{stock: m.Stock, place: facts.PlaceOf(s.place), dims: map[facts.Dim]facts.Code{}}
	var there bool
	if p.measure, there = b.Find(counting.OfMeasure, part.Measure); !there {
		p.nothing = true
	}
	if err := p.narrow(b, part, s); err != nil {
		return p, err
	}
	needed := map[facts.Dim]bool{}
	for d := range p.dims {
		needed[d] = true
	}
	p.level = facts.Level(len(p.place.String()) / 2)
	for _, by := range s.by {
		if d, is := dimOf(by); is {
			needed[d] = true
		}
		if l, is := levelOf(by); is {
			p.level = max(p.level, l)
		}
		switch by {
		case "kind":
			p.lane |= facts.ByKind
		case "organisation":
			p.lane |= facts.ByOrg
		}
	}
	if p.lane&facts.ByKind != 0 && m.Kinds == "" {
		return p, fault.New(fault.Invalid, "figure.no_kinds").On("by")
	}
	return p, p.choose(needed)
}

// narrow reads what must be so.
func (p *plan) narrow(b *counting.Book, part definitions.Part, s selection) error {
	for _, k := range part.Kinds {
		p.lane |= facts.ByKind
		if code, there := b.Find(counting.OfKind, k); there {
			p.kinds = append(p.kinds, code)
		}
	}
	if len(part.Kinds) > 0 && len(p.kinds) == 0 {
		p.nothing = true
	}
	for _, filter := range []map[string]string{part.Where, s.where} {
		for name, value := range filter {
			d, isDim := dimOf(name)
			dictionary := name
			if name == "kind" {
				dictionary = counting.OfKind
			}
			code, there := b.Find(dictionary, value)
			p.nothing = p.nothing || !there
			switch {
			case isDim:
				p.dims[d] = code
			case name == "organisation":
				p.lane |= facts.ByOrg
				p.org = &code
			case name == "kind":
				p.lane |= facts.ByKind
				p.nothing = p.nothing || len(part.Kinds) > 0 && !slices.Contains(p.kinds, code)
				p.kinds = []facts.Code{code}
			default:
				return fault.New(fault.Invalid, "fault.bad_choice").On("filter")
			}
		}
	}
	return nil
}

// notTogether is the message about dimensions that the totals do not keep together.
const notTogether = "figure.not_together"

// choose takes the first of the cubes that has all that is needed.
func (p *plan) choose(needed map[facts.Dim]bool) error {
	for _, c := range facts.Cubes() {
		if !c.In(p.lane) || c.Level < p.level {
			continue
		}
		has := true
		for d := range needed {
			has = has && c.Has(d)
		}
		if has {
			p.cube = c
			return nil
		}
	}
	return fault.New(fault.Invalid, notTogether)
}

// tally adds up what is selected, cell by cell.
func tally(ctx context.Context, q db.Reader, part definitions.Part, s selection) (map[key]facts.Value, error) {
	b, err := counting.ReadBook(ctx, q)
	if err != nil {
		return nil, err
	}
	if slices.Contains(s.by, "day") {
		return byFacts(ctx, q, part, s)
	}
	p, err := planFor(b, part, s)
	if told := fault.Of(err); told != nil && told.Key == notTogether {
		return byFacts(ctx, q, part, s)
	}
	if err != nil || p.nothing {
		return nil, err
	}
	from := s.from
	if p.stock {
		from = 0 // what there is at a time has come and gone ever since
	}
	sum := map[key]facts.Value{}
	t := teller{book: b, plan: p, selection: s, texts: map[facts.Page][]string{}}
	pick := counting.Pick{Measure: p.measure, Lane: p.lane, Cube: p.cube.ID, Kinds: p.kinds, From: from, To: s.to}
	err = counting.EachCell(ctx, q, pick, func(page facts.Page, c facts.Cell, v facts.Value) {
		if t.keeps(c) {
			t.add(sum, page, c, v)
		}
	})
	return sum, err
}

// teller says into which cells of a table a cell of the totals goes.
type teller struct {
	book      *counting.Book
	plan      plan
	selection selection
	texts     map[facts.Page][]string
}

func (t *teller) keeps(c facts.Cell) bool {
	for d, code := range t.plan.dims {
		if c.By[d] != code {
			return false
		}
	}
	return (t.plan.org == nil || c.Org == *t.plan.org) && c.Place.Within(t.plan.place)
}

func (t *teller) add(sum map[key]facts.Value, page facts.Page, c facts.Cell, v facts.Value) {
	values := make([]string, len(t.selection.by))
	first := t.selection.from // since when each is counted once
	period := -1
	for i, by := range t.selection.by {
		if definitions.Period(by) {
			period = i
			values[i] = periodOf(by, page.Month)
			first = max(first, firstOf(by, page.Month))
			continue
		}
		values[i] = t.value(by, page, c)
	}
	if c.Prev >= first {
		v.People = 0
	}
	if !t.plan.stock || period < 0 {
		t.put(sum, values, v)
		return
	}
	for _, at := range periods(t.selection.by[period], t.selection.from, t.selection.to) {
		if page.Month <= at.last {
			values[period] = at.name
			t.put(sum, values, v)
		}
	}
}

func (t *teller) put(sum map[key]facts.Value, values []string, v facts.Value) {
	k := keyFrom(values)
	sum[k] = sum[k].Plus(v)
}

// value is what a cell says of a dimension, empty for what is not known.
func (t *teller) value(by string, page facts.Page, c facts.Cell) string {
	if l, is := levelOf(by); is {
		p := c.Place.At(l)
		if len(p.String()) < 2*int(l) {
			return "" // somewhere in what is known of it
		}
		return p.String()
	}
	switch by {
	case "kind":
		return t.book.Text(counting.OfKind, page.What)
	case "organisation":
		return t.book.Text(counting.OfOrg, c.Org)
	}
	d, _ := dimOf(by)
	return t.book.Text(by, c.By[d])
}

// periodOf names the period of a month: "2026-03", "2026-Q1", "2026"; "2026-00" stands for a month
// of that year that is not known, and nothing for a time that is not.
func periodOf(by string, m facts.Month) string {
	switch {
	case m <= 0:
		return ""
	case by == "year":
		return strconv.Itoa(m.Year())
	case !m.Known():
		return fmt.Sprintf("%04d-00", m.Year())
	case by == "quarter":
		return fmt.Sprintf("%04d-Q%d", m.Year(), (int(m)%100+2)/3)
	}
	return fmt.Sprintf("%04d-%02d", m.Year(), int(m)%100)
}

// firstOf is the first month of the period of a month.
func firstOf(by string, m facts.Month) facts.Month {
	year := facts.Month(m.Year() * 100)
	switch {
	case by == "year":
		return year
	case by == "quarter" && m.Known():
		return year + (m%100+2)/3*3 - 2
	}
	return m
}

// span is a period with its last month.
type span struct {
	name string
	last facts.Month
}

// periods are the periods between two months.
func periods(by string, from, to facts.Month) (all []span) {
	for m := from; m <= to; m++ {
		if m%100 > 12 {
			m = facts.Month((m.Year() + 1) * 100)
			continue
		}
		if !m.Known() {
			continue
		}
		name := periodOf(by, m)
		if n := len(all); n > 0 && all[n-1].name == name {
			all[n-1].last = m
		} else {
			all = append(all, span{name, m})
		}
	}
	return all
}

// monthsOf are the months of a period as periodOf names it.
func monthsOf(by, name string) (from, to facts.Month, ok bool) {
	var year, part int
	switch {
	case name == "":
		return 0, 0, true
	case by == "year":
		n, err := fmt.Sscanf(name, "%4d", &year)
		return facts.Month(year * 100), facts.Month(year*100 + 12), n == 1 && err == nil
	case by == "quarter" && strings.Contains(name, "Q"):
		n, err := fmt.Sscanf(name, "%4d-Q%d", &year, &part)
		first := facts.Month(year*100 + part*3 - 2)
		return first, first + 2, n == 2 && err == nil && part >= 1 && part <= 4
	}
	n, err := fmt.Sscanf(name, "%4d-%2d", &year, &part)
	m := facts.Month(year*100 + part)
	return m, m, n == 2 && err == nil && part <= 12
}

// dayOf is the month and the day of a day as ofFact names it; of what only the month or the year is known there is no day to ask for.
func dayOf(name string) (month facts.Month, day int, daily, ok bool) {
	if len(name) <= len("2029-00") {
		month, _, ok = monthsOf("month", name)
		return month, 0, false, ok && !month.Known()
	}
	var year, part int
	n, err := fmt.Sscanf(name, "%4d-%2d-%2d", &year, &part, &day)
	return facts.Month(year*100 + part), day, true, n == 3 && err == nil && len(name) == len("2029-03-04") && part >= 1 && part <= 12 && day >= 0 && day <= 31
}
