// SPDX-License-Identifier: Apache-2.0

package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
)

// stepWaits is how long a sign-in that is half done waits for its next step.
const stepWaits = 10 * time.Minute

// mostTries is how many wrong codes one half-done sign-in bears.
const mostTries = 5

// mostHashing and mostWaiting keep many sign-ins at once from filling the
// memory: so many hashes are computed at a time, so many more may wait.
const (
	mostHashing = 2
	mostWaiting = 100
)

// The acts of signing in, as the trail names them. They need no permission.
const (
	actBegun    access.Permission = "account.sign_in_begun"
	actSignIn   access.Permission = "account.sign_in"
	actRefused  access.Permission = "account.sign_in_failed"
	actSignOut  access.Permission = "account.sign_out"
	actPassword access.Permission = "account.password"
	actFactor   access.Permission = "account.second_factor"
)

// Acts returns the acts by which people come in and go out, which stand in the
// trail beside those that a permission allows.
func Acts() []access.Permission {
	return []access.Permission{actBegun, actSignIn, actRefused, actSignOut, actPassword, actFactor}
}

// Stage is how far a visitor has come.
type Stage string

// The stages. Only StageIn is signed in; the others wait for a step more.
const (
	StageCode     Stage = "code"     // the password was right, a code is wanted
	StagePassword Stage = "password" // a new user is to choose a password
	StageFactor   Stage = "factor"   // a user is to set up the second factor
	StageIn       Stage = "in"
)

// Settings are how strict the gate is.
type Settings struct {
	Idle     time.Duration // how long a session lasts without a request; 30 minutes when zero
	Absolute time.Duration // how long it lasts at all; 12 hours when zero
	// WithoutSecondFactor lets in users who have none. Only for a demonstration.
	WithoutSecondFactor bool
	HTTP                *http.Client // reaches the organisations' providers; one with time-outs when nil
}

// Gate proves who somebody is and lets them in. Its state is in the database,
// so that several servers are one gate. It is safe for concurrent use.
type Gate struct {
	d       *db.DB
	set     Settings
	hashing chan struct{}
	waiting atomic.Int64
	hashes  atomic.Int64
	nobody  func() string // the hash that an unknown login's password is compared with
}

// NewGate returns the gate of a database.
func NewGate(d *db.DB, s Settings) *Gate {
	if s.Idle == 0 {
		s.Idle = 30 * time.Minute
	}
	if s.Absolute == 0 {
		s.Absolute = 12 * time.Hour
	}
	if s.HTTP == nil {
		s.HTTP = &http.Client{Timeout: 10 * time.Second}
	}
	return &Gate{d: d, set: s, hashing: make(chan struct{}, mostHashing), nobody: sync.OnceValue(func() string { return hashPassword(newSeed()) })}
}

// Visitor is where a request comes from.
type Visitor struct {
	Network string // the /24 or /64 of the address
	Agent   string // what the browser calls itself
	Device  string // the cookie of a known device, if it has one
}

// Pass is what a visitor has in hand after a step.
type Pass struct {
	Stage  Stage
	Token  string   // of the session when StageIn, else of the half-done sign-in
	Device string   // the cookie by which this device is known from now on; only when StageIn
	Codes  []string // recovery codes, shown this once
	User   User
}

// Hashes says how many passwords were hashed since the start, right or wrong.
func (g *Gate) Hashes() int64 { return g.hashes.Load() }

// SignIn checks a password. An unknown login, a user who is disabled and a wrong
// password cost the same work and get the same answer.
func (g *Gate) SignIn(ctx context.Context, v Visitor, login, password string) (Pass, error) {
	a, err := g.try(ctx, v, "password", func(*db.Tx) (string, error) { return normalLogin(login), nil })
	if err != nil {
		return Pass{}, err
	}
	right, err := g.matches(ctx, a.user, password)
	if err != nil {
		return Pass{}, err
	}
	var p Pass
	err = g.d.Write(ctx, func(tx *db.Tx) (err error) {
		p = Pass{}
		if !right || a.user.Disabled {
			return a.refuse(ctx, tx)
		}
		p, err = g.afterPassword(ctx, tx, v, a)
		return err
	})
	if err == nil && p.Stage == "" {
		err = fault.New(fault.Invalid, "account.wrong")
	}
	return p, err
}

// afterPassword decides what else a user with the right password must show.
func (g *Gate) afterPassword(ctx context.Context, tx *db.Tx, v Visitor, a attempt) (Pass, error) {
	var err error
	if a.user, err = secretsOf(ctx, tx, "u.id = ?", a.user.ID); err != nil {
		return Pass{}, err
	}
	switch {
	case a.user.SecondFactor:
		return g.wait(ctx, tx, a, StageCode, "password")
	case g.set.WithoutSecondFactor:
		return g.let(ctx, tx, v, a, "password")
	}
	return g.wait(ctx, tx, a, StageFactor, "password")
}

// Confirm checks the second factor, or a recovery code in its place, of the
// sign-in that token names.
func (g *Gate) Confirm(ctx context.Context, v Visitor, token, code string) (Pass, error) {
	return g.code(ctx, v, token, StageCode, func(tx *db.Tx, a attempt, w waiting) (p Pass, err error) {
		right, err := spendStep(ctx, tx, a.user.ID, a.user.totp, code)
		if err == nil && !right {
			right, err = spendRecovery(ctx, tx, a.user.ID, code)
		}
		if err != nil || !right {
			return p, err
		}
		return g.let(ctx, tx, v, a, w.how)
	})
}

// code runs a step of a half-done sign-in that takes a code. The step returns
// the zero Pass when the code is wrong.
func (g *Gate) code(ctx context.Context, v Visitor, token string, stage Stage, step func(*db.Tx, attempt, waiting) (Pass, error)) (Pass, error) {
	var w waiting
	a, err := g.try(ctx, v, "code", func(tx *db.Tx) (login string, err error) {
		w, err = findWaiting(ctx, tx, token, stage)
		return w.login, err
	})
	if err != nil {
		return Pass{}, err
	}
	var p Pass
	err = g.d.Write(ctx, func(tx *db.Tx) (err error) {
		if err := w.try(ctx, tx); err != nil {
			return err
		}
		if p, err = step(tx, a, w); err == nil && p.Stage == "" {
			err = a.refuse(ctx, tx)
		}
		return err
	})
	if err == nil && p.Stage == "" {
		err = fault.New(fault.Invalid, "account.wrong_code").On("code")
	}
	return p, err
}

// try begins an attempt, and refuses it when there have been too many. Whose
// login it is may have to be found first.
func (g *Gate) try(ctx context.Context, v Visitor, step string, login func(*db.Tx) (string, error)) (attempt, error) {
	var a attempt
	err := g.d.Maintain(ctx, func(tx *db.Tx) error {
		name, err := login(tx)
		if err == nil {
			a, err = begin(ctx, tx, v, name, step)
		}
		return err
	})
	if err != nil {
		return attempt{}, err
	}
	return a, a.tooOften()
}

// wait notes that a visitor has taken one step of the sign-in and must take another.
func (g *Gate) wait(ctx context.Context, tx *db.Tx, a attempt, stage Stage, how string) (Pass, error) {
	if err := a.uncount(ctx, tx); err != nil {
		return Pass{}, err
	}
	w := waiting{user: a.user.ID, login: a.user.Login, stage: stage, how: how}
	token, err := w.insert(ctx, tx)
	if err != nil {
		return Pass{}, err
	}
	return Pass{Stage: stage, Token: token, User: a.user.User}, permit(ctx, tx, a.user.User, actBegun, string(stage))
}

// let opens a session: every step is done.
func (g *Gate) let(ctx context.Context, tx *db.Tx, v Visitor, a attempt, how string) (Pass, error) {
	if err := a.clear(ctx, tx); err != nil {
		return Pass{}, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM sign_ins WHERE user_id = ?`, a.user.ID); err != nil {
		return Pass{}, err
	}
	device, err := know(ctx, tx, v.Device, a.user.ID)
	if err != nil {
		return Pass{}, err
	}
	token, hash := newToken()
	_, err = tx.Exec(ctx, `INSERT INTO sessions (id, token, user_id, device, network, how, started_at, seen_at, idle_at, ends_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		ids.New(tx.Now()), hash, a.user.ID, deviceOf(v.Agent), v.Network, how, tx.Now(), tx.Now(), tx.Now().Add(g.set.Idle), tx.Now().Add(g.set.Absolute))
	if err != nil {
		return Pass{}, fmt.Errorf("open session: %w", err)
	}
	return Pass{Stage: StageIn, Token: token, Device: device, User: a.user.User}, permit(ctx, tx, a.user.User, actSignIn, how)
}

// permit enters something that a user did to her own account in the trail.
func permit(ctx context.Context, tx *db.Tx, u User, act access.Permission, reason string) error {
	who := access.Actor{ID: u.ID, Name: u.Name, Office: u.Office, Organisation: u.Organisation}
	if err := access.CheckSelf(tx, who, u.ID); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, act, audit.Entry{Subject: "user:" + u.ID, Reason: reason})
}

// matches compares a password with a user's, or with nobody's when there is no
// such user, so that both take as long.
func (g *Gate) matches(ctx context.Context, u secrets, password string) (bool, error) {
	hash := u.password
	if hash == "" {
		hash = g.nobody()
	}
	right := false
	err := g.hash(ctx, func() { right = matchesHash(password, hash) })
	return right && u.password != "", err
}

// hash runs work that needs much memory, a few at a time.
func (g *Gate) hash(ctx context.Context, work func()) error {
	if g.waiting.Add(1) > mostWaiting {
		g.waiting.Add(-1)
		return fault.New(fault.Conflict, "fault.unavailable")
	}
	defer g.waiting.Add(-1)
	select {
	case g.hashing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-g.hashing }()
	g.hashes.Add(1)
	work()
	return nil
}

// secrets are a user with what proves that it is she.
type secrets struct {
	User
	password  string
	totp      []byte // sealed
	enrolment string
	enrolEnds time.Time
}

// secretsOf finds a user by a condition on one value; the zero value when there is none.
func secretsOf(ctx context.Context, q db.Reader, where, value string) (secrets, error) {
	var s secrets
	err := q.QueryRow(ctx, `SELECT `+userColumns+`, u.password, u.totp, u.enrolment, u.enrolment_ends FROM users u JOIN offices o ON o.id = u.office_id WHERE `+where, value).
		Scan(&s.ID, &s.Login, &s.Name, &s.Office, &s.Organisation, &s.Language, &s.Enrolled, &s.SecondFactor, &s.Disabled, db.Time(&s.AddedAt), &s.Version,
			&s.password, &s.totp, &s.enrolment, db.NullTime(&s.enrolEnds))
	if errors.Is(err, sql.ErrNoRows) {
		return secrets{}, nil
	}
	return s, err
}
