// SPDX-License-Identifier: Apache-2.0

package procedures_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/plans"
	"fera/internal/services"
	"fera/internal/timeline"
	"fera/internal/worldtest"
)

var rightsSeed = flag.Int64("seed", 0, "seed of the random tests; 0 takes one from the clock")

// anybody is a user of any roles, at any office, organisation, area or nowhere; now and then one who has the case.
func anybody(rng *rand.Rand) access.Actor {
	one := func(of ...string) string { return of[rng.IntN(len(of))] }
	a := access.Actor{ID: fmt.Sprintf("00000000-0000-7000-9000-0000000001%02d", rng.IntN(50)), Name: "Anybody", Office: one(worldtest.Sylhet, worldtest.Barishal, worldtest.Centre), Organisation: one(worldtest.Aparajita, worldtest.Bandhan)}
	if rng.IntN(3) == 0 {
		a.ID = worldtest.Amina().ID
	}
	for range rng.IntN(4) {
		a.Grant(access.Roles()[rng.IntN(len(access.Roles()))], one("all", "own", access.AtOffice(a.Office), access.OfOrganisation(a.Organisation), access.InArea("30")))
	}
	return a
}

// attempts are the acts of the rooms above a case that need nothing but to be possible, by the acts that they are.
func attempts(l worldtest.Life, version int, review string, who access.Actor) map[string]struct {
	needs []cases.Act
	do    func(ctx context.Context, tx *db.Tx) error
} {
	type attempt = struct {
		needs []cases.Act
		do    func(ctx context.Context, tx *db.Tx) error
	}
	give := func(g services.Giving) func(ctx context.Context, tx *db.Tx) error {
		g.Case = l.Case
		return func(ctx context.Context, tx *db.Tx) error { _, err := services.Log(ctx, tx, who, g); return err }
	}
	goal := plans.Goal{Dimension: plans.Economic, Level: plans.Individual, Words: "a shop", Steps: []plans.Step{{What: "find a place", Who: "family", By: dates.Partial{Year: 2030, Month: 5, Day: 1}}}}
	return map[string]attempt{
		"draw a plan": {[]cases.Act{cases.DrawPlan}, func(ctx context.Context, tx *db.Tx) error {
			_, err := plans.Draw(ctx, tx, who, plans.Drawing{Case: l.Case, Version: version, Goals: []plans.Goal{goal}})
			return err
		}},
		"hold a review": {[]cases.Act{cases.Review}, func(ctx context.Context, tx *db.Tx) error {
			return plans.Hold(ctx, tx, who, plans.Reviewing{Case: l.Case, Review: review, Found: "all is well"})
		}},
		"give":           {[]cases.Act{cases.Give}, give(services.Giving{Code: "information"})},
		"give protected": {[]cases.Act{cases.GiveProtected}, give(services.Giving{Code: "counselling_basic"})},
		"ask for money":  {[]cases.Act{cases.Give, cases.Ask}, give(services.Giving{Code: "cash_emergency", Amount: 100_000, Conditions: []string{"returned", "need"}, Papers: []string{"nid"}})},
		"remember": {[]cases.Act{cases.AddTask}, func(ctx context.Context, tx *db.Tx) error {
			_, err := cases.Remember(ctx, tx, who, cases.Task{Case: l.Case, What: "call her", DueOn: dates.Partial{Year: 2030, Month: 4, Day: 1}})
			return err
		}},
	}
}

// What Possible says of a case is what plans, services and tasks do; and the timeline is told to who sees the case, with what
// is protected to who sees that, whoever asks.
func TestRightsOverAllRooms(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d)
		seed := *rightsSeed
		if seed == 0 {
			seed = time.Now().UnixNano()
		}
		t.Logf("seed %d", seed)
		rng := rand.New(rand.NewPCG(uint64(seed), 9))
		var lives []worldtest.Life
		for range 2 {
			lives = append(lives, worldtest.Live(t, d, clock, worldtest.Amina()))
		}
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := cases.Shut(t.Context(), tx, worldtest.Amina(), cases.Closing{Case: lives[1].Case, Code: "goals_reached", Duties: []string{"prepared", "last_review", "where_to_turn"}, Why: "all is well"})
			return err
		})
		outcomes := map[string]int{}
		wanted := []string{"done", "refused", "told", "not told", "looked", "not looked"}
		rare := func(outcome string) bool { return outcomes[outcome] < 5 }
		for try := 0; try < 50 || try < 500 && slices.ContainsFunc(wanted, rare); try++ { // until each was seen a few times
			who := anybody(rng)
			for _, l := range lives {
				meet(t, d, l, who, outcomes)
			}
		}
		if slices.ContainsFunc(wanted, rare) {
			t.Errorf("the test shows nothing: %v", outcomes)
		}
	})
}

// meet lets somebody try everything with a case and compares that with what she may.
func meet(t *testing.T, d *db.DB, l worldtest.Life, who access.Actor, outcomes map[string]int) {
	t.Helper()
	var might []cases.Act
	var seen, protected bool
	var p plans.Plan
	var review string
	if err := d.Read(t.Context(), func(q db.Reader) error {
		c, err := cases.Find(t.Context(), q, who, l.Case)
		if seen = err == nil; seen {
			if might, err = cases.PossibleNow(t.Context(), q, who, c); err != nil {
				return err
			}
		}
		if protected, _, err = persons.SeesProtected(t.Context(), q, who, l.Person); err != nil {
			return err
		}
		reviews, err := plans.Reviews(t.Context(), q, worldtest.Amina(), l.Case)
		if err != nil {
			return err
		}
		review = reviews[1].ID
		p, err = plans.Find(t.Context(), q, worldtest.Amina(), l.Case, 0)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for name, a := range attempts(l, p.Version, review, who) {
		want := !slices.ContainsFunc(a.needs, func(act cases.Act) bool { return !slices.Contains(might, act) })
		err := undone(t, d, a.do)
		if (err == nil) != want {
			t.Errorf("%s by %s with %+v: %v, want done %t", name, who.ID, who.Grants, err, want)
		}
		if err != nil && !seen && fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s of what is hidden: %v", name, err)
		}
		outcomes[map[bool]string{true: "done", false: "refused"}[err == nil]]++
	}
	err := d.Read(t.Context(), func(q db.Reader) error {
		_, err := timeline.List(t.Context(), q, who, timeline.Ask{Case: l.Case})
		return err
	})
	if (err == nil) != seen {
		t.Errorf("%+v sees the case: %t, and is told: %v", who.Grants, seen, err)
	}
	outcomes[map[bool]string{true: "told", false: "not told"}[err == nil]]++
	err = undone(t, d, func(ctx context.Context, tx *db.Tx) error {
		_, err := timeline.Look(ctx, tx, who, timeline.Ask{Case: l.Case})
		return err
	})
	if (err == nil) != (seen && protected) {
		t.Errorf("%+v sees the case: %t, what is protected: %t, and looks: %v", who.Grants, seen, protected, err)
	}
	outcomes[map[bool]string{true: "looked", false: "not looked"}[err == nil]]++
}

var errUndone = errors.New("undone")

// undone does an act and undoes it, and returns how it was answered.
func undone(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) (answer error) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) error { answer = fn(t.Context(), tx); return errUndone }); !errors.Is(err, errUndone) {
		t.Fatal(err)
	}
	return answer
}
