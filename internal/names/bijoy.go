// SPDX-License-Identifier: Apache-2.0

package names

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// bijoyMarks are characters that SutonnyMJ text is full of and that no Latin
// name contains.
const bijoyMarks = "†‡ˆ‰Š©¨ª«¬®¯°±²³´µ¶¸¹º»¼½¾¿¤¥¦§¡¢£×÷"

// IsBijoy guesses whether s is Bangla typed for the SutonnyMJ font, in which
// Latin characters draw Bangla letters. It looks for the font's own marks and
// for letter orders that no Latin name has, such as v before a consonant.
// Very short words without such signs are not recognised; show the converted
// text beside the typed one and let a person confirm.
func IsBijoy(s string) bool {
	if Looks(s) == Bangla || Looks(s) == Mixed {
		return false
	}
	signs := 0
	in := []rune(s)
	for i, r := range in {
		prev, next := at(in, i-1), at(in, i+1)
		switch {
		case strings.ContainsRune(bijoyMarks, r), r >= 0x80 && r <= 0x9F:
			if unicode.IsLetter(prev) || unicode.IsLetter(next) {
				signs++
			}
		case r == 'v' && asciiLetter(next) && !strings.ContainsRune("aeiouyrlhvAEIOUYRLHV", next):
			signs++
		case r == 'w' && asciiLetter(next) && !strings.ContainsRune("aeiouyhrAEIOUYHR", next) && !strings.ContainsRune("aeouAEOU", prev):
			signs++
		}
	}
	return signs > 0
}

func asciiLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

// FromBijoy turns SutonnyMJ text into Unicode Bangla: it maps each character
// of the font, puts ি, ে and ৈ after the letters they are drawn before, and
// the reph before the letters it is drawn over.
//
// The result is good but not perfect: rare conjuncts, other Bijoy fonts and
// Latin words in between come out wrong. Text in other scripts passes through.
// Pass the text as it came, before Clean, which drops the soft hyphen that the
// font uses.
func FromBijoy(s string) string {
	var c cluster
	for _, r := range strings.ToValidUTF8(s, "") {
		to, ok := bijoyTable()[r]
		switch {
		case r == '©' || r == 0xA9:
			c.reph = true
		case !ok:
			c.flush()
			c.out.WriteRune(r)
		case to == "ি" || to == "ে" || to == "ৈ":
			c.flush()
			c.before = []rune(to)[0]
		default:
			c.put([]rune(to))
		}
	}
	c.flush()
	return norm.NFC.String(c.out.String())
}

// cluster is one Bangla syllable being put together from its drawn parts.
type cluster struct {
	out    strings.Builder
	base   []rune // consonants joined by hasanta, or one vowel
	signs  []rune // vowel signs and the marks after them
	before rune   // a vowel sign drawn before the base
	reph   bool
}

// put adds what one character of the font draws.
func (c *cluster) put(to []rune) {
	for _, r := range to {
		switch {
		case unicode.IsMark(r) && r != hasanta && r != nukta:
			c.signs = append(c.signs, r)
		case r == nukta:
			c.base = append(c.base, r)
		case r == hasanta:
			if n := len(c.base); n > 0 && c.base[n-1] != hasanta {
				c.base = append(c.base, r)
			}
		default:
			if n := len(c.base); n > 0 && c.base[n-1] != hasanta {
				c.flush()
			}
			c.base = append(c.base, r)
		}
	}
}

// flush writes the syllable in the order in which Unicode keeps it.
func (c *cluster) flush() {
	if c.reph {
		c.out.WriteString("র্")
	}
	if len(c.base) == 1 && c.base[0] == 'অ' && len(c.signs) > 0 && c.signs[0] == 'া' {
		c.base[0], c.signs = 'আ', c.signs[1:]
	}
	c.out.WriteString(string(c.base))
	if c.before != 0 {
		c.out.WriteRune(c.before)
	}
	slices.SortStableFunc(c.signs, func(a, b rune) int { return trailing(a) - trailing(b) })
	c.out.WriteString(string(c.signs)) // NFC makes ে and া one ো
	c.base, c.signs, c.before, c.reph = c.base[:0], c.signs[:0], 0, false
}

// trailing is 1 for the signs that come after every vowel sign.
func trailing(sign rune) int {
	if sign == 'ঁ' || sign == 'ং' || sign == 'ঃ' {
		return 1
	}
	return 0
}
