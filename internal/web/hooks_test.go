// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/hooks"
	"fera/internal/web"
)

// An administrator enters an endpoint, is shown its secret once, tries it, turns the secret, switches it off and removes it.
func TestAnEndpointIsEnteredTriedAndRemoved(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.add(t, "admin", "administrator all")
		s.add(t, "chandra", "supervisor g:"+s.org)
		b := s.signIn(t, "admin")
		form := b.get("/hooks/new").shows(200, "For which organisation", "Referral: sent")
		if !strings.Contains(form.body, s.org) {
			t.Error("the organisation is not offered")
		}
		typed := url.Values{"organisation": {s.org}, "url": {"https://169.254.169.254/x"}, "kinds": {"referral.sent"}}
		b.post("/hooks/new", typed).shows(422, "lies inside this network")
		typed.Set("url", "https://example.invalid/fera")
		typed.Del("kinds")
		b.post("/hooks/new", typed).shows(422, "Choose at least one kind")
		typed["kinds"] = []string{"referral.sent", "referral.served"}
		shown := b.post("/hooks/new", typed).shows(200, "It is shown this once")
		secret := shown.find(`<code class="secret">(whsec_[^<]+)</code>`)
		page := shown.find(`href="(/hooks/[0-9a-f-]{36})"`)

		seen := b.get(page).shows(200, "https://example.invalid/fera", "Nothing yet.")
		if strings.Contains(seen.body, secret) || strings.Contains(b.get("/hooks").shows(200, "example.invalid").body, secret) {
			t.Error("the secret is shown again")
		}
		version := seen.find(`name="version" value="([0-9]+)"`)
		if got := b.post(page, url.Values{"version": {version}, "url": {"https://example.invalid/other"}, "kinds": {"referral.sent"}}); got.status != http.StatusSeeOther {
			t.Errorf("a change: %d %s", got.status, got.text())
		}
		if got := b.post(page+"/try", nil); got.status != http.StatusSeeOther {
			t.Errorf("a ping: %d", got.status)
		}
		if _, err := hooks.NewSender(s.d, hooks.Options{Holder: "x", Rules: hooks.Rules{}}).Work(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.get(page).shows(200, "Ping", "1 attempt")
		other := b.post(page+"/turn", nil).shows(200).find(`<code class="secret">(whsec_[^<]+)</code>`)
		if other == secret {
			t.Error("the same secret")
		}
		b.get(page).shows(200, "The secret before is good until")

		nosy := s.signIn(t, "chandra")
		for _, path := range []string{"/hooks", page, "/hooks/new"} {
			if got := nosy.get(path); got.status != http.StatusNotFound {
				t.Errorf("%s by a supervisor: %d", path, got.status)
			}
		}
		b.post(page+"/switch", url.Values{"state": {"off"}})
		b.get(page).shows(200, "Off", "Given up", "Remove")
		if got := b.post(page+"/switch", url.Values{"state": {"removed"}}); got.header.Get("Location") != "/hooks" {
			t.Errorf("removed: %d to %q", got.status, got.header.Get("Location"))
		}
		if got := b.get(page); got.status != http.StatusNotFound {
			t.Errorf("it is still there: %d", got.status)
		}
	})
}

// What an endpoint took or what was given up is told again by hand, under the same identifier.
func TestADeliveryIsToldAgain(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newSite(t, d, clock, web.Options{HookPrivate: true})
		s.add(t, "admin", "administrator all")
		var told []string
		receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { told = append(told, r.Header.Get("webhook-id")) }))
		defer receiver.Close()
		b := s.signIn(t, "admin")
		page := b.post("/hooks/new", url.Values{"organisation": {s.org}, "url": {receiver.URL}, "kinds": {"referral.sent"}}).shows(200).find(`href="(/hooks/[0-9a-f-]{36})"`)
		b.post(page+"/try", nil)
		work := func() {
			t.Helper()
			if _, err := hooks.NewSender(s.d, hooks.Options{Holder: "x", Rules: hooks.Rules{Private: true}}).Work(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		work()
		again := regexp.MustCompile(`action="(` + page + `/deliveries/[0-9a-f-]{36}/again)"`).FindStringSubmatch(b.get(page).shows(200, "Taken").body)
		if again == nil {
			t.Fatal("no way to tell it again")
		}
		b.post(again[1], nil)
		work()
		if len(told) != 2 || told[0] != told[1] {
			t.Errorf("told %v", told)
		}
	})
}
