// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/persons"
	"fera/internal/timeline"
)

// deskBar is what each page of the desk has to be read within.
const deskBar = 100 * time.Millisecond

// desk measures what the pages of casework read, each in a snapshot of its own as a page does: without HTTP and drawing.
func desk(ctx context.Context, o options, s store, t *table, d *db.DB) error {
	supervisor := access.Actor{ID: "00000000-0000-7000-8000-999999000001", Name: "Bench", Office: s.Offices[0], Organisation: s.Organisation}
	supervisor.Grant(access.Supervisor, access.OfOrganisation(s.Organisation))
	middle, err := s.middle(ctx, d)
	if err != nil {
		return err
	}
	for _, k := range []struct {
		what string
		read func(q db.Reader, n int) error
	}{
		{"my day of a caseworker", func(q db.Reader, n int) error {
			office := n % len(s.Offices)
			return day(ctx, q, s.caseworker(office, worker(office, n*7%workersOfOffice)), cases.Filter{})
		}},
		{"my day of a supervisor, with what nobody has", func(q db.Reader, n int) error {
			return day(ctx, q, supervisor, cases.Filter{Worker: cases.Nobody, Office: s.Offices[n%len(s.Offices)]})
		}},
		{"board of an office", func(q db.Reader, n int) error {
			loads, err := cases.Board(ctx, q, supervisor, s.Offices[n%len(s.Offices)], q.Now().AddDate(0, 0, -30))
			return some(len(loads), err)
		}},
		{"timeline of a person with 1,000 entries", func(q db.Reader, n int) error {
			ask := timeline.Ask{Person: persons.ID(s.Lived), Limit: 40}
			if n%2 == 1 {
				ask.Before = middle
			}
			p, err := timeline.List(ctx, q, s.caseworker(0, "00000000-0000-7000-8000-999999000000"), ask)
			return some(len(p.Entries), err)
		}},
	} {
		t.say("%s, %s", k.what, d.Engine())
		n := 0
		f := load(1, o.lasts/2, func(int, int) error {
			n++
			return d.Read(ctx, func(q db.Reader) error { return k.read(q, n) })
		})
		t.add(fmt.Sprintf("%s, %d open cases, %s", k.what, s.Cases, d.Engine()), spread(f), "p95 under "+ms(deskBar), f.p95 < deskBar && f.failed == 0)
	}
	return nil
}

// day reads what the first page of the morning shows: what is due first, what is to be done, what is to be decided.
func day(ctx context.Context, q db.Reader, who access.Actor, f cases.Filter) error {
	if f.Worker == "" {
		f.Worker = who.ID
	}
	p, err := cases.List(ctx, q, who, f)
	if err := some(len(p.Cases), err); err != nil {
		return err
	}
	if _, err := cases.Tasks(ctx, q, who, 50); err != nil {
		return err
	}
	_, err = cases.ToDecide(ctx, q, who, 50)
	return err
}

// some fails when there was nothing, which is read too fast.
func some(n int, err error) error {
	if err == nil && n == 0 {
		return fmt.Errorf("nothing was there")
	}
	return err
}

// middle is a place in the middle of the long life.
func (s store) middle(ctx context.Context, d *db.DB) (at timeline.Place, err error) {
	who := s.caseworker(0, "00000000-0000-7000-8000-999999000000")
	for range entriesOfOneLife / 200 {
		if err := d.Read(ctx, func(q db.Reader) error {
			p, err := timeline.List(ctx, q, who, timeline.Ask{Person: persons.ID(s.Lived), Limit: 100, Before: at})
			at = p.Next
			return err
		}); err != nil {
			return at, err
		}
	}
	return at, nil
}

// onSQLiteDesk fills the casework and measures it where it lies.
func onSQLiteDesk(ctx context.Context, o options, s *store, t *table) error {
	if err := casework(ctx, o, s, t); err != nil {
		return err
	}
	d, err := openStore(ctx, o.dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return desk(ctx, o, *s, t, d)
}
