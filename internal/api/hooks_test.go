// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"strings"
	"testing"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/hooks"
	"fera/internal/worldtest"
)

// An administrator's system enters an endpoint, is given its secret once, changes, tries and switches it; nobody else finds it.
func TestHooksByTheAPI(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		k := opened(t, d, clock)
		entered := `{"organisation": "` + worldtest.Aparajita + `", "url": "https://example.org/fera", "kinds": ["referral.sent"]}`
		k.as("Amina", "POST", "/hooks", entered).wrong(t, 403, "access.not_allowed")
		k.as("Farid", "POST", "/hooks", strings.Replace(entered, "https://example.org", "https://10.0.0.1", 1)).wrong(t, 422, "hook.url_inside")
		k.as("Farid", "POST", "/hooks", strings.Replace(entered, "referral.sent", "everything", 1)).wrong(t, 422, "fault.bad_choice")
		made := read[struct{ ID, Secret string }](t, k.as("Farid", "POST", "/hooks", entered).want(t, 201))
		if !strings.HasPrefix(made.Secret, "whsec_") {
			t.Fatalf("%+v", made)
		}
		at := "/hooks/" + made.ID
		if text := k.as("Farid", "GET", at, "").want(t, 200).text; strings.Contains(text, made.Secret) || !strings.Contains(text, "referral.sent") {
			t.Errorf("the endpoint: %s", text)
		}
		k.as("Farid", "PUT", at, `{"version": 1, "url": "https://example.org/other", "kinds": ["referral.sent", "referral.served"]}`).want(t, 200)
		k.as("Farid", "PUT", at, `{"version": 1, "url": "https://example.org/x", "kinds": ["referral.sent"]}`).wrong(t, 409, "hook.changed_meanwhile")
		if again := read[struct{ Secret string }](t, k.as("Farid", "POST", at+"/turn", "").want(t, 200)); again.Secret == made.Secret {
			t.Error("the secret is the same")
		}
		k.as("Farid", "POST", at+"/try", "").want(t, 200)
		all := read[struct {
			Items []struct{ ID, Kind, State string }
		}](t, k.as("Farid", "GET", at+"/deliveries", "").want(t, 200)).Items
		if len(all) != 1 || all[0].Kind != hooks.Ping || all[0].State != "waiting" {
			t.Fatalf("%+v", all)
		}
		k.as("Farid", "POST", at+"/deliveries/"+all[0].ID+"/repeat", "").wrong(t, 409, "hook.not_again")
		k.as("Farid", "POST", at+"/switch", `{"state": "off"}`).want(t, 200)
		k.as("Farid", "POST", at+"/try", "").wrong(t, 409, "hook.not_on")
		k.as("Farid", "POST", at+"/switch", `{"state": "removed"}`).want(t, 200)
		k.as("Farid", "GET", at, "").wrong(t, 404, "hook.not_found")
		if text := k.as("Farid", "GET", "/hooks", "").want(t, 200).text; strings.Contains(text, made.ID) {
			t.Errorf("removed: %s", text)
		}
		for _, path := range []string{"/hooks", at, at + "/deliveries"} {
			k.as("Amina", "GET", path, "").wrong(t, 403, "access.not_allowed")
		}
	})
}
