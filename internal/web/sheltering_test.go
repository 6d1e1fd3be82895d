// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// actorOf is a user as she acts when she has signed in.
func (s *site) actorOf(u accounts.User, roles ...string) access.Actor {
	a := access.Actor{ID: u.ID, Name: u.Name, Office: s.office, Organisation: s.org}
	for _, r := range roles {
		role, scope, _ := strings.Cut(r, " ")
		a.Grant(access.Role(role), scope)
	}
	return a
}

// housed is a person with a case of amina's, who agreed that protected things are written down.
func (s *site) housed(t *testing.T, amina access.Actor) (p persons.ID, id cases.ID) {
	t.Helper()
	r := worldtest.Rahima()
	r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeProtected, Given: true})
	r.Relations = []persons.Relation{{Relation: "daughter", Name: "Zqdaughter"}}
	for _, step := range []func(ctx context.Context, tx *db.Tx) error{
		func(ctx context.Context, tx *db.Tx) (err error) {
			p, err = persons.Register(ctx, tx, amina, r)
			return err
		},
		func(ctx context.Context, tx *db.Tx) (err error) {
			id, err = cases.Open(ctx, tx, amina, cases.Opening{Person: p, Programme: "reintegration", Origin: "self"})
			return err
		},
		func(ctx context.Context, tx *db.Tx) error { return cases.TakeUp(ctx, tx, amina, id, 0) },
	} {
		if err := s.d.Write(t.Context(), func(tx *db.Tx) error { return step(t.Context(), tx) }); err != nil {
			t.Fatal(err)
		}
	}
	return p, id
}

// A shelter is opened, a woman is given a bed in it, comes, stays longer and leaves with a plan, over the pages. Where it is stands on no page
// but those that enter the look; colleagues find nothing; and neither the log nor the store holds it in the open.
func TestShelteringIsAStoryOfPages(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		office, org := access.AtOffice(s.office), access.OfOrganisation(s.org)
		keeper := s.add(t, "jorina", "shelter_keeper "+office)
		amina := s.actorOf(s.add(t, "amina", "caseworker "+office), "caseworker "+office)
		s.add(t, "sumi", "caseworker "+office)
		s.add(t, "chandra", "supervisor "+org)
		person, id := s.housed(t, amina)
		chandra, jorina, worker, sumi := s.signIn(t, "chandra"), s.signIn(t, "jorina"), s.signIn(t, "amina"), s.signIn(t, "sumi")
		never := func(v seen) seen {
			t.Helper()
			for _, canary := range []string{"Zqlane", "01799887766", "Zqmill"} {
				if strings.Contains(v.body, canary) {
					t.Errorf("%s shows %s", v.what, canary)
				}
			}
			return v
		}
		house := url.Values{"name": {"Shefali"}, "division": {"30"}, "days": {"10"}, "extension": {"7"}, "rules": {"Lights out at ten.\nCall Zqlane, House 7"}, "address": {"House 7, Zqlane"}, "telephone": {"01799887766"}, "directions": {"behind the Zqmill"}}
		jorina.post("/shelters", house).shows(422, "The address or the telephone stands in this text")
		house.Set("rules", "Lights out at ten.\n<script>alert(1)</script>")
		to := jorina.post("/shelters", house).header.Get("Location")
		at := strings.TrimSuffix(to, "/settings")
		jorina.post(at+"/rooms", url.Values{"label": {"A"}, "serves": {"women"}, "beds": {"২"}, "accessible": {"1"}}).leads(to)
		never(jorina.get(to).shows(200, "Room A", "jorina"))
		jorina.post(at+"/close", url.Values{}) // empty, so it closes
		never(jorina.get("/shelters").shows(200, "Closed"))
		to = jorina.post("/shelters", house).header.Get("Location")
		at = strings.TrimSuffix(to, "/settings")
		jorina.post(at+"/rooms", url.Values{"label": {"A"}, "serves": {"women"}, "beds": {"2"}}).leads(to)
		never(jorina.get(at).shows(200, "2 beds free"))
		jorina.post(at+"/place", url.Values{}).shows(200, "House 7, Zqlane", "01799887766")

		never(chandra.get(at).shows(200, "2 beds free"))
		chandra.post(at+"/place", url.Values{}).shows(403)
		sumi.get(at).shows(404)
		never(worker.get("/shelters/beds").shows(200, "Dhaka", "2 beds"))

		tab := "/cases/" + string(id) + "/stays"
		never(worker.get(tab).shows(200, "is protected"))
		for _, other := range []*browser{sumi, chandra} {
			for _, path := range []string{tab, tab + "/ask"} {
				other.get(path).shows(404)
			}
			for _, path := range []string{tab, tab + "/ask", tab + "/do"} {
				other.post(path, url.Values{"act": {"place_seen"}}).shows(404)
			}
		}
		worker.post(tab+"/ask", url.Values{"division": {"30"}, "from": {"yesterweek"}, "guests": {"her"}, "needs": {"Zqneeds"}}).shows(422, "Zqneeds")
		wish := url.Values{"division": {"30"}, "guests": {"her"}, "called_as": {"Zqcalled"}, "needs": {"Zqneeds"}, "how": {"take"}}
		worker.post(tab+"/ask", wish).leads(tab)
		never(worker.get(tab).shows(200, "There is a bed"))
		opened := never(worker.post(tab, url.Values{}).shows(200, "A bed is kept", "Shefali", "Zqneeds"))
		stay := opened.find(`name="stay" value="([^"]+)"`)
		worker.post(tab+"/do", url.Values{"act": {"place_seen"}, "stay": {stay}}).shows(200, "House 7, Zqlane", "behind the Zqmill")

		board := never(jorina.get(at).shows(200, "1 bed free", "1 kept", "Woman"))
		if strings.Contains(board.text(), "Zqcalled") || strings.Contains(board.text(), "Rahima") {
			t.Error("the board shows who it is")
		}
		never(jorina.post(at+"/names", url.Values{}).shows(200, "Zqcalled"))
		ref := board.find(`name="ref" value="([^"]+)"`)
		never(jorina.post(at+"/guest", url.Values{"ref": {ref}}).shows(200, "Zqcalled", "Zqneeds"))
		act := func(b *browser, path, act string, more url.Values) seen {
			t.Helper()
			s.clock.Move(time.Minute)
			form := url.Values{"act": {act}, "stay": {stay}}
			b.post(path, form).shows(200)
			form.Set("sent", "yes")
			for name, values := range more {
				form[name] = values
			}
			return never(b.post(path, form))
		}
		act(jorina, at+"/guest", "arrive", nil).leads(at)
		act(worker, tab+"/do", "extend", url.Values{"day": {"2030-03-20"}, "why": {"short"}}).shows(422, "too short")
		act(worker, tab+"/do", "extend", url.Values{"day": {"2030-03-20"}, "why": {"he looks for her still"}}).leads(tab)
		act(worker, tab+"/do", "discharge", url.Values{"to": {"parents"}, "where": {"Zqvillage"}, "safe": {"no"}, "follow_up": {"2030-03-20"}}).shows(422, "Zqvillage")
		act(worker, tab+"/do", "discharge", url.Values{"to": {"parents"}, "where": {"Zqvillage"}, "safe": {"yes"}, "follow_up": {"2030-03-20"}}).leads(tab)
		paper := never(worker.post(tab+"/do", url.Values{"act": {"plan_paper"}, "stay": {stay}}).shows(200, "Zqvillage"))
		if strings.Contains(paper.text(), "Shefali") || strings.Contains(paper.text(), "Rahima") {
			t.Error("the paper names the house or her")
		}
		worker.post(tab+"/do", url.Values{"act": {"place_seen"}, "stay": {stay}}).shows(409)
		sheet := never(jorina.get(at+"/rules").shows(200, "Lights out at ten."))
		if strings.Contains(sheet.text(), "Shefali") || strings.Contains(sheet.body, "<script>alert") {
			t.Error("the sheet names the house, or runs what was typed")
		}
		for _, b := range []*browser{chandra, sumi, worker} {
			for _, path := range []string{"/", "/notices", "/persons", "/persons?q=Shefali", "/persons/" + string(person), "/persons/" + string(person) + "/history"} {
				v := never(b.get(path))
				if strings.Contains(v.text(), "Shefali") && !strings.Contains(path, "Shefali") {
					t.Errorf("%s names the shelter", path)
				}
			}
		}
		if text := s.log.String(); strings.Contains(text, "Zq") || strings.Contains(text, "Shefali") || strings.Contains(text, stay) {
			t.Errorf("the log tells:\n%s", text)
		}
		_ = keeper
	})
}
