// SPDX-License-Identifier: Apache-2.0

package cases_test

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/programmes"
	"fera/internal/worldtest"
)

// unseen are the cases of high risk in which nobody noted a visit for thirty days, as the list and the board have them.
func unseen(t *testing.T, d *db.DB, since time.Time) (listed, counted int) {
	t.Helper()
	chandra := worldtest.Chandra()
	reading(t, d, func(ctx context.Context, q db.Reader) error {
		p, err := cases.List(ctx, q, chandra, cases.Filter{Unseen: dates.Of(since)})
		if err != nil {
			return err
		}
		loads, err := cases.Board(ctx, q, chandra, worldtest.Sylhet, since)
		for _, l := range loads {
			counted += l.Unseen
		}
		listed = len(p.Cases)
		return err
	})
	return listed, counted
}

// A case of high risk wants a visit; one that was noted counts from its day on, and a protected note never does.
func TestAVisitCounts(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		hire(t, d)
		amina := worldtest.Amina()
		id := open(t, d, amina, rahima(t, d, amina))
		forward(t, d, id, cases.Assessed)
		month := func() time.Time { return d.Now().AddDate(0, 0, -30) }
		want := func(when string, n int) {
			t.Helper()
			if listed, counted := unseen(t, d, month()); listed != n || counted != n {
				t.Errorf("%s: %d in the list, %d on the board, want %d", when, listed, counted, n)
			}
		}
		want("of medium risk", 0)
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return cases.Rate(ctx, tx, amina, cases.Rating{Case: id, Risk: cases.High, Why: "the lender came to the house"})
		})
		want("of high risk", 1)
		note := func(n cases.Note) error {
			return try(t, d, func(ctx context.Context, tx *db.Tx) error { return cases.Write(ctx, tx, amina, id, n) })
		}
		today := dates.Of(d.Now())
		refused(t, note(cases.Note{Kind: cases.Visit, Text: "went there", On: today.Add(1)}), "date.in_future")
		refused(t, note(cases.Note{Kind: cases.Visit, Text: "went there", On: dates.Partial{Year: 2030}}), "calendar.day_needed")
		if err := note(cases.Note{Kind: cases.Visit, Protected: true, Text: "what she told at home"}); err != nil {
			t.Fatal(err)
		}
		want("after a protected note", 1)
		if err := note(cases.Note{Kind: cases.Visit, Text: "at her mother's", On: today.Add(-2)}); err != nil {
			t.Fatal(err)
		}
		want("after a visit", 0)
		if err := note(cases.Note{Kind: cases.Visit, Text: "noted later", On: today.Add(-9)}); err != nil {
			t.Fatal(err)
		}
		if c := found(t, d, amina, id); c.VisitedOn != today.Add(-2).String() {
			t.Errorf("visited on %s, want the later of two", c.VisitedOn)
		}
		clock.Move(29 * 24 * time.Hour)
		want("a month later", 1)
	})
}

// A note of a conference says who was there, sealed; a mention tells a colleague no more than that somebody did.
func TestAMention(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		hire(t, d)
		amina, chandra, jamil := worldtest.Amina(), worldtest.Chandra(), jamil()
		id := open(t, d, amina, rahima(t, d, amina))
		note := func(n cases.Note) error {
			return try(t, d, func(ctx context.Context, tx *db.Tx) error { return cases.Write(ctx, tx, amina, id, n) })
		}
		if err := note(cases.Note{Kind: cases.Conference, Text: "we meet again in May", Present: "Amina, Jamil, the lawyer", Mentions: []string{jamil.ID, amina.ID, jamil.ID}}); err != nil {
			t.Fatal(err)
		}
		if got := notices(t, d, jamil); !slices.Equal(got, []string{"notice.case_mention"}) {
			t.Errorf("Jamil is told %v", got)
		}
		if got := notices(t, d, amina); slices.Contains(got, "notice.case_mention") {
			t.Error("Amina is told that she mentioned herself")
		}
		refused(t, note(cases.Note{Text: "ask Basil", Mentions: []string{worldtest.Basil().ID}}), "case.mention_elsewhere")
		refused(t, note(cases.Note{Text: "ask nobody", Mentions: []string{"x"}}), "case.mention_elsewhere")
		refused(t, note(cases.Note{Protected: true, Text: "what she told", Mentions: []string{jamil.ID}}), "case.mention_elsewhere")
		refused(t, note(cases.Note{Protected: true, Text: "what she told", Mentions: []string{chandra.ID}}), "case.mention_elsewhere")
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			all, err := cases.Notes(ctx, q, jamil, id, cases.Part{})
			if len(all) != 1 || all[0].Kind != cases.Conference || all[0].Present == "" || !slices.Equal(all[0].Mentioned, []string{"Jamil"}) || all[0].On != dates.Of(d.Now()) {
				t.Errorf("notes are %+v", all)
			}
			return err
		})
		if bytes.Contains(everything(t, d), []byte("the lawyer")) {
			t.Error("who was at the conference lies in the clear")
		}
	})
}

// What was ticked by a slip is brought back, by who may write in the case, while the case lives.
func TestUntick(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		hire(t, d)
		amina, jamil := worldtest.Amina(), jamil()
		id := open(t, d, amina, rahima(t, d, amina))
		forward(t, d, id, cases.Active)
		var task string
		write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
			task, err = cases.Remember(ctx, tx, amina, cases.Task{Case: id, What: "ask the bank", DueOn: dates.Of(tx.Now()).Add(3)})
			return err
		})
		again := func() error {
			return try(t, d, func(ctx context.Context, tx *db.Tx) error { return cases.Untick(ctx, tx, jamil, task) })
		}
		refused(t, again(), "case.task_not_found")
		counts := func(when string, open, done int) {
			t.Helper()
			reading(t, d, func(ctx context.Context, q db.Reader) error {
				todo, err := cases.TasksOf(ctx, q, amina, id)
				if err != nil {
					return err
				}
				past, err := cases.Done(ctx, q, amina, id, 5)
				if len(todo) != open || len(past) != done || done == 1 && (past[0].DoneBy != "Amina" || past[0].What != "ask the bank") {
					t.Errorf("%s: to do %+v, done %+v", when, todo, past)
				}
				return err
			})
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return cases.Tick(ctx, tx, amina, task) })
		counts("ticked", 0, 1)
		if err := try(t, d, func(ctx context.Context, tx *db.Tx) error { return cases.Untick(ctx, tx, worldtest.Basil(), task) }); key(err) != "case.task_not_found" {
			t.Errorf("Basil brings it back: %v", err)
		}
		if err := again(); err != nil {
			t.Fatal(err)
		}
		counts("brought back", 1, 0)
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return cases.Tick(ctx, tx, amina, task) })
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := cases.Shut(ctx, tx, amina, cases.Closing{Case: id, Code: "goals_reached", Duties: []string{"prepared", "last_review", "where_to_turn"}, Why: "she earns"})
			return err
		})
		refused(t, again(), "case.not_now")
	})
}

// What waits to be decided is found by the list and counted by the board.
func TestWhatWaitsIsOnTheBoard(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		hire(t, d)
		amina, chandra := worldtest.Amina(), worldtest.Chandra()
		id := open(t, d, amina, rahima(t, d, amina))
		forward(t, d, id, cases.Active)
		want := func(n int) {
			t.Helper()
			reading(t, d, func(ctx context.Context, q db.Reader) error {
				p, err := cases.List(ctx, q, chandra, cases.Filter{Asked: true})
				if err != nil {
					return err
				}
				loads, err := cases.Board(ctx, q, chandra, worldtest.Sylhet, d.Now())
				if len(p.Cases) != n || len(loads) != 1 || loads[0].Asked != n {
					t.Errorf("list %d, board %+v, want %d", len(p.Cases), loads, n)
				}
				return err
			})
		}
		want(0)
		a := ask(t, d, amina, id, 1_000_000)
		want(1)
		if _, err := say(t, d, chandra, a, true); err != nil {
			t.Fatal(err)
		}
		want(0)
	})
}

// A programme with reasons of its own closes by those alone.
func TestOwnReasonsForClosing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		hire(t, d)
		amina := worldtest.Amina()
		id := open(t, d, amina, rahima(t, d, amina))
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			p, err := programmes.Find(ctx, tx, "reintegration")
			if err != nil {
				return err
			}
			p.Duties = map[string]programmes.Duty{"own_1": {En: "She has our card.", Bn: "তাঁর কাছে আমাদের কার্ড আছে।"}}
			p.Closures = []programmes.Closure{{Code: "settled", Group: "planned", En: "She has settled", Bn: "তিনি থিতু হয়েছেন", Duties: []string{"own_1"}}}
			return programmes.Set(ctx, tx, worldtest.Farid(), p, dates.Of(tx.Now()))
		})
		shut := func(code string, duties ...string) error {
			return try(t, d, func(ctx context.Context, tx *db.Tx) error {
				_, err := cases.Shut(ctx, tx, amina, cases.Closing{Case: id, Code: code, Duties: duties, Why: "it is so"})
				return err
			})
		}
		refused(t, shut("goals_reached", "prepared", "last_review", "where_to_turn"), "fault.bad_choice")
		refused(t, shut("settled"), "case.duties_missing")
		if err := shut("settled", "own_1"); err != nil {
			t.Fatal(err)
		}
		if c := found(t, d, amina, id); c.Status != cases.Closed || c.Closure != "settled" {
			t.Errorf("it is %+v", c)
		}
	})
}
