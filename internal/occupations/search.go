// SPDX-License-Identifier: Apache-2.0

package occupations

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"fera/internal/names"
)

// The ranks of a hit, the best first.
const (
	titled    = iota // a title or the code
	exact            // a word people use
	beginning        // one of them begins with what was typed
	inside           // every word typed begins a word of one of them
	across           // the same, the words being those of several
	alike            // one of them sounds like it
	none
)

// How much of what is typed counts.
const (
	mostBytes = 200
	mostWords = 6
)

// entry is a unit group with everything that it is found by.
type entry struct {
	occupation Occupation
	titles     int        // how many of the names are titles or the code; they come first
	names      [][]string // each cut into folded words
	sounds     []string
}

var entries = sync.OnceValue(func() []entry {
	var all []entry
	for _, o := range Units("") {
		e := entry{occupation: o, titles: 2 + min(1, len(o.TitleBn))}
		for _, name := range append([]string{o.Code, o.TitleBn, o.TitleEn}, o.Other...) {
			if folded := splitWords(name); len(folded) > 0 {
				e.names = append(e.names, folded)
				e.sounds = append(e.sounds, sound(name))
			}
		}
		all = append(all, e)
	}
	return all
})

// Search returns the unit groups that fit what is being typed in either script, the best first. It
// knows titles, codes and everyday words, and of those that fit equally well it puts first the work
// that migrants do most.
func Search(q string, limit int) []Occupation {
	q = q[:min(len(q), mostBytes)]
	typed := splitWords(q)
	if len(typed) == 0 || limit <= 0 {
		return nil
	}
	type hit struct {
		occupation Occupation
		rank       int
	}
	var hits []hit
	heard := sound(q)
	for _, e := range entries() {
		if rank := e.rank(typed[:min(len(typed), mostWords)], heard); rank < none {
			hits = append(hits, hit{e.occupation, rank})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(order(a.occupation), order(b.occupation)))
	})
	found := make([]Occupation, 0, min(limit, len(hits)))
	for _, h := range hits[:min(limit, len(hits))] {
		found = append(found, h.occupation)
	}
	return found
}

// order puts labourers before managers, and what has a Bangla title before what has none.
func order(o Occupation) int {
	place := strings.Index("9875643210", o.Major())
	if o.TitleBn == "" {
		place += 10
	}
	return place
}

func (e entry) rank(typed []string, heard string) int {
	best := none
	whole := strings.Join(typed, "")
	for i, name := range e.names {
		joined := strings.Join(name, "")
		switch {
		case joined == whole && i < e.titles:
			return titled
		case joined == whole:
			best = min(best, exact)
		case strings.HasPrefix(joined, whole):
			best = min(best, beginning)
		case allBegin(typed, name):
			best = min(best, inside)
		case len(heard) > 2 && strings.HasPrefix(e.sounds[i], heard):
			best = min(best, alike)
		}
	}
	if best > across && allBegin(typed, slices.Concat(e.names...)) {
		best = across
	}
	return best
}

// allBegin tells whether each word typed begins one of the words.
func allBegin(typed, words []string) bool {
	return !slices.ContainsFunc(typed, func(t string) bool {
		return !slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(word, t) })
	})
}

func splitWords(text string) []string {
	return strings.FieldsFunc(names.Fold(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
	})
}

func sound(name string) string { return strings.Join(names.Keys(name), " ") }
