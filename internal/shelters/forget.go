// SPDX-License-Identifier: Apache-2.0

package shelters

import (
	"context"
	"fmt"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/persons"
)

// Forget takes the stays of a person who was erased away. What stays is what the totals need: that somebody of her sex and age had a bed in
// such nights, with nothing that leads to her. If she has a bed now it is free from tonight on, and its keepers are told to look.
func Forget(ctx context.Context, tx *db.Tx, person persons.ID) error {
	rows, err := tx.Query(ctx, `SELECT id FROM shelter_stays WHERE person_id = ?`, string(person))
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (s StayID, err error) { err = r.Scan(&s); return s, err })
	if err != nil {
		return fmt.Errorf("forget stays: %w", err)
	}
	for _, id := range all {
		if err := forget(ctx, tx, id); err != nil {
			return fmt.Errorf("forget stays: %w", err)
		}
	}
	return nil
}

func forget(ctx context.Context, tx *db.Tx, id StayID) error {
	ref, err := refOf(ctx, tx, id)
	if err != nil {
		return err
	}
	h, err := findHold(ctx, tx, ref)
	if err != nil {
		return err
	}
	if h.State.holds() {
		house, err := byID(ctx, tx, h.shelter)
		if err != nil {
			return err
		}
		if err := house.tell(ctx, tx, access.Actor{}, "notice.shelter_changed"); err != nil {
			return err
		}
		if err := h.free(ctx, tx, dates.Of(tx.Now())); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE shelter_holds SET state = CASE WHEN state IN ('asked', 'placed', 'cancelled') THEN 'cancelled' ELSE 'left' END, party = '', alarm_to = '', alarm_at = NULL, sealed = NULL WHERE id = ?`, ref); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM shelter_events WHERE stay_id = ?`, string(id)); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM shelter_stays WHERE id = ?`, string(id))
	return err
}
