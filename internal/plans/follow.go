// SPDX-License-Identifier: Apache-2.0

package plans

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/calendars"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/deadlines"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/persons"
	"fera/internal/seal"
)

func calendarNow(ctx context.Context, q db.Reader) (deadlines.Calendar, error) {
	return calendars.Now(ctx, q)
}

// Look returns all goals of the plan of a case, to who sees what is protected about the person. The look is in the trail.
func Look(ctx context.Context, tx *db.Tx, who access.Actor, of cases.ID, number int) (Plan, error) {
	c, err := cases.Find(ctx, tx, who, of)
	if err != nil {
		return Plan{}, err
	}
	if err := sees(ctx, tx, who, c); err != nil {
		return Plan{}, err
	}
	p, err := read(ctx, tx, c, number)
	if err != nil {
		return Plan{}, err
	}
	if err := p.unlock(ctx, tx, c); err != nil {
		return Plan{}, fmt.Errorf("open plan: %w", err)
	}
	if err := p.states(ctx, tx, c); err != nil {
		return Plan{}, err
	}
	tx.Allowed()
	return p, audit.Record(ctx, tx, who, access.ReadProtected, audit.Entry{Subject: p.subject(), Person: string(c.Person), Named: []string{"plan"}})
}

// found is what is sealed of how a step ended, or of a review.
type found struct {
	Text string `json:"text"`
}

// states adds to the steps how they stand.
func (p *Plan) states(ctx context.Context, q db.Reader, c cases.Case) error {
	type row struct {
		State
		id     string
		sealed []byte
	}
	rows, err := q.Query(ctx, `SELECT id, outcome, ended_by, ended_at, sealed FROM plan_steps WHERE plan_id = ? AND ended_at IS NOT NULL`, string(p.ID))
	some, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v row, err error) {
		err = r.Scan(&v.id, &v.Outcome, &v.By, db.Time(&v.At), &v.sealed)
		return v, err
	})
	if err != nil {
		return err
	}
	ended := map[string]row{}
	for _, r := range some {
		ended[r.id] = r
	}
	for i := range p.Goals {
		for j := range p.Goals[i].Steps {
			s := &p.Goals[i].Steps[j]
			r := ended[s.ID]
			if s.State = r.State; r.sealed == nil {
				continue
			}
			var f found
			if err := seal.FromJSON(ctx, q, seal.Place{Subject: string(c.Person), Name: "plan_steps:" + s.ID, Sealed: r.sealed}, &f); err != nil {
				return err
			}
			s.State.Why = f.Text
		}
	}
	return p.outcomes(ctx, q, c)
}

// Ending says how a step ended.
type Ending struct {
	Case    cases.ID
	Step    string
	Dropped bool
	Why     string // needed when it was dropped
}

// End says that a step was done, or dropped. For who does not see what is protected, the steps of such goals are not there.
func End(ctx context.Context, tx *db.Tx, who access.Actor, e Ending) error {
	c, err := cases.Begin(ctx, tx, who, e.Case, cases.Acting{Act: cases.Review})
	if err != nil {
		return err
	}
	none := fault.New(fault.NotFound, "plan.step_not_found")
	var protected, ended bool
	err = tx.QueryRow(ctx, `SELECT s.protected, s.ended_at IS NOT NULL FROM plan_steps s JOIN plans p ON p.id = s.plan_id WHERE s.id = ? AND p.case_id = ?`, e.Step, string(c.ID)).Scan(&protected, &ended)
	if errors.Is(err, sql.ErrNoRows) {
		return none
	}
	if err != nil {
		return err
	}
	act := access.WorkCase
	if protected {
		act = access.ChangeProtected
		if ok, err := access.Reaches(ctx, tx, who, act, string(c.Person)); err != nil || !ok {
			return errors.Join(err, none)
		}
	}
	if ended {
		return fault.New(fault.Conflict, "plan.step_ended")
	}
	why, err := reason(e.Why, e.Dropped)
	if err != nil {
		return err
	}
	outcome := map[bool]string{false: "done", true: "dropped"}[e.Dropped]
	sealed, err := seal.JSON(ctx, tx, string(c.Person), "plan_steps:"+e.Step, found{why})
	if err != nil {
		return fmt.Errorf("end step: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE plan_steps SET outcome = ?, sealed = ?, ended_by = ?, ended_at = ? WHERE id = ?`, outcome, sealed, who.Name, tx.Now(), e.Step); err != nil {
		return fmt.Errorf("end step: %w", err)
	}
	return audit.Record(ctx, tx, who, act, audit.Entry{Subject: "plan_step:" + e.Step, Person: string(c.Person), Named: []string{"step_" + outcome}})
}

// Review is one look at how a plan goes.
type Review struct {
	ID     string
	Months int // after the plan was agreed; 0 for one between
	DueOn  dates.Partial
	DoneAt time.Time // zero while it is to come
	By     string
	Found  string // class 2
}

// Reviews returns the reviews of the plan of a case that who may see, the earliest first.
func Reviews(ctx context.Context, q db.Reader, who access.Actor, of cases.ID) (all []Review, err error) {
	c, err := cases.Find(ctx, q, who, of)
	if err != nil {
		return nil, err
	}
	type row struct {
		Review
		sealed []byte
	}
	rows, err := q.Query(ctx, `SELECT r.id, r.months, r.due_on, r.done_at, r.user_name, r.sealed FROM plan_reviews r JOIN plans p ON p.id = r.plan_id WHERE p.case_id = ? ORDER BY r.due_on, r.id`, string(c.ID))
	some, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v row, err error) {
		err = r.Scan(&v.ID, &v.Months, &v.DueOn, db.NullTime(&v.DoneAt), &v.By, &v.sealed)
		return v, err
	})
	for _, r := range some {
		if r.sealed != nil {
			var f found
			if err := seal.FromJSON(ctx, q, seal.Place{Subject: string(c.Person), Name: "plan_reviews:" + r.ID, Sealed: r.sealed}, &f); err != nil {
				return nil, fmt.Errorf("list reviews: %w", err)
			}
			r.Found = f.Text
		}
		all = append(all, r.Review)
	}
	return all, err
}

// next is the day of the next review; unknown when none is to come.
func (p Plan) next(ctx context.Context, q db.Reader) (day dates.Partial, err error) {
	err = q.QueryRow(ctx, `SELECT due_on FROM plan_reviews WHERE plan_id = ? AND done_at IS NULL ORDER BY due_on LIMIT 1`, string(p.ID)).Scan(&day)
	if errors.Is(err, sql.ErrNoRows) {
		return dates.Partial{}, nil
	}
	return day, err
}

// Reviewing is a review that was held, or that is put off.
type Reviewing struct {
	Case   cases.ID
	Review string
	Found  string        // what was found, or why it is put off
	Until  dates.Partial // to which day it is put off; unknown when it was held
	Next   dates.Partial // when there is to be another, beside those of the programme; unknown for none
}

// Hold notes what was found at a review, or puts it off to a later day. Then the next one is due.
func Hold(ctx context.Context, tx *db.Tx, who access.Actor, r Reviewing) error {
	c, err := cases.Begin(ctx, tx, who, r.Case, cases.Acting{Act: cases.Review})
	if err != nil {
		return err
	}
	p, err := read(ctx, tx, c, 0)
	if err != nil {
		return err
	}
	var done bool
	err = tx.QueryRow(ctx, `SELECT done_at IS NOT NULL FROM plan_reviews WHERE id = ? AND plan_id = ?`, r.Review, string(p.ID)).Scan(&done)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fault.New(fault.NotFound, "plan.review_not_found")
	case err != nil:
		return err
	case done:
		return fault.New(fault.Conflict, "plan.review_held")
	}
	if f := words(&r.Found, "found"); f != nil {
		return f
	}
	if err := r.write(ctx, tx, who, c); err != nil {
		return err
	}
	if err := r.another(ctx, tx, p); err != nil {
		return err
	}
	next, err := p.next(ctx, tx)
	if err != nil {
		return err
	}
	c.Due(next)
	return cases.Advance(ctx, tx, who, c, cases.Review)
}

func (r Reviewing) write(ctx context.Context, tx *db.Tx, who access.Actor, c cases.Case) error {
	sealed, err := seal.JSON(ctx, tx, string(c.Person), "plan_reviews:"+r.Review, found{r.Found})
	if err != nil {
		return fmt.Errorf("hold review: %w", err)
	}
	if r.Until.IsZero() {
		_, err = tx.Exec(ctx, `UPDATE plan_reviews SET sealed = ?, user_name = ?, done_at = ? WHERE id = ?`, sealed, who.Name, tx.Now(), r.Review)
		return err
	}
	if r.Until.Precision() != dates.Day || r.Until.Check() != nil || r.Until.SurelyBefore(dates.Of(tx.Now())) {
		return fault.New(fault.Invalid, "plan.review_later").On("until")
	}
	_, err = tx.Exec(ctx, `UPDATE plan_reviews SET sealed = ?, user_name = ?, due_on = ? WHERE id = ?`, sealed, who.Name, r.Until.String(), r.Review)
	return err
}

// another puts down a review beside those of the programme, if one is wanted on a day on which there is none.
func (r Reviewing) another(ctx context.Context, tx *db.Tx, p Plan) error {
	if r.Next.IsZero() {
		return nil
	}
	if r.Next.Precision() != dates.Day || r.Next.Check() != nil || r.Next.String() <= dates.Of(tx.Now()).String() {
		return fault.New(fault.Invalid, "plan.review_next").On("next")
	}
	var there int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM plan_reviews WHERE plan_id = ? AND due_on = ? AND done_at IS NULL`, string(p.ID), r.Next.String()).Scan(&there); err != nil || there > 0 {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO plan_reviews (id, plan_id, months, due_on, user_name) VALUES (?, ?, 0, ?, '')`, ids.New(tx.Now()), string(p.ID), r.Next.String())
	return err
}

// Forget takes the plans of a person who was erased out, with all that she could be known by. What stays is that there was a
// plan, and on which days it was agreed and reviewed.
func Forget(ctx context.Context, tx *db.Tx, person persons.ID) error {
	for _, statement := range []string{
		`DELETE FROM plan_goals WHERE plan_id IN (SELECT p.id FROM plans p JOIN cases c ON c.id = p.case_id WHERE c.person_id = ?)`,
		`DELETE FROM plan_steps WHERE plan_id IN (SELECT p.id FROM plans p JOIN cases c ON c.id = p.case_id WHERE c.person_id = ?)`,
		`UPDATE plan_reviews SET sealed = NULL, user_name = '' WHERE plan_id IN (SELECT p.id FROM plans p JOIN cases c ON c.id = p.case_id WHERE c.person_id = ?)`,
		`UPDATE plan_versions SET protected = NULL, user_name = '', file_id = '', agreed_by = '' WHERE plan_id IN (SELECT p.id FROM plans p JOIN cases c ON c.id = p.case_id WHERE c.person_id = ?)`,
	} {
		if _, err := tx.Exec(ctx, statement, string(person)); err != nil {
			return fmt.Errorf("forget plans: %w", err)
		}
	}
	return nil
}
