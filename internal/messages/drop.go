// SPDX-License-Identifier: Apache-2.0

package messages

import (
	"context"
	"fmt"

	"fera/internal/db"
)

// over is why a message is held of which the reason is gone.
const over = "message.held.over"

// Drop ends the messages of some kinds about something that have not left yet, because there is nothing to say any more. It is part of an act
// that was allowed; nobody is told, for nobody has to do anything.
func Drop(ctx context.Context, tx *db.Tx, subject string, kinds ...string) error {
	args := []any{subject}
	for _, k := range kinds {
		args = append(args, k)
	}
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM messages WHERE state = 'waiting' AND subject = ? AND kind IN `+db.In(len(kinds)), args...)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return fmt.Errorf("drop messages: %w", err)
	}
	for _, m := range all {
		m.Why = over
		if _, err := tx.Exec(ctx, `UPDATE messages SET state = ?, why = ?, ended_at = ? WHERE id = ?`, string(Held), m.Why, tx.Now(), string(m.ID)); err != nil {
			return fmt.Errorf("drop messages: %w", err)
		}
		if err := m.record(ctx, tx, Program(), Held); err != nil {
			return err
		}
	}
	return nil
}
