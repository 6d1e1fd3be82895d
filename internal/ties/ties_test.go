// SPDX-License-Identifier: Apache-2.0

package ties_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/ties"
)

func do(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	if err := d.Maintain(t.Context(), func(tx *db.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, d *db.DB, record, group string) {
	t.Helper()
	do(t, d, func(ctx context.Context, tx *db.Tx) error {
		got, err := ties.Of(ctx, tx, record)
		if strings.Join(got, " ") != group {
			t.Errorf("the group of %s: %v, want %s", record, got, group)
		}
		return err
	})
}

func join(t *testing.T, d *db.DB, a, b string, joined bool) {
	t.Helper()
	do(t, d, func(ctx context.Context, tx *db.Tx) error {
		got, err := ties.Join(ctx, tx, ties.PairOf(a, b))
		if got != joined {
			t.Errorf("Join(%s, %s) = %t, want %t", a, b, got, joined)
		}
		return err
	})
}

func cut(t *testing.T, d *db.DB, a, b string, was bool) {
	t.Helper()
	do(t, d, func(ctx context.Context, tx *db.Tx) error {
		got, err := ties.Cut(ctx, tx, ties.PairOf(a, b))
		if got != was {
			t.Errorf("Cut(%s, %s) = %t, want %t", a, b, got, was)
		}
		return err
	})
}

// What is tied to a record goes with it, and an older tie can be cut before a newer one.
func TestCutLeavesWhatIsTied(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		join(t, d, "c", "b", true)
		join(t, d, "a", "b", true)
		join(t, d, "a", "c", false)
		want(t, d, "c", "a b c")
		cut(t, d, "a", "c", false)
		cut(t, d, "b", "a", true)
		want(t, d, "c", "b c")
		want(t, d, "a", "a")
		join(t, d, "a", "c", true)
		cut(t, d, "b", "c", true)
		want(t, d, "b", "b")
		want(t, d, "c", "a c")
	})
}

// Who leaves takes nobody along.
func TestLeave(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, other := range []string{"a", "c", "d"} {
			join(t, d, "b", other, true)
		}
		leave := func(record string) {
			do(t, d, func(ctx context.Context, tx *db.Tx) error { return ties.Leave(ctx, tx, record) })
		}
		leave("b")
		want(t, d, "d", "a c d")
		want(t, d, "b", "b")
		leave("a")
		want(t, d, "d", "c d")
		leave("c")
		want(t, d, "d", "d")
		leave("d")
	})
}

func TestReached(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		join(t, d, "a", "b", true)
		do(t, d, func(ctx context.Context, tx *db.Tx) error {
			if err := access.Add(ctx, tx, "a", "o:1"); err != nil {
				return err
			}
			return access.Add(ctx, tx, "b", "o:2")
		})
		for scopes, wanted := range map[string]string{"o:1": "a", "o:2": "b", "o:1 o:2": "a b", "o:3": "", "": ""} {
			who := access.Actor{ID: "u", Grants: map[access.Permission]access.Reach{access.ReadPersons: {Scopes: strings.Fields(scopes)}}}
			do(t, d, func(ctx context.Context, tx *db.Tx) error {
				got, err := ties.Reached(ctx, tx, who, access.ReadPersons, "a")
				if strings.Join(got, " ") != wanted {
					t.Errorf("%s reaches %v, want %s", scopes, got, wanted)
				}
				return err
			})
		}
	})
}

// Whatever is tied and cut in whatever order, the groups are those of the ties
// that are left, and when all are cut the tables are empty.
func TestGroupsAreWhatTheTiesSay(t *testing.T) {
	const people = 6
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		run := 0
		rapid.Check(t, func(rt *rapid.T) {
			run++
			name := func(i int) string { return fmt.Sprintf("%04d-%d", run, i) }
			tied := map[[2]int]bool{}
			group := func(i int) (found []string) {
				in := map[int]bool{i: true}
				for range people {
					for p := range tied {
						if in[p[0]] || in[p[1]] {
							in[p[0]], in[p[1]] = true, true
						}
					}
				}
				for j := range people {
					if in[j] {
						found = append(found, name(j))
					}
				}
				return found
			}
			for range rapid.IntRange(0, 12).Draw(rt, "steps") {
				a := rapid.IntRange(0, people-2).Draw(rt, "a")
				b := rapid.IntRange(a+1, people-1).Draw(rt, "b")
				if rapid.Bool().Draw(rt, "join") {
					apart := !slices.Contains(group(a), name(b))
					join(t, d, name(b), name(a), apart)
					if apart {
						tied[[2]int{a, b}] = true
					}
				} else {
					cut(t, d, name(a), name(b), tied[[2]int{a, b}])
					delete(tied, [2]int{a, b})
				}
			}
			for i := range people {
				want(t, d, name(i), strings.Join(group(i), " "))
			}
			for p := range tied {
				cut(t, d, name(p[0]), name(p[1]), true)
			}
			do(t, d, func(ctx context.Context, tx *db.Tx) error {
				var n int
				err := tx.QueryRow(ctx, `SELECT (SELECT count(*) FROM ties) + (SELECT count(*) FROM tie_pairs)`).Scan(&n)
				if n != 0 {
					rt.Errorf("%d rows are left", n)
				}
				return err
			})
		})
	})
}
