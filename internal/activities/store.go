// SPDX-License-Identifier: Apache-2.0

package activities

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/names"
)

const columns = `a.id, a.organisation_id, a.office_id, a.user_id, a.user_name, a.at, a.reached, a.unit, a.undone, a.version, a.definition`

func scan(row interface{ Scan(...any) error }) (a Act, err error) {
	var unit, definition string
	if err = row.Scan(&a.ID, &a.Organisation, &a.Office, &a.User, &a.By, db.Time(&a.At), &a.Reached, &unit, &a.Undone, &a.Version, &definition); err != nil {
		return a, err
	}
	a.Estimate = unit == "estimate"
	return a, json.Unmarshal([]byte(definition), &a.Content)
}

// unit is what is added up with what: people who were counted, or an estimate.
func (a Act) unit() string {
	if a.Estimate {
		return "estimate"
	}
	return "people"
}

func (a Act) typed() int {
	if a.Typed == nil {
		return -1
	}
	return *a.Typed
}

// last is the last day of the activity.
func (a Act) last() dates.Partial {
	if a.Until.IsZero() {
		return a.From
	}
	return a.Until
}

func (a Act) insert(ctx context.Context, tx *db.Tx) error {
	definition, err := json.Marshal(a.Content)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO activities (id, kind, unit, organisation_id, office_id, place, from_on, until_on, forum_id, events, households, reached, typed, named, currency, cost, definition,
		undone, version, user_id, user_name, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, string(a.ID), a.Kind, a.unit(), a.Organisation, a.Office, a.Place, a.From.String(),
		a.last().String(), string(a.Forum), a.Times, a.Households, a.Reached, a.typed(), a.Named, a.Currency, a.Cost, string(definition), a.Undone, a.Version, a.User, a.By, a.At)
	return err
}

func (a Act) update(ctx context.Context, tx *db.Tx) error {
	definition, err := json.Marshal(a.Content)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE activities SET kind = ?, unit = ?, place = ?, from_on = ?, until_on = ?, forum_id = ?, events = ?, households = ?, reached = ?, typed = ?, currency = ?, cost = ?, definition = ?,
		undone = ?, version = ?, user_name = ?, at = ? WHERE id = ?`, a.Kind, a.unit(), a.Place, a.From.String(), a.last().String(), string(a.Forum), a.Times, a.Households, a.Reached, a.typed(), a.Currency,
		a.Cost, string(definition), a.Undone, a.Version, a.By, a.At, string(a.ID))
	return err
}

// keep keeps the version that a is, its cells, and where it lies.
func (a Act) keep(ctx context.Context, tx *db.Tx, who access.Actor, why string) error {
	definition, err := json.Marshal(a.Content)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO activity_versions (activity_id, number, definition, undone, why, user_id, user_name, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		string(a.ID), a.Version, string(definition), a.Undone, why, who.ID, who.Name, tx.Now()); err != nil {
		return fmt.Errorf("keep version of activity: %w", err)
	}
	if !a.Named {
		if err := a.keepCells(ctx, tx, a.Cells); err != nil {
			return err
		}
	}
	return access.Place(ctx, tx, string(a.ID), append(a.scopes(), areas(a.Place)...)...)
}

// Find returns an activity that who may see.
func Find(ctx context.Context, q db.Reader, who access.Actor, id ID) (Act, error) {
	may, args := access.Where(who, access.ReadActivities, "a.id")
	a, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM activities a WHERE a.id = ? AND `+may, append([]any{string(id)}, args...)...))
	if errors.Is(err, sql.ErrNoRows) {
		return Act{}, notFound()
	}
	if err != nil {
		return Act{}, fmt.Errorf("find activity: %w", err)
	}
	if a.Named {
		a.Cells, err = cellsOf(ctx, q, a.ID)
	}
	return a, err
}

// Version is what was said of an activity at a time, and why.
type Version struct {
	Number  int
	Content Content
	Undone  bool
	Why     string
	By      string
	At      time.Time
}

// Versions returns what was said of an activity that who may see, the latest first.
func Versions(ctx context.Context, q db.Reader, who access.Actor, id ID) ([]Version, error) {
	if _, err := Find(ctx, q, who, id); err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT number, definition, undone, why, user_name, at FROM activity_versions WHERE activity_id = ? ORDER BY number DESC`, string(id))
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v Version, err error) {
		var definition string
		if err = r.Scan(&v.Number, &definition, &v.Undone, &v.Why, &v.By, db.Time(&v.At)); err != nil {
			return v, err
		}
		return v, json.Unmarshal([]byte(definition), &v.Content)
	})
	if err != nil {
		return nil, fmt.Errorf("list versions of activity: %w", err)
	}
	return all, nil
}

// text checks what somebody typed. Least is how many letters it needs.
func text(s *string, least, most int, field string) *fault.Error {
	clean, problem := names.CheckText(*s, most)
	switch *s = clean; {
	case problem != "":
		return fault.New(fault.Invalid, problem).With("max", most).On(field)
	case clean == "" && least > 0:
		return fault.New(fault.Invalid, "fault.needed").On(field)
	case len([]rune(clean)) < least:
		return fault.New(fault.Invalid, "fault.too_short").With("min", least).On(field)
	}
	return nil
}
