// SPDX-License-Identifier: Apache-2.0

package persons_test

import (
	"context"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/seal"
	"fera/internal/worldtest"
)

func withdraw(d *db.DB, who access.Actor, w persons.Withdrawal) error {
	return d.Write(context.Background(), func(tx *db.Tx) error { return persons.Withdraw(context.Background(), tx, who, w) })
}

func TestWithdrawnIsAsNeverEntered(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		rahima := register(t, d, worldtest.Amina(), protect(marked()))
		sister := worldtest.Rahima()
		sister.Relations = []persons.Relation{{Relation: "sister", Other: rahima}}
		other := register(t, d, worldtest.Amina(), sister)
		if err := withdraw(d, worldtest.Chandra(), persons.Withdrawal{Person: rahima, Version: 1, Reason: "the wrong list"}); err != nil {
			t.Fatal(err)
		}
		if _, err := find(t, d, worldtest.Chandra(), rahima); fault.KindOf(err) != fault.NotFound {
			t.Errorf("she is found: %v", err)
		}
		if p, err := find(t, d, worldtest.Chandra(), other); err != nil || p.Relations[0].Other != "" || p.Relations[0].Name == "" {
			t.Errorf("her sister's family: %+v %v", p.Relations, err)
		}
		if got := list(t, d, worldtest.Chandra(), persons.Filter{Query: "0" + canaryNumber}); len(got.Cards) != 0 {
			t.Errorf("her number finds %v", got.Cards)
		}
	})
}

func TestWithdrawRefuses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		id := register(t, d, worldtest.Amina(), worldtest.Rahima())
		for name, test := range map[string]struct {
			who  access.Actor
			what persons.Withdrawal
			want fault.Kind
		}{
			"a caseworker":             {worldtest.Amina(), persons.Withdrawal{Person: id, Version: 1, Reason: "x"}, fault.Forbidden},
			"another organisation":     {worldtest.Basil(), persons.Withdrawal{Person: id, Version: 1, Reason: "x"}, fault.NotFound},
			"who read an older record": {worldtest.Chandra(), persons.Withdrawal{Person: id, Version: 2, Reason: "x"}, fault.Conflict},
			"without a reason":         {worldtest.Chandra(), persons.Withdrawal{Person: id, Version: 1}, fault.Invalid},
		} {
			if err := withdraw(d, test.who, test.what); fault.KindOf(err) != test.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := find(t, d, worldtest.Amina(), id); err != nil {
			t.Errorf("she is gone: %v", err)
		}
	})
}

// An older backup may not know her at all; the list of erasures does.
func TestErasingAgainWhomABackupNeverHadIsNoFailure(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		e := seal.Erasure{Subject: "00000000-0000-7000-8000-0000000000ff", ErasedAt: d.Now(), Receipt: "x"}
		dbtest.Write(t, d, func(tx *db.Tx) error { return persons.EraseAgain(t.Context(), tx, e) })
	})
}

func TestUntouchedUntilSomebodyActs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		id := register(t, d, worldtest.Amina(), worldtest.Rahima())
		untouched := func() (free bool) {
			if err := d.Read(t.Context(), func(q db.Reader) (err error) {
				free, err = persons.Untouched(t.Context(), q, id)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return free
		}
		if !untouched() {
			t.Error("touched right after she was registered")
		}
		dbtest.Write(t, d, func(tx *db.Tx) error {
			return persons.Assign(t.Context(), tx, worldtest.Chandra(), persons.Assignment{Person: id, User: worldtest.Dipu().ID, On: true})
		})
		if untouched() {
			t.Error("she is on a caseload, and counts as untouched")
		}
	})
}

func TestConsentGivenElsewhereSaysWhoAskedAndWhen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		day := time.Date(2029, 12, 1, 0, 0, 0, 0, time.UTC)
		r := worldtest.Rahima()
		r.Consents = []persons.Consent{{Purpose: persons.PurposeRegister, Given: true, TextVersion: persons.Elsewhere, AskedName: "BRAC", AskedBy: "somebody", At: day}}
		p, err := find(t, d, worldtest.Amina(), register(t, d, worldtest.Amina(), r))
		if c := p.Consents; err != nil || len(c) != 1 || c[0].AskedName != "BRAC" || c[0].AskedBy != "" || !c[0].At.Equal(day) {
			t.Errorf("%+v %v", c, err)
		}
		for name, c := range map[string]persons.Consent{
			"no day":  {Purpose: persons.PurposeRegister, Given: true, TextVersion: persons.Elsewhere, AskedName: "BRAC"},
			"nobody":  {Purpose: persons.PurposeRegister, Given: true, TextVersion: persons.Elsewhere, At: day},
			"a cloud": {Purpose: persons.PurposeRegister, Given: true, TextVersion: persons.Elsewhere, AskedName: "a\x00b", At: day},
		} {
			r.Consents = []persons.Consent{c}
			err := d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := persons.Register(context.Background(), tx, worldtest.Amina(), r)
				return err
			})
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		r.Consents = []persons.Consent{{Purpose: persons.PurposeRegister, Given: true, AskedName: "BRAC", At: day}}
		p, err = find(t, d, worldtest.Amina(), register(t, d, worldtest.Amina(), r))
		if err != nil || p.Consents[0].AskedName != "Amina" || p.Consents[0].At.Equal(day) {
			t.Errorf("consent asked here: %+v %v, want who asked and now", p.Consents, err)
		}
	})
}
