// SPDX-License-Identifier: Apache-2.0

package shelters_test

import (
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/shelters"
	"fera/internal/worldtest"

	"fera/internal/db/dbtest"
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

func write(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) error { return fn(t.Context(), tx) })
}

func try(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) error {
	t.Helper()
	return d.Write(t.Context(), func(tx *db.Tx) error { return fn(t.Context(), tx) })
}

var errUndo = errors.New("undo")

// tryOut does an act and undoes it, and returns how it was answered.
func tryOut(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) (answer error) {
	t.Helper()
	if err := try(t, d, func(ctx context.Context, tx *db.Tx) error {
		answer = fn(ctx, tx)
		return errUndo
	}); !errors.Is(err, errUndo) {
		t.Fatal(err)
	}
	return answer
}

func reading(t *testing.T, d *db.DB, fn func(ctx context.Context, q db.Reader) error) {
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

// Jorina and Moyna keep shelters of Amina's organisation; Nilufa one of Basil's.
func jorina() access.Actor {
	return keeper("00000000-0000-7000-9000-000000000021", "Jorina", worldtest.Centre, worldtest.Aparajita)
}
func moyna() access.Actor {
	return keeper("00000000-0000-7000-9000-000000000022", "Moyna", worldtest.Sylhet, worldtest.Aparajita)
}
func nilufa() access.Actor {
	return keeper("00000000-0000-7000-9000-000000000023", "Nilufa", worldtest.Barishal, worldtest.Bandhan)
}

func keeper(id, name, office, organisation string) access.Actor {
	a := access.Actor{ID: id, Name: name, Office: office, Organisation: organisation}
	a.Grant(access.ShelterKeeper, access.AtOffice(office))
	return a
}

func hire(t testing.TB, d *db.DB) {
	t.Helper()
	worldtest.Hire(t, d, jorina(), moyna(), nilufa())
}

const (
	secretAddress   = "House 7, Zqlane, Zqpara"
	secretTelephone = "01799887766"
)

// house opens a shelter with rooms.
func house(t *testing.T, d *db.DB, who access.Actor, shared bool, rooms ...shelters.Furnishing) (id shelters.ID) {
	t.Helper()
	write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = shelters.Open(ctx, tx, who, shelters.Opening{Name: "Shefali", Division: "30", Days: 10, Extension: 7, Shared: shared, Rules: "Lights out at ten."},
			shelters.Whereabouts{Address: secretAddress, Telephone: secretTelephone, Directions: "behind the Zqmill"})
		return err
	})
	for _, r := range rooms {
		r.Shelter = id
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return shelters.Furnish(ctx, tx, who, r) })
	}
	return id
}

func room(label string, serves shelters.Serves, beds int) shelters.Furnishing {
	return shelters.Furnishing{Label: label, Serves: serves, Beds: beds}
}

// somebody is registered with a case that Amina has; she agreed that protected things are written down.
func somebody(t *testing.T, d *db.DB, who access.Actor, change ...func(r *persons.Registration)) (p persons.ID, id cases.ID) {
	t.Helper()
	r := worldtest.Rahima()
	r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeProtected, Given: true})
	r.Relations = []persons.Relation{{Relation: "son", Name: "Zqson", Sex: persons.Male, Birth: dates.Partial{Year: 2025}}, {Relation: "brother", Name: "Zqbrother", Sex: persons.Male, Birth: dates.Partial{Year: 2000}}}
	for _, c := range change {
		c(&r)
	}
	write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = persons.Register(ctx, tx, who, r)
		return err
	})
	write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = cases.Open(ctx, tx, who, cases.Opening{Person: p, Programme: "reintegration", Origin: "registration"})
		return err
	})
	write(t, d, func(ctx context.Context, tx *db.Tx) error { return cases.TakeUp(ctx, tx, who, id, 0) })
	return p, id
}

// members makes the family clients of a case, and returns them in the order of the register.
func members(t *testing.T, d *db.DB, who access.Actor, p persons.ID, id cases.ID) (all []string) {
	t.Helper()
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		all = nil
		her, err := persons.Find(ctx, tx, who, p)
		for _, r := range her.Relations {
			m, err := cases.Include(ctx, tx, who, id, r.ID)
			if err != nil {
				return err
			}
			all = append(all, m)
		}
		return err
	})
	return all
}

func ask(t *testing.T, d *db.DB, who access.Actor, id cases.ID, clients ...string) (all []shelters.StayID) {
	t.Helper()
	if len(clients) == 0 {
		clients = []string{""}
	}
	a := shelters.Asking{Case: id, Division: "30", Needs: "Zqneeds"}
	for _, c := range clients {
		a.Guests = append(a.Guests, shelters.Guest{Client: c, CalledAs: "Zqcalled"})
	}
	write(t, d, func(ctx context.Context, tx *db.Tx) (err error) { all, err = shelters.Ask(ctx, tx, who, a); return err })
	return all
}

func take(t *testing.T, d *db.DB, who access.Actor, id shelters.StayID) {
	t.Helper()
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		return shelters.FindBed(ctx, tx, who, shelters.Acting{Stay: id})
	})
}

// looked are the stays of a case as who sees them.
func looked(t *testing.T, d *db.DB, who access.Actor, id cases.ID) (all []shelters.Stay) {
	t.Helper()
	write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		all, err = shelters.LookAtStays(ctx, tx, who, id)
		return err
	})
	return all
}

// beds are those of a shelter in order.
func beds(t *testing.T, d *db.DB, who access.Actor, id shelters.ID) (all []string) {
	t.Helper()
	reading(t, d, func(ctx context.Context, q db.Reader) error {
		rooms, err := shelters.Rooms(ctx, q, who, id)
		for _, r := range rooms {
			for _, b := range r.Beds {
				all = append(all, b.ID)
			}
		}
		return err
	})
	return all
}

func free(t *testing.T, d *db.DB, who access.Actor) (n int) {
	t.Helper()
	reading(t, d, func(ctx context.Context, q db.Reader) error {
		all, err := shelters.Free(ctx, q, who, dates.Partial{}, 1)
		for _, v := range all {
			n += v.Free
		}
		return err
	})
	return n
}
