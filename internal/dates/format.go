// SPDX-License-Identifier: Apache-2.0

package dates

import (
	"strconv"
	"time"

	"fera/internal/words"
)

// Format says a date in words, as far as it is known: "1 May 1990", "মে ১৯৯০", "1990", "not known".
func Format(s *words.Speaker, p Partial) string {
	year, month := s.Digits(strconv.Itoa(p.Year)), "month."+strconv.Itoa(p.Month)
	switch p.Precision() {
	case Unknown:
		return s.T("common.not_known")
	case Year:
		return year
	case Month:
		return s.T("date.month", "month", s.T(month), "year", year)
	}
	return s.T("date.day", "day", p.Day, "month", s.T(month), "year", year)
}

// FormatTime says the day and the time of day in Dhaka: "1 May 1990, 3:05 pm".
func FormatTime(s *words.Speaker, t time.Time) string {
	return s.T("date.at", "date", Format(s, Of(t)), "time", Clock(s, t))
}

// Near says a time as people do when it is close to now: "today, 3:05 pm", "Tuesday 5 May, 3:05 pm".
// Further than six days away it is said as by FormatTime.
func Near(s *words.Speaker, t, now time.Time) string {
	day := Of(t)
	date := ""
	switch away := daysBetween(Of(now), day); {
	case away == 0:
		date = s.T("common.today")
	case away == -1:
		date = s.T("common.yesterday")
	case away == 1:
		date = s.T("common.tomorrow")
	case -7 < away && away < 7:
		date = s.T("date.weekday", "weekday", Weekday(s, day), "day", day.Day, "month", s.T("month."+strconv.Itoa(day.Month)))
	default:
		return FormatTime(s, t)
	}
	return s.T("date.at", "date", date, "time", Clock(s, t))
}

// Clock says the time of day in Dhaka, with the part of the day as it is said: "3:05 pm", "দুপুর ৩:০৫".
func Clock(s *words.Speaker, t time.Time) string {
	hour, minute, _ := t.In(Dhaka()).Clock()
	clock := strconv.Itoa((hour+11)%12+1) + ":" + strconv.Itoa(minute/10) + strconv.Itoa(minute%10)
	return s.T("date.clock."+partOfDay(hour), "time", s.Digits(clock))
}

// Weekday names the day of the week, or nothing if the day is not known.
func Weekday(s *words.Speaker, p Partial) string {
	if p.Precision() != Day {
		return ""
	}
	return s.T("weekday." + strconv.Itoa(int(p.midnight(0).Weekday())))
}

func partOfDay(hour int) string {
	switch {
	case hour < 4:
		return "small_hours"
	case hour < 6:
		return "dawn"
	case hour < 12:
		return "morning"
	case hour < 16:
		return "noon"
	case hour < 18:
		return "afternoon"
	case hour < 20:
		return "evening"
	}
	return "night"
}

func daysBetween(from, to Partial) int {
	return int(to.midnight(0).Sub(from.midnight(0)).Hours()) / 24
}
