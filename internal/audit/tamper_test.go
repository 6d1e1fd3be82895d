// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/ids"
)

var seed = flag.Int64("seed", 0, "seed of the random changes; 0 takes one from the clock")

// change is one direct change of the database by somebody who can write it, and
// between which positions Verify must name the first bad one.
type change struct {
	name   string
	lo, hi int64
	do     func(context.Context, *db.Tx) error
	kept   bool // it is found against a checkpoint that others kept
}

// entry is what a test knows of a row of the trail.
type entry struct {
	id, person, digest string
	position           int64
}

// trail is a trail of 30 sealed entries, in three minutes, and two that wait.
type trail struct {
	d       *db.DB
	rng     *rand.Rand
	entries []entry
	waiting []string
	kept    []audit.Checkpoint
	older   int64 // size of a checkpoint that is not the last
}

func newTrail(t *testing.T, d *db.DB, clock *dbtest.Clock, rng *rand.Rand) *trail {
	t.Helper()
	tr := &trail{d: d, rng: rng}
	women := []string{person(t, d), person(t, d)}
	for i := range 32 {
		e := audit.Entry{Subject: "user:" + strconv.Itoa(i)}
		switch i % 4 {
		case 0:
			e = audit.Entry{Subject: "person:" + women[i%8/4], Person: women[i%8/4], Before: map[string]any{"a": i}, After: map[string]any{"a": i + 1}, Reason: "so"}
		case 1:
			e.After = map[string]any{"b": i}
		case 2:
			e.Named = []string{"c"}
		}
		enter(t, d, e)
		if i == 9 || i == 19 || i == 29 {
			sealAll(t, d)
			tr.keep(t)
			clock.Move(time.Minute)
		}
		clock.Move(time.Millisecond)
	}
	tr.older = 20
	tr.read(t)
	return tr
}

func (tr *trail) keep(t *testing.T) {
	var c audit.Checkpoint
	tr.d.Read(t.Context(), func(q db.Reader) (err error) { c, err = audit.Latest(t.Context(), q); return err })
	parsed, err := audit.ParseCheckpoint(c.Note, verify(t, tr.d).Verifier)
	if err != nil {
		t.Fatal(err)
	}
	tr.kept = append(tr.kept, parsed)
}

func (tr *trail) read(t *testing.T) {
	t.Helper()
	if err := tr.d.Read(t.Context(), func(q db.Reader) error {
		rows, err := q.Query(t.Context(), `SELECT id, COALESCE(person_id, ''), digest, COALESCE(position, 0) FROM audit_entries ORDER BY position`)
		all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (e entry, err error) {
			return e, r.Scan(&e.id, &e.person, &e.digest, &e.position)
		})
		for _, e := range all {
			if e.position == 0 {
				tr.waiting = append(tr.waiting, e.id)
			} else {
				tr.entries = append(tr.entries, e)
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(tr.entries) != 30 || len(tr.waiting) != 2 {
		t.Fatalf("made %d sealed and %d waiting entries", len(tr.entries), len(tr.waiting))
	}
}

func (tr *trail) any() entry { return tr.entries[tr.rng.IntN(len(tr.entries))] }

// valued picks an entry with values beside it.
func (tr *trail) valued() entry {
	for {
		if e := tr.any(); e.digest != "" {
			return e
		}
	}
}

func run(statement string, args ...any) func(context.Context, *db.Tx) error {
	return func(ctx context.Context, tx *db.Tx) error {
		n, err := tx.Exec(ctx, statement, args...)
		if err == nil && n == 0 {
			return errors.New("nothing was changed: " + statement)
		}
		return err
	}
}

// perhaps is run for a statement that may find nothing to change.
func perhaps(statement string, args ...any) func(context.Context, *db.Tx) error {
	return func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, statement, args...)
		return err
	}
}

func all(steps ...func(context.Context, *db.Tx) error) func(context.Context, *db.Tx) error {
	return func(ctx context.Context, tx *db.Tx) error {
		for _, s := range steps {
			if err := s(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	}
}

// noise is a few random bytes.
func (tr *trail) noise(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(tr.rng.UintN(256))
	}
	return b
}

// edit changes one column of one sealed entry.
func (tr *trail) edit() change {
	e := tr.any()
	columns := []string{"id", "actor_id", "actor_name", "office_id", "act", "subject", "person_id", "fields", "reason", "digest", "at", "mac", "chain"}
	column := columns[tr.rng.IntN(len(columns))]
	c := change{name: "edit " + column, lo: e.position, hi: e.position}
	switch column {
	case "at":
		c.do = run(`UPDATE audit_entries SET at = ? WHERE id = ?`, dbtest.Noon.Add(-time.Hour), e.id)
	case "mac", "chain":
		c.do = run(`UPDATE audit_entries SET `+column+` = ? WHERE id = ?`, tr.noise(map[string]int{"mac": 16, "chain": 32}[column]), e.id)
	default:
		c.do = run(`UPDATE audit_entries SET `+column+` = COALESCE(`+column+`, '') || 'x' WHERE id = ?`, e.id)
	}
	return c
}

// forge inserts an entry nobody made, with a position, or none if nil.
func (tr *trail) forge(position any) func(context.Context, *db.Tx) error {
	return func(ctx context.Context, tx *db.Tx) error {
		var chain any
		if position != nil {
			chain = tr.noise(32)
		}
		return run(`INSERT INTO audit_entries (id, at, actor_id, actor_name, office_id, act, subject, fields, reason, digest, mac, position, chain)
			VALUES (?, ?, 'u', 'Basil', 'o', 'person.read', 'person:x', '', '', '', ?, ?, ?)`, ids.New(tx.Now()), tx.Now(), tr.noise(16), position, chain)(ctx, tx)
	}
}

// shift moves the positions from one on by so many, the engine's unique index or not.
func shift(from, by int64) func(context.Context, *db.Tx) error {
	return all(run(`UPDATE audit_entries SET position = -position WHERE position >= ?`, from),
		run(`UPDATE audit_entries SET position = -position + ? WHERE position < 0`, by))
}

// rechain makes the chain anew, which needs no key.
func rechain(ctx context.Context, tx *db.Tx) error {
	type row struct {
		id    string
		parts []string
	}
	rows, err := tx.Query(ctx, `SELECT id, at, actor_id, actor_name, office_id, act, subject, COALESCE(person_id, ''), fields, reason, digest FROM audit_entries WHERE position > 0 ORDER BY position`)
	found, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v row, err error) {
		p := make([]string, 11)
		var at time.Time
		err = r.Scan(&p[0], db.Time(&at), &p[2], &p[3], &p[4], &p[5], &p[6], &p[7], &p[8], &p[9], &p[10])
		p[1] = at.Format("2006-01-02T15:04:05.000Z")
		return row{p[0], p}, err
	})
	if err != nil {
		return err
	}
	var chain []byte
	for _, r := range found {
		h := sha256.New()
		h.Write(chain)
		for _, p := range r.parts {
			h.Write([]byte(strconv.Itoa(len(p)) + ":" + p))
		}
		chain = h.Sum(nil)
		if _, err := tx.Exec(ctx, `UPDATE audit_entries SET chain = ? WHERE id = ?`, chain, r.id); err != nil {
			return err
		}
	}
	return nil
}

func (tr *trail) swap(again bool) change {
	a, b := tr.any(), tr.any()
	for a.position >= b.position {
		a, b = tr.any(), tr.any()
	}
	c := change{name: "swap two", lo: a.position, hi: a.position, do: all(run(`UPDATE audit_entries SET position = -1 WHERE id = ?`, a.id),
		run(`UPDATE audit_entries SET position = ? WHERE id = ?`, a.position, b.id), run(`UPDATE audit_entries SET position = ? WHERE id = ?`, b.position, a.id))}
	if again {
		// Only the signed tree tells: the place is known to lie after the checkpoint before.
		c.name, c.lo, c.hi, c.do = "swap two and chain anew", (a.position-1)/10*10+1, a.position, all(c.do, rechain)
	}
	return c
}

func (tr *trail) values() change {
	e, o := tr.valued(), tr.valued()
	for o.id == e.id {
		o = tr.valued()
	}
	c := change{lo: e.position, hi: e.position}
	switch tr.rng.IntN(6) {
	case 0:
		c.name, c.do = "remove the values", run(`DELETE FROM audit_values WHERE entry_id = ?`, e.id)
	case 1:
		c.name, c.do = "replace the values", run(`UPDATE audit_values SET sealed = ? WHERE entry_id = ?`, tr.noise(80), e.id)
	case 2:
		c.name, c.do = "take another entry's values", run(`UPDATE audit_values SET sealed = (SELECT sealed FROM audit_values WHERE entry_id = ?) WHERE entry_id = ?`, o.id, e.id)
	case 3:
		c.name, c.do = "pretend that the values are of somebody erased", run(`UPDATE audit_values SET key_of = 'nobody' WHERE entry_id = ?`, e.id)
	case 4:
		c.name, c.do = "pretend that the values are under the system's key", run(`UPDATE audit_values SET key_of = CASE WHEN key_of = 'system' THEN 'x' ELSE 'system' END WHERE entry_id = ?`, e.id)
	default:
		for e.digest != "" {
			e = tr.any()
		}
		c = change{"put values beside an entry without", e.position, e.position, run(`INSERT INTO audit_values (entry_id, key_of, sealed) VALUES (?, 'system', ?)`, e.id, tr.noise(40)), false}
	}
	return c
}

// keyGone deletes a woman's key without an erasure, or with a forged one.
func (tr *trail) keyGone() change {
	e := tr.valued()
	for e.person == "" {
		e = tr.valued()
	}
	first := e.position
	for _, o := range tr.entries {
		if o.person == e.person && o.digest != "" {
			first = min(first, o.position)
		}
	}
	c := change{name: "delete a key", lo: first, hi: first, do: run(`DELETE FROM seal_keys WHERE subject_id = ?`, e.person)}
	if tr.rng.IntN(2) == 0 {
		c.name, c.do = "delete a key and forge an erasure", all(c.do, func(ctx context.Context, tx *db.Tx) error {
			return run(`INSERT INTO seal_erasures (subject_id, erased_at, receipt) VALUES (?, ?, ?)`, e.person, tx.Now(), "Fera erasure receipt\nsubject "+e.person+"\n")(ctx, tx)
		})
	}
	return c
}

func (tr *trail) checkpoints() change {
	n := int64(len(tr.entries))
	switch tr.rng.IntN(5) {
	case 0:
		return change{"alter a checkpoint's note", 1, n, run(`UPDATE audit_checkpoints SET note = note || 'x' WHERE size = ?`, tr.older), false}
	case 1:
		return change{"say another size", 1, n + 7, run(`UPDATE audit_checkpoints SET size = ? WHERE size = ?`, n+7, tr.older), false}
	case 2:
		return change{"remove the last checkpoint", tr.older + 1, n, run(`DELETE FROM audit_checkpoints WHERE size = ?`, n), false}
	case 3:
		return change{"remove all checkpoints", 1, n, run(`DELETE FROM audit_checkpoints`), false}
	}
	return change{"remove all checkpoints and cut the tail", 1, n, all(run(`DELETE FROM audit_checkpoints`), run(`DELETE FROM audit_values`),
		run(`DELETE FROM audit_entries WHERE position > ?`, 1+tr.rng.Int64N(n-1))), false}
}

// back makes the trail what it was at an older checkpoint: only who kept a later one can tell.
func (tr *trail) back() change {
	return change{"go back to an older state", tr.older + 1, tr.older + 1, all(run(`DELETE FROM audit_checkpoints WHERE size > ?`, tr.older),
		run(`DELETE FROM audit_values WHERE entry_id IN (SELECT id FROM audit_entries WHERE position IS NULL OR position > ?)`, tr.older),
		run(`DELETE FROM audit_entries WHERE position IS NULL OR position > ?`, tr.older)), true}
}

func (tr *trail) next() change {
	e, n := tr.any(), int64(len(tr.entries))
	switch tr.rng.IntN(16) {
	case 0:
		return change{"delete an entry", e.position, e.position, run(`DELETE FROM audit_entries WHERE id = ?`, e.id), false}
	case 1:
		return change{"take a position away", e.position, e.position, run(`UPDATE audit_entries SET position = NULL WHERE id = ?`, e.id), false}
	case 2:
		return change{"insert at the end", n + 1, n + 1, tr.forge(n + 1), false}
	case 3:
		return change{"insert one that waits", n + 1, n + 3, tr.forge(nil), false}
	case 4:
		return change{"insert where nobody looks", n + 1, n + 1, tr.forge(-tr.rng.Int64N(5)), false}
	case 5:
		return change{"insert between", e.position, e.position, all(shift(e.position, 1), tr.forge(e.position)), false}
	case 6:
		lo, hi := (e.position-1)/10*10+1, e.position
		if lo > tr.older {
			hi = n // of the entries after the last but one checkpoint one is missing: which cannot be told
		}
		return change{"delete and close the gap", lo, hi, all(perhaps(`DELETE FROM audit_values WHERE entry_id = ?`, e.id),
			run(`DELETE FROM audit_entries WHERE id = ?`, e.id), shift1(e.position, n), rechain), false}
	case 7:
		return tr.swap(false)
	case 8:
		return tr.swap(true)
	case 9, 10:
		return tr.values()
	case 11:
		return tr.keyGone()
	case 12:
		return tr.checkpoints()
	case 13:
		at := 1 + tr.rng.Int64N(n)
		return change{"cut the tail", at, at, run(`DELETE FROM audit_entries WHERE position >= ?`, at), false}
	case 14:
		w := tr.waiting[tr.rng.IntN(len(tr.waiting))]
		return change{"edit one that waits", n + 1, n + 2, run(`UPDATE audit_entries SET actor_name = 'x' WHERE id = ?`, w), false}
	}
	return tr.edit()
}

// shift1 closes the gap after a deleted entry, of the last there is none.
func shift1(at, last int64) func(context.Context, *db.Tx) error {
	if at == last {
		return func(context.Context, *db.Tx) error { return nil }
	}
	return shift(at+1, -1)
}

// Any direct change of the database is found, and the first bad position named.
func TestVerifyFindsEveryChange(t *testing.T) {
	s := *seed
	if s == 0 {
		s = time.Now().UnixNano()
	}
	t.Logf("seed %d", s)
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		tr := newTrail(t, d, clock, rand.New(rand.NewPCG(uint64(s), 1)))
		if r := verify(t, d, tr.kept...); !r.Holds() || r.Entries != 30 || r.Waiting != 2 {
			t.Fatalf("untouched: %+v", r)
		}
		undo := errors.New("undo")
		drops := []string{`DROP TRIGGER audit_entries_keep`, `DROP TRIGGER audit_entries_stay`}
		if d.Engine() == "postgres" {
			drops = []string{`DROP TRIGGER audit_entries_keep ON audit_entries`, `DROP TRIGGER audit_entries_stay ON audit_entries`}
		}
		done := map[string]int{}
		for i := range 220 {
			c := tr.next()
			if i >= 215 {
				c = tr.back()
			}
			done[c.name]++
			var report audit.Report
			err := d.Maintain(t.Context(), func(tx *db.Tx) error {
				for _, drop := range drops {
					if _, err := tx.Exec(t.Context(), drop); err != nil {
						return err
					}
				}
				if err := c.do(t.Context(), tx); err != nil {
					return fmt.Errorf("%s: %w", c.name, err)
				}
				var kept []audit.Checkpoint
				if c.kept {
					kept = tr.kept[len(tr.kept)-1:]
				}
				var err error
				if report, err = audit.Verify(t.Context(), tx, kept...); err != nil {
					return fmt.Errorf("%s: %w", c.name, err)
				}
				return undo
			})
			if !errors.Is(err, undo) {
				t.Fatal(err)
			}
			if report.Holds() || report.Bad < c.lo || report.Bad > c.hi {
				t.Errorf("%s: found %d (%s), want a position from %d to %d", c.name, report.Bad, report.Why, c.lo, c.hi)
			}
		}
		if r := verify(t, d, tr.kept...); !r.Holds() {
			t.Errorf("untouched again: %+v", r)
		}
		t.Log(done)
	})
}
