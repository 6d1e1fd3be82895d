// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/web"
)

func TestTheFirstSignIn(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		b := s.browser(t)
		b.get("/users").leads("/sign-in")
		b.get("/sign-in").shows(200, "Sign in", "Begin here")
		b.get("/enrol").shows(200, "The first sign-in")
		b.post("/enrol", url.Values{"login": {"farid"}, "code": {"wrong"}}).shows(422, "The login or the code is not right")
		b.post("/enrol", url.Values{"login": {"farid"}, "code": {s.code}}).leads("/enrol/password")
		b.get("/enrol/password").shows(200, "Choose your password")
		b.post("/enrol/password", url.Values{"password": {rightPassword}, "again": {"another"}}).shows(422, "not the same")
		b.post("/enrol/password", url.Values{"password": {"short"}, "again": {"short"}}).shows(422, "at least 12 characters")
		b.post("/enrol/password", url.Values{"password": {rightPassword}, "again": {rightPassword}}).leads("/enrol/factor")
		secret := strings.ReplaceAll(b.get("/enrol/factor").shows(200, "authenticator").find(`<code>([A-Z2-7 ]+)</code>`), " ", "")
		if got := b.get("/enrol/factor.png").shows(200); got.header.Get("Content-Type") != "image/png" || !strings.HasPrefix(got.body, "\x89PNG") {
			t.Errorf("the picture: %v", got.header)
		}
		b.post("/enrol/factor", url.Values{"code": {"000000"}}).shows(422, "not right", "authenticator")
		codes := b.post("/enrol/factor", url.Values{"code": {code(t, secret, s.clock.Now())}}).shows(200, "Recovery codes", "shown only now")
		recovery := codes.find(`<code>([0-9A-Z-]{19})</code>`)
		b.get("/").shows(200, "Good to see you, Farid Ahmed", "Head office")
		b.get("/users").shows(200, "Farid Ahmed")

		again := s.browser(t)
		again.get("/users").leads("/sign-in")
		again.post("/sign-in", url.Values{"login": {"farid"}, "password": {rightPassword}}).leads("/sign-in/code")
		again.post("/sign-in/code", url.Values{"code": {recovery}}).leads("/users")
	})
}

func TestAHalfDoneSignInOpensNothing(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.equip(t, s.farid.ID)
		b := s.browser(t)
		b.get("/sign-in/code").leads("/sign-in")
		b.get("/enrol/password").leads("/enrol")
		b.get("/enrol/factor").shows(403, "Start again")
		b.post("/sign-in", url.Values{"login": {"farid"}, "password": {rightPassword}}).leads("/sign-in/code")
		b.get("/").leads("/sign-in")
		b.get("/enrol/factor").shows(403, "Start again")
		b.post("/enrol/password", url.Values{"password": {"another good password"}, "again": {"another good password"}}).shows(403)
		s.clock.Move(11 * time.Minute)
		b.post("/sign-in/code", url.Values{"code": {code(t, seed, s.clock.Now())}}).shows(403, "took too long")
	})
}

func TestWhatWasTypedIsNotLost(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.equip(t, s.farid.ID)
		b := s.signIn(t, "farid")
		got := b.post("/users", url.Values{"login": {"A B"}, "name": {`Basil "the" <b>`}, "office": {s.office}, "language": {"en"}}).shows(422, "One thing needs correcting")
		for _, want := range []string{`value="A B"`, `value="Basil &#34;the&#34; &lt;b&gt;"`, `<option value="` + s.office + `" selected>`, `aria-invalid="true"`, `href="#login"`} {
			if !strings.Contains(got.body, want) {
				t.Errorf("the form lost %s", want)
			}
		}
		got = b.post("/sign-in", url.Values{"login": {"typed"}, "password": {"typed too"}}).shows(422, "not right")
		if !strings.Contains(got.body, `value="typed"`) || strings.Contains(got.body, "typed too") {
			t.Error("want the login drawn again, and the password not")
		}
		b.post("/users", url.Values{"name": {"a\x00b"}}).shows(422, "cannot be stored")
	})
}

func TestSigningOutEndsTheSession(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.equip(t, s.farid.ID)
		b := s.signIn(t, "farid")
		kept := *b.cookies["fera-session"]
		b.post("/sign-out", nil).leads("/sign-in")
		b.get("/sign-in").shows(200, "You are signed out.")
		if got := b.get("/sign-in"); strings.Contains(got.text(), "You are signed out.") {
			t.Error("what was done is said twice")
		}
		b.cookies["fera-session"] = &kept
		b.get("/account").leads("/sign-in")
	})
}

func TestOnesOwnAccount(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.add(t, "amina", "caseworker own")
		other, b := s.signIn(t, "amina"), s.signIn(t, "amina")
		page := b.get("/account").shows(200, "amina", "Caseworker", "Own caseload", "Head office", "This device")
		b.post(page.find(`action="(/account/sessions/[^"/]+/end)"`), nil).leads("/account")
		b.get("/account").shows(200, "That device is signed out.")
		other.get("/account").leads("/sign-in")
		other = s.signIn(t, "amina")
		b.post("/account/sessions/end", nil).leads("/account")
		other.get("/account").leads("/sign-in")

		b.post("/account/password", url.Values{"old": {"wrong"}, "password": {"notun lomba kotha"}, "again": {"notun lomba kotha"}}).shows(422, "This is not your password.")
		b.post("/account/password", url.Values{"old": {rightPassword}, "password": {"amina amina amina"}, "again": {"amina amina amina"}}).shows(422, "must not hold the login")
		b.post("/account/password", url.Values{"old": {rightPassword}, "password": {"notun lomba kotha"}, "again": {"notun lomba kotha"}}).leads("/account")
		b.get("/notices").shows(200, "Your password was changed.", "somebody gave you a role")
		b.post("/notices/read", nil).leads("/notices")
		if got := b.get("/notices"); strings.Contains(got.text(), "I have read them") {
			t.Error("notices stay unread")
		}
		b.post("/account/codes", url.Values{"old": {"wrong"}}).shows(422, "This is not your password.")
		b.post("/account/codes", url.Values{"old": {"notun lomba kotha"}}).shows(200, "Recovery codes")
		b.post("/account/factor", url.Values{"old": {"notun lomba kotha"}}).leads("/enrol/factor")
		b.get("/enrol/factor").shows(200, "authenticator")
	})
}

func TestAnAdministratorKeepsUsers(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.equip(t, s.farid.ID)
		b := s.signIn(t, "farid")
		b.get("/users/new").shows(200, "Add a user")
		page := b.post("/users", url.Values{"login": {"basil"}, "name": {"Basil"}, "office": {s.office}, "language": {"bn"}}).shows(200, "Give this code to basil")
		user := page.find(`href="(/users/[^"]+)"`)
		b.get(user).shows(200, "Basil", "Has not come yet", "No role yet")
		b.post(user+"/roles", url.Values{"role": {"caseworker"}, "scope": {"nowhere"}}).shows(422, "Choose where from the list.")
		b.post(user+"/roles", url.Values{"role": {"caseworker"}, "scope": {"own"}}).leads(user)
		b.get(user).shows(200, "The role is given.", "Caseworker", "Own caseload")
		b.post(user+"/roles", url.Values{"role": {"supervisor"}, "area_text": {"Saturia, Manikganj"}, "area_was": {"Saturia, Manikganj"}, "area": {"305670"}}).leads(user)
		b.get(user).shows(200, "Supervisor", "Saturia")
		b.post(user+"/roles/revoke", url.Values{"role": {"supervisor"}, "scope": {"a:305670"}}).leads(user)

		version := b.get(user+"/change").shows(200, "Change the user").find(`name="version" value="(\d+)"`)
		b.post(user+"/change", url.Values{"version": {version}, "name": {"Basil H"}, "office": {s.office}}).leads(user)
		b.post(user+"/change", url.Values{"version": {version}, "name": {"Basil X"}, "office": {s.office}}).shows(409, "Someone else changed this")
		version = b.get(user+"/disable").shows(200, "Disable the account of Basil H?").find(`name="version" value="(\d+)"`)
		b.post(user+"/disable", url.Values{"version": {version}}).leads(user)
		version = b.get(user).shows(200, "Disabled").find(`name="version" value="(\d+)"`)
		b.post(user+"/enable", url.Values{"version": {version}}).leads(user)
		b.get(user+"/reset").shows(200, "Take the password and second factor of Basil H away?")
		b.post(user+"/reset", nil).shows(200, "Give this code to basil")
		b.post(user+"/sessions/end", nil).leads(user)

		b.get(user+"/tokens/new").shows(200, "Make a key")
		token := url.Values{"name": {"airport"}, "permissions": {"person.read", "person.register"}, "ends": {"1/1/2031"}}
		text := b.post(user+"/tokens", token).shows(200, "Give this key").find(`<code class="secret">(fera_[^<]+)</code>`)
		if err := s.d.Read(t.Context(), func(q db.Reader) error { _, err := accounts.ByToken(t.Context(), q, text); return err }); err != nil {
			t.Errorf("the key does not work: %v", err)
		}
		revoke := b.get(user).shows(200, "airport", "Register a person", "1 January 2031").find(`action="(/tokens/[^"]+/revoke)"`)
		b.post(revoke, url.Values{"user": {user[len("/users/"):]}}).leads(user)
		token.Set("ends", "someday")
		b.post(user+"/tokens", token).shows(422, "Choose a day within a year.")

		b.get("/users?login=bas").shows(200, "Basil H", "1 user")
		b.get("/users?login=zzz").shows(200, "Nothing found")
		b.post("/users/"+s.farid.ID+"/roles", url.Values{"role": {"caseworker"}, "scope": {"own"}}).shows(403, "Nobody can do this to her own account")
	})
}

func TestAnAdministratorKeepsOffices(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.equip(t, s.farid.ID)
		b := s.signIn(t, "farid")
		b.post("/organisations", url.Values{"kind": {"government"}}).shows(422, "Write the name")
		b.post("/organisations", url.Values{"name_en": {"BMET"}, "kind": {"government"}}).leads("/offices")
		page := b.get("/offices").shows(200, "Saved.", "BMET", "Government", "No office yet.", "Head office")
		org := page.find(`(?s)BMET.*?href="/organisations/([^"]+)"`)
		office := url.Values{"organisation": {org}, "name_en": {"Sylhet DEMO"}, "kind": {"local_office"}, "place_text": {"Sylhet"}}
		b.post("/offices", office).shows(422, "Choose the place from the list.", "Which “Sylhet” is meant?")
		office["place"], office["place_was"] = []string{"6091"}, []string{"Sylhet"}
		b.post("/offices", office).leads("/offices")
		edit := b.get("/offices").shows(200, "Sylhet DEMO").find(`href="(/offices/[^"]+)"[^>]*>\s*Sylhet DEMO`)
		office["version"] = []string{b.get(edit).shows(200, "Change the office").find(`name="version" value="(\d+)"`)}
		office["closed"] = []string{"yes"}
		b.post(edit, office).leads("/offices")
		b.get("/offices").shows(200, "Closed since")
		b.post(edit, office).shows(409, "Someone else changed this")
		change := b.get("/organisations/"+org).shows(200, "Change the organisation")
		b.post("/organisations/"+org, url.Values{"version": {change.find(`name="version" value="(\d+)"`)}, "name_en": {"BMET"}, "name_bn": {"বিএমইটি"}, "kind": {"government"}}).leads("/offices")

		provider := url.Values{"organisation": {org}, "name": {"BMET mail"}, "issuer": {"http://example.org"}, "client_id": {"fera"}, "secret": {"s3cret"}}
		got := b.post("/providers", provider).shows(422, "begins with https")
		if strings.Contains(got.body, "s3cret") {
			t.Error("the secret was drawn again")
		}
		provider.Set("issuer", "https://example.org")
		b.post("/providers", provider).leads("/providers")
		s.browser(t).get("/sign-in").shows(200, "Go on with BMET mail")
		b.post(b.get("/providers").find(`action="(/providers/[^"]+/close)"`), nil).leads("/providers")
		b.get("/providers").shows(200, "Everyone signs in with a password")
	})
}

func TestTheTrailIsReadByThoseWhoMay(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.add(t, "esha", "data_protection_officer all")
		s.add(t, "local", "data_protection_officer o:"+s.office)
		s.equip(t, s.farid.ID)
		b := s.signIn(t, "farid")
		b.post("/users", url.Values{"login": {"basil"}, "name": {"Basil Secretname"}, "office": {s.office}, "language": {"bn"}}).shows(200)
		b.get("/trail").shows(404)
		got := s.signIn(t, "esha").get("/trail").shows(200, "Farid Ahmed", "Add users", "Signed in", "login, name, office")
		got.shows(200, "login")
		if strings.Contains(got.body, "Secretname") {
			t.Error("the trail shows what a field held")
		}
		s.signIn(t, "esha").get("/trail?act=user.add&actor="+s.farid.ID).shows(200, "Only what Farid Ahmed did.", "1 entry on this page")
		mine := s.signIn(t, "local").get("/trail").shows(200, "Farid Ahmed")
		if strings.Contains(mine.body, "actor=system") {
			t.Error("who may read one office's trail sees what the program did")
		}
		s.signIn(t, "esha").get("/roles").shows(200, "Caseworker", "Register a person", "own caseload")
	})
}

// Each page is in the language chosen, at once and at the next sign-in, and none lacks a text.
func TestEveryPageSpeaksBothLanguages(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.add(t, "everyone", everyRole()...)
		b := s.signIn(t, "everyone")
		for _, lang := range []string{"bn", "en"} {
			b.post("/language", url.Values{"lang": {lang}, "next": {"/account"}}).leads("/account")
			for _, rt := range web.Routes() {
				if !rt.Page || strings.Contains(rt.Path, "/persons/{id}") {
					continue
				}
				for _, id := range []string{s.farid.ID, s.office, s.org} {
					_, path := path(rt, id)
					got := b.get(path)
					if strings.Contains(got.body, "⟦") {
						t.Errorf("%s lacks a text: %s", path, got.find(`(⟦[^⟧]*⟧)`))
					}
					if public := strings.HasPrefix(path, "/help") || strings.HasPrefix(path, "/open") || strings.HasPrefix(path, "/r/") || strings.HasPrefix(path, "/wall/") || strings.HasPrefix(path, "/calendar/"); !public && got.header.Get("Location") == "" && strings.HasPrefix(got.header.Get("Content-Type"), "text/html") && strings.Contains(got.body, "<html") && !strings.Contains(got.body, `<html lang="`+lang+`"`) {
						t.Errorf("%s is not in %s", path, lang)
					}
				}
			}
		}
		b.post("/language", url.Values{"lang": {"bn"}, "next": {"//evil.example"}}).leads("/")
		if got := s.signIn(t, "everyone").get("/"); !strings.Contains(got.body, `<html lang="bn"`) {
			t.Error("the language chosen is not kept for the user")
		}
		stranger := s.browser(t)
		stranger.post("/language", url.Values{"lang": {"bn"}}).leads("/")
		stranger.get("/sign-in").shows(200, "প্রবেশ করুন")
	})
}

func TestFormsOfAnotherSiteAreRefused(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.equip(t, s.farid.ID)
		b := s.signIn(t, "farid")
		b.header.Set("Sec-Fetch-Site", "cross-site")
		b.post("/sign-out", nil).shows(403, "sent from another site")
		b.header.Del("Sec-Fetch-Site")
		b.header.Set("Origin", "https://evil.example")
		b.post("/sign-out", nil).shows(403, "sent from another site")
		b.header.Set("Origin", "http://example.com") // the host of the test's requests
		b.post("/sign-out", nil).leads("/sign-in")
	})
}

func TestTheSessionLivesWhileItIsUsed(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newSite(t, d, clock, web.Options{})
		s.equip(t, s.farid.ID)
		b := s.signIn(t, "farid")
		for range 3 {
			clock.Move(20 * time.Minute)
			b.get("/").shows(200)
		}
		clock.Move(31 * time.Minute)
		b.get("/").leads("/sign-in")
	})
}
