// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fera/internal/cases"
	"fera/internal/copies"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/persons"
	"fera/internal/words"
)

// Her caseworker hands her the copy, on paper or as data, with what is protected if she asks; others find no such page, or no
// such question on it.
func TestACopyIsHandedOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		id := r.rahima(t)
		r.complete(t, id)
		at := "/persons/" + string(id) + "/copy"
		wantIn(t, r.page(t, "amina", "/persons/"+string(id)), at)
		for _, lang := range words.Languages() {
			r.speak(t, "amina", lang)
			page := r.page(t, "amina", at)
			wantIn(t, page, words.In(lang).T("copy.page_lead"), words.In(lang).T("copy.ask_protected"), words.In(lang).T("copy.paper"))
			wantNotIn(t, "the page", page, words.In(lang).T("copy.ask_insists"), "⟦")
		}
		for login, want := range map[string]int{"basil": 404, "esha": 404, "dipu": 404, "farid": 404} {
			if a := r.get(t, login, at); a.status != want {
				t.Errorf("%s finds the page: %d", login, a.status)
			}
			if a := r.post(t, login, at, url.Values{"language": {"bn"}}); a.status != want {
				t.Errorf("%s makes a copy: %d", login, a.status)
			}
		}
		wantNotIn(t, "the supervisor's page", r.page(t, "chandra", at), words.In(words.Bangla).T("copy.ask_protected"), words.In(words.English).T("copy.ask_protected"))
		paper := r.send(t, "amina", at, at, url.Values{"form": {"pdf"}})
		if paper.status != http.StatusOK || !strings.HasPrefix(paper.body, "%PDF-1.7") || paper.header.Get("Content-Type") != "application/pdf" || !strings.Contains(paper.header.Get("Content-Disposition"), `"copy.pdf"`) {
			t.Errorf("the paper: %d %v %.100q", paper.status, paper.header, paper.body)
		}
		data := r.send(t, "amina", at, at, url.Values{"form": {"json"}, "protected": {"yes"}, "language": {"en"}})
		var c copies.Copy
		if err := json.Unmarshal([]byte(data.body), &c); err != nil {
			t.Fatalf("%v in %.200q", err, data.body)
		}
		if c.Language != "en" || !c.Protected || !strings.Contains(data.body, "canary-account") || !strings.Contains(data.header.Get("Content-Disposition"), `"copy.json"`) {
			t.Errorf("the data: %+v", c)
		}
		wantNotIn(t, "the copy without what is protected", r.send(t, "amina", at, at, url.Values{"form": {"json"}}).body, "canary")
		if a := r.post(t, "chandra", at, url.Values{"language": {"bn"}, "protected": {"yes"}}); a.status != http.StatusForbidden || strings.Contains(a.body, "canary") {
			t.Errorf("the supervisor asks for what is protected: %d", a.status)
		}
		if a := r.post(t, "amina", at, url.Values{"language": {"fr"}}); a.status != http.StatusUnprocessableEntity {
			t.Errorf("a language that is not spoken: %d", a.status)
		}
		wantIn(t, r.page(t, "amina", "/persons/"+string(id)+"/history"), "made the copy of her data")
		wantNotIn(t, "the log", r.log.String(), "canary", "Rahima", "রহিমা", string(id))
	})
}

var brother = regexp.MustCompile(`(?s)value="([0-9a-f-]{36})"[^>]*>\s*<label[^>]*>[^<]*deep about her brother`)

// Where a paper may not be safe the page says so, and makes none until it is ticked that she insists; notes are chosen that stay out.
func TestACopyIsNotHandedOutAgainstHerSafety(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		id := r.rahima(t)
		at := "/persons/" + string(id) + "/copy"
		dbtest.Write(t, d, func(tx *db.Tx) error {
			return persons.AddContact(t.Context(), tx, r.users["amina"], id, persons.Contact{Number: "01812345678", Owner: "husband", Safety: "unsafe"})
		})
		r.speak(t, "amina", words.English)
		wantIn(t, r.page(t, "amina", at), words.In(words.English).T("copy.not_safe"), words.In(words.English).T("copy.ask_insists"))
		refused := r.send(t, "amina", at, at, url.Values{"language": {"en"}, "form": {"json"}})
		if refused.status != http.StatusUnprocessableEntity {
			t.Errorf("made against her safety: %d", refused.status)
		}
		wantIn(t, refused.body, words.In(words.English).T("copy.not_safe"), `value="en"`)
		var file cases.ID
		dbtest.Write(t, d, func(tx *db.Tx) (err error) {
			file, err = cases.Open(t.Context(), tx, r.users["amina"], cases.Opening{Person: id, Programme: "reintegration", Origin: "self"})
			return err
		})
		for _, text := range []string{"note about her", "note about her neighbour"} {
			dbtest.Write(t, d, func(tx *db.Tx) error {
				return cases.Write(t.Context(), tx, r.users["amina"], file, cases.Note{Text: text})
			})
		}
		wantIn(t, r.page(t, "amina", at), "note about her neighbour")
		var notes []cases.Note
		if err := d.Read(t.Context(), func(q db.Reader) (err error) {
			notes, err = cases.Notes(t.Context(), q, r.users["amina"], file, cases.Part{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		out := notes[slices.IndexFunc(notes, func(n cases.Note) bool { return strings.Contains(n.Text, "neighbour") })].ID
		made := r.send(t, "amina", at, at, url.Values{"language": {"en"}, "form": {"json"}, "insists": {"yes"}, "leave_out": {out}})
		if made.status != http.StatusOK {
			t.Fatalf("she insists: %d %s", made.status, made.body)
		}
		wantIn(t, made.body, "note about her", `"left_out": 1`)
		wantNotIn(t, "the copy", made.body, "neighbour")
		for _, text := range []string{"deep about her", "deep about her brother"} {
			dbtest.Write(t, d, func(tx *db.Tx) error {
				return cases.Write(t.Context(), tx, r.users["amina"], file, cases.Note{Text: text, Protected: true})
			})
		}
		said := url.Values{"language": {"en"}, "form": {"json"}, "insists": {"yes"}, "protected": {"yes"}, "leave_out": {out}}
		asked := r.send(t, "amina", at, at, said)
		wantIn(t, asked.body, "deep about her brother", words.In(words.English).T("copy.choose_lead"))
		form := formOf(t, asked.body, at)
		form["leave_out"] = append(form["leave_out"], brother.FindStringSubmatch(asked.body)[1])
		whole := r.post(t, "amina", at, form)
		wantIn(t, whole.body, "deep about her", `"left_out": 2`)
		wantNotIn(t, "the whole copy", whole.body, "neighbour", "brother")
		if a := r.send(t, "chandra", at, at, said); strings.Contains(a.body, "deep") || a.status != http.StatusForbidden {
			t.Errorf("the supervisor chooses among protected notes: %d", a.status)
		}
	})
}
