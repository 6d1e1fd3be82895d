// SPDX-License-Identifier: Apache-2.0

package cases

import (
	"context"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/db"
)

// Selection chooses cases whatever their state, in the order in which they were
// opened. What is empty chooses all that who may see.
type Selection struct {
	Office    string
	Worker    string
	Status    Status
	Risk      Risk // this one or a greater one
	Programme string
	From      time.Time // opened then or later
	Until     time.Time // opened before
	After     ID        // the cursor
	Limit     int
}

// Where is the condition on cases, named c, that a selection chooses and who sees, for what belongs to cases and is read with them.
func (s Selection) Where(who access.Actor) (string, []any) {
	cond, args := visible(who)
	more, values := Filter{Office: s.Office, Worker: s.Worker, Status: s.Status, Risk: s.Risk}.conditions()
	cond, args = cond+more, append(args, values...)
	add := func(part string, values ...any) { cond, args = cond+" AND "+part, append(args, values...) }
	if s.Worker != "" && s.Worker != Nobody {
		add("c.worker_id = ?", s.Worker)
	}
	if s.Programme != "" {
		add("c.programme = ?", s.Programme)
	}
	return cond, args
}

// Every returns cases page by page, the closed ones too.
func Every(ctx context.Context, q db.Reader, who access.Actor, s Selection) ([]Case, error) {
	cond, args := s.Where(who)
	add := func(part string, values ...any) { cond, args = cond+" AND "+part, append(args, values...) }
	add("c.id > ?", string(s.After))
	if !s.From.IsZero() {
		add("c.opened_at >= ?", s.From)
	}
	if !s.Until.IsZero() {
		add("c.opened_at < ?", s.Until)
	}
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM cases c WHERE `+cond+` ORDER BY c.id LIMIT ?`, append(args, s.Limit)...)
	all, err := db.Collect(rows, err, scanRow)
	if err != nil {
		return nil, fmt.Errorf("list every case: %w", err)
	}
	return all, nil
}
