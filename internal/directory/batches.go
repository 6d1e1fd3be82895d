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
	"fera/internal/fault"
	"fera/internal/ids"
)

// mostAtOnce is how many entries one act may confirm.
const mostAtOnce = 500

// ConfirmSeveral notes that several entries are right, each at the version at which it was read, all of them or none. The batch that
// it returns takes them back.
func ConfirmSeveral(ctx context.Context, tx *db.Tx, who access.Actor, c Confirmation, versions map[string]int) (batch string, err error) {
	if len(versions) == 0 {
		return "", fault.New(fault.Invalid, "directory.choose_entries").On("entries")
	}
	if len(versions) > mostAtOnce {
		return "", fault.New(fault.Invalid, "fault.too_many").With("max", mostAtOnce).On("entries")
	}
	c.Batch = ids.New(tx.Now())
	for id, version := range versions {
		c.Entry = id
		if _, err := Confirm(ctx, tx, who, c, version); err != nil {
			return "", err
		}
	}
	return c.Batch, nil
}

// Batch is what somebody confirmed in one act and may still take back.
type Batch struct {
	ID      string
	Entries int
	At      time.Time
}

// Batches returns what who confirmed lately and may take back, the latest first.
func Batches(ctx context.Context, q db.Reader, who access.Actor) ([]Batch, error) {
	rows, err := q.Query(ctx, `SELECT batch, count(*), min(at) FROM directory_confirmations WHERE user_id = ? AND batch <> '' AND batch >= ? AND undone_at IS NULL GROUP BY batch ORDER BY batch DESC LIMIT 10`, who.ID, ids.Least(undoable(q)))
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (b Batch, err error) {
		err = row.Scan(&b.ID, &b.Entries, db.Time(&b.At))
		return b, err
	})
}

// undoable is since when a confirmation may be taken back.
func undoable(q db.Reader) time.Time { return q.Now().AddDate(0, 0, -listing.Interval("undo")) }

// taken is a confirmation on its way back.
type taken struct {
	id, entry, by, beforeBy string
	on, beforeOn            dates.Partial
}

// TakeBack undoes what was confirmed in one act some days ago at most: each entry is as old again as it was before. One that was
// confirmed again meanwhile stays. It returns how many it took back.
func TakeBack(ctx context.Context, tx *db.Tx, who access.Actor, batch string) (n int, err error) {
	rows, err := tx.Query(ctx, `SELECT id, entry_id, told_by, before_by, on_day, before_on FROM directory_confirmations WHERE batch = ? AND batch <> '' AND at >= ? AND undone_at IS NULL ORDER BY entry_id`, batch, undoable(tx))
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (t taken, err error) {
		err = row.Scan(&t.id, &t.entry, &t.by, &t.beforeBy, &t.on, &t.beforeOn)
		return t, err
	})
	if err != nil {
		return 0, fmt.Errorf("take back: %w", err)
	}
	if len(all) == 0 {
		return 0, fault.New(fault.NotFound, "directory.not_found")
	}
	for _, t := range all {
		back, err := t.back(ctx, tx, who)
		if err != nil {
			return 0, err
		}
		if back {
			n++
		}
	}
	return n, nil
}

// back takes one confirmation back, unless another one holds by now.
func (t taken) back(ctx context.Context, tx *db.Tx, who access.Actor) (bool, error) {
	e, err := Find(ctx, tx, who, t.entry)
	if err != nil {
		return false, err
	}
	_, perm, err := mayChange(ctx, tx, who, t.entry, e.Version)
	if err != nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, `UPDATE directory_confirmations SET undone_at = ?, undone_by = ? WHERE id = ?`, tx.Now(), who.Name, t.id); err != nil {
		return false, fmt.Errorf("take back: %w", err)
	}
	later := 0
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM directory_confirmations WHERE entry_id = ? AND id > ? AND undone_at IS NULL`, t.entry, t.id).Scan(&later); err != nil {
		return false, fmt.Errorf("take back: %w", err)
	}
	holds := later > 0 || e.ConfirmedOn != t.on || e.ConfirmedBy != t.by
	if !holds {
		e.ConfirmedOn, e.ConfirmedBy, e.DueOn = t.beforeOn, t.beforeBy, dates.Partial{}
		if !t.beforeOn.IsZero() {
			e.DueOn = t.beforeOn.Add(e.Every())
		}
		if err := age(ctx, tx, e); err != nil {
			return false, fmt.Errorf("take back: %w", err)
		}
	}
	return !holds, audit.Record(ctx, tx, who, perm, audit.Entry{Subject: "directory:" + e.ID, After: map[string]string{"confirmed_on": e.ConfirmedOn.String(), "taken_back": t.on.String()}})
}
