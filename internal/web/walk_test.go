// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/ids"
	"fera/internal/web"
)

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// path fills the parameters of a route's path.
func path(rt web.Route, id string) (method, path string) {
	method, path, _ = strings.Cut(rt.Path, " ")
	return method, parameter.ReplaceAllString(strings.ReplaceAll(path, "{$}", ""), id)
}

func TestEveryRouteHasOneWayToAnswer(t *testing.T) {
	for _, rt := range web.Routes() {
		method, _, _ := strings.Cut(rt.Path, " ")
		if (rt.Perm == "") != rt.Open {
			t.Errorf("%s: want a permission, or to be open", rt.Path)
		}
		if rt.Page == rt.Writes {
			t.Errorf("%s: want either a page or something that writes", rt.Path)
		}
		if outward := strings.HasPrefix(rt.Path, "GET /sign-in/"); rt.Writes && method != "POST" && !outward {
			t.Errorf("%s: writes, so want POST", rt.Path)
		}
		if rt.Page && method != "GET" {
			t.Errorf("%s: reads, so want GET", rt.Path)
		}
	}
}

// Every route turns away a visitor who is not signed in, and one who may do
// nothing but look after her own account.
func TestRoutesTurnAway(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.add(t, "nobody")
		stranger, nobody := s.browser(t), s.signIn(t, "nobody")
		for _, rt := range web.Routes() {
			if rt.Open {
				continue
			}
			method, path := path(rt, s.farid.ID)
			if got := stranger.ask(method, path, "", nil); got.status != http.StatusSeeOther || got.header.Get("Location") != "/sign-in" {
				t.Errorf("%s by a stranger: %d to %q, want to /sign-in", rt.Path, got.status, got.header.Get("Location"))
			}
			if rt.Perm == access.OwnAccount {
				continue
			}
			if got := nobody.ask(method, path, "", nil); got.status != http.StatusNotFound {
				t.Errorf("%s by one without rights: %d, want 404", rt.Path, got.status)
			}
		}
	})
}

// A page never changes a row, whoever asks and however wrong the address is, but for one: that addresses of links are tried which lead
// nowhere is counted by network (decision 121).
func TestPagesChangeNothing(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.add(t, "everyone", everyRole()...)
		b := s.signIn(t, "everyone")
		before := rows(t, s.d)
		for _, rt := range web.Routes() {
			if !rt.Page {
				continue
			}
			for _, id := range []string{s.farid.ID, s.office, s.org, ids.New(dbtest.Noon), "x"} {
				_, path := path(rt, id)
				if got := b.get(path); got.status >= 500 {
					t.Errorf("GET %s: %d\n%s", path, got.status, s.log)
				}
			}
		}
		before["sign_in_failures"]++
		for table, n := range rows(t, s.d) {
			if before[table] != n {
				t.Errorf("pages changed %s: it has %d rows, had %d", table, n, before[table])
			}
		}
	})
}

// rows counts the rows of every table.
func rows(t *testing.T, d *db.DB) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for table := range tables(t, d) {
		if err := d.Read(t.Context(), func(q db.Reader) error {
			var n int
			err := q.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&n)
			counts[table] = n
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	return counts
}

func tables(t *testing.T, d *db.DB) map[string]bool {
	t.Helper()
	query := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`
	if d.Engine() == "postgres" {
		query = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`
	}
	found := map[string]bool{}
	if err := d.Read(t.Context(), func(q db.Reader) error {
		rows, err := q.Query(t.Context(), query)
		names, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (name string, err error) {
			err = row.Scan(&name)
			return name, err
		})
		for _, name := range names {
			found[name] = true
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(found) < 20 {
		t.Fatalf("found only %d tables", len(found))
	}
	return found
}

// Every answer carries the strict headers, also an error and one that leads on.
func TestEveryAnswerIsHeaded(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.add(t, "everyone", everyRole()...)
		b := s.signIn(t, "everyone")
		referrer := "same-origin"
		check := func(what string, h http.Header) {
			t.Helper()
			for name, want := range map[string]string{
				"Content-Security-Policy": "default-src 'self'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": referrer,
				"Cross-Origin-Opener-Policy": "same-origin", "Permissions-Policy": "geolocation=()",
			} {
				if !strings.Contains(h.Get(name), want) {
					t.Errorf("%s: %s = %q, want %q", what, name, h.Get(name), want)
				}
			}
			for _, bad := range []string{"unsafe", "data:", "*"} {
				if strings.Contains(h.Get("Content-Security-Policy"), bad) {
					t.Errorf("%s: the policy holds %q", what, bad)
				}
			}
			if !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
				t.Errorf("%s: may be framed", what)
			}
		}
		for _, rt := range web.Routes() {
			method, path := path(rt, s.farid.ID)
			got := b.ask(method, path, "", nil)
			if referrer = "same-origin"; rt.Secret {
				referrer = "no-referrer"
			}
			check(rt.Path, got.header)
			want := "no-store"
			if got.status == 200 && (path == "/open" || strings.HasPrefix(path, "/open/")) { // the same for everybody, and told to nobody who reads it
				want = "public, max-age=600"
				if got.header.Get("Set-Cookie") != "" || strings.Contains(got.header.Get("Vary"), "Cookie") {
					t.Errorf("%s hangs on who asks: %v", rt.Path, got.header)
				}
			}
			if got.header.Get("Cache-Control") != want {
				t.Errorf("%s: Cache-Control = %q, want %q", rt.Path, got.header.Get("Cache-Control"), want)
			}
			if rt.Path == "POST /sign-out" {
				b = s.signIn(t, "everyone")
			}
		}
		referrer = "same-origin"
		check("an unknown path", b.get("/no/such/page").shows(404).header)
		check("a wrong method", b.ask("DELETE", "/account", "", nil).header)
		b.header.Set("Sec-Fetch-Site", "cross-site")
		check("a form of another site", b.post("/notices/read", nil).shows(403).header)
	})
}

func everyRole() (all []string) {
	for _, role := range access.Roles() {
		all = append(all, string(role)+" all")
	}
	return all
}

// hostile are texts that programs stumble over.
func hostile() []string {
	return []string{"", " ", "\x00", "a\x00b", "\xff\xfe", "\u202Eabc", "\u200b", strings.Repeat("ক", 5000), strings.Repeat("é\u0301", 400), "🧕🏽", "' OR 1=1 --", `"><script>alert(1)</script>`,
		"{{.}}", "%s%n", "../../etc/passwd", "-1", "99999999999999999999", "০১২", "Avwg", "null", "\r\nSet-Cookie: a=b", "//evil.example", "https://evil.example", `\\evil.example`, "javascript:alert(1)"}
}

// Whatever is typed into whatever field, the answer is never our mistake, and
// nothing typed comes back as markup.
func TestHostileFormsNeverBreakAPage(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.add(t, "everyone", everyRole()...)
		b := s.signIn(t, "everyone")
		own := []string{"login", "password", "again", "old", "code", "lang", "next", "name", "office", "language", "version", "role", "scope", "area", "area_text", "area_was", "provider", "subject",
			"permissions", "ends", "user", "organisation", "name_en", "name_bn", "kind", "place", "place_text", "place_was", "closed", "issuer", "client_id", "secret", "second_factor", "q", "act", "actor", "before", "after"}
		for _, rt := range web.Routes() {
			if strings.Contains(rt.Path, "/persons") || strings.Contains(rt.Path, "/sign-out") || strings.Contains(rt.Path, "/account/password") {
				continue
			}
			method, path := path(rt, s.farid.ID)
			for _, text := range hostile() {
				form := url.Values{}
				for _, name := range own {
					form.Set(name, text)
				}
				var got seen
				if method == "GET" {
					got = b.get(path + "?" + form.Encode())
				} else {
					got = b.post(path, form)
				}
				if got.status >= 500 || strings.Contains(got.body, "<script>alert") || strings.Contains(got.header.Get("Location"), "evil") {
					t.Errorf("%s with %.20q: %d to %q\n%s", rt.Path, text, got.status, got.header.Get("Location"), s.log)
				}
				s.log.Reset()
			}
		}
	})
}

func TestTooLargeABodyIsRefusedPolitely(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b := s.browser(t)
		b.post("/sign-in", url.Values{"login": {strings.Repeat("x", 2<<20)}}).shows(422, "too large")
		big := "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n" + strings.Repeat("x", 13<<20) + "\r\n--x--\r\n"
		b.ask("POST", "/sign-in", "multipart/form-data; boundary=x", strings.NewReader(big)).shows(422, "too large")
		b.ask("POST", "/sign-in", "multipart/form-data; boundary=x", strings.NewReader("broken")).shows(422)
		b.ask("POST", "/sign-in", "application/x-www-form-urlencoded", strings.NewReader("%zz")).shows(422)
	})
}

// What is typed stands neither in the log nor in an address.
func TestTheLogHoldsNoPersonalData(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.add(t, "everyone", everyRole()...)
		b := s.signIn(t, "everyone")
		b.get("/users?login=canary")
		b.get("/canary/canary?q=canary")
		b.post("/sign-in", url.Values{"login": {"canary"}, "password": {"canary"}})
		b.post("/users", url.Values{"login": {"canary canary"}, "name": {"canary"}})
		b.get("/users/" + s.farid.ID)
		text := s.log.String()
		for _, never := range []string{"canary", "Farid", s.farid.ID, rightPassword} {
			if strings.Contains(text, never) {
				t.Errorf("the log holds %q:\n%s", never, text)
			}
		}
		for _, want := range []string{`route="GET /users/{id}"`, "status=422", "actor="} {
			if !strings.Contains(text, want) {
				t.Errorf("the log lacks %s:\n%s", want, text)
			}
		}
	})
}

func TestCookiesAreTiedToTheHostUnderHTTPS(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newSite(t, d, clock, web.Options{Secure: true})
		s.equip(t, s.farid.ID)
		b := s.signIn(t, "farid")
		if len(b.cookies) != 2 {
			t.Errorf("cookies = %v, want session and device", b.cookies)
		}
		for name, c := range b.cookies {
			if !strings.HasPrefix(name, "__Host-fera-") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
				t.Errorf("cookie %+v", c)
			}
		}
		if got := b.get("/").shows(200).header.Get("Strict-Transport-Security"); got == "" {
			t.Error("no Strict-Transport-Security")
		}
	})
}

// A mistake of ours is said with a number that also stands in the log.
func TestOurMistakesHaveANumber(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newSite(t, d, clock, web.Options{Address: func(*http.Request) netip.Addr { panic("a mistake") }})
		got := s.browser(t).post("/sign-in", url.Values{"login": {"farid"}}).shows(500, "tell the help desk this number: ")
		number := regexp.MustCompile(`this number: (\w{8})`).FindStringSubmatch(got.text())
		if number == nil || !strings.Contains(s.log.String(), "reference="+number[1]) {
			t.Errorf("the number %v does not stand in the log:\n%s", number, s.log)
		}
	})
}

func TestObserveLearnsTheRouteOnly(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		var got []string
		s := newSite(t, d, clock, web.Options{Observe: func(route string, status int, _ time.Duration) {
			got = append(got, fmt.Sprint(route, " ", status))
		}})
		b := s.browser(t)
		b.get("/users/" + s.farid.ID)
		b.get("/nothing")
		if want := "[GET /users/{id} 303 / 404]"; fmt.Sprint(got) != want {
			t.Errorf("observed %v, want %s", got, want)
		}
	})
}

func TestAssetsAreServedForEver(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		page := s.browser(t).get("/sign-in").shows(200)
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, httptest.NewRequest("GET", page.find(`href="(/static/kit[^"]*css)"`), nil))
		if w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("style sheet: %d %v", w.Code, w.Header())
		}
	})
}
