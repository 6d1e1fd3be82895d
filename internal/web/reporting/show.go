// SPDX-License-Identifier: Apache-2.0

package reporting

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/reports"
	"fera/internal/reports/content"
	"fera/internal/reports/papers"
	"fera/internal/web/kit"
	"fera/internal/web/plots"
	"fera/internal/web/site"
	"fera/internal/words"
)

// bodyView is what a report says, as it is drawn.
type bodyView struct {
	S        *words.Speaker
	Sections []sectionView
	Lessons  []lessonView
}

type sectionView struct {
	Title   string
	Asks    string // what is to be written, while it is a draft
	Lines   []string
	Edit    string // address of the form
	Hidden  bool   // it is for those alone who may see the money
	Figures []figureView
}

type lessonView struct {
	About, Text string
	Strike      string // address
	Forward     bool
}

// figureView is a table with what is to be said of it, and bars where it has one number a row.
type figureView struct {
	Title   string
	Bars    plots.Bars
	Columns []kit.Column
	Rows    []kit.Row
	Flags   []string
	Notes   []string
}

// mostBars is how many rows are drawn as bars; longer tables are tables alone.
const mostBars = 14

func figureOf(s *words.Speaker, f content.Figure) figureView {
	lang := string(s.Lang())
	v := figureView{Title: f.Title.In(lang), Columns: []kit.Column{{Label: s.T("report.column.what")}}}
	for _, c := range f.Columns {
		v.Columns = append(v.Columns, kit.Column{Label: c.Title.In(lang), Number: !c.Says})
	}
	add := func(r content.Row, strong bool) {
		row := kit.Row{Cells: []templ.Component{named(r.Title.In(lang), strconv.Itoa(min(r.Depth, 3)), strong)}}
		for _, value := range r.Values {
			if r.Heads() {
				break
			}
			row.Cells = append(row.Cells, kit.Text(value.Spoken(s)))
		}
		v.Rows = append(v.Rows, row)
	}
	for _, r := range f.Rows {
		add(r, false)
	}
	if f.Whole != nil {
		add(*f.Whole, true)
	}
	if len(f.Columns) == 1 && f.Columns[0].Adds && len(f.Rows) > 1 && len(f.Rows) <= mostBars {
		v.Bars.Said = v.Title
		for _, r := range f.Rows {
			v.Bars.Bars = append(v.Bars.Bars, plots.Bar{Label: r.Title.In(lang), Said: r.Values[0].Spoken(s), Parts: []float64{float64(r.Values[0].N)}})
			v.Bars.Said += ", " + r.Title.In(lang) + " " + r.Values[0].Spoken(s)
		}
	}
	for _, g := range f.Flags {
		v.Flags = append(v.Flags, g.Text.In(lang))
	}
	for _, n := range f.Notes {
		v.Notes = append(v.Notes, n.In(lang))
	}
	return v
}

// bodyOf is what a report says; in a draft that the visitor writes, with what is to be written and where.
func bodyOf(s *words.Speaker, p papers.Paper, edit func(section string) string) bodyView {
	lang := string(s.Lang())
	c := p.Content
	if !p.Money {
		c = c.WithoutMoney()
	}
	v := bodyView{S: s}
	for _, one := range c.Sections {
		section := sectionView{Title: one.Title.In(lang), Hidden: one.Money && !p.Money}
		if text := one.Text.In(lang); text != "" {
			section.Lines = strings.Split(text, "\n")
		}
		if edit != nil && !section.Hidden {
			section.Edit, section.Asks = edit(one.Code), one.Asks.In(lang)
		}
		for _, f := range one.Figures {
			section.Figures = append(section.Figures, figureOf(s, f))
		}
		v.Sections = append(v.Sections, section)
	}
	for _, l := range c.Lessons {
		v.Lessons = append(v.Lessons, lessonView{About: l.About.In(lang), Text: l.Text.In(lang)})
	}
	return v
}

type showView struct {
	kit.Frame
	bodyView
	ID                        reports.ID
	Name                      string
	State                     kit.Tag
	Draft, MayDraft, MayIssue bool
	Whole                     bool // it is of the whole work, and of no project
	Project                   string
	Facts                     []kit.Fact
	Revised                   string
	Changes                   []kit.Row
	ChangeColumns             []kit.Column
	Files                     []fileView
	Issues                    []kit.NavItem
	Corrected                 bool // a corrected issue was begun
}

type fileView struct{ Href, Label string }

func show(r *site.Request, q db.Reader) (templ.Component, error) {
	one, err := found(r, q)
	if err != nil {
		return nil, err
	}
	p, err := paperOf(r, q, one)
	if err != nil {
		return nil, err
	}
	v := showView{Frame: r.Frame(r.S.T("report.one")), ID: one.ID, Name: title(r.S, p.Content), State: state(r.S, one.State), Draft: one.State == reports.Draft,
		MayDraft: reports.MayDraft(r.Who, one), MayIssue: reports.MayIssue(r.Who, one), Project: string(one.Project)}
	var edit func(string) string
	if v.Draft && v.MayDraft {
		edit = func(section string) string { return path(one.ID, "/sections/"+section) }
	}
	v.bodyView = bodyOf(r.S, p, edit)
	v.facts(p, one)
	if err := v.lessons(r, q, edit != nil); err != nil {
		return nil, err
	}
	changes, err := reports.Revised(r.Context(), q, r.Who, one)
	if err != nil {
		return nil, err
	}
	if len(changes) > 0 {
		key := map[bool]string{true: "report.moved", false: "report.revised"}[v.Draft]
		v.Revised = r.S.T(key, "count", len(changes))
		v.ChangeColumns, v.Changes = changed(r.S, changes)
	}
	for _, lang := range []words.Lang{r.S.Lang(), map[words.Lang]words.Lang{words.Bangla: words.English, words.English: words.Bangla}[r.S.Lang()]} {
		for _, f := range papers.Formats() {
			v.Files = append(v.Files, fileView{path(one.ID, "/files/"+string(lang)+"."+string(f)), r.S.T("report.file."+string(f), "language", r.S.T("report.language."+string(lang)))})
		}
	}
	err = v.issues(r, q, one)
	return showPage(v), err
}

func title(s *words.Speaker, c content.Content) string {
	return s.T("report.kind."+c.Kind) + ": " + c.About.In(string(s.Lang())) + ", " + c.Period.Spoken(s)
}

func (v *showView) facts(p papers.Paper, one reports.Report) {
	s, c := v.Frame.S, p.Content
	lang := string(s.Lang())
	add := func(key, value, note string) {
		v.Facts = append(v.Facts, kit.Fact{Label: s.T(key), Value: value, Note: note})
	}
	add("report.one", s.T("report.number", "number", one.Number, "issue", one.Issue), "")
	add("report.owner", c.Owner.In(lang), "")
	add("report.for_whom", s.T("report.audience."+string(c.Audience)), s.T("report.audience_said."+string(c.Audience), "n", int(c.Audience.Floor())))
	add("report.counted", dates.FormatTime(s, c.Counted), "")
	if p.Stamp.Issued() {
		add("report.issued_on", dates.FormatTime(s, p.Stamp.At), "")
		add("report.position", s.Number(int(p.Stamp.Position)), s.T("report.position_said"))
		add("report.hash", p.Stamp.Hash, s.T("report.hash_said"))
	}
}

// lessons are those of a draft with the forms by which they are struck.
func (v *showView) lessons(r *site.Request, q db.Reader, may bool) error {
	if !v.Draft {
		return nil
	}
	all, err := reports.LessonsOf(r.Context(), q, r.Who, v.ID)
	for i, l := range all {
		if i < len(v.Lessons) && may {
			v.Lessons[i].Strike, v.Lessons[i].Forward = path(v.ID, "/lessons/"+l.ID+"/strike"), l.Forward
		}
	}
	return err
}

// issues are the other issues of the same report.
func (v *showView) issues(r *site.Request, q db.Reader, one reports.Report) error {
	all, err := reports.Issues(r.Context(), q, r.Who, one)
	for _, other := range all {
		v.Corrected = v.Corrected || other.Corrects == one.ID
		if other.ID != one.ID {
			v.Issues = append(v.Issues, kit.NavItem{Href: path(other.ID, ""), Label: r.S.T("report.number", "number", other.Number, "issue", other.Issue) + " · " + r.S.T("report.state."+string(other.State))})
		}
	}
	return err
}

// changed are the numbers that are others now.
func changed(s *words.Speaker, all []content.Change) (columns []kit.Column, rows []kit.Row) {
	lang := string(s.Lang())
	columns = kit.Columns(s, "report.csv.figure", "report.csv.row", "report.csv.column", "report.was", "report.now")
	columns[3].Number, columns[4].Number = true, true
	for _, c := range all {
		rows = append(rows, kit.Row{Cells: []templ.Component{kit.Text(c.Figure.In(lang)), kit.Text(c.Row.In(lang)), kit.Text(c.Column.In(lang)), kit.Text(c.Was.Spoken(s)), kit.Text(c.Now.Spoken(s))}})
	}
	return columns, rows
}

type previewView struct {
	kit.Frame
	bodyView
	ID    reports.ID
	Name  string
	Facts []kit.Fact
}

// preview is a draft as its readers will have it.
func preview(r *site.Request, q db.Reader) (templ.Component, error) {
	one, err := drafted(r, q)
	if err != nil {
		return nil, err
	}
	p, err := paperOf(r, q, one)
	if err != nil {
		return nil, err
	}
	whole := showView{Frame: r.Frame(r.S.T("report.preview"))}
	whole.facts(p, one)
	return previewPage(previewView{Frame: whole.Frame, bodyView: bodyOf(r.S, p, nil), ID: one.ID, Name: title(r.S, p.Content), Facts: whole.Facts}), nil
}

type historyView struct {
	kit.Frame
	Name, Back string
	Events     []kit.Event
}

// history is what was written in the sections, each version.
func history(r *site.Request, q db.Reader) (templ.Component, error) {
	one, err := found(r, q)
	if err != nil {
		return nil, err
	}
	_, c, err := reports.Read(r.Context(), q, r.Who, one.ID)
	if err != nil {
		return nil, err
	}
	money, err := reports.SeesMoney(r.Context(), q, r.Who, one)
	if err != nil {
		return nil, err
	}
	lang := string(r.S.Lang())
	v := historyView{Frame: r.Frame(r.S.T("report.history")), Name: title(r.S, c), Back: path(one.ID, "")}
	all, err := reports.Texts(r.Context(), q, r.Who, one.ID)
	for _, t := range all {
		for _, s := range c.Sections {
			if s.Code == t.Section && (money || !s.Money) {
				v.Events = append(v.Events, kit.Event{When: dates.Near(r.S, t.At, r.Now), ISO: t.At.Format("2006-01-02T15:04:05Z07:00"), Who: t.By, Text: t.Said.In(lang), Title: r.S.T("report.version_said", "section", s.Title.In(lang), "number", t.Number)})
			}
		}
	}
	return historyPage(v), err
}

type lessonsView struct {
	kit.Frame
	Topics []topicView
}

type topicView struct {
	Title   string
	Lessons []learntView
}

type learntView struct {
	Text, From, Href string
	Forward          bool
}

// lessons are what was learnt in the organisation, by the step of the work.
func lessons(r *site.Request, q db.Reader) (templ.Component, error) {
	v := lessonsView{Frame: r.Frame(r.S.T("report.lessons"))}
	all, err := reports.Lessons(r.Context(), q, r.Who, "", false)
	lang := string(r.S.Lang())
	for _, l := range all {
		name := reports.Topic(l.Topic).In(lang)
		if n := len(v.Topics); n == 0 || v.Topics[n-1].Title != name {
			v.Topics = append(v.Topics, topicView{Title: name})
		}
		one := learntView{Text: l.Said.In(lang), Forward: l.Forward, From: dates.Format(r.S, dates.Of(l.At))}
		if _, err := reports.Find(r.Context(), q, r.Who, l.Report); err == nil {
			one.Href = path(l.Report, "")
		} else if fault.KindOf(err) != fault.NotFound {
			return nil, err
		}
		last := &v.Topics[len(v.Topics)-1]
		last.Lessons = append(last.Lessons, one)
	}
	return lessonsPage(v), err
}
