// SPDX-License-Identifier: Apache-2.0

package dates

import (
	"strconv"

	"fera/internal/words"
)

// Bangla writes a day in the Bangla calendar, in Bangla: "৮ ফাল্গুন ১৪৩০".
// It is empty when the day is not known, since half a date belongs to two Bangla months.
func Bangla(p Partial) string { return FormatBangla(words.In(words.Bangla), p) }

// FormatBangla says a day of the Bangla calendar in the language of s: "8 Falgun 1430".
func FormatBangla(s *words.Speaker, p Partial) string {
	year, month, day := BanglaDay(p)
	if year == 0 {
		return ""
	}
	return s.T("date.day", "day", day, "month", s.T("bangla_month."+strconv.Itoa(month)), "year", s.Digits(strconv.Itoa(year)))
}

// BanglaDay converts a day to the calendar of Bangladesh by the rule of 2019, also for earlier
// years: the year begins on 14 April; six months of 31 days, four of 30, Falgun of 29 (30 in a
// leap year), Choitro of 30. Everything is 0 when the day is not known.
func BanglaDay(p Partial) (year, month, day int) {
	if p.Precision() != Day {
		return 0, 0, 0
	}
	begin := Partial{p.Year, 4, 14}
	if p.SurelyBefore(begin) {
		begin.Year--
	}
	falgun := 29
	if daysIn(begin.Year+1, 2) == 29 {
		falgun = 30
	}
	left := daysBetween(begin, p)
	for i, length := range [...]int{31, 31, 31, 31, 31, 31, 30, 30, 30, 30, falgun, 30} {
		if left < length {
			return begin.Year - 593, i + 1, left + 1
		}
		left -= length
	}
	return 0, 0, 0 // no day is left over: the lengths add up to the days of the year
}
