// SPDX-License-Identifier: Apache-2.0

package torture_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/ids"
	"fera/internal/offices"
	"fera/internal/words"
)

const (
	password = "nodir pare boshe thaki"
	seed     = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
)

// staff adds an administrator, and Amina, who can sign in; it returns a key of hers.
func staff(t *testing.T, d *db.DB) (key string) {
	t.Helper()
	all := access.System(access.Permissions()...)
	dbtest.Write(t, d, func(tx *db.Tx) error {
		farid, _, err := accounts.FirstAdministrator(t.Context(), tx, all, accounts.First{
			Addition:     accounts.Addition{Login: "farid", Name: "Farid Ahmed", Language: words.English},
			Organisation: offices.Organisation{NameEn: "Shetu", Kind: offices.CivilSociety},
			Opening:      offices.Opening{NameEn: "Head office", Kind: offices.HeadOffice, Place: "3026"}})
		if err != nil {
			return err
		}
		if farid, err = accounts.FindUser(t.Context(), tx, all, farid.ID); err != nil {
			return err
		}
		amina, _, err := accounts.AddUser(t.Context(), tx, all, accounts.Addition{Login: "amina", Name: "Amina Begum", Office: farid.Office, Language: words.English})
		if err != nil {
			return err
		}
		if err := accounts.GrantRole(t.Context(), tx, all, accounts.Held{User: amina.ID, Role: access.Caseworker, Scope: access.AtOffice(farid.Office)}); err != nil {
			return err
		}
		if err := accounts.Equip(t.Context(), tx, all, amina.ID, accounts.Credentials{Password: password, Seed: seed}); err != nil {
			return err
		}
		_, key, err = accounts.AddToken(t.Context(), tx, all, accounts.Token{Owner: amina.ID, Name: "crowd",
			Permissions: []access.Permission{access.RegisterPerson, access.ReadPersons}, EndsAt: tx.Now().Add(time.Hour)})
		return err
	})
	return key
}

// browser keeps cookies, which do not tell one port from another, and is led nowhere.
type browser struct {
	t *testing.T
	http.Client
}

func newBrowser(t *testing.T) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// sees asks for a page, or posts a form, and wants it drawn, or to be led elsewhere.
func (b *browser) sees(s *server, path string, form url.Values, want string) {
	b.t.Helper()
	ask := func() (*http.Response, error) { return b.Get(s.address + path) }
	if form != nil {
		ask = func() (*http.Response, error) { return b.PostForm(s.address+path, form) }
	}
	res, err := ask()
	if err != nil {
		b.t.Fatal(err)
	}
	res.Body.Close()
	got := res.Header.Get("Location")
	if res.StatusCode == http.StatusOK {
		got = path
	}
	if got != want {
		b.t.Fatalf("%s: answered %d %q, want %q", path, res.StatusCode, got, want)
	}
}

// signedInEverywhere checks that a sign-in begun at one server and finished at
// another holds at all of them, until it is ended at one.
func signedInEverywhere(t *testing.T, servers []*server) {
	t.Helper()
	b, all := newBrowser(t), len(servers)
	b.sees(servers[0], "/", nil, "/sign-in")
	b.sees(servers[0], "/sign-in", url.Values{"login": {"amina"}, "password": {password}}, "/sign-in/code")
	code, err := totp.GenerateCode(seed, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	b.sees(servers[1%all], "/sign-in/code", url.Values{"code": {code}}, "/")
	for _, s := range servers {
		b.sees(s, "/", nil, "/")
	}
	at, err := url.Parse(servers[0].address)
	if err != nil {
		t.Fatal(err)
	}
	kept := b.Jar.Cookies(at)
	b.sees(servers[1%all], "/sign-out", url.Values{}, "/sign-in")
	b.Jar.SetCookies(at, kept) // as somebody would who had copied them
	for _, s := range servers {
		b.sees(s, "/", nil, "/sign-in")
	}
}

// crowd is clients that register people, a third at each of three servers until
// theirs does not answer, then at the next.
type crowd struct {
	t       *testing.T
	key     string
	servers []*server
	stop    atomic.Bool
	group   sync.WaitGroup

	mu               sync.Mutex
	done             map[string]string // operation → person
	unanswered, same int
}

// clients is how many there are.
const clients = 12

func newCrowd(t *testing.T, key string, servers []*server) *crowd {
	c := &crowd{t: t, key: key, servers: servers, done: map[string]string{}}
	for n := range clients {
		c.group.Go(func() { c.client(n) })
	}
	t.Cleanup(c.goHome) // before the servers go
	return c
}

func (c *crowd) goHome() {
	c.stop.Store(true)
	c.group.Wait()
}

func (c *crowd) registered() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.done)
}

// client registers one after the other. What got no answer it asks again, under
// the same key, of the next server; every tenth time it does so as if it had not
// heard the answer.
func (c *crowd) client(at int) {
	h := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{}}
	defer h.CloseIdleConnections()
	for n := 1; !c.stop.Load(); n++ {
		operation := ids.New(time.Now())
		for tries := 1; !c.register(h, c.servers[at%len(c.servers)], operation); tries++ {
			if tries == 100 {
				c.t.Error("no server answers")
				return
			}
			at++
			time.Sleep(time.Duration(tries/len(c.servers)) * time.Millisecond)
		}
		if n%10 == 0 {
			c.register(h, c.servers[(at+1)%len(c.servers)], operation)
		}
	}
}

// register notes who was registered, and reports whether there was an answer.
func (c *crowd) register(h *http.Client, s *server, operation string) bool {
	var text []byte
	res, err := h.Do(c.request("POST", s, "/api/v1/persons", operation))
	if err == nil {
		text, err = io.ReadAll(res.Body)
		res.Body.Close()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.unanswered++
		return false
	}
	var made struct{ ID string }
	if res.StatusCode != http.StatusCreated || json.Unmarshal(text, &made) != nil || made.ID == "" {
		c.t.Errorf("a registration was answered %d: %s", res.StatusCode, text)
		return true
	}
	if earlier, again := c.done[operation]; again && (made.ID != earlier || res.Header.Get("Idempotent-Replay") == "") {
		c.t.Errorf("sent again, %s was registered as %s, and is %s", operation, earlier, made.ID)
	}
	if res.Header.Get("Idempotent-Replay") != "" {
		c.same++
	}
	c.done[operation] = made.ID
	return true
}

// request is one for the API. The same operation registers the same person.
func (c *crowd) request(method string, s *server, path, operation string) *http.Request {
	body := fmt.Sprintf(`{"values": {"name_bn": "রহিমা খাতুন", "name_latin": %q, "sex": "female", "home": "305670"},
		"contacts": [{"number": "01712345678", "safety": "careful", "ways": ["call"]}],
		"consents": [{"purpose": "register", "given": true}]}`, name(operation))
	if method == "GET" {
		body = ""
	}
	r, err := http.NewRequest(method, s.address+path, strings.NewReader(body))
	if err != nil {
		panic(err) // the address is ours
	}
	r.Header.Set("Authorization", "Bearer "+c.key)
	if method == "POST" {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", operation)
	}
	return r
}

func name(operation string) string { return "Rahima " + operation[24:] }

// allThere asks the servers that are left for each person who was acknowledged.
func (c *crowd) allThere(t *testing.T, living []*server) {
	t.Helper()
	if c.unanswered < clients/len(c.servers) {
		t.Errorf("%d requests got no answer, want one at least from each client of the killed server", c.unanswered)
	}
	work := make(chan string, len(c.done))
	for operation := range c.done {
		work <- operation
	}
	close(work)
	var group sync.WaitGroup
	for n := range clients {
		group.Go(func() {
			for operation := range work {
				res, err := http.DefaultClient.Do(c.request("GET", living[n%len(living)], "/api/v1/persons/"+c.done[operation], operation))
				if err != nil {
					t.Error(err)
					continue
				}
				text, _ := io.ReadAll(res.Body)
				res.Body.Close()
				if res.StatusCode != http.StatusOK || !strings.Contains(string(text), name(operation)) {
					t.Errorf("%s was acknowledged and is answered %d: %s", c.done[operation], res.StatusCode, text)
				}
			}
		})
	}
	group.Wait()
}
