// SPDX-License-Identifier: Apache-2.0

package names

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Wanted is what to look up for a name typed into a search box. A person is a
// candidate who has one of the terms in Exact, or a term that begins with
// Prefix or with one of Also; of those the candidates stay for whom every
// entry of Rest begins one of their terms. The same person may come up by
// several terms.
type Wanted struct {
	Exact  []string // whole terms
	Prefix string   // beginning of terms, for a range scan; "" when no token is unfinished or the others suffice
	Also   []string // further beginnings, for other ways to read the last token
	Rest   []string // keys that candidates must have besides, perhaps unfinished
	Keys   []string // the keys of all tokens in order, for ranking
}

// Empty reports that there is nothing to look up.
func (w Wanted) Empty() bool { return len(w.Exact) == 0 && w.Prefix == "" }

// Query reads a name as far as it has been typed: every token is complete but
// the last, unless a space or a full stop follows it. "fatema beg" asks for
// terms that begin with FTM|B, "fat" for those that begin with FT.
//
// The key of the beginning of a token is nearly always the beginning of its
// key. The exceptions: "c" and "p" before their h is typed (Chowdhury, Phatema),
// a conjunct of Bangla before its second half, and abbreviations such as Sk
// for Sheikh. The title before a name is in no index, so it finds nothing until
// the name itself begins.
func Query(q string) Wanted {
	last, _ := utf8.DecodeLastRuneInString(q)
	tokens, open := tokensOf(q, unicode.IsLetter(last) || unicode.IsMark(last) || last == zwj || last == zwnj)
	if len(tokens) == 0 {
		return Wanted{}
	}

	w := Wanted{Keys: make([]string, len(tokens))}
	for i, t := range tokens {
		w.Keys[i] = tokenKey(t)
	}
	switch {
	case len(tokens) > 2:
		w.longest(tokens, open)
	case open:
		w.typing(tokens)
	case len(tokens) == 2:
		w.Exact = whole(w.Keys[0]+"|"+w.Keys[1], tokenKey(tokens[0]+tokens[1]))
	default:
		w.Exact = whole(w.Keys[0])
	}
	return w
}

// typing asks for one token, or a pair, whose last is unfinished.
func (w *Wanted) typing(tokens []string) {
	tail := tokens[len(tokens)-1]
	ends := beginnings(sound(tail), tokenKey(tail))
	if full, ok := titles()[tail]; ok && len(tokens) == 1 {
		ends = beginnings(ends[0], sound(full))
	}
	if len(tokens) == 2 {
		for i := range ends {
			ends[i] = w.Keys[0] + "|" + ends[i]
		}
		ends = append(ends, sound(tokens[0]+tail))
	}
	ends = slices.DeleteFunc(ends, func(e string) bool { return e == "" })
	if len(ends) > 0 {
		w.Prefix, w.Also = ends[0], ends[1:]
	}
}

// longest asks for the pair of the two keys that say most and leaves the
// others to the caller. An unfinished token never is of the pair.
func (w *Wanted) longest(tokens []string, open bool) {
	n := len(tokens)
	if open {
		n--
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return weight(w.Keys[b]) - weight(w.Keys[a]) })

	i, j := min(order[0], order[1]), max(order[0], order[1])
	w.Exact = whole(w.Keys[i] + "|" + w.Keys[j])
	if j == i+1 {
		w.Exact = append(w.Exact, whole(tokenKey(tokens[i]+tokens[j]))...)
	}
	for k, key := range w.Keys {
		if k == len(tokens)-1 && open {
			key = shorter(sound(tokens[k]), key)
		}
		if k != i && k != j && key != "" {
			w.Rest = append(w.Rest, key)
		}
	}
}

// weight says how much a key narrows a search: by its length, but nothing for
// the endings that half the country bears.
func weight(key string) int {
	switch key {
	case "ABD", "ASLM", "RHMN", "HSN", "ADN", "BGM", "KTN", "AKTR", "BB", "AHMD", "KN":
		return 1
	}
	return len(key)
}

// beginnings gives a and b, or only the one that begins the other.
func beginnings(a, b string) []string {
	switch {
	case strings.HasPrefix(b, a):
		return []string{a}
	case strings.HasPrefix(a, b):
		return []string{b}
	}
	return []string{a, b}
}

func shorter(a, b string) string {
	if len(b) < len(a) {
		return b
	}
	return a
}

// whole leaves out terms with an empty side.
func whole(terms ...string) []string {
	return slices.DeleteFunc(terms, func(t string) bool {
		return t == "" || strings.HasPrefix(t, "|") || strings.HasSuffix(t, "|")
	})
}
