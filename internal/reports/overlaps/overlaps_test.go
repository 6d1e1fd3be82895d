// SPDX-License-Identifier: Apache-2.0

package overlaps_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"fera/internal/reports/content"
	"fera/internal/reports/overlaps"
)

// row is a row of a table; without a number it is left out.
func row(n int64, keys ...string) content.Row {
	r := content.Row{Key: strings.Join(keys, "+"), Title: content.Words{En: strings.Join(keys, ", ")}, Protected: true, Values: []content.Value{content.Of(n)}}
	if n < 0 {
		r.Values[0] = content.Value{Is: content.Hidden}
	}
	if len(keys) > 1 {
		r.Parts = keys
	}
	return r
}

// report is one with a single table of some months of 2029.
func report(number, from, to int, f content.Figure) overlaps.Report {
	return overlaps.Report{Number: number, Issue: 1, Period: content.Period{From: 202900 + from, To: 202900 + to}, Sections: []content.Section{{Figures: []content.Figure{f}}}}
}

// times are services of protected kinds, people are people told apart.
func times(rows ...content.Row) content.Figure { return table("services", "times", rows) }

func people(rows ...content.Row) content.Figure {
	for i := range rows {
		rows[i].Protected = false
	}
	f := table("people:country", "people", rows)
	f.Floored = true
	return f
}

func table(code, column string, rows []content.Row) content.Figure {
	f := content.Figure{Code: code, Title: content.Words{En: code}, Columns: []content.Column{{Key: column, Adds: true}}, Rows: rows}
	whole := row(0, "whole")
	for _, r := range rows {
		whole.Values[0].N += r.Values[0].N
		if r.Values[0].Is == content.Hidden {
			whole.Values[0] = content.Value{Is: content.Hidden}
			break
		}
	}
	f.Whole = &whole
	return f
}

// told is what stands in the first table of a report: "a=12 b+c=? | 40".
func told(r overlaps.Report) string {
	f := r.Sections[0].Figures[0]
	var all []string
	say := func(v content.Value) string {
		if v.Is == content.Hidden {
			return "?"
		}
		return fmt.Sprint(v.N)
	}
	for _, one := range f.Rows {
		all = append(all, one.Key+"="+say(one.Values[0]))
	}
	return strings.Join(all, " ") + " | " + say(f.Whole.Values[0])
}

func TestWhatIsLeftOut(t *testing.T) {
	q := func(n int, f content.Figure) overlaps.Report { return report(n, 3*n-2, 3*n, f) }
	year := func(f content.Figure) overlaps.Report { return report(9, 1, 12, f) }
	again := func(r overlaps.Report) overlaps.Report { r.Issue++; return r }
	for name, c := range map[string]struct {
		earlier []overlaps.Report
		now     overlaps.Report
		want    string
	}{
		"nothing was issued before":               {nil, year(times(row(12, "legal"))), "legal=12 | 12"},
		"another time":                            {[]overlaps.Report{q(1, times(row(12, "legal")))}, q(2, times(row(12, "legal"))), "legal=12 | 12"},
		"the year less a quarter is three":        {[]overlaps.Report{q(1, times(row(12, "legal")))}, year(times(row(15, "legal"))), "legal=? | ?"},
		"the quarter less than the year by three": {[]overlaps.Report{year(times(row(15, "legal")))}, q(1, times(row(12, "legal"))), "legal=? | ?"},
		"the rest is twelve":                      {[]overlaps.Report{q(1, times(row(12, "legal")))}, year(times(row(24, "legal"))), "legal=24 | 24"},
		"the rest is none":                        {[]overlaps.Report{q(1, times(row(12, "legal")))}, year(times(row(12, "legal"))), "legal=12 | 12"},
		"a kind of which nothing is hidden stays": {[]overlaps.Report{q(1, times(row(12, "legal"), row(20, "health")))}, year(times(row(15, "legal"), row(40, "health"))), "legal=? health=40 | ?"},
		"three of four quarters, and the year":    {[]overlaps.Report{q(1, times(row(20, "legal"))), q(2, times(row(20, "legal"))), q(3, times(row(20, "legal"))), q(4, times(row(-1, "few")))}, year(times(row(65, "legal"))), "legal=? | ?"},
		"four quarters and the year":              {[]overlaps.Report{q(1, times(row(20, "legal"))), q(2, times(row(20, "legal"))), q(3, times(row(20, "legal"))), q(4, times(row(15, "legal")))}, year(times(row(75, "legal"))), "legal=75 | 75"},
		"what came late shows between them":       {[]overlaps.Report{q(1, times(row(20, "legal"))), q(2, times(row(20, "legal"))), q(3, times(row(20, "legal"))), q(4, times(row(15, "legal")))}, year(times(row(76, "legal"))), "legal=? | ?"},
		"a part of a sum that bounds it":          {[]overlaps.Report{year(times(row(14, "legal"), row(30, "health")))}, q(1, times(row(40, "legal", "health"))), "legal+health=? | ?"},
		"times that only cross":                   {[]overlaps.Report{report(1, 1, 4, times(row(12, "legal"))), report(2, 3, 6, times(row(12, "legal")))}, report(3, 1, 6, times(row(14, "legal"))), "legal=? | ?"},
		"a correction of one":                     {[]overlaps.Report{q(1, times(row(30, "legal"), row(40, "health")))}, again(q(1, times(row(31, "legal"), row(40, "health")))), "legal=? health=40 | ?"},
		"a correction of eleven":                  {[]overlaps.Report{q(1, times(row(30, "legal"), row(40, "health")))}, again(q(1, times(row(41, "legal"), row(40, "health")))), "legal=41 health=40 | 81"},
		"a correction of few in other rows":       {[]overlaps.Report{q(1, times(row(30, "legal", "health")))}, again(q(1, times(row(16, "legal"), row(17, "health")))), "legal=? health=? | ?"},
		"people are put together first":           {[]overlaps.Report{q(1, people(row(20, "SA"), row(30, "QA"), row(40, "AE")))}, year(people(row(24, "SA"), row(45, "QA"), row(60, "AE"))), "SA+QA=69 AE=60 | 129"},
		"who comes twice is one":                  {[]overlaps.Report{q(1, people(row(20, "SA"))), q(2, people(row(20, "SA"))), q(3, people(row(20, "SA"))), q(4, people(row(20, "SA")))}, year(people(row(60, "SA"))), "SA=60 | 60"},
		"people of whom nobody comes twice":       {[]overlaps.Report{q(1, people(row(20, "SA"))), q(2, people(row(20, "SA"))), q(3, people(row(20, "SA")))}, year(people(row(65, "SA"))), "hidden=? | 65"},
	} {
		overlaps.Cover(c.now, c.earlier, 11)
		if got := told(c.now); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		f := c.now.Sections[0].Figures[0]
		if left := strings.Contains(c.want, "?") || strings.Contains(name, "together"); left != (len(f.Notes) > 0) {
			t.Errorf("%s: the notes are %v", name, f.Notes)
		}
		for _, n := range f.Notes {
			if n.Bn == "" || !strings.Contains(n.En, "report 1") && !strings.Contains(n.En, "report 9") {
				t.Errorf("%s: the note says %q, %q", name, n.En, n.Bn)
			}
		}
	}
}

// What is protected is told in the results too: what is left out of the services is left out there.
func TestTheResultsDoNotTellWhatTheServicesLeaveOut(t *testing.T) {
	results := func(n int64) content.Figure {
		f := table("results", "records", []content.Row{row(n, "S/people_legal"), row(7, "S/met")})
		f.Rows[1].Protected, f.Whole = false, nil
		return f
	}
	before, now := report(1, 1, 3, times(row(12, "legal"))), report(2, 1, 12, times(row(15, "legal")))
	before.Sections[0].Figures = append(before.Sections[0].Figures, results(-1))
	now.Sections[0].Figures = append(now.Sections[0].Figures, results(15))
	overlaps.Cover(now, []overlaps.Report{before}, 11)
	if got := now.Sections[0].Figures[1].Rows; got[0].Values[0].Is != content.Hidden || got[1].Values[0].N != 7 {
		t.Errorf("the results tell %+v", got)
	}
}

// small is a world of two kinds in three months, with a floor of three, so that all that could have been can be gone through.
type small [2][3]int64

const floor = 3

// tell makes the report of some months, safe by itself: what is too little is put together, or left out.
func (w small) tell(number, from, to int) overlaps.Report {
	sum := [2]int64{}
	for k := range w {
		for m := from; m <= to; m++ {
			sum[k] += w[k][m-1]
		}
	}
	few := func(n int64) bool { return n > 0 && n < floor }
	switch {
	case few(sum[0]+sum[1]) || few(sum[0]+sum[1]) && few(sum[1]):
		return report(number, from, to, times(row(-1, "few")))
	case few(sum[0]) || few(sum[1]):
		return report(number, from, to, times(row(sum[0]+sum[1], "a", "b")))
	}
	var rows []content.Row
	for k, n := range sum {
		if n > 0 {
			rows = append(rows, row(n, string(rune('a'+k))))
		}
	}
	return report(number, from, to, times(rows...))
}

// equation is a number that was told: of which kinds and months.
type equation struct {
	of [2][3]bool
	n  int64
}

// equations are what reports tell. That a kind has no row where nothing is left out says that there was none of it.
func equations(all []overlaps.Report) (told []equation) {
	for _, r := range all {
		f, seen, left := r.Sections[0].Figures[0], "", false
		add := func(keys string, n int64) {
			var e equation
			e.n = n
			for k := range e.of {
				for m := r.Period.From - 202900; m <= r.Period.To-202900; m++ {
					e.of[k][m-1] = strings.Contains(keys, string(rune('a'+k)))
				}
			}
			told = append(told, e)
		}
		for _, one := range f.Rows {
			if left = left || one.Values[0].Is == content.Hidden; one.Values[0].Is == content.Number {
				add(one.Key, one.Values[0].N)
			}
			seen += one.Key
		}
		for _, k := range []string{"a", "b"} {
			if !left && !strings.Contains(seen, k) {
				add(k, 0)
			}
		}
	}
	return told
}

// most goes through all populations that agree with what was told, and returns the greatest of each kind and month; -1 where nothing bounds it.
func most(told []equation) (greatest small) {
	left := make([]int64, len(told))
	for i, e := range told {
		left[i] = e.n
	}
	var at small
	var try func(cell int)
	try = func(cell int) {
		if cell == 6 {
			if slices.ContainsFunc(left, func(n int64) bool { return n != 0 }) {
				return
			}
			for k := range at {
				for m := range at[k] {
					greatest[k][m] = max(greatest[k][m], at[k][m])
				}
			}
			return
		}
		k, m := cell/3, cell%3
		upTo := int64(-1)
		for i, e := range told {
			if e.of[k][m] && (upTo < 0 || left[i] < upTo) {
				upTo = left[i]
			}
		}
		for n := int64(0); n <= max(upTo, 0); n++ {
			at[k][m] = n
			for i, e := range told {
				if e.of[k][m] {
					left[i] -= n
				}
			}
			try(cell + 1)
			for i, e := range told {
				if e.of[k][m] {
					left[i] += n
				}
			}
		}
	}
	try(0)
	for k := range greatest {
		for m := range greatest[k] {
			if !slices.ContainsFunc(told, func(e equation) bool { return e.of[k][m] }) {
				greatest[k][m] = -1
			}
		}
	}
	return greatest
}

// holes draws worlds and reports of them, and counts the kinds and months of which too much can be worked out.
func holes(cover bool) (found, numbers int) {
	dice := rand.New(rand.NewPCG(7, 11))
	for range 1500 {
		var w small
		for k := range w {
			for m := range w[k] {
				w[k][m] = max(dice.Int64N(8)-2, 0)
			}
		}
		spans := [][2]int{{1, 1}, {2, 2}, {3, 3}, {1, 2}, {2, 3}, {1, 3}}
		var issued []overlaps.Report
		for n, i := range dice.Perm(len(spans))[:2+dice.IntN(4)] {
			r := w.tell(n+1, spans[i][0], spans[i][1])
			if cover {
				overlaps.Cover(r, issued, floor)
			}
			issued = append(issued, r)
		}
		told := equations(issued)
		numbers += len(told)
		for _, months := range most(told) {
			for _, n := range months {
				if n > 0 && n < floor {
					found++
				}
			}
		}
	}
	return found, numbers
}

// Whatever months reports are about, and in whatever order they are issued: of no kind in no month is it known that there were fewer than the floor,
// though some. All populations that agree with the reports are gone through. Without covering, many such are found.
func TestNothingSmallCanBeWorkedOutOfSeveralReports(t *testing.T) {
	found, told := holes(true)
	if found > 0 {
		t.Errorf("%d small numbers can be worked out", found)
	}
	without, all := holes(false)
	if without < 50 {
		t.Errorf("without covering only %d small numbers can be worked out: the test sees nothing", without)
	}
	if told*2 < all {
		t.Errorf("of %d numbers only %d are still told", all, told)
	}
}
