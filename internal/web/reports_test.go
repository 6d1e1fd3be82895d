// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/url"
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// village is a tally whose total on the sheet is one more than its parts.
func village(project string) url.Values {
	return url.Values{"kind": {"door_to_door"}, "way": {"tally"}, "place": {"305670"}, "place_was": {"Saturia"}, "place_text": {"Saturia"}, "where": {"Purbapara"}, "from": {"1/3/2030"}, "households": {"40"},
		"people.female": {"90"}, "people.male": {"41"}, "typed": {"132"}, "typed_says": {"the sheet"}, "projects": {project}}
}

// A report is begun, written by two, refreshed after records moved, previewed, issued and taken away; later records leave it as it was, and
// a corrected issue follows. All over the pages, in four browsers.
func TestReportsAreAStoryOfPages(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		office, org := access.AtOffice(s.office), access.OfOrganisation(s.org)
		s.add(t, "parvin", "programme_manager "+org)
		s.add(t, "mitu", "monitoring_officer "+org)
		s.add(t, "chandra", "supervisor "+org)
		dipu := s.actorOf(s.add(t, "dipu", "caseworker "+office), "caseworker "+office)
		var person persons.ID
		if err := s.d.Write(t.Context(), func(tx *db.Tx) (err error) {
			person, err = persons.Register(t.Context(), tx, dipu, worldtest.Rahima())
			return err
		}); err != nil {
			t.Fatal(err)
		}
		parvin, mitu, chandra, field := s.signIn(t, "parvin"), s.signIn(t, "mitu"), s.signIn(t, "chandra"), s.signIn(t, "dipu")
		project := mitu.post("/projects/new", url.Values{"code": {"coming-home"}, "title_en": {"Coming home"}, "state": {"running"}, "planned_from": {"2029"}, "place": {"3056"}, "place_was": {"Manikganj"}, "place_text": {"Manikganj"}, "gender": {"2"}}).header.Get("Location")
		id := strings.TrimPrefix(project, "/projects/")
		field.post("/activities/new", village(id))
		field.get("/reports").shows(404)
		field.get("/reports/new").shows(404)
		parvin.get("/reports").shows(200, "No report here")
		parvin.get("/reports/new?project="+id).shows(200, "To leave the organisation", "Coming home")
		parvin.post("/reports/new", url.Values{"project": {id}, "kind": {"monthly"}, "period": {"soon"}, "audience": {"outside"}}).shows(422, "Write a year, a quarter")
		parvin.post("/reports/new", url.Values{"project": {id}, "kind": {"quarterly"}, "period": {"2030-03"}, "audience": {"outside"}}).shows(422, "A monthly report is about one month")
		twice := url.Values{"operation": {"01900000-0000-7000-8000-0000000000aa"}, "project": {id}, "kind": {"monthly"}, "period": {"২০৩০-০৩"}, "audience": {"inside"}}
		at := parvin.post("/reports/new", twice).header.Get("Location")
		if again := parvin.post("/reports/new", twice).header.Get("Location"); again != at {
			t.Errorf("sent twice, it is begun twice: %s and %s", at, again)
		}
		chandra.get(at).shows(404)
		parvin.get(at).shows(200, "Draft", "Coming home", "132 was typed in, the parts come to 131. The difference is 1", "What was done, what came of it")
		parvin.get(at+"/issue").shows(200, "Issue this report?")
		parvin.post(at+"/issue", url.Values{"version": {"1"}}).shows(422, "Write at least the first section")

		mitu.get(at + "/sections/nowhere").shows(404)
		mitu.post(at+"/sections/summary", url.Values{"text_bn": {"বাড়ি বাড়ি গিয়েছি।"}, "text_en": {"We went from door to door."}}).leads(at)
		parvin.post(at+"/sections/summary", url.Values{"text_en": {"Something else."}}).shows(409, "Another wrote here meanwhile", "We went from door to door.", "Something else.")
		mitu.get(at+"/history").shows(200, "In short, version 1", "We went from door to door.")
		mitu.get(at + "/issue").shows(404)

		field.post("/activities/new", village(id))
		parvin.post(at+"/issue", url.Values{"version": {"2"}}).shows(409, "Records changed since the figures were counted")
		parvin.get(at).shows(200, "Records changed since")
		parvin.get(at+"/refresh").shows(200, "These numbers will be others.", "131", "262")
		parvin.post(at+"/refresh", url.Values{}).leads(at)
		parvin.get(at+"/refresh").shows(200, "Nothing has changed")
		parvin.post(at+"/lessons/new", url.Values{"topic": {"nothing"}, "text_en": {"x"}}).shows(422)
		parvin.post(at+"/lessons/new", url.Values{"topic": {"person.register"}, "text_en": {"Take this out."}}).leads(at)
		strike := parvin.get(at).find(`action="(` + at + `/lessons/[^"]+/strike)"`)
		parvin.post(strike, url.Values{}).leads(at)
		parvin.post(at+"/lessons/new", url.Values{"topic": {"person.register"}, "text_en": {"Water first, papers later."}, "forward": {"yes"}}).leads(at)
		field.get("/reports/lessons").shows(200, "Nothing yet")
		parvin.get(at+"/preview").shows(200, "Water first, papers later.")
		version := parvin.get(at + "/issue").find(`name="version" value="(\d+)"`)
		parvin.post(at+"/issue", url.Values{"version": {version}}).leads(at)

		chandra.get(at).shows(200, "Issued", "Position in the trail", "262", "Water first, papers later.")
		for file, begins := range map[string]string{"bn.pdf": "%PDF-", "en.pdf": "%PDF-", "en.xlsx": "PK", "en.csv": "\xEF\xBB\xBF", "bn.json": `{"stamp"`} {
			got := chandra.get(at + "/files/" + file)
			if got.status != 200 || !strings.HasPrefix(got.body, begins) || !strings.Contains(got.header.Get("Content-Disposition"), "report-1-1-") {
				t.Errorf("%s: %d %.20q %s", file, got.status, got.body, got.header.Get("Content-Disposition"))
			}
			for _, her := range []string{string(person), "Rahima", "রহিমা", "Purbapara"} {
				if strings.Contains(got.body, her) {
					t.Errorf("%s holds %q", file, her)
				}
			}
		}
		for _, file := range []string{"bn.text", "xx.pdf", "pdf", "bn.doc", "en-GB.pdf"} {
			chandra.get(at + "/files/" + file).shows(404)
		}
		frozen := chandra.get(at + "/files/bn.json").body
		field.post("/activities/new", village(id))
		parvin.get(at).shows(200, "Revised since", "262", "393")
		if again := chandra.get(at + "/files/bn.json").body; again != frozen {
			t.Error("what was issued has changed")
		}
		for _, act := range []string{"/sections/summary", "/refresh", "/lessons/new", "/preview"} {
			parvin.get(at+act).shows(409, "never changed")
		}
		field.get("/reports/lessons").shows(200, "Water first, papers later.", "In the guidance")
		field.get("/guidance/person.register").shows(200, "What was learnt in your organisation", "Water first, papers later.")
		mitu.post(at+"/correct", url.Values{}).shows(422)
		next := mitu.post(at+"/correct", url.Values{"why": {"a sheet came late"}}).header.Get("Location")
		mitu.get(next).shows(200, "Report 1, issue 2", "393", "We went from door to door.", "Report 1, issue 1")
		mitu.get(at).shows(200, "Report 1, issue 2 · Draft")
		chandra.get("/reports?year=2030&kind=monthly&project="+id).shows(200, "1 report", "Coming home")
		chandra.get("/reports?year=2029").shows(200, "No report here")
		chandra.get("/reports?year=soon").shows(200, "Write a year, such as 2023.")
		chandra.get(project).shows(200).find(`href="/reports\?project=` + id + `"`)
	})
}
