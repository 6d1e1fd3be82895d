// SPDX-License-Identifier: Apache-2.0

// Package centre is the pages of one-stop centres: reception, the desk at a counter, what the centre says of itself, and the screen
// on its wall.
//
// No page of it names anybody, but that of one ticket, to who sees the person whose it is said to be.
package centre

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/centres"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/ids"
	"fera/internal/persons"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/site"
	"fera/internal/words"
)

// Routes are the pages of this room.
func Routes(*site.Site) []site.Route {
	return []site.Route{
		{Path: "GET /centre", Perm: access.ServeQueue, Page: list},
		{Path: "GET /centre/{id}", Perm: access.ServeQueue, Page: reception},
		{Path: "POST /centre/{id}", Perm: access.ServeQueue, Act: draw, Page: reception},
		{Path: "GET /centre/{id}/tickets/{ticket}", Perm: access.ServeQueue, Page: ticketPage},
		{Path: "POST /centre/{id}/tickets/{ticket}", Perm: access.ServeQueue, Act: do, Page: ticketPage},
		{Path: "POST /centre/{id}/tickets/{ticket}/whose", Perm: access.ServeQueue, Act: whose, Page: ticketPage},
		{Path: "GET /centre/{id}/counters/{counter}", Perm: access.ServeQueue, Page: desk},
		{Path: "POST /centre/{id}/counters/{counter}", Perm: access.ServeQueue, Act: next, Page: desk},
		{Path: "GET /centre/{id}/settings", Perm: access.ManageCentre, Page: settings},
		{Path: "POST /centre/{id}/settings", Perm: access.ManageCentre, Act: set, Page: settings},
		{Path: "POST /centre/{id}/wall", Perm: access.ManageCentre, Act: renewKey},
		{Path: "GET /centre/{id}/settings/counter", Perm: access.ManageCentre, Page: counterForm},
		{Path: "POST /centre/{id}/settings/counter", Perm: access.ManageCentre, Act: setUp, Page: counterForm},
		{Path: "POST /centre/{id}/settings/close", Perm: access.ManageCentre, Act: shut, Page: settings},
		{Path: "GET /wall/{id}/{key}", Open: true, Blind: true, Guessed: true, Page: wall},
	}
}

// at is the address of a centre, or of a page below it.
func at(id string, parts ...string) string {
	return strings.Join(append([]string{"/centre", id}, parts...), "/")
}

// wallOf is the address of the screen on the wall of a centre.
func wallOf(id, key string) string { return "/wall/" + id + "/" + key }

type listView struct {
	kit.Frame
	Centres []kit.Row
	Settle  string // where who may makes a centre of her own office
}

// list leads to the centre where one works, or offers those where one may.
func list(r *site.Request, q db.Reader) (templ.Component, error) {
	all, err := centres.List(r.Context(), q, r.Who)
	if err != nil {
		return nil, err
	}
	v := listView{Frame: r.Frame(r.S.T("centre.title"))}
	mine, err := centres.Find(r.Context(), q, r.Who, r.Who.Office)
	if err == nil && mine.MayRun && mine.Version == 0 && mine.Office.ClosedAt.IsZero() {
		v.Settle = at(r.Who.Office, "settings")
	}
	if len(all) == 1 && v.Settle == "" {
		return nil, site.Elsewhere(at(all[0].Office.ID))
	}
	for _, c := range all {
		open, err := c.Open(r.Context(), q, r.Now)
		if err != nil {
			return nil, err
		}
		v.Centres = append(v.Centres, kit.Row{Href: at(c.Office.ID), Cells: []templ.Component{kit.Text(c.Office.Name(string(r.S.Lang()))), kit.Text(r.S.T(openKey(open)))}})
	}
	return listPage(v), nil
}

func openKey(open bool) string {
	if open {
		return "centre.open_now"
	}
	return "centre.closed_now"
}

// line is somebody who waits, on the list of the reception.
type line struct {
	Code, Href, Need, Since, Wait string
	Tags                          []kit.Tag
	Tone                          kit.Tone
}

// post is a counter on the list of the reception, with who is there.
type post struct {
	Number, Name, Href, Says, Code string
	Tone                           kit.Tone
}

type receptionView struct {
	kit.Frame
	ID              string
	Problems        kit.Problems
	Name, Open      string
	MayRun, NoDesks bool
	Operation       string
	For             string // name of the person who is here, when one came from her case
	Case            string
	Need, Language  kit.Input
	Women, First    kit.Input
	Needs, Spoken   []kit.Option
	Waiting         []kit.Row
	Over            []kit.Row
	Posts           []post
}

// reception is who waits, and the form for who comes.
func reception(r *site.Request, q db.Reader) (templ.Component, error) {
	c, err := centres.Find(r.Context(), q, r.Who, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if c.Version == 0 {
		return nil, site.Elsewhere(at(c.Office.ID, "settings"))
	}
	v := receptionView{Frame: r.Frame(r.S.T("centre.title")), ID: c.Office.ID, Problems: r.Problems, Name: c.Office.Name(string(r.S.Lang())), MayRun: c.MayRun}
	open, err := c.Open(r.Context(), q, r.Now)
	if err != nil {
		return nil, err
	}
	v.Open = r.S.T(openKey(open))
	counters, err := centres.Counters(r.Context(), q, r.Who, c.Office.ID)
	if err != nil {
		return nil, err
	}
	v.NoDesks = len(counters) == 0
	all, err := centres.Queue(r.Context(), q, r.Who, c.Office.ID)
	if err != nil {
		return nil, err
	}
	waits, err := centres.Waits(r.Context(), q, r.Who, c.Office.ID)
	if err != nil {
		return nil, err
	}
	v.ask(r, counters)
	v.rows(r, all, counters, waits)
	v.posts(r, all, counters)
	if err := v.person(r, q); err != nil {
		return nil, err
	}
	return receptionPage(v), nil
}

// person says whose ticket is to be drawn, when one came from her case.
func (v *receptionView) person(r *site.Request, q db.Reader) error {
	id := cases.ID(r.Typed("case", r.URL.Query().Get("case")))
	if id == "" {
		return nil
	}
	c, err := cases.Find(r.Context(), q, r.Who, id)
	if err != nil {
		return err
	}
	p, err := persons.FindCard(r.Context(), q, r.Who, c.Person)
	v.Case, v.For = string(id), people.Name(r.S, p.NameBn, p.NameLatin)
	return err
}

// ask fills in the form for who comes: only what some counter here is for is offered.
func (v *receptionView) ask(r *site.Request, counters []centres.Counter) {
	lang := string(r.S.Lang())
	for _, n := range listing.Needs() {
		if slices.ContainsFunc(counters, func(c centres.Counter) bool { return c.Meets(n.Code) }) {
			v.Needs = append(v.Needs, kit.Option{Value: n.Code, Label: n.Name(lang)})
		}
	}
	for _, code := range listing.Spoken() {
		if slices.ContainsFunc(counters, func(c centres.Counter) bool { return c.Speaks(code) }) {
			v.Spoken = append(v.Spoken, kit.Option{Value: code, Label: r.S.T("directory.language." + code)})
		}
	}
	v.Need, v.Language = r.Input("need", r.S.T("centre.need"), ""), r.Input("language", r.S.T("centre.language"), "bn")
	v.Women = tick(r, "women", r.S.T("centre.women_wish"), "")
	v.First = tick(r, "first", r.S.T("centre.first"), r.S.T("centre.first_hint"))
	v.Operation = r.Typed("operation", ids.New(r.Now))
}

func tick(r *site.Request, name, label, hint string) kit.Input {
	in := kit.Input{Name: name, Label: label, Hint: hint, Error: r.Problems.On(name)}
	if r.Ticked(name, "yes", false) {
		in.Value = "yes"
	}
	return in
}

// needSaid says a need in words.
func needSaid(s *words.Speaker, code string) string {
	n, _ := listing.NeedOf(code)
	return n.Name(string(s.Lang()))
}

// waitSaid says an estimate in a few words.
func waitSaid(s *words.Speaker, e centres.Estimate) string {
	switch {
	case !e.Known:
		return s.T(e.Why)
	case e.Minutes == 0:
		return s.T("centre.wait_none")
	}
	return s.T("centre.wait_about", "count", e.Minutes)
}

// reckoned says how an estimate was reckoned.
func reckoned(s *words.Speaker, e centres.Estimate) string {
	if !e.Known {
		return s.T("centre.wait_measured", "visits", e.Visits, "days", e.Days)
	}
	return s.T("centre.wait_how", "each", e.Each, "visits", e.Visits, "days", e.Days, "ahead", e.Ahead, "counters", e.Counters)
}

func tags(s *words.Speaker, t centres.Ticket) (all []kit.Tag) {
	if t.First {
		all = append(all, kit.Tag{Text: s.T("centre.first"), Tone: kit.Accent})
	}
	if t.Women {
		all = append(all, kit.Tag{Text: s.T("centre.women_wish")})
	}
	if t.Language != "bn" {
		all = append(all, kit.Tag{Text: s.T("directory.language." + t.Language)})
	}
	return all
}

func (v *receptionView) rows(r *site.Request, all []centres.Ticket, counters []centres.Counter, waits map[string]centres.Estimate) {
	for _, t := range all {
		href := at(v.ID, "tickets", t.ID)
		switch {
		case t.State == centres.Waiting:
			marks, tone := tags(r.S, t), kit.Plain
			wait := waitSaid(r.S, waits[t.ID])
			if centres.Stranded(t, counters) {
				tone, wait = kit.Danger, r.S.T("centre.stranded")
			}
			v.Waiting = append(v.Waiting, kit.Row{Href: href, Tone: tone, Cells: []templ.Component{kit.Text(r.S.Digits(t.Code())), withTags(needSaid(r.S, t.Need), marks), kit.Text(dates.Clock(r.S, t.ArrivedAt)), kit.Text(wait)}})
		case t.State.Over() && len(v.Over) < mostOver:
			v.Over = append(v.Over, kit.Row{Href: href, Cells: []templ.Component{kit.Text(r.S.Digits(t.Code())), kit.Text(r.S.T("centre.state." + string(t.State))), kit.Text(dates.Clock(r.S, t.EndedAt))}})
		}
	}
}

// mostOver is how many of those whose visit is over are shown, to put one back that was ended by mistake.
const mostOver = 15

func (v *receptionView) posts(r *site.Request, all []centres.Ticket, counters []centres.Counter) {
	for _, c := range counters {
		p := post{Number: r.S.T("centre.counter_n", "number", c.Number), Name: c.Name(string(r.S.Lang())), Says: r.S.T("centre.counter_free"), Tone: kit.Plain}
		if c.MayServe {
			p.Href = at(v.ID, "counters", c.ID)
		}
		for _, t := range all {
			if t.Counter == c.ID && (t.State == centres.Called || t.State == centres.AtDesk) {
				p.Code, p.Says, p.Tone = r.S.Digits(t.Code()), r.S.T("centre.state."+string(t.State)), kit.Accent
			}
		}
		v.Posts = append(v.Posts, p)
	}
}

// draw gives somebody who came a number.
func draw(r *site.Request, tx *db.Tx) (string, error) {
	d := centres.Drawing{Operation: r.PostFormValue("operation"), Office: r.PathValue("id"), Need: r.PostFormValue("need"), Language: r.PostFormValue("language"),
		Women: r.PostFormValue("women") == "yes", First: r.PostFormValue("first") == "yes"}
	if id := cases.ID(r.PostFormValue("case")); id != "" {
		c, err := cases.Find(r.Context(), tx, r.Who, id)
		if err != nil {
			return "", err
		}
		d.Person, d.Case = c.Person, id
	}
	t, err := centres.Draw(r.Context(), tx, r.Who, d)
	return at(d.Office, "tickets", t.ID), err
}
