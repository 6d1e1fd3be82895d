// SPDX-License-Identifier: Apache-2.0

package cases

import (
	"context"
	"fmt"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/persons"
)

// Forget takes out of the cases of a person who was erased whatever she could be known by, and ends them. What stays is what
// the totals need: programme, office, days, risk, how it was closed. The caller has erased the person, in the same transaction.
func Forget(ctx context.Context, tx *db.Tx, person persons.ID) error {
	rows, err := tx.Query(ctx, `SELECT id FROM cases WHERE person_id = ?`, string(person))
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (s string, err error) {
		err = r.Scan(&s)
		return s, err
	})
	if err != nil {
		return fmt.Errorf("forget cases: %w", err)
	}
	for _, id := range all {
		for _, statement := range []string{
			`DELETE FROM case_votes WHERE approval_id IN (SELECT id FROM case_approvals WHERE case_id = ?)`,
			`DELETE FROM case_approvals WHERE case_id = ?`,
			`DELETE FROM case_tasks WHERE case_id = ?`,
			`DELETE FROM case_members WHERE case_id = ?`,
			`DELETE FROM case_notes WHERE case_id = ?`,
			`DELETE FROM case_pauses WHERE case_id = ?`,
			`DELETE FROM case_events WHERE case_id = ?`,
		} {
			if _, err := tx.Exec(ctx, statement, id); err != nil {
				return fmt.Errorf("forget cases: %w", err)
			}
		}
		if _, err := tx.Exec(ctx, `UPDATE cases SET worker_id = '', worker_name = '', status = 'closed', due_for = '', due_on = ?, alarm_to = '', alarm_at = NULL,
			ended_at = COALESCE(ended_at, ?), version = version + 1 WHERE id = ?`, Never, tx.Now(), id); err != nil {
			return fmt.Errorf("forget cases: %w", err)
		}
		if err := access.Forget(ctx, tx, id); err != nil {
			return fmt.Errorf("forget cases: %w", err)
		}
	}
	return nil
}
