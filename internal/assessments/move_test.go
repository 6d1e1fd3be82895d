// SPDX-License-Identifier: Apache-2.0

package assessments_test

import (
	"testing"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/worldtest"
)

// A store that outgrew one machine takes its questionnaires and answers along, sealed as they are.
func TestMove(t *testing.T) {
	from, to := dbtest.Open(t, dbtest.SQLite(t), nil), dbtest.Open(t, dbtest.Postgres(t), nil)
	amina := worldtest.Amina()
	p := rahima(t, from)
	id := begin(t, from, amina, p, "phq9")
	save(t, from, amina, id, phq9(1, 1, 1, 1, 1, 1, 1, 1, 1))
	finish(t, from, amina, id, "")
	if err := db.Move(t.Context(), from, to, func(string, int64) {}); err != nil {
		t.Fatal(err)
	}
	o, err := look(t, to, amina, id)
	if err != nil || value(t, o, "total") != 9 || len(o.Alerts) != 1 || o.Alerts[0].Message["en"] == "" {
		t.Errorf("moved %+v: %v", o.Assessment, err)
	}
}
