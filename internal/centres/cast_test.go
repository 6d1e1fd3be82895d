// SPDX-License-Identifier: Apache-2.0

package centres_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/centres"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

var seed = flag.Int64("seed", 0, "seed of the random tests; 0 takes one from the clock")

func chance(t *testing.T, stream uint64) *rand.Rand {
	s := *seed
	if s == 0 {
		s = time.Now().UnixNano()
	}
	t.Logf("seed %d", s)
	return rand.New(rand.NewPCG(uint64(s), stream))
}

func write(t testing.TB, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) error { return fn(t.Context(), tx) })
}

func try(t testing.TB, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) error {
	t.Helper()
	return d.Write(t.Context(), func(tx *db.Tx) error { return fn(t.Context(), tx) })
}

func reading(t testing.TB, d *db.DB, fn func(ctx context.Context, q db.Reader) error) {
	t.Helper()
	if err := d.Read(t.Context(), func(q db.Reader) error { return fn(t.Context(), q) }); err != nil {
		t.Fatal(err)
	}
}

func key(err error) string {
	if f := fault.Of(err); f != nil {
		return f.Key
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func refused(t *testing.T, err error, want string) {
	t.Helper()
	if key(err) != want {
		t.Errorf("answered %v, want %s", err, want)
	}
}

// office is where the centre of the tests is: Amina's, which Chandra runs.
const office = worldtest.Sylhet

// weekday is the hours of an office that is open from Sunday to Thursday.
func weekday() listing.Hours {
	return listing.Hours{Weekly: []listing.Span{{Days: []string{"SU", "MO", "TU", "WE", "TH"}, Opens: "09:00", Closes: "17:00"}}}
}

// centre makes Amina's office a centre with these counters, and returns them.
func centre(t testing.TB, d *db.DB, some ...centres.Counter) (all []string) {
	t.Helper()
	worldtest.Hire(t, d)
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		return centres.Set(ctx, tx, worldtest.Chandra(), centres.Setting{Office: office, Hours: weekday()})
	})
	for i, c := range some {
		c.Office, c.Number, c.NameEn = office, i+1, "Counter"
		if c.Organisation == "" {
			c.Organisation = worldtest.Aparajita
		}
		if c.Letter == "" {
			c.Letter = "A"
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			id, err := centres.SetUp(ctx, tx, worldtest.Chandra(), c)
			all = append(all[:i], id)
			return err
		})
	}
	return all
}

func draw(t testing.TB, d *db.DB, who access.Actor, dr centres.Drawing) (k centres.Ticket) {
	t.Helper()
	dr.Office = office
	if dr.Need == "" {
		dr.Need = "job"
	}
	write(t, d, func(ctx context.Context, tx *db.Tx) (err error) { k, err = centres.Draw(ctx, tx, who, dr); return err })
	return k
}

func next(t testing.TB, d *db.DB, who access.Actor, counter string, finish bool) (k centres.Ticket, found bool) {
	t.Helper()
	write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		k, found, err = centres.Next(ctx, tx, who, centres.Calling{Office: office, Counter: counter, Finish: finish})
		return err
	})
	return k, found
}

func do(t testing.TB, d *db.DB, who access.Actor, id string, act centres.Act) centres.Ticket {
	t.Helper()
	k, err := tryDo(t, d, who, centres.Acting{Ticket: id, Act: act})
	if err != nil {
		t.Fatalf("%s: %v", act, err)
	}
	return k
}

func tryDo(t testing.TB, d *db.DB, who access.Actor, a centres.Acting) (k centres.Ticket, err error) {
	t.Helper()
	a.Office = office
	err = try(t, d, func(ctx context.Context, tx *db.Tx) (err error) { k, err = centres.Do(ctx, tx, who, a); return err })
	return k, err
}

func queue(t testing.TB, d *db.DB) (all []centres.Ticket) {
	t.Helper()
	reading(t, d, func(ctx context.Context, q db.Reader) (err error) {
		all, err = centres.Queue(ctx, q, worldtest.Amina(), office)
		return err
	})
	return all
}

func register(t testing.TB, d *db.DB, who access.Actor) (id persons.ID) {
	t.Helper()
	write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = persons.Register(ctx, tx, who, worldtest.Rahima())
		return err
	})
	return id
}
