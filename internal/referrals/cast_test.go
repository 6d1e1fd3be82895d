// SPDX-License-Identifier: Apache-2.0

package referrals_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/referrals/sharing"
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

// lima is a focal person of Bandhan, who answers what Bandhan is asked for; mitu one of a provider that nobody asked.
func lima() access.Actor {
	return focal("00000000-0000-7000-9000-0000000000ab", "Lima", worldtest.Barishal, worldtest.Bandhan)
}
func mitu() access.Actor {
	return focal("00000000-0000-7000-9000-0000000000ac", "Mitu", worldtest.Centre, "00000000-0000-7000-8000-00000000000c")
}

func focal(id, name, office, organisation string) access.Actor {
	a := access.Actor{ID: id, Name: name, Office: office, Organisation: organisation}
	a.Grant(access.ProviderFocal, access.OfOrganisation(organisation))
	return a
}

// keya keeps the whole directory and sees the flows.
func keya() access.Actor {
	a := access.Actor{ID: "00000000-0000-7000-9000-0000000000aa", Name: "Keya", Office: worldtest.Centre, Organisation: worldtest.Aparajita}
	a.Grant(access.ProgrammeManager, "all")
	return a
}

// world is a woman with a case of Amina's, and two providers: Bandhan, which has accounts, and a clinic that has none.
type world struct {
	t      *testing.T
	d      *db.DB
	clock  *dbtest.Clock
	person persons.ID
	of     cases.ID
	legal  string // a service of Bandhan's for legal aid and papers
	place  string // where it is given
	train  string // a training of Bandhan's
	clinic string // medical care, of a provider without accounts
	shop   string // help with a business, of the same
}

func build(t *testing.T, d *db.DB, clock *dbtest.Clock) *world {
	t.Helper()
	w := &world{t: t, d: d, clock: clock}
	worldtest.Hire(t, d, lima(), keya())
	bandhan := w.entry(listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: "Bandhan"}, Partner: worldtest.Bandhan}})
	other := w.entry(listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: "Clinic"}}})
	w.place = w.entry(listing.Body{Location: &listing.Location{Organisation: bandhan, Name: listing.Text{En: "Barishal"}, Kind: "physical", Place: "1006"}})
	w.legal = w.service(bandhan, []string{"documents", "job"}, w.place, listing.Paper{Code: "passport"})
	w.train = w.service(bandhan, []string{"training", "counselling"}, w.place)
	w.clinic = w.service(other, []string{"health"}, "")
	w.shop = w.service(other, []string{"business"}, "")
	amina := worldtest.Amina()
	w.write(func(ctx context.Context, tx *db.Tx) (err error) {
		r := worldtest.Rahima()
		r.Contacts[0].Safety = "safe"
		r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeProtected, Given: true})
		w.person, err = persons.Register(ctx, tx, amina, r)
		return err
	})
	w.write(func(ctx context.Context, tx *db.Tx) (err error) {
		if w.of, err = cases.Open(ctx, tx, amina, cases.Opening{Person: w.person, Programme: "reintegration", Origin: "self", Why: "wants to begin anew"}); err != nil {
			return err
		}
		return cases.TakeUp(ctx, tx, amina, w.of, 0)
	})
	return w
}

func (w *world) entry(b listing.Body) (id string) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *db.Tx) error {
		e, err := directory.Add(ctx, tx, keya(), directory.Addition{Body: b})
		id = e.ID
		return err
	})
	return id
}

func (w *world) service(of string, needs []string, at string, papers ...listing.Paper) string {
	w.t.Helper()
	s := &listing.Service{Organisation: of, Name: listing.Text{En: "service for " + needs[0]}, State: listing.Active, Needs: needs, Areas: []string{listing.Country}, Papers: papers}
	if at != "" {
		s.At = []listing.Offer{{Location: at}}
	}
	return w.entry(listing.Body{Service: s})
}

func (w *world) write(fn func(ctx context.Context, tx *db.Tx) error) {
	w.t.Helper()
	w.clock.Move(time.Second)
	dbtest.Write(w.t, w.d, func(tx *db.Tx) error { return fn(w.t.Context(), tx) })
}

// try does an act and returns how it was answered.
func (w *world) try(fn func(ctx context.Context, tx *db.Tx) error) error {
	w.t.Helper()
	w.clock.Move(time.Second)
	return w.d.Write(w.t.Context(), func(tx *db.Tx) error { return fn(w.t.Context(), tx) })
}

func (w *world) read(fn func(ctx context.Context, q db.Reader) error) {
	w.t.Helper()
	if err := w.d.Read(w.t.Context(), func(q db.Reader) error { return fn(w.t.Context(), q) }); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) drafting(need string) referrals.Drafting {
	d := referrals.Drafting{Case: w.of, Service: w.legal, Location: w.place, Need: need, Urgency: "days", Typed: sharing.Sheet{"ask": "please help her"}, Papers: []string{"passport"}}
	switch need {
	case "training", "counselling":
		d.Service = w.train
	case "health":
		d.Service, d.Location = w.clinic, ""
	case "business":
		d.Service, d.Location = w.shop, ""
	}
	return d
}

func (w *world) draft(d referrals.Drafting) (id referrals.ID) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = referrals.Draft(ctx, tx, worldtest.Amina(), d)
		return err
	})
	return id
}

// send drafts a referral and sends it.
func (w *world) send(d referrals.Drafting) (id referrals.ID) {
	w.t.Helper()
	id = w.draft(d)
	w.write(func(ctx context.Context, tx *db.Tx) error {
		return referrals.Send(ctx, tx, worldtest.Amina(), referrals.Sending{ID: id, Agreed: true, Method: "spoken", Language: "bn"})
	})
	return id
}

func (w *world) answer(who access.Actor, reply referrals.Reply) error {
	w.t.Helper()
	return w.try(func(ctx context.Context, tx *db.Tx) error { return referrals.Answer(ctx, tx, who, reply) })
}

func (w *world) hear(id referrals.ID, act course.Act) error {
	w.t.Helper()
	return w.try(func(ctx context.Context, tx *db.Tx) error {
		return referrals.Hear(ctx, tx, worldtest.Amina(), referrals.Hearing{ID: id, Act: act, Way: "call"})
	})
}

func (w *world) opened(who access.Actor, id referrals.ID) (a referrals.Arrival, err error) {
	w.t.Helper()
	err = w.try(func(ctx context.Context, tx *db.Tx) (err error) {
		a, err = referrals.OpenArrival(ctx, tx, who, id)
		return err
	})
	return a, err
}

func (w *world) look(id referrals.ID) (r referrals.Referral) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *db.Tx) (err error) {
		r, err = referrals.LookAt(ctx, tx, worldtest.Amina(), id)
		return err
	})
	return r
}

func (w *world) state(id referrals.ID, want course.State) referrals.Referral {
	w.t.Helper()
	r := w.look(id)
	if r.State != want {
		w.t.Fatalf("the referral is %s, want %s", r.State, want)
	}
	return r
}

func (w *world) done(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) work() {
	w.t.Helper()
	if _, err := referrals.Work(w.t.Context(), w.d); err != nil {
		w.t.Fatal(err)
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
