// SPDX-License-Identifier: Apache-2.0

package seal_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/numbers"
	"fera/internal/seal"
)

func maintain(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	if err := d.Maintain(t.Context(), func(tx *db.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

// put seals a text for a new subject and returns the sealed bytes.
func put(t *testing.T, d *db.DB, subject, place, text string) (sealed []byte) {
	t.Helper()
	maintain(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		if err := seal.NewKey(ctx, tx, "g", subject); err != nil {
			return err
		}
		sealed, err = seal.Seal(ctx, tx, subject, place, []byte(text))
		return err
	})
	return sealed
}

func get(d *db.DB, subject, place string, sealed []byte) (text string, err error) {
	err = d.Read(context.Background(), func(q db.Reader) error {
		plain, err := seal.Open(context.Background(), q, subject, place, sealed)
		text = string(plain)
		return err
	})
	return text, err
}

// A sealed value opens in its own place only, and not when a bit of it changed.
func TestOpenRefusesWhatWasMoved(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		sealed := put(t, d, "rahima", "claims.value:1", "what she said")
		put(t, d, "karima", "claims.value:1", "else")
		if text, err := get(d, "rahima", "claims.value:1", sealed); err != nil || text != "what she said" {
			t.Fatalf("in its place: %q, %v", text, err)
		}
		for name, at := range map[string][2]string{"another row": {"rahima", "claims.value:2"}, "another column": {"rahima", "claims.note:1"}, "another person": {"karima", "claims.value:1"},
			"the program's": {seal.System, "claims.value:1"}} {
			if text, err := get(d, at[0], at[1], sealed); err == nil || strings.Contains(err.Error(), "what she said") {
				t.Errorf("%s: opened %q (%v)", name, text, err)
			}
		}
		for bit := range len(sealed) * 8 {
			bent := slices.Clone(sealed)
			bent[bit/8] ^= 1 << (bit % 8)
			if _, err := get(d, "rahima", "claims.value:1", bent); err == nil {
				t.Fatalf("opened with bit %d changed", bit)
			}
		}
		for n := range len(sealed) {
			if _, err := get(d, "rahima", "claims.value:1", sealed[:n]); err == nil {
				t.Fatalf("opened when cut to %d bytes", n)
			}
		}
	})
}

// A key that was moved to another subject opens nothing.
func TestOpenRefusesAnothersKey(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		sealed := put(t, d, "rahima", "x", "secret")
		put(t, d, "karima", "x", "else")
		maintain(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE seal_keys SET wrapped = (SELECT wrapped FROM seal_keys WHERE subject_id = 'rahima') WHERE subject_id = 'karima'`)
			return err
		})
		if text, err := get(d, "karima", "x", sealed); err == nil {
			t.Errorf("opened %q with a key that belongs to another", text)
		}
	})
}

// The same number gives the same hash however it is typed; the hash gives nothing away.
func TestBlind(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		blind := func(field, normal string) (h string) {
			d.Read(t.Context(), func(q db.Reader) (err error) {
				h, err = seal.Blind(t.Context(), q, field, normal)
				return err
			})
			return h
		}
		seen := map[string]bool{}
		for _, typed := range []string{"01712345678", "০১৭১২৩৪৫৬৭৮", "+880 1712-345678", "8801712345678", "+৮৮০১৭১২৩৪৫৬৭৮"} {
			n, err := numbers.Phone(typed, "BD")
			if err != nil {
				t.Fatal(err)
			}
			seen[blind("phone", n.Normal)] = true
		}
		if len(seen) != 1 {
			t.Errorf("one number in five ways gives %d hashes", len(seen))
		}
		for _, other := range []string{blind("nid", "+8801712345678"), blind("phone", "+8801712345679"), blind("phone", "")} {
			if other == "" || seen[other] {
				t.Errorf("another field or number gives the same hash or none: %q", other)
			}
		}
	})
}

// Whose key was destroyed is unreadable, in the transaction that did it and ever after.
func TestDestroy(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		sealed := put(t, d, "rahima", "x", "secret")
		gone := func(q db.Reader, when string) {
			if text, err := seal.Open(t.Context(), q, "rahima", "x", sealed); !errors.Is(err, seal.ErrErased) {
				t.Errorf("%s: opened %q (%v), want ErrErased", when, text, err)
			}
			if _, err := seal.Seal(t.Context(), q, "rahima", "x", []byte("more")); !errors.Is(err, seal.ErrErased) {
				t.Errorf("%s: sealed (%v), want ErrErased", when, err)
			}
			if ok, err := seal.Destroyed(t.Context(), q, "rahima"); !ok || err != nil {
				t.Errorf("%s: Destroyed = %t, %v", when, ok, err)
			}
			if ok, _ := seal.Destroyed(t.Context(), q, "nobody"); ok {
				t.Errorf("%s: nobody was destroyed", when)
			}
		}
		maintain(t, d, func(ctx context.Context, tx *db.Tx) error {
			if _, err := seal.Open(ctx, tx, "rahima", "x", sealed); err != nil {
				return err
			}
			e, err := seal.Destroy(ctx, tx, "rahima")
			if err == nil && (e.Subject != "rahima" || !strings.Contains(e.Receipt, "subject rahima\n")) {
				t.Errorf("receipt %q", e.Receipt)
			}
			gone(tx, "in the transaction")
			return err
		})
		d.Read(t.Context(), func(q db.Reader) error { gone(q, "afterwards"); return nil })
	})
}

// own returns a ring that is not shared with other tests, and holds the keys that
// all test databases have, so that it can be rotated.
func own(t *testing.T) *seal.Ring {
	t.Helper()
	path := t.TempDir() + "/key"
	if err := dbtest.Ring().Save(path, ""); err != nil {
		t.Fatal(err)
	}
	ring, err := seal.LoadRing(path, "", false)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func each(t *testing.T, fn func(t *testing.T, open func(db.Options) *db.DB)) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := url(t)
			fn(t, func(o db.Options) *db.DB {
				d, err := db.Open(t.Context(), at, o)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { d.Close() })
				return d
			})
		})
	}
}

// After the root was rotated and everything wrapped anew, the old root opens nothing.
func TestRotateRoot(t *testing.T) {
	each(t, func(t *testing.T, open func(db.Options) *db.DB) {
		ring, before := own(t), own(t)
		d := open(db.Options{Keys: ring})
		sealed := put(t, d, "rahima", "x", "secret")
		if err := ring.Rotate(); err != nil {
			t.Fatal(err)
		}
		path := t.TempDir() + "/key"
		if err := ring.Save(path, "long passphrase"); err != nil {
			t.Fatal(err)
		}
		if text, err := get(d, "rahima", "x", sealed); err != nil || text != "secret" {
			t.Errorf("rotated, not yet wrapped anew: %q, %v", text, err)
		}
		n, err := seal.RewrapRoot(t.Context(), d)
		if err != nil || n != 3 { // the program's, the blind one, the organisation's
			t.Errorf("wrapped %d keys anew, %v, want 3", n, err)
		}
		again, err := seal.LoadRing(path, "long passphrase", false)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := get(open(db.Options{Keys: again}), "rahima", "x", sealed); err != nil || text != "secret" {
			t.Errorf("with the new key file: %q, %v", text, err)
		}
		if text, err := get(open(db.Options{Keys: before}), "rahima", "x", sealed); err == nil {
			t.Errorf("the old key file still opens %q", text)
		}
	})
}

// The ring rotates while others seal and open.
func TestRotateRootWhileServing(t *testing.T) {
	each(t, func(t *testing.T, open func(db.Options) *db.DB) {
		ring := own(t)
		d := open(db.Options{Keys: ring})
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				for i := range 10 {
					subject := fmt.Sprint("p", w, "-", i)
					if text, err := get(d, subject, "x", put(t, d, subject, "x", "secret")); err != nil || text != "secret" {
						t.Errorf("%s: %q, %v", subject, text, err)
					}
				}
			})
		}
		for range 5 {
			if err := ring.Rotate(); err != nil {
				t.Error(err)
			}
			if _, err := seal.RewrapRoot(t.Context(), d); err != nil {
				t.Error(err)
			}
		}
		wg.Wait()
	})
}

// An organisation's key rotates while people are registered; cut short in the
// middle, nobody is lost, and the next rotation finishes it.
func TestRotateOrganisation(t *testing.T) {
	each(t, func(t *testing.T, open func(db.Options) *db.DB) {
		const many = 1200
		d := open(db.Options{Keys: own(t)})
		texts := map[string][]byte{}
		maintain(t, d, func(ctx context.Context, tx *db.Tx) error {
			clear(texts)
			for i := range many {
				subject := fmt.Sprintf("p%05d", i)
				if err := seal.NewKey(ctx, tx, "g", subject); err != nil {
					return err
				}
				sealed, err := seal.Seal(ctx, tx, subject, "x", []byte(subject))
				if err != nil {
					return err
				}
				texts[subject] = sealed
			}
			return nil
		})

		ctx, cut := context.WithCancel(t.Context())
		var begun atomic.Int64
		cutting := open(db.Options{Keys: own(t), Clock: func() time.Time {
			if begun.Add(1) == 3 { // the fresh key, the first few hundred, then
				cut()
			}
			return time.Now()
		}})
		n, err := seal.RotateOrganisation(ctx, cutting, "g")
		if err == nil || n == 0 || n >= many {
			t.Fatalf("cut short: moved %d, %v; want a part and an error", n, err)
		}
		readable(t, d, texts)

		var mu sync.Mutex
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				for i := range 15 {
					subject := fmt.Sprintf("new%d-%d", w, i)
					sealed := put(t, d, subject, "x", subject)
					mu.Lock()
					texts[subject] = sealed
					mu.Unlock()
				}
			})
		}
		if _, err := seal.RotateOrganisation(t.Context(), d, "g"); err != nil {
			t.Error(err)
		}
		wg.Wait()
		readable(t, d, texts)
		d.Read(t.Context(), func(q db.Reader) error {
			var behind int
			err := q.QueryRow(t.Context(), `SELECT count(*) FROM seal_keys WHERE parent_id <> 'root' AND parent_id <> (SELECT key_id FROM seal_current WHERE organisation_id = 'g')`).Scan(&behind)
			if err != nil || behind != 0 {
				t.Errorf("%d keys stayed under an older key of the organisation (%v)", behind, err)
			}
			return nil
		})
		if _, err := seal.RotateOrganisation(t.Context(), d, "nobody"); err == nil {
			t.Error("rotated the key of an organisation that has none")
		}
	})
}

// readable checks that the text of every subject opens.
func readable(t *testing.T, d *db.DB, texts map[string][]byte) {
	t.Helper()
	lost := 0
	d.Read(t.Context(), func(q db.Reader) error {
		for subject, sealed := range texts {
			if text, err := seal.Open(t.Context(), q, subject, "x", sealed); err != nil || string(text) != subject {
				lost++
			}
		}
		return nil
	})
	if lost > 0 {
		t.Errorf("%d of %d are lost", lost, len(texts))
	}
}
