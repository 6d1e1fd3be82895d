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
	mostMeasured = 200
	atWork       = time.Hour // who called nobody for so long is not at work
)

// Wait estimates how long somebody waits with a ticket of today. For one that was not drawn yet its ID is empty.
func Wait(ctx context.Context, q db.Reader, who access.Actor, t Ticket) (Estimate, error) {
	if _, err := Find(ctx, q, who, t.Office); err != nil {
		return Estimate{}, err
	}
	k, err := counters(ctx, q, t.Office)
	if err != nil {
		return Estimate{}, err
	}
	all, err := today(ctx, q, t.Office)
	if err != nil {
		return Estimate{}, err
	}
	return estimate(ctx, q, t, all, k)
}

func estimate(ctx context.Context, q db.Reader, t Ticket, all []Ticket, counters []Counter) (Estimate, error) {
	mine := slices.DeleteFunc(slices.Clone(counters), func(c Counter) bool { return !c.Serves(t) })
	m, err := measure(ctx, q, all, mine)
	return Reckon(t, all, counters, m), err
}

// measure reads what visits took at some counters lately, and which of them are at work.
func measure(ctx context.Context, q db.Reader, all []Ticket, counters []Counter) (m Measured, err error) {
	m.Active, m.Queue = map[string]bool{}, map[string]Ticket{}
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
	rows, err := q.Query(ctx, `SELECT t.begun_at, t.ended_at FROM centre_tickets t WHERE t.counter_id IN `+db.In(len(args))+` AND t.state = 'done' AND t.day >= ? AND t.begun_at IS NOT NULL
		ORDER BY t.day DESC, t.ended_at DESC LIMIT ?`, append(args, dates.Of(q.Now()).Add(1-measuredDays).String(), mostMeasured)...)
	m.Took, err = db.Collect(rows, err, func(r interface{ Scan(...any) error }) (time.Duration, error) {
		var begun, ended time.Time
		err := r.Scan(db.Time(&begun), db.Time(&ended))
		return ended.Sub(begun), err
	})
	if err != nil {
		return m, fmt.Errorf("measure visits: %w", err)
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
	k, err := counters(ctx, q, office)
	if err != nil {
		return Wall{}, err
	}
	all, err := today(ctx, q, office)
	if err != nil {
		return Wall{}, err
	}
	w := Wall{NameBn: c.Office.Name("bn"), NameEn: c.Office.Name("en"), At: q.Now()}
	w.called(all, k)
	return w, w.wait(ctx, q, all, k)
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
func (w *Wall) wait(ctx context.Context, q db.Reader, all []Ticket, counters []Counter) error {
	var letters []string
	for _, c := range counters {
		letters = append(letters, c.Letter)
	}
	for _, letter := range sorted(letters) {
		l := Line{Letter: letter}
		for _, t := range all {
			if t.State == Waiting && t.Letter == letter {
				l.Waiting++
			}
		}
		of := slices.DeleteFunc(slices.Clone(counters), func(c Counter) bool { return c.Letter != letter })
		m, err := measure(ctx, q, all, of)
		if err != nil {
			return err
		}
		l.Wait = reckonLetter(l.Waiting, of, m)
		w.Lines = append(w.Lines, l)
	}
	return nil
}

// reckonLetter reckons as Reckon does, for somebody who comes after all who wait with a letter.
func reckonLetter(waiting int, of []Counter, m Measured) Estimate {
	open := make([]Counter, len(of))
	for i, c := range of {
		open[i] = Counter{ID: c.ID} // whatever she needs
	}
	all := make([]Ticket, waiting)
	for i := range all {
		all[i] = Ticket{ID: strings.Repeat("-", i+1), State: Waiting}
	}
	return Reckon(Ticket{ArrivedAt: time.Unix(1<<40, 0)}, all, open, m)
}
