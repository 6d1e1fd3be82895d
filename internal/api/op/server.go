// SPDX-License-Identifier: Apache-2.0

package op

import (
	"context"
	"log/slog"
	"net/http"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
)

// Prefix is where the API lies. A change that breaks its users gets a new one.
const Prefix = "/api/v1"

// Server answers operations out of a database, for whoever holds a key.
type Server struct {
	DB *db.DB
	// Actor tells who a bearer key acts for. For a key that is unknown or over
	// it returns accounts.ErrNotSignedIn or a fault that is not Internal.
	Actor func(ctx context.Context, q db.Reader, bearer string) (access.Actor, error)
	Log   *slog.Logger
}

// Serve answers one operation.
func (s *Server) Serve(w http.ResponseWriter, r *http.Request, op *Operation) {
	a, err := s.run(w, r, op)
	if err != nil {
		s.fail(w, r, op, err)
		return
	}
	if err := a.send(w, op); err != nil {
		s.fail(w, r, op, err)
	}
}

// run tells who is asking, whether she may, what she sent, and does it.
func (s *Server) run(w http.ResponseWriter, r *http.Request, op *Operation) (a Answer, err error) {
	bearer, err := bearerOf(r)
	if err != nil {
		return Answer{}, err
	}
	c := Call{Ctx: r.Context(), R: r, Op: op}
	c.Read = func(do func(db.Reader) error) error { return s.DB.Read(c.Ctx, do) }
	if !op.Writes && op.In.None() {
		err = s.DB.Read(c.Ctx, func(q db.Reader) (err error) {
			if err := s.admit(&c, q, bearer); err != nil {
				return err
			}
			a, err = op.answer(&c)
			return err
		})
		return a, err
	}
	if err := s.DB.Read(c.Ctx, func(q db.Reader) error { return s.admit(&c, q, bearer) }); err != nil {
		return Answer{}, err
	}
	if err := c.readBody(w); err != nil {
		return Answer{}, err
	}
	if op.Ready != nil {
		if err := op.Ready(&c); err != nil {
			return Answer{}, err
		}
	}
	if !op.Writes {
		err = s.DB.Read(c.Ctx, func(q db.Reader) (err error) {
			c.Q = q
			a, err = op.answer(&c)
			return err
		})
		return a, err
	}
	err = s.DB.Write(c.Ctx, func(tx *db.Tx) (err error) {
		c.Q, c.Tx = tx, tx
		a, err = op.answer(&c)
		return err
	})
	return a, err
}

// admit resolves the key and refuses who does not hold the operation's permission anywhere.
func (s *Server) admit(c *Call, q db.Reader, bearer string) (err error) {
	c.Q, c.Today = q, dates.Of(q.Now())
	if c.Who, err = s.Actor(c.Ctx, q, bearer); err != nil {
		return stranger(err)
	}
	if !c.Op.open(c.Who) {
		return Forbidden()
	}
	return c.readHead()
}
