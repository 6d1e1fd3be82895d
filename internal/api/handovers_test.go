// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/worldtest"
)

// handed is a hand-over, as either side reads it.
type handed struct {
	ID, State, Why, Person, Case, Where, Sex string
	Version                                  int
	Parts, Possible                          []string
	Events                                   []struct{ Act, Side, Why string }
	AgeBand                                  string `json:"age_band"`
}

func (k *desk) hands(t *testing.T, who, method, path, body string) handed {
	t.Helper()
	k.tick()
	r := k.as(who, method, path, body)
	if r.StatusCode != 200 && r.StatusCode != 201 {
		t.Fatalf("%s %s %s %s: %d %s", who, method, path, body, r.StatusCode, r.text)
	}
	return read[handed](t, r)
}

// A case goes to another organisation by the API: offered, opened, taken, closed. Who neither offers nor is asked finds nothing.
func TestACaseIsHandedOverByTheAPI(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		k := opened(t, d, clock)
		k.let(bulbul(), kohinoor())
		k.does(t, "Amina", "/take", `{"version": %d}`)
		k.as("Amina", "POST", k.her+"/journeys", `{"country": "SA", "circumstances": {"happened": ["confined"], "account": "zqcanary of the house"}}`).want(t, 201)
		body := func(more string) string {
			return fmt.Sprintf(`{"version": %d, "to": %q, "urgency": "weeks", "why": "she moves to Barishal", "parts": ["journeys", "circumstances"], "method": "spoken", "language": "bn"%s}`, k.found(t, "Amina").Case.Version, worldtest.Bandhan, more)
		}
		k.as("Amina", "POST", k.place+"/handovers", body("")).wrong(t, 422, "handover.consent_needed")
		k.as("Basil", "POST", k.place+"/handovers", body(`, "agreed": true`)).wrong(t, 404, "case.not_found")
		k.as("Chandra", "POST", k.place+"/handovers", body(`, "agreed": true`)).wrong(t, 403, "person.protected_not_allowed")
		first := k.as("Amina", "POST", k.place+"/handovers", body(`, "agreed": true`), "Idempotency-Key", "one").want(t, 201)
		again := k.as("Amina", "POST", k.place+"/handovers", body(`, "agreed": true`), "Idempotency-Key", "one").want(t, 201)
		h := read[handed](t, first)
		if first.text != again.text || h.State != "offered" || !slices.Equal(h.Parts, []string{"identity", "journeys"}) || strings.Contains(first.text, "circumstances") {
			t.Errorf("offered: %s and %s", first.text, again.text)
		}
		if list := k.as("Basil", "GET", "/takeovers", "").want(t, 200).text; !strings.Contains(list, h.ID) || strings.Contains(list, "Rahima") || strings.Contains(list, "she moves") {
			t.Errorf("the list: %s", list)
		}
		for _, who := range []string{"Chandra", "Kohinoor", "Amina"} {
			k.as(who, "POST", "/takeovers/"+h.ID+"/open", "").wrong(t, 404, "handover.not_found")
			k.as(who, "POST", "/takeovers/"+h.ID+"/act", `{"version": 1, "act": "take"}`).wrong(t, 404, "handover.not_found")
		}
		k.as("Basil", "GET", "/handovers/"+h.ID, "").wrong(t, 404, "handover.not_found")
		k.as("Basil", "POST", "/handovers/"+h.ID+"/act", `{"version": 1, "act": "revoke"}`).wrong(t, 404, "handover.not_found")
		got := k.hands(t, "Basil", "POST", "/takeovers/"+h.ID+"/open", "")
		if got.State != "received" || got.Why != "she moves to Barishal" || got.Sex != "female" || got.AgeBand == "" || got.Case != "" {
			t.Errorf("opened: %+v", got)
		}
		got = k.hands(t, "Basil", "POST", "/takeovers/"+h.ID+"/act", fmt.Sprintf(`{"version": %d, "act": "meet", "at": %q, "where": "at our office"}`, got.Version, clock.Now().Add(48*time.Hour).Format(time.RFC3339)))
		k.as("Basil", "POST", "/takeovers/"+h.ID+"/act", `{"version": 1, "act": "take"}`).wrong(t, 409, "handover.changed_meanwhile")
		k.as("Basil", "POST", "/takeovers/"+h.ID+"/act", fmt.Sprintf(`{"version": %d, "act": "finish"}`, got.Version)).wrong(t, 422, "fault.bad_choice")
		got = k.hands(t, "Basil", "POST", "/takeovers/"+h.ID+"/act", fmt.Sprintf(`{"version": %d, "act": "take", "language": "en"}`, got.Version))
		if got.State != "taken" || got.Case == "" || got.Person == "" {
			t.Fatalf("taken: %+v", got)
		}
		if text := k.as("Basil", "GET", "/persons/"+got.Person+"/protected", "").want(t, 200).text; !strings.Contains(text, "zqcanary of the house") {
			t.Errorf("what was confided: %s", text)
		}
		for _, path := range []string{"/persons/" + got.Person, "/cases/" + got.Case} {
			if r := k.as("Amina", "GET", path, ""); r.StatusCode != 404 {
				t.Errorf("Amina reads %s: %d", path, r.StatusCode)
			}
		}
		k.as("Basil", "GET", k.place, "").wrong(t, 404, "case.not_found")
		h = k.hands(t, "Amina", "GET", "/handovers/"+h.ID, "")
		h = k.hands(t, "Amina", "POST", "/handovers/"+h.ID+"/act", fmt.Sprintf(`{"version": %d, "act": "finish", "why": "Bandhan goes on", "duties": ["prepared", "agreed_to_transfer", "other_accepted"]}`, h.Version))
		if h.State != "done" || len(h.Possible) != 0 || len(h.Events) != 5 || k.found(t, "Amina").Case.Closure != "transferred" {
			t.Errorf("done: %+v", h)
		}
		if k.logs.String() != "" {
			t.Errorf("log: %.500s", k.logs)
		}
	})
}

// Many are offered at once; who said no stays, and the batch says so.
func TestManyCasesByTheAPI(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		k := opened(t, d, clock)
		k.does(t, "Amina", "/take", `{"version": %d}`)
		body := fmt.Sprintf(`{"to": %q, "urgency": "weeks", "why": "our office closes", "asked": [{"case": %q, "agreed": false}]}`, worldtest.Bandhan, k.id)
		r := k.as("Amina", "POST", "/handovers/many", body, "Idempotency-Key", "many").want(t, 201)
		if !strings.Contains(r.text, `"code":"handover.no_consent"`) || k.as("Amina", "POST", "/handovers/many", body, "Idempotency-Key", "many").want(t, 201).text != r.text {
			t.Errorf("left: %s", r.text)
		}
		at := strings.TrimPrefix(r.Header.Get("Location"), "/api/v1")
		k.as("Basil", "GET", at, "").wrong(t, 404, "handover.not_found")
		r = k.as("Amina", "POST", "/handovers/many", strings.Replace(body, `"agreed": false`, `"agreed": true, "method": "spoken", "language": "bn"`, 1)).want(t, 201)
		if !strings.Contains(r.text, `{"state":"offered","count":1}`) {
			t.Errorf("offered: %s", r.text)
		}
	})
}
