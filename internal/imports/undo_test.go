// SPDX-License-Identifier: Apache-2.0

package imports_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/imports"
	"fera/internal/index"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

func TestABatchIsTakenBackWithoutATrace(t *testing.T) {
	each(t, func(w *world) {
		w.must(func(ctx context.Context, tx *db.Tx) error {
			_, err := persons.Register(ctx, tx, w.boss, worldtest.Rahima())
			return err
		})
		if _, err := index.Settle(t.Context(), w.d, index.Bulk); err != nil {
			t.Fatal(err)
		}
		before := w.rows()
		b := w.send(strings.NewReplacer("01712345678", "01312345678", "1991-04-12", "1992-04-12").Replace(list))
		w.check(b.ID, w.planned(b.ID))
		w.enter(b.ID)
		if maps.Equal(before, w.rows()) {
			t.Fatal("nobody was entered")
		}
		w.undo(b.ID)
		if b = w.find(b.ID); b.State != imports.Undone || b.Taken != 3 || b.Clashes != 0 || b.Reason != "the wrong file" {
			t.Errorf("%+v", b)
		}
		if got := w.rows(); !maps.Equal(got, before) {
			t.Errorf("rows = %v, want %v", got, before)
		}
		var keys, scopes int
		if err := w.d.Read(t.Context(), func(q db.Reader) error {
			return errors.Join(q.QueryRow(t.Context(), `SELECT count(*) FROM seal_keys k WHERE EXISTS (SELECT 1 FROM import_rows r WHERE r.person_id = k.subject_id)`).Scan(&keys),
				q.QueryRow(t.Context(), `SELECT count(*) FROM access_scopes s WHERE EXISTS (SELECT 1 FROM import_rows r WHERE r.person_id = s.subject_id)`).Scan(&scopes))
		}); err != nil || keys+scopes != 0 {
			t.Errorf("%d keys and %d scopes are left, %v", keys, scopes, err)
		}
		if _, err := audit.Seal(t.Context(), w.d); err != nil {
			t.Fatal(err)
		}
		err := w.d.Read(t.Context(), func(q db.Reader) error {
			report, err := audit.Verify(t.Context(), q)
			if err == nil && !report.Holds() {
				t.Errorf("the trail does not hold: %+v", report)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestWhoeverWasTouchedSinceStaysAndIsListed(t *testing.T) {
	each(t, func(w *world) {
		b := w.send(list)
		w.check(b.ID, w.planned(b.ID))
		w.enter(b.ID)
		all := w.people()
		selina, karim := all[0], all[1]
		w.must(func(ctx context.Context, tx *db.Tx) error {
			return persons.Change(ctx, tx, w.clerk, persons.Amendment{Person: selina.ID, Version: 1, Values: map[persons.Field]string{persons.FatherName: "Motin"}})
		})
		w.must(func(ctx context.Context, tx *db.Tx) error {
			_, err := persons.Reveal(ctx, tx, w.clerk, persons.RowOf{Person: karim.ID, Row: persons.ContactRow, ID: w.person(karim.ID).Contacts[0].ID})
			return err
		})
		w.undo(b.ID)
		b = w.find(b.ID)
		clashes := w.lines(b.ID, imports.RowClash)
		if b.Taken != 2 || b.Clashes != 1 || len(clashes) != 1 || clashes[0].Person != string(selina.ID) {
			t.Fatalf("%+v, clashes %+v: to look is not to touch", b.Counts, clashes)
		}
		if p := w.person(selina.ID); p.Version != 2 || len(w.people()) != 1 {
			t.Errorf("she was changed: %+v", p.Card)
		}
		settle := func(version int, remove bool) error {
			return w.write(func(ctx context.Context, tx *db.Tx) error {
				return imports.Settle(ctx, tx, w.boss, imports.Settlement{Batch: b.ID, Row: clashes[0].Number, Version: version, Remove: remove})
			})
		}
		if err := settle(1, true); fault.KindOf(err) != fault.Conflict {
			t.Errorf("taken back as she was before the change: %v, want a conflict", err)
		}
		if err := settle(2, true); err != nil || len(w.people()) != 0 {
			t.Errorf("taken back: %v, %d people", err, len(w.people()))
		}
		if err := settle(2, true); fault.KindOf(err) != fault.Conflict {
			t.Errorf("settled twice: %v", err)
		}
	})
}

func TestAClashCanBeKept(t *testing.T) {
	each(t, func(w *world) {
		b := w.send(list)
		w.check(b.ID, w.planned(b.ID))
		w.enter(b.ID)
		id := w.people()[0].ID
		w.must(func(ctx context.Context, tx *db.Tx) error {
			return persons.AddContact(ctx, tx, w.clerk, id, persons.Contact{Number: "01411111111"})
		})
		w.undo(b.ID)
		row := w.lines(b.ID, imports.RowClash)[0].Number
		w.must(func(ctx context.Context, tx *db.Tx) error {
			return imports.Settle(ctx, tx, w.boss, imports.Settlement{Batch: b.ID, Row: row})
		})
		if b = w.find(b.ID); b.Clashes != 0 || b.Taken != 2 || len(w.people()) != 1 || len(w.lines(b.ID, imports.RowKept)) != 1 {
			t.Errorf("%+v, %d people", b.Counts, len(w.people()))
		}
	})
}

func TestWhoWasErasedAtHerWishIsNoClash(t *testing.T) {
	each(t, func(w *world) {
		b := w.send(list)
		w.check(b.ID, w.planned(b.ID))
		w.enter(b.ID)
		w.must(func(ctx context.Context, tx *db.Tx) error {
			_, err := persons.Erase(ctx, tx, access.System(access.ReadCards, access.ReadPersons, access.ErasePerson), w.people()[0].ID, "her wish")
			return err
		})
		w.undo(b.ID)
		if b = w.find(b.ID); b.Taken != 3 || b.Clashes != 0 || w.rows()["persons"] != 1 {
			t.Errorf("%+v, %v", b.Counts, w.rows())
		}
	})
}

// many is a list of so many people, each with a number of her own.
func many(n int) string {
	var text strings.Builder
	text.WriteString("name,phone,nid,birth\n")
	for i := range n {
		fmt.Fprintf(&text, "Person %s,017%08d,%010d,19%02d\n", string(rune('A'+i%26))+string(rune('a'+i/26%26)), i, 1000000000+i*7, 50+i%50)
	}
	return text.String()
}

// The work is stopped after a random time, again and again; in the end everybody
// is there once.
func TestWorkThatIsStoppedGoesOnWhereItStood(t *testing.T) {
	each(t, func(w *world) {
		const people = 730
		b := w.send(many(people))
		w.must(func(ctx context.Context, tx *db.Tx) error {
			return imports.Check(ctx, tx, w.boss, b.ID, w.planned(b.ID))
		})
		stopped := 0
		carry := func(until imports.State) {
			for try := 0; w.find(b.ID).State != until; try++ {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(20+rand.IntN(60)+10*try)*time.Millisecond)
				if _, err := imports.Work(ctx, w.d, w.finder, fmt.Sprint("holder ", try)); err != nil {
					stopped++
				}
				cancel()
				w.clock.Move(time.Minute) // the lease of who was stopped is over
			}
		}
		carry(imports.Checked)
		w.must(func(ctx context.Context, tx *db.Tx) error { return imports.Enter(ctx, tx, w.boss, b.ID) })
		carry(imports.Entered)
		if got := w.find(b.ID); got.Entered != people || w.rows()["persons"] != people {
			t.Errorf("%+v, %d persons", got.Counts, w.rows()["persons"])
		}
		w.must(func(ctx context.Context, tx *db.Tx) error {
			return imports.Undo(ctx, tx, w.boss, b.ID, "the wrong file")
		})
		carry(imports.Undone)
		if got := w.find(b.ID); got.Taken != people || w.rows()["persons"] != 0 || stopped == 0 {
			t.Errorf("%+v, %v, stopped %d times", got.Counts, w.rows(), stopped)
		}
	})
}

// Several servers look for work at once.
func TestTwoServersDoTheWorkOnce(t *testing.T) {
	each(t, func(w *world) {
		b := w.send(many(300))
		w.check(b.ID, w.planned(b.ID))
		w.must(func(ctx context.Context, tx *db.Tx) error { return imports.Enter(ctx, tx, w.boss, b.ID) })
		errs := make(chan error, 4)
		for i := range cap(errs) {
			go func() {
				_, err := imports.Work(t.Context(), w.d, w.finder, fmt.Sprint("server ", i))
				errs <- err
			}()
		}
		for range cap(errs) {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if got := w.find(b.ID); got.State != imports.Entered || got.Entered != 300 || w.rows()["persons"] != 300 {
			t.Errorf("%+v, %d persons", got, w.rows()["persons"])
		}
	})
}

func TestWhoLostTheRightStopsTheWork(t *testing.T) {
	each(t, func(w *world) {
		b := w.send(list)
		w.check(b.ID, w.planned(b.ID))
		w.must(func(ctx context.Context, tx *db.Tx) error { return imports.Enter(ctx, tx, w.boss, b.ID) })
		w.must(func(ctx context.Context, tx *db.Tx) error {
			return revoke(ctx, tx, w.boss)
		})
		w.work()
		if got := w.find(b.ID); got.State != imports.Entering || got.Failure == nil || got.Failure.Key != "import.no_right_any_more" || w.rows()["persons"] != 0 {
			t.Errorf("%+v", got)
		}
	})
}

func TestOnlyWhoMayImportsAndOnlyAtHerOffice(t *testing.T) {
	each(t, func(w *world) {
		refused := func(what string, err error) {
			t.Helper()
			if k := fault.KindOf(err); k != fault.Forbidden && k != fault.NotFound {
				t.Errorf("%s: %v, want a refusal", what, err)
			}
		}
		send := func(who access.Actor, office string) error {
			return w.write(func(ctx context.Context, tx *db.Tx) error {
				_, err := imports.Send(ctx, tx, who, imports.Sending{Office: office, Source: "x", FileName: "x.csv", Content: []byte(list)})
				return err
			})
		}
		refused("a caseworker sends", send(w.clerk, ""))
		refused("a supervisor of another office sends", send(w.other, w.boss.Office))
		b := w.send(list)
		p := w.planned(b.ID)
		for _, who := range []access.Actor{w.clerk, w.other} {
			for what, act := range map[string]func(ctx context.Context, tx *db.Tx) error{
				"check": func(ctx context.Context, tx *db.Tx) error { return imports.Check(ctx, tx, who, b.ID, p) },
				"enter": func(ctx context.Context, tx *db.Tx) error { return imports.Enter(ctx, tx, who, b.ID) },
				"undo":  func(ctx context.Context, tx *db.Tx) error { return imports.Undo(ctx, tx, who, b.ID, "x") },
				"drop":  func(ctx context.Context, tx *db.Tx) error { return imports.Drop(ctx, tx, who, b.ID) },
				"choose": func(ctx context.Context, tx *db.Tx) error {
					return imports.Choose(ctx, tx, who, imports.Choice{Batch: b.ID})
				},
				"settle": func(ctx context.Context, tx *db.Tx) error {
					return imports.Settle(ctx, tx, who, imports.Settlement{Batch: b.ID})
				},
			} {
				refused(who.Name+" "+what, w.write(act))
			}
			err := w.d.Read(t.Context(), func(q db.Reader) error {
				_, err := imports.Lines(t.Context(), q, who, imports.Wanted{Batch: b.ID, State: imports.RowWrong, Limit: 1})
				_, err2 := imports.Propose(t.Context(), q, who, imports.From{Batch: b.ID})
				_, err3 := imports.Preview(t.Context(), q, who, b.ID, 1)
				refused("lines", err)
				refused("propose", err2)
				refused("preview", err3)
				all, err := imports.List(t.Context(), q, who, 10)
				if len(all) != 0 {
					t.Errorf("%s sees %d batches", who.Name, len(all))
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestProtectedDataNeedsTheRightAndConsent(t *testing.T) {
	each(t, func(w *world) {
		b := w.send("name,ethnicity,consent protected\nKarim,Santal,yes\nRahim,Garo,\nSalam,,\n")
		p := w.planned(b.ID)
		w.check(b.ID, p)
		if got := w.find(b.ID); got.Wrong != 1 || got.Ready() != 2 {
			t.Errorf("%+v, want the one refused who was not asked", got.Counts)
		}
		without := w.boss
		without.Grants = maps.Clone(w.boss.Grants)
		delete(without.Grants, access.ChangeProtected)
		err := w.write(func(ctx context.Context, tx *db.Tx) error { return imports.Check(ctx, tx, without, b.ID, p) })
		if fault.KindOf(err) != fault.Forbidden {
			t.Errorf("without the right: %v", err)
		}
	})
}

func TestFilesAreForgotten(t *testing.T) {
	each(t, func(w *world) {
		b := w.send(list)
		w.check(b.ID, w.planned(b.ID))
		kept := func() (n int) {
			if err := w.d.Read(t.Context(), func(q db.Reader) error {
				return q.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM import_chunks) + (SELECT count(*) FROM import_rows WHERE sealed IS NOT NULL)
					+ (SELECT count(*) FROM seal_keys WHERE subject_id LIKE 'import:%')`).Scan(&n)
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		w.clock.Move(29 * 24 * time.Hour)
		if err := imports.Sweep(t.Context(), w.d); err != nil || kept() != 4 {
			t.Errorf("after 29 days: %d kept, %v", kept(), err)
		}
		w.clock.Move(2 * 24 * time.Hour)
		if err := imports.Sweep(t.Context(), w.d); err != nil || kept() != 0 {
			t.Errorf("after 31 days: %d kept, %v", kept(), err)
		}
		c := w.send(list)
		w.must(func(ctx context.Context, tx *db.Tx) error { return imports.Drop(ctx, tx, w.boss, c.ID) })
		if kept() != 0 || w.find(c.ID).State != imports.Dropped {
			t.Errorf("after it was dropped: %d kept", kept())
		}
	})
}

// Nothing of the people in a file can be read in the store.
func TestAFileLiesSealed(t *testing.T) {
	each(t, func(w *world) {
		b := w.send(strings.ReplaceAll(list, "perhaps", "Zqperhaps"))
		w.check(b.ID, w.planned(b.ID))
		for _, table := range []string{"imports", "import_chunks", "import_rows", "import_headings"} {
			for _, canary := range []string{"Zqperhaps", "1912345678", "No Sex"} {
				if holds(t, w.d, table, canary) {
					t.Errorf("%s holds %q", table, canary)
				}
			}
		}
	})
}

func TestEveryTableThatRefersToPersonsIsEmptiedByWithdrawing(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), func() time.Time { return dbtest.Noon })
	err := d.Read(t.Context(), func(q db.Reader) error {
		rows, err := q.Query(t.Context(), `SELECT DISTINCT m.name FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' AND f."table" = 'persons' ORDER BY m.name`)
		got, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (s string, err error) { err = row.Scan(&s); return s, err })
		want := []string{"activity_attendances", "activity_heard", "appointments", "assessments", "call_hours", "call_misses", "call_words", "calls", "cases", "centre_ties", "forum_members", "message_answers", "messages", "person_claims", "person_consents", "person_contacts", "person_functioning", "person_identifiers", "person_journeys", "person_registrations", "person_relations", "services", "shelter_stays"}
		if !slices.Equal(got, want) {
			t.Errorf("tables = %v\nwant    %v\npersons.Withdraw must take their rows out too, or persons.Untouched refuse", got, want)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
