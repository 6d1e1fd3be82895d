// SPDX-License-Identifier: Apache-2.0

package messages_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/messages"
	"fera/internal/worldtest"
)

// A gateway that is not to be had is asked again, ever later and not for ever; then somebody may send again what failed.
func TestTheGatewayIsAskedAgainAndNotForEver(t *testing.T) {
	each(t, func(w *world) {
		p := w.rahima(safe())
		id := w.send(messages.Message{Person: p, Kind: "please_call", With: map[string]any{"number": "16135"}, Until: w.clock.Now().AddDate(0, 1, 0)})
		w.wire.answer = messages.Later
		w.work()
		w.work()
		if len(w.wire.carried) != 1 {
			t.Fatalf("asked %d times at once", len(w.wire.carried))
		}
		for range 12 * 24 * 5 {
			w.clock.Move(5 * time.Minute)
			w.work()
		}
		w.want(p, id, messages.Failed, "message.failed.gateway")
		if got := len(w.wire.carried); got != 12 {
			t.Errorf("asked %d times, want 12", got)
		}
		var o messages.Overview
		w.read(func(q db.Reader) (err error) { o, err = messages.Look(t.Context(), q, worldtest.Chandra()); return err })
		if o.Counts[messages.Failed] != 1 || len(o.Failed) != 1 || o.Failed[0].Person != "" || o.Gates[0].Name != "wire" || o.Gates[0].Why != "message.gateway.later" || o.Gates[0].BadAt.IsZero() {
			t.Errorf("the overview: %+v", o)
		}
		w.wire.answer = messages.Taken
		w.write(func(tx *db.Tx) error { _, err := messages.RepeatAll(t.Context(), tx, worldtest.Chandra()); return err })
		w.work()
		w.want(p, id, messages.Sent, "")
	})
}

// A gateway that is told and does not answer is told once more, and then somebody has to look.
func TestWhatIsNotKnownIsTriedOnceMore(t *testing.T) {
	each(t, func(w *world) {
		p := w.rahima(safe())
		id := w.call(p)
		w.wire.answer = messages.Unsure
		for range 100 {
			w.work()
			w.clock.Move(time.Minute)
		}
		w.want(p, id, messages.Failed, "message.failed.unsure")
		if got := len(w.wire.carried); got != 2 {
			t.Errorf("told %d times, want 2", got)
		}
	})
}

// What the gateway refuses is not tried again.
func TestWhatIsRefusedIsOver(t *testing.T) {
	each(t, func(w *world) {
		p := w.rahima(safe())
		id := w.call(p)
		w.wire.answer = messages.Refused
		w.work()
		w.clock.Move(time.Hour)
		w.work()
		w.want(p, id, messages.Failed, "message.failed.refused")
		if len(w.wire.carried) != 1 {
			t.Errorf("told %d times", len(w.wire.carried))
		}
	})
}

// A process that is killed with a message in its hand is overtaken after its time, once; what it writes afterwards counts no more.
func TestKilledInTheMiddle(t *testing.T) {
	each(t, func(w *world) {
		p := w.rahima(safe())
		id := w.call(p)
		ctx, kill := context.WithCancel(t.Context())
		dead := messages.NewSender(w.d, messages.Options{Gateway: &dying{kill}, Holder: "dead"})
		died := make(chan struct{})
		go func() {
			defer close(died)
			defer func() { recover() }()
			dead.Work(ctx)
		}()
		<-died
		w.want(p, id, messages.Sending, "")
		w.work()
		if len(w.wire.carried) != 0 {
			t.Fatal("taken over while the other may be alive")
		}
		w.clock.Move(3 * time.Minute)
		w.work()
		w.want(p, id, messages.Sent, "")

		second := w.call(p) // killed twice: nobody knows, and it is not sent a third time
		for range 2 {
			func() {
				defer func() { recover() }()
				dead.Work(t.Context())
			}()
			w.clock.Move(3 * time.Minute)
		}
		w.work()
		w.want(p, second, messages.Failed, "message.failed.unsure")
		if len(w.wire.carried) != 1 {
			t.Errorf("carried %d, want 1", len(w.wire.carried))
		}
	})
}

// dying is a gateway under which the process ends.
type dying struct{ kill func() }

// Name implements messages.Gateway.
func (*dying) Name() string { return "dying" }

// Ways implements messages.Gateway.
func (*dying) Ways() []string { return []string{messages.SMS} }

// Carry implements messages.Gateway.
func (d *dying) Carry(context.Context, messages.Outgoing) (messages.Outcome, error) {
	d.kill()
	panic("killed")
}

// Several senders at once carry each message once.
func TestSeveralSendersCarryOnce(t *testing.T) {
	each(t, func(w *world) {
		const many = 24
		for range many {
			w.call(w.rahima(safe()))
		}
		var group sync.WaitGroup
		for _, name := range []string{"a", "b", "c"} {
			s := messages.NewSender(w.d, messages.Options{Gateway: w.wire, Holder: name})
			group.Go(func() {
				for idle := 0; idle < 3; {
					n, err := s.Work(context.Background())
					if err != nil {
						t.Error(err)
						return
					}
					if n == 0 {
						idle++
					}
				}
			})
		}
		group.Wait()
		times := map[messages.ID]int{}
		for _, o := range w.wire.carried {
			times[o.ID]++
		}
		if len(times) != many || len(w.wire.carried) != many {
			t.Errorf("%d messages were carried %d times, want %d once each", len(times), len(w.wire.carried), many)
		}
	})
}

// What the program sends itself is looked after where the case is, or where she was registered.
func TestWhoLooksAfterWhatTheProgramSends(t *testing.T) {
	each(t, func(w *world) {
		with, without := w.rahima(safe()), w.rahima(safe())
		c := w.opened(with)
		for _, m := range []messages.Message{{Person: with, Case: c}, {Person: without}} {
			m.Kind, m.With = "please_call", map[string]any{"number": "16135"}
			if _, err := w.try(messages.Program(), m); err != nil {
				t.Fatal(err)
			}
		}
		w.read(func(q db.Reader) error {
			chandra, err := messages.Look(t.Context(), q, worldtest.Chandra())
			if chandra.Counts[messages.Waiting] != 2 {
				t.Errorf("Chandra sees %v", chandra.Counts)
			}
			return err
		})
	})
}

// Without a gateway everything waits, and nothing is tried; what makes no sense any more ends.
func TestWithoutAGatewayMessagesWait(t *testing.T) {
	each(t, func(w *world) {
		p := w.rahima(safe())
		id := w.call(p)
		w.sender = messages.NewSender(w.d, messages.Options{Holder: "none"})
		w.clock.Move(time.Minute)
		if err := w.sender.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.work()
		w.want(p, id, messages.Waiting, "")
		w.read(func(q db.Reader) error {
			o, err := messages.Look(t.Context(), q, worldtest.Farid())
			if o.Gates[0].Name != "none" || o.Oldest.IsZero() || o.Counts[messages.Waiting] != 1 {
				t.Errorf("the overview: %+v", o)
			}
			return err
		})
		w.clock.Move(8 * 24 * time.Hour)
		w.work()
		w.want(p, id, messages.Held, "message.held.late")
	})
}

// Who manages messages sends again what failed at her own offices; who works with her also what was held. Nobody else.
func TestRepeat(t *testing.T) {
	each(t, func(w *world) {
		unasked := safe()
		unasked.Safety, unasked.Ways = "unasked", nil
		p, q := w.rahima(unasked), w.rahima(safe())
		held, failed := w.call(p), w.call(q)
		w.wire.answer = messages.Refused
		w.work()
		again := func(id messages.ID, kind fault.Kind, key string) {
			t.Helper()
			for name, try := range map[string]error{
				"Basil": w.d.Write(t.Context(), func(tx *db.Tx) error { return messages.Repeat(t.Context(), tx, worldtest.Basil(), id) }),
				"Harun": w.d.Write(t.Context(), func(tx *db.Tx) error { return messages.Repeat(t.Context(), tx, worldtest.Harun(), id) }),
			} {
				if fault.KindOf(try) != kind || fault.Of(try).Key != key {
					t.Errorf("%s: %v, want %s", name, try, key)
				}
			}
		}
		again(held, fault.NotFound, "message.not_found")
		again(failed, fault.NotFound, "message.not_found")
		if err := w.d.Write(t.Context(), func(tx *db.Tx) error { return messages.Repeat(t.Context(), tx, worldtest.Farid(), held) }); fault.KindOf(err) != fault.NotFound {
			t.Errorf("the administrator, of what was held: %v", err)
		}
		w.write(func(tx *db.Tx) error { return messages.Repeat(t.Context(), tx, worldtest.Farid(), failed) })
		w.write(func(tx *db.Tx) error { return messages.Repeat(t.Context(), tx, worldtest.Amina(), held) })
		w.wire.answer = messages.Taken
		w.work()
		w.want(q, failed, messages.Sent, "")
		w.want(p, held, messages.Held, "call.no.unasked") // the rule is asked anew
		if err := w.d.Write(t.Context(), func(tx *db.Tx) error { return messages.Repeat(t.Context(), tx, worldtest.Amina(), failed) }); fault.Of(err).Key != "message.not_repeatable" {
			t.Errorf("what left: %v", err)
		}
	})
}

// After a month nothing is left of what a message was made of.
func TestSweep(t *testing.T) {
	each(t, func(w *world) {
		p := w.rahima(safe())
		w.call(p)
		waits := w.send(messages.Message{Person: p, Kind: "please_call", With: map[string]any{"number": "16135"}, Due: w.clock.Now().AddDate(0, 3, 0)})
		w.work()
		w.clock.Move(31 * 24 * time.Hour)
		if err := messages.Sweep(t.Context(), w.d); err != nil {
			t.Fatal(err)
		}
		w.read(func(q db.Reader) error {
			var ids []string
			rows, err := q.Query(t.Context(), `SELECT id FROM messages WHERE sealed IS NOT NULL`)
			ids, err = db.Collect(rows, err, func(r interface{ Scan(...any) error }) (s string, err error) { err = r.Scan(&s); return s, err })
			if strings.Join(ids, " ") != string(waits) {
				t.Errorf("sealed is left of %v, want of the one that waits", ids)
			}
			return err
		})
	})
}
