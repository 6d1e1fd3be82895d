// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/api"
	"fera/internal/cases"
	"fera/internal/copies"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/exports"
	"fera/internal/exports/columns"
	"fera/internal/exports/formats"
	"fera/internal/files"
	"fera/internal/ids"
	"fera/internal/persons"
	"fera/internal/words"
	"fera/internal/worldtest"
)

// What was not ticked is nowhere at who takes the case: on no page, in no answer of the API, in no file that is taken away, and not in the
// copy that she may ask for there, protected or not. What was ticked is there.
func TestWhatWasNotTickedIsNowhere(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		l := openLoop(t, d, clock)
		l.mark(t)
		chosen := l.paper(t, "zqgoes report", true)
		l.hireAt(t, l.users["basil"].Office, map[string]access.Role{"rina": access.Supervisor, "parul": access.ProgrammeManager})
		never := []string{worldtest.Canary, "1712345678", "Riyadh", "she came with her mother", "call the bank", "learn to keep books", "signed plan"}
		of, person := l.handOver(t, url.Values{"parts": {"goals"}, "protected_files": {string(chosen)}})
		known := append([]string{string(of), string(person)}, known(l.life)...)

		plan := l.page(t, "basil", "/cases/"+string(of)+"/plan")
		wantIn(t, plan, "a shop of my own", "find a place", "written by Amina, Shetu", "nothing of them holds until she has agreed anew")
		looked := l.post(t, "basil", "/persons/"+string(person)+"/look", nil).body
		wantIn(t, looked, "zqgoes report")
		wantNotIn(t, "what is protected there", looked, never...)
		l.inCopy(t, person, never)
		l.inFiles(t, never)
		l.inAPI(t, known, never)
		l.keys = map[string]string{}
		if n := l.seeks(t, "basil", known, never); n < 500 {
			t.Errorf("walked %d ways only", n)
		}
	})
}

// paper adds a document to her record.
func (l *loop) paper(t *testing.T, title string, protected bool) (id files.ID) {
	t.Helper()
	content, err := files.Read(files.Document, []byte("%PDF-1.4\n"+title))
	if err != nil {
		t.Fatal(err)
	}
	dbtest.Write(t, l.d, func(tx *db.Tx) (err error) {
		id, err = persons.AddFile(t.Context(), tx, l.users["amina"], files.Upload{Person: string(l.life.Person), Kind: files.Document, Protected: protected, Title: title, Content: content})
		return err
	})
	return id
}

// handOver offers her case on the pages, with what is ticked beside, and takes it at the other organisation.
func (l *loop) handOver(t *testing.T, ticked url.Values) (of cases.ID, person persons.ID) {
	t.Helper()
	l.clock.Move(time.Second)
	at := "/cases/" + string(l.life.Case) + "/handover"
	form := l.page(t, "amina", at)
	wantIn(t, form, "Choose from the protected documents")
	wantNotIn(t, "before it is looked at, the form", form, "zqgoes", worldtest.Canary)
	sent := url.Values{"version": {version(t, form)}, "to": {l.users["basil"].Organisation}, "urgency": {"days"}, "why": {"she moves there"}}
	for name, values := range ticked {
		sent[name] = values
	}
	sent.Set("do", "choose")
	choice := l.post(t, "amina", at, sent).body
	wantIn(t, choice, "zqgoes report", worldtest.Canary+"-file-title", "she moves there", `value="`+ticked.Get("protected_files")+`" checked`)
	sent.Del("do")
	preview := l.post(t, "amina", at, sent).body
	wantIn(t, preview, "One protected document", "a shop of my own (find a place)")
	wantNotIn(t, "the preview", preview, "zqgoes", worldtest.Canary)
	for name, value := range map[string]string{"do": "make", "agreed": "yes", "method": "spoken", "language": "bn"} {
		sent.Set(name, value)
	}
	given := l.post(t, "amina", at, sent)
	id := strings.TrimPrefix(given.header.Get("Location"), "/handovers/")
	if given.status != http.StatusSeeOther || !ids.Valid(id) {
		t.Fatalf("offered: %d %s", given.status, given.body)
	}
	opened := l.post(t, "basil", "/takeovers/"+id+"/open", nil).body
	wantNotIn(t, "before it is taken", opened, "zqgoes", "Rahima", "a shop", worldtest.Canary, "rotected")
	l.post(t, "basil", "/takeovers/"+id+"/take", url.Values{"version": {version(t, opened)}})
	if err := l.d.Read(t.Context(), func(q db.Reader) error {
		return q.QueryRow(t.Context(), `SELECT c.id, c.person_id FROM cases c WHERE c.organisation_id = ?`, l.users["basil"].Organisation).Scan(&of, &person)
	}); err != nil {
		t.Fatal(err)
	}
	return of, person
}

// inCopy reads the copy that she may ask for at the other organisation.
func (l *loop) inCopy(t *testing.T, person persons.ID, never []string) {
	t.Helper()
	for _, protected := range []bool{false, true} {
		var text string
		dbtest.Write(t, l.d, func(tx *db.Tx) error {
			made, err := copies.Make(t.Context(), tx, l.users["basil"], copies.Asking{Person: person, Language: words.English, Protected: protected, Insists: true})
			if err != nil {
				return err
			}
			all, err := json.Marshal(made)
			text = string(all)
			return err
		})
		wantIn(t, text, "a shop of my own")
		if strings.Contains(text, "zqgoes") != protected {
			t.Errorf("the copy, protected %t: %s", protected, text)
		}
		wantNotIn(t, "the copy", text, never...)
	}
}

// inFiles takes away all that there is at the other organisation, approved.
func (l *loop) inFiles(t *testing.T, never []string) {
	t.Helper()
	ctx, some := t.Context(), false
	for _, set := range columns.Sets() {
		var codes []string
		for _, c := range set.Columns {
			codes = append(codes, c.Code)
		}
		var e exports.Export
		dbtest.Write(t, l.d, func(tx *db.Tx) (err error) {
			e, err = exports.Ask(ctx, tx, l.users["rina"], exports.Asking{Operation: ids.New(tx.Now()), Order: exports.Order{Set: set.Code, Format: formats.JSONL, Columns: codes, Lang: "en"}, Purpose: "to look at all", Recipient: "our office"})
			return err
		})
		if e.State == exports.Asked && columns.ClassOf(set.Columns) >= 2 {
			dbtest.Write(t, l.d, func(tx *db.Tx) error {
				return exports.Decide(ctx, tx, l.users["parul"], e.ID, exports.Decision{Approve: true, Version: e.Version})
			})
		}
		for worked := true; worked; {
			var err error
			if worked, err = exports.Work(ctx, l.d, "here"); err != nil {
				t.Fatal(err)
			}
		}
		var file bytes.Buffer
		dbtest.Write(t, l.d, func(tx *db.Tx) (err error) { e, err = exports.Fetch(ctx, tx, l.users["rina"], e.ID); return err })
		if err := exports.Send(ctx, l.d.Read, l.users["rina"], e, &file); err != nil {
			t.Fatal(err)
		}
		wantNotIn(t, "the file of "+set.Code, file.String(), append([]string{"zqgoes"}, never...)...)
		some = some || strings.Contains(file.String(), "Rahima")
	}
	if !some {
		t.Error("she is in no file: it would be found in none")
	}
}

// inAPI asks for all that the API shows basil with identifiers that he may have.
func (l *loop) inAPI(t *testing.T, known, never []string) {
	t.Helper()
	h := api.New(api.Options{DB: l.d, Log: slog.New(slog.DiscardHandler), Actor: func(context.Context, db.Reader, string) (access.Actor, error) { return l.users["basil"], nil }})
	ask := func(method, path string) string {
		r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader("{}"))
		r.Header.Set("Authorization", "Bearer x")
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Body.String()
	}
	var document struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	if err := json.Unmarshal([]byte(ask("GET", "/api/v1/openapi.json")), &document); err != nil {
		t.Fatal(err)
	}
	asked, shown := 0, ""
	for path, methods := range document.Paths {
		for method := range methods {
			for _, id := range known {
				at := parameter.ReplaceAllString(path, id)
				asked++
				got := ask(strings.ToUpper(method), "/api/v1"+at)
				wantNotIn(t, method+" "+path, got, never...)
				if strings.Contains(path, "{id}/plan") {
					shown += got
				}
				if at == path {
					break
				}
			}
		}
	}
	wantIn(t, shown, "a shop of my own")
	if asked < 500 {
		t.Errorf("asked for %d things only", asked)
	}
}
