// SPDX-License-Identifier: Apache-2.0

package flows

import "fera/internal/referrals"

// few is the number from which on a count is shown to who has no right to the records behind it.
const few = 5

// cover says why a count is not shown.
type cover int

const (
	shown  cover = iota
	small        // it is fewer than few
	masked       // without it another could be worked out
)

// table is how many of each group came how far; the last row is the whole.
type table struct {
	steps []referrals.Step
	rows  []map[referrals.Step]int
	cover []map[referrals.Step]cover
}

// newTable covers nothing when all may be seen.
func newTable(steps []referrals.Step, groups []map[referrals.Step]int, whole map[referrals.Step]int, all bool) *table {
	t := &table{steps: steps, rows: append(append([]map[referrals.Step]int{}, groups...), whole)}
	for range t.rows {
		t.cover = append(t.cover, map[referrals.Step]cover{})
	}
	if !all {
		t.hide()
	}
	return t
}

// place is one count of a table.
type place struct {
	row  int
	step referrals.Step
}

// sums are the places of which each is the sum or the difference of the others: the parts of a column with the whole, and what a
// provider told with what it told.
func (t *table) sums() (all [][]place) {
	for _, s := range t.steps {
		var column []place
		for i := range t.rows {
			column = append(column, place{i, s})
		}
		all = append(all, column)
	}
	for i := range t.rows {
		all = append(all, []place{{i, "told"}, {i, "served"}, {i, "unserved"}})
	}
	return all
}

// hide covers what is small, and then, as long as a covered count could be worked out from those beside it, the smallest of these.
func (t *table) hide() {
	for i, row := range t.rows {
		for _, s := range t.steps {
			if row[s] > 0 && row[s] < few {
				t.cover[i][s] = small
			}
		}
	}
	for again := true; again; {
		again = false
		for _, sum := range t.sums() {
			again = t.hideAnother(sum) || again
		}
	}
}

// hideAnother covers a second count of a sum in which only one is covered.
func (t *table) hideAnother(sum []place) bool {
	covered, best := 0, place{row: -1}
	for _, p := range sum {
		n := t.rows[p.row][p.step]
		switch {
		case t.cover[p.row][p.step] != shown:
			covered++
		case n > 0 && (best.row < 0 || n < t.rows[best.row][best.step]):
			best = p
		}
	}
	if covered != 1 || best.row < 0 {
		return false
	}
	t.cover[best.row][best.step] = masked
	return true
}

// at is how a count is shown: whether, and if so which.
func (t *table) at(row int, s referrals.Step) (int, cover) { return t.rows[row][s], t.cover[row][s] }
