// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"context"
	"encoding/json"
	"fmt"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/ids"
)

// Appoint notes whom one speaks to at an organisation, about a service or at a location.
func Appoint(ctx context.Context, tx *db.Tx, who access.Actor, f listing.Focal) (string, error) {
	e, err := Find(ctx, tx, who, f.Entry)
	if err != nil {
		return "", err
	}
	_, perm, err := mayChange(ctx, tx, who, f.Entry, e.Version)
	if err != nil {
		return "", err
	}
	return appoint(ctx, tx, who, perm, f)
}

func appoint(ctx context.Context, tx *db.Tx, who access.Actor, perm access.Permission, f listing.Focal) (string, error) {
	if wrong := f.Check(); wrong != nil {
		return "", wrong
	}
	if f.ID == "" {
		f.ID = ids.New(tx.Now())
	}
	text, err := json.Marshal(f)
	if err != nil {
		return "", err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO directory_people (id, entry_id, definition, user_name, at, ended_by) VALUES (?, ?, ?, ?, ?, '')
		ON CONFLICT (id) DO UPDATE SET definition = excluded.definition, user_name = excluded.user_name, at = excluded.at`, f.ID, f.Entry, string(text), who.Name, tx.Now()); err != nil {
		return "", fmt.Errorf("appoint: %w", err)
	}
	return f.ID, audit.Record(ctx, tx, who, perm, audit.Entry{Subject: "directory:" + f.Entry, Named: []string{"people"}})
}

// Dismiss notes that somebody is not spoken to any more.
func Dismiss(ctx context.Context, tx *db.Tx, who access.Actor, entry, id string) error {
	e, err := Find(ctx, tx, who, entry)
	if err != nil {
		return err
	}
	_, perm, err := mayChange(ctx, tx, who, entry, e.Version)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE directory_people SET ended_at = ?, ended_by = ? WHERE id = ? AND entry_id = ? AND ended_at IS NULL`, tx.Now(), who.Name, id, entry)
	if err != nil {
		return fmt.Errorf("dismiss: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "directory.not_found")
	}
	return audit.Record(ctx, tx, who, perm, audit.Entry{Subject: "directory:" + entry, Named: []string{"people"}})
}

// Focals returns whom one speaks to, of an entry.
func Focals(ctx context.Context, q db.Reader, who access.Actor, entry string) ([]listing.Focal, error) {
	if _, err := Find(ctx, q, who, entry); err != nil {
		return nil, err
	}
	return focals(ctx, q, entry)
}

func focals(ctx context.Context, q db.Reader, entry string) ([]listing.Focal, error) {
	rows, err := q.Query(ctx, `SELECT id, entry_id, definition, at FROM directory_people WHERE entry_id = ? AND ended_at IS NULL ORDER BY id`, entry)
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (f listing.Focal, err error) {
		var text string
		if err := row.Scan(&f.ID, &f.Entry, &text, db.Time(&f.At)); err != nil {
			return f, err
		}
		return f, json.Unmarshal([]byte(text), &f)
	})
}
