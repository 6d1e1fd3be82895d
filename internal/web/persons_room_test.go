// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	nethtml "golang.org/x/net/html"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/offices"
	"fera/internal/persons"
	"fera/internal/web"
	"fera/internal/words"
	"fera/internal/worldtest"
)

// room is the pages of persons with people who are signed in to them.
type room struct {
	counted *bytes.Buffer // what the metrics are made of
	d       *db.DB
	pages   http.Handler
	gate    *accounts.Gate
	log     *bytes.Buffer
	users   map[string]access.Actor
	keys    map[string]string // session by login
}

const roomPassword = "nodir pare boshe thaki"

// openRoom adds two organisations; amina and dipu work at one, basil at the
// other, chandra supervises the first, esha protects the data of all.
func openRoom(t testing.TB, d *db.DB) *room {
	t.Helper()
	r := &room{d: d, log: &bytes.Buffer{}, counted: &bytes.Buffer{}, users: map[string]access.Actor{}, keys: map[string]string{}}
	r.gate = accounts.NewGate(d, accounts.Settings{WithoutSecondFactor: true})
	counted := slog.New(slog.NewTextHandler(r.counted, nil)) // many may be answered at once
	r.pages = web.New(web.Options{DB: d, Gate: r.gate, Log: slog.New(slog.NewTextHandler(r.log, nil)), Version: "test",
		Observe: func(route string, status int, _ time.Duration) { counted.Info(route, "status", status) }})
	for _, o := range []struct {
		name  string
		users map[string]access.Role
	}{
		{"Shetu", map[string]access.Role{"amina": access.Caseworker, "chandra": access.Supervisor, "dipu": access.FieldOfficer, "esha": access.DataProtectionOfficer, "farid": access.Administrator}},
		{"Bandhan", map[string]access.Role{"basil": access.Caseworker}},
	} {
		dbtest.Write(t, d, func(tx *db.Tx) error {
			org, err := offices.AddOrganisation(t.Context(), tx, terminal(), offices.Organisation{NameEn: o.name, NameBn: "সেতু", Kind: offices.CivilSociety})
			if err != nil {
				return err
			}
			office, err := offices.Add(t.Context(), tx, terminal(), offices.Opening{Organisation: org.ID, NameEn: o.name + " centre", NameBn: "সেবাকেন্দ্র", Kind: offices.ServiceCentre, Place: "305646"})
			if err != nil {
				return err
			}
			for login, role := range o.users {
				if err := r.hire(t, tx, login, office, role); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return r
}

func (r *room) hire(t testing.TB, tx *db.Tx, login string, office offices.Office, role access.Role) error {
	u, _, err := accounts.AddUser(t.Context(), tx, terminal(), accounts.Addition{Login: login, Name: strings.ToUpper(login[:1]) + login[1:], Office: office.ID, Language: words.English})
	if err != nil {
		return err
	}
	scope := map[access.Role]access.Scope{access.Supervisor: access.OfOrganisation(office.Organisation), access.FieldOfficer: "own", access.DataProtectionOfficer: "all", access.Administrator: "all"}[role]
	if scope == "" {
		scope = access.AtOffice(office.ID)
	}
	if err := accounts.GrantRole(t.Context(), tx, terminal(), accounts.Held{User: u.ID, Role: role, Scope: scope}); err != nil {
		return err
	}
	a := access.Actor{ID: u.ID, Name: u.Name, Office: office.ID, Organisation: office.Organisation}
	a.Grant(role, scope)
	r.users[login] = a
	return accounts.Equip(t.Context(), tx, terminal(), u.ID, accounts.Credentials{Password: roomPassword})
}

// key is the session of a user, who signs in at first.
func (r *room) key(t testing.TB, login string) string {
	t.Helper()
	if r.keys[login] == "" {
		p, err := r.gate.SignIn(t.Context(), accounts.Visitor{Network: "203.0.113.0/24", Agent: "test"}, login, roomPassword)
		if err != nil || p.Stage != accounts.StageIn {
			t.Fatalf("sign in %s: %v, %s", login, err, p.Stage)
		}
		r.keys[login] = p.Token
	}
	return r.keys[login]
}

// speak chooses a user's language.
func (r *room) speak(t testing.TB, login string, lang words.Lang) {
	t.Helper()
	dbtest.Write(t, r.d, func(tx *db.Tx) error { return accounts.ChooseLanguage(t.Context(), tx, r.users[login], lang) })
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (r *room) do(t testing.TB, login string, req *http.Request) answer {
	t.Helper()
	if login != "" {
		req.AddCookie(&http.Cookie{Name: "fera-session", Value: r.key(t, login)})
	}
	rec := httptest.NewRecorder()
	r.pages.ServeHTTP(rec, req)
	a := answer{rec.Code, rec.Header(), rec.Body.String()}
	if a.status >= 500 {
		t.Errorf("%s %s as %s: %d\n%s", req.Method, req.URL, login, a.status, r.log.String())
	}
	if strings.Contains(a.body, "⟦") {
		at := strings.Index(a.body, "⟦")
		t.Errorf("%s %s as %s lacks a text: %s", req.Method, req.URL, login, a.body[at:min(len(a.body), at+60)])
	}
	return a
}

func (r *room) get(t testing.TB, login, path string) answer {
	t.Helper()
	return r.do(t, login, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
}

func (r *room) post(t testing.TB, login, path string, form url.Values) answer {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r.do(t, login, req)
}

// page fetches a page that must be there.
func (r *room) page(t testing.TB, login, path string) string {
	t.Helper()
	a := r.get(t, login, path)
	if a.status != http.StatusOK {
		t.Fatalf("GET %s as %s: %d", path, login, a.status)
	}
	return a.body
}

// send fills in the form of a page that posts to action, as a browser would,
// changes some of its fields and sends it.
func (r *room) send(t testing.TB, login, path, action string, typed url.Values) answer {
	t.Helper()
	form := formOf(t, r.page(t, login, path), action)
	for name, values := range typed {
		form[name] = values
	}
	return r.post(t, login, action, form)
}

// formOf reads the form of a page that posts to action.
func formOf(t testing.TB, page, action string) url.Values {
	t.Helper()
	root, err := nethtml.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	values := url.Values{}
	found := false
	for n := range root.Descendants() {
		if n.Data == "form" && attribute(n, "action") == action && attribute(n, "method") == "post" {
			found = true
			for c := range n.Descendants() {
				readControl(values, c)
			}
		}
	}
	if !found {
		t.Fatalf("no form leads to %s", action)
	}
	return values
}

// namesOf are the fields of the form of a page that posts to action, also those
// in which nothing is chosen.
func namesOf(t testing.TB, page, action string) (names []string) {
	t.Helper()
	root, err := nethtml.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Data == "form" && attribute(n, "action") == action && attribute(n, "method") == "post" {
			for c := range n.Descendants() {
				if name := attribute(c, "name"); name != "" && !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	return names
}

func readControl(values url.Values, n *nethtml.Node) {
	name := attribute(n, "name")
	switch {
	case name == "":
	case n.Data == "input" && slices.Contains([]string{"radio", "checkbox"}, attribute(n, "type")):
		if has(n, "checked") {
			values.Add(name, attribute(n, "value"))
		}
	case n.Data == "input" && attribute(n, "type") != "file":
		values.Add(name, attribute(n, "value"))
	case n.Data == "textarea":
		text := ""
		if n.FirstChild != nil {
			text = strings.TrimPrefix(n.FirstChild.Data, "\n")
		}
		values.Add(name, text)
	case n.Data == "select":
		for o := range n.Descendants() {
			if o.Data == "option" && has(o, "selected") {
				values.Add(name, attribute(o, "value"))
			}
		}
	}
}

func has(n *nethtml.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a nethtml.Attribute) bool { return a.Key == name })
}

func attribute(n *nethtml.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// rahima registers her as amina does.
func (r *room) rahima(t testing.TB) persons.ID {
	t.Helper()
	var id persons.ID
	rahima := worldtest.Rahima()
	rahima.Consents = append(rahima.Consents, persons.Consent{Purpose: persons.PurposeProtected, Given: true})
	dbtest.Write(t, r.d, func(tx *db.Tx) (err error) {
		id, err = persons.Register(t.Context(), tx, r.users["amina"], rahima)
		return err
	})
	return id
}

// find reads her record.
func (r *room) find(t testing.TB, login string, id persons.ID) (p persons.Person) {
	t.Helper()
	if err := r.d.Read(t.Context(), func(q db.Reader) (err error) {
		p, err = persons.Find(t.Context(), q, r.users[login], id)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return p
}

func wantIn(t testing.TB, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(html.UnescapeString(page), text) {
			t.Errorf("the page lacks %q", text)
		}
	}
}

func wantNotIn(t testing.TB, where, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(html.UnescapeString(page), text) {
			t.Errorf("%s says %q", where, text)
		}
	}
}

func titleOf(page string) string {
	_, rest, _ := strings.Cut(page, "<title>")
	title, _, _ := strings.Cut(rest, "</title>")
	return html.UnescapeString(title)
}
