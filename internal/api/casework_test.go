// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/worldtest"
)

// desk is a case, as another system works on it.
type desk struct {
	*world
	clock          *dbtest.Clock
	her, id, place string // her record, the case, and where it lies
}

// file is a case as it is answered.
type file struct {
	Case struct {
		ID, Status, Worker, Office, Risk, Closure string
		Version, Openings                         int
		Paused, Late                              bool
		DueFor                                    string `json:"due_for"`
		DueOn                                     string `json:"due_on"`
	}
	Possible []string
	Members  []struct{ ID, Relation, Name string }
	Pauses   []struct{ From, Until, Why string }
}

type entries struct {
	Items []struct {
		ID, Person, Text, What, Code, State, Decision, Kind, Act, Found, Name string
		Amount                                                                int64 `json:"amount_poisha"`
		Months                                                                int
		DueOn                                                                 string `json:"due_on"`
	}
	Next string
}

// lubna supervises beside Chandra, so that two can be asked.
func lubna() access.Actor {
	a := access.Actor{ID: "00000000-0000-7000-9000-000000000012", Name: "Lubna", Office: worldtest.Centre, Organisation: worldtest.Aparajita}
	a.Grant(access.Supervisor, access.OfOrganisation(worldtest.Aparajita))
	return a
}

const homecoming = `{"values": {"name_bn": "রহিমা খাতুন", "name_latin": "Rahima Khatun", "sex": "female", "birth": "1991-04", "home": "305670"},
	"contacts": [{"number": "01712345678", "safety": "careful", "ways": ["call"]}], "relations": [{"relation": "mother", "name": "Ayesha Khatun", "lives_with": true}],
	"consents": [{"purpose": "register", "given": true}, {"purpose": "contact", "given": true}, {"purpose": "protected", "given": true}]}`

// opened registers a woman and opens a case for her.
func opened(t *testing.T, d *db.DB, clock *dbtest.Clock) *desk {
	t.Helper()
	worldtest.Hire(t, d, lubna())
	w := open(t, d)
	k := &desk{world: w, clock: clock, her: strings.TrimPrefix(w.as("Amina", "POST", "/persons", homecoming).want(t, 201).Header.Get("Location"), "/api/v1")}
	k.place = strings.TrimPrefix(w.as("Amina", "POST", k.her+"/cases", `{"programme": "reintegration", "origin": "airport", "why": "came home with nothing"}`).want(t, 201).Header.Get("Location"), "/api/v1")
	k.id = strings.TrimPrefix(k.place, "/cases/")
	return k
}

// does is an act on the case at the version that it has now, written as %d, which succeeds.
func (k *desk) does(t *testing.T, who, path, body string) (f file) {
	t.Helper()
	k.tick()
	if strings.Contains(body, "%d") {
		body = fmt.Sprintf(body, k.found(t, who).Case.Version)
	}
	r := k.as(who, "POST", k.place+path, body)
	if r.StatusCode != 200 && r.StatusCode != 201 {
		t.Fatalf("%s %s %s: %d %s", who, path, body, r.StatusCode, r.text)
	}
	return read[file](t, r)
}

func (k *desk) tick() {
	if k.clock != nil {
		k.clock.Move(time.Second)
	}
}

func (k *desk) found(t *testing.T, who string) file {
	t.Helper()
	return read[file](t, k.as(who, "GET", k.place, "").want(t, 200))
}

func (k *desk) list(t *testing.T, who, path string) entries {
	t.Helper()
	return read[entries](t, k.as(who, "GET", path, "").want(t, 200))
}

// signed is a picture of a signature, as base64.
func signed(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 20))); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

const drawnPlan = `{"version": 0, "goals": [
	{"dimension": "economic", "level": "family", "words": "a shop with my mother", "steps": [{"what": "rent the room", "who": "returnee", "due_on": "2030-06-01"}, {"what": "ask for the grant", "who": "worker", "due_on": "2030-06-02", "service": "business_grant"}]},
	{"dimension": "psychosocial", "level": "individual", "words": "to sleep at night", "steps": [{"what": "talk each week", "who": "worker", "due_on": "2030-06-03"}]}]}`

// A case is worked on from its opening to its closing and beyond, by another system, as on paper. At each step somebody of
// another organisation asks for the same and is told that there is nothing.
func TestACaseByTheAPI(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		k := opened(t, d, clock)
		blind := func() {
			t.Helper()
			for _, path := range []string{"", "/history", "/tasks", "/notes", "/notes/protected", "/approvals", "/plan", "/plan/protected", "/plan/reviews", "/services", "/services/protected", "/services/same?code=food"} {
				k.as("Basil", "GET", k.place+path, "").wrong(t, 404, "case.not_found")
			}
			k.as("Basil", "GET", k.her+"/cases", "").wrong(t, 404, "person.not_found")
			if all := k.list(t, "Basil", "/cases"); len(all.Items) != 0 {
				t.Errorf("Basil lists %+v", all)
			}
		}
		blind()
		if f := k.found(t, "Amina"); f.Case.Status != "intake" || f.Case.DueFor != "assign" || f.Case.DueOn == "" || !slices.Contains(f.Possible, "take") || slices.Contains(f.Possible, "assign") {
			t.Errorf("opened: %+v", f)
		}
		if f := k.found(t, "Chandra"); !slices.Contains(f.Possible, "assign") || slices.Contains(f.Possible, "take") {
			t.Errorf("the supervisor may %v", f.Possible)
		}
		k.does(t, "Amina", "/take", `{"version": %d}`)
		k.as("Amina", "POST", k.place+"/take", `{"version": 1}`).wrong(t, 409, "case.changed_meanwhile")
		k.does(t, "Amina", "/rate", `{"version": %d, "risk": "critical", "why": "canary the agent knows where she lives"}`)
		f := k.does(t, "Amina", "/members", fmt.Sprintf(`{"relation": %q}`, read[person](t, k.as("Amina", "GET", k.her, "")).Relations[0].ID))
		if len(f.Members) != 1 || f.Members[0].Name != "Ayesha Khatun" || f.Case.Status != "assessed" || f.Case.Risk != "critical" {
			t.Errorf("assessed: %+v", f)
		}
		blind()
		k.plans(t)
		blind()
		k.money(t)
		blind()
		k.ends(t)
		blind()
		history := k.list(t, "Amina", k.place+"/history")
		if len(history.Items) < 12 || history.Items[len(history.Items)-1].Act != "open" {
			t.Errorf("history: %+v", history)
		}
		if k.logs.String() != "" {
			t.Errorf("log: %.500s", k.logs)
		}
	})
}

// plans draws a plan with something protected in it, agrees on it with a picture, begins it and reviews it.
func (k *desk) plans(t *testing.T) {
	t.Helper()
	k.as("Amina", "GET", k.place+"/plan", "").wrong(t, 404, "plan.not_found")
	plan := k.as("Amina", "PUT", k.place+"/plan", drawnPlan).want(t, 200)
	if !strings.Contains(plan.text, "a shop with my mother") || strings.Contains(plan.text, "to sleep") || !strings.Contains(plan.text, `"whole":false`) {
		t.Errorf("drawn: %s", plan.text)
	}
	k.as("Amina", "PUT", k.place+"/plan", drawnPlan).wrong(t, 409, "plan.changed_meanwhile")
	p := k.as("Amina", "PUT", k.place+"/plan", strings.Replace(strings.Replace(drawnPlan, `"version": 0`, `"version": 1`, 1), "2030-06-01", "2030", 1)).wrong(t, 422, "calendar.day_needed")
	if len(p.Errors) != 1 || p.Errors[0].Field != "goals.0.steps.0.due_on" {
		t.Errorf("errors: %+v", p.Errors)
	}
	if got := k.as("Amina", "GET", k.place+"/plan/protected", "").want(t, 200).text; !strings.Contains(got, "to sleep") || !strings.Contains(got, `"whole":true`) {
		t.Errorf("the look: %s", got)
	}
	k.as("Chandra", "GET", k.place+"/plan/protected", "").wrong(t, 403, "person.protected_not_allowed")
	k.as("Amina", "POST", k.place+"/plan/agree", `{"version": 1, "how": "paper"}`).wrong(t, 422, "plan.signature_needed")
	k.as("Amina", "POST", k.place+"/plan/agree", `{"version": 1, "how": "paper", "picture": "bm8gcGljdHVyZQ=="}`).wrong(t, 422, "file.type_unknown")
	agreed := k.as("Amina", "POST", k.place+"/plan/agree", fmt.Sprintf(`{"version": 1, "how": "paper", "picture": %q}`, signed(t)), "Idempotency-Key", "agree").want(t, 200)
	again := k.as("Amina", "POST", k.place+"/plan/agree", fmt.Sprintf(`{"version": 1, "how": "paper", "picture": %q}`, signed(t)), "Idempotency-Key", "agree").want(t, 200)
	if agreed.text != again.text || !strings.Contains(agreed.text, `"agreed":1`) || again.Header.Get("Idempotent-Replay") == "" {
		t.Errorf("agreed twice: %s and %s", agreed.text, again.text)
	}
	step := read[struct {
		Goals []struct{ Steps []struct{ ID string } }
	}](t, agreed).Goals[0].Steps[0].ID
	k.does(t, "Amina", "/start", `{"version": %d}`)
	if got := k.as("Amina", "POST", k.place+"/plan/steps/"+step+"/end", `{}`).want(t, 200).text; !strings.Contains(got, `"outcome":"done"`) {
		t.Errorf("the step: %s", got)
	}
	k.as("Amina", "POST", k.place+"/plan/steps/"+step+"/end", `{}`).wrong(t, 409, "plan.step_ended")
	reviews := k.list(t, "Amina", k.place+"/plan/reviews")
	if len(reviews.Items) != 4 || reviews.Items[0].Months != 1 {
		t.Fatalf("reviews: %+v", reviews)
	}
	held := read[entries](t, k.as("Amina", "POST", k.place+"/plan/reviews/"+reviews.Items[0].ID, `{"found": "the shop is open"}`).want(t, 200))
	if held.Items[0].Found != "the shop is open" {
		t.Errorf("held: %+v", held)
	}
}

// money asks for a grant above what one may allow, which two others decide, and pays it.
func (k *desk) money(t *testing.T) {
	t.Helper()
	k.tick()
	k.as("Amina", "POST", k.place+"/services", `{"code": "food", "quantity": 2}`).want(t, 201)
	k.tick()
	k.as("Amina", "POST", k.place+"/services", `{"code": "counselling_individual", "notes": "canary of the session"}`).want(t, 201)
	if got := k.as("Amina", "GET", k.place+"/services", "").want(t, 200).text; !strings.Contains(got, `"food"`) || strings.Contains(got, "counselling") {
		t.Errorf("services: %s", got)
	}
	looked := k.list(t, "Amina", k.place+"/services/protected")
	if len(looked.Items) != 1 || looked.Items[0].Code != "counselling_individual" {
		t.Fatalf("looked: %+v", looked)
	}
	if got := k.as("Amina", "GET", "/given/"+looked.Items[0].ID+"/notes", "").want(t, 200).text; !strings.Contains(got, "canary of the session") {
		t.Errorf("notes of the session: %s", got)
	}
	k.as("Chandra", "GET", "/given/"+looked.Items[0].ID+"/notes", "").wrong(t, 404, "service.not_found")
	grant := `{"code": "business_grant", "amount_poisha": 5000000, "conditions": ["returned", "business_plan"], "papers": ["nid"]}`
	k.tick()
	first := k.as("Amina", "POST", k.place+"/services", grant, "Idempotency-Key", "grant").want(t, 201)
	if again := k.as("Amina", "POST", k.place+"/services", grant, "Idempotency-Key", "grant").want(t, 201); again.text != first.text {
		t.Errorf("asked twice: %s and %s", first.text, again.text)
	}
	k.as("Amina", "POST", k.place+"/services", strings.Replace(grant, "5000000", "5000001", 1), "Idempotency-Key", "grant").wrong(t, 409, "operation.reused")
	k.as("Amina", "POST", k.place+"/services", grant).wrong(t, 409, "service.same_given")
	id := read[row](t, first).ID
	if same := k.list(t, "Amina", k.place+"/services/same?code=business_grant"); len(same.Items) != 1 || same.Items[0].Amount != 5000000 {
		t.Errorf("the same: %+v", same)
	}
	k.as("Amina", "POST", "/given/"+id+"/pay", `{"receipt": "R-1"}`).wrong(t, 409, "service.not_allowed_yet")
	waiting := k.list(t, "Chandra", "/approvals")
	if len(waiting.Items) != 1 || waiting.Items[0].Kind != "money" {
		t.Fatalf("waiting: %+v", waiting)
	}
	decide := k.place + "/approvals/" + waiting.Items[0].ID + "/decide"
	k.as("Amina", "POST", decide, `{"yes": true}`).wrong(t, 403, "access.not_allowed")
	k.as("Chandra", "POST", decide, `{}`).wrong(t, 422, "fault.needed")
	k.as("Chandra", "POST", decide, `{"yes": true}`, "Idempotency-Key", "yes").want(t, 200)
	k.as("Chandra", "POST", decide, `{"yes": true}`, "Idempotency-Key", "yes").want(t, 200)
	k.as("Chandra", "POST", decide, `{"yes": true}`).wrong(t, 409, "case.voted_already")
	if got := read[entries](t, k.as("Lubna", "POST", decide, `{"yes": true}`).want(t, 200)); got.Items[0].Decision != "approved" {
		t.Errorf("decided: %+v", got)
	}
	k.as("Amina", "POST", "/given/"+id+"/pay", `{"receipt": "R-1"}`).want(t, 200)
	k.as("Amina", "POST", "/given/"+id+"/undo", `{"why": "not so"}`).wrong(t, 403, "access.not_allowed")
	k.as("Basil", "POST", "/given/"+id+"/undo", `{"why": "not so"}`).wrong(t, 404, "service.not_found")
}

// ends pauses, closes, looks after and reopens the case, with a task and notes on the way.
func (k *desk) ends(t *testing.T) {
	t.Helper()
	k.does(t, "Amina", "/notes", `{"text": "she called"}`)
	k.does(t, "Amina", "/notes", `{"text": "canary of a note", "protected": true}`)
	if got := k.as("Amina", "GET", k.place+"/notes", "").want(t, 200).text; !strings.Contains(got, "she called") || strings.Contains(got, "canary") {
		t.Errorf("notes: %s", got)
	}
	if got := k.as("Amina", "GET", k.place+"/notes/protected", "").want(t, 200).text; !strings.Contains(got, "canary of a note") || !strings.Contains(got, "the agent knows") {
		t.Errorf("looked at notes: %s", got)
	}
	k.as("Chandra", "GET", k.place+"/notes/protected", "").wrong(t, 403, "person.protected_not_allowed")
	task := read[entries](t, k.as("Chandra", "POST", k.place+"/tasks", fmt.Sprintf(`{"what": "ask the bank", "due_on": "2030-12-01", "user": %q}`, worldtest.Amina().ID)).want(t, 201))
	if day := k.as("Amina", "GET", "/my-day", "").want(t, 200).text; !strings.Contains(day, "ask the bank") {
		t.Errorf("my day: %s", day)
	}
	k.as("Basil", "POST", "/tasks/"+task.Items[0].ID+"/done", "").wrong(t, 404, "case.task_not_found")
	k.as("Amina", "POST", "/tasks/"+task.Items[0].ID+"/done", "").want(t, 200)
	if f := k.does(t, "Amina", "/pause", `{"version": %d, "why": "in hospital"}`); !f.Case.Paused || f.Case.DueOn != "" || !slices.Contains(f.Possible, "resume") {
		t.Errorf("paused: %+v", f)
	}
	if f := k.does(t, "Amina", "/resume", `{"version": %d}`); len(f.Pauses) != 1 || f.Pauses[0].Why != "in hospital" {
		t.Errorf("goes on: %+v", f)
	}
	k.as("Amina", "POST", k.place+"/close", `{"version": 1, "code": "goals_reached", "duties": [], "why": "it is so"}`).wrong(t, 409, "case.changed_meanwhile")
	k.as("Amina", "POST", k.place+"/close", fmt.Sprintf(`{"version": %d, "code": "goals_reached", "duties": ["prepared"], "why": "it is so"}`, k.found(t, "Amina").Case.Version)).wrong(t, 422, "case.duties_missing")
	if f := k.does(t, "Amina", "/close", `{"version": %d, "code": "goals_reached", "duties": ["prepared", "last_review", "where_to_turn"], "why": "she earns her living"}`); f.Case.Status != "closed" || f.Case.Closure != "goals_reached" {
		t.Errorf("closed: %+v", f)
	}
	if all := k.list(t, "Amina", "/cases"); len(all.Items) != 0 {
		t.Errorf("a closed case is entries: %+v", all)
	}
	k.does(t, "Amina", "/aftercare", `{"version": %d}`)
	k.does(t, "Amina", "/aftercare/end", `{"version": %d}`)
	if f := k.does(t, "Amina", "/reopen", `{"version": %d, "why": "the shop failed"}`); f.Case.Status != "assigned" || f.Case.Openings != 2 {
		t.Errorf("reopened: %+v", f)
	}
}

// Opening is done once under its key, and once at a time for a person.
func TestACaseIsOpenedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		w := open(t, d)
		her := w.register()
		body := `{"programme": "reintegration", "origin": "self"}`
		first := w.as("Amina", "POST", her+"/cases", body, "Idempotency-Key", "one").want(t, 201)
		again := w.as("Amina", "POST", her+"/cases", body, "Idempotency-Key", "one").want(t, 201)
		if first.text != again.text || again.Header.Get("Idempotent-Replay") == "" {
			t.Errorf("%s and %s", first.text, again.text)
		}
		w.as("Amina", "POST", her+"/cases", body).wrong(t, 409, "case.already_open")
		w.as("Amina", "POST", her+"/cases", strings.Replace(body, "self", "hotline", 1), "Idempotency-Key", "one").wrong(t, 409, "operation.reused")
		w.as("Basil", "POST", her+"/cases", body).wrong(t, 404, "person.not_found")
		w.as("Harun", "POST", her+"/cases", body).wrong(t, 403, "access.not_allowed")
		w.as("Amina", "POST", her+"/cases", `{"programme": "nothing", "origin": "self"}`).wrong(t, 422, "programme.unknown")
	})
}

// Many cases change hands in one act, or none does; the list and the board tell who has them.
func TestCasesAreHandedOverTogether(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		w := open(t, d)
		var all []string
		for range 5 {
			her := w.register()
			all = append(all, read[row](t, w.as("Amina", "POST", her+"/cases", `{"programme": "reintegration", "origin": "self"}`).want(t, 201)).ID)
		}
		give := func(some []string, to string) string {
			body, err := json.Marshal(map[string]any{"cases": some, "to": to, "why": "she is new"})
			if err != nil {
				t.Fatal(err)
			}
			return string(body)
		}
		amina := worldtest.Amina().ID
		w.as("Amina", "POST", "/cases/hand-over", give(all, amina)).wrong(t, 403, "access.not_allowed")
		w.as("Chandra", "POST", "/cases/hand-over", give(all, worldtest.Basil().ID)).wrong(t, 422, "case.worker_unknown")
		w.as("Chandra", "POST", "/cases/hand-over", give(append(slices.Clone(all), "01900000-0000-7000-8000-000000000000"), amina)).wrong(t, 404, "case.not_found")
		w.as("Chandra", "POST", "/cases/hand-over", give([]string{"x"}, amina)).wrong(t, 404, "case.not_found")
		if mine := read[entries](t, w.as("Amina", "GET", "/cases?worker="+amina, "").want(t, 200)); len(mine.Items) != 0 {
			t.Errorf("some were handed over: %+v", mine)
		}
		body := give(all[:4], amina)
		w.as("Chandra", "POST", "/cases/hand-over", body, "Idempotency-Key", "h").want(t, 200)
		w.as("Chandra", "POST", "/cases/hand-over", body, "Idempotency-Key", "h").want(t, 200)
		w.as("Chandra", "POST", "/cases/hand-over", body).wrong(t, 409, "case.has_it_already")
		seen := map[string]bool{}
		for next := "/cases?limit=3&worker=" + amina; next != ""; {
			p := read[entries](t, w.as("Chandra", "GET", next, "").want(t, 200))
			for _, c := range p.Items {
				seen[c.ID] = true
			}
			next = strings.TrimPrefix(p.Next, "/api/v1")
		}
		if len(seen) != 4 {
			t.Errorf("%d cases of Amina's on the pages, want 4", len(seen))
		}
		for path, want := range map[string]int{"/cases?worker=nobody": 1, "/cases?status=assigned": 4, "/cases?status=active": 0, "/cases?risk=high": 0, "/cases?due_by=2099-01-01": 5, "/cases?due_by=2001-01-01": 0,
			"/cases?idle_days=1": 0, "/cases?office=" + worldtest.Sylhet: 5, "/cases?office=" + worldtest.Centre: 0} {
			if got := read[entries](t, w.as("Chandra", "GET", path, "").want(t, 200)); len(got.Items) != want {
				t.Errorf("%s: %d cases, want %d", path, len(got.Items), want)
			}
		}
		if board := w.as("Chandra", "GET", "/board?office="+worldtest.Sylhet, "").want(t, 200).text; !strings.Contains(board, `"cases_count":4`) || !strings.Contains(board, `"worker_name":"Amina"`) {
			t.Errorf("board: %s", board)
		}
		w.as("Basil", "GET", "/board?office="+worldtest.Sylhet, "").wrong(t, 404, "case.office_not_found")
	})
}

// What cases are worked by is read by anybody and set by an administrator, from a day on.
func TestTermsAreReadAndSet(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := open(t, d)
		today := clock.Now().Format("2006-01-02")
		for path, want := range map[string]string{"/programmes": `"alone_up_to":0`, "/closures": `"goals_reached"`, "/closures?programme=reintegration": `"duties":[{"key":"prepared","name_en"`, "/services": `"business_grant"`, "/calendar?year=2031": `"2031-03-26"`} {
			if got := w.as("Harun", "GET", path, "").want(t, 200).text; !strings.Contains(got, want) {
				t.Errorf("%s: %.300s, want %s", path, got, want)
			}
		}
		for path, methods := range routes(t, w) {
			op, is := methods["post"]
			if !is || !slices.Contains([]string{"set_programme", "set_service_kind", "enter_day"}, op.OperationID) {
				continue
			}
			example := strings.ReplaceAll(string(op.RequestBody.Content["application/json"].Example), "2099-01-01", today)
			w.as("Chandra", "POST", path, example).wrong(t, 403, "access.not_allowed")
			w.as("Farid", "POST", path, example, "Idempotency-Key", path).want(t, 201)
			w.as("Farid", "POST", path, example, "Idempotency-Key", path).want(t, 201)
		}
		if got := w.as("Amina", "GET", "/programmes", "").text; !strings.Contains(got, `"alone_up_to":500000`) {
			t.Errorf("set: %s", got)
		}
		if got := w.as("Amina", "GET", "/services", "").text; !strings.Contains(got, `"seeds"`) {
			t.Errorf("set: %s", got)
		}
		days := read[entries](t, w.as("Amina", "GET", "/calendar?year=2099", "").want(t, 200))
		entered := ""
		for _, day := range days.Items {
			entered += day.ID
		}
		w.as("Farid", "POST", "/calendar/"+entered+"/end", `{"reason": ""}`).wrong(t, 422, "fault.needed")
		w.as("Farid", "POST", "/calendar/"+entered+"/end", `{"reason": "sighted later"}`).want(t, 201)
		w.as("Farid", "POST", "/calendar/"+entered+"/end", `{"reason": "sighted later"}`).wrong(t, 404, "calendar.day_not_found")
		p := w.as("Farid", "POST", "/programmes", `{"from": "2001-01-01", "programme": {"code": "A"}}`).wrong(t, 422, "programme.code")
		if fields := fmt.Sprint(p.Errors); !strings.Contains(fields, "programme.code") || !strings.Contains(fields, "programme.assign") {
			t.Errorf("errors: %s", fields)
		}
	})
}

// A key empowers for the acts that it lists and no others, whatever its owner may.
func TestAKeyForCasesReadsAndNothingElse(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		k := opened(t, d, clock)
		reader := worldtest.Amina()
		reader.Grants = map[access.Permission]access.Reach{access.ReadCases: reader.Grants[access.ReadCases], access.ReadPersons: reader.Grants[access.ReadPersons]}
		reader.Name = "Kiosk"
		k.let(reader)
		f := k.found(t, "Kiosk")
		if len(f.Possible) != 0 {
			t.Errorf("a key that reads may %v", f.Possible)
		}
		for path, body := range map[string]string{"/take": `{"version": 1}`, "/notes": `{"text": "x"}`, "/tasks": `{"what": "abc", "due_on": "2030-12-01"}`, "/close": `{"version": 1, "code": "died", "duties": [], "why": "abc"}`} {
			k.as("Kiosk", "POST", k.place+path, body).wrong(t, 403, "access.not_allowed")
		}
		k.as("Kiosk", "GET", k.place+"/notes/protected", "").wrong(t, 403, "access.not_allowed")
	})
}

// Whatever stands in the texts of a body, the answer is a success or a clear error, on both engines.
func TestHostileTextInEveryBodyOfCasework(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := opened(t, d, nil)
		k.does(t, "Amina", "/take", `{"version": %d}`)
		k.does(t, "Amina", "/rate", `{"version": %d, "risk": "low", "why": "nothing was found"}`)
		k.as("Amina", "PUT", k.place+"/plan", drawnPlan).want(t, 200)
		k.as("Amina", "POST", k.place+"/services", `{"code": "food"}`).want(t, 201)
		given := k.list(t, "Amina", k.place+"/services").Items[0].ID
		k.as("Amina", "POST", k.place+"/tasks", `{"what": "abc", "due_on": "2030-12-01"}`).want(t, 201)
		fuller := map[string]string{"open_case": `"why": "x"`, "hand_over_cases": `"office": "` + worldtest.Centre + `"`, "assign_case": `"office": "` + worldtest.Sylhet + `", "why": "x"`, "add_task": `"user": "` + worldtest.Amina().ID + `"`,
			"write_note": `"replaces": "` + given + `"`, "log_service": `"client": "` + given + `", "conditions": ["returned"], "papers": ["nid"], "details": {"scheme": "x"}, "notes": "x", "replaces": "` + given + `", "on": "2030-01-01"`,
			"hold_review": `"until": "2031-01-01"`, "make_copy": `"leave_out": ["x"]`, "agree_plan": `"picture": ""`}
		tried := 0
		for path, methods := range routes(t, k.world) {
			for method, op := range methods {
				example := string(op.RequestBody.Content["application/json"].Example)
				known := strings.Contains(path, "/cases") || strings.Contains(path, "/given") || strings.Contains(path, "/copy") || slices.Contains([]string{"/programmes", "/services", "/calendar", "/calendar/{id}/end"}, path)
				if example == "" || !known {
					continue
				}
				if more := fuller[op.OperationID]; more != "" {
					example = strings.TrimSuffix(strings.TrimSpace(example), "}") + ", " + more + "}"
				}
				who := "Amina"
				switch op.Permission {
				case "case.assign", "case.approve":
					who = "Chandra"
				case "case.manage", "service.manage", "calendar.manage":
					who = "Farid"
				}
				at := strings.NewReplacer("/persons/{id}", k.her, "/cases/{id}", k.place, "{id}", given, "{row}", given).Replace(path)
				for _, place := range places(mustDecode(t, example), "") {
					for name, text := range hostile() {
						if name == "megabyte" && op.OperationID != "write_note" {
							continue
						}
						sound(t, op.OperationID+place+" "+name, k.as(who, strings.ToUpper(method), at, with(t, example, place, text)))
						tried++
					}
				}
			}
		}
		if tried < 1500 {
			t.Errorf("only %d tried", tried)
		}
		for _, text := range hostile() {
			escaped := escape(text[:min(len(text), 10_000)])
			for _, path := range []string{"/cases?office=", "/cases?worker=", "/cases?status=", "/cases?risk=", "/cases?due_by=", "/cases?idle_days=", "/cases?cursor=", "/cases?limit=", "/board?office=", "/services?on=", "/calendar?year=", "/closures?programme=",
				k.place + "/plan?number=", k.place + "/services/same?code=", k.place + "/history?cursor=", "/approvals?limit=", "/cases/", "/given/"} {
				sound(t, path, k.as("Chandra", "GET", path+escaped, ""))
			}
		}
		k.found(t, "Amina")
		if k.logs.String() != "" {
			t.Errorf("log: %.500s", k.logs)
		}
	})
}

func FuzzDrawPlan(f *testing.F) {
	fuzzed(f, "PUT", func(w *world) string {
		her := w.register()
		at := strings.TrimPrefix(w.as("Amina", "POST", her+"/cases", `{"programme": "reintegration", "origin": "self"}`).want(f, 201).Header.Get("Location"), "/api/v1")
		w.as("Amina", "POST", at+"/take", `{"version": 1}`).want(f, 200)
		w.as("Amina", "POST", at+"/rate", `{"version": 2, "risk": "low", "why": "nothing was found"}`).want(f, 200)
		return at + "/plan"
	}, drawnPlan)
}

func FuzzLogService(f *testing.F) {
	fuzzed(f, "POST", func(w *world) string {
		her := w.register()
		return strings.TrimPrefix(w.as("Amina", "POST", her+"/cases", `{"programme": "reintegration", "origin": "self"}`).want(f, 201).Header.Get("Location"), "/api/v1") + "/services"
	}, `{"code": "food", "quantity": 2}`, `{"code": "social_protection", "papers": ["nid"], "details": {"scheme": "x", "outcome": "granted"}, "on": "2029-01-01"}`)
}
