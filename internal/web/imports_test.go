// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"fera/internal/browsertest"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/imports"
	"fera/internal/links"
	"fera/internal/persons"
	"fera/internal/words"
)

const importList = `নাম,Mobile,NID,লিঙ্গ,Birth,District,Upazila,Country,Returned,Remarks
রহিমা খাতুন,01712345678,1234567890,নারী,1991-04-12,Manikganj,Saturia,KSA,2025-12-01,came with a child
Abdul Karim,01812345678,,M,1985,Sylhet,,Oman,2025,
No Sex,01912345678,,perhaps,1990,,,,,
রহিমা বেগম,01612345678,1234567890,F,1991,,,,,
"Selina, Akter",01512345678,,F,"3 Feb 1988",Manikganj,Nowhere,Qatar,,
`

// sendList sends a list and returns the address of its page.
func (r *room) sendList(t *testing.T, login, text string) string {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("file", "list.csv")
	if err != nil {
		t.Fatal(err)
	}
	file.Write([]byte(text))
	for name, value := range map[string]string{"source": "Airport desk", "office": r.users[login].Office, "operation": fmt.Sprintf("%x", sha256.Sum256([]byte(text)))} {
		form.WriteField(name, value)
	}
	form.Close()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/imports", &body)
	req.Header.Set("Content-Type", form.FormDataContentType())
	got := r.do(t, login, req)
	path, ok := strings.CutSuffix(got.header.Get("Location"), "/columns")
	if got.status != http.StatusSeeOther || !ok {
		t.Fatalf("send: %d\n%s", got.status, got.body)
	}
	return path
}

// mapped is the form as it is proposed, with consent.
func (r *room) mapped(t *testing.T, login, path string) url.Values {
	t.Helper()
	page := r.get(t, login, path+"/columns").body
	form := url.Values{"purposes": {"register", "contact"}, "method": {"signed"}, "on": {"1/2/2026"}, "statement": {"Each signed a form at the airport desk."}, "known": {"own_word"}}
	for _, m := range regexp.MustCompile(`(?s)<select[^>]*name="(columns\.\d+)".*?</select>`).FindAllStringSubmatch(page, -1) {
		if chosen := regexp.MustCompile(`value="([^"]*)" selected`).FindStringSubmatch(m[0]); chosen != nil {
			form.Set(m[1], chosen[1])
		}
	}
	for _, m := range regexp.MustCompile(`name="(sheet|heading)" value="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		form.Set(m[1], m[2])
	}
	return form
}

func (r *room) work(t *testing.T) {
	t.Helper()
	for {
		worked, err := imports.Work(t.Context(), r.d, links.NewFinder(r.d), "tester")
		if err != nil {
			t.Fatal(err)
		}
		if !worked {
			return
		}
	}
}

func (r *room) postForm(t *testing.T, login, path string, form url.Values) answer {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r.do(t, login, req)
}

func TestAListSentWithMistakesComesBackWithWhatWasChosen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		path := r.sendList(t, "chandra", importList)
		form := r.mapped(t, "chandra", path)
		form.Del("purposes")
		form.Set("columns.9", "home_text")
		form.Set("statement", "short")
		got := r.postForm(t, "chandra", path+"/columns", form)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "Nobody is entered without her agreement") || !strings.Contains(got.body, `value="home_text" selected`) || !strings.Contains(got.body, "short") {
			t.Errorf("%d\n%s", got.status, got.body)
		}
		form = r.mapped(t, "chandra", path)
		if got = r.postForm(t, "chandra", path+"/columns", form); got.status != http.StatusSeeOther {
			t.Fatalf("%d\n%s", got.status, got.body)
		}
		r.work(t)
		page := r.get(t, "chandra", path).body
		for _, want := range []string{"Enter 3 people", "রহিমা খাতুন", "See what is wrong", "Saturia"} {
			if !strings.Contains(page, want) {
				t.Errorf("the page does not say %q", want)
			}
		}
		file := r.get(t, "chandra", path+"/errors.csv")
		if !strings.Contains(file.body, "Write female, male or other.") || !strings.Contains(file.header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%v\n%s", file.header, file.body)
		}
		if sheet := r.get(t, "chandra", path+"/errors.xlsx"); !strings.HasPrefix(sheet.body, "PK") {
			t.Errorf("the workbook begins with %.10q", sheet.body)
		}
	})
}

func TestOnlyWhoMayFindsAList(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		path := r.sendList(t, "chandra", importList)
		for _, login := range []string{"amina", "basil", "esha", "farid"} {
			for _, more := range []string{"", "/columns", "/rows", "/undo", "/errors.csv", "/errors.xlsx"} {
				if got := r.get(t, login, path+more); got.status != http.StatusNotFound {
					t.Errorf("%s%s as %s: %d", path, more, login, got.status)
				}
			}
			for _, more := range []string{"/columns", "/enter", "/rows", "/undo", "/drop"} {
				if got := r.postForm(t, login, path+more, url.Values{"reason": {"x"}}); got.status != http.StatusNotFound {
					t.Errorf("POST %s%s as %s: %d", path, more, login, got.status)
				}
			}
		}
	})
}

// The whole way without a script: send, look over, check, enter, change one, take back, decide.
func TestAListGoesTheWholeWayWithoutScripts(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	r := openRoom(t, d)
	site := httptest.NewServer(r.pages)
	t.Cleanup(site.Close)
	s := words.In(words.English)
	list := filepath.Join(t.TempDir(), "list.csv")
	if err := os.WriteFile(list, []byte(importList), 0o600); err != nil {
		t.Fatal(err)
	}
	p := browsertest.Open(t, browsertest.Options{Width: 360, Height: 740})
	p.Go(site.URL + "/sign-in")
	p.Fill("Login", "chandra")
	p.Fill("Password", roomPassword)
	p.Click(s.T("common.sign_in"))
	p.Go(site.URL + "/imports")
	p.Click(s.T("import.new"))
	p.Upload(s.T("import.file"), list)
	p.Fill(s.T("import.source"), "Airport desk")
	p.Click(s.T("import.send"))
	p.See(s.T("import.columns"))
	p.Click("#purposes")
	p.Click("#method-is-signed")
	p.Fill(s.T("import.on"), "1/2/2026")
	p.Fill(s.T("import.statement"), "Each signed a form at the airport desk.")
	p.Click(s.T("import.check"))
	p.See(s.T("import.state.checking"))
	r.work(t)
	p.Click(s.T("import.look_again"))
	p.See(s.T("import.preview"))
	p.Click(s.T("import.count.doubled_see"))
	p.See("Probably the same person as row 2")
	p.Click(s.T("import.decide.enter"))
	p.Click(s.T("common.back"))
	p.Click(s.T("import.enter", "count", 4))
	r.work(t)
	p.Click(s.T("import.look_again"))
	p.See(s.T("import.state.entered"))
	batch := p.URL()
	page, err := cards(t, r, "chandra")
	if err != nil || len(page) != 4 {
		t.Fatalf("%d people, %v", len(page), err)
	}
	dbtest.Write(t, d, func(tx *db.Tx) error {
		return persons.AddContact(t.Context(), tx, r.users["chandra"], page[0].ID, persons.Contact{Number: "01411111111"})
	})
	p.Go(batch)
	p.Click(s.T("import.undo"))
	p.Fill(s.T("import.undo_reason"), "the wrong list")
	p.Click(s.T("import.undo"))
	r.work(t)
	p.Go(batch)
	p.See(s.T("import.state.undone"))
	p.Click(s.T("import.count.clashes_see"))
	p.See(page[0].Name())
	p.Click(s.T("import.decide.remove"))
	p.See(s.T("import.rows_none"))
	if page, err = cards(t, r, "chandra"); err != nil || len(page) != 0 {
		t.Errorf("%d people are left, %v", len(page), err)
	}
}

func cards(t *testing.T, r *room, login string) (all []persons.Card, err error) {
	err = r.d.Read(t.Context(), func(q db.Reader) error {
		page, err := persons.List(t.Context(), q, r.users[login], persons.Filter{})
		all = page.Cards
		return err
	})
	return all, err
}

// Every page of lists fits a phone and a desk in both languages, and axe-core finds nothing wrong with it.
func TestImportPagesToEverybody(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	r := openRoom(t, d)
	site := httptest.NewServer(r.pages)
	t.Cleanup(site.Close)
	fresh := r.sendList(t, "chandra", strings.ReplaceAll(importList, "Abdul Karim", "iwngv LvZzb"))
	bijoy := r.sendList(t, "chandra", "Title of the list\n\nbvg,Phone\niwngv LvZzb,01312345678\n†gvt iwng,01412345678\n")
	checking := r.sendList(t, "chandra", importList+"1")
	checked := r.sendList(t, "chandra", importList)
	undone := r.sendList(t, "chandra", "name,phone\nKarim,01311111111\nRahim,01322222222\n")
	for _, path := range []string{checked, undone} {
		if got := r.postForm(t, "chandra", path+"/columns", r.mapped(t, "chandra", path)); got.status != http.StatusSeeOther {
			t.Fatalf("%d\n%s", got.status, got.body)
		}
	}
	r.work(t)
	r.postForm(t, "chandra", undone+"/enter", nil)
	r.work(t)
	all, err := cards(t, r, "chandra")
	if err != nil || len(all) != 2 {
		t.Fatalf("%d people, %v", len(all), err)
	}
	dbtest.Write(t, d, func(tx *db.Tx) error {
		return persons.AddContact(t.Context(), tx, r.users["chandra"], all[0].ID, persons.Contact{Number: "01411111111"})
	})
	r.postForm(t, "chandra", undone+"/undo", url.Values{"reason": {"the wrong list"}})
	r.work(t)
	r.postForm(t, "chandra", checking+"/columns", r.mapped(t, "chandra", checking))
	sights := [][2]string{{"lists", "/imports"}, {"new", "/imports/new"}, {"columns", fresh + "/columns"}, {"bijoy", bijoy + "/columns"}, {"checking", checking}, {"checked", checked}, {"wrong", checked + "/rows?state=wrong"},
		{"double", checked + "/rows?state=double"}, {"anyway", checked + "/rows?state=anyway"}, {"undone", undone}, {"clash", undone + "/rows?state=clash"}, {"undo", undone + "/undo"}}
	for _, lang := range words.Languages() {
		r.speak(t, "chandra", lang)
		for _, width := range []int{360, 1280} {
			p := browsertest.Open(t, browsertest.Options{Width: width, Height: 800, Scripts: true, Lang: string(lang)})
			p.Go(site.URL + "/sign-in")
			p.Cookie(p.URL(), "fera-session", r.key(t, "chandra"))
			for _, sight := range sights {
				p.Go(site.URL + sight[1])
				judge(t, p, fmt.Sprintf("import-%s-%s-%d", sight[0], lang, width))
			}
			p.Go(site.URL + bijoy + "/columns")
			p.Click(words.In(lang).T("import.check"))
			p.See(words.In(lang).T("import.consent_needed"))
			judge(t, p, fmt.Sprintf("import-refused-%s-%d", lang, width))
		}
	}
	// With scripts the page moves on by itself.
	p := browsertest.Open(t, browsertest.Options{Width: 360, Height: 740, Scripts: true})
	p.Go(site.URL + "/sign-in")
	p.Cookie(p.URL(), "fera-session", r.key(t, "chandra"))
	p.Go(site.URL + checking)
	r.work(t)
	p.See(words.In(words.English).T("import.preview"))
}
