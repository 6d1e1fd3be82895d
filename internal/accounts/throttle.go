// SPDX-License-Identifier: Apache-2.0

package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/seal"
)

// counter counts failures of one sort. Beyond free the wait after a failure
// doubles with each, up to most; after forget without a failure all is forgotten.
type counter struct {
	name         string
	free         int
	most, forget time.Duration
}

// counters says which counters an attempt runs against. A device on which the
// user has signed in before has a counter of its own and no other, so that
// nobody's guessing elsewhere, not even from the same network, can shut her out.
func counters(v Visitor, login, user string, known bool) []counter {
	const quarter, day = 15 * time.Minute, 24 * time.Hour
	if known {
		return []counter{{"d:" + login + "|" + hashToken(v.Device), 5, quarter, day}}
	}
	all := []counter{
		{"n:" + login + "|" + v.Network, 5, quarter, day},
		{"g:" + v.Network, 50, time.Minute, quarter},
	}
	if user != "" {
		// Only who knows the password comes to guess codes: these add up over all networks.
		all = append(all, counter{"c:" + user, 10, quarter, day})
	}
	return all
}

// delay is how long after the failure that makes it n in all nobody may try again.
func (c counter) delay(n int) time.Duration {
	if n <= c.free {
		return 0
	}
	return min(time.Second<<min(n-c.free, 20), c.most)
}

// attempt is one try to prove who one is. It counts as failed from the start, so
// that many at the same moment cannot all slip through, and is taken back when
// it succeeds.
type attempt struct {
	id       string
	user     secrets // zero when the login is unknown
	step     string
	counters []counter
	waits    time.Duration // not zero: refused without a look
}

// begin counts an attempt, unless there have been too many.
func begin(ctx context.Context, tx *db.Tx, v Visitor, login, step string) (attempt, error) {
	user, err := secretsOf(ctx, tx, "u.login = ?", login)
	if err != nil {
		return attempt{}, err
	}
	known, err := isKnown(ctx, tx, v.Device, user.ID)
	if err != nil {
		return attempt{}, err
	}
	blind, err := seal.Blind(ctx, tx, "login", login)
	if err != nil {
		return attempt{}, err
	}
	guessed := ""
	if step == "code" {
		guessed = user.ID
	}
	a := attempt{id: ids.New(tx.Now()), user: user, step: step, counters: counters(v, blind, guessed, known)}
	for _, c := range a.counters {
		waits, err := c.waits(ctx, tx)
		if err != nil {
			return attempt{}, err
		}
		a.waits = max(a.waits, waits)
	}
	if a.waits > 0 {
		return a, nil
	}
	for _, c := range a.counters {
		if err := c.count(ctx, tx); err != nil {
			return attempt{}, err
		}
	}
	return a, a.note(ctx, tx, v, blind)
}

// note keeps the attempt, as failed until uncount says otherwise.
func (a attempt) note(ctx context.Context, tx *db.Tx, v Visitor, login string) error {
	var id any
	if a.user.ID != "" {
		id = a.user.ID
	}
	known, err := isKnown(ctx, tx, v.Device, a.user.ID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO sign_in_attempts (id, at, login, user_id, network, known, step, passed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		a.id, tx.Now(), login, id, v.Network, known, a.step, false)
	return err
}

// waits returns how long a counter refuses still, and counts the refusal.
func (c counter) waits(ctx context.Context, tx *db.Tx) (time.Duration, error) {
	left, err := c.left(ctx, tx)
	if left > 0 && err == nil {
		_, err = tx.Exec(ctx, `UPDATE sign_in_failures SET refused = refused + 1 WHERE counter = ?`, c.name)
	}
	return left, err
}

func (c counter) count(ctx context.Context, tx *db.Tx) error {
	var failures int
	var last time.Time
	err := tx.QueryRow(ctx, `SELECT failures, last_at FROM sign_in_failures WHERE counter = ?`, c.name).Scan(&failures, db.Time(&last))
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if tx.Now().Sub(last) > c.forget {
		failures = 0
	}
	failures++
	_, err = tx.Exec(ctx, `INSERT INTO sign_in_failures (counter, failures, refused, last_at, until) VALUES (?, ?, 0, ?, ?)
		ON CONFLICT (counter) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at, until = excluded.until`,
		c.name, failures, tx.Now(), tx.Now().Add(c.delay(failures)))
	return err
}

// tooOften is the answer to an attempt that was refused without a look.
func (a attempt) tooOften() error {
	if a.waits == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "account.too_often").With("count", int((a.waits+time.Minute-1)/time.Minute))
}

// refuse enters a failed attempt in the trail. Who failed is a stranger, whatever
// login was typed.
func (a attempt) refuse(ctx context.Context, tx *db.Tx) error {
	stranger := access.Actor{ID: "stranger", Name: "stranger"}
	if err := access.CheckSelf(tx, stranger, stranger.ID); err != nil {
		return err
	}
	subject := "login"
	if a.user.ID != "" {
		subject = "user:" + a.user.ID
	}
	return audit.Record(ctx, tx, stranger, actRefused, audit.Entry{Subject: subject, Reason: a.step})
}

// uncount takes back that the attempt counted as failed.
func (a attempt) uncount(ctx context.Context, tx *db.Tx) error {
	for _, c := range a.counters {
		_, err := tx.Exec(ctx, `UPDATE sign_in_failures SET failures = failures - 1, until = ? WHERE counter = ? AND failures > 0`, tx.Now(), c.name)
		if err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `UPDATE sign_in_attempts SET passed = ? WHERE id = ?`, true, a.id)
	return err
}

// clear forgets the failures of a user who has proved to be herself; those of
// her network stay, because others cause them.
func (a attempt) clear(ctx context.Context, tx *db.Tx) error {
	if err := a.uncount(ctx, tx); err != nil {
		return err
	}
	for _, c := range a.counters {
		if c.name[0] == 'g' {
			continue
		}
		if _, err := tx.Exec(ctx, `DELETE FROM sign_in_failures WHERE counter = ?`, c.name); err != nil {
			return fmt.Errorf("forget failures: %w", err)
		}
	}
	return nil
}
