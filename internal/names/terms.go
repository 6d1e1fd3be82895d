// SPDX-License-Identifier: Apache-2.0

package names

import "slices"

const (
	maxPaired  = 5 // tokens of one name that are paired with one another
	maxBridged = 3 // tokens of a name whose joined neighbours are paired too
)

// Terms gives the index terms of the names of one person, each once: every
// key; every ordered pair of keys within one name, as "FTM|BGM" and "BGM|FTM";
// and the key that neighbours have when written together, so that Nur Jahan
// is also NRJHN. In names of up to three tokens the joined key is paired as
// well.
func Terms(names ...string) []string {
	var terms []string
	for _, name := range names {
		tokens, _ := tokensOf(name, false)
		terms = append(terms, termsOf(tokens)...)
	}
	slices.Sort(terms)
	return slices.Compact(terms)
}

func termsOf(tokens []string) []string {
	if len(tokens) > maxPaired {
		tokens = tokens[:maxPaired]
	}
	keys := make([]string, len(tokens))
	for i, t := range tokens {
		keys[i] = tokenKey(t)
	}

	terms := pairs(keys)
	for _, t := range tokens {
		terms = append(terms, sound(t)) // Sk as well as Sheikh, while it is typed
	}
	for i := 0; i+1 < len(tokens); i++ {
		joined := tokenKey(tokens[i] + tokens[i+1])
		terms = append(terms, joined)
		if len(tokens) > 2 && len(tokens) <= maxBridged {
			with := slices.Insert(slices.Delete(slices.Clone(keys), i, i+2), i, joined)
			terms = append(terms, pairs(with)...)
		}
	}
	return slices.DeleteFunc(terms, func(t string) bool { return t == "" })
}

// pairs gives the keys and every ordered pair of two of them.
func pairs(keys []string) []string {
	terms := slices.Clone(keys)
	for i, a := range keys {
		for j, b := range keys {
			if i != j && a != "" && b != "" {
				terms = append(terms, a+"|"+b)
			}
		}
	}
	return terms
}
