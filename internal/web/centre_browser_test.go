// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"fera/internal/browsertest"
	"fera/internal/db/dbtest"
	"fera/internal/words"
)

// One key calls the next at a counter, and the screen on the wall follows by itself, without a script.
func TestOneKeyCallsAndTheWallFollows(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	r := openRoom(t, d)
	at, wall := r.settle(t)
	desk := r.desks(t, "amina", at)[0]
	for range 2 {
		r.must(t, "amina", at, at, url.Values{"need": {"job"}})
	}
	site := httptest.NewServer(r.pages)
	t.Cleanup(site.Close)
	p := r.enterAs(t, site.URL, "amina", browsertest.Options{Width: 1280, Height: 800, Scripts: true, Lang: "en"})
	screen := browsertest.Open(t, browsertest.Options{Width: 1280, Height: 720, Scripts: false, Lang: "en"})
	screen.Go(site.URL + wall)
	screen.See("Nobody is called now")
	p.Go(site.URL + desk)
	p.Press("n")
	p.See("She is here")
	p.See("A-001")
	screen.See("A-001")
	p.Click("She is here")
	p.See("Done, call the next")
	p.Press("n")
	p.See("A-002")
}

// Every page of centres and appointments fits a phone and a desk in both languages, and axe-core finds nothing wrong with it.
func TestCentrePagesToEverybody(t *testing.T) {
	t.Parallel()
	clock := &dbtest.Clock{}
	clock.Move(time.Duration(dbtest.Noon.UnixMilli()) * time.Millisecond)
	d := dbtest.Open(t, dbtest.SQLite(t), clock.Now)
	r := openRoom(t, d)
	at, _ := r.settle(t)
	desk := r.desks(t, "amina", at)[0]
	file := r.openCase(t, "amina", r.rahima(t))
	r.button(t, "amina", file, file+"/take")
	ticket := r.must(t, "amina", at, at, url.Values{"need": {"job"}, "first": {"yes"}})
	for range 2 {
		r.must(t, "amina", at, at, url.Values{"need": {"talk"}, "women": {"yes"}, "language": {"syl"}})
	}
	r.must(t, "amina", desk, desk, nil)
	form := file + "/appointments/new"
	free := regexp.MustCompile(`name="at" value="([^"]+)"`).FindAllStringSubmatch(r.page(t, "amina", form), -1)
	for n := range 2 {
		r.must(t, "amina", form, form, url.Values{"purpose": {"job"}, "at": {free[n][1]}, "note": {"ঋণদাতা আবার বাড়িতে এসেছিলেন; কাগজপত্র সঙ্গে আনবেন।"}})
	}
	one := regexp.MustCompile(`href="(/appointments/[0-9a-f-]{36})"`).FindStringSubmatch(r.page(t, "amina", file+"/appointments"))[1]
	site := httptest.NewServer(r.pages)
	t.Cleanup(site.Close)
	pages := map[string]map[string]string{
		"amina": {"reception": at, "for-her": at + "?case=" + url.QueryEscape(strings.TrimPrefix(file, "/cases/")), "ticket": ticket, "desk": desk, "day": "/appointments?day=2030-03-06", "empty-day": "/appointments?day=2030-03-01",
			"of-case": file + "/appointments", "book": form, "book-elsewhere": form + "?where=elsewhere&with=counter", "appointment": one, "move": one + "/move", "feed": "/appointments/feed"},
		"chandra": {"settings": at + "/settings", "counter": at + "/settings/counter"},
	}
	for _, lang := range words.Languages() {
		for login := range pages {
			r.speak(t, login, lang)
		}
		for _, width := range []int{360, 1280} {
			for login, sights := range pages {
				p := r.enterAs(t, site.URL, login, browsertest.Options{Width: width, Height: 800, Scripts: true, Lang: string(lang)})
				for name, path := range sights {
					p.Go(site.URL + path)
					judge(t, p, fmt.Sprintf("centre-%s-%s-%d", name, lang, width))
				}
			}
		}
	}
}
