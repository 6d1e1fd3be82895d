// SPDX-License-Identifier: Apache-2.0

package countries

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"fera/internal/names"
)

// The ranks of a hit, the best first.
const (
	exact = iota
	beginning
	inside
	alike
	none
)

// entry is a country with everything that it is found by.
type entry struct {
	country Country
	names   []string // folded
	sounds  []string
}

var entries = sync.OnceValue(func() []entry {
	all := make([]entry, 0, len(world()))
	for _, c := range world() {
		e := entry{country: c}
		for _, name := range append([]string{c.Code, c.NameEn, c.NameBn}, strings.Split(alsoSaid()[c.Code], ";")...) {
			if folded := names.Fold(name); folded != "" {
				e.names = append(e.names, folded)
				e.sounds = append(e.sounds, sound(name))
			}
		}
		all = append(all, e)
	}
	return all
})

// Search returns the countries that fit what is being typed in either script, the best first, and of
// those that fit equally well the destinations first. A big city finds its country.
func Search(q string, limit int) []Country {
	typed := names.Fold(q[:min(len(q), 200)])
	if typed == "" || limit <= 0 {
		return nil
	}
	type hit struct {
		country Country
		rank    int
	}
	var hits []hit
	heard := sound(typed)
	for _, e := range entries() {
		if rank := e.rank(typed, heard); rank < none {
			hits = append(hits, hit{e.country, rank})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.rank, b.rank) })
	found := make([]Country, 0, min(limit, len(hits)))
	for _, h := range hits[:min(limit, len(hits))] {
		found = append(found, h.country)
	}
	return found
}

func (e entry) rank(typed, heard string) int {
	best := none
	for i, name := range e.names {
		switch {
		case name == typed:
			return exact
		case strings.HasPrefix(name, typed):
			best = min(best, beginning)
		case strings.Contains(name, " "+typed):
			best = min(best, inside)
		case len(heard) > 2 && strings.HasPrefix(e.sounds[i], heard):
			best = min(best, alike)
		}
	}
	return best
}

func sound(name string) string { return strings.Join(names.Keys(name), " ") }

// Said returns the country that a whole name stands for, in either script: its own, a short form, or
// that of a big city. What only sounds like one is not taken for it.
func Said(name string) (Country, bool) {
	folded := names.Fold(name[:min(len(name), 200)])
	i := slices.IndexFunc(entries(), func(e entry) bool { return slices.Contains(e.names, folded) })
	if i < 0 || folded == "" {
		return Country{}, false
	}
	return entries()[i].country, true
}
