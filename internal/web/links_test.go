// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/browsertest"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/links"
	"fera/internal/persons"
	"fera/internal/words"
)

// typedRahima is what a clerk types of a woman, with the answers that are needed.
func typedRahima() url.Values {
	return url.Values{"name_bn": {"রহিমা খাতুন"}, "name_latin": {"Rahima Khatun"}, "sex": {"female"}, "birth": {"1991-04-12"}, "home": {"305670"}, "home_text": {"Saturia"}, "home_was": {"Saturia"},
		"village": {"Purbapara"}, "contacts.0.number": {"01712345678"}, "consent_register": {"yes"}, "consent_contact": {"yes"}}
}

// neighbours registers people who make Rahima's values rare.
func (r *room) neighbours(t *testing.T, login string) {
	t.Helper()
	given, family := []string{"Jamal", "Nasrin", "Bilkis", "Habibur", "Sultana", "Monir", "Parvin", "Tareq"}, []string{"Mia", "Sarkar", "Talukdar", "Biswas", "Mollah"}
	for i := range 40 {
		dbtest.Write(t, r.d, func(tx *db.Tx) error {
			_, err := persons.Register(t.Context(), tx, r.users[login], persons.Registration{
				Values:   map[persons.Field]string{persons.NameLatin: given[i%8] + " " + family[i%5], persons.SexField: "male", persons.Birth: fmt.Sprintf("%d-%02d-%02d", 1960+i, 1+i%12, 1+i%27), persons.Home: "305628"},
				Contacts: []persons.Contact{{Number: fmt.Sprintf("018%08d", 1234567+i*7919)}}, Consents: []persons.Consent{{Purpose: persons.PurposeRegister, Given: true}}})
			return err
		})
	}
}

// link does what a server does in the background.
func (r *room) link(t *testing.T) {
	t.Helper()
	if _, err := audit.Seal(t.Context(), r.d); err != nil {
		t.Fatal(err)
	}
	if _, err := links.NewFinder(r.d).Round(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A clerk who registers somebody known is shown her before anything is saved, and
// says whether it is she: without scripts.
func TestRegisteringSomebodyKnown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		r.neighbours(t, "amina")
		en := words.In(words.English)
		first := r.send(t, "amina", "/persons/new", "/persons", typedRahima())
		if first.status != http.StatusSeeOther {
			t.Fatalf("nobody is like her, and she is not registered: %d %s", first.status, first.body)
		}
		known := strings.TrimPrefix(first.header.Get("Location"), "/persons/")

		asked := r.send(t, "amina", "/persons/new", "/persons", typedRahima())
		if asked.status != http.StatusOK {
			t.Fatalf("somebody known: %d to %s, want to be asked", asked.status, asked.header.Get("Location"))
		}
		wantIn(t, asked.body, "/persons/"+known, en.T("link.same_one"), en.T("link.different_all"))
		form := formOf(t, asked.body, "/persons")
		form.Del("same")
		form.Set("different", "yes")
		form.Del("different_reason")
		without := r.post(t, "amina", "/persons", form)
		if without.status != http.StatusOK {
			t.Errorf("different without a reason: %d, want to be asked why", without.status)
		}
		wantIn(t, without.body, en.T("link.reason_needed"))

		form.Del("different")
		form.Set("same", known)
		same := r.post(t, "amina", "/persons", form)
		if same.status != http.StatusSeeOther {
			t.Fatalf("the same: %d %s", same.status, same.body)
		}
		if p := r.find(t, "amina", persons.ID(known)); len(p.Recorded) != 2 {
			t.Errorf("her record is made of %d registrations, want 2", len(p.Recorded))
		}
		if again := r.post(t, "amina", "/persons", form); again.header.Get("Location") != same.header.Get("Location") {
			t.Errorf("sent twice: %s and %s", same.header.Get("Location"), again.header.Get("Location"))
		}

		form = formOf(t, r.send(t, "amina", "/persons/new", "/persons", typedRahima()).body, "/persons")
		form.Del("same")
		form.Set("different", "yes")
		form.Set("different_reason", "her cousin, I know both")
		if different := r.post(t, "amina", "/persons", form); different.status != http.StatusSeeOther || strings.HasSuffix(different.header.Get("Location"), known) {
			t.Errorf("another person: %d to %s", different.status, different.header.Get("Location"))
		}

		// Who may not see her is shown nothing.
		if other := r.send(t, "basil", "/persons/new", "/persons", typedRahima()); other.status != http.StatusSeeOther {
			t.Errorf("Basil is asked: %d %s", other.status, other.body)
		}
		beside := r.post(t, "amina", "/persons/likely", typedRahima())
		wantIn(t, beside.body, "/persons/"+string(r.find(t, "amina", persons.ID(known)).ID))
		if beside = r.post(t, "farid", "/persons/likely", typedRahima()); beside.status != http.StatusNotFound {
			t.Errorf("an administrator is told %d %s", beside.status, beside.body)
		}
	})
}

// A supervisor judges the pairs of her organisation, merges and takes apart.
func TestTheReviewDesk(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		r.neighbours(t, "amina")
		one, other := r.rahima(t), r.rahima(t)
		r.link(t)
		en := words.In(words.English)
		list := r.page(t, "chandra", "/pairs")
		path := linksIn(t, list)
		page := r.page(t, "chandra", path)
		wantIn(t, page, en.T("link.why"), en.T("match.name.equal"), en.T("link.answer.household"))
		form := formOf(t, page, path)
		form.Set("answer", "household")
		form.Set("reason", "two sisters")
		if done := r.post(t, "chandra", path, form); done.status != http.StatusSeeOther {
			t.Fatalf("answered: %d %s", done.status, done.body)
		}
		wantIn(t, r.page(t, "chandra", "/pairs"), en.T("link.none"))
		wantIn(t, r.page(t, "chandra", path), "Chandra: "+en.T("link.answer.household"))
		for _, login := range []string{"amina", "basil", "farid"} {
			if got := r.get(t, login, path); got.status != http.StatusNotFound {
				t.Errorf("%s is shown the pair: %d", login, got.status)
			}
		}
		found := r.page(t, "chandra", "/persons/"+string(one)+"/merge?q=Rahima")
		wantIn(t, found, path)

		dbtest.Write(t, d, func(tx *db.Tx) error {
			who := r.users["chandra"]
			_, err := persons.Merge(t.Context(), tx, who, persons.Merging{One: one, Other: other, Reason: "the same after all"})
			return err
		})
		top := string(r.find(t, "chandra", one).ID)
		apart := linksTo(t, r.page(t, "chandra", "/persons/"+string(other)+"/merge"), "/apart?")
		form = formOf(t, r.page(t, "chandra", apart), "/persons/"+top+"/apart")
		if refused := r.post(t, "chandra", "/persons/"+top+"/apart", form); refused.status != http.StatusUnprocessableEntity {
			t.Errorf("taken apart without a reason: %d", refused.status)
		}
		form.Set("reason", "two cards after all")
		if done := r.post(t, "chandra", "/persons/"+top+"/apart", form); done.status != http.StatusSeeOther {
			t.Errorf("taken apart: %d %s", done.status, done.body)
		}
		if p := r.find(t, "chandra", other); p.ID != other || len(p.Recorded) != 1 {
			t.Errorf("still one: %+v", p.Card)
		}
	})
}

// A paper's number on the form finds whom it belongs to, while the form is filled in
// and when it is sent; who may not see her is told only that the network knows her,
// once, and may register her all the same. It is never needed.
func TestAPaperOnTheForm(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		r.neighbours(t, "amina")
		en := words.In(words.English)
		typed := typedRahima()
		typed.Set("identifiers.0.kind", "nid")
		typed.Set("identifiers.0.number", "১২৩ ৪৫৬ ৭৮৯০")
		first := r.send(t, "amina", "/persons/new", "/persons", typed)
		if first.status != http.StatusSeeOther {
			t.Fatalf("registered with a paper: %d %s", first.status, first.body)
		}
		known := persons.ID(strings.TrimPrefix(first.header.Get("Location"), "/persons/"))
		if p := r.find(t, "amina", known); len(p.Identifiers) != 1 || p.Identifiers[0].Kind != "nid" || p.Identifiers[0].Last != "890" && p.Identifiers[0].Last != "7890" {
			t.Errorf("papers: %+v", p.Identifiers)
		}

		other := typedRahima()
		other.Set("name_bn", "")
		other.Set("name_latin", "Rohima Khatoon")
		other.Set("contacts.0.number", "")
		other.Set("identifiers.0.kind", "nid")
		other.Set("identifiers.0.number", "1234567890")
		wantIn(t, r.post(t, "amina", "/persons/likely", other).body, "/persons/"+string(known), en.T("match.smart_nid.equal"))
		other.Set("identifiers.0.kind", "library")
		if wrong := r.send(t, "amina", "/persons/new", "/persons", other); wrong.status != http.StatusUnprocessableEntity || !strings.Contains(wrong.body, `href="#identifiers.0.kind"`) {
			t.Errorf("a paper that is none: %d, want the field marked", wrong.status)
		}

		asked := r.send(t, "basil", "/persons/new", "/persons", typed)
		if asked.status != http.StatusOK || strings.Contains(asked.body, string(known)) {
			t.Fatalf("Basil is told %d %s", asked.status, asked.body)
		}
		wantIn(t, asked.body, html.EscapeString(en.T("link.in_network")))
		saved := r.post(t, "basil", "/persons", formOf(t, asked.body, "/persons"))
		if saved.status != http.StatusSeeOther {
			t.Fatalf("registered all the same: %d %s", saved.status, saved.body)
		}
		r.link(t)
		if err := d.Read(t.Context(), func(q db.Reader) error {
			page, err := links.Waiting(t.Context(), q, access.System(access.Permissions()...), links.Desk{Limit: 5})
			if len(page.Pairs) != 1 {
				t.Errorf("%d pairs at the desk, want the two records of hers", len(page.Pairs))
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		typed.Set("identifiers.0.number", "")
		if got := r.send(t, "basil", "/persons/new", "/persons", typed); strings.Contains(got.body, html.EscapeString(en.T("link.in_network"))) {
			t.Error("without a paper somebody is told that the network knows her")
		}
	})
}

// The desk shows a page at a time, and what was chosen stays chosen while pairs are judged.
func TestTheDeskIsGoneThroughInPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		r.neighbours(t, "amina")
		for range 8 {
			r.rahima(t)
		}
		r.link(t)
		en := words.In(words.English)
		seen := map[string]bool{}
		next, pages := "/pairs", 0
		for ; next != "" && pages < 10; pages++ {
			page := r.page(t, "chandra", next)
			for _, part := range strings.Split(page, `href="/pairs/`)[1:] {
				path, _, _ := strings.Cut(part, `"`)
				path, _, _ = strings.Cut(path, "?")
				if seen[path] {
					t.Errorf("%s comes twice", path)
				}
				seen[path] = true
			}
			_, after, more := strings.Cut(page, `rel="next" href="`)
			next, _, _ = strings.Cut(after, `"`)
			if next = strings.ReplaceAll(next, "&amp;", "&"); !more {
				next = ""
			}
		}
		if len(seen) != 28 || pages != 2 {
			t.Errorf("%d pairs on %d pages, want the 28 of eight on two", len(seen), pages)
		}
		chosen := "/pairs?doubt=sex"
		wantIn(t, r.page(t, "chandra", chosen), en.T("link.none_such"), `href="/pairs"`)
		chosen = "/pairs?doubt=none"
		path := linksIn(t, r.page(t, "chandra", chosen))
		form := formOf(t, r.page(t, "chandra", path), path)
		form.Set("answer", "unsure")
		if done := r.post(t, "chandra", path, form); done.status != http.StatusSeeOther || done.header.Get("Location") != chosen {
			t.Errorf("answered: %d to %s, want back to %s", done.status, done.header.Get("Location"), chosen)
		}
		if got := r.get(t, "chandra", "/pairs?after=x"); got.status != http.StatusUnprocessableEntity {
			t.Errorf("a page that is none: %d", got.status)
		}
	})
}

func linksIn(t *testing.T, page string) string { t.Helper(); return linksTo(t, page, "/pairs/") }

// linksTo is the first address on a page that holds a text.
func linksTo(t *testing.T, page, text string) string {
	t.Helper()
	for _, part := range strings.Split(page, `href="`)[1:] {
		if href, _, _ := strings.Cut(part, `"`); strings.Contains(href, text) {
			return strings.ReplaceAll(href, "&amp;", "&")
		}
	}
	t.Fatalf("no link with %q on the page", text)
	return ""
}

// The pages of the desk suit everybody: at both widths, in both languages.
func TestLinkPagesToEverybody(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	r := openRoom(t, d)
	r.neighbours(t, "amina")
	one := r.rahima(t)
	r.rahima(t)
	r.link(t)
	path := linksIn(t, r.page(t, "chandra", "/pairs"))
	third := r.rahima(t)
	pair := merged(t, r, one, third)
	site := httptest.NewServer(r.pages)
	t.Cleanup(site.Close)
	for _, lang := range words.Languages() {
		for _, login := range []string{"amina", "chandra"} {
			r.speak(t, login, lang)
		}
		for _, width := range []int{360, 1280} {
			p := browsertest.Open(t, browsertest.Options{Width: width, Height: 800, Scripts: true, Lang: string(lang)})
			as := func(login string) {
				p.Go(site.URL + "/sign-in")
				p.Cookie(p.URL(), "fera-session", r.key(t, login))
			}
			as("chandra")
			for name, at := range map[string]string{"pairs": "/pairs", "pair": path, "merge": "/persons/" + string(one) + "/merge?q=Rahima", "apart": "/persons/" + string(one) + "/apart?" + pair} {
				p.Go(site.URL + at)
				judge(t, p, fmt.Sprintf("link-%s-%s-%d", name, lang, width))
			}
			as("amina")
			p.Go(site.URL + "/persons/new")
			p.Eval(`for (const [name, value] of Object.entries({name_bn: "রহিমা খাতুন", name_latin: "Rahima Khatun", birth: "1991-04-12", "contacts.0.number": "01712345678"})) {
				const box = document.querySelector('[name="' + name + '"]'); box.value = value; box.dispatchEvent(new Event("input", {bubbles: true})); }`, nil)
			p.See(words.In(lang).T("link.different_all"))
			judge(t, p, fmt.Sprintf("link-likely-%s-%d", lang, width))
		}
	}
}

// merged merges two records and returns the query that takes them apart.
func merged(t *testing.T, r *room, one, other persons.ID) string {
	t.Helper()
	q := url.Values{}
	dbtest.Write(t, r.d, func(tx *db.Tx) error {
		p, err := persons.Merge(t.Context(), tx, r.users["chandra"], persons.Merging{One: one, Other: other, Reason: "the same"})
		q = url.Values{"one": {p.One}, "other": {p.Other}}
		return err
	})
	return q.Encode()
}
