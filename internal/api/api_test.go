// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/api"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/worldtest"
)

// world is the API over an empty register, with everybody's name for a key.
type world struct {
	t testing.TB
	h http.Handler
	d *db.DB
	*logs
}

// logs is what the API wrote to its log.
type logs struct {
	sync.Mutex
	bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.Lock()
	defer l.Unlock()
	return l.Buffer.Write(p)
}

func open(t testing.TB, d *db.DB) *world {
	w := &world{t: t, d: d, logs: &logs{}}
	w.let(lubna())
	return w
}

// let lets more actors in by name, beside those of the world.
func (w *world) let(more ...access.Actor) {
	actor := func(ctx context.Context, q db.Reader, bearer string) (access.Actor, error) {
		for _, a := range append(more, lubna()) {
			if a.Name == bearer {
				return a, nil
			}
		}
		return byName(ctx, q, bearer)
	}
	w.h = api.New(api.Options{DB: w.d, Actor: actor, Log: slog.New(slog.NewTextHandler(w.logs, nil))})
}

// byName lets everybody of the world in by name. Nobody is let in too, without any right.
func byName(_ context.Context, _ db.Reader, bearer string) (access.Actor, error) {
	for _, a := range worldtest.Cast() {
		if a.Name == bearer {
			return a, nil
		}
	}
	switch bearer {
	case "Nobody":
		return access.Actor{ID: "nobody", Name: "Nobody"}, nil
	case "Broken":
		return access.Actor{}, fmt.Errorf("find token: canary 'Rahima Khatun' 01712345678 রহিমা")
	case "Slow":
		return access.Actor{}, fmt.Errorf("find token: %w", context.DeadlineExceeded)
	case "Panic":
		panic("canary Rahima Khatun")
	}
	return access.Actor{}, accounts.ErrNotSignedIn
}

// reply is an answer.
type reply struct {
	*http.Response
	text string
}

// as sends a request with somebody's key.
func (w *world) as(who, method, path, body string, header ...string) reply {
	w.t.Helper()
	r := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Accept-Language", "en")
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+who)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return w.send(r)
}

func (w *world) send(r *http.Request) reply {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	res := rec.Result()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return reply{res, string(text)}
}

// want fails unless the answer has a status.
func (r reply) want(t testing.TB, status int) reply {
	t.Helper()
	if r.StatusCode != status {
		t.Fatalf("status %d, want %d: %s", r.StatusCode, status, r.text)
	}
	return r
}

// problem is an error as another system reads it.
type problem struct {
	Type, Title, Detail, Code, Reference string
	Status                               int
	Errors                               []struct{ Field, Code, Detail string }
}

// wrong fails unless the answer is a whole problem with a status and a code.
func (r reply) wrong(t testing.TB, status int, code string) (p problem) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.text), &p); err != nil || r.Header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("no problem (%v): %d %s %s", err, r.StatusCode, r.Header.Get("Content-Type"), r.text)
	}
	if r.StatusCode != status || p.Status != status || p.Code != code {
		t.Fatalf("problem %d %d %s, want %d %s: %s", r.StatusCode, p.Status, p.Code, status, code, r.text)
	}
	if p.Type == "" || p.Title == "" || p.Detail == "" || strings.Contains(r.text, "⟦") || strings.Contains(p.Detail, "{") {
		t.Fatalf("problem is not whole: %s", r.text)
	}
	return p
}

// read decodes an answer.
func read[T any](t testing.TB, r reply) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.text), &v); err != nil {
		t.Fatalf("%v in %s", err, r.text)
	}
	return v
}

// row is an entry of a record's lists.
type row struct {
	ID, Kind, Last, Safety, City, Name, Purpose string
	Version                                     int
	Given                                       bool
}

// person is a record as another system reads it.
type person struct {
	ID, Sex, Birth, Home                                           string
	NameBn                                                         string `json:"name_bn"`
	NameLatin                                                      string `json:"name_latin"`
	Version                                                        int
	Claims                                                         []struct{ ID, Field, Value, Source, Why string }
	Contacts, Identifiers, Journeys, Relations, Consents, Recorded []row
}

const rahima = `{"values": {"name_bn": "রহিমা খাতুন", "name_latin": "Rahima Khatun", "sex": "female", "birth": "1991-04", "home": "305670"},
	"contacts": [{"number": "01712345678", "safety": "careful", "ways": ["call"]}],
	"consents": [{"purpose": "register", "given": true}, {"purpose": "contact", "given": true}, {"purpose": "protected", "given": true}]}`

// register enters Rahima and returns where she lies.
func (w *world) register() string {
	w.t.Helper()
	return strings.TrimPrefix(w.as("Amina", "POST", "/persons", rahima).want(w.t, 201).Header.Get("Location"), "/api/v1")
}

func TestStory(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := open(t, d)
		her := w.register()
		p := read[person](t, w.as("Amina", "GET", her, "").want(t, 200))
		if p.NameBn != "রহিমা খাতুন" || p.Birth != "1991-04" || p.Version != 1 || len(p.Contacts) != 1 || p.Contacts[0].Last == "" || len(p.Recorded) != 1 {
			t.Fatalf("person = %+v", p)
		}
		for _, q := range []string{"rohima", "%E0%A6%B0%E0%A6%B9%E0%A6%BF%E0%A6%AE%E0%A6%BE", "01712345678"} {
			found := read[struct{ Items []person }](t, w.as("Amina", "GET", "/persons?q="+q, "").want(t, 200))
			if len(found.Items) != 1 || found.Items[0].ID != p.ID {
				t.Errorf("search %s found %+v", q, found)
			}
		}
		clock.Move(time.Minute) // the trail is in the order of the clock
		p = read[person](t, w.as("Amina", "PATCH", her, `{"version": 1, "source": "nid", "values": {"birth": "1990-05-01"}, "reason": "card seen"}`).want(t, 200))
		if p.Birth != "1990-05-01" || p.Version != 2 {
			t.Errorf("after the change: %+v", p)
		}
		w.as("Amina", "PATCH", her, `{"version": 1, "values": {"birth": "1989"}}`).wrong(t, 409, "person.changed_meanwhile")
		history := read[struct {
			Items []struct {
				Act, By, Reason string
				Before, After   map[string]string
			}
		}](t, w.as("Amina", "GET", her+"/history", "").want(t, 200))
		if len(history.Items) != 2 || history.Items[0].Act != "person.change" || history.Items[0].Before["birth"] != "1991-04" ||
			history.Items[0].After["birth"] != "1990-05-01" || history.Items[0].Reason != "card seen" || history.Items[1].Act != "person.register" {
			t.Errorf("history = %+v", history)
		}
	})
}

func TestRowsLiveAndEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		her := w.register()
		act := func(method, path, body string, status int) person {
			t.Helper()
			return read[person](t, w.as("Amina", method, her+path, body).want(t, status))
		}
		p := act("POST", "/contacts", `{"kind": "email", "number": "r@example.org"}`, 201)
		p = act("PUT", "/contacts/"+p.Contacts[1].ID, `{"version": 1, "owner": "husband", "safety": "unsafe"}`, 200)
		if p.Contacts[1].Safety != "unsafe" || p.Contacts[1].Version != 2 {
			t.Errorf("contact = %+v", p.Contacts[1])
		}
		w.as("Amina", "PUT", her+"/contacts/"+p.Contacts[1].ID, `{"version": 1, "safety": "safe"}`).wrong(t, 409, "person.changed_meanwhile")
		p = act("POST", "/identifiers", `{"kind": "passport", "number": "BX0123456", "seen": true}`, 201)
		p = act("POST", "/journeys", `{"country": "SA", "city": "Riyadh", "departed": "2019", "returned": "2024-02"}`, 201)
		p = act("PUT", "/journeys/"+p.Journeys[0].ID, `{"version": 1, "country": "SA", "city": "Jeddah"}`, 200)
		if p.Journeys[0].City != "Jeddah" {
			t.Errorf("journey = %+v", p.Journeys[0])
		}
		p = act("POST", "/relations", `{"relation": "daughter", "name": "সুমি"}`, 201)
		p = act("POST", "/consents", `{"purpose": "coordinate", "given": true}`, 201)
		p = act("POST", "/functioning", `{"vision": 3}`, 201)
		lists := map[string]func(person) []row{"contacts": func(p person) []row { return p.Contacts }, "identifiers": func(p person) []row { return p.Identifiers },
			"journeys": func(p person) []row { return p.Journeys }, "relations": func(p person) []row { return p.Relations }}
		for name, rows := range lists {
			before := rows(p)
			last := before[len(before)-1]
			path := "/" + name + "/" + last.ID
			p = act("POST", path+"/end", fmt.Sprintf(`{"version": %d, "reason": "typed twice"}`, last.Version), 200)
			if len(rows(p)) != len(before)-1 {
				t.Errorf("%s: ended and still there", name)
			}
			p = act("POST", path+"/restore", fmt.Sprintf(`{"version": %d}`, last.Version+1), 200)
			if len(rows(p)) != len(before) {
				t.Errorf("%s: restored and not there", name)
			}
		}
		w.as("Amina", "POST", her+"/contacts/"+p.Journeys[0].ID+"/end", `{"version": 1}`).wrong(t, 409, "person.changed_meanwhile")
		w.as("Amina", "PUT", her+"/contacts/x", `{"version": 1}`).wrong(t, 404, "person.row_not_found")
	})
}

// What is protected, and numbers, are shown by acts that the trail keeps.
func TestLooksAreKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		her := w.register()
		p := read[person](t, w.as("Amina", "POST", her+"/journeys", `{"country": "SA", "circumstances": {"happened": ["confined"], "account": "three months"}}`).want(t, 201))
		w.as("Amina", "PATCH", her, fmt.Sprintf(`{"version": %d, "values": {"ethnicity": "Garo"}}`, p.Version)).want(t, 200)
		if all := w.as("Amina", "GET", her, "").text + w.as("Amina", "GET", her+"/history", "").text; strings.Contains(all, "Garo") || strings.Contains(all, "three months") || strings.Contains(all, "1712345678") {
			t.Errorf("protected values without a look: %s", all)
		}
		if got := w.as("Amina", "GET", her+"/protected", "").want(t, 200).text; !strings.Contains(got, "Garo") || !strings.Contains(got, "three months") {
			t.Errorf("look = %s", got)
		}
		w.as("Chandra", "GET", her+"/protected", "").wrong(t, 403, "person.protected_not_allowed")
		body := fmt.Sprintf(`{"row": "contact", "id": %q}`, p.Contacts[0].ID)
		if got := w.as("Amina", "POST", her+"/reveal", body).want(t, 200).text; !strings.Contains(got, "1712345678") {
			t.Errorf("revealed %s", got)
		}
		for _, bad := range []string{`{"row": "journey", "id": "` + p.Journeys[0].ID + `"}`, `{"row": "contact", "id": "x\u0000"}`, `{"row": "nothing", "id": ""}`} {
			w.as("Amina", "POST", her+"/reveal", bad).wrong(t, 404, "person.row_not_found")
		}
		looked := read[struct{ Items []struct{ Act string } }](t, w.as("Amina", "GET", her+"/looks", "").want(t, 200))
		if len(looked.Items) != 2 || looked.Items[0].Act == looked.Items[1].Act {
			t.Errorf("looks = %+v", looked)
		}
		w.as("Esha", "POST", her+"/erase", `{"reason": ""}`).wrong(t, 422, "fault.needed")
		if got := w.as("Esha", "POST", her+"/erase", `{"reason": "her wish"}`).want(t, 200).text; !strings.Contains(got, "erasure receipt") {
			t.Errorf("erased: %s", got)
		}
		w.as("Amina", "GET", her, "").wrong(t, 404, "person.not_found")
	})
}

// A desk of her home area sees the card while she agrees, may do nothing to it, and
// is told that there is nobody once she no longer agrees.
func TestAreaSeesWhileSheAgrees(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		her := w.register()
		w.as("Gita", "GET", her, "").wrong(t, 404, "person.not_found")
		w.as("Amina", "POST", her+"/consents", `{"purpose": "coordinate", "given": true}`).want(t, 201)
		card := read[struct {
			NameLatin string `json:"name_latin"`
			Contacts  []any
			Claims    []any
		}](t, w.as("Gita", "GET", her, "").want(t, 200))
		if card.NameLatin == "" || len(card.Contacts)+len(card.Claims) > 0 {
			t.Errorf("the desk is answered %+v, want a name and nothing else", card)
		}
		w.as("Gita", "POST", her+"/consents", `{"purpose": "coordinate", "given": false}`).wrong(t, 403, "access.not_allowed")
		w.as("Gita", "GET", her+"/history", "").wrong(t, 403, "person.card_only")
		w.as("Amina", "POST", her+"/consents", `{"purpose": "coordinate", "given": false}`).want(t, 201)
		w.as("Gita", "GET", her, "").wrong(t, 404, "person.not_found")
	})
}

func TestRepeatedActsAreDoneOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		const many = 16
		replies := make([]reply, many)
		var group sync.WaitGroup
		for i := range many {
			group.Go(func() { replies[i] = w.as("Amina", "POST", "/persons", rahima, "Idempotency-Key", "one") })
		}
		group.Wait()
		fresh := 0
		for _, r := range replies {
			r.want(t, 201)
			if r.text != replies[0].text || r.Header.Get("Location") != replies[0].Header.Get("Location") {
				t.Errorf("answers differ: %s and %s", r.text, replies[0].text)
			}
			if r.Header.Get("Idempotent-Replay") == "" {
				fresh++
			}
		}
		if fresh != 1 {
			t.Errorf("%d answers say that they were the first, want 1", fresh)
		}
		if all := read[struct{ Items []person }](t, w.as("Amina", "GET", "/persons", "")); len(all.Items) != 1 {
			t.Errorf("%d persons, want 1", len(all.Items))
		}
		w.as("Amina", "POST", "/persons", strings.Replace(rahima, "Rahima", "Karima", 1), "Idempotency-Key", "one").wrong(t, 409, "operation.reused")
		w.as("Basil", "POST", "/persons", rahima, "Idempotency-Key", "one").want(t, 201) // his own key of the same name

		her := strings.TrimPrefix(replies[0].Header.Get("Location"), "/api/v1")
		contact := `{"number": "01812345678"}`
		for range 2 {
			p := read[person](t, w.as("Amina", "POST", her+"/contacts", contact, "Idempotency-Key", "two").want(t, 201))
			if len(p.Contacts) != 2 {
				t.Errorf("%d contacts, want 2", len(p.Contacts))
			}
		}
		w.as("Amina", "POST", her+"/contacts", `{"number": "01912345678"}`, "Idempotency-Key", "two").wrong(t, 409, "operation.reused")
		w.as("Basil", "POST", her+"/contacts", contact, "Idempotency-Key", "two").wrong(t, 404, "person.not_found")
	})
}

func TestPagesFollowOneAnother(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		for range 5 {
			w.register()
		}
		seen := map[string]bool{}
		pages := 0
		for next := "/persons?limit=2"; next != ""; pages++ {
			r := w.as("Amina", "GET", next, "").want(t, 200)
			page := read[struct {
				Items []person
				Next  string
			}](t, r)
			for _, p := range page.Items {
				seen[p.ID] = true
			}
			if link := r.Header.Get("Link"); (link != "") != (page.Next != "") || page.Next != "" && link != "<"+page.Next+`>; rel="next"` {
				t.Errorf("Link %q, next %q", link, page.Next)
			}
			next = strings.TrimPrefix(page.Next, "/api/v1")
		}
		if len(seen) != 5 || pages != 3 {
			t.Errorf("%d persons on %d pages, want 5 on 3", len(seen), pages)
		}
	})
}

// Acts that a reader may not know of leave no gap in the pages of the history.
func TestHistoryPagesHideNothingVisibly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		her := w.register()
		for i := range 4 {
			w.as("Amina", "GET", her+"/protected", "").want(t, 200)
			w.as("Amina", "POST", her+"/relations", fmt.Sprintf(`{"relation": "son", "name": "Son %d"}`, i)).want(t, 201)
		}
		var lengths []int
		for next := her + "/history?limit=2"; next != ""; {
			page := read[struct {
				Items []struct{ Act string }
				Next  string
			}](t, w.as("Chandra", "GET", next, "").want(t, 200))
			lengths = append(lengths, len(page.Items))
			for _, e := range page.Items {
				if e.Act == "person.read_protected" {
					t.Error("a look is shown")
				}
			}
			next = strings.TrimPrefix(page.Next, "/api/v1")
		}
		if fmt.Sprint(lengths) != "[2 2 1]" {
			t.Errorf("pages of %v, want [2 2 1]", lengths)
		}
	})
}

func TestListsOfCodes(t *testing.T) {
	w := open(t, dbtest.Open(t, dbtest.SQLite(t), nil))
	for path, want := range map[string]string{
		"/places?q=saturia": `"code":"305670"`, "/places/305670": `"name_en":"Saturia"`, "/occupations?q=cleaner&limit=3": `"items":[{"code":"9`,
		"/countries?q=saudi": `"code":"SA"`,
	} {
		if got := w.as("Harun", "GET", path, "").want(t, 200).text; !strings.Contains(got, want) {
			t.Errorf("%s = %s, want %s", path, got, want)
		}
	}
	w.as("Harun", "GET", "/places/99", "").wrong(t, 404, "fault.not_found")
	w.as("Harun", "GET", "/places", "").wrong(t, 422, "fault.needed")
}
