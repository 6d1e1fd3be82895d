// SPDX-License-Identifier: Apache-2.0

package accounts

import (
	"context"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/ids"
)

// Notice is something a user was told. Key is that of a text in the catalogues;
// Subject says what it is about, as in the trail ("person:<id>").
type Notice struct {
	ID      string
	Key     string
	Subject string
	At      time.Time
	Read    bool
}

// Tell leaves a notice for each of the users, in the transaction of what they
// are told of.
func Tell(ctx context.Context, tx *db.Tx, users []string, key, subject string) error {
	for _, user := range users {
		_, err := tx.Exec(ctx, `INSERT INTO notices (id, user_id, key, subject, at) VALUES (?, ?, ?, ?, ?)`, ids.New(tx.Now()), user, key, subject, tx.Now())
		if err != nil {
			return fmt.Errorf("tell: %w", err)
		}
	}
	return nil
}

// Notices returns what who was told, the latest first.
func Notices(ctx context.Context, q db.Reader, who access.Actor, limit int) ([]Notice, error) {
	rows, err := q.Query(ctx, `SELECT id, key, subject, at, read_at IS NOT NULL FROM notices WHERE user_id = ? ORDER BY id DESC LIMIT ?`, who.ID, limit)
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (n Notice, err error) {
		err = row.Scan(&n.ID, &n.Key, &n.Subject, db.Time(&n.At), &n.Read)
		return n, err
	})
}

// MarkRead says that who has read everything told until now.
func MarkRead(ctx context.Context, tx *db.Tx, who access.Actor) error {
	if err := access.CheckSelf(tx, who, who.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE notices SET read_at = ? WHERE user_id = ? AND read_at IS NULL`, tx.Now(), who.ID); err != nil {
		return fmt.Errorf("mark read: %w", err)
	}
	return audit.Record(ctx, tx, who, access.OwnAccount, audit.Entry{Subject: "user:" + who.ID, After: map[string]string{"notices": "read"}})
}
