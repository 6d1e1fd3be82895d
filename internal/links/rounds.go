// SPDX-License-Identifier: Apache-2.0

package links

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"fera/internal/db"
	"fera/internal/matching"
	"fera/internal/matching/index"
	"fera/internal/ties"
)

// found is a pair to be entered among those that wait.
type found struct {
	pair    ties.Pair
	bits    float64
	verdict matching.Verdict
	doubt   index.Doubt
}

// mostOlder is up to how many entries of the trail a first round goes through:
// in a larger register that was never linked, a run does that.
const mostOlder = 20_000

// roundMost is how many entries of the trail one round goes through, so that the
// work can make way for the desk.
const roundMost = 500

// Round links the records that are new or were changed since the round before:
// whoever resembles them is put before the review desk. It reports how many
// records it looked at. Several at a time do the same work twice.
func (f *Finder) Round(ctx context.Context) (looked int, err error) {
	var entries []entry
	var from, reached int64
	err = f.d.Read(ctx, func(q db.Reader) error {
		m, err := markOf(ctx, q, roundMark)
		if err != nil {
			return err
		}
		from = m.at
		if entries, reached, err = changesSince(ctx, q, from, roundMost); err != nil || m.text != "" {
			return err
		}
		end, _, err := trailAt(ctx, q)
		if end > mostOlder {
			entries, reached = nil, end
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("link what is new: %w", err)
	}
	if reached == from {
		return 0, nil
	}
	changed := map[string]bool{}
	for _, e := range entries {
		if e.position > 0 {
			changed[e.record] = true
		}
	}
	if err := f.linkEach(ctx, changed); err != nil {
		return 0, fmt.Errorf("link what is new: %w", err)
	}
	return len(changed), f.d.Maintain(ctx, func(tx *db.Tx) error { return setMark(ctx, tx, roundMark, mark{reached, "begun"}) })
}

// linkEach finds whom each of some records resembles.
func (f *Finder) linkEach(ctx context.Context, changed map[string]bool) error {
	if len(changed) == 0 {
		return nil
	}
	if err := f.Make(ctx); err != nil {
		return err
	}
	var batch []string
	flush := func() error {
		defer func() { batch = nil }()
		return f.linkSome(ctx, batch)
	}
	for id := range changed {
		if batch = append(batch, id); len(batch) == 100 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// linkSome enters the pairs of a few records anew.
func (f *Finder) linkSome(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	var pairs []found
	if err := f.d.Read(ctx, func(q db.Reader) error {
		x, err := f.catchUp(ctx, q)
		if err != nil {
			return err
		}
		records, err := features(ctx, q, oneOf(ids))
		for _, r := range records {
			for _, c := range x.Find(r, 10) {
				if v := matching.Judge(c); v != matching.Unlikely {
					pairs = append(pairs, found{ties.PairOf(textOf(r.ID), textOf(c.ID)), c.Bits, v, c.Doubt})
				}
			}
		}
		return err
	}); err != nil {
		return err
	}
	return f.d.Maintain(ctx, func(tx *db.Tx) error {
		for _, id := range ids {
			if _, err := tx.Exec(ctx, `DELETE FROM link_pairs WHERE one_id = ? OR other_id = ?`, id, id); err != nil {
				return err
			}
		}
		return f.enter(ctx, tx, pairs)
	})
}

// enter puts pairs among those that wait, unless they are of one person already
// or somebody judged them from the same evidence.
func (f *Finder) enter(ctx context.Context, tx *db.Tx, pairs []found) error {
	known, err := standingOf(ctx, tx, pairs)
	if err != nil {
		return err
	}
	version := f.model()
	for _, p := range pairs {
		if ask, err := known.askable(ctx, tx, p.pair); err != nil || !ask {
			if err != nil {
				return err
			}
			continue
		}
		_, err := tx.Exec(ctx, `INSERT INTO link_pairs (one_id, other_id, bits, verdict, doubt, model, found_at) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (one_id, other_id) DO UPDATE SET bits = EXCLUDED.bits, verdict = EXCLUDED.verdict, doubt = EXCLUDED.doubt, model = EXCLUDED.model`,
			p.pair.One, p.pair.Other, int64(p.bits*thousand), string(p.verdict), string(p.doubt), version, tx.Now())
		if err != nil {
			return err
		}
	}
	return nil
}

// standing is what is known of the records of some pairs: the person whom each
// that is tied is of, or itself; those that were erased are left out. Of some
// there are decisions.
type standing struct {
	person  map[string]string
	decided map[string]bool // by the older record of the pair
}

// standingOf asks for many records at a time: a run over a register finds pairs
// by the hundred thousand, of which hardly any was judged.
func standingOf(ctx context.Context, q db.Reader, pairs []found) (s standing, err error) {
	s = standing{map[string]string{}, map[string]bool{}}
	var ids []string
	for _, p := range pairs {
		for _, id := range []string{p.pair.One, p.pair.Other} {
			if _, listed := s.person[id]; !listed {
				s.person[id] = ""
				ids = append(ids, id)
			}
		}
	}
	for len(ids) > 0 {
		args := make([]any, min(len(ids), 500))
		for i := range args {
			args[i] = ids[i]
		}
		ids = ids[len(args):]
		rows, err := q.Query(ctx, `SELECT p.id, COALESCE(t.person_id, p.id) FROM persons p LEFT JOIN ties t ON t.record_id = p.id
			WHERE p.id IN `+db.In(len(args))+` AND p.erased_at IS NULL`, args...)
		if _, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (id string, err error) {
			var person string
			err = row.Scan(&id, &person)
			s.person[id] = person
			return id, err
		}); err != nil {
			return s, err
		}
		rows, err = q.Query(ctx, `SELECT DISTINCT one_id FROM link_decisions WHERE one_id IN `+db.In(len(args)), args...)
		ones, err := db.Collect(rows, err, oneString)
		if err != nil {
			return s, err
		}
		for _, id := range ones {
			s.decided[id] = true
		}
	}
	return s, nil
}

// askable reports whether a pair may be put before somebody: both are there and
// not of one person yet, and what was decided was decided from other evidence.
func (s standing) askable(ctx context.Context, q db.Reader, p ties.Pair) (bool, error) {
	one, other := s.person[p.One], s.person[p.Other]
	if one == "" || other == "" || one == other || !s.decided[p.One] {
		return one != "" && other != "" && one != other, nil
	}
	d, decided, err := latest(ctx, q, p)
	if err != nil || !decided || d.State == Proposed {
		return true, err
	}
	records, err := features(ctx, q, oneOf([]string{p.One, p.Other}))
	if err != nil || len(records) != 2 {
		return false, err
	}
	return d.evidence != evidenceOf(records[0], records[1]), nil
}

// Result is what a run over the whole register found.
type Result struct {
	Records int
	Pairs   int
	Model   string
	Took    time.Duration
}

// leastBits is the evidence from which on a pair is put before the review desk: one in twenty.
const leastBits = -4.25

// enoughToLearn is from how many records on a run learns a model of the register's own.
const enoughToLearn = 20_000

// Run compares the whole register with itself, in the order of ids. It may be
// stopped, and goes on behind the record that it had come to when it is run again,
// whoever was registered or erased in between: who is new is linked in rounds.
// Progress is told how far it is.
func (f *Finder) Run(ctx context.Context, progress func(done, of int)) (r Result, err error) {
	began := f.d.Now()
	var from mark
	if err = f.d.Read(ctx, func(q db.Reader) error { from, err = markOf(ctx, q, runMark); return err }); err != nil {
		return r, fmt.Errorf("link the register: %w", err)
	}
	f.Rest() // records must be in one order for a run to go on
	if err = f.Make(ctx); err != nil {
		return r, fmt.Errorf("link the register: %w", err)
	}
	x := f.index
	done := 0
	if last, err := idOf(from.text); err == nil { // how many those are by now: somebody may have been erased since
		done = x.UpTo(last)
	}
	if r.Records = x.Len(); done == 0 && r.Records >= enoughToLearn {
		if err = f.learn(ctx, x); err != nil {
			return r, fmt.Errorf("link the register: %w", err)
		}
	}
	r.Model = x.Model().Version
	var batch []found
	err = x.Join(ctx, index.Joining{Least: leastBits, Workers: runtime.NumCPU(), From: done,
		Found: func(p index.Pair) error {
			batch = append(batch, found{ties.PairOf(textOf(p.A), textOf(p.B)), p.Bits, verdictOf(p), p.Doubt})
			return nil
		},
		Done: func(upTo, of int) error {
			r.Pairs += len(batch)
			progress(upTo, of)
			some := batch
			batch = nil
			return f.d.Maintain(ctx, func(tx *db.Tx) error {
				if err := f.enter(ctx, tx, some); err != nil {
					return err
				}
				return setMark(ctx, tx, runMark, mark{int64(upTo), textOf(x.Last(upTo))})
			})
		}})
	if err != nil {
		return r, fmt.Errorf("link the register: %w", err)
	}
	r.Took = f.d.Now().Sub(began)
	return r, f.d.Maintain(ctx, func(tx *db.Tx) error { return setMark(ctx, tx, runMark, mark{}) })
}

// learn learns a model of the register's own and keeps it.
func (f *Finder) learn(ctx context.Context, x *index.Index) error {
	known, err := index.Default()
	if err != nil {
		return err
	}
	m, err := x.Learn("register "+f.d.Now().Format("2006-01-02"), 1, known)
	if errors.Is(err, index.ErrTooFew) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := x.Use(m); err != nil {
		return err
	}
	var text strings.Builder
	if err := m.Write(&text); err != nil {
		return err
	}
	return f.d.Maintain(ctx, func(tx *db.Tx) error { return setMark(ctx, tx, modelMark, mark{0, text.String()}) })
}

// verdictOf is the verdict on a pair that a run found. What is near the bound is
// for a person to decide.
func verdictOf(p index.Pair) matching.Verdict {
	if v := matching.JudgePair(p); v != matching.Unlikely {
		return v
	}
	return matching.Likely
}
