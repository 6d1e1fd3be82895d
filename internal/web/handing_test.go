// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/offices"
	"fera/internal/persons"
	"fera/internal/referrals"
	"fera/internal/referrals/sharing"
	"fera/internal/words"
	"fera/internal/worldtest"
)

// neighbour is another organisation with an office, and basil, who works there.
type neighbour struct {
	org, office string
	basil       accounts.User
}

func (s *site) neighbour(t *testing.T) (n neighbour) {
	t.Helper()
	dbtest.Write(t, s.d, func(tx *db.Tx) error {
		o, err := offices.AddOrganisation(t.Context(), tx, terminal(), offices.Organisation{NameEn: "Bandhan", Kind: offices.CivilSociety})
		if err != nil {
			return err
		}
		at, err := offices.Add(t.Context(), tx, terminal(), offices.Opening{Organisation: o.ID, NameEn: "Barishal", Kind: offices.HeadOffice, Place: "1006"})
		if err != nil {
			return err
		}
		n.org, n.office = o.ID, at.ID
		if n.basil, _, err = accounts.AddUser(t.Context(), tx, terminal(), accounts.Addition{Login: "basil", Name: "Basil", Office: at.ID, Language: words.English}); err != nil {
			return err
		}
		return accounts.GrantRole(t.Context(), tx, terminal(), accounts.Held{User: n.basil.ID, Role: access.Caseworker, Scope: access.AtOffice(at.ID)})
	})
	s.equip(t, n.basil.ID)
	return n
}

// woman registers somebody and opens a case of amina's for her.
func (s *site) woman(t *testing.T, amina accounts.User, name string) (of cases.ID) {
	t.Helper()
	who := access.Actor{ID: amina.ID, Name: amina.Name, Office: s.office, Organisation: s.org}
	who.Grant(access.Caseworker, access.AtOffice(s.office))
	dbtest.Write(t, s.d, func(tx *db.Tx) error {
		r := worldtest.Rahima()
		r.Values[persons.NameLatin], r.Values[persons.NameBn] = name, ""
		r.Consents = append(r.Consents, persons.Consent{Purpose: persons.PurposeProtected, Given: true})
		r.Journeys = []persons.Journey{{Country: "SA", City: "Riyadh", Circumstances: &persons.Circumstances{Account: "zqcanary of the house"}}}
		p, err := persons.Register(t.Context(), tx, who, r)
		if err != nil {
			return err
		}
		if of, err = cases.Open(t.Context(), tx, who, cases.Opening{Person: p, Programme: "reintegration", Origin: "self"}); err != nil {
			return err
		}
		return cases.TakeUp(t.Context(), tx, who, of, 0)
	})
	return of
}

var versionField = regexp.MustCompile(`name="version" value="(\d+)"`)

// version is the one that the first form of a page was read at.
func (v seen) version() string {
	v.t.Helper()
	m := versionField.FindStringSubmatch(v.body)
	if m == nil {
		v.t.Fatalf("%s: no form has a version\n%s", v.what, v.text())
	}
	return m[1]
}

// A case is offered on the pages, taken at the other organisation, and closed here. Who asks sees the minimum until it is taken.
func TestACaseIsHandedOverOnPages(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		n, amina := s.neighbour(t), s.add(t, "amina", "caseworker o:"+s.office)
		of := s.woman(t, amina, "Zqkarima")
		a, b := s.signIn(t, "amina"), s.signIn(t, "basil")
		at := "/cases/" + string(of) + "/handover"
		a.get("/cases/"+string(of)).shows(200, "Hand the case over")
		form := a.get(at).shows(200, "Bandhan", "What happened abroad")
		sent := url.Values{"version": {form.version()}, "to": {n.org}, "urgency": {"days"}, "why": {"she moves to Barishal"}, "summary": {"she sews well"}, "parts": {"contact", "journeys", "circumstances"}}
		a.post(at, url.Values{"version": {form.version()}, "to": {n.org}, "urgency": {"days"}}).shows(422, "This is needed")
		preview := a.post(at, sent).shows(200, "What they see first", "Zqkarima", "Riyadh", "What happened abroad", "she sews well")
		if strings.Contains(preview.body, "zqcanary") {
			t.Error("the preview says what is of class 3")
		}
		sent.Set("do", "make")
		a.post(at, sent).shows(422, "Nobody is handed over without her yes")
		sent.Set("agreed", "yes")
		sent.Set("method", "spoken")
		sent.Set("language", "bn")
		given := a.post(at, sent).to(t)
		a.get(given).shows(200, "Offered", "she moves to Barishal")
		a.get(at).shows(200, "Bandhan", "Offered")
		id := strings.TrimPrefix(given, "/handovers/")
		b.get("/takeovers").shows(200, "BNSK", "Manikganj")
		for _, page := range []seen{b.get("/takeovers"), b.get("/takeovers/" + id)} {
			if strings.Contains(page.body, "Zqkarima") || strings.Contains(page.body, "she moves") {
				t.Errorf("before it was opened: %s", page.text())
			}
		}
		opened := b.post("/takeovers/"+id+"/open", nil).shows(200, "she moves to Barishal", "Stays abroad", "Take the case")
		if strings.Contains(opened.body, "Zqkarima") || strings.Contains(opened.body, "What happened") || strings.Contains(opened.body, "sews") {
			t.Errorf("before it was taken: %s", opened.text())
		}
		b.get(given).shows(404)
		a.get("/takeovers/" + id).shows(404)
		b.post("/takeovers/"+id+"/meet", url.Values{"version": {opened.version()}, "at": {dates.Of(s.clock.Now()).Add(3).String()}, "time": {"10:30"}, "where": {"at our office"}}).leads("/takeovers/" + id)
		a.get(given).shows(200, "at our office")
		opened = b.post("/takeovers/"+id+"/open", nil).shows(200, "at our office")
		mine := b.post("/takeovers/"+id+"/take", url.Values{"version": {opened.version()}}).to(t)
		b.get(mine).shows(200, "Zqkarima", "she sews well")
		a.get(mine).shows(404)
		b.get("/cases/" + string(of)).shows(404)
		last := a.get(given).shows(200, "Taken", "Close the case here")
		a.post(given+"/finish", url.Values{"version": {last.version()}, "why": {"Bandhan goes on"}}).shows(422)
		a.post(given+"/finish", url.Values{"version": {last.version()}, "why": {"Bandhan goes on"}, "duties": {"prepared", "agreed_to_transfer", "other_accepted"}}).leads(given)
		a.get(given).shows(200, "Done")
		a.get("/account/notices")
		if strings.Contains(s.log.String(), "level=ERROR") || strings.Contains(s.log.String(), "Zqkarima") {
			t.Errorf("log: %.500s", s.log)
		}
	})
}

// Declined and taken back, nothing is seen there any more.
func TestADeclinedCaseIsGoneThere(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		n, amina := s.neighbour(t), s.add(t, "amina", "caseworker o:"+s.office)
		of := s.woman(t, amina, "Zqkarima")
		a, b := s.signIn(t, "amina"), s.signIn(t, "basil")
		at := "/cases/" + string(of) + "/handover"
		make := func() string {
			return strings.TrimPrefix(a.post(at, url.Values{"version": {a.get(at).version()}, "to": {n.org}, "urgency": {"days"}, "why": {"zqwhy she moves"}, "do": {"make"}, "agreed": {"yes"}, "method": {"spoken"}, "language": {"bn"}}).to(t), "/handovers/")
		}
		id := make()
		opened := b.post("/takeovers/"+id+"/open", nil).shows(200, "zqwhy")
		b.post("/takeovers/"+id+"/decline", url.Values{"version": {opened.version()}}).shows(422)
		b.post("/takeovers/"+id+"/decline", url.Values{"version": {opened.version()}, "reason": {"full"}, "why": {"until March"}}).leads("/takeovers/" + id)
		a.get("/handovers/"+id).shows(200, "Declined", "We have no room now: until March")
		for _, page := range []seen{b.get("/takeovers"), b.get("/takeovers/" + id), b.post("/takeovers/"+id+"/open", nil)} {
			if strings.Contains(page.body, "zqwhy") || strings.Contains(page.body, "Manikganj") {
				t.Errorf("after it was declined: %s", page.text())
			}
		}
		id = make()
		a.post("/handovers/"+id+"/revoke", url.Values{"version": {a.get("/handovers/" + id).version()}}).leads("/handovers/" + id)
		if page := b.post("/takeovers/"+id+"/open", nil); strings.Contains(page.body, "zqwhy") {
			t.Errorf("after she took back her consent: %s", page.text())
		}
	})
}

// Many cases are offered on one page; who said no stays and is listed.
func TestManyCasesAreOfferedOnAPage(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		n, amina := s.neighbour(t), s.add(t, "amina", "caseworker o:"+s.office)
		yes, no, unasked := s.woman(t, amina, "Zqkarima"), s.woman(t, amina, "Zqsalma"), s.woman(t, amina, "Zqrina")
		a := s.signIn(t, "amina")
		a.get("/handing").shows(200, "Offer many cases")
		a.get("/handing/many").shows(200, "Zqkarima", "Zqsalma", "Zqrina", "Bandhan")
		form := url.Values{"to": {n.org}, "urgency": {"weeks"}, "why": {"our office closes"}, "parts": {"contact"}, "asked_" + string(yes): {"spoken"}, "asked_" + string(no): {"no"}, "asked_" + string(unasked): {""}}
		bad := url.Values{"to": {s.org}, "urgency": {"weeks"}, "why": {"x y z"}, "asked_" + string(yes): {"spoken"}}
		a.post("/handing/many", bad).shows(422, "choose another organisation", "Zqkarima")
		page := a.get(a.post("/handing/many", form).to(t)).shows(200, "Zqkarima", "Who stays here", "Zqsalma", "She has not agreed")
		if strings.Contains(page.text(), "Zqrina") {
			t.Error("who was not asked is on the page")
		}
		a.get("/handing").shows(200, "Bandhan")
	})
}

// Who was brought by another network is registered from what the network wrote, once, with her own consent.
func TestWhoWasBroughtIsRegistered(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		n := s.neighbour(t)
		s.add(t, "amina", "caseworker o:"+s.office)
		focal := access.Actor{ID: n.basil.ID, Name: "Basil", Office: n.office, Organisation: n.org}
		focal.Grant(access.ProviderFocal, access.OfOrganisation(n.org))
		var id referrals.ID
		dbtest.Write(t, s.d, func(tx *db.Tx) error {
			o, err := directory.Add(t.Context(), tx, terminal(), directory.Addition{Body: listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: "BNSK"}, Partner: s.org}}})
			if err != nil {
				return err
			}
			e, err := directory.Add(t.Context(), tx, terminal(), directory.Addition{Body: listing.Body{Service: &listing.Service{Organisation: o.ID, Name: listing.Text{En: "Jobs"}, State: listing.Active, Needs: []string{"job"}, Areas: []string{listing.Country}}}})
			if err != nil {
				return err
			}
			id, err = referrals.Bring(t.Context(), tx, focal, referrals.Bringing{Reference: "B-1", Service: e.ID, Need: "job", Urgency: "days",
				Sheet:     sharing.Sheet{"ask": "work near home", "sex": "female", "name": "Zqmoyna", "home": "305670", "contact": "01812345678;own;call;"},
				Statement: referrals.Statement{Agreed: true, Method: "spoken", Language: "bn", By: "Basil", On: dates.Of(tx.Now())}})
			return err
		})
		a := s.signIn(t, "amina")
		at := "/intake/" + string(id)
		if page := a.get(at).shows(200, "Open what was sent"); strings.Contains(page.body, "Zqmoyna") {
			t.Error("her name is shown before it is opened")
		}
		a.post(at, url.Values{}).shows(409)
		s.clock.Move(time.Minute)
		dbtest.Write(t, s.d, func(tx *db.Tx) error {
			who := access.Actor{ID: "u", Name: "u", Office: s.office, Organisation: s.org}
			who.Grant(access.Caseworker, access.AtOffice(s.office))
			return referrals.Answer(t.Context(), tx, who, referrals.Reply{ID: id, Act: "accept"})
		})
		a.post("/inbox/"+string(id)+"/open", nil).shows(200, "Register who was sent")
		a.post(at, url.Values{}).shows(200, "work near home")
		form := a.post(at, url.Values{})
		for _, want := range []string{`value="Zqmoyna"`, `value="01812345678"`, `value="305670"`} {
			if !strings.Contains(form.body, want) {
				t.Errorf("the form lacks %s", want)
			}
		}
		typed := url.Values{"do": {"register"}, "name_latin": {"Zqmoyna"}, "sex": {"female"}, "home": {"305670"}, "home_text": {"Saturia"}, "home_was": {"Saturia"}, "number": {"01812345678"}, "owner": {"own"}, "safety": {"safe"},
			"method": {"spoken"}, "programme": {"reintegration"}}
		a.post(at, typed).shows(422)
		typed.Set("register", "yes")
		typed.Set("contact", "yes")
		of := a.post(at, typed).to(t)
		a.get(of).shows(200, "Zqmoyna")
		a.post(at, typed).leads(of)
		a.get(at).shows(200, "registered before")
		s.basilSeesNothing(t, at, of)
	})
}

func (s *site) basilSeesNothing(t *testing.T, at, of string) {
	t.Helper()
	b := s.signIn(t, "basil")
	b.get(at).shows(404)
	b.get(of).shows(404)
	b.post(at, url.Values{"do": {"register"}}).shows(404)
}
