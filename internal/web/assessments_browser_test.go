// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"
	"time"

	"fera/internal/browsertest"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/persons"
	"fera/internal/words"
)

// visits opens pages in a browser that is signed in as somebody.
func (r *room) visits(t *testing.T, site, login string, o browsertest.Options) *browsertest.Page {
	t.Helper()
	p := browsertest.Open(t, o)
	p.Go(site + "/sign-in")
	p.Cookie(p.URL(), "fera-session", r.key(t, login))
	return p
}

// asked is a person with whom questionnaires were completed, begun and answered alarmingly.
func (r *room) asked(t *testing.T, clock *dbtest.Clock) (p persons.ID, check, private, begun string) {
	t.Helper()
	p = r.rahima(t)
	for i, answer := range []string{"1", "2", "3"} {
		if i > 0 {
			clock.Move(95 * 24 * time.Hour)
			r.keys = map[string]string{}
		}
		check = r.completed(t, "amina", "progress_check", p, progress(answer))
	}
	typed := url.Values{}
	for i := range 9 {
		typed.Set("q.phq9_"+strconv.Itoa(i+1), strconv.Itoa(i%3))
	}
	private = r.completed(t, "amina", "phq9", p, typed)
	begun = r.start(t, "amina", "needs_assessment", p)
	return p, check, private, begun
}

// Every page about questionnaires fits a phone and a desk in both languages, and axe-core finds nothing wrong with it.
func TestAssessmentPagesToEverybody(t *testing.T) {
	t.Parallel()
	clock := &dbtest.Clock{}
	clock.Move(time.Duration(dbtest.Noon.UnixMilli()) * time.Millisecond)
	d := dbtest.Open(t, dbtest.SQLite(t), clock.Now)
	r := openRoom(t, d)
	p, check, private, begun := r.asked(t, clock)
	r.bring(t, branching("1"))
	base := "/persons/" + string(p)
	site := httptest.NewServer(r.pages)
	t.Cleanup(site.Close)
	for _, lang := range words.Languages() {
		s := words.In(lang)
		for _, login := range []string{"amina", "chandra", "farid"} {
			r.speak(t, login, lang)
		}
		for _, width := range []int{360, 1280} {
			o := browsertest.Options{Width: width, Height: 800, Scripts: true, Lang: string(lang)}
			see := func(p *browsertest.Page, name, path string) {
				if path != "" {
					p.Go(site.URL + path)
				}
				judge(t, p, fmt.Sprintf("q-%s-%s-%d", name, lang, width))
			}
			amina := r.visits(t, site.URL, "amina", o)
			for _, sight := range [][2]string{{"list", base + "/questionnaires"}, {"result", check}, {"closed", private}, {"fill", begun + "/fill?as=whole"}, {"page", begun + "/fill?as=pages"}, {"finish", begun + "/finish"},
				{"course", base + "/questionnaires/progress_check"}} {
				see(amina, sight[0], sight[1])
			}
			amina.Go(site.URL + private)
			amina.Click(s.T("assessment.open"))
			amina.See(s.T("assessment.result"))
			see(amina, "opened", "")
			amina.Click(s.T("assessment.print"))
			amina.See(words.In(words.Bangla).T("assessment.print_now"))
			see(amina, "paper", "")
			amina.Go(site.URL + check)
			amina.Click(s.T("assessment.compare"))
			amina.See(s.T("assessment.change"))
			see(amina, "compare", "")
			chandra := r.visits(t, site.URL, "chandra", o)
			see(chandra, "alerts", "/alerts")
			chandra.Click(s.T("assessment.alert_open"))
			see(chandra, "alert", "")
			farid := r.visits(t, site.URL, "farid", o)
			for _, sight := range [][2]string{{"all", "/questionnaires"}, {"one", "/questionnaires/phq9/1"}, {"pending", "/questionnaires/srq20/1"}, {"bring", "/questionnaires/new"}, {"try", "/questionnaires/intake_screening/2/try"},
				{"blank", "/questionnaires/progress_check/1/paper"}} {
				see(farid, sight[0], sight[1])
			}
		}
	}
}

// With scripts an answer brings up its questions by itself, and is kept by itself; what is focused stays so.
func TestQuestionnairesByThemselves(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	r := openRoom(t, d)
	p := r.rahima(t)
	r.bring(t, branching("1"))
	site := httptest.NewServer(r.pages)
	t.Cleanup(site.Close)
	at := r.start(t, "amina", "branching", p)
	page := r.visits(t, site.URL, "amina", browsertest.Options{Width: 1280, Height: 800, Scripts: true, Lang: "en"})
	page.Go(site.URL + at + "/fill")
	page.SeeNo("Which one?")
	page.Choose("Any?", "Yes")
	page.See("Which one?")
	if at := page.Focused(); at == "" {
		t.Error("the focus was lost when questions came up")
	}
	page.See("Kept")
	page.Eval(`document.querySelector("[data-kept]").textContent = ""`, nil)
	page.Fill("Which one?", "the first")
	page.See("Kept")
	page.Go(site.URL + at + "/fill")
	if got := page.Value("Which one?"); got != "the first" {
		t.Errorf("kept %q", got)
	}
	page.Choose("Any?", "No")
	page.SeeNo("Which one?")
}

// Without scripts the whole way can be gone on a phone: choose, answer, see what came up, complete.
func TestQuestionnairesWithoutScripts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := openRoom(t, d)
		id := r.rahima(t)
		r.bring(t, branching("1"))
		site := httptest.NewServer(r.pages)
		t.Cleanup(site.Close)
		s := words.In(words.English)
		p := browsertest.Open(t, browsertest.Options{Width: 360, Height: 740})
		p.Go(site.URL + "/sign-in")
		p.Fill("Login", "amina")
		p.Fill("Password", roomPassword)
		p.Click(s.T("common.sign_in"))
		at := r.start(t, "amina", "branching", id)
		p.Go(site.URL + at + "/fill?as=pages")
		p.Choose("Any?", "Yes")
		p.Click(s.T("assessment.to_finish"))
		p.See("There is more to ask after these answers")
		p.Fill("Which one?", "the first")
		p.Click(s.T("assessment.next"))
		p.See("Name")
		p.Click(s.T("assessment.to_finish"))
		p.Click(s.T("assessment.finish"))
		p.See("the first")
	})
}
