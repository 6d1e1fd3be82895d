// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"strings"
	"testing"

	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/messages"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// Another system lists the messages to a person, with why one was not sent, and has it sent again; who does not know her sees none.
func TestMessagesByTheAPI(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		k := opened(t, d, clock)
		her, place := strings.TrimPrefix(k.her, "/persons/"), strings.TrimPrefix(k.place, "/cases/")
		var id messages.ID
		dbtest.Write(t, d, func(tx *db.Tx) (err error) {
			id, err = messages.Send(t.Context(), tx, worldtest.Amina(), messages.Message{Person: persons.ID(her), Case: cases.ID(place), Kind: "please_call", With: map[string]any{"number": "16135"}, Subject: "referral:1"})
			return err
		})
		if _, err := messages.NewSender(d, messages.Options{Gateway: refusing{}, Holder: "x"}).Work(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{k.her + "/messages", k.place + "/messages"} {
			all := read[struct {
				Items []struct {
					ID, State, Why, Kind string
					Repeatable           bool
				}
			}](t, k.as("Amina", "GET", path, "").want(t, 200)).Items
			if len(all) != 1 || all[0].ID != string(id) || all[0].State != "held" || all[0].Why != "call.no.way" || !all[0].Repeatable {
				t.Errorf("%s: %+v", path, all)
			}
			if text := k.as("Basil", "GET", path, "").want(t, 404).text; strings.Contains(text, string(id)) {
				t.Errorf("Basil is told %s", text)
			}
		}
		again := "/messages/" + string(id) + "/repeat"
		k.as("Basil", "POST", again, "").wrong(t, 404, "message.not_found")
		k.as("Amina", "POST", again, "").want(t, 200)
		k.as("Amina", "POST", again, "").wrong(t, 409, "message.not_repeatable")
		k.as("Amina", "POST", "/messages/x/repeat", "").wrong(t, 404, "message.not_found")
	})
}

// refusing is a gateway to which nothing may come.
type refusing struct{ messages.NoGateway }

// Ways implements messages.Gateway.
func (refusing) Ways() []string { return []string{messages.SMS} }
