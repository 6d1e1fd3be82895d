// SPDX-License-Identifier: Apache-2.0

package persons_test

import (
	"testing"
	"time"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// Paper goes home only with who said that it is safe there, and what she said last counts, whoever said more before.
func TestPaperGoesHomeOnlyWhereItIsSafe(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina := worldtest.Amina()
		id := register(t, d, amina, worldtest.Rahima())
		want := func(said, refusal string) {
			t.Helper()
			p, err := find(t, d, amina, id)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if f := fault.Of(p.MayCarry()); f != nil {
				got = f.Key
			}
			if p.PapersAtHome() != said || got != refusal {
				t.Errorf("she said %q and it is refused with %q, want %q and %q", p.PapersAtHome(), got, said, refusal)
			}
		}
		say := func(value string, source persons.Source) {
			t.Helper()
			clock.Move(time.Second)
			p, err := find(t, d, amina, id)
			if err != nil {
				t.Fatal(err)
			}
			dbtest.Write(t, d, func(tx *db.Tx) error {
				return persons.Change(t.Context(), tx, amina, persons.Amendment{Person: id, Version: p.Version, Source: source, Values: map[persons.Field]string{persons.PapersHome: value}})
			})
		}
		want("", "person.papers_unasked")
		say("yes", persons.OwnWord)
		want("yes", "")
		say("no", persons.OfficersEye) // less trusted, but later
		want("no", "person.papers_unsafe")
		say("yes", persons.OwnWord)
		want("yes", "")
		p, err := find(t, d, amina, id)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			return persons.Change(t.Context(), tx, amina, persons.Amendment{Person: id, Version: p.Version, Source: persons.OwnWord, Values: map[persons.Field]string{persons.PapersHome: "perhaps"}})
		}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("perhaps was kept: %v", err)
		}
	})
}
