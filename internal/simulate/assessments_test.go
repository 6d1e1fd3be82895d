// SPDX-License-Identifier: Apache-2.0

package simulate_test

import (
	"testing"

	"fera/internal/access"
	"fera/internal/assessments"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/persons"
	"fera/internal/simulate"
	"fera/internal/worldtest"
)

// Some of those whom a caseworker met have answers to look at, and nobody else's people have.
func TestAsk(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	o := simulate.Options{Persons: 12, Seed: 3, District: "3056", Clerks: []access.Actor{worldtest.Amina(), worldtest.Dipu()}}
	if err := simulate.Fill(t.Context(), d, o); err != nil {
		t.Fatal(err)
	}
	if err := simulate.Ask(t.Context(), d, o, 4); err != nil {
		t.Fatal(err)
	}
	asked, scored := 0, 0
	if err := d.Read(t.Context(), func(q db.Reader) error {
		met, err := persons.List(t.Context(), q, worldtest.Amina(), persons.Filter{})
		if err != nil {
			return err
		}
		for _, c := range met.Cards {
			all, err := assessments.List(t.Context(), q, worldtest.Amina(), c.ID)
			if err != nil {
				return err
			}
			if len(all) > 0 {
				asked++
			}
			for _, a := range all {
				if a.Status == assessments.Complete && !a.Protected {
					o, err := assessments.Find(t.Context(), q, worldtest.Amina(), a.ID)
					if err != nil {
						return err
					}
					if len(o.Scores) > 0 && o.Scores[0].Results[0].Value != nil {
						scored++
					}
				}
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if asked < 2 || asked > 4 || scored == 0 {
		t.Errorf("%d were asked and %d answers scored, want up to 4 and some", asked, scored)
	}
}
