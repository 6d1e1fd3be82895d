// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"bytes"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
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

// same compares the pages with the terms.
func same(t *testing.T, d *db.DB, when string) {
	t.Helper()
	if err := d.Read(t.Context(), func(q db.Reader) error {
		kept, made := map[term]marks{}, map[term]marks{}
		rows, err := q.Query(t.Context(), `SELECT kind, word, page, lines FROM directory_pages`)
		if _, err = db.Collect(rows, err, func(row interface{ Scan(...any) error }) (x term, err error) {
			page, lines := 0, ""
			if err := row.Scan(&x.kind, &x.word, &page, &lines); err != nil {
				return x, err
			}
			kept[x], err = kept[x].read(page, lines)
			return x, err
		}); err != nil {
			return err
		}
		rows, err = q.Query(t.Context(), `SELECT t.kind, t.word, e.number FROM directory_terms t JOIN directory_entries e ON e.id = t.entry_id`)
		if _, err = db.Collect(rows, err, func(row interface{ Scan(...any) error }) (x term, err error) {
			n := 0
			if err := row.Scan(&x.kind, &x.word, &n); err != nil {
				return x, err
			}
			for _, x := range begun([]term{x}) {
				made[x] = made[x].add(n/perLine, 1<<(n%perLine))
			}
			return x, nil
		}); err != nil {
			return err
		}
		if !maps.EqualFunc(kept, made, func(a, b marks) bool { return slices.Equal(a, b) }) {
			t.Errorf("%s: the pages of %d words and beginnings are not what the terms say of %d", when, len(kept), len(made))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// A store from before there were pages gets those that it would have got by and by.
func TestAnOlderStoreGetsItsPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		crowd(t, d)
		schema, err := os.ReadFile("../db/schema/0058_directory_pages.sql")
		if err != nil {
			t.Fatal(err)
		}
		other := map[string]string{"sqlite": "postgres", "postgres": "sqlite"}[d.Engine()]
		made := string(schema[bytes.Index(schema, []byte("INSERT INTO directory_pages")):])
		made = regexp.MustCompile(`(?s)-- only `+other+`.*?-- end only`).ReplaceAllString(made, "")
		made = strings.TrimSuffix(strings.TrimSpace(strings.ReplaceAll(made, "$INT", "BIGINT")), ";")
		if err := d.Maintain(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Exec(t.Context(), `DELETE FROM directory_pages`); err != nil {
				return err
			}
			_, err := tx.Exec(t.Context(), made)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		same(t, d, "made at once")
	})
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
