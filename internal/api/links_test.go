// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"fmt"
	"strings"
	"testing"

	"fera/internal/db/dbtest"
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

// idIn is the id in the answer to a registration.
func idIn(t *testing.T, text string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, `"id":"`)
	if !found {
		t.Fatalf("no id in %s", text)
	}
	return rest[:36]
}
