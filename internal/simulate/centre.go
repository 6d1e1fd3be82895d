// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/appointments"
	"fera/internal/calendars"
	"fera/internal/cases"
	"fera/internal/centres"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/fault"
)

// How many days a simulated centre was open, and how many come on one.
const (
	daysOpen    = 6
	leastVisits = 7
	mostVisits  = 12
	mostWaited  = 20 // minutes before now, by those who wait
)

// desks are the counters of the simulated centre.
func desks(organisation string) []centres.Counter {
	return []centres.Counter{
		{Organisation: organisation, Letter: "A", Number: 1, NameBn: "চাকরি ও প্রশিক্ষণ", NameEn: "Work and training", Needs: []string{"job", "training", "skills_certificate"}},
		{Organisation: organisation, Letter: "A", Number: 2, NameBn: "ঋণ ও ব্যবসা", NameEn: "Loans and business", Needs: []string{"loan", "business", "grant", "job"}},
		{Organisation: organisation, Letter: "B", Number: 3, NameBn: "পরামর্শ", NameEn: "Advice", Women: true, Languages: []string{"syl"}},
	}
}

// Centre makes the office of the first clerk who serves people a one-stop centre with some days behind it and people who wait now, and gives up to
// n people of live cases appointments: some that they came to, some that are to come. The database goes by o.Clock.
func Centre(ctx context.Context, d *db.DB, o Options, n int) error {
	now := d.Now()
	defer o.Clock.Set(now)
	at := slices.IndexFunc(o.Clerks, func(a access.Actor) bool { return a.Holds(access.ServeQueue) && a.Holds(access.BookAppointment) })
	runs := slices.IndexFunc(o.Deciders, func(a access.Actor) bool {
		return at >= 0 && a.Covers(access.ManageCentre, access.AtOffice(o.Clerks[at].Office), access.OfOrganisation(o.Clerks[at].Organisation))
	})
	if at < 0 || runs < 0 {
		return nil
	}
	h := &hall{ctx: ctx, d: d, o: o, clerk: o.Clerks[at], dice: (&world{Options: o}).throw(0, whoWaits), today: dates.Of(now), minute: minuteOf(now)}
	for _, step := range []func() error{func() error { return h.settle(o.Deciders[runs]) }, func() error { return h.days(now) }, func() error { return h.book(now, n) }} {
		if err := step(); err != nil {
			return fmt.Errorf("simulate centre: %w", err)
		}
	}
	return nil
}

// hall is a simulated centre.
type hall struct {
	ctx      context.Context
	d        *db.DB
	o        Options
	clerk    access.Actor
	counters []string
	dice     dice
	today    dates.Partial
	minute   time.Duration
}

func (h *hall) write(fn func(tx *db.Tx) error) error { return h.d.Write(h.ctx, fn) }

func (h *hall) settle(who access.Actor) error {
	hours := listing.Hours{Weekly: []listing.Span{{Days: []string{"SU", "MO", "TU", "WE", "TH"}, Opens: "09:00", Closes: "17:00"}}}
	if err := h.write(func(tx *db.Tx) error {
		return centres.Set(h.ctx, tx, who, centres.Setting{Office: h.clerk.Office, Hours: hours})
	}); err != nil {
		return err
	}
	for _, k := range desks(h.clerk.Organisation) {
		k.Office = h.clerk.Office
		if err := h.write(func(tx *db.Tx) error {
			id, err := centres.SetUp(h.ctx, tx, who, k)
			h.counters = append(h.counters[:k.Number-1], id)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// days lets people come on working days before now, and today.
func (h *hall) days(now time.Time) error {
	for back := daysOpen; back >= 1; back-- {
		day := h.today.Add(-back)
		worked := false
		if err := h.d.Read(h.ctx, func(q db.Reader) error {
			calendar, err := calendars.Now(h.ctx, q)
			worked = calendar.Working(day)
			return err
		}); err != nil {
			return err
		}
		for visit := range h.dice.between(leastVisits, mostVisits) {
			if !worked {
				break
			}
			if err := h.visit(hour(day, 9, 5+visit*25), true); err != nil {
				return err
			}
		}
	}
	for visit := range 6 { // who waits now, two of them called
		if err := h.visit(now.Add(time.Duration(visit-mostWaited)*h.minute), visit < 2); err != nil {
			return err
		}
	}
	return nil
}

// minuteOf is how long a minute of those who wait at a moment is: shorter soon after midnight, for who waits today came today.
func minuteOf(now time.Time) time.Duration {
	return min(time.Minute, now.Sub(dates.Of(now).Start())/mostWaited)
}

// visit lets one person come, and, if her turn comes, be served.
func (h *hall) visit(at time.Time, served bool) error {
	h.o.Clock.Set(at)
	drawing := centres.Drawing{Office: h.clerk.Office, Need: pick(h.dice, []string{"job", "training", "loan", "business", "talk", "documents"}), Women: false, First: h.dice.chance(0.1)}
	if drawing.Need == "talk" {
		drawing.Women = h.dice.chance(0.5)
	}
	if err := h.write(func(tx *db.Tx) error { _, err := centres.Draw(h.ctx, tx, h.clerk, drawing); return err }); err != nil || !served {
		return err
	}
	for _, k := range h.counters {
		var t centres.Ticket
		found := false
		h.o.Clock.Set(at.Add(time.Duration(h.dice.between(1, 6)) * h.minute))
		err := h.write(func(tx *db.Tx) (err error) {
			t, found, err = centres.Next(h.ctx, tx, h.clerk, centres.Calling{Office: h.clerk.Office, Counter: k})
			return err
		})
		if fault.KindOf(err) == fault.Conflict {
			continue // somebody sits there
		}
		if err != nil {
			return err
		}
		if found {
			return h.serve(t, h.o.Clock.Now())
		}
	}
	return nil
}

// serve lets who was called sit down, unless she does not come, and be done after some minutes; of today she sits there still.
func (h *hall) serve(t centres.Ticket, at time.Time) error {
	acts := []centres.Act{centres.Begin, centres.Finish}
	switch {
	case dates.Of(at) == h.today:
		acts = acts[:1]
	case h.dice.chance(0.08):
		acts = []centres.Act{centres.NoShow}
	}
	for n, act := range acts {
		h.o.Clock.Set(at.Add(time.Duration(n*h.dice.between(4, 18)) * time.Minute))
		if err := h.write(func(tx *db.Tx) error {
			_, err := centres.Do(h.ctx, tx, h.clerk, centres.Acting{Office: h.clerk.Office, Ticket: t.ID, Act: act})
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// book gives people of the clerk's live cases appointments.
func (h *hall) book(now time.Time, n int) error {
	h.o.Clock.Set(now)
	var page cases.Page
	if err := h.d.Read(h.ctx, func(q db.Reader) (err error) {
		page, err = cases.List(h.ctx, q, h.clerk, cases.Filter{Worker: h.clerk.ID, Limit: n})
		return err
	}); err != nil {
		return err
	}
	for i, c := range page.Cases {
		past := i%3 == 0 && now.Sub(c.OpenedAt) > 20*24*time.Hour
		begin := now
		if past {
			begin = now.AddDate(0, 0, -h.dice.between(8, 14))
		}
		if err := h.meet(c, begin, past, now); err != nil {
			return err
		}
	}
	return nil
}

func (h *hall) meet(c cases.Case, from time.Time, past bool, now time.Time) error {
	h.o.Clock.Set(from)
	var a appointments.Appointment
	err := h.write(func(tx *db.Tx) error {
		free, err := appointments.Free(h.ctx, tx, h.clerk, appointments.Seeking{With: h.clerk.ID, Office: h.clerk.Office, Minutes: 30, From: from})
		if err != nil || len(free) == 0 {
			return err
		}
		a, err = appointments.Book(h.ctx, tx, h.clerk, appointments.Booking{Case: c.ID, With: h.clerk.ID, Office: h.clerk.Office, At: pick(h.dice, free), Minutes: 30,
			Purpose: pick(h.dice, []string{"job", "training", "business", "talk", "documents"})})
		return err
	})
	if fault.Of(err) != nil && fault.KindOf(err) == fault.Conflict {
		return nil // she has another then
	}
	if err != nil || !past || a.ID == "" || !a.Until.Before(now) {
		return err
	}
	h.o.Clock.Set(a.Until)
	act := appointments.Come
	if h.dice.chance(0.2) {
		act = appointments.Miss
	}
	return h.write(func(tx *db.Tx) error {
		_, err := appointments.Note(h.ctx, tx, h.clerk, appointments.Acting{Appointment: a.ID}, act)
		return err
	})
}
