// SPDX-License-Identifier: Apache-2.0

package handovers_test

import (
	"context"
	"errors"
	"testing"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/handovers"
	"fera/internal/persons"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/referrals/sharing"
	"fera/internal/worldtest"
)

// brought is a referral that Bandhan, a network of its own, brings to Aparajita.
func (w *world) brought(need string) (id referrals.ID) {
	w.t.Helper()
	all := access.System(access.Permissions()...)
	w.write(func(ctx context.Context, tx *db.Tx) error {
		o, err := directory.Add(ctx, tx, all, directory.Addition{Body: listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: "Aparajita"}, Partner: worldtest.Aparajita}}})
		if err != nil {
			return err
		}
		s, err := directory.Add(ctx, tx, all, directory.Addition{Body: listing.Body{Service: &listing.Service{Organisation: o.ID, Name: listing.Text{En: need}, State: listing.Active, Needs: []string{need}, Areas: []string{listing.Country}}}})
		if err != nil {
			return err
		}
		id, err = referrals.Bring(ctx, tx, lima(), referrals.Bringing{Reference: "B-" + need, Service: s.ID, Need: need, Urgency: "days",
			Sheet:     sharing.Sheet{"ask": "zqask of her", "sex": "female", "name": "ময়না / Moyna", "district": "3056", "contact": "01812345678;husband;call,sms;evenings"},
			Statement: referrals.Statement{Agreed: true, Method: "spoken", Language: "bn", By: "Lima", On: dates.Of(tx.Now())}})
		return err
	})
	return id
}

// What another network wrote fills the registration in, and nothing in it is taken for what she herself said.
func TestPrefillTakesWhatWasWritten(t *testing.T) {
	r := handovers.Prefill(sharing.Sheet{"name": "ময়না / Moyna", "sex": "female", "district": "3056", "birth": "1990", "contact": "01812345678;husband;call,sms;evenings", "ask": "x", "what_happened": "y"})
	for f, want := range map[persons.Field]string{persons.NameBn: "ময়না", persons.NameLatin: "Moyna", persons.SexField: "female", persons.Birth: "1990", persons.Home: "3056"} {
		if r.Values[f] != want {
			t.Errorf("%s is %q, want %q", f, r.Values[f], want)
		}
	}
	if len(r.Consents) != 0 || len(r.Contacts) != 1 || r.Contacts[0].Safety != "careful" || r.Contacts[0].Owner != "husband" || len(r.Contacts[0].Ways) != 2 {
		t.Errorf("filled in: %+v", r)
	}
	for name, want := range map[string]persons.Field{"ময়না": persons.NameBn, "Moyna": persons.NameLatin} {
		if got := handovers.Prefill(sharing.Sheet{"name": name}); got.Values[want] != name {
			t.Errorf("%s: %+v", name, got.Values)
		}
	}
	if got := handovers.Prefill(nil); len(got.Contacts) != 0 {
		t.Errorf("nothing gives %+v", got)
	}
}

// Who was brought is registered once, after it was agreed to serve her, by who received her, and with her own consent.
func TestWhoWasBroughtIsAdmittedOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id, amina := w.brought("job"), worldtest.Amina()
		yes := []persons.Consent{{Purpose: persons.PurposeRegister, Given: true}}
		admit := func(who access.Actor, consents []persons.Consent) (of cases.ID, err error) {
			err = w.try(func(ctx context.Context, tx *db.Tx) error {
				a, err := referrals.OpenArrival(ctx, tx, who, id)
				if err != nil {
					return err
				}
				r := handovers.Prefill(a.Sheet)
				r.Consents = consents
				of, err = handovers.Admit(ctx, tx, who, handovers.Intake{Referral: id, Registration: r, Programme: "reintegration"})
				return err
			})
			return of, err
		}
		_, err := admit(amina, yes)
		refused(t, err, "handover.not_agreed")
		_, err = admit(worldtest.Basil(), yes)
		refused(t, err, "referral.not_found")
		w.write(func(ctx context.Context, tx *db.Tx) error {
			return referrals.Answer(ctx, tx, amina, referrals.Reply{ID: id, Act: course.Accept})
		})
		_, err = admit(amina, nil)
		refused(t, err, "person.consent_needed")
		of, err := admit(amina, yes)
		w.done(err)
		if again, err := admit(amina, yes); err != nil || again != of {
			t.Errorf("again it is %s, %v", again, err)
		}
		var n int
		w.read(func(ctx context.Context, q db.Reader) error {
			c, err := cases.Find(ctx, q, amina, of)
			if c.Origin != "referral" {
				t.Errorf("she came by %s", c.Origin)
			}
			return errors.Join(err, q.QueryRow(ctx, `SELECT count(*) FROM persons`).Scan(&n))
		})
		if n != 1 {
			t.Errorf("%d records, want 1", n)
		}
	})
}

// Why a case was opened is class 2, and says nothing of a need that is class 3.
func TestAProtectedNeedIsNoReasonInTheOpen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id, amina := w.brought("counselling"), worldtest.Amina()
		w.write(func(ctx context.Context, tx *db.Tx) error {
			return referrals.Answer(ctx, tx, amina, referrals.Reply{ID: id, Act: course.Accept})
		})
		var history []cases.Event
		w.write(func(ctx context.Context, tx *db.Tx) error {
			a, err := referrals.OpenArrival(ctx, tx, amina, id)
			if err != nil {
				return err
			}
			r := handovers.Prefill(a.Sheet)
			r.Consents = []persons.Consent{{Purpose: persons.PurposeRegister, Given: true}}
			of, err := handovers.Admit(ctx, tx, amina, handovers.Intake{Referral: id, Registration: r, Programme: "reintegration"})
			if err != nil {
				return err
			}
			history, err = cases.History(ctx, tx, amina, of, cases.Part{})
			return err
		})
		if len(history) != 1 || history[0].Why != "" {
			t.Errorf("the history says %+v", history)
		}
	})
}
