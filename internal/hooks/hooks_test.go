// SPDX-License-Identifier: Apache-2.0

package hooks_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/hooks"
	"fera/internal/ids"
	"fera/internal/words"
	"fera/internal/worldtest"
)

// verify checks what was received with the library that receivers use.
func verify(t *testing.T, secret string, body []byte, head http.Header) error {
	t.Helper()
	wh, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	return wh.Verify(body, head)
}

// An event reaches those who asked for it, signed so that the library of Standard Webhooks takes it; others get nothing.
func TestAnEventIsTold(t *testing.T) {
	each(t, func(w *world) {
		ours, theirs := receive(t), receive(t)
		id, secret := w.add(ours.URL)
		w.write(func(tx *db.Tx) error {
			_, _, err := hooks.Add(t.Context(), tx, worldtest.Farid(), inside(), hooks.Endpoint{Organisation: worldtest.Bandhan, URL: theirs.URL, Kinds: hooks.Kinds()})
			return err
		})
		w.publish(hooks.Event{Body: map[string]string{"id": "17", "state": "sent"}})
		w.publish(hooks.Event{Kind: "referral.closed"}) // nobody asked for it
		w.work()
		if ours.got() != 1 || theirs.got() != 0 {
			t.Fatalf("told us %d times, them %d times", ours.got(), theirs.got())
		}
		body, head := ours.bodies[0], ours.heads[0]
		if err := verify(t, secret, body, head); err != nil {
			t.Errorf("the signature: %v", err)
		}
		var got struct {
			Type, Subject string
			Timestamp     time.Time
			Data          map[string]string
		}
		if err := json.Unmarshal(body, &got); err != nil || got.Type != "referral.sent" || got.Subject != "referral:1" || got.Data["state"] != "sent" || !got.Timestamp.Equal(w.clock.Now()) {
			t.Errorf("%s, %v", body, err)
		}
		all := w.deliveries(id)
		if len(all) != 1 || all[0].State != "done" || all[0].Status != 204 || all[0].Event != head.Get("webhook-id") || w.find(id).GoodAt.IsZero() {
			t.Errorf("%+v", all)
		}
		w.work()
		if ours.got() != 1 || w.seen["hook_done"] != 1 {
			t.Error("told again")
		}
	})
}

// What was changed on the way, kept for long, or signed by another is not taken by the library.
func TestForgeriesAreNotTaken(t *testing.T) {
	each(t, func(w *world) {
		r := receive(t)
		_, secret := w.add(r.URL)
		w.publish(hooks.Event{})
		w.work()
		body, head := r.bodies[0], r.heads[0]
		changed := append(slices.Clone(body), ' ')
		if err := verify(t, secret, changed, head); !errors.Is(err, standardwebhooks.ErrNoMatchingSignature) {
			t.Errorf("another body: %v", err)
		}
		other := head.Clone()
		other.Set("webhook-id", ids.New(w.clock.Now()))
		if err := verify(t, secret, body, other); !errors.Is(err, standardwebhooks.ErrNoMatchingSignature) {
			t.Errorf("another identifier: %v", err)
		}
		late := head.Clone()
		late.Set("webhook-timestamp", strconv.FormatInt(w.clock.Now().Unix()+1, 10))
		if err := verify(t, secret, body, late); !errors.Is(err, standardwebhooks.ErrNoMatchingSignature) {
			t.Errorf("another time: %v", err)
		}
		if err := verify(t, "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz", body, head); !errors.Is(err, standardwebhooks.ErrNoMatchingSignature) {
			t.Errorf("another secret: %v", err)
		}
		w.clock.Move(-10 * time.Minute)
		w.publish(hooks.Event{})
		w.work()
		if err := verify(t, secret, r.bodies[1], r.heads[1]); !errors.Is(err, standardwebhooks.ErrMessageTooOld) {
			t.Errorf("ten minutes old: %v", err)
		}
		w.clock.Move(20 * time.Minute)
		w.publish(hooks.Event{})
		w.work()
		if err := verify(t, secret, r.bodies[2], r.heads[2]); !errors.Is(err, standardwebhooks.ErrMessageTooNew) {
			t.Errorf("ten minutes ahead: %v", err)
		}
	})
}

// A receiver that fails is told again, later and later, under the same identifier and at a fresh time; then it is given up, and may be
// told once more by hand.
func TestItIsToldAgain(t *testing.T) {
	each(t, func(w *world) {
		r := receive(t)
		r.answer = func(n int) int { return map[bool]int{true: 500, false: 200}[n <= 10] }
		id, secret := w.add(r.URL)
		w.publish(hooks.Event{})
		began := w.clock.Now()
		for range 4 * 24 * 60 {
			w.work()
			w.clock.Move(time.Minute)
		}
		if got := r.got(); got != 10 {
			t.Fatalf("told %d times, want 10", got)
		}
		first, last := r.heads[0], r.heads[9]
		if first.Get("webhook-id") != last.Get("webhook-id") || first.Get("webhook-timestamp") == last.Get("webhook-timestamp") {
			t.Errorf("identifiers %q and %q, times %q and %q", first.Get("webhook-id"), last.Get("webhook-id"), first.Get("webhook-timestamp"), last.Get("webhook-timestamp"))
		}
		seconds, _ := strconv.ParseInt(last.Get("webhook-timestamp"), 10, 64)
		if took := time.Unix(seconds, 0).Sub(began); took < 60*time.Hour || took > 92*time.Hour {
			t.Errorf("given up after %s, want about three days", took)
		}
		all := w.deliveries(id)
		if all[0].State != "dead" || all[0].Why != "hook.failed.status" || all[0].Status != 500 || all[0].Attempts != 10 || w.seen["hook_dead"] != 1 {
			t.Fatalf("%+v, %v", all[0], w.seen)
		}
		w.clock.Move(time.Since(w.clock.Now()))
		w.write(func(tx *db.Tx) error { return hooks.Again(t.Context(), tx, worldtest.Farid(), id, all[0].ID) })
		w.work()
		if all = w.deliveries(id); all[0].State != "done" || r.heads[10].Get("webhook-id") != first.Get("webhook-id") {
			t.Errorf("by hand: %+v", all[0])
		}
		if err := verify(t, secret, r.bodies[10], r.heads[10]); err != nil {
			t.Error(err)
		}
		if strings.Contains(w.log.String(), r.URL) || strings.Contains(w.log.String(), secret) {
			t.Errorf("the log tells too much: %.300s", w.log)
		}
	})
}

// An endpoint may ask for more time.
func TestRetryAfterIsHeeded(t *testing.T) {
	each(t, func(w *world) {
		r := receive(t)
		r.answer = func(n int) int { return map[bool]int{true: 429, false: 200}[n == 1] }
		r.more.Set("Retry-After", "3600")
		w.add(r.URL)
		w.publish(hooks.Event{})
		w.work()
		w.clock.Move(59 * time.Minute)
		w.work()
		if r.got() != 1 {
			t.Error("told before its time")
		}
		w.clock.Move(2 * time.Minute)
		w.work()
		if r.got() != 2 {
			t.Error("not told when it was time")
		}
	})
}

// For a day after a turn both secrets are good, then the new one alone.
func TestTurn(t *testing.T) {
	each(t, func(w *world) {
		r := receive(t)
		id, old := w.add(r.URL)
		var fresh string
		w.write(func(tx *db.Tx) (err error) {
			fresh, err = hooks.Turn(t.Context(), tx, worldtest.Farid(), id)
			return err
		})
		if fresh == old || !strings.HasPrefix(fresh, "whsec_") {
			t.Fatalf("turned %q into %q", old, fresh)
		}
		w.publish(hooks.Event{})
		w.work()
		for name, secret := range map[string]string{"old": old, "new": fresh} {
			if err := verify(t, secret, r.bodies[0], r.heads[0]); err != nil {
				t.Errorf("the %s secret on the day of the turn: %v", name, err)
			}
		}
		w.clock.Move(24*time.Hour + time.Minute)
		w.publish(hooks.Event{})
		w.work()
		wh, _ := standardwebhooks.NewWebhook(old)
		if err := wh.VerifyIgnoringTimestamp(r.bodies[1], r.heads[1]); err == nil {
			t.Error("the old secret is still good")
		}
		if wh, _ = standardwebhooks.NewWebhook(fresh); wh.VerifyIgnoringTimestamp(r.bodies[1], r.heads[1]) != nil {
			t.Error("the new one is not")
		}
	})
}

// Secrets and events lie sealed; events are gone after a month.
func TestNothingLiesInClear(t *testing.T) {
	each(t, func(w *world) {
		r := receive(t)
		r.answer = func(int) int { return 500 }
		id, secret := w.add(r.URL)
		w.publish(hooks.Event{Body: map[string]string{"note": "zqcanary"}})
		w.read(func(q db.Reader) error {
			for _, query := range []string{`SELECT count(*) FROM hooks WHERE CAST(secret AS TEXT) LIKE ?`, `SELECT count(*) FROM hook_events WHERE CAST(sealed AS TEXT) LIKE ?`} {
				for _, held := range []string{"zqcanary", secret, strings.TrimPrefix(secret, "whsec_")} {
					var n int
					if err := q.QueryRow(t.Context(), query, "%"+held+"%").Scan(&n); err != nil || n > 0 {
						t.Errorf("%s: %d, %v", query, n, err)
					}
				}
			}
			return nil
		})
		w.clock.Move(31 * 24 * time.Hour)
		if err := hooks.Sweep(t.Context(), w.d); err != nil {
			t.Fatal(err)
		}
		w.work()
		if all := w.deliveries(id); all[0].State != "dead" || all[0].Why != "hook.dead.gone" || all[0].MayAgain || r.got() != 0 {
			t.Errorf("%+v", all[0])
		}
	})
}

// An endpoint that fails for days, or says that it is gone, is told nothing more, and its administrators are told that.
func TestItIsDisabled(t *testing.T) {
	each(t, func(w *world) {
		w.write(func(tx *db.Tx) error { // Farid, as he is when he was given his role
			tx.Allowed()
			tx.Recorded()
			f := worldtest.Farid()
			if _, err := tx.Exec(t.Context(), `INSERT INTO users (id, login, name, office_id, language, password, totp_step, enrolment, added_at, version) VALUES (?, 'farid', 'Farid', ?, 'bn', '', 0, '', ?, 1)`, f.ID, f.Office, tx.Now()); err != nil {
				return err
			}
			_, err := tx.Exec(t.Context(), `INSERT INTO user_roles (user_id, role, scope, granted_by, granted_at) VALUES (?, 'administrator', 'all', ?, ?)`, f.ID, f.ID, tx.Now())
			return err
		})
		gone, failing := receive(t), receive(t)
		gone.answer = func(int) int { return 410 }
		failing.answer = func(int) int { return 503 }
		one, _ := w.add(gone.URL)
		two, _ := w.add(failing.URL)
		for range 7 {
			w.publish(hooks.Event{})
			for range 24 {
				w.work()
				w.clock.Move(time.Hour)
			}
		}
		if h := w.find(one); h.State != hooks.Disabled || h.Why != "hook.disabled.gone" || gone.got() != 1 {
			t.Errorf("gone: %+v, told %d times", h, gone.got())
		}
		if h := w.find(two); h.State != hooks.Disabled || h.Why != "hook.disabled.failing" {
			t.Errorf("failing: %+v", h)
		}
		for _, d := range w.deliveries(two) {
			if d.State != "dead" {
				t.Errorf("it waits: %+v", d)
			}
		}
		w.read(func(q db.Reader) error {
			notices, err := accounts.Notices(t.Context(), q, worldtest.Farid(), 10)
			told := map[string]int{}
			for _, n := range notices {
				told[n.Key+" "+n.Subject]++
			}
			if told["notice.hook_disabled hook:"+string(one)] != 1 || told["notice.hook_disabled hook:"+string(two)] != 1 {
				t.Errorf("told %v", told)
			}
			return err
		})
		told := failing.got()
		w.publish(hooks.Event{})
		w.work()
		if failing.got() != told {
			t.Error("told though it is disabled")
		}
		failing.answer = nil
		w.write(func(tx *db.Tx) error { return hooks.Switch(t.Context(), tx, worldtest.Farid(), two, hooks.On) })
		w.publish(hooks.Event{})
		w.work()
		if failing.got() != told+1 || w.find(two).State != hooks.On {
			t.Error("not told after it was switched on")
		}
	})
}

// A sender that is killed is overtaken when its time is over; an endpoint may so be told twice, under one identifier.
func TestKilledInTheMiddle(t *testing.T) {
	each(t, func(w *world) {
		r := receive(t)
		id, _ := w.add(r.URL)
		w.publish(hooks.Event{})
		w.write(func(tx *db.Tx) error { // as it lies when a process was killed after claiming
			tx.Allowed()
			tx.Recorded()
			_, err := tx.Exec(t.Context(), `UPDATE hook_deliveries SET state = 'sending', holder = 'dead', attempts = 1, until = ?`, tx.Now().Add(time.Minute))
			return err
		})
		w.publish(hooks.Event{Subject: "referral:2"})
		w.work()
		if r.got() != 0 {
			t.Fatal("told while another may be telling it")
		}
		w.clock.Move(61 * time.Second)
		w.work()
		if r.got() != 2 {
			t.Errorf("told %d times, want 2", r.got())
		}
		for _, d := range w.deliveries(id) {
			if d.State != "done" {
				t.Errorf("%+v", d)
			}
		}
	})
}

// Several senders at once tell each event once, and one endpoint's sloth does not hold up the others.
func TestSeveralSendersTellOnce(t *testing.T) {
	each(t, func(w *world) {
		slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { time.Sleep(300 * time.Millisecond) }))
		defer slow.Close()
		r := receive(t)
		w.add(slow.URL)
		w.add(r.URL)
		const many = 20
		for n := range many {
			w.publish(hooks.Event{Subject: fmt.Sprint("referral:", n)})
		}
		ctx, stop := context.WithCancel(context.Background())
		var group sync.WaitGroup
		for _, name := range []string{"a", "b", "c"} {
			s := hooks.NewSender(w.d, hooks.Options{Rules: inside(), Holder: name})
			group.Go(func() {
				for ctx.Err() == nil {
					if _, err := s.Work(ctx); err != nil && ctx.Err() == nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for range 100 {
			if r.got() >= many {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		stop()
		group.Wait()
		times := map[string]int{}
		for _, h := range r.heads {
			times[h.Get("webhook-id")]++
		}
		if len(times) != many || len(r.heads) != many {
			t.Errorf("%d events were told %d times, want %d once each", len(times), len(r.heads), many)
		}
	})
}

// Redirects are not followed, endless answers not read, and whoever hangs is left.
func TestReceiversThatMisbehave(t *testing.T) {
	each(t, func(w *world) {
		other := receive(t)
		to := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
		defer to.Close()
		endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for range 64 << 10 {
				if _, err := w.Write(make([]byte, 1<<10)); err != nil {
					return
				}
			}
		}))
		defer endless.Close()
		one, _ := w.add(to.URL)
		two, _ := w.add(endless.URL)
		began := time.Now()
		w.publish(hooks.Event{})
		w.work()
		if d := w.deliveries(one)[0]; d.State != "waiting" || d.Status != 307 || other.got() != 0 {
			t.Errorf("a redirect: %+v; followed %d times", d, other.got())
		}
		if d := w.deliveries(two)[0]; d.State != "done" {
			t.Errorf("an endless answer: %+v", d)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

// Only who manages the endpoints of an organisation sees and changes them; a ping shows whether one is reached.
func TestWhoManages(t *testing.T) {
	each(t, func(w *world) {
		r := receive(t)
		id, secret := w.add(r.URL)
		for _, who := range worldtest.Cast() {
			if who.Name == "Farid" {
				continue
			}
			for name, err := range map[string]error{
				"find": w.d.Read(t.Context(), func(q db.Reader) error { _, err := hooks.Find(t.Context(), q, who, id); return err }),
				"turn": w.d.Write(t.Context(), func(tx *db.Tx) error { _, err := hooks.Turn(t.Context(), tx, who, id); return err }),
				"ping": w.d.Write(t.Context(), func(tx *db.Tx) error { return hooks.Try(t.Context(), tx, who, id) }),
				"off":  w.d.Write(t.Context(), func(tx *db.Tx) error { return hooks.Switch(t.Context(), tx, who, id, hooks.Off) }),
				"list": w.d.Read(t.Context(), func(q db.Reader) error {
					_, err := hooks.Deliveries(t.Context(), q, who, id, hooks.Filter{})
					return err
				}),
			} {
				if fault.KindOf(err) != fault.NotFound {
					t.Errorf("%s may %s: %v", who.Name, name, err)
				}
			}
			if err := w.d.Write(t.Context(), func(tx *db.Tx) error {
				_, _, err := hooks.Add(t.Context(), tx, who, inside(), hooks.Endpoint{Organisation: worldtest.Aparajita, URL: r.URL, Kinds: []string{"referral.sent"}})
				return err
			}); fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s may add: %v", who.Name, err)
			}
		}
		w.write(func(tx *db.Tx) error { return hooks.Try(t.Context(), tx, worldtest.Farid(), id) })
		w.work()
		if r.got() != 1 || !strings.Contains(string(r.bodies[0]), `"type":"ping"`) || verify(t, secret, r.bodies[0], r.heads[0]) != nil {
			t.Errorf("the ping: %s", r.bodies)
		}
		h := w.find(id)
		w.write(func(tx *db.Tx) error {
			return hooks.Change(t.Context(), tx, worldtest.Farid(), inside(), hooks.Endpoint{ID: id, URL: r.URL + "/x", Kinds: []string{"referral.served"}, Version: h.Version})
		})
		if err := w.d.Write(t.Context(), func(tx *db.Tx) error {
			return hooks.Change(t.Context(), tx, worldtest.Farid(), inside(), hooks.Endpoint{ID: id, URL: r.URL, Kinds: []string{"referral.served"}, Version: h.Version})
		}); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a stale change: %v", err)
		}
		w.publish(hooks.Event{Kind: "referral.served"})
		w.write(func(tx *db.Tx) error { return hooks.Switch(t.Context(), tx, worldtest.Farid(), id, hooks.Removed) })
		w.work()
		if r.got() != 1 {
			t.Error("told after it was removed")
		}
		if err := w.d.Read(t.Context(), func(q db.Reader) error { _, err := hooks.Find(t.Context(), q, worldtest.Farid(), id); return err }); fault.KindOf(err) != fault.NotFound {
			t.Errorf("removed: %v", err)
		}
	})
}

// Practice is told to nobody, and an event of no kind is a mistake.
func TestPublishRefuses(t *testing.T) {
	each(t, func(w *world) {
		id, _ := w.add("https://example.com/x")
		w.publish(hooks.Event{Organisation: ids.Apart(w.clock.Now())})
		if err := w.d.Write(t.Context(), func(tx *db.Tx) error {
			tx.Allowed()
			tx.Recorded()
			return hooks.Publish(t.Context(), tx, hooks.Event{Kind: "referral.forgotten", Organisation: worldtest.Aparajita})
		}); err == nil {
			t.Error("an event of no kind was taken")
		}
		if len(w.deliveries(id)) != 0 {
			t.Error("something waits")
		}
	})
}

func TestKindsHaveNames(t *testing.T) {
	for _, kind := range append(hooks.Kinds(), hooks.Ping) {
		for _, lang := range words.Languages() {
			if !words.In(lang).Has("hook.kind." + kind) {
				t.Errorf("%s has no name in %s", kind, lang)
			}
		}
	}
}
