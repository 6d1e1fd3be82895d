// SPDX-License-Identifier: Apache-2.0

package facts_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"fera/internal/dates"
	"fera/internal/indicators/facts"
)

// people draws some people, each with facts of two measures, the second of kinds.
func people(t *rapid.T) (all [][]facts.Fact) {
	months := []facts.Month{0, 202400, 202401, 202402, 202403, 202412, 202500, 202501, 202507}
	for p := range rapid.IntRange(0, 12).Draw(t, "people") {
		var hers []facts.Fact
		traits := [facts.Dims]facts.Code{}
		for d := range traits {
			traits[d] = facts.Code(rapid.IntRange(0, 2).Draw(t, "trait"))
		}
		for n := range rapid.IntRange(0, 6).Draw(t, "facts") {
			f := facts.Fact{Measure: 1, Record: fmt.Sprintf("r%d", n), Person: fmt.Sprintf("p%d", p), Month: rapid.SampledFrom(months).Draw(t, "month"),
				Place: rapid.SampledFrom([]facts.Place{0, 30, 3056, 305670, 305672, 10}).Draw(t, "place"), Org: facts.Code(rapid.IntRange(0, 2).Draw(t, "org")), By: traits,
				Events: int64(rapid.IntRange(-1, 3).Draw(t, "events")), Amount: int64(rapid.IntRange(0, 9).Draw(t, "amount"))}
			if rapid.Bool().Draw(t, "kinded") {
				f.Measure, f.Kinded, f.What = 2, true, facts.Code(rapid.IntRange(0, 2).Draw(t, "kind"))
			}
			f.By[facts.Age] = facts.Code(rapid.IntRange(0, 2).Draw(t, "age"))
			hers = append(hers, f)
		}
		all = append(all, hers)
	}
	return all
}

func totalsOf(all [][]facts.Fact) facts.Totals {
	t := facts.Totals{}
	for _, hers := range all {
		facts.Contribute(t, hers, 1)
	}
	return t
}

// between sums what one cube says of the months from a to b, each person once.
func between(t facts.Totals, of facts.Page, a, b facts.Month) (sum facts.Value) {
	for p, cells := range t {
		if p.Measure != of.Measure || p.What != of.What || p.Lane != of.Lane || p.Cube != of.Cube || p.Month < a || p.Month > b {
			continue
		}
		for c, v := range cells {
			if c.Prev >= a {
				v.People = 0
			}
			sum = sum.Plus(v)
		}
	}
	return sum
}

// Between any two months each person is counted once, in each lane and in each cube: the totals say what counting one by one does.
func TestEachPersonIsCountedOnceBetweenAnyTwoMonths(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := people(t)
		totals := totalsOf(all)
		a := facts.Month(rapid.SampledFrom([]int{0, 202400, 202402, 202500, 202501}).Draw(t, "a"))
		b := a + facts.Month(rapid.SampledFrom([]int{0, 1, 12, 107, 300_000}).Draw(t, "b"))
		for measure := facts.Code(1); measure <= 2; measure++ {
			wantOne := map[string]bool{}
			var events, amount int64
			for _, hers := range all {
				for _, f := range hers {
					if f.Measure == measure && f.Month >= a && f.Month <= b {
						wantOne[f.Person] = true
						events, amount = events+f.Events, amount+f.Amount
					}
				}
			}
			want := facts.Value{People: int64(len(wantOne)), Events: events, Amount: amount}
			for _, c := range facts.Cubes() {
				if c.Orgs {
					continue
				}
				if got := between(totals, facts.Page{Measure: measure, Lane: facts.Whole, Cube: c.ID}, a, b); got != want {
					t.Fatalf("cube %d of measure %d from %d to %d: %v, want %v", c.ID, measure, a, b, got, want)
				}
			}
		}
	})
}

// In the lanes of kinds and organisations a person is counted once for each.
func TestEachPersonIsCountedOnceForEachOrganisation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := people(t)
		totals := totalsOf(all)
		type in struct{ kind, org facts.Code }
		want := map[in]map[string]bool{}
		for _, hers := range all {
			for _, f := range hers {
				if f.Kinded {
					k := in{f.What, f.Org}
					if want[k] == nil {
						want[k] = map[string]bool{}
					}
					want[k][f.Person] = true
				}
			}
		}
		got := map[in]int64{}
		for p, cells := range totals {
			if p.Lane != facts.ByKind|facts.ByOrg || p.Cube != 11 {
				continue
			}
			for c, v := range cells {
				if c.Prev < 0 {
					got[in{p.What, c.Org}] += v.People
				}
			}
		}
		for k, people := range want {
			if got[k] != int64(len(people)) {
				t.Fatalf("%v: %d people, want %d", k, got[k], len(people))
			}
		}
	})
}

// Whatever is taken out again leaves no trace, in whatever order it came.
func TestWhatIsTakenOutLeavesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := people(t)
		totals := totalsOf(all)
		for _, i := range rapid.Permutation(indexes(len(all))).Draw(t, "order") {
			facts.Contribute(totals, all[i], -1)
		}
		if n := len(totals); n != 0 {
			t.Fatalf("%d pages are left: %v", n, totals)
		}
	})
}

func indexes(n int) (all []int) {
	for i := range n {
		all = append(all, i)
	}
	return all
}

// A page reads back as it was written, whatever is in it.
func TestPagesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		totals := totalsOf(people(t))
		for p, cells := range totals {
			at := slices.IndexFunc(facts.Cubes(), func(c facts.Cube) bool { return c.ID == p.Cube })
			got := map[facts.Cell]facts.Value{}
			cube := facts.Cubes()[at]
			text := cube.Encode(cells)
			if err := cube.Decode(text, func(c facts.Cell, v facts.Value) { got[c] = v }); err != nil {
				t.Fatal(err)
			}
			if !maps.Equal(got, cells) {
				t.Fatalf("page %v: %v, want %v", p, got, cells)
			}
			if len(text) > 1 {
				short := text[:rapid.IntRange(0, len(text)-1).Draw(t, "cut")]
				_ = cube.Decode(short, func(facts.Cell, facts.Value) {}) // it must not fall over
			}
		}
	})
	if err := facts.Cubes()[0].Decode([]byte{9, 1, 2}, nil); err == nil {
		t.Error("a page of another form was read")
	}
}

func TestPlacesAreMadeCoarser(t *testing.T) {
	for _, c := range []struct {
		code  string
		level facts.Level
		want  string
	}{{"305670.1234", facts.Upazila, "305670"}, {"305670", facts.District, "3056"}, {"305670", facts.Division, "30"}, {"305670", facts.Nation, ""}, {"3056", facts.Upazila, "3056"}, {"", facts.District, ""}, {"x", facts.District, ""}} {
		if got := facts.PlaceOf(c.code).At(c.level).String(); got != c.want {
			t.Errorf("%q at level %d is %q, want %q", c.code, c.level, got, c.want)
		}
	}
	for _, c := range []struct {
		p, in facts.Place
		want  bool
	}{{305670, 30, true}, {305670, 3056, true}, {305670, 3057, false}, {30, 3056, false}, {0, 30, false}, {0, 0, true}, {45, 0, true}} {
		if got := c.p.Within(c.in); got != c.want {
			t.Errorf("%d within %d: %t", c.p, c.in, got)
		}
	}
}

func TestAgesHaveBands(t *testing.T) {
	day := dates.Partial{Year: 2026, Month: 3, Day: 5}
	for birth, want := range map[int]string{0: "", 2020: "0-14", 2010: "15-17", 2008: "15-17", 1991: "25-34", 1950: "65+"} {
		if got := facts.AgeBand(dates.Partial{Year: birth}, day); got != want {
			t.Errorf("born %d: %q, want %q", birth, got, want)
		}
	}
	if got := facts.AgeBand(dates.Partial{Year: 2030}, day); got != "" {
		t.Errorf("born later: %q", got)
	}
	if n := len(facts.AgeBands()); n != 8 {
		t.Errorf("%d bands", n)
	}
}
