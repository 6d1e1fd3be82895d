// SPDX-License-Identifier: Apache-2.0

package accounts

import (
	"context"

	"fera/internal/db"
	"fera/internal/fault"
)

// ChangePassword changes the password of who is signed in; her other sessions end.
func (g *Gate) ChangePassword(ctx context.Context, v Visitor, s Signed, old, fresh string) error {
	if problem := checkPassword(fresh, s.User.Login); problem != nil {
		return problem
	}
	var hash string
	hashed := func() error { return g.hash(ctx, func() { hash = hashPassword(fresh) }) }
	return g.prove(ctx, v, s, old, proved{hashed, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE users SET password = ? WHERE id = ?`, hash, s.User.ID); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM sessions WHERE user_id = ? AND id <> ?`, s.User.ID, s.Session.ID); err != nil {
			return err
		}
		if err := Tell(ctx, tx, []string{s.User.ID}, "notice.password_changed", "user:"+s.User.ID); err != nil {
			return err
		}
		return permit(ctx, tx, s.User, actPassword, "changed")
	}})
}

// RenewCodes gives who is signed in fresh recovery codes for her password.
func (g *Gate) RenewCodes(ctx context.Context, v Visitor, s Signed, password string) (codes []string, err error) {
	err = g.prove(ctx, v, s, password, proved{act: func(tx *db.Tx) (err error) {
		if codes, err = renewRecovery(ctx, tx, s.User.ID); err != nil {
			return err
		}
		return permit(ctx, tx, s.User, actFactor, "recovery codes")
	}})
	return codes, err
}

// RenewFactor lets who is signed in set up another second factor, for her password.
func (g *Gate) RenewFactor(ctx context.Context, v Visitor, s Signed, password string) (p Pass, err error) {
	err = g.prove(ctx, v, s, password, proved{act: func(tx *db.Tx) error {
		w := waiting{user: s.User.ID, login: s.User.Login, stage: StageFactor, how: s.Session.How}
		token, err := w.insert(ctx, tx)
		p = Pass{Stage: StageFactor, Token: token, User: s.User}
		if err != nil {
			return err
		}
		return permit(ctx, tx, s.User, actBegun, string(StageFactor))
	}})
	return p, err
}

// prove asks for the password once more, then does something to the account.
// What takes long is done before, outside the transaction.
func (g *Gate) prove(ctx context.Context, v Visitor, s Signed, password string, do proved) error {
	a, err := g.try(ctx, v, "password", func(*db.Tx) (string, error) { return s.User.Login, nil })
	if err != nil {
		return err
	}
	right, err := g.matches(ctx, a.user, password)
	if err != nil {
		return err
	}
	if right && do.before != nil {
		if err := do.before(); err != nil {
			return err
		}
	}
	err = g.d.Write(ctx, func(tx *db.Tx) error {
		if !right {
			return a.refuse(ctx, tx)
		}
		if err := a.uncount(ctx, tx); err != nil {
			return err
		}
		return do.act(tx)
	})
	if err == nil && !right {
		err = fault.New(fault.Invalid, "account.wrong_password").On("old")
	}
	return err
}

// proved is what is done once the password was right.
type proved struct {
	before func() error
	act    func(*db.Tx) error
}
