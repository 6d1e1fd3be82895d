// SPDX-License-Identifier: Apache-2.0

package dates_test

import (
	"testing"
	"time"

	"fera/internal/dates"
	"fera/internal/words"

	"pgregory.net/rapid"
)

func TestFormatSaysAsMuchAsIsKnown(t *testing.T) {
	for p, want := range map[dates.Partial][2]string{
		day(1990, 5, 1): {"1 May 1990", "১ মে ১৯৯০"},
		day(1990, 5, 0): {"May 1990", "মে ১৯৯০"},
		day(1990, 0, 0): {"1990", "১৯৯০"},
		{}:              {"Not known", "জানা নেই"},
	} {
		if got := dates.Format(words.In(words.English), p); got != want[0] {
			t.Errorf("Format(en, %v) = %q, want %q", p, got, want[0])
		}
		if got := dates.Format(words.In(words.Bangla), p); got != want[1] {
			t.Errorf("Format(bn, %v) = %q, want %q", p, got, want[1])
		}
	}
}

func TestFormatTimeSaysTheHourInDhaka(t *testing.T) {
	for hour, want := range map[int][2]string{
		0:  {"26 March 2026, 12:05 am", "২৬ মার্চ ২০২৬, রাত ১২:০৫"},
		5:  {"26 March 2026, 5:05 am", "২৬ মার্চ ২০২৬, ভোর ৫:০৫"},
		10: {"26 March 2026, 10:05 am", "২৬ মার্চ ২০২৬, সকাল ১০:০৫"},
		12: {"26 March 2026, 12:05 pm", "২৬ মার্চ ২০২৬, দুপুর ১২:০৫"},
		17: {"26 March 2026, 5:05 pm", "২৬ মার্চ ২০২৬, বিকাল ৫:০৫"},
		19: {"26 March 2026, 7:05 pm", "২৬ মার্চ ২০২৬, সন্ধ্যা ৭:০৫"},
		23: {"26 March 2026, 11:05 pm", "২৬ মার্চ ২০২৬, রাত ১১:০৫"},
	} {
		at := time.Date(2026, 3, 26, hour, 5, 0, 0, dates.Dhaka()).UTC()
		if got := dates.FormatTime(words.In(words.English), at); got != want[0] {
			t.Errorf("FormatTime(en, %v) = %q, want %q", at, got, want[0])
		}
		if got := dates.FormatTime(words.In(words.Bangla), at); got != want[1] {
			t.Errorf("FormatTime(bn, %v) = %q, want %q", at, got, want[1])
		}
	}
}

func TestNearSaysTheDayAsPeopleDo(t *testing.T) {
	now := time.Date(2026, 3, 26, 0, 30, 0, 0, dates.Dhaka())
	for away, want := range map[int]string{
		0:   "today, 12:30 am",
		-1:  "yesterday, 12:30 am",
		1:   "tomorrow, 12:30 am",
		-2:  "Tuesday 24 March, 12:30 am",
		6:   "Wednesday 1 April, 12:30 am",
		-7:  "19 March 2026, 12:30 am",
		7:   "2 April 2026, 12:30 am",
		365: "26 March 2027, 12:30 am",
	} {
		if got := dates.Near(words.In(words.English), now.AddDate(0, 0, away), now); got != want {
			t.Errorf("Near(%d days away) = %q, want %q", away, got, want)
		}
	}
	if got, want := dates.Near(words.In(words.Bangla), now.Add(-time.Hour), now), "গতকাল, রাত ১১:৩০"; got != want {
		t.Errorf("Near(an hour ago) = %q, want %q", got, want)
	}
}

func TestWeekdayNeedsADay(t *testing.T) {
	if got := dates.Weekday(words.In(words.Bangla), day(2026, 3, 26)); got != "বৃহস্পতিবার" {
		t.Errorf("Weekday = %q, want বৃহস্পতিবার", got)
	}
	if got := dates.Weekday(words.In(words.Bangla), day(2026, 3, 0)); got != "" {
		t.Errorf("Weekday of a month = %q, want none", got)
	}
}

func TestBanglaCalendarFollowsTheRuleOf2019(t *testing.T) {
	for p, want := range map[dates.Partial]string{
		day(2024, 2, 21):  "৮ ফাল্গুন ১৪৩০",
		day(2023, 2, 21):  "৮ ফাল্গুন ১৪২৯",
		day(2024, 2, 29):  "১৬ ফাল্গুন ১৪৩০",
		day(2023, 3, 26):  "১২ চৈত্র ১৪২৯",
		day(2024, 3, 26):  "১২ চৈত্র ১৪৩০",
		day(2023, 12, 16): "১ পৌষ ১৪৩০",
		day(2024, 12, 16): "১ পৌষ ১৪৩১",
		day(2025, 4, 13):  "৩০ চৈত্র ১৪৩১",
		day(2025, 4, 14):  "১ বৈশাখ ১৪৩২",
		day(2025, 12, 31): "১৬ পৌষ ১৪৩২",
		day(2025, 4, 0):   "",
		{}:                "",
	} {
		if got := dates.Bangla(p); got != want {
			t.Errorf("Bangla(%v) = %q, want %q", p, got, want)
		}
	}
	if got, want := dates.FormatBangla(words.In(words.English), day(2024, 2, 21)), "8 Falgun 1430"; got != want {
		t.Errorf("FormatBangla(en) = %q, want %q", got, want)
	}
}

func TestBanglaDaysFollowOneAnother(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := day(rapid.IntRange(1851, 2199).Draw(t, "year"), 1, 1).Add(rapid.IntRange(0, 364).Draw(t, "day"))
		y, m, d := dates.BanglaDay(p)
		nextY, nextM, nextD := dates.BanglaDay(p.Add(1))
		sameMonth := nextY == y && nextM == m && nextD == d+1
		newMonth := nextY == y && nextM == m+1 && nextD == 1 && d >= 29
		newYear := nextY == y+1 && nextM == 1 && nextD == 1 && m == 12 && d == 30
		if !sameMonth && !newMonth && !newYear {
			t.Fatalf("%v is %d-%d-%d and the day after %d-%d-%d", p, y, m, d, nextY, nextM, nextD)
		}
	})
}
