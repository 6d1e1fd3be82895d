// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"strings"
	"testing"

	"fera/internal/db"
	"fera/internal/db/dbtest"
)

// Another system asks the rule of safe contact, enters calls, and is refused what is against it; the husband is told nothing.
func TestCallsByTheAPI(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		k := opened(t, d, clock)
		her := read[struct{ Contacts []struct{ ID string } }](t, k.as("Amina", "GET", k.her, "").want(t, 200))
		contact := her.Contacts[0].ID
		type result struct {
			ID  string
			May bool
			Why string
		}
		if v := read[result](t, k.as("Amina", "GET", k.her+"/contacts/"+contact+"/may/call", "").want(t, 200)); !v.May {
			t.Errorf("a call in the way that she named: %+v", v)
		}
		if v := read[result](t, k.as("Amina", "GET", k.her+"/contacts/"+contact+"/may/sms", "").want(t, 200)); v.May || v.Why != "call.no.way" {
			t.Errorf("a message: %+v", v)
		}
		call := `{"contact": "` + contact + `", "way": "call", "other": "herself", "outcome": "talked", "about": "how she is"}`
		first := read[result](t, k.as("Amina", "POST", k.her+"/calls", call, "Idempotency-Key", "one").want(t, 200))
		again := read[result](t, k.as("Amina", "POST", k.her+"/calls", call, "Idempotency-Key", "one").want(t, 200))
		if first.ID == "" || again.ID != first.ID {
			t.Errorf("sent twice: %+v and %+v", first, again)
		}
		if v := read[result](t, k.as("Amina", "POST", k.her+"/calls", strings.Replace(call, `"call"`, `"sms"`, 1)).want(t, 200)); v.ID != "" || v.May {
			t.Errorf("against the rule: %+v", v)
		}
		if v := read[result](t, k.as("Amina", "POST", k.her+"/calls/in", `{"other": "husband", "about": "asks where she is"}`).want(t, 200)); v.May || v.ID == "" {
			t.Errorf("the husband: %+v", v)
		}
		if text := k.as("Amina", "GET", k.her+"/calls", "").want(t, 200).text; !strings.Contains(text, "asks where she is") {
			t.Errorf("the calls: %s", text)
		}
		k.as("Amina", "POST", k.her+"/calls", `{"way": "pigeon", "other": "herself", "outcome": "talked"}`).wrong(t, 422, "fault.bad_choice")
		k.as("Basil", "GET", k.her+"/calls", "").wrong(t, 404, "person.not_found")
		k.as("Basil", "POST", k.her+"/calls", call).wrong(t, 404, "person.not_found")
		k.as("Basil", "POST", k.her+"/calls/in", `{"other": "husband"}`).wrong(t, 404, "person.not_found")
	})
}
