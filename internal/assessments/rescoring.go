// SPDX-License-Identifier: Apache-2.0

package assessments

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/filling"
	"fera/internal/queue"
)

const (
	rescoreLease = "assessments.rescore"
	rescoreLasts = 30 * time.Second
	rescoreBatch = 50 // assessments in one transaction
)

// Rescoring is how far the old answers to a questionnaire are scored by a version that came later.
type Rescoring struct {
	Ref
	AskedBy string
	AskedAt time.Time
	Scored  int       // by now
	Left    int       // those that are still to be looked at
	EndedAt time.Time // zero while it goes on
}

// RescoreAll wants the latest answers of everybody to be scored by a version that is in use, beside the scores that are there. The
// work is done afterwards, by Work. To activate a version wants it too. Whoever may manage questionnaires may want it: she sees
// no answers and no scores by it. What is wanted already goes on where it is. Without a version the one in use is meant; it
// returns which that is.
func RescoreAll(ctx context.Context, tx *db.Tx, who access.Actor, ref Ref) (Ref, error) {
	if err := access.CheckAnywhere(tx, who, access.ManageInstruments); err != nil {
		return ref, err
	}
	today := dates.Of(tx.Now())
	find := func() (Known, error) {
		if ref.Version == "" {
			return inUse(ctx, tx, ref.Name, today)
		}
		return version(ctx, tx, ref)
	}
	k, err := find()
	switch {
	case err != nil:
		return ref, err
	case k.Standing(today) != InUse:
		return ref, fault.New(fault.Conflict, "instrument.not_active")
	case len(k.Definition.Scales) == 0:
		return ref, fault.New(fault.Conflict, "instrument.no_scales")
	}
	if err := k.insert(ctx, tx, who.Name); err != nil {
		return ref, fmt.Errorf("score all anew: %w", err)
	}
	if err := k.wantScores(ctx, tx, who); err != nil {
		return ref, fmt.Errorf("score all anew: %w", err)
	}
	return k.Ref, k.record(ctx, tx, who, "scores_old_answers", "")
}

// wantScores puts the work down, unless it goes on already.
func (k Known) wantScores(ctx context.Context, tx *db.Tx, who access.Actor) error {
	_, err := tx.Exec(ctx, `INSERT INTO assessment_rescorings (instrument, version, asked_by, asked_at, reached, scored) VALUES (?, ?, ?, ?, '', 0)
		ON CONFLICT (instrument, version) DO UPDATE SET asked_by = excluded.asked_by, asked_at = excluded.asked_at, reached = '', scored = 0, ended_at = NULL
		WHERE assessment_rescorings.ended_at IS NOT NULL`, k.Name, k.Version, who.Name, tx.Now())
	return err
}

const unscored = ` FROM assessments a WHERE a.instrument = ? AND a.round > 0 AND a.id > ?
	AND EXISTS (SELECT 1 FROM assessment_answers r WHERE r.assessment_id = a.id AND r.round = a.round)
	AND NOT EXISTS (SELECT 1 FROM assessment_scores s WHERE s.assessment_id = a.id AND s.round = a.round AND s.version = ?)`

// FindRescoring tells how far a version is with the old answers; false if nobody wanted that.
func FindRescoring(ctx context.Context, q db.Reader, who access.Actor, ref Ref) (r Rescoring, wanted bool, err error) {
	if !who.Holds(access.ManageInstruments) {
		return r, false, nil
	}
	r, reached, err := rescoringOf(ctx, q, ref)
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	if err != nil || !r.EndedAt.IsZero() {
		return r, err == nil, err
	}
	err = q.QueryRow(ctx, `SELECT count(*)`+unscored, ref.Name, reached, ref.Version).Scan(&r.Left)
	return r, err == nil, err
}

func rescoringOf(ctx context.Context, q db.Reader, ref Ref) (r Rescoring, reached string, err error) {
	r.Ref = ref
	err = q.QueryRow(ctx, `SELECT asked_by, asked_at, scored, ended_at, reached FROM assessment_rescorings WHERE instrument = ? AND version = ?`, ref.Name, ref.Version).
		Scan(&r.AskedBy, db.Time(&r.AskedAt), &r.Scored, db.NullTime(&r.EndedAt), &reached)
	return r, reached, err
}

// Work scores old answers that somebody wants scored anew, one batch in one transaction, until there is nothing left or it is
// stopped, and reports whether there was any. Told hears how far it is, if it is given. Whoever calls it next goes on where it stood. One process does it at a time.
func Work(ctx context.Context, d *db.DB, holder string, told func(done, total int)) (worked bool, err error) {
	refs, err := waiting(ctx, d)
	if err != nil || len(refs) == 0 {
		return false, err
	}
	for _, ref := range refs {
		for more := true; more; {
			held, err := queue.Lease(ctx, d, rescoreLease, holder, rescoreLasts)
			if err != nil || !held {
				return worked, err
			}
			if more, err = rescoreSome(ctx, d, ref); err != nil {
				return worked, errors.Join(err, queue.Release(context.WithoutCancel(ctx), d, rescoreLease, holder))
			}
			worked = true
			if err := tell(ctx, d, ref, told); err != nil {
				return worked, err
			}
		}
	}
	return worked, queue.Release(ctx, d, rescoreLease, holder)
}

// tell says how far a version is.
func tell(ctx context.Context, d *db.DB, ref Ref, told func(done, total int)) error {
	if told == nil {
		return nil
	}
	return d.Read(ctx, func(q db.Reader) error {
		r, _, err := FindRescoring(ctx, q, access.System(access.ManageInstruments), ref)
		if err == nil {
			told(r.Scored, r.Scored+r.Left)
		}
		return err
	})
}

// waiting are the versions in use by which old answers are to be scored.
func waiting(ctx context.Context, d *db.DB) (refs []Ref, err error) {
	err = d.Read(ctx, func(q db.Reader) error {
		rows, err := q.Query(ctx, `SELECT instrument, version FROM assessment_rescorings WHERE ended_at IS NULL ORDER BY asked_at, instrument`)
		all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (ref Ref, err error) {
			err = row.Scan(&ref.Name, &ref.Version)
			return ref, err
		})
		refs = nil
		for _, ref := range all {
			k, err := version(ctx, q, ref)
			if err != nil {
				return err
			}
			if k.Standing(dates.Of(q.Now())) == InUse { // a coming one waits for its day
				refs = append(refs, ref)
			}
		}
		return err
	})
	return refs, err
}

// rescoreSome scores one batch, and reports whether there may be more.
func rescoreSome(ctx context.Context, d *db.DB, ref Ref) (more bool, err error) {
	err = d.Write(ctx, func(tx *db.Tx) error {
		more = false
		who := access.System(access.ManageInstruments)
		if err := access.CheckAnywhere(tx, who, access.ManageInstruments); err != nil {
			return err
		}
		r, reached, err := rescoringOf(ctx, tx, ref)
		if err != nil || !r.EndedAt.IsZero() {
			tx.Recorded() // another ended it
			return err
		}
		rows, err := tx.Query(ctx, `SELECT `+columns+unscored+` ORDER BY a.id LIMIT ?`, ref.Name, reached, ref.Version, rescoreBatch)
		some, err := db.Collect(rows, err, scan)
		if err != nil {
			return err
		}
		if len(some) == 0 {
			tx.Recorded() // each score is in the trail, and so is who wanted it
			_, err := tx.Exec(ctx, `UPDATE assessment_rescorings SET ended_at = ? WHERE instrument = ? AND version = ?`, tx.Now(), ref.Name, ref.Version)
			return err
		}
		k, err := version(ctx, tx, ref)
		if err != nil {
			return err
		}
		for _, a := range some {
			if err := a.rescore(ctx, tx, who, k); err != nil {
				return fmt.Errorf("score %s anew: %w", a.ID, err)
			}
		}
		more = true
		_, err = tx.Exec(ctx, `UPDATE assessment_rescorings SET reached = ?, scored = ? WHERE instrument = ? AND version = ?`,
			string(some[len(some)-1].ID), r.Scored+len(some), ref.Name, ref.Version)
		return err
	})
	return more, err
}

// rescore keeps what the latest round comes to by another version, beside the scores that are there.
func (a Assessment) rescore(ctx context.Context, tx *db.Tx, who access.Actor, k Known) error {
	if err := a.scoreBy(ctx, tx, who, k); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, a.act(), audit.Entry{Subject: a.subject(), Person: string(a.Person), Named: []string{"assessment_scored", a.Ref.Name}})
}

// scoreBy works out the latest round by a version.
func (a Assessment) scoreBy(ctx context.Context, tx *db.Tx, who access.Actor, k Known) error {
	rounds, err := roundsOf(ctx, tx, a)
	if err != nil {
		return err
	}
	form, problems := filling.New(k.Definition)
	if form == nil {
		return fmt.Errorf("form of %s %s: %v", k.Name, k.Version, problems)
	}
	if err := k.insert(ctx, tx, who.Name); err != nil {
		return err
	}
	for _, r := range rounds {
		if r.Number == a.Round {
			return a.score(ctx, tx, k.Version, a.fill(form, r.answers, r.By, r.At))
		}
	}
	return nil
}
