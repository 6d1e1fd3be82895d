// SPDX-License-Identifier: Apache-2.0

package cases

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/programmes"
)

// Closing closes a case.
type Closing struct {
	Case    ID       `json:"-"`
	Version int      `json:"-"`
	Code    string   `json:"code"`
	Duties  []string `json:"duties"` // those that were done
	Why     string   `json:"why"`    // sealed
}

// Shut closes a case, if its duties were done. Where the programme or the reason asks for it, another has to allow it first;
// then the case stays as it is until that is decided, and Shut reports false.
func Shut(ctx context.Context, tx *db.Tx, who access.Actor, cl Closing) (closed bool, err error) {
	c, err := Begin(ctx, tx, who, cl.Case, Acting{Close, cl.Version})
	if err != nil {
		return false, err
	}
	p, err := programmes.Find(ctx, tx, c.Programme)
	if err != nil {
		return false, err
	}
	reasons := p.Reasons()
	at := slices.IndexFunc(reasons, func(k programmes.Closure) bool { return k.Code == cl.Code })
	if at < 0 {
		return false, fault.New(fault.Invalid, "fault.bad_choice").On("code")
	}
	if f := text(&cl.Why, 3, 2000, "why"); f != nil {
		return false, f
	}
	reason := reasons[at]
	for _, d := range reason.Duties {
		if !slices.Contains(cl.Duties, d) {
			return false, fault.New(fault.Invalid, "case.duties_missing").On("duties")
		}
	}
	cl.Duties = slices.Clone(reason.Duties)
	if reason.Approval || p.ApproveClosure {
		_, err := c.ask(ctx, tx, who, Asking{Kind: OfClosure, Why: cl.Why, Closing: &cl}, 1)
		return false, err
	}
	return true, c.shut(ctx, tx, who, cl)
}

// shut does the closing: the clock ends, and so does what was still to be done.
func (c *Case) shut(ctx context.Context, tx *db.Tx, who access.Actor, cl Closing) error {
	before := *c
	if c.Paused {
		if err := c.resume(ctx, tx); err != nil {
			return fmt.Errorf("close case: %w", err)
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE case_tasks SET ended_at = ?, done_name = '' WHERE case_id = ? AND ended_at IS NULL`, tx.Now(), string(c.ID)); err != nil {
		return fmt.Errorf("close case: %w", err)
	}
	c.Status, c.Closure, c.ClosedAt, c.endedAt, c.clockDue = Closed, cl.Code, tx.Now(), tx.Now(), ""
	return wrap("close case", c.keep(ctx, tx, who, change{act: Close, before: before, why: cl.Why, detail: map[string]string{"code": cl.Code}}))
}

// LookAfter begins after-care for a closed case.
func LookAfter(ctx context.Context, tx *db.Tx, who access.Actor, id ID, version int) error {
	c, err := Begin(ctx, tx, who, id, Acting{BeginAfterCare, version})
	if err != nil {
		return err
	}
	if err := c.alone(ctx, tx, who); err != nil {
		return err
	}
	before := c
	c.Status, c.clockFrom = AfterCare, dates.Of(tx.Now()).String()
	c.endedAt = time.Time{}
	return wrap("begin after-care", c.keep(ctx, tx, who, change{act: BeginAfterCare, before: before}))
}

// LeaveAlone ends after-care: the case is closed as it was.
func LeaveAlone(ctx context.Context, tx *db.Tx, who access.Actor, id ID, version int) error {
	c, err := Begin(ctx, tx, who, id, Acting{EndAfterCare, version})
	if err != nil {
		return err
	}
	before := c
	c.Status, c.endedAt, c.clockDue = Closed, tx.Now(), ""
	return wrap("end after-care", c.keep(ctx, tx, who, change{act: EndAfterCare, before: before}))
}

// Reopening takes a closed case up again.
type Reopening struct {
	Case    ID
	Version int
	Why     string
}

// TakeUpAgain reopens a case. It goes back to who had it; whether she still works there is for her supervisor to see. It is
// assessed anew, because what was true may be so no longer.
func TakeUpAgain(ctx context.Context, tx *db.Tx, who access.Actor, r Reopening) error {
	c, err := Begin(ctx, tx, who, r.Case, Acting{Reopen, r.Version})
	if err != nil {
		return err
	}
	if f := text(&r.Why, 3, 500, "why"); f != nil {
		return f
	}
	if err := c.alone(ctx, tx, who); err != nil {
		return err
	}
	before := c
	c.Status, c.clockFrom, c.clockDue, c.Risk = Assigned, dates.Of(tx.Now()).String(), "", Unrated
	if c.Worker == "" {
		c.Status = Intake
	}
	c.Openings++
	c.endedAt, c.ClosedAt = time.Time{}, time.Time{}
	return wrap("reopen case", c.keep(ctx, tx, who, change{act: Reopen, before: before, why: r.Why}))
}
