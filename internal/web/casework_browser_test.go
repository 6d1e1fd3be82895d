// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"fera/internal/browsertest"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/words"
)

// enterAs opens a browser in which somebody is signed in.
func (r *room) enterAs(t *testing.T, site, login string, o browsertest.Options) *browsertest.Page {
	t.Helper()
	p := browsertest.Open(t, o)
	p.Go(site + "/sign-in")
	p.Cookie(p.URL(), "fera-session", r.key(t, login))
	return p
}

// One key opens what comes next in the day, from the day and from each case, and comes back to the day after the last.
func TestMyDayByKeyboard(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	r := openRoom(t, d)
	r.rahimas(t, 3)
	site := httptest.NewServer(r.pages)
	t.Cleanup(site.Close)
	p := r.enterAs(t, site.URL, "amina", browsertest.Options{Width: 1280, Height: 800, Scripts: true, Lang: "en"})
	en := words.In(words.English)
	p.Go(site.URL + "/day")
	p.See(en.T("casework.group.new"))
	visited := map[string]bool{}
	for range 3 {
		p.Press("n")
		p.See(en.T("casework.next_of_day"))
		visited[p.URL()] = true
	}
	if len(visited) != 3 {
		t.Errorf("n led to %v, want three cases", visited)
	}
	p.Press("n")
	p.See(en.T("casework.open_next"))
	if !strings.HasSuffix(p.URL(), "/day") {
		t.Errorf("after the last n leads to %s", p.URL())
	}
	p.Press("/")
	p.Press("n")
	if at := p.URL(); !strings.HasSuffix(at, "/day") {
		t.Errorf("an n that is typed into the search leads to %s", at)
	}
	p.Go(site.URL + "/day")
	p.Eval(`document.querySelector("[data-row]").focus()`, nil)
	p.Press("ArrowDown")
	p.Press("Enter")
	p.See(en.T("casework.next_of_day"))
}

// furnishCase fills a case with what its page may hold: the longest words, a pause, a visit, something to decide.
func (r *room) furnishCase(t *testing.T, at string) {
	t.Helper()
	id := caseOf(at)
	r.button(t, "amina", at, at+"/take")
	long := "ঋণদাতা আবার বাড়িতে এসেছিলেন; মায়ের সঙ্গে কথা হয়েছে, তিনি আগামী সপ্তাহে সেবাকেন্দ্রে আসবেন।\nশ্রীমঙ্গলের ব্যাংকে কাগজপত্র জমা দেওয়া বাকি।"
	r.must(t, "amina", at+"/risk", at+"/risk", url.Values{"risk": {"high"}, "why": {long}})
	r.must(t, "amina", at+"/notes/new", at+"/notes", url.Values{"kind": {"visit"}, "text": {long}, "mention": {r.users["chandra"].ID}})
	r.must(t, "amina", at+"/notes/new", at+"/notes", url.Values{"kind": {"conference"}, "present": {"Amina, Chandra, আইনজীবী"}, "text": {long}})
	dbtest.Write(t, r.d, func(tx *db.Tx) error {
		for days, what := range map[int]string{-3: "ব্যাংকে ফোন করা", 4: "Ask the union parishad for the certificate of residence"} {
			if _, err := cases.Remember(t.Context(), tx, r.users["amina"], cases.Task{Case: id, What: what, DueOn: dates.Of(tx.Now()).Add(days)}); err != nil {
				return err
			}
		}
		return nil
	})
	r.button(t, "amina", at, at+"/tasks/")
	r.must(t, "amina", at+"/pause", at+"/pause", url.Values{"why": {"she is in hospital until the ninth"}})
	r.button(t, "amina", at, at+"/resume")
	r.must(t, "amina", at+"/close?code=lost_contact", at+"/close", url.Values{"duties": {"tried_to_reach", "told_supervisor"}, "why": {"three calls in vain"}})
}

// Every page of cases fits a phone and a desk in both languages, and axe-core finds nothing wrong with it.
func TestCasePagesToEverybody(t *testing.T) {
	t.Parallel()
	clock := &dbtest.Clock{}
	clock.Move(time.Duration(dbtest.Noon.UnixMilli()) * time.Millisecond)
	d := dbtest.Open(t, dbtest.SQLite(t), clock.Now)
	r := openRoom(t, d)
	person := r.rahima(t)
	at := r.openCase(t, "amina", person)
	r.furnishCase(t, at)
	plain := r.openCase(t, "amina", r.rahima(t))
	r.rahimas(t, 3)
	clock.Move(3 * 24 * time.Hour)
	r.keys = map[string]string{}
	decide := linksTo(t, r.page(t, "chandra", "/decisions"), "/decisions/")
	site := httptest.NewServer(r.pages)
	t.Cleanup(site.Close)
	pages := map[string]map[string]string{
		"amina": {"home": "/", "day": "/day", "cases": "/cases", "none": "/cases?risk=critical", "file": at, "history": at + "/history", "note": at + "/notes/new", "note-protected": at + "/notes/new?protected=yes",
			"task": at + "/tasks/new", "risk": at + "/risk", "pause": at + "/pause", "reasons": at + "/history", "close": plain + "/close", "duties": plain + "/close?code=goals_reached",
			"member": at + "/members/new", "person": "/persons/" + string(person), "calendar": "/calendar?year=2027"},
		"chandra": {"day-supervisor": "/day", "board": "/board?office=" + r.users["amina"].Office, "handover": "/cases/hand-over?office=" + r.users["amina"].Office + "&worker=" + r.users["amina"].ID,
			"assign": plain + "/assign", "decide": decide, "decisions": "/decisions"},
		"farid": {"programmes": "/programmes", "programme": "/programmes/reintegration", "programme-change": "/programmes/reintegration/change", "programme-new": "/programmes/new",
			"reason": "/programmes/reintegration/reasons/lost_contact", "reason-new": "/programmes/reintegration/reasons/new", "calendar-admin": "/calendar?year=2027"},
		"esha": {},
	}
	for _, lang := range words.Languages() {
		for login := range pages {
			r.speak(t, login, lang)
		}
		for _, width := range []int{360, 1280} {
			for login, sights := range pages {
				p := r.enterAs(t, site.URL, login, browsertest.Options{Width: width, Height: 800, Scripts: true, Lang: string(lang)})
				for name, path := range sights {
					p.Go(site.URL + path)
					judge(t, p, fmt.Sprintf("case-%s-%s-%d", name, lang, width))
				}
			}
			p := r.enterAs(t, site.URL, "amina", browsertest.Options{Width: width, Height: 800, Scripts: true, Lang: string(lang)})
			p.Go(site.URL + at)
			p.Click(words.In(lang).T("casework.private_open"))
			p.See(words.In(lang).T("person.private_close"))
			judge(t, p, fmt.Sprintf("case-looked-%s-%d", lang, width))
			p.Go(site.URL + at + "/pause")
			p.Click(words.In(lang).T("casework.act.pause"))
			p.See(words.In(lang).T("fault.needed"))
			judge(t, p, fmt.Sprintf("case-refused-%s-%d", lang, width))
		}
	}
}
