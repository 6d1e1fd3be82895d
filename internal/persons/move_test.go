// SPDX-License-Identifier: Apache-2.0

package persons_test

import (
	"testing"

	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// A store that outgrew one machine goes over to PostgreSQL whole: people, keys and trail.
func TestMove(t *testing.T) {
	from, to := dbtest.Open(t, dbtest.SQLite(t), nil), dbtest.Open(t, dbtest.Postgres(t), nil)
	amina := worldtest.Amina()
	id := register(t, from, amina, worldtest.Rahima())
	dbtest.Write(t, from, func(tx *db.Tx) error {
		return persons.Change(t.Context(), tx, amina, persons.Amendment{Person: id, Version: 1, Source: persons.FromNID, Values: map[persons.Field]string{persons.Birth: "1990-01-01"}})
	})
	if _, err := audit.Seal(t.Context(), from); err != nil {
		t.Fatal(err)
	}
	tables := 0
	if err := db.Move(t.Context(), from, to, func(string, int64) { tables++ }); err != nil {
		t.Fatal(err)
	}
	if tables < 10 {
		t.Errorf("moved %d tables, want all", tables)
	}
	before, err := find(t, from, amina, id)
	if err != nil {
		t.Fatal(err)
	}
	after, err := find(t, to, amina, id)
	if err != nil {
		t.Fatal(err)
	}
	if before.Card != after.Card || len(before.Claims) != len(after.Claims) || before.Birth.String() != "1990-01-01" {
		t.Errorf("moved %+v, want %+v", after.Card, before.Card)
	}
	if got := list(t, to, amina, persons.Filter{Query: "rahima"}); len(got.Cards) != 1 {
		t.Errorf("search found %d, want her", len(got.Cards))
	}
	var number string
	dbtest.Write(t, to, func(tx *db.Tx) (err error) {
		number, err = persons.Reveal(t.Context(), tx, amina, persons.RowOf{Person: id, Row: persons.ContactRow, ID: after.Contacts[0].ID})
		return err
	})
	if number != "+8801712345678" {
		t.Errorf("revealed %q", number)
	}
	var report audit.Report
	to.Read(t.Context(), func(q db.Reader) (err error) {
		report, err = audit.Verify(t.Context(), q)
		return err
	})
	if !report.Holds() || report.Entries != 2 {
		t.Errorf("the trail: %+v", report)
	}
}

// A value of no bytes is not the same as none.
func TestMoveKeepsEmptyValues(t *testing.T) {
	from, to := dbtest.Open(t, dbtest.SQLite(t), nil), dbtest.Open(t, dbtest.Postgres(t), nil)
	register(t, from, worldtest.Amina(), worldtest.Rahima())
	if err := from.Maintain(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE person_contacts SET sealed = ?`, []byte{})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.Move(t.Context(), from, to, func(string, int64) {}); err != nil {
		t.Fatal(err)
	}
	if err := to.Read(t.Context(), func(q db.Reader) error {
		var n int
		err := q.QueryRow(t.Context(), `SELECT count(*) FROM person_contacts WHERE length(sealed) = 0`).Scan(&n)
		if n == 0 {
			t.Error("the empty value is not there")
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
