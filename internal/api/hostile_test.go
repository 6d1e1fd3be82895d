// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/names"
)

// hostile are texts that break programs. Those that JSON cannot hold are in problems_test.go.
func hostile() map[string]string {
	return map[string]string{
		"empty": "", "space": "   ", "nul": "a\x00b", "control": "a\x1b[31mb\x07", "delete": "a\x7fb", "line": "a\nb\r\nc\td", "c1": "a\u0085b",
		"bidi": "a\u202egnirts\u202c \u2066b\u2069", "zero width": "a\u200b\u200c\u200d\ufeffb", "joiner": "ক্\u200dষ র\u200d্যাব",
		"zalgo": "R" + strings.Repeat("\u0301\u0316\u0334", 200), "emoji": "রহিমা 👩🏽‍🌾🇧🇩", "noncharacter": "a\ufffe\U0001ffff", "surrogate pair": "𝒜𝓂𝒾𝓃𝒶",
		"sql": "'; DROP TABLE persons; --", "sql wildcard": "%_\\", "template": "{{.}} ${7*7} <%= 7*7 %> #{7*7}", "script": `"><script>alert(1)</script>`, "header": "a\r\nSet-Cookie: a=b",
		"bijoy": "iwngv LvZzb", "path": "../../etc/passwd", "number": "1e309", "negative": "-1", "arabic digits": "٠١٧١٢٣٤٥٦٧٨", "decomposed": "ড\u09bcাকা য\u09bc", "long": strings.Repeat("ক", 10_000),
		"megabyte": strings.Repeat("x", 1<<20-5000), "id": "01900000-0000-7000-8000-000000000000", "null": "null", "true": "true",
	}
}

// places lists where in a decoded body a text stands.
func places(body any, at string) (all []string) {
	switch v := body.(type) {
	case string:
		return []string{at}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			all = append(all, places(v[name], at+"/"+name)...)
		}
	case []any:
		for i, one := range v {
			all = append(all, places(one, at+"/"+strconv.Itoa(i))...)
		}
	}
	return all
}

// with returns the body with another text at a place.
func with(t testing.TB, body, at, text string) string {
	t.Helper()
	var root any
	if err := json.Unmarshal([]byte(body), &root); err != nil {
		t.Fatal(err)
	}
	steps := strings.Split(at, "/")[1:]
	var set func(v any, steps []string) any
	set = func(v any, steps []string) any {
		if len(steps) == 0 {
			return text
		}
		switch v := v.(type) {
		case map[string]any:
			v[steps[0]] = set(v[steps[0]], steps[1:])
		case []any:
			i, _ := strconv.Atoi(steps[0])
			v[i] = set(v[i], steps[1:])
		}
		return v
	}
	out, err := json.Marshal(set(root, steps))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// whole is a registration with every text that there can be in one.
const whole = `{"met_at": "2024-01-02", "source": "own_word", "age": "33",
	"values": {"name_bn": "রহিমা", "name_latin": "Rahima", "call_name": "Rahi", "sex": "female", "birth": "1991", "father_name": "Karim", "mother_name": "Amena", "spouse_name": "Rafiq",
		"home": "305670", "home_text": "east", "marital": "married", "schooling": "ssc", "do_not_contact": "no", "ethnicity": "Garo", "mother_tongue": "Achik"},
	"contacts": [{"kind": "phone", "number": "01712345678", "owner": "own", "safety": "careful", "ways": ["call"], "hours": "morning"}, {"kind": "email", "number": "a@example.org"}],
	"identifiers": [{"kind": "passport", "number": "BX0123456", "issued": "2020", "expires": "2030-01", "issuer": "Dhaka"}],
	"consents": [{"purpose": "register", "given": true, "method": "spoken", "language": "bn", "text_version": ""}, {"purpose": "protected", "given": true}],
	"journeys": [{"country": "SA", "city": "Riyadh", "occupation": "9111", "work": "house", "employer": "E", "recruiter": "R", "left_by": "agency", "paid_by": ["savings"], "departed": "2019",
		"returned": "2020", "port": "dac", "papers": ["passport"], "reasons": ["pay"], "circumstances": {"happened": ["overwork"], "account": "long days"}}],
	"relations": [{"relation": "son", "other": "", "name": "Sumon", "sex": "male", "birth": "2015"}], "functioning": {"vision": 1}}`

// sound fails unless an answer is a success or a clear error.
func sound(t *testing.T, what string, r reply) {
	t.Helper()
	if r.StatusCode >= 500 {
		t.Errorf("%s: %d %s", what, r.StatusCode, r.text)
		return
	}
	if r.StatusCode >= 400 {
		var p problem
		if json.Unmarshal([]byte(r.text), &p) != nil || p.Code == "" || p.Detail == "" || strings.Contains(r.text, "⟦") {
			t.Errorf("%s: %s is no problem", what, r.text)
		}
	}
}

func TestHostileTextInEveryFieldOfARegistration(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.as("Amina", "POST", "/persons", whole).want(t, 201)
		var body any
		if err := json.Unmarshal([]byte(whole), &body); err != nil {
			t.Fatal(err)
		}
		kept := 0
		for _, at := range places(body, "") {
			for name, text := range hostile() {
				what := at + " " + name
				r := w.as("Amina", "POST", "/persons", with(t, whole, at, text))
				sound(t, what, r)
				field, isValue := strings.CutPrefix(at, "/values/")
				if r.StatusCode != 201 || !isValue || strings.Contains("ethnicity mother_tongue birth", field) {
					continue
				}
				var got string
				her := strings.TrimPrefix(r.Header.Get("Location"), "/api/v1")
				for _, c := range read[person](t, w.as("Amina", "GET", her, "").want(t, 200)).Claims {
					if c.Field == field {
						got = c.Value
					}
				}
				if want := names.Clean(text); got != want && !(field == "sex" && want == "") {
					t.Errorf("%s: kept %q, want %q", what, got, want)
				}
				kept++
			}
		}
		if kept < 100 {
			t.Errorf("only %d texts were kept: the table tests nothing", kept)
		}
		if w.logs.String() != "" {
			t.Errorf("log: %.500s", w.logs)
		}
	})
}

func TestHostileTextInEveryOtherBody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		her := strings.TrimPrefix(w.as("Amina", "POST", "/persons", whole).want(t, 201).Header.Get("Location"), "/api/v1")
		p := read[person](t, w.as("Amina", "GET", her, "").want(t, 200))
		tried := 0
		for path, methods := range routes(t, w) {
			for method, op := range methods {
				example := string(op.RequestBody.Content["application/json"].Example)
				if example == "" || path == "/persons" || strings.HasSuffix(path, "/erase") {
					continue
				}
				full := fuller(example, op.OperationID)
				var body any
				if err := json.Unmarshal([]byte(full), &body); err != nil {
					t.Fatal(path, err)
				}
				rows := map[string]string{"contacts": p.Contacts[0].ID, "identifiers": p.Identifiers[0].ID, "journeys": p.Journeys[0].ID, "relations": p.Relations[0].ID}
				list := strings.Split(path+"///", "/")[3]
				at := strings.NewReplacer("/persons/{id}", her, "{row}", rows[list]).Replace(path)
				for _, place := range places(body, "") {
					for name, text := range hostile() {
						sound(t, op.OperationID+place+" "+name, w.as("Amina", strings.ToUpper(method), at, with(t, full, place, text)))
						tried++
					}
				}
			}
		}
		if tried < 500 {
			t.Errorf("only %d tried", tried)
		}
		sound(t, "still there", w.as("Amina", "GET", her, "").want(t, 200))
		if w.logs.String() != "" {
			t.Errorf("log: %.500s", w.logs)
		}
	})
}

// fuller adds the texts that an example leaves out.
func fuller(example, operation string) string {
	more := map[string]string{"change_person": `"source": "own_word"`, "add_contact": `"hours": "morning", "ways": ["call"]`, "add_identifier": `"issuer": "Dhaka", "issued": "2020"`,
		"add_journey":    `"work": "a", "employer": "b", "recruiter": "c", "left_by": "agency", "port": "dac", "papers": ["passport"], "paid_by": ["gold"], "circumstances": {"happened": ["ill"], "account": "a"}`,
		"change_journey": `"work": "a", "employer": "b", "recruiter": "c"`, "add_relation": `"other": "", "sex": "male"`, "answer_consent": `"language": "bn", "text_version": ""`, "change_contact": `"hours": "a"`}[operation]
	if strings.HasPrefix(operation, "restore_") {
		more = `"reason": "a"`
	}
	if more == "" {
		return example
	}
	return strings.TrimSuffix(strings.TrimSpace(example), "}") + ", " + more + "}"
}

func TestHostileAddresses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.register()
		for name, text := range hostile() {
			if len(text) > 100_000 {
				text = text[:100_000]
			}
			escaped := escape(text)
			for _, path := range []string{"/persons?q=" + escaped, "/persons?typing=true&q=" + escaped, "/persons?place=" + escaped, "/persons?cursor=" + escaped, "/persons?limit=" + escaped,
				"/places?q=" + escaped, "/occupations?q=" + escaped, "/countries?q=" + escaped, "/places/" + escaped, "/persons/" + escaped, "/persons/" + escaped + "/history", "/" + escaped} {
				sound(t, fmt.Sprintf("%s %.60s", name, path), w.as("Amina", "GET", path, ""))
			}
			sound(t, "Accept "+name, w.as("Amina", "GET", "/persons", "", "Accept", text, "Accept-Language", text))
			sound(t, "Authorization "+name, w.as("", "GET", "/persons", "", "Authorization", "Bearer "+text))
			sound(t, "Idempotency-Key "+name, w.as("Amina", "POST", "/persons", rahima, "Idempotency-Key", text))
		}
		if w.logs.String() != "" {
			t.Errorf("log: %.500s", w.logs)
		}
	})
}

// escape writes every byte of a text as an escape.
func escape(text string) string {
	var b strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&b, "%%%02X", text[i])
	}
	return b.String()
}

// fuzzed sends what the fuzzer made, and wants a success or a clear error.
func fuzzed(f *testing.F, method string, path func(w *world) string, seeds ...string) {
	w := open(f, dbtest.Open(f, dbtest.SQLite(f), nil))
	at := path(w)
	for _, seed := range seeds {
		f.Add(seed)
	}
	for _, text := range hostile() {
		if len(text) < 2000 {
			for _, seed := range seeds {
				f.Add(with(f, seed, places(mustDecode(f, seed), "")[0], text))
			}
		}
	}
	f.Fuzz(func(t *testing.T, body string) {
		if body != "" {
			w := *w
			w.t = t
			sound(t, "fuzzed", w.as("Amina", method, at, body))
		}
	})
}

func mustDecode(t testing.TB, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func FuzzRegister(f *testing.F) {
	fuzzed(f, "POST", func(*world) string { return "/persons" }, rahima, whole)
}

func FuzzChange(f *testing.F) {
	fuzzed(f, "PATCH", (*world).register, `{"version": 1, "source": "nid", "values": {"birth": "1990-05-01", "name_bn": "ক"}, "reason": "seen"}`)
}
