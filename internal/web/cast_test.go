// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/offices"
	"fera/internal/web"
	"fera/internal/words"
)

const (
	rightPassword = "nodir pare boshe thaki"
	seed          = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
)

// site is the pages over a database, with one organisation, one office and the
// administrator Farid, who has not enrolled.
type site struct {
	d       *db.DB
	clock   *dbtest.Clock
	gate    *accounts.Gate
	handler http.Handler
	log     *bytes.Buffer
	office  string
	org     string
	farid   accounts.User
	code    string
}

func terminal() access.Actor { return access.System(access.Permissions()...) }

// each runs fn with a fresh site on both engines.
func each(t *testing.T, fn func(t *testing.T, s *site)) {
	t.Helper()
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) { fn(t, newSite(t, d, clock, web.Options{})) })
}

func newSite(t *testing.T, d *db.DB, clock *dbtest.Clock, o web.Options) *site {
	t.Helper()
	s := &site{d: d, clock: clock, gate: accounts.NewGate(d, accounts.Settings{}), log: &bytes.Buffer{}}
	o.DB, o.Gate, o.Log, o.Version = d, s.gate, slog.New(slog.NewTextHandler(s.log, nil)), "test"
	s.handler = web.New(o)
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		s.farid, s.code, err = accounts.FirstAdministrator(t.Context(), tx, terminal(), accounts.First{
			Addition:     accounts.Addition{Login: "farid", Name: "Farid Ahmed", Language: words.English},
			Organisation: offices.Organisation{NameEn: "BNSK", Kind: offices.CivilSociety},
			Opening:      offices.Opening{NameEn: "Head office", NameBn: "প্রধান কার্যালয়", Kind: offices.HeadOffice, Place: "3026"}})
		if err != nil {
			return err
		}
		s.farid, err = accounts.FindUser(t.Context(), tx, terminal(), s.farid.ID)
		return err
	})
	s.office, s.org = s.farid.Office, s.farid.Organisation
	return s
}

// add adds a user who has enrolled, with roles given as "role scope".
func (s *site) add(t *testing.T, login string, roles ...string) accounts.User {
	t.Helper()
	var u accounts.User
	dbtest.Write(t, s.d, func(tx *db.Tx) (err error) {
		u, _, err = accounts.AddUser(t.Context(), tx, terminal(), accounts.Addition{Login: login, Name: login, Office: s.office, Language: words.English})
		for _, r := range roles {
			role, scope, _ := strings.Cut(r, " ")
			if err == nil {
				err = accounts.GrantRole(t.Context(), tx, terminal(), accounts.Held{User: u.ID, Role: access.Role(role), Scope: scope})
			}
		}
		return err
	})
	s.equip(t, u.ID)
	return u
}

func (s *site) equip(t *testing.T, user string) {
	t.Helper()
	dbtest.Write(t, s.d, func(tx *db.Tx) error {
		return accounts.Equip(t.Context(), tx, terminal(), user, accounts.Credentials{Password: rightPassword, Seed: seed})
	})
}

// browser is a visitor with cookies, whom nobody leads on to other pages.
type browser struct {
	s       *site
	t       *testing.T
	cookies map[string]*http.Cookie
	header  http.Header
}

func (s *site) browser(t *testing.T) *browser {
	return &browser{s, t, map[string]*http.Cookie{}, http.Header{"Accept-Language": {"en"}, "Sec-Fetch-Site": {"same-origin"}}}
}

// signIn is a browser in which a user has signed in, at a moment of its own so
// that every code is new.
func (s *site) signIn(t *testing.T, login string) *browser {
	t.Helper()
	s.clock.Move(30 * time.Second)
	b := s.browser(t)
	b.post("/sign-in", url.Values{"login": {login}, "password": {rightPassword}}).leads("/sign-in/code")
	b.post("/sign-in/code", url.Values{"code": {code(t, seed, s.clock.Now())}}).leads("/")
	return b
}

func code(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	c, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// seen is what a browser got.
type seen struct {
	t      *testing.T
	what   string
	status int
	header http.Header
	body   string
}

func (b *browser) get(path string) seen { b.t.Helper(); return b.ask("GET", path, "", nil) }

func (b *browser) post(path string, form url.Values) seen {
	b.t.Helper()
	return b.ask("POST", path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

func (b *browser) ask(method, path, kind string, body io.Reader) seen {
	b.t.Helper()
	r := httptest.NewRequest(method, path, body)
	for name, values := range b.header {
		r.Header[name] = values
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	b.s.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c
		}
	}
	return seen{b.t, method + " " + path, w.Code, w.Header(), w.Body.String()}
}

// leads wants the visitor sent on to a path.
func (v seen) leads(to string) seen {
	v.t.Helper()
	if got := v.header.Get("Location"); v.status != http.StatusSeeOther || got != to {
		v.t.Fatalf("%s: %d, to %q, want to %q\n%s", v.what, v.status, got, to, v.text())
	}
	return v
}

// shows wants a status and words on the page.
func (v seen) shows(status int, said ...string) seen {
	v.t.Helper()
	if v.status != status {
		v.t.Fatalf("%s: %d, want %d\n%s", v.what, v.status, status, v.text())
	}
	for _, w := range said {
		if !strings.Contains(v.text(), w) {
			v.t.Errorf("%s: does not say %q\n%s", v.what, w, v.text())
		}
	}
	return v
}

var (
	tags   = regexp.MustCompile(`(?s)<head>.*?</head>|<dialog.*?</dialog>|<footer.*?</footer>|<[^>]*>`)
	spaces = regexp.MustCompile(`\s+`)
)

// text is the page without its markup.
func (v seen) text() string {
	return spaces.ReplaceAllString(strings.NewReplacer("&#39;", "'", "&amp;", "&", "&lt;", "<", "&gt;", ">", "&#34;", `"`).Replace(tags.ReplaceAllString(v.body, " ")), " ")
}

// find returns what a pattern matches first in the page's markup.
func (v seen) find(pattern string) string {
	v.t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(v.body)
	if m == nil {
		v.t.Fatalf("%s: nothing like %s in\n%s", v.what, pattern, v.text())
	}
	return m[len(m)-1]
}
