// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"flag"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"fera/internal/browsertest"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/persons"
	"fera/internal/words"
)

// pictures is a folder to which each page is drawn, for looking at.
var pictures = flag.String("pictures", "", "draw each page of persons to this folder")

// sights are the pages about her that are looked at, with a name for the picture.
func sights(base string, p persons.Person) [][2]string {
	return [][2]string{{"list", "/persons"}, {"search", "/persons?q=Rohima"}, {"nobody", "/persons?q=Gulnahar"}, {"new", "/persons/new"}, {"record", base}, {"change", base + "/change"},
		{"values", base + "/values?field=birth"}, {"journey", base + "/journeys/new"}, {"journey-change", base + "/journeys/" + p.Journeys[0].ID}, {"family", base + "/family/new"},
		{"paper", base + "/papers/new"}, {"contact", base + "/contacts/new"}, {"consent", base + "/consents/photo"}, {"functioning", base + "/functioning"},
		{"end", base + "/end?row=journey&id=" + p.Journeys[0].ID}, {"photo", base + "/photo"}, {"document", base + "/documents/new"}, {"history", base + "/history"}, {"looks", base + "/looks"},
		{"print", base + "/print"}, {"copy", base + "/copy"}}
}

// Every page of the room fits a phone and a desk in both languages, and axe-core finds nothing wrong with it.
func TestPersonsPagesToEverybody(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	r := openRoom(t, d)
	id := r.rahima(t)
	r.complete(t, id)
	for range 3 {
		r.rahima(t)
	}
	base := "/persons/" + string(id)
	site := httptest.NewServer(r.pages)
	t.Cleanup(site.Close)
	for _, lang := range words.Languages() {
		for login := range map[string]bool{"amina": true, "chandra": true, "esha": true} {
			r.speak(t, login, lang)
		}
		for _, width := range []int{360, 1280} {
			see := func(login string) func(name, path string) {
				p := browsertest.Open(t, browsertest.Options{Width: width, Height: 800, Scripts: true, Lang: string(lang)})
				p.Go(site.URL + "/static/icon.svg")
				p.Go(site.URL + "/sign-in")
				p.Cookie(p.URL(), "fera-session", r.key(t, login))
				return func(name, path string) {
					if act, ok := strings.CutPrefix(path, "POST "); ok {
						p.Eval(act, nil)
						p.See(words.In(lang).T("person.shown_back"))
					} else {
						p.Go(site.URL + path)
					}
					judge(t, p, fmt.Sprintf("%s-%s-%d", name, lang, width))
				}
			}
			amina := see("amina")
			for _, sight := range sights(base, r.find(t, "amina", id)) {
				amina(sight[0], sight[1])
			}
			chandra := see("chandra")
			chandra("record-supervisor", base)
			chandra("assign", base+"/assign")
			chandra("glass", base+"/glass")
			see("esha")("erase", base+"/erase")
			lookInside(t, r, site.URL+base, lang, width)
		}
	}
}

// lookInside opens what only an act shows: the private part, a number, the summary, the card, a refused form.
func lookInside(t *testing.T, r *room, address string, lang words.Lang, width int) {
	t.Helper()
	s := words.In(lang)
	p := browsertest.Open(t, browsertest.Options{Width: width, Height: 800, Scripts: true, Lang: string(lang)})
	p.Go(strings.SplitAfter(address, "/persons/")[0] + "new")
	p.Cookie(p.URL(), "fera-session", r.key(t, "amina"))
	for name, label := range map[string]string{"private": "person.private_open", "number": "person.show"} {
		p.Go(address)
		p.Click(s.T(label))
		p.See(map[string]string{"private": s.T("person.private_close"), "number": s.T("person.shown_lead")}[name])
		judge(t, p, fmt.Sprintf("%s-%s-%d", name, lang, width))
	}
	for name, label := range map[string]string{"summary": "person.print_summary", "card": "person.print_card"} {
		p.Go(address + "/print")
		p.Click(s.T(label))
		p.See(s.T("person.print_now"))
		judge(t, p, fmt.Sprintf("%s-%s-%d", name, lang, width))
	}
	p.Go(strings.SplitAfter(address, "/persons/")[0] + "new")
	p.Click(s.T("person.new_save"))
	p.See(s.T("person.consent_needed"))
	judge(t, p, fmt.Sprintf("refused-%s-%d", lang, width))
}

func judge(t *testing.T, p *browsertest.Page, name string) {
	t.Helper()
	if *pictures != "" {
		p.Screenshot(filepath.Join(*pictures, name+".png"))
	}
	if wide := p.Overflow(); wide != "" {
		t.Errorf("%s: %s", name, wide)
	}
	if wrong := p.Axe(); wrong != "" {
		t.Errorf("%s: %s", name, wrong)
	}
}

// Without scripts the whole way can be gone: find, register, look, print.
func TestPersonsWithoutScripts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		r.rahima(t)
		site := httptest.NewServer(r.pages)
		t.Cleanup(site.Close)
		s := words.In(words.English)
		p := browsertest.Open(t, browsertest.Options{Width: 360, Height: 740})
		p.Go(site.URL + "/sign-in")
		p.Fill("Login", "amina")
		p.Fill("Password", roomPassword)
		p.Click(s.T("common.sign_in"))
		p.Go(site.URL + "/persons")
		p.Fill(s.T("person.search"), "Rohima")
		p.Press("Enter")
		p.See("1 person found")
		p.Click("Rahima Khatun")
		p.See("Careful: only call")
		p.Go(site.URL + "/persons/new")
		p.Fill(s.T("person.field.name_latin"), "Kohinoor Begum")
		p.Fill(s.T("person.field.home"), "Kaliganj")
		p.Click("#consent_register")
		p.Click(s.T("person.new_save"))
		p.See("Which “Kaliganj” is meant?")
		p.Click("Kaliganj, Gazipur")
		p.Click(s.T("person.new_save"))
		p.See("Kohinoor Begum")
		p.See("Kaliganj, Gazipur")
	})
}
