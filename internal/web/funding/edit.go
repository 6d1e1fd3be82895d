// SPDX-License-Identifier: Apache-2.0

package funding

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/projects"
	"fera/internal/services"
	"fera/internal/web/fields"
	"fera/internal/web/kit"
	"fera/internal/web/places"
	"fera/internal/web/site"
)

// parts are those of a record that are changed on a page of their own.
func parts() []string {
	return []string{"basics", "partners", "results", "measures", "lines", "documents", "publishing"}
}

func beginning(r *site.Request, _ db.Reader) (templ.Component, error) {
	f := fields.New(r, r.S.T("project.new"), "/projects/new", "/projects")
	f.Line("code", "project.code_label", "")
	basics(r, f, projects.Project{State: projects.Planned})
	return fields.Page(f), nil
}

func open(r *site.Request, tx *db.Tx) (string, error) {
	p := projects.Project{}
	if err := readBasics(r, &p); err != nil {
		return "", err
	}
	r.Say("project_opened")
	id, err := projects.Open(r.Context(), tx, r.Who, projects.Opening{Code: r.PostForm.Get("code"), State: p.State, Record: p.Record})
	return path(id, ""), err
}

func editing(r *site.Request, q db.Reader) (templ.Component, error) {
	p, err := managed(r, q)
	if err != nil {
		return nil, err
	}
	part := r.PathValue("part")
	if !slices.Contains(parts(), part) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	f := fields.New(r, r.S.T("project.part."+part), path(p.ID, "/edit/"+part), path(p.ID, ""))
	f.Version = r.Version(p.Version)
	if key := "project.part_lead." + part; r.S.Has(key) {
		f.Lead = r.S.T(key)
	}
	f.Why()
	if part == "basics" {
		basics(r, f, p)
		return fields.Page(f), nil
	}
	if part == "publishing" {
		publishing(r, f, p.Record)
	}
	t, _ := tableOf(part)
	draw(r, f, t, p.Record)
	return fields.Page(f), nil
}

func edit(r *site.Request, tx *db.Tx) (string, error) {
	if r.PostForm.Get("go") == "more" {
		var err error
		r.Answer, err = editing(r, tx)
		return "", err
	}
	p, err := managed(r, tx)
	if err != nil {
		return "", err
	}
	part := r.PathValue("part")
	switch t, ok := tableOf(part); {
	case part == "basics":
		err = readBasics(r, &p)
	case !ok:
		err = fault.New(fault.NotFound, "fault.not_found")
	default:
		if part == "publishing" {
			readPublishing(r, &p.Record)
		}
		err = t.read(r, &p.Record)
	}
	if err != nil {
		return "", err
	}
	r.Say("project_changed")
	_, err = projects.Amend(r.Context(), tx, r.Who, projects.Amendment{Project: p.ID, Version: r.Version(0), State: p.State, Record: p.Record, Why: r.PostForm.Get("why")})
	return path(p.ID, ""), err
}

func basics(r *site.Request, f *fields.Form, p projects.Project) {
	f.Text("title_bn", "project.title_bn", p.TitleBn)
	f.Text("title_en", "project.title_en", p.TitleEn)
	var states []string
	for _, s := range projects.States() {
		states = append(states, string(s))
	}
	f.Select("state", "project.state", string(p.State), "project.state.", states...)
	f.Area("text_bn", "project.text_bn", p.TextBn, 4)
	f.Area("text_en", "project.text_en", p.TextEn, 4)
	f.Group(r.S.T("project.dates"), r.S.T("project.dates_hint"))
	f.Date("planned_from", "project.planned_from", p.PlannedFrom, false)
	f.Date("planned_until", "project.planned_until", p.PlannedTo, true)
	f.Date("started", "project.started", p.Started, true)
	f.Date("ended", "project.ended", p.Ended, true)
	f.Group(r.S.T("project.area"), "")
	f.Check("nationwide", "project.nationwide", p.Nationwide)
	var options []kit.Option
	for _, code := range p.Places {
		options = append(options, kit.Option{Value: code, Label: area(r.S, projects.Record{Places: []string{code}}), Chosen: r.Ticked("places", code, true)})
	}
	if len(options) > 0 {
		f.Put(kit.Checks(r.S, f.In("places", "project.places", ""), options))
	}
	f.Place("place", "project.place_add", "")
	f.Group(r.S.T("project.more"), "")
	f.Text("theme", "project.theme", p.Theme)
	f.Text("region", "project.region", p.Region)
	f.Select("gender", "project.gender", strconv.Itoa(p.Gender), "project.gender.", "0", "1", "2")
	f.Area("source", "project.source", p.Source, 2)
}

func readBasics(r *site.Request, p *projects.Project) error {
	form := r.PostForm
	p.TitleBn, p.TitleEn, p.TextBn, p.TextEn = form.Get("title_bn"), form.Get("title_en"), form.Get("text_bn"), form.Get("text_en")
	p.State, p.Theme, p.Region, p.Source = projects.State(form.Get("state")), form.Get("theme"), form.Get("region"), form.Get("source")
	p.Nationwide, p.Places = form.Get("nationwide") == "yes", slices.Clone(form["places"])
	p.Gender, _ = fields.Whole(form.Get("gender"))
	var faults []*fault.Error
	for name, day := range map[string]*dates.Partial{"planned_from": &p.PlannedFrom, "planned_until": &p.PlannedTo, "started": &p.Started, "ended": &p.Ended} {
		var err error
		if *day, err = typedDay(form.Get(name)); err != nil {
			faults = append(faults, fault.New(fault.Invalid, "date.unreadable").On(name))
		}
	}
	if form.Get("place") != "" || form.Get("place_text") != "" {
		place, err := places.Read(r, "place")
		if err != nil {
			faults = append(faults, fault.New(fault.Invalid, "office.place_needed").On("place"))
		}
		p.Places = append(p.Places, place)
	}
	if f := fault.Join(faults...); f != nil {
		return f
	}
	return nil
}

func typedDay(text string) (dates.Partial, error) {
	if strings.TrimSpace(text) == "" {
		return dates.Partial{}, nil
	}
	return dates.Parse(text)
}

// publishing asks who publishes the project, under which purpose and other names.
func publishing(r *site.Request, f *fields.Form, p projects.Record) {
	f.Group(r.S.T("project.reporter"), r.S.T("project.reporter_hint"))
	f.Text("reporter.name_bn", "project.name_bn", p.Reporter.NameBn)
	f.Text("reporter.name_en", "project.name_en", p.Reporter.NameEn)
	f.Text("reporter.ref", "project.ref_label", p.Reporter.Ref)
	f.Select("reporter.type", "project.type", p.Reporter.Type, "project.type.", projects.PartnerTypes()...)
	f.Group(r.S.T("project.sectors"), r.S.T("project.sectors_hint"))
	var known []string
	for _, s := range p.Sectors {
		known = append(known, s.Code+" "+strconv.Itoa(s.Percent))
	}
	f.Area("sectors", "project.sector_lines", strings.Join(known, "\n"), 3)
	offered := make([]string, 0, 8)
	for _, one := range projects.Purposes() {
		offered = append(offered, one.Code+" "+one.Name(string(r.S.Lang())))
	}
	f.Put(lines(offered))
}

func readPublishing(r *site.Request, p *projects.Record) {
	form := r.PostForm
	p.Reporter = projects.Partner{NameBn: form.Get("reporter.name_bn"), NameEn: form.Get("reporter.name_en"), Ref: strings.TrimSpace(form.Get("reporter.ref")), Type: form.Get("reporter.type")}
	p.Sectors = nil
	for line := range strings.Lines(form.Get("sectors")) {
		code, share, _ := strings.Cut(strings.TrimSpace(line), " ")
		if code == "" {
			continue
		}
		percent, ok := fields.Whole(strings.TrimSuffix(strings.TrimSpace(share), "%"))
		if !ok {
			percent = -1 // the record says what is wrong with it
		}
		digits, ok := fields.Whole(code)
		if ok {
			code = strconv.Itoa(digits)
		}
		p.Sectors = append(p.Sectors, projects.Sector{Code: code, Percent: percent})
	}
}

// column is a control of each row of a table.
type column struct {
	name, label string
	options     func() []string // a choice; said by key and value
	key         string
	area        bool
}

// table is a list of rows of a record, with how it is read and written.
type table struct {
	columns []column
	rows    func(p projects.Record) []url.Values
	read    func(r *site.Request, p *projects.Record) error
}

// mostRows is how many rows a table has at most.
const mostRows = 100

// draw draws the rows there are, and an empty one.
func draw(r *site.Request, f *fields.Form, t table, p projects.Record) {
	rows := t.rows(p)
	n := len(rows) + 1
	if r.Method == "POST" {
		for n = 0; n < mostRows && r.PostForm.Has(fmt.Sprintf("rows.%d.%s", n, t.columns[0].name)); {
			n++
		}
		if r.PostForm.Get("go") == "more" {
			n++
		}
	}
	for i := range min(n, mostRows) {
		now := url.Values{}
		if i < len(rows) {
			now = rows[i]
		}
		f.Group(r.S.T("project.row", "number", i+1), "")
		for _, c := range t.columns {
			name := fmt.Sprintf("rows.%d.%s", i, c.name)
			switch {
			case c.options != nil:
				f.Select(name, c.label, now.Get(c.name), c.key, c.options()...)
			case c.area:
				f.Area(name, c.label, now.Get(c.name), 3)
			default:
				f.Text(name, c.label, now.Get(c.name))
			}
		}
	}
	f.More = r.S.T("project.row_add")
}

// filled are the rows in which something was typed.
func (t table) filled(r *site.Request) (all []url.Values) {
	for i := range mostRows {
		row, some := url.Values{}, false
		for _, c := range t.columns {
			text := strings.TrimSpace(r.PostForm.Get(fmt.Sprintf("rows.%d.%s", i, c.name)))
			row.Set(c.name, text)
			some = some || text != "" && c.options == nil
		}
		if some {
			all = append(all, row)
		}
	}
	return all
}

// taka reads an amount of hundredths, whatever it is of.
func hundredths(text string) (int64, error) { return services.ReadAmount(text, services.Taka) }
