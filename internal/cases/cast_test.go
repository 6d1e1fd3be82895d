// SPDX-License-Identifier: Apache-2.0

package cases_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

func write(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) error { return fn(t.Context(), tx) })
}

// try does an act for good or not at all, and returns how it was answered.
func try(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) error {
	t.Helper()
	return d.Write(t.Context(), func(tx *db.Tx) error { return fn(t.Context(), tx) })
}

var errUndo = errors.New("undo")

// tryOut does an act and undoes it, and returns how it was answered.
func tryOut(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) (answer error) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) error {
		answer = fn(t.Context(), tx)
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

// Jamil is a second caseworker in Sylhet, and Kajol manages the programmes of Amina's organisation.
func jamil() access.Actor {
	a := access.Actor{ID: "00000000-0000-7000-9000-000000000010", Name: "Jamil", Office: worldtest.Sylhet, Organisation: worldtest.Aparajita}
	a.Grant(access.Caseworker, access.AtOffice(worldtest.Sylhet))
	return a
}

func kajol() access.Actor {
	a := access.Actor{ID: "00000000-0000-7000-9000-000000000011", Name: "Kajol", Office: worldtest.Centre, Organisation: worldtest.Aparajita}
	a.Grant(access.ProgrammeManager, access.OfOrganisation(worldtest.Aparajita))
	return a
}

// lubna supervises beside Chandra, so that two can be asked.
func lubna() access.Actor {
	a := access.Actor{ID: "00000000-0000-7000-9000-000000000012", Name: "Lubna", Office: worldtest.Centre, Organisation: worldtest.Aparajita}
	a.Grant(access.Supervisor, access.OfOrganisation(worldtest.Aparajita))
	return a
}

// hire writes the users of the world with the roles that they hold, so that they can be found and told.
func hire(t testing.TB, d *db.DB) {
	t.Helper()
	worldtest.Hire(t, d, jamil(), kajol(), lubna())
}

// rahima registers a woman who agreed that protected things are written down.
func rahima(t *testing.T, d *db.DB, who access.Actor, change ...func(r *persons.Registration)) (id persons.ID) {
	t.Helper()
	r := worldtest.Rahima()
	r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeProtected, Given: true})
	r.Relations = []persons.Relation{{Relation: "mother", Name: "Ayesha Khatun"}}
	for _, c := range change {
		c(&r)
	}
	write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = persons.Register(ctx, tx, who, r)
		return err
	})
	return id
}

func open(t *testing.T, d *db.DB, who access.Actor, p persons.ID) (id cases.ID) {
	t.Helper()
	write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = cases.Open(ctx, tx, who, cases.Opening{Person: p, Programme: "reintegration", Origin: "registration", Why: "wants to begin anew"})
		return err
	})
	return id
}

// found is a case as who sees it.
func found(t *testing.T, d *db.DB, who access.Actor, id cases.ID) (c cases.Case) {
	t.Helper()
	reading(t, d, func(ctx context.Context, q db.Reader) (err error) {
		c, err = cases.Find(ctx, q, who, id)
		return err
	})
	return c
}

// sees tells whether who sees a case.
func sees(t *testing.T, d *db.DB, who access.Actor, id cases.ID) (saw bool) {
	t.Helper()
	reading(t, d, func(ctx context.Context, q db.Reader) error {
		_, err := cases.Find(ctx, q, who, id)
		if saw = err == nil; key(err) == "case.not_found" {
			return nil
		}
		return err
	})
	return saw
}

// step is one act with a name.
type step struct {
	name string
	do   func(ctx context.Context, tx *db.Tx) error
}

// forward carries a case to a status along the ordinary way.
func forward(t *testing.T, d *db.DB, id cases.ID, to cases.Status) {
	t.Helper()
	amina := worldtest.Amina()
	closing := cases.Closing{Case: id, Code: "goals_reached", Duties: []string{"prepared", "last_review", "where_to_turn"}, Why: "she earns her living"}
	ways := map[cases.Status]func(ctx context.Context, tx *db.Tx) error{
		cases.Assigned: func(ctx context.Context, tx *db.Tx) error { return cases.TakeUp(ctx, tx, amina, id, 0) },
		cases.Assessed: func(ctx context.Context, tx *db.Tx) error {
			return cases.Rate(ctx, tx, amina, cases.Rating{Case: id, Risk: cases.Medium, Why: "debts of two lakh"})
		},
		cases.Planned: func(ctx context.Context, tx *db.Tx) error {
			c, err := cases.Begin(ctx, tx, amina, id, cases.Acting{Act: cases.AgreePlan})
			if err != nil {
				return err
			}
			return cases.Advance(ctx, tx, amina, c, cases.AgreePlan)
		},
		cases.Active: func(ctx context.Context, tx *db.Tx) error { return cases.Begun(ctx, tx, amina, id, 0) },
		cases.Closed: func(ctx context.Context, tx *db.Tx) error {
			_, err := cases.Shut(ctx, tx, amina, closing)
			return err
		},
		cases.AfterCare: func(ctx context.Context, tx *db.Tx) error { return cases.LookAfter(ctx, tx, amina, id, 0) },
	}
	for _, s := range cases.Statuses() {
		if ways[s] != nil {
			write(t, d, ways[s])
		}
		if got := found(t, d, amina, id).Status; got != s {
			t.Fatalf("the case is %s, want %s", got, s)
		}
		if s == to {
			return
		}
	}
}

func notices(t *testing.T, d *db.DB, who access.Actor) (keys []string) {
	t.Helper()
	reading(t, d, func(ctx context.Context, q db.Reader) error {
		all, err := accounts.Notices(ctx, q, who, 50)
		for _, n := range all {
			keys = append(keys, n.Key)
		}
		return err
	})
	return keys
}

// at puts the clock of a test to the morning of a day in Dhaka.
func at(t *testing.T, clock *dbtest.Clock, day string) {
	t.Helper()
	to, err := time.Parse(time.RFC3339, day+"T10:00:00+06:00")
	if err != nil {
		t.Fatal(err)
	}
	clock.Move(to.Sub(clock.Now()))
}
