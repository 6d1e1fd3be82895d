// SPDX-License-Identifier: Apache-2.0

package counting

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"fera/internal/db"
	"fera/internal/indicators/facts"
	"fera/internal/seal"
)

// keyOf is the order and the name of a page.
func keyOf(p facts.Page) string {
	return fmt.Sprintf("%d.%d.%d.%d.%d", p.Measure, p.What, p.Lane, p.Cube, p.Month)
}

func placeOfPage(p facts.Page) string { return "figure_pages.sealed:" + keyOf(p) }

func cubeOf(id uint8) (facts.Cube, error) {
	cubes := facts.Cubes()
	at := slices.IndexFunc(cubes, func(c facts.Cube) bool { return c.ID == id })
	if at < 0 {
		return facts.Cube{}, fmt.Errorf("there is no cube %d", id)
	}
	return cubes[at], nil
}

// inOrder are pages in one order, so that writers do not wait for one another.
func inOrder(pages facts.Totals) []facts.Page {
	return slices.SortedFunc(maps.Keys(pages), func(a, b facts.Page) int {
		return cmp.Or(cmp.Compare(a.Measure, b.Measure), cmp.Compare(a.What, b.What), cmp.Compare(a.Lane, b.Lane), cmp.Compare(a.Cube, b.Cube), cmp.Compare(a.Month, b.Month))
	})
}

// applyPage adds changes of a moment to a page.
func applyPage(ctx context.Context, tx *db.Tx, p facts.Page, cells map[facts.Cell]facts.Value, at time.Time) error {
	cube, err := cubeOf(p.Cube)
	if err != nil {
		return err
	}
	key := []any{int(p.Measure), int(p.What), int(p.Lane), int(p.Cube), int(p.Month)}
	sum := map[facts.Cell]facts.Value{}
	if err := keptCells(ctx, tx, `measure = ? AND kind = ? AND lane = ? AND cube = ? AND month = ?`, key,
		func(_ facts.Page, c facts.Cell, v facts.Value) { sum[c] = v }); err != nil {
		return err
	}
	for c, v := range cells {
		if v = sum[c].Plus(v); v == (facts.Value{}) {
			delete(sum, c)
		} else {
			sum[c] = v
		}
	}
	if len(sum) == 0 {
		_, err := tx.Exec(ctx, `DELETE FROM figure_pages WHERE measure = ? AND kind = ? AND lane = ? AND cube = ? AND month = ?`, key...)
		return err
	}
	sealed, err := seal.Seal(ctx, tx, seal.System, placeOfPage(p), cube.Encode(sum))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO figure_pages (measure, kind, lane, cube, month, cells, sealed, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (measure, kind, lane, cube, month) DO UPDATE SET cells = EXCLUDED.cells, sealed = EXCLUDED.sealed, changed_at = EXCLUDED.changed_at`,
		append(key, len(sum), sealed, at)...)
	return err
}

// Pick is which pages are read.
type Pick struct {
	Measure  facts.Code
	Lane     facts.Lane
	Cube     uint8
	Kinds    []facts.Code // any when nil
	From, To facts.Month
}

func (p Pick) where() (string, []any) {
	where, args := `measure = ? AND lane = ? AND cube = ? AND month >= ? AND month <= ?`, []any{int(p.Measure), int(p.Lane), int(p.Cube), int(p.From), int(p.To)}
	if p.Kinds != nil {
		where += ` AND kind IN ` + db.In(len(p.Kinds))
		for _, k := range p.Kinds {
			args = append(args, int(k))
		}
	}
	return where, args
}

func (p Pick) has(page facts.Page) bool {
	return page.Measure == p.Measure && page.Lane == p.Lane && page.Cube == p.Cube && page.Month >= p.From && page.Month <= p.To && (p.Kinds == nil || slices.Contains(p.Kinds, page.What))
}

// EachCell reads the cells of the pages that are picked, and what waits to be added to them. A cell may come several times.
func EachCell(ctx context.Context, q db.Reader, p Pick, yield func(facts.Page, facts.Cell, facts.Value)) error {
	where, args := p.where()
	if err := keptCells(ctx, q, where, args, yield); err != nil {
		return err
	}
	return waitingCells(ctx, q, func(page facts.Page, c facts.Cell, v facts.Value) {
		if p.has(page) {
			yield(page, c, v)
		}
	})
}

// keptCells reads the cells of all pages that meet a condition.
func keptCells(ctx context.Context, q db.Reader, where string, args []any, yield func(facts.Page, facts.Cell, facts.Value)) error {
	if _, err := seal.Seal(ctx, q, seal.System, "figure_pages", nil); err != nil { // so that the key is there: a connection reads one thing at a time
		return err
	}
	rows, err := q.Query(ctx, `SELECT measure, kind, lane, cube, month, sealed FROM figure_pages WHERE `+where, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var p facts.Page
		var sealed []byte
		if err := rows.Scan(&p.Measure, &p.What, &p.Lane, &p.Cube, &p.Month, &sealed); err != nil {
			return err
		}
		plain, err := seal.Open(ctx, q, seal.System, placeOfPage(p), sealed)
		if err != nil {
			return err
		}
		cube, err := cubeOf(p.Cube)
		if err != nil {
			return err
		}
		if err := cube.Decode(plain, func(c facts.Cell, v facts.Value) { yield(p, c, v) }); err != nil {
			return fmt.Errorf("page %s: %w", keyOf(p), err)
		}
	}
	return rows.Err()
}
