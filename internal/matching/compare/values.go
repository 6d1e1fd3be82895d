// SPDX-License-Identifier: Apache-2.0

package compare

import "strings"

// DateLevel says how two dates are alike.
type DateLevel uint8

// The levels of dates, the best first. Coarser dates agree as far as both are known. Slipped dates differ in one of day, month
// and year, or in one digit, or have day and month exchanged.
const (
	DateMissing DateLevel = iota
	DateEqual
	DateCoarser
	DateSlipped
	DateSameYear
	DateNextYear
	DateFewYears
	DateDifferent
)

// Date is a date as far as it is known; 0 stands for what is not.
type Date struct{ Year, Month, Day int }

// Known tells whether the day is known, or the month, or at least the year.
func (d Date) Known() bool { return d.Year > 0 }

// Dates compares two dates.
func Dates(a, b Date) DateLevel {
	switch {
	case !a.Known() || !b.Known():
		return DateMissing
	case a == b && a.Day > 0:
		return DateEqual
	case a.Day == 0 || b.Day == 0:
		return coarse(a, b)
	case slipped(a, b):
		return DateSlipped
	case a.Year == b.Year || apart(a, b) <= 62:
		return DateSameYear
	}
	return years(a, b)
}

func coarse(a, b Date) DateLevel {
	if a.Year != b.Year {
		return years(a, b)
	}
	if a.Month > 0 && b.Month > 0 && a.Month != b.Month {
		return DateSameYear
	}
	return DateCoarser
}

func years(a, b Date) DateLevel {
	switch d := abs(a.Year - b.Year); {
	case d <= 1 || d == 10 && abs(a.Month-b.Month) <= 1:
		return DateNextYear
	case d <= 4:
		return DateFewYears
	}
	return DateDifferent
}

func slipped(a, b Date) bool {
	same := 0
	for _, equal := range [...]bool{a.Year == b.Year, a.Month == b.Month, a.Day == b.Day} {
		if equal {
			same++
		}
	}
	if same == 2 || a.Year == b.Year && a.Month == b.Day && a.Day == b.Month {
		return true
	}
	x, y := a.digits(), b.digits()
	return Edits(string(x[:]), string(y[:])) <= 1
}

func (d Date) digits() (out [8]byte) {
	n := d.Year*10000 + d.Month*100 + d.Day
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = byte('0' + n%10)
		n /= 10
	}
	return out
}

// apart is about how many days lie between two dates.
func apart(a, b Date) int {
	return abs((a.Year-b.Year)*365 + (a.Month-b.Month)*30 + a.Day - b.Day)
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// TextLevel says how two numbers, codes or texts are alike.
type TextLevel uint8

// The levels of texts, the best first.
const (
	TextMissing TextLevel = iota
	TextEqual
	TextNear
	TextSimilar
	TextDifferent
)

// Numbers compares two numbers of papers or telephones: one slip is near, two in a long number are similar.
func Numbers(a, b string) TextLevel {
	if a == "" || b == "" {
		return TextMissing
	}
	if a == b {
		return TextEqual
	}
	switch n := Edits(a, b); {
	case n <= 1:
		return TextNear
	case n == 2 && min(len(a), len(b)) >= 6:
		return TextSimilar
	}
	return TextDifferent
}

// Texts compares two texts such as addresses, by their letters and by the words they share.
func Texts(a, b string) TextLevel {
	if a == "" || b == "" {
		return TextMissing
	}
	if a == b {
		return TextEqual
	}
	s := Similarity(a, b)
	if s >= 0.92 || min(len(a), len(b)) >= 4 && s > 0.5 && Edits(a, b) <= 1 {
		return TextNear
	}
	shared := sharedWords(a, b)
	switch {
	case shared >= 0.8:
		return TextNear
	case s >= 0.85 || shared >= 0.5 || s > 0.6 && min(len(a), len(b)) >= 8 && Edits(a, b) <= 3:
		return TextSimilar
	}
	return TextDifferent
}

// sharedWords is how many words two texts share, as a part of the mean of both.
func sharedWords(a, b string) float64 {
	x, y := strings.Fields(a), strings.Fields(b)
	if len(x) < 2 && len(y) < 2 {
		return 0
	}
	total, used := len(x)+len(y), make([]bool, len(y))
	shared := 0
	for _, w := range x {
		for j, v := range y {
			if !used[j] && w == v {
				used[j] = true
				shared++
				break
			}
		}
	}
	return 2 * float64(shared) / float64(total)
}
