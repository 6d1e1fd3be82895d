// SPDX-License-Identifier: Apache-2.0

// Package index finds people by terms: keys of names by sound, pairs of keys,
// blind hashes of numbers. It knows subjects, offices and places by their ids
// only; what the terms are is the business of who enters them.
//
// The index grows in rounds, as a log-structured tree does. What is entered
// Later lies on one page with all that came in the same moment. A round takes
// many of them in the order of the index, so that a page of it is written once
// for all whose terms lie there and not once for each: measured, a registration
// writes some eight pages of the index otherwise. A search looks in both.
package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"fera/internal/db"
)

// Place is where a subject is entered: at an office, with the code of her home,
// so that a search by office or by place reads one range of the index.
type Place struct {
	Subject string
	Office  string
	Home    string
}

// line is one line of the index.
type line struct {
	term string
	Place
}

// Later leaves a subject's terms for the next round. Searches find her at once.
// Terms hold no spaces.
func Later(ctx context.Context, tx *db.Tx, p Place, terms []string) error {
	_, err := tx.Exec(ctx, `INSERT INTO index_waiting (subject_id, office_id, place_code, terms) VALUES (?, ?, ?, ?)`,
		p.Subject, p.Office, p.Home, " "+strings.Join(terms, " ")+" ")
	if err != nil {
		return fmt.Errorf("enter terms later: %w", err)
	}
	return nil
}

// Enter enters a subject's terms at once.
func Enter(ctx context.Context, tx *db.Tx, p Place, terms []string) error {
	all := make([]line, len(terms))
	for i, t := range terms {
		all[i] = line{t, p}
	}
	if err := insert(ctx, tx, all); err != nil {
		return fmt.Errorf("enter terms: %w", err)
	}
	return nil
}

// Forget takes a subject out of the index, given the terms and the offices under
// which she may be in it, so that the index needs no second order.
func Forget(ctx context.Context, tx *db.Tx, subject string, terms, offices []string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM index_waiting WHERE subject_id = ?`, subject); err != nil {
		return fmt.Errorf("forget terms: %w", err)
	}
	for _, t := range terms {
		for _, o := range offices {
			if _, err := tx.Exec(ctx, `DELETE FROM index_terms WHERE term = ? AND office_id = ? AND subject_id = ?`, t, o, subject); err != nil {
				return fmt.Errorf("forget terms: %w", err)
			}
		}
	}
	return nil
}

// insert writes lines of the index, in statements of few lengths, so that they
// stay prepared.
func insert(ctx context.Context, tx *db.Tx, all []line) error {
	for len(all) > 0 {
		n := 1
		for _, size := range []int{64, 8} {
			if len(all) >= size {
				n = size
				break
			}
		}
		args := make([]any, 0, 4*n)
		for _, l := range all[:n] {
			args = append(args, l.term, l.Office, l.Subject, l.Home)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO index_terms (term, office_id, subject_id, place_code) VALUES `+db.Values(n, 4)+` ON CONFLICT DO NOTHING`, args...); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

// The sizes of rounds: beside a desk that works, and while a store is filled.
const (
	Beside = 5_000
	Bulk   = 50_000
)

// sliceLines is how many lines one transaction writes: few enough that the desk
// does not wait for it.
const sliceLines = 1_500

// errMoved says that somebody of the round was changed or erased meanwhile.
var errMoved = errors.New("the round no longer holds")

// Settle enters those who wait, in rounds of at most so many, and returns how
// many they were. It may run at any time, but several at a time do the same work
// twice.
func Settle(ctx context.Context, d *db.DB, most int) (total int, err error) {
	for {
		n, err := round(ctx, d, most)
		if errors.Is(err, errMoved) {
			continue // what is entered by now is entered; who was changed is no longer waiting
		}
		total += n
		if err != nil {
			return total, fmt.Errorf("settle the index: %w", err)
		}
		if n < most {
			return total, nil
		}
	}
}

func round(ctx context.Context, d *db.DB, most int) (int, error) {
	var fresh []Waiting
	err := d.Read(ctx, func(q db.Reader) error {
		rows, err := q.Query(ctx, `SELECT subject_id, office_id, place_code, terms FROM index_waiting ORDER BY subject_id LIMIT ?`, most)
		fresh, err = db.Collect(rows, err, scanWaiting)
		return err
	})
	if err != nil || len(fresh) == 0 {
		return 0, err
	}
	for lines := range slices.Chunk(linesOf(fresh), sliceLines) {
		if err := d.Maintain(ctx, func(tx *db.Tx) error {
			if err := still(ctx, tx, fresh); err != nil {
				return err
			}
			return insert(ctx, tx, lines)
		}); err != nil {
			return 0, err
		}
	}
	return len(fresh), d.Maintain(ctx, func(tx *db.Tx) error {
		if err := still(ctx, tx, fresh); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM index_waiting WHERE subject_id <= ?`, fresh[len(fresh)-1].Subject)
		return err
	})
}

// still makes sure that all of a round are waiting yet: who was changed or erased
// since it was read is not, and her old terms must not come back.
func still(ctx context.Context, tx *db.Tx, fresh []Waiting) error {
	var n int
	err := tx.QueryRow(ctx, `SELECT count(*) FROM index_waiting WHERE subject_id <= ?`, fresh[len(fresh)-1].Subject).Scan(&n)
	if err == nil && n != len(fresh) {
		return errMoved
	}
	return err
}

// linesOf are the lines of those who wait, in the order of the index.
func linesOf(fresh []Waiting) (all []line) {
	for _, w := range fresh {
		for _, t := range w.Terms {
			all = append(all, line{t, w.Place})
		}
	}
	slices.SortFunc(all, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.term, b.term), cmp.Compare(a.Office, b.Office), cmp.Compare(a.Subject, b.Subject))
	})
	return all
}
