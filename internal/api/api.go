// SPDX-License-Identifier: Apache-2.0

// Package api lets other systems use the register, as JSON over HTTP.
//
// Every operation stands in one table, operations, which says its path, the
// permission it needs, what it takes and what it answers. The routes, the OpenAPI
// document and the readable page are all made from that table.
//
// A request is answered in one order: who is asking, may she do this at all, can
// the body be read, and only then is the act tried. Reads resolve the key and find
// the record in one snapshot. Errors are problem details (RFC 9457) with a message
// key; they never repeat what was sent.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"path"
	"strings"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/hooks"
	"fera/internal/links"
)

// Options are what the API is made with.
type Options struct {
	DB *db.DB
	// Actor tells who a bearer key acts for. For a key that is unknown or over
	// it returns accounts.ErrNotSignedIn or a fault that is not Internal.
	Actor func(ctx context.Context, q db.Reader, bearer string) (access.Actor, error)
	Log   *slog.Logger
	// Finder compares with the register; one of its own when nil.
	Finder *links.Finder
	// HookPrivate lets endpoints be entered that lie in this network.
	HookPrivate bool
}

// prefix is where the API lies. A change that breaks its users gets a new one.
const prefix = "/api/v1"

// server answers requests.
type server struct {
	Options
	mux   *http.ServeMux
	paper *paper
}

// New returns the API, which answers everything under /api/v1.
func New(o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Finder = finderOr(o.Finder, o.DB)
	s := &server{Options: o, mux: http.NewServeMux(), paper: newPaper()}
	for _, op := range operations() {
		s.mux.HandleFunc(op.method+" "+prefix+op.path, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, &op) })
	}
	s.mux.HandleFunc("GET "+prefix+"/openapi.json", s.document)
	s.mux.HandleFunc("GET "+prefix+"/docs.css", s.css)
	s.mux.HandleFunc("GET "+prefix+"/{$}", s.page)
	s.mux.HandleFunc("GET "+prefix, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, prefix+"/", http.StatusPermanentRedirect)
	})
	s.mux.HandleFunc("/", s.unknown)
	return s
}

// ServeHTTP implements http.Handler.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer s.recover(w, r)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if !clean(r.URL.EscapedPath()) { // the mux would answer with a page that redirects
		s.fail(w, r, "", noSuchPath())
		return
	}
	s.mux.ServeHTTP(w, r)
}

func clean(p string) bool {
	return p == path.Clean(p) || p == path.Clean(p)+"/"
}

// unknown answers what no operation does: nothing lies there, or it takes other methods.
func (s *server) unknown(w http.ResponseWriter, r *http.Request) {
	var allow []string
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
		if _, pattern := s.mux.Handler(&http.Request{Method: method, URL: r.URL, Host: r.Host}); pattern != "/" {
			allow = append(allow, method)
		}
	}
	if len(allow) == 0 {
		s.fail(w, r, "", noSuchPath())
		return
	}
	w.Header().Set("Allow", strings.Join(allow, ", "))
	s.fail(w, r, "", refuse(http.StatusMethodNotAllowed, "api.no_such_method"))
}

// serve answers one operation.
func (s *server) serve(w http.ResponseWriter, r *http.Request, op *operation) {
	a, err := s.run(w, r, op)
	if err != nil {
		s.fail(w, r, op.name, err)
		return
	}
	if err := a.send(w, op); err != nil {
		s.fail(w, r, op.name, err)
	}
}

// run tells who is asking, whether she may, what she sent, and does it.
func (s *server) run(w http.ResponseWriter, r *http.Request, op *operation) (a answer, err error) {
	bearer, err := bearerOf(r)
	if err != nil {
		return answer{}, err
	}
	c := call{ctx: r.Context(), r: r, op: op, finder: s.Finder, rules: hooks.Rules{Private: s.HookPrivate}}
	c.read = func(do func(db.Reader) error) error { return s.DB.Read(c.ctx, do) }
	if !op.writes && op.in.none() {
		err = s.DB.Read(c.ctx, func(q db.Reader) (err error) {
			if err := s.admit(&c, q, bearer); err != nil {
				return err
			}
			a, err = op.do(&c)
			return err
		})
		return a, err
	}
	if err := s.DB.Read(c.ctx, func(q db.Reader) error { return s.admit(&c, q, bearer) }); err != nil {
		return answer{}, err
	}
	if err := c.readBody(w); err != nil {
		return answer{}, err
	}
	if op.ready != nil {
		if err := op.ready(&c); err != nil {
			return answer{}, err
		}
	}
	if !op.writes {
		err = s.DB.Read(c.ctx, func(q db.Reader) (err error) {
			c.q = q
			a, err = op.do(&c)
			return err
		})
		return a, err
	}
	err = s.DB.Write(c.ctx, func(tx *db.Tx) (err error) {
		c.q, c.tx = tx, tx
		a, err = op.do(&c)
		return err
	})
	return a, err
}

// admit resolves the key and refuses who does not hold the operation's permission anywhere.
func (s *server) admit(c *call, q db.Reader, bearer string) (err error) {
	c.q, c.today = q, dates.Of(q.Now())
	if c.who, err = s.Actor(c.ctx, q, bearer); err != nil {
		return stranger(err)
	}
	if !c.op.open(c.who) {
		return forbidden()
	}
	return c.readHead()
}
