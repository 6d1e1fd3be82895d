// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"context"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/directory/near"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
)

// Confirmation is that somebody at the provider said that an entry is right as it stands.
type Confirmation struct {
	ID    string
	Entry string
	On    dates.Partial // today when not known
	Way   string        // see ConfirmWays
	By    string        // who said so; class 2
	Note  string
	User  string // who wrote it down
	At    time.Time

	Batch    string    // what was confirmed in one act has the same
	UndoneAt time.Time // zero when it was not taken back
	UndoneBy string
}

// ConfirmWays returns how a provider may have said that an entry is right.
func ConfirmWays() []string { return []string{"call", "visit", "letter", "account"} }

// byAccount is the way of a provider's own people.
const byAccount = "account"

// Confirm notes that an entry at a version is right. The people of its provider confirm by their account; for others
// somebody who keeps the directory asks, and says whom.
func Confirm(ctx context.Context, tx *db.Tx, who access.Actor, c Confirmation, version int) (Entry, error) {
	e, perm, err := mayChange(ctx, tx, who, c.Entry, version)
	if err != nil {
		return Entry{}, err
	}
	if e.State == listing.Withdrawn {
		return Entry{}, fault.New(fault.Invalid, "directory.withdrawn_already")
	}
	if perm == access.ConfirmDirectory {
		c.Way, c.By = byAccount, who.Name
	}
	if f := c.read(today(tx), perm); f != nil {
		return Entry{}, f
	}
	if c.On.SurelyBefore(e.ConfirmedOn) {
		return Entry{}, fault.New(fault.Invalid, "directory.confirmed_later").On("on")
	}
	before := e
	e.ConfirmedOn, e.ConfirmedBy, e.DueOn = c.On, c.By, c.On.Add(e.Every())
	if c.Batch == "" {
		c.Batch = ids.New(tx.Now())
	}
	if _, err := tx.Exec(ctx, `INSERT INTO directory_confirmations (id, entry_id, on_day, way, told_by, note, user_id, user_name, at, batch, before_on, before_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		ids.New(tx.Now()), e.ID, c.On.String(), c.Way, c.By, c.Note, who.ID, who.Name, tx.Now(), c.Batch, before.ConfirmedOn.String(), before.ConfirmedBy); err != nil {
		return Entry{}, fmt.Errorf("confirm entry: %w", err)
	}
	if err := age(ctx, tx, e); err != nil {
		return Entry{}, fmt.Errorf("confirm entry: %w", err)
	}
	return e, audit.Record(ctx, tx, who, perm, audit.Entry{Subject: "directory:" + e.ID, After: map[string]string{"confirmed_on": c.On.String(), "way": c.Way}})
}

// age writes when an entry was confirmed and until when that holds.
func age(ctx context.Context, tx *db.Tx, e Entry) error {
	if _, err := tx.Exec(ctx, `UPDATE directory_entries SET confirmed_on = ?, confirmed_by = ?, due_on = ? WHERE id = ?`, e.ConfirmedOn.String(), e.ConfirmedBy, e.DueOn.String(), e.ID); err != nil {
		return err
	}
	return near.Confirmed(ctx, tx, e.ID, e.DueOn)
}

func (c *Confirmation) read(today dates.Partial, perm access.Permission) *fault.Error {
	r := &listing.Checker{}
	if c.On.IsZero() {
		c.On = today
	}
	if c.On.Precision() != dates.Day || c.On.Check() != nil || today.SurelyBefore(c.On) {
		r.Bad("directory.confirmed_day", "on")
	}
	r.OneOf(c.Way, ConfirmWays(), "way")
	if c.Way == byAccount && perm == access.ManageDirectory {
		r.Bad("fault.bad_choice", "way")
	}
	r.Line(&c.By, listing.LongestName, "by")
	if c.By == "" {
		r.Bad("directory.confirmed_by", "by")
	}
	clean, problem := names.CheckText(c.Note, listing.LongestLine)
	if c.Note = clean; problem != "" {
		r.Bad(problem, "note")
	}
	return r.Done()
}

// Confirmations returns who said that an entry is right, the latest first.
func Confirmations(ctx context.Context, q db.Reader, who access.Actor, id string, limit int) ([]Confirmation, error) {
	if _, err := Find(ctx, q, who, id); err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT id, entry_id, on_day, way, told_by, note, user_name, at, batch, undone_at, undone_by FROM directory_confirmations WHERE entry_id = ? ORDER BY id DESC LIMIT ?`, id, limit)
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (c Confirmation, err error) {
		err = row.Scan(&c.ID, &c.Entry, &c.On, &c.Way, &c.By, &c.Note, &c.User, db.Time(&c.At), &c.Batch, db.NullTime(&c.UndoneAt), &c.UndoneBy)
		return c, err
	})
}
