// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"fera/internal/db/dbtest"
	"fera/internal/persons"
)

// filled is a form with its fields as a browser would send them.
type filled struct {
	login, action string
	fields        url.Values
	names         []string // of the fields, in order
}

// formsOf are the forms of the room, filled in so that each would be taken.
func formsOf(t testing.TB, r *room) (all []filled) {
	t.Helper()
	base := "/persons/" + string(r.rahima(t))
	if a := r.send(t, "amina", base+"/journeys/new", base+"/journeys", url.Values{"country_text": {"Saudi Arabia"}, "city": {"Jeddah"}}); a.status != http.StatusSeeOther {
		t.Fatalf("a journey: %d %s", a.status, problemsIn(a.body))
	}
	row := base + "/journeys/" + r.find(t, "amina", personOf(base)).Journeys[0].ID
	contact := base + "/contacts/" + r.find(t, "amina", personOf(base)).Contacts[0].ID
	at := r.start(t, "amina", "progress_check", personOf(base))
	for _, f := range []struct{ login, page, action string }{
		{"amina", at + "/fill?as=whole", at + "/fill"},
		{"amina", "/persons/new", "/persons"},
		{"amina", base + "/change", base + "/change"},
		{"amina", base + "/values?field=birth", base + "/values"},
		{"amina", base + "/journeys/new", base + "/journeys"},
		{"amina", row, row},
		{"amina", base + "/family/new", base + "/family"},
		{"amina", base + "/papers/new", base + "/papers"},
		{"amina", base + "/contacts/new", base + "/contacts"},
		{"amina", contact, contact},
		{"amina", base + "/consents/contact", base + "/consents/contact"},
		{"amina", base + "/functioning", base + "/functioning"},
		{"chandra", base + "/glass", base + "/glass"},
		{"chandra", base + "/assign", base + "/assign"},
	} {
		page := r.page(t, f.login, f.page)
		all = append(all, filled{f.login, f.action, formOf(t, page, f.action), namesOf(t, page, f.action)})
	}
	return all
}

// Whatever the fuzzer types into whatever field of whatever form: the answer is a
// success or says what is wrong, nothing comes back as markup, and a refused form
// still holds what was typed in its other fields.
func FuzzForms(f *testing.F) {
	r := openRoom(f, dbtest.Open(f, dbtest.SQLite(f), nil))
	forms := formsOf(f, r)
	for i, text := range hostile() {
		if len(text) < 2000 {
			for form := range forms {
				f.Add(uint8(form), uint8(i*7+form), text)
			}
		}
	}
	f.Fuzz(func(t *testing.T, form, field uint8, text string) {
		sent := forms[int(form)%len(forms)]
		fields := url.Values{}
		for name, v := range sent.fields {
			fields[name] = slices.Clone(v)
		}
		if sent.action == "/persons" {
			fields.Set("name_latin", "Fuzzed Begum")
			fields.Set("consent_register", "yes")
			fields.Set("village", "kept as typed")
		}
		name := sent.names[int(field)%len(sent.names)]
		fields.Set(name, text)
		a := r.post(t, sent.login, sent.action, fields)
		switch a.status {
		case http.StatusSeeOther, http.StatusOK, http.StatusForbidden, http.StatusNotFound:
		case http.StatusUnprocessableEntity, http.StatusConflict:
			if !strings.Contains(a.body, "summary") && !strings.Contains(a.body, "problem") {
				t.Errorf("%s refused %q in %s and does not say why", sent.action, text, name)
			}
			if sent.action == "/persons" && name != "village" && !strings.Contains(a.body, "kept as typed") {
				t.Errorf("%s refused %q in %s and lost what was typed in another field", sent.action, text, name)
			}
		default:
			t.Errorf("%s with %q in %s: %d", sent.action, text, name, a.status)
		}
		if strings.Contains(a.body, "<script>alert") {
			t.Errorf("%s: %q came back as markup", sent.action, text)
		}
		r.log.Reset()
	})
}

// personOf is the person of a record's address.
func personOf(base string) persons.ID {
	return persons.ID(strings.TrimPrefix(base, "/persons/"))
}
