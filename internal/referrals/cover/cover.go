// SPDX-License-Identifier: Apache-2.0

// Package cover decides which counts of referrals are shown to who has no right to the records behind them: no small one, and none from
// which a small one could be worked out within a table. It knows no database; see docs/adr/0102.
package cover

// Few is the number from which on a count is shown.
const Few = 5

// Cover says why a count is not shown.
type Cover string

// The reasons.
const (
	Shown  Cover = ""
	Small  Cover = "small"  // it is fewer than Few, and not none
	Beside Cover = "beside" // with it another could be worked out
)

// Table is how many of each group came how far; the last row is the whole.
type Table[S ~string] struct {
	steps  []S
	rows   []map[S]int
	covers []map[S]Cover
}

// New makes a table of these steps. It covers nothing when all may be seen.
func New[S ~string](steps []S, groups []map[S]int, whole map[S]int, all bool) *Table[S] {
	t := &Table[S]{steps: steps, rows: append(append([]map[S]int{}, groups...), whole)}
	for range t.rows {
		t.covers = append(t.covers, map[S]Cover{})
	}
	if !all {
		t.hide()
	}
	return t
}

// At returns a count of a row and whether it may be shown; row Whole is that of the whole.
func (t *Table[S]) At(row int, step S) (int, Cover) { return t.rows[row][step], t.covers[row][step] }

// Whole is the row of the whole.
func (t *Table[S]) Whole() int { return len(t.rows) - 1 }

// Covered tells whether anything is covered.
func (t *Table[S]) Covered() bool {
	for _, row := range t.covers {
		if len(row) > 0 {
			return true
		}
	}
	return false
}

// place is one count of a table.
type place[S ~string] struct {
	row  int
	step S
}

// sums are the places of which each is the sum or the difference of the others: the parts of a column with the whole; what a provider
// decided with what it agreed to and declined; what it told with what it told of.
func (t *Table[S]) sums() (all [][]place[S]) {
	for _, s := range t.steps {
		var column []place[S]
		for i := range t.rows {
			column = append(column, place[S]{i, s})
		}
		all = append(all, column)
	}
	for i := range t.rows {
		all = append(all, []place[S]{{i, "told"}, {i, "served"}, {i, "unserved"}}, []place[S]{{i, "decided"}, {i, "agreed"}, {i, "declined"}})
	}
	return all
}

// hide covers what is small, and then, as long as a small count can be worked out, the smallest of those that it is worked out from.
// The whole can be asked for without its groups, so it is covered for its own sake alone, before them.
func (t *Table[S]) hide() {
	for i, row := range t.rows {
		for _, s := range t.steps {
			if row[s] > 0 && row[s] < Few {
				t.covers[i][s] = Small
			}
		}
	}
	alone := &Table[S]{steps: t.steps, rows: t.rows[t.Whole():], covers: t.covers[t.Whole():]}
	for alone.hideMore() {
	}
	for t.hideMore() {
	}
}

// hideMore covers one more count if a small one can be worked out.
func (t *Table[S]) hideMore() bool {
	by := t.workOut()
	for i := range t.rows {
		for _, s := range t.steps {
			p := place[S]{i, s}
			if by[p] == nil || t.covers[i][s] != Small {
				continue
			}
			if best, found := t.smallest(by, p); found {
				t.covers[best.row][best.step] = Beside
				return true
			}
		}
	}
	return false
}

// workOut finds the covered counts that can be worked out, each with the sum by which it can.
func (t *Table[S]) workOut() map[place[S]][]place[S] {
	by := map[place[S]][]place[S]{}
	hidden := func(p place[S]) bool { return t.covers[p.row][p.step] != Shown && by[p] == nil }
	for again := true; again; {
		again = false
		for _, sum := range t.sums() {
			unknown, last := 0, place[S]{}
			for _, p := range sum {
				if hidden(p) {
					unknown, last = unknown+1, p
				}
			}
			if unknown == 1 && len(sum) > 1 {
				by[last], again = sum, true
			}
		}
	}
	return by
}

// smallest is the smallest count that is shown among those from which one is worked out: of a group where there is one, else of the
// whole.
func (t *Table[S]) smallest(by map[place[S]][]place[S], p place[S]) (best place[S], found bool) {
	seen := map[place[S]]bool{p: true}
	better := func(q place[S]) bool {
		whole, bestWhole := q.row == t.Whole(), best.row == t.Whole()
		return !found || bestWhole && !whole || whole == bestWhole && t.rows[q.row][q.step] < t.rows[best.row][best.step]
	}
	for todo := by[p]; len(todo) > 0; {
		q := todo[0]
		todo = todo[1:]
		switch {
		case seen[q]:
		case t.covers[q.row][q.step] != Shown:
			todo = append(append([]place[S]{}, todo...), by[q]...)
		case t.rows[q.row][q.step] > 0 && better(q):
			best, found = q, true
		}
		seen[q] = true
	}
	return best, found
}
