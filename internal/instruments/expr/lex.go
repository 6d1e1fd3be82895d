// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"strings"
	"unicode"

	"fera/internal/fault"
)

// What is longer or deeper than this is refused; no real form comes near.
const (
	longest = 20000 // characters
	deepest = 250   // brackets and calls within one another: some forms have an if for each district
)

type token struct {
	kind string // "text", "number", "name", "ref", an operator or a sign, "" at the end
	text string
	at   int // in characters, from 1
}

// signs are the operators and marks, the longer ones first.
func signs() []string {
	return []string{"!=", "<=", ">=", "..", "(", ")", "[", "]", ",", "/", "+", "-", "*", "=", "<", ">", ".", "|"}
}

// plain replaces the quotation marks and spaces that word processors put in.
var plain = strings.NewReplacer("\u2018", "'", "\u2019", "'", "\u201c", `"`, "\u201d", `"`, "\u00a0", " ", "\ufeff", "", "\u200b", "")

func lex(text string) ([]token, error) {
	s := []rune(plain.Replace(text))
	if len(s) > longest {
		return nil, fault.New(fault.Invalid, "expression.too_long").With("most", longest)
	}
	var all []token
	for i := 0; i < len(s); {
		if unicode.IsSpace(s[i]) {
			i++
			continue
		}
		t, next, err := lexOne(s, i)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
		i = next
	}
	return append(all, token{at: len(s) + 1}), nil
}

func lexOne(s []rune, i int) (token, int, error) {
	at := i + 1
	switch r := s[i]; {
	case r == '\'' || r == '"':
		end := index(s, i+1, r)
		if end < 0 {
			return token{}, 0, fault.New(fault.Invalid, "expression.quote_open").With("at", at)
		}
		return token{"text", string(s[i+1 : end]), at}, end + 1, nil
	case r == '$':
		end := index(s, i, '}')
		if i+1 >= len(s) || s[i+1] != '{' || end < 0 {
			return token{}, 0, fault.New(fault.Invalid, "expression.reference_broken").With("at", at)
		}
		name := strings.TrimSpace(string(s[i+2 : end]))
		name = strings.TrimSpace(strings.TrimPrefix(name, "last-saved#"))
		if !isName(name) || strings.Contains(string(s[i:end]), "last-saved#") {
			return token{}, 0, fault.New(fault.Invalid, "expression.reference_broken").With("at", at)
		}
		return token{"ref", name, at}, end + 1, nil
	case isDigit(r) || r == '.' && i+1 < len(s) && isDigit(s[i+1]):
		end := i
		for end < len(s) && (isDigit(s[end]) || s[end] == '.') {
			end++
		}
		return token{"number", Digits(string(s[i:end])), at}, end, nil
	case nameStart(r):
		end := i
		for end < len(s) && nameRune(s[end]) {
			end++
		}
		return token{"name", strings.TrimRight(string(s[i:end]), "."), at}, i + len([]rune(strings.TrimRight(string(s[i:end]), "."))), nil
	}
	rest := string(s[i:min(len(s), i+2)])
	for _, sign := range signs() {
		if strings.HasPrefix(rest, sign) {
			return token{sign, sign, at}, i + len([]rune(sign)), nil
		}
	}
	return token{}, 0, unexpected(token{text: string(s[i]), at: at})
}

func index(s []rune, from int, r rune) int {
	for i := from; i < len(s); i++ {
		if s[i] == r {
			return i
		}
	}
	return -1
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' || r >= '০' && r <= '৯' }

func nameStart(r rune) bool { return r == '_' || unicode.IsLetter(r) }

func nameRune(r rune) bool {
	return nameStart(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r) || r == '-' || r == '.' || r == ':'
}

// isName tells whether s can be the name of an item.
func isName(s string) bool {
	for i, r := range s {
		if i == 0 && !nameStart(r) || !nameRune(r) {
			return false
		}
	}
	return s != ""
}

func unexpected(t token) error {
	if t.kind == "" && t.text == "" {
		return fault.New(fault.Invalid, "expression.ends_early")
	}
	return fault.New(fault.Invalid, "expression.unexpected").With("found", t.text).With("at", t.at)
}
