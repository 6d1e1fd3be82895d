// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/persons"
	"fera/internal/words"
)

// herPages are the pages about one person that are fetched.
func herPages(id persons.ID, p persons.Person) []string {
	base := "/persons/" + string(id)
	pages := []string{"/persons", "/persons?q=Rahima", "/persons?q=" + url.QueryEscape("রহিমা"), "/persons?q=01712345678", "/persons?q=Saturia", "/persons?q=nobody", "/persons?place_text=Manikganj",
		"/persons/new", "/glass", "/places.html?q=sat", "/countries.html?q=sau", "/occupations.html?q=driver", base}
	for _, part := range []string{"change", "change?field=birth", "change?field=ethnicity", "values?field=birth", "journeys/new", "family/new", "papers/new", "contacts/new", "consents/photo", "consents/register",
		"functioning", "photo", "documents/new", "assign", "erase", "glass", "history", "looks", "print", "copy"} {
		pages = append(pages, base+"/"+part)
	}
	for _, c := range p.Contacts {
		pages = append(pages, base+"/contacts/"+c.ID, base+"/end?row=contact&id="+c.ID, base+"/restore?row=contact&id="+c.ID)
	}
	for _, j := range p.Journeys {
		pages = append(pages, base+"/journeys/"+j.ID)
	}
	return pages
}

// complete gives her one of everything.
func (r *room) complete(t *testing.T, id persons.ID) {
	t.Helper()
	amina := r.users["amina"]
	dbtest.Write(t, r.d, func(tx *db.Tx) error {
		return persons.Change(t.Context(), tx, amina, persons.Amendment{Person: id, Version: 1, Source: persons.FromNID, Values: map[persons.Field]string{persons.Birth: "1990-02-01", persons.MotherName: "Jorina", persons.Ethnicity: "canary-ethnicity"}})
	})
	dbtest.Write(t, r.d, func(tx *db.Tx) error {
		return persons.AddJourney(t.Context(), tx, amina, id, persons.Journey{Country: "SA", City: "Riyadh", Occupation: "9111", Reasons: []string{"pay"}, Circumstances: &persons.Circumstances{Happened: []string{"confined"}, Account: "canary-account"}})
	})
	dbtest.Write(t, r.d, func(tx *db.Tx) error {
		return persons.AddIdentifier(t.Context(), tx, amina, id, persons.Identifier{Kind: "nid", Number: "19903026912345678"})
	})
	dbtest.Write(t, r.d, func(tx *db.Tx) error {
		return persons.AddRelation(t.Context(), tx, amina, id, persons.Relation{Relation: "daughter", Name: "Mitu", LivesWith: true, Depends: true})
	})
	dbtest.Write(t, r.d, func(tx *db.Tx) error {
		return persons.RecordFunctioning(t.Context(), tx, amina, id, persons.Functioning{Vision: 3, Hearing: 1})
	})
}

// Every page speaks both languages, in the words of the catalogues alone, and says no name where others read over her shoulder.
func TestPersonsPagesSpeak(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		id := r.rahima(t)
		r.complete(t, id)
		pages := herPages(id, r.find(t, "amina", id))
		for _, lang := range words.Languages() {
			for login, may := range map[string]map[int]bool{"amina": {200: true, 404: true}, "chandra": {200: true, 404: true}, "esha": {200: true, 404: true}} {
				r.speak(t, login, lang)
				seen := 0
				for _, path := range pages {
					a := r.get(t, login, path)
					if !may[a.status] {
						t.Errorf("GET %s as %s: %d", path, login, a.status)
					}
					if a.status == 200 {
						seen++
					}
					wantNotIn(t, "the title of "+path, titleOf(a.body), "Rahima", "রহিমা", "Shetu", "সেতু")
				}
				if seen < 12 {
					t.Errorf("%s sees %d pages, want at least 12", login, seen)
				}
			}
		}
		if page := r.page(t, "amina", "/persons/"+string(id)); len(page) > 60<<10 {
			t.Errorf("the record is %d bytes before it is packed", len(page))
		}
	})
}

func TestRegisterPage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		typed := url.Values{"name_bn": {"জরিনা বেগম"}, "name_latin": {"Zorina Begum"}, "sex": {"female"}, "age": {"৩২"}, "village": {"Purbapara"},
			"home": {"305670"}, "home_text": {"Saturia"}, "home_was": {"Saturia"}, "contacts.0.number": {"০১৮১২৩৪৫৬৭৮"}, "contacts.0.owner": {"husband"}, "contacts.0.safety": {"careful"}, "contacts.0.ways": {"call"}, "contacts.0.hours": {"10 to 12"},
			"consent_contact": {"yes"}, "consent_photo": {"no"}}
		refused := r.send(t, "amina", "/persons/new", "/persons", typed)
		if refused.status != http.StatusUnprocessableEntity {
			t.Fatalf("without agreement: %d, want a refusal", refused.status)
		}
		again := formOf(t, refused.body, "/persons")
		for name, values := range typed {
			if len(values) > 0 && again.Get(name) != values[0] {
				t.Errorf("the refused form lost %s: %q, want %q", name, again.Get(name), values[0])
			}
		}
		wantIn(t, refused.body, words.In(words.English).T("person.consent_needed"), "#consent_register")
		again.Set("consent_register", "yes")
		first := r.post(t, "amina", "/persons", again)
		second := r.post(t, "amina", "/persons", again)
		if first.status != http.StatusSeeOther || first.header.Get("Location") != second.header.Get("Location") {
			t.Fatalf("sent twice: %d %s and %d %s, want one person", first.status, first.header.Get("Location"), second.status, second.header.Get("Location"))
		}
		page := r.page(t, "amina", first.header.Get("Location"))
		wantIn(t, page, "জরিনা বেগম", "Zorina Begum", "Careful: only call, 10 to 12; the phone is the husband's.", "Add the journey abroad")
		p := r.find(t, "amina", persons.ID(strings.TrimPrefix(first.header.Get("Location"), "/persons/")))
		if p.Agreed(persons.PurposePhoto) || !p.Agreed(persons.PurposeContact) || len(p.Consents) != 3 {
			t.Errorf("consents = %+v", p.Consents)
		}
	})
}

// A text in a type-ahead that nobody chose from the list is settled by the server, or offered.
func TestTypeaheadWithoutScript(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		form := formOf(t, r.page(t, "amina", "/persons/new"), "/persons")
		form.Set("name_latin", "Kohinoor")
		form.Set("consent_register", "yes")
		form.Set("home_text", "")
		form.Set("home", "")
		many := cloned(form)
		many.Set("home_text", "Kaliganj") // the text of the type-ahead: several places have this name
		a := r.post(t, "amina", "/persons", many)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `type="radio" id="home-`) {
			t.Fatalf("%d, want the places offered", a.status)
		}
		chosen := formOf(t, a.body, "/persons")
		chosen.Set("home", "3033") // one of those offered, or any other place
		if a := r.post(t, "amina", "/persons", chosen); a.status != http.StatusSeeOther {
			t.Errorf("after choosing: %d", a.status)
		}
	})
}

func cloned(v url.Values) url.Values {
	c := url.Values{}
	for name, values := range v {
		c[name] = append([]string{}, values...)
	}
	return c
}

// What each form of the room writes is there afterwards.
func TestPersonsForms(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		id := r.rahima(t)
		base := "/persons/" + string(id)
		saved := func(a answer) {
			t.Helper()
			if a.status != http.StatusSeeOther {
				t.Errorf("%d, want it saved\n%s", a.status, problemsIn(a.body))
			}
		}
		saved(r.send(t, "amina", base+"/change", base+"/change", url.Values{"father_name": {"করিম উদ্দিন"}, "marital": {"married"}}))
		saved(r.send(t, "amina", base+"/change?field=birth", base+"/change", url.Values{"birth": {"1/2/1990"}, "source": {"nid"}}))
		saved(r.send(t, "amina", base+"/journeys/new", base+"/journeys", url.Values{"country_text": {"Saudi Arabia"}, "city": {"Riyadh"}, "work": {"cook"}, "departed": {"3/2018"}, "returned": {"৫/৪/২০২১"}, "cost": {"3,50,000"}, "reasons": {"pay", "health"}}))
		saved(r.send(t, "amina", base+"/family/new", base+"/family", url.Values{"relation": {"son"}, "name": {"Rakib"}, "birth": {"2015"}, "lives_with": {"yes"}}))
		saved(r.send(t, "amina", base+"/papers/new", base+"/papers", url.Values{"kind": {"passport"}, "number": {"AB1234567"}, "expires": {"2031"}}))
		saved(r.send(t, "amina", base+"/contacts/new", base+"/contacts", url.Values{"number": {"01812345678"}, "owner": {"husband"}, "safety": {"unsafe"}}))
		saved(r.send(t, "amina", base+"/consents/photo", base+"/consents/photo", url.Values{"consent_photo": {"yes"}}))
		saved(r.send(t, "amina", base+"/functioning", base+"/functioning", url.Values{"vision": {"3"}, "hearing": {"1"}}))
		p := r.find(t, "amina", id)
		if len(p.Journeys) != 1 || p.Journeys[0].Country != "SA" || p.Journeys[0].Cost != 350000 || p.Journeys[0].Returned.String() != "2021-04-05" {
			t.Fatalf("journeys = %+v", p.Journeys)
		}
		page := r.page(t, "amina", base)
		wantIn(t, page, "Riyadh, Saudi Arabia: cook", "March 2018 to 5 April 2021", "3,50,000 taka", "Rakib", "করিম উদ্দিন", "1 February 1990", "also known: 12 April 1991", "4567")
		wantNotIn(t, "the record", page, "AB1234567", "01812345678", "01712345678")

		saved(r.send(t, "amina", base+"/journeys/"+p.Journeys[0].ID, base+"/journeys/"+p.Journeys[0].ID, url.Values{"city": {"Jeddah"}}))
		saved(r.send(t, "amina", base+"/contacts/"+p.Contacts[0].ID, base+"/contacts/"+p.Contacts[0].ID, url.Values{"safety": {"safe"}, "owner": {"own"}}))
		other := ""
		for _, c := range p.Claims {
			if c.Field == persons.Birth && !c.InUse {
				other = c.ID
			}
		}
		saved(r.send(t, "amina", base+"/values?field=birth", base+"/values", url.Values{"claim": {other}, "reason": {"her mother says so"}}))
		wantIn(t, r.page(t, "amina", base), "Jeddah, Saudi Arabia: cook", "because a colleague decided so", "also known: 1 February 1990")

		end := base + "/end?row=journey&id=" + p.Journeys[0].ID
		saved(r.send(t, "amina", end, base+"/end", url.Values{"reason": {"another woman"}}))
		wantNotIn(t, "the record without the journey", r.page(t, "amina", base), "Jeddah, Saudi Arabia: cook</h3>")
		history := r.page(t, "amina", base+"/history")
		wantIn(t, history, "another woman", "taken out", "restore?row=journey", "before: 12 April 1991", "Contact")
		saved(r.send(t, "amina", base+"/restore?row=journey&id="+p.Journeys[0].ID, base+"/restore", nil))
		wantIn(t, r.page(t, "amina", base), "Jeddah, Saudi Arabia: cook")
	})
}

func problemsIn(page string) string {
	_, rest, _ := strings.Cut(page, `class="summary"`)
	said, _, _ := strings.Cut(rest, "</div>")
	return said
}

// What two people change at once in different fields stands; in the same field
// the second is told, and nothing that was typed is lost.
func TestTwoChangeAtOnce(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := openRoom(t, d)
		id := r.rahima(t)
		path := "/persons/" + string(id) + "/change"
		mine := formOf(t, r.page(t, "amina", path), path)
		if a := r.send(t, "chandra", path, path, url.Values{"father_name": {"Abdul"}}); a.status != http.StatusSeeOther {
			t.Fatalf("chandra: %d", a.status)
		}
		mine.Set("mother_name", "Jorina")
		if a := r.post(t, "amina", path, mine); a.status != http.StatusSeeOther {
			t.Fatalf("in another field: %d\n%s", a.status, problemsIn(a.body))
		}
		wantIn(t, r.page(t, "amina", "/persons/"+string(id)), "Abdul", "Jorina")
		clock.Move(time.Minute)
		mine.Set("father_name", "Karim")
		a := r.post(t, "amina", path, mine)
		if a.status != http.StatusConflict {
			t.Fatalf("in the same field: %d, want a conflict\n%s", a.status, problemsIn(a.body))
		}
		wantIn(t, a.body, "Karim", words.In(words.English).T("person.changed_meanwhile"))
		if a := r.post(t, "amina", path, formOf(t, a.body, path)); a.status != http.StatusSeeOther {
			t.Errorf("after she was told: %d\n%s", a.status, problemsIn(a.body))
		}
		wantIn(t, r.page(t, "amina", "/persons/"+string(id)), "Karim", "also known: Abdul")
	})
}

func (r *room) upload(t *testing.T, login, path string, fields map[string]string, sent []byte) answer {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, v := range fields {
		w.WriteField(name, v)
	}
	part, err := w.CreateFormFile("file", "রহিমা খাতুন.png")
	if err != nil {
		t.Fatal(err)
	}
	part.Write(sent)
	w.Close()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, &body)
	req.Header.Set("Content-Type", w.FormDataContentType())
	return r.do(t, login, req)
}

func TestPhotoAndDocuments(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		id := r.rahima(t)
		base := "/persons/" + string(id)
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 40))); err != nil {
			t.Fatal(err)
		}
		if a := r.upload(t, "amina", base+"/photo", nil, b.Bytes()); a.status != http.StatusUnprocessableEntity {
			t.Errorf("a photograph to which she did not agree: %d", a.status)
		}
		r.send(t, "amina", base+"/consents/photo", base+"/consents/photo", url.Values{"consent_photo": {"yes"}})
		if a := r.upload(t, "amina", base+"/photo", nil, b.Bytes()); a.status != http.StatusSeeOther {
			t.Fatalf("photograph: %d %s", a.status, problemsIn(a.body))
		}
		wantIn(t, r.page(t, "amina", base), base+"/photo.jpg")
		if a := r.get(t, "amina", base+"/photo.jpg"); a.status != 200 || a.header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("the picture: %d %v", a.status, a.header)
		}
		if a := r.get(t, "basil", base+"/photo.jpg"); a.status != http.StatusNotFound {
			t.Errorf("the picture for who may not see her: %d", a.status)
		}
		paper := []byte("%PDF-1.7 contract")
		if a := r.upload(t, "amina", base+"/documents", map[string]string{"title": "Contract"}, paper); a.status != http.StatusSeeOther {
			t.Fatalf("document: %d %s", a.status, problemsIn(a.body))
		}
		if a := r.upload(t, "amina", base+"/documents", map[string]string{"title": "canary-title", "protected": "yes"}, paper); a.status != http.StatusSeeOther {
			t.Fatalf("protected document: %d %s", a.status, problemsIn(a.body))
		}
		page := r.page(t, "amina", base)
		wantIn(t, page, "Contract")
		wantNotIn(t, "the closed record", page, "canary-title")
		address := ""
		for _, part := range strings.Split(page, `"`) {
			if strings.HasPrefix(part, base+"/documents/") && !strings.HasSuffix(part, "/new") {
				address = part
			}
		}
		a := r.get(t, "chandra", address)
		if a.status != 200 || a.body != string(paper) || a.header.Get("Content-Disposition") != `attachment; filename="document.pdf"` || a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("download: %d %v", a.status, a.header)
		}
		if a := r.get(t, "basil", address); a.status != http.StatusNotFound {
			t.Errorf("the document for who may not see her: %d", a.status)
		}
		opened := r.post(t, "amina", base+"/look", nil)
		wantIn(t, opened.body, "canary-title")
		wantNotIn(t, "the record as her supervisor sees it", r.page(t, "chandra", base), "canary-title")
	})
}

func TestEraseGivesAReceipt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		id := r.rahima(t)
		base := "/persons/" + string(id)
		if a := r.send(t, "esha", base+"/erase", base+"/erase", url.Values{"reason": {"her wish"}}); a.status != http.StatusUnprocessableEntity {
			t.Errorf("not asked twice: %d", a.status)
		}
		a := r.send(t, "esha", base+"/erase", base+"/erase", url.Values{"reason": {"her wish"}, "sure": {"yes"}})
		wantIn(t, a.body, "Fera erasure receipt", string(id))
		for _, login := range []string{"amina", "esha"} {
			if a := r.get(t, login, base); a.status != http.StatusNotFound {
				t.Errorf("%s still finds her: %d", login, a.status)
			}
		}
		wantNotIn(t, "the list", r.page(t, "esha", "/persons"), "Rahima")
	})
}

func TestAssign(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		id := r.rahima(t)
		base := "/persons/" + string(id)
		if a := r.get(t, "dipu", base); a.status != http.StatusNotFound {
			t.Errorf("dipu sees her before: %d", a.status)
		}
		if a := r.send(t, "chandra", base+"/assign", base+"/assign", url.Values{"user": {r.users["dipu"].ID}, "off": nil}); a.status != http.StatusSeeOther {
			t.Fatalf("assign: %d %s", a.status, problemsIn(a.body))
		}
		wantIn(t, r.page(t, "dipu", base), "Private part")
		wantIn(t, r.page(t, "chandra", base+"/assign"), "Dipu")
		if a := r.post(t, "chandra", base+"/assign", url.Values{"user": {r.users["dipu"].ID}, "off": {"yes"}}); a.status != http.StatusSeeOther {
			t.Errorf("take off: %d", a.status)
		}
		if a := r.get(t, "dipu", base); a.status != http.StatusNotFound {
			t.Errorf("dipu sees her afterwards: %d", a.status)
		}
	})
}
