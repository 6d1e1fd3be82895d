// SPDX-License-Identifier: Apache-2.0

package hooks

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/seal"
)

// pauses are how long after each failure an event is told again: about three days in all, after which it is given up.
func pauses() []time.Duration {
	return []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}
}

// How the sender works.
const (
	claimLasts  = time.Minute
	atOnce      = 8                  // endpoints told at the same time
	mostFailing = 5 * 24 * time.Hour // how long an endpoint may fail before it is told nothing more
	mostAnswer  = 4 << 10            // of an answer is read
	mostWait    = 24 * time.Hour     // that an endpoint may ask for
	kept        = 30 * 24 * time.Hour
)

// Options are what a sender is made with.
type Options struct {
	Rules   Rules
	Holder  string       // names this process
	Agent   string       // as the endpoints see it
	Log     *slog.Logger // may be nil
	Observe func(string) // is told what came of each telling; may be nil
}

// Sender tells endpoints what waits for them.
type Sender struct {
	d *db.DB
	Options
	client *http.Client
}

// NewSender returns a sender over a store. Several may work at once.
func NewSender(d *db.DB, o Options) *Sender {
	if o.Observe == nil {
		o.Observe = func(string) {}
	}
	return &Sender{d, o, o.Rules.client()}
}

// claimed is a delivery that this sender has taken, ready to be told.
type claimed struct {
	id, event string
	hook      ID
	url       string
	attempts  int
	at        time.Time
	body      []byte
	keys      [][]byte
}

// Work tells some of what waits, to each endpoint one event at a time, and reports how many it dealt with.
func (s *Sender) Work(ctx context.Context) (n int, err error) {
	var all []claimed
	for len(all) < atOnce && ctx.Err() == nil {
		c, found, err := s.claim(ctx)
		if err != nil {
			return 0, err
		}
		if !found {
			break
		}
		if n++; c.url != "" {
			all = append(all, c)
		}
	}
	var group sync.WaitGroup
	errs := make([]error, len(all))
	for i, c := range all {
		group.Go(func() { errs[i] = s.tell(context.WithoutCancel(ctx), c) })
	}
	group.Wait()
	return n, errors.Join(errs...)
}

// claim takes the delivery that is due longest, of an endpoint that is not being told something.
func (s *Sender) claim(ctx context.Context) (c claimed, found bool, err error) {
	err = s.d.Maintain(ctx, func(tx *db.Tx) error {
		c, found = claimed{}, false
		var secret, old, sealed []byte
		var oldUntil time.Time
		err := tx.QueryRow(ctx, `SELECT d.id, d.event_id, d.hook_id, d.attempts, h.url, h.secret, h.old_secret, h.old_until, e.sealed
			FROM hook_deliveries d JOIN hooks h ON h.id = d.hook_id JOIN hook_events e ON e.id = d.event_id
			WHERE d.state IN ('waiting', 'sending') AND d.due_at <= ? AND (d.until IS NULL OR d.until < ?) AND h.state = 'on'
			AND NOT EXISTS (SELECT 1 FROM hook_deliveries o WHERE o.hook_id = d.hook_id AND o.state = 'sending' AND o.until >= ?) ORDER BY d.due_at, d.id LIMIT 1`,
			tx.Now(), tx.Now(), tx.Now()).Scan(&c.id, &c.event, &c.hook, &c.attempts, &c.url, &secret, &old, db.NullTime(&oldUntil), &sealed)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		found, c.at = true, tx.Now()
		if len(sealed) == 0 {
			c.url = ""
			return s.end(ctx, tx, c, ending{"dead", "hook.dead.gone", 0})
		}
		if !oldUntil.After(tx.Now()) {
			old = nil
		}
		if err := c.open(ctx, tx, sealed, secret, old); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE hook_deliveries SET state = 'sending', holder = ?, until = ?, attempts = attempts + 1, tried_at = ? WHERE id = ?`, s.Holder, tx.Now().Add(claimLasts), tx.Now(), c.id)
		c.attempts++
		return err
	})
	if err != nil {
		err = fmt.Errorf("claim delivery: %w", err)
	}
	return c, found, err
}

// open reads what is told, and the secrets that it is signed with.
func (c *claimed) open(ctx context.Context, tx *db.Tx, sealed, secret, old []byte) (err error) {
	if c.body, err = seal.Open(ctx, tx, seal.System, "hook_events:"+c.event, sealed); err != nil {
		return err
	}
	for _, one := range [][]byte{secret, old} {
		if len(one) == 0 {
			continue
		}
		key, err := seal.Open(ctx, tx, seal.System, "hooks:"+string(c.hook), one)
		if err != nil {
			return err
		}
		c.keys = append(c.keys, key)
	}
	return nil
}

// Sign is the signature that Standard Webhooks has for a message under a key: version 1.
func Sign(key []byte, id string, at time.Time, body []byte) string {
	m := hmac.New(sha256.New, key)
	fmt.Fprintf(m, "%s.%d.", id, at.Unix())
	m.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// tell posts a delivery, and writes down what came of it.
func (s *Sender) tell(ctx context.Context, c claimed) error {
	status, wait, err := s.post(ctx, c)
	if err != nil && s.Log != nil {
		s.Log.WarnContext(ctx, "an endpoint was not told", "hook", string(c.hook), "status", status, "attempt", c.attempts, "why", reason(err))
	}
	what := ""
	err = s.d.Maintain(ctx, func(tx *db.Tx) (failed error) {
		what, failed = s.settle(ctx, tx, c, outcome{status, wait, err})
		return failed
	})
	if err != nil {
		return fmt.Errorf("settle delivery: %w", err)
	}
	if what != "" {
		s.Observe(what)
	}
	return nil
}

func (s *Sender) post(ctx context.Context, c claimed) (status int, wait time.Duration, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(c.body))
	if err != nil {
		return 0, 0, err
	}
	var signatures []string
	for _, key := range c.keys {
		signatures = append(signatures, Sign(key, c.event, c.at, c.body))
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", s.Agent)
	r.Header.Set("Webhook-Id", c.event)
	r.Header.Set("Webhook-Timestamp", strconv.FormatInt(c.at.Unix(), 10))
	r.Header.Set("Webhook-Signature", strings.Join(signatures, " "))
	answer, err := s.client.Do(r)
	if err != nil {
		return 0, 0, err
	}
	defer answer.Body.Close()
	io.Copy(io.Discard, io.LimitReader(answer.Body, mostAnswer))
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
		return answer.StatusCode, min(max(time.Duration(seconds)*time.Second, 0), mostWait), fmt.Errorf("status %d", answer.StatusCode)
	}
	return answer.StatusCode, 0, nil
}

// reason is the key of why an endpoint was not told; what it answered is not kept.
func reason(err error) string {
	var late interface{ Timeout() bool }
	switch {
	case errors.Is(err, errInside):
		return "hook.failed.inside"
	case errors.As(err, &late) && late.Timeout():
		return "hook.failed.late"
	case strings.HasPrefix(err.Error(), "status "):
		return "hook.failed.status"
	}
	return "hook.failed.unreached"
}

// outcome is what came of a telling.
type outcome struct {
	status int
	wait   time.Duration // what the endpoint asks for
	err    error
}

// settle writes down what came of a delivery, unless this sender lost it meanwhile.
func (s *Sender) settle(ctx context.Context, tx *db.Tx, c claimed, o outcome) (string, error) {
	var n int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM hook_deliveries WHERE id = ? AND state = 'sending' AND holder = ? AND attempts = ?`, c.id, s.Holder, c.attempts).Scan(&n); err != nil || n == 0 {
		return "", err
	}
	if o.err == nil {
		if _, err := tx.Exec(ctx, `UPDATE hooks SET good_at = ?, failing_since = NULL WHERE id = ?`, tx.Now(), string(c.hook)); err != nil {
			return "", err
		}
		return "hook_done", s.end(ctx, tx, c, ending{"done", "", o.status})
	}
	why := reason(o.err)
	if c.attempts > len(pauses()) {
		if err := s.end(ctx, tx, c, ending{"dead", why, o.status}); err != nil {
			return "", err
		}
		return "hook_dead", s.failing(ctx, tx, c, o)
	}
	due := tx.Now().Add(max(jitter(pauses()[c.attempts-1]), o.wait))
	if _, err := tx.Exec(ctx, `UPDATE hook_deliveries SET state = 'waiting', why = ?, status = ?, holder = '', until = NULL, due_at = ? WHERE id = ?`, why, o.status, due, c.id); err != nil {
		return "", err
	}
	return "hook_later", s.failing(ctx, tx, c, o)
}

// jitter is a pause, a fifth shorter or longer, so that not everything comes back at once.
func jitter(pause time.Duration) time.Duration {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(pause)*2/5))
	if err != nil {
		return pause
	}
	return pause*4/5 + time.Duration(n.Int64())
}

// ending is how a delivery ended.
type ending struct {
	state, why string
	status     int
}

func (s *Sender) end(ctx context.Context, tx *db.Tx, c claimed, e ending) error {
	_, err := tx.Exec(ctx, `UPDATE hook_deliveries SET state = ?, why = ?, status = ?, holder = '', until = NULL, ended_at = ? WHERE id = ?`, e.state, e.why, e.status, tx.Now(), c.id)
	return err
}

// failing notes that an endpoint fails. One that does for too long, or says that it is gone, is told nothing more, and its
// administrators are told that.
func (s *Sender) failing(ctx context.Context, tx *db.Tx, c claimed, o outcome) error {
	h, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM hooks WHERE id = ?`, string(c.hook)))
	if err != nil || h.State != On {
		return err
	}
	gone := o.status == http.StatusGone
	if h.FailingSince.IsZero() && !gone {
		_, err := tx.Exec(ctx, `UPDATE hooks SET failing_since = ? WHERE id = ?`, tx.Now(), string(h.ID))
		return err
	}
	if !gone && tx.Now().Sub(h.FailingSince) < mostFailing {
		return nil
	}
	why := "hook.disabled.failing"
	if gone {
		why = "hook.disabled.gone"
	}
	if err := h.set(ctx, tx, Disabled, why); err != nil {
		return err
	}
	users, err := accounts.WhoHolds(ctx, tx, access.ManageHooks, access.OfOrganisation(h.Organisation))
	if err != nil {
		return err
	}
	if err := accounts.Tell(ctx, tx, users, "notice.hook_disabled", "hook:"+string(h.ID)); err != nil {
		return err
	}
	return record(ctx, tx, access.System(access.ManageHooks), h.ID, map[string]string{"state": string(Disabled), "why": why})
}

// Sweep forgets what events held that are long over.
func Sweep(ctx context.Context, d *db.DB) error {
	err := d.Maintain(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE hook_events SET sealed = NULL WHERE id IN (SELECT id FROM hook_events WHERE sealed IS NOT NULL AND at < ? ORDER BY at LIMIT 500)`, tx.Now().Add(-kept))
		return err
	})
	if err != nil {
		return fmt.Errorf("sweep events: %w", err)
	}
	return nil
}
