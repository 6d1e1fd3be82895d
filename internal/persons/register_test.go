// SPDX-License-Identifier: Apache-2.0

package persons_test

import (
	"context"
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

func register(t *testing.T, d *db.DB, who access.Actor, r persons.Registration) (id persons.ID) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		id, err = persons.Register(t.Context(), tx, who, r)
		return err
	})
	return id
}

func find(t *testing.T, d *db.DB, who access.Actor, id persons.ID) (p persons.Person, err error) {
	t.Helper()
	err = d.Read(t.Context(), func(q db.Reader) (err error) {
		p, err = persons.Find(t.Context(), q, who, id)
		return err
	})
	return p, err
}

func list(t *testing.T, d *db.DB, who access.Actor, f persons.Filter) (p persons.Page) {
	t.Helper()
	if err := d.Read(t.Context(), func(q db.Reader) (err error) {
		p, err = persons.List(t.Context(), q, who, f)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRegister(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina := worldtest.Amina()
		id := register(t, d, amina, worldtest.Rahima())
		p, err := find(t, d, amina, id)
		if err != nil {
			t.Fatal(err)
		}
		if p.NameBn != "রহিমা খাতুন" || p.Sex != persons.Female || p.Birth.String() != "1991-04-12" || p.Place != "305670" || p.Version != 1 {
			t.Errorf("card = %+v", p.Card)
		}
		if len(p.Contacts) != 1 || p.Contacts[0].Number != "" || !strings.HasSuffix("01712345678", p.Contacts[0].Last) || p.Contacts[0].Safety != "careful" {
			t.Errorf("contacts = %+v, want one, masked", p.Contacts)
		}
		if !p.Agreed(persons.PurposeRegister) || p.Agreed(persons.PurposeCoordinate) {
			t.Errorf("consents = %+v", p.Consents)
		}
		for _, query := range []string{"রহিমা", "rohima", "Rahima Khatun", "rahima kha", "khatoon rahima", "01712345678", "০১৭১২৩৪৫৬৭৮", "+8801712345678", "Saturia"} {
			if got := list(t, d, amina, persons.Filter{Query: query, Typing: true}); len(got.Cards) != 1 {
				t.Errorf("search %q found %d, want her", query, len(got.Cards))
			}
			if got := list(t, d, worldtest.Basil(), persons.Filter{Query: query, Typing: true}); len(got.Cards) != 0 {
				t.Errorf("search %q by another organisation found %d, want none", query, len(got.Cards))
			}
		}
		if got := list(t, d, amina, persons.Filter{}); len(got.Cards) != 1 || got.Next != "" {
			t.Errorf("list = %+v", got)
		}
	})
}

// What follows from consent: her home area's desk sees her only if she agreed.
func TestConsentOpensToArea(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		id := register(t, d, worldtest.Amina(), worldtest.Rahima())
		gita := worldtest.Gita()
		sees := func() bool {
			_, err := find(t, d, gita, id)
			if err != nil && fault.KindOf(err) != fault.NotFound {
				t.Fatal(err)
			}
			return err == nil
		}
		answer := func(yes bool) {
			dbtest.Write(t, d, func(tx *db.Tx) error {
				return persons.AnswerConsent(t.Context(), tx, worldtest.Amina(), id, persons.Consent{Purpose: persons.PurposeCoordinate, Given: yes})
			})
		}
		if sees() {
			t.Error("the area's desk sees her before she was asked")
		}
		if answer(true); !sees() {
			t.Error("she agreed, and the area's desk does not see her")
		}
		if answer(false); sees() {
			t.Error("she withdrew, and the area's desk still sees her")
		}
	})
}

// The same act sent twice makes one person; other content under its id is refused.
func TestRegisterRepeated(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := worldtest.Rahima()
		r.Operation = "op-1"
		first, second := register(t, d, worldtest.Amina(), r), register(t, d, worldtest.Amina(), r)
		if first != second {
			t.Errorf("made %s and %s, want one", first, second)
		}
		other := worldtest.Rahima()
		other.Operation, other.Values[persons.NameLatin] = "op-1", "Somebody Else"
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := persons.Register(context.Background(), tx, worldtest.Amina(), other)
			return err
		})
		if fault.KindOf(err) != fault.Conflict {
			t.Errorf("other content under the same id: %v, want a conflict", err)
		}
	})
}

// The words that she agreed to are kept: her area's desk sees name, age and area, and nothing else.
func TestAreaSeesTheCardOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := worldtest.Rahima()
		r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeCoordinate, Given: true})
		id := register(t, d, worldtest.Amina(), r)
		gita := worldtest.Gita()
		p, err := find(t, d, gita, id)
		if err != nil || !p.CardOnly || p.NameLatin != "Rahima Khatun" {
			t.Fatalf("Find = %+v, %v, want her card", p.Card, err)
		}
		if len(p.Claims)+len(p.Contacts)+len(p.Consents)+len(p.Recorded) > 0 {
			t.Errorf("the desk sees more than the card: %+v", p)
		}
		d.Read(t.Context(), func(q db.Reader) error {
			if _, err := persons.History(t.Context(), q, gita, id, audit.Filter{}); fault.KindOf(err) != fault.Forbidden {
				t.Errorf("History: %v, want refused", err)
			}
			return nil
		})
		for name, act := range map[string]func(tx *db.Tx) error{
			"Reveal": func(tx *db.Tx) error {
				_, err := persons.Reveal(t.Context(), tx, gita, persons.RowOf{Person: id, Row: persons.ContactRow, ID: "x"})
				return err
			},
			"BreakGlass": func(tx *db.Tx) error {
				_, err := persons.BreakGlass(t.Context(), tx, gita, id, "because I am curious about her")
				return err
			},
			"Change": func(tx *db.Tx) error {
				return persons.Change(t.Context(), tx, gita, persons.Amendment{Person: id, Version: 1, Values: map[persons.Field]string{persons.CallName: "Rahi"}})
			},
		} {
			if err := d.Write(t.Context(), act); fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s: %v, want refused", name, err)
			}
		}
	})
}

// Nobody puts a person on her own caseload, and so sees what is protected without the glass.
func TestAssignRefusesOneself(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		id := register(t, d, worldtest.Amina(), worldtest.Rahima())
		chandra := worldtest.Chandra()
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			return persons.Assign(t.Context(), tx, chandra, persons.Assignment{Person: id, User: chandra.ID, On: true})
		})
		if fault.KindOf(err) != fault.Forbidden {
			t.Errorf("Assign to herself: %v, want refused", err)
		}
	})
}

// What happened to her is not written down before she agreed to that.
func TestProtectedNeedsItsOwnConsent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina := worldtest.Amina()
		r := worldtest.Rahima()
		r.Values[persons.Ethnicity] = "Garo"
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := persons.Register(t.Context(), tx, amina, r)
			return err
		})
		if f := fault.Of(err); f == nil || f.Key != "person.protected_consent_needed" {
			t.Errorf("Register: %v, want person.protected_consent_needed", err)
		}
		id := register(t, d, amina, worldtest.Rahima())
		ask := func() error {
			return d.Write(t.Context(), func(tx *db.Tx) error {
				return persons.RecordFunctioning(t.Context(), tx, amina, id, persons.Functioning{Vision: 2})
			})
		}
		if err := ask(); fault.KindOf(err) != fault.Invalid {
			t.Errorf("RecordFunctioning: %v, want it refused", err)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error {
			return persons.AnswerConsent(t.Context(), tx, amina, id, persons.Consent{Purpose: persons.PurposeProtected, Given: true})
		})
		if err := ask(); err != nil {
			t.Errorf("RecordFunctioning once she agreed: %v", err)
		}
	})
}
