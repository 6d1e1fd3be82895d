// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"strings"
	"testing"

	"fera/internal/db"
	"fera/internal/db/dbtest"
)

// Another system fetches the copy that a person asked for, as data and as a paper.
func TestACopyByTheAPI(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		k := opened(t, d, clock)
		k.as("Amina", "PATCH", k.her, `{"version": 1, "values": {"ethnicity": "canary"}}`).want(t, 200)
		copied := read[struct {
			Language string
			Sections []struct {
				Name    string
				Entries []struct {
					Facts []struct{ Name, Value, Text string }
				}
			}
		}](t, k.as("Amina", "POST", k.her+"/copy", `{"language": "bn"}`).want(t, 200))
		names := ""
		for _, s := range copied.Sections {
			names += s.Name + " "
		}
		if copied.Language != "bn" || !strings.HasPrefix(names, "person contacts family consents case case_history registrations") {
			t.Errorf("the copy holds %s", names)
		}
		if plain := k.as("Amina", "POST", k.her+"/copy", `{"language": "en"}`).want(t, 200).text; strings.Contains(plain, "canary") {
			t.Errorf("protected though she did not ask: %s", plain)
		}
		if whole := k.as("Amina", "POST", k.her+"/copy", `{"language": "en", "protected": true}`).want(t, 200).text; !strings.Contains(whole, "canary") {
			t.Errorf("she asked for what is protected: %s", whole)
		}
		paper := k.as("Amina", "POST", k.her+"/copy.pdf", `{"language": "bn"}`, "Accept", "application/pdf").want(t, 200)
		if paper.Header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(paper.text, "%PDF-") {
			t.Errorf("the paper: %v %.50q", paper.Header, paper.text)
		}
		k.as("Amina", "POST", k.her+"/copy.pdf", `{"language": "bn"}`, "Accept", "application/json").wrong(t, 406, "api.not_acceptable")
		k.as("Amina", "POST", k.her+"/copy", `{"language": "fr"}`).wrong(t, 422, "fault.bad_choice")
		k.as("Basil", "POST", k.her+"/copy", `{"language": "bn"}`).wrong(t, 404, "person.not_found")
		k.as("Esha", "POST", k.her+"/copy", `{"language": "bn"}`).wrong(t, 403, "access.not_allowed")
		k.as("Chandra", "POST", k.her+"/copy.pdf", `{"language": "bn", "protected": true}`).wrong(t, 403, "person.protected_not_allowed")
		k.as("Amina", "POST", k.her+"/contacts", `{"number": "01812345678", "owner": "husband", "safety": "unsafe"}`).want(t, 201)
		if p := k.as("Amina", "POST", k.her+"/copy", `{"language": "bn"}`).wrong(t, 422, "copy.not_safe"); len(p.Errors) != 1 || p.Errors[0].Field != "insists" {
			t.Errorf("errors: %+v", p.Errors)
		}
		k.as("Amina", "POST", k.her+"/copy", `{"language": "bn", "insists": true}`).want(t, 200)
		if k.logs.String() != "" {
			t.Errorf("log: %.500s", k.logs)
		}
	})
}
