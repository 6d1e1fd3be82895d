// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/calls"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/persons"
	"fera/internal/shelters"
	"fera/internal/worldtest"
)

// bulbul supervises another organisation. She holds whatever the acts need, over others than these.
func bulbul() access.Actor {
	a := access.Actor{ID: "00000000-0000-7000-9000-000000000013", Name: "Bulbul", Office: worldtest.Barishal, Organisation: worldtest.Bandhan}
	a.Grant(access.Supervisor, access.OfOrganisation(worldtest.Bandhan))
	return a
}

// kohinoor sits beside Amina, and does not have the woman on her caseload.
func kohinoor() access.Actor {
	a := access.Actor{ID: "00000000-0000-7000-9000-000000000014", Name: "Kohinoor", Office: worldtest.Sylhet, Organisation: worldtest.Aparajita}
	a.Grant(access.Caseworker, access.AtOffice(worldtest.Sylhet))
	return a
}

// distressed is who comes home: beaten, with a telephone of her own and one that her husband has.
const distressed = `{"values": {"name_bn": "রহিমা খাতুন", "name_latin": "Rahima Khatun", "sex": "female", "birth": "1991-04", "home": "305670"},
	"contacts": [{"number": "01712345678", "safety": "careful", "ways": ["call"]}, {"number": "01899887766", "owner": "husband", "safety": "unsafe"}],
	"relations": [{"relation": "mother", "name": "Ayesha Khatun", "lives_with": true}],
	"journeys": [{"country": "SA", "returned": "2030-03-04", "circumstances": {"happened": ["beaten"], "account": "zqcanary of the house"}}],
	"consents": [{"purpose": "register", "given": true}, {"purpose": "contact", "given": true}, {"purpose": "protected", "given": true}]}`

// withAllowedClosing is what the programme asks: as it ships, and that another allows a case to be closed.
const withAllowedClosing = `{"from": "2030-03-05", "programme": {"code": "reintegration", "name_bn": "পুনঃএকত্রীকরণ", "name_en": "Reintegration", "assign": {"count": 3, "unit": "working_days"},
	"assess": {"count": 10, "unit": "working_days"}, "plan": {"count": 1, "unit": "months"}, "start": {"count": 10, "unit": "working_days"}, "aftercare": {"count": 3, "unit": "months"},
	"reviews": [1, 3, 6, 12], "untouched_days": 30, "approve_plan": false, "approve_closure": true, "alone_up_to": 0, "one_up_to": 2000000, "reminders": [{"days": 1, "to": "supervisor"}]}}`

// tale is the return of one woman, as far as it was told.
type tale struct {
	*desk
	own, his       string // her telephone, and her husband's
	house          shelters.ID
	stay           stayed
	member         string // her mother
	session, grant string
}

// step is one request of a tale.
type step struct {
	name   string
	by     string
	days   int       // since the step before
	act    cases.Act // that the case has to offer who does it; nothing for what is no act on the case
	method string    // POST when empty
	ask    func(t *testing.T) (path, body string)
	gone   string // the code with which it is not there for another organisation
	barred string // the code with which a colleague without the caseload is refused; nothing where she might do it too
	again  bool   // done anew when it is sent again, for nothing was done
	status int    // 200 when zero
	then   func(t *testing.T, r reply)
}

// TestAWomanReturnsByTheAPI is a return from the airport to a shop of her own and back, as another system enters it. At each step a key of
// another organisation sends the same first, and to that there is nothing; where it is about what is protected, a colleague
// without the caseload is refused too. Nothing is written by either.
func TestAWomanReturnsByTheAPI(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		k := begun(t, d, clock)
		k.screens(t)
		for _, some := range [][]step{k.finds(), k.cares(), k.answers(), k.plansAhead(), k.pays(), k.lets()} {
			for _, s := range some {
				k.tell(t, s)
			}
		}
		k.elsewhereNothing(t)
		k.nothingLeaks(t)
		if n, err := audit.Seal(t.Context(), d); err != nil || n < 40 {
			t.Errorf("sealed %d entries, %v", n, err)
		}
		if err := d.Read(t.Context(), func(q db.Reader) error {
			report, err := audit.Verify(t.Context(), q)
			if err == nil && (!report.Holds() || report.Entries < 40 || report.Waiting != 0) {
				t.Errorf("the trail does not hold: %+v", report)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if k.logs.String() != "" {
			t.Errorf("log: %.500s", k.logs)
		}
	})
}

// begun registers her, and opens the shelter.
func begun(t *testing.T, d *db.DB, clock *dbtest.Clock) *tale {
	t.Helper()
	worldtest.Hire(t, d, lubna(), bulbul(), kohinoor())
	w := open(t, d)
	w.let(bulbul(), kohinoor())
	k := &tale{desk: &desk{world: w, clock: clock}}
	w.as("Farid", "POST", "/programmes", withAllowedClosing).want(t, 201)
	keeper := worldtest.Chandra() // a supervisor who opened a shelter keeps it
	dbtest.Write(t, d, func(tx *db.Tx) (err error) {
		k.house, err = shelters.Open(t.Context(), tx, keeper, shelters.Opening{Name: "Shefali", Division: "30", Days: 10, Extension: 7}, shelters.Whereabouts{Address: "House 7, Zqlane", Telephone: "01799887766"})
		return err
	})
	dbtest.Write(t, d, func(tx *db.Tx) error {
		return shelters.Furnish(t.Context(), tx, keeper, shelters.Furnishing{Shelter: k.house, Label: "A", Serves: shelters.Women, Beds: 1})
	})
	clock.Move(time.Minute)
	k.her = strings.TrimPrefix(w.as("Amina", "POST", "/persons", distressed).want(t, 201).Header.Get("Location"), "/api/v1")
	p := read[person](t, w.as("Amina", "GET", k.her, "").want(t, 200))
	k.own, k.his = p.Contacts[0].ID, p.Contacts[1].ID
	dbtest.Write(t, d, func(tx *db.Tx) error {
		return calls.SetCodeWord(t.Context(), tx, worldtest.Amina(), persons.ID(p.ID), "shapla")
	})
	k.nowhere(t, w.as("Bulbul", "GET", k.her, ""), "person.not_found")
	return k
}

// screens asks her the first questions, which sort how soon somebody is needed. To others there is nothing of them, before and after.
func (k *tale) screens(t *testing.T) {
	t.Helper()
	asked := `{"questionnaire": "intake_screening", "language": "bn"}`
	k.nowhere(t, k.as("Bulbul", "POST", k.her+"/assessments", asked), "person.not_found")
	if r := k.as("Kohinoor", "POST", k.her+"/assessments", asked); r.StatusCode < 400 {
		t.Errorf("Kohinoor, who does not have her, begins: %d", r.StatusCode)
	}
	at := strings.TrimPrefix(k.as("Amina", "POST", k.her+"/assessments", asked).want(t, 201).Header.Get("Location"), "/api/v1")
	k.as("Amina", "PUT", at+"/answers", `{"answers": {"in_ill": "yes", "in_lender": "yes"}}`).want(t, 200)
	k.as("Amina", "POST", at+"/complete", `{}`).want(t, 200)
	if done := k.as("Amina", "GET", at, "").want(t, 200); !strings.Contains(done.text, "in_ill") {
		t.Errorf("what she answered: %s", done.text)
	}
	for _, other := range []string{"Bulbul", "Kohinoor"} {
		r := k.as(other, "GET", at, "")
		if r.StatusCode != http.StatusNotFound && r.StatusCode != http.StatusForbidden {
			t.Errorf("%s reads the screening: %d", other, r.StatusCode)
		}
		k.silent(t, r)
	}
}

// tell does a step: another organisation tries it, then a colleague where it is barred, then who does it, and that once more.
func (k *tale) tell(t *testing.T, s step) {
	t.Helper()
	k.clock.Move(time.Duration(s.days)*24*time.Hour + time.Minute)
	method := s.method
	if method == "" {
		method = http.MethodPost
	}
	path, body := s.ask(t)
	if strings.Contains(body, "%d") {
		body = fmt.Sprintf(body, k.found(t, "Amina").Case.Version)
	}
	if s.act != "" {
		if may := k.found(t, s.by).Possible; !slices.Contains(may, string(s.act)) {
			t.Errorf("%s %s: the case offers %v", s.by, s.name, may)
		}
		if may := k.found(t, "Kohinoor").Possible; s.barred != "" && s.act != cases.DrawPlan && slices.Contains(may, string(s.act)) {
			t.Errorf("the case offers Kohinoor %s", s.act)
		}
	}
	before := k.kept(t)
	k.nowhere(t, k.as("Bulbul", method, path, body, "Idempotency-Key", s.name), s.gone)
	k.unchanged(t, before, "Bulbul "+s.name)
	if s.barred != "" {
		status := http.StatusForbidden
		if strings.HasSuffix(s.barred, "not_found") {
			status = http.StatusNotFound
		}
		refused := k.as("Kohinoor", method, path, body, "Idempotency-Key", s.name)
		refused.wrong(t, status, s.barred)
		k.silent(t, refused)
		k.unchanged(t, before, "Kohinoor "+s.name)
	}
	want := max(s.status, http.StatusOK)
	r := k.as(s.by, method, path, body, "Idempotency-Key", s.name)
	if r.StatusCode != want {
		t.Fatalf("%s %s: %d %s", s.by, s.name, r.StatusCode, r.text)
	}
	if method != http.MethodGet && maps.Equal(before, k.kept(t)) {
		t.Errorf("%s %s: nothing was written", s.by, s.name)
	}
	if method != http.MethodGet && !s.again {
		if once := k.as(s.by, method, path, body, "Idempotency-Key", s.name).want(t, want); once.text != r.text || once.Header.Get("Idempotent-Replay") == "" {
			t.Errorf("%s %s twice: %s and %s", s.by, s.name, r.text, once.text)
		}
	}
	if s.then != nil {
		s.then(t, r)
	}
	if k.id != "" {
		k.agrees(t)
	}
}

// nowhere fails unless an answer says that there is nothing, and no more.
func (k *tale) nowhere(t *testing.T, r reply, code string) {
	t.Helper()
	r.wrong(t, http.StatusNotFound, code)
	k.silent(t, r)
}

// silent fails if an answer names her, her people or where she is.
func (k *tale) silent(t *testing.T, r reply) {
	t.Helper()
	for _, told := range []string{"Rahima", "রহিমা", "Ayesha", "Amina", "Shefali", "Zqlane", "zqcanary", "1712345678", "1899887766", "husband"} {
		if strings.Contains(r.text, told) {
			t.Errorf("the answer tells %s: %s", told, r.text)
		}
	}
}

// kept is a sum over the rows of each table.
func (k *tale) kept(t *testing.T) map[string]uint64 {
	t.Helper()
	names := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`
	if k.d.Engine() == "postgres" {
		names = `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'`
	}
	sums := map[string]uint64{}
	if err := k.d.Read(t.Context(), func(q db.Reader) error {
		rows, err := q.Query(t.Context(), names)
		tables, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (s string, err error) { return s, r.Scan(&s) })
		if err != nil {
			return err
		}
		for _, table := range tables {
			if sums[table], err = sumOf(t, q, table); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(sums) < 40 {
		t.Fatalf("found only %d tables", len(sums))
	}
	return sums
}

// sumOf adds up the rows of a table, in whatever order they come.
func sumOf(t *testing.T, q db.Reader, table string) (sum uint64, err error) {
	rows, err := q.Query(t.Context(), `SELECT * FROM `+table)
	if err != nil {
		return 0, err
	}
	columns, err := rows.Columns()
	if err != nil {
		return 0, err
	}
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return 0, err
		}
		h := fnv.New64a()
		fmt.Fprintf(h, "%v", values)
		sum += h.Sum64()
	}
	return sum, errors.Join(rows.Err(), rows.Close())
}

// unchanged fails if anything was written since.
func (k *tale) unchanged(t *testing.T, before map[string]uint64, what string) {
	t.Helper()
	after := k.kept(t)
	for _, table := range slices.Sorted(maps.Keys(after)) {
		if after[table] != before[table] {
			t.Errorf("%s: something was written in %s", what, table)
		}
	}
}

// agrees fails unless the API tells of the case what the room of cases says: what may be done with it, and what was.
func (k *tale) agrees(t *testing.T) {
	t.Helper()
	for _, who := range []access.Actor{worldtest.Amina(), worldtest.Chandra(), lubna(), kohinoor()} {
		told := k.found(t, who.Name)
		history := read[struct {
			Items []struct {
				ID, Act, Status, By, Why string
				At                       time.Time
			}
		}](t, k.as(who.Name, "GET", k.place+"/history?limit=200", "").want(t, 200))
		if err := k.d.Read(t.Context(), func(q db.Reader) error {
			c, err := cases.Find(t.Context(), q, who, cases.ID(k.id))
			if err != nil {
				return err
			}
			possible, err := cases.PossibleNow(t.Context(), q, who, c)
			if got, want := fmt.Sprint(told.Possible), fmt.Sprint(possible); err == nil && got != want {
				t.Errorf("to %s the API offers %s, the room %s", who.Name, got, want)
			}
			if err == nil && (told.Case.Status != string(c.Status) || told.Case.Version != c.Version || told.Case.Risk != string(c.Risk)) {
				t.Errorf("the API tells %+v, the room %+v", told.Case, c)
			}
			events, wrong := cases.History(t.Context(), q, who, c.ID, cases.Part{Limit: 200})
			if len(events) == 0 || len(events) != len(history.Items) {
				t.Errorf("the API tells of %d events, the room of %d", len(history.Items), len(events))
				return errors.Join(err, wrong)
			}
			for i, e := range events {
				if h := history.Items[i]; h.ID != e.ID || h.Act != string(e.Act) || h.Status != string(e.Status) || h.By != e.By || h.Why != e.Why || !h.At.Equal(e.At) {
					t.Errorf("the API tells %+v, the room %+v", h, e)
				}
			}
			return errors.Join(err, wrong)
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// at makes the request of a step that is the same whenever it is asked for.
func at(path, body string) func(*testing.T) (string, string) {
	return func(*testing.T) (string, string) { return path, body }
}

// on makes a request on the case, wherever that lies when it is asked for.
func (k *tale) on(path, body string) func(*testing.T) (string, string) {
	return func(*testing.T) (string, string) { return k.place + path, body }
}

const (
	noCase, noPerson, noService = "case.not_found", "person.not_found", "service.not_found"
	shut                        = "person.protected_not_allowed"
)

// finds opens the case, takes it and says how much danger there is.
func (k *tale) finds() []step {
	return []step{
		{name: "looks-at-what-she-told", by: "Amina", method: "GET", ask: at(k.her+"/protected", ""), gone: noPerson, barred: shut, then: func(t *testing.T, r reply) {
			if !strings.Contains(r.text, "zqcanary of the house") {
				t.Errorf("what she told: %s", r.text)
			}
		}},
		{name: "opens", by: "Amina", ask: at(k.her+"/cases", `{"programme": "reintegration", "origin": "airport", "why": "came home with nothing"}`), gone: noPerson, status: 201, then: func(t *testing.T, r reply) {
			k.id = read[row](t, r).ID
			k.place = "/cases/" + k.id
			if f := k.found(t, "Amina"); f.Case.Status != "intake" || r.Header.Get("Location") != "/api/v1"+k.place {
				t.Errorf("opened: %+v at %s", f, r.Header.Get("Location"))
			}
		}},
		{name: "takes", by: "Amina", act: cases.Take, ask: k.on("/take", `{"version": %d}`), gone: noCase, barred: "case.take_caseload", then: k.stands("assigned")},
		{name: "rates", by: "Amina", act: cases.Assess, ask: k.on("/rate", `{"version": %d, "risk": "critical", "why": "zqcanary, the agent knows where she lives"}`), gone: noCase, barred: shut,
			then: func(t *testing.T, r reply) {
				k.stands("assessed")(t, r)
				if f := read[file](t, r); f.Case.Risk != "critical" {
					t.Errorf("rated: %+v", f)
				}
			}},
		{name: "reads-why", by: "Amina", method: "GET", ask: k.on("/notes/protected", ""), gone: noCase, barred: shut, then: func(t *testing.T, r reply) {
			if !strings.Contains(r.text, "zqcanary, the agent knows") {
				t.Errorf("why: %s", r.text)
			}
		}},
	}
}

// cares gives her a bed, a talk and legal advice.
func (k *tale) cares() []step {
	type list struct{ Items []stayed }
	stays := func(state string) func(*testing.T, reply) {
		return func(t *testing.T, r reply) {
			t.Helper()
			if k.stay = read[list](t, r).Items[0]; k.stay.State != state {
				t.Errorf("the stay is %+v", k.stay)
			}
		}
	}
	return []step{
		{name: "asks-for-a-bed", by: "Amina", act: cases.GiveProtected, ask: k.on("/stays", `{"division": "30", "nights": 10, "guests": [{"called_as": "Rina"}], "needs": "zqcanary, she cannot sleep alone"}`), gone: noCase, barred: shut, status: 201, then: stays("asked")},
		{name: "finds-the-bed", by: "Amina", ask: func(*testing.T) (string, string) {
			return k.place + "/stays/" + k.stay.ID, fmt.Sprintf(`{"version": %d, "do": "take"}`, k.stay.Version)
		}, gone: noCase, barred: "shelter.stay_not_found", then: stays("placed")},
		{name: "learns-where-it-is", by: "Amina", method: "GET", ask: func(*testing.T) (string, string) { return k.place + "/stays/" + k.stay.ID + "/place", "" }, gone: noCase, barred: "shelter.stay_not_found", then: func(t *testing.T, r reply) {
			if !strings.Contains(r.text, "Zqlane") {
				t.Errorf("the place: %s", r.text)
			}
		}},
		{name: "takes-her-in", by: "Chandra", ask: func(*testing.T) (string, string) {
			return "/shelters/" + string(k.house) + "/guests/" + k.stay.Ref, fmt.Sprintf(`{"version": %d, "do": "arrive"}`, k.stay.Version)
		}, gone: "shelter.not_found", barred: "access.not_allowed", then: func(t *testing.T, r reply) {
			if g := read[stayed](t, r); g.State != "there" || strings.Contains(r.text, "Rahima") {
				t.Errorf("taken in: %s", r.text)
			}
		}},
		{name: "counsels", by: "Amina", days: 1, act: cases.GiveProtected, ask: k.on("/services", `{"code": "counselling_individual", "notes": "zqcanary, she spoke of the house"}`), gone: noCase, barred: shut, status: 201, then: func(t *testing.T, r reply) {
			k.session = read[row](t, r).ID
		}},
		{name: "reads-her-notes", by: "Amina", method: "GET", ask: func(*testing.T) (string, string) { return "/given/" + k.session + "/notes", "" }, gone: noService, barred: noService, then: func(t *testing.T, r reply) {
			if !strings.Contains(r.text, "she spoke of the house") {
				t.Errorf("the notes: %s", r.text)
			}
		}},
		{name: "gives-legal-advice", by: "Amina", days: 1, act: cases.GiveProtected, ask: k.on("/services", `{"code": "legal_advice", "details": {"matter": "violence", "place": "police", "number": "zqcanary 417"}}`), gone: noCase, barred: shut, status: 201},
		{name: "reads-what-was-given", by: "Amina", method: "GET", ask: k.on("/services/protected", ""), gone: noCase, barred: shut, then: func(t *testing.T, r reply) {
			if all := read[entries](t, r); len(all.Items) != 2 || all.Items[0].Code != "legal_advice" || all.Items[1].Code != "counselling_individual" {
				t.Errorf("given: %s", r.text)
			}
		}},
	}
}

// answers is who calls, and whom nobody calls.
func (k *tale) answers() []step {
	type result struct {
		ID, Why string
		May     bool
	}
	in := k.her + "/calls/in"
	return []step{
		{name: "her-husband-calls", by: "Amina", ask: at(in, `{"other": "husband", "word": "shapla", "about": "asks where she is"}`), gone: noPerson, then: func(t *testing.T, r reply) {
			k.silent(t, r)
			his := read[result](t, r)
			stranger := read[result](t, k.as("Amina", "POST", in, `{"other": "unknown", "about": "hangs up"}`).want(t, 200))
			if his.May || his.ID == "" || his.Why != "call.no.word" || his.Why != stranger.Why || stranger.May {
				t.Errorf("he is told %+v, a stranger %+v", his, stranger)
			}
		}},
		{name: "his-telephone", by: "Amina", again: true, ask: at(k.her+"/calls", fmt.Sprintf(`{"contact": %q, "way": "call", "other": "husband", "outcome": "talked", "about": "that she is well", "override": true, "reason": "he asked to be called back"}`, k.his)), gone: noPerson, then: func(t *testing.T, r reply) {
			if v := read[result](t, r); v.May || v.ID != "" || v.Why != "call.no.unsafe" {
				t.Errorf("his telephone: %+v", v)
			}
			if v := read[result](t, k.as("Amina", "GET", k.her+"/contacts/"+k.his+"/may/call", "").want(t, 200)); v.May || v.Why != "call.no.unsafe" {
				t.Errorf("may his telephone be called: %+v", v)
			}
			if all := k.as("Amina", "GET", k.her+"/calls", "").want(t, 200).text; strings.Contains(all, "that she is well") || !strings.Contains(all, "asks where she is") {
				t.Errorf("the calls: %s", all)
			}
		}},
		{name: "she-calls-herself", by: "Amina", ask: at(in, `{"other": "herself", "word": "Shapla", "about": "she is well"}`), gone: noPerson, then: func(t *testing.T, r reply) {
			if v := read[result](t, r); !v.May || v.ID == "" {
				t.Errorf("she is told %+v", v)
			}
		}},
		{name: "calls-her-back", by: "Amina", ask: at(k.her+"/calls", fmt.Sprintf(`{"contact": %q, "way": "call", "other": "herself", "outcome": "talked", "about": "about tomorrow"}`, k.own)), gone: noPerson, then: func(t *testing.T, r reply) {
			if v := read[result](t, r); !v.May || v.ID == "" {
				t.Errorf("her own telephone: %+v", v)
			}
		}},
	}
}

// plansAhead makes her mother a client, draws the plan with both, and lets her leave the shelter for home.
func (k *tale) plansAhead() []step {
	return []step{
		{name: "makes-her-mother-a-client", by: "Amina", days: 1, act: cases.AddMember, ask: func(t *testing.T) (string, string) {
			return k.place + "/members", fmt.Sprintf(`{"relation": %q}`, read[person](t, k.as("Amina", "GET", k.her, "").want(t, 200)).Relations[0].ID)
		}, gone: noCase, then: func(t *testing.T, r reply) {
			f := read[file](t, r)
			if len(f.Members) != 1 || f.Members[0].Name != "Ayesha Khatun" {
				t.Fatalf("members: %+v", f.Members)
			}
			k.member = f.Members[0].ID
		}},
		{name: "draws-the-plan", by: "Amina", act: cases.DrawPlan, method: "PUT", ask: func(*testing.T) (string, string) {
			return k.place + "/plan", fmt.Sprintf(`{"version": 0, "goals": [
				{"dimension": "economic", "level": "family", "words": "a shop with my mother", "client": %q, "steps": [{"what": "rent the room", "who": "returnee", "due_on": "2030-06-01"}, {"what": "ask for the grant", "who": "worker", "due_on": "2030-06-02", "service": "business_grant"}]},
				{"dimension": "psychosocial", "level": "individual", "words": "zqcanary, to sleep at night", "steps": [{"what": "zqcanary, talk each week", "who": "worker", "due_on": "2030-06-03"}]}]}`, k.member)
		}, gone: noCase, barred: shut, then: func(t *testing.T, r reply) {
			if !strings.Contains(r.text, "a shop with my mother") || !strings.Contains(r.text, k.member) || strings.Contains(r.text, "zqcanary") {
				t.Errorf("drawn: %s", r.text)
			}
		}},
		{name: "agrees-on-it", by: "Amina", act: cases.AgreePlan, ask: func(t *testing.T) (string, string) {
			return k.place + "/plan/agree", fmt.Sprintf(`{"version": 1, "how": "paper", "picture": %q}`, signed(t))
		}, gone: noCase, then: func(t *testing.T, r reply) {
			if f := k.found(t, "Amina"); f.Case.Status != "planned" || !strings.Contains(r.text, `"agreed":1`) {
				t.Errorf("agreed: %s and %+v", r.text, f)
			}
		}},
		{name: "reads-the-whole-plan", by: "Amina", method: "GET", ask: k.on("/plan/protected", ""), gone: noCase, barred: shut, then: func(t *testing.T, r reply) {
			if !strings.Contains(r.text, "to sleep at night") {
				t.Errorf("the whole plan: %s", r.text)
			}
		}},
		{name: "starts", by: "Amina", days: 1, act: cases.Start, ask: k.on("/start", `{"version": %d}`), gone: noCase, then: k.stands("active")},
		{name: "sees-her-off", by: "Amina", days: 3, ask: func(t *testing.T) (string, string) {
			s := read[struct{ Items []stayed }](t, k.as("Amina", "GET", k.place+"/stays", "").want(t, 200)).Items[0]
			return k.place + "/stays/" + s.ID, fmt.Sprintf(`{"version": %d, "do": "discharge", "leaving": {"destination": "parents", "where": "zqcanary, a village", "safe": "yes", "follow_up": "2030-03-20"}}`, s.Version)
		}, gone: noCase, barred: "shelter.stay_not_found", then: func(t *testing.T, r reply) {
			if !strings.Contains(r.text, `"state":"left"`) {
				t.Errorf("seen off: %s", r.text)
			}
			k.as("Amina", "GET", k.place+"/stays/"+k.stay.ID+"/place", "").wrong(t, 409, "shelter.no_place_yet")
		}},
	}
}

// pays asks for the grant, which two others allow.
func (k *tale) pays() []step {
	return []step{
		{name: "asks-for-the-grant", by: "Amina", days: 1, act: cases.Ask, ask: k.on("/services", `{"code": "business_grant", "amount_poisha": 3000000, "conditions": ["returned", "business_plan"], "papers": ["nid"], "remark": "shelves and first goods"}`), gone: noCase, status: 201, then: func(t *testing.T, r reply) {
			k.grant = read[row](t, r).ID
			k.as("Amina", "POST", "/given/"+k.grant+"/pay", `{"receipt": "R-17"}`).wrong(t, 409, "service.not_allowed_yet")
			path, body := k.decides(t)
			k.as("Amina", "POST", path, body).wrong(t, 403, "access.not_allowed")
		}},
		{name: "allows-it", by: "Chandra", days: 1, act: cases.Decide, ask: k.decides, gone: noCase, then: func(t *testing.T, r reply) {
			if all := read[entries](t, r); len(all.Items) != 1 || all.Items[0].Decision != "waiting" {
				t.Errorf("allowed by one: %s", r.text)
			}
			k.as("Amina", "POST", "/given/"+k.grant+"/pay", `{"receipt": "R-17"}`).wrong(t, 409, "service.not_allowed_yet")
			path, body := k.decides(t)
			k.as("Chandra", "POST", path, body).wrong(t, 409, "case.voted_already")
		}},
		{name: "allows-it-too", by: "Lubna", act: cases.Decide, ask: k.decides, gone: noCase, then: func(t *testing.T, r reply) {
			if all := read[entries](t, r); all.Items[0].Decision != "approved" {
				t.Errorf("allowed by two: %s", r.text)
			}
		}},
		{name: "pays", by: "Amina", days: 1, ask: func(*testing.T) (string, string) { return "/given/" + k.grant + "/pay", `{"receipt": "R-17"}` }, gone: noService, then: func(t *testing.T, _ reply) {
			if all := k.list(t, "Amina", k.place+"/services"); len(all.Items) != 1 || all.Items[0].State != "paid" || all.Items[0].Amount != 3_000_000 {
				t.Errorf("paid: %+v", all)
			}
		}},
	}
}

// lets is the end: reviews, the closing that another allows, and the flood.
func (k *tale) lets() []step {
	const closing = `{"version": %d, "code": "goals_reached", "duties": ["prepared", "last_review", "where_to_turn"], "why": "she stands on her own feet"}`
	return []step{
		{name: "reviews-after-a-month", by: "Amina", days: 30, act: cases.Review, ask: k.reviews(1, "the shop is open"), gone: noCase},
		{name: "reviews-after-three", by: "Amina", days: 60, act: cases.Review, ask: k.reviews(3, "the shop feeds four"), gone: noCase, then: func(t *testing.T, r reply) {
			if all := read[entries](t, r); all.Items[0].Found != "the shop is open" || all.Items[1].Found != "the shop feeds four" || all.Items[2].Found != "" {
				t.Errorf("reviewed: %s", r.text)
			}
			k.as("Amina", "POST", k.place+"/close", fmt.Sprintf(strings.Replace(closing, `, "last_review"`, "", 1), k.found(t, "Amina").Case.Version)).wrong(t, 422, "case.duties_missing")
		}},
		{name: "asks-to-close", by: "Amina", days: 1, act: cases.Close, ask: k.on("/close", closing), gone: noCase, then: func(t *testing.T, r reply) {
			if f := read[file](t, r); f.Case.Status != "active" || slices.Contains(f.Possible, "close") || slices.Contains(f.Possible, "decide") {
				t.Errorf("asked to close: %+v", f)
			}
			if waiting := k.list(t, "Chandra", "/approvals"); len(waiting.Items) != 1 || waiting.Items[0].Kind != "closure" {
				t.Errorf("waiting: %+v", waiting)
			}
		}},
		{name: "allows-the-closing", by: "Chandra", act: cases.Decide, ask: k.decides, gone: noCase, then: func(t *testing.T, _ reply) {
			if f := k.found(t, "Amina"); f.Case.Status != "closed" || f.Case.Closure != "goals_reached" || !slices.Contains(f.Possible, "reopen") || slices.Contains(f.Possible, "give") {
				t.Errorf("closed: %+v", f)
			}
			k.as("Amina", "POST", k.place+"/services", `{"code": "food"}`).wrong(t, 409, "case.not_now")
		}},
		{name: "opens-again", by: "Amina", days: 60, act: cases.Reopen, ask: k.on("/reopen", `{"version": %d, "why": "the flood took the shop"}`), gone: noCase, then: func(t *testing.T, r reply) {
			k.stands("assigned")(t, r)
			if f := read[file](t, r); f.Case.Openings != 2 || f.Case.Risk != "" || f.Case.Worker != worldtest.Amina().ID {
				t.Errorf("opened again: %+v", f)
			}
			var acts []string
			for _, e := range k.list(t, "Amina", k.place+"/history").Items {
				acts = append(acts, e.Act)
			}
			slices.Reverse(acts)
			if got, want := strings.Join(acts, " "), "open take assess member agree_plan start review review close reopen"; got != want {
				t.Errorf("what happened is %s, want %s", got, want)
			}
		}},
	}
}

// stands fails unless a case is answered that stands so.
func (k *tale) stands(status string) func(*testing.T, reply) {
	return func(t *testing.T, r reply) {
		t.Helper()
		if f := read[file](t, r); f.Case.Status != status {
			t.Errorf("the case is %+v, want it %s", f.Case, status)
		}
	}
}

// decides says yes to what was asked last.
func (k *tale) decides(t *testing.T) (path, body string) {
	t.Helper()
	all := k.list(t, "Chandra", k.place+"/approvals").Items
	return k.place + "/approvals/" + all[len(all)-1].ID + "/decide", `{"yes": true}`
}

// reviews holds the review that is due after so many months.
func (k *tale) reviews(months int, found string) func(*testing.T) (string, string) {
	return func(t *testing.T) (string, string) {
		t.Helper()
		for _, r := range k.list(t, "Amina", k.place+"/plan/reviews").Items {
			if r.Months == months {
				return k.place + "/plan/reviews/" + r.ID, fmt.Sprintf(`{"found": %q}`, found)
			}
		}
		t.Fatalf("no review after %d months", months)
		return "", ""
	}
}

// elsewhereNothing fails if another organisation finds her, or anything of hers, in any list.
func (k *tale) elsewhereNothing(t *testing.T) {
	t.Helper()
	for _, path := range []string{"/persons", "/persons?q=rahima", "/persons?q=01712345678", "/cases", "/approvals", "/shelters"} {
		r := k.as("Bulbul", "GET", path, "").want(t, 200)
		if all := read[entries](t, r); len(all.Items) != 0 {
			t.Errorf("%s: %s", path, r.text)
		}
		k.silent(t, r)
	}
	k.silent(t, k.as("Bulbul", "GET", "/my-day", "").want(t, 200))
	for _, path := range []string{"", "/history", "/tasks", "/notes", "/approvals", "/plan", "/plan/reviews", "/services", "/stays"} {
		k.nowhere(t, k.as("Bulbul", "GET", k.place+path, ""), noCase)
	}
	for _, path := range []string{"/history", "/looks", "/cases", "/calls"} {
		k.nowhere(t, k.as("Bulbul", "GET", k.her+path, ""), noPerson)
	}
}

// nothingLeaks fails if what is protected, or where she was, is told to a colleague or to who oversees.
func (k *tale) nothingLeaks(t *testing.T) {
	t.Helper()
	for _, who := range []string{"Kohinoor", "Lubna"} {
		all := k.as(who, "GET", "/my-day", "").text
		for _, path := range []string{"", "/history", "/tasks", "/notes", "/approvals", "/plan", "/plan/reviews", "/services", "/stays"} {
			all += k.as(who, "GET", k.place+path, "").text
		}
		for _, path := range []string{"", "/history", "/looks", "/cases", "/calls"} {
			all += k.as(who, "GET", k.her+path, "").text
		}
		for _, told := range []string{"zqcanary", "Shefali", "Zqlane", "Rina", "counselling", "legal_advice", "1899887766"} {
			if strings.Contains(all, told) {
				t.Errorf("%s is told %s", who, told)
			}
		}
	}
}
