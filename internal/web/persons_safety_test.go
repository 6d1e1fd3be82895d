// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/names"
	"fera/internal/persons"
	"fera/internal/web/kit"
	"fera/internal/words"
)

// What is protected is on no page until it is opened, and on none at all for who may not open it.
func TestProtectedDataLeakNowhere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		id := r.rahima(t)
		r.complete(t, id)
		base := "/persons/" + string(id)
		pages := herPages(id, r.find(t, "amina", id))
		canaries := []string{"canary-ethnicity", "canary-account"}
		for _, login := range []string{"amina", "chandra", "esha", "basil", "dipu", "farid"} {
			for _, path := range pages {
				wantNotIn(t, path+" as "+login, r.get(t, login, path).body, canaries...)
			}
		}
		marks := []string{"Private part", "Six questions about", "canary", "a lot of difficulty"}
		for _, path := range []string{base, base + "/history", "/persons"} {
			wantNotIn(t, path+" as the supervisor", r.page(t, "chandra", path), marks...)
		}
		for _, login := range []string{"chandra", "esha", "basil", "dipu"} {
			if a := r.post(t, login, base+"/look", nil); a.status != http.StatusForbidden && a.status != http.StatusNotFound {
				t.Errorf("%s looks: %d", login, a.status)
			} else {
				wantNotIn(t, "the refusal", a.body, canaries...)
			}
		}
		opened := r.post(t, "amina", base+"/look", nil)
		wantIn(t, opened.body, append(canaries, "data-protected", "data-exit", "Yes, a lot of difficulty")...)
		wantIn(t, r.page(t, "chandra", base+"/looks"), "Amina", "opened the private part")
		for _, what := range []string{"summary", "card"} {
			wantNotIn(t, "the "+what, r.post(t, "amina", base+"/print", url.Values{"what": {what}}).body, append(canaries, "a lot of difficulty", "confined", "kept inside")...)
		}
		wantNotIn(t, "the log", r.log.String(), "canary", "Rahima", "রহিমা", "01712345678", string(id))
	})
}

// Her husband picks up the phone: titles, addresses, file names and the printed card tell him nothing.
func TestHusbandWithHerPhone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		id := r.rahima(t)
		r.complete(t, id)
		base := "/persons/" + string(id)
		telling := []string{"Rahima", "রহিমা", "abuse", "নির্যাতন", "traffick", "পাচার", "survivor", "সারভাইভার", "victim", "violence", "Shetu", "সেতু"}
		for _, lang := range words.Languages() {
			r.speak(t, "amina", lang)
			for _, path := range herPages(id, r.find(t, "amina", id)) {
				a := r.get(t, "amina", path)
				wantNotIn(t, "the title of "+path, titleOf(a.body), telling...)
				for _, part := range strings.Split(a.body, `href="`)[1:] {
					address, _, _ := strings.Cut(part, `"`)
					address, err := url.QueryUnescape(address)
					if err != nil {
						t.Fatal(err)
					}
					wantNotIn(t, "an address on "+path, address, telling...)
				}
			}
			card := r.post(t, "amina", base+"/print", url.Values{"what": {"card"}})
			_, front, _ := strings.Cut(card.body, "<main")
			front, _, _ = strings.Cut(front, "</main>")
			wantNotIn(t, "the card", front, append(telling, "Saturia", "সাটুরিয়া", "1991", "১৯৯১", "Amina", "0171")...)
			wantIn(t, front, "code.png", string(id))
		}
		if a := r.get(t, "amina", base+"/code.png"); a.status != 200 || a.header.Get("Content-Type") != "image/png" {
			t.Errorf("the code: %d", a.status)
		}
		if a := r.get(t, "amina", "/persons?q="+string(id)); a.header.Get("Location") != base {
			t.Errorf("the code typed into the search leads to %q, want her record", a.header.Get("Location"))
		}
	})
}

func TestRevealShowsOneNumber(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		id := r.rahima(t)
		base := "/persons/" + string(id)
		contact := r.find(t, "amina", id).Contacts[0].ID
		a := r.post(t, "amina", base+"/reveal", url.Values{"row": {"contact"}, "id": {contact}})
		wantIn(t, a.body, "1712345678", "Careful: only call")
		wantNotIn(t, "the record", r.page(t, "amina", base), "1712345678")
		wantIn(t, r.page(t, "amina", base+"/looks"), "saw a number in full")
		for login, want := range map[string]int{"basil": http.StatusNotFound, "esha": http.StatusNotFound} {
			if a := r.post(t, login, base+"/reveal", url.Values{"row": {"contact"}, "id": {contact}}); a.status != want {
				t.Errorf("%s reveals: %d, want %d", login, a.status, want)
			}
		}
	})
}

// Who breaks the glass says why; the supervisor and the data-protection officer learn of it at once and review it.
func TestBreakGlassTells(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		id := r.rahima(t)
		r.complete(t, id)
		base := "/persons/" + string(id)
		dbtest.Write(t, d, func(tx *db.Tx) error {
			return persons.Assign(t.Context(), tx, r.users["chandra"], persons.Assignment{Person: id, User: r.users["amina"].ID, On: false})
		})
		wantNotIn(t, "the record", r.page(t, "amina", base), "Private part")
		if a := r.send(t, "amina", base+"/glass", base+"/glass", url.Values{"reason": {"x"}}); a.status != http.StatusUnprocessableEntity {
			t.Errorf("without a reason: %d", a.status)
		}
		if a := r.send(t, "amina", base+"/glass", base+"/glass", url.Values{"reason": {"She is at the desk and needs a shelter tonight"}}); a.status != http.StatusSeeOther {
			t.Fatalf("break: %d %s", a.status, problemsIn(a.body))
		}
		wantIn(t, r.post(t, "amina", base+"/look", nil).body, "canary-account")
		for _, login := range []string{"chandra", "esha"} {
			if err := d.Read(t.Context(), func(q db.Reader) error {
				told, err := accounts.Notices(t.Context(), q, r.users[login], 10)
				found := false
				for _, n := range told {
					found = found || n.Key == "notice.glass_broken" && n.Subject == "person:"+string(id)
				}
				if !found {
					t.Errorf("%s was not told: %+v", login, told)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		page := r.page(t, "chandra", "/glass")
		wantIn(t, page, "needs a shelter tonight", "Amina")
		form := formOf(t, page, "/glass")
		field := "finding_" + form.Get("opening")
		if a := r.post(t, "chandra", "/glass", form); a.status != http.StatusUnprocessableEntity {
			t.Errorf("without a finding: %d", a.status)
		}
		form.Set(field, "It was right")
		if a := r.post(t, "chandra", "/glass", form); a.status != http.StatusSeeOther {
			t.Errorf("review: %d %s", a.status, problemsIn(a.body))
		}
		wantIn(t, r.page(t, "esha", "/glass"), "It was right")
		if a := r.get(t, "amina", "/glass"); a.status != http.StatusNotFound {
			t.Errorf("who may not review sees the list: %d", a.status)
		}
	})
}

// hostileTexts are texts that break programs.
func hostileTexts() []string {
	return []string{
		"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "'; DROP TABLE persons; --", "{{.}} ${7*7} <%= 1 %>", "a\x00b", "\x01\x02\x1b[31m", "\xff\xfe\xc3\x28",
		"\u202eevil\u202c", "\u200b\u200d\ufeff", "Z\u0351\u036b\u0343\u036a\u0342\u036b\u033d\u034f\u0334\u0319\u0324\u031e\u0349\u035a\u032f\u031e\u0320\u034dA\u036b\u0357\u0334", "👩‍👧‍👦🇧🇩",
		strings.Repeat("ক", 100_000), strings.Repeat("x", 900_000), "Avgvi †mvbvi evsjv", "../../etc/passwd", "%00%0a", "=cmd|' /C calc'!A0", "NaN", "-1", "1e308", "99999999999999999999",
		"২৯/০২/২০২৩", "0000-00-00", "\r\nSet-Cookie: x=1", "O'Brien & Söhne", "ক্ষ্ম্য়",
	}
}

// Whatever is typed into whichever field, the answer is a clear refusal or the text, faithfully.
func TestHostileTexts(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	r := openRoom(t, d)
	id := r.rahima(t)
	base := "/persons/" + string(id)
	consent := url.Values{"consent_register": {"yes"}, "name_latin": {"Someone"}}
	for _, f := range []struct {
		page, action string
		base         url.Values
	}{
		{"/persons/new", "/persons", consent},
		{base + "/change", base + "/change", nil},
		{base + "/values?field=birth", base + "/values", nil},
		{base + "/journeys/new", base + "/journeys", url.Values{"country": {"SA"}, "country_text": {"Saudi Arabia"}, "country_was": {"Saudi Arabia"}}},
		{base + "/family/new", base + "/family", url.Values{"relation": {"son"}, "name": {"Rakib"}}},
		{base + "/papers/new", base + "/papers", url.Values{"kind": {"passport"}, "number": {"AB1234567"}}},
		{base + "/contacts/new", base + "/contacts", url.Values{"number": {"01712345678"}}},
		{base + "/consents/contact", base + "/consents/contact", url.Values{"consent_contact": {"yes"}}},
		{base + "/functioning", base + "/functioning", nil},
		{base + "/erase", base + "/erase", nil},
		{base + "/end?row=contact&id=" + r.find(t, "amina", id).Contacts[0].ID, base + "/end", nil},
		{base + "/glass", base + "/glass", nil},
		{base + "/assign", base + "/assign", nil},
	} {
		login := "amina"
		for who, path := range map[string]string{"esha": base + "/erase", "chandra": base + "/assign"} {
			if f.page == path {
				login = who
			}
		}
		got := r.get(t, login, f.page)
		if got.status != 200 {
			t.Fatalf("GET %s: %d", f.page, got.status)
		}
		form := formOf(t, got.body, f.action)
		for name, values := range f.base {
			form[name] = values
		}
		for name := range form {
			for _, text := range hostileTexts() {
				sent := cloned(formOf(t, got.body, f.action))
				for name, values := range f.base {
					sent[name] = values
				}
				if sent.Has("version") {
					sent = freshVersion(t, r, login, f.page, f.action, sent)
				}
				if sent.Has("operation") {
					sent.Set("operation", name+text[:min(8, len(text))])
				}
				sent.Set(name, text)
				a := r.post(t, login, f.action, sent)
				if a.status >= 500 {
					t.Fatalf("%s = %.20q: %d", name, text, a.status)
				}
				faithful(t, f.action, name, text, a)
			}
		}
	}
	for _, text := range hostileTexts() {
		for _, path := range []string{"/persons?q=", "/persons?place_text=", "/persons?after=", base + "/history?before=", base + "/values?field=", "/places.html?q=", "/occupations.html?q=", "/countries.html?q="} {
			if len(text) < 10_000 {
				r.get(t, "amina", path+url.QueryEscape(text))
			}
		}
	}
}

func freshVersion(t *testing.T, r *room, login, page, action string, sent url.Values) url.Values {
	t.Helper()
	sent.Set("version", formOf(t, r.page(t, login, page), action).Get("version"))
	return sent
}

// faithful reports whether a refused form still shows what was typed, where it can be shown.
func faithful(t *testing.T, action, name, text string, a answer) {
	t.Helper()
	if a.status != http.StatusUnprocessableEntity || strings.HasSuffix(name, "_was") || !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\x01\x1b\r\ufeff\u200b") {
		return
	}
	again := formOf(t, a.body, action)
	if again.Has(name) && again.Get(name) != text && names.Clean(again.Get(name)) != names.Clean(text) && !strings.Contains(a.body, `id="`+name+`" type="radio"`) {
		if len(text) > 1000 {
			text = text[:20] + "…"
		}
		if values := again[name]; len(values) == 1 && len(values[0]) < 1000 && isChoice(a.body, name) {
			return // a choice cannot show what is none of its answers
		}
		t.Errorf("%s: the refused form lost %s = %q, has %.40q", action, name, text, again.Get(name))
	}
}

// isChoice reports whether a field of a page is answered by choosing, or is not shown at all.
func isChoice(page, name string) bool {
	for _, part := range strings.Split(page, "<")[1:] {
		tag, _, _ := strings.Cut(part, ">")
		if strings.Contains(tag, `name="`+name+`"`) && (strings.HasPrefix(tag, "select") || strings.Contains(tag, `type="radio"`) || strings.Contains(tag, `type="checkbox"`) || strings.Contains(tag, `type="hidden"`)) {
			return true
		}
	}
	return false
}

// A list says how many there are, goes on where it stopped, and teaches when it is empty.
func TestListPages(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	r := openRoom(t, d)
	wantIn(t, r.page(t, "amina", "/persons"), "Nobody is registered here yet", "Register a person")
	for range 60 {
		r.rahima(t)
	}
	page := r.page(t, "amina", "/persons")
	wantIn(t, page, "60 people", "rel=\"next\"")
	_, next, _ := strings.Cut(page, `rel="next" href="`)
	next, _, _ = strings.Cut(next, `"`)
	second := r.page(t, "amina", strings.ReplaceAll(next, "&amp;", "&"))
	if n := strings.Count(second, "data-row"); n != 11 { // ten people and the table itself
		t.Errorf("the second page has %d marks of rows, want 11", n)
	}
	wantIn(t, r.page(t, "amina", "/persons?q=Rohima"), "50 best matches")
	wantIn(t, r.page(t, "amina", "/persons?q=Gulnahar"), "Nobody found")
	wantIn(t, r.page(t, "amina", "/persons?place=305670&place_text=S&place_was=S"), "from Saturia, Manikganj")
	if who := r.users["farid"]; who.Holds(access.ReadPersons) {
		t.Error("an administrator sees persons")
	}
	if a := r.get(t, "farid", "/persons"); a.status != http.StatusNotFound {
		t.Errorf("the administrator's list: %d, want none", a.status)
	}
	if got := kit.ReadTypeahead(url.Values{}, "place"); !got.Settled() {
		t.Error("nothing typed is settled")
	}
}
