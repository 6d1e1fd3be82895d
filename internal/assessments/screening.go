// SPDX-License-Identifier: Apache-2.0

package assessments

import (
	"context"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/instruments"
	"fera/internal/persons"
)

// SheetLasts is how long who asked a first screening, and sees no other class-3 data of the person, may open what she herself
// has just written: to print it, or to tell who takes over. Then it is closed to her for good.
const SheetLasts = 30 * time.Minute

// mayProtect tells whether who may write down protected answers of this questionnaire: because she enters class-3 data of the
// person anyway, or because it is the first screening and she is one of those who ask it at a desk or a doorstep.
func mayProtect(ctx context.Context, q db.Reader, who access.Actor, p persons.Person, d *instruments.Definition) (bool, error) {
	ok, err := p.Reached(ctx, q, who, access.ChangeProtected)
	if ok || err != nil || !d.Sorts {
		return ok, err
	}
	return p.Reached(ctx, q, who, access.Screen)
}

// closedTo tells whether an assessment that is not complete is closed to who: it is protected, she does not see class-3 data of
// the person, and she does not hold it.
func (a Assessment) closedTo(ctx context.Context, q db.Reader, who access.Actor) (bool, error) {
	if !a.Protected || a.Hand == who.ID && q.Now().Before(a.HandUntil) {
		return false, nil
	}
	sees, _, err := access.SeesProtected(ctx, q, who, string(a.Person))
	return !sees, err
}

// ownSheet tells whether who completed this first screening a moment ago, and nobody touched it since.
func (a Assessment) ownSheet(ctx context.Context, q db.Reader, who access.Actor) (bool, error) {
	if a.Status != Complete || a.Round != 1 || a.Hand != who.ID || !q.Now().Before(a.CompletedAt.Add(SheetLasts)) {
		return false, nil
	}
	k, err := version(ctx, q, a.Ref)
	if err != nil || !k.Definition.Sorts {
		return false, err
	}
	return access.Reaches(ctx, q, who, access.Screen, string(a.Person))
}

// MayCorrect tells whether who may begin a correction: who does not see class-3 data corrects nothing of that class, her own
// sheet neither.
func (a Assessment) MayCorrect(ctx context.Context, q db.Reader, who access.Actor) (bool, error) {
	if ok, err := access.Reaches(ctx, q, who, access.Administer, string(a.Person)); err != nil || !ok {
		return false, err
	}
	if !a.Protected {
		return access.Reaches(ctx, q, who, access.ReadAssessments, string(a.Person))
	}
	sees, _, err := access.SeesProtected(ctx, q, who, string(a.Person))
	return sees, err
}
