// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/referrals/sharing"
	"fera/internal/worldtest"
)

// A receiver finds by no operation there is anything of the person, her case, her plan or the notes that was not shared with it: not before it
// agreed, not after, not when it declined or she took back her consent.
func TestAReceiverFindsWhatWasShared(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		w := open(t, d)
		worldtest.Hire(t, d)
		l := worldtest.Live(t, d, clock, worldtest.Amina())
		service := papersOf(t, d)
		refer := func() (id referrals.ID) {
			clock.Move(time.Minute)
			dbtest.Write(t, d, func(tx *db.Tx) (err error) {
				id, err = referrals.Draft(t.Context(), tx, worldtest.Amina(), referrals.Drafting{Case: l.Case, Service: service, Need: "documents", Urgency: "days", Typed: sharing.Sheet{"ask": "shared-ask"}, Share: []string{"country"}})
				return err
			})
			dbtest.Write(t, d, func(tx *db.Tx) error {
				return referrals.Send(t.Context(), tx, worldtest.Amina(), referrals.Sending{ID: id, Agreed: true, Method: "spoken", Language: "bn"})
			})
			return id
		}
		answer := func(id referrals.ID, act course.Act) {
			clock.Move(time.Minute)
			dbtest.Write(t, d, func(tx *db.Tx) error {
				return referrals.Answer(t.Context(), tx, worldtest.Basil(), referrals.Reply{ID: id, Act: act, Reason: "full"})
			})
		}
		open := func(id referrals.ID) string {
			clock.Move(time.Minute)
			return w.as("Basil", "POST", "/inbox/"+string(id)+"/open", "{}").text
		}
		never := []string{worldtest.Canary, "Rahima", "রহিমা", "1712345678", "305670", "1991-04", "wants to begin anew", "a shop of my own", "she came with her mother", "call the bank"}
		seeks := func(when string, id referrals.ID, never []string) {
			t.Helper()
			w.seeks(t, when, []string{string(id), string(l.Person), string(l.Case), string(l.Assessment), l.Task, string(l.Referrals[0])}, never)
		}
		id := refer()
		seeks("before it agreed", id, never)
		if got := open(id); !strings.Contains(got, "shared-ask") || strings.Contains(got, "Rahima") || strings.Contains(got, `"SA"`) {
			t.Errorf("before it agreed it is told %s", got)
		}
		answer(id, course.Accept)
		if got := open(id); !strings.Contains(got, "Rahima") || !strings.Contains(got, `"SA"`) {
			t.Errorf("when it has agreed it is told %s", got)
		}
		seeks("after it agreed", id, slices.DeleteFunc(slices.Clone(never), func(s string) bool { return s == "Rahima" || s == "রহিমা" }))
		dbtest.Write(t, d, func(tx *db.Tx) error {
			return referrals.Revoke(t.Context(), tx, worldtest.Amina(), referrals.Ending{ID: id})
		})
		seeks("after she took back her consent", id, append(never, "shared-ask"))
		other := refer()
		answer(other, course.Decline)
		seeks("after it declined", other, append(never, "shared-ask"))
	})
}

// papersOf enters a service of Bandhan's.
func papersOf(t *testing.T, d *db.DB) (service string) {
	t.Helper()
	keeper := access.System(access.ManageDirectory)
	dbtest.Write(t, d, func(tx *db.Tx) error {
		org, err := directory.Add(t.Context(), tx, keeper, directory.Addition{Body: listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: "Bandhan"}, Partner: worldtest.Bandhan}}})
		if err != nil {
			return err
		}
		e, err := directory.Add(t.Context(), tx, keeper, directory.Addition{Body: listing.Body{Service: &listing.Service{Organisation: org.ID, Name: listing.Text{En: "Papers"}, State: listing.Active, Needs: []string{"documents"}, Areas: []string{listing.Country}}}})
		service = e.ID
		return err
	})
	return service
}

// seeks walks over all operations of the document as Basil, with each id in every place, and wants none of these texts.
func (w *world) seeks(t *testing.T, when string, ids, never []string) {
	t.Helper()
	var document struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	if err := json.Unmarshal([]byte(w.as("", "GET", "/openapi.json", "").want(t, 200).text), &document); err != nil {
		t.Fatal(err)
	}
	walked := 0
	for _, path := range slices.Sorted(maps.Keys(document.Paths)) {
		if strings.HasPrefix(path, "/api/v1/inbox/{id}/") {
			continue // what it does with the referral itself is looked at by name
		}
		for method := range document.Paths[path] {
			for _, id := range ids {
				body := ""
				if method != "get" {
					body = "{}"
				}
				walked++
				r := w.as("Basil", strings.ToUpper(method), strings.TrimPrefix(parameter.ReplaceAllString(path, id), "/api/v1"), body)
				for _, text := range never {
					if at := strings.Index(r.text, text); at >= 0 {
						t.Errorf("%s: %s %s shows %s: %s", when, method, path, text, r.text[max(0, at-60):min(len(r.text), at+40)])
					}
				}
			}
		}
	}
	if walked < 500 {
		t.Errorf("%s: walked %d ways only", when, walked)
	}
}
