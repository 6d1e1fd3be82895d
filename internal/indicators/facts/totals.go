// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"cmp"
	"slices"
)

// Lane is what people are told apart by when they are counted once each: a person
// whom two organisations served counts once in the whole, and once in each.
type Lane uint8

// The lanes.
const (
	ByKind Lane = 1 << iota // once for each kind
	ByOrg                   // once for each organisation
	// Whole counts each person once.
	Whole Lane = 0
)

// Cube is a set of dimensions by which totals are kept together. There are few,
// and each is of a bounded size, however much is counted.
type Cube struct {
	ID    uint8
	Level Level
	Dims  []Dim
	Orgs  bool // kept for each organisation; else for all of them together
	Kinds bool // kept for each kind too; else for all of them together alone
}

// Has tells whether a cube can be asked by a dimension.
func (c Cube) Has(d Dim) bool { return slices.Contains(c.Dims, d) }

// In tells whether a cube is kept in a lane.
func (c Cube) In(l Lane) bool { return c.Orgs == (l&ByOrg != 0) && (c.Kinds || l&ByKind == 0) }

// Cubes returns the cubes, those that are read fastest first. Their numbers are kept for ever.
func Cubes() []Cube {
	return []Cube{
		{1, Nation, []Dim{Sex, Age}, false, true},
		{2, Division, []Dim{Sex, Age}, false, true},
		{3, District, []Dim{Sex, Age}, false, true},
		{4, Upazila, []Dim{Sex}, false, true},
		{5, Nation, []Dim{Sex, Country, Reason}, false, true},
		{6, Division, []Dim{Sex, Country}, false, true},
		{7, District, []Dim{Country}, false, false},
		{8, Division, []Dim{Sex, Disability}, false, true},
		{9, Division, []Dim{Sex, Ethnicity}, false, true},
		{16, Upazila, []Dim{Disability}, false, true},
		{17, Upazila, []Dim{Ethnicity}, false, true},
		{11, Nation, []Dim{Sex, Age}, true, true},
		{12, District, []Dim{Sex}, true, true},
		{13, Nation, []Dim{Sex, Country}, true, false},
		{14, Nation, []Dim{Sex, Disability}, true, true},
		{18, District, []Dim{Disability}, true, false},
		{19, District, []Dim{Ethnicity}, true, false},
		{15, Upazila, nil, true, false},
	}
}

// Page is the totals that are kept together: of one measure in one month.
type Page struct {
	Measure, What Code // What is zero in lanes that do not tell kinds apart
	Lane          Lane
	Cube          uint8
	Month         Month
}

// Cell is one place in a page. What its cube does not tell apart is zero.
type Cell struct {
	Place Place
	Org   Code
	Prev  Month // in which month the same was last counted of the same people; see Value
	By    [Dims]Code
}

// Value is what is added up. People who were counted in an earlier month are told
// by Prev: those with Prev before a first month are counted for the first time
// since, so that each is counted once between any two months. Who was counted
// already in the same month has the month itself as Prev.
type Value struct{ People, Events, Amount int64 }

func (v Value) zero() bool { return v == Value{} }

// Plus is the sum of two.
func (v Value) Plus(o Value) Value {
	return Value{v.People + o.People, v.Events + o.Events, v.Amount + o.Amount}
}

// Times is the value so many times.
func (v Value) Times(n int64) Value { return Value{v.People * n, v.Events * n, v.Amount * n} }

// Totals are totals, or what is to be added to them, page by page. A page without cells is not kept.
type Totals map[Page]map[Cell]Value

// Add adds a value to a cell; what comes to nothing is not kept.
func (t Totals) Add(p Page, c Cell, v Value) {
	cells := t[p]
	if cells == nil {
		cells = map[Cell]Value{}
		t[p] = cells
	}
	sum := cells[c].Plus(v)
	if !sum.zero() {
		cells[c] = sum
		return
	}
	if delete(cells, c); len(cells) == 0 {
		delete(t, p)
	}
}

// Cells is how many there are.
func (t Totals) Cells() (n int) {
	for _, cells := range t {
		n += len(cells)
	}
	return n
}

// Contribute adds what the facts of one subject come to, so many times: -1 takes them out.
func Contribute(t Totals, all []Fact, times int64) {
	contribute(all, func(p Page, c Cell, v Value) { t.Add(p, c, v.Times(times)) })
}

// Each yields what the facts of one subject come to, piece by piece.
func Each(all []Fact, yield func(Page, Cell, Value)) { contribute(all, yield) }

func contribute(all []Fact, yield func(Page, Cell, Value)) {
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b Fact) int { return cmp.Or(cmp.Compare(a.Month, b.Month), Same(a, b)) })
	cubes := Cubes()
	for _, lane := range []Lane{Whole, ByKind, ByOrg, ByKind | ByOrg} {
		seen := map[chain]Month{}
		for _, f := range sorted {
			if lane&ByKind != 0 && !f.Kinded {
				continue
			}
			put(f, lane, seen, cubes, yield)
		}
	}
}

// chain is what a person is counted once in.
type chain struct{ measure, what, org Code }

// put yields what one fact comes to in one lane.
func put(f Fact, lane Lane, seen map[chain]Month, cubes []Cube, yield func(Page, Cell, Value)) {
	in := chain{measure: f.Measure}
	if lane&ByKind != 0 {
		in.what = f.What
	}
	if lane&ByOrg != 0 {
		in.org = f.Org
	}
	prev, before := seen[in]
	if !before {
		prev = Never
	}
	v := Value{Events: f.Events, Amount: f.Amount}
	switch {
	case f.Person == "":
		prev = f.Month
	case prev != f.Month:
		v.People = 1
		seen[in] = f.Month
	}
	for _, c := range cubes {
		if c.In(lane) {
			yield(Page{f.Measure, in.what, lane, c.ID, f.Month}, c.cell(f, in.org, prev), v)
		}
	}
}

func (c Cube) cell(f Fact, org Code, prev Month) Cell {
	cell := Cell{Place: f.Place.At(c.Level), Org: org, Prev: prev}
	for _, d := range c.Dims {
		cell.By[d] = f.By[d]
	}
	return cell
}
