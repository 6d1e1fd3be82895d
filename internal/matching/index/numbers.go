// SPDX-License-Identifier: Apache-2.0

package index

import (
	"math"
	"slices"

	"fera/internal/matching/model"
)

// numbers compares the numbers of two records.
type numbers struct {
	state *state
	a, b  side
}

// compare compares numbers of one kind, of which each may have several: one that both have is enough.
func (n *numbers) compare(kind uint64, a, b []uint32) model.Evidence {
	known := false
	for _, x := range a {
		for _, y := range b {
			if x == 0 || y == 0 {
				continue
			}
			if x == y {
				return n.shared(kind, x)
			}
			known = true
		}
	}
	if n.a.more || n.b.more {
		for _, x := range a {
			if x != 0 && n.state.leads(n.b, keyOf(kind, uint64(x))) {
				return n.shared(kind, x)
			}
		}
		for _, y := range b {
			if y != 0 && n.state.leads(n.a, keyOf(kind, uint64(y))) {
				return n.shared(kind, y)
			}
		}
	}
	if known {
		return model.Evidence{Level: 2}
	}
	return model.Evidence{}
}

// shared is the evidence of a number that both have: the more who have it, the less it says.
func (n *numbers) shared(kind uint64, x uint32) model.Evidence {
	return model.Evidence{Level: 1, Common: float32(math.Log2(float64(max(n.state.holders(kind, x), 2)) / 2))}
}

// manyHolders is how many records of a list are looked at; of longer ones the length is near enough.
const manyHolders = 64

// holders counts the records that have a number. A list may hold records of another key.
func (s *state) holders(kind uint64, x uint32) int {
	key := keyOf(kind, uint64(x))
	list := s.list(key)
	if len(list) > manyHolders {
		return len(list)
	}
	n, seen := 0, 0
	count := func(i uint32) bool {
		if !s.isRemoved(i) && (slices.Contains(s.at(i).ofKind(kind), x) || s.at(i).more) {
			n++
		}
		seen++
		return seen < 2*manyHolders
	}
	for _, i := range list {
		count(i)
	}
	s.delta.each(key, count)
	return n
}

// ofKind gives the numbers of one kind.
func (c *compact) ofKind(kind uint64) []uint32 {
	switch kind {
	case keyPhone:
		return c.phone[:]
	case keyOld:
		return c.old[:]
	case keySmart:
		return c.smart[:]
	case keyBirthNumber:
		return c.births[:]
	case keyPermit:
		return c.permit[:]
	case keyCard:
		return c.card[:]
	}
	return c.passport[:]
}

// leads tells whether a key leads to a record.
func (s *state) leads(r side, key uint64) bool {
	switch {
	case !r.more:
		return false
	case r.at == nowhere:
		return slices.Contains(r.extra, key)
	}
	list := s.list(key)
	if slices.Contains(list[:min(len(list), longList)], r.at) {
		return true
	}
	found, seen := false, 0
	s.delta.each(key, func(i uint32) bool {
		found = i == r.at
		seen++
		return !found && seen < longList
	})
	return found
}
