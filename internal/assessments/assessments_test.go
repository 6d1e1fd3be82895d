// SPDX-License-Identifier: Apache-2.0

package assessments_test

import (
	"context"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/assessments"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// A questionnaire is begun, kept page by page, completed and scored.
func TestAdminister(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina := worldtest.Amina()
		p := rahima(t, d)
		id := begin(t, d, amina, p, "phq9")
		save(t, d, amina, id, phq9(1, 2, 3))
		_, err := begunAgain(t, d, p)
		refused(t, err, "assessment.begun_already")
		save(t, d, amina, id, map[string]string{"phq9_4": "2", "phq9_5": "1", "phq9_6": "1", "phq9_7": "0", "phq9_8": "0", "phq9_9": "0"})
		o := finish(t, d, amina, id, "")
		if got := value(t, o, "total"); got != 10 || o.Status != assessments.Complete || o.Round != 1 || !o.Protected {
			t.Errorf("scored %v as %+v, want 10 and complete", got, o.Assessment)
		}
		again, err := look(t, d, amina, id)
		if err != nil || value(t, again, "total") != 10 || again.Filling.Value("phq9_3").String() != "3" || again.Working {
			t.Errorf("opened again: %+v %v", again, err)
		}
		if v := again.Scores[0].Results[0].Verdicts; len(v) == 0 || v[0].Band != "moderate" {
			t.Errorf("verdicts %+v", v)
		}
		if again.Registration == "" || again.Ref.Version == "" || again.Language != "bn" || again.By != "Amina" {
			t.Errorf("kept %+v", again.Assessment)
		}
		err = try(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := assessments.Save(ctx, tx, amina, assessments.Answering{ID: id, Answers: phq9(0)})
			return err
		})
		refused(t, err, "assessment.complete_already")
	})
}

func begunAgain(t *testing.T, d *db.DB, p persons.ID) (id assessments.ID, err error) {
	t.Helper()
	err = try(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = assessments.Begin(ctx, tx, worldtest.Amina(), assessments.Beginning{Person: p, Name: "phq9"})
		return err
	})
	return id, err
}

// What is wrong or missing is said at its question, all of it at once, and nothing is lost.
func TestFinishRefuses(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina := worldtest.Amina()
		p := rahima(t, d)
		bring(t, d, household("1", 1), dayOf(clock, 0))
		id := begin(t, d, amina, p, "household")
		save(t, d, amina, id, map[string]string{"people[1]/age": "many"})
		err := try(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := assessments.Finish(ctx, tx, amina, assessments.Completing{ID: id})
			return err
		})
		fs := fault.Of(err)
		if fs == nil || len(fs.All()) != 2 || fs.Key != "instrument.answer_needed" || fs.Field != "worry" || fs.All()[1].Field != "people[1]/age" {
			t.Errorf("completed with one answer missing and one wrong: %v", err)
		}
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			o, err := assessments.InHand(ctx, q, amina, id)
			if err == nil && o.Filling.Answers()["people[1]/age"] != "many" {
				t.Error("what was wrong is lost")
			}
			return err
		})
	})
}

// Everything that was typed is kept, also what is wrong, does not matter now, or stands in an instance that is still blank.
func TestADraftKeepsEverything(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina := worldtest.Amina()
		p := rahima(t, d)
		bring(t, d, household("1", 1), dayOf(clock, 0))
		id := begin(t, d, amina, p, "household")
		save(t, d, amina, id, map[string]string{"worry": "b", "why": "খাবার", "people[1]/age": "300"})
		save(t, d, amina, id, map[string]string{"worry": "a"})
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := assessments.Save(ctx, tx, amina, assessments.Answering{ID: id, Add: "people"})
			return err
		})
		clock.Move(2 * time.Hour)
		save(t, d, amina, id, map[string]string{"people[2]/age": "৪২"})
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			o, err := assessments.InHand(ctx, q, amina, id)
			if err != nil {
				return err
			}
			kept := o.Filling.Answers()
			for key, want := range map[string]string{"worry": "a", "why": "খাবার", "people[1]/age": "300", "people[2]/age": "42"} {
				if kept[key] != want {
					t.Errorf("%s is %q, want %q", key, kept[key], want)
				}
			}
			if o.Filling.Relevant("why") || len(o.Filling.Faults()) != 1 {
				t.Errorf("relevant %t, faults %+v", o.Filling.Relevant("why"), o.Filling.Faults())
			}
			return nil
		})
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := assessments.Save(ctx, tx, amina, assessments.Answering{ID: id, Remove: "people[1]"})
			return err
		})
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := assessments.Save(ctx, tx, amina, assessments.Answering{ID: id, Remove: "people[1]"})
			return err
		})
		o := finish(t, d, amina, id, "")
		if given := o.Filling.Given(); len(given) != 1 || given["worry"] != "a" {
			t.Errorf("given %v, want the one that counts", given)
		}
	})
}

// What is begun lies in one pair of hands: another may take it up, and after some hours so must who began it.
func TestHands(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina, chandra := worldtest.Amina(), worldtest.Chandra()
		p := rahima(t, d)
		id := begin(t, d, amina, p, "progress_check")
		saveAs := func(who access.Actor) error {
			return try(t, d, func(ctx context.Context, tx *db.Tx) error {
				_, err := assessments.Save(ctx, tx, who, assessments.Answering{ID: id, Answers: map[string]string{"pc_work": "3"}})
				return err
			})
		}
		take := func(who access.Actor) {
			t.Helper()
			write(t, d, func(ctx context.Context, tx *db.Tx) error { return assessments.TakeUp(ctx, tx, who, id) })
		}
		refused(t, saveAs(chandra), "assessment.not_in_hand")
		take(chandra)
		refused(t, saveAs(amina), "assessment.not_in_hand")
		if err := saveAs(chandra); err != nil {
			t.Error(err)
		}
		take(amina)
		clock.Move(assessments.HandLasts - time.Minute)
		if err := saveAs(amina); err != nil {
			t.Errorf("within the time: %v", err)
		}
		clock.Move(assessments.HandLasts)
		refused(t, saveAs(amina), "assessment.not_in_hand")
		err := d.Read(t.Context(), func(q db.Reader) error {
			_, err := assessments.InHand(t.Context(), q, amina, id)
			return err
		})
		refused(t, err, "assessment.not_in_hand")
		take(amina)
		if err := saveAs(amina); err != nil {
			t.Error(err)
		}
	})
}

// A correction is a further round with its reason; the first answers and their scores remain.
func TestCorrect(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina := worldtest.Amina()
		p := rahima(t, d)
		id := begin(t, d, amina, p, "progress_check")
		save(t, d, amina, id, check("2"))
		finish(t, d, amina, id, "")
		correct := func(ctx context.Context, tx *db.Tx) error { return assessments.Correct(ctx, tx, amina, id) }
		write(t, d, correct)
		refused(t, try(t, d, correct), "assessment.begun_already")
		end := func(reason string) error {
			return try(t, d, func(ctx context.Context, tx *db.Tx) error {
				_, err := assessments.Finish(ctx, tx, amina, assessments.Completing{ID: id, Reason: reason})
				return err
			})
		}
		refused(t, end("she said so later"), "assessment.nothing_corrected")
		save(t, d, amina, id, map[string]string{"pc_income": "4"})
		refused(t, end(""), "assessment.reason_needed")
		refused(t, end(strings.Repeat("x", 501)), "fault.too_long")
		o, err := look(t, d, amina, id) // while it is being corrected, what was completed is what is shown
		if err != nil || !o.Working || o.Filling.Value("pc_income").String() != "2" {
			t.Errorf("while corrected: %+v %v", o.Filling.Given(), err)
		}
		if err := end("she said so later"); err != nil {
			t.Fatal(err)
		}
		o, err = look(t, d, amina, id)
		if err != nil || o.Round != 2 || len(o.Rounds) != 2 || o.Rounds[1].Reason != "she said so later" || o.Rounds[0].Reason != "" {
			t.Fatalf("rounds %+v %v", o.Rounds, err)
		}
		if o.At(1).Value("pc_income").String() != "2" || o.At(2).Value("pc_income").String() != "4" || o.At(3) != nil {
			t.Error("the first answers did not remain")
		}
		if len(o.Scores) != 2 || o.Scores[0].Round != 2 || scaleIn(t, o.Scores[0].Results, "economic") == scaleIn(t, o.Scores[1].Results, "economic") {
			t.Errorf("scores %+v", o.Scores)
		}
		write(t, d, correct)
		save(t, d, amina, id, map[string]string{"pc_income": "0"})
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return assessments.Drop(ctx, tx, amina, id) })
		if o, err = look(t, d, amina, id); err != nil || o.Round != 2 || o.Status != assessments.Complete || o.Filling.Value("pc_income").String() != "4" {
			t.Errorf("after a dropped correction: %+v %v", o.Assessment, err)
		}
	})
}

// What was begun and dropped is gone, and may be begun again.
func TestDrop(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina := worldtest.Amina()
		p := rahima(t, d)
		id := begin(t, d, amina, p, "phq9")
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return assessments.Drop(ctx, tx, amina, id) })
		_, err := look(t, d, amina, id)
		refused(t, err, "assessment.not_found")
		begin(t, d, amina, p, "phq9")
	})
}

// Who is too young, did not agree, or is asked by who may not, is not asked.
func TestBeginRefuses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina := worldtest.Amina()
		ask := func(who access.Actor, p persons.ID, name string) error {
			return tryOut(t, d, func(ctx context.Context, tx *db.Tx) error {
				_, err := assessments.Begin(ctx, tx, who, assessments.Beginning{Person: p, Name: name})
				return err
			})
		}
		p := rahima(t, d)
		child := rahima(t, d, func(r *persons.Registration) { r.Values[persons.Birth] = "2015-01-01" })
		nearly := rahima(t, d, func(r *persons.Registration) { r.Values[persons.Birth] = "2012" }) // 17 or 18 in March 2030
		unasked := rahima(t, d, func(r *persons.Registration) { r.Consents = r.Consents[:2] })
		refused(t, ask(amina, child, "phq9"), "instrument.too_young")
		refused(t, ask(amina, child, "progress_check"), "assessment.child_route")
		if err := ask(amina, child, "washington_group_short_set"); err != nil {
			t.Errorf("a child of five or more: %v", err)
		}
		if err := ask(amina, nearly, "progress_check"); err != nil {
			t.Errorf("perhaps old enough: %v", err)
		}
		refused(t, ask(amina, unasked, "phq9"), "person.protected_consent_needed")
		if err := ask(amina, unasked, "progress_check"); err != nil {
			t.Errorf("nothing protected is asked: %v", err)
		}
		refused(t, ask(amina, p, "srq20"), "instrument.not_active")
		refused(t, ask(amina, p, "fies"), "instrument.not_active")
		refused(t, ask(amina, p, "nothing"), "instrument.not_found")
		refused(t, ask(worldtest.Basil(), p, "progress_check"), "person.not_found")
		refused(t, ask(worldtest.Chandra(), p, "phq9"), "person.protected_not_allowed") // not on her caseload
		officer := amina
		officer.Roles, officer.Grants = nil, nil
		officer.Grant(access.FieldOfficer, access.AtOffice(worldtest.Sylhet))
		refused(t, ask(officer, p, "phq9"), "assessment.not_yours_to_ask")
		if err := ask(officer, p, "intake_screening"); err != nil {
			t.Errorf("a field officer may screen: %v", err)
		}
		refused(t, ask(worldtest.Esha(), p, "progress_check"), "access.not_allowed")
	})
}

// She who takes back her agreement is asked nothing protected any more, also where that was begun; that may only be thrown away.
func TestARefusalStopsWhatWasBegun(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina := worldtest.Amina()
		p := rahima(t, d)
		id := begin(t, d, amina, p, "phq9")
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return persons.AnswerConsent(ctx, tx, amina, p, persons.Consent{Purpose: persons.PurposeProtected, Given: false})
		})
		err := try(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := assessments.Save(ctx, tx, amina, assessments.Answering{ID: id, Answers: phq9(1)})
			return err
		})
		refused(t, err, "person.protected_consent_needed")
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return assessments.Drop(ctx, tx, amina, id) }) // it may still be thrown away
	})
}

// What is asked once a quarter is not asked twice in one, and again in the next.
func TestOnceAQuarter(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina := worldtest.Amina()
		p := rahima(t, d)
		id := begin(t, d, amina, p, "progress_check")
		save(t, d, amina, id, check("1"))
		finish(t, d, amina, id, "")
		again := func() error {
			return tryOut(t, d, func(ctx context.Context, tx *db.Tx) error {
				_, err := assessments.Begin(ctx, tx, amina, assessments.Beginning{Person: p, Name: "progress_check"})
				return err
			})
		}
		refused(t, again(), "assessment.once_a_quarter")
		clock.Move(95 * 24 * time.Hour)
		if err := again(); err != nil {
			t.Errorf("in the next quarter: %v", err)
		}
	})
}

// Sixteen who begin the same at the same moment begin it once.
func TestBeginOnlyOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := rahima(t, d)
		errs := make([]error, 16)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { _, errs[i] = begunAgain(t, d, p) })
		}
		wg.Wait()
		begun := 0
		for _, err := range errs {
			if err == nil {
				begun++
			} else if fault.KindOf(err) != fault.Conflict {
				t.Errorf("answered %v", err)
			}
		}
		if begun != 1 {
			t.Errorf("begun %d times, want once", begun)
		}
	})
}

// The same act sent twice begins one assessment.
func TestBeginMayBeRepeated(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := rahima(t, d)
		var all []assessments.ID
		for range 2 {
			write(t, d, func(ctx context.Context, tx *db.Tx) error {
				id, err := assessments.Begin(ctx, tx, worldtest.Amina(), assessments.Beginning{Operation: "op-1", Person: p, Name: "phq9"})
				all = append(all, id)
				return err
			})
		}
		if all[0] != all[1] {
			t.Errorf("begun %v, want the same", all)
		}
	})
}

// What is sent to no question, or is without end, is refused and changes nothing.
func TestSaveRefuses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina := worldtest.Amina()
		p := rahima(t, d)
		id := begin(t, d, amina, p, "needs_assessment")
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			o, err := assessments.InHand(ctx, q, amina, id)
			if err == nil && len(o.Filling.Whole("bn").Entries) < 5 {
				t.Errorf("laid out %+v", o.Filling.Whole("bn"))
			}
			return err
		})
		for name, s := range map[string]assessments.Answering{
			"instrument.no_such_question": {Answers: map[string]string{"nothing": "1"}},
			"fault.too_long":              {Answers: map[string]string{"na_other": strings.Repeat("ক", 10_001)}},
		} {
			s.ID = id
			err := try(t, d, func(ctx context.Context, tx *db.Tx) error {
				_, err := assessments.Save(ctx, tx, amina, s)
				return err
			})
			refused(t, err, name)
		}
		for _, s := range []assessments.Answering{{Add: "nothing"}, {Remove: "nothing[3]"}} {
			s.ID = id
			if err := try(t, d, func(ctx context.Context, tx *db.Tx) error {
				_, err := assessments.Save(ctx, tx, amina, s)
				return err
			}); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%+v: %v", s, err)
			}
		}
	})
}

// Two rounds of the same questionnaire make a course, each with its own version's scores.
func TestCourse(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina := worldtest.Amina()
		p := rahima(t, d)
		for _, answer := range []string{"1", "3"} {
			id := begin(t, d, amina, p, "progress_check")
			save(t, d, amina, id, check(answer))
			finish(t, d, amina, id, "")
			clock.Move(95 * 24 * time.Hour)
		}
		var points []assessments.Point
		reading(t, d, func(ctx context.Context, q db.Reader) (err error) {
			points, err = assessments.Course(ctx, q, amina, p, "progress_check")
			return err
		})
		if len(points) != 2 || scaleIn(t, points[0].Scores[0].Results, "all") != 0.25 || scaleIn(t, points[1].Scores[0].Results, "all") != 0.75 {
			t.Errorf("course %+v", points)
		}
		err := d.Read(t.Context(), func(q db.Reader) error {
			_, err := assessments.Course(t.Context(), q, amina, p, "phq9")
			return err
		})
		refused(t, err, "assessment.not_found")
	})
}

// A newer version scores old answers anew, and the old scores stay beside.
func TestRescore(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina := worldtest.Amina()
		p := rahima(t, d)
		bring(t, d, household("1", 1), dayOf(clock, 0))
		id := begin(t, d, amina, p, "household")
		save(t, d, amina, id, map[string]string{"worry": "b", "why": "rent"})
		first := finish(t, d, amina, id, "")
		rescore := func(version string) error {
			return try(t, d, func(ctx context.Context, tx *db.Tx) error { return assessments.Rescore(ctx, tx, amina, id, version) })
		}
		refused(t, rescore("2"), "instrument.not_found")
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := assessments.Bring(ctx, tx, worldtest.Farid(), household("2", 5))
			return err
		})
		refused(t, rescore("2"), "instrument.not_active")
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return assessments.Activate(ctx, tx, worldtest.Farid(), assessments.Activation{Ref: assessments.Ref{Name: "household", Version: "2"}})
		})
		clock.Move(time.Minute)
		for range 2 {
			if err := rescore("2"); err != nil {
				t.Fatal(err)
			}
		}
		o, err := look(t, d, amina, id)
		if err != nil || len(o.Scores) != 2 || o.Scores[0].Version != "1" || o.Scores[1].Version != "2" {
			t.Fatalf("scores %+v %v", o.Scores, err)
		}
		if value(t, first, "burden") != 2 || value(t, o, "burden") != 2 || scaleIn(t, o.Scores[1].Results, "burden") != 10 {
			t.Errorf("scored %+v", o.Scores)
		}
		if o.Definition.Version != "1" || !maps.Equal(o.Filling.Given(), first.Filling.Given()) {
			t.Error("the answers are no longer those of the first version")
		}
	})
}
