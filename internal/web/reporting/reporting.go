// SPDX-License-Identifier: Apache-2.0

// Package reporting is the pages of reports: drafting and writing them, issuing them, reading what was issued, and what was learnt.
package reporting

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/projects"
	"fera/internal/reports"
	"fera/internal/reports/content"
	"fera/internal/reports/papers"
	"fera/internal/web/kit"
	"fera/internal/web/places"
	"fera/internal/web/site"
	"fera/internal/words"
)

// Routes are the pages of reports.
func Routes(*site.Site) []site.Route {
	const read, draft, issues = access.ReadReports, access.DraftReports, access.IssueReports
	return []site.Route{
		{Path: "GET /reports", Perm: read, Page: list},
		{Path: "GET /reports/new", Perm: draft, Page: beginning},
		{Path: "POST /reports/new", Perm: draft, Page: beginning, Act: begin},
		{Path: "GET /reports/lessons", Perm: access.ReadProjects, Page: lessons},
		{Path: "GET /reports/{id}", Perm: read, Page: show},
		{Path: "GET /reports/{id}/preview", Perm: draft, Page: preview},
		{Path: "GET /reports/{id}/history", Perm: read, Page: history},
		{Path: "GET /reports/{id}/files/{file}", Perm: read, Page: download},
		{Path: "GET /reports/{id}/sections/{section}", Perm: draft, Page: writing},
		{Path: "POST /reports/{id}/sections/{section}", Perm: draft, Page: writing, Act: write},
		{Path: "GET /reports/{id}/refresh", Perm: draft, Page: refreshing},
		{Path: "POST /reports/{id}/refresh", Perm: draft, Page: refreshing, Act: refresh},
		{Path: "GET /reports/{id}/lessons/new", Perm: draft, Page: learning},
		{Path: "POST /reports/{id}/lessons/new", Perm: draft, Page: learning, Act: learn},
		{Path: "POST /reports/{id}/lessons/{lesson}/strike", Perm: draft, Act: strike},
		{Path: "GET /reports/{id}/issue", Perm: issues, Page: issuing},
		{Path: "POST /reports/{id}/issue", Perm: issues, Page: issuing, Act: issue},
		{Path: "GET /reports/{id}/correct", Perm: draft, Page: correcting},
		{Path: "POST /reports/{id}/correct", Perm: draft, Page: correcting, Act: correct},
	}
}

func path(id reports.ID, rest string) string { return "/reports/" + string(id) + rest }

// found finds the report that an address names.
func found(r *site.Request, q db.Reader) (reports.Report, error) {
	id, err := r.ID("id")
	if err != nil {
		return reports.Report{}, err
	}
	return reports.Find(r.Context(), q, r.Who, reports.ID(id))
}

// drafted finds a draft, for who may write in it.
func drafted(r *site.Request, q db.Reader) (reports.Report, error) {
	one, err := found(r, q)
	switch {
	case err != nil:
		return one, err
	case !reports.MayDraft(r.Who, one):
		return one, fault.New(fault.Forbidden, "access.not_allowed")
	case one.State != reports.Draft:
		return one, fault.New(fault.Conflict, "report.issued_already")
	}
	return one, nil
}

type listView struct {
	kit.Frame
	Project, Kind, Year kit.Input
	Projects, Kinds     []kit.Option
	May                 bool
	Said                string
	Columns             []kit.Column
	Rows                []kit.Row
}

func list(r *site.Request, q db.Reader) (templ.Component, error) {
	v := listView{Frame: r.Frame(r.S.T("web.room.reports")), May: r.Who.Holds(access.DraftReports)}
	asked := r.URL.Query()
	input := func(name, label string) kit.Input {
		return kit.Input{Name: name, Label: r.S.T(label), Value: asked.Get(name), MaxLength: 60}
	}
	v.Project, v.Kind, v.Year = input("project", "project.one"), input("kind", "report.kind"), input("year", "report.year")
	v.Year.InputMode, v.Year.Width = "numeric", kit.Short
	f := reports.Filter{}
	names, err := projectNames(r, q)
	if err != nil {
		return nil, err
	}
	for _, one := range names {
		v.Projects = append(v.Projects, one)
		if one.Value == v.Project.Value {
			f.Project = projects.ID(one.Value)
		}
	}
	for _, k := range content.Kinds() {
		v.Kinds = append(v.Kinds, kit.Option{Value: k, Label: r.S.T("report.kind." + k)})
		if k == v.Kind.Value {
			f.Kind = k
		}
	}
	if v.Year.Value != "" {
		p, err := content.ReadPeriod(western(v.Year.Value))
		if err != nil || p.Months() != 12 {
			v.Year.Error = r.S.T("report.bad_year")
		} else {
			f.Year = p.From / 100
		}
	}
	all, err := reports.List(r.Context(), q, r.Who, f)
	if err != nil {
		return nil, err
	}
	bodies, err := places.New(r, q)
	if err != nil {
		return nil, err
	}
	v.Columns = kit.Columns(r.S, "report.one", "report.about", "report.period", "report.state", "report.for_whom")
	for _, one := range all {
		v.Rows = append(v.Rows, kit.Row{Href: path(one.ID, ""), Cells: []templ.Component{kit.Text(r.S.T("report.kind."+one.Kind) + " · " + r.S.T("report.number", "number", one.Number, "issue", one.Issue)),
			kit.Text(about(r, one, names, bodies)), kit.Text(one.Period.Spoken(r.S)), kit.Pill(state(r.S, one.State)), kit.Text(r.S.T("report.audience_short." + string(one.Audience)))}})
	}
	v.Said = r.S.T("report.count", "count", len(all))
	return listPage(v), nil
}

// western turns Bangla digits into those that programs read.
func western(text string) string {
	return strings.Map(func(c rune) rune {
		if '০' <= c && c <= '৯' {
			return c - '০' + '0'
		}
		return c
	}, strings.TrimSpace(text))
}

// projectNames are the projects that the visitor sees.
func projectNames(r *site.Request, q db.Reader) (all []kit.Option, err error) {
	if !r.Who.Holds(access.ReadProjects) {
		return nil, nil
	}
	found, err := projects.List(r.Context(), q, r.Who, projects.Filter{})
	for _, p := range found {
		all = append(all, kit.Option{Value: string(p.ID), Label: p.Title(string(r.S.Lang()))})
	}
	return all, err
}

// about says what a report is about: its project, or the organisation whose work it is.
func about(r *site.Request, one reports.Report, names []kit.Option, bodies places.Offices) string {
	for _, p := range names {
		if p.Value == string(one.Project) {
			return p.Label
		}
	}
	if one.Project != "" {
		return r.S.T("report.a_project")
	}
	return bodies.Organisation(one.Organisation)
}

func state(s *words.Speaker, now reports.State) kit.Tag {
	return kit.Tag{Text: s.T("report.state." + string(now)), Tone: map[reports.State]kit.Tone{reports.Issued: kit.Good, reports.Draft: kit.Attention}[now]}
}

// download writes a report as a file: the name says the language and the form, such as bn.pdf.
func download(r *site.Request, q db.Reader) (templ.Component, error) {
	one, err := found(r, q)
	if err != nil {
		return nil, err
	}
	name, form, _ := strings.Cut(r.PathValue("file"), ".")
	lang, known := words.ParseLang(name)
	media := papers.Format(form).Media()
	if !known || string(lang) != name || media == "" || form == string(papers.Text) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	p, err := paperOf(r, q, one)
	if err != nil {
		return nil, err
	}
	p.Lang = lang
	var b bytes.Buffer
	if err := papers.Write(&b, papers.Format(form), p); err != nil {
		return nil, err
	}
	begins := "report-"
	if p.Content.Simulated {
		begins = "simulated-report-"
	}
	return site.Download{File: site.File{Kind: media, Body: b.Bytes()}, Name: begins + strconv.Itoa(one.Number) + "-" + strconv.Itoa(one.Issue) + "-" + name + "." + form}, nil
}

// paperOf is a report to be written out, as the visitor may have it.
func paperOf(r *site.Request, q db.Reader, one reports.Report) (papers.Paper, error) {
	_, c, err := reports.Read(r.Context(), q, r.Who, one.ID)
	if err != nil {
		return papers.Paper{}, err
	}
	stamp, err := reports.StampOf(r.Context(), q, r.Who, one.ID)
	if err != nil {
		return papers.Paper{}, err
	}
	money, err := reports.SeesMoney(r.Context(), q, r.Who, one)
	p := papers.Paper{Content: c, Frozen: stamp.Text, Money: money}
	if stamp.Hash != "" {
		p.Stamp = papers.Stamp{Number: one.Number, Issue: one.Issue, Position: stamp.Position, Hash: stamp.Hash, At: stamp.At}
	}
	return p, err
}
