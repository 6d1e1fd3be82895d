// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/ids"
	"fera/internal/offices"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// registered is a woman with a telephone of her own and her husband's.
func registered(t *testing.T, s *site, by string) (page string) {
	t.Helper()
	dbtest.Write(t, s.d, func(tx *db.Tx) error {
		who := terminal()
		who.ID, who.Office, who.Organisation = by, s.office, s.org
		r := worldtest.Rahima()
		r.Contacts = append(r.Contacts, persons.Contact{Kind: "phone", Number: "01812345678", Owner: "husband", Safety: "unsafe"})
		id, err := persons.Register(t.Context(), tx, who, r)
		page = "/persons/" + string(id)
		return err
	})
	return page
}

// The desk notes the husband's call, which confirms nothing, and is refused a call to his telephone.
func TestTheHusbandCalls(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		amina := s.add(t, "amina", "caseworker o:"+s.office)
		b := s.signIn(t, "amina")
		page := registered(t, s, amina.ID)
		seen := b.get(page + "/calls")
		if seen.status != http.StatusOK || !strings.Contains(seen.body, "She said that this contact is not safe.") {
			t.Fatalf("the calls of a person: %d\n%s", seen.status, seen.body)
		}
		if got := b.post(page+"/code-word", url.Values{"word": {"kodomphul"}}); got.status != http.StatusSeeOther {
			t.Fatalf("a word: %d %s", got.status, got.body)
		}
		for _, path := range []string{page, page + "/calls", "/calls", "/persons"} {
			if strings.Contains(b.get(path).body, "kodomphul") {
				t.Errorf("%s shows the word", path)
			}
		}
		got := b.post(page+"/calls/in", url.Values{"other": {"husband"}, "word": {"kodomphul"}, "about": {"asks where she is"}})
		if got.status != http.StatusOK || !strings.Contains(got.body, "This is not she.") || strings.Contains(got.body, "Rahima") {
			t.Errorf("the husband's call: %d\n%s\n%s", got.status, got.text(), s.log)
		}
		his := regexp.MustCompile(`hours/([0-9a-f-]{36})`).FindAllStringSubmatch(seen.body, -1)
		refusals := 0
		for _, m := range his {
			got := b.post(page+"/calls/new", url.Values{"contact": {m[1]}, "way": {"sms"}, "other": {"nobody"}, "outcome": {"message_left"}, "about": {"a secret line"}})
			if got.status == http.StatusOK && strings.Contains(got.body, "it must not be made") {
				refusals++
			}
		}
		if refusals != 2 {
			t.Errorf("%d of two messages were refused: her telephone takes calls only, his nothing", refusals)
		}
		if body := b.get(page + "/calls").body; !strings.Contains(body, "asks where she is") || strings.Contains(body, "a secret line") {
			t.Error("the list of calls has not the husband's, or has what was refused")
		}
	})
}

// Whoever practises sees it on every page; what she makes is found by nobody else, on no page of any room; and she leaves as she came.
func TestPracticeIsOnEveryPageAndNowhereElse(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.add(t, "amina", "supervisor g:"+s.org)
		s.add(t, "everyone", everyRole()...)
		dbtest.Write(t, s.d, func(tx *db.Tx) error {
			_, err := offices.Add(t.Context(), tx, terminal(), offices.Opening{Organisation: s.org, NameEn: "Practice", Kind: offices.Training, Place: "3026"})
			return err
		})
		b, other := s.signIn(t, "amina"), s.signIn(t, "everyone")
		const banner = "Everybody here is made up."
		if strings.Contains(b.get("/").body, banner) {
			t.Fatal("the banner is there before practice begins")
		}
		if got := b.post("/practice/begin", nil); got.status != http.StatusSeeOther {
			t.Fatalf("begin: %d %s", got.status, got.body)
		}
		got := b.post("/practice/stories", url.Values{"story": {"careful_phone"}})
		page := got.header.Get("Location")
		if got.status != http.StatusSeeOther || !ids.IsApart(strings.TrimPrefix(page, "/persons/")) {
			t.Fatalf("a story: %d to %q\n%s", got.status, page, got.body)
		}
		for _, path := range []string{"/", "/persons", page, page + "/calls", page + "/print", page + "/history", "/practice", "/calls", "/guidance", "/no-such-page"} {
			if body := b.get(path).body; !strings.Contains(body, banner) {
				t.Errorf("%s does not say that all is made up", path)
			}
		}
		id := strings.TrimPrefix(page, "/persons/")
		for _, path := range []string{"/", "/persons", "/persons?q=Onushilon", "/persons?q=01300000002", "/cases", "/day", "/board", "/calls", "/alerts", "/pairs", "/users", "/offices", "/imports", page, page + "/calls"} {
			seen := other.get(path)
			typed := strings.HasPrefix(path, page) // the page that nothing is there repeats its own address
			if !typed && strings.Contains(seen.body, id) || strings.Contains(seen.body, "অনুশীলন সালমা") || strings.Contains(seen.body, "Onushilon Salma") {
				t.Errorf("%s shows what is made up to somebody who does not practise", path)
			}
			if typed && seen.status != http.StatusNotFound {
				t.Errorf("%s: %d, want not found", path, seen.status)
			}
		}
		if got := b.post("/practice/empty", nil); got.status != http.StatusSeeOther {
			t.Errorf("empty: %d %s", got.status, got.body)
		}
		if strings.Contains(b.get("/persons").body, id) {
			t.Error("somebody is left after emptying")
		}
		b.post("/practice/end", nil)
		if strings.Contains(b.get("/").body, banner) {
			t.Error("the banner stays after practice")
		}
		if got := b.post("/sign-out", nil); got.status != http.StatusSeeOther {
			t.Errorf("sign out: %d", got.status)
		}
	})
}
