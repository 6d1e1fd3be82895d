// SPDX-License-Identifier: Apache-2.0

// Package site is how pages are answered: what every room of the pages stands on.
//
// A room is a table of routes that say what each path needs and what answers it.
// A page reads and returns what is drawn; an act writes and says where to go next,
// and when what was typed is wrong its form is drawn again with everything that
// was typed. Nothing is sent until everything is committed and rendered.
package site

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
	Secure  bool   // the pages are reached by https, perhaps through a proxy
	Origin  string // how the pages are reached, "https://fera.example.org"; taken from the request when empty
	Licence string // of published figures, as SPDX has it
	Version string // shown at the foot of pages
	// HookPrivate lets endpoints be entered that lie in this network.
	HookPrivate bool
	Finder      *links.Finder // compares with the register; one of its own when nil
	// Address tells where a request comes from; its remote address when nil.
	Address func(*http.Request) netip.Addr
	// Observe is told of each answer: the route, never the path. It may be nil.
	Observe func(route string, status int, took time.Duration)
}

// Page reads, and returns what is drawn. It may return Elsewhere as its error.
// To look at protected data is an act, which enters the look in the trail.
type Page func(r *Request, q db.Reader) (templ.Component, error)

// Act writes, and says where to go next, or sets r.Answer.
type Act func(r *Request, tx *db.Tx) (next string, err error)

// Step is an act that begins its own transactions, because it hashes a
// password or asks somebody else. It says where to go next, or sets r.Answer.
type Step func(r *Request) (next string, err error)

// Route binds one path to what answers it: a page; or an act or a step, with the
// page that is its form, drawn again when what was typed is wrong.
type Route struct {
	Path   string // "GET /users/{id}"
	Perm   access.Permission
	Page   Page
	Act    Act
	Step   Step
	Open   bool // needs no sign-in
	Blind  bool // and nobody is told from another: no cookie is read or set
	Shared bool // and the answer is the same for all: it may be kept by whoever passes it on, and read by other sites
	Secret bool // who holds the address may do what it is for: browsers tell it to nobody
	// Guessed: whoever knows the address is let in. Whence too many are tried that nobody made is answered no more for a while.
	Guessed bool
	Upload  int64 // the largest body with files, in bytes; the usual limit when 0
}

// Room is a part of the program in the navigation, and who may enter it.
type Room struct {
	Href, Key string
	Perm      access.Permission
	Whole     bool // only for who has it everywhere
}

// Site is a table of routes and what all of them need: the store, the gate, the log.
type Site struct {
	Options
	Rooms  []Room
	mux    *http.ServeMux
	secret []string // patterns of the routes of which the address is the right to use them
}

// New returns a site of these rooms that has no pages yet.
func New(o Options, rooms []Room) *Site {
	if o.Finder == nil {
		o.Finder = links.NewFinder(o.DB)
	}
	s := &Site{Options: o, Rooms: rooms, mux: http.NewServeMux()}
	s.mux.Handle("GET /static/", kit.Assets())
	s.mux.HandleFunc("/", s.serve(Route{Open: true, Page: s.nothing}))
	return s
}

// Add puts routes on the site.
func (s *Site) Add(routes []Route) {
	for _, rt := range routes {
		s.mux.HandleFunc(rt.Path, s.serve(rt))
		if rt.Secret {
			s.secret = append(s.secret, rt.Path)
		}
	}
}

// Handler returns the pages, to be served at the root of a site.
func (s *Site) Handler() http.Handler {
	return s.logged(s.headed(kit.Compress(s.recovered(s.sameOrigin(s.mux)))))
}

// Elsewhere is the error of a page that is not here: the reader is sent on.
type Elsewhere string

// Error implements error.
func (e Elsewhere) Error() string { return "look at " + string(e) }
