// SPDX-License-Identifier: Apache-2.0

package names

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	nukta    = '\u09BC'
	hasanta  = '\u09CD'
	zwnj     = '\u200C'
	zwj      = '\u200D'
	maxMarks = 4 // a Bangla letter needs at most four signs: nukta, vowel sign, candrabindu, visarga
	settle   = 8 // passes after which Clean gives up waiting for a text to stop changing
)

// Clean makes s safe to store and show without changing what it says. The
// result is valid UTF-8 in NFC, on one line, with single spaces and none at
// the ends. Control characters, direction marks, zero-width and other
// invisible characters are dropped; ZWJ and ZWNJ stay where they shape Bangla
// letters. More than four combining marks on one letter are cut to four.
//
// NFC keeps ড়, ঢ় and য় as two code points each, so U+09DF and U+09AF U+09BC
// come out the same.
func Clean(s string) string {
	if plain(s) {
		return s
	}

	for range settle {
		next := fewerMarks(norm.NFC.String(visible(s)))
		if next == s {
			break
		}
		s = next
	}
	return s
}

// Check cleans a one-line text and says what is wrong with it: the message
// key fault.bad_characters for invalid UTF-8 and control characters, which
// never come from an honest keyboard and so are refused rather than dropped;
// fault.too_long for more than max characters; or "" when it may be kept.
// Tabs and line ends, as pasted from tables, become spaces. Direction marks
// and zero-width characters are dropped without complaint, as Clean says.
func Check(s string, max int) (clean, problem string) {
	if !printable(s) {
		return Clean(s), "fault.bad_characters"
	}
	clean = Clean(s)
	if utf8.RuneCountInString(clean) > max {
		return clean, "fault.too_long"
	}
	return clean, ""
}

// CheckText is Check for text of several lines, which stay: every line is
// cleaned by itself, line ends become \n, and empty lines at either end go.
func CheckText(s string, max int) (clean, problem string) {
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"), "\n")
	for i, line := range lines {
		lines[i] = Clean(line)
	}
	clean = strings.Trim(strings.Join(lines, "\n"), "\n")

	if !printable(s) {
		return clean, "fault.bad_characters"
	}
	if utf8.RuneCountInString(clean) > max {
		return clean, "fault.too_long"
	}
	return clean, ""
}

func printable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' {
			return false
		}
	}
	return true
}

// plain reports whether s is ASCII that Clean would leave alone.
func plain(s string) bool {
	space := true
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || (c == ' ' && space) {
			return false
		}
		space = c == ' '
	}
	return s == "" || !space
}

// visible drops what cannot be seen and collapses spaces.
func visible(s string) string {
	in := []rune(strings.ToValidUTF8(s, ""))
	out := make([]rune, 0, len(in))
	for i, r := range in {
		switch {
		case unicode.IsSpace(r):
			if len(out) > 0 && out[len(out)-1] != ' ' {
				out = append(out, ' ')
			}
		case r == zwj || r == zwnj:
			if shapes(out, in[i+1:]) {
				out = append(out, r)
			}
		case !invisible(r):
			out = append(out, r)
		}
	}
	if n := len(out); n > 0 && out[n-1] == ' ' {
		out = out[:n-1]
	}
	return string(out)
}

// shapes reports whether a joiner between before and after changes how
// Bangla letters are drawn.
func shapes(before, after []rune) bool {
	if len(before) == 0 || len(after) == 0 {
		return false
	}
	left, right := before[len(before)-1], after[0]
	return unicode.Is(unicode.Bengali, left) && unicode.Is(unicode.Bengali, right) &&
		(unicode.IsLetter(right) || right == hasanta)
}

func invisible(r rune) bool {
	switch {
	case r >= 0x0600 && r <= 0x0605, r == 0x06DD, r == 0x070F, r == 0x08E2:
		return false // format characters of Arabic and Syriac that are drawn
	case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Cs, r):
		return true
	case unicode.Is(unicode.Variation_Selector, r), unicode.Is(unicode.Noncharacter_Code_Point, r):
		return true
	case r == 0x034F, r == 0x115F, r == 0x1160, r == 0x3164, r == 0xFFA0, r == 0x17B4, r == 0x17B5:
		return true // joiner and fillers that draw nothing
	}
	return false
}

// fewerMarks keeps the first few combining marks of each letter.
func fewerMarks(s string) string {
	if !strings.ContainsFunc(s, unicode.IsMark) {
		return s
	}
	var b strings.Builder
	marks := 0
	for _, r := range s {
		if r == zwj || r == zwnj {
			b.WriteRune(r)
			continue
		}
		if !unicode.IsMark(r) {
			marks = 0
			b.WriteRune(r)
			continue
		}
		if marks++; marks <= maxMarks {
			b.WriteRune(r)
		}
	}
	return b.String()
}
