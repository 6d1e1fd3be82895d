// SPDX-License-Identifier: Apache-2.0

package plans

import (
	"context"
	"fmt"
	"slices"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/names"
	"fera/internal/seal"
)

// Outcomes are how a goal may end.
func Outcomes() []string { return []string{"reached", "partly", "given_up"} }

// Reaching says how a goal ended.
type Reaching struct {
	Case    cases.ID
	Goal    string
	Outcome string // see Outcomes
	Why     string // needed unless it was reached
}

// EndGoal says how a goal of the version that holds ended; what was still to be done for it is dropped. For who does not see what is
// protected, such goals are not there.
func EndGoal(ctx context.Context, tx *db.Tx, who access.Actor, r Reaching) error {
	c, err := cases.Begin(ctx, tx, who, r.Case, cases.Acting{Act: cases.Review})
	if err != nil {
		return err
	}
	p, err := endable(ctx, tx, who, c)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(p.Goals, func(g Goal) bool { return g.ID == r.Goal })
	switch {
	case at < 0:
		return fault.New(fault.NotFound, "plan.goal_not_found")
	case p.Goals[at].State.Outcome != "":
		return fault.New(fault.Conflict, "plan.goal_ended")
	case !slices.Contains(Outcomes(), r.Outcome):
		return fault.New(fault.Invalid, "fault.bad_choice").On("outcome")
	}
	g, act := p.Goals[at], access.WorkCase
	if g.Protected {
		act = access.ChangeProtected
	}
	if r.Why, err = reason(r.Why, r.Outcome != "reached"); err != nil {
		return err
	}
	if err := p.endGoal(ctx, tx, who, c, r); err != nil {
		return fmt.Errorf("end goal: %w", err)
	}
	for _, s := range g.Steps {
		if _, err := tx.Exec(ctx, `UPDATE plan_steps SET outcome = 'dropped', ended_by = ?, ended_at = ? WHERE id = ? AND ended_at IS NULL`, who.Name, tx.Now(), s.ID); err != nil {
			return fmt.Errorf("end goal: %w", err)
		}
	}
	return audit.Record(ctx, tx, who, act, audit.Entry{Subject: "plan_goal:" + g.ID, Person: string(c.Person), Named: []string{"goal_" + r.Outcome}})
}

// endable is the version of a plan that was agreed, with the goals that who may end.
func endable(ctx context.Context, tx *db.Tx, who access.Actor, c cases.Case) (Plan, error) {
	p, err := read(ctx, tx, c, 0)
	if err == nil && p.Agreed == 0 {
		err = fault.New(fault.Conflict, "plan.not_agreed")
	}
	if err == nil && p.Number != p.Agreed {
		p, err = read(ctx, tx, c, p.Agreed)
	}
	if err != nil {
		return p, err
	}
	may, err := access.Reaches(ctx, tx, who, access.ChangeProtected, string(c.Person))
	if err == nil && may {
		err = p.unlock(ctx, tx, c)
	}
	if err != nil {
		return p, err
	}
	return p, p.states(ctx, tx, c)
}

func (p Plan) endGoal(ctx context.Context, tx *db.Tx, who access.Actor, c cases.Case, r Reaching) error {
	sealed, err := seal.JSON(ctx, tx, string(c.Person), "plan_goals:"+r.Goal, found{r.Why})
	if err != nil {
		return err
	}
	protected := slices.ContainsFunc(p.Goals, func(g Goal) bool { return g.ID == r.Goal && g.Protected })
	_, err = tx.Exec(ctx, `INSERT INTO plan_goals (id, plan_id, protected, outcome, sealed, ended_by, ended_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		r.Goal, string(p.ID), protected, r.Outcome, sealed, who.Name, tx.Now())
	return err
}

// outcomes adds to the goals how they ended.
func (p *Plan) outcomes(ctx context.Context, q db.Reader, c cases.Case) error {
	type row struct {
		State
		id     string
		sealed []byte
	}
	rows, err := q.Query(ctx, `SELECT id, outcome, ended_by, ended_at, sealed FROM plan_goals WHERE plan_id = ?`, string(p.ID))
	some, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v row, err error) {
		err = r.Scan(&v.id, &v.Outcome, &v.By, db.Time(&v.At), &v.sealed)
		return v, err
	})
	for _, r := range some {
		at := slices.IndexFunc(p.Goals, func(g Goal) bool { return g.ID == r.id })
		if at < 0 {
			continue
		}
		var f found
		if err := seal.FromJSON(ctx, q, seal.Place{Subject: string(c.Person), Name: "plan_goals:" + r.id, Sealed: r.sealed}, &f); err != nil {
			return err
		}
		r.Why = f.Text
		p.Goals[at].State = r.State
	}
	return err
}

// reason checks why something ended.
func reason(text string, needed bool) (string, error) {
	why, problem := names.CheckText(text, mostWords)
	switch {
	case problem != "":
		return "", fault.New(fault.Invalid, problem).With("max", mostWords).On("why")
	case needed && why == "":
		return "", fault.New(fault.Invalid, "fault.needed").On("why")
	}
	return why, nil
}
