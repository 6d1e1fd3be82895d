// SPDX-License-Identifier: Apache-2.0

package procedures_test

import (
	"slices"
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/assessments"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/persons"
	"fera/internal/plans"
	"fera/internal/procedures"
	"fera/internal/seal"
	"fera/internal/services"
	"fera/internal/worldtest"
)

// busy is a person of whom every room has something.
func busy(t *testing.T, d *db.DB) (p persons.ID, id cases.ID) {
	t.Helper()
	ctx, amina := t.Context(), worldtest.Amina()
	r := worldtest.Rahima()
	r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeProtected, Given: true})
	for _, step := range []func(tx *db.Tx) error{
		func(tx *db.Tx) (err error) { p, err = persons.Register(ctx, tx, amina, r); return err },
		func(tx *db.Tx) error {
			_, err := assessments.Begin(ctx, tx, amina, assessments.Beginning{Person: p, Name: "progress_check", Language: "bn"})
			return err
		},
		func(tx *db.Tx) (err error) {
			id, err = cases.Open(ctx, tx, amina, cases.Opening{Person: p, Programme: "reintegration", Origin: "self", Why: "Zqwhy"})
			return err
		},
		func(tx *db.Tx) error { return cases.TakeUp(ctx, tx, amina, id, 0) },
		func(tx *db.Tx) error {
			return cases.Rate(ctx, tx, amina, cases.Rating{Case: id, Risk: cases.High, Why: "Zqreason of ten letters"})
		},
		func(tx *db.Tx) error {
			_, err := plans.Draw(ctx, tx, amina, plans.Drawing{Case: id, Goals: []plans.Goal{{Dimension: plans.Economic, Level: plans.Individual, Words: "Zqgoal",
				Steps: []plans.Step{{What: "Zqstep", Who: "returnee", By: dates.Partial{Year: 2030, Month: 4, Day: 1}}}}}})
			return err
		},
		func(tx *db.Tx) error {
			_, err := services.Log(ctx, tx, amina, services.Giving{Case: id, Code: "counselling_basic", Notes: "Zqnotes"})
			return err
		},
		func(tx *db.Tx) error {
			_, err := services.Log(ctx, tx, amina, services.Giving{Case: id, Code: "food", Remark: "Zqremark"})
			return err
		},
	} {
		dbtest.Write(t, d, step)
	}
	return p, id
}

// hasKey tells whether anything can be sealed, and so opened, under a person's key.
func hasKey(t *testing.T, d *db.DB, p persons.ID) (has bool) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) error {
		_, err := seal.Seal(t.Context(), tx, string(p), "probe", []byte("x"))
		has = err == nil
		return nil
	})
	return has
}

// Erasing reaches every room that has a table which leads to persons, and nobody sees anything of her afterwards.
func TestEraseReachesEveryRoom(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		p, id := busy(t, d)
		other, _ := busy(t, d)
		if !hasKey(t, d, p) {
			t.Fatal("there is no key to destroy")
		}
		var receipts []seal.Erasure
		dbtest.Write(t, d, func(tx *db.Tx) (err error) {
			receipts, err = procedures.Erase(t.Context(), tx, worldtest.Esha(), p, "she asked for it")
			return err
		})
		if len(receipts) != 1 || hasKey(t, d, p) || !hasKey(t, d, other) {
			t.Errorf("receipts %v; her key is there: %t; the other's: %t", receipts, hasKey(t, d, p), hasKey(t, d, other))
		}
		if err := d.Read(t.Context(), func(q db.Reader) error {
			for _, who := range worldtest.Cast() {
				if _, err := cases.Find(t.Context(), q, who, id); err == nil {
					t.Errorf("%s sees the case", who.Name)
				}
			}
			for table, left := range map[string]int{"case_events": 0, "case_notes": 0, "plan_steps": 0, "assessment_answers": 0} {
				var n int
				if err := q.QueryRow(t.Context(), count(table), string(p)).Scan(&n); err != nil {
					return err
				}
				if n != left {
					t.Errorf("%d rows of %s are left, want %d", n, table, left)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error { return procedures.EraseAgain(t.Context(), tx, receipts[0]) })
		dbtest.Write(t, d, func(tx *db.Tx) error { // those of the other are as they were
			_, err := cases.LookAtNotes(t.Context(), tx, worldtest.Amina(), otherCase(t, tx, other), cases.Part{})
			return err
		})
	})
}

func otherCase(t *testing.T, tx *db.Tx, p persons.ID) cases.ID {
	t.Helper()
	all, err := cases.Of(t.Context(), tx, worldtest.Amina(), p)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	return all[0].ID
}

// count is a query for the rows of a table that belong to a person.
func count(table string) string {
	switch {
	case strings.HasPrefix(table, "case_"):
		return `SELECT count(*) FROM ` + table + ` r JOIN cases c ON c.id = r.case_id WHERE c.person_id = ?`
	case strings.HasPrefix(table, "plan_"):
		return `SELECT count(*) FROM ` + table + ` r JOIN plans p ON p.id = r.plan_id JOIN cases c ON c.id = p.case_id WHERE c.person_id = ?`
	}
	return `SELECT count(*) FROM ` + table + ` r JOIN assessments a ON a.id = r.assessment_id WHERE a.person_id = ?`
}

// Each table that leads to persons, itself or through another, is known here with the room that forgets it.
func TestEveryTableOfAPersonHasARoomThatForgets(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	rooms := []string{"activity", "appointments", "assessment", "call", "calls", "case", "cases", "centre", "forum", "message", "messages", "person", "persons", "plan", "plans", "service", "services", "shelter"}
	if err := d.Read(t.Context(), func(q db.Reader) error {
		rows, err := q.Query(t.Context(), `WITH RECURSIVE leads (name) AS (SELECT 'persons' UNION
			SELECT m.name FROM leads, sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' AND f."table" = leads.name) SELECT name FROM leads ORDER BY name`)
		all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (s string, err error) { err = r.Scan(&s); return s, err })
		for _, table := range all {
			room, _, _ := strings.Cut(table, "_")
			if !slices.Contains(rooms, room) && table != "assessments" {
				t.Errorf("%s leads to persons, and no room here forgets it", table)
			}
		}
		if len(all) < 20 {
			t.Errorf("found %d tables, which cannot be all", len(all))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// Who may not erase erases nothing of any room.
func TestOnlyTheOfficerErases(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		p, id := busy(t, d)
		for _, who := range worldtest.Cast() {
			if who.Holds(access.ErasePerson) {
				continue
			}
			if err := d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := procedures.Erase(t.Context(), tx, who, p, "so")
				return err
			}); err == nil {
				t.Errorf("%s erased her", who.Name)
			}
		}
		if err := d.Read(t.Context(), func(q db.Reader) error {
			events, err := cases.History(t.Context(), q, worldtest.Amina(), id, cases.Part{})
			if len(events) != 3 {
				t.Errorf("the history has %d events, want 3", len(events))
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}
