// SPDX-License-Identifier: Apache-2.0

package handovers

import (
	"context"
	"fmt"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/persons"
)

// upkeepAtOnce is how many hand-overs one transaction of upkeep changes.
const upkeepAtOnce = 200

// Work reminds those whose turn it is, tells others of the silence, ends what nobody answered, and notes as done what was taken and of
// which the case was closed by another way. It returns how many hand-overs it did something about.
func Work(ctx context.Context, d *db.DB) (n int, err error) {
	for _, round := range []struct {
		cond string
		args func(tx *db.Tx) []any
		do   func(h Handover, ctx context.Context, tx *db.Tx) error
	}{
		{`h.state = 'taken' AND EXISTS (SELECT 1 FROM cases c WHERE c.id = h.case_id AND c.status = 'closed')`, func(*db.Tx) []any { return nil }, Handover.close},
		{`h.alarm_at <= ?`, func(tx *db.Tx) []any { return []any{tx.Now()} }, Handover.remind},
	} {
		for {
			some := 0
			err := d.Maintain(ctx, func(tx *db.Tx) error {
				rows, err := tx.Query(ctx, `SELECT `+columns+` FROM handovers h WHERE `+round.cond+` ORDER BY h.id LIMIT ?`, append(round.args(tx), upkeepAtOnce)...)
				all, err := opened(ctx, tx, rows, err)
				if err != nil {
					return err
				}
				some = len(all)
				for _, h := range all {
					if err := round.do(h, ctx, tx); err != nil {
						return err
					}
				}
				return nil
			})
			n += some
			if err != nil {
				return n, err
			}
			if some < upkeepAtOnce {
				break
			}
		}
	}
	return n, nil
}

// close notes that the case of who gave it away was closed.
func (h Handover) close(ctx context.Context, tx *db.Tx) error {
	return h.keep(ctx, tx, access.System(access.SendReferral), done{act: Finish, side: System})
}

// remind tells whom the present alarm is for, and sets the next.
func (h Handover) remind(ctx context.Context, tx *db.Tx) error {
	to := h.alarmTo
	if err := h.reckon(ctx, tx); err != nil {
		return err
	}
	if h.alarmTo == expiry && !h.alarmAt.After(tx.Now()) {
		if err := h.keep(ctx, tx, access.System(access.SendReferral), done{act: Expire, side: System}); err != nil {
			return err
		}
		return h.tellGivers(ctx, tx, "notice.handover_expired")
	}
	if _, err := tx.Exec(ctx, `UPDATE handovers SET alarm_to = ?, alarm_at = ? WHERE id = ?`, h.alarmTo, orNull(h.alarmAt), string(h.ID)); err != nil {
		return fmt.Errorf("remind of hand-over: %w", err)
	}
	switch {
	case to == "receiver":
		return h.tellTakers(ctx, tx, "notice.handover_due")
	case to == "sender" && h.State == Taken:
		return h.tellGivers(ctx, tx, "notice.handover_close")
	case to == "sender":
		return h.tellGivers(ctx, tx, "notice.handover_silent")
	}
	users, err := accounts.WhoHolds(ctx, tx, access.AssignCase, access.AtOffice(h.FromOffice), access.OfOrganisation(h.From))
	if err != nil {
		return err
	}
	return accounts.Tell(ctx, tx, users, "notice.handover_stuck", h.subject())
}

// Forget takes out of the hand-overs of a person who was erased whatever she could be known by; what is under way ends, and who was
// asked is told. What the other organisation took over is in a record of its own, and stays until that one is erased.
func Forget(ctx context.Context, tx *db.Tx, person persons.ID) error {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM handovers h WHERE h.person_id = ? OR h.new_person = ? ORDER BY h.id`, string(person), string(person))
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return fmt.Errorf("forget hand-overs: %w", err)
	}
	for _, h := range all {
		if err := h.forget(ctx, tx, person); err != nil {
			return fmt.Errorf("forget hand-over: %w", err)
		}
	}
	_, err = tx.Exec(ctx, `UPDATE handover_intakes SET user_name = '' WHERE person_id = ?`, string(person))
	return err
}

func (h Handover) forget(ctx context.Context, tx *db.Tx, person persons.ID) error {
	if h.Person != person { // the record of who took the case: that it was taken stays
		_, err := tx.Exec(ctx, `UPDATE handovers SET new_person = '', new_case = '', taker_id = '', taker_name = '' WHERE id = ?`, string(h.ID))
		return err
	}
	if h.State == Offered || h.State == Received {
		if err := h.tellTakers(ctx, tx, "notice.handover_withdrawn"); err != nil {
			return err
		}
		h.State = Withdrawn
	}
	if h.State == Taken {
		h.State = Done
	}
	if h.EndedAt.IsZero() {
		h.EndedAt = tx.Now()
	}
	if _, err := tx.Exec(ctx, `UPDATE handover_events SET user_id = '', user_name = '', sealed = NULL WHERE handover_id = ?`, string(h.ID)); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM handover_left WHERE case_id = ?`, string(h.Case)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE handovers SET state = ?, sealed = NULL, protected = NULL, user_id = '', user_name = '', due_on = ?, alarm_to = '', alarm_at = NULL, ended_at = ?, version = version + 1 WHERE id = ?`,
		string(h.State), cases.Never, h.EndedAt, string(h.ID))
	return err
}
