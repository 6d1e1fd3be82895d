// SPDX-License-Identifier: Apache-2.0

// Package web is the pages that staff use in a browser.
//
// A table of routes says what each path needs and what answers it. A page reads
// and returns what is drawn; an act writes and says where to go next, and when
// what was typed is wrong its form is drawn again with everything that was typed.
// Nothing is sent until everything is committed and rendered. What recurs on
// pages is drawn by web/kit, and every text comes from words.
package web

import (
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/links"
	"fera/internal/web/kit"
)

// Options are what the pages are made with.
type Options struct {
	DB      *db.DB
	Gate    *accounts.Gate
	Log     *slog.Logger
	Secure  bool          // the pages are reached by https, perhaps through a proxy
	Origin  string        // how the pages are reached, "https://fera.example.org"; taken from the request when empty
	Version string        // shown at the foot of pages
	Finder  *links.Finder // compares with the register; one of its own when nil
	// Address tells where a request comes from; its remote address when nil.
	Address func(*http.Request) netip.Addr
	// Observe is told of each answer: the route, never the path. It may be nil.
	Observe func(route string, status int, took time.Duration)
}

// A page reads, and returns what is drawn. It may return elsewhere as its error.
// To look at protected data is an act, which enters the look in the trail.
type page func(r *request, q db.Reader) (templ.Component, error)

// An act writes, and says where to go next, or sets r.answer.
type act func(r *request, tx *db.Tx) (next string, err error)

// A step is an act that begins its own transactions, because it hashes a
// password or asks somebody else. It says where to go next, or sets r.answer.
type step func(r *request) (next string, err error)

// route binds one path to what answers it: a page; or an act or a step, with the
// page that is its form, drawn again when what was typed is wrong.
type route struct {
	path string // "GET /users/{id}"
	perm access.Permission
	page page
	act  act
	step step
	open bool // needs no sign-in
}

// Server serves the pages.
type Server struct {
	Options
	mux *http.ServeMux
}

// New returns the pages, to be served at the root of a site.
func New(o Options) http.Handler {
	if o.Finder == nil {
		o.Finder = links.NewFinder(o.DB)
	}
	s := &Server{Options: o, mux: http.NewServeMux()}
	for _, rt := range s.routes() {
		s.mux.HandleFunc(rt.path, s.serve(rt))
	}
	s.mux.Handle("GET /static/", kit.Assets())
	s.mux.HandleFunc("/", s.serve(route{open: true, page: s.nothing}))
	return s.logged(s.headed(kit.Compress(s.recovered(s.sameOrigin(s.mux)))))
}

// routes is the whole table.
func (s *Server) routes() []route {
	var all []route
	for _, some := range [][]route{s.homeRoutes(), s.draftRoutes(), s.signInRoutes(), s.accountRoutes(), s.userRoutes(), s.officeRoutes(), s.trailRoutes(), s.personRoutes(),
		s.importRoutes(), s.linkRoutes(), s.assessmentRoutes(), s.questionnaireRoutes()} {
		all = append(all, some...)
	}
	return all
}

// elsewhere is the error of a page that is not here: the reader is sent on.
type elsewhere string

// Error implements error.
func (e elsewhere) Error() string { return "look at " + string(e) }
