// SPDX-License-Identifier: Apache-2.0

package table

import (
	"strings"

	"fera/internal/matching/compare"
	"fera/internal/names"
	"fera/internal/numbers"
)

// readDate reads a date in any of the usual forms: 19800131, 1980-01-31, 31/01/1980, 1980-01, 1980. Of two readings of day and
// month it takes the day first, unless that gives no date.
func readDate(v string) (compare.Date, bool) {
	v = numbers.Digits(v)
	if i := strings.IndexAny(v, "T "); i >= 8 {
		v = v[:i]
	}
	var parts []string
	for _, p := range strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune("-/. ", r) }) {
		if !allDigits(p) {
			return compare.Date{}, false
		}
		parts = append(parts, p)
	}
	if len(parts) == 1 && len(parts[0]) == 8 {
		p := parts[0]
		if year := number(p[:4]); year >= 1800 && year <= 2200 {
			parts = []string{p[:4], p[4:6], p[6:]}
		} else {
			parts = []string{p[:2], p[2:4], p[4:]}
		}
	}
	return inOrder(parts)
}

func inOrder(parts []string) (compare.Date, bool) {
	var d compare.Date
	switch {
	case len(parts) == 0 || len(parts) > 3:
		return d, false
	case len(parts[0]) == 4:
		d.Year = number(parts[0])
		if len(parts) > 1 {
			d.Month = number(parts[1])
		}
		if len(parts) > 2 {
			d.Day = number(parts[2])
		}
	case len(parts) == 3 && len(parts[2]) == 4:
		d = compare.Date{Year: number(parts[2]), Month: number(parts[1]), Day: number(parts[0])}
		if d.Month > 12 {
			d.Month, d.Day = d.Day, d.Month
		}
	default:
		return d, false
	}
	return d, d.Year >= 1800 && d.Year <= 2200 && d.Month <= 99 && d.Day <= 99
}

func number(digits string) int {
	n := 0
	for i := range len(digits) {
		n = n*10 + int(digits[i]-'0')
	}
	return n
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != "" && len(s) <= 8
}

// solid keeps letters and digits, folded: what two typings of one number have in common.
func solid(v string) string {
	return strings.Join(strings.FieldsFunc(names.Fold(numbers.Digits(v)), func(r rune) bool {
		return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r > 127)
	}), "")
}

// readPhone keeps the last nine digits, which a number has whatever stands in front of it for the country.
func readPhone(v string) string {
	d := strings.TrimLeft(strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, numbers.Digits(v)), "0")
	return d[max(0, len(d)-10):]
}

// readNID gives the normal form of an identity number and the year of birth that it holds, if it holds one.
func readNID(v string) (normal string, year int) {
	n, err := numbers.NID(v)
	if err != nil {
		return solid(v), 0
	}
	return strings.ToLower(n.Normal), n.Year
}

// readText folds a text to words with single spaces.
func readText(v string) string {
	return strings.Join(strings.FieldsFunc(names.Fold(v), func(r rune) bool { return strings.ContainsRune(" ,.;:/-'\"()#", r) }), " ")
}
