// SPDX-License-Identifier: Apache-2.0

package centres_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/centres"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/procedures"
	"fera/internal/worldtest"
)

// A day at a counter: numbers are drawn, called in the order of arrival, those who go first before the others; who did not come and
// who was called by mistake is put back in her place.
func TestADayAtTheCentre(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		k := centre(t, d, centres.Counter{Needs: []string{"job"}}, centres.Counter{Needs: []string{"health", "loan"}, Letter: "B"})
		amina := worldtest.Amina()
		first := draw(t, d, amina, centres.Drawing{})
		clock.Move(time.Minute)
		second := draw(t, d, amina, centres.Drawing{})
		clock.Move(time.Minute)
		pregnant := draw(t, d, amina, centres.Drawing{First: true})
		ill := draw(t, d, amina, centres.Drawing{Need: "health"})
		if first.Code() != "A-001" || second.Code() != "A-002" || pregnant.Code() != "A-003" || ill.Code() != "B-001" {
			t.Errorf("numbers %s %s %s %s", first.Code(), second.Code(), pregnant.Code(), ill.Code())
		}
		if got, _ := next(t, d, amina, k[0], false); got.ID != pregnant.ID || got.State != centres.Called || got.Counter != k[0] {
			t.Errorf("called %+v, want who goes first", got)
		}
		err := try(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, _, err := centres.Next(ctx, tx, amina, centres.Calling{Office: office, Counter: k[0], Finish: true})
			return err
		})
		refused(t, err, "centre.counter_busy")
		do(t, d, amina, pregnant.ID, centres.Begin)
		clock.Move(10 * time.Minute)
		if got, _ := next(t, d, amina, k[0], true); got.ID != first.ID {
			t.Errorf("called %s, want %s", got.Code(), first.Code())
		}
		if back := do(t, d, amina, first.ID, centres.PutBack); back.State != centres.Waiting || !back.ArrivedAt.Equal(first.ArrivedAt) || back.Counter != "" {
			t.Errorf("put back: %+v", back)
		}
		if got, _ := next(t, d, amina, k[0], false); got.ID != first.ID {
			t.Errorf("after it was put back %s is called, want %s", got.Code(), first.Code())
		}
		if again := do(t, d, amina, first.ID, centres.Again); again.Calls != 3 {
			t.Errorf("called %d times, want 3", again.Calls)
		}
		do(t, d, amina, first.ID, centres.NoShow)
		_, err = tryDo(t, d, amina, centres.Acting{Ticket: first.ID, Act: centres.Finish})
		refused(t, err, "centre.not_now")
		_, err = tryDo(t, d, amina, centres.Acting{Ticket: second.ID, Act: centres.SendOn, To: "nowhere"})
		refused(t, err, "centre.send_where")
		if on, err := tryDo(t, d, amina, centres.Acting{Ticket: second.ID, Act: centres.SendOn, To: k[1]}); err != nil || on.Only != k[1] || on.State != centres.Waiting {
			t.Errorf("sent on: %+v, %v", on, err)
		}
		if got, found := next(t, d, amina, k[0], false); found {
			t.Errorf("%s is called where nobody waits", got.Code())
		}
		if got, _ := next(t, d, amina, k[1], false); got.ID != second.ID {
			t.Errorf("at the other counter %s is called, want %s, who came first", got.Code(), second.Code())
		}
		_, err = tryDo(t, d, amina, centres.Acting{Ticket: second.ID, Act: centres.Begin, Version: 1})
		refused(t, err, "centre.ticket_changed")
	})
}

// Who wants a woman at the desk, speaks another language or has a need that nobody meets is called only where that is met, and told at once
// where it is not.
func TestATicketNeedsACounterThatServesIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := centre(t, d, centres.Counter{Needs: []string{"job", "health"}}, centres.Counter{Needs: []string{"health"}, Women: true, Languages: []string{"syl"}})
		amina := worldtest.Amina()
		for _, test := range []struct {
			d    centres.Drawing
			want string
		}{
			{centres.Drawing{Need: "loan"}, "centre.need_unmet"}, {centres.Drawing{Need: "job", Women: true}, "centre.no_women"}, {centres.Drawing{Need: "job", Language: "syl"}, "centre.not_spoken"},
			{centres.Drawing{Need: "pigeons"}, "fault.needed"}, {centres.Drawing{Need: "job", Language: "xx"}, "fault.bad_choice"},
		} {
			test.d.Office = office
			err := try(t, d, func(ctx context.Context, tx *db.Tx) error { _, err := centres.Draw(ctx, tx, amina, test.d); return err })
			refused(t, err, test.want)
		}
		she := draw(t, d, amina, centres.Drawing{Need: "health", Women: true, Language: "syl"})
		if got, found := next(t, d, amina, k[0], false); found {
			t.Errorf("%s is called to a counter that does not serve her", got.Code())
		}
		if got, _ := next(t, d, amina, k[1], false); got.ID != she.ID {
			t.Errorf("called %q, want %s", got.ID, she.Code())
		}
		op := centres.Drawing{Operation: "one", Office: office, Need: "job"}
		one, two := draw(t, d, amina, op), draw(t, d, amina, op)
		if one.ID != two.ID {
			t.Errorf("the same act drew %s and %s", one.Code(), two.Code())
		}
	})
}

// Those of another organisation serve at their own counter, and nowhere else; a stranger finds no centre.
func TestWhoServesWhere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := centre(t, d, centres.Counter{}, centres.Counter{Organisation: worldtest.Bandhan})
		basil, amina, harun := worldtest.Basil(), worldtest.Amina(), worldtest.Harun()
		one, two := draw(t, d, amina, centres.Drawing{}), draw(t, d, basil, centres.Drawing{})
		if got, _ := next(t, d, basil, k[1], false); got.ID != one.ID {
			t.Errorf("Basil's counter called %s, want %s", got.Code(), one.Code())
		}
		err := try(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, _, err := centres.Next(ctx, tx, basil, centres.Calling{Office: office, Counter: k[0]})
			return err
		})
		refused(t, err, "access.not_allowed")
		next(t, d, amina, k[0], false)
		_, err = tryDo(t, d, basil, centres.Acting{Ticket: two.ID, Act: centres.Begin})
		refused(t, err, "access.not_allowed")
		do(t, d, basil, one.ID, centres.Begin)
		refused(t, try(t, d, func(ctx context.Context, tx *db.Tx) error {
			return centres.Set(ctx, tx, basil, centres.Setting{Office: office, Version: 1, Hours: weekday()})
		}), "access.not_allowed")
		for what, look := range map[string]func(ctx context.Context, q db.Reader) error{
			"the centre": func(ctx context.Context, q db.Reader) error {
				_, err := centres.Find(ctx, q, harun, office)
				return err
			},
			"the queue": func(ctx context.Context, q db.Reader) error {
				_, err := centres.Queue(ctx, q, harun, office)
				return err
			},
			"the counters": func(ctx context.Context, q db.Reader) error {
				_, err := centres.Counters(ctx, q, harun, office)
				return err
			},
			"the key": func(ctx context.Context, q db.Reader) error {
				_, err := centres.WallKey(ctx, q, amina, office)
				return err
			},
		} {
			if err := d.Read(t.Context(), func(q db.Reader) error { return look(t.Context(), q) }); key(err) != "centre.not_found" {
				t.Errorf("%s: %v, want not found", what, err)
			}
		}
		_, err = tryDo(t, d, harun, centres.Acting{Ticket: one.ID, Act: centres.Finish})
		refused(t, err, "centre.not_found")
	})
}

// What counters may be: no number twice, no letter that tells the whole hall for what one waits, none shut while somebody sits there.
func TestWhatCountersMayBe(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := centre(t, d, centres.Counter{}, centres.Counter{Letter: "B", Needs: []string{"job"}})
		chandra := worldtest.Chandra()
		up := func(c centres.Counter) error {
			c.Office = office
			if c.Organisation == "" {
				c.Organisation = worldtest.Aparajita
			}
			return try(t, d, func(ctx context.Context, tx *db.Tx) error { _, err := centres.SetUp(ctx, tx, chandra, c); return err })
		}
		refused(t, up(centres.Counter{NameEn: "x", Number: 1, Letter: "A"}), "centre.number_taken")
		refused(t, up(centres.Counter{NameEn: "x", Number: 3, Letter: "C", Needs: []string{"trafficking"}}), "centre.letter_tells")
		refused(t, up(centres.Counter{NameEn: "x", Number: 3, Letter: "3"}), "centre.letter")
		refused(t, up(centres.Counter{NameEn: "x", Number: 100, Letter: "C"}), "centre.number")
		refused(t, up(centres.Counter{Number: 3, Letter: "C"}), "office.name_needed")
		refused(t, up(centres.Counter{NameEn: "x", Number: 3, Letter: "C", Organisation: worldtest.Sylhet}), "office.organisation_needed")
		if err := up(centres.Counter{NameEn: "x", Number: 3, Letter: "b", Needs: []string{"trafficking"}}); err != nil {
			t.Errorf("with a letter that others have: %v", err)
		}
		waits := draw(t, d, chandra, centres.Drawing{})
		if _, err := tryDo(t, d, chandra, centres.Acting{Ticket: waits.ID, Act: centres.SendOn, To: k[0]}); err != nil {
			t.Fatal(err)
		}
		shut := func(version int) error {
			return try(t, d, func(ctx context.Context, tx *db.Tx) error {
				return centres.Shut(ctx, tx, chandra, centres.Counter{Office: office, ID: k[0], Version: version})
			})
		}
		next(t, d, chandra, k[0], false)
		refused(t, shut(1), "centre.counter_busy")
		do(t, d, chandra, waits.ID, centres.PutBack)
		refused(t, shut(7), "fault.conflict")
		if err := shut(1); err != nil {
			t.Fatal(err)
		}
		if got := queue(t, d); len(got) != 1 || got[0].Only != "" {
			t.Errorf("who was sent on to a counter that was shut: %+v, want free to go to any", got)
		}
		if got, _ := next(t, d, chandra, k[1], false); got.ID != waits.ID {
			t.Error("who was sent on to a counter that was shut waits for ever")
		}
	})
}

// The wall shows numbers and counters to whoever has its key, nothing to a wrong or an old one, and never a need.
func TestTheWall(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		k := centre(t, d, centres.Counter{}, centres.Counter{})
		amina, chandra := worldtest.Amina(), worldtest.Chandra()
		id := register(t, d, amina)
		for range 3 {
			draw(t, d, amina, centres.Drawing{Person: id})
		}
		one, _ := next(t, d, amina, k[1], false)
		clock.Move(time.Minute)
		two, _ := next(t, d, amina, k[0], false)
		wallKey := func() (s string) {
			reading(t, d, func(ctx context.Context, q db.Reader) (err error) {
				s, err = centres.WallKey(ctx, q, chandra, office)
				return err
			})
			return s
		}
		old := wallKey()
		wall := func(key string) (w centres.Wall, err error) {
			err = d.Read(t.Context(), func(q db.Reader) (err error) { w, err = centres.OnWall(t.Context(), q, office, key); return err })
			return w, err
		}
		w, err := wall(old)
		if err != nil || len(w.Called) != 2 || w.Called[0] != (centres.Shown{Code: two.Code(), Counter: 1, Fresh: true}) || w.Called[1] != (centres.Shown{Code: one.Code(), Counter: 2}) {
			t.Fatalf("the wall shows %+v, %v", w.Called, err)
		}
		if len(w.Lines) != 1 || w.Lines[0].Letter != "A" || w.Lines[0].Waiting != 1 || w.Lines[0].Wait.Known {
			t.Errorf("the lines are %+v", w.Lines)
		}
		if text := fmt.Sprintf("%+v", w); strings.Contains(text, "job") || strings.Contains(text, "রহিমা") || strings.Contains(text, string(id)) {
			t.Errorf("the wall tells %s", text)
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return centres.RenewWallKey(ctx, tx, chandra, office) })
		for _, wrong := range []string{old, "", "x", strings.ToUpper(wallKey())} {
			if _, err := wall(wrong); key(err) != "centre.not_found" {
				t.Errorf("the key %q: %v, want not found", wrong, err)
			}
		}
		if _, err := wall(wallKey()); err != nil {
			t.Errorf("the new key: %v", err)
		}
	})
}

// Whose ticket one is, is seen by those alone who see her, is never said of a need that tells, and goes when she is erased.
func TestWhoseTicketItIs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		centre(t, d, centres.Counter{}, centres.Counter{Organisation: worldtest.Bandhan})
		amina, basil := worldtest.Amina(), worldtest.Basil()
		id := register(t, d, amina)
		k := draw(t, d, amina, centres.Drawing{Person: id})
		whose := func(who access.Actor, ticket string) (tie centres.Tie) {
			reading(t, d, func(ctx context.Context, q db.Reader) (err error) {
				tie, err = centres.Whose(ctx, q, who, office, ticket)
				return err
			})
			return tie
		}
		if whose(amina, k.ID).Person != id || whose(basil, k.ID) != (centres.Tie{}) {
			t.Errorf("Amina sees %+v, Basil %+v", whose(amina, k.ID), whose(basil, k.ID))
		}
		say := func(who access.Actor, tie centres.Tie) error {
			return try(t, d, func(ctx context.Context, tx *db.Tx) error { return centres.Say(ctx, tx, who, office, tie) })
		}
		theirs := register(t, d, basil)
		refused(t, say(basil, centres.Tie{Ticket: k.ID, Person: theirs}), "centre.tied_already")
		refused(t, say(amina, centres.Tie{Ticket: k.ID, Person: theirs}), "person.not_found")
		tells := draw(t, d, amina, centres.Drawing{Need: "trafficking"})
		refused(t, say(amina, centres.Tie{Ticket: tells.ID, Person: id}), "centre.need_tells")
		if err := say(amina, centres.Tie{Ticket: k.ID}); err != nil || whose(amina, k.ID).Person != "" {
			t.Errorf("taken back: %v, %+v", err, whose(amina, k.ID))
		}
		if err := say(amina, centres.Tie{Ticket: k.ID, Person: id}); err != nil {
			t.Fatal(err)
		}
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			mine, err := centres.Tickets(ctx, q, amina, id)
			if err != nil || len(mine) != 1 || mine[0].ID != k.ID {
				t.Errorf("her tickets: %+v, %v", mine, err)
			}
			theirs, err := centres.Tickets(ctx, q, basil, id)
			if len(theirs) != 0 {
				t.Errorf("Basil sees the tickets of somebody he does not see: %+v", theirs)
			}
			lines, err2 := audit.List(ctx, q, audit.Filter{Person: string(id), Limit: 50})
			for _, l := range lines {
				if strings.Contains(fmt.Sprintf("%+v", l), k.ID) {
					t.Errorf("the trail says which ticket was hers: %+v", l)
				}
			}
			return errOf(err, err2)
		})
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := procedures.Erase(ctx, tx, worldtest.Esha(), id, "she asked for it")
			return err
		})
		if whose(amina, k.ID) != (centres.Tie{}) || len(queue(t, d)) != 2 {
			t.Errorf("after erasing: %+v, %d tickets", whose(amina, k.ID), len(queue(t, d)))
		}
	})
}

func errOf(all ...error) error {
	i := slices.IndexFunc(all, func(err error) bool { return err != nil })
	if i < 0 {
		return nil
	}
	return all[i]
}

// The waiting time is the middle of what visits took there, for each who comes before; what was not measured is unknown.
func TestHowLongOneWaitsIsMeasured(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		k := centre(t, d, centres.Counter{Needs: []string{"job"}}, centres.Counter{Needs: []string{"job", "health"}})
		amina := worldtest.Amina()
		wait := func(c centres.Ticket) (e centres.Estimate) {
			reading(t, d, func(ctx context.Context, q db.Reader) (err error) {
				e, err = centres.Wait(ctx, q, amina, c)
				return err
			})
			return e
		}
		for i, took := range []time.Duration{4, 50, 10, 12, 8} {
			if i == 4 {
				if e := wait(centres.Ticket{Office: office, Need: "job", ArrivedAt: clock.Now()}); e.Known || e.Why != "centre.wait_unmeasured" || e.Visits != 4 {
					t.Errorf("after four visits: %+v, want unknown", e)
				}
			}
			c := draw(t, d, amina, centres.Drawing{})
			next(t, d, amina, k[0], false)
			do(t, d, amina, c.ID, centres.Begin)
			clock.Move(took * time.Minute)
			do(t, d, amina, c.ID, centres.Finish)
		}
		for range 4 {
			draw(t, d, amina, centres.Drawing{})
			clock.Move(time.Second)
		}
		last := draw(t, d, amina, centres.Drawing{})
		if e := wait(last); !e.Known || e.Each != 10 || e.Visits != 5 || e.Ahead != 4 || e.Counters != 1 || e.Minutes != 40 {
			t.Errorf("four before her at one counter: %+v, want 40 minutes", e)
		}
		one, _ := next(t, d, amina, k[1], false)
		if e := wait(last); e.Counters != 2 || e.Ahead != 3 || e.Minutes != 15 {
			t.Errorf("three before her at two counters, one of them free: %+v, want 15 minutes", e)
		}
		if e := wait(centres.Ticket{Office: office, Need: "health", ArrivedAt: clock.Now()}); e.Known {
			t.Errorf("of a counter whose visits nobody measured: %+v", e)
		}
		do(t, d, amina, one.ID, centres.PutBack)
		clock.Move(2 * time.Hour)
		if e := wait(last); e.Known || e.Why != "centre.wait_nobody_calls" {
			t.Errorf("two hours after the last call: %+v, want unknown", e)
		}
	})
}

// What was left open yesterday is ended, counts for no waiting time and stands in nobody's way.
func TestADayThatIsOverIsEnded(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		k := centre(t, d, centres.Counter{}, centres.Counter{})
		amina := worldtest.Amina()
		for range 4 {
			draw(t, d, amina, centres.Drawing{})
		}
		sits, _ := next(t, d, amina, k[0], false)
		do(t, d, amina, sits.ID, centres.Begin)
		called, _ := next(t, d, amina, k[1], false)
		clock.Move(24 * time.Hour)
		if today := draw(t, d, amina, centres.Drawing{}); today.Code() != "A-001" {
			t.Errorf("the first number of the day is %s", today.Code())
		}
		if _, found := next(t, d, amina, k[0], false); !found {
			t.Error("who sat there yesterday stands in the way")
		}
		_, err := tryDo(t, d, amina, centres.Acting{Ticket: called.ID, Act: centres.Begin})
		refused(t, err, "centre.other_day")
		if n, err := centres.Upkeep(t.Context(), d); err != nil || n != 3 {
			t.Errorf("ended %d, %v, want 3", n, err)
		}
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			var states []string
			for _, id := range []string{sits.ID, called.ID} {
				k, err := centres.FindTicket(ctx, q, amina, office, id)
				if err != nil {
					return err
				}
				states = append(states, string(k.State))
			}
			if !slices.Equal(states, []string{"done", "absent"}) {
				t.Errorf("ended as %v", states)
			}
			e, err := centres.Wait(ctx, q, amina, centres.Ticket{Office: office, Need: "job", ArrivedAt: q.Now()})
			if e.Visits != 0 {
				t.Errorf("visits whose end nobody said count: %+v", e)
			}
			return err
		})
	})
}
