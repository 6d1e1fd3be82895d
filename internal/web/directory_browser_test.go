// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fera/internal/browsertest"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/web"
)

// suits looks at a page with axe-core and for what is wider than it, and leaves a picture if that is wanted.
func suits(t *testing.T, p *browsertest.Page, name string) {
	t.Helper()
	if found := p.Axe(); found != "" {
		t.Errorf("%s: %s", name, found)
	}
	if wide := p.Overflow(); wide != "" {
		t.Errorf("%s is too wide: %s", name, wide)
	}
	if folder := os.Getenv("PICTURES"); folder != "" {
		p.Screenshot(filepath.Join(folder, strings.NewReplacer("/", "-", "?", "-", "=", "-", "&", "-").Replace(strings.Trim(name, "/"))+".png"))
	}
}

// Somebody finds help by keyboard and without scripts, in both languages, on a phone and on a desk; no cookie is left, and the way out
// leads away.
func TestHelpSuitsEveryone(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, dbtest.SQLite(t), nil), nil, web.Options{})
	server := httptest.NewServer(s.handler)
	t.Cleanup(server.Close)
	s.seedDirectory(t)
	for device, width := range map[string]int{"phone": 360, "desk": 1280} {
		for _, scripts := range []bool{true, false} {
			p := browsertest.Open(t, browsertest.Options{Width: width, Height: 800, Scripts: scripts})
			name := func(path string) string {
				if !scripts {
					path += "-plain"
				}
				return path + "." + device
			}
			for path, words := range map[string][3]string{"/help": {"খুঁজুন", "মানিকগঞ্জ", "বিএমইটি"}, "/help/en": {"Search", "Manikganj", "Manpower"}} {
				p.Go(server.URL + path)
				if scripts { // axe-core is one
					suits(t, p, name(path))
				}
				p.Eval(`document.getElementById("need").value = "complaint"; document.getElementById("district").value = "3056"`, nil)
				p.Eval(`document.querySelector("form.again button").focus()`, nil)
				p.Press("Enter")
				p.See(words[1])
				if scripts {
					suits(t, p, name(path+"/found"))
				}
				if strings.Contains(p.URL(), "?") || !strings.HasSuffix(p.URL(), path) {
					t.Errorf("%s: the address holds what was asked: %s", path, p.URL())
				}
				var cookies string
				if p.Eval(`document.cookie`, &cookies); cookies != "" {
					t.Errorf("%s: a cookie is left: %s", path, cookies)
				}
				var out string
				p.Eval(`document.querySelector("[data-exit], a.exit, .exit a, .exit").getAttribute("href")`, &out)
				if !strings.HasPrefix(out, "https://") || strings.Contains(out, "fera") {
					t.Errorf("%s: the way out leads to %q", path, out)
				}
			}
		}
	}
}

// Every page of the directory suits everybody, in both languages, on a phone and on a desk.
func TestDirectoryPagesSuitEveryone(t *testing.T) {
	t.Parallel()
	clock := &dbtest.Clock{}
	clock.Move(time.Duration(dbtest.Noon.UnixMilli()) * time.Millisecond)
	s := newSite(t, dbtest.Open(t, dbtest.SQLite(t), clock.Now), clock, web.Options{})
	server := httptest.NewServer(s.handler)
	t.Cleanup(server.Close)
	s.equip(t, s.farid.ID)
	s.add(t, "everyone", everyRole()...)
	s.seedDirectory(t)
	o, l, h := s.fullEntry(t)
	for device, width := range map[string]int{"phone": 360, "desk": 1280} {
		p := browsertest.Open(t, browsertest.Options{Width: width, Height: 800, Scripts: true})
		p.Go(server.URL + "/sign-in")
		p.Click("English")
		s.enter(t, p, server.URL, func() {})
		for _, lang := range [][2]string{{"bn", "বাংলা"}, {"en", "English"}} {
			p.Go(server.URL + "/")
			p.Click(lang[1])
			for what, path := range map[string]string{"list": "", "need": "?need=complaint&place=3056", "none": "?q=zzzz", "organisation": "/" + o, "location": "/" + l, "service": "/" + h, "change-organisation": "/" + o + "/change", "change-location": "/" + l + "/change",
				"change-service": "/" + h + "/change", "confirm": "/" + h + "/confirm", "room": "/" + h + "/room", "withdraw": "/" + h + "/withdraw", "history": "/" + h + "/history", "people": "/" + o + "/people", "agreements": "/" + o + "/agreements",
				"new": "/new?kind=organisation", "exchange": "/exchange", "due": "/due", "due-entries": "/due?of=" + o, "due-print": "/due/print"} {
				p.Go(server.URL + "/directory" + path)
				if p.Status() != 200 {
					t.Errorf("%s: %d", path, p.Status())
				}
				suits(t, p, "directory-"+what+"."+lang[0]+"."+device)
			}
		}
	}
}

// fullEntry makes an organisation, a location and a service that say all that an entry can.
func (s *site) fullEntry(t *testing.T) (o, l, h string) {
	t.Helper()
	dbtest.Write(t, s.d, func(tx *db.Tx) error {
		add := func(b listing.Body) (string, error) {
			e, err := directory.Add(t.Context(), tx, terminal(), directory.Addition{Body: b})
			return e.ID, err
		}
		var err error
		if o, err = add(listing.Body{Organisation: &listing.Organisation{Name: listing.Text{Bn: "শাপলা সহায়তা", En: "Shapla Aid"}, About: listing.Text{Bn: "আইনি সহায়তা", En: "Legal aid"}, Sector: "civil_society", Phones: []listing.Phone{{Number: "01711111111", Free: true, Extension: "4"}}, Website: "https://example.org"}}); err != nil {
			return err
		}
		week := []listing.Span{{Days: []string{"SU", "MO", "TU", "WE", "TH"}, Opens: "09:00", Closes: "17:00"}}
		if l, err = add(listing.Body{Location: &listing.Location{Organisation: o, Kind: "physical", Place: "305670", Name: listing.Text{Bn: "সাটুরিয়া অফিস", En: "Saturia office"}, Address: listing.Text{Bn: "বাড়ি ১"}, Access: []listing.Access{{About: listing.Text{Bn: "ঢালু পথ", En: "A ramp"}}},
			Languages: []listing.Language{{Code: "bn"}}, Hours: listing.Hours{Weekly: week}}}); err != nil {
			return err
		}
		free, wait, price := 3, 12, int64(5000)
		today := dates.Of(tx.Now())
		h, err = add(listing.Body{Service: &listing.Service{Organisation: o, State: listing.Active, Name: listing.Text{Bn: "আইনি পরামর্শ", En: "Advice on law"}, Needs: []string{"legal_aid"}, Areas: []string{"3056"}, How: listing.Text{Bn: "সকালে আসুন", En: "Come in the morning"},
			Costs: []listing.Cost{{For: listing.Text{En: "a copy"}, Currency: "BDT", Amount: &price}}, Papers: []listing.Paper{{Code: "nid"}, {Text: listing.Text{Bn: "চেয়ারম্যানের চিঠি"}}}, For: listing.Eligibility{Sex: "female", MinAge: 18}, Staff: "women", Alert: listing.Text{Bn: "আগে ফোন করুন", En: "Call first"},
			Capacity: &listing.Capacity{Free: &free, Wait: &wait, On: today}, At: []listing.Offer{{Location: l}}, Source: listing.Source{Text: "a letter"}}})
		if err != nil {
			return err
		}
		if _, err := directory.Confirm(t.Context(), tx, terminal(), directory.Confirmation{Entry: h, Way: "call", By: "Mrs Nahar", On: today.Add(-200)}, 1); err != nil {
			return err
		}
		return directory.NoteConduct(t.Context(), tx, directory.Conduct{Entry: o, Unanswered: 4, AsOf: today})
	})
	return o, l, h
}
