// SPDX-License-Identifier: Apache-2.0

package centres_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"fera/internal/audit"
	"fera/internal/centres"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/fault"
	"fera/internal/worldtest"
)

// Eight counters call at the same moment, again and again: nobody is called to two of them, nobody is left out, and no number is given
// twice.
func TestTwoCountersNeverCallTheSame(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const desks, people = 8, 24
		k := centre(t, d, make([]centres.Counter, desks)...)
		amina := worldtest.Amina()
		var wg sync.WaitGroup
		var mu sync.Mutex
		drawn, called := map[string]int{}, map[string]int{}
		persist := func(fn func() error) {
			for range 200 { // PostgreSQL may give up after a dozen tries; a worker presses the button again
				err := fn()
				if err == nil {
					return
				}
				if fault.KindOf(err) == fault.Conflict {
					t.Errorf("refused: %v", err)
					return
				}
			}
			t.Error("two hundred tries were not enough")
		}
		for range people {
			wg.Go(func() {
				persist(func() error {
					var c centres.Ticket
					err := d.Write(t.Context(), func(tx *db.Tx) (err error) {
						c, err = centres.Draw(t.Context(), tx, amina, centres.Drawing{Office: office, Need: "job"})
						return err
					})
					if err == nil {
						mu.Lock()
						drawn[c.Code()]++
						mu.Unlock()
					}
					return err
				})
			})
		}
		wg.Wait()
		for _, desk := range k {
			wg.Go(func() {
				for range people/desks + 1 {
					persist(func() error {
						var c centres.Ticket
						var found bool
						err := d.Write(t.Context(), func(tx *db.Tx) (err error) {
							c, found, err = centres.Next(t.Context(), tx, amina, centres.Calling{Office: office, Counter: desk, Finish: true})
							if err != nil || !found {
								return err
							}
							_, err = centres.Do(t.Context(), tx, amina, centres.Acting{Office: office, Ticket: c.ID, Act: centres.Begin})
							return err
						})
						if err == nil && found {
							mu.Lock()
							called[c.ID]++
							mu.Unlock()
						}
						return err
					})
				}
			})
		}
		wg.Wait()
		if len(drawn) != people || len(called) != people {
			t.Errorf("%d numbers were given and %d called, want %d", len(drawn), len(called), people)
		}
		for id, n := range called {
			if n != 1 {
				t.Errorf("ticket %s was called %d times", id, n)
			}
		}
	})
}

// world is what a random history knows of the queue, kept by itself.
type world struct {
	t     *testing.T
	d     *db.DB
	desks []centres.Counter
	all   map[string]centres.Ticket
}

// fair finds somebody whom a call should have taken instead, if there is one.
func (w *world) fair(k centres.Counter, got centres.Ticket) error {
	for _, o := range w.all {
		serves := o.Only == k.ID || o.Only == "" && k.Meets(o.Need) && k.Speaks(o.Language) && (k.Women || !o.Women)
		if o.State != centres.Waiting || o.ID == got.ID || !serves {
			continue
		}
		if got.ID == "" {
			return fmt.Errorf("nobody was called, and %s waits", o.Code())
		}
		if o.First && !got.First || o.First == got.First && o.ArrivedAt.Before(got.ArrivedAt) {
			return fmt.Errorf("%s was called before %s", got.Code(), o.Code())
		}
	}
	return nil
}

// Random histories of a day: whatever is done in whatever order, calls are fair, a counter has one person at a time, nobody moves in the
// queue, and when the day is over each has come to one end.
func TestRandomDaysAreFair(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		const days, steps = 4, 120
		k := centre(t, d, centres.Counter{Needs: []string{"job", "health"}}, centres.Counter{Needs: []string{"health", "loan"}, Letter: "B"}, centres.Counter{Women: true, Languages: []string{"syl"}, Letter: "C"})
		r, amina := chance(t, 44), worldtest.Amina()
		w := &world{t: t, d: d, all: map[string]centres.Ticket{}}
		reading(t, d, func(ctx context.Context, q db.Reader) (err error) {
			w.desks, err = centres.Counters(ctx, q, amina, office)
			return err
		})
		clock.Move(-9 * time.Hour) // nine in the morning in Dhaka, so that no day of the history crosses midnight
		for day := range days {
			for range steps {
				clock.Move(time.Duration(1+r.IntN(90)) * time.Second)
				switch r.IntN(3) {
				case 0:
					c := draw(t, d, amina, centres.Drawing{Need: pick(r.IntN, "job", "health", "loan"), Language: pick(r.IntN, "bn", "bn", "syl"), Women: r.IntN(4) == 0, First: r.IntN(5) == 0})
					w.all[c.ID] = c
				case 1:
					w.call(w.desks[r.IntN(len(w.desks))], r.IntN(2) == 0)
				default:
					w.act(r.IntN, k)
				}
				w.holds()
			}
			clock.Move(24*time.Hour - clock.Now().Sub(dbtest.Noon.Add(-9*time.Hour+time.Duration(day)*24*time.Hour)))
			if _, err := centres.Upkeep(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			w.ended(day)
			w.all = map[string]centres.Ticket{}
		}
	})
}

func pick(n func(int) int, of ...string) string { return of[n(len(of))] }

func (w *world) call(k centres.Counter, finish bool) {
	w.t.Helper()
	busy := centres.Ticket{}
	for _, o := range w.all {
		if o.Counter == k.ID && (o.State == centres.Called || o.State == centres.AtDesk) {
			busy = o
		}
	}
	var got centres.Ticket
	err := w.d.Write(w.t.Context(), func(tx *db.Tx) (err error) {
		got, _, err = centres.Next(w.t.Context(), tx, worldtest.Amina(), centres.Calling{Office: office, Counter: k.ID, Finish: finish})
		return err
	})
	if busy.ID != "" && !(finish && busy.State == centres.AtDesk) {
		refused(w.t, err, "centre.counter_busy")
		return
	}
	if err != nil {
		w.t.Fatal(err)
	}
	if busy.ID != "" {
		busy.State = centres.Done
		w.all[busy.ID] = busy
	}
	if err := w.fair(k, got); err != nil {
		w.t.Error(err)
	}
	if got.ID != "" {
		if before := w.all[got.ID]; before.State != centres.Waiting {
			w.t.Errorf("%s was called while %s", got.Code(), before.State)
		}
		w.all[got.ID] = got
	}
}

// act does anything with anybody, and wants it done or refused as Possible says.
func (w *world) act(n func(int) int, counters []string) {
	w.t.Helper()
	if len(w.all) == 0 {
		return
	}
	at := n(len(w.all))
	var one centres.Ticket
	for _, o := range queue(w.t, w.d) {
		if at--; at < 0 {
			one = o
			break
		}
	}
	act := centres.Acts()[n(len(centres.Acts()))]
	got, err := tryDo(w.t, w.d, worldtest.Amina(), centres.Acting{Ticket: one.ID, Act: act, To: counters[n(len(counters))]})
	possible := false
	for _, a := range one.Possible() {
		possible = possible || a == act
	}
	switch {
	case err != nil && key(err) == "centre.send_where":
	case possible != (err == nil):
		w.t.Errorf("%s of one who is %s: %v, possible %t", act, one.State, err, possible)
	case err == nil:
		if !got.ArrivedAt.Equal(one.ArrivedAt) || got.Number != one.Number {
			w.t.Errorf("%s moved %s in the queue", act, one.Code())
		}
		w.all[one.ID] = got
	}
}

// holds makes sure that what is kept is what the history says, and that no counter has two.
func (w *world) holds() {
	w.t.Helper()
	at := map[string]string{}
	kept := queue(w.t, w.d)
	if len(kept) != len(w.all) {
		w.t.Errorf("%d tickets are kept, want %d", len(kept), len(w.all))
	}
	for _, o := range kept {
		if want := w.all[o.ID]; want.State != o.State || want.Only != o.Only {
			w.t.Errorf("%s is %s, want %s", o.Code(), o.State, want.State)
		}
		if o.State == centres.Called || o.State == centres.AtDesk {
			if at[o.Counter] != "" {
				w.t.Errorf("%s and %s are at one counter", at[o.Counter], o.Code())
			}
			at[o.Counter] = o.Code()
		}
	}
}

// ended makes sure that each of a day that is over has come to one end, and that each step is in the trail.
func (w *world) ended(day int) {
	w.t.Helper()
	reading(w.t, w.d, func(ctx context.Context, q db.Reader) error {
		for id := range w.all {
			o, err := centres.FindTicket(ctx, q, worldtest.Amina(), office, id)
			if err != nil {
				return err
			}
			if !o.State.Over() || o.EndedAt.IsZero() {
				w.t.Errorf("day %d: %s is still %s", day, o.Code(), o.State)
			}
		}
		lines, err := audit.List(ctx, q, audit.Filter{Act: "centre.serve", Limit: 1})
		if len(lines) == 0 {
			w.t.Error("the trail says nothing of the queue")
		}
		return err
	})
}

// The check of fairness can fail.
func TestFairnessCatches(t *testing.T) {
	early, late := time.Unix(1, 0), time.Unix(2, 0)
	k := centres.Counter{ID: "k"}
	a := centres.Ticket{ID: "a", Letter: "A", State: centres.Waiting, Need: "job", ArrivedAt: early}
	b := centres.Ticket{ID: "b", Letter: "A", State: centres.Called, Need: "job", ArrivedAt: late}
	w := &world{all: map[string]centres.Ticket{"a": a, "b": b}}
	if w.fair(k, b) == nil {
		t.Error("who came later is called first, and nobody minds")
	}
	b.First = true
	if err := w.fair(k, b); err != nil {
		t.Errorf("who goes first is called: %v", err)
	}
	if w.fair(k, centres.Ticket{}) == nil {
		t.Error("nobody is called although somebody waits, and nobody minds")
	}
}
