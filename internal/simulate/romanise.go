// SPDX-License-Identifier: Apache-2.0

package simulate

import "strings"

// nukta is the dot below that makes ড়, ঢ় and য়.
const nukta = '\u09bc'

const virama = '\u09cd'

func consonant(r rune) string {
	switch r {
	case 'ক':
		return "k"
	case 'খ':
		return "kh"
	case 'গ':
		return "g"
	case 'ঘ':
		return "gh"
	case 'ঙ':
		return "ng"
	case 'চ', 'ছ':
		return "ch"
	case 'জ', 'য':
		return "j"
	case 'ঝ':
		return "jh"
	case 'ঞ', 'ণ', 'ন':
		return "n"
	case 'ট', 'ত':
		return "t"
	case 'ঠ', 'থ':
		return "th"
	case 'ড', 'দ':
		return "d"
	case 'ঢ', 'ধ':
		return "dh"
	case 'প':
		return "p"
	case 'ফ':
		return "f"
	case 'ব':
		return "b"
	case 'ভ':
		return "bh"
	case 'ম':
		return "m"
	case 'র':
		return "r"
	case 'ল':
		return "l"
	case 'শ', 'ষ':
		return "sh"
	case 'স':
		return "s"
	case 'হ':
		return "h"
	}
	return ""
}

func vowel(r rune) string {
	switch r {
	case 'অ', 'আ', 'া':
		return "a"
	case 'ই', 'ঈ', 'ি', 'ী':
		return "i"
	case 'উ', 'ঊ', 'ু', 'ূ':
		return "u"
	case 'ঋ', 'ৃ':
		return "ri"
	case 'এ', 'ে':
		return "e"
	case 'ঐ', 'ৈ':
		return "oi"
	case 'ও', 'ো':
		return "o"
	case 'ঔ', 'ৌ':
		return "ou"
	}
	return ""
}

func sign(r rune) bool { return r >= '\u09be' && r <= '\u09cc' }

// romanise writes a Bangla name as a clerk might who has never seen it in Latin
// letters. It is good enough to be told from nothing, not to print on a paper.
func romanise(bn string) string {
	words := strings.FieldsFunc(bn, func(r rune) bool { return r == ' ' || r == '-' })
	for i, w := range words {
		latin := romaniseWord([]rune(w))
		if latin != "" {
			words[i] = strings.ToUpper(latin[:1]) + latin[1:]
		}
	}
	return strings.Join(words, " ")
}

func romaniseWord(in []rune) string {
	at := func(i int) rune {
		if i < len(in) {
			return in[i]
		}
		return 0
	}
	var b strings.Builder
	for i := 0; i < len(in); i++ {
		r := in[i]
		c := consonant(r)
		switch {
		case c != "":
			if at(i+1) == nukta {
				i++
				c = map[rune]string{'ড': "r", 'ঢ': "rh", 'য': "y"}[r]
			} else if r == 'য' && i > 0 && in[i-1] == virama {
				c = "y"
			}
			b.WriteString(c)
			if inherent(in, i, b.Len() == len(c)) {
				b.WriteString("a")
			}
		case r == 'ৎ':
			b.WriteString("t")
		case r == 'ং':
			b.WriteString("ng")
		default:
			b.WriteString(vowel(r))
		}
	}
	return b.String()
}

// inherent tells whether the unwritten vowel after the consonant that ends at i
// is spoken: not at the end, not before a sign or in a cluster, and not where
// the next syllable has a vowel of its own, except in the first.
func inherent(in []rune, i int, first bool) bool {
	if i+1 >= len(in) || sign(in[i+1]) || in[i+1] == virama {
		return false
	}
	if first || in[i+1] == 'ং' || in[i+1] == 'ৎ' {
		return true
	}
	next := i + 2
	if next < len(in) && in[next] == nukta {
		next++
	}
	return consonant(in[i+1]) != "" && (next >= len(in) || !sign(in[next]))
}
