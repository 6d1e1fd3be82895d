// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"encoding/csv"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/exports"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// writeFiles does the work in the background.
func (s *site) writeFiles(t *testing.T) {
	t.Helper()
	for {
		worked, err := exports.Work(t.Context(), s.d, "here")
		if err != nil {
			t.Fatal(err)
		}
		if !worked {
			return
		}
	}
}

var operationOf = regexp.MustCompile(`name="operation" value="([^"]+)"`)

// take sends the form of an export and returns where it leads.
func (b *browser) take(t *testing.T, form url.Values) string {
	t.Helper()
	m := operationOf.FindStringSubmatch(b.get("/exports/new?set=" + form.Get("set")).body)
	if m == nil {
		t.Fatal("the form has no operation")
	}
	form.Set("operation", m[1])
	got := b.post("/exports/new", form)
	if got.status != 303 {
		t.Fatalf("asked for %v: %d\n%s", form, got.status, got.text())
	}
	return got.header.Get("Location")
}

// office is a supervisor, a manager of programmes and a desk of monitoring of one organisation, with one woman in the register.
func (s *site) staff(t *testing.T) {
	t.Helper()
	s.add(t, "chandra", "supervisor g:"+s.org)
	s.add(t, "parvin", "programme_manager g:"+s.org)
	s.add(t, "mitu", "monitoring_officer g:"+s.org)
	amina := s.add(t, "amina", "caseworker o:"+s.office)
	who := worldtest.Amina()
	who.ID, who.Name, who.Office, who.Organisation, who.Grants = amina.ID, amina.Name, s.office, s.org, nil
	who.Grant("caseworker", "o:"+s.office)
	dbtest.Write(t, s.d, func(tx *db.Tx) error {
		_, err := persons.Register(t.Context(), tx, who, worldtest.Rahima())
		return err
	})
}

// A file without names is asked for, written and fetched by one person.
func TestTakingAListAway(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.staff(t)
		chandra := s.signIn(t, "chandra")
		chandra.get("/persons").shows(200, "Take away as a file")
		chandra.get("/cases").shows(200, "Take away as a file")
		chandra.get("/exports").shows(200, "No files")
		chandra.get("/exports/new").shows(200, "Persons", "Directory of services")
		chandra.get("/exports/new?set=persons&place=3056").shows(200, "What says who somebody is", "HXL tags")
		if !strings.Contains(chandra.get("/exports/new?set=persons&place=3056").body, `value="Manikganj`) {
			t.Error("the filter of the list is not in the form")
		}
		at := chandra.take(t, url.Values{"set": {"persons"}, "format": {"csv"}, "hxl": {"yes"}, "columns": {"person", "sex", "district"}, "place": {"3056"}, "place_text": {"Manikganj, Dhaka"}, "place_was": {"Manikganj, Dhaka"}})
		chandra.get(at).shows(200, "about to be written", "Place: Manikganj")
		s.writeFiles(t)
		chandra.get(at).shows(200, "Fetch the file", "1 row", "Kept until")
		got := chandra.post(at+"/file", nil)
		text, marked := strings.CutPrefix(got.body, "\xEF\xBB\xBF")
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || !marked || len(rows) != 3 || rows[1][2] != "#adm2+name" || rows[2][1] != "female" || rows[2][2] != "Manikganj" {
			t.Errorf("the file: %q, %v", rows, err)
		}
		if d := got.header.Get("Content-Disposition"); got.status != 200 || !strings.Contains(d, `filename="fera-persons-`) {
			t.Errorf("%d, %q", got.status, d)
		}
		for _, login := range []string{"parvin", "mitu", "amina"} {
			b := s.signIn(t, login)
			if got := b.post(at+"/file", nil); got.status != 404 && got.status != 403 {
				t.Errorf("%s fetches: %d", login, got.status)
			}
		}
		s.signIn(t, "amina").get("/exports").shows(404)
		s.signIn(t, "mitu").get("/exports/new").shows(200, "Activities")
		chandra.get(at).shows(200, "once")
		chandra.post(at+"/cancel", nil).leads("/exports")
		chandra.get(at).shows(200, "cancelled")
		chandra.post(at+"/file", nil).shows(409, "not there any more")
	})
}

// What says who somebody is waits for a second person, who sees what is asked before she decides.
func TestASecondPersonApprovesOnAPage(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.staff(t)
		chandra, parvin := s.signIn(t, "chandra"), s.signIn(t, "parvin")
		form := url.Values{"set": {"persons"}, "format": {"xlsx"}, "columns": {"name_latin", "phone", "sex"}}
		chandra.post("/exports/new", form).shows(422, "What for")
		form.Set("purpose", "Visits in spring")
		form.Set("recipient", "Our office in Sylhet")
		at := chandra.take(t, form)
		chandra.get(at).shows(200, "Somebody else of your organisation decides")
		if strings.Contains(chandra.get(at).body, `value="approve"`) {
			t.Error("she may decide on her own")
		}
		chandra.post(at+"/decide", url.Values{"decision": {"approve"}, "version": {"1"}}).shows(403)
		s.writeFiles(t)
		chandra.post(at+"/file", nil).shows(409)
		parvin.get("/notices").shows(200, "asks to take away a list")
		parvin.get("/exports").shows(200, "For you to decide", "Visits in spring")
		parvin.get(at).shows(200, "Our office in Sylhet", "Name in Latin letters", "May this leave")
		parvin.post(at+"/decide", url.Values{"decision": {"refuse"}, "version": {"1"}}).shows(422)
		parvin.post(at+"/decide", url.Values{"decision": {"approve"}, "version": {"1"}}).leads("/exports")
		s.writeFiles(t)
		chandra.get(at).shows(200, "Approved by", "parvin", "ready")
		if got := chandra.post(at+"/file", nil); got.status != 200 || !strings.HasPrefix(got.body, "PK") {
			t.Errorf("the file: %d", got.status)
		}
		parvin.post(at+"/file", nil).shows(404)
	})
}
