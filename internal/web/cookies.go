// SPDX-License-Identifier: Apache-2.0

package web

import "net/http"

// The cookies. All are for these pages alone and out of reach of scripts.
const (
	cookieSession  = "session"  // who is signed in
	cookieWaiting  = "waiting"  // a sign-in that is half done
	cookieDevice   = "device"   // this browser is known
	cookieLanguage = "language" // of a visitor who is not signed in
	cookieSaid     = "said"     // what the last act did, shown once
	cookieNext     = "next"     // where a stranger wanted to go
	cookieState    = "state"    // of a visit to a provider
)

// deviceAge is how long a browser stays known, in seconds.
const deviceAge = 180 * 24 * 60 * 60

// cookieName ties a cookie to this very host where https makes that possible.
func (s *Server) cookieName(name string) string {
	if s.Secure {
		return "__Host-fera-" + name
	}
	return "fera-" + name
}

func (r *request) cookie(name string) string {
	c, err := r.Cookie(r.server.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

// keep sets a cookie with the answer: for a number of seconds, until the browser
// closes when zero, or removes it when negative.
func (r *request) keep(name, value string, seconds int) {
	r.cookies = append(r.cookies, &http.Cookie{Name: r.server.cookieName(name), Value: value, Path: "/", MaxAge: seconds,
		Secure: r.server.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

func (r *request) sendCookies(w http.ResponseWriter) {
	for _, c := range r.cookies {
		http.SetCookie(w, c)
	}
}
