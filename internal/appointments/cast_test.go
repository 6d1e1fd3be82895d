// SPDX-License-Identifier: Apache-2.0

package appointments_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/appointments"
	"fera/internal/cases"
	"fera/internal/centres"
	"fera/internal/dates"
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

// secret is what people type; it must lie nowhere in the clear.
const secret = "zqsecret"

// somebody is registered with a case that Amina has.
func somebody(t testing.TB, d *db.DB, who access.Actor) (p persons.ID, id cases.ID) {
	t.Helper()
	id = opened(t, d, who, worldtest.Rahima())
	reading(t, d, func(ctx context.Context, q db.Reader) error {
		c, err := cases.Find(ctx, q, who, id)
		p = c.Person
		return err
	})
	return p, id
}

// opened registers somebody and opens a case of hers.
func opened(t testing.TB, d *db.DB, who access.Actor, r persons.Registration) (id cases.ID) {
	t.Helper()
	var p persons.ID
	write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = persons.Register(ctx, tx, who, r)
		return err
	})
	write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = cases.Open(ctx, tx, who, cases.Opening{Person: p, Programme: "reintegration", Origin: "registration"})
		return err
	})
	return id
}

// centre makes Amina's office a centre with a counter, open on weekdays from nine to five.
func centre(t testing.TB, d *db.DB) (counter string) {
	t.Helper()
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		hours := listing.Hours{Weekly: []listing.Span{{Days: []string{"SU", "MO", "TU", "WE", "TH"}, Opens: "09:00", Closes: "13:00"}, {Days: []string{"SU", "MO", "TU", "WE", "TH"}, Opens: "14:00", Closes: "17:00"}}}
		return centres.Set(ctx, tx, worldtest.Chandra(), centres.Setting{Office: worldtest.Sylhet, Hours: hours})
	})
	write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		counter, err = centres.SetUp(ctx, tx, worldtest.Chandra(), centres.Counter{Office: worldtest.Sylhet, Organisation: worldtest.Aparajita, Number: 3, Letter: "A", NameEn: "Jobs"})
		return err
	})
	return counter
}

// at is a moment in Dhaka on a day of March 2030, in which the tests begin on Tuesday the fifth, at six in the evening.
func at(day, hour, minute int) time.Time {
	return time.Date(2030, 3, day, hour, minute, 0, 0, dates.Dhaka()).UTC()
}

func tryBook(t testing.TB, d *db.DB, who access.Actor, b appointments.Booking) (a appointments.Appointment, err error) {
	t.Helper()
	if b.Minutes == 0 {
		b.Minutes = 30
	}
	if b.Purpose == "" {
		b.Purpose = "job"
	}
	if b.With == "" && b.Counter == "" {
		b.With = who.ID
	}
	if b.Office == "" && b.Place == "" {
		b.Office = who.Office
	}
	err = d.Write(t.Context(), func(tx *db.Tx) (err error) { a, err = appointments.Book(t.Context(), tx, who, b); return err })
	return a, err
}

func book(t testing.TB, d *db.DB, who access.Actor, b appointments.Booking) appointments.Appointment {
	t.Helper()
	a, err := tryBook(t, d, who, b)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func note(t testing.TB, d *db.DB, who access.Actor, id appointments.ID, act appointments.Act) (a appointments.Appointment, err error) {
	t.Helper()
	err = d.Write(t.Context(), func(tx *db.Tx) (err error) {
		a, err = appointments.Note(t.Context(), tx, who, appointments.Acting{Appointment: id}, act)
		return err
	})
	return a, err
}

func callOff(t testing.TB, d *db.DB, who access.Actor, on appointments.Acting) (err error) {
	t.Helper()
	return d.Write(t.Context(), func(tx *db.Tx) error { _, err := appointments.CallOff(t.Context(), tx, who, on); return err })
}

func shift(t testing.TB, d *db.DB, who access.Actor, id appointments.ID, b appointments.Booking) (a appointments.Appointment, err error) {
	t.Helper()
	err = d.Write(t.Context(), func(tx *db.Tx) (err error) {
		a, err = appointments.Shift(t.Context(), tx, who, appointments.Acting{Appointment: id}, b)
		return err
	})
	return a, err
}

func find(t testing.TB, d *db.DB, who access.Actor, id appointments.ID) (a appointments.Appointment, err error) {
	t.Helper()
	err = d.Read(t.Context(), func(q db.Reader) (err error) { a, err = appointments.Find(t.Context(), q, who, id); return err })
	return a, err
}
