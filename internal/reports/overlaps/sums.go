// SPDX-License-Identifier: Apache-2.0

package overlaps

import (
	"math"
	"slices"
)

// place is some time of some key, that no report cuts further.
type place struct {
	key   string
	start int
}

// sum is a number that was told, as far as it is not taken apart yet.
type sum struct {
	free  []int // of which places it is
	n     int64
	mixed bool // a place that was taken out of it had some
}

// sums are what several reports tell of some keys of a column.
type sums struct {
	*column
	floor  int64
	places []place
	all    []*sum
	fixed  map[int]int64 // places of which it is known how many there are
	few    map[string]bool
}

// few are the keys of which, in some time, fewer than the floor are known to be there, though not none. All of them when the numbers
// cannot be true together: something was changed between two reports.
func (c *column) few(all []told, floor int64) []string {
	s := sums{column: c, floor: floor, fixed: map[int]int64{}, few: map[string]bool{}}
	s.cut(all)
	if !s.fix() {
		return keysOf(all)
	}
	for at, n := range s.fixed {
		s.find(at, float64(n))
	}
	for _, group := range s.groups() {
		if !s.bound(group) {
			for _, one := range group {
				for _, at := range one.free {
					s.few[s.places[at].key] = true
				}
			}
		}
	}
	return slices.DeleteFunc(keysOf(all), func(k string) bool { return !s.few[k] })
}

// find notes a place of which the greatest number is known.
func (s *sums) find(at int, most float64) {
	if k := s.places[at].key; s.sensitive[k] && most > 0.5 && most < float64(s.floor)-tiny {
		s.few[k] = true
	}
}

// cut cuts the time where a report begins or ends.
func (s *sums) cut(all []told) {
	var cuts []int
	for _, t := range all {
		cuts = append(cuts, t.start, t.end)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	at := map[place]int{}
	for _, t := range all {
		one := &sum{n: t.n}
		for _, start := range cuts {
			for _, k := range t.keys {
				if start < t.start || start >= t.end {
					continue
				}
				p := place{k, start}
				if _, there := at[p]; !there {
					at[p], s.places = len(s.places), append(s.places, p)
				}
				one.free = append(one.free, at[p])
			}
		}
		s.all = append(s.all, one)
	}
}

// fix takes out what follows at once: a sum of one place is how many there are. It tells whether all that is told can be true.
func (s *sums) fix() bool {
	for again := true; again; {
		again = false
		for _, one := range s.all {
			s.reduce(one)
			switch {
			case one.n < 0 && s.adds(), len(one.free) == 0 && one.n > 0:
				return false
			case one.n == 0 && (s.adds() || !one.mixed):
				for _, at := range one.free {
					s.fixed[at], again = 0, true
				}
			case len(one.free) == 1 && (s.adds() || !one.mixed):
				s.fixed[one.free[0]], again = one.n, true
			}
		}
	}
	return true
}

// reduce takes the places out of a sum that are known.
func (s *sums) reduce(one *sum) {
	one.free = slices.DeleteFunc(one.free, func(at int) bool {
		n, known := s.fixed[at]
		one.n, one.mixed = one.n-n, one.mixed || n > 0
		return known
	})
}

// groups are the sums that have places in common, however far.
func (s *sums) groups() (all [][]*sum) {
	for _, one := range s.all {
		if len(one.free) == 0 {
			continue
		}
		mine := []*sum{one}
		var rest [][]*sum
		for _, g := range all {
			if slices.ContainsFunc(g, func(o *sum) bool {
				return slices.ContainsFunc(o.free, func(at int) bool { return slices.Contains(one.free, at) })
			}) {
				mine = append(mine, g...)
				continue
			}
			rest = append(rest, g)
		}
		all = append(rest, mine)
	}
	return all
}

// mostCells is how much is worked out at once. What is more is taken to tell too much.
const mostCells = 200_000

// bound works out the greatest that each place of some sums can be, and tells whether they can be true together. Of people, each sum may
// be less than its places, because some are counted in several; they are looked at as if as few as possible were.
func (s *sums) bound(group []*sum) bool {
	at := map[int]int{}
	for _, one := range group {
		for _, p := range one.free {
			if _, there := at[p]; !there {
				at[p] = len(at)
			}
		}
	}
	size := len(at)
	if !s.adds() {
		size += len(group)
	}
	if (size+len(group))*len(group) > mostCells {
		return false
	}
	know := func(fewest float64) (*system, bool) {
		known := &system{size: size}
		for i, one := range group {
			row := make([]float64, size)
			for _, p := range one.free {
				row[at[p]] = 1
			}
			if !s.adds() {
				row[len(at)+i] = -1
			}
			known.say(row, float64(one.n))
		}
		if fewest >= 0 {
			known.say(repeats(size, len(at), 1), fewest)
		}
		return known, known.begin()
	}
	known, may := know(-1)
	if may && !s.adds() {
		known, may = know(math.Round(-known.most(repeats(size, len(at), -1))))
	}
	if !may || known.lost {
		return false
	}
	for p, n := range at {
		of := make([]float64, size)
		of[n] = 1
		s.find(p, known.most(of))
	}
	return !known.lost
}

// repeats are the numbers of those who are counted in several places, each so many times.
func repeats(size, first int, times float64) []float64 {
	row := make([]float64, size)
	for i := first; i < size; i++ {
		row[i] = times
	}
	return row
}
