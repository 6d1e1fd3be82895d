// SPDX-License-Identifier: Apache-2.0

package centres_test

import (
	"context"
	"testing"

	"fera/internal/access"
	"fera/internal/centres"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/ids"
	"fera/internal/worldtest"
)

// A training office is a centre of its own: who practises there finds no real one, nobody else finds hers, and its tickets are apart.
func TestPracticeHasACentreOfItsOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		centre(t, d, centres.Counter{})
		a := access.Actor{ID: ids.Apart(dbtest.Noon), Name: "Amina", Office: ids.Apart(dbtest.Noon), Organisation: ids.Apart(dbtest.Noon)}
		a = access.Practising(a, map[access.Role]bool{access.Supervisor: true})
		if err := d.Maintain(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Exec(t.Context(), `INSERT INTO organisations (id, name_en, name_bn, kind, added_at, version) VALUES (?, 'x', 'x', 'ngo', ?, 1)`, a.Organisation, tx.Now()); err != nil {
				return err
			}
			_, err := tx.Exec(t.Context(), `INSERT INTO offices (id, organisation_id, name_en, name_bn, kind, place_code, opened_at, version) VALUES (?, ?, 'x', 'x', 'training', '30', ?, 1)`, a.Office, a.Organisation, tx.Now())
			return err
		}); err != nil {
			t.Fatal(err)
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return centres.Set(ctx, tx, a, centres.Setting{Office: a.Office, Hours: weekday()})
		})
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := centres.SetUp(ctx, tx, a, centres.Counter{Office: a.Office, Organisation: worldtest.Aparajita, Number: 1, Letter: "A", NameEn: "x"})
			if key(err) != "office.organisation_needed" {
				t.Errorf("a real organisation sits at a training office: %v", err)
			}
			_, err = centres.SetUp(ctx, tx, a, centres.Counter{Office: a.Office, Organisation: a.Organisation, Number: 1, Letter: "A", NameEn: "x"})
			return err
		})
		var made centres.Ticket
		write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
			made, err = centres.Draw(ctx, tx, a, centres.Drawing{Office: a.Office, Need: "job"})
			return err
		})
		if !ids.IsApart(made.ID) {
			t.Errorf("the ticket %s is not apart", made.ID)
		}
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			for who, others := range map[string]struct {
				actor access.Actor
				at    string
			}{"who practises": {a, office}, "an administrator of everything": {worldtest.Farid(), a.Office}, "Chandra": {worldtest.Chandra(), a.Office}} {
				if _, err := centres.Find(ctx, q, others.actor, others.at); key(err) != "centre.not_found" {
					t.Errorf("%s finds the other centre: %v", who, err)
				}
			}
			mine, err := centres.List(ctx, q, a)
			if len(mine) != 1 || mine[0].Office.ID != a.Office {
				t.Errorf("who practises lists %d centres", len(mine))
			}
			return err
		})
	})
}
