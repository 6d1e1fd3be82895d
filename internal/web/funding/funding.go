// SPDX-License-Identifier: Apache-2.0

// Package funding is the pages of projects: what they are to do, where and with whom, their money, and what counts for them.
package funding

import (
	"bytes"
	"cmp"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/activities"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/geo"
	"fera/internal/iati"
	"fera/internal/projects"
	"fera/internal/reports/counted"
	"fera/internal/web/kit"
	"fera/internal/web/places"
	"fera/internal/web/site"
	"fera/internal/words"
)

// Routes are the pages of projects.
func Routes(*site.Site) []site.Route {
	const read, manage, money = access.ReadProjects, access.ManageProjects, access.ReadProjectMoney
	return []site.Route{
		{Path: "GET /projects", Perm: read, Page: list},
		{Path: "GET /projects/new", Perm: manage, Page: beginning},
		{Path: "POST /projects/new", Perm: manage, Page: beginning, Act: open},
		{Path: "GET /projects/{id}", Perm: read, Page: show},
		{Path: "GET /projects/{id}/history", Perm: read, Page: history},
		{Path: "GET /projects/{id}/iati.xml", Perm: read, Page: download},
		{Path: "GET /projects/{id}/edit/{part}", Perm: manage, Page: editing},
		{Path: "POST /projects/{id}/edit/{part}", Perm: manage, Page: editing, Act: edit},
		{Path: "GET /projects/{id}/money", Perm: money, Page: book},
		{Path: "GET /projects/{id}/money/new", Perm: manage, Page: entering},
		{Path: "POST /projects/{id}/money/new", Perm: manage, Page: entering, Act: enter},
		{Path: "GET /projects/{id}/money/{entry}/reverse", Perm: manage, Page: reversing},
		{Path: "POST /projects/{id}/money/{entry}/reverse", Perm: manage, Page: reversing, Act: reverse},
		{Path: "GET /projects/{id}/rules/new", Perm: manage, Page: ruling},
		{Path: "POST /projects/{id}/rules/new", Perm: manage, Page: ruling, Act: addRule},
		{Path: "POST /projects/{id}/rules/{rule}/end", Perm: manage, Act: endRule},
		{Path: "GET /projects/{id}/counts/new", Perm: manage, Page: counting},
		{Path: "POST /projects/{id}/counts/new", Perm: manage, Page: counting, Act: count},
	}
}

type listView struct {
	kit.Frame
	State, Place, On kit.Input
	States, Places   []kit.Option
	May              bool
	Said             string
	Rows             []kit.Row
}

func list(r *site.Request, q db.Reader) (templ.Component, error) {
	v := listView{Frame: r.Frame(r.S.T("web.room.projects")), May: r.Who.Holds(access.ManageProjects)}
	asked := r.URL.Query()
	input := func(name, label string) kit.Input {
		return kit.Input{Name: name, Label: r.S.T(label), Value: asked.Get(name), MaxLength: 60}
	}
	v.State, v.Place, v.On = input("state", "project.state"), input("place", "place.district"), input("on", "project.ran_on")
	f := projects.Filter{}
	for _, s := range projects.States() {
		v.States = append(v.States, kit.Option{Value: string(s), Label: r.S.T("project.state." + string(s))})
		if v.State.Value == string(s) {
			f.State = s
		}
	}
	for _, division := range geo.Children("") {
		for _, d := range geo.Children(division.Code) {
			v.Places = append(v.Places, kit.Option{Value: d.Code, Label: d.Name(r.S.Lang()) + ", " + division.Name(r.S.Lang())})
			if v.Place.Value == d.Code {
				f.Place = d.Code
			}
		}
	}
	if v.On.Value != "" {
		if day, err := dates.Parse(v.On.Value); err != nil {
			v.On.Error = r.S.T("date.unreadable")
		} else {
			f.On = day.Earliest().String()
		}
	}
	all, err := projects.List(r.Context(), q, r.Who, f)
	if err != nil {
		return nil, err
	}
	bodies, err := places.New(r, q)
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		v.Rows = append(v.Rows, kit.Row{Href: path(p.ID, ""), Cells: []templ.Component{kit.Text(p.Title(string(r.S.Lang()))), kit.Text(p.Code), kit.Pill(state(r.S, p.State)), kit.Text(period(r.S, p.Record)),
			kit.Text(area(r.S, p.Record)), kit.Text(bodies.Organisation(p.Organisation))}})
	}
	v.Said = r.S.T("project.count", "count", len(all))
	return listPage(v), nil
}

func path(id projects.ID, rest string) string { return "/projects/" + string(id) + rest }

func state(s *words.Speaker, now projects.State) kit.Tag {
	tones := map[projects.State]kit.Tone{projects.Running: kit.Good, projects.Suspended: kit.Attention, projects.Cancelled: kit.Danger}
	return kit.Tag{Text: s.T("project.state." + string(now)), Tone: tones[now]}
}

func period(s *words.Speaker, r projects.Record) string {
	text := dates.Format(s, r.Begins())
	if end := r.Ends(); !end.IsZero() {
		text += " – " + dates.Format(s, end)
	}
	return text
}

func area(s *words.Speaker, r projects.Record) string {
	if r.Nationwide {
		return s.T("project.nationwide")
	}
	var all []string
	for _, code := range r.Places {
		all = append(all, geo.Full(s.Lang(), code))
	}
	return strings.Join(all, "; ")
}

// found finds the project that an address names.
func found(r *site.Request, q db.Reader) (projects.Project, error) {
	id, err := r.ID("id")
	if err != nil {
		return projects.Project{}, err
	}
	return projects.Find(r.Context(), q, r.Who, projects.ID(id))
}

type showView struct {
	kit.Frame
	projects.Project
	Name    string
	Text    string
	State   kit.Tag
	May     bool
	Sees    bool // the money
	Reports bool // she reads them
	Facts   []kit.Fact
	Tally   []kit.Fact
	Differs string
	Chain   []chainLine
	Partner []kit.Row
	Papers  []kit.NavItem
	Rules   []ruleLine
	Parts   []kit.NavItem
}

// chainLine is a result with what is measured of it.
type chainLine struct {
	Level, Title string
	Depth        string
	Rows         []kit.Row
}

type ruleLine struct {
	ID, Said, By string
	Ended        bool
}

func show(r *site.Request, q db.Reader) (templ.Component, error) {
	p, err := found(r, q)
	if err != nil {
		return nil, err
	}
	lang := string(r.S.Lang())
	v := showView{Frame: r.Frame(r.S.T("project.one")), Project: p, Name: p.Title(lang), Text: p.TextEn, State: state(r.S, p.State), May: projects.Manages(r.Who, p), Sees: projects.SeesMoney(r.Who, p), Reports: r.Who.Holds(access.ReadReports)}
	if lang == "bn" && p.TextBn != "" || p.TextEn == "" {
		v.Text = p.TextBn
	}
	bodies, err := places.New(r, q)
	if err != nil {
		return nil, err
	}
	v.facts(bodies)
	if err := v.tally(r, q); err != nil {
		return nil, err
	}
	v.chain()
	for _, one := range p.Partners {
		v.Partner = append(v.Partner, kit.Row{Cells: []templ.Component{kit.Text(one.Name(lang)), kit.Text(r.S.T("project.role." + string(one.Role))), kit.Text(one.Part)}})
	}
	for _, d := range p.Documents {
		v.Papers = append(v.Papers, kit.NavItem{Href: d.Href, Label: d.Title(lang)})
	}
	if v.May {
		for _, part := range parts() {
			v.Parts = append(v.Parts, kit.NavItem{Href: path(p.ID, "/edit/"+part), Label: r.S.T("project.part." + part)})
		}
	}
	err = v.rules(r, q, bodies)
	return showPage(v), err
}

func (v *showView) facts(bodies places.Offices) {
	s := v.S
	add := func(key, value string) {
		if value != "" {
			v.Facts = append(v.Facts, kit.Fact{Label: s.T(key), Value: value})
		}
	}
	add("project.code_label", v.Code)
	add("project.owner", bodies.Organisation(v.Organisation))
	add("project.period", period(s, v.Record))
	add("project.area", area(s, v.Record))
	add("project.region", v.Region)
	add("project.theme", v.Theme)
	for _, one := range v.Identifiers {
		add("project.identifier", one.Value)
	}
	for _, one := range v.Sectors {
		name := one.Code
		for _, p := range projects.Purposes() {
			if p.Code == one.Code {
				name = one.Code + " · " + p.Name(string(s.Lang()))
			}
		}
		if one.Percent > 0 && one.Percent < 100 {
			name += " · " + s.Number(one.Percent) + "%"
		}
		add("project.sector_label", name)
	}
	if v.Gender > 0 {
		add("project.gender", s.T("project.gender."+strconv.Itoa(v.Gender)))
	}
	add("project.source", v.Source)
}

func (v *showView) tally(r *site.Request, q db.Reader) error {
	tally, err := projects.Tally(r.Context(), q, r.Who, v.ID)
	for _, subject := range projects.Subjects() {
		v.Tally = append(v.Tally, kit.Fact{Label: v.S.T("project.subject." + string(subject)), Value: v.S.Number(tally[subject])})
	}
	if err != nil || !r.Who.Holds(access.ReadActivities) {
		return err
	}
	total, err := activities.Sum(r.Context(), q, r.Who, activities.Filter{Project: v.ID})
	parts := activities.BySex(total.Cells)
	said := v.S.T("activity.sex.female") + " " + v.S.Number(parts["female"]) + " · " + v.S.T("activity.sex.male") + " " + v.S.Number(parts["male"])
	if rest := total.Reached - parts["female"] - parts["male"]; rest > 0 {
		said += " · " + v.S.T("project.reached_rest") + " " + v.S.Number(rest)
	}
	v.Tally = append(v.Tally, kit.Fact{Label: v.S.T("activity.sum_reached"), Value: v.S.Number(total.Reached), Note: said})
	if d := total.Difference(); d != 0 {
		key := map[bool]string{true: "activity.differs_more", false: "activity.differs_less"}[d > 0]
		v.Differs = v.S.T(key, "typed", total.Typed, "parts", total.Beside, "count", max(d, -d))
	}
	return err
}

// chain says the results, each with its indicators: where it began, what is aimed at, and what was published.
func (v *showView) chain() {
	lang := string(v.S.Lang())
	for _, l := range v.Record.Chain() {
		line := chainLine{Level: v.S.T("project.level." + string(l.Level)), Title: l.Title(lang), Depth: strconv.Itoa(min(l.Depth, 3))}
		for _, m := range l.Indicators {
			baseline := ""
			if m.Baseline != nil {
				baseline = figure(v.S, *m.Baseline, m.Unit)
			}
			line.Rows = append(line.Rows, kit.Row{Cells: []templ.Component{kit.Text(m.Title(lang)), kit.Text(baseline), kit.Text(figures(v.S, m.Targets, m.Unit)), kit.Text(figures(v.S, m.Published, m.Unit))}})
		}
		v.Chain = append(v.Chain, line)
	}
}

func figures(s *words.Speaker, all []projects.Figure, unit string) string {
	var said []string
	for _, f := range all {
		said = append(said, figure(s, f, unit))
	}
	return strings.Join(said, "; ")
}

func figure(s *words.Speaker, f projects.Figure, unit string) string {
	text := value(s, f.Value)
	if unit == "percent" {
		text += "%"
	}
	text += " (" + dates.Format(s, f.From)
	if !f.Until.IsZero() {
		text += " – " + dates.Format(s, f.Until)
	}
	if f.Place != "" {
		text += ", " + geo.Full(s.Lang(), f.Place)
	}
	return text + ")"
}

// value says hundredths, with a point only where there are any.
func value(s *words.Speaker, hundredths int64) string {
	sign := ""
	if hundredths < 0 {
		sign, hundredths = "−", -hundredths
	}
	text := sign + s.Number(int(hundredths/100))
	if rest := hundredths % 100; rest != 0 {
		text += "." + s.Digits(strconv.FormatInt(100+rest, 10)[1:])
	}
	return text
}

func (v *showView) rules(r *site.Request, q db.Reader, bodies places.Offices) error {
	all, err := projects.Rules(r.Context(), q, r.Who, v.ID)
	for _, rule := range all {
		where := bodies.Organisation(rule.Organisation)
		if rule.Office != "" {
			where = bodies.Said(access.AtOffice(rule.Office))
		}
		v.Rules = append(v.Rules, ruleLine{ID: rule.ID, By: rule.By, Ended: !rule.EndedAt.IsZero(),
			Said: v.S.T("project.rule_said", "where", where, "programme", cmp.Or(rule.Programme, v.S.T("project.any")), "from", dates.Format(v.S, rule.From), "until", dates.Format(v.S, rule.Until))})
	}
	return err
}

type historyView struct {
	kit.Frame
	Name   string
	Back   string
	Events []kit.Event
}

func history(r *site.Request, q db.Reader) (templ.Component, error) {
	p, err := found(r, q)
	if err != nil {
		return nil, err
	}
	v := historyView{Frame: r.Frame(r.S.T("project.history")), Name: p.Title(string(r.S.Lang())), Back: path(p.ID, "")}
	all, err := projects.Versions(r.Context(), q, r.Who, p.ID)
	for _, old := range all {
		v.Events = append(v.Events, kit.Event{When: dates.Near(r.S, old.At, r.Now), ISO: old.At.Format("2006-01-02T15:04:05Z07:00"), Who: old.By, Text: old.Why,
			Title: r.S.T("project.version", "number", old.Number) + ": " + old.Record.Title(string(r.S.Lang())) + " · " + r.S.T("project.state."+string(old.State)) + " · " + period(r.S, old.Record)})
	}
	return historyPage(v), err
}

// download is the project as IATI; the money is in it for those who see it.
func download(r *site.Request, q db.Reader) (templ.Component, error) {
	p, err := found(r, q)
	if err != nil {
		return nil, err
	}
	a := iati.Activity{Project: p}
	if a.Actuals, err = counted.Actuals(r.Context(), q, r.Who, p.ID); err != nil {
		return nil, err
	}
	if projects.SeesMoney(r.Who, p) {
		if a.Entries, err = projects.Money(r.Context(), q, r.Who, p.ID); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	if err := iati.Write(&b, a, r.Now); err != nil {
		return nil, err
	}
	return site.Download{File: site.File{Kind: "application/xml", Body: b.Bytes()}, Name: "project.xml"}, nil
}
