// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"mime/multipart"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/directory"
	"fera/internal/directory/listing"
)

// Who keeps the directory adds an organisation, a location and a service, changes and confirms it, takes it out and brings it back.
func TestAStoryOfTheDirectory(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.add(t, "keya", "programme_manager all")
		b := s.signIn(t, "keya")
		b.get("/directory").shows(200, "The directory is empty", "Add the public bodies that ship")
		b.post("/directory/seed", nil).leads("/directory")
		b.get("/directory?q=manpower+manik&kind=location").shows(200, "District Employment and Manpower Office, Manikganj", "1 entry")
		b.get("/directory?need=loan&place=3056").shows(200, "Rehabilitation loan", "Not confirmed")
		b.get("/directory?fresh=due").shows(200, "Prabash", "16 entries")
		b.post("/directory/new", url.Values{"kind": {"organisation"}}).shows(422, "Write the name")
		o := b.post("/directory/new", url.Values{"kind": {"organisation"}, "name_en": {"Shapla Legal Aid"}, "sector": {"civil_society"}, "phone_0": {"01711111111"}}).to(t)
		l := b.post("/directory/new", url.Values{"kind": {"location"}, "of": {o[len("/directory/"):]}, "name_en": {"Saturia desk"}, "location_kind": {"physical"}, "place": {"305670"}, "place_text": {"Saturia, Manikganj"}, "place_was": {"Saturia, Manikganj"},
			"days_0": {"SU", "MO", "TU"}, "opens_0": {"০৯:০০"}, "closes_0": {"17:00"}, "period_0": {"Ramadan"}, "from_0": {"2026-02-18"}, "to_0": {"2026-03-19"}, "period_days_0": {"SU"}, "period_opens_0": {"09:00"}, "period_closes_0": {"15:30"}}).to(t)
		b.get(l).shows(200, "Saturia desk", "Sunday to Tuesday: 09:00–17:00")
		form := url.Values{"kind": {"service"}, "of": {o[len("/directory/"):]}, "name_en": {"Advice on <b>law</b>"}, "state": {"active"}, "needs": {"legal_aid"}, "areas": {"BD"}, "at": {l[len("/directory/"):]}, "papers": {"nid"}, "sex": {"female"}, "staff": {"women"}, "min_age": {"১৮"}}
		sv := b.post("/directory/new", form).to(t)
		b.get(sv).shows(200, "Advice on <b>law</b>", "For women", "From the age of 18", "National identity card", "Saturia desk")
		form.Set("needs", "shelter")
		form.Set("version", "1")
		b.post(sv+"/change", form).shows(422, "A shelter")
		form.Set("needs", "legal_aid")
		form.Set("name_en", "Advice on law")
		b.post(sv+"/change", form).leads(sv)
		b.post(sv+"/change", form).shows(409)
		b.post(sv+"/confirm", url.Values{"version": {"2"}, "way": {"call"}}).shows(422, "Write who")
		b.post(sv+"/confirm", url.Values{"version": {"2"}, "way": {"call"}, "by": {"Mrs Nahar"}}).leads(sv)
		b.get(sv).shows(200, "Confirmed by the provider 0 days ago")
		b.post(sv+"/room", url.Values{"version": {"2"}, "free": {"৫"}, "wait": {"3"}}).leads(sv)
		b.get(sv).shows(200, "5 places free, 3 days to wait")
		b.post(sv+"/withdraw", url.Values{"version": {"3"}, "reason": {"closed"}}).leads(sv)
		b.get(sv+"/history").shows(200, "Taken out", "closed", "Bring this back", "Mrs Nahar")
		b.post(sv+"/restore", url.Values{"version": {"4"}, "to": {"1"}}).leads(sv)
		b.get(sv).shows(200, "Advice on <b>law</b>")
		b.post(o+"/people", url.Values{"name": {"Rina Canary"}, "phone": {"01722222222"}}).leads(o)
		b.get(o).shows(200, "Rina Canary", "01722222222")
		b.post(o+"/agreements", url.Values{"agreement_kind": {"memorandum"}, "title": {"Referral of returnees"}, "signed_on": {"2024-01-01"}, "ends_on": {"2099-12-31"}, "terms": {"names only"}}).leads(o)
		b.get(o).shows(200, "Referral of returnees", "in force", "names only")
		// Nobody at a partner and no agreement goes out, to the public, or to one who only reads the agreements.
		s.add(t, "amina", "caseworker o:"+s.office)
		a := s.signIn(t, "amina")
		if got := a.get(o).shows(200, "Rina Canary"); strings.Contains(got.body, "Referral of returnees") {
			t.Error("a caseworker sees the agreement")
		}
		for _, path := range []string{"/directory/export.json", "/directory/export.zip"} {
			if got := b.get(path).shows(200); strings.Contains(got.body, "Canary") || strings.Contains(got.body, "names only") {
				t.Errorf("%s holds somebody at a partner, or an agreement", path)
			}
			a.get(path).shows(404)
		}
		if got := s.browser(t).post("/help/en", url.Values{"need": {"legal_aid"}, "district": {"3056"}}).shows(200, "law"); strings.Contains(got.body, "Canary") {
			t.Error("the public page names somebody at a partner")
		}
	})
}

// to is where a visitor is sent.
func (v seen) to(t *testing.T) string {
	t.Helper()
	if v.status != 303 {
		t.Fatalf("%s: %d\n%s", v.what, v.status, v.text())
	}
	return v.header.Get("Location")
}

// A focal person keeps what is of her organisation, and nothing else.
func TestAFocalPersonKeepsHerOwn(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		var mine, others directory.Entry
		dbtest.Write(t, s.d, func(tx *db.Tx) (err error) {
			for into, partner := range map[*directory.Entry]string{&mine: s.org, &others: ""} {
				if *into, err = directory.Add(t.Context(), tx, terminal(), directory.Addition{Body: listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: "One"}, Partner: partner}}}); err != nil {
					return err
				}
			}
			return nil
		})
		s.add(t, "lima", "provider_focal g:"+s.org)
		b := s.signIn(t, "lima")
		at := "/directory/" + mine.ID
		b.post(at+"/change", url.Values{"version": {"1"}, "name_en": {"Ours"}, "reason": {"renamed"}}).leads(at)
		b.post(at+"/confirm", url.Values{"version": {"2"}}).leads(at)
		b.get(at).shows(200, "Ours", "Confirmed by the provider 0 days ago")
		b.post("/directory/"+others.ID+"/change", url.Values{"version": {"1"}, "name_en": {"Ours"}}).shows(403)
		b.post("/directory/"+others.ID+"/confirm", url.Values{"version": {"1"}}).shows(403)
		if got := b.get("/directory/" + others.ID).shows(200); strings.Contains(got.body, "/withdraw") {
			t.Error("she is offered what she may not do")
		}
		b.get("/directory/exchange").shows(404)
	})
}

// A package comes in by the page; a bad one is refused with its place and nothing is entered.
func TestAPackageComesInByThePage(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.add(t, "keya", "programme_manager all")
		b := s.signIn(t, "keya")
		send := func(text string) seen {
			var body bytes.Buffer
			w := multipart.NewWriter(&body)
			w.WriteField("source", "Another directory")
			part, err := w.CreateFormFile("file", "package.json")
			if err != nil {
				t.Fatal(err)
			}
			part.Write([]byte(text))
			w.Close()
			return b.ask("POST", "/directory/exchange", w.FormDataContentType(), &body)
		}
		service := `{"id": "ac148810-d857-441c-9679-408f346de14b", "name": "Help", "status": "active", "organization": {"id": "d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610", "name": "Body", "description": "x"}}`
		send(strings.Replace(service, "active", "asleep", 1)).shows(422, "status", "no such value")
		b.get("/directory").shows(200, "The directory is empty")
		send(service).shows(200, "2 entries are new")
		send(service).shows(200, "0 entries are new", "2 were the same")
		b.get("/directory?q=help").shows(200, "Help", "Body")
		send("").shows(422)
	})
}

// A focal person says of her entries in one act that they are right, and takes it back; who keeps the directory does so by telephone,
// with a list on paper.
func TestEntriesAreConfirmedAndTakenBack(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		var mine, help directory.Entry
		dbtest.Write(t, s.d, func(tx *db.Tx) (err error) {
			if mine, err = directory.Add(t.Context(), tx, terminal(), directory.Addition{Body: listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: "Bandhan"}, Partner: s.org, Phones: []listing.Phone{{Number: "01733333333"}}}}}); err != nil {
				return err
			}
			help, err = directory.Add(t.Context(), tx, terminal(), directory.Addition{Body: listing.Body{Service: &listing.Service{Organisation: mine.ID, State: listing.Active, Name: listing.Text{En: "Advice"}, Areas: []string{listing.Country}, Fee: listing.Text{En: "fifty taka"}}}})
			return err
		})
		s.add(t, "lima", "provider_focal g:"+s.org)
		b := s.signIn(t, "lima")
		b.get("/directory").shows(200, "To be confirmed")
		page := b.get("/directory/due").shows(200, "Bandhan", "Advice", "Still right", "All of these (2) are right")
		if strings.Contains(page.body, `name="by"`) {
			t.Error("she is asked who at her own organisation said so")
		}
		shown := []string{mine.ID + ".1", help.ID + ".1"}
		b.post("/directory/due", url.Values{"of": {mine.ID}}).shows(422, "Tick what is right")
		b.post("/directory/due", url.Values{"of": {mine.ID}, "one": {help.ID + ".1"}}).leads("/directory/due?of=" + mine.ID)
		b.get("/directory/"+help.ID).shows(200, "Confirmed by the provider 0 days ago")
		first := b.get("/directory/due?of=" + mine.ID).find(`name="batch" value="([0-9a-f-]+)"`)
		b.post("/directory/due", url.Values{"of": {mine.ID}, "all": {"yes"}, "shown": shown}).leads("/directory/due?of=" + mine.ID)
		page = b.get("/directory/due?of="+mine.ID).shows(200, "Nothing is to be confirmed", "2 entries", "Take back")
		batch := "" // the clock stands still, so that either may be first on the page
		for _, found := range regexp.MustCompile(`name="batch" value="([0-9a-f-]+)"`).FindAllStringSubmatch(page.body, -1) {
			if found[1] != first {
				batch = found[1]
			}
		}
		b.post("/directory/due/undo", url.Values{"batch": {batch}, "of": {mine.ID}}).leads("/directory/due?of=" + mine.ID)
		b.get("/directory/due?of="+mine.ID).shows(200, "Bandhan", "1 entry")
		b.get("/directory/"+help.ID+"/history").shows(200, "Taken back by")
		b.get("/directory/"+help.ID).shows(200, "Confirmed by the provider 0 days ago") // she said so of this one before, too
		b.post("/directory/due/undo", url.Values{"batch": {batch}}).shows(404)
		s.seedDirectory(t)
		s.add(t, "keya", "programme_manager all")
		k := s.signIn(t, "keya")
		k.get("/directory/due").shows(200, "Never confirmed", "Wage Earners")
		k.get("/directory/due?of="+mine.ID).shows(200, `Somebody at the provider`)
		k.post("/directory/due", url.Values{"of": {mine.ID}, "one": {mine.ID + ".1"}}).shows(422, "Write who")
		k.get("/directory/due/print?of="+mine.ID).shows(200, "01733333333", "Told by")
		k.get("/directory/due/print").shows(200, "List for the telephone", "Told by")
		k.post("/directory/due", url.Values{"of": {mine.ID}, "one": {mine.ID + ".1"}, "way": {"call"}, "by": {"Mrs Nahar"}}).leads("/directory/due?of=" + mine.ID)
		k.get("/directory/"+mine.ID+"/history").shows(200, "Mrs Nahar")
		b.get("/directory/due?of=x").shows(404)
	})
}

// The forms hold costs, papers, access, languages and extensions, line by line, and lose nothing that they do not ask for.
func TestAServiceIsSaidWhole(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.add(t, "keya", "programme_manager all")
		b := s.signIn(t, "keya")
		o := b.post("/directory/new", url.Values{"kind": {"organisation"}, "name_en": {"Shapla"}}).to(t)
		of := o[len("/directory/"):]
		form := url.Values{"kind": {"service"}, "of": {of}, "name_en": {"Advice"}, "state": {"active"}, "areas": {"BD"}, "cost_for_0": {"a copy"}, "cost_amount_0": {"১২.৫"}, "cost_amount_1": {"1,000"}, "cost_note_1": {"with a receipt"},
			"papers": {"nid"}, "paper_other_0": {"Letter of the chairman"}, "languages": {"bn", "ar"}, "phone_0": {"16135"}, "phone_extension_0": {"12"}, "phone_free_0": {"yes"}}
		sv := b.post("/directory/new", form).to(t)
		b.get(sv).shows(200, "a copy BDT 12.50", "BDT 1,000 (with a receipt)", "Letter of the chairman", "National identity card", "Arabic", "extension 12")
		for _, asked := range []string{`value="12.50"`, `value="1000"`, `value="Letter of the chairman"`} {
			if got := b.get(sv + "/change"); !strings.Contains(got.body, asked) {
				t.Errorf("the form does not hold %s", asked)
			}
		}
		form.Set("version", "1")
		form.Set("cost_amount_0", "a lot")
		b.post(sv+"/change", form).shows(422, "no amount")
		form.Set("cost_amount_0", "")
		form.Set("cost_for_0", "")
		form.Set("paper_other_0", "")
		b.post(sv+"/change", form).leads(sv)
		if got := b.get(sv).shows(200, "BDT 1,000"); strings.Contains(got.body, "12.50") || strings.Contains(got.body, "chairman") {
			t.Error("what was taken out is still there")
		}
		l := b.post("/directory/new", url.Values{"kind": {"location"}, "of": {of}, "name_en": {"Office"}, "location_kind": {"physical"}, "access_0_en": {"A ramp"}, "access_1_en": {"A lift"}, "languages": {"syl"}}).to(t)
		b.get(l).shows(200, "A ramp", "A lift", "Sylheti")
	})
}

// How a provider answers stands where those who refer look, and nowhere for the public.
func TestSilenceIsShownToThoseWhoRefer(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		var help directory.Entry
		dbtest.Write(t, s.d, func(tx *db.Tx) error {
			o, err := directory.Add(t.Context(), tx, terminal(), directory.Addition{Body: listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: "Slow"}}}})
			if err != nil {
				return err
			}
			if help, err = directory.Add(t.Context(), tx, terminal(), directory.Addition{Body: listing.Body{Service: &listing.Service{Organisation: o.ID, State: listing.Active, Name: listing.Text{En: "Advice"}, Needs: []string{"legal_aid"}, Areas: []string{listing.Country}}}}); err != nil {
				return err
			}
			return directory.NoteConduct(t.Context(), tx, directory.Conduct{Entry: o.ID, Unanswered: 7, AsOf: dates.Of(tx.Now())})
		})
		s.add(t, "amina", "caseworker o:"+s.office)
		s.signIn(t, "amina").get("/directory/"+help.ID).shows(200, "7 referrals wait too long")
		if got := s.browser(t).post("/help/en", url.Values{"need": {"legal_aid"}, "district": {"3056"}}).shows(200, "Advice"); strings.Contains(got.body, "referrals") {
			t.Error("the public is told how a provider answers")
		}
	})
}
