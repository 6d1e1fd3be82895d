// SPDX-License-Identifier: Apache-2.0

// Package asking asks those who keep entries of the directory to confirm them: before an entry is due, when it is overdue, and, when
// nobody says anything, who keeps the whole directory. After how many days is data of package listing. It changes no entry.
package asking

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/ids"
	"fera/internal/offices"
)

// Stage is how far somebody was asked about an entry.
type Stage string

// The stages, in order.
const (
	Soon      Stage = "soon"      // it is due in some days
	Late      Stage = "late"      // it should have been confirmed by now
	Escalated Stage = "escalated" // who keeps the directory was told
)

func (s Stage) rank() int { return slices.Index([]Stage{"", Soon, Late, Escalated}, s) }

// Upkeep is the asking that comes again and again. The zero Upkeep has asked nobody yet.
type Upkeep struct{ day dates.Partial }

// Work asks, once a day, for each organisation whose people sign in.
func (u *Upkeep) Work(ctx context.Context, d *db.DB) error {
	today := dates.Of(d.Now())
	if u.day == today {
		return nil
	}
	for after := ""; ; {
		var some []kept
		if err := d.Read(ctx, func(q db.Reader) (err error) { some, err = organisations(ctx, q, after); return err }); err != nil {
			return fmt.Errorf("ask who keeps the directory: %w", err)
		}
		for _, o := range some {
			if err := d.Maintain(ctx, func(tx *db.Tx) error { return o.ask(ctx, tx) }); err != nil {
				return fmt.Errorf("ask who keeps the directory: %w", err)
			}
			after = o.id
		}
		if len(some) == 0 {
			u.day = today
			return nil
		}
	}
}

// kept is an organisation of the directory, and the one whose people keep it.
type kept struct{ id, partner string }

func organisations(ctx context.Context, q db.Reader, after string) ([]kept, error) {
	rows, err := q.Query(ctx, `SELECT id, partner_id FROM directory_entries WHERE partner_id <> '' AND state <> 'withdrawn' AND id > ? ORDER BY id LIMIT 200`, after)
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (k kept, err error) {
		err = row.Scan(&k.id, &k.partner)
		return k, err
	})
}

// asked is an entry that may be due, and how far it was asked about.
type asked struct {
	id       string
	due, was dates.Partial // the day for which it was asked about is was
	stage    Stage
	at       time.Time
}

// next is the stage that an entry is at on a day. One that nobody ever confirmed is late at once, and escalated some days after that was
// said.
func (a asked) next(today dates.Partial, escalate int) Stage {
	switch {
	case a.due.IsZero() && a.stage.rank() >= Late.rank() && a.was.IsZero() && !today.Add(-escalate).SurelyBefore(dates.Of(a.at)):
		return Escalated
	case a.due.IsZero():
		return Late
	case a.due.Add(escalate).SurelyBefore(today):
		return Escalated
	case a.due.SurelyBefore(today):
		return Late
	}
	return Soon
}

// ask tells the people of an organisation what of theirs is due, and those who keep the directory what they left. One notice is for all
// entries of the organisation that came to the same stage.
func (k kept) ask(ctx context.Context, tx *db.Tx) error {
	today := dates.Of(tx.Now())
	rows, err := tx.Query(ctx, `SELECT e.id, e.due_on, COALESCE(a.due_on, ''), COALESCE(a.stage, ''), a.at FROM directory_entries e LEFT JOIN directory_askings a ON a.entry_id = e.id
		WHERE e.organisation_id = ? AND e.state <> 'withdrawn' AND e.due_on <= ? ORDER BY e.id`, k.id, today.Add(listing.Interval("soon")).String())
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (a asked, err error) {
		err = row.Scan(&a.id, &a.due, &a.was, &a.stage, db.NullTime(&a.at))
		return a, err
	})
	if err != nil {
		return err
	}
	reached := map[Stage]bool{}
	for _, a := range all {
		next := a.next(today, listing.Interval("escalate"))
		if a.was == a.due && a.stage.rank() >= next.rank() {
			continue
		}
		reached[next] = true
		if _, err := tx.Exec(ctx, `INSERT INTO directory_askings (entry_id, due_on, stage, at) VALUES (?, ?, ?, ?)
			ON CONFLICT (entry_id) DO UPDATE SET due_on = excluded.due_on, stage = excluded.stage, at = excluded.at`, a.id, a.due.String(), string(next), tx.Now()); err != nil {
			return err
		}
	}
	var wrong []error
	for _, stage := range []Stage{Soon, Late, Escalated} {
		if reached[stage] {
			wrong = append(wrong, k.tell(ctx, tx, stage))
		}
	}
	return errors.Join(wrong...)
}

// tell leaves a notice with those who are asked at a stage. If nobody at the organisation can sign in, who keeps the directory is.
func (k kept) tell(ctx context.Context, tx *db.Tx, stage Stage) error {
	var who []string
	var err error
	if stage != Escalated {
		who, err = k.people(ctx, tx)
	}
	if err == nil && len(who) == 0 {
		if who, err = keepers(ctx, tx); stage != Escalated {
			stage = Late
		}
	}
	if err != nil {
		return err
	}
	return accounts.Tell(ctx, tx, who, "notice.directory_"+string(stage), "directory:"+k.id)
}

// people are those at the organisation who keep what is its own. Who keeps the whole directory is asked at the last stage alone.
func (k kept) people(ctx context.Context, q db.Reader) ([]string, error) {
	scopes := []access.Scope{access.OfOrganisation(k.partner)}
	all, err := offices.List(ctx, q, access.System(access.ReadOffices), k.partner)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		scopes = append(scopes, access.AtOffice(o.ID))
	}
	who, err := accounts.WhoHolds(ctx, q, access.ConfirmDirectory, scopes...)
	if err != nil {
		return nil, err
	}
	of, err := accounts.WhoHolds(ctx, q, access.ManageDirectory, scopes...)
	return slices.DeleteFunc(who, func(id string) bool { return slices.Contains(of, id) }), err
}

// keepers are those who keep the whole directory, wherever they work.
func keepers(ctx context.Context, q db.Reader) ([]string, error) {
	all, err := offices.Organisations(ctx, q, access.System(access.ReadOffices))
	if err != nil {
		return nil, err
	}
	var scopes []access.Scope
	for _, o := range all {
		if !ids.IsApart(o.ID) {
			scopes = append(scopes, access.OfOrganisation(o.ID))
		}
	}
	return accounts.WhoHolds(ctx, q, access.ManageDirectory, scopes...)
}
