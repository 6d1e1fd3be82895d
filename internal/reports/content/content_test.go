// SPDX-License-Identifier: Apache-2.0

package content_test

import (
	"testing"

	"fera/internal/dates"
	"fera/internal/reports/content"
	"fera/internal/words"
)

func TestPeriodsAreReadAsTheyAreTyped(t *testing.T) {
	for text, want := range map[string]content.Period{"2023": {From: 202301, To: 202312}, "2023-q2": {From: 202304, To: 202306}, "2023-05": {From: 202305, To: 202305}, "2022-12..2023-12": {From: 202212, To: 202312}, " 2023-05 ": {From: 202305, To: 202305}} {
		if got, err := content.ReadPeriod(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "soon", "2023-13", "2023-Q5", "2023-12..2022-12", "2023..2024", "12", "2023-05-01", "-1", "99999", "..", "2023-Q"} {
		if got, err := content.ReadPeriod(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
	p := content.Period{From: 202212, To: 202312}
	if again, err := content.ReadPeriod(p.String()); err != nil || again != p || p.Months() != 13 {
		t.Errorf("written and read: %v, %v, %d months", again, err, p.Months())
	}
	if said := p.Spoken(words.In(words.English)); said != "December 2022 – December 2023" {
		t.Errorf("said: %s", said)
	}
}

func TestAPeriodFitsItsKind(t *testing.T) {
	for kind, want := range map[string][]int{content.Monthly: {1}, content.Quarterly: {3}, content.Annual: {4, 12, 13, 36}} {
		for n := range 40 {
			p := content.Period{From: 202001, To: (2020+n/12)*100 + 1 + n%12}
			fits := false
			for _, m := range want {
				fits = fits || p.Months() == m
			}
			if kind == content.Annual {
				fits = p.Months() > 3 && p.Months() <= 36
			}
			if p.Fits(kind) != fits {
				t.Errorf("%s, %d months: %t", kind, p.Months(), p.Fits(kind))
			}
		}
	}
}

// A date of which the year alone is known counts once, at the beginning of that year.
func TestHoldsCountsEachDateInOneMonth(t *testing.T) {
	for _, d := range []dates.Partial{{Year: 2023}, {Year: 2023, Month: 1}, {Year: 2023, Month: 12, Day: 31}, {Year: 2023, Month: 6}} {
		n := 0
		for m := 1; m <= 12; m++ {
			if (content.Period{From: 202300 + m, To: 202300 + m}).Holds(d) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%v counts in %d months", d, n)
		}
	}
	if (content.Period{From: 0, To: 999912}).Holds(dates.Partial{}) {
		t.Error("a date that is not known counts")
	}
}

func table(values ...int64) content.Figure {
	f := content.Figure{Code: "f", Title: content.Words{En: "F"}, Columns: []content.Column{{Key: "n", Adds: true}}}
	for i, n := range values[1:] {
		f.Rows = append(f.Rows, content.Row{Key: string(rune('a' + i)), Protected: true, Values: []content.Value{content.Of(n)}})
	}
	f.Whole = &content.Row{Key: "whole", Protected: true, Values: []content.Value{content.Of(values[0])}}
	return f
}

func TestAstrayFindsWhatDoesNotAddUp(t *testing.T) {
	if got := table(5, 2, 3).Astray(); len(got) != 0 {
		t.Errorf("5 = 2 + 3: %v", got)
	}
	off := table(5, 2, 2)
	if got := off.Astray(); len(got) != 1 {
		t.Error("5 = 2 + 2 is not found")
	}
	if off.Flags = []content.Flag{{Column: "n", Difference: 2}}; len(off.Astray()) != 1 {
		t.Error("a flag that says another difference passes")
	}
	if off.Flags[0].Difference = 1; len(off.Astray()) != 0 {
		t.Error("a difference that is said is found astray")
	}
}

func TestChangesSayWhatMoved(t *testing.T) {
	sections := func(f content.Figure) []content.Section { return []content.Section{{Figures: []content.Figure{f}}} }
	was, now := table(5, 2, 3), table(6, 2, 3, 1)
	if got := content.Changes(sections(was), sections(now)); len(got) != 2 {
		t.Errorf("changes: %+v", got)
	}
	if got := content.Changes(sections(now), sections(was)); len(got) != 2 {
		t.Errorf("backwards: %+v", got)
	}
	now.Rows[0].Values[0] = content.Value{Is: content.Hidden}
	for _, c := range content.Changes(sections(was), sections(now)) {
		if c.Was.Is == content.Hidden || c.Now.Is == content.Hidden {
			t.Errorf("what is hidden is compared: %+v", c)
		}
	}
}
