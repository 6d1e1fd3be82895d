// SPDX-License-Identifier: Apache-2.0

package handovers_test

import (
	"context"
	"encoding/json"
	"flag"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/handovers"
	"fera/internal/persons"
	"fera/internal/words"
	"fera/internal/worldtest"
)

var seed = flag.Int64("seed", 0, "seed of the random tests; 0 takes one from the clock")

func chance(t *testing.T) *rand.Rand {
	s := *seed
	if s == 0 {
		s = time.Now().UnixNano()
	}
	t.Logf("seed %d", s)
	return rand.New(rand.NewPCG(uint64(s), 6))
}

// lima is a focal person of Bandhan, who may answer and takes no cases; bijoy a caseworker beside Basil.
func lima() access.Actor {
	a := access.Actor{ID: "00000000-0000-7000-9000-0000000000ab", Name: "Lima", Office: worldtest.Barishal, Organisation: worldtest.Bandhan}
	a.Grant(access.ProviderFocal, access.OfOrganisation(worldtest.Bandhan))
	return a
}

func bijoy() access.Actor {
	a := access.Actor{ID: "00000000-0000-7000-9000-0000000000ad", Name: "Bijoy", Office: worldtest.Barishal, Organisation: worldtest.Bandhan}
	a.Grant(access.Caseworker, access.AtOffice(worldtest.Barishal))
	return a
}

// world is two organisations, and the women with a case at the one.
type world struct {
	t     *testing.T
	d     *db.DB
	clock *dbtest.Clock
}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d, lima(), bijoy())
		fn(t, &world{t, d, clock})
	})
}

func (w *world) try(fn func(ctx context.Context, tx *db.Tx) error) error {
	w.t.Helper()
	w.clock.Move(time.Second)
	return w.d.Write(w.t.Context(), func(tx *db.Tx) error { return fn(w.t.Context(), tx) })
}

func (w *world) write(fn func(ctx context.Context, tx *db.Tx) error) {
	w.t.Helper()
	w.done(w.try(fn))
}

func (w *world) read(fn func(ctx context.Context, q db.Reader) error) {
	w.t.Helper()
	w.done(w.d.Read(w.t.Context(), func(q db.Reader) error { return fn(w.t.Context(), q) }))
}

func (w *world) done(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// woman registers somebody and opens a case for her, which Amina has.
func (w *world) woman(name string) (of cases.ID) {
	w.t.Helper()
	amina := worldtest.Amina()
	w.write(func(ctx context.Context, tx *db.Tx) error {
		r := worldtest.Rahima()
		r.Values[persons.NameLatin] = name
		r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeProtected, Given: true})
		person, err := persons.Register(ctx, tx, amina, r)
		if err != nil {
			return err
		}
		if of, err = cases.Open(ctx, tx, amina, cases.Opening{Person: person, Programme: "reintegration", Origin: "self"}); err != nil {
			return err
		}
		return cases.TakeUp(ctx, tx, amina, of, 0)
	})
	return of
}

func offering(of cases.ID, parts ...handovers.Part) handovers.Offering {
	return handovers.Offering{Case: of, To: worldtest.Bandhan, Urgency: "days", Why: "she moves to your district", Parts: parts, Agreed: true, Method: "spoken", Language: "bn"}
}

func (w *world) offer(who access.Actor, o handovers.Offering) (id handovers.ID, err error) {
	w.t.Helper()
	err = w.try(func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = handovers.Make(ctx, tx, who, o)
		return err
	})
	return id, err
}

func (w *world) offered(o handovers.Offering) handovers.ID {
	w.t.Helper()
	id, err := w.offer(worldtest.Amina(), o)
	w.done(err)
	return id
}

func (w *world) opened(who access.Actor, id handovers.ID) (a handovers.Arrival, err error) {
	w.t.Helper()
	err = w.try(func(ctx context.Context, tx *db.Tx) (err error) {
		a, err = handovers.LookAt(ctx, tx, who, id)
		return err
	})
	return a, err
}

func (w *world) take(who access.Actor, id handovers.ID) (of cases.ID, err error) {
	w.t.Helper()
	err = w.try(func(ctx context.Context, tx *db.Tx) (err error) {
		of, err = handovers.Accept(ctx, tx, who, handovers.Taking{ID: id, Language: words.English})
		return err
	})
	return of, err
}

func (w *world) refuse(who access.Actor, id handovers.ID) error {
	w.t.Helper()
	return w.try(func(ctx context.Context, tx *db.Tx) error {
		return handovers.Refuse(ctx, tx, who, handovers.Acting{ID: id, Why: "we are full"})
	})
}

func (w *world) back(who access.Actor, id handovers.ID) error {
	w.t.Helper()
	return w.try(func(ctx context.Context, tx *db.Tx) error {
		return handovers.TakeBack(ctx, tx, who, handovers.Acting{ID: id, Why: "she stays here"})
	})
}

func (w *world) finish(who access.Actor, id handovers.ID) (closed bool, err error) {
	w.t.Helper()
	err = w.try(func(ctx context.Context, tx *db.Tx) (err error) {
		closed, err = handovers.Conclude(ctx, tx, who, handovers.Acting{ID: id, Duties: []string{"prepared", "agreed_to_transfer", "other_accepted"}, Why: "Bandhan goes on with her"})
		return err
	})
	return closed, err
}

func (w *world) found(id handovers.ID) (h handovers.Handover) {
	w.t.Helper()
	w.read(func(ctx context.Context, q db.Reader) (err error) {
		h, err = handovers.Find(ctx, q, worldtest.Amina(), id)
		return err
	})
	return h
}

func (w *world) state(id handovers.ID, want handovers.State) {
	w.t.Helper()
	if got := w.found(id).State; got != want {
		w.t.Errorf("the hand-over is %s, want %s", got, want)
	}
}

// told are the keys of the notices of somebody.
func (w *world) told(who access.Actor) (keys string) {
	w.t.Helper()
	w.read(func(ctx context.Context, q db.Reader) error {
		rows, err := q.Query(ctx, `SELECT key FROM notices WHERE user_id = ? ORDER BY id`, who.ID)
		all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (s string, err error) { return s, row.Scan(&s) })
		keys = strings.Join(all, " ")
		return err
	})
	return keys
}

// says is all that a value says, to look for canaries in.
func says(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
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
