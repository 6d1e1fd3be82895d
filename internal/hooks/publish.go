// SPDX-License-Identifier: Apache-2.0

package hooks

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"fera/internal/db"
	"fera/internal/ids"
	"fera/internal/seal"
)

// Event is something that happened, for one organisation.
type Event struct {
	Kind         string // see Kinds
	Organisation string // whose endpoints are told
	Subject      string // what it happened to, "referral:<id>"
	Body         any    // identifiers, states and times; nil for none
}

// told is an event as an endpoint reads it.
type told struct {
	Type    string    `json:"type"`
	At      time.Time `json:"timestamp"`
	Subject string    `json:"subject"`
	Data    any       `json:"data"`
}

// longestBody is how long an event may be, written as JSON.
const longestBody = 20 << 10

// Publish puts down an event in the transaction of the act, for each endpoint of the organisation that asks for its kind. When
// there is none, nothing is kept. Whether who may say that is for the act that it is part of.
func Publish(ctx context.Context, tx *db.Tx, e Event) error {
	if !slices.Contains(Kinds(), e.Kind) {
		return fmt.Errorf("publish event: there is no kind %q", e.Kind)
	}
	if ids.IsApart(e.Organisation) {
		return nil // practice is told to nobody
	}
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM hooks WHERE organisation_id = ? AND state = 'on' ORDER BY id`, e.Organisation)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return fmt.Errorf("publish event: %w", err)
	}
	all = slices.DeleteFunc(all, func(h Hook) bool { return !slices.Contains(h.Kinds, e.Kind) })
	if len(all) == 0 {
		return nil
	}
	id, err := enter(ctx, tx, e)
	if err != nil {
		return fmt.Errorf("publish event: %w", err)
	}
	for _, h := range all {
		if err := h.deliver(ctx, tx, id); err != nil {
			return fmt.Errorf("publish event: %w", err)
		}
	}
	return nil
}

// enter keeps an event.
func enter(ctx context.Context, tx *db.Tx, e Event) (string, error) {
	if e.Body == nil {
		e.Body = struct{}{}
	}
	text, err := json.Marshal(told{e.Kind, tx.Now().UTC(), e.Subject, e.Body})
	if err != nil {
		return "", err
	}
	if len(text) > longestBody {
		return "", fmt.Errorf("an event of %d bytes", len(text))
	}
	id := ids.New(tx.Now())
	sealed, err := seal.Seal(ctx, tx, seal.System, "hook_events:"+id, text)
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(ctx, `INSERT INTO hook_events (id, kind, organisation_id, subject, sealed, at) VALUES (?, ?, ?, ?, ?, ?)`, id, e.Kind, e.Organisation, e.Subject, sealed, tx.Now())
	return id, err
}

// deliver puts down that an endpoint is to be told an event.
func (h Hook) deliver(ctx context.Context, tx *db.Tx, event string) error {
	_, err := tx.Exec(ctx, `INSERT INTO hook_deliveries (id, hook_id, event_id, state, why, status, attempts, holder, due_at, made_at) VALUES (?, ?, ?, 'waiting', '', 0, 0, '', ?, ?)`,
		ids.New(tx.Now()), string(h.ID), event, tx.Now(), tx.Now())
	return err
}
