// SPDX-License-Identifier: Apache-2.0

package index_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"fera/internal/matching/compare"
	"fera/internal/matching/index"
	"fera/internal/matching/model"
)

func karim() *index.Record {
	return &index.Record{ID: idOf(900001), Name: "Md. Abdul Karim Howlader", Other: "মোঃ আব্দুল করিম হাওলাদার", Father: "Nazrul Howlader", Mother: "Rahima Khatun",
		Sex: "m", Birth: compare.Date{Year: 1987, Month: 5, Day: 14}, Place: "305670.1234", Village: "Char Kalai", Phones: []string{"+8801712345678"},
		NIDs: []string{"19875612345678901"}, Passports: []string{"AB1234567", "EF0123456"}}
}

func ids(found []index.Candidate) (out []int) {
	for _, c := range found {
		out = append(out, numberOf(c.ID))
	}
	return out
}

// Whoever is added is found by the next question, in other spellings and scripts and with what is left of her papers.
func TestARecordIsFoundByWhatIsKnown(t *testing.T) {
	records, _ := simulated(t)
	x := build(t, records)
	x.Add(karim())
	for what, r := range map[string]index.Record{
		"another spelling":      {Name: "Mohammad Abdul Korim Hawlader", Birth: compare.Date{Year: 1987, Month: 5, Day: 14}, Place: "305670"},
		"the other script":      {Name: "আব্দুল করিম হাওলাদার", Birth: compare.Date{Year: 1987}, Place: "305670"},
		"a slip in the name":    {Name: "Abdul Karem Howlsder", Father: "Nazrul Howlader", Place: "305670", Village: "Char Kalai", Birth: compare.Date{Year: 1987}},
		"a year beside":         {Name: "Abdul Karim Howlader", Birth: compare.Date{Year: 1988, Month: 1, Day: 1}, Place: "305670", Father: "Nazrul Howlader"},
		"an old passport":       {Name: "Karim", Passports: []string{"AB1234567"}},
		"the thirteen digits":   {Name: "Karim", NIDs: []string{"5612345678901"}},
		"name and parents only": {Name: "Abdul Karim Howlader", Father: "Nazrul Howladar", Mother: "Rohima Khatun"},
	} {
		found := x.Find(&r, 5)
		if len(found) == 0 || found[0].ID != karim().ID {
			t.Errorf("by %s: %v, want 900001 first", what, ids(found))
		}
	}
}

// A list is searched by itself, with the register's knowledge of which names are common.
func TestAListBesideARegister(t *testing.T) {
	records, _ := simulated(t)
	x := build(t, records)
	common := func(list ...*index.Record) (bits map[int]float64) {
		bits = map[int]float64{}
		for _, c := range x.Beside(slices.Values(list), len(list)).Find(list[0], 5) {
			bits[numberOf(c.ID)] = c.Bits
		}
		return bits
	}
	named := func(n int, name string) *index.Record {
		return &index.Record{ID: idOf(n), Name: name, Birth: compare.Date{Year: 1987, Month: 5, Day: 14}, Place: "305670"}
	}
	often := common(named(1, "Md Abdul Rahman"), named(2, "Md Abdul Rahman"))
	seldom := common(named(1, "Xylophon Quartz"), named(2, "Xylophon Quartz"))
	if len(often) != 1 || len(seldom) != 1 || seldom[2] < often[2]+1 {
		t.Errorf("a common name %v, one that nobody in the register has %v: want the second alone in its list, and weightier", often, seldom)
	}
	before := x.Len()
	if common(karim(), named(2, "Abdul Karim")); x.Len() != before {
		t.Errorf("the register has %d records, %d before", x.Len(), before)
	}
}

func TestARecordDoesNotFindItself(t *testing.T) {
	records, _ := simulated(t)
	x := build(t, records[:1000])
	for _, c := range x.Find(records[7], 50) {
		if c.ID == records[7].ID {
			t.Error("the record with the same ID is among its candidates")
		}
	}
}

func TestExactDuplicatesAreFound(t *testing.T) {
	records, _ := simulated(t)
	x := build(t, records)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, len(records)-1).Draw(t, "row")
		twice := *records[n]
		twice.ID = idOf(777777)
		if twice.Name == "" && twice.Other == "" {
			t.Skip("nobody is found by nothing")
		}
		if !slices.Contains(ids(x.Find(&twice, 25)), n+1) {
			t.Errorf("a copy of row %d finds %v", n+1, ids(x.Find(&twice, 25)))
		}
	})
}

func TestExplanationsSumToTheScore(t *testing.T) {
	records, _ := simulated(t)
	x := build(t, records)
	for _, r := range records[:500] {
		for _, c := range x.Find(r, 10) {
			sum := c.Prior + c.Household
			for _, why := range c.Reasons {
				sum += why.Bits
			}
			if math.Abs(sum-c.Bits) > 1e-9 || math.Abs(model.P(c.Bits)-c.P) > 1e-12 || c.Household > 0 {
				t.Fatalf("reasons sum to %v, the score is %v", sum, c.Bits)
			}
		}
	}
}

// A plain map says what must be in the index, whatever is added, changed, removed and built anew.
func TestTheIndexHoldsWhatWasAddedAndNotRemoved(t *testing.T) {
	records, _ := simulated(t)
	rapid.Check(t, func(t *rapid.T) {
		x, held := build2(t, records[:50])
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			n := rapid.IntRange(0, 199).Draw(t, "row")
			switch rapid.IntRange(0, 5).Draw(t, "act") {
			case 0, 1:
				x.Add(records[n])
				held[n+1] = true
			case 2, 3:
				if was := x.Remove(records[n].ID); was != held[n+1] {
					t.Errorf("Remove(%d) = %v, want %v", n+1, was, held[n+1])
				}
				delete(held, n+1)
			case 4:
				x.Compact()
			case 5:
				probe := *records[n]
				probe.ID = idOf(999999)
				found := ids(x.Find(&probe, 100))
				for _, f := range found {
					if !held[f] {
						t.Errorf("found %d, which is not there", f)
					}
				}
				if named := probe.Name != "" || probe.Other != ""; named && held[n+1] && !slices.Contains(found, n+1) {
					t.Errorf("%d is not found", n+1)
				}
			}
			if x.Len() != len(held) {
				t.Fatalf("Len() = %d, want %d", x.Len(), len(held))
			}
		}
	})
}

func build2(t *rapid.T, records []*index.Record) (*index.Index, map[int]bool) {
	m, err := index.Default()
	if err != nil {
		t.Fatal(err)
	}
	x, err := index.Build(slices.Values(records), len(records), m)
	if err != nil {
		t.Fatal(err)
	}
	held := map[int]bool{}
	for i := range records {
		held[i+1] = true
	}
	return x, held
}

func TestPapersBeyondThoseKeptStillFind(t *testing.T) {
	many := karim()
	many.Passports = nil
	for i := range 9 {
		many.Passports = append(many.Passports, fmt.Sprintf("BD%07d", i))
	}
	many.Phones = []string{"+8801700000001", "+8801700000002", "+8801700000003"}
	many.Births, many.Permits, many.Cards = []string{"19801234567890123", "19801234567890124"}, []string{"T1", "T2"}, []string{"C1", "C2"}
	x := build(t, []*index.Record{many})
	again := func(when string) {
		for _, r := range []index.Record{{Name: "Karim", Passports: []string{"BD0000001"}}, {Name: "Karim", Phones: []string{"+8801700000003"}},
			{Name: "Karim", Births: []string{"19801234567890123"}}, {Name: "Karim", Births: []string{"19801234567890124"}}, {Name: "Karim", Permits: []string{"T1"}}, {Name: "Karim", Cards: []string{"C1"}}} {
			if !slices.Contains(ids(x.Find(&r, 5)), 900001) {
				t.Errorf("%s: not found by %v%v%v%v%v", when, r.Passports, r.Phones, r.Births, r.Permits, r.Cards)
			}
		}
	}
	again("built")
	x.Compact()
	again("built anew")
	x.Add(many)
	again("added again")
	x.Compact()
	again("built anew after that")
}

// Many ask while one adds and builds anew; nobody waits and nobody sees half a record.
func TestQuestionsAreAnsweredWhileOthersAdd(t *testing.T) {
	records, _ := simulated(t)
	x := build(t, records[:5000])
	ctx, stop := context.WithCancel(t.Context())
	var asking sync.WaitGroup
	for w := range 3 {
		asking.Go(func() {
			for i := w; ctx.Err() == nil; i += 3 {
				x.Find(records[i%5000], 10)
			}
		})
	}
	for i, r := range records[5000:8000] {
		x.Add(r)
		if i%1000 == 500 {
			asking.Go(x.Compact)
		}
		if i%7 == 0 {
			x.Remove(records[i].ID)
		}
	}
	stop()
	asking.Wait()
	if want := 8000 - (3000+6)/7; x.Len() != want {
		t.Errorf("Len() = %d, want %d", x.Len(), want)
	}
	x.Compact()
	if want := 8000 - (3000+6)/7; x.Len() != want {
		t.Errorf("after Compact Len() = %d, want %d", x.Len(), want)
	}
}

func pairsOf(t *testing.T, x *index.Index, j index.Joining) (pairs []index.Pair, err error) {
	t.Helper()
	found := j.Found
	j.Found = func(p index.Pair) error {
		pairs = append(pairs, p)
		if found != nil {
			return found(p)
		}
		return nil
	}
	err = x.Join(t.Context(), j)
	return pairs, err
}

func TestAJoinThatWasStoppedGoesOn(t *testing.T) {
	records, _ := simulated(t)
	x := build(t, records)
	whole, err := pairsOf(t, x, index.Joining{Workers: 2})
	if err != nil || len(whole) < 1000 {
		t.Fatalf("%d pairs, %v", len(whole), err)
	}
	enough := errors.New("enough")
	reached := 0
	first, err := pairsOf(t, x, index.Joining{Workers: 2, Done: func(upTo, of int) error {
		if reached = upTo; upTo > of/2 {
			return enough
		}
		return nil
	}})
	if !errors.Is(err, enough) {
		t.Fatalf("the stopped join says %v", err)
	}
	rest, err := pairsOf(t, build(t, records), index.Joining{Workers: 1, From: reached})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(whole, append(first, rest...)); d != "" {
		t.Error(d)
	}
}

func TestDoubtsAreForPeople(t *testing.T) {
	twin := karim()
	twin.ID, twin.Name, twin.Other, twin.NIDs, twin.Passports = idOf(2), "Jalal Howlader", "", nil, nil
	brother := karim()
	brother.ID, brother.NIDs, brother.Passports, brother.Birth = idOf(3), nil, nil, compare.Date{Year: 1994, Month: 2, Day: 3}
	sister := karim()
	sister.ID, sister.Sex = idOf(4), "f"
	same := karim()
	same.ID = idOf(5)
	records, _ := simulated(t)
	x := build(t, append(records[:5000:5000], twin, brother, sister, same))
	want := map[int]index.Doubt{2: index.MaybeTwin, 3: index.OtherBirth, 4: index.OtherSex, 5: index.NoDoubt}
	got := map[int]index.Doubt{}
	for _, c := range x.Find(karim(), 20) {
		if n := numberOf(c.ID); n < 6 && want[n] != "" || n == 5 {
			got[n] = c.Doubt
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestASharedTelephoneSaysHowManyShareIt(t *testing.T) {
	records, _ := simulated(t)
	all := records[:3000:3000]
	for i := range 6 {
		all = append(all, &index.Record{ID: idOf(50000 + i), Name: []string{"Karim", "Jalal", "Fatema", "Rokeya", "Salam", "Babul"}[i], Phones: []string{"+8801999999999"}})
	}
	x := build(t, all)
	crowded := x.Find(&index.Record{Name: "Karim", Phones: []string{"+8801999999999"}}, 1)
	alone := x.Find(&index.Record{Name: records[0].Name, Phones: records[0].Phones}, 1)
	phone := func(c []index.Candidate) index.Reason {
		if len(c) == 0 {
			t.Fatal("nobody is found")
		}
		return c[0].Reasons[slices.IndexFunc(c[0].Reasons, func(r index.Reason) bool { return r.Field == "phone" })]
	}
	if got := phone(crowded); got.Count != 6 || got.Bits >= phone(alone).Bits {
		t.Errorf("of six who share it: %+v; of one alone: %+v", got, phone(alone))
	}
}

func TestASmallRegisterKeepsTheModelItHas(t *testing.T) {
	records, _ := simulated(t)
	if _, err := build(t, records[:100]).Learn("x", 1, nil); !errors.Is(err, index.ErrTooFew) {
		t.Errorf("Learn from 100 records: %v", err)
	}
}

func TestAForeignModelIsRefused(t *testing.T) {
	if _, err := index.Build(slices.Values([]*index.Record{}), 0, &model.Model{Format: model.Format, Version: "other"}); err == nil {
		t.Error("a model of other fields is used")
	}
}

func FuzzFind(f *testing.F) {
	f.Add("Md. Karim", "করিম", "305670.12", "Char", "+8801712345678", "19801234567890123", "AB1234567", 1980, 1, 1)
	f.Add("", "", "x", "", "", "1", "", -5, 99, 1000000)
	f.Fuzz(func(t *testing.T, name, other, place, village, phone, nid, passport string, y, m, d int) {
		r := &index.Record{ID: idOf(1), Name: name, Other: other, Father: other, Mother: name, Place: place, Village: village, Phones: []string{phone, phone},
			NIDs: []string{nid}, Passports: []string{passport}, Birth: compare.Date{Year: y, Month: m, Day: d}}
		x := build(t, []*index.Record{r})
		r.ID = idOf(2)
		x.Add(r)
		x.Find(r, 3)
		x.Compact()
		if x.Len() != 2 {
			t.Errorf("Len() = %d", x.Len())
		}
	})
}
