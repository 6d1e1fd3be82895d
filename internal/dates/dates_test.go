// SPDX-License-Identifier: Apache-2.0

package dates_test

import (
	"encoding/json"
	"testing"
	"time"

	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/words"

	"pgregory.net/rapid"
)

func day(y, m, d int) dates.Partial { return dates.Partial{Year: y, Month: m, Day: d} }

func TestParseReadsWhatPeopleWrite(t *testing.T) {
	for text, want := range map[string]dates.Partial{
		"1990-05-01":  day(1990, 5, 1),
		"1990-5-1":    day(1990, 5, 1),
		"1/5/1990":    day(1990, 5, 1),
		"01-05-1990":  day(1990, 5, 1),
		" 1.5.1990 ":  day(1990, 5, 1),
		"১/৫/১৯৯০":    day(1990, 5, 1),
		"১৯৯০-০৫-০১":  day(1990, 5, 1),
		"1 May 1990":  day(1990, 5, 1),
		"May 1, 1990": day(1990, 5, 1),
		"3 sept 1990": day(1990, 9, 3),
		"৩ ফেব্রুয়ারী, ১৯৯০": day(1990, 2, 3),
		"1990":      day(1990, 0, 0),
		"১৯৯০":      day(1990, 0, 0),
		"1990-05":   day(1990, 5, 0),
		"5/1990":    day(1990, 5, 0),
		"মে ১৯৯০":   day(1990, 5, 0),
		"29/2/2024": day(2024, 2, 29),
		"":          {},
		"  ":        {},
	} {
		if got, err := dates.Parse(text); err != nil || got != want {
			t.Errorf("Parse(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"31/2/2023":      "date.no_such_day",
		"29/2/2023":      "date.no_such_day",
		"1990-04-31":     "date.no_such_day",
		"5/13/1990":      "date.no_such_month",
		"1990-13":        "date.no_such_month",
		"1/5/90":         "date.short_year",
		"90":             "date.short_year",
		"1/5":            "date.short_year",
		"8/11/1430":      "date.bangla_year",
		"১৪৩০":           "date.bangla_year",
		"1/5/9190":       "date.year_out_of_range",
		"0190":           "date.year_out_of_range",
		"0/5/1990":       "date.unreadable",
		"0000":           "date.unreadable",
		"yesterday":      "date.unreadable",
		"1/5/1990 10:30": "date.unreadable",
		"19900501":       "date.unreadable",
		"1/2/3/1990":     "date.unreadable",
		"-":              "date.unreadable",
		"+1/5/1990":      "date.unreadable",
		"1/5/199":        "date.short_year",
		"May":            "date.unreadable",
		"\x00":           "date.unreadable",
	} {
		p, err := dates.Parse(text)
		if got := key(err); got != want || !p.IsZero() {
			t.Errorf("Parse(%q) = %v, %q, want %q", text, p, got, want)
		}
	}
}

// Every fault of this package is one that a person can be told, in both languages.
func TestFaultsHaveTexts(t *testing.T) {
	for _, key := range []string{"date.unreadable", "date.short_year", "date.bangla_year", "date.year_out_of_range",
		"date.no_such_month", "date.no_such_day", "date.in_future", "date.too_long_ago"} {
		for _, lang := range words.Languages() {
			if !words.In(lang).Has(key) {
				t.Errorf("%s has no text for %s", lang, key)
			}
		}
	}
}

func TestParseReadsBackWhatStringWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyDate(t)
		for _, text := range []string{p.String(), words.In(words.Bangla).Digits(p.String())} {
			if got, err := dates.Parse(text); err != nil || got != p {
				t.Fatalf("Parse(%q) = %v, %v, want %v", text, got, err, p)
			}
		}
	})
}

func TestParseReadsBackWhatFormatSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyDate(t)
		for _, lang := range words.Languages() {
			text := dates.Format(words.In(lang), p)
			if got, err := dates.Parse(text); err != nil || got != p {
				t.Fatalf("Parse(%q) = %v, %v, want %v", text, got, err, p)
			}
		}
	})
}

func TestStoredFormSortsByTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyDate(t), anyDate(t)
		if a.SurelyBefore(b) && a.String() >= b.String() {
			t.Fatalf("%v is before %v, but not as text", a, b)
		}
	})
}

func TestDateSurvivesStorageAndJSON(t *testing.T) {
	for _, p := range []dates.Partial{{}, day(1990, 0, 0), day(1990, 5, 0), day(1990, 5, 1)} {
		stored, err := p.Value()
		var got dates.Partial
		if scanned := got.Scan(stored); err != nil || scanned != nil || got != p {
			t.Errorf("Scan(Value(%v)) = %v, %v, %v", p, got, err, scanned)
		}
		text, err := json.Marshal(p)
		got = dates.Partial{}
		if read := json.Unmarshal(text, &got); err != nil || read != nil || got != p {
			t.Errorf("JSON of %v = %s, read back %v, %v, %v", p, text, got, err, read)
		}
	}
	var p dates.Partial
	if err := p.Scan(42); err == nil {
		t.Error("Scan(42) = nil, want an error")
	}
	if err := json.Unmarshal([]byte(`"31/2/2023"`), &p); key(err) != "date.no_such_day" {
		t.Errorf("Unmarshal(31/2/2023) = %v, want date.no_such_day", err)
	}
}

func TestBirthLiesInThePast(t *testing.T) {
	today := day(2026, 3, 26)
	for birth, want := range map[dates.Partial]string{
		day(1990, 5, 1):  "",
		day(2026, 3, 26): "",
		day(2026, 3, 27): "date.in_future",
		day(2026, 0, 0):  "",
		day(2026, 3, 0):  "",
		day(2026, 4, 0):  "date.in_future",
		day(2027, 0, 0):  "date.in_future",
		day(1890, 0, 0):  "date.too_long_ago",
		day(1990, 2, 30): "date.no_such_day",
		day(1990, 0, 3):  "date.no_such_month",
		{}:               "",
	} {
		if got := key(birth.CheckBirth(today)); got != want {
			t.Errorf("CheckBirth(%v) = %q, want %q", birth, got, want)
		}
	}
}

func TestAgeOfAPartialDateIsARange(t *testing.T) {
	tests := []struct {
		birth, on   dates.Partial
		least, most int
	}{
		{day(1990, 5, 1), day(2026, 4, 30), 35, 35},
		{day(1990, 5, 1), day(2026, 5, 1), 36, 36},
		{day(1990, 5, 0), day(2026, 5, 15), 35, 36},
		{day(1990, 0, 0), day(2026, 5, 15), 35, 36},
		{day(1990, 0, 0), day(2026, 12, 31), 36, 36},
		{day(1990, 0, 0), day(2026, 0, 0), 35, 36},
		{day(2004, 2, 29), day(2026, 2, 28), 21, 21},
		{day(2004, 2, 29), day(2026, 3, 1), 22, 22},
		{day(2026, 0, 0), day(2026, 5, 15), 0, 0},
		{day(2027, 0, 0), day(2026, 5, 15), -1, -1},
		{dates.Partial{}, day(2026, 5, 15), -1, -1},
	}
	for _, test := range tests {
		if least, most := test.birth.Age(test.on); least != test.least || most != test.most {
			t.Errorf("%v.Age(%v) = %d, %d, want %d, %d", test.birth, test.on, least, most, test.least, test.most)
		}
	}
}

func TestByAgeGivesAYearWithThatAge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		on := day(rapid.IntRange(2000, 2100).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month"), rapid.IntRange(1, 28).Draw(t, "day"))
		age := rapid.IntRange(0, 100).Draw(t, "age")
		least, most := dates.ByAge(age, on).Age(on)
		if age < least || age > most {
			t.Fatalf("ByAge(%d, %v) = %v: age %d to %d", age, on, dates.ByAge(age, on), least, most)
		}
	})
}

func TestDaysAreDaysInDhaka(t *testing.T) {
	evening := time.Date(2026, 3, 25, 18, 30, 0, 0, time.UTC) // half past midnight in Dhaka
	if got, want := dates.Of(evening), day(2026, 3, 26); got != want {
		t.Errorf("Of(%v) = %v, want %v", evening, got, want)
	}
	p := day(2026, 3, 0)
	if got, want := p.Start().UTC(), time.Date(2026, 2, 28, 18, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("Start(%v) = %v, want %v", p, got, want)
	}
	if got, want := p.End().UTC(), time.Date(2026, 3, 31, 18, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("End(%v) = %v, want %v", p, got, want)
	}
	if !(dates.Partial{}).Start().IsZero() || !(dates.Partial{}).End().IsZero() {
		t.Error("the unknown date has a start or an end")
	}
}

func TestAddCountsDays(t *testing.T) {
	if got, want := day(2024, 2, 28).Add(2), day(2024, 3, 1); got != want {
		t.Errorf("Add(2) = %v, want %v", got, want)
	}
	if got, want := day(2024, 1, 1).Add(-1), day(2023, 12, 31); got != want {
		t.Errorf("Add(-1) = %v, want %v", got, want)
	}
	if got, want := day(2024, 2, 0).Add(2), day(2024, 2, 0); got != want {
		t.Errorf("Add to a month = %v, want %v", got, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"1990-05-01", "১/৫/১৯৯০", "May 1990", "৩ ফেব্রুয়ারী ১৯৯০", "31/2/2023", "٣/٤/١٩٩٠", "1990\u200d"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := dates.Parse(text)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid || !p.IsZero() {
				t.Errorf("Parse(%q) = %v, %v", text, p, err)
			}
			return
		}
		if again, err := dates.Parse(p.String()); err != nil || again != p || p.Check() != nil {
			t.Errorf("Parse(%q) = %v, which reads back as %v, %v", text, p, again, err)
		}
	})
}

func anyDate(t *rapid.T) dates.Partial {
	at := time.Date(rapid.IntRange(1850, 2200).Draw(t, "year"), 1, rapid.IntRange(1, 365).Draw(t, "day of year"), 12, 0, 0, 0, time.UTC)
	p := dates.Of(at)
	switch rapid.SampledFrom([]dates.Precision{dates.Year, dates.Month, dates.Day}).Draw(t, "precision") {
	case dates.Year:
		p.Month, p.Day = 0, 0
	case dates.Month:
		p.Day = 0
	}
	return p
}

func key(err error) string {
	if e := fault.Of(err); err != nil && e != nil {
		return e.Key
	}
	return ""
}
