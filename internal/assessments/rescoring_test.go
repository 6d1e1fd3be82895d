// SPDX-License-Identifier: Apache-2.0

package assessments_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/assessments"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

func rescoring(t *testing.T, d *db.DB, ref assessments.Ref) (r assessments.Rescoring, wanted bool) {
	t.Helper()
	reading(t, d, func(ctx context.Context, q db.Reader) (err error) {
		r, wanted, err = assessments.FindRescoring(ctx, q, worldtest.Farid(), ref)
		return err
	})
	return r, wanted
}

func work(t *testing.T, d *db.DB) bool {
	t.Helper()
	worked, err := assessments.Work(t.Context(), d, "a server", nil)
	if err != nil {
		t.Fatal(err)
	}
	return worked
}

// answered asks the household questionnaire of somebody and completes it.
func answered(t *testing.T, d *db.DB, p persons.ID, worry string) assessments.ID {
	t.Helper()
	id := begin(t, d, worldtest.Amina(), p, "household")
	save(t, d, worldtest.Amina(), id, map[string]string{"worry": worry})
	finish(t, d, worldtest.Amina(), id, "")
	return id
}

// A new version scores old answers by itself from its day on; the old scores stay, the trail has each, and it happens once.
func TestANewVersionScoresOldAnswers(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		bring(t, d, household("1", 1), dayOf(clock, 0))
		p := rahima(t, d)
		old := []assessments.ID{answered(t, d, p, "a"), answered(t, d, p, "b")}
		begun := begin(t, d, worldtest.Amina(), p, "household")
		two := bring(t, d, household("2", 10), dayOf(clock, 1))
		work(t, d)
		if _, wanted := rescoring(t, d, two); !wanted || work(t, d) {
			t.Error("it was scored before its day, or is not wanted")
		}
		clock.Move(24 * time.Hour)
		if r, _ := rescoring(t, d, two); r.Left != 2 || !r.EndedAt.IsZero() {
			t.Errorf("before: %+v, want two left", r)
		}
		if !work(t, d) {
			t.Fatal("nothing was done")
		}
		if r, _ := rescoring(t, d, two); r.Scored != 2 || r.Left != 0 || r.EndedAt.IsZero() || r.AskedBy != "Farid" {
			t.Errorf("after: %+v", r)
		}
		for i, id := range old {
			o, err := look(t, d, worldtest.Amina(), id)
			if err != nil || len(o.Scores) != 2 || o.Scores[0].Version != "1" || o.Scores[1].Version != "2" {
				t.Fatalf("scores: %+v, %v", o.Scores, err)
			}
			if a, b := scaleIn(t, o.Scores[0].Results, "burden"), scaleIn(t, o.Scores[1].Results, "burden"); a != float64(i+1) || b != float64(i+1)*10 {
				t.Errorf("%v by the first, %v by the second", a, b)
			}
		}
		if work(t, d) {
			t.Error("it was done again")
		}
		var entries int
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			lines, err := audit.List(ctx, q, audit.Filter{Person: string(p), Act: access.Administer, Limit: 100})
			for _, l := range lines {
				if l.Name == "system" {
					entries++
				}
			}
			return err
		})
		if entries != 2 {
			t.Errorf("%d entries in the trail, want 2", entries)
		}
		// What is completed later by the old version is scored when somebody wants it again; a correction keeps both.
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return assessments.TakeUp(ctx, tx, worldtest.Amina(), begun)
		})
		save(t, d, worldtest.Amina(), begun, map[string]string{"worry": "a"})
		finish(t, d, worldtest.Amina(), begun, "")
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := assessments.RescoreAll(ctx, tx, worldtest.Farid(), two)
			return err
		})
		work(t, d)
		if r, _ := rescoring(t, d, two); r.Scored != 1 || r.EndedAt.IsZero() {
			t.Errorf("again: %+v, want the one that was left", r)
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return assessments.Correct(ctx, tx, worldtest.Amina(), old[0])
		})
		save(t, d, worldtest.Amina(), old[0], map[string]string{"worry": "b"})
		if o := finish(t, d, worldtest.Amina(), old[0], "she said so later"); len(o.Scores) != 4 || o.Scores[0].Round != 2 || o.Scores[1].Round != 2 {
			t.Errorf("after a correction: %+v", o.Scores)
		}
	})
}

// Work that was stopped goes on where it stood, and leaves out who was erased.
func TestRescoringGoesOnWhereItStood(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		bring(t, d, household("1", 1), dayOf(clock, 0))
		p, gone := rahima(t, d), rahima(t, d)
		for range 60 {
			answered(t, d, p, "a")
		}
		answered(t, d, gone, "b")
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			tx.Allowed()
			tx.Recorded()
			return assessments.Forget(ctx, tx, gone)
		})
		two := bring(t, d, household("2", 10), dayOf(clock, 0))
		ctx, stop := context.WithCancel(t.Context())
		if _, err := assessments.Work(ctx, d, "killed", func(done, total int) { stop() }); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		half, _ := rescoring(t, d, two)
		if half.Scored != 50 || half.Left != 10 || !half.EndedAt.IsZero() {
			t.Errorf("when it was stopped: %+v", half)
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := assessments.RescoreAll(ctx, tx, worldtest.Farid(), two)
			return err
		}) // it goes on, and does not begin anew
		clock.Move(time.Minute) // the lease of the one that was killed is over
		work(t, d)
		if r, _ := rescoring(t, d, two); r.Scored != 60 || r.Left != 0 || r.EndedAt.IsZero() {
			t.Errorf("in the end: %+v", r)
		}
	})
}

// Only who manages questionnaires wants it, of a version that is in use and has scores.
func TestWhoMayWantOldAnswersScored(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		one := bring(t, d, household("1", 1), dayOf(clock, 0))
		coming := bring(t, d, household("2", 1), dayOf(clock, 5))
		want := func(who access.Actor, ref assessments.Ref) error {
			return tryOut(t, d, func(ctx context.Context, tx *db.Tx) error {
				_, err := assessments.RescoreAll(ctx, tx, who, ref)
				return err
			})
		}
		for _, who := range []access.Actor{worldtest.Amina(), worldtest.Chandra(), worldtest.Esha(), worldtest.Harun()} {
			refused(t, want(who, one), "access.not_allowed")
			reading(t, d, func(ctx context.Context, q db.Reader) error {
				_, wanted, err := assessments.FindRescoring(ctx, q, who, one)
				if wanted {
					t.Errorf("%s sees how far it is", who.Name)
				}
				return err
			})
		}
		refused(t, want(worldtest.Farid(), coming), "instrument.not_active")
		refused(t, want(worldtest.Farid(), assessments.Ref{Name: "needs_assessment", Version: "1"}), "instrument.no_scales")
		refused(t, want(worldtest.Farid(), assessments.Ref{Name: "nothing", Version: "1"}), "instrument.not_found")
		if err := want(worldtest.Farid(), one); err != nil {
			t.Error(err)
		}
	})
}
