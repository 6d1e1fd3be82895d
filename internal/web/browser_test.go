// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fera/internal/browsertest"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/web"
)

// Every page of accounts and offices keeps the rules of accessibility and fits
// its width, in both languages, on a phone and on a desk. With PICTURES set to a
// folder, a picture of each is left there.
func TestAccountPagesSuitEveryone(t *testing.T) {
	t.Parallel()
	clock := &dbtest.Clock{}
	clock.Move(time.Duration(dbtest.Noon.UnixMilli()) * time.Millisecond)
	s := newSite(t, dbtest.Open(t, dbtest.SQLite(t), clock.Now), clock, web.Options{})
	server := httptest.NewServer(s.handler)
	t.Cleanup(server.Close)
	s.equip(t, s.farid.ID)
	basil := s.furnish(t)
	s.add(t, "everyone", everyRole()...)
	languages := [][2]string{{"bn", "বাংলা"}, {"en", "English"}} // signing in is done in the last
	for name, o := range map[string]browsertest.Options{"phone": {Width: 360, Height: 740, Scripts: true}, "desk": {Width: 1280, Height: 800, Scripts: true}} {
		p := browsertest.Open(t, o)
		look := func(path, lang string) {
			t.Helper()
			if found := p.Axe(); found != "" {
				t.Errorf("%s in %s on a %s: %s", path, lang, name, found)
			}
			if wide := p.Overflow(); wide != "" {
				t.Errorf("%s in %s on a %s is too wide: %s", path, lang, name, wide)
			}
			if folder := os.Getenv("PICTURES"); folder != "" {
				p.Screenshot(filepath.Join(folder, strings.ReplaceAll(strings.Trim(path, "/"), "/", "-")+"."+lang+"."+name+".png"))
			}
		}
		for _, one := range languages {
			lang, button := one[0], one[1]
			p.Go(server.URL + "/enrol")
			p.Click(button)
			look("/enrol", lang)
			p.Go(server.URL + "/sign-in")
			look("/sign-in", lang)
		}
		s.enter(t, p, server.URL, func() { look("/sign-in/code", "both") })
		for _, one := range languages {
			lang, button := one[0], one[1]
			p.Go(server.URL + "/")
			p.Click(button)
			for _, rt := range web.Routes() {
				if !rt.Page || rt.Open || strings.Contains(rt.Path, "/persons") || strings.Contains(rt.Path, ".html") || strings.Contains(rt.Path, "/export") || strings.Contains(rt.Path, "/glass") {
					continue
				}
				id := basil
				switch {
				case strings.Contains(rt.Path, "/offices"):
					id = s.office
				case strings.Contains(rt.Path, "/organisations"):
					id = s.org
				}
				_, address := path(rt, id)
				p.Go(server.URL + address)
				_, brief := path(rt, "one")
				look(brief, lang)
			}
			p.Go(server.URL + "/no/such/page")
			look("/no/such/page", lang)
		}
	}
}

// enter signs in with both factors, in a real browser.
func (s *site) enter(t *testing.T, p *browsertest.Page, address string, look func()) {
	t.Helper()
	s.clock.Move(time.Minute)
	p.Go(address + "/sign-in")
	p.Fill("Login", "everyone")
	p.Fill("Password", rightPassword)
	p.Click("Sign in")
	p.See("The code from your phone")
	look()
	p.Fill("Code", code(t, seed, s.clock.Now()))
	p.Click("Continue")
	p.See("Good to see you")
}

// furnish fills the administration with what a page may hold, and returns a user
// who has roles, a key and a provider to be linked to.
func (s *site) furnish(t *testing.T) (user string) {
	t.Helper()
	b := s.signIn(t, "farid")
	b.post("/providers", url.Values{"organisation": {s.org}, "name": {"BNSK mail"}, "issuer": {"https://login.bnsk.example"}, "client_id": {"fera"}, "secret": {"s3cret"}}).leads("/providers")
	user = b.post("/users", url.Values{"login": {"basil.haque@bnsk.example"}, "name": {"বাসিল হক"}, "office": {s.office}, "language": {"bn"}}).shows(200).find(`href="(/users/[^"]+)"`)
	b.post(user+"/roles", url.Values{"role": {"caseworker"}, "scope": {"own"}}).leads(user)
	b.post(user+"/roles", url.Values{"role": {"supervisor"}, "scope": {"o:" + s.office}}).leads(user)
	b.post(user+"/tokens", url.Values{"name": {"Airport desk"}, "permissions": {"person.register", "person.read"}, "ends": {"1/1/2031"}}).shows(200)
	var n int
	if err := s.d.Read(t.Context(), func(q db.Reader) error { return q.QueryRow(t.Context(), `SELECT count(*) FROM tokens`).Scan(&n) }); err != nil || n != 1 {
		t.Fatalf("%d keys, %v, want 1", n, err)
	}
	return strings.TrimPrefix(user, "/users/")
}
