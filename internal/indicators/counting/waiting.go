// SPDX-License-Identifier: Apache-2.0

package counting

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"fera/internal/db"
	"fera/internal/ids"
	"fera/internal/indicators/facts"
	"fera/internal/seal"
)

// The changes of some entries of the trail touch thousands of pages of totals, and
// the next ones many of the same. So they wait in one row, and a round adds those
// of many entries at once. Questions read what waits too, so there may not be much of it.
const (
	mostWaiting = 150_000 // cells
	longest     = 30 * time.Second
)

func placeOfWaiting(id string) string { return "figure_waiting.sealed:" + id }

// apply leaves changes of the totals for the next round.
func apply(ctx context.Context, tx *db.Tx, change facts.Totals) error {
	if len(change) == 0 {
		return nil
	}
	if err := wait(ctx, tx, change, false, tx.Now()); err != nil {
		return fmt.Errorf("change totals: %w", err)
	}
	return nil
}

// wait keeps changes in a row, with when they were.
func wait(ctx context.Context, tx *db.Tx, pages facts.Totals, ready bool, at time.Time) error {
	var text []byte
	cells := 0
	for _, p := range inOrder(pages) {
		cube, err := cubeOf(p.Cube)
		if err != nil {
			return err
		}
		page := cube.Encode(pages[p])
		for _, n := range []int{int(p.Measure), int(p.What), int(p.Lane), int(p.Cube), int(p.Month), len(page)} {
			text = binary.AppendUvarint(text, uint64(n))
		}
		text = append(text, page...)
		cells += len(pages[p])
	}
	id := ids.New(tx.Now())
	sealed, err := seal.Seal(ctx, tx, seal.System, placeOfWaiting(id), text)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO figure_waiting (id, ready, cells, sealed, at) VALUES (?, ?, ?, ?, ?)`, id, ready, cells, sealed, at)
	return err
}

// waitingRow is a row of figure_waiting.
type waitingRow struct {
	id     string
	sealed []byte
	at     time.Time
}

func waitingRows(ctx context.Context, q db.Reader, where string) ([]waitingRow, error) {
	rows, err := q.Query(ctx, `SELECT id, sealed, at FROM figure_waiting WHERE `+where+` ORDER BY id`)
	return db.Collect(rows, err, func(r interface{ Scan(...any) error }) (w waitingRow, err error) {
		err = r.Scan(&w.id, &w.sealed, db.Time(&w.at))
		return w, err
	})
}

var errWaiting = errors.New("what waits to be added to the totals cannot be read")

// each reads the cells of a row.
func (w waitingRow) each(ctx context.Context, q db.Reader, yield func(facts.Page, facts.Cell, facts.Value)) error {
	text, err := seal.Open(ctx, q, seal.System, placeOfWaiting(w.id), w.sealed)
	if err != nil {
		return err
	}
	for len(text) > 0 {
		var head [6]uint64
		for i := range head {
			n, size := binary.Uvarint(text)
			if size <= 0 {
				return errWaiting
			}
			head[i], text = n, text[size:]
		}
		p := facts.Page{Measure: facts.Code(head[0]), What: facts.Code(head[1]), Lane: facts.Lane(head[2]), Cube: uint8(head[3]), Month: facts.Month(head[4])}
		cube, err := cubeOf(p.Cube)
		if err != nil || head[5] > uint64(len(text)) {
			return errors.Join(errWaiting, err)
		}
		if err := cube.Decode(text[:head[5]], func(c facts.Cell, v facts.Value) { yield(p, c, v) }); err != nil {
			return err
		}
		text = text[head[5]:]
	}
	return nil
}

// waitingCells reads all that waits.
func waitingCells(ctx context.Context, q db.Reader, yield func(facts.Page, facts.Cell, facts.Value)) error {
	rows, err := waitingRows(ctx, q, `TRUE`)
	if err != nil {
		return err
	}
	for _, w := range rows {
		if err := w.each(ctx, q, yield); err != nil {
			return err
		}
	}
	return nil
}

// Settle adds to the totals what waits, when there is enough of it or it has waited
// long: first all of it is put together in parts of few pages, then each part is
// added in a transaction of its own. Whatever is done or not yet done, totals and
// what waits are right together.
func Settle(ctx context.Context, d *db.DB) error {
	if err := d.Maintain(ctx, func(tx *db.Tx) error { return gather(ctx, tx) }); err != nil {
		return fmt.Errorf("settle totals: %w", err)
	}
	for more := true; more; {
		if err := d.Maintain(ctx, func(tx *db.Tx) (err error) {
			more, err = settlePart(ctx, tx)
			return err
		}); err != nil {
			return fmt.Errorf("settle totals: %w", err)
		}
	}
	return nil
}

// gather puts what waits together in parts that are ready to be added.
func gather(ctx context.Context, tx *db.Tx) error {
	var cells int
	var oldest time.Time
	if err := tx.QueryRow(ctx, `SELECT COALESCE(sum(cells), 0), min(at) FROM figure_waiting WHERE ready = FALSE`).Scan(&cells, db.NullTime(&oldest)); err != nil {
		return err
	}
	if cells == 0 || cells < mostWaiting && tx.Now().Sub(oldest) < longest {
		return nil
	}
	rows, err := waitingRows(ctx, tx, `ready = FALSE`)
	if err != nil {
		return err
	}
	sum := facts.Totals{}
	for _, w := range rows {
		if err := w.each(ctx, tx, sum.Add); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM figure_waiting WHERE id = ?`, w.id); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(inOrder(sum), pagesAtOnce) {
		part := facts.Totals{}
		for _, p := range some {
			part[p] = sum[p]
		}
		if err := wait(ctx, tx, part, true, rows[len(rows)-1].at); err != nil {
			return err
		}
	}
	return nil
}

// settlePart adds one part that is ready, and reports whether there may be more.
func settlePart(ctx context.Context, tx *db.Tx) (bool, error) {
	rows, err := waitingRows(ctx, tx, `ready = TRUE AND id = (SELECT min(id) FROM figure_waiting WHERE ready = TRUE)`)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	part := facts.Totals{}
	if err := rows[0].each(ctx, tx, part.Add); err != nil {
		return false, err
	}
	for _, p := range inOrder(part) {
		if err := applyPage(ctx, tx, p, part[p], rows[0].at); err != nil {
			return false, err
		}
	}
	_, err = tx.Exec(ctx, `DELETE FROM figure_waiting WHERE id = ?`, rows[0].id)
	return true, err
}

// Changed tells whether totals of a measure and some months have changed since a moment.
func Changed(ctx context.Context, q db.Reader, p Pick, since time.Time) (bool, error) {
	var n int
	if err := q.QueryRow(ctx, `SELECT count(*) FROM figure_pages WHERE measure = ? AND month >= ? AND month <= ? AND changed_at > ?`, int(p.Measure), int(p.From), int(p.To), since).Scan(&n); err != nil || n > 0 {
		return n > 0, err
	}
	rows, err := waitingRows(ctx, q, `TRUE`)
	if err != nil {
		return false, err
	}
	changed := false
	for _, w := range rows {
		if err := w.each(ctx, q, func(page facts.Page, _ facts.Cell, _ facts.Value) {
			changed = changed || w.at.After(since) && page.Measure == p.Measure && page.Month >= p.From && page.Month <= p.To
		}); err != nil {
			return false, err
		}
	}
	return changed, nil
}
