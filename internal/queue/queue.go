// SPDX-License-Identifier: Apache-2.0

// Package queue keeps work to do later in the database, and says which process
// does it. A job is added in the transaction that makes it necessary; it is
// carried out at least once, by one process at a time.
package queue

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"fera/internal/db"
	"fera/internal/ids"
)

// Job is a piece of work. Its exported fields are kept as JSON; they hold ids,
// never personal data.
type Job interface{ Kind() string }

// Add puts a job in the queue, in the transaction that makes it necessary.
func Add(ctx context.Context, tx *db.Tx, job Job, due time.Time) error {
	body, err := json.Marshal(job)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO queue_jobs (id, kind, body, due_at, attempts, holder, failure) VALUES (?, ?, ?, ?, 0, '', '')`,
		ids.New(tx.Now()), job.Kind(), string(body), due)
	if err != nil {
		return fmt.Errorf("add job %s: %w", job.Kind(), err)
	}
	return nil
}

// Lease makes holder the one who does the named work until a time from now, if
// nobody else is, and reports whether it is. Who holds it may hold it again.
func Lease(ctx context.Context, d *db.DB, name, holder string, lasts time.Duration) (held bool, err error) {
	err = d.Maintain(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `INSERT INTO queue_leases (name, holder, until) VALUES (?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
			WHERE queue_leases.holder = excluded.holder OR queue_leases.until < ?`, name, holder, tx.Now().Add(lasts), tx.Now())
		held = n > 0
		return err
	})
	return held, err
}

// Release gives a lease back, so that another process need not wait for its end.
func Release(ctx context.Context, d *db.DB, name, holder string) error {
	return d.Maintain(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM queue_leases WHERE name = ? AND holder = ?`, name, holder)
		return err
	})
}

// Claimed is a job that this process may carry out until its lease ends.
type Claimed struct {
	ID       string
	Kind     string
	Body     []byte
	Attempts int
}

// mostAttempts is how often a job is tried before it is left for a person to see.
const mostAttempts = 12

// Claim takes the job that has waited longest, or reports that there is none.
func Claim(ctx context.Context, d *db.DB, holder string, lasts time.Duration) (c Claimed, ok bool, err error) {
	err = d.Maintain(ctx, func(tx *db.Tx) error {
		ok = false
		err := tx.QueryRow(ctx, `SELECT id, kind, body, attempts FROM queue_jobs
			WHERE done_at IS NULL AND due_at <= ? AND (until IS NULL OR until < ?) AND attempts < ? ORDER BY due_at, id LIMIT 1`,
			tx.Now(), tx.Now(), mostAttempts).Scan(&c.ID, &c.Kind, &c.Body, &c.Attempts)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `UPDATE queue_jobs SET holder = ?, until = ?, attempts = attempts + 1 WHERE id = ? AND done_at IS NULL AND (until IS NULL OR until < ?)`,
			holder, tx.Now().Add(lasts), c.ID, tx.Now())
		ok = n > 0
		return err
	})
	return c, ok, err
}

// Finish marks a claimed job done, in the transaction that did it. It fails when
// the lease was lost meanwhile, so that no work is done twice.
func Finish(ctx context.Context, tx *db.Tx, c Claimed, holder string) error {
	n, err := tx.Exec(ctx, `UPDATE queue_jobs SET done_at = ?, until = NULL WHERE id = ? AND holder = ? AND done_at IS NULL`, tx.Now(), c.ID, holder)
	if err == nil && n == 0 {
		return fmt.Errorf("job %s is no longer ours", c.ID)
	}
	return err
}

// Fail puts a claimed job back with the reason, to be tried again later and later.
func Fail(ctx context.Context, d *db.DB, c Claimed, holder, reason string) error {
	return d.Maintain(ctx, func(tx *db.Tx) error {
		wait := time.Duration(1<<min(c.Attempts, 10)) * time.Second
		_, err := tx.Exec(ctx, `UPDATE queue_jobs SET until = NULL, due_at = ?, failure = ? WHERE id = ? AND holder = ? AND done_at IS NULL`,
			tx.Now().Add(wait), reason, c.ID, holder)
		return err
	})
}
