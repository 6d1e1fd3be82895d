// SPDX-License-Identifier: Apache-2.0

package overlaps

import "math"

// system is what somebody knows of numbers that are none or more: sums of some of them. It finds the greatest that one of them can
// be, by the simplex method with Bland's rule, which always ends.
type system struct {
	rows  [][]float64 // of each sum: by number, and last what it comes to; after begin the tableau
	basis []int       // which number each row is solved for
	size  int         // how many numbers there are
	lost  bool        // it did not come to an end: what it says is not to be relied on
}

// mostSteps is how often it goes on to the next row. Bland's rule ends long before; what is rounded might not.
const mostSteps = 20_000

// tiny is what counts as nothing: all that is added up is whole, and the steps are few.
const tiny = 1e-7

// say adds a sum.
func (s *system) say(row []float64, sum float64) {
	if sum < 0 { // it begins from sums that are none or more
		for i := range row {
			row[i] = -row[i]
		}
		sum = -sum
	}
	s.rows = append(s.rows, append(row, sum))
}

// begin finds numbers that agree with all that is known, and tells whether there are any.
func (s *system) begin() bool {
	n, extra := s.size, len(s.rows)
	goal := make([]float64, n+extra+1)
	for i, row := range s.rows {
		wide := make([]float64, n+extra+1)
		copy(wide, row[:n])
		wide[n+i], wide[n+extra] = 1, row[n]
		s.rows[i], s.basis = wide, append(s.basis, n+i)
		for c := range n {
			goal[c] += wide[c]
		}
		goal[n+extra] += wide[n+extra]
	}
	s.climb(goal, n)
	if goal[n+extra] > tiny {
		return false
	}
	s.leave(n)
	return true
}

// leave takes the numbers out that were only there to begin with.
func (s *system) leave(n int) {
	kept := s.rows[:0]
	var basis []int
	for i := range s.rows {
		if s.basis[i] >= n {
			col := 0
			for col < n && math.Abs(s.rows[i][col]) <= tiny {
				col++
			}
			if col == n {
				continue // it follows from the others
			}
			s.pivot(i, col, nil)
		}
		kept, basis = append(kept, s.rows[i]), append(basis, s.basis[i])
	}
	for i, row := range kept {
		kept[i] = append(row[:n:n], row[len(row)-1])
	}
	s.rows, s.basis = kept, basis
}

// most is the greatest that a sum of numbers, each so many times, can be; infinite when nothing bounds it. It ends at numbers that reach it.
func (s *system) most(of []float64) float64 {
	goal := append(append([]float64{}, of...), 0)
	for i, row := range s.rows {
		if f := goal[s.basis[i]]; f != 0 {
			for c := range goal {
				goal[c] -= f * row[c]
			}
		}
	}
	if !s.climb(goal, s.size) {
		return math.Inf(1)
	}
	return -goal[s.size]
}

// climb makes the goal as great as it can be, by the first numbers; it tells whether there is an end to that.
func (s *system) climb(goal []float64, first int) bool {
	for range mostSteps {
		col := 0
		for col < first && goal[col] <= tiny {
			col++
		}
		if col == first {
			return true
		}
		at, least := -1, math.Inf(1)
		for i, row := range s.rows {
			if row[col] <= tiny {
				continue
			}
			if step := row[len(row)-1] / row[col]; step < least-tiny || at >= 0 && step < least+tiny && s.basis[i] < s.basis[at] {
				at, least = i, min(step, least)
			}
		}
		if at < 0 {
			return false
		}
		s.pivot(at, col, goal)
	}
	s.lost = true
	return true
}

// pivot solves a row for a number and takes the number out of the other rows.
func (s *system) pivot(at, col int, goal []float64) {
	row := s.rows[at]
	by := row[col]
	for c := range row {
		row[c] /= by
	}
	take := func(other []float64) {
		if f := other[col]; f != 0 {
			for c := range row {
				other[c] -= f * row[c]
			}
			other[col] = 0
		}
	}
	for i, other := range s.rows {
		if i != at {
			take(other)
		}
	}
	if goal != nil {
		take(goal)
	}
	s.basis[at] = col
}
