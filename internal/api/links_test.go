// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"fmt"
	"strings"
	"testing"

	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/links"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

const karim = `{"values": {"name_latin": "Abdul Karim Howlader", "sex": "male", "birth": "1987-05-14", "father_name": "Nazrul Howlader", "mother_name": "Rahima Khatun", "home": "305670"},
 "identifiers": [{"kind": "nid", "number": "19875612345678901"}]`

// Another system asks who somebody may be, is told of those whom it sees, and of
// others only that there is one; two people at the desk make one person.
func TestMatchesByTheAPI(t *testing.T) {
	w := open(t, dbtest.Open(t, dbtest.SQLite(t), nil))
	for i, name := range []string{"Jamal Mia", "Nasrin Sarkar", "Bilkis Talukdar", "Habibur Biswas", "Sultana Mollah", "Monir Khan", "Parvin Akter", "Tareq Aziz"} {
		for j := range 4 { // how rare a value is shows only among others
			w.as("Amina", "POST", "/persons", fmt.Sprintf(`{"values": {"name_latin": "%s", "birth": "19%d-0%d-1%d", "home": "305628"}, "consents": [{"purpose": "register", "given": true}]}`, name, 60+4*i+j, 1+i, j)).want(t, 201)
		}
	}
	one := w.as("Amina", "POST", "/persons", karim+`, "consents": [{"purpose": "register", "given": true}]}`).want(t, 201)
	if got := w.as("Amina", "POST", "/persons/matches", karim+"}").want(t, 200).text; !strings.Contains(got, `"verdict":"certain"`) || !strings.Contains(got, "match.nid.equal") {
		t.Errorf("Amina is told %s", got)
	}
	if got := w.as("Basil", "POST", "/persons/matches", karim+"}").want(t, 200).text; strings.Contains(got, "Karim") {
		t.Errorf("Basil is told %s", got)
	}
	if got := w.as("Basil", "POST", "/persons/known", karim+"}").want(t, 200).text; !strings.Contains(got, `"in_network":true`) {
		t.Errorf("Basil is told %s", got)
	}
	w.as("Farid", "POST", "/persons/matches", karim+"}").wrong(t, 403, "access.not_allowed")
	other := w.as("Basil", "POST", "/persons", karim+`, "consents": [{"purpose": "register", "given": true}]}`).want(t, 201)
	pair := `{"one": "` + idIn(t, one.text) + `", "other": "` + idIn(t, other.text) + `", "answer": "same", "reason": "one card"}`
	w.as("Amina", "POST", "/pairs/decide", pair).wrong(t, 403, "access.not_allowed")
	w.as("Chandra", "POST", "/pairs/decide", pair).wrong(t, 404, "person.not_found")
	if got := w.as("Ishrat", "POST", "/pairs/decide", pair).want(t, 200).text; !strings.Contains(got, `"proposed"`) {
		t.Errorf("the first is told %s", got)
	}
	w.as("Ishrat", "POST", "/pairs/decide", pair).wrong(t, 409, "link.second_person")
	w.as("Ishrat", "GET", "/pairs", "").want(t, 200)
}

// The pairs that wait come in pages, by verdict and by what is doubted.
func TestPairsComeInPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		for range 4 {
			dbtest.Write(t, d, func(tx *db.Tx) error {
				_, err := persons.Register(t.Context(), tx, worldtest.Amina(), worldtest.Rahima())
				return err
			})
		}
		if _, err := audit.Seal(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if _, err := links.NewFinder(d).Round(t.Context()); err != nil {
			t.Fatal(err)
		}
		type pairs struct {
			Items []struct{ One, Other, Verdict, Doubt string }
			Next  string
		}
		seen := map[string]bool{}
		at := "/pairs?limit=4"
		for pages := 0; at != "" && pages < 5; pages++ {
			page := read[pairs](t, w.as("Ishrat", "GET", at, "").want(t, 200))
			for _, p := range page.Items {
				if seen[p.One+p.Other] || p.Verdict == "" {
					t.Errorf("%+v comes twice or without a verdict", p)
				}
				seen[p.One+p.Other] = true
			}
			at = strings.TrimPrefix(page.Next, "/api/v1")
		}
		if len(seen) != 6 {
			t.Errorf("%d pairs in pages, want the six of four records", len(seen))
		}
		if got := read[pairs](t, w.as("Ishrat", "GET", "/pairs?doubt=sex&verdict=likely", "").want(t, 200)); len(got.Items) != 0 {
			t.Errorf("of which the sex is doubted: %+v", got)
		}
		for _, query := range []string{"cursor=x", "cursor=", "cursor=eHh4", "doubt=age", "verdict=sure"} {
			w.as("Ishrat", "GET", "/pairs?"+query, "").want(t, 422)
		}
		w.as("Amina", "GET", "/pairs", "").wrong(t, 403, "access.not_allowed")
	})
}

// idIn is the id in the answer to a registration.
func idIn(t *testing.T, text string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, `"id":"`)
	if !found {
		t.Fatalf("no id in %s", text)
	}
	return rest[:36]
}
