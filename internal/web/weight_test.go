// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/persons"
	"fera/internal/words"
	"fera/internal/worldtest"
)

// mostOnTheWire is what a first visit to any page may weigh, fonts apart: on a
// slow line it is there in some seconds.
const mostOnTheWire = 60_000

var asset = regexp.MustCompile(`(?:href|src)="(/static/[^"]+\.(?:css|js|svg|png|ico))"`)

// A first visit to a page brings the page itself, its style and its script, and
// together they are light, also where the page is full.
func TestFirstVisitIsLight(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	r := openRoom(t, d)
	id := r.rahima(t)
	r.complete(t, id)
	dbtest.Write(t, d, func(tx *db.Tx) error {
		for range 60 {
			if _, err := persons.Register(t.Context(), tx, r.users["amina"], worldtest.Rahima()); err != nil {
				return err
			}
		}
		return nil
	})
	r.counts(t)
	at := r.start(t, "amina", "needs_assessment", id)
	fetch := func(login, path string) (wire int, body string) {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		plain := r.do(t, login, req)
		if plain.status != http.StatusOK {
			t.Errorf("%s: %d", path, plain.status)
		}
		packed := req.Clone(t.Context())
		packed.Header.Set("Accept-Encoding", "gzip")
		return len(r.do(t, "", packed).body), plain.body
	}
	for _, lang := range words.Languages() {
		r.speak(t, "amina", lang)
		r.speak(t, "chandra", lang)
		for path, login := range map[string]string{"/sign-in": "", "/": "amina", "/persons": "amina", "/persons?q=rahima": "amina", "/persons/new": "amina", "/questionnaires": "amina", "/persons/" + string(id) + "/questionnaires": "amina", at + "/fill?as=whole": "amina",
			"/persons/" + string(id): "amina", "/persons/" + string(id) + "/history": "amina", "/persons/" + string(id) + "/change": "amina", "/roles": "chandra",
			"/figures": "chandra", "/figures/board/returns": "chandra", "/figures/ask/registrations?by=district": "chandra", "/figures/ask/registrations?by=upazila&place=30": "chandra"} {
			total, page := fetch(login, path)
			parts := asset.FindAllStringSubmatch(page, -1)
			if len(parts) < 2 {
				t.Errorf("%s has %d parts: neither style nor script?", path, len(parts))
			}
			for _, p := range parts {
				n, _ := fetch("", p[1])
				total += n
			}
			if total > mostOnTheWire || total < 2_000 || !strings.Contains(page, "<main") {
				t.Errorf("%s in %s weighs %d bytes on the wire, at most %d", path, lang, total, mostOnTheWire)
			}
		}
	}
}
