// SPDX-License-Identifier: Apache-2.0

package reporting

import (
	"strconv"

	"github.com/a-h/templ"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/guidance"
	"fera/internal/ids"
	"fera/internal/projects"
	"fera/internal/reports"
	"fera/internal/reports/content"
	"fera/internal/web/fields"
	"fera/internal/web/kit"
	"fera/internal/web/site"
)

// once keeps an act from being done twice when its form is sent twice.
func once(r *site.Request, f *fields.Form) {
	f.Put(kit.Hidden("operation", r.Typed("operation", ids.New(r.Now))))
}

func beginning(r *site.Request, q db.Reader) (templ.Component, error) {
	f := fields.New(r, r.S.T("report.new"), "/reports/new", "/reports")
	f.Lead, f.Verb = r.S.T("report.new_lead"), r.S.T("report.begin")
	once(r, f)
	names, err := projectNames(r, q)
	if err != nil {
		return nil, err
	}
	in := f.In("project", "report.project", r.URL.Query().Get("project"))
	in.Optional = true
	f.Put(kit.Select(r.S, in, names))
	f.Select("kind", "report.kind", content.Monthly, "report.kind.", content.Kinds()...)
	last := dates.Of(r.Now)
	if last.Month--; last.Month == 0 {
		last.Year, last.Month = last.Year-1, 12
	}
	f.Line("period", "report.period", dates.Partial{Year: last.Year, Month: last.Month}.String())
	f.Put(kit.Choice(r.S, f.In("audience", "report.for_whom", string(content.Outside)), f.Options("report.audience.", string(content.Outside), string(content.Inside))))
	return fields.Page(f), nil
}

func begin(r *site.Request, tx *db.Tx) (string, error) {
	b := reports.Beginning{Operation: r.PostForm.Get("operation"), Project: projects.ID(r.PostForm.Get("project")), Kind: r.PostForm.Get("kind"), Audience: content.Audience(r.PostForm.Get("audience"))}
	if b.Project != "" && !ids.Valid(string(b.Project)) {
		return "", fault.New(fault.Invalid, "fault.bad_choice").On("project")
	}
	var err error
	if b.Period, err = content.ReadPeriod(western(r.PostForm.Get("period"))); err != nil {
		return "", err
	}
	r.Say("report_begun")
	id, err := reports.Begin(r.Context(), tx, r.Who, b)
	return path(id, ""), err
}

// writing is the form of one section, with its figures below it.
func writing(r *site.Request, q db.Reader) (templ.Component, error) {
	one, err := drafted(r, q)
	if err != nil {
		return nil, err
	}
	p, err := paperOf(r, q, one)
	if err != nil {
		return nil, err
	}
	code, lang := r.PathValue("section"), string(r.S.Lang())
	for _, s := range p.Content.Sections {
		if s.Code != code || s.Money && !p.Money {
			continue
		}
		f := fields.New(r, s.Title.In(lang), path(one.ID, "/sections/"+code), path(one.ID, ""))
		f.Lead = s.Asks.In(lang)
		all, err := reports.Texts(r.Context(), q, r.Who, one.ID)
		if err != nil {
			return nil, err
		}
		now := content.Words{}
		for _, t := range all {
			if t.Section == code && t.Number > f.Version {
				f.Version, now = t.Number, t.Said
			}
		}
		if n, _ := strconv.Atoi(r.PostForm.Get("version")); len(r.Problems) > 0 && n != f.Version {
			f.Put(meanwhile(r.S, now.In(lang)))
		}
		for _, name := range order(lang) {
			in := f.In("text_"+name, "report.text_"+name, map[string]string{"bn": now.Bn, "en": now.En}[name])
			in.Optional, in.MaxLength, in.Rows, in.Lang = true, 20_000, 10, name
			f.Put(kit.Area(r.S, in))
		}
		f.Put(reminder(r.S))
		for _, figure := range s.Figures {
			f.Group(figure.Title.In(lang), "")
			v := figureOf(r.S, figure)
			v.Title = ""
			f.Put(drawn(v))
		}
		return fields.Page(f), nil
	}
	return nil, fault.New(fault.NotFound, "report.section_unknown")
}

// order is the reader's language first.
func order(lang string) []string {
	if lang == "en" {
		return []string{"en", "bn"}
	}
	return []string{"bn", "en"}
}

func write(r *site.Request, tx *db.Tx) (string, error) {
	one, err := drafted(r, tx)
	if err != nil {
		return "", err
	}
	after, err := strconv.Atoi(r.PostForm.Get("version"))
	if err != nil {
		after = 0 // nothing was written when the form was drawn
	}
	r.Say("report_written")
	_, err = reports.Write(r.Context(), tx, r.Who, reports.Writing{Report: one.ID, Section: r.PathValue("section"), After: after, TextBn: r.PostForm.Get("text_bn"), TextEn: r.PostForm.Get("text_en")})
	return path(one.ID, ""), err
}

type refreshView struct {
	kit.Frame
	Problems kit.Problems
	ID       reports.ID
	Name     string
	Columns  []kit.Column
	Rows     []kit.Row
}

// refreshing shows what refreshing would change.
func refreshing(r *site.Request, q db.Reader) (templ.Component, error) {
	one, err := drafted(r, q)
	if err != nil {
		return nil, err
	}
	_, c, err := reports.Read(r.Context(), q, r.Who, one.ID)
	if err != nil {
		return nil, err
	}
	all, err := reports.Revised(r.Context(), q, r.Who, one)
	v := refreshView{Frame: r.Frame(r.S.T("report.refresh")), Problems: r.Problems, ID: one.ID, Name: title(r.S, c)}
	v.Columns, v.Rows = changed(r.S, all)
	return refreshPage(v), err
}

func refresh(r *site.Request, tx *db.Tx) (string, error) {
	one, err := drafted(r, tx)
	if err != nil {
		return "", err
	}
	r.Say("report_refreshed")
	_, err = reports.Refresh(r.Context(), tx, r.Who, one.ID)
	return path(one.ID, ""), err
}

func learning(r *site.Request, q db.Reader) (templ.Component, error) {
	one, err := drafted(r, q)
	if err != nil {
		return nil, err
	}
	f := fields.New(r, r.S.T("report.lesson_new"), path(one.ID, "/lessons/new"), path(one.ID, ""))
	f.Lead = r.S.T("report.lesson_lead")
	once(r, f)
	var topics []kit.Option
	for _, t := range guidance.Topics() {
		topics = append(topics, kit.Option{Value: t, Label: reports.Topic(t).In(string(r.S.Lang()))})
	}
	f.Put(kit.Select(r.S, f.In("topic", "report.lesson_topic", ""), topics))
	for _, name := range order(string(r.S.Lang())) {
		in := f.In("text_"+name, "report.text_"+name, "")
		in.Optional, in.MaxLength, in.Rows, in.Lang = true, 1500, 4, name
		f.Put(kit.Area(r.S, in))
	}
	f.Check("forward", "report.lesson_forward", false)
	f.Put(reminder(r.S))
	return fields.Page(f), nil
}

func learn(r *site.Request, tx *db.Tx) (string, error) {
	one, err := drafted(r, tx)
	if err != nil {
		return "", err
	}
	r.Say("report_learnt")
	_, err = reports.Learn(r.Context(), tx, r.Who, reports.Learning{Operation: r.PostForm.Get("operation"), Report: one.ID, Topic: r.PostForm.Get("topic"),
		TextBn: r.PostForm.Get("text_bn"), TextEn: r.PostForm.Get("text_en"), Forward: r.PostForm.Get("forward") == "yes"})
	return path(one.ID, ""), err
}

func strike(r *site.Request, tx *db.Tx) (string, error) {
	one, err := drafted(r, tx)
	if err != nil {
		return "", err
	}
	lesson, err := r.ID("lesson")
	if err != nil {
		return "", err
	}
	r.Say("report_struck")
	return path(one.ID, ""), reports.Strike(r.Context(), tx, r.Who, one.ID, lesson)
}

type issueView struct {
	kit.Frame
	Problems kit.Problems
	Asked    kit.Confirmation
	Refresh  string // address, when figures moved
}

func issuing(r *site.Request, q db.Reader) (templ.Component, error) {
	one, err := found(r, q)
	switch {
	case err != nil:
		return nil, err
	case !reports.MayIssue(r.Who, one):
		return nil, fault.New(fault.Forbidden, "access.not_allowed")
	case one.State != reports.Draft:
		return nil, fault.New(fault.Conflict, "report.issued_already")
	}
	_, c, err := reports.Read(r.Context(), q, r.Who, one.ID)
	v := issueView{Frame: r.Frame(r.S.T("report.issue")), Problems: r.Problems, Refresh: path(one.ID, "/refresh"), Asked: kit.Confirmation{Question: r.S.T("report.issue_ask"), Text: title(r.S, c) + ". " + r.S.T("report.issue_said"), Action: path(one.ID, "/issue"),
		Yes: r.S.T("report.issue"), NoHref: path(one.ID, ""), Version: one.Version}}
	return issuePage(v), err
}

func issue(r *site.Request, tx *db.Tx) (string, error) {
	one, err := found(r, tx)
	if err != nil {
		return "", err
	}
	r.Say("report_issued")
	return path(one.ID, ""), reports.Issue(r.Context(), tx, r.Who, reports.Issuing{Report: one.ID, Version: r.Version(0)})
}

func correcting(r *site.Request, q db.Reader) (templ.Component, error) {
	one, err := found(r, q)
	switch {
	case err != nil:
		return nil, err
	case !reports.MayDraft(r.Who, one):
		return nil, fault.New(fault.Forbidden, "access.not_allowed")
	case one.State != reports.Issued:
		return nil, fault.New(fault.Conflict, "report.not_issued")
	}
	f := fields.New(r, r.S.T("report.correct"), path(one.ID, "/correct"), path(one.ID, ""))
	f.Lead, f.Verb = r.S.T("report.correct_lead"), r.S.T("report.correct")
	once(r, f)
	f.Why()
	return fields.Page(f), nil
}

func correct(r *site.Request, tx *db.Tx) (string, error) {
	one, err := found(r, tx)
	if err != nil {
		return "", err
	}
	r.Say("report_begun")
	id, err := reports.Correct(r.Context(), tx, r.Who, reports.Correcting{Operation: r.PostForm.Get("operation"), Report: one.ID, Why: r.PostForm.Get("why")})
	return path(id, ""), err
}
