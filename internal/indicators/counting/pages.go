// SPDX-License-Identifier: Apache-2.0

package counting

import (
	"context"
	"fmt"
	"slices"
	"strings"

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

// apply adds changes to the totals that are kept, page by page in one order.
func apply(ctx context.Context, tx *db.Tx, change facts.Totals) error {
	pages := make([]facts.Page, 0, len(change))
	for p, cells := range change {
		if len(cells) > 0 {
			pages = append(pages, p)
		}
	}
	slices.SortFunc(pages, func(a, b facts.Page) int { return strings.Compare(keyOf(a), keyOf(b)) })
	for _, p := range pages {
		if err := applyPage(ctx, tx, p, change[p]); err != nil {
			return fmt.Errorf("change totals: %w", err)
		}
	}
	return nil
}

func applyPage(ctx context.Context, tx *db.Tx, p facts.Page, cells map[facts.Cell]facts.Value) error {
	cube, err := cubeOf(p.Cube)
	if err != nil {
		return err
	}
	sum := facts.Totals{}
	if err := EachCell(ctx, tx, `measure = ? AND kind = ? AND lane = ? AND cube = ? AND month = ?`,
		[]any{int(p.Measure), int(p.What), int(p.Lane), int(p.Cube), int(p.Month)}, func(of facts.Page, c facts.Cell, v facts.Value) { sum.Add(of, c, v) }); err != nil {
		return err
	}
	for c, v := range cells {
		sum.Add(p, c, v)
	}
	key := []any{int(p.Measure), int(p.What), int(p.Lane), int(p.Cube), int(p.Month)}
	if len(sum[p]) == 0 {
		_, err := tx.Exec(ctx, `DELETE FROM figure_pages WHERE measure = ? AND kind = ? AND lane = ? AND cube = ? AND month = ?`, key...)
		return err
	}
	sealed, err := seal.Seal(ctx, tx, seal.System, placeOfPage(p), cube.Encode(sum[p]))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO figure_pages (measure, kind, lane, cube, month, cells, sealed, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (measure, kind, lane, cube, month) DO UPDATE SET cells = EXCLUDED.cells, sealed = EXCLUDED.sealed, changed_at = EXCLUDED.changed_at`,
		append(key, len(sum[p]), sealed, tx.Now())...)
	return err
}

// EachCell reads the cells of all pages that meet a condition.
func EachCell(ctx context.Context, q db.Reader, where string, args []any, yield func(facts.Page, facts.Cell, facts.Value)) error {
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
