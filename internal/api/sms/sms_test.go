// SPDX-License-Identifier: Apache-2.0

package sms_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"fera/internal/api/sms"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/gateways"
	"fera/internal/messages"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

const secret = "a-secret-that-is-shared"

// bearerbox is a Kannel as seen from outside: it takes sendsms, tells twice what became of it, and hands over what comes in.
type bearerbox struct {
	mu   sync.Mutex
	sent []url.Values
}

// ServeHTTP implements http.Handler.
func (b *bearerbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent = append(b.sent, r.URL.Query())
	w.WriteHeader(http.StatusAccepted)
	w.Write([]byte("0: Accepted for delivery"))
}

// From an act to her telephone and back, over HTTP on both sides: she is asked, it is delivered, she says no.
func TestOverHTTPAndBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		var log bytes.Buffer
		seen := map[string]int{}
		fera := httptest.NewServer(sms.New(sms.Options{DB: d, Log: slog.New(slog.NewTextHandler(&log, nil)), Secret: secret, Observe: func(s string) { seen[s]++ }}))
		defer fera.Close()
		box := &bearerbox{}
		kannel := httptest.NewServer(box)
		defer kannel.Close()
		gateway, err := gateways.NewKannel(gateways.Account{URL: kannel.URL + "/cgi-bin/sendsms", User: "fera", Password: "pw"})
		if err != nil {
			t.Fatal(err)
		}
		sender := messages.NewSender(d, messages.Options{Gateway: gateway, Holder: "one", Reports: fera.URL + sms.ReportPath})

		r := worldtest.Rahima()
		r.Contacts = []persons.Contact{{Kind: "phone", Number: "01712345678", Owner: "own", Safety: "safe", Ways: []string{"sms"}}}
		var p persons.ID
		dbtest.Write(t, d, func(tx *db.Tx) (err error) {
			p, err = persons.Register(t.Context(), tx, worldtest.Amina(), r)
			return err
		})
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := messages.Send(t.Context(), tx, worldtest.Amina(), messages.Message{Person: p, Kind: "ask_received", Subject: "referral:9"})
			return err
		})
		if _, err := sender.Work(t.Context()); err != nil || len(box.sent) != 1 {
			t.Fatalf("sent %v, %v", box.sent, err)
		}
		of := func() messages.Item {
			var all []messages.Item
			if err := d.Read(t.Context(), func(q db.Reader) (err error) {
				all, err = messages.OfPerson(t.Context(), q, worldtest.Amina(), p)
				return err
			}); err != nil || len(all) != 1 {
				t.Fatal(all, err)
			}
			return all[0]
		}
		for _, step := range []struct {
			kind  string
			state messages.State
		}{{"8", messages.Sent}, {"1", messages.Delivered}, {"1", messages.Delivered}} {
			get(t, strings.ReplaceAll(box.sent[0].Get("dlr-url"), "%d", step.kind), 200)
			if got := of().State; got != step.state {
				t.Errorf("after report %s: %s, want %s", step.kind, got, step.state)
			}
		}
		code := regexp.MustCompile(`[0-9]{5}`).FindString(box.sent[0].Get("text"))
		in := url.Values{"secret": {secret}, "from": {"+8801712345678"}, "text": {code + " 2"}, "id": {"mo-7"}}
		for range 2 {
			get(t, fera.URL+sms.ArrivePath+"?"+in.Encode(), 200)
		}
		if got := of(); got.Answer != messages.No {
			t.Errorf("she answered %q", got.Answer)
		}
		if seen["report_delivered"] != 2 || seen["answered"] != 1 || seen["repeated"] != 1 {
			t.Errorf("counted %v", seen)
		}
		if strings.Contains(log.String(), "1712345678") || strings.Contains(log.String(), code) {
			t.Errorf("the log: %s", &log)
		}
	})
}

func get(t *testing.T, at string, want int) {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, at, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var body bytes.Buffer
	body.ReadFrom(answer.Body)
	if answer.StatusCode != want || body.Len() > 0 {
		t.Errorf("%s: %d %q, want %d and nothing", strings.SplitN(at, "?", 2)[0], answer.StatusCode, &body, want)
	}
}

// Without the secret, or when there is none, it is as if nothing were there.
func TestStrangersFindNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for shared, given := range map[string]string{"": "", secret: "wrong"} {
			s := httptest.NewServer(sms.New(sms.Options{DB: d, Log: slog.New(slog.DiscardHandler), Secret: shared}))
			get(t, s.URL+sms.ArrivePath+"?from=01712345678&text=STOP&secret="+given, 404)
			get(t, s.URL+sms.ReportPath+"?id=x&type=1", 404)
			s.Close()
		}
		if err := d.Read(t.Context(), func(q db.Reader) error {
			var n int
			err := q.QueryRow(t.Context(), `SELECT count(*) FROM message_stops`).Scan(&n)
			if n > 0 {
				t.Error("a stranger stopped a number")
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// The secret may come as a header, in a form, and bodies that never end are not read.
func TestForms(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := sms.New(sms.Options{DB: d, Log: slog.New(slog.DiscardHandler), Secret: secret})
		post := func(body string, want int) {
			t.Helper()
			r := httptest.NewRequest(http.MethodPost, sms.ArrivePath, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Authorization", "Bearer "+secret)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != want {
				t.Errorf("%.40q: %d, want %d", body, w.Code, want)
			}
		}
		post("from=01712345678&text=hello", 200)
		post("text="+strings.Repeat("x", 40<<10), 400)
		post("from=%zz", 400)
	})
}

// Who guesses the secret is not listened to for a while, not even when it hits; the gateway is heard all the while.
func TestSecretsAreNotGuessed(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := sms.New(sms.Options{DB: d, Log: slog.New(slog.DiscardHandler), Secret: secret})
		call := func(from, given string, want int) {
			t.Helper()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, sms.ArrivePath+"?from=01712345678&text=STOP&secret="+given, nil)
			r.RemoteAddr = from
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != want || w.Body.Len() > 0 {
				t.Fatalf("%s with %q: %d %q, want %d and nothing", from, given, w.Code, w.Body, want)
			}
		}
		const gateway, guesser = "192.0.2.10:1", "203.0.113.5:1"
		call(gateway, secret, 200)
		for n := range 101 {
			call(guesser, "wrong-"+strings.Repeat("x", n%7), 404)
		}
		call(guesser, "wrong", 429)
		call(guesser, secret, 429)
		call("203.0.113.77:1", secret, 429)
		call(gateway, secret, 200)
		for range 120 {
			call(gateway, secret, 200)
		}
		clock.Move(time.Minute + time.Second)
		call(guesser, "wrong", 404)
		call(guesser, "wrong", 429)
		clock.Move(16 * time.Minute)
		call(guesser, secret, 200)
	})
}
