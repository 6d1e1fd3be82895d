// SPDX-License-Identifier: Apache-2.0

package hooks_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/hooks"
	"fera/internal/worldtest"
)

// receiver is an endpoint that keeps what it was told, and answers as it is told.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	bodies [][]byte
	heads  []http.Header
	answer func(n int) int // status of the n-th answer, from 1; 204 when nil
	more   http.Header
}

func receive(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{more: http.Header{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.bodies, r.heads = append(r.bodies, body), append(r.heads, q.Header.Clone())
		for name, v := range r.more {
			w.Header()[name] = v
		}
		status := http.StatusNoContent
		if r.answer != nil {
			status = r.answer(len(r.bodies))
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) got() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.bodies)
}

// world is a store with a sender, at the time that it really is, for receivers look at the clock.
type world struct {
	t      *testing.T
	d      *db.DB
	clock  *dbtest.Clock
	sender *hooks.Sender
	seen   map[string]int
	log    *bytes.Buffer
}

func each(t *testing.T, fn func(w *world)) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d)
		clock.Move(time.Since(clock.Now()))
		w := &world{t: t, d: d, clock: clock, seen: map[string]int{}, log: &bytes.Buffer{}}
		w.sender = w.sends("one", hooks.Rules{Private: true})
		fn(w)
	})
}

func (w *world) sends(holder string, rules hooks.Rules) *hooks.Sender {
	var mu sync.Mutex
	return hooks.NewSender(w.d, hooks.Options{Rules: rules, Holder: holder, Agent: "Fera/test", Log: slog.New(slog.NewTextHandler(w.log, nil)), Observe: func(s string) {
		mu.Lock()
		defer mu.Unlock()
		w.seen[s]++
	}})
}

func inside() hooks.Rules { return hooks.Rules{Private: true} }

// add enters an endpoint of Aparajita for what was sent and what was served.
func (w *world) add(at string) (id hooks.ID, secret string) {
	w.t.Helper()
	w.write(func(tx *db.Tx) (err error) {
		id, secret, err = hooks.Add(w.t.Context(), tx, worldtest.Farid(), inside(), hooks.Endpoint{Organisation: worldtest.Aparajita, URL: at, Kinds: []string{"referral.sent", "referral.served"}})
		return err
	})
	return id, secret
}

func (w *world) write(fn func(tx *db.Tx) error) {
	w.t.Helper()
	dbtest.Write(w.t, w.d, fn)
}

// publish puts down an event as a part of an act that was allowed.
func (w *world) publish(e hooks.Event) {
	w.t.Helper()
	if e.Kind == "" {
		e.Kind = "referral.sent"
	}
	if e.Organisation == "" {
		e.Organisation = worldtest.Aparajita
	}
	if e.Subject == "" {
		e.Subject = "referral:1"
	}
	w.write(func(tx *db.Tx) error {
		tx.Allowed()
		tx.Recorded()
		return hooks.Publish(w.t.Context(), tx, e)
	})
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

func (w *world) deliveries(id hooks.ID) (all []hooks.Delivery) {
	w.t.Helper()
	w.read(func(q db.Reader) (err error) {
		all, err = hooks.Deliveries(w.t.Context(), q, worldtest.Farid(), id, hooks.Filter{})
		return err
	})
	return all
}

func (w *world) read(fn func(q db.Reader) error) {
	w.t.Helper()
	if err := w.d.Read(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) find(id hooks.ID) (h hooks.Hook) {
	w.t.Helper()
	w.read(func(q db.Reader) (err error) {
		h, err = hooks.Find(w.t.Context(), q, worldtest.Farid(), id)
		return err
	})
	return h
}

// receiveTLS is an endpoint whose certificate is its own.
func receiveTLS(t *testing.T) string {
	t.Helper()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}
