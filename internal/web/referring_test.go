// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/offices"
	"fera/internal/persons"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/words"
)

// referring is a case with two providers to refer to: Bandhan, which signs in here, and a clinic that does not.
type referring struct {
	file
	train, legal, health string // services
	place                string
}

func eachReferring(t *testing.T, fn func(t *testing.T, f referring)) {
	t.Helper()
	eachFile(t, func(t *testing.T, f file) { fn(t, openReferring(t, f)) })
}

func openReferring(t testing.TB, f file) referring {
	t.Helper()
	all := referring{file: f}
	basil := f.users["basil"]
	enter := func(b listing.Body) (id string) {
		dbtest.Write(t, f.d, func(tx *db.Tx) error {
			e, err := directory.Add(t.Context(), tx, terminal(), directory.Addition{Body: b})
			id = e.ID
			return err
		})
		return id
	}
	bandhan := enter(listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: "Bandhan Training", Bn: "বন্ধন প্রশিক্ষণ"}, Partner: basil.Organisation}})
	clinic := enter(listing.Body{Organisation: &listing.Organisation{Name: listing.Text{En: "Green Clinic", Bn: "সবুজ ক্লিনিক"}, Phones: []listing.Phone{{Number: "01911111111"}}}})
	all.place = enter(listing.Body{Location: &listing.Location{Organisation: bandhan, Name: listing.Text{En: "Training house"}, Kind: "physical", Place: "305670"}})
	serve := func(of, name, need string, change func(s *listing.Service)) string {
		s := &listing.Service{Organisation: of, Name: listing.Text{En: name}, State: listing.Active, Needs: []string{need}, Areas: []string{listing.Country}}
		if change != nil {
			change(s)
		}
		return enter(listing.Body{Service: s})
	}
	all.train = serve(bandhan, "Sewing course", "training", func(s *listing.Service) {
		s.At, s.Papers, s.Staff = []listing.Offer{{Location: all.place}}, []listing.Paper{{Code: "nid"}, {Code: "photograph"}}, "women"
		s.Hours = listing.Hours{Weekly: []listing.Span{{Days: []string{"SU", "MO", "TU", "WE", "TH"}, Opens: "09:00", Closes: "17:00"}}}
	})
	all.health = serve(clinic, "Consultation", "health", nil)
	serve(clinic, "Only for men", "training", func(s *listing.Service) { s.For.Sex = "male" })
	all.legal = serve(clinic, "Room in a safe house", "counselling", nil)
	return all
}

func (f referring) refs(parts ...string) string {
	return f.at(append([]string{"referrals"}, parts...)...)
}

// drafted writes a draft through the pages and returns the answer.
func (f referring) drafted(t testing.TB, login, need, service string, typed url.Values) answer {
	t.Helper()
	f.clock.Move(time.Second)
	form := f.post(t, login, f.refs("choose"), url.Values{"need": {need}, "service": {service}, "papers": {"nid"}, "asked": {"yes"}})
	if form.status != http.StatusOK {
		t.Fatalf("choose for %s: %d", need, form.status)
	}
	return f.post(t, login, f.refs("draft"), joined(formOf(t, form.body, f.refs("draft")), typed))
}

// sent writes a draft of what is of class 2, lets her agree and sends it.
func (f referring) sent(t testing.TB, typed url.Values) string {
	t.Helper()
	a := f.drafted(t, "amina", "training", f.train, joined(url.Values{"ask": {"a place in the sewing course"}, "anyway": {"the photograph comes later"}}, typed))
	f.leads(t, a, f.refs())
	at := a.header.Get("Location")
	f.leads(t, f.send(t, "amina", at, at+"/send", url.Values{"agreed": {"yes"}}), at)
	return at
}

func idOf(at string) referrals.ID { return referrals.ID(at[strings.LastIndex(at, "/")+1:]) }

// answers does what Bandhan does with a referral.
func (f referring) provider(t testing.TB, at string, act course.Act, why string) {
	t.Helper()
	f.clock.Move(time.Second)
	dbtest.Write(t, f.d, func(tx *db.Tx) error {
		r := referrals.Reply{ID: idOf(at), Act: act, Reason: why}
		if act == course.Appoint {
			r.At, r.Where = f.clock.Now().Add(48*time.Hour), "room 4"
		}
		return referrals.Answer(t.Context(), tx, f.users["basil"], r)
	})
}

// strange tells that nobody who has nothing to do with the case finds anything at an address.
func (f referring) strange(t testing.TB, addresses ...string) {
	t.Helper()
	for _, at := range addresses {
		for _, login := range []string{"basil", "dipu", "farid", "observer", "neighbour"} {
			if a := f.get(t, login, at); a.status != http.StatusNotFound {
				t.Errorf("GET %s as %s: %d", at, login, a.status)
			}
			if a := f.post(t, login, at, url.Values{"act": {"withdraw"}, "why": {"a whim"}, "answer": {"confirm"}, "way": {"call"}, "agreed": {"yes"}, "method": {"spoken"}, "language": {"bn"}, "purpose": {"answer"}, "copies": {"provider"}}); a.status != http.StatusNotFound && a.status != http.StatusMethodNotAllowed {
				t.Errorf("POST %s as %s: %d", at, login, a.status)
			}
		}
	}
}

// strangers adds an observer of the whole country, and a caseworker of another office of the same organisation.
func (f referring) strangers(t testing.TB) {
	t.Helper()
	dbtest.Write(t, f.d, func(tx *db.Tx) error {
		near, err := offices.Find(t.Context(), tx, terminal(), f.users["amina"].Office)
		if err != nil {
			return err
		}
		other, err := offices.Add(t.Context(), tx, terminal(), offices.Opening{Organisation: near.Organisation, NameEn: "Shetu second", NameBn: "সেতু", Kind: offices.ServiceCentre, Place: "3026"})
		if err != nil {
			return err
		}
		if err := f.hire(t, tx, "neighbour", other, access.Caseworker); err != nil {
			return err
		}
		return f.hire(t, tx, "observer", near, access.NationalObserver)
	})
}

// A referral goes through its pages, without scripts, until she herself has said what came of it; at each step strangers find nothing.
func TestAReferralThroughItsPages(t *testing.T) {
	eachReferring(t, func(t *testing.T, f referring) {
		f.strangers(t)
		wantIn(t, f.page(t, "amina", f.at()), "Refer her", `href="`+f.refs("new")+`"`)
		seek := f.refs("seek")
		empty := f.send(t, "amina", f.refs("new"), seek, nil)
		if empty.status != http.StatusUnprocessableEntity {
			t.Errorf("without a need: %d", empty.status)
		}
		wantIn(t, empty.body, "Please choose what she needs", `href="#need"`)
		found := f.send(t, "amina", f.refs("new"), seek, url.Values{"need": {"training"}})
		wantIn(t, found.body, "Sewing course", "Bandhan Training", "in her upazila", "Not confirmed by the provider", "Answers here", "Women", "1 offer")
		wantNotIn(t, "the matches", found.body, "Only for men")
		asked := f.post(t, "amina", seek, joined(formOf(t, found.body, seek), url.Values{"papers": {"nid"}}))
		wantIn(t, asked.body, "Papers she lacks", "Passport-size photograph", "Papers she has")
		form := f.post(t, "amina", f.refs("choose"), url.Values{"need": {"training"}, "service": {f.train}, "location": {f.place}, "papers": {"nid"}, "asked": {"yes"}})
		wantIn(t, form.body, "Sewing course", "This always goes along", "Date of birth", "In her record: 12 April 1991.")
		typed := joined(formOf(t, form.body, f.refs("draft")), url.Values{"skills": {"sews by hand"}, "share": {"birth"}, "ask": {" "}})
		bad := f.post(t, "amina", f.refs("draft"), typed)
		if bad.status != http.StatusUnprocessableEntity {
			t.Errorf("without what is asked for: %d", bad.status)
		}
		wantIn(t, bad.body, "sews by hand", `href="#ask"`, `value="birth" checked`)
		typed = joined(formOf(t, bad.body, f.refs("draft")), url.Values{"ask": {"a place in the next course"}})
		kept := f.post(t, "amina", f.refs("draft"), typed)
		f.leads(t, kept, f.refs())
		at := kept.header.Get("Location")
		if again := f.post(t, "amina", f.refs("draft"), typed); again.header.Get("Location") != at {
			t.Errorf("the same draft twice leads to %s and %s", at, again.header.Get("Location"))
		}
		page := f.page(t, "amina", at)
		wantIn(t, page, "This is a draft", "At once", "Only when it has agreed to help", "a place in the next course", "Rahima Khatun", "We want to ask Bandhan Training to help you", "আপনি কি রাজি?", "These papers are missing")
		wantNotIn(t, "the draft", page, "01712345678")
		f.strange(t, f.refs(), at, at+"/send", at+"/edit", at+"/change", at+"/end?act=withdraw")
		f.sends(t, at)
		f.answered(t, at)
	})
}

// sends goes from the draft to its being sent.
func (f referring) sends(t *testing.T, at string) {
	missing := f.send(t, "amina", at, at+"/send", url.Values{"agreed": {"yes"}})
	if missing.status != http.StatusUnprocessableEntity || !strings.Contains(missing.body, "not all papers") {
		t.Errorf("without a reason for the missing paper: %d", missing.status)
	}
	edit := f.post(t, "amina", at+"/edit", nil)
	wantIn(t, edit.body, "a place in the next course", "sews by hand")
	typed := joined(formOf(t, edit.body, at+"/change"), url.Values{"anyway": {"she brings it on the first day"}})
	f.leads(t, f.post(t, "amina", at+"/change", typed), at)
	if stale := f.post(t, "amina", at+"/change", typed); stale.status != http.StatusConflict || !strings.Contains(stale.body, "she brings it on the first day") {
		t.Errorf("changed from an old page: %d", stale.status)
	}
	no := f.send(t, "amina", at, at+"/send", url.Values{"method": {"signed"}})
	if no.status != http.StatusUnprocessableEntity {
		t.Errorf("sent without her yes: %d", no.status)
	}
	wantIn(t, no.body, "Nothing is sent without her yes", `href="#agreed"`, `value="signed" checked`)
	f.leads(t, f.send(t, "amina", at, at+"/send", url.Values{"agreed": {"yes"}, "method": {"thumbprint"}}), at)
	page := f.page(t, "amina", at)
	wantIn(t, page, "Bandhan Training has not opened it yet", "The provider's turn", "thumbprint, read out in বাংলা", "What was shared")
	wantNotIn(t, "the referral", page, "01712345678")
	if twice := f.post(t, "amina", at+"/send", url.Values{"agreed": {"yes"}, "method": {"spoken"}, "language": {"bn"}}); twice.status != http.StatusConflict {
		t.Errorf("sent twice: %d", twice.status)
	}
	f.strange(t, at, at+"/hear", at+"/link", at+"/letter", "/referrals/"+string(idOf(at)))
	wantIn(t, f.page(t, "amina", "/referrals"), "Rahima Khatun", "Bandhan Training", "Training", "Sent")
	for _, login := range []string{"basil", "dipu", "neighbour"} {
		wantNotIn(t, "the list of "+login, f.get(t, login, "/referrals?office="+f.users["amina"].Office).body, "Rahima", "Bandhan Training")
	}
	if a := f.get(t, "observer", "/referrals"); a.status != http.StatusNotFound {
		t.Errorf("the observer's list: %d", a.status)
	}
}

// answered goes from the provider's answer to hers.
func (f referring) answered(t *testing.T, at string) {
	hear := at + "/hear"
	f.provider(t, at, course.Receive, "")
	f.provider(t, at, course.Appoint, "")
	wantIn(t, f.page(t, "amina", at), "expects her on 7 March 2030", "room 4", "A day was set", "Basil")
	f.provider(t, at, course.Serve, "twelve lessons")
	page := f.page(t, "amina", at)
	wantIn(t, page, "She has not been asked yet", "Ask her what came of it", "twelve lessons")
	wantNotIn(t, "the page before she was asked", page, "Close it")
	wantIn(t, f.page(t, "amina", "/day"), "Ask her what came of a referral", at)
	if a := f.send(t, "amina", hear, hear, nil); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without an answer: %d", a.status)
	}
	f.leads(t, f.send(t, "amina", hear, hear, url.Values{"answer": {"try"}, "way": {"call"}, "words": {"nobody answered"}}), at)
	f.leads(t, f.send(t, "amina", hear, hear, url.Values{"answer": {"deny"}, "way": {"visit"}, "words": {"there was no lesson"}}), at)
	wantIn(t, f.page(t, "amina", at), "She says that it was not so", "there was no lesson", "at a visit", "nobody answered")
	f.provider(t, at, course.Serve, "now all twelve")
	f.leads(t, f.send(t, "amina", hear, hear, url.Values{"answer": {"confirm"}, "way": {"office"}}), at)
	wantIn(t, f.page(t, "amina", at), "as Bandhan Training reported", "Close it", "She says now that it was not so")
	end := at + "/end"
	f.leads(t, f.send(t, "amina", end+"?act=close", end, nil), at)
	page = f.page(t, "amina", at)
	wantIn(t, page, "she was served, and says so herself")
	wantNotIn(t, "the closed referral", page, "/hear", "act=close", "act=revoke", "/letter")
	wantIn(t, f.page(t, "amina", f.at("timeline")), "Referred to Bandhan Training: Training", "She says that Bandhan Training reported rightly", "Referral to Bandhan Training closed")
	wantIn(t, f.page(t, "amina", f.at("timeline")+"?kind=referral"), "Referred to Bandhan Training")
	f.speak(t, "amina", words.Bangla)
	wantIn(t, f.page(t, "amina", at), "তিনি সেবা পেয়েছেন", "রহিমা খাতুন")
	f.speak(t, "amina", words.English)
}

// A declined referral leads to another provider, with what was written; what is silent shows where it is looked for.
func TestAnotherProviderAndTheSilentOnes(t *testing.T) {
	eachReferring(t, func(t *testing.T, f referring) {
		at := f.sent(t, url.Values{"skills": {"sews by hand"}})
		f.provider(t, at, course.Receive, "")
		f.provider(t, at, course.Decline, "full: until autumn")
		page := f.page(t, "amina", at)
		wantIn(t, page, "will not serve her", "Find another provider", "until autumn")
		wantIn(t, f.page(t, "amina", "/day"), "find another provider")
		found := f.post(t, "amina", at+"/again", nil)
		wantIn(t, found.body, "Sewing course", `name="from"`)
		form := f.post(t, "amina", f.refs("choose"), url.Values{"need": {"training"}, "service": {f.train}, "from": {string(idOf(at))}})
		wantIn(t, form.body, "sews by hand", "a place in the sewing course")
		f.leads(t, f.send(t, "amina", at+"/end?act=close", at+"/end", nil), at)

		late := f.sent(t, nil)
		if a := f.page(t, "amina", "/referrals?only=silent"); strings.Contains(a, late) {
			t.Error("it is silent before anything was due")
		}
		for range 2 { // first the provider is reminded, then who sent it is told
			f.clock.Move(6 * 24 * time.Hour)
			if _, err := referrals.Work(t.Context(), f.d); err != nil {
				t.Fatal(err)
			}
		}
		clear(f.keys) // nobody stays signed in so long
		wantIn(t, f.page(t, "amina", "/referrals?only=silent&only=late"), late, "Silent")
		wantIn(t, f.page(t, "amina", "/referrals?office=mine&only=silent"), late)
		wantIn(t, f.page(t, "amina", "/day"), "A provider does not answer", late)
		wantIn(t, f.page(t, "amina", "/notices"), "has not answered a referral of yours in time", "/referrals/"+string(idOf(late)))
		f.leads(t, f.get(t, "amina", "/referrals/"+string(idOf(late))), late)
		drop := f.drafted(t, "amina", "training", f.train, url.Values{"ask": {"another try"}}).header.Get("Location")
		f.leads(t, f.send(t, "amina", drop+"/end?act=withdraw", drop+"/end", nil), drop)
		wantIn(t, f.page(t, "amina", drop), "The draft was dropped")
	})
}

// What is of class 3 is on no page that is only read, in no list, title or address; it is shown by a look, to who sees what is protected.
func TestPrivateReferralsOnTheirPages(t *testing.T) {
	eachReferring(t, func(t *testing.T, f referring) {
		f.strangers(t)
		private := []string{"Zq", "Medical care", "Green Clinic", "Consultation"}
		wantNotIn(t, "the needs of who may not see what is protected", f.page(t, "chandra", f.refs("new")), "Medical care", "A lawyer")
		if a := f.post(t, "chandra", f.refs("seek"), url.Values{"need": {"health"}}); a.status != http.StatusUnprocessableEntity || strings.Contains(a.body, "Consultation") {
			t.Errorf("Chandra looks for medical care: %d", a.status)
		}
		ask := f.post(t, "amina", f.refs("seek"), url.Values{"need": {"counselling"}})
		wantIn(t, ask.body, "does she want to be served by women?")
		wantNotIn(t, "the title", titleOf(ask.body), "distress")
		kept := f.drafted(t, "amina", "health", f.health, url.Values{"ask": {"Zqask for a check"}, "health_note": {"Zqnote"}})
		if kept.status != http.StatusOK {
			t.Fatalf("draft: %d\n%s", kept.status, tags.ReplaceAllString(kept.body, " "))
		}
		wantIn(t, kept.body, "Zqask", "Zqnote", "Green Clinic", "data-protected")
		at := regexp.MustCompile(`action="([^"]+)/send"`).FindStringSubmatch(kept.body)[1]
		no := f.post(t, "amina", at+"/send", joined(formOf(t, kept.body, at+"/send"), url.Values{"method": {"signed"}}))
		wantIn(t, no.body, "Nothing is sent without her yes", "Zqask", `value="signed" checked`)
		f.leads(t, f.post(t, "amina", at+"/send", joined(formOf(t, kept.body, at+"/send"), url.Values{"agreed": {"yes"}})), at)
		for _, path := range []string{f.refs(), at, at + "/end?act=revoke", at + "/letter", f.refs("stop"), "/referrals", "/day", "/", f.at(), f.at("timeline"), "/notices"} {
			a := f.get(t, "amina", path)
			wantNotIn(t, path, a.body, private...)
			for _, login := range []string{"chandra", "dipu", "basil", "observer", "neighbour", "esha"} {
				if a := f.get(t, login, path); !strings.HasPrefix(path, at) && strings.Contains(a.body, string(idOf(at))) {
					t.Errorf("%s of %s names the private referral", path, login)
				} else {
					wantNotIn(t, path, a.body, private...)
				}
			}
		}
		wantIn(t, f.page(t, "amina", at), "What this referral is for is private", "The provider has not opened it yet")
		wantIn(t, f.page(t, "amina", "/referrals"), "Private", at)
		f.strange(t, at, at+"/look", at+"/again", at+"/link", at+"/letter", at+"/end", at+"/hear")
		for _, login := range []string{"chandra", "dipu"} {
			for _, path := range []string{at + "/look", f.refs("look"), at + "/again", at + "/edit", at + "/link", at + "/letter", at + "/end", at + "/hear"} {
				if a := f.post(t, login, path, url.Values{"act": {"revoke"}, "purpose": {"answer"}, "copies": {"provider"}}); a.status < 400 || strings.Contains(a.body, "Zq") {
					t.Errorf("%s at %s: %d", login, path, a.status)
				}
			}
		}
		wantIn(t, f.post(t, "amina", at+"/look", nil).body, "Zqask", "Zqnote", "Green Clinic", "Medical care")
		wantIn(t, f.post(t, "amina", f.refs("look"), nil).body, "Green Clinic", "Medical care")
		wantIn(t, f.post(t, "amina", f.at("timeline", "look"), nil).body, "Referred to Green Clinic: Medical care")
	})
}

// Of a referral for something ordinary, what was typed as private is left out until it is looked at, and for who may not, for good.
func TestThePrivatePartOfAReferral(t *testing.T) {
	eachReferring(t, func(t *testing.T, f referring) {
		kept := f.drafted(t, "amina", "training", f.train, url.Values{"ask": {"a place"}, "anyway": {"later"}, "help_needed": {"Zqhelp"}})
		wantIn(t, kept.body, "Zqhelp")
		at := regexp.MustCompile(`action="([^"]+)/send"`).FindStringSubmatch(kept.body)[1]
		page := f.page(t, "amina", at)
		wantIn(t, page, "Part of this referral is private", "Sewing course", "Open it first")
		wantNotIn(t, "the page", page, "Zq", `action="`+at+`/send"`)
		f.leads(t, f.post(t, "amina", at+"/send", joined(formOf(t, kept.body, at+"/send"), url.Values{"agreed": {"yes"}})), at)
		for _, login := range []string{"amina", "chandra"} {
			wantNotIn(t, "the page of "+login, f.page(t, login, at), "Zq")
			wantNotIn(t, "the list of "+login, f.page(t, login, f.refs()), "Zq")
		}
		wantIn(t, f.page(t, "chandra", at), "Sewing course", "Part of this referral is private")
		if a := f.post(t, "chandra", at+"/look", nil); a.status < 400 {
			t.Errorf("Chandra looks: %d", a.status)
		}
	})
}

// She takes back her consent to all; what ends is listed before, and who has confirmed that afterwards.
func TestSheTakesBackAllConsent(t *testing.T) {
	eachReferring(t, func(t *testing.T, f referring) {
		f.strangers(t)
		stop := f.refs("stop")
		one, two := f.sent(t, nil), f.sent(t, url.Values{"ask": {"a second place"}})
		f.drafted(t, "amina", "health", f.health, url.Values{"ask": {"Zqcheck"}})
		f.provider(t, one, course.Receive, "")
		page := f.page(t, "amina", stop)
		wantIn(t, page, "End 3 referrals", "Private", "Bandhan Training")
		wantNotIn(t, "what will end", page, "Zq", "Green Clinic")
		f.strange(t, stop)
		wantIn(t, f.page(t, "chandra", stop), "End 2 referrals")
		f.leads(t, f.send(t, "amina", stop, stop, nil), stop)
		page = f.page(t, "amina", stop)
		wantIn(t, page, "Nothing is under way", "Not confirmed yet", one, two)
		wantNotIn(t, "what ended", page, "Confirmed that they keep nothing")
		f.provider(t, one, course.Acknowledge, "")
		wantIn(t, f.page(t, "amina", stop), "Confirmed that they keep nothing", "Not confirmed yet")
		wantIn(t, f.page(t, "amina", one), "has confirmed that it keeps nothing", "She took back her consent")
	})
}

// A link is shown once, holds the way to answer, and is hers only where that is safe.
func TestLinksAndLettersOfReferrals(t *testing.T) {
	eachReferring(t, func(t *testing.T, f referring) {
		at := f.sent(t, nil)
		secret := func(body string) string {
			m := regexp.MustCompile(`http://[^<\s]+/r/([a-z0-9]+)`).FindStringSubmatch(body)
			if m == nil {
				t.Fatalf("no link: %s", tags.ReplaceAllString(body, " "))
			}
			return m[1]
		}
		pass := func(secret string) (p referrals.Pass) {
			if err := f.d.Read(t.Context(), func(q db.Reader) (err error) {
				p, err = referrals.FindPass(t.Context(), q, secret)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return p
		}
		shown := f.post(t, "amina", at+"/link", url.Values{"purpose": {"answer"}})
		wantIn(t, shown.body, "This is shown only now", "<svg", "viewBox")
		first := secret(shown.body)
		if p := pass(first); p.Ended || p.Purpose != referrals.ToAnswer {
			t.Errorf("the link: %+v", p)
		}
		wantNotIn(t, "the page afterwards", f.page(t, "amina", at), first)
		wantNotIn(t, "the log", f.log.String(), first)
		if a := f.post(t, "amina", at+"/link", url.Values{"purpose": {"confirm"}}); a.status < 400 {
			t.Errorf("a link for her before anything was reported: %d", a.status)
		}
		letter := at + "/letter"
		if a := f.post(t, "amina", letter, nil); a.status != http.StatusUnprocessableEntity {
			t.Errorf("no copy chosen: %d", a.status)
		}
		plain := f.send(t, "amina", letter, letter, url.Values{"copies": {"provider", "office", "her"}})
		wantIn(t, plain.body, "Request to another organisation", "অন্য প্রতিষ্ঠানের কাছে অনুরোধ", "a place in the sewing course", "The name follows when you have agreed", "Copy for the office", "সই")
		paper := strings.SplitN(plain.body, `class="paper"`, 2)[1]
		wantNotIn(t, "the paper", paper, "Rahima", "রহিমা", "01712345678", "12 April 1991")
		her := paper[strings.LastIndex(paper, `class="copy`):]
		wantNotIn(t, "her copy", her, "Bandhan", "Sewing", "Training", "বন্ধন")
		if p := pass(first); !p.Ended {
			t.Error("the letter did not end the link that was made before")
		}
		if p := pass(secret(plain.body)); p.Ended || p.Purpose != referrals.ToAnswer {
			t.Errorf("the link of the letter: %+v", p)
		}
		named := f.send(t, "amina", letter, letter, url.Values{"copies": {"provider"}, "named": {"yes"}})
		wantIn(t, named.body, "Rahima Khatun")
		f.provider(t, at, course.Receive, "")
		f.provider(t, at, course.Accept, "")
		f.provider(t, at, course.Serve, "")
		wantIn(t, f.page(t, "amina", at), "No link for her")
		if a := f.post(t, "amina", at+"/link", url.Values{"purpose": {"confirm"}}); a.status != http.StatusForbidden {
			t.Errorf("a link for her that is not safe: %d", a.status)
		}
		dbtest.Write(t, f.d, func(tx *db.Tx) error {
			p, err := persons.Find(t.Context(), tx, f.users["amina"], f.person)
			if err != nil {
				return err
			}
			return persons.Change(t.Context(), tx, f.users["amina"], persons.Amendment{Person: f.person, Version: p.Version, Source: persons.OwnWord, Values: map[persons.Field]string{persons.PapersHome: "yes"}})
		})
		hers := f.post(t, "amina", at+"/link", url.Values{"purpose": {"confirm"}})
		if p := pass(secret(hers.body)); p.Purpose != referrals.ToConfirm || p.Ended {
			t.Errorf("her link: %+v", p)
		}
		wantIn(t, f.send(t, "amina", letter, letter, url.Values{"copies": {"her"}}).body, "Bandhan Training", "Say this number")
	})
}

// Hostile texts stay texts, and no form breaks a page.
func TestHostileTextsInReferrals(t *testing.T) {
	eachReferring(t, func(t *testing.T, f referring) {
		evil := `"><script>alert(1)</script>{{.}}` + "\u202e\u0000"
		for _, path := range []string{f.refs("seek"), f.refs("choose"), f.refs("draft"), f.refs("stop")} {
			if a := f.post(t, "amina", path, url.Values{"need": {evil}, "place": {evil}, "place_text": {evil}, "place_was": {evil}, "service": {evil}, "location": {evil}, "papers": {evil}, "from": {evil}, "share": {evil}, "urgency": {evil}, "operation": {evil}}); strings.Contains(a.body, "<script>alert") {
				t.Errorf("%s: %d runs a script", path, a.status)
			}
		}
		a := f.drafted(t, "amina", "training", f.train, url.Values{"ask": {`<script>alert(1)</script> & "quoted"`}, "anyway": {"<b>later</b>"}, "skills": {strings.Repeat("ক", 1001)}})
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `href="#skills"`) {
			t.Errorf("too long a text: %d", a.status)
		}
		at := f.sent(t, url.Values{"ask": {`<script>alert(1)</script> & "quoted"`}})
		for _, body := range []string{f.page(t, "amina", at), f.send(t, "amina", at+"/letter", at+"/letter", url.Values{"copies": {"provider", "office", "her"}}).body} {
			wantIn(t, body, `<script>alert(1)</script> & "quoted"`)
			if strings.Contains(body, "<script>alert") {
				t.Error("a text runs as a script")
			}
		}
		for _, path := range []string{"/referrals?state=" + url.QueryEscape(evil) + "&turn=x&only=y&office=z&after=" + url.QueryEscape("9999~"+evil), f.refs() + "?before=" + url.QueryEscape(evil), at + "/end?act=" + url.QueryEscape(evil)} {
			if a := f.get(t, "amina", path); a.status >= 500 {
				t.Errorf("%s: %d", path, a.status)
			}
		}
	})
}
