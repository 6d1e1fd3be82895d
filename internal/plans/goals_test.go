// SPDX-License-Identifier: Apache-2.0

package plans_test

import (
	"bytes"
	"context"
	"testing"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/plans"
	"fera/internal/worldtest"
)

func (w world) reach(t *testing.T, who access.Actor, goal, outcome, why string) error {
	t.Helper()
	return try(t, w.d, func(ctx context.Context, tx *db.Tx) error {
		return plans.EndGoal(ctx, tx, who, plans.Reaching{Case: w.id, Goal: goal, Outcome: outcome, Why: why})
	})
}

// A goal ends with what came of it, and what was still to be done for it is dropped. One of class 3 is not there for who does not see it.
func TestAGoalEnds(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina, chandra := worldtest.Amina(), worldtest.Chandra()
		if err := w.draw(t, amina, 0, shop(), calm()); err != nil {
			t.Fatal(err)
		}
		whole, err := w.look(t, amina, 0)
		if err != nil {
			t.Fatal(err)
		}
		open, secret := whole.Goals[0], whole.Goals[1]
		refused(t, w.reach(t, amina, open.ID, "reached", ""), "case.not_now")
		if err := w.agree(t, 1); err != nil {
			t.Fatal(err)
		}
		refused(t, w.reach(t, amina, open.ID, "won", ""), "fault.bad_choice")
		refused(t, w.reach(t, amina, open.ID, "given_up", " "), "fault.needed")
		refused(t, w.reach(t, amina, "nothing", "reached", ""), "plan.goal_not_found")
		refused(t, w.reach(t, worldtest.Basil(), open.ID, "reached", ""), "case.not_found")
		if err := w.reach(t, chandra, open.ID, "partly", "Zqhalf of it"); err != nil {
			t.Fatal(err)
		}
		refused(t, w.reach(t, amina, open.ID, "reached", ""), "plan.goal_ended")
		g := w.find(t, amina, 0).Goals[0]
		if g.State.Outcome != "partly" || g.State.Why != "Zqhalf of it" || g.State.By != "Chandra" || g.Steps[0].State.Outcome != "dropped" {
			t.Errorf("ended it is %+v", g)
		}
		refused(t, w.reach(t, chandra, secret.ID, "reached", ""), "plan.goal_not_found")
		if err := w.reach(t, amina, secret.ID, "reached", "Zqcalm"); err != nil {
			t.Fatal(err)
		}
		if seen := w.find(t, chandra, 0); len(seen.Goals) != 1 {
			t.Errorf("Chandra sees %+v", seen.Goals)
		}
		if all := everything(t, w.d); bytes.Contains(all, []byte("Zqhalf")) || bytes.Contains(all, []byte("Zqcalm")) {
			t.Error("why a goal ended lies in the open")
		}
	})
}

// Who cannot sign agrees aloud, and another than who notes it hears her.
func TestSheAgreesAloud(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		if err := w.draw(t, worldtest.Amina(), 0, shop()); err != nil {
			t.Fatal(err)
		}
		agree := func(witness string) error {
			return try(t, w.d, func(ctx context.Context, tx *db.Tx) error {
				return plans.Agree(ctx, tx, worldtest.Amina(), plans.Agreement{Case: w.id, Version: 1, How: "spoken", Witness: witness})
			})
		}
		refused(t, agree(" "), "plan.witness_needed")
		refused(t, agree("amina"), "plan.witness_needed")
		if err := agree("Her sister"); err != nil {
			t.Fatal(err)
		}
		if p := w.find(t, worldtest.Amina(), 0); p.How != "spoken" || p.AgreedBy != "Amina, Her sister" || p.File != "" {
			t.Errorf("agreed it is %+v", p)
		}
	})
}

// With a review another may be put down, once for a day.
func TestAReviewInBetween(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		amina := worldtest.Amina() // it is Tuesday, 5 March 2030
		if err := w.draw(t, amina, 0, shop()); err != nil {
			t.Fatal(err)
		}
		if err := w.agree(t, 1); err != nil {
			t.Fatal(err)
		}
		write(t, w.d, func(ctx context.Context, tx *db.Tx) error { return cases.Begun(ctx, tx, amina, w.id, 0) })
		reviews := func() (all []plans.Review) {
			reading(t, w.d, func(ctx context.Context, q db.Reader) (err error) {
				all, err = plans.Reviews(ctx, q, amina, w.id)
				return err
			})
			return all
		}
		hold := func(r plans.Reviewing) error {
			r.Case, r.Review, r.Found = w.id, reviews()[0].ID, "as it should be"
			return try(t, w.d, func(ctx context.Context, tx *db.Tx) error { return plans.Hold(ctx, tx, amina, r) })
		}
		refused(t, hold(plans.Reviewing{Next: day(2030, 3, 5)}), "plan.review_next")
		if err := hold(plans.Reviewing{Next: day(2030, 4, 28)}); err != nil {
			t.Fatal(err)
		}
		all := reviews()
		if len(all) != 5 || all[1].Months != 0 || all[1].DueOn.String() != "2030-04-28" || w.found(t).DueOn != "2030-04-28" {
			t.Errorf("then there are %+v, due is %s", all, w.found(t).DueOn)
		}
	})
}
