// SPDX-License-Identifier: Apache-2.0

package names

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold brings a text to the form in which two typings of it compare equal:
// cleaned; Latin in lower case, without accents, at normal width; Bangla
// without joiners, with ত্‌ as ৎ and the Assamese র as র; digits as 0-9.
// It is for comparing and searching, never for showing.
func Fold(s string) string {
	s = Clean(strings.ReplaceAll(s, "ত্\u200C", "ৎ"))
	if ascii(s) {
		return strings.ToLower(s)
	}
	return Clean(strings.ToLower(bare(norm.NFKD.String(s))))
}

// bare drops accents from letters that are not Bangla, and joiners, and maps
// Bangla digits and Assamese letters.
func bare(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	latin := false
	for _, r := range s {
		switch {
		case r == zwj || r == zwnj:
		case unicode.Is(unicode.Mn, r) && latin:
		case r >= '০' && r <= '৯':
			b.WriteRune(r - '০' + '0')
		case r == 'ৰ':
			b.WriteRune('র')
		default:
			latin = unicode.Is(unicode.Latin, r)
			writeLatin(&b, r)
		}
	}
	return b.String()
}

// writeLatin spells out the Latin letters that do not decompose.
func writeLatin(b *strings.Builder, r rune) {
	switch r {
	case 'ı', 'İ':
		b.WriteByte('i')
	case 'ø', 'Ø':
		b.WriteByte('o')
	case 'ł', 'Ł':
		b.WriteByte('l')
	case 'đ', 'Đ', 'ð', 'Ð':
		b.WriteByte('d')
	case 'ß', 'ẞ':
		b.WriteString("ss")
	case 'æ', 'Æ':
		b.WriteString("ae")
	case 'œ', 'Œ':
		b.WriteString("oe")
	case 'þ', 'Þ':
		b.WriteString("th")
	default:
		b.WriteRune(r)
	}
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
