// SPDX-License-Identifier: Apache-2.0

package assessments

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/filling"
	"fera/internal/names"
)

// Completing makes a round of what was filled in.
type Completing struct {
	ID     ID
	Reason string // of a correction
}

// Finish completes an assessment, or a correction of one: the answers become a round that never changes, and are scored. It
// returns them opened, for who gave them has just seen them.
func Finish(ctx context.Context, tx *db.Tx, who access.Actor, c Completing) (Opened, error) {
	w, err := atWork(ctx, tx, who, c.ID)
	if err != nil {
		return Opened{}, err
	}
	if err := w.held(who, tx); err != nil {
		return Opened{}, err
	}
	reason, problem := names.CheckText(c.Reason, 500)
	switch {
	case problem != "":
		return Opened{}, fault.New(fault.Invalid, problem).With("max", 500).On("reason")
	case w.Round > 0 && len([]rune(reason)) < 3:
		return Opened{}, fault.New(fault.Invalid, "assessment.reason_needed").On("reason")
	}
	f := w.fill(w.form, w.answers, who.Name, tx.Now())
	if err := whole(f); err != nil {
		return Opened{}, err
	}
	changed := w.changed(f)
	if w.Round > 0 && len(changed) == 0 {
		return Opened{}, fault.New(fault.Invalid, "assessment.nothing_corrected").On("reason")
	}
	if err := w.close(ctx, tx, who, f, reason); err != nil {
		return Opened{}, fmt.Errorf("complete assessment: %w", err)
	}
	if _, err := raise(ctx, tx, who, w.Assessment, f.Alarms()); err != nil {
		return Opened{}, fmt.Errorf("complete assessment: %w", err)
	}
	e := audit.Entry{Subject: w.subject(), Person: string(w.Person), Named: []string{"assessment_complete", w.Ref.Name}}
	if w.Round > 1 {
		e.Reason, e.Named = reason, append([]string{"assessment_corrected", w.Ref.Name}, changed...)
	}
	if err := audit.Record(ctx, tx, who, w.act(), e); err != nil {
		return Opened{}, err
	}
	return w.opened(ctx, tx, who, f)
}

// whole refuses a filling of which something is wrong or missing, with every fault at its question.
func whole(f *filling.Filling) error {
	var all []*fault.Error
	for _, wrong := range f.Faults() {
		all = append(all, wrong.Fault)
	}
	if joined := fault.Join(all...); joined != nil {
		return joined
	}
	return nil
}

// changed names the items whose answers differ from the latest round.
func (w *work) changed(f *filling.Filling) (keys []string) {
	if w.Round == 0 || len(w.rounds) == 0 {
		return nil
	}
	last := w.rounds[len(w.rounds)-1]
	before, now := w.fill(w.form, last.answers, last.By, last.At).Given(), f.Given()
	for key := range maps.Keys(now) {
		if before[key] != now[key] {
			keys = append(keys, key)
		}
	}
	for key := range before {
		if _, still := now[key]; !still {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// close turns the draft into the next round, with its scores.
func (w *work) close(ctx context.Context, tx *db.Tx, who access.Actor, f *filling.Filling, reason string) error {
	w.Round++
	w.answers = f.Answers()
	if err := w.keep(ctx, tx, who, w.Round, kept{Answers: w.answers, Reason: reason}); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM assessment_answers WHERE assessment_id = ? AND round = 0`, string(w.ID)); err != nil {
		return err
	}
	if w.CompletedAt.IsZero() {
		w.CompletedAt = tx.Now()
	}
	w.Status, w.SavedAt = Complete, tx.Now()
	if _, err := tx.Exec(ctx, `UPDATE assessments SET status = 'complete', round = ?, completed_at = ?, saved_at = ?, hand_until = NULL WHERE id = ?`,
		w.Round, w.CompletedAt, w.SavedAt, string(w.ID)); err != nil {
		return err
	}
	w.rounds = append(w.rounds, Round{Number: w.Round, By: who.Name, At: tx.Now(), Reason: reason, answers: w.answers})
	if err := w.score(ctx, tx, w.Ref.Version, f); err != nil {
		return err
	}
	return w.scoreFurther(ctx, tx, who)
}

// scoreFurther scores a correction by the further versions by which the round before was scored.
func (w *work) scoreFurther(ctx context.Context, tx *db.Tx, who access.Actor) error {
	all, err := scoresOf(ctx, tx, w.Assessment)
	if err != nil {
		return err
	}
	for _, s := range all {
		if s.Round != w.Round-1 || s.Version == w.Ref.Version {
			continue
		}
		k, err := version(ctx, tx, Ref{w.Ref.Name, s.Version})
		if err == nil {
			err = w.scoreBy(ctx, tx, who, k)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Correct begins a correction of what is complete, and puts it in who's hands. The answers that are there stay as a round.
func Correct(ctx context.Context, tx *db.Tx, who access.Actor, id ID) error {
	a, err := find(ctx, tx, who, id)
	if err != nil {
		return err
	}
	p, err := personOf(ctx, tx, who, a.Person)
	if err != nil {
		return err
	}
	if err := mayOpen(ctx, tx, who, a); err != nil {
		return err
	}
	if ok, err := a.MayCorrect(ctx, tx, who); err != nil || !ok {
		return errors.Join(err, notFound())
	}
	if err := access.CheckOn(ctx, tx, who, access.Administer, string(a.Person)); err != nil {
		return err
	}
	w, err := read(ctx, tx, a)
	if err != nil {
		return err
	}
	if err := mayAsk(ctx, tx, who, p, w.d); err != nil {
		return err
	}
	if a.Status != Complete || w.answers != nil {
		return fault.New(fault.Conflict, "assessment.begun_already")
	}
	if err := a.keep(ctx, tx, who, 0, kept{Answers: w.rounds[len(w.rounds)-1].answers}); err != nil {
		return fmt.Errorf("correct assessment: %w", err)
	}
	if err := w.hold(ctx, tx, who); err != nil {
		return fmt.Errorf("correct assessment: %w", err)
	}
	act := access.Administer
	if a.Protected {
		act = access.ReadProtected // she sees what was answered
	}
	return audit.Record(ctx, tx, who, act, audit.Entry{Subject: a.subject(), Person: string(a.Person), Named: []string{"assessment", a.Ref.Name}})
}

// mayOpen refuses who may not see what was answered. What is protected is not there for who does not see class 3.
func mayOpen(ctx context.Context, q db.Reader, who access.Actor, a Assessment) error {
	if a.Protected {
		ok, _, err := access.SeesProtected(ctx, q, who, string(a.Person))
		if err == nil && !ok {
			ok, err = a.ownSheet(ctx, q, who)
		}
		if err != nil || !ok {
			return errors.Join(err, notFound())
		}
		return nil
	}
	ok, err := access.Reaches(ctx, q, who, access.ReadAssessments, string(a.Person))
	if err == nil && !ok {
		return notFound()
	}
	return err
}
