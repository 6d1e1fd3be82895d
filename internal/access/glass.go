// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"time"

	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
)

// GlassLasts is how long protected data stay open after the glass is broken.
// Three hours, as DHIS2's temporary ownership; enough for one sitting.
const GlassLasts = 3 * time.Hour

// mostOpenings is how often one user may break the glass in a week.
const mostOpenings = 3

// Opening is one breaking of the glass.
type Opening struct {
	ID         string
	User       string
	UserName   string
	Subject    string
	Reason     string
	OpenedAt   time.Time
	EndsAt     time.Time
	ReviewedAt time.Time // zero until reviewed
	ReviewedBy string
	Finding    string
}

// Break opens the protected data of subjects to who, until GlassLasts has passed:
// of one, or of all that are records of one person. The caller checks the permission, records the act and tells the
// supervisor and the data-protection officer, in the same transaction.
func Break(ctx context.Context, tx *db.Tx, who Actor, reason string, subjects ...string) (all []Opening, err error) {
	var n int
	week := tx.Now().Add(-7 * 24 * time.Hour)
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM access_openings WHERE user_id = ? AND opened_at > ?`, who.ID, week).Scan(&n); err != nil {
		return nil, err
	}
	if n >= mostOpenings {
		return nil, fault.New(fault.Forbidden, "person.glass_too_often").With("most", mostOpenings)
	}
	for i, subject := range subjects {
		o := Opening{ID: ids.Nth(tx.Now(), i), User: who.ID, UserName: who.Name, Subject: subject, Reason: reason, OpenedAt: tx.Now(), EndsAt: tx.Now().Add(GlassLasts)}
		_, err := tx.Exec(ctx, `INSERT INTO access_openings (id, user_id, user_name, subject_id, reason, opened_at, ends_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			o.ID, o.User, o.UserName, o.Subject, o.Reason, o.OpenedAt, o.EndsAt)
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, nil
}

// Review writes down what a supervisor or data-protection officer found about an
// opening: o names it by its id and its subject, and holds the finding. Nobody
// reviews an opening of her own. The caller checks the right over the subject.
func Review(ctx context.Context, tx *db.Tx, who Actor, o Opening) error {
	n, err := tx.Exec(ctx, `UPDATE access_openings SET reviewed_at = ?, reviewed_by = ?, finding = ? WHERE id = ? AND subject_id = ? AND reviewed_at IS NULL AND user_id <> ?`,
		tx.Now(), who.ID, o.Finding, o.ID, o.Subject, who.ID)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "person.glass_reviewed")
	}
	return err
}

// SeesProtected reports whether who may see the class-3 data of a subject now:
// the subject is on who's caseload, or who broke the glass and its time still
// runs (until says when it ends; zero for a caseload).
func SeesProtected(ctx context.Context, q db.Reader, who Actor, subject string) (ok bool, until time.Time, err error) {
	if ok, err = Reaches(ctx, q, who, ReadProtected, subject); ok || err != nil {
		return ok, time.Time{}, err
	}
	if !who.Holds(BreakGlass) {
		return false, time.Time{}, nil
	}
	err = q.QueryRow(ctx, `SELECT max(ends_at) FROM access_openings WHERE subject_id = ? AND user_id = ? AND ends_at > ?`,
		subject, who.ID, q.Now()).Scan(db.NullTime(&until))
	return !until.IsZero(), until, err
}

// Openings lists the latest breakings of the glass over subjects that who
// reaches with perm, those not yet reviewed first.
func Openings(ctx context.Context, q db.Reader, who Actor, perm Permission, limit int) ([]Opening, error) {
	cond, args := Where(who, perm, "o.subject_id")
	rows, err := q.Query(ctx, `SELECT o.id, o.user_id, o.user_name, o.subject_id, o.reason, o.opened_at, o.ends_at, o.reviewed_at,
		COALESCE(o.reviewed_by, ''), COALESCE(o.finding, '') FROM access_openings o WHERE `+cond+`
		ORDER BY CASE WHEN o.reviewed_at IS NULL THEN 0 ELSE 1 END, o.opened_at DESC LIMIT ?`, append(args, limit)...)
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (o Opening, err error) {
		err = row.Scan(&o.ID, &o.User, &o.UserName, &o.Subject, &o.Reason, db.Time(&o.OpenedAt), db.Time(&o.EndsAt), db.NullTime(&o.ReviewedAt), &o.ReviewedBy, &o.Finding)
		return o, err
	})
}

// Forget takes a subject who was erased out of all scopes, and empties what was
// written about her when the glass was broken.
func Forget(ctx context.Context, tx *db.Tx, subject string) error {
	if _, err := tx.Exec(ctx, `UPDATE access_openings SET reason = '', finding = '' WHERE subject_id = ?`, subject); err != nil {
		return err
	}
	return Place(ctx, tx, subject)
}
