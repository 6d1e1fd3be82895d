// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/geo"
	"fera/internal/web"
)

func (s *site) seedDirectory(t *testing.T) {
	t.Helper()
	dbtest.Write(t, s.d, func(tx *db.Tx) error { _, err := directory.Seed(t.Context(), tx, terminal()); return err })
}

// Somebody finds help near a place, in Bangla first, and how old what she reads is.
func TestHelpIsFoundNearAPlace(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b := s.browser(t)
		b.get("/help").shows(200, "বিদেশফেরতদের জন্য সহায়তা")
		s.seedDirectory(t)
		b.get("/help").shows(200, "১৬১৩৫", "প্রবাস বন্ধু")
		b.get("/help/en").shows(200, "Help for people who came home", "16135", "Leave this page")
		got := b.post("/help/en", url.Values{"need": {"complaint"}, "district": {"3056"}}).shows(200, "District Employment and Manpower Office, Manikganj", "Not confirmed by the provider", "Known from:", "upazila")
		if i, j := strings.Index(got.text(), "Manpower Office, Manikganj"), strings.Index(got.text(), "Manpower Office, Dhaka"); i < 0 || j >= 0 && j < i {
			t.Errorf("the near one does not come first: %d, %d", i, j)
		}
		b.post("/help/en", url.Values{"need": {"loan"}, "district": {"3056"}, "upazila": {"305670"}}).shows(200, "Rehabilitation loan", "Trade licence", "Saturia")
		b.post("/help/en", url.Values{"need": {"shelter"}}).shows(200, "Nothing is listed")
		b.post("/help", url.Values{"need": {"loan"}}).shows(200, "পুনর্বাসন ঋণ", "ট্রেড লাইসেন্স")
		// What nobody offers leads nowhere else.
		b.post("/help/en", url.Values{"need": {"x"}, "district": {"30"}, "upazila": {"2015"}, "women": {"no"}}).shows(200, "Any help")
	})
}

// Nothing is kept of who looked for what, of a stranger or of somebody who is signed in.
func TestHelpLeavesNoTrace(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.seedDirectory(t)
		s.add(t, "everyone", everyRole()...)
		in, out := s.signIn(t, "everyone"), s.browser(t)
		before := rows(t, s.d)
		s.clock.Move(1 << 40)
		s.log.Reset()
		for _, b := range []*browser{in, out} {
			for _, got := range []seen{b.get("/help"), b.get("/help/en"), b.get("/help?need=canary"), b.post("/help", url.Values{"need": {"shelter"}, "district": {"3056"}, "upazila": {"canary"}})} {
				if len(got.header.Values("Set-Cookie")) > 0 {
					t.Errorf("%s sets a cookie: %v", got.what, got.header)
				}
				if got.status != 200 || got.header.Get("Cache-Control") != "no-store" {
					t.Errorf("%s: %d, %s", got.what, got.status, got.header.Get("Cache-Control"))
				}
				if strings.Contains(got.body, "everyone") || strings.Contains(got.body, "canary") {
					t.Errorf("%s says who asks, or what was sent", got.what)
				}
			}
		}
		for _, word := range []string{"canary", "3056", "need", "everyone", "shelter", "actor=0"} {
			if strings.Contains(s.log.String(), word) {
				t.Errorf("the log holds %q:\n%s", word, s.log)
			}
		}
		for table, n := range rows(t, s.d) {
			if before[table] != n {
				t.Errorf("looking changed %s", table)
			}
		}
	})
}

// mostForHelp is what a first visit to the public page may weigh on the wire, with its style and script: some seconds on a slow
// line. No letters are fetched.
const mostForHelp = 30_000

func TestHelpIsLight(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	s := newSite(t, d, nil, web.Options{})
	s.seedDirectory(t)
	weigh := func(method, path string, form url.Values) (int, string) {
		r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Accept-Encoding", "gzip")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d", path, w.Code)
		}
		n := w.Body.Len()
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if _, err := text.ReadFrom(z); err != nil {
			t.Fatal(err)
		}
		return n, text.String()
	}
	for _, path := range []string{"/help", "/help/en"} {
		for form, values := range map[string]url.Values{"empty": nil, "full": {"district": {"3056"}}} {
			method := "GET"
			if values != nil {
				method = "POST"
			}
			total, page := weigh(method, path, values)
			for _, p := range asset.FindAllStringSubmatch(page, -1) {
				r := httptest.NewRequestWithContext(t.Context(), "GET", p[1], nil)
				r.Header.Set("Accept-Encoding", "gzip")
				w := httptest.NewRecorder()
				s.handler.ServeHTTP(w, r)
				total += w.Body.Len()
			}
			t.Logf("%s, %s: %d bytes on the wire", path, form, total)
			if total > mostForHelp || total < 3000 || strings.Contains(page, ".woff2") {
				t.Errorf("%s, %s: %d bytes on the wire, at most %d; letters are fetched: %t", path, form, total, mostForHelp, strings.Contains(page, ".woff2"))
			}
		}
	}
}

// No page says where a shelter is: there is nothing in the directory that could.
func TestHelpNamesNoShelter(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		dbtest.Write(t, s.d, func(tx *db.Tx) error {
			o, err := directory.Add(t.Context(), tx, terminal(), directory.Addition{Body: listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: "Refuge"}}}})
			if err != nil {
				return err
			}
			_, err = directory.Add(t.Context(), tx, terminal(), directory.Addition{Body: listing.Body{Service: &listing.Service{Organisation: o.ID, Name: listing.Text{En: "A safe home"}, State: listing.Active, Needs: []string{"shelter"}, Areas: []string{"3056"},
				Phones: []listing.Phone{{Number: "01700000001"}}}}})
			return err
		})
		b := s.browser(t)
		b.post("/help/en", url.Values{"need": {"shelter"}, "district": {"3056"}}).shows(200, "A safe home", "01700000001", "No office is listed")
		if p, _ := geo.Find("305646"); strings.Contains(b.post("/help/en", url.Values{"need": {"shelter"}, "district": {"3056"}}).find(`(?s)(<article.*?</article>)`), p.NameEn) {
			t.Error("the shelter has a place")
		}
	})
}
