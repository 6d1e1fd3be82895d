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

// A project is begun and measured, a village is counted for it, corrected and undone, a training is listed by name, and money is
// entered and taken back: all over the pages, in two browsers.
func TestOutreachIsAStoryOfPages(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		office, org := access.AtOffice(s.office), access.OfOrganisation(s.org)
		s.add(t, "mitu", "monitoring_officer "+org)
		dipu := s.actorOf(s.add(t, "dipu", "caseworker "+office), "caseworker "+office)
		var person persons.ID
		if err := s.d.Write(t.Context(), func(tx *db.Tx) (err error) {
			person, err = persons.Register(t.Context(), tx, dipu, worldtest.Rahima())
			return err
		}); err != nil {
			t.Fatal(err)
		}
		mitu, field := s.signIn(t, "mitu"), s.signIn(t, "dipu")
		field.post("/projects/new", url.Values{}).shows(404)
		basics := url.Values{"code": {"coming-home"}, "title_en": {"Coming home"}, "state": {"running"}, "planned_from": {"2029"}, "place": {"3056"}, "place_was": {"Manikganj"}, "place_text": {"Manikganj"}, "gender": {"2"}}
		mitu.post("/projects/new", url.Values{"code": {"x"}}).shows(422)
		at := mitu.post("/projects/new", basics).header.Get("Location")
		mitu.get(at).shows(200, "Coming home", "Manikganj", "Its main aim")
		edit := func(part string, f url.Values, version string) {
			t.Helper()
			f.Set("version", version)
			f.Set("why", "as agreed")
			mitu.post(at+"/edit/"+part, f).leads(at)
		}
		mitu.get(at + "/edit/nothing").shows(404)
		edit("results", url.Values{"rows.0.code": {"O1"}, "rows.0.level": {"output"}, "rows.0.title_en": {"Villages know"}}, "1")
		mitu.post(at+"/edit/measures", url.Values{"version": {"2"}, "why": {"as agreed"}, "rows.0.result": {"O1"}, "rows.0.indicator": {"reached"}, "rows.0.unit": {"number"}, "rows.0.targets": {"many"}}).shows(422, "This line cannot be read: many")
		edit("measures", url.Values{"rows.0.result": {"O1"}, "rows.0.indicator": {"reached"}, "rows.0.unit": {"number"}, "rows.0.baseline": {"0; 2028"}, "rows.0.targets": {"5000; 1/1/2029; 31/12/2029; 3056\n700.5; 2030"}, "rows.0.published": {"5625; 2029;;; as published"}}, "2")
		mitu.get(at).shows(200, "5,000", "700.50", "5,625", "Villages know")
		mitu.post(at+"/edit/publishing", url.Values{"version": {"3"}, "why": {"as agreed"}, "sectors": {"15240 100"}}).shows(422, "former combatants")
		mitu.get(at+"/iati.xml").shows(422, "identifier in IATI")
		edit("publishing", url.Values{"sectors": {"15190 60\n16070 40"}, "reporter.name_en": {"Shetu"}, "reporter.ref": {"XI-SIMULATED-1"}, "reporter.type": {"22"}, "rows.0.value": {"LM.1"}, "rows.0.kind": {"A9"}}, "3")
		edit("partners", url.Values{"rows.0.name_en": {"A fund"}, "rows.0.role": {"funding"}, "rows.0.type": {"60"}}, "4")
		edit("lines", url.Values{"rows.0.code": {"1.1"}, "rows.0.name_en": {"Staff"}}, "5")
		mitu.get(at+"/iati.xml").shows(200, "XI-SIMULATED-1-coming-home").find(`code="15190" percentage="60"`)
		mitu.get(at+"/history").shows(200, "Version 6", "as agreed")
		mitu.post(at+"/money/new", url.Values{"kind": {"spent"}, "line": {"1.1"}, "amount": {"1,25,000.50"}, "currency": {"BDT"}, "on": {"1/1/2030"}, "says": {"rent"}}).leads(at + "/money")
		page := mitu.get(at+"/money").shows(200, "1,25,000.50", "rent")
		entry := between(page.body, at+"/money/", "/reverse")
		mitu.post(at+"/money/"+entry+"/reverse", url.Values{"why": {"entered twice"}}).leads(at + "/money")
		mitu.get(at+"/money").shows(200, "−1,25,000.50", "entered twice")
		field.get(at + "/money").shows(404)
		field.get(at).shows(200, "Coming home")
		mitu.post(at+"/rules/new", url.Values{"from": {"1/1/2030"}, "until": {"31/12/2030"}}).leads(at)
		mitu.get(at).shows(200, "Cases of BNSK")

		id := strings.TrimPrefix(at, "/projects/")
		village := url.Values{"kind": {"door_to_door"}, "way": {"tally"}, "place": {"305670"}, "place_was": {"Saturia"}, "place_text": {"Saturia"}, "where": {"Purbapara"}, "from": {"1/3/2030"}, "households": {"৪০"},
			"people.female": {"৯০"}, "people.male": {"41"}, "typed": {"133"}, "typed_says": {"sheet of Dipu"}, "projects": {id}}
		field.post("/activities/new", url.Values{"kind": {"door_to_door"}}).shows(422, "Choose the place")
		more := url.Values{"go": {"more"}, "people.female": {"7"}}
		field.post("/activities/new", more).shows(200).find(`name="cells.0.people"`)
		field.post("/activities/new", more).find(`name="people.female"[^>]*value="7"`)
		act := field.post("/activities/new", village).header.Get("Location")
		field.get(act).shows(200, "come to 133, the parts beside them to 131: 2 more", "sheet of Dipu", "Coming home", "not listed one by one")
		field.get("/activities?kind=door_to_door&district=3056&project="+id).shows(200, "1 activity", "Differs by 2", "Purbapara")
		field.get("/activities?district=6090").shows(200, "No activity here")
		field.get("/activities/new?like=" + strings.TrimPrefix(act, "/activities/")).shows(200).find(`value="Saturia, Manikganj"`)
		village.Set("version", "1")
		village.Set("people.male", "43")
		field.post(act+"/correct", village).shows(422)
		village.Set("why", "counted again")
		field.post(act+"/correct", village).leads(act)
		field.get(act).shows(200, "counted again", "Version 2", "133")
		mitu.post(act+"/correct", village).shows(404)
		field.post("/persons/"+string(person)+"/heard", url.Values{"activity": {strings.TrimPrefix(act, "/activities/")}}).leads("/persons/" + string(person) + "/heard")
		field.get("/persons/"+string(person)+"/heard").shows(200, "Purbapara")
		mitu.get(act).shows(200, "Came for help later")

		training := url.Values{"kind": {"training_life_skills"}, "way": {"event"}, "place": {"305670"}, "place_was": {"Saturia"}, "place_text": {"Saturia"}, "from": {"2/3/2030"}, "named": {"yes"}}
		list := field.post("/activities/new", training).header.Get("Location")
		field.post(list+"/names", url.Values{"person": {"https://example.org/persons/" + string(person)}, "sex": {"unknown"}}).leads(list)
		field.post(list+"/names", url.Values{"name": {"Zqname"}, "sex": {"male"}, "age": {"18_24"}}).leads(list)
		page = field.get(list).shows(200, "Zqname", "Rahima", "Women and girls")
		if got := mitu.get(list).shows(200, "How many were there"); strings.Contains(got.body, "Zqname") || strings.Contains(got.body, "Rahima") {
			t.Error("a monitoring officer reads names")
		}
		field.post(list+"/names/"+between(page.body, list+"/names/", "/strike")+"/strike", url.Values{}).leads(list)
		field.post(act+"/undo", url.Values{"why": {"another village"}}).leads(act)
		field.get(act).shows(200, "Undone", "another village")

		forum := field.post("/forums/new", url.Values{"name_en": {"Women who came home"}, "place": {"305670"}, "place_was": {"Saturia"}, "place_text": {"Saturia"}, "formed": {"2029"}}).header.Get("Location")
		field.post(forum+"/members", url.Values{"name": {"Zqmember"}, "sex": {"female"}, "duty": {"chair"}, "from": {"1/1/2030"}}).leads(forum)
		page = field.get(forum).shows(200, "Zqmember", "Chair")
		if got := mitu.get(forum).shows(200, "Women who came home"); strings.Contains(got.body, "Zqmember") {
			t.Error("a monitoring officer reads members")
		}
		field.post(forum+"/members/"+between(page.body, forum+"/members/", "/leave")+"/leave", url.Values{}).leads(forum)
		field.get("/forums").shows(200, "Women who came home")
		if strings.Contains(s.log.String(), "Zqname") || strings.Contains(s.log.String(), "Zqmember") {
			t.Error("the log holds a name")
		}
	})
}

// An administrator says which kinds of activities there are.
func TestKindsOfActivitiesArePages(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.add(t, "admin", "administrator all")
		b := s.signIn(t, "admin")
		b.get("/activity-kinds").shows(200, "Door-to-door orientation")
		theatre := url.Values{"code": {"street_theatre"}, "name_bn": {"পথনাটক"}, "name_en": {"Street theatre"}, "group": {"media"}, "way": {"event"}, "estimate": {"yes"}, "from": {"5/3/2030"}}
		b.post("/activity-kinds/new", url.Values{"code": {"X"}}).shows(422)
		b.post("/activity-kinds/new", theatre).leads("/activity-kinds")
		b.post("/activity-kinds/new", theatre).shows(409)
		b.get("/activity-kinds/street_theatre").shows(200).find(`value="Street theatre"`)
		b.get("/activity-kinds/no_such").shows(404)
	})
}

// between is the text of a page between two others; the last such that has the shape of an identifier.
func between(body, before, after string) (found string) {
	for part := range strings.SplitSeq(body, before) {
		if id, _, ok := strings.Cut(part, after); ok && len(id) == 36 {
			return id
		}
	}
	return ""
}
