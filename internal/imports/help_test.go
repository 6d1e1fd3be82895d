// SPDX-License-Identifier: Apache-2.0

package imports_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/imports"
	"fera/internal/matching"
)

func revoke(ctx context.Context, tx *db.Tx, who access.Actor) error {
	return accounts.RevokeRole(ctx, tx, terminal(), accounts.Held{User: who.ID, Role: access.Supervisor, Scope: access.AtOffice(who.Office)})
}

// holds tells whether any cell of a table holds a text.
func holds(t *testing.T, d *db.DB, table, text string) (found bool) {
	t.Helper()
	err := d.Read(t.Context(), func(q db.Reader) error {
		rows, err := q.Query(t.Context(), `SELECT * FROM `+table)
		if err != nil {
			return err
		}
		defer rows.Close()
		columns, err := rows.Columns()
		if err != nil {
			return err
		}
		for rows.Next() {
			cells := make([]any, len(columns))
			for i := range cells {
				cells[i] = new(any)
			}
			if err := rows.Scan(cells...); err != nil {
				return err
			}
			for _, c := range cells {
				v := *c.(*any)
				if raw, ok := v.([]byte); ok {
					v = string(raw)
				}
				found = found || strings.Contains(fmt.Sprint(v), text)
			}
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// saysOf reports whether a line gives a reason.
func saysOf(l imports.Line, key string) bool {
	return slices.ContainsFunc(l.Why, func(b matching.Because) bool { return b.Key == key })
}
