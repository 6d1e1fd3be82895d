// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/db/dbtest"
)

func TestEachErrorIsAProblem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		her := w.register()
		nobody := "/persons/01900000-0000-7000-8000-000000000000"
		for _, c := range []struct {
			who, method, path, body string
			status                  int
			code                    string
		}{
			{"", "GET", her, "", 401, "api.key_needed"},
			{"Stranger", "GET", her, "", 401, "api.key_unknown"},
			{"Stranger", "POST", "/persons", "{", 401, "api.key_unknown"},
			{"Harun", "POST", "/persons", "{", 403, "access.not_allowed"},
			{"Amina", "GET", nobody, "", 404, "person.not_found"},
			{"Basil", "GET", her, "", 404, "person.not_found"},
			{"Basil", "GET", her + "/history", "", 404, "person.not_found"},
			{"Basil", "GET", her + "/protected", "", 404, "person.not_found"},
			{"Amina", "GET", "/persons/x%00y", "", 404, "person.not_found"},
			{"Amina", "GET", "/nothing", "", 404, "api.no_such_path"},
			{"", "GET", "/persons/", "", 404, "api.no_such_path"},
			{"", "GET", "//persons", "", 404, "api.no_such_path"},
			{"", "GET", "/a/../persons", "", 404, "api.no_such_path"},
			{"", "DELETE", "/persons", "", 405, "api.no_such_method"},
			{"", "POST", her + "/history", "", 405, "api.no_such_method"},
			{"Amina", "POST", "/persons", `{"values": {`, 400, "api.json_broken"},
			{"Amina", "POST", "/persons", ` `, 400, "api.json_broken"},
			{"Amina", "POST", "/persons", rahima + "{}", 400, "api.json_broken"},
			{"Amina", "POST", "/persons", "{\"age\": \"\xff\"}", 400, "api.json_broken"},
			{"Amina", "POST", "/persons", `{"age": "\ud800"}`, 400, "api.json_broken"},
			{"Amina", "POST", "/persons", strings.Repeat("[", 100_000), 422, "api.wrong_type"},
			{"Amina", "POST", "/persons", `{"age": "1", "age": "2"}`, 400, "api.member_twice"},
			{"Amina", "POST", "/persons", `{"values": {"sex": "male", "sex": "female"}}`, 400, "api.member_twice"},
			{"Amina", "POST", "/persons", `{"Age": "1"}`, 422, "api.member_unknown"},
			{"Amina", "POST", "/persons", `{"contacts": [{"id": "1"}]}`, 422, "api.member_unknown"},
			{"Amina", "POST", "/persons", `{"age": 1}`, 422, "api.wrong_type"},
			{"Amina", "POST", "/persons", `{"journeys": [{"cost": 1.5}]}`, 422, "api.wrong_type"},
			{"Amina", "POST", "/persons", `{"journeys": [{"cost": 99999999999999999999}]}`, 422, "api.wrong_type"},
			{"Amina", "POST", "/persons", `[]`, 422, "api.wrong_type"},
			{"Amina", "POST", "/persons", `null`, 422, "person.name_needed"},
			{"Amina", "POST", "/persons", `{"consents": [{"purpose": "register"}]}`, 422, "fault.needed"},
			{"Amina", "PATCH", her, `{"values": {"birth": "1990"}}`, 422, "api.version_needed"},
			{"Amina", "PATCH", her, `{"version": 99999999999, "values": {"birth": "1990"}}`, 422, "api.version_needed"},
			{"Amina", "PATCH", her, `{"version": 1, "values": {}}`, 422, "fault.needed"},
			{"Amina", "PATCH", her, `{"version": 1, "values": {"birth": "1990"}, "reason": "a\u0000b"}`, 422, "fault.bad_characters"},
			{"Amina", "PATCH", her, `{"version": 1, "values": {"shoe_size": "40"}}`, 422, "person.field_unknown"},
			{"Amina", "GET", "/persons?nonsense=1", "", 422, "api.parameter_unknown"},
			{"Amina", "GET", "/persons?q=a&q=b", "", 422, "api.parameter_twice"},
			{"Amina", "GET", "/persons?q=%zz", "", 422, "api.query_unreadable"},
			{"Amina", "GET", "/persons?limit=0", "", 422, "fault.out_of_range"},
			{"Amina", "GET", "/persons?limit=201", "", 422, "fault.out_of_range"},
			{"Amina", "GET", "/persons?cursor=eA", "", 422, "api.cursor"},
			{"Amina", "GET", "/persons?cursor=", "", 422, "api.cursor"},
			{"Amina", "GET", "/persons?place=%00", "", 422, "person.place_unknown"},
			{"Amina", "GET", "/persons?typing=yes", "", 422, "fault.bad_choice"},
			{"Esha", "GET", "/trail/checkpoint", "", 404, "api.no_checkpoint"},
		} {
			r := w.as(c.who, c.method, c.path, c.body)
			p := r.wrong(t, c.status, c.code)
			if challenge := r.Header.Get("WWW-Authenticate"); (challenge != "") != (c.status == 401) {
				t.Errorf("%s %s: WWW-Authenticate %q", c.method, c.path, challenge)
			}
			if allow := r.Header.Get("Allow"); (allow != "") != (c.status == 405) {
				t.Errorf("%s %s: Allow %q", c.method, c.path, allow)
			}
			if p.Reference != "" {
				t.Errorf("%s %s: reference %s", c.method, c.path, p.Reference)
			}
		}
		if w.logs.String() != "" {
			t.Errorf("what users did wrong is in the log: %s", w.logs)
		}
	})
}

func TestErrorsOfTheRequestItself(t *testing.T) {
	w := open(t, dbtest.Open(t, dbtest.SQLite(t), nil))
	her := w.register()
	w.as("Amina", "POST", "/persons", rahima, "Content-Type", "text/plain").wrong(t, 415, "api.json_only")
	w.as("Amina", "POST", "/persons", rahima, "Content-Type", "application/json; charset=latin1").wrong(t, 415, "api.json_only")
	w.as("Amina", "POST", "/persons", rahima, "Content-Encoding", "gzip").wrong(t, 415, "api.json_only")
	w.as("Amina", "POST", "/persons", rahima, "Content-Type", "application/json; charset=UTF-8").want(t, 201)
	w.as("Amina", "GET", her, "", "Accept", "text/html").wrong(t, 406, "api.not_acceptable")
	w.as("Amina", "GET", her, "", "Accept", "application/json;q=0").wrong(t, 406, "api.not_acceptable")
	w.as("Amina", "GET", her, "", "Accept", "text/html, application/*;q=0.1").want(t, 200)
	w.as("Amina", "POST", "/persons", strings.Repeat(" ", 2<<20)).wrong(t, 413, "fault.too_large")
	unsized := httptest.NewRequest("POST", "/api/v1/persons", struct{ *strings.Reader }{strings.NewReader(strings.Repeat(" ", 2<<20))})
	unsized.ContentLength = -1
	unsized.Header = http.Header{"Authorization": {"Bearer Amina"}, "Content-Type": {"application/json"}}
	w.send(unsized).wrong(t, 413, "fault.too_large")
	for _, key := range []string{"", "a b", "ক", strings.Repeat("x", 101)} {
		p := w.as("Amina", "POST", "/persons", rahima, "Idempotency-Key", key).wrong(t, 422, "api.idempotency_key")
		if len(p.Errors) != 1 || p.Errors[0].Field != "Idempotency-Key" {
			t.Errorf("key %q: errors = %+v", key, p.Errors)
		}
	}
	for _, auth := range []string{"Basic QTpi", "Bearer", "Bearer a b", "Bearer " + strings.Repeat("x", 501)} {
		w.as("", "GET", her, "", "Authorization", auth).wrong(t, 401, "api.key_needed")
	}
	w.as("", "GET", her, "", "Authorization", "bearer Amina").want(t, 200)
}

// Errors say where, in the language asked for, and never what was sent.
func TestProblemsSayWhereAndRepeatNothing(t *testing.T) {
	w := open(t, dbtest.Open(t, dbtest.SQLite(t), nil))
	body := `{"values": {"sex": "Canary"}, "contacts": [{"number": "Canary"}], "journeys": [{"country": "XX"}], "consents": [{"purpose": "Canary", "given": true}]}`
	r := w.as("Amina", "POST", "/persons", body)
	p := r.wrong(t, 422, "fault.bad_choice")
	var fields []string
	for _, e := range p.Errors {
		fields = append(fields, e.Field)
	}
	slices.Sort(fields)
	want := []string{"consents", "consents.0.purpose", "contacts.0.number", "journeys.0.country", "values.name_bn", "values.sex"}
	if !slices.Equal(fields, want) {
		t.Errorf("fields = %v, want %v", fields, want)
	}
	for _, body := range []string{body, `{"Canary": 1}`, `{"values": {"Canary": {}}}`, `{"values": {"Canary": "", "Canary": ""}}`, `{"Canary`, `{"birth": "Canary"}`, `{"met_at": "Canary"}`,
		`{"contacts": [{"Canary": "Canary"}]}`, `["Canary"]`} {
		if r := w.as("Amina", "POST", "/persons", body); r.StatusCode < 400 || strings.Contains(r.text, "Canary") {
			t.Errorf("%s: %d %s", body, r.StatusCode, r.text)
		}
	}
	at := w.as("Amina", "POST", "/persons", `{"contacts": [{}, {"ways": ["call", 1]}]}`).wrong(t, 422, "api.wrong_type")
	if len(at.Errors) != 1 || at.Errors[0].Field != "contacts.1.ways.1" {
		t.Errorf("errors = %+v", at.Errors)
	}
	bangla := w.as("Amina", "POST", "/persons", body, "Accept-Language", "bn-BD,bn;q=0.9")
	if bangla.Header.Get("Content-Language") != "bn" || !strings.Contains(bangla.wrong(t, 422, "fault.bad_choice").Title, "তথ্যে") {
		t.Errorf("in Bangla: %s", bangla.text)
	}
}

// What goes wrong here is told by a number only, and logged once without a name.
func TestOwnFaultsHaveANumber(t *testing.T) {
	w := open(t, dbtest.Open(t, dbtest.SQLite(t), nil))
	for _, who := range []string{"Broken", "Panic"} {
		p := w.as(who, "GET", "/persons", "").wrong(t, 500, "fault.internal")
		if p.Reference == "" || !strings.Contains(p.Detail, p.Reference) || strings.Count(w.logs.String(), p.Reference) != 1 {
			t.Errorf("reference %q, log %s", p.Reference, w.logs)
		}
	}
	if log := w.logs.String(); !strings.Contains(log, "find token") || strings.Contains(log, "Khatun") || strings.Contains(log, "0171") || strings.Contains(log, "রহিমা") {
		t.Errorf("log = %s", log)
	}
	if r := w.as("Slow", "GET", "/persons", ""); r.wrong(t, 503, "fault.unavailable").Reference != "" || r.Header.Get("Retry-After") == "" {
		t.Errorf("too slow: %v", r.Header)
	}
}

func TestCheckpointIsTheSignedNote(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.register()
		if _, err := audit.Seal(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		r := w.as("Esha", "GET", "/trail/checkpoint", "", "Accept", "text/plain").want(t, 200)
		if !strings.HasPrefix(r.text, audit.Origin+"\n1\n") || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/plain") {
			t.Errorf("checkpoint = %s %s", r.Header.Get("Content-Type"), r.text)
		}
	})
}

// Every route of the document refuses a stranger and somebody without rights,
// before it reads anything of what was sent.
func TestEveryRouteRefuses(t *testing.T) {
	w := open(t, dbtest.Open(t, dbtest.SQLite(t), nil))
	her := w.register()
	n := 0
	for path, methods := range routes(t, w) {
		path = strings.NewReplacer("/persons/{id}", her, "{row}", "01900000-0000-7000-8000-000000000000", "{code}", "30").Replace(path)
		for method, op := range methods {
			n++
			if op.Permission == "" || len(op.Security) == 0 {
				t.Errorf("%s %s names no permission", method, path)
			}
			method = strings.ToUpper(method)
			w.as("", method, path, "{").wrong(t, 401, "api.key_needed")
			w.as("Stranger", method, path, "{").wrong(t, 401, "api.key_unknown")
			w.as("Nobody", method, path, "{").wrong(t, 403, "access.not_allowed")
		}
	}
	if n < 30 {
		t.Errorf("walked %d routes: the document lists too few", n)
	}
}

// route is an operation as the document has it.
type route struct {
	OperationID string                `json:"operationId"`
	Summary     string                `json:"summary"`
	Permission  string                `json:"x-permission"`
	Security    []map[string][]string `json:"security"`
	Responses   map[string]any        `json:"responses"`
	RequestBody struct {
		Content map[string]struct{ Example json.RawMessage }
	} `json:"requestBody"`
}

func routes(t testing.TB, w *world) map[string]map[string]route {
	t.Helper()
	return read[struct {
		Paths map[string]map[string]route
	}](t, w.as("", "GET", "/openapi.json", "").want(t, 200)).Paths
}
