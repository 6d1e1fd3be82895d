// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"fera/internal/db"
	"fera/internal/db/dbtest"
)

// Amina begins to register somebody, is called away, and goes on later.
func TestAFormBegunIsFoundAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		form := formOf(t, r.page(t, "amina", "/persons/new"), "/persons")
		form.Set("name_latin", "Canary Begum")
		form.Set("village", "Purba Para")
		form["contacts.0.ways"] = []string{"call", "sms"}
		if a := r.post(t, "amina", "/drafts", form); a.status != http.StatusSeeOther || a.header.Get("Location") != "/" {
			t.Fatalf("keep: %d to %q", a.status, a.header.Get("Location"))
		}
		home := r.page(t, "amina", "/")
		wantIn(t, home, "Begun and not sent", "Registration of a person")
		wantNotIn(t, "the first page", home, "Canary")
		wantNotIn(t, "her supervisor's first page", r.page(t, "chandra", "/"), "Begun and not sent")

		again := "/persons/new?draft=" + form.Get("operation")
		if a := r.get(t, "chandra", again); a.status != http.StatusNotFound {
			t.Errorf("her supervisor opens it: %d", a.status)
		}
		kept := formOf(t, r.page(t, "amina", again), "/persons")
		for _, name := range []string{"name_latin", "village", "operation", "contacts.0.ways"} {
			if got, want := strings.Join(kept[name], " "), strings.Join(form[name], " "); got != want {
				t.Errorf("%s = %q, want %q as it was typed", name, got, want)
			}
		}
		kept.Set("consent_register", "yes")
		if a := r.post(t, "amina", "/persons", kept); a.status != http.StatusSeeOther {
			t.Fatalf("register: %d %s", a.status, problemsIn(a.body))
		}
		wantNotIn(t, "the first page once it is sent", r.page(t, "amina", "/"), "Begun and not sent")
		if a := r.get(t, "amina", again); a.status != http.StatusNotFound {
			t.Errorf("a draft that was sent: %d", a.status)
		}
		wantIn(t, r.page(t, "amina", "/persons"), "Canary Begum")
	})
}

func TestAFormBegunIsThrownAway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		form := formOf(t, r.page(t, "amina", "/persons/new"), "/persons")
		r.post(t, "amina", "/drafts", form)
		if a := r.post(t, "chandra", "/drafts/discard", url.Values{"draft": {form.Get("draft")}}); a.status != http.StatusSeeOther {
			t.Errorf("one that is not there: %d", a.status)
		}
		wantIn(t, r.page(t, "amina", "/"), "Begun and not sent")
		r.send(t, "amina", "/", "/drafts/discard", nil)
		wantNotIn(t, "the first page", r.page(t, "amina", "/"), "Begun and not sent")
	})
}

// While one types, a script asks; it is told when the form was kept, or that it was not.
func TestAScriptIsToldWhetherTheFormIsKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		form := formOf(t, r.page(t, "amina", "/persons/new"), "/persons")
		ask := func(login string, form url.Values) answer {
			req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/drafts", strings.NewReader(form.Encode()))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Fera-Fragment", "1")
			return r.do(t, login, req)
		}
		if a := ask("amina", form); a.status != http.StatusOK || !strings.Contains(a.body, `<p id="kept">Kept: `) {
			t.Errorf("kept: %d %s", a.status, a.body)
		}
		if a := ask("", form); a.status == http.StatusOK {
			t.Error("somebody whose session is over is told that it is kept")
		}
		for _, name := range []string{"", "person", "person x", "../x", "user 1"} {
			if a := ask("amina", url.Values{"draft": {name}}); a.status != http.StatusUnprocessableEntity {
				t.Errorf("a form called %q: %d, want 422", name, a.status)
			}
		}
	})
}
