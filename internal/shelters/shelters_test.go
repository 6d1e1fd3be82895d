// SPDX-License-Identifier: Apache-2.0

package shelters_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/shelters"
	"fera/internal/words"
	"fera/internal/worldtest"
)

const day = 24 * time.Hour

func told(t *testing.T, d *db.DB, who access.Actor) (keys map[string]int) {
	t.Helper()
	keys = map[string]int{}
	reading(t, d, func(ctx context.Context, q db.Reader) error {
		all, err := accounts.Notices(ctx, q, who, 100)
		for _, n := range all {
			keys[n.Key]++
		}
		return err
	})
	return keys
}

// A mother comes with her small son, is prolonged, is away for some days, moves, and leaves with a plan that becomes a task.
func TestAStay(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		hire(t, d)
		amina, jorina := worldtest.Amina(), jorina()
		in := house(t, d, jorina, false, room("A", shelters.Women, 2), room("B", shelters.Families, 2), room("C", shelters.Men, 1))
		p, id := somebody(t, d, amina)
		family := members(t, d, amina, p, id)
		if got := free(t, d, amina); got != 5 {
			t.Errorf("%d beds are free, want 5", got)
		}
		stays := ask(t, d, amina, id, "", family[0])
		take(t, d, amina, stays[0])
		all := looked(t, d, amina, id)
		for _, s := range all {
			if s.State != shelters.Placed || s.House != "Shefali" || s.Bed[:1] != "B" || s.Until != s.From.Add(10) || s.CalledAs != "Zqcalled" {
				t.Errorf("placed is %+v", s)
			}
		}
		if got := free(t, d, amina); got != 3 {
			t.Errorf("%d beds are free, want 3", got)
		}
		if n := told(t, d, jorina); n["notice.shelter_asked"] != 1 || n["notice.shelter_coming"] != 1 {
			t.Errorf("Jorina was told %v", n)
		}
		act := func(fn func(ctx context.Context, tx *db.Tx) error) {
			t.Helper()
			clock.Move(time.Minute)
			write(t, d, fn)
		}
		at := func(of shelters.StayID) shelters.Acting { return shelters.Acting{Stay: of} }
		for _, one := range stays {
			act(func(ctx context.Context, tx *db.Tx) error { return shelters.Admit(ctx, tx, jorina, at(one)) })
		}
		last := all[0].Until
		act(func(ctx context.Context, tx *db.Tx) error {
			return shelters.Prolong(ctx, tx, amina, shelters.Reasoned{Acting: at(stays[0]), Why: "the police looks for him still", Day: last.Add(7)})
		})
		refused(t, tryOut(t, d, func(ctx context.Context, tx *db.Tx) error {
			return shelters.Prolong(ctx, tx, amina, shelters.Reasoned{Acting: at(stays[0]), Why: "the police looks for him still", Day: last.Add(15)})
		}), "shelter.extension_long")
		act(func(ctx context.Context, tx *db.Tx) error {
			return shelters.GoAway(ctx, tx, jorina, shelters.Reasoned{Acting: at(stays[0]), Why: "in hospital", Day: last})
		})
		clock.Move(2 * day)
		act(func(ctx context.Context, tx *db.Tx) error { return shelters.ComeBack(ctx, tx, jorina, at(stays[0])) })
		bed := beds(t, d, jorina, in)[0]
		act(func(ctx context.Context, tx *db.Tx) error {
			return shelters.Rehouse(ctx, tx, jorina, shelters.Placing{Acting: at(stays[0]), Bed: bed})
		})
		refused(t, tryOut(t, d, func(ctx context.Context, tx *db.Tx) error {
			return shelters.TakeOut(ctx, tx, jorina, shelters.Reasoned{Acting: at(stays[0]), Why: "wrong bed"})
		}), "shelter.move_back")
		off := shelters.Discharging{Acting: at(stays[0]), Language: words.English, Plan: shelters.Plan{To: "parents", Where: "Zqvillage", Safe: "unsure", FollowUp: dates.Of(d.Now()).Add(14)}}
		refused(t, tryOut(t, d, func(ctx context.Context, tx *db.Tx) error { return shelters.SeeOff(ctx, tx, amina, off) }), "fault.needed")
		off.Risks = "her brother knows the house; the union sends somebody"
		act(func(ctx context.Context, tx *db.Tx) error { return shelters.SeeOff(ctx, tx, amina, off) })
		refused(t, tryOut(t, d, func(ctx context.Context, tx *db.Tx) error { return shelters.SeeOff(ctx, tx, amina, off) }), "shelter.planned_already")
		act(func(ctx context.Context, tx *db.Tx) error {
			return shelters.NoteGone(ctx, tx, jorina, shelters.Reasoned{Acting: at(stays[1]), Why: "with his mother"})
		})
		off.Stay = stays[1]
		act(func(ctx context.Context, tx *db.Tx) error { return shelters.SeeOff(ctx, tx, amina, off) })
		for _, s := range looked(t, d, amina, id) {
			if s.State != shelters.Left || s.Plan == nil || s.Plan.Where != "Zqvillage" || s.Plan.By != "Amina" || len(s.Events) < 4 {
				t.Errorf("in the end it is %+v", s)
			}
		}
		if got := free(t, d, amina); got != 5 {
			t.Errorf("%d beds are free, want 5", got)
		}
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			tasks, err := cases.TasksOf(ctx, q, amina, id)
			if len(tasks) != 2 || tasks[0].What != "Get in touch, as agreed" || tasks[0].DueOn != off.FollowUp {
				t.Errorf("tasks are %+v", tasks)
			}
			return err
		})
	})
}

// Two take the last bed at the same moment: one gets it, and the other a plain answer.
func TestTheLastBed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		hire(t, d)
		amina := worldtest.Amina()
		house(t, d, jorina(), false, room("A", shelters.Women, 1))
		var wanting []shelters.StayID
		for range 6 {
			_, id := somebody(t, d, amina)
			wanting = append(wanting, ask(t, d, amina, id)...)
		}
		answers := make([]error, len(wanting))
		var group sync.WaitGroup
		for i, id := range wanting {
			group.Go(func() {
				answers[i] = d.Write(t.Context(), func(tx *db.Tx) error {
					return shelters.FindBed(t.Context(), tx, amina, shelters.Acting{Stay: id})
				})
			})
		}
		group.Wait()
		got := 0
		for _, err := range answers {
			if err == nil {
				got++
			} else if key(err) != "shelter.none_free" || fault.KindOf(err) != fault.Conflict {
				t.Errorf("answered %v", err)
			}
		}
		if got != 1 || free(t, d, amina) != 0 {
			t.Errorf("%d got the one bed, and %d are free", got, free(t, d, amina))
		}
	})
}

// Rooms are for whom they are for; what is unusual needs a reason.
func TestRoomsHaveRules(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		hire(t, d)
		amina, jorina := worldtest.Amina(), jorina()
		in := house(t, d, jorina, false, room("A", shelters.Women, 3), room("B", shelters.Men, 1), room("C", shelters.Families, 2))
		all := beds(t, d, jorina, in)
		p, id := somebody(t, d, amina)
		family := members(t, d, amina, p, id)
		stays := ask(t, d, amina, id, "", family[0], family[1]) // a woman, her boy, her brother
		_, other := somebody(t, d, amina)
		stranger := ask(t, d, amina, other)[0]
		put := func(of shelters.StayID, bed int, why string) error {
			return try(t, d, func(ctx context.Context, tx *db.Tx) error {
				return shelters.PutIn(ctx, tx, jorina, shelters.Placing{Acting: shelters.Acting{Stay: of}, Bed: all[bed], Why: why})
			})
		}
		refused(t, put(stays[0], 3, "so it is"), "shelter.men_only")
		refused(t, put(stays[2], 0, "so it is"), "shelter.women_only")
		refused(t, put(stays[1], 0, ""), "shelter.child_among_others")
		refused(t, put(stays[0], 0, ""), "")
		refused(t, put(stays[1], 0, ""), "shelter.bed_taken")
		refused(t, put(stays[1], 1, ""), "") // beside his mother
		refused(t, put(stays[2], 4, ""), "")
		refused(t, put(stranger, 5, ""), "shelter.other_family")
		refused(t, put(stranger, 5, "they are cousins"), "")
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return shelters.Use(ctx, tx, jorina, all[2], false) })
		_, third := somebody(t, d, amina)
		refused(t, put(ask(t, d, amina, third)[0], 2, "so"), "shelter.bed_unused")
		refused(t, try(t, d, func(ctx context.Context, tx *db.Tx) error { return shelters.Close(ctx, tx, jorina, in) }), "shelter.not_empty")
	})
}

// A wrong placing is undone, and one that will not come is called off; the bed is free again.
func TestUndoAndCallOff(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		hire(t, d)
		amina, jorina := worldtest.Amina(), jorina()
		house(t, d, jorina, false, room("A", shelters.Women, 1))
		_, id := somebody(t, d, amina)
		stay := ask(t, d, amina, id)[0]
		take(t, d, amina, stay)
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return shelters.Admit(ctx, tx, jorina, shelters.Acting{Stay: stay})
		})
		why := func(s string) shelters.Reasoned {
			return shelters.Reasoned{Acting: shelters.Acting{Stay: stay}, Why: s}
		}
		refused(t, try(t, d, func(ctx context.Context, tx *db.Tx) error { return shelters.CallOff(ctx, tx, amina, why("no")) }), "shelter.not_now")
		refused(t, try(t, d, func(ctx context.Context, tx *db.Tx) error { return shelters.TakeOut(ctx, tx, jorina, why("")) }), "fault.needed")
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return shelters.TakeOut(ctx, tx, jorina, why("another came"))
		})
		if free(t, d, amina) != 1 || looked(t, d, amina, id)[0].State != shelters.Asked {
			t.Error("the bed is not free again")
		}
		refused(t, try(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := shelters.Ask(ctx, tx, amina, shelters.Asking{Case: id, Division: "30", Guests: []shelters.Guest{{}}})
			return err
		}), "shelter.has_stay")
		take(t, d, amina, stay)
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return shelters.CallOff(ctx, tx, amina, why("she goes home"))
		})
		if free(t, d, amina) != 1 {
			t.Error("the bed is not free again")
		}
		ask(t, d, amina, id) // she may ask again
	})
}

// Who stays beyond the last day keeps the bed, and people are reminded: first the caseworker, then the keepers, then a supervisor.
func TestWhoStaysOnKeepsTheBed(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		hire(t, d)
		amina, jorina, chandra := worldtest.Amina(), jorina(), worldtest.Chandra()
		house(t, d, jorina, false, room("A", shelters.Women, 1))
		_, id := somebody(t, d, amina)
		stay := ask(t, d, amina, id)[0]
		take(t, d, amina, stay)
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return shelters.Admit(ctx, tx, jorina, shelters.Acting{Stay: stay})
		})
		var upkeep shelters.Upkeep
		for range 20 {
			clock.Move(day)
			if err := upkeep.Work(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			if free(t, d, amina) != 0 {
				t.Fatalf("the bed is free on %s", dates.Of(d.Now()))
			}
		}
		if n := told(t, d, amina)["notice.case_stay_ends"]; n != 3 {
			t.Errorf("Amina was reminded %d times, want 3", n)
		}
		if n := told(t, d, jorina)["notice.shelter_ends"]; n != 2 {
			t.Errorf("Jorina was reminded %d times, want 2", n)
		}
		if n := told(t, d, chandra)["notice.case_stay_ends"]; n != 1 {
			t.Errorf("Chandra was reminded %d times, want 1", n)
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return shelters.Prolong(ctx, tx, jorina, shelters.Reasoned{Acting: shelters.Acting{Stay: stay}, Why: "no other place yet", Day: dates.Of(tx.Now()).Add(3)})
		})
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return shelters.NoteGone(ctx, tx, jorina, shelters.Reasoned{Acting: shelters.Acting{Stay: stay}, Why: "went by night"})
		})
		if free(t, d, amina) != 1 {
			t.Error("the bed is not free when she has gone")
		}
	})
}

// What is said of a shelter must not tell where it is.
func TestWordsDoNotTellThePlace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		hire(t, d)
		open := func(o shelters.Opening) error {
			o.Division, o.Days, o.Extension = "30", 10, 10
			return tryOut(t, d, func(ctx context.Context, tx *db.Tx) error {
				_, err := shelters.Open(ctx, tx, jorina(), o, shelters.Whereabouts{Address: secretAddress, Telephone: secretTelephone})
				return err
			})
		}
		for want, o := range map[string]shelters.Opening{
			"":                   {Name: "Shefali", Rules: "Nobody is beaten here."},
			"shelter.name_tells": {Name: "Manikganj house"},
			"shelter.rules_tell": {Name: "Shefali", Rules: "Write to zqlane , ZQPARA."},
			"fault.needed":       {Name: " "},
		} {
			refused(t, open(o), want)
		}
		refused(t, open(shelters.Opening{Name: "Shefali", Rules: "Call ০১৭৯৯-৮৮৭৭৬৬."}), "shelter.rules_tell")
		refused(t, open(shelters.Opening{Name: "Sh\x00"}), "fault.bad_characters")
	})
}

// An un-merge leaves stays where they were, and while two records are one person who sees both sees that she has a bed.
func TestAMergeMovesNoStay(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		hire(t, d)
		amina, chandra := worldtest.Amina(), worldtest.Chandra()
		house(t, d, jorina(), false, room("A", shelters.Women, 2))
		p, id := somebody(t, d, amina)
		clock.Move(time.Minute)
		other, second := somebody(t, d, amina)
		ask(t, d, amina, id)
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := persons.Merge(ctx, tx, chandra, persons.Merging{One: p, Other: other, Reason: "the same woman"})
			return err
		})
		again := func() error {
			return tryOut(t, d, func(ctx context.Context, tx *db.Tx) error {
				_, err := shelters.Ask(ctx, tx, amina, shelters.Asking{Case: second, Division: "30", Guests: []shelters.Guest{{}}})
				return err
			})
		}
		refused(t, again(), "shelter.has_stay")
		if len(looked(t, d, amina, id)) != 1 || len(looked(t, d, amina, second)) != 0 {
			t.Error("the merge moved a stay")
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return persons.Unmerge(ctx, tx, chandra, persons.Merging{One: p, Other: other, Reason: "two sisters"})
		})
		refused(t, again(), "")
		if len(looked(t, d, amina, id)) != 1 || len(looked(t, d, amina, second)) != 0 {
			t.Error("the un-merge moved a stay")
		}
	})
}
