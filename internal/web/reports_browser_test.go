// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"fera/internal/access"
	"fera/internal/browsertest"
	"fera/internal/db/dbtest"
	"fera/internal/web"
	"fera/internal/words"
)

// A programme manager drafts, writes, issues and takes away a report in a real browser; each page suits everyone, on a phone and on a desk, in
// both languages.
func TestAReportFromDraftToDownload(t *testing.T) {
	t.Parallel()
	clock := &dbtest.Clock{}
	clock.Move(time.Duration(dbtest.Noon.UnixMilli()) * time.Millisecond)
	s := newSite(t, dbtest.Open(t, dbtest.SQLite(t), clock.Now), clock, web.Options{})
	server := httptest.NewServer(s.handler)
	t.Cleanup(server.Close)
	org := access.OfOrganisation(s.org)
	s.add(t, "everyone", "programme_manager "+org, "monitoring_officer "+org, "caseworker "+org)
	b := s.signIn(t, "everyone")
	project := b.post("/projects/new", url.Values{"code": {"coming-home"}, "title_en": {"Coming home"}, "title_bn": {"ফেরা"}, "state": {"running"}, "planned_from": {"2029"}, "place": {"3056"}, "place_was": {"Manikganj"}, "place_text": {"Manikganj"}, "gender": {"2"}}).header.Get("Location")
	id := strings.TrimPrefix(project, "/projects/")
	for _, lang := range words.Languages() {
		said := words.In(lang)
		for _, width := range []int{360, 1280} {
			p := browsertest.Open(t, browsertest.Options{Width: width, Height: 800, Scripts: true})
			p.Go(server.URL + "/sign-in")
			p.Cookie(p.URL(), "fera-session", b.cookies["fera-session"].Value)
			p.Go(server.URL + "/")
			p.Click(map[words.Lang]string{words.Bangla: "বাংলা", words.English: "English"}[lang])
			look := func(path, name string) {
				t.Helper()
				p.Go(server.URL + path)
				judge(t, p, "report-"+name+"-"+string(lang)+"-"+strconv.Itoa(width))
			}
			b.post("/activities/new", village(id))
			look("/reports", "list")
			look("/reports/new?project="+id, "new")
			p.Fill(said.T("report.period"), "2030-03")
			p.Click(said.T("report.begin"))
			p.See(said.T("said.report_begun"))
			at := strings.TrimPrefix(p.URL(), server.URL)
			judge(t, p, "report-draft-"+string(lang)+"-"+strconv.Itoa(width))
			look(at+"/sections/outreach", "figures")
			look(at+"/sections/summary", "write")
			p.Fill(said.T("report.text_"+string(lang)), "এ মাসে যা হলো। What happened.")
			p.Click(said.T("field.save"))
			p.See(said.T("said.report_written"))
			look(at+"/lessons/new", "lesson")
			b.post("/activities/new", village(id))
			look(at+"/refresh", "refresh")
			p.Click(said.T("report.refresh"))
			p.See(said.T("said.report_refreshed"))
			look(at+"/preview", "preview")
			look(at+"/history", "history")
			look(at+"/issue", "issue")
			p.Click(said.T("report.issue"))
			p.See(said.T("said.report_issued"))
			judge(t, p, "report-issued-"+string(lang)+"-"+strconv.Itoa(width))
			var head string
			p.Eval(`fetch(`+strconv.Quote(at+"/files/"+string(lang)+".pdf")+`).then(r => r.arrayBuffer()).then(b => String.fromCharCode(...new Uint8Array(b).slice(0, 5)))`, &head)
			if head != "%PDF-" {
				t.Errorf("the paper begins with %q", head)
			}
			look(at+"/correct", "correct")
			look("/reports/lessons", "lessons")
		}
	}
}
