// SPDX-License-Identifier: Apache-2.0

package operations_test

import (
	"fmt"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/operations"
)

func once(t *testing.T, d *db.DB, id, subject, content string) (earlier string, err error) {
	t.Helper()
	err = d.Maintain(t.Context(), func(tx *db.Tx) (err error) {
		earlier, err = operations.Once(t.Context(), tx, access.Actor{ID: "amina"}, id, subject, []byte(content))
		return err
	})
	return earlier, err
}

func TestOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, want := range []string{"", "person-1"} {
			if got, err := once(t, d, "op-1", "person-1", "content"); got != want || err != nil {
				t.Errorf("Once = %q, %v, want %q", got, err, want)
			}
		}
		if _, err := once(t, d, "op-1", "person-2", "other content"); fault.KindOf(err) != fault.Conflict {
			t.Errorf("other content under one id: %v, want a conflict", err)
		}
	})
}

// An operation is forgotten when nobody will send it again, however many there are, and not before.
func TestSweep(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		for i := range 1200 {
			if _, err := once(t, d, fmt.Sprintf("op-%d", i), "person", "content"); err != nil {
				t.Fatal(err)
			}
		}
		clock.Move(operations.Lasts - time.Hour)
		if _, err := once(t, d, "young", "person", "content"); err != nil {
			t.Fatal(err)
		}
		left := func() (n int) {
			if err := operations.Sweep(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			if err := d.Read(t.Context(), func(q db.Reader) error {
				return q.QueryRow(t.Context(), `SELECT count(*) FROM operations`).Scan(&n)
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := left(); n != 1201 {
			t.Errorf("%d are left before their time, want all", n)
		}
		clock.Move(2 * time.Hour)
		if n := left(); n != 1 {
			t.Errorf("%d are left, want the young one", n)
		}
	})
}
