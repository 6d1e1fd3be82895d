// SPDX-License-Identifier: Apache-2.0

package assessments_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/assessments"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/instruments"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// rasel is at the desk: he has no right to class-3 data, and asks the first screening.
func rasel(n string) access.Actor {
	a := access.Actor{ID: "00000000-0000-7000-9000-0000000009" + n, Name: "Rasel " + n, Office: worldtest.Sylhet, Organisation: worldtest.Aparajita}
	a.Grant(access.AirportOfficer, access.AtOffice(worldtest.Sylhet))
	return a
}

func list(t *testing.T, d *db.DB, who access.Actor, p persons.ID) (names []string) {
	t.Helper()
	reading(t, d, func(ctx context.Context, q db.Reader) error {
		all, err := assessments.List(ctx, q, who, p)
		for _, l := range all {
			names = append(names, l.Ref.Name)
		}
		return err
	})
	return names
}

// At a desk the first screening is asked, and nothing else that is protected; how it sorts, and why, is seen right then.
func TestAnAirportOfficerAsksTheScreening(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		p, officer := rahima(t, d), rasel("01")
		var offered []string
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			all, err := assessments.Offered(ctx, q, officer, p)
			for _, o := range all {
				if o.Sensitive() {
					offered = append(offered, o.Name)
				}
			}
			return err
		})
		if !slices.Equal(offered, []string{"intake_screening"}) {
			t.Errorf("protected questionnaires offered at the desk: %v", offered)
		}
		for _, name := range []string{"phq9", "forced_labour_indicators"} {
			err := tryOut(t, d, func(ctx context.Context, tx *db.Tx) error {
				_, err := assessments.Begin(ctx, tx, officer, assessments.Beginning{Person: p, Name: name})
				return err
			})
			if err == nil {
				t.Errorf("the desk asks %s", name)
			}
		}
		id := begin(t, d, officer, p, "intake_screening")
		save(t, d, officer, id, map[string]string{"in_despair": "yes", "in_wages": "yes", "in_ill": "no"})
		o := finish(t, d, officer, id, "")
		s, sorts := o.Filling.Sorting()
		if !sorts || s.Level != instruments.Now || len(s.Reasons) != 2 || s.Asked != 10 || s.Unanswered != 7 {
			t.Errorf("sorted %t %+v", sorts, s)
		}
		clock.Move(10 * time.Minute)
		if again, err := look(t, d, officer, id); err != nil || again.Filling.Given()["in_despair"] != "yes" {
			t.Errorf("her own sheet, ten minutes later: %v", err)
		}
	})
}

// The curious officer: whatever she tries, she sees her own sheet for half an hour and nothing else of class 3, ever.
func TestTheCuriousOfficer(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina, p, officer, colleague := worldtest.Amina(), rahima(t, d), rasel("01"), rasel("02")
		phq := begin(t, d, amina, p, "phq9")
		save(t, d, amina, phq, phq9(1, 1, 1, 1, 1, 1, 1, 1, 0))
		finish(t, d, amina, phq, "")
		hers := begin(t, d, amina, p, "intake_screening")
		save(t, d, amina, hers, map[string]string{"in_harmed": "yes"})
		finish(t, d, amina, hers, "")
		own := begin(t, d, officer, p, "intake_screening")
		o := save(t, d, officer, own, map[string]string{"in_unsafe": "yes"})
		alert := o.Alerts[0].ID
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return assessments.Heed(ctx, tx, worldtest.Chandra(), alert, "her brother threatens her; moved to the shelter")
		})
		if o := finish(t, d, officer, own, ""); o.Alerts[0].Done != "" {
			t.Errorf("she reads what the supervisor wrote: %q", o.Alerts[0].Done)
		}
		// closed lists what she must not reach: by every act that shows answers.
		closed := func(when string, who access.Actor, ids ...assessments.ID) {
			t.Helper()
			for _, id := range ids {
				for name, act := range map[string]func(ctx context.Context, tx *db.Tx) error{
					"Look":    func(ctx context.Context, tx *db.Tx) error { _, err := assessments.Look(ctx, tx, who, id); return err },
					"Find":    func(ctx context.Context, tx *db.Tx) error { _, err := assessments.Find(ctx, tx, who, id); return err },
					"InHand":  func(ctx context.Context, tx *db.Tx) error { _, err := assessments.InHand(ctx, tx, who, id); return err },
					"TakeUp":  func(ctx context.Context, tx *db.Tx) error { return assessments.TakeUp(ctx, tx, who, id) },
					"Correct": func(ctx context.Context, tx *db.Tx) error { return assessments.Correct(ctx, tx, who, id) },
					"Drop":    func(ctx context.Context, tx *db.Tx) error { return assessments.Drop(ctx, tx, who, id) },
					"Rescore": func(ctx context.Context, tx *db.Tx) error { return assessments.Rescore(ctx, tx, who, id, "2") },
				} {
					if err := tryOut(t, d, act); err == nil {
						t.Errorf("%s: %s of %s by %s was done", when, name, id, who.Name)
					}
				}
			}
		}
		closed("at once", officer, phq, hers)
		closed("at once", colleague, phq, hers, own)
		refused(t, tryOut(t, d, func(ctx context.Context, tx *db.Tx) error { return assessments.Correct(ctx, tx, officer, own) }), "assessment.not_found")
		refused(t, tryOut(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := assessments.OpenAlert(ctx, tx, officer, alert)
			return err
		}), "assessment.alert_not_found")
		if got := list(t, d, officer, p); !slices.Equal(got, []string{"intake_screening"}) {
			t.Errorf("her list: %v", got)
		}
		if got := list(t, d, colleague, p); len(got) != 0 {
			t.Errorf("her colleague's list: %v", got)
		}
		clock.Move(assessments.SheetLasts)
		closed("after half an hour", officer, phq, hers, own)
		if got := list(t, d, officer, p); len(got) != 0 {
			t.Errorf("her list after half an hour: %v", got)
		}
		refused(t, tryOut(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := assessments.LookCourse(ctx, tx, officer, p, "intake_screening")
			return err
		}), "assessment.not_found")
	})
}

// A caseworker's correction closes the sheet to the desk at once.
func TestACorrectionClosesTheSheet(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina, p, officer := worldtest.Amina(), rahima(t, d), rasel("01")
		id := begin(t, d, officer, p, "intake_screening")
		save(t, d, officer, id, map[string]string{"in_ill": "no"})
		finish(t, d, officer, id, "")
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return assessments.Correct(ctx, tx, amina, id) })
		_, err := look(t, d, officer, id)
		refused(t, err, "assessment.not_found")
		save(t, d, amina, id, map[string]string{"in_ill": "yes"})
		finish(t, d, amina, id, "she said so at home")
		_, err = look(t, d, officer, id)
		refused(t, err, "assessment.not_found")
	})
}

// What was left lying at a desk is closed to who left it and does not keep the desk from asking; who sees class 3 finds both.
func TestWhatWasLeftLyingAtADesk(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina, p, officer, colleague := worldtest.Amina(), rahima(t, d), rasel("01"), rasel("02")
		left := begin(t, d, officer, p, "intake_screening")
		save(t, d, officer, left, map[string]string{"in_harmed": "yes"})
		ask := func(who access.Actor) error {
			return tryOut(t, d, func(ctx context.Context, tx *db.Tx) error {
				_, err := assessments.Begin(ctx, tx, who, assessments.Beginning{Person: p, Name: "intake_screening"})
				return err
			})
		}
		refused(t, ask(colleague), "assessment.begun_already") // it is being asked right now
		clock.Move(assessments.HandLasts)
		for _, who := range []access.Actor{officer, colleague} {
			refused(t, tryOut(t, d, func(ctx context.Context, tx *db.Tx) error { return assessments.TakeUp(ctx, tx, who, left) }), "assessment.not_found")
			if err := ask(who); err != nil {
				t.Errorf("%s cannot ask: %v", who.Name, err)
			}
		}
		refused(t, ask(amina), "assessment.begun_already")
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return assessments.TakeUp(ctx, tx, amina, left) })
	})
}

// Routine is said when something was answered and nothing of it presses; no answers sort nobody.
func TestSortingSaysRoutine(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		officer := rasel("01")
		for _, c := range []struct {
			answers map[string]string
			want    instruments.Level
			reasons int
		}{{nil, "", 0}, {map[string]string{"in_ill": "no"}, instruments.Routine, 0}, {map[string]string{"in_ill": "no", "in_lender": "yes"}, instruments.Soon, 1},
			{map[string]string{"in_ill": "yes", "in_lender": "yes"}, instruments.Now, 2}} {
			p := rahima(t, d)
			id := begin(t, d, officer, p, "intake_screening")
			save(t, d, officer, id, c.answers)
			if s, sorts := finish(t, d, officer, id, "").Filling.Sorting(); !sorts || s.Level != c.want || len(s.Reasons) != c.reasons {
				t.Errorf("%v: %+v, want %s with %d reasons", c.answers, s, c.want, c.reasons)
			}
		}
	})
}
