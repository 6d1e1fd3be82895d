// SPDX-License-Identifier: Apache-2.0

package tables

import (
	"slices"
)

// Refill counts what an earlier answer showed anew, for a family that has changed
// since: the same rows and columns with the numbers of now. It reports false when
// that would show something small, or when a number has changed by less than the
// floor: who has both answers would know that so few were added or taken out.
func Refill(a Answer, f Family) (Answer, bool) {
	p := protector{floor: a.Floor}
	for _, codes := range a.Columns {
		var g []int
		for _, code := range codes {
			at := slices.Index(f.Columns, code)
			if at < 0 {
				return a, false
			}
			g = append(g, at)
		}
		p.groups = append(p.groups, g)
	}
	whole := Node{Counts: f.Counts}
	now := Answer{Floor: a.Floor, Columns: a.Columns, Whole: Shown{Total: whole.Total(), Split: p.split(f.Counts)}}
	if len(a.Ways) != len(f.Ways) || sum(now.Whole.Split) != whole.Total() {
		return a, false // a column is new
	}
	for i, w := range a.Ways {
		whole.Parts = f.Ways[i].Parts
		rows, ok := p.refill(w.Rows, whole)
		if !ok || f.Ways[i].Code != w.Code {
			return a, false
		}
		now.Ways = append(now.Ways, ShownWay{w.Code, rows})
	}
	before, after := a.numbers(), now.numbers()
	if len(before) != len(after) {
		return a, false
	}
	for i, n := range after {
		if small(n, a.Floor) || n < 0 || small(max(n-before[i], before[i]-n), a.Floor) {
			return a, false
		}
	}
	return now, true
}

// refill counts rows anew. It reports false when the node has parts that the rows do not have.
func (p protector) refill(rows []Shown, n Node) (now []Shown, ok bool) {
	known := 0
	for _, row := range rows {
		next := Shown{Codes: row.Codes}
		var counts = make([]int64, len(n.Counts))
		var only Node
		for _, code := range row.Codes {
			at := slices.IndexFunc(n.Parts, func(part Node) bool { return part.Code == code })
			if at < 0 {
				continue // there are none any more
			}
			known++
			only = n.Parts[at]
			for c, v := range only.Counts {
				counts[c] += v
			}
		}
		next.Total = sum(counts)
		if row.Split != nil {
			next.Split = p.split(counts)
		}
		if row.Parts != nil {
			only.Counts = counts
			if next.Parts, ok = p.refill(row.Parts, only); !ok {
				return nil, false
			}
		}
		now = append(now, next)
	}
	return now, rows == nil || known == len(n.Parts)
}

// numbers are all that is shown, and all that follows from it by taking away: what is hidden of each column.
func (a Answer) numbers() (all []int64) {
	all = append(all, a.Whole.Total)
	all = append(all, a.Whole.Split...)
	for _, w := range a.Ways {
		all = append(all, numbersOf(w.Rows, a.Whole.Split)...)
	}
	return all
}

func numbersOf(rows []Shown, split []int64) (all []int64) {
	left := slices.Clone(split)
	for _, r := range rows {
		all = append(all, r.Total)
		all = append(all, r.Split...)
		if split != nil {
			for c, v := range r.Split {
				left[c] -= v
			}
		}
		all = append(all, numbersOf(r.Parts, r.Split)...)
	}
	if rows != nil {
		all = append(all, left...)
	}
	return all
}
