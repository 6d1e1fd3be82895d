// SPDX-License-Identifier: Apache-2.0

package links_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/links"
	"fera/internal/matching"
	"fera/internal/matching/index"
	"fera/internal/persons"
	"fera/internal/ties"
	"fera/internal/worldtest"
)

// twice registers somebody, and her again with a change.
func twice(t *testing.T, d *db.DB, i int, change func(*persons.Registration)) ties.Pair {
	t.Helper()
	one := worldtest.Rahima()
	one.Values = map[persons.Field]string{persons.NameLatin: []string{"Jahanara", "Morzina", "Shirin", "Rokeya", "Nargis", "Kulsum", "Salma"}[i%7] + " Howlader", persons.SexField: "female",
		persons.Birth: fmt.Sprintf("19%02d-03-%02d", 60+i, 2+i), persons.FatherName: "Nazrul Howlader", persons.Home: []string{"305670", "305628"}[i%2]}
	one.Contacts = []persons.Contact{{Number: fmt.Sprintf("016%08d", 1234567+i*104729)}}
	one.Identifiers = []persons.Identifier{{Kind: "passport", Number: fmt.Sprintf("BX01234%02d", i)}}
	other := one
	other.Values = map[persons.Field]string{}
	for f, v := range one.Values {
		other.Values[f] = v
	}
	change(&other)
	return ties.PairOf(string(register(t, d, worldtest.Amina(), one)), string(register(t, d, worldtest.Amina(), other)))
}

// The desk is gone through in pages, each pair once, by what is doubted and how sure it is.
func TestTheDeskInPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		crowd(t, d, worldtest.Amina())
		want := map[ties.Pair]bool{}
		for i := range 6 {
			want[twice(t, d, i, func(*persons.Registration) {})] = true
		}
		sexes := twice(t, d, 6, func(r *persons.Registration) { r.Values[persons.SexField] = "male" })
		want[sexes] = true
		f := finder(t, d)
		round(t, d, f)
		desk := func(asked links.Desk) (pairs []links.Pending) {
			t.Helper()
			for pages := 0; ; pages++ {
				var page links.Page
				if err := d.Read(t.Context(), func(q db.Reader) (err error) {
					page, err = links.Waiting(t.Context(), q, worldtest.Chandra(), asked)
					return err
				}); err != nil || pages > 20 {
					t.Fatalf("page %d: %v", pages, err)
				}
				if len(page.Pairs) > asked.Limit {
					t.Errorf("%d pairs on a page of %d", len(page.Pairs), asked.Limit)
				}
				pairs = append(pairs, page.Pairs...)
				if asked.After = page.Next; page.Next == "" {
					return pairs
				}
			}
		}
		all := desk(links.Desk{Limit: 2})
		seen := map[ties.Pair]bool{}
		for i, p := range all {
			if seen[p.Pair] || i > 0 && p.Bits > all[i-1].Bits {
				t.Errorf("pair %d of %d comes twice or out of order: %+v", i, len(all), p)
			}
			seen[p.Pair] = true
		}
		for p := range want {
			if !seen[p] {
				t.Errorf("%v is on no page", p)
			}
		}
		if got := desk(links.Desk{Limit: 100}); len(got) != len(all) {
			t.Errorf("%d pairs on one page, %d on many", len(got), len(all))
		}
		if got := desk(links.Desk{Limit: 2, Doubt: index.OtherSex}); len(got) != 1 || got[0].Pair != sexes || got[0].Doubt != index.OtherSex {
			t.Errorf("of which the sex is doubted: %+v", got)
		}
		var parts int
		for _, v := range []matching.Verdict{matching.Certain, matching.Likely} {
			got := desk(links.Desk{Limit: 3, Verdict: v})
			if parts += len(got); slices.ContainsFunc(got, func(p links.Pending) bool { return p.Verdict != v }) {
				t.Errorf("not all are %s: %+v", v, got)
			}
		}
		if parts != len(all) || len(desk(links.Desk{Limit: 3, Verdict: matching.Certain})) == 0 {
			t.Errorf("%d are certain or likely, of %d", parts, len(all))
		}
	})
}

func TestTheDeskRefusesWhatItCannotMean(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		id := worldtest.Sylhet
		for _, asked := range []links.Desk{{After: "x"}, {After: "1.2.3"}, {After: "many." + id + "." + id}, {Verdict: "sure"}, {Doubt: "age"}} {
			asked.Limit = 10
			err := d.Read(t.Context(), func(q db.Reader) error {
				_, err := links.Waiting(t.Context(), q, worldtest.Chandra(), asked)
				return err
			})
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("%+v: %v, want it refused as invalid", asked, err)
			}
		}
		err := d.Read(t.Context(), func(q db.Reader) error {
			_, err := links.Waiting(t.Context(), q, worldtest.Amina(), links.Desk{Limit: 10})
			return err
		})
		if fault.KindOf(err) != fault.Forbidden || worldtest.Amina().Holds(access.ReviewMatches) {
			t.Errorf("by a caseworker: %v", err)
		}
	})
}

// A run judges the pairs that it finds as a round does.
func TestARunJudgesAsARound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		crowd(t, d, worldtest.Amina())
		for i := range 7 {
			twice(t, d, i, func(r *persons.Registration) {
				if i == 6 {
					r.Values[persons.SexField] = "male"
				}
			})
		}
		judged := func() map[ties.Pair]matching.Verdict {
			found := map[ties.Pair]matching.Verdict{}
			for _, p := range waiting(t, d, worldtest.Chandra()) {
				found[p.Pair] = p.Verdict
			}
			return found
		}
		round(t, d, finder(t, d))
		inRounds := judged()
		if err := d.Maintain(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `DELETE FROM link_pairs`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := links.NewFinder(d).Run(t.Context(), func(int, int) {}); err != nil {
			t.Fatal(err)
		}
		certain := 0
		for p, v := range judged() {
			if inRounds[p] != "" && inRounds[p] != v {
				t.Errorf("%v is %s in a run and %s in a round", p, v, inRounds[p])
			}
			if v == matching.Certain {
				certain++
			}
		}
		if certain == 0 {
			t.Error("a run finds nobody who is certainly the same")
		}
	})
}

// A run that was stopped goes on behind the record that it had come to, even if
// some of those before were erased in between, and leaves nobody out.
func TestARunGoesOnAfterAnErasure(t *testing.T) {
	const atOnce = 2_048 // how many records a run does before it keeps how far it is
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		first := register(t, d, worldtest.Amina(), karim())
		clock.Move(time.Second) // ids follow the time
		var some []persons.ID
		dbtest.Write(t, d, func(tx *db.Tx) error {
			some = nil
			for i := range atOnce - 1 {
				r := persons.Registration{Values: map[persons.Field]string{persons.NameLatin: fmt.Sprintf("Name%d Family%d", i, i%97), persons.Birth: fmt.Sprintf("%d", 1950+i%50)},
					Consents: worldtest.Rahima().Consents}
				id, err := persons.Register(t.Context(), tx, worldtest.Amina(), r)
				if err != nil {
					return err
				}
				some = append(some, id)
			}
			return nil
		})
		clock.Move(time.Second)
		second := register(t, d, worldtest.Amina(), again()) // the first of those that are left when the run is stopped
		ctx, stop := context.WithCancel(t.Context())
		if _, err := links.NewFinder(d).Run(ctx, func(done, of int) {
			if done > atOnce {
				stop()
			}
		}); err == nil {
			t.Fatal("the run was not stopped")
		}
		if pairs := waiting(t, d, worldtest.Chandra()); len(pairs) != 0 {
			t.Fatalf("it was stopped after it had found the pair: %+v", pairs)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error {
			for _, id := range some[100:110] {
				if _, err := persons.Erase(t.Context(), tx, access.System(access.Permissions()...), id, "asked for"); err != nil {
					return err
				}
			}
			return nil
		})
		var from int
		if _, err := links.NewFinder(d).Run(t.Context(), func(done, of int) {
			if from == 0 {
				from = done
			}
		}); err != nil || from != atOnce+1-10 {
			t.Errorf("it went on up to %d, want %d records in one step: %v", from, atOnce+1-10, err)
		}
		if pairs := waiting(t, d, worldtest.Chandra()); len(pairs) != 1 || pairs[0].Pair != ties.PairOf(string(first), string(second)) {
			t.Errorf("the pair was left out: %+v", pairs)
		}
	})
}
