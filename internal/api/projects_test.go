// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"strings"
	"testing"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/worldtest"
)

type made struct {
	ID      string
	Version int
	Reached int
	Tally   map[string]int
}

// Another system begins a project, enters its money and takes it as IATI; villages are counted for it, corrected and undone.
func TestProjectsAndActivitiesByTheAPI(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d)
		w := open(t, d)
		begin := `{"code": "coming-home", "state": "running", "record": {"title_en": "Coming home", "planned_from": "2029", "places": ["3056"], "lines": [{"code": "1.1", "name_en": "Staff"}],
			"reporter": {"name_en": "Shetu", "ref": "XI-SIMULATED-1", "type": "22"}, "partners": [{"name_en": "A fund", "role": "funding"}], "sectors": [{"code": "15190"}]}}`
		w.as("Amina", "POST", "/projects", begin).wrong(t, 403, "access.not_allowed")
		w.as("Mitu", "POST", "/projects", strings.Replace(begin, "15190", "15240", 1)).wrong(t, 422, "project.sector_trap")
		p := read[made](t, w.as("Mitu", "POST", "/projects", begin, "Idempotency-Key", "one").want(t, 201))
		if again := read[made](t, w.as("Mitu", "POST", "/projects", begin, "Idempotency-Key", "one").want(t, 201)); again.ID != p.ID {
			t.Errorf("sent twice: %s and %s", p.ID, again.ID)
		}
		at := "/projects/" + p.ID
		w.as("Basil", "GET", at, "").wrong(t, 404, "project.not_found")
		spent := `{"kind": "spent", "line": "1.1", "currency": "BDT", "amount": 12500050, "on": "2030-01-01", "says": "rent"}`
		type book struct {
			Items []struct {
				ID       string
				Amount   int64
				Reversed bool
			}
		}
		money := read[book](t, w.as("Mitu", "POST", at+"/money", spent).want(t, 201))
		w.as("Amina", "GET", at+"/money", "").wrong(t, 403, "access.not_allowed")
		money = read[book](t, w.as("Mitu", "POST", at+"/money/"+money.Items[0].ID+"/reverse", `{"why": "entered twice"}`).want(t, 200))
		if len(money.Items) != 2 {
			t.Errorf("the book is %+v", money)
		}
		w.as("Mitu", "POST", at+"/rules", `{"programme": "reintegration", "from": "2030-01-01", "until": "2030-12-31"}`).want(t, 201)
		w.as("Mitu", "POST", at+"/counts", `{"subject": "case", "id": "01900000-0000-7000-8000-000000000000"}`).wrong(t, 422, "project.subject_unknown")
		if text := w.as("Amina", "GET", at+"/iati.xml", "").want(t, 200).text; !strings.Contains(text, "XI-SIMULATED-1-coming-home") || strings.Contains(text, "125000.50") {
			t.Errorf("as IATI: %s", text)
		}
		amended := strings.Replace(strings.Replace(begin, `"code": "coming-home", "state": "running"`, `"version": 1, "state": "completed", "why": "it has ended"`, 1), "Coming home", "Home", 1)
		if got := read[made](t, w.as("Mitu", "POST", at+"/versions", amended).want(t, 200)); got.Version != 2 {
			t.Errorf("amended: %+v", got)
		}
		w.as("Mitu", "POST", at+"/versions", amended).wrong(t, 409, "fault.conflict")

		village := `{"activity": {"kind": "door_to_door", "way": "tally", "from": "2030-03-01", "place": "305670", "households": 40, "cells": [{"sex": "female", "people": 90}, {"sex": "male", "people": 41}], "typed": 133, "typed_says": "the sheet"}, "projects": ["` + p.ID + `"]}`
		w.as("Mitu", "POST", "/activities", village).wrong(t, 403, "access.not_allowed")
		w.as("Amina", "POST", "/activities", strings.Replace(village, "305670", "99", 1)).wrong(t, 422, "activity.place_needed")
		a := read[made](t, w.as("Amina", "POST", "/activities", village).want(t, 201))
		if a.Reached != 131 {
			t.Errorf("reached %d", a.Reached)
		}
		w.as("Basil", "GET", "/activities/"+a.ID, "").wrong(t, 404, "activity.not_found")
		type totals struct{ Entries, Reached, Typed, Beside, Difference, Differing int }
		sum := func(query string) totals {
			return read[totals](t, w.as("Mitu", "GET", "/activities/totals"+query, "").want(t, 200))
		}
		if got := sum("?project=" + p.ID + "&place=3056&kind=door_to_door&from=2030-01-01&until=2030-12-31"); got != (totals{1, 131, 133, 131, 2, 1}) {
			t.Errorf("totals = %+v", got)
		}
		if got := read[made](t, w.as("Mitu", "GET", at, "").want(t, 200)); got.Tally["activity"] != 1 {
			t.Errorf("tally = %v", got.Tally)
		}
		w.as("Amina", "POST", "/activities", strings.Replace(village, "2030-03-01", "2030-03-02", 1)).want(t, 201)
		type list struct {
			Items []made
			Next  string
		}
		first := read[list](t, w.as("Amina", "GET", "/activities?limit=1", "").want(t, 200))
		second := read[list](t, w.as("Amina", "GET", strings.TrimPrefix(first.Next, "/api/v1"), "").want(t, 200))
		if len(first.Items) != 1 || len(second.Items) != 1 || second.Items[0].ID != a.ID || second.Next != "" {
			t.Errorf("pages: %+v and %+v", first, second)
		}
		w.as("Amina", "GET", "/activities?cursor=x", "").wrong(t, 422, "api.cursor")
		corrected := strings.Replace(village, `{"activity"`, `{"version": 1, "why": "counted again", "activity"`, 1)
		w.as("Amina", "POST", "/activities/"+a.ID+"/versions", strings.Replace(corrected, "41", "43", 1)).want(t, 200)
		w.as("Amina", "POST", "/activities/"+a.ID+"/versions", corrected).wrong(t, 409, "fault.conflict")
		if got := sum("?until=2030-03-01"); got.Difference != 0 || got.Reached != 133 {
			t.Errorf("corrected: %+v", got)
		}
		w.as("Amina", "POST", "/activities/"+a.ID+"/undo", `{"why": "another village"}`).want(t, 200)
		if got := sum("?until=2030-03-01"); got.Entries != 0 {
			t.Errorf("undone: %+v", got)
		}
	})
}
