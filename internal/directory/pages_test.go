// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/directory/listing"
)

// Whatever is added, renamed, withdrawn and brought back, the pages of words say what the words of each entry say.
func TestPagesSayWhatTermsSay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		who := access.System(access.ManageDirectory, access.ReadDirectory)
		all := crowd(t, d)
		same(t, d, "filled")
		dbtest.Write(t, d, func(tx *db.Tx) error {
			for _, e := range []Entry{all[0], all[5]} {
				body, err := e.Body.Clone()
				if err != nil {
					return err
				}
				if body.Organisation != nil {
					body.Organisation.Name.En = "Bandhu society"
				} else {
					body.Service.Name = listing.Text{En: "Aid at home", Bn: "বাড়িতে সহায়তা"}
				}
				now, err := find(t.Context(), tx, e.ID)
				if err == nil {
					_, err = Alter(t.Context(), tx, who, Change{ID: e.ID, Version: now.Version, Body: body, Reason: "renamed"})
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		same(t, d, "renamed")
		found := number(t, d, func(q db.Reader) (n int, err error) {
			_, n, err = Page(t.Context(), q, who, Filter{Kind: listing.OfService, Words: "bandhu"})
			return n, err
		})
		if want := len(slices.DeleteFunc(slices.Clone(all), func(e Entry) bool { return e.Service == nil || e.State == listing.Withdrawn })); found != want {
			t.Errorf("%d services are found by the new name of who offers them, want %d", found, want)
		}
	})
}

// same compares the pages with the terms, by the query with which a store gets its first pages.
func same(t *testing.T, d *db.DB, when string) {
	t.Helper()
	const made = `SELECT t.kind, t.word, e.number / 63 AS line, CAST(sum(CAST(1 AS BIGINT) << (e.number % 63)) AS BIGINT) AS bits
		FROM directory_terms t JOIN directory_entries e ON e.id = t.entry_id GROUP BY t.kind, t.word, e.number / 63`
	const kept = `SELECT kind, word, line, bits FROM directory_pages`
	for _, two := range [][2]string{{made, kept}, {kept, made}} {
		if n := number(t, d, func(q db.Reader) (n int, err error) {
			return n, q.QueryRow(t.Context(), `SELECT count(*) FROM (SELECT * FROM (`+two[0]+`) AS a EXCEPT SELECT * FROM (`+two[1]+`) AS b) AS c`).Scan(&n)
		}); n != 0 {
			t.Errorf("%s: %d lines of pages are not what the terms say", when, n)
		}
	}
}

// Marks count, meet and page as sets of numbers do.
func TestMarksAreSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of := func(label string) (m marks, set []int) {
			set = rapid.SliceOfNDistinct(rapid.IntRange(0, 400), 0, 150, rapid.ID[int]).Draw(t, label)
			slices.Sort(set)
			for _, n := range set {
				m = m.add(n/perLine, 1<<(n%perLine))
			}
			return m, set
		}
		a, as := of("a")
		b, bs := of("b")
		both := slices.DeleteFunc(as, func(n int) bool { return !slices.Contains(bs, n) })
		m := a.and(b)
		if m.count() != len(both) {
			t.Fatalf("counts %d, want %d", m.count(), len(both))
		}
		above, skip, most := rapid.IntRange(-1, 400).Draw(t, "above"), rapid.IntRange(0, 50).Draw(t, "skip"), rapid.IntRange(0, 50).Draw(t, "most")
		want := slices.DeleteFunc(both, func(n int) bool { return n <= above })
		want = want[min(skip, len(want)):]
		want = want[:min(most, len(want))]
		got := m.numbers(above, skip, most)
		if len(got) != len(want) {
			t.Fatalf("numbers %v, want %v", got, want)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("numbers %v, want %v", got, want)
			}
		}
	})
}

func number(t *testing.T, d *db.DB, read func(db.Reader) (int, error)) (n int) {
	t.Helper()
	if err := d.Read(t.Context(), func(q db.Reader) (err error) {
		n, err = read(q)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}
