// SPDX-License-Identifier: Apache-2.0

package shelters

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
)

// Whom a reminder that a stay runs out is for.
const (
	toWorker     = "worker"
	toKeepers    = "keepers"
	toSupervisor = "supervisor"
)

// rungs are the reminders of the last day of a stay, in working days from it. They are ours.
func rungs() []deadlines.Rung {
	return []deadlines.Rung{{Days: -3, To: toWorker}, {Days: 0, To: toKeepers}, {Days: 2, To: toSupervisor}}
}

// reckon says when somebody is reminded next that a stay runs out.
func (h *Hold) reckon(ctx context.Context, q db.Reader) error {
	h.alarmTo, h.alarmAt = "", time.Time{}
	if !h.State.holds() {
		return nil
	}
	calendar, err := calendars.Now(ctx, q)
	if err != nil {
		return err
	}
	for _, alarm := range deadlines.Ladder(calendar, h.Until, rungs()) {
		if alarm.At.After(q.Now()) {
			h.alarmTo, h.alarmAt = alarm.To, alarm.At.UTC()
			break
		}
	}
	return nil
}

// Upkeep is the work on shelters that comes again and again. The zero Upkeep has done nothing yet.
type Upkeep struct{ basis string }

// atOnce is how many holds one transaction of upkeep changes.
const atOnce = 100

// Work keeps, once a day, the beds of those who should have left and are still there; reckons reminders anew when the calendar or the day is
// another than the last time; and sends those that are due. Who stays on where somebody else was to lie has her bed again as soon as that is called off.
func (u *Upkeep) Work(ctx context.Context, d *db.DB) error {
	basis := ""
	if err := d.Read(ctx, func(q db.Reader) error {
		var entered, ended int
		err := q.QueryRow(ctx, `SELECT (SELECT count(*) FROM calendar_days), (SELECT count(*) FROM calendar_days WHERE ended_at IS NOT NULL)`).Scan(&entered, &ended)
		basis = fmt.Sprintf("%s %d %d", dates.Of(q.Now()), entered, ended)
		return err
	}); err != nil {
		return fmt.Errorf("upkeep of shelters: %w", err)
	}
	if err := u.remind(ctx, d); err != nil {
		return fmt.Errorf("remind of stays: %w", err)
	}
	if basis == u.basis {
		return stayOn(ctx, d)
	}
	for after := ""; ; {
		n := 0
		last := after
		err := d.Maintain(ctx, func(tx *db.Tx) error {
			rows, err := tx.Query(ctx, `SELECT `+holdColumns+` FROM shelter_holds h WHERE h.state IN ('placed', 'there', 'away') AND h.id > ? ORDER BY h.id LIMIT ?`, after, atOnce)
			all, err := db.Collect(rows, err, scanHold)
			n = len(all)
			for _, h := range all {
				last = h.Ref
				if err := h.another(ctx, tx); err != nil {
					return err
				}
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("upkeep of stays: %w", err)
		}
		if after = last; n < atOnce {
			u.basis = basis
			return nil
		}
	}
}

// stayOn gives who is still there her bed for tonight where somebody else was to have it, and does not any more.
func stayOn(ctx context.Context, d *db.DB) error {
	const freed = `h.state IN ('there', 'away') AND h.until_on <= ? AND NOT EXISTS (SELECT 1 FROM shelter_nights n WHERE n.night = ? AND (n.bed_id = h.bed_id OR n.hold_id = h.id))`
	some := 0
	if err := d.Read(ctx, func(q db.Reader) error {
		today := dates.Of(q.Now()).String()
		return q.QueryRow(ctx, `SELECT count(*) FROM shelter_holds h WHERE `+freed, today, today).Scan(&some)
	}); err != nil || some == 0 {
		return err
	}
	if err := d.Maintain(ctx, func(tx *db.Tx) error {
		today := dates.Of(tx.Now())
		rows, err := tx.Query(ctx, `SELECT `+holdColumns+` FROM shelter_holds h WHERE `+freed+` ORDER BY h.id LIMIT ?`, today.String(), today.String(), atOnce)
		all, err := db.Collect(rows, err, scanHold)
		for _, h := range all {
			if err := h.another(ctx, tx); err != nil {
				return err
			}
		}
		return err
	}); err != nil {
		return fmt.Errorf("keep beds of who stays on: %w", err)
	}
	return nil
}

// another keeps the bed of who is still there for tonight. If it is somebody else's tonight, the keepers are told.
func (h Hold) another(ctx context.Context, tx *db.Tx) error {
	today := dates.Of(tx.Now())
	if h.State != Placed && !today.SurelyBefore(h.Until) {
		var mine, others int
		if err := tx.QueryRow(ctx, `SELECT COALESCE(sum(CASE WHEN hold_id = ? THEN 1 ELSE 0 END), 0), COALESCE(sum(CASE WHEN hold_id <> ? AND bed_id = ? THEN 1 ELSE 0 END), 0)
			FROM shelter_nights WHERE night = ? AND (bed_id = ? OR hold_id = ?)`, h.Ref, h.Ref, h.bed, today.String(), h.bed, h.Ref).Scan(&mine, &others); err != nil {
			return err
		}
		switch {
		case others > 0:
			house, err := byID(ctx, tx, h.shelter)
			if err != nil {
				return err
			}
			if err := house.tell(ctx, tx, access.Actor{}, "notice.shelter_clash"); err != nil {
				return err
			}
		case mine == 0:
			if err := h.take(ctx, tx, h.bed, today, today.Add(1)); err != nil {
				return err
			}
		}
	}
	return h.keep(ctx, tx)
}

// remind sends the reminders that are due. Those that were missed while the program stood still are not sent one after another.
func (u *Upkeep) remind(ctx context.Context, d *db.DB) error {
	for {
		n := 0
		err := d.Maintain(ctx, func(tx *db.Tx) error {
			rows, err := tx.Query(ctx, `SELECT `+holdColumns+` FROM shelter_holds h WHERE h.alarm_at <= ? ORDER BY h.alarm_at, h.id LIMIT ?`, tx.Now(), atOnce)
			all, err := db.Collect(rows, err, scanHold)
			n = len(all)
			for _, h := range all {
				if err := h.remind(ctx, tx); err != nil {
					return err
				}
			}
			return err
		})
		if err != nil || n < atOnce {
			return err
		}
	}
}

// remind tells the caseworker that a stay runs out, from the last day on the keepers too, and in the end a supervisor.
func (h Hold) remind(ctx context.Context, tx *db.Tx) error {
	id, err := h.stay(ctx, tx)
	if err != nil {
		return err
	}
	if id != "" {
		s, err := load(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.tellWorker(ctx, tx, access.Actor{}, "notice.case_stay_ends"); err != nil {
			return err
		}
		if h.alarmTo == toSupervisor {
			scopes, err := access.ScopesOf(ctx, tx, string(s.Case))
			if err != nil {
				return err
			}
			users, err := accounts.WhoHolds(ctx, tx, access.AssignCase, scopes...)
			if err != nil {
				return err
			}
			if err := accounts.Tell(ctx, tx, users, "notice.case_stay_ends", "case:"+string(s.Case)); err != nil {
				return err
			}
		}
	}
	if h.alarmTo != toWorker {
		house, err := byID(ctx, tx, h.shelter)
		if err != nil {
			return err
		}
		if err := house.tell(ctx, tx, access.Actor{}, "notice.shelter_ends"); err != nil {
			return err
		}
	}
	return h.keep(ctx, tx)
}
