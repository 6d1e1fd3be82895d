// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/browsertest"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/persons"
	"fera/internal/words"
)

// tale is the room of her story, with a browser for each who is in it.
type tale struct {
	*room
	t                 *testing.T
	clock             *dbtest.Clock
	site              string
	lang              words.Lang
	s                 *words.Speaker
	width             int
	tabs              map[string]*browsertest.Page
	woman             persons.ID
	record, at, board string // addresses of her record, of her case and of the shelter
}

const herName, herLatin = "নাসিমা আক্তার", "Nasima Akter"

func openTale(t *testing.T, d *db.DB, clock *dbtest.Clock) *tale {
	t.Helper()
	h := &tale{room: openRoom(t, d), t: t, clock: clock, lang: words.Bangla, width: 360, tabs: map[string]*browsertest.Page{}}
	if strings.HasSuffix(t.Name(), "postgres") {
		h.lang, h.width = words.English, 1280
	}
	h.s = words.In(h.lang)
	h.join(t, "jamil", "amina", access.Caseworker)
	h.join(t, "chitra", "amina", access.Supervisor)
	h.join(t, "jorina", "amina", access.ShelterKeeper)
	for login := range h.users {
		h.speak(t, login, h.lang)
	}
	site := httptest.NewServer(h.pages)
	t.Cleanup(site.Close)
	h.site = site.URL
	return h
}

// as is the browser of somebody.
func (h *tale) as(login string) *browsertest.Page {
	h.t.Helper()
	if h.tabs[login] == nil {
		h.tabs[login] = h.enterAs(h.t, h.site, login, browsertest.Options{Width: h.width, Height: 800, Scripts: true, Lang: string(h.lang)})
	}
	return h.tabs[login]
}

// pass lets time go by: everybody signs in anew.
func (h *tale) pass(time time.Duration) {
	h.clock.Move(time)
	h.keys, h.tabs = map[string]string{}, map[string]*browsertest.Page{}
}

// opened opens a page as Amina, or another, presses what shows more, and waits until it is seen.
func (h *tale) opened(path, press, see string, login ...string) *browsertest.Page {
	h.t.Helper()
	p := h.as(append(login, "amina")[0])
	p.Go(h.site + path)
	p.Click(press)
	p.See(see)
	return p
}

// deed is a form that somebody fills in and sends.
type deed struct {
	login  string   // who; amina where empty
	path   string   // the page of the form; empty where it is open already
	action string   // where it is posted
	button string   // the key of what is written on what she presses
	press  string   // which button of the form, as a selector; the main one where empty
	fields []string // name=value
	see    string   // the key of what is seen then, where the address stays as it was
	says   string   // the same, as it is said
	hidden bool     // it is of class 3, so that it is not found by colleagues either
	free   bool     // everybody may send such a form
}

// do fills in a form and presses its button, and tells where that leads. Before, those who have no right to it try the same.
func (h *tale) do(a deed) string {
	h.t.Helper()
	if a.login == "" {
		a.login = "amina"
	}
	h.clock.Move(time.Second)
	p := h.as(a.login)
	if a.path != "" {
		p.Go(h.site + a.path)
		if p.Status() != http.StatusOK {
			h.t.Fatalf("%s opens %s: %d\n%s", a.login, a.path, p.Status(), p.Text("body"))
		}
	}
	form := fmt.Sprintf(`main form:is([action="%s"],[action^="%s?"])`, a.action, a.action)
	for _, field := range a.fields {
		name, value, _ := strings.Cut(field, "=")
		h.fill(p, form, name, value)
	}
	press := form + " button" + a.press
	if a.press == "" {
		press += ".primary"
	}
	if says := p.Text(press); says != h.s.T(a.button) {
		h.t.Errorf("the button of %s says %q, want %q", a.action, says, h.s.T(a.button))
	}
	if wide := p.Overflow(); wide != "" {
		h.t.Errorf("%s is too wide: %s", p.URL(), wide)
	}
	h.tried(p, a, form, press)
	before := p.URL()
	p.Click(press)
	if p.Status() != http.StatusOK {
		h.t.Fatalf("%s sends %s: %d\n%s", a.login, a.action, p.Status(), p.Text("main"))
	}
	if a.see != "" {
		a.says = h.s.T(a.see)
	}
	if a.says != "" {
		p.See(a.says)
	} else if p.URL() == before {
		h.t.Fatalf("%s sends %s and is where she was\n%s", a.login, a.action, p.Text("main"))
	}
	to, _, _ := strings.Cut(strings.TrimPrefix(p.URL(), h.site), "#")
	return to
}

// fill answers one question of a form, whatever its control is.
func (h *tale) fill(p *browsertest.Page, form, name, value string) {
	h.t.Helper()
	control := fmt.Sprintf(`%s [name="%s"]`, form, name)
	var kind string
	p.Eval(fmt.Sprintf("document.querySelector(`%s`)?.type ?? ''", control), &kind)
	if kind != "radio" && kind != "checkbox" {
		p.Fill(control, value)
		return
	}
	control += fmt.Sprintf(`[value="%s"]`, value)
	ticked := fmt.Sprintf("document.querySelector(`%s`)?.checked ?? false", control)
	var on bool
	if p.Eval(ticked, &on); !on {
		p.Click(control)
	}
	if p.Eval(ticked, &on); !on {
		h.t.Errorf("%s cannot be ticked at %s", control, p.URL())
	}
}

// tried is how those who have no right open the address of a form, and post what is in it now.
func (h *tale) tried(p *browsertest.Page, a deed, form, press string) {
	h.t.Helper()
	if a.free {
		return
	}
	var sent struct {
		Action string
		Pairs  [][2]string
	}
	p.Eval(fmt.Sprintf("({Action: document.querySelector(`%s`).form.getAttribute('action'), Pairs: [...new FormData(document.querySelector(`%s`).form, document.querySelector(`%s`))].filter(x => typeof x[1] === 'string')})", press, press, press), &sent)
	values := url.Values{}
	for _, pair := range sent.Pairs {
		values.Add(pair[0], pair[1])
	}
	if len(values) < len(a.fields)-1 {
		h.t.Errorf("the form of %s holds %d answers", form, len(values))
	}
	h.barred("basil", a.path, sent.Action, values)
	if a.hidden {
		h.barred("jamil", "", sent.Action, values)
	}
}

// barred is somebody without the right at an address, in a browser, and at one to which a form is posted. To Basil there is nothing; who
// sees the case may be told that an act is not his, and still reads nothing of it.
func (h *tale) barred(login, path, action string, form url.Values) {
	h.t.Helper()
	hidden := []string{"Zq"}
	if login == "basil" {
		hidden = append(hidden, "Zp", herName, herLatin)
	}
	refused := func(status int) bool {
		return status == http.StatusNotFound || login != "basil" && status == http.StatusForbidden
	}
	if path != "" {
		p := h.as(login)
		p.Go(h.site + path)
		if !refused(p.Status()) {
			h.t.Errorf("%s opens %s: %d", login, path, p.Status())
		}
		h.silent(path+" to "+login, p.HTML(), hidden...)
	}
	a := h.post(h.t, login, action, form)
	if !refused(a.status) {
		h.t.Errorf("%s posts %s: %d", login, action, a.status)
	}
	h.silent("what "+login+" gets of "+action, a.body+strings.Join(a.header["Location"], ""), hidden...)
}

// silent wants none of these words to be said.
func (h *tale) silent(where, said string, never ...string) {
	h.t.Helper()
	wantNotIn(h.t, where, said, never...)
}
