// SPDX-License-Identifier: Apache-2.0

package geo

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"fera/internal/names"
)

// How much of what is typed counts; nobody writes a place with more.
const (
	mostWords   = 6
	mostLetters = 100
)

// The ranks of a hit, the best first.
const (
	exact     = iota // the whole name
	beginning        // the name begins with what was typed
	inside           // every word typed begins a word of the name
	around           // the same, but some words are of the places around it
	alike            // it only sounds like it
)

// hit is a place that was found and how well it fits.
type hit struct{ place, rank int }

// Search returns the places that fit what is being typed, the best first.
//
// Either script will do, older and other spellings, and several words of which some name the
// places around: "saturia manik". Every word may be unfinished. When few places are spelled
// so, those that sound so follow.
func Search(q string, limit int) []Place {
	q = wanted(q)
	typed := splitWords(q)
	if len(typed) == 0 || limit <= 0 {
		return nil
	}
	x := index()
	hits := x.spelled(typed)
	if len(hits) < limit {
		hits = append(hits, x.sounding(q, hits)...)
	}
	a := atlas()
	slices.SortFunc(hits, func(i, j hit) int {
		p, o := a.places[i.place], a.places[j.place]
		return cmp.Or(cmp.Compare(i.rank, j.rank), cmp.Compare(order(p.Kind), order(o.Kind)),
			strings.Compare(p.NameEn, o.NameEn), strings.Compare(p.Code, o.Code))
	})
	found := make([]Place, 0, min(limit, len(hits)))
	for _, h := range hits[:min(limit, len(hits))] {
		found = append(found, a.places[h.place])
	}
	return found
}

// wanted keeps the part of q that counts: its first words, without those that only say what
// kind of place it is. "Manikganj district" is Manikganj.
func wanted(q string) string {
	if letters := []rune(q[:min(len(q), 4*mostLetters)]); len(letters) > mostLetters {
		q = string(letters[:mostLetters])
	}
	typed := strings.FieldsFunc(names.Fold(q), parting)
	if len(typed) > mostWords {
		typed = typed[:mostWords]
	}
	named := slices.DeleteFunc(slices.Clone(typed), func(word string) bool { return slices.Contains(kindWords(), word) })
	if len(named) == 0 {
		named = typed
	}
	return strings.Join(named, " ")
}

// kindWords say what a place is and not which.
var kindWords = sync.OnceValue(func() []string {
	return strings.Fields(names.Fold("division district upazila thana union zila zilla jela bibhag বিভাগ জেলা উপজেলা থানা ইউনিয়ন"))
})

// order puts the places that people name most often first. A division shares its name with a district.
func order(k Kind) int {
	return slices.Index([]Kind{District, Division, Upazila, Thana, Union}, k)
}

func (x *searchIndex) spelled(typed []string) []hit {
	whole := strings.Join(typed, "")
	var hits []hit
	for _, place := range x.spelling.candidates(append(slices.Clone(typed), whole)) {
		if rank, ok := x.rank(place, typed, whole); ok {
			hits = append(hits, hit{place, rank})
		}
	}
	return hits
}

func (x *searchIndex) rank(place int, typed []string, whole string) (int, bool) {
	best, ok := around, false
	for _, name := range x.joined[place] {
		if name == whole {
			return exact, true
		}
		if strings.HasPrefix(name, whole) {
			best, ok = beginning, true
		}
	}
	if ok {
		return best, true
	}
	own, all := x.fits(x.spelling, place, typed)
	if own == len(typed) {
		return inside, true
	}
	return around, all && own > 0
}

// sounding finds the places that sound like q and are not among those that were found already.
func (x *searchIndex) sounding(q string, already []hit) []hit {
	typed := names.Keys(q)
	if !slices.ContainsFunc(typed, func(key string) bool { return len(key) > 1 }) {
		return nil // one consonant sounds like everything
	}
	have := make(map[int]bool, len(already))
	for _, h := range already {
		have[h.place] = true
	}
	var hits []hit
	for _, place := range x.sound.candidates(typed) {
		own, all := x.fits(x.sound, place, typed)
		if all && own > 0 && !have[place] {
			hits = append(hits, hit{place, alike + len(typed) - own})
		}
	}
	return hits
}

// fits counts the words that begin a word of the place's own names, and tells whether all the
// others begin a word of the places around it.
func (x *searchIndex) fits(l lookup, place int, typed []string) (own int, all bool) {
	for _, word := range typed {
		if l.begins(place, word) {
			own++
			continue
		}
		up := x.parent[place]
		for up >= 0 && !l.begins(up, word) {
			up = x.parent[up]
		}
		if up < 0 {
			return own, false
		}
	}
	return own, true
}

// splitWords cuts a text into words with the differences removed that people do not heed in spelling.
func splitWords(text string) []string {
	return strings.FieldsFunc(loosen(names.Fold(text)), parting)
}

// parting tells whether a character parts words. Those that loosen drops are inside a word.
func parting(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && loosen(string(r)) != ""
}

// loosen makes alike the Bangla letters that sound alike and are often exchanged: ী and ি, ণ and ন,
// ঙ্গ and ংগ. An apostrophe, as in Cox's Bazar, goes.
func loosen(folded string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case 'ী':
			return 'ি'
		case 'ূ':
			return 'ু'
		case 'ণ', 'ঞ':
			return 'ন'
		case 'ষ', 'স':
			return 'শ'
		case 'ং':
			return 'ঙ'
		case '্', 'ঁ', '\'', '’', '‘', '`':
			return -1
		}
		return r
	}, folded)
}
