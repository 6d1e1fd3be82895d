// SPDX-License-Identifier: Apache-2.0

package cases

import (
	"context"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/seal"
)

// Event is something of class 2 that was done to a case.
type Event struct {
	ID     string
	Act    Act    // or "open"
	Status Status // afterwards
	User   string
	By     string
	At     time.Time
	Why    string
	Detail map[string]string // of the act: from, to, risk, code
}

// told is what is sealed of an event.
type told struct {
	Why    string            `json:"why,omitempty"`
	Detail map[string]string `json:"detail,omitempty"`
}

func (c Case) happened(ctx context.Context, tx *db.Tx, who access.Actor, ch change) error {
	id := newID(tx)
	sealed, err := c.seal(ctx, tx, "case_events:"+id, told{ch.why, ch.detail})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO case_events (id, case_id, act, status, user_id, user_name, at, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		id, string(c.ID), string(ch.act), string(c.Status), who.ID, who.Name, tx.Now(), sealed)
	return err
}

// Part says which part of a long list is wanted: what is older than Before, at most Limit of it (50 when zero).
type Part struct {
	Before string
	Limit  int
}

func (p Part) limit() int {
	if p.Limit <= 0 {
		return 50
	}
	return min(p.Limit, 200)
}

// Range is the part as a query asks for it: rows with an id below one, so many.
func (p Part) Range() (below string, limit int) { return p.before(), p.limit() }

func (p Part) before() string {
	if p.Before == "" {
		return "~" // sorts after every identifier
	}
	return p.Before
}

// History returns what was done to a case that who may see, the latest first.
func History(ctx context.Context, q db.Reader, who access.Actor, id ID, part Part) ([]Event, error) {
	c, err := Find(ctx, q, who, id)
	if err != nil {
		return nil, err
	}
	type row struct {
		Event
		sealed []byte
	}
	rows, err := q.Query(ctx, `SELECT id, act, status, user_id, user_name, at, sealed FROM case_events WHERE case_id = ? AND id < ? ORDER BY id DESC LIMIT ?`,
		string(id), part.before(), part.limit())
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (e row, err error) {
		err = r.Scan(&e.ID, &e.Act, &e.Status, &e.User, &e.By, db.Time(&e.At), &e.sealed)
		return e, err
	})
	events := make([]Event, len(all))
	for i, e := range all {
		var t told
		if err := seal.FromJSON(ctx, q, seal.Place{Subject: string(c.Person), Name: "case_events:" + e.ID, Sealed: e.sealed}, &t); err != nil {
			return nil, fmt.Errorf("history of case: %w", err)
		}
		events[i] = e.Event
		events[i].Why, events[i].Detail = t.Why, t.Detail
	}
	return events, err
}
