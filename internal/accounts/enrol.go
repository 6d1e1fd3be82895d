// SPDX-License-Identifier: Apache-2.0

package accounts

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/seal"
)

// Seed is the secret that a user puts into her authenticator app.
type Seed struct {
	User   User
	Secret string // base 32, to be typed
	URL    string // the same as otpauth://, for a QR code
}

// Enrol begins with the code that an administrator handed to a new user.
func (g *Gate) Enrol(ctx context.Context, v Visitor, login, code string) (Pass, error) {
	a, err := g.try(ctx, v, "enrol", func(*db.Tx) (string, error) { return normalLogin(login), nil })
	if err != nil {
		return Pass{}, err
	}
	var p Pass
	err = g.d.Write(ctx, func(tx *db.Tx) error {
		p = Pass{}
		hash, err := codeHash(ctx, tx, a.user.ID, code)
		if err != nil {
			return err
		}
		right := subtle.ConstantTimeCompare([]byte(hash), []byte(a.user.enrolment)) == 1
		if !right || a.user.Disabled || a.user.enrolEnds.Before(tx.Now()) {
			return a.refuse(ctx, tx)
		}
		p, err = g.wait(ctx, tx, a, StagePassword, "enrolment")
		return err
	})
	if err == nil && p.Stage == "" {
		err = fault.New(fault.Invalid, "account.wrong_enrolment")
	}
	return p, err
}

// SetPassword takes the password that a new user chose, and leads to the second factor.
func (g *Gate) SetPassword(ctx context.Context, token, password string) (Pass, error) {
	var w waiting
	err := g.d.Read(ctx, func(q db.Reader) (err error) {
		w, err = findWaiting(ctx, q, token, StagePassword)
		return err
	})
	if err != nil {
		return Pass{}, err
	}
	if problem := checkPassword(password, w.login); problem != nil {
		return Pass{}, problem
	}
	var hash string
	if err := g.hash(ctx, func() { hash = hashPassword(password) }); err != nil {
		return Pass{}, err
	}
	var p Pass
	err = g.d.Write(ctx, func(tx *db.Tx) error {
		if _, err := findWaiting(ctx, tx, token, StagePassword); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE users SET password = ? WHERE id = ?`, hash, w.user); err != nil {
			return err
		}
		u, err := secretsOf(ctx, tx, "u.id = ?", w.user)
		if err != nil {
			return err
		}
		next := waiting{user: w.user, login: w.login, stage: StageFactor, how: w.how}
		fresh, err := next.insert(ctx, tx)
		if err != nil {
			return err
		}
		p = Pass{Stage: StageFactor, Token: fresh, User: u.User}
		return permit(ctx, tx, u.User, actPassword, "enrolment")
	})
	return p, err
}

// Seed returns the secret that a user who sets up the second factor is to enter.
func (g *Gate) Seed(ctx context.Context, q db.Reader, token string) (Seed, error) {
	w, err := findWaiting(ctx, q, token, StageFactor)
	if err != nil {
		return Seed{}, err
	}
	u, err := secretsOf(ctx, q, "u.id = ?", w.user)
	if err != nil {
		return Seed{}, err
	}
	secret, err := w.open(ctx, q)
	if err != nil {
		return Seed{}, err
	}
	about := url.Values{"secret": {secret}, "issuer": {"Fera"}}
	address := url.URL{Scheme: "otpauth", Host: "totp", Path: "/Fera:" + u.Login, RawQuery: about.Encode()}
	return Seed{User: u.User, Secret: secret, URL: address.String()}, nil
}

// ConfirmSeed takes the first code of a new second factor. The user is in, with
// recovery codes that are shown this once; her other sessions end.
func (g *Gate) ConfirmSeed(ctx context.Context, v Visitor, token, code string) (Pass, error) {
	return g.code(ctx, v, token, StageFactor, func(tx *db.Tx, a attempt, w waiting) (Pass, error) {
		seed, err := w.open(ctx, tx)
		if err != nil {
			return Pass{}, err
		}
		if step := stepOf(seed, code, tx.Now()); step > 0 {
			return g.equipped(ctx, tx, v, a, factor{seed, step, w.how})
		}
		return Pass{}, nil
	})
}

// factor is a second factor that has just been proved.
type factor struct {
	seed string
	step int64
	how  string
}

// equipped keeps a new second factor and lets its user in.
func (g *Gate) equipped(ctx context.Context, tx *db.Tx, v Visitor, a attempt, f factor) (Pass, error) {
	sealed, err := seal.Seal(ctx, tx, seal.System, "users.totp:"+a.user.ID, []byte(f.seed))
	if err != nil {
		return Pass{}, err
	}
	if err := forgetSessions(ctx, tx, a.user.ID); err != nil {
		return Pass{}, err
	}
	_, err = tx.Exec(ctx, `UPDATE users SET totp = ?, totp_step = ?, enrolment = '', enrolment_ends = NULL WHERE id = ?`, sealed, f.step, a.user.ID)
	if err != nil {
		return Pass{}, fmt.Errorf("keep second factor: %w", err)
	}
	codes, err := renewRecovery(ctx, tx, a.user.ID)
	if err != nil {
		return Pass{}, err
	}
	if err := permit(ctx, tx, a.user.User, actFactor, f.how); err != nil {
		return Pass{}, err
	}
	p, err := g.let(ctx, tx, v, a, f.how)
	p.Codes = codes
	return p, err
}

// waiting is a sign-in that is half done.
type waiting struct {
	hash  string
	user  string
	login string
	stage Stage
	seed  []byte // sealed, at StageFactor
	tries int
	how   string
}

// insert keeps the half-done sign-in and returns its token. At StageFactor it
// makes the seed.
func (w waiting) insert(ctx context.Context, tx *db.Tx) (token string, err error) {
	token, w.hash = newToken()
	if w.stage == StageFactor {
		if w.seed, err = seal.Seal(ctx, tx, seal.System, "sign_ins.seed:"+w.hash, []byte(newSeed())); err != nil {
			return "", err
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO sign_ins (token, user_id, stage, seed, tries, how, ends_at) VALUES (?, ?, ?, ?, 0, ?, ?)`,
		w.hash, w.user, string(w.stage), w.seed, w.how, tx.Now().Add(stepWaits))
	return token, err
}

func (w waiting) open(ctx context.Context, q db.Reader) (string, error) {
	seed, err := seal.Open(ctx, q, seal.System, "sign_ins.seed:"+w.hash, w.seed)
	return string(seed), err
}

// try uses up one of the tries that a half-done sign-in has. It fails when there
// is none left, or the sign-in was finished meanwhile.
func (w waiting) try(ctx context.Context, tx *db.Tx) error {
	n, err := tx.Exec(ctx, `UPDATE sign_ins SET tries = tries + 1 WHERE token = ? AND tries < ? AND ends_at > ?`, w.hash, mostTries, tx.Now())
	if err == nil && n == 0 {
		return errStartAgain()
	}
	return err
}

// findWaiting returns the half-done sign-in that a token names, if it waits for
// what the stage wants.
func findWaiting(ctx context.Context, q db.Reader, token string, stage Stage) (waiting, error) {
	w := waiting{hash: hashToken(token)}
	err := q.QueryRow(ctx, `SELECT s.user_id, u.login, s.stage, s.seed, s.tries, s.how FROM sign_ins s JOIN users u ON u.id = s.user_id
		WHERE s.token = ? AND s.ends_at > ? AND s.tries < ? AND u.disabled_at IS NULL`, w.hash, q.Now(), mostTries).
		Scan(&w.user, &w.login, &w.stage, &w.seed, &w.tries, &w.how)
	if errors.Is(err, sql.ErrNoRows) || err == nil && w.stage != stage {
		return waiting{}, errStartAgain()
	}
	return w, err
}

// errStartAgain says that the sign-in took too long or too many tries.
func errStartAgain() error { return fault.New(fault.Forbidden, "account.start_again") }
