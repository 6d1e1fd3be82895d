// SPDX-License-Identifier: Apache-2.0

package referrals

import (
	"context"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/referrals/course"
	"fera/internal/referrals/sharing"
)

// Letter is a referral as it goes on paper, with the link that brings the answer back.
type Letter struct {
	Referral
	Events []Event
	Secret string // of the link; empty where there is nothing to answer any more
	Ends   time.Time
}

// WriteLetter makes the paper for a provider that works on paper. The provider cannot be shown more later, so paper holds what it sees at
// first, and name and contact only where she agreed that they stand there: named. Nothing of class 3 that was typed is ever on it. That
// it was made, and whether with her name, is in the trail.
func WriteLetter(ctx context.Context, tx *db.Tx, who access.Actor, id ID, named bool) (l Letter, err error) {
	r, c, err := find(ctx, tx, who, id)
	if err != nil {
		return l, err
	}
	if err := access.CheckOn(ctx, tx, who, access.SendReferral, string(c.ID)); err != nil {
		return l, err
	}
	if r.SentAt.IsZero() || r.State == course.Withdrawn {
		return l, fault.New(fault.Conflict, "referral.not_now")
	}
	sheet := r.Sheet.At(sharing.Request)
	if named {
		for _, code := range []string{"name", "contact"} {
			if value := r.Sheet[code]; value != "" {
				sheet[code] = value
			}
		}
	}
	l.Referral = r
	l.Sheet = sheet
	if l.Events, err = r.events(ctx, tx); err != nil {
		return l, err
	}
	for _, purpose := range []Purpose{ToAnswer, ToReport} {
		if slices.Contains(r.Passable(), purpose) {
			if l.Secret, l.Ends, err = r.issue(ctx, tx, who.Name, purpose); err != nil {
				return l, err
			}
		}
	}
	what := []string{"letter"}
	if named {
		what = append(what, "named")
	}
	return l, audit.Record(ctx, tx, who, r.act(), audit.Entry{Subject: r.subject(), Person: string(r.Person), Named: what})
}
