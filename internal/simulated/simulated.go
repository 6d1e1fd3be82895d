// SPDX-License-Identifier: Apache-2.0

// Package simulated knows whether the people of a store are made up, as those of a demonstration are. Whatever leaves such a store says
// so. It is about a whole store; what is made up inside a real one, for practice, is known by its identifiers.
package simulated

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"fera/internal/db"
)

// Mark notes that people who do not exist are put into a store. Nothing takes the note out again.
func Mark(ctx context.Context, d *db.DB) error {
	if err := d.Maintain(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO simulated_since (id, at) VALUES ('store', ?) ON CONFLICT DO NOTHING`, tx.Now())
		return err
	}); err != nil {
		return fmt.Errorf("mark a store as simulated: %w", err)
	}
	return nil
}

// known is the name under which a snapshot remembers the answer.
type known struct{}

// Is tells whether the people of a store are made up.
func Is(ctx context.Context, q db.Reader) (bool, error) {
	is, err := q.Memo(known{}, func() (any, error) {
		var one string
		err := q.QueryRow(ctx, `SELECT id FROM simulated_since`).Scan(&one)
		if errors.Is(err, sql.ErrNoRows) {
			return false, nil
		}
		return true, err
	})
	if err != nil {
		return false, fmt.Errorf("whether a store is simulated: %w", err)
	}
	return is.(bool), nil
}
