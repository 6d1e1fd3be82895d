// SPDX-License-Identifier: Apache-2.0

// Package tables decides which counts may be shown to those who may not see the
// records, so that nobody can work out that a count is below a floor. It knows no
// database.
//
// A family is one population, such as the people who returned in one year, told
// apart in several ways: by place, by age, by country. The ways share the columns,
// such as the sexes, and nothing else. All that is shown of a family is made so
// that for each group, whatever categories it is made of, what is shown agrees
// with a population in which the group is as large as the floor. Why that holds
// is in docs/adr/0096; a test works out the bounds for small families.
package tables

import (
	"cmp"
	"slices"
)

// The floors.
const (
	Outside = 11 // for what leaves the house
	Inside  = 5  // for who works in it and may not see the records
)

// Node is a category with how many there are in each column, and the categories
// that it is made of. Parts add up to it.
type Node struct {
	Code   string
	Counts []int64
	Parts  []Node
}

// Total is how many there are in all columns.
func (n Node) Total() (sum int64) {
	for _, c := range n.Counts {
		sum += c
	}
	return sum
}

// Family is one population and the ways in which it is told apart.
type Family struct {
	Columns []string // the codes of the columns
	Counts  []int64  // how many there are in each
	Ways    []Way
}

// Way is one way in which a population is told apart: its parts add up to it.
type Way struct {
	Code  string
	Parts []Node
}

// Shown is one row that may be shown.
type Shown struct {
	Codes []string `json:"codes"` // of the categories that are shown together: one, or several that are too small alone
	Total int64    `json:"total"`
	Split []int64  `json:"split,omitempty"` // by column; nothing where that is not shown
	Parts []Shown  `json:"parts,omitempty"` // nothing where it is not told apart further
}

// Answer is what may be shown of a family.
type Answer struct {
	Floor   int64      `json:"floor"`
	Columns [][]string `json:"columns"` // those that are too small alone are shown together
	Whole   Shown      `json:"whole"`
	Ways    []ShownWay `json:"ways"`
}

// ShownWay is what may be shown of one way.
type ShownWay struct {
	Code string  `json:"code"`
	Rows []Shown `json:"rows"`
}

// Protect returns what may be shown of a family, and whether anything may be.
func Protect(f Family, floor int64) (Answer, bool) {
	whole := Node{Counts: f.Counts}
	a := Answer{Floor: floor}
	if small(whole.Total(), floor) {
		return a, false
	}
	groups := together(f.Counts, floor)
	for _, g := range groups {
		var codes []string
		for _, i := range g {
			codes = append(codes, f.Columns[i])
		}
		a.Columns = append(a.Columns, codes)
	}
	p := protector{floor, groups}
	a.Whole = Shown{Total: whole.Total(), Split: p.split(f.Counts)}
	for _, w := range f.Ways {
		whole.Parts = w.Parts
		a.Ways = append(a.Ways, ShownWay{w.Code, p.parts(whole, true)})
	}
	return a, true
}

// small tells of a count that there are some, and fewer than the floor.
func small(n, floor int64) bool { return n > 0 && n < floor }

// together puts counts into groups none of which is small: the small ones in one,
// and with them, if they are still too few, the smallest that is not. All in one
// is the last resort.
func together(counts []int64, floor int64) (groups [][]int) {
	var few []int
	var sum int64
	for i, n := range counts {
		if small(n, floor) {
			few = append(few, i)
			sum += n
		}
	}
	if small(sum, floor) {
		least := -1
		for i, n := range counts {
			if n >= floor && (least < 0 || n < counts[least]) {
				least = i
			}
		}
		if least >= 0 {
			few = append(few, least)
		}
	}
	slices.Sort(few)
	for i := range counts {
		switch {
		case len(few) > 0 && i == few[0]:
			groups = append(groups, few)
		case !slices.Contains(few, i):
			groups = append(groups, []int{i})
		}
	}
	return groups
}

// protector protects the ways of one family.
type protector struct {
	floor  int64
	groups [][]int // of columns
}

func (p protector) split(counts []int64) []int64 {
	out := make([]int64, len(p.groups))
	for i, g := range p.groups {
		for _, c := range g {
			out[i] += counts[c]
		}
	}
	return out
}

// parts shows the parts of a node. Where the columns of the node are shown, so are
// those of its parts, as far as they may be.
func (p protector) parts(n Node, columns bool) (rows []Shown) {
	totals := make([]int64, len(n.Parts))
	for i, part := range n.Parts {
		totals[i] = part.Total()
	}
	groups := together(totals, p.floor)
	if len(groups) == 1 && len(n.Parts) > 1 {
		return nil // they can only be shown as what they are parts of
	}
	splits := make([][]int64, len(groups))
	for i, g := range groups {
		row := Shown{}
		splits[i] = make([]int64, len(p.groups))
		for _, at := range g {
			part := n.Parts[at]
			row.Codes, row.Total = append(row.Codes, part.Code), row.Total+part.Total()
			for c, v := range p.split(part.Counts) {
				splits[i][c] += v
			}
		}
		rows = append(rows, row)
	}
	if columns {
		for i, hide := range p.hide(splits) {
			if !hide {
				rows[i].Split = splits[i]
			}
		}
	}
	for i, g := range groups {
		if len(g) == 1 && len(n.Parts[g[0]].Parts) > 0 && rows[i].Total > 0 {
			rows[i].Parts = p.parts(n.Parts[g[0]], rows[i].Split != nil)
		}
	}
	return rows
}

// hide says in which rows the columns are not shown: those with a small count, and
// as many more, the smallest first, until all that is hidden of each column
// together is not small. For what is hidden can be worked out from the total.
func (p protector) hide(rows [][]int64) []bool {
	hidden := make([]bool, len(rows))
	sums := make([]int64, len(p.groups))
	add := func(i int) {
		hidden[i] = true
		for c, v := range rows[i] {
			sums[c] += v
		}
	}
	order := make([]int, len(rows))
	for i, r := range rows {
		order[i] = i
		if slices.ContainsFunc(r, func(v int64) bool { return small(v, p.floor) }) {
			add(i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sum(rows[a]), sum(rows[b])) })
	for slices.ContainsFunc(sums, func(v int64) bool { return small(v, p.floor) }) {
		at := slices.IndexFunc(order, func(i int) bool { return !hidden[i] && p.helps(rows[i], sums) })
		if at < 0 {
			break // all are hidden that have any: then the sums are those of the node
		}
		add(order[at])
	}
	return hidden
}

// helps tells of a row that hiding it makes more of a column of which too few are hidden.
func (p protector) helps(row, sums []int64) bool {
	for c, v := range sums {
		if small(v, p.floor) && row[c] > 0 {
			return true
		}
	}
	return false
}

func sum(all []int64) (n int64) {
	for _, v := range all {
		n += v
	}
	return n
}
