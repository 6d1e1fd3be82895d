// SPDX-License-Identifier: Apache-2.0

// Package reporting is the part of the API by which reports are drafted, written, issued and taken away.
//
// It says what each operation takes, does and shows; package op admits who asks, reads the body, opens the transaction and does no act
// twice.
package reporting

import (
	"bytes"
	"net/http"
	"strconv"
	"time"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/projects"
	"fera/internal/reports"
	"fera/internal/reports/content"
	"fera/internal/reports/papers"
	"fera/internal/words"
)

// Operations is the table.
func Operations() []op.Operation {
	const read, draft, issues = access.ReadReports, access.DraftReports, access.IssueReports
	whole := op.Holds[reportView]()
	all := []op.Operation{
		{Name: "list_reports", Method: http.MethodGet, Path: "/reports", Need: read, Params: []string{"project", "kind", "year"}, Out: op.Holds[page[reportCard]](), Show: list},
		{Name: "begin_report", Method: http.MethodPost, Path: "/reports", Need: draft, In: op.Sent[newReport](), Out: whole, Status: http.StatusCreated, Own: true, Act: begin, Show: made,
			Example: `{"project": "01900000-0000-7000-8000-000000000000", "kind": "monthly", "period": "2026-05", "audience": "outside"}`},
		{Name: "read_report", Method: http.MethodGet, Path: "/reports/{id}", Need: read, Out: whole, Show: find},
		{Name: "write_report", Method: http.MethodPost, Path: "/reports/{id}/sections/{section}", Need: draft, In: op.Sent[sectionText](), Out: whole, Act: write, Show: find,
			Example: `{"after": 0, "text_bn": "এই মাসে যা হলো।", "text_en": "What happened this month."}`},
		{Name: "refresh_report", Method: http.MethodPost, Path: "/reports/{id}/refresh", Need: draft, Out: whole, Unkeyed: true, Act: refresh, Show: find},
		{Name: "add_report_lesson", Method: http.MethodPost, Path: "/reports/{id}/lessons", Need: draft, In: op.Sent[newLesson](), Out: whole, Status: http.StatusCreated, Own: true, Act: learn, Show: find,
			Example: `{"topic": "person.register", "text_en": "Water first, papers later.", "forward": true}`},
		{Name: "issue_report", Method: http.MethodPost, Path: "/reports/{id}/issue", Need: issues, In: op.Sent[asRead](), Out: whole, Act: issue, Show: find, Example: `{"version": 3}`},
		{Name: "correct_report", Method: http.MethodPost, Path: "/reports/{id}/correct", Need: draft, In: op.Sent[correction](), Out: whole, Status: http.StatusCreated, Own: true, Act: correct, Show: made,
			Example: `{"why": "twelve visits were entered late"}`},
	}
	for _, f := range papers.Formats() {
		all = append(all, op.Operation{Name: "download_report_" + string(f), Method: http.MethodGet, Path: "/reports/{id}/report." + string(f), Need: read, Params: []string{"lang"}, Media: f.Media(), Show: download(f)})
	}
	return op.Acts(all)
}

// page is a part of a list.
type page[T any] struct {
	Items []T `json:"items"`
}

// reportCard is a report in a list.
type reportCard struct {
	ID           string    `json:"id"`
	Number       int       `json:"number"`
	Issue        int       `json:"issue"`
	Corrects     string    `json:"corrects,omitempty"`
	Organisation string    `json:"organisation"`
	Project      string    `json:"project,omitempty"`
	Kind         string    `json:"kind"`
	Period       string    `json:"period"`
	Audience     string    `json:"audience"`
	State        string    `json:"state"`
	Version      int       `json:"version"`
	CountedAt    time.Time `json:"counted_at"`
}

// reportView is a report with what it says, what was written when, and what is another number now.
type reportView struct {
	Report  reportCard      `json:"report"`
	Stamp   *stampView      `json:"stamp,omitempty"`
	Texts   []textView      `json:"texts"`
	Revised []changeView    `json:"revised"`
	Content content.Content `json:"content"`
}

// stampView is with what a report was issued.
type stampView struct {
	Hash     string    `json:"hash"`
	Position int64     `json:"position"`
	At       time.Time `json:"at"`
}

// textView is which version of a section holds.
type textView struct {
	Section string `json:"section"`
	Text    int    `json:"text"`
}

// changeView is a number that is another now.
type changeView struct {
	Figure string        `json:"figure"`
	Row    string        `json:"row"`
	Column string        `json:"column"`
	Was    content.Value `json:"was"`
	Now    content.Value `json:"now"`
}

func cardOf(r reports.Report) reportCard {
	return reportCard{string(r.ID), r.Number, r.Issue, string(r.Corrects), r.Organisation, string(r.Project), r.Kind, r.Period.String(), string(r.Audience), string(r.State), r.Version, r.Counted}
}

func list(c *op.Call) (any, error) {
	f := reports.Filter{Project: projects.ID(c.Query["project"]), Kind: c.Query["kind"]}
	if len(f.Project) > 100 || len(f.Kind) > 100 {
		return nil, fault.New(fault.Invalid, "fault.bad_choice").On("project")
	}
	if year := c.Query["year"]; year != "" {
		n, err := strconv.Atoi(year)
		if err != nil || n < 1976 || n > 2200 {
			return nil, fault.New(fault.Invalid, "report.bad_year").On("year")
		}
		f.Year = n
	}
	all, err := reports.List(c.Ctx, c.Q, c.Who, f)
	out := page[reportCard]{Items: []reportCard{}}
	for _, r := range all {
		out.Items = append(out.Items, cardOf(r))
	}
	return out, err
}

// at is the report that the path names.
func at(c *op.Call) (reports.ID, error) { return op.PathID[reports.ID](c, "id", "report.not_found") }

func find(c *op.Call) (any, error) {
	id, err := at(c)
	if err != nil {
		return nil, err
	}
	return whole(c, id)
}

// made shows what the act made.
func made(c *op.Call) (any, error) {
	return whole(c, reports.ID(c.MadeID()))
}

func whole(c *op.Call, id reports.ID) (any, error) {
	r, said, err := reports.Read(c.Ctx, c.Q, c.Who, id)
	if err != nil {
		return nil, err
	}
	money, err := reports.SeesMoney(c.Ctx, c.Q, c.Who, r)
	if err != nil {
		return nil, err
	}
	if !money {
		said = said.WithoutMoney()
	}
	v := reportView{Report: cardOf(r), Texts: []textView{}, Revised: []changeView{}, Content: said}
	stamp, err := reports.StampOf(c.Ctx, c.Q, c.Who, id)
	if err != nil {
		return nil, err
	}
	if stamp.Hash != "" {
		v.Stamp = &stampView{stamp.Hash, stamp.Position, stamp.At}
	}
	texts, err := reports.Texts(c.Ctx, c.Q, c.Who, id)
	if err != nil {
		return nil, err
	}
	for i, t := range texts {
		if i == 0 || texts[i-1].Section != t.Section {
			v.Texts = append(v.Texts, textView{t.Section, t.Number})
		}
	}
	changes, err := reports.Revised(c.Ctx, c.Q, c.Who, r)
	for _, one := range changes {
		v.Revised = append(v.Revised, changeView{one.Figure.In("en"), one.Row.In("en"), one.Column.In("en"), one.Was, one.Now})
	}
	return v, err
}

// newReport begins a report.
type newReport struct {
	Project  string `json:"project,omitempty"`
	Kind     string `json:"kind"`
	Period   string `json:"period"`
	Audience string `json:"audience,omitempty"`
}

func begin(c *op.Call) error {
	b := c.Body.(*newReport)
	p, err := content.ReadPeriod(b.Period)
	if err != nil {
		return err
	}
	if b.Project != "" && !ids.Valid(b.Project) {
		return fault.New(fault.Invalid, "fault.bad_choice").On("project")
	}
	id, err := reports.Begin(c.Ctx, c.Tx, c.Who, reports.Beginning{Operation: c.Key, Project: projects.ID(b.Project), Kind: b.Kind, Period: p, Audience: content.Audience(b.Audience)})
	c.Made = "/reports/" + string(id)
	return err
}

// sectionText is what a section is to say from now on.
type sectionText struct {
	After  int    `json:"after"`
	TextBn string `json:"text_bn,omitempty"`
	TextEn string `json:"text_en,omitempty"`
}

func write(c *op.Call) error {
	id, err := at(c)
	if err != nil {
		return err
	}
	b := c.Body.(*sectionText)
	_, err = reports.Write(c.Ctx, c.Tx, c.Who, reports.Writing{Report: id, Section: c.Path("section"), After: b.After, TextBn: b.TextBn, TextEn: b.TextEn})
	return err
}

func refresh(c *op.Call) error {
	id, err := at(c)
	if err == nil {
		_, err = reports.Refresh(c.Ctx, c.Tx, c.Who, id)
	}
	return err
}

// newLesson is something learnt.
type newLesson struct {
	Topic   string `json:"topic"`
	TextBn  string `json:"text_bn,omitempty"`
	TextEn  string `json:"text_en,omitempty"`
	Forward bool   `json:"forward,omitempty"`
}

func learn(c *op.Call) error {
	id, err := at(c)
	if err != nil {
		return err
	}
	b := c.Body.(*newLesson)
	_, err = reports.Learn(c.Ctx, c.Tx, c.Who, reports.Learning{Operation: c.Key, Report: id, Topic: b.Topic, TextBn: b.TextBn, TextEn: b.TextEn, Forward: b.Forward})
	return err
}

// asRead names the version that was looked at.
type asRead struct {
	Version int `json:"version"`
}

// Check wants the version that was looked at.
func (b *asRead) Check() *fault.Error {
	if b.Version < 1 {
		return fault.New(fault.Invalid, "api.version_needed").On("version")
	}
	return nil
}

func issue(c *op.Call) error {
	id, err := at(c)
	if err != nil {
		return err
	}
	return reports.Issue(c.Ctx, c.Tx, c.Who, reports.Issuing{Report: id, Version: c.Body.(*asRead).Version})
}

// correction says why a corrected issue is begun.
type correction struct {
	Why string `json:"why"`
}

func correct(c *op.Call) error {
	id, err := at(c)
	if err != nil {
		return err
	}
	next, err := reports.Correct(c.Ctx, c.Tx, c.Who, reports.Correcting{Operation: c.Key, Report: id, Why: c.Body.(*correction).Why})
	c.Made = "/reports/" + string(next)
	return err
}

// download writes a report in a format, in Bangla unless another language is asked for.
func download(f papers.Format) func(c *op.Call) (any, error) {
	return func(c *op.Call) (any, error) {
		id, err := at(c)
		if err != nil {
			return nil, err
		}
		lang := words.Bangla
		if asked := c.Query["lang"]; asked != "" {
			known := false
			if lang, known = words.ParseLang(asked); !known {
				return nil, fault.New(fault.Invalid, "fault.bad_choice").On("lang")
			}
		}
		r, said, err := reports.Read(c.Ctx, c.Q, c.Who, id)
		if err != nil {
			return nil, err
		}
		stamp, err := reports.StampOf(c.Ctx, c.Q, c.Who, id)
		if err != nil {
			return nil, err
		}
		money, err := reports.SeesMoney(c.Ctx, c.Q, c.Who, r)
		if err != nil {
			return nil, err
		}
		p := papers.Paper{Content: said, Frozen: stamp.Text, Money: money, Lang: lang}
		if stamp.Hash != "" {
			p.Stamp = papers.Stamp{Number: r.Number, Issue: r.Issue, Position: stamp.Position, Hash: stamp.Hash, At: stamp.At}
		}
		var b bytes.Buffer
		err = papers.Write(&b, f, p)
		return b.Bytes(), err
	}
}
