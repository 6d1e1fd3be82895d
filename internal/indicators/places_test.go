// SPDX-License-Identifier: Apache-2.0

package indicators_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/indicators"
	"fera/internal/indicators/counting"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// meet registers some who came home in March 2029 to a place, and says of each whether she is disabled ("" for not asked) and of which group.
func meet(t *testing.T, d *db.DB, n int, who access.Actor, home, disabled, group string) {
	t.Helper()
	march, err := dates.Parse("2029-03-04")
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		r := worldtest.Rahima()
		r.Contacts = nil
		r.Values[persons.Home] = home
		r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeProtected, Given: true})
		if disabled != "" {
			r.Functioning = &persons.Functioning{Vision: map[string]int{"yes": 4, "no": 1}[disabled], Hearing: 1}
		}
		if group != "" {
			r.Values[persons.Ethnicity] = group
		}
		r.Journeys = []persons.Journey{{Country: "SA", Returned: march, Reasons: []string{"pay"}}}
		dbtest.Write(t, d, func(tx *db.Tx) error { _, err := persons.Register(t.Context(), tx, who, r); return err })
	}
}

// shownOf are the numbers of a table; what is not told is -1.
func shownOf(t indicators.Table) map[string]int64 {
	got := map[string]int64{}
	for _, c := range t.Cells {
		if got[strings.Join(c.Keys, "/")] = c.N; c.Hidden {
			got[strings.Join(c.Keys, "/")] = -1
		}
	}
	return got
}

// What is of class 3 is told of one place, and by place down to the upazila, to who sees the records: nothing below five, nor what could be
// taken away from what is told of other places. Who sees no records is told it of the whole alone.
func TestWhatIsProtectedIsToldByPlace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		amina, basil := worldtest.Amina(), worldtest.Basil()
		for _, m := range []struct {
			n                      int
			who                    access.Actor
			home, disabled, people string
		}{{6, amina, "305670", "yes", "Chakma"}, {12, amina, "305670", "no", ""}, {2, amina, "305622", "yes", ""}, {8, amina, "305622", "no", "Garo"}, {5, amina, "305646", "", ""},
			{7, basil, "100409", "yes", ""}, {9, basil, "100409", "no", "Chakma"}} {
			meet(t, d, m.n, m.who, m.home, m.disabled, m.people)
		}
		follow(t, d)
		ask := func(who access.Actor, place string, by ...string) (got indicators.Table, err error) {
			err = d.Read(t.Context(), func(q db.Reader) (err error) {
				got, err = indicators.Ask(t.Context(), q, who, indicators.Question{Indicator: "people_returned", From: 202901, To: 202903, Place: place, By: by})
				return err
			})
			return got, err
		}
		for _, one := range []struct {
			what, place string
			by          []string
			whole       int64
			want        map[string]int64
		}{
			{"by district", "", []string{"district", "disability"}, 49, map[string]int64{"3056/yes": 8, "3056/no": 20, "3056/": 5, "1004/yes": 7, "1004/no": 9, "1004/": 0}},
			{"the other way round", "", []string{"disability", "division"}, 49, map[string]int64{"yes/30": 8, "no/30": 20, "/30": 5, "yes/10": 7, "no/10": 9, "/10": 0}},
			{"of a district", "3056", []string{"disability"}, 33, map[string]int64{"yes": 8, "no": 20, "": 5}},
			{"of a division", "10", []string{"disability"}, 16, map[string]int64{"yes": 7, "no": 9, "": 0}},
			{"two in one upazila hide those of the next", "3056", []string{"upazila", "disability"}, 33,
				map[string]int64{"305622/yes": -1, "305622/no": -1, "305622/": -1, "305670/yes": -1, "305670/no": -1, "305670/": -1, "305646/yes": 0, "305646/no": 0, "305646/": 5}},
			{"of an upazila that is hidden", "305670", []string{"disability"}, 18, map[string]int64{"yes": -1, "no": -1, "": -1}},
			{"of an upazila", "305646", []string{"disability"}, 5, map[string]int64{"yes": 0, "no": 0, "": 5}},
			{"groups of a district", "3056", []string{"ethnicity"}, 33, map[string]int64{"chakma": 6, "garo": 8, "": 19}},
		} {
			got, err := ask(kamal(), one.place, one.by...)
			if err != nil {
				t.Errorf("%s: %v", one.what, err)
				continue
			}
			if cells := shownOf(got); !equal(cells, one.want) || got.Whole.N != one.whole || got.Exact {
				t.Errorf("%s: %v of %+v, want %v of %d", one.what, cells, got.Whole, one.want, one.whole)
			}
		}
		for _, by := range []string{"upazila", "district"} {
			if got := must(t, d, kamal(), indicators.Question{Indicator: "people_served", From: 202901, To: 202912, Place: "3056", By: []string{by}}); got.Exact {
				t.Errorf("services of a district by %s: %+v", by, got)
			}
		}
		must(t, d, kamal(), indicators.Question{Indicator: "people_helped", From: 202901, To: 202912, Place: "3056", By: []string{"kind"}})
		if got, err := ask(kamal(), "", "district", "ethnicity"); err != nil || shownOf(got)["1004/chakma"] != 9 {
			t.Errorf("groups by district: %v, %v", shownOf(got), err)
		}
		for _, by := range [][]string{{"disability", "sex"}, {"disability", "ethnicity"}} {
			if _, err := ask(kamal(), "3056", by...); fault.KindOf(err) != fault.Invalid {
				t.Errorf("of a place by %v: %v", by, err)
			}
		}
		for _, q := range []indicators.Question{{Place: "3056", By: []string{"disability"}}, {By: []string{"district", "disability"}}, {By: []string{"upazila"}}} {
			q.Indicator, q.From, q.To = "people_returned", 202900, 202912
			if err := d.Read(t.Context(), func(r db.Reader) error { _, err := indicators.Ask(t.Context(), r, lima(), q); return err }); fault.KindOf(err) != fault.Invalid {
				t.Errorf("who sees no records is told %+v: %v", q, err)
			}
		}
		own := indicators.Question{Indicator: "people_returned", From: 202901, To: 202903, By: []string{"district", "disability"}, Filter: map[string]string{"organisation": worldtest.Bandhan}}
		if got := must(t, d, kamal(), own); shownOf(got)["1004/yes"] != 7 || len(got.Cells) == 0 || got.Whole.N != 16 {
			t.Errorf("of one organisation: %v of %+v", shownOf(got), got.Whole)
		}
		for _, q := range []indicators.Question{{By: []string{"ethnicity"}}, {By: []string{"ethnicity"}, Place: "1004"}, {By: []string{"disability"}, Place: "10"}} {
			q.Indicator, q.From, q.To, q.Filter = "people_returned", 202901, 202903, own.Filter
			if got := must(t, d, kamal(), q); got.Whole.N != 16 || len(got.Cells) == 0 {
				t.Errorf("of one organisation by %v of %q: %v of %+v", q.By, q.Place, shownOf(got), got.Whole)
			}
		}
		agrees(t, d, "counted bit by bit")
		if err := counting.Rebuild(t.Context(), d, nil); err != nil {
			t.Fatal(err)
		}
		agrees(t, d, "counted anew")
		if again, err := ask(kamal(), "3056", "disability"); err != nil || !equal(shownOf(again), map[string]int64{"yes": 8, "no": 20, "": 5}) {
			t.Errorf("counted anew: %v, %v", shownOf(again), err)
		}
	})
}

func equal(a, b map[string]int64) bool {
	for k, n := range a {
		if m, there := b[k]; !there || m != n {
			return false
		}
	}
	return len(a) == len(b)
}

// Whoever lives wherever: each number that is told of disability by place is the true one, none is below five, and what is left of a place when its
// parts are taken away is not either.
func TestNumbersByPlaceAreTrueAndNotSmall(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		dice := rand.New(rand.NewPCG(uint64(len(d.Engine())), 5))
		truth, told, missing := map[string]int64{}, 0, 0
		for range 260 {
			home := []string{"305670", "305670", "305622", "305646", "3056", "302612", "100409", "10", "30"}[dice.IntN(9)]
			disabled := []string{"yes", "no", "no", ""}[dice.IntN(4)]
			meet(t, d, 1, worldtest.Amina(), home, disabled, "")
			for digits := 0; digits <= len(home); digits += 2 {
				truth[home[:digits]+"/"+disabled]++
			}
		}
		follow(t, d)
		for _, level := range []string{"division", "district", "upazila"} {
			for _, place := range []string{"", "30", "3056"} {
				table := must(t, d, kamal(), indicators.Question{Indicator: "people_returned", From: 202901, To: 202912, By: []string{level, "disability"}, Place: place})
				for _, c := range table.Cells {
					if c.Hidden {
						missing++
						continue
					}
					if c.N > 0 && c.N < 5 {
						t.Errorf("by %s of %q: %d of %v", level, place, c.N, c.Keys)
					}
					if strings.Contains(c.Keys[0], " + ") || c.Keys[0] == "" {
						continue // what lies around, less what is told
					}
					told++
					var want int64
					for one := range strings.SplitSeq(c.Keys[1], " + ") {
						want += truth[c.Keys[0]+"/"+one]
					}
					if c.N != want {
						t.Errorf("by %s of %q: %v is %d, the truth is %d", level, place, c.Keys, c.N, want)
					}
				}
			}
		}
		if told < 10 || missing < 3 {
			t.Errorf("%d numbers were told and %d not: this proves little", told, missing)
		}
	})
}
