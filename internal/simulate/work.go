// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/persons"
)

// texts are what people say and write in the cases, in Bangla; made up.
type texts struct {
	Asks         []string            `json:"asks"`
	Notes        []string            `json:"notes"`
	PrivateNotes []string            `json:"private_notes"`
	Tasks        []string            `json:"tasks"`
	Ratings      map[string][]string `json:"ratings"`
	Goals        []goal              `json:"goals"`
	Remarks      []string            `json:"remarks"`
	Details      []string            `json:"details"`
	Sessions     []string            `json:"sessions"`
	Ended        []string            `json:"ended"`
	Found        []string            `json:"found"`
	PutOff       []string            `json:"put_off"`
	Pauses       []string            `json:"pauses"`
	Money        []string            `json:"money"`
	Refusals     []string            `json:"refusals"`
	Closings     []string            `json:"closings"`
	Reopenings   []string            `json:"reopenings"`
}

// goal is a goal as people put it, with the steps to it.
type goal struct {
	Dimension string `json:"dimension"`
	Level     string `json:"level"`
	Words     string `json:"words"`
	Steps     []struct {
		What    string `json:"what"`
		Who     string `json:"who"`
		Days    int    `json:"days"` // after the plan was drawn
		Service string `json:"service"`
	} `json:"steps"`
}

var said = sync.OnceValue(func() (t texts) {
	file, err := data.ReadFile("data/casework.json")
	if err == nil {
		err = json.Unmarshal(file, &t)
	}
	if err != nil {
		panic(fmt.Sprintf("simulate: casework.json: %v", err))
	}
	return t
})

// Work opens cases of simulated people and carries them on until now, through the acts of those who met them and of
// o.Deciders: some are new, some late, some closed. The database goes by o.Clock. Who stops it keeps the cases so far.
func Work(ctx context.Context, d *db.DB, o Options, n int) error {
	if o.Clock == nil {
		return errors.New("simulate: casework needs a clock that can be moved")
	}
	now := d.Now()
	defer o.Clock.Set(now)
	if o.Today.IsZero() {
		o.Today = dates.Of(now)
	}
	met, err := o.met(ctx, d)
	if err != nil {
		return fmt.Errorf("simulate casework: %w", err)
	}
	w := &world{Options: o}
	for i := range min(n, len(met)) {
		chance := w.throw(i, whatIsDone)
		// Most are of those whom offices met lately.
		back := chance.Float64()
		at := len(met) - 1 - int(back*back*float64(len(met)))
		l := &life{ctx: ctx, d: d, o: o, dice: chance, until: now, her: met[at]}
		met = slices.Delete(met, at, at+1)
		if err := l.live(); err != nil {
			return fmt.Errorf("simulate casework: %w", err)
		}
		if o.Progress != nil {
			o.Progress(i+1, n)
		}
	}
	o.Clock.Set(now.Add(-3 * 24 * time.Hour))
	return o.haveRead(ctx, d)
}

// meeting is somebody whom a clerk met.
type meeting struct {
	clerk access.Actor
	id    persons.ID
	at    time.Time
}

// met are the people whom those met who may open cases, in the order in which they were registered.
func (o Options) met(ctx context.Context, d *db.DB) (all []meeting, err error) {
	known := map[persons.ID]bool{}
	for _, clerk := range o.Clerks {
		if !clerk.Holds(access.OpenCase) {
			continue
		}
		for after := persons.ID(""); ; {
			var page persons.Page
			if err := d.Read(ctx, func(q db.Reader) (err error) {
				page, err = persons.List(ctx, q, clerk, persons.Filter{Limit: 200, After: after})
				return err
			}); err != nil {
				return nil, err
			}
			for _, c := range page.Cards {
				if !known[c.ID] {
					known[c.ID] = true
					all = append(all, meeting{clerk, c.ID, c.RegisteredAt})
				}
			}
			if after = page.Next; after == "" {
				break
			}
		}
	}
	slices.SortFunc(all, func(a, b meeting) int { return a.at.Compare(b.at) })
	return all, nil
}

// haveRead lets everybody have read what she was told until some days ago.
func (o Options) haveRead(ctx context.Context, d *db.DB) error {
	for _, who := range append(slices.Clone(o.Clerks), o.Deciders...) {
		if err := d.Write(ctx, func(tx *db.Tx) error { return accounts.MarkRead(ctx, tx, who) }); err != nil {
			return err
		}
	}
	return nil
}
