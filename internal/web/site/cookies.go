// SPDX-License-Identifier: Apache-2.0

package site

import "net/http"

// The cookies. All are for these pages alone and out of reach of scripts.
const (
	CookieSession  = "session"  // who is signed in
	CookieWaiting  = "waiting"  // a sign-in that is half done
	CookieDevice   = "device"   // this browser is known
	CookieLanguage = "language" // of a visitor who is not signed in
	CookieSaid     = "said"     // what the last act did, shown once
	CookieNext     = "next"     // where a stranger wanted to go
	CookieState    = "state"    // of a visit to a provider
)

// DeviceAge is how long a browser stays known, in seconds.
const DeviceAge = 180 * 24 * 60 * 60

// cookieName ties a cookie to this very host where https makes that possible.
func (s *Site) cookieName(name string) string {
	if s.Secure {
		return "__Host-fera-" + name
	}
	return "fera-" + name
}

// Kept returns the value of a cookie, "" when the browser sent none.
func (r *Request) Kept(name string) string {
	c, err := r.Cookie(r.site.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

// Keep sets a cookie with the answer: for a number of seconds, until the browser
// closes when zero, or removes it when negative.
func (r *Request) Keep(name, value string, seconds int) {
	r.cookies = append(r.cookies, &http.Cookie{Name: r.site.cookieName(name), Value: value, Path: "/", MaxAge: seconds,
		Secure: r.site.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

func (r *Request) sendCookies(w http.ResponseWriter) {
	for _, c := range r.cookies {
		http.SetCookie(w, c)
	}
}
