// SPDX-License-Identifier: Apache-2.0

package activities

import (
	"context"
	"fmt"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/persons"
	"fera/internal/seal"
)

// Forget takes the links to a person who was erased out of activities and forums. That somebody was there stays counted.
func Forget(ctx context.Context, tx *db.Tx, person persons.ID) error {
	for _, statement := range []string{
		`DELETE FROM activity_heard WHERE person_id = ?`,
		`UPDATE activity_attendances SET person_id = NULL WHERE person_id = ?`,
		`UPDATE forum_members SET person_id = NULL WHERE person_id = ?`,
	} {
		if _, err := tx.Exec(ctx, statement, string(person)); err != nil {
			return fmt.Errorf("forget activities: %w", err)
		}
	}
	return nil
}

// Clear takes out whatever was made up at the training office where who practises: activities, forums, and the keys under which their names lie.
func Clear(ctx context.Context, tx *db.Tx, who access.Actor) (int, error) {
	if !who.Practises() || !ids.IsApart(who.Office) {
		return 0, fault.New(fault.NotFound, "practice.only_there")
	}
	if err := access.Check(tx, who, access.ManagePractice, access.AtOffice(who.Office), access.OfOrganisation(who.Organisation)); err != nil {
		return 0, err
	}
	rows, err := tx.Query(ctx, `SELECT id FROM activities WHERE office_id = ? UNION ALL SELECT id FROM forums WHERE office_id = ?`, who.Office, who.Office)
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (id string, err error) { return id, r.Scan(&id) })
	if err != nil {
		return 0, fmt.Errorf("clear activities: %w", err)
	}
	for _, id := range all {
		if err := seal.Discard(ctx, tx, id); err != nil {
			return 0, fmt.Errorf("clear activities: %w", err)
		}
		if err := access.Place(ctx, tx, id); err != nil {
			return 0, fmt.Errorf("clear activities: %w", err)
		}
	}
	for _, statement := range []string{
		`DELETE FROM activity_heard WHERE activity_id IN (SELECT id FROM activities WHERE office_id = ?)`,
		`DELETE FROM activity_attendances WHERE activity_id IN (SELECT id FROM activities WHERE office_id = ?)`,
		`DELETE FROM activity_cells WHERE activity_id IN (SELECT id FROM activities WHERE office_id = ?)`,
		`DELETE FROM activity_versions WHERE activity_id IN (SELECT id FROM activities WHERE office_id = ?)`,
		`DELETE FROM activities WHERE office_id = ?`,
		`DELETE FROM forum_members WHERE forum_id IN (SELECT id FROM forums WHERE office_id = ?)`,
		`DELETE FROM forums WHERE office_id = ?`,
	} {
		if _, err := tx.Exec(ctx, statement, who.Office); err != nil {
			return 0, fmt.Errorf("clear activities: %w", err)
		}
	}
	return len(all), audit.Record(ctx, tx, who, access.ManagePractice, audit.Entry{Subject: "office:" + who.Office, After: map[string]int{"activities_cleared": len(all)}})
}
