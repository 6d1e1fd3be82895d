// SPDX-License-Identifier: Apache-2.0

package simulate_test

import (
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/appointments"
	"fera/internal/cases"
	"fera/internal/centres"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/persons"
	"fera/internal/simulate"
	"fera/internal/worldtest"
)

// A simulated centre has days behind it that were measured, people who wait, and appointments; nobody is at two counters.
func TestACentreWithSomeDaysBehindIt(t *testing.T) {
	t.Run("at noon", func(t *testing.T) { centreAt(t, dbtest.Noon) })
	// The demo is started at any hour: a ticket drawn before midnight could not be called after it.
	midnight := dates.Of(dbtest.Noon).Start()
	t.Run("at midnight", func(t *testing.T) { centreAt(t, midnight) })
	t.Run("soon after midnight", func(t *testing.T) { centreAt(t, midnight.Add(2*time.Minute)) })
	t.Run("a quarter past midnight", func(t *testing.T) { centreAt(t, midnight.Add(15*time.Minute)) })
}

// centreAt makes a centre as it is at a moment.
func centreAt(t *testing.T, now time.Time) {
	t.Helper()
	clock := simulate.NewClock(now)
	d := dbtest.Open(t, dbtest.SQLite(t), clock.Now)
	worldtest.Hire(t, d)
	amina := worldtest.Amina()
	for range 4 {
		dbtest.Write(t, d, func(tx *db.Tx) error {
			p, err := persons.Register(t.Context(), tx, amina, worldtest.Rahima())
			if err != nil {
				return err
			}
			id, err := cases.Open(t.Context(), tx, amina, cases.Opening{Person: p, Programme: "reintegration", Origin: "registration"})
			if err != nil {
				return err
			}
			return cases.TakeUp(t.Context(), tx, amina, id, 0)
		})
	}
	o := simulate.Options{Seed: 7, Clerks: []access.Actor{worldtest.Harun(), amina}, Deciders: []access.Actor{worldtest.Chandra()}, Clock: clock}
	if err := simulate.Centre(t.Context(), d, o, 10); err != nil {
		t.Fatal(err)
	}
	if !clock.Now().Equal(now) {
		t.Errorf("the clock stands at %s", clock.Now())
	}
	if err := d.Read(t.Context(), func(q db.Reader) error {
		all, err := centres.Queue(t.Context(), q, amina, worldtest.Sylhet)
		if err != nil {
			return err
		}
		at, states := map[string]bool{}, map[centres.State]int{}
		for _, k := range all {
			states[k.State]++
			if k.State == centres.AtDesk || k.State == centres.Called {
				if at[k.Counter] {
					t.Errorf("two are at counter %s", k.Counter)
				}
				at[k.Counter] = true
			}
		}
		if states[centres.Waiting] < 2 || states[centres.AtDesk] == 0 {
			t.Errorf("today: %v", states)
		}
		e, err := centres.Wait(t.Context(), q, amina, centres.Ticket{Office: worldtest.Sylhet, Need: "job", ArrivedAt: q.Now()})
		if err != nil {
			return err
		}
		if !e.Known || e.Each < 1 || e.Each > 20 {
			t.Errorf("the wait is %+v", e)
		}
		booked, err := appointments.List(t.Context(), q, amina, appointments.Filter{From: now.AddDate(0, 0, -30), Until: now.AddDate(0, 0, 90)})
		if len(booked) < 3 {
			t.Errorf("%d appointments", len(booked))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
