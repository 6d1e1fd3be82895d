// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"encoding/base64"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/api"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/imports"
	"fera/internal/links"
	"fera/internal/offices"
	"fera/internal/words"
)

const basis = `"basis": {"purposes": ["register"], "method": "signed", "on": "2026-02-01", "statement": "Each signed a form at the desk."}`

// listed is a batch as another system reads it.
type listed struct {
	ID, State, Failure                                          string
	Total, Done, Ready, Wrong, Doubled, Entered, Taken, Clashes int
	Columns                                                     []struct{ Heading, Target string }
	Items                                                       []struct {
		Row           int
		State, Detail string
	}
}

func list(text string, more ...string) string {
	return `{"source": "Airport desk", "file_name": "list.csv", "content": "` + base64.StdEncoding.EncodeToString([]byte(text)) + `"` + strings.Join(append([]string{""}, more...), ", ") + `}`
}

// supervised is a world in which Boss is a user who supervises an office that is in the database.
func supervised(t *testing.T, d *db.DB) *world {
	t.Helper()
	var boss access.Actor
	w := &world{t: t, d: d, logs: &logs{}}
	w.h = api.New(api.Options{DB: d, Log: slog.New(slog.NewTextHandler(w.logs, nil)), Actor: func(ctx context.Context, q db.Reader, bearer string) (access.Actor, error) {
		if bearer == "Boss" {
			return boss, nil
		}
		return byName(ctx, q, bearer)
	}})
	system := access.System(access.Permissions()...)
	dbtest.Write(t, d, func(tx *db.Tx) error {
		org, err := offices.AddOrganisation(t.Context(), tx, system, offices.Organisation{NameEn: "Shetu", Kind: offices.CivilSociety})
		if err != nil {
			return err
		}
		office, err := offices.Add(t.Context(), tx, system, offices.Opening{Organisation: org.ID, NameEn: "First", Kind: offices.HeadOffice, Place: "3026"})
		if err != nil {
			return err
		}
		u, _, err := accounts.AddUser(t.Context(), tx, system, accounts.Addition{Login: "boss", Name: "Boss", Office: office.ID, Language: words.English})
		if err != nil {
			return err
		}
		boss = access.Actor{ID: u.ID, Name: "Boss", Office: office.ID, Organisation: org.ID}
		boss.Grant(access.Supervisor, access.AtOffice(office.ID))
		return accounts.GrantRole(t.Context(), tx, system, accounts.Held{User: u.ID, Role: access.Supervisor, Scope: access.AtOffice(office.ID)})
	})
	return w
}

func work(t *testing.T, d *db.DB) {
	t.Helper()
	for worked := true; worked; {
		var err error
		if worked, err = imports.Work(context.Background(), d, links.NewFinder(d), "tester"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAListIsSentAndTakenBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := supervised(t, d)
		body := list("name,phone,sex\nRahima,01712345678,f\nKarim,01812345678,m\nNobody,01912345678,perhaps\n", basis)
		sent := w.as("Boss", "POST", "/imports", body, "Idempotency-Key", "one").want(t, 201)
		at := strings.TrimPrefix(sent.Header.Get("Location"), "/api/v1")
		if b := read[listed](t, sent); b.State != "checking" || len(b.Columns) != 3 || b.Columns[1].Target != "phone" {
			t.Errorf("sent: %s", sent.text)
		}
		if again := w.as("Boss", "POST", "/imports", body, "Idempotency-Key", "one").want(t, 201); again.Header.Get("Location") != sent.Header.Get("Location") {
			t.Errorf("the same list twice is at %s", again.Header.Get("Location"))
		}
		work(t, d)
		if b := read[listed](t, w.as("Boss", "GET", at, "").want(t, 200)); b.State != "checked" || b.Ready != 2 || b.Wrong != 1 {
			t.Errorf("checked: %+v", b)
		}
		rows := read[listed](t, w.as("Boss", "GET", at+"/rows?state=wrong", "").want(t, 200))
		if len(rows.Items) != 1 || rows.Items[0].Row != 4 || rows.Items[0].Detail != "sex: Write female, male or other." {
			t.Errorf("rows: %+v", rows)
		}
		w.as("Boss", "POST", at+"/enter", "").want(t, 200)
		work(t, d)
		if b := read[listed](t, w.as("Boss", "GET", at, "").want(t, 200)); b.State != "entered" || b.Entered != 2 {
			t.Errorf("entered: %+v", b)
		}
		w.as("Boss", "POST", at+"/undo", `{"reason": "the wrong list"}`).want(t, 200)
		work(t, d)
		if b := read[listed](t, w.as("Boss", "GET", at, "").want(t, 200)); b.State != "undone" || b.Taken != 2 {
			t.Errorf("undone: %+v", b)
		}
	})
}

func TestAListIsRefusedClearly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := supervised(t, d)
		for name, test := range map[string]struct {
			body   string
			status int
			code   string
		}{
			"no consent":     {list("name\nKarim\n", `"basis": {"statement": "x"}`), 422, "import.consent_needed"},
			"no table":       {list("%PDF-1.4", basis), 422, "sheet.not_a_table"},
			"no base64":      {`{"source": "x", "file_name": "x", "content": "%%%"}`, 422, "api.wrong_type"},
			"no such column": {list("name\nKarim\n", basis, `"columns": [{"heading": "colour", "target": "name"}]`), 422, "import.no_such_column"},
			"no such target": {list("name\nKarim\n", basis, `"columns": [{"heading": "name", "target": "colour"}]`), 422, "fault.bad_choice"},
			"no rows":        {list("", basis), 422, "file.needed"},
			"unknown member": {list("name\nKarim\n", `"colour": 1`), 422, "api.member_unknown"},
		} {
			r := w.as("Boss", "POST", "/imports", test.body)
			if r.StatusCode != test.status || !strings.Contains(r.text, `"code":"`+test.code+`"`) {
				t.Errorf("%s: %d %s, want %d %s", name, r.StatusCode, r.text, test.status, test.code)
			}
		}
		sent := w.as("Boss", "POST", "/imports", list("name\nKarim\n")).want(t, 201)
		at := strings.TrimPrefix(sent.Header.Get("Location"), "/api/v1")
		w.as("Amina", "POST", "/imports", list("name\nKarim\n", basis)).wrong(t, 403, "access.not_allowed")
		w.as("Chandra", "GET", at, "").wrong(t, 404, "import.not_found") // of another organisation
		w.as("Boss", "POST", at+"/enter", "").wrong(t, 409, "import.not_now")
		w.as("Boss", "GET", at+"/rows?state=colour", "").wrong(t, 422, "fault.bad_choice")
		w.as("Boss", "GET", at+"/rows?after=x", "").wrong(t, 422, "api.cursor")
		w.as("Boss", "GET", "/imports/x", "").wrong(t, 404, "import.not_found")
		w.as("Boss", "POST", at+"/check", `{`+basis+`}`).want(t, 200)
		if w.logs.String() != "" {
			t.Errorf("log: %.500s", w.logs)
		}
	})
}

// What a file holds is read before the transaction: who sends one or has it checked
// is answered what is wrong with it while somebody else writes.
func TestAListIsReadWhileSomebodyElseWrites(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := supervised(t, d)
		at := strings.TrimPrefix(w.as("Boss", "POST", "/imports", list("name,phone\nRahima,01712345678\n"), "Idempotency-Key", "one").want(t, 201).Header.Get("Location"), "/api/v1")
		const columns = `"columns": [{"heading": "no such", "target": "phone"}], `
		writing, finish := make(chan bool), make(chan bool)
		wrote := make(chan error, 1)
		var once sync.Once
		go func() {
			wrote <- d.Maintain(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `UPDATE imports SET reason = 'busy' WHERE id = 'nobody'`)
				once.Do(func() { close(writing); <-finish }) // it may run again
				return err
			})
		}()
		<-writing
		answered := make(chan bool)
		go func() {
			defer close(answered)
			w.as("Boss", "POST", at+"/check", `{`+columns+basis+`}`).want(t, 422)
			w.as("Boss", "POST", "/imports", list("name,phone\nKarim,01812345678\n", columns+basis), "Idempotency-Key", "two").want(t, 422)
		}()
		select {
		case <-answered:
		case <-time.After(4 * time.Second):
			t.Error("who asks about a file waits for whoever writes")
		}
		close(finish)
		<-answered
		if err := <-wrote; err != nil {
			t.Error(err)
		}
	})
}
