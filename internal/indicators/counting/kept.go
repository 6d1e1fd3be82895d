// SPDX-License-Identifier: Apache-2.0

package counting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"fera/internal/db"
	"fera/internal/indicators/facts"
	"fera/internal/seal"
)

// hidden is what of class 3 is counted of one record, sealed under her key.
type hidden struct {
	Disability facts.Code   `json:"d,omitempty"`
	Ethnicity  facts.Code   `json:"e,omitempty"`
	Facts      []facts.Fact `json:"f,omitempty"`
}

func (h hidden) empty() bool { return h.Disability == 0 && h.Ethnicity == 0 && len(h.Facts) == 0 }

func placeOf(record string) string { return "figure_subjects.sealed:" + record }

// keptRow is a row of figure_subjects.
type keptRow struct {
	person, subject string
	sealed          []byte
}

func keptRows(ctx context.Context, q db.Reader, where string, of []string) ([]keptRow, error) {
	rows, err := q.Query(ctx, `SELECT person_id, subject_id, sealed FROM figure_subjects WHERE `+where+db.In(len(of))+` ORDER BY person_id`, anyOf(of)...)
	return db.Collect(rows, err, func(r interface{ Scan(...any) error }) (k keptRow, err error) {
		err = r.Scan(&k.person, &k.subject, &k.sealed)
		return k, err
	})
}

func anyOf(of []string) []any {
	args := make([]any, len(of))
	for i, id := range of {
		args[i] = id
	}
	return args
}

// errLost says that what was counted of somebody can no longer be told, because
// her key is gone: all has to be counted anew.
var errLost = errors.New("what was counted of an erased record cannot be told any more")

// keptOf reads what the totals hold of subjects.
func keptOf(ctx context.Context, q db.Reader, of []string) ([]subject, error) {
	by, err := keptOpen(ctx, q, of)
	if err != nil {
		return nil, err
	}
	rows, err := keptRows(ctx, q, `subject_id IN `, of)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		s := by[r.subject]
		if s == nil {
			s = &subject{id: r.subject}
			by[r.subject] = s
		}
		s.records = append(s.records, r.person)
		if r.sealed == nil {
			continue
		}
		var h hidden
		err := seal.FromJSON(ctx, q, seal.Place{Subject: r.person, Name: placeOf(r.person), Sealed: r.sealed}, &h)
		if errors.Is(err, seal.ErrErased) {
			return nil, errLost
		}
		if err != nil {
			return nil, err
		}
		s.facts = append(s.facts, h.Facts...)
		for i := range s.facts {
			s.facts[i].By[facts.Disability] = cmp.Or(s.facts[i].By[facts.Disability], h.Disability)
			s.facts[i].By[facts.Ethnicity] = cmp.Or(s.facts[i].By[facts.Ethnicity], h.Ethnicity)
		}
	}
	var all []subject
	for _, id := range of {
		if s := by[id]; s != nil {
			s.spread()
			all = append(all, *s)
		}
	}
	return all, nil
}

// spread gives all facts of a person what is known of her as a whole: facts that were read before it have it not.
func (s *subject) spread() {
	var d, e facts.Code
	for _, f := range s.facts {
		d, e = cmp.Or(d, f.By[facts.Disability]), cmp.Or(e, f.By[facts.Ethnicity])
	}
	for i := range s.facts {
		s.facts[i].By[facts.Disability], s.facts[i].By[facts.Ethnicity] = d, e
	}
	slices.SortFunc(s.facts, facts.Same)
}

const factColumns = `subject_id, measure, kind, kinded, record, person_id, month, day, place, org, sex, age, country, reason, events, amount`

// keptOpen reads the facts of class 2.
func keptOpen(ctx context.Context, q db.Reader, of []string) (map[string]*subject, error) {
	rows, err := q.Query(ctx, `SELECT `+factColumns+` FROM figure_facts WHERE subject_id IN `+db.In(len(of))+` ORDER BY subject_id, n`, anyOf(of)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	by := map[string]*subject{}
	for rows.Next() {
		id, f, err := scanFact(rows)
		if err != nil {
			return nil, err
		}
		if by[id] == nil {
			by[id] = &subject{id: id}
		}
		by[id].facts = append(by[id].facts, f)
	}
	return by, rows.Err()
}

func scanFact(r interface{ Scan(...any) error }) (of string, f facts.Fact, err error) {
	err = r.Scan(&of, &f.Measure, &f.What, &f.Kinded, &f.Record, &f.Person, &f.Month, &f.Day, &f.Place, &f.Org,
		&f.By[facts.Sex], &f.By[facts.Age], &f.By[facts.Country], &f.By[facts.Reason], &f.Events, &f.Amount)
	return of, f, err
}

// forget takes out what is kept of subjects. The totals are another matter.
func forget(ctx context.Context, tx *db.Tx, of []string) error {
	for _, statement := range []string{`DELETE FROM figure_facts WHERE subject_id IN `, `DELETE FROM figure_subjects WHERE subject_id IN `} {
		if _, err := tx.Exec(ctx, statement+db.In(len(of)), anyOf(of)...); err != nil {
			return fmt.Errorf("forget what was counted: %w", err)
		}
	}
	return nil
}

// keep writes down what the totals hold of subjects of which nothing is kept.
func keep(ctx context.Context, tx *db.Tx, all []subject) error {
	var open []factRow
	for _, s := range all {
		parts := map[string]hidden{}
		n := 0
		for _, f := range s.facts {
			if !f.Hidden {
				open = append(open, factRow{s.id, n, f})
				n++
				continue
			}
			p := parts[f.Person]
			p.Facts = append(p.Facts, f)
			parts[f.Person] = p
		}
		for d, record := range s.gave {
			p := parts[record]
			if d == facts.Disability {
				p.Disability = s.facts[0].By[d]
			} else {
				p.Ethnicity = s.facts[0].By[d]
			}
			parts[record] = p
		}
		if err := insertHidden(ctx, tx, s, parts); err != nil {
			return fmt.Errorf("keep what was counted: %w", err)
		}
	}
	if err := insertFacts(ctx, tx, open); err != nil {
		return fmt.Errorf("keep what was counted: %w", err)
	}
	return nil
}

// factRow is a row of figure_facts.
type factRow struct {
	subject string
	n       int
	facts.Fact
}

// rowsAtOnce is how many facts one statement writes.
const rowsAtOnce = 64

func insertFacts(ctx context.Context, tx *db.Tx, all []factRow) error {
	for len(all) > 0 {
		some := all[:min(rowsAtOnce, len(all))]
		if len(some) < rowsAtOnce {
			some = some[:1] // statements of two lengths only, so that they stay prepared
		}
		args := make([]any, 0, 17*len(some))
		for _, f := range some {
			args = append(args, f.subject, f.n, int(f.Measure), int(f.What), f.Kinded, f.Record, f.Person, int(f.Month), int(f.Day), int(f.Place), int(f.Org),
				int(f.By[facts.Sex]), int(f.By[facts.Age]), int(f.By[facts.Country]), int(f.By[facts.Reason]), f.Events, f.Amount)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO figure_facts (subject_id, n, measure, kind, kinded, record, person_id, month, day, place, org, sex, age, country, reason, events, amount) VALUES `+
			db.Values(len(some), 17), args...); err != nil {
			return err
		}
		all = all[len(some):]
	}
	return nil
}

func insertHidden(ctx context.Context, tx *db.Tx, s subject, parts map[string]hidden) error {
	for _, record := range s.records {
		h := parts[record]
		if h.empty() && len(s.records) == 1 {
			continue // she is counted as herself, which needs no row
		}
		var sealed any
		if !h.empty() {
			text, err := seal.JSON(ctx, tx, record, placeOf(record), h)
			if err != nil {
				return err
			}
			sealed = text
		}
		if _, err := tx.Exec(ctx, `INSERT INTO figure_subjects (person_id, subject_id, sealed) VALUES (?, ?, ?)`, record, s.id, sealed); err != nil {
			return err
		}
	}
	return nil
}

// EachFact reads the facts of class 2 that meet a condition on figure_facts f, with the subject of each.
func EachFact(ctx context.Context, q db.Reader, where string, args []any, yield func(subject string, f facts.Fact)) error {
	rows, err := q.Query(ctx, `SELECT `+factColumns+` FROM figure_facts f WHERE `+where, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		subject, f, err := scanFact(rows)
		if err != nil {
			return err
		}
		yield(subject, f)
	}
	return rows.Err()
}
