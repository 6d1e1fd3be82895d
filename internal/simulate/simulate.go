// SPDX-License-Identifier: Apache-2.0

// Package simulate fills a register with people who do not exist, through the
// same acts as a clerk: so the rights, the sealing, the trail and the index are
// the real ones.
//
// The same seed gives the same people. What they are made of, how far it can be
// trusted and how to tell them from real ones is in data/PROVENANCE.md.
package simulate

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/geo"
	"fera/internal/index"
	"fera/internal/persons"
	"fera/internal/simulated"
)

// Caseload says whom an office meets, which decides how many are women.
type Caseload string

// The caseloads, as the published figures tell them apart.
const (
	Mixed        Caseload = "all registered, mixed caseload"
	Airport      Caseload = "airport desk"
	WomensCentre Caseload = "women-focused CSO project"
)

// Manikganj is the district that is simulated when none is named.
const Manikganj = "3056"

// Everywhere stands for the whole country in Options.District.
const Everywhere = "all"

// Options say how many people, where and by whom.
type Options struct {
	Persons  int
	Seed     uint64
	District string         // code of a district, Manikganj when empty, or Everywhere
	Caseload Caseload       // Mixed when empty
	Clerks   []access.Actor // who registers them, in turn
	Lean     bool           // only name, sex, birth, home, one contact and consent, for measuring
	Today    dates.Partial  // the day from which ages and journeys count back; Fill takes the database's when empty
	Progress func(done, total int)

	Clock    *Clock         // of the database, when people are to be registered on the day on which they were met; nil for now
	Deciders []access.Actor // who gives cases out and decides about them; see Work
}

// Simulated is one registration, with what the same office adds to it later.
type Simulated struct {
	Clerk        int // index into Options.Clerks
	Registration persons.Registration
	Later        []persons.Amendment // without Person and Version
}

// atOnce is how many people one transaction registers. With more, SQLite takes
// longer for each; with fewer, the disk does.
const atOnce = 60

// indexEvery is after how many people they are entered in the index of names.
const indexEvery = index.Bulk

// Fill registers simulated people. It can run beside a server; who stops it
// keeps the people registered so far.
func Fill(ctx context.Context, d *db.DB, o Options) error {
	if o.Today.IsZero() {
		o.Today = dates.Of(d.Now())
	}
	people, err := Draw(o)
	if err != nil {
		return err
	}
	if err := simulated.Mark(ctx, d); err != nil {
		return err
	}
	now := d.Now()
	if o.Clock != nil {
		people = byDay(people, o.Today)
		defer o.Clock.Set(now)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	batches := make(chan batch, 2)
	go o.prepare(ctx, people, batches)
	done := 0
	for b := range batches {
		if o.Clock != nil && len(b.people) > 0 {
			o.Clock.Set(earlier(hour(metOn(b.people[0].Registration, o.Today), 10, done%400), now))
		}
		if b.err == nil {
			b.err = d.Write(ctx, func(tx *db.Tx) error { return enter(ctx, tx, o.Clerks, b.people) })
		}
		if b.err != nil {
			return fmt.Errorf("simulate: %w", b.err)
		}
		if done += len(b.people); done/indexEvery > (done-len(b.people))/indexEvery {
			if _, err := index.Settle(ctx, d, index.Bulk); err != nil {
				return fmt.Errorf("simulate: %w", err)
			}
		}
		if o.Progress != nil {
			o.Progress(done, o.Persons)
		}
	}
	if _, err := index.Settle(ctx, d, index.Bulk); err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	return ctx.Err()
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// batch is what one transaction registers, all of it on one day when the days count.
type batch struct {
	people []Simulated
	err    error
}

// prepare thinks people up, and does what work on them needs no database, while
// those before them are written.
func (o Options) prepare(ctx context.Context, people iter.Seq[Simulated], batches chan<- batch) {
	defer close(batches)
	send := func(b batch) bool {
		select {
		case batches <- b:
			return b.err == nil
		case <-ctx.Done():
			return false
		}
	}
	var b batch
	for s := range people {
		if n := len(b.people); o.Clock != nil && n > 0 && metOn(b.people[n-1].Registration, o.Today) != metOn(s.Registration, o.Today) {
			if !send(b) {
				return
			}
			b = batch{}
		}
		b.err = s.Registration.Ready(o.Today)
		if b.people = append(b.people, s); len(b.people) == atOnce || b.err != nil {
			if !send(b) {
				return
			}
			b = batch{}
		}
	}
	if len(b.people) > 0 {
		send(b)
	}
}

func enter(ctx context.Context, tx *db.Tx, clerks []access.Actor, batch []Simulated) error {
	for _, s := range batch {
		who := clerks[s.Clerk]
		id, err := persons.Register(ctx, tx, who, s.Registration)
		if err != nil {
			return err
		}
		for i, a := range s.Later {
			a.Person, a.Version = id, 1+i
			if err := persons.Change(ctx, tx, who, a); err != nil {
				return err
			}
		}
	}
	return nil
}

// Draw thinks up the people that Fill registers, one after the other.
func Draw(o Options) (iter.Seq[Simulated], error) {
	if len(o.Clerks) == 0 {
		return nil, errors.New("simulate: nobody is there to register them")
	}
	if o.District == "" {
		o.District = Manikganj
	}
	if o.Caseload == "" {
		o.Caseload = Mixed
	}
	if p, ok := geo.Find(o.District); o.District != Everywhere && (!ok || p.Kind != geo.District) {
		return nil, fmt.Errorf("simulate: %q is no district", o.District)
	}
	w := newWorld(o)
	return func(yield func(Simulated) bool) {
		for i := range o.Persons {
			if !yield(w.registration(i)) {
				return
			}
		}
	}, nil
}
