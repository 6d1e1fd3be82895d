// SPDX-License-Identifier: Apache-2.0

package hooks

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/fault"
)

// Delivery is one telling of one event to one endpoint, without what was told.
type Delivery struct {
	ID       string
	Event    string // the identifier that the endpoint sees
	Kind     string
	Subject  string
	State    string // see DeliveryStates
	Why      string // key of why it failed last
	Status   int    // what the endpoint answered last; 0 when it did not
	Attempts int
	DueAt    time.Time
	TriedAt  time.Time
	MadeAt   time.Time
	MayAgain bool
}

// DeliveryStates returns how far a delivery may be.
func DeliveryStates() []string { return []string{"waiting", "sending", "done", "dead"} }

// Filter chooses deliveries; what is empty chooses all.
type Filter struct {
	State  string
	Before string // only those before this one
	Limit  int    // 50 when zero, 200 at most
}

const deliveryColumns = `d.id, d.event_id, e.kind, e.subject, d.state, d.why, d.status, d.attempts, d.due_at, d.tried_at, d.made_at, e.sealed IS NOT NULL`

func scanDelivery(row interface{ Scan(...any) error }) (d Delivery, err error) {
	held := false
	err = row.Scan(&d.ID, &d.Event, &d.Kind, &d.Subject, &d.State, &d.Why, &d.Status, &d.Attempts, db.Time(&d.DueAt), db.NullTime(&d.TriedAt), db.Time(&d.MadeAt), &held)
	d.MayAgain = held && (d.State == "done" || d.State == "dead")
	return d, err
}

// Deliveries returns what an endpoint was told or is to be told, the latest first.
func Deliveries(ctx context.Context, q db.Reader, who access.Actor, id ID, f Filter) ([]Delivery, error) {
	if _, err := Find(ctx, q, who, id); err != nil {
		return nil, err
	}
	cond, args := "", []any{string(id)}
	if slices.Contains(DeliveryStates(), f.State) {
		cond += ` AND d.state = ?`
		args = append(args, f.State)
	}
	if f.Before != "" {
		cond += ` AND d.id < ?`
		args = append(args, f.Before)
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	rows, err := q.Query(ctx, `SELECT `+deliveryColumns+` FROM hook_deliveries d JOIN hook_events e ON e.id = d.event_id WHERE d.hook_id = ?`+cond+` ORDER BY d.id DESC LIMIT ?`, append(args, min(f.Limit, 200))...)
	all, err := db.Collect(rows, err, scanDelivery)
	if err != nil {
		return nil, fmt.Errorf("list deliveries: %w", err)
	}
	return all, nil
}

// Again tells an event again that was given up, or was taken and lost there. It has the same identifier.
func Again(ctx context.Context, tx *db.Tx, who access.Actor, id ID, delivery string) error {
	h, err := manageable(ctx, tx, who, id)
	if err != nil {
		return err
	}
	if h.State != On {
		return fault.New(fault.Conflict, "hook.not_on")
	}
	d, err := scanDelivery(tx.QueryRow(ctx, `SELECT `+deliveryColumns+` FROM hook_deliveries d JOIN hook_events e ON e.id = d.event_id WHERE d.hook_id = ? AND d.id = ?`, string(id), delivery))
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, "hook.delivery_not_found")
	}
	if err != nil {
		return fmt.Errorf("tell again: %w", err)
	}
	if !d.MayAgain {
		return fault.New(fault.Conflict, "hook.not_again")
	}
	if _, err := tx.Exec(ctx, `UPDATE hook_deliveries SET state = 'waiting', why = '', attempts = 0, due_at = ?, ended_at = NULL WHERE id = ?`, tx.Now(), d.ID); err != nil {
		return fmt.Errorf("tell again: %w", err)
	}
	return record(ctx, tx, who, id, map[string]string{"again": d.ID})
}
