// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/ids"
	"fera/internal/seal"
)

func clerk() access.Actor {
	return access.Actor{ID: "u-1", Name: "Amina", Office: "o-1", Organisation: "g-1",
		Grants: map[access.Permission]access.Reach{access.ChangePerson: {Everywhere: true}, access.ErasePerson: {Everywhere: true}}}
}

// enter records one act in a transaction of its own.
func enter(t *testing.T, d *db.DB, e audit.Entry) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) error { return record(t.Context(), tx, e) })
}

func record(ctx context.Context, tx *db.Tx, e audit.Entry) error {
	who := clerk()
	if err := access.Check(tx, who, access.ChangePerson); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.ChangePerson, e)
}

func person(t *testing.T, d *db.DB) (id string) {
	t.Helper()
	if err := d.Maintain(t.Context(), func(tx *db.Tx) error {
		id = ids.New(tx.Now())
		return seal.NewKey(t.Context(), tx, "g-1", id)
	}); err != nil {
		t.Fatal(err)
	}
	return id
}

func sealAll(t *testing.T, d *db.DB) int {
	t.Helper()
	n, err := audit.Seal(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func verify(t *testing.T, d *db.DB, kept ...audit.Checkpoint) (r audit.Report) {
	t.Helper()
	if err := d.Read(t.Context(), func(q db.Reader) (err error) {
		r, err = audit.Verify(t.Context(), q, kept...)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return r
}

func lines(t *testing.T, d *db.DB, f audit.Filter) (all []audit.Line) {
	t.Helper()
	if err := d.Read(t.Context(), func(q db.Reader) (err error) {
		if all, err = audit.List(t.Context(), q, f); err != nil {
			return err
		}
		return audit.WithValues(t.Context(), q, all)
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// An entry gives back what it was given, to who may read it.
func TestRecord(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := person(t, d)
		enter(t, d, audit.Entry{Subject: "person:" + p, Person: p, Before: map[string]any{"birth": "1990", "same": 1, "gone": true},
			After: map[string]any{"birth": "1991", "same": 1, "empty": ""}, Reason: "she showed her card"})
		got := lines(t, d, audit.Filter{Person: p})
		if len(got) != 1 {
			t.Fatalf("listed %d entries, want 1", len(got))
		}
		l := got[0]
		if strings.Join(l.Fields, " ") != "birth gone" || string(l.Before["birth"]) != `"1990"` || string(l.After["birth"]) != `"1991"` ||
			len(l.Before) != 2 || len(l.After) != 1 || l.Reason != "she showed her card" || l.Name != "Amina" || l.Act != access.ChangePerson {
			t.Errorf("read back %+v", l)
		}
	})
}

// What the entry's own columns say names no value and no reason about a person.
func TestRecordKeepsValuesSealed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const secret = "canary-7c1e"
		p := person(t, d)
		enter(t, d, audit.Entry{Subject: "person:" + p, Person: p, After: map[string]any{"ethnicity": secret}, Reason: "because " + secret})
		d.Read(t.Context(), func(q db.Reader) error {
			for table, columns := range map[string]string{
				"audit_entries": "actor_name || subject || fields || reason || digest || COALESCE(person_id, '')", "audit_values": "key_of",
			} {
				rows, err := q.Query(t.Context(), `SELECT `+columns+` FROM `+table)
				texts, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (s string, err error) { return s, r.Scan(&s) })
				if err != nil || len(texts) != 1 || strings.Contains(texts[0], secret) {
					t.Errorf("%s holds %q (%v)", table, texts, err)
				}
			}
			return nil
		})
	})
}

// Erasing a person takes what the entries held and leaves the trail whole.
func TestVerifyAfterErasure(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		gone, stays := person(t, d), person(t, d)
		for _, p := range []string{gone, stays} {
			enter(t, d, audit.Entry{Subject: "person:" + p, Person: p, After: map[string]any{"name": "x"}, Reason: "why"})
		}
		sealAll(t, d)
		clock.Move(time.Hour)
		dbtest.Write(t, d, func(tx *db.Tx) error {
			if _, err := seal.Destroy(t.Context(), tx, gone); err != nil {
				return err
			}
			return record(t.Context(), tx, audit.Entry{Subject: "person:" + gone})
		})
		sealAll(t, d)
		if r := verify(t, d); !r.Holds() || r.Entries != 3 {
			t.Errorf("after an erasure: %+v", r)
		}
		if l := lines(t, d, audit.Filter{Person: gone}); len(l) != 1 || !l[0].Erased || l[0].After != nil || l[0].Reason != "" {
			t.Errorf("of the erased the trail says %+v", l)
		}
		if l := lines(t, d, audit.Filter{Person: stays}); len(l) != 1 || l[0].Erased || l[0].Reason != "why" {
			t.Errorf("of the other the trail says %+v", l)
		}
	})
}

// Writers and the sealer work at the same time; every entry gets one position, none is passed over.
func TestSealWhileOthersWrite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const writers, each = 8, 25
		p := person(t, d)
		var wg, sealer sync.WaitGroup
		var stop atomic.Bool
		var failed atomic.Value
		for w := range 2 { // the lease may change hands while a seal is under way
			sealer.Go(func() {
				for !stop.Load() {
					if _, err := audit.Seal(t.Context(), d); err != nil {
						failed.Store(fmt.Errorf("sealer %d: %w", w, err))
					}
				}
			})
		}
		for range writers {
			wg.Go(func() {
				for i := range each {
					if err := d.Write(t.Context(), func(tx *db.Tx) error {
						return record(t.Context(), tx, audit.Entry{Subject: "person:" + p, Person: p, After: map[string]any{"n": i + 1}})
					}); err != nil {
						failed.Store(err)
					}
				}
			})
		}
		wg.Wait()
		stop.Store(true)
		sealer.Wait()
		if err := failed.Load(); err != nil {
			t.Fatal(err)
		}
		sealAll(t, d)
		if r := verify(t, d); !r.Holds() || r.Entries != writers*each || r.Waiting != 0 {
			t.Errorf("Verify = %+v, want %d entries that hold", r, writers*each)
		}
	})
}

// The chain and the tree go on over many sealings, and one checkpoint a minute stays.
func TestSealAgainAndAgain(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		var kept []audit.Checkpoint
		for round := range 12 {
			for range round % 5 {
				enter(t, d, audit.Entry{Subject: "user:x", After: map[string]any{"round": round}})
			}
			if n := sealAll(t, d); n != round%5 {
				t.Fatalf("round %d: sealed %d, want %d", round, n, round%5)
			}
			clock.Move(25 * time.Second)
			var c audit.Checkpoint
			if err := d.Read(t.Context(), func(q db.Reader) (err error) { c, err = audit.Latest(t.Context(), q); return err }); err != nil {
				t.Fatal(err)
			}
			if c.Size > 0 {
				parsed, err := audit.ParseCheckpoint(c.Note, verify(t, d).Verifier)
				if err != nil {
					t.Fatal(err)
				}
				kept = append(kept, parsed)
			}
		}
		if r := verify(t, d, kept...); !r.Holds() || r.Entries != 21 {
			t.Errorf("against all %d checkpoints that were kept: %+v", len(kept), r)
		}
		var n int
		d.Read(t.Context(), func(q db.Reader) error {
			return q.QueryRow(t.Context(), `SELECT count(*) FROM audit_checkpoints`).Scan(&n)
		})
		if n < 4 || n > 6 {
			t.Errorf("%d checkpoints stayed of five minutes, want about one a minute", n)
		}
	})
}

// The engines themselves refuse to change what was sealed and to delete anything.
func TestTriggersRefuse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		enter(t, d, audit.Entry{Subject: "user:x"})
		sealAll(t, d)
		attempts := []string{`UPDATE audit_entries SET actor_name = 'x'`, `UPDATE audit_entries SET position = NULL`, `DELETE FROM audit_entries`}
		if d.Engine() == "postgres" {
			attempts = append(attempts, `TRUNCATE audit_entries`, `TRUNCATE audit_entries CASCADE`)
		}
		for _, attempt := range attempts {
			if err := d.Maintain(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), attempt); return err }); err == nil {
				t.Errorf("%s was done", attempt)
			}
		}
		if r := verify(t, d); !r.Holds() || r.Entries != 1 {
			t.Errorf("afterwards: %+v", r)
		}
	})
}

// A checkpoint that somebody else signed, or that was changed, is none.
func TestParseCheckpointRefuses(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	enter(t, d, audit.Entry{Subject: "user:x"})
	sealAll(t, d)
	var c audit.Checkpoint
	d.Read(t.Context(), func(q db.Reader) (err error) { c, err = audit.Latest(t.Context(), q); return err })
	key := verify(t, d).Verifier
	if parsed, err := audit.ParseCheckpoint(c.Note, key); err != nil || parsed.Size != 1 {
		t.Fatalf("our own: %+v, %v", parsed, err)
	}
	stranger, err := seal.NewRing("fera-test")
	if err != nil {
		t.Fatal(err)
	}
	other, err := stranger.Verifier()
	if err != nil {
		t.Fatal(err)
	}
	for name, try := range map[string]struct{ text, key string }{
		"a stranger's key": {c.Note, other}, "another size": {strings.Replace(c.Note, "\n1\n", "\n2\n", 1), key},
		"cut": {c.Note[:len(c.Note)-5], key}, "empty": {"", key}, "no key": {c.Note, "nonsense"},
	} {
		if _, err := audit.ParseCheckpoint(try.text, try.key); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
