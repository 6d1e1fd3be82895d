// SPDX-License-Identifier: Apache-2.0

// Package procedures holds the acts that span rooms: one act of the work that several features have a part in. Each function
// here calls two features or more; what needs one belongs to that feature. It has no tables.
package procedures

import (
	"context"

	"fera/internal/access"
	"fera/internal/activities"
	"fera/internal/appointments"
	"fera/internal/assessments"
	"fera/internal/calls"
	"fera/internal/cases"
	"fera/internal/centres"
	"fera/internal/db"
	"fera/internal/handovers"
	"fera/internal/indicators/counting"
	"fera/internal/messages"
	"fera/internal/persons"
	"fera/internal/plans"
	"fera/internal/referrals"
	"fera/internal/seal"
	"fera/internal/services"
	"fera/internal/shelters"
)

// Erase destroys a person's keys and takes her out of every room: see persons.Erase for what stays of the register. Records
// that who may not erase stay, and so does what hangs on them. It returns a receipt for each record that was erased.
func Erase(ctx context.Context, tx *db.Tx, who access.Actor, id persons.ID, reason string) ([]seal.Erasure, error) {
	// What was counted of class 3 is sealed under the keys that go, and is taken out of the totals before.
	records, err := persons.Records(ctx, tx, who, access.ErasePerson, id)
	if err != nil {
		return nil, err
	}
	for _, record := range records {
		if err := counting.Forget(ctx, tx, string(record)); err != nil {
			return nil, err
		}
	}
	all, err := persons.Erase(ctx, tx, who, id, reason)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		if err := forget(ctx, tx, persons.ID(one.Subject)); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// EraseAgain erases a record that a restored backup brought back.
func EraseAgain(ctx context.Context, tx *db.Tx, e seal.Erasure) error {
	if err := persons.EraseAgain(ctx, tx, e); err != nil {
		return err
	}
	return forget(ctx, tx, persons.ID(e.Subject))
}

// forget takes a record out of the rooms, the highest first: what stands on a case goes before the case does.
func forget(ctx context.Context, tx *db.Tx, record persons.ID) error {
	for _, room := range []func(context.Context, *db.Tx, persons.ID) error{appointments.Forget, centres.Forget, messages.Forget, calls.Forget, assessments.Forget, handovers.Forget, referrals.Forget, plans.Forget, services.Forget, shelters.Forget, activities.Forget, cases.Forget} {
		if err := room(ctx, tx, record); err != nil {
			return err
		}
	}
	return nil
}
