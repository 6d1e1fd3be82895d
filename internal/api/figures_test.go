// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/indicators/counting"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// Figures are asked for, opened to the records, defined, typed in and published, each by who may.
func TestFigures(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		lima := access.Actor{ID: "00000000-0000-7000-9000-000000000022", Name: "Lima", Office: worldtest.Centre, Organisation: worldtest.Aparajita}
		lima.Grant(access.MonitoringOfficer, "all")
		w.let(lima)
		worldtest.Hire(t, d)
		for range 12 {
			r := worldtest.Rahima()
			r.Contacts = nil
			r.Journeys = []persons.Journey{{Country: "SA", Returned: dates.Partial{Year: 2028, Month: 3, Day: 4}, Reasons: []string{"pay"}}}
			dbtest.Write(t, d, func(tx *db.Tx) error { _, err := persons.Register(t.Context(), tx, worldtest.Amina(), r); return err })
		}
		if _, err := audit.Seal(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if _, err := counting.Follow(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		has := func(r reply, parts ...string) {
			t.Helper()
			for _, part := range parts {
				if !strings.Contains(strings.ReplaceAll(r.text, " ", ""), strings.ReplaceAll(part, " ", "")) {
					t.Errorf("%q is not in %.600s", part, r.text)
				}
			}
		}
		has(w.as("Lima", "GET", "/figures", "").want(t, 200), `"code":"people_returned"`, `"name_bn"`, `"how"`)
		year := "?from=2028-01&to=2028-12"
		has(w.as("Chandra", "GET", "/figures/people_returned"+year+"&by=district,sex", "").want(t, 200), `"altogether":{"n":12}`, `"keys":["3056","female"],"n":12`, `"exact":true`)
		has(w.as("Lima", "GET", "/figures/people_returned"+year, "").want(t, 200), `"exact":false`, `figure.note.floor`)
		has(w.as("Chandra", "GET", "/figures/people_returned/records"+year+"&by=sex&keys=female&limit=3", "").want(t, 200), `"record":"person:`, `"next"`)
		if r := w.as("Lima", "GET", "/figures/people_returned/records"+year, "").want(t, 200); strings.Contains(r.text, "person:") {
			t.Errorf("Lima sees records: %s", r.text)
		}
		w.as("Amina", "GET", "/figures/people_returned"+year, "").wrong(t, 403, "access.not_allowed")
		w.as("Lima", "GET", "/figures/nothing"+year, "").wrong(t, 404, "figure.not_found")
		w.as("Lima", "GET", "/figures/people_returned?from=x", "").wrong(t, 422, "figure.bad_period")
		w.as("Lima", "POST", "/figures", `{"code": "returns_for_pay", "starts": "2026-01-01", "name_en": "x", "name_bn": "x", "owner": "x", "counts": {"count": "events", "measure": "return", "where": {"reason": "pay"}}, "by": ["month"]}`).want(t, 201)
		has(w.as("Chandra", "GET", "/figures/returns_for_pay"+year, "").want(t, 200), `"altogether":{"n":12}`)
		typed := `{"from": "2022-12", "to": "2023-12", "source": "the report", "altogether": 5625, "parts": [{"code": "female", "n": 3764}, {"code": "male", "n": 1859}]}`
		has(w.as("Lima", "POST", "/figures/services/entered", typed).want(t, 201), `"difference":2`)
		w.as("Chandra", "POST", "/figure-tables/returned/2028", "").wrong(t, 403, "access.not_allowed")
		has(w.as("Lima", "POST", "/figure-tables/returned/2028", "").want(t, 201), `"altogether":12`, `"signed"`, `fera/figures`)
		has(w.as("Chandra", "GET", "/figure-tables/returned/2028", "").want(t, 200), `"issue":1`)
		w.as("Lima", "POST", "/figure-tables/returned/2031", "").wrong(t, 422, "figure.year_not_over")
	})
}

// A dashboard is answered at once, each figure with its numbers or with why there are none.
func TestDashboards(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		lima := access.Actor{ID: "00000000-0000-7000-9000-000000000022", Name: "Lima", Office: worldtest.Centre, Organisation: worldtest.Aparajita}
		lima.Grant(access.MonitoringOfficer, "all")
		w.let(lima)
		worldtest.Hire(t, d)
		for range 12 {
			r := worldtest.Rahima()
			r.Contacts = nil
			r.Journeys = []persons.Journey{{Country: "SA", Returned: dates.Partial{Year: 2028, Month: 3, Day: 4}, Reasons: []string{"pay"}}}
			dbtest.Write(t, d, func(tx *db.Tx) error { _, err := persons.Register(t.Context(), tx, worldtest.Amina(), r); return err })
		}
		if _, err := audit.Seal(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if _, err := counting.Follow(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		has := func(r reply, parts ...string) {
			t.Helper()
			for _, part := range parts {
				if !strings.Contains(strings.ReplaceAll(r.text, " ", ""), strings.ReplaceAll(part, " ", "")) {
					t.Errorf("%q is not in %.600s", part, r.text)
				}
			}
		}
		has(w.as("Lima", "GET", "/dashboards", "").want(t, 200), `"code":"returns"`, `"draw":"map"`, `"by":["time","sex"]`)
		const year = "?from=2028-01&to=2028-12"
		exact := w.as("Chandra", "GET", "/dashboards/returns"+year, "").want(t, 200)
		has(exact, `"altogether":{"n":12}`, `"keys":["305670"],"n":12`, `"exact":true`, `"year_before":{"n":0}`)
		told := w.as("Lima", "GET", "/dashboards/returns"+year, "").want(t, 200)
		has(told, `"altogether":{"n":12}`, `"exact":false`, `"not_shown":{"code":"figure.whole_years"`, `figure.note.floor`)
		if strings.Contains(told.text, "305670") {
			t.Error("who sees no records is told of an upazila")
		}
		w.as("Amina", "GET", "/dashboards/returns", "").wrong(t, 403, "access.not_allowed")
		w.as("Lima", "GET", "/dashboards/nothing", "").wrong(t, 404, "board.not_found")
		w.as("Lima", "GET", "/dashboards/returns?from=x", "").wrong(t, 422, "figure.bad_period")
		w.as("Lima", "GET", "/dashboards/returns?place=zz", "").wrong(t, 422, "fault.bad_choice")
	})
}
