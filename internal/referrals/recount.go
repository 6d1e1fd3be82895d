// SPDX-License-Identifier: Apache-2.0

package referrals

import (
	"context"
	"maps"

	"fera/internal/db"
)

// Recount counts all referrals anew, and returns how many of the totals were otherwise. What is kept is replaced.
func Recount(ctx context.Context, d *db.DB) (wrong int, err error) {
	err = d.Maintain(ctx, func(tx *db.Tx) error {
		wrong, err = recount(ctx, tx)
		return err
	})
	return wrong, err
}

func recount(ctx context.Context, tx *db.Tx) (wrong int, err error) {
	now := map[cell]int{}
	for after := ""; ; {
		rows, err := tx.Query(ctx, `SELECT `+columns+` FROM referrals r WHERE r.id > ? ORDER BY r.id LIMIT 1000`, after)
		some, err := db.Collect(rows, err, scan)
		if err != nil {
			return 0, err
		}
		for _, r := range some {
			for _, c := range r.cells() {
				now[c]++
			}
		}
		if len(some) < 1000 {
			break
		}
		after = string(some[len(some)-1].ID)
	}
	rows, err := tx.Query(ctx, `SELECT part, period, named, beside, step, days, n FROM referral_flows WHERE n <> 0`)
	type kept struct {
		cell
		n int
	}
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (k kept, err error) {
		return k, row.Scan(&k.part, &k.period, &k.named, &k.beside, &k.step, &k.days, &k.n)
	})
	if err != nil {
		return 0, err
	}
	left := maps.Clone(now)
	for _, k := range all {
		if left[k.cell] != k.n {
			wrong++
		}
		delete(left, k.cell)
	}
	if wrong += len(left); wrong == 0 {
		return 0, nil
	}
	if _, err := tx.Exec(ctx, `DELETE FROM referral_flows`); err != nil {
		return wrong, err
	}
	return wrong, add(ctx, tx, now)
}
