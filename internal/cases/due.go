// SPDX-License-Identifier: Apache-2.0

package cases

import (
	"context"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/calendars"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/deadlines"
	"fera/internal/programmes"
)

// stage is what is due next and how long there is for it; nothing when nothing is.
func (c Case) stage(p programmes.Programme) (due string, term deadlines.Term) {
	switch c.Status {
	case Intake:
		return "assign", p.Assign
	case Assigned:
		return "assess", p.Assess
	case Assessed:
		return "plan", p.Plan
	case Planned:
		return "start", p.Start
	case AfterCare:
		return "aftercare", p.AfterCare
	}
	return "", deadlines.Term{}
}

// reckon says what is due when, and when somebody is to be reminded.
func (c *Case) reckon(ctx context.Context, q db.Reader) error {
	p, err := programmes.Find(ctx, q, c.Programme)
	if err != nil {
		return err
	}
	calendar, err := calendars.Now(ctx, q)
	if err != nil {
		return err
	}
	c.DueOn, c.alarmTo, c.alarmAt = Never, "", time.Time{}
	due, term := c.stage(p)
	c.DueFor = due
	switch {
	case c.Status == Closed || c.Paused:
		return nil
	case term.Count > 0:
		day, err := c.term(ctx, q, calendar, term)
		if err != nil {
			return err
		}
		c.DueOn = day
	}
	if c.clockDue != "" && c.clockDue < c.DueOn {
		c.DueFor, c.DueOn = "review", c.clockDue
	}
	if c.DueOn == Never {
		return nil
	}
	day, err := dates.Parse(c.DueOn)
	if err != nil {
		return fmt.Errorf("due day of case %s: %w", c.ID, err)
	}
	for _, alarm := range deadlines.Ladder(calendar, day, p.Reminders) {
		if alarm.At.After(q.Now()) {
			c.alarmTo, c.alarmAt = alarm.To, alarm.At.UTC()
			break
		}
	}
	return nil
}

// term is the last day of the present term, with the times during which it stood still.
func (c Case) term(ctx context.Context, q db.Reader, calendar deadlines.Calendar, term deadlines.Term) (string, error) {
	from, err := dates.Parse(c.clockFrom)
	if err != nil {
		return "", fmt.Errorf("clock of case %s: %w", c.ID, err)
	}
	if c.Status == Assessed {
		from = c.planFrom(calendar, term)
	}
	k := deadlines.Clock{From: from, Term: term}
	if k.Pauses, err = c.pauses(ctx, q); err != nil {
		return "", err
	}
	r := k.Read(calendar, dates.Of(q.Now()))
	if r.Stopped {
		return Never, nil
	}
	return r.Due.String(), nil
}

// planFrom is the day from which the term of a plan runs: her return, or the opening when that term was over by then.
func (c Case) planFrom(calendar deadlines.Calendar, term deadlines.Term) dates.Partial {
	opened := dates.Of(c.OpenedAt)
	if c.Openings > 1 {
		opened, _ = dates.Parse(c.clockFrom)
	}
	back, err := dates.Parse(c.returned)
	if err != nil || back.Precision() != dates.Day || opened.SurelyBefore(back) || term.Due(calendar, back).SurelyBefore(opened) {
		return opened
	}
	return back
}

// Due sets the day on which a case is to be reviewed next; an unknown day stands for none. The room that keeps reviews calls it.
func (c *Case) Due(day dates.Partial) { c.clockDue = day.String() }

// DueDay is what is due on a case read for a person: the day, and whether there is one.
func (c Case) DueDay() (dates.Partial, bool) {
	day, err := dates.Parse(c.DueOn)
	return day, err == nil && c.DueOn != Never
}

// atOnce is how many cases one transaction of upkeep changes.
const atOnce = 200

// Remind tells those who are to be reminded by now: the caseworker, or those who give cases out. It returns how many cases
// somebody was reminded of. Reminders that were missed while the program stood still are not sent one after another.
func Remind(ctx context.Context, d *db.DB) (n int, err error) {
	for {
		some := 0
		err := d.Maintain(ctx, func(tx *db.Tx) error {
			rows, err := tx.Query(ctx, `SELECT `+columns+` FROM cases c WHERE c.alarm_at <= ? ORDER BY c.alarm_at LIMIT ?`, tx.Now(), atOnce)
			all, err := db.Collect(rows, err, scanRow)
			if err != nil {
				return err
			}
			some = len(all)
			for _, c := range all {
				if err := c.remind(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		})
		n += some
		if err != nil || some < atOnce {
			return n, wrap("remind of cases", err)
		}
	}
}

func wrap(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func (c Case) remind(ctx context.Context, tx *db.Tx) error {
	told := []string{c.Worker}
	if c.alarmTo == programmes.ToSupervisor || c.Worker == "" {
		var err error
		if told, err = accounts.WhoHolds(ctx, tx, access.AssignCase, c.scopes()...); err != nil {
			return err
		}
	}
	key := "notice.case_due"
	if c.Late(dates.Of(tx.Now())) {
		key = "notice.case_late"
	}
	if err := accounts.Tell(ctx, tx, told, key, c.subject()); err != nil {
		return err
	}
	return c.reset(ctx, tx)
}

// reset reckons what is due anew and writes it, without that anything was done to the case.
func (c Case) reset(ctx context.Context, tx *db.Tx) error {
	if err := c.reckon(ctx, tx); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE cases SET due_for = ?, due_on = ?, alarm_to = ?, alarm_at = ? WHERE id = ?`, c.DueFor, c.DueOn, c.alarmTo, orNull(c.alarmAt), string(c.ID))
	return err
}

// Upkeep is the work on cases that comes again and again. The zero Upkeep has done nothing yet.
type Upkeep struct{ basis string }

// Work reckons what is due in all cases anew when the calendar, a programme or the day is another than the last time, and then
// sends the reminders that are due.
func (u *Upkeep) Work(ctx context.Context, d *db.DB) error {
	basis := ""
	if err := d.Read(ctx, func(q db.Reader) (err error) { basis, err = basisOf(ctx, q); return err }); err != nil {
		return err
	}
	if basis != u.basis {
		if _, err := Reckon(ctx, d); err != nil {
			return err
		}
		u.basis = basis
	}
	_, err := Remind(ctx, d)
	return err
}

// basisOf names all by which due days are reckoned beside the cases themselves. Days and programmes are entered and ended, never
// changed, so that their numbers tell.
func basisOf(ctx context.Context, q db.Reader) (string, error) {
	var entered, ended, set int
	err := q.QueryRow(ctx, `SELECT (SELECT count(*) FROM calendar_days), (SELECT count(*) FROM calendar_days WHERE ended_at IS NOT NULL), (SELECT count(*) FROM programmes)`).Scan(&entered, &ended, &set)
	return fmt.Sprintf("%s %d %d %d", dates.Of(q.Now()), entered, ended, set), wrap("read basis of due days", err)
}

// Reckon reckons all live cases anew, after the calendar or a programme has changed. It writes only those that are due on
// another day than before, and returns how many they were.
func Reckon(ctx context.Context, d *db.DB) (changed int, err error) {
	for after := ""; ; {
		var stale []ID
		last, n := after, 0
		err := d.Read(ctx, func(q db.Reader) error {
			rows, err := q.Query(ctx, `SELECT `+columns+` FROM cases c WHERE c.id > ? AND c.ended_at IS NULL ORDER BY c.id LIMIT ?`, after, atOnce)
			all, err := db.Collect(rows, err, scanRow)
			for _, c := range all {
				was := c
				if err := c.reckon(ctx, q); err != nil {
					return err
				}
				if c.DueOn != was.DueOn || c.DueFor != was.DueFor {
					stale = append(stale, c.ID)
				}
				last = string(c.ID)
			}
			n = len(all)
			return err
		})
		if err != nil {
			return changed, wrap("reckon cases", err)
		}
		if err := resetAll(ctx, d, stale); err != nil {
			return changed, wrap("reckon cases", err)
		}
		changed += len(stale)
		if after = last; n < atOnce {
			return changed, nil
		}
	}
}

// resetAll resets some cases as they are by then.
func resetAll(ctx context.Context, d *db.DB, some []ID) error {
	if len(some) == 0 {
		return nil
	}
	return d.Maintain(ctx, func(tx *db.Tx) error {
		for _, id := range some {
			c, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM cases c WHERE c.id = ?`, string(id)))
			if err != nil {
				return err
			}
			if err := c.reset(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}
