// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/offices"
	"fera/internal/web"
	"fera/internal/words"
)

// identity is the pages, served, and beside them a provider that nobody here wrote.
type identity struct {
	d      *db.DB
	gate   *accounts.Gate
	url    string
	issuer string
	org    string
	office string
	other  string // an office of another organisation
}

// eachIdentity runs fn with both engines, or skips it where there is no node.
func eachIdentity(t *testing.T, fn func(t *testing.T, w identity)) {
	library, err := filepath.Abs("../testtools/node_modules/oidc-provider/lib/index.js")
	if err != nil {
		t.Fatal(err)
	}
	_, missing := os.Stat(library)
	node, absent := exec.LookPath("node")
	if missing != nil || absent != nil {
		if os.Getenv("REQUIRE_BROWSER") != "" {
			t.Fatalf("REQUIRE_BROWSER is set, but: %v %v", missing, absent)
		}
		t.Skipf("no provider to try: %v %v", missing, absent)
	}
	for name, path := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := dbtest.Open(t, path(t), time.Now) // the provider's clock is the real one
			w := identity{d: d, gate: accounts.NewGate(d, accounts.Settings{})}
			var pages http.Handler
			server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { pages.ServeHTTP(rw, r) }))
			t.Cleanup(server.Close)
			w.url = server.URL
			pages = web.New(web.Options{DB: d, Gate: w.gate, Log: slog.New(slog.DiscardHandler), Origin: server.URL})
			w.issuer = provider(t, node, library, server.URL+"/sign-in/back")
			w.found(t)
			fn(t, w)
		})
	}
}

// provider starts the provider and returns its address.
func provider(t *testing.T, node, library, redirect string) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	run := exec.CommandContext(ctx, node, "testdata/provider.mjs", library, redirect)
	run.Stderr = os.Stderr
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		run.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the provider did not start: %v", err)
	}
	return strings.TrimSpace(line)
}

// found adds two organisations with an office each.
func (w *identity) found(t *testing.T) {
	t.Helper()
	dbtest.Write(t, w.d, func(tx *db.Tx) error {
		for _, name := range []string{"WARBE", "BNSK"} {
			org, err := offices.AddOrganisation(t.Context(), tx, terminal(), offices.Organisation{NameEn: name, Kind: offices.CivilSociety})
			if err != nil {
				return err
			}
			office, err := offices.Add(t.Context(), tx, terminal(), offices.Opening{Organisation: org.ID, NameEn: name, Kind: offices.HeadOffice, Place: "3026"})
			if err != nil {
				return err
			}
			w.other, w.office, w.org = w.office, office.ID, org.ID
		}
		return nil
	})
}

// connect makes BNSK's users come in through the provider.
func (w identity) connect(t *testing.T, secondFactor bool) accounts.Provider {
	t.Helper()
	var p accounts.Provider
	dbtest.Write(t, w.d, func(tx *db.Tx) (err error) {
		p, err = w.gate.AddProvider(t.Context(), tx, terminal(), accounts.Provider{Organisation: w.org, Name: "BNSK", Issuer: w.issuer, ClientID: "fera", SecondFactor: secondFactor}, "a-secret-of-the-test")
		return err
	})
	return p
}

func (w identity) add(t *testing.T, login, office string) accounts.User {
	t.Helper()
	var u accounts.User
	dbtest.Write(t, w.d, func(tx *db.Tx) (err error) {
		u, _, err = accounts.AddUser(t.Context(), tx, terminal(), accounts.Addition{Login: login, Name: login, Office: office, Language: words.English})
		return err
	})
	return u
}

// wanderer is a browser that follows wherever it is led.
type wanderer struct {
	*http.Client
	t    *testing.T
	back string // the address by which it came back from the provider
}

func wander(t *testing.T) *wanderer {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &wanderer{t: t}
	b.Client = &http.Client{Jar: jar, Timeout: 20 * time.Second, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == "/sign-in/back" {
			b.back = r.URL.String()
		}
		return nil
	}}
	return b
}

func (b *wanderer) got(answer *http.Response, err error) (status int, path string, v seen) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.StatusCode, answer.Request.URL.Path, seen{b.t, answer.Request.URL.Path, answer.StatusCode, answer.Header, string(body)}
}

// through signs in at the provider under a name, starting from our sign-in page.
func (b *wanderer) through(w identity, name string) (status int, path string, v seen) {
	b.t.Helper()
	_, _, v = b.got(b.Get(w.url + "/sign-in"))
	_, _, v = b.got(b.Get(w.url + v.find(`href="(/sign-in/with/[^"]+)"`)))
	_, _, v = b.got(b.PostForm(v.find(`action="(http://127[^"]+)"`), url.Values{"prompt": {"login"}, "login": {name}, "password": {"any"}}))
	return b.got(b.PostForm(v.find(`action="(http://127[^"]+)"`), url.Values{"prompt": {"consent"}}))
}

func TestAProviderLetsItsOwnUsersIn(t *testing.T) {
	eachIdentity(t, func(t *testing.T, w identity) {
		w.connect(t, true)
		w.add(t, "amina@bnsk.example", w.office)
		b := wander(t)
		if status, path, v := b.through(w, "amina"); status != 200 || path != "/" {
			t.Fatalf("amina: %d at %s\n%s", status, path, v.text())
		}
		if _, _, v := b.got(b.Get(w.url + "/account")); !strings.Contains(v.text(), "amina@bnsk.example") {
			t.Errorf("who came in is not amina:\n%s", v.text())
		}
		if status, _, _ := b.got(b.Get(b.back)); status != 403 {
			t.Errorf("the way back a second time: %d, want 403", status)
		}
		other := wander(t)
		if status, path, _ := other.through(w, "amina"); status != 200 || path != "/" {
			t.Errorf("amina again: %d at %s", status, path)
		}
	})
}

func TestAProviderLetsNobodyElseIn(t *testing.T) {
	eachIdentity(t, func(t *testing.T, w identity) {
		p := w.connect(t, true)
		w.add(t, "basil@bnsk.example", w.office)
		w.add(t, "chandra@bnsk.example", w.other)
		gone := w.add(t, "gone@bnsk.example", w.office)
		dbtest.Write(t, w.d, func(tx *db.Tx) error {
			_, err := accounts.ChangeUser(t.Context(), tx, terminal(), accounts.UserChange{ID: gone.ID, Version: 1, Name: "gone", Office: w.office, Disabled: true})
			return err
		})
		for _, name := range []string{"unverified-basil", "chandra", "gone", "nobody"} {
			if status, path, v := wander(t).through(w, name); status != 403 || path != "/sign-in/back" {
				t.Errorf("%s: %d at %s, want 403\n%s", name, status, path, v.text())
			}
		}
		b := wander(t)
		if status, _, _ := b.got(b.Get(w.url + "/sign-in/back?state=made-up&code=made-up")); status != 403 {
			t.Errorf("a made-up way back: %d, want 403", status)
		}
		var users int
		if err := w.d.Read(t.Context(), func(q db.Reader) error { return q.QueryRow(t.Context(), `SELECT count(*) FROM users`).Scan(&users) }); err != nil || users != 3 {
			t.Errorf("%d users, %v, want the 3 there were", users, err)
		}
		dbtest.Write(t, w.d, func(tx *db.Tx) error { return w.gate.CloseProvider(t.Context(), tx, terminal(), p.ID) })
		if status, _, _ := b.got(b.Get(w.url + "/sign-in/with/" + p.ID)); status != 404 {
			t.Errorf("a closed provider: %d, want 404", status)
		}
	})
}

// A linked subject is known whatever its address; without a second factor at the
// provider there is ours.
func TestALinkedUserStillNeedsOurSecondFactor(t *testing.T) {
	eachIdentity(t, func(t *testing.T, w identity) {
		p := w.connect(t, false)
		u := w.add(t, "dipu", w.office)
		far := w.add(t, "esha", w.other)
		link := func(user, subject string) string {
			err := w.d.Write(t.Context(), func(tx *db.Tx) error {
				return w.gate.LinkSubject(t.Context(), tx, terminal(), accounts.Link{Provider: p.ID, Subject: subject, User: user})
			})
			if err != nil {
				return err.Error()
			}
			return ""
		}
		if got := link(far.ID, "esha"); !strings.HasPrefix(got, "account.other_organisation") {
			t.Errorf("link a user of another organisation: %q", got)
		}
		if got := link(u.ID, "subject-7"); got != "" {
			t.Fatalf("link: %s", got)
		}
		if got := link(u.ID, "subject-8"); !strings.HasPrefix(got, "account.subject_taken") {
			t.Errorf("link a user twice: %q", got)
		}
		if status, path, v := wander(t).through(w, "subject-7"); status != 200 || path != "/enrol/factor" {
			t.Errorf("without a second factor yet: %d at %s\n%s", status, path, v.text())
		}
		dbtest.Write(t, w.d, func(tx *db.Tx) error {
			return accounts.Equip(t.Context(), tx, terminal(), u.ID, accounts.Credentials{Password: rightPassword, Seed: seed})
		})
		b := wander(t)
		if status, path, _ := b.through(w, "subject-7"); status != 200 || path != "/sign-in/code" {
			t.Fatalf("with a second factor: %d at %s", status, path)
		}
		if status, path, v := b.got(b.PostForm(w.url+"/sign-in/code", url.Values{"code": {code(t, seed, time.Now())}})); status != 200 || path != "/" {
			t.Errorf("after the code: %d at %s\n%s", status, path, v.text())
		}
	})
}

// A state that another browser was given is worth nothing.
func TestAWayBackBelongsToOneBrowser(t *testing.T) {
	eachIdentity(t, func(t *testing.T, w identity) {
		w.connect(t, true)
		w.add(t, "amina@bnsk.example", w.office)
		attacker := wander(t)
		attacker.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
			if r.URL.Path == "/sign-in/back" {
				attacker.back = r.URL.String()
				return http.ErrUseLastResponse
			}
			return nil
		}
		attacker.through(w, "amina")
		victim := wander(t)
		if status, _, _ := victim.got(victim.Get(attacker.back)); status != 403 {
			t.Errorf("another's way back: %d, want 403", status)
		}
	})
}
