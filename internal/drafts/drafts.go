// SPDX-License-Identifier: Apache-2.0

// Package drafts keeps forms that somebody began and has not sent, so that what
// was typed outlives a closed window, an empty battery or an interruption.
//
// A draft is its writer's alone: nobody else sees it, whatever her rights, and
// it is in no list or count. It is sealed, because it may hold what a register
// would seal, and it is thrown away after Lasts: what nobody sent was not
// recorded. It is not in the trail; the act that the form asks for is.
package drafts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/seal"
)

// Lasts is how long a draft is kept after it was last saved.
const Lasts = 72 * time.Hour

// The bounds of one draft and of one writer's drafts.
const (
	mostBytes  = 256 << 10
	mostDrafts = 30
	mostName   = 100
)

// Draft is a form begun.
type Draft struct {
	Name    string // which form: a word, and an id where the same form may be begun twice
	SavedAt time.Time
	Body    []byte // the fields as they were sent; not read by List
}

// place is where the body is sealed for: another writer's row does not open.
func place(who access.Actor, name string) string { return "drafts:" + who.ID + ":" + name }

// Save keeps a form, instead of what was kept of it before.
func Save(ctx context.Context, tx *db.Tx, who access.Actor, d Draft) error {
	if err := access.CheckSelf(tx, who, who.ID); err != nil {
		return err
	}
	if d.Name == "" || len(d.Name) > mostName {
		return fault.New(fault.Invalid, "draft.unknown")
	}
	if len(d.Body) > mostBytes {
		return fault.New(fault.Invalid, "draft.too_large")
	}
	var others int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM drafts WHERE user_id = ? AND name <> ?`, who.ID, d.Name).Scan(&others); err != nil {
		return fmt.Errorf("save draft: %w", err)
	}
	if others >= mostDrafts {
		return fault.New(fault.Invalid, "draft.too_many").With("max", mostDrafts)
	}
	sealed, err := seal.Seal(ctx, tx, seal.System, place(who, d.Name), d.Body)
	if err != nil {
		return fmt.Errorf("save draft: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO drafts (user_id, name, sealed, saved_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (user_id, name) DO UPDATE SET sealed = excluded.sealed, saved_at = excluded.saved_at`, who.ID, d.Name, sealed, tx.Now())
	if err != nil {
		return fmt.Errorf("save draft: %w", err)
	}
	tx.Recorded() // nothing happened to anybody's record yet
	return nil
}

// Find returns a draft of who's own.
func Find(ctx context.Context, q db.Reader, who access.Actor, name string) (Draft, error) {
	d := Draft{Name: name}
	var sealed []byte
	err := q.QueryRow(ctx, `SELECT sealed, saved_at FROM drafts WHERE user_id = ? AND name = ? AND saved_at >= ?`, who.ID, name, q.Now().Add(-Lasts)).Scan(&sealed, db.Time(&d.SavedAt))
	if errors.Is(err, sql.ErrNoRows) {
		return Draft{}, fault.New(fault.NotFound, "draft.gone")
	}
	if err != nil {
		return Draft{}, fmt.Errorf("find draft: %w", err)
	}
	d.Body, err = seal.Open(ctx, q, seal.System, place(who, name), sealed)
	return d, err
}

// List returns who's own drafts without their bodies, the newest first.
func List(ctx context.Context, q db.Reader, who access.Actor) ([]Draft, error) {
	rows, err := q.Query(ctx, `SELECT name, saved_at FROM drafts WHERE user_id = ? AND saved_at >= ? ORDER BY saved_at DESC, name`, who.ID, q.Now().Add(-Lasts))
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (d Draft, err error) {
		err = row.Scan(&d.Name, db.Time(&d.SavedAt))
		return d, err
	})
}

// Drop throws a draft of who's own away: it was sent, or is not wanted. One that
// is not there is no fault.
func Drop(ctx context.Context, tx *db.Tx, who access.Actor, name string) error {
	if err := access.CheckSelf(tx, who, who.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM drafts WHERE user_id = ? AND name = ?`, who.ID, name); err != nil {
		return fmt.Errorf("drop draft: %w", err)
	}
	tx.Recorded() // nothing happened to anybody's record
	return nil
}

// Sweep throws away what nobody sent in time.
func Sweep(ctx context.Context, d *db.DB) error {
	return d.Maintain(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM drafts WHERE saved_at < ?`, tx.Now().Add(-Lasts))
		return err
	})
}
