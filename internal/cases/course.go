// SPDX-License-Identifier: Apache-2.0

package cases

import (
	"context"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/ids"
)

// Back is a part of what happened, told backwards: what was before a moment, at most Limit of it (50 when zero). What
// happened at one instant is told by its identifiers, the greatest first. A zero moment stands for now.
type Back struct {
	At    time.Time
	ID    string
	Limit int
}

// Before tells whether what happened then belongs to the part.
func (b Back) Before(at time.Time, id string) bool {
	return b.At.IsZero() || at.Before(b.At) || at.Equal(b.At) && id < b.ID
}

// Part is the same part of rows whose identifiers tell when they were made.
func (b Back) Part() Part {
	if b.At.IsZero() {
		return Part{Limit: b.Limit}
	}
	below := max(ids.Least(b.At), min(b.ID, ids.Least(b.At.Add(time.Millisecond))))
	return Part{Before: below, Limit: b.Limit}
}

// TasksDone returns what was done of what there was to do in a case that who may see, the latest first. What ended with
// the case, and was done by nobody, is left out.
func TasksDone(ctx context.Context, q db.Reader, who access.Actor, id ID, back Back) ([]Task, error) {
	if _, err := Find(ctx, q, who, id); err != nil {
		return nil, err
	}
	cond, args := "", []any{string(id)}
	if !back.At.IsZero() {
		cond, args = " AND (t.ended_at, t.id) < (?, ?)", append(args, back.At, back.ID)
	}
	rows, err := q.Query(ctx, `SELECT `+taskColumns+` FROM case_tasks t JOIN cases c ON c.id = t.case_id WHERE t.case_id = ? AND t.ended_at IS NOT NULL AND t.done_name <> ''`+cond+
		` ORDER BY t.ended_at DESC, t.id DESC LIMIT ?`, append(args, back.Part().limit())...)
	return opened(ctx, q, rows, err)
}
