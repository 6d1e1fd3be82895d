// SPDX-License-Identifier: Apache-2.0

// Package api lets other systems use the register, as JSON over HTTP.
//
// Every operation stands in one table, operations, which says its path, the
// permission it needs, what it takes and what it answers. The routes, the OpenAPI
// document and the readable page are all made from that table. Package op answers
// the requests.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"path"
	"strings"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/db"
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

// server answers requests.
type server struct {
	op.Server
	table []op.Operation
	mux   *http.ServeMux
	paper *paper
}

// New returns the API, which answers everything under /api/v1.
func New(o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Finder == nil {
		o.Finder = links.NewFinder(o.DB)
	}
	s := &server{Server: op.Server{DB: o.DB, Actor: o.Actor, Log: o.Log}, table: operations(o), mux: http.NewServeMux(), paper: newPaper()}
	for i := range s.table {
		o := &s.table[i]
		s.mux.HandleFunc(o.Method+" "+op.Prefix+o.Path, func(w http.ResponseWriter, r *http.Request) { s.Serve(w, r, o) })
	}
	s.mux.HandleFunc("GET "+op.Prefix+"/openapi.json", s.document)
	s.mux.HandleFunc("GET "+op.Prefix+"/docs.css", s.css)
	s.mux.HandleFunc("GET "+op.Prefix+"/{$}", s.page)
	s.mux.HandleFunc("GET "+op.Prefix, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, op.Prefix+"/", http.StatusPermanentRedirect)
	})
	s.mux.HandleFunc("/", s.unknown)
	return s
}

func noSuchPath() error { return op.Refuse(http.StatusNotFound, "api.no_such_path") }

// ServeHTTP implements http.Handler.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer s.Recover(w, r)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if !clean(r.URL.EscapedPath()) { // the mux would answer with a page that redirects
		s.Fail(w, r, "", noSuchPath())
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
		s.Fail(w, r, "", noSuchPath())
		return
	}
	w.Header().Set("Allow", strings.Join(allow, ", "))
	s.Fail(w, r, "", op.Refuse(http.StatusMethodNotAllowed, "api.no_such_method"))
}
