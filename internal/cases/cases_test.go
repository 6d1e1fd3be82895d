// SPDX-License-Identifier: Apache-2.0

package cases_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fera/internal/calendars"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/deadlines"
	"fera/internal/persons"
	"fera/internal/programmes"
	"fera/internal/worldtest"
)

// A case goes from intake to after-care and is taken up again. At each step somebody of another organisation sees nothing.
func TestALife(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		hire(t, d)
		at(t, clock, "2030-03-04") // a Monday
		amina, basil := worldtest.Amina(), worldtest.Basil()
		p := rahima(t, d, amina, func(r *persons.Registration) {
			r.Journeys = []persons.Journey{{Country: "SA", Returned: dates.Partial{Year: 2030, Month: 2, Day: 27}}}
		})
		id := open(t, d, amina, p)
		due := func(step, day string) {
			t.Helper()
			clock.Move(time.Second) // events of one moment have no order
			if c := found(t, d, amina, id); c.DueFor != step || c.DueOn != day {
				t.Errorf("%s is due on %s, want %s on %s", c.DueFor, c.DueOn, step, day)
			}
			if sees(t, d, basil, id) {
				t.Errorf("Basil sees the case before %s", step)
			}
		}
		due("assign", "2030-03-07")
		forward(t, d, id, cases.Assigned)
		due("assess", "2030-03-18")
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return cases.Rate(ctx, tx, amina, cases.Rating{Case: id, Risk: cases.High, Why: "her husband threatens her"})
		})
		due("plan", "2030-03-27") // one month after the return
		if got := notices(t, d, worldtest.Chandra()); !slices.Contains(got, "notice.case_risk") {
			t.Errorf("Chandra was told %v", got)
		}
		if got := notices(t, d, amina); len(got) != 0 {
			t.Errorf("Amina was told %v of what she did herself", got)
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			c, err := cases.Begin(ctx, tx, amina, id, cases.Acting{Act: cases.AgreePlan})
			if err != nil {
				return err
			}
			c.Due(dates.Partial{Year: 2030, Month: 4, Day: 4})
			return cases.Advance(ctx, tx, amina, c, cases.AgreePlan)
		})
		due("start", "2030-03-18")
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return cases.Begun(ctx, tx, amina, id, 0) })
		due("review", "2030-04-04")
		clock.Move(time.Second)
		closing := cases.Closing{Case: id, Code: "goals_reached", Duties: []string{"prepared", "last_review"}, Why: "she earns her living"}
		refused(t, try(t, d, func(ctx context.Context, tx *db.Tx) error { _, err := cases.Shut(ctx, tx, amina, closing); return err }), "case.duties_missing")
		closing.Duties = append(closing.Duties, "where_to_turn")
		write(t, d, func(ctx context.Context, tx *db.Tx) error { _, err := cases.Shut(ctx, tx, amina, closing); return err })
		due("", cases.Never)
		if c := found(t, d, amina, id); c.Closure != "goals_reached" || c.Live() || c.ClosedAt.IsZero() {
			t.Errorf("closed it is %+v", c)
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return cases.LookAfter(ctx, tx, amina, id, 0) })
		due("aftercare", "2030-06-04")
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return cases.TakeUpAgain(ctx, tx, amina, cases.Reopening{Case: id, Why: "the shop burnt down"})
		})
		due("assess", "2030-03-18")
		if c := found(t, d, amina, id); c.Status != cases.Assigned || c.Openings != 2 || c.Risk != cases.Unrated || !c.ClosedAt.IsZero() {
			t.Errorf("reopened it is %+v", c)
		}
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			events, err := cases.History(ctx, q, amina, id, cases.Part{})
			var acts []string
			for _, e := range events {
				acts = append(acts, string(e.Act))
			}
			if got := strings.Join(acts, " "); got != "reopen begin_aftercare close start agree_plan assess take open" || events[0].Why != "the shop burnt down" || events[2].Detail["code"] != "goals_reached" {
				t.Errorf("history is %s: %+v", got, events)
			}
			older, err2 := cases.History(ctx, q, amina, id, cases.Part{Before: events[5].ID, Limit: 1})
			if err2 != nil || len(older) != 1 || older[0].Act != cases.Take {
				t.Errorf("a part of the history is %+v, %v", older, err2)
			}
			return err
		})
	})
}

// Sixteen open a case for one person at the same moment.
func TestOpenOnlyOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina := worldtest.Amina()
		p := rahima(t, d, amina)
		errs := make([]error, 16)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				errs[i] = d.Write(t.Context(), func(tx *db.Tx) error {
					_, err := cases.Open(t.Context(), tx, amina, cases.Opening{Person: p, Programme: "reintegration", Origin: "self"})
					return err
				})
			})
		}
		wg.Wait()
		opened := 0
		for _, err := range errs {
			if err == nil {
				opened++
				continue
			}
			refused(t, err, "case.already_open")
		}
		if opened != 1 {
			t.Errorf("opened %d cases, want 1", opened)
		}
	})
}

// A closed case is taken up again while another is opened for the same person: one of the two happens, and the other is told so.
func TestReopenedAndOpenedAtOneMoment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		hire(t, d)
		amina := worldtest.Amina()
		for range 6 {
			p := rahima(t, d, amina)
			id := open(t, d, amina, p)
			dbtest.Write(t, d, func(tx *db.Tx) error {
				_, err := cases.Shut(t.Context(), tx, amina, cases.Closing{Case: id, Code: "goals_reached", Duties: []string{"prepared", "last_review", "where_to_turn"}, Why: "so it was"})
				return err
			})
			acts := []func(tx *db.Tx) error{
				func(tx *db.Tx) error {
					return cases.TakeUpAgain(t.Context(), tx, amina, cases.Reopening{Case: id, Why: "she came back"})
				},
				func(tx *db.Tx) error {
					_, err := cases.Open(t.Context(), tx, amina, cases.Opening{Person: p, Programme: "reintegration", Origin: "self"})
					return err
				},
			}
			errs := make([]error, len(acts))
			var wg sync.WaitGroup
			for i, act := range acts {
				wg.Go(func() { errs[i] = d.Write(t.Context(), act) })
			}
			wg.Wait()
			if (errs[0] == nil) == (errs[1] == nil) {
				t.Fatalf("reopened: %v; opened: %v; want one of them", errs[0], errs[1])
			}
			refused(t, errors.Join(errs...), "case.already_open")
		}
	})
}

func TestAnOpeningSentAgainOpensNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina := worldtest.Amina()
		o := cases.Opening{Operation: "op-1", Person: rahima(t, d, amina), Programme: "reintegration", Origin: "self", Why: "debts"}
		var ids []cases.ID
		for range 2 {
			write(t, d, func(ctx context.Context, tx *db.Tx) error {
				id, err := cases.Open(ctx, tx, amina, o)
				ids = append(ids, id)
				return err
			})
		}
		if ids[0] != ids[1] {
			t.Errorf("opened %v", ids)
		}
		o.Why = "other debts"
		refused(t, try(t, d, func(ctx context.Context, tx *db.Tx) error { _, err := cases.Open(ctx, tx, amina, o); return err }), "operation.reused")
	})
}

func TestOpenRefuses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		amina := worldtest.Amina()
		p := rahima(t, d, amina)
		everywhere := worldtest.Basil()
		everywhere.Grant("supervisor", "all")
		erased := rahima(t, d, amina)
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := persons.Erase(ctx, tx, worldtest.Esha(), erased, "she asked for it")
			return err
		})
		good := cases.Opening{Person: p, Programme: "reintegration", Origin: "self"}
		for _, test := range []struct {
			name   string
			change func(o *cases.Opening)
			want   string
		}{
			{"another way", func(o *cases.Opening) { o.Origin = "by the moon" }, "fault.bad_choice"},
			{"no such programme", func(o *cases.Opening) { o.Programme = "nothing" }, "programme.unknown"},
			{"nobody", func(o *cases.Opening) { o.Person = "01900000-0000-7000-8000-000000000000" }, "person.not_found"},
			{"too long", func(o *cases.Opening) { o.Why = strings.Repeat("ক", 2001) }, "fault.too_long"},
			{"erased", func(o *cases.Opening) { o.Person = erased }, "person.not_found"},
		} {
			o := good
			test.change(&o)
			err := tryOut(t, d, func(ctx context.Context, tx *db.Tx) error { _, err := cases.Open(ctx, tx, amina, o); return err })
			if key(err) != test.want {
				t.Errorf("%s: %v, want %s", test.name, err, test.want)
			}
		}
		refused(t, tryOut(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := cases.Open(ctx, tx, everywhere, good)
			return err
		}), "case.register_first")
	})
}

// A case opened for either record of a person stands against a second one, for who sees both; who sees one of them learns nothing.
func TestOneCaseOverTheRecordsOfAPerson(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		amina, basil := worldtest.Amina(), worldtest.Basil()
		ours := rahima(t, d, amina)
		clock.Move(time.Minute)
		theirs := rahima(t, d, basil)
		again := rahima(t, d, amina)
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			if _, err := persons.Merge(ctx, tx, worldtest.Ishrat(), persons.Merging{One: ours, Other: theirs, Reason: "the same card"}); err != nil {
				return err
			}
			_, err := persons.Merge(ctx, tx, worldtest.Ishrat(), persons.Merging{One: ours, Other: again, Reason: "the same card"})
			return err
		})
		first := open(t, d, amina, ours)
		err := try(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := cases.Open(ctx, tx, amina, cases.Opening{Person: again, Programme: "reintegration", Origin: "self"})
			return err
		})
		refused(t, err, "case.already_open")
		second := open(t, d, basil, theirs)
		for _, test := range []struct {
			who  string
			want []cases.ID
		}{{"Amina", []cases.ID{first}}, {"Basil", []cases.ID{second}}, {"Ishrat", nil}} {
			for _, p := range []persons.ID{ours, theirs, again} {
				reading(t, d, func(ctx context.Context, q db.Reader) error {
					who := worldtest.Cast()[slices.Index([]string{"Amina", "Basil", "Chandra", "Dipu", "Esha", "Farid", "Gita", "Harun", "Ishrat"}, test.who)]
					all, err := cases.Of(ctx, q, who, p)
					var got []cases.ID
					for _, c := range all {
						got = append(got, c.ID)
					}
					if len(got) != 0 && !slices.Equal(got, test.want) {
						t.Errorf("%s sees %v of %s, want %v", test.who, got, p, test.want)
					}
					return err
				})
			}
		}
	})
}

// A stop takes its days out of the term, and closing ends it.
func TestTheClockStandsStill(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		at(t, clock, "2030-03-04")
		amina := worldtest.Amina()
		id := open(t, d, amina, rahima(t, d, amina))
		forward(t, d, id, cases.Assigned)
		at(t, clock, "2030-03-10")
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return cases.Stop(ctx, tx, amina, cases.Stopping{Case: id, Why: "she is in hospital"})
		})
		if c := found(t, d, amina, id); !c.Paused || c.DueOn != cases.Never {
			t.Errorf("stopped it is %+v", c)
		}
		refused(t, try(t, d, func(ctx context.Context, tx *db.Tx) error {
			return cases.Stop(ctx, tx, amina, cases.Stopping{Case: id, Why: "again"})
		}), "case.paused_already")
		at(t, clock, "2030-03-17")
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return cases.GoOn(ctx, tx, amina, id, 0) })
		if c := found(t, d, amina, id); c.Paused || c.DueOn != "2030-03-25" { // ten working days after the 4th, and five more
			t.Errorf("it goes on until %s", c.DueOn)
		}
		refused(t, try(t, d, func(ctx context.Context, tx *db.Tx) error { return cases.GoOn(ctx, tx, amina, id, 0) }), "case.not_paused")
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			all, err := cases.Pauses(ctx, q, amina, id)
			if len(all) != 1 || all[0].Reason != "she is in hospital" || all[0].Until.String() != "2030-03-17" {
				t.Errorf("pauses are %+v", all)
			}
			return err
		})
	})
}

// The worker is reminded before, the supervisor afterwards, once each, and not for every reminder that was missed.
func TestReminders(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		hire(t, d)
		at(t, clock, "2030-03-04")
		amina, chandra := worldtest.Amina(), worldtest.Chandra()
		id := open(t, d, amina, rahima(t, d, amina))
		forward(t, d, id, cases.Assigned) // due on the 18th
		remind := func(want int) {
			t.Helper()
			n, err := cases.Remind(t.Context(), d)
			if err != nil || n != want {
				t.Errorf("reminded of %d cases, %v; want %d", n, err, want)
			}
		}
		remind(0)
		at(t, clock, "2030-03-14") // two working days before
		remind(1)
		remind(0)
		at(t, clock, "2030-03-19")
		remind(1) // that of the 18th was missed, and tells as things stand
		at(t, clock, "2030-03-20")
		remind(0)
		at(t, clock, "2030-03-25")
		remind(1)
		if got := notices(t, d, amina); !slices.Equal(got, []string{"notice.case_late", "notice.case_due"}) {
			t.Errorf("Amina was told %v", got)
		}
		if got := notices(t, d, chandra); !slices.Equal(got, []string{"notice.case_late"}) {
			t.Errorf("Chandra was told %v", got)
		}
	})
}

// A new holiday moves what is due, when the cases are reckoned anew.
func TestAProgrammeAndTheCalendarChange(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		at(t, clock, "2030-03-04")
		amina, farid := worldtest.Amina(), worldtest.Farid()
		id := open(t, d, amina, rahima(t, d, amina))
		var p programmes.Programme
		reading(t, d, func(ctx context.Context, q db.Reader) (err error) {
			p, err = programmes.Find(ctx, q, "reintegration")
			return err
		})
		p.Assign = deadlines.Term{Count: 1, Unit: deadlines.WorkingDays}
		set := func(p programmes.Programme, from string) error {
			return try(t, d, func(ctx context.Context, tx *db.Tx) error {
				day, _ := dates.Parse(from)
				return programmes.Set(ctx, tx, farid, p, day)
			})
		}
		if err := set(p, "2030-03-05"); err != nil {
			t.Fatal(err)
		}
		refused(t, set(p, "2030-03-03"), "programme.from")
		bad := p
		bad.OneUpTo, bad.AloneUpTo = 1, 2
		refused(t, set(bad, "2030-03-05"), "programme.limits")
		bad = p
		bad.Reminders = bad.Reminders[:1]
		refused(t, set(bad, "2030-03-05"), "programme.reminders")
		bad = p
		bad.Code, bad.Plan.Count = "New One", 0
		refused(t, set(bad, "2030-03-05"), "programme.code")
		reckon := func(want int) {
			t.Helper()
			if n, err := cases.Reckon(t.Context(), d); err != nil || n != want {
				t.Fatalf("reckoned %d cases anew, %v; want %d", n, err, want)
			}
		}
		var upkeep cases.Upkeep
		work := func() {
			t.Helper()
			if err := upkeep.Work(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
		work()
		reckon(0)
		if c := found(t, d, amina, id); c.DueOn != "2030-03-07" {
			t.Errorf("what holds from tomorrow moved it to %s", c.DueOn)
		}
		at(t, clock, "2030-03-05")
		work() // because it is another day
		reckon(0)
		if c := found(t, d, amina, id); c.DueOn != "2030-03-05" || c.Version != 1 {
			t.Errorf("it is due on %s at version %d", c.DueOn, c.Version)
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := calendars.Enter(ctx, tx, farid, calendars.Day{Day: dates.Partial{Year: 2030, Month: 3, Day: 5}, NameBn: "ছুটি", NameEn: "a day off", Source: "made up for the tests"})
			return err
		})
		work() // because there is another holiday
		reckon(0)
		if c := found(t, d, amina, id); c.DueOn != "2030-03-06" {
			t.Errorf("the holiday moved it to %s", c.DueOn)
		}
		other := p
		other.Code = "raise"
		if err := set(other, "2030-03-05"); err != nil {
			t.Fatal(err)
		}
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			all, err := programmes.List(ctx, q)
			if len(all) != 2 || all[0].Code != "raise" || all[1].Assign.Count != 1 {
				t.Errorf("programmes are %+v", all)
			}
			return err
		})
	})
}

// A record is not taken out from under a case.
func TestAPersonWithACaseIsNotWithdrawn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		hire(t, d)
		amina := worldtest.Amina()
		p := rahima(t, d, amina)
		id := open(t, d, amina, p)
		refused(t, try(t, d, func(ctx context.Context, tx *db.Tx) error {
			return persons.Withdraw(ctx, tx, worldtest.Chandra(), persons.Withdrawal{Person: p, Version: 1, Reason: "entered twice"})
		}), "person.withdraw_used")
		if c := found(t, d, amina, id); c.Person != p {
			t.Errorf("her case is %+v", c)
		}
	})
}
