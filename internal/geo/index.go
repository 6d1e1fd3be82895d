// SPDX-License-Identifier: Apache-2.0

package geo

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"fera/internal/names"
)

// searchIndex is everything that Search looks at, by the number of the place in the atlas.
type searchIndex struct {
	parent          []int      // -1 for a division
	joined          [][]string // every name without its spaces: "coxsbazar"
	spelling, sound lookup
}

// lookup finds places by the beginnings of words.
type lookup struct {
	words [][]string // of each place
	terms []term     // all of them in order
}

type term struct {
	word  string
	place int
}

// index is made at the first search.
var index = sync.OnceValue(func() *searchIndex {
	a := atlas()
	n := len(a.places)
	x := &searchIndex{parent: make([]int, n), joined: make([][]string, n)}
	spelled, sounds := make([][]string, n), make([][]string, n)
	for i, p := range a.places {
		x.parent[i] = -1
		if up, ok := a.byCode[p.Parent]; ok {
			x.parent[i] = up
		}
		for _, name := range append([]string{p.NameEn, p.NameBn}, p.Alt...) {
			typed := splitWords(name)
			x.joined[i] = append(x.joined[i], strings.Join(typed, ""))
			spelled[i] = append(spelled[i], typed...)
			sounds[i] = append(sounds[i], names.Keys(name)...)
		}
		spelled[i] = distinct(append(spelled[i], x.joined[i]...))
		sounds[i] = distinct(sounds[i])
	}
	x.spelling, x.sound = newLookup(spelled), newLookup(sounds)
	return x
})

func newLookup(words [][]string) lookup {
	l := lookup{words: words}
	for place, own := range words {
		for _, word := range own {
			l.terms = append(l.terms, term{word, place})
		}
	}
	slices.SortFunc(l.terms, func(a, b term) int {
		return cmp.Or(strings.Compare(a.word, b.word), cmp.Compare(a.place, b.place))
	})
	return l
}

// candidates lists the places that have a word beginning with any of those typed.
func (l lookup) candidates(typed []string) []int {
	var found []int
	for _, prefix := range typed {
		at, _ := slices.BinarySearchFunc(l.terms, prefix, func(t term, p string) int { return strings.Compare(t.word, p) })
		for ; at < len(l.terms) && strings.HasPrefix(l.terms[at].word, prefix); at++ {
			found = append(found, l.terms[at].place)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func (l lookup) begins(place int, prefix string) bool {
	return slices.ContainsFunc(l.words[place], func(word string) bool { return strings.HasPrefix(word, prefix) })
}

func distinct(all []string) []string {
	slices.Sort(all)
	return slices.Clip(slices.Compact(all))
}
