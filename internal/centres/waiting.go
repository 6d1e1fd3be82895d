// SPDX-License-Identifier: Apache-2.0

package centres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
)

// How far back visits are measured, and how many of them.
const (
	measuredDays = 28
	mostMeasured = 2000      // the latest, of all counters together
	atWork       = time.Hour // who called nobody for so long is not at work
)

// hall is all that a centre knows of its day.
type hall struct {
	all      []Ticket
	counters []Counter
	measured measures
}

func hallOf(ctx context.Context, q db.Reader, office string) (h hall, err error) {
	if h.counters, err = counters(ctx, q, office); err != nil {
		return h, err
	}
	if h.all, err = today(ctx, q, office); err != nil {
		return h, err
	}
	h.measured, err = measure(ctx, q, h.all, h.counters)
	return h, err
}

// Wait estimates how long somebody waits with a ticket of today. For one that was not drawn yet its ID is empty.
func Wait(ctx context.Context, q db.Reader, who access.Actor, t Ticket) (Estimate, error) {
	if _, err := Find(ctx, q, who, t.Office); err != nil {
		return Estimate{}, err
	}
	h, err := hallOf(ctx, q, t.Office)
	return reckon(t, h.all, h.counters, h.measured), err
}

// Waits estimates how long each waits who waits at a centre now, by ticket. One whom no counter serves any more, because one was
// closed or changed, has no counters and nobody before her.
func Waits(ctx context.Context, q db.Reader, who access.Actor, office string) (map[string]Estimate, error) {
	if _, err := Find(ctx, q, who, office); err != nil {
		return nil, err
	}
	h, err := hallOf(ctx, q, office)
	if err != nil {
		return nil, err
	}
	each := map[string]Estimate{}
	for _, t := range h.all {
		if t.State == Waiting {
			each[t.ID] = reckon(t, h.all, h.counters, h.measured)
		}
	}
	return each, nil
}

// Stranded tells whether no counter serves a ticket any more.
func Stranded(t Ticket, counters []Counter) bool {
	return !slices.ContainsFunc(counters, func(c Counter) bool { return c.Serves(t) })
}

// measure reads what visits took at some counters lately, and which of them are at work.
func measure(ctx context.Context, q db.Reader, all []Ticket, counters []Counter) (measures, error) {
	m := measures{map[string][]time.Duration{}, map[string]bool{}, map[string]Ticket{}}
	for _, t := range all {
		if t.Counter == "" {
			continue
		}
		if q.Now().Sub(t.CalledAt) < atWork || !t.EndedAt.IsZero() && q.Now().Sub(t.EndedAt) < atWork {
			m.Active[t.Counter] = true
		}
		if t.State == Called || t.State == AtDesk {
			m.Active[t.Counter], m.Queue[t.Counter] = true, t
		}
	}
	args := []any{}
	for _, c := range counters {
		args = append(args, c.ID)
	}
	type visit struct {
		counter string
		took    time.Duration
	}
	rows, err := q.Query(ctx, `SELECT t.counter_id, t.begun_at, t.ended_at FROM centre_tickets t WHERE t.counter_id IN `+db.In(len(args))+` AND t.state = 'done' AND t.day >= ?
		AND t.begun_at IS NOT NULL ORDER BY t.day DESC, t.ended_at DESC LIMIT ?`, append(args, dates.Of(q.Now()).Add(1-measuredDays).String(), mostMeasured)...)
	visits, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v visit, err error) {
		var begun, ended time.Time
		err = r.Scan(&v.counter, db.Time(&begun), db.Time(&ended))
		v.took = ended.Sub(begun)
		return v, err
	})
	if err != nil {
		return m, fmt.Errorf("measure visits: %w", err)
	}
	for _, v := range visits {
		m.Took[v.counter] = append(m.Took[v.counter], v.took)
	}
	return m, nil
}

// Shown is one line of a wall screen: a number, and the counter to which it is called.
type Shown struct {
	Code    string
	Counter int
	Fresh   bool // called just now
}

// Line is one letter of a wall screen: how many wait, and how long who comes now is likely to wait.
type Line struct {
	Letter  string
	Waiting int
	Wait    Estimate
}

// Wall is what a wall screen shows: numbers and counters, and nothing else.
type Wall struct {
	NameBn, NameEn string
	At             time.Time
	Called         []Shown // the latest call first
	Lines          []Line
}

// How long a call is fresh, and how many a wall holds.
const (
	fresh      = 45 * time.Second
	mostCalled = 8
)

// OnWall reads what the wall screen of a centre shows to whoever has its key.
func OnWall(ctx context.Context, q db.Reader, office, key string) (Wall, error) {
	c, err := byKey(ctx, q, office, key)
	if err != nil {
		return Wall{}, err
	}
	h, err := hallOf(ctx, q, office)
	if err != nil {
		return Wall{}, err
	}
	w := Wall{NameBn: c.Office.Name("bn"), NameEn: c.Office.Name("en"), At: q.Now()}
	w.called(h.all, h.counters)
	w.wait(h)
	return w, nil
}

func (w *Wall) called(all []Ticket, counters []Counter) {
	called := slices.DeleteFunc(slices.Clone(all), func(t Ticket) bool { return t.State != Called && t.State != AtDesk })
	slices.SortFunc(called, func(a, b Ticket) int { return b.CalledAt.Compare(a.CalledAt) })
	for _, t := range called[:min(len(called), mostCalled)] {
		s := Shown{Code: t.Code(), Fresh: t.State == Called && w.At.Sub(t.CalledAt) < fresh}
		if i := slices.IndexFunc(counters, func(c Counter) bool { return c.ID == t.Counter }); i >= 0 {
			s.Counter = counters[i].Number
		}
		w.Called = append(w.Called, s)
	}
}

// wait reckons for each letter how long who comes now waits at the counters that have it.
func (w *Wall) wait(h hall) {
	var letters []string
	for _, c := range h.counters {
		letters = append(letters, c.Letter)
	}
	for _, letter := range sorted(letters) {
		l := Line{Letter: letter}
		for _, t := range h.all {
			if t.State == Waiting && t.Letter == letter {
				l.Waiting++
			}
		}
		l.Wait = reckonLetter(l.Waiting, slices.DeleteFunc(slices.Clone(h.counters), func(c Counter) bool { return c.Letter != letter }), h.measured)
		w.Lines = append(w.Lines, l)
	}
}

// reckonLetter reckons as reckon does, for somebody who comes after all who wait with a letter.
func reckonLetter(waiting int, of []Counter, m measures) Estimate {
	open := make([]Counter, len(of))
	for i, c := range of {
		open[i] = Counter{ID: c.ID} // whatever she needs
	}
	all := make([]Ticket, waiting)
	for i := range all {
		all[i] = Ticket{ID: strings.Repeat("-", i+1), State: Waiting}
	}
	return reckon(Ticket{ArrivedAt: time.Unix(1<<40, 0)}, all, open, m)
}
