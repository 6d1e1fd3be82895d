// SPDX-License-Identifier: Apache-2.0

package cases_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/worldtest"
)

func part() audit.Filter { return audit.Filter{Limit: 100} }

// everything is the content of all tables that a case writes to.
func everything(t *testing.T, d *db.DB) []byte {
	t.Helper()
	var b bytes.Buffer
	reading(t, d, func(ctx context.Context, q db.Reader) error {
		for _, table := range []string{"cases", "case_events", "case_notes", "case_pauses", "case_tasks", "case_approvals", "case_votes", "case_members", "audit_entries", "audit_values", "notices", "operations"} {
			rows, err := q.Query(ctx, "SELECT * FROM "+table)
			if err != nil {
				return err
			}
			columns, err := rows.Columns()
			if err != nil {
				return err
			}
			for rows.Next() {
				cells, into := make([]any, len(columns)), make([]any, len(columns))
				for i := range cells {
					into[i] = &cells[i]
				}
				if err := rows.Scan(into...); err != nil {
					return err
				}
				for _, c := range cells {
					if text, ok := c.([]byte); ok {
						b.Write(text)
						continue
					}
					fmt.Fprintf(&b, "%v ", c)
				}
			}
			rows.Close()
		}
		return nil
	})
	if b.Len() < 1000 {
		t.Fatal("found nothing in the tables")
	}
	return b.Bytes()
}

// A store that outgrew one machine takes its cases along, sealed as they are.
func TestMove(t *testing.T) {
	from, to := dbtest.Open(t, dbtest.SQLite(t), nil), dbtest.Open(t, dbtest.Postgres(t), nil)
	amina := worldtest.Amina()
	id := open(t, from, amina, rahima(t, from, amina))
	forward(t, from, id, cases.Assessed)
	if err := db.Move(t.Context(), from, to, func(string, int64) {}); err != nil {
		t.Fatal(err)
	}
	if was, is := found(t, from, amina, id), found(t, to, amina, id); was.Status != cases.Assessed || was.ID != is.ID || was.Status != is.Status || was.DueOn != is.DueOn || !was.TouchedAt.Equal(is.TouchedAt) {
		t.Errorf("moved %+v, was %+v", is, was)
	}
	write(t, to, func(ctx context.Context, tx *db.Tx) error {
		notes, err := cases.LookAtNotes(ctx, tx, amina, id, cases.Part{})
		if len(notes) != 1 || notes[0].Text != "debts of two lakh" {
			t.Errorf("notes are %+v", notes)
		}
		return err
	})
}
