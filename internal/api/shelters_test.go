// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/shelters"
	"fera/internal/worldtest"
)

type stayed struct {
	ID, Ref, Code, State, Shelter string
	CalledAs                      string `json:"called_as"`
	Possible                      []string
	Version                       int
}

// A bed is found, slept in and left by another system, and where it is is answered to who may know, and nobody else.
func TestStaysByTheAPI(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		k := opened(t, d, clock)
		k.does(t, "Amina", "/take", `{"version": %d}`)
		keeper := worldtest.Chandra() // a supervisor who opened a shelter keeps it
		var house shelters.ID
		dbtest.Write(t, d, func(tx *db.Tx) (err error) {
			house, err = shelters.Open(t.Context(), tx, keeper, shelters.Opening{Name: "Shefali", Division: "30", Days: 10, Extension: 7}, shelters.Whereabouts{Address: "House 7, Zqlane", Telephone: "01799887766"})
			return err
		})
		dbtest.Write(t, d, func(tx *db.Tx) error {
			return shelters.Furnish(t.Context(), tx, keeper, shelters.Furnishing{Shelter: house, Label: "A", Serves: shelters.Women, Beds: 1})
		})
		if got := k.as("Amina", "GET", "/beds", "").want(t, 200).text; !strings.Contains(got, `"free":1`) || strings.Contains(got, string(house)) {
			t.Errorf("free beds are %s", got)
		}
		k.as("Basil", "GET", k.place+"/stays", "").wrong(t, 404, "case.not_found")
		k.as("Basil", "GET", k.place+"/stays/"+k.id+"/place", "").wrong(t, 404, "case.not_found")
		k.as("Amina", "GET", k.place+"/stays/"+k.id+"/place", "").wrong(t, 404, "shelter.stay_not_found")
		k.as("Chandra", "GET", k.place+"/stays", "").wrong(t, 404, "fault.not_found")
		k.as("Amina", "POST", k.place+"/stays", `{"division": "30", "guests": []}`).wrong(t, 422, "fault.needed")
		type list struct{ Items []stayed }
		clock.Move(time.Second)
		s := read[list](t, k.as("Amina", "POST", k.place+"/stays", `{"division": "30", "guests": [{"called_as": "Rina"}], "take": true}`).want(t, 201)).Items[0]
		if s.State != "placed" || s.Shelter != "Shefali" || s.CalledAs != "Rina" {
			t.Errorf("asked for is %+v", s)
		}
		at := k.place + "/stays/" + s.ID
		if got := k.as("Amina", "GET", at+"/place", "").want(t, 200).text; !strings.Contains(got, "Zqlane") {
			t.Errorf("the place is %s", got)
		}
		board := k.as("Chandra", "GET", "/shelters/"+string(house)+"/board", "").want(t, 200).text
		if !strings.Contains(board, s.Ref) || strings.Contains(board, "Rina") || strings.Contains(board, "Zqlane") {
			t.Errorf("the board is %s", board)
		}
		k.as("Basil", "GET", "/shelters/"+string(house)+"/board", "").wrong(t, 403, "access.not_allowed")
		guest := "/shelters/" + string(house) + "/guests/" + s.Ref
		g := read[stayed](t, k.as("Chandra", "GET", guest, "").want(t, 200))
		g = read[stayed](t, k.as("Chandra", "POST", guest, fmt.Sprintf(`{"version": %d, "do": "arrive"}`, g.Version)).want(t, 200))
		if g.State != "there" {
			t.Errorf("admitted is %+v", g)
		}
		k.as("Amina", "POST", at, fmt.Sprintf(`{"version": %d, "do": "extend", "day": "2030-03-20", "why": "he looks for her still"}`, g.Version-1)).wrong(t, 409, "shelter.stay_changed")
		out := read[list](t, k.as("Amina", "POST", at, fmt.Sprintf(`{"version": %d, "do": "discharge", "leaving": {"destination": "parents", "where": "a village", "safe": "yes", "follow_up": "2030-03-20"}}`, g.Version)).want(t, 200)).Items[0]
		if out.State != "left" {
			t.Errorf("seen off is %+v", out)
		}
		k.as("Amina", "GET", at+"/place", "").wrong(t, 409, "shelter.no_place_yet")
		if got := k.as("Amina", "GET", k.place, "").want(t, 200).text + k.as("Chandra", "GET", k.place+"/history", "").want(t, 200).text; strings.Contains(got, "Shefali") || strings.Contains(got, "shelter") {
			t.Error("the case tells of the shelter")
		}
	})
}
