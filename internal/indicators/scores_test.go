// SPDX-License-Identifier: Apache-2.0

package indicators_test

import (
	"context"
	"testing"

	"fera/internal/access"
	"fera/internal/assessments"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/indicators"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// The mean of a scale is over all who answered, moves when an answer is corrected, and is told to nobody who may not see the records.
func TestScoresHaveAMean(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		first := enrol(t, d, worldtest.Amina(), "female", "305670", "SA 2029-03-04 pay")
		second := enrol(t, d, worldtest.Amina(), "male", "305670", "SA 2029-03-04 pay")
		a, b := checked(t, d, first, "1"), checked(t, d, second, "4")
		follow(t, d)
		agrees(t, d, "after two answers")
		mean := indicators.Question{Indicator: "progress_score", By: []string{"sex"}}
		one, other := scoreOf(t, d, a), scoreOf(t, d, b)
		table := must(t, d, worldtest.Chandra(), mean)
		wantCells(t, "by sex", table.Cells, map[string]int64{"female": one, "male": other})
		if w := table.Whole; w.N != one+other || w.Of != 2 || one == other {
			t.Errorf("the whole is %d of %d, want %d of 2", w.N, w.Of, one+other)
		}
		dbtest.Write(t, d, func(tx *db.Tx) error { return correct(t.Context(), tx, a, "4") })
		follow(t, d)
		agrees(t, d, "after a correction")
		if w := must(t, d, worldtest.Chandra(), mean).Whole; w.N != 2*other || w.Of != 2 {
			t.Errorf("after a correction the whole is %d of %d, want %d of 2", w.N, w.Of, 2*other)
		}
		for _, who := range []access.Actor{lima(), kamal()} { // he sees all records, and no answers to questionnaires
			if table, err := ask(t, d, who, mean); err == nil {
				t.Errorf("a mean is told to %s: %+v", who.Name, table.Whole)
			}
		}
		for measure, want := range map[string]int{"assessed": 2, "scored": 0} {
			var open int
			if err := d.Read(t.Context(), func(q db.Reader) error {
				return q.QueryRow(t.Context(), `SELECT count(*) FROM figure_facts f JOIN figure_codes c ON c.dimension = 'measure' AND c.id = f.measure WHERE c.code = ?`, measure).Scan(&open)
			}); err != nil || open != want {
				t.Errorf("%d facts of %s stand in the open, want %d, %v", open, measure, want, err)
			}
		}
	})
}

// checked asks somebody the progress check, all of whose questions have one answer.
func checked(t *testing.T, d *db.DB, p persons.ID, answer string) (id assessments.ID) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		if id, err = assessments.Begin(t.Context(), tx, worldtest.Amina(), assessments.Beginning{Person: p, Name: "progress_check", Language: "bn"}); err != nil {
			return err
		}
		return answered(t.Context(), tx, id, answer, "")
	})
	return id
}

func correct(ctx context.Context, tx *db.Tx, id assessments.ID, answer string) error {
	if err := assessments.Correct(ctx, tx, worldtest.Amina(), id); err != nil {
		return err
	}
	return answered(ctx, tx, id, answer, "heard wrongly")
}

func answered(ctx context.Context, tx *db.Tx, id assessments.ID, answer, reason string) error {
	all := map[string]string{}
	for _, name := range []string{"income", "debt", "work", "home", "services", "papers", "support", "belonging", "choice"} {
		all["pc_"+name] = answer
	}
	if _, err := assessments.Save(ctx, tx, worldtest.Amina(), assessments.Answering{ID: id, Answers: all}); err != nil {
		return err
	}
	_, err := assessments.Finish(ctx, tx, worldtest.Amina(), assessments.Completing{ID: id, Reason: reason})
	return err
}

// scoreOf is what an assessment came to over all dimensions, in hundredths.
func scoreOf(t *testing.T, d *db.DB, id assessments.ID) (n int64) {
	t.Helper()
	dbtest.Write(t, d, func(tx *db.Tx) error {
		o, err := assessments.Look(t.Context(), tx, worldtest.Amina(), id)
		if err != nil {
			return err
		}
		for _, r := range o.Scores[0].Results {
			if r.Scale == "all" && r.Value != nil {
				n = int64(100**r.Value + 0.5)
			}
		}
		return nil
	})
	return n
}
