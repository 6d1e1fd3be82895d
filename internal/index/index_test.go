// SPDX-License-Identifier: Apache-2.0

package index_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/index"
)

// clerk sees the records of one office.
func clerk(office string) access.Actor {
	return access.Actor{ID: "clerk", Grants: map[access.Permission]access.Reach{access.ReadPersons: {Scopes: []access.Scope{access.AtOffice(office)}}}}
}

func at(subject, office string) index.Place {
	return index.Place{Subject: subject, Office: office, Home: "305670"}
}

func maintain(t *testing.T, d *db.DB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Maintain(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func later(t *testing.T, d *db.DB, p index.Place, terms ...string) {
	t.Helper()
	maintain(t, d, func(tx *db.Tx) error { return index.Later(t.Context(), tx, p, terms) })
}

func settle(t *testing.T, d *db.DB, most int) int {
	t.Helper()
	n, err := index.Settle(t.Context(), d, most)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// found are those whom a search finds, in the index or waiting for it.
func found(t *testing.T, d *db.DB, who access.Actor, r index.Range) (settled, waiting []string) {
	t.Helper()
	if err := d.Read(t.Context(), func(q db.Reader) (err error) {
		if settled, err = index.Find(t.Context(), q, index.Search{Range: r, Who: who, With: access.ReadPersons, Most: 1000}); err != nil {
			return err
		}
		fresh, err := index.Fresh(t.Context(), q, who, access.ReadPersons, []index.Range{r})
		for _, w := range fresh {
			waiting = append(waiting, w.Subject)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(settled)
	return settled, waiting
}

func want(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestFoundBeforeAndAfterTheRound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		later(t, d, at("p1", "o1"), "RHM", "KTN", "RHM|KTN")
		later(t, d, at("p2", "o1"), "RHM")
		later(t, d, at("p3", "o2"), "RHM")
		whole, begins := index.Range{Text: "RHM"}, index.Range{Text: "RHM|K", Begins: true}

		settled, waiting := found(t, d, clerk("o1"), whole)
		want(t, "settled before", settled)
		want(t, "waiting before", waiting, "p2", "p1")
		_, waiting = found(t, d, clerk("o1"), begins)
		want(t, "waiting, by a beginning", waiting, "p1")
		_, waiting = found(t, d, clerk("o1"), index.Range{Text: "rhm"})
		want(t, "small letters are other letters", waiting)

		if n := settle(t, d, 2); n != 3 {
			t.Errorf("settled %d, want 3", n)
		}
		settled, waiting = found(t, d, clerk("o1"), whole)
		want(t, "settled after", settled, "p1", "p2")
		want(t, "waiting after", waiting)
		settled, _ = found(t, d, clerk("o2"), whole)
		want(t, "another office sees its own", settled, "p3")
		settled, _ = found(t, d, clerk("o1"), begins)
		want(t, "settled, by a beginning", settled, "p1")
		if n := settle(t, d, 2); n != 0 {
			t.Errorf("settled %d a second time, want none", n)
		}
	})
}

func TestForgotten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for i, round := range []bool{false, true} {
			subject := fmt.Sprintf("p%d", i)
			later(t, d, at(subject, "o1"), "RHM", "KTN")
			if round {
				settle(t, d, index.Beside)
			}
			maintain(t, d, func(tx *db.Tx) error {
				return index.Forget(t.Context(), tx, subject, []string{"RHM", "KTN"}, []string{"o1"})
			})
			for _, term := range []string{"RHM", "KTN"} {
				settled, waiting := found(t, d, clerk("o1"), index.Range{Text: term})
				want(t, "forgotten "+term, append(settled, waiting...))
			}
		}
	})
}

// Somebody is renamed or erased while a round is under way: her old terms do not come back.
func TestARoundBringsNothingBack(t *testing.T) {
	const people = 60
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var wg sync.WaitGroup
		ctx, stop := context.WithCancel(t.Context())
		wg.Go(func() {
			for ctx.Err() == nil {
				if _, err := index.Settle(t.Context(), d, 7); err != nil {
					t.Error(err)
					return
				}
			}
		})
		for i := range people {
			subject := fmt.Sprintf("p%02d", i)
			later(t, d, at(subject, "o1"), "OLD", "OLDER")
			maintain(t, d, func(tx *db.Tx) error {
				if err := index.Forget(t.Context(), tx, subject, []string{"OLD", "OLDER"}, []string{"o1"}); err != nil || i%2 == 0 {
					return err
				}
				return index.Enter(t.Context(), tx, at(subject, "o1"), []string{"NEW"})
			})
		}
		stop()
		wg.Wait()
		settle(t, d, index.Beside)
		settled, waiting := found(t, d, clerk("o1"), index.Range{Text: "OLD", Begins: true})
		want(t, "old terms", append(settled, waiting...))
		if settled, _ = found(t, d, clerk("o1"), index.Range{Text: "NEW"}); len(settled) != people/2 {
			t.Errorf("found %d by their new terms, want %d", len(settled), people/2)
		}
	})
}

func TestNothingIsFoundWithoutReach(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		later(t, d, at("p1", "o1"), "RHM")
		settled, waiting := found(t, d, access.Actor{ID: "nobody"}, index.Range{Text: "RHM"})
		want(t, "waiting", append(settled, waiting...))
		settle(t, d, index.Beside)
		settled, waiting = found(t, d, access.Actor{ID: "nobody"}, index.Range{Text: "RHM"})
		want(t, "settled", append(settled, waiting...))
	})
}
