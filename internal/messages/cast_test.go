// SPDX-License-Identifier: Apache-2.0

package messages_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/calls"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/messages"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

const (
	own   = "01712345678"
	his   = "01812345678"
	dial  = "+8801712345678"
	dials = "+8801812345678"
)

// wire is a gateway that keeps what it carried, and answers as it is told.
type wire struct {
	mu      sync.Mutex
	carried []messages.Outgoing
	answer  messages.Outcome
	hook    func()
}

// Name implements messages.Gateway.
func (*wire) Name() string { return "wire" }

// Ways implements messages.Gateway.
func (*wire) Ways() []string { return []string{messages.SMS, messages.Email} }

// Carry implements messages.Gateway.
func (w *wire) Carry(_ context.Context, o messages.Outgoing) (messages.Outcome, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.carried = append(w.carried, o)
	if w.hook != nil {
		w.hook()
	}
	if w.answer == "" || w.answer == messages.Taken {
		return messages.Taken, nil
	}
	return w.answer, errors.New("told so")
}

// world is a store with people to write to, and a sender.
type world struct {
	t      *testing.T
	d      *db.DB
	clock  *dbtest.Clock
	wire   *wire
	sender *messages.Sender
	seen   map[string]int
}

// each makes a world on both engines, at ten in the morning in Dhaka.
func each(t *testing.T, fn func(w *world)) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d)
		clock.Move(time.Date(2030, 5, 1, 4, 0, 0, 0, time.UTC).Sub(clock.Now()))
		w := &world{t: t, d: d, clock: clock, wire: &wire{}, seen: map[string]int{}}
		w.sender = w.sends("one")
		if err := w.sender.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		fn(w)
	})
}

func (w *world) sends(holder string) *messages.Sender {
	return messages.NewSender(w.d, messages.Options{Gateway: w.wire, Holder: holder, Reports: "https://fera.example.org/messages/dlr", Observe: func(s string) { w.seen[s]++ }})
}

// safe is a telephone of hers for short messages.
func safe() persons.Contact {
	return persons.Contact{Kind: "phone", Number: own, Owner: "own", Safety: "safe", Ways: []string{"call", "sms"}}
}

// rahima is registered with contacts, in Amina's care.
func (w *world) rahima(contacts ...persons.Contact) persons.ID {
	w.t.Helper()
	r := worldtest.Rahima()
	r.Contacts = contacts
	var id persons.ID
	dbtest.Write(w.t, w.d, func(tx *db.Tx) (err error) {
		id, err = persons.Register(w.t.Context(), tx, worldtest.Amina(), r)
		return err
	})
	return id
}

func (w *world) contact(id persons.ID, at int) (c persons.Contact) {
	w.t.Helper()
	w.read(func(q db.Reader) error {
		p, err := persons.Find(w.t.Context(), q, worldtest.Amina(), id)
		if err == nil {
			c = p.Contacts[at]
		}
		return err
	})
	return c
}

func (w *world) read(fn func(q db.Reader) error) {
	w.t.Helper()
	if err := w.d.Read(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) write(fn func(tx *db.Tx) error) {
	w.t.Helper()
	dbtest.Write(w.t, w.d, fn)
}

func (w *world) opened(p persons.ID) (id cases.ID) {
	w.t.Helper()
	w.write(func(tx *db.Tx) (err error) {
		id, err = cases.Open(w.t.Context(), tx, worldtest.Amina(), cases.Opening{Person: p, Programme: "reintegration", Origin: "self", Why: "begins anew"})
		return err
	})
	return id
}

func (w *world) try(who access.Actor, m messages.Message) (id messages.ID, err error) {
	w.t.Helper()
	if m.Subject == "" {
		m.Subject = "referral:1"
	}
	err = w.d.Write(w.t.Context(), func(tx *db.Tx) (err error) {
		id, err = messages.Send(w.t.Context(), tx, who, m)
		return err
	})
	return id, err
}

func (w *world) send(m messages.Message) messages.ID {
	w.t.Helper()
	id, err := w.try(worldtest.Amina(), m)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) call(p persons.ID) messages.ID {
	w.t.Helper()
	return w.send(messages.Message{Person: p, Kind: "please_call", With: map[string]any{"number": "16135"}})
}

func (w *world) work() {
	w.t.Helper()
	for {
		n, err := w.sender.Work(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// item is a message as Amina sees it.
func (w *world) item(p persons.ID, id messages.ID) (found messages.Item) {
	w.t.Helper()
	w.read(func(q db.Reader) error {
		all, err := messages.OfPerson(w.t.Context(), q, worldtest.Amina(), p)
		for _, i := range all {
			if i.ID == id {
				found = i
			}
		}
		return err
	})
	if found.ID == "" {
		w.t.Fatalf("message %s is not in the list of her", id)
	}
	return found
}

func (w *world) want(p persons.ID, id messages.ID, state messages.State, why string) {
	w.t.Helper()
	if got := w.item(p, id); got.State != state || got.Why != why {
		w.t.Errorf("the message is %s because of %q, want %s because of %q", got.State, got.Why, state, why)
	}
}

func (w *world) arrive(from, text string) (what string) {
	w.t.Helper()
	w.write(func(tx *db.Tx) (err error) {
		tx.Allowed()
		tx.Recorded()
		what, err = messages.Arrive(w.t.Context(), tx, messages.Arriving{From: from, Text: text})
		return err
	})
	return what
}

func (w *world) answers(prefix string) (all []messages.Answer) {
	w.t.Helper()
	w.read(func(q db.Reader) (err error) {
		all, err = messages.Answers(w.t.Context(), q, prefix, "")
		return err
	})
	return all
}

func (w *world) hours(p persons.ID, contact string, from, to int) {
	w.t.Helper()
	w.write(func(tx *db.Tx) error {
		return calls.SetHours(w.t.Context(), tx, worldtest.Amina(), p, calls.Hours{Contact: contact, From: from * 60, To: to * 60})
	})
}
