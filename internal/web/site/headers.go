// SPDX-License-Identifier: Apache-2.0

package site

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"fera/internal/fault"
)

// policy is what a page may do: load from here, send forms to here, and no more.
// Nothing inline, and no other site may frame it.
const policy = "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"

// headed sets the headers that every answer has, errors included.
func (s *Site) headed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		// Nothing goes to other sites. Not no-referrer, with which browsers that tell
		// no more than the origin would send "null" and could not be told from others.
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()")
		h.Set("X-Robots-Tag", "noindex, nofollow")
		h.Set("Cache-Control", "no-store")
		if s.Secure {
			h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		}
		next.ServeHTTP(w, r)
	})
}

// sharedFor is how long, in seconds, others may hand on what is the same for all.
const sharedFor = "600"

// share says of an answer that it is the same for all.
func share(h http.Header) {
	h.Set("Cache-Control", "public, max-age="+sharedFor)
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Del("X-Robots-Tag")
}

// sameOrigin refuses forms that another site sends in the visitor's name.
func (s *Site) sameOrigin(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	for _, pattern := range s.secret {
		guard.AddInsecureBypassPattern(pattern) // no cookie lets anybody in there; and browsers that tell no origin send "null"
	}
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		s.fail(w, s.request(w, hr, Route{}), fault.New(fault.Forbidden, "web.other_site"))
	}))
	return guard.Handler(next)
}

// visit is what the log learns of a request on its way.
type visit struct{ actor string }

type visitKey struct{}

// logged writes one line for each request: the route and never the path, which
// may hold an identifier, nor the query, which may hold a name.
func (s *Site) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := s.DB.Now()
		seen := &visit{}
		r = r.WithContext(context.WithValue(r.Context(), visitKey{}, seen))
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(rec, r)
		took := s.DB.Now().Sub(begun)
		route := r.Pattern
		if s.Observe != nil {
			s.Observe(route, rec.status, took)
		}
		s.Log.LogAttrs(context.WithoutCancel(r.Context()), slog.LevelInfo, "request", slog.String("method", method(r)), slog.String("route", route),
			slog.Int("status", rec.status), slog.Duration("took", took.Round(time.Millisecond)), slog.String("actor", seen.actor))
	})
}

// method keeps out of the log what is no method.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodPost, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "?"
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (rec *recorder) WriteHeader(status int) {
	rec.status = status
	rec.ResponseWriter.WriteHeader(status)
}

// Unwrap gives http.ResponseController what lies under it.
func (rec *recorder) Unwrap() http.ResponseWriter { return rec.ResponseWriter }
