// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"strings"
	"testing"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/exports"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// Lists are taken away by the API as on the pages: asked for once under a key, decided on by another, and handed over to who asked.
func TestExports(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		worldtest.Hire(t, d, worldtest.Parvin())
		dbtest.Write(t, d, func(tx *db.Tx) error {
			_, err := persons.Register(t.Context(), tx, worldtest.Amina(), worldtest.Rahima())
			return err
		})
		type export struct {
			ID, State string
			Class     int
			Version   int
			Rows      int `json:"rows_written"`
		}
		work := func() {
			t.Helper()
			if _, err := exports.Work(t.Context(), d, "here"); err != nil {
				t.Fatal(err)
			}
		}
		plain := `{"list": "persons", "format": "csv", "columns": ["person", "sex", "district"], "filter": {"place": "3056"}, "hxl": true}`
		e := read[export](t, w.as("Chandra", "POST", "/exports", plain, "Idempotency-Key", "01900000-0000-7000-8000-0000000000e1").want(t, 201))
		again := read[export](t, w.as("Chandra", "POST", "/exports", plain, "Idempotency-Key", "01900000-0000-7000-8000-0000000000e1").want(t, 201))
		if e.ID != again.ID || e.State != "waiting" || e.Class != 1 {
			t.Errorf("asked: %+v, again %+v", e, again)
		}
		work()
		if got := read[export](t, w.as("Chandra", "GET", "/exports/"+e.ID, "").want(t, 200)); got.State != "ready" || got.Rows != 1 {
			t.Errorf("made: %+v", got)
		}
		if file := w.as("Chandra", "POST", "/exports/"+e.ID+"/file", "").want(t, 200); !strings.Contains(file.text, "#adm2+name") || strings.Count(file.text, "\r\n") != 3 || strings.Contains(file.text, "Rahima") {
			t.Errorf("the file: %q", file.text)
		}
		w.as("Parvin", "POST", "/exports/"+e.ID+"/cancel", "").wrong(t, 404, "export.not_found")
		w.as("Basil", "GET", "/exports/"+e.ID, "").wrong(t, 404, "export.not_found")
		w.as("Amina", "POST", "/exports", plain).wrong(t, 403, "access.not_allowed")

		named := strings.Replace(plain, `"sex"`, `"name_latin"`, 1)
		w.as("Chandra", "POST", "/exports", named).wrong(t, 422, "fault.needed")
		n := read[export](t, w.as("Chandra", "POST", "/exports", strings.Replace(named, `"hxl"`, `"purpose": "visits", "recipient": "us", "hxl"`, 1)).want(t, 201))
		w.as("Chandra", "POST", "/exports/"+n.ID+"/decide", `{"version": 1, "approve": true}`).wrong(t, 403, "export.second_person")
		if r := w.as("Parvin", "GET", "/exports/to-decide", "").want(t, 200); !strings.Contains(r.text, n.ID) || strings.Contains(r.text, e.ID) {
			t.Errorf("to decide: %s", r.text)
		}
		w.as("Parvin", "POST", "/exports/"+n.ID+"/decide", `{"approve": true}`).wrong(t, 422, "api.version_needed")
		w.as("Parvin", "POST", "/exports/"+n.ID+"/decide", `{"version": 1, "approve": true}`).want(t, 200)
		work()
		if file := w.as("Chandra", "POST", "/exports/"+n.ID+"/file", "").want(t, 200); !strings.Contains(file.text, "Rahima Khatun") {
			t.Errorf("the file: %q", file.text)
		}
		w.as("Parvin", "POST", "/exports/"+n.ID+"/file", "").wrong(t, 404, "export.not_found")
		w.as("Chandra", "POST", "/exports/"+n.ID+"/cancel", "").want(t, 200)
		w.as("Chandra", "POST", "/exports/"+n.ID+"/file", "").wrong(t, 409, "export.file_gone")
	})
}
