// SPDX-License-Identifier: Apache-2.0

// Package phone is the pages of calls and visits: who may be called now and how, what to say to who calls, and what was said.
package phone

import (
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/calls"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/persons"
	"fera/internal/web/guide"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/site"
	"fera/internal/words"
)

// Routes are the pages of calls.
func Routes(*site.Site) []site.Route {
	return []site.Route{
		{Path: "GET /calls", Perm: access.ReadCalls, Page: list},
		{Path: "GET /persons/{id}/calls", Perm: access.ReadCalls, Page: ofPerson},
		{Path: "GET /persons/{id}/calls/new", Perm: access.LogCall, Page: form},
		{Path: "POST /persons/{id}/calls/new", Perm: access.LogCall, Page: form, Act: enter},
		{Path: "GET /persons/{id}/calls/in", Perm: access.LogCall, Page: inForm},
		{Path: "POST /persons/{id}/calls/in", Perm: access.LogCall, Page: inForm, Act: answer},
		{Path: "GET /persons/{id}/code-word", Perm: access.SeeCodeWord, Page: wordForm},
		{Path: "POST /persons/{id}/code-word", Perm: access.SeeCodeWord, Page: wordForm, Act: setWord},
		{Path: "POST /persons/{id}/code-word/show", Perm: access.SeeCodeWord, Act: showWord},
		{Path: "GET /persons/{id}/hours/{contact}", Perm: access.ChangePerson, Page: hoursForm},
		{Path: "POST /persons/{id}/hours/{contact}", Perm: access.ChangePerson, Page: hoursForm, Act: setHours},
	}
}

// path is an address below a person's page.
func path(id persons.ID, rest string) string { return "/persons/" + string(id) + "/" + rest }

func personOf(r *site.Request) (persons.ID, error) {
	id, err := r.ID("id")
	return persons.ID(id), err
}

type listView struct {
	kit.Frame
	Guide  guide.View
	Due    []kit.Row
	Latest []kit.Row
	Pages  kit.Pages
}

const onPage = 50

func list(r *site.Request, q db.Reader) (templ.Component, error) {
	v := listView{Frame: r.Frame(r.S.T("call.title"))}
	v.QuickExit = true
	var err error
	if v.Guide, err = guide.For(r, q, "call"); err != nil {
		return nil, err
	}
	due, err := calls.List(r.Context(), q, r.Who, calls.Filter{Due: true})
	if err != nil {
		return nil, err
	}
	latest, err := calls.List(r.Context(), q, r.Who, calls.Filter{Limit: onPage, Before: calls.ID(r.URL.Query().Get("before"))})
	if err != nil {
		return nil, err
	}
	if len(latest) == onPage {
		v.Pages.Next = "/calls?" + url.Values{"before": {string(latest[onPage-1].ID)}}.Encode()
	}
	if v.Due, err = rows(r, q, due); err != nil {
		return nil, err
	}
	v.Latest, err = rows(r, q, latest)
	return listPage(v), err
}

// rows are calls as lines of a list, without what they were about.
func rows(r *site.Request, q db.Reader, all []calls.Call) (lines []kit.Row, err error) {
	for _, c := range all {
		p, err := persons.FindCard(r.Context(), q, r.Who, c.Person)
		if err != nil {
			continue // she was erased meanwhile, or moved out of sight
		}
		next := ""
		if c.NextDone.IsZero() && !c.NextOn.IsZero() {
			next = dates.Format(r.S, c.NextOn)
		}
		lines = append(lines, kit.Row{Href: path(c.Person, "calls"), Cells: []templ.Component{kit.Text(people.Name(r.S, p.NameBn, p.NameLatin)),
			kit.Text(dates.Near(r.S, c.At, r.Now)), kit.Text(what(r.S, c)), kit.Text(next), kit.Text(c.UserName)}})
	}
	return lines, nil
}

// what says a call in one line.
func what(s *words.Speaker, c calls.Call) string {
	way := s.T("call.out")
	if c.Incoming {
		way = s.T("call.in")
	}
	return way + " · " + s.T("call.way."+c.Way) + " · " + s.T("call.other."+c.Other) + " · " + s.T("call.outcome."+c.Outcome)
}

// contactLine is one way to reach a person, and whether it may be used now.
type contactLine struct {
	ID, Said, Hours, Why string
	OK                   bool
	Mind                 []string
}

type personView struct {
	kit.Frame
	ID                        persons.ID
	Name                      string
	Guide                     guide.View
	Safe                      string
	SafeTone                  kit.Tone
	Contacts                  []contactLine
	HasWord                   bool
	MaySee, MayLog, MayChange bool
	Events                    []kit.Event
	Older                     string
}

func ofPerson(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := personOf(r)
	if err != nil {
		return nil, err
	}
	p, _, err := calls.Ask(r.Context(), q, r.Who, calls.Entry{Person: id, Way: "call"})
	if err != nil {
		return nil, err
	}
	v := personView{Frame: r.Frame(r.S.T("call.of_person")), ID: id, Name: people.Name(r.S, p.NameBn, p.NameLatin)}
	v.QuickExit = true
	v.Safe, v.SafeTone = people.Safe(r.S, p)
	for what, may := range map[access.Permission]*bool{access.SeeCodeWord: &v.MaySee, access.LogCall: &v.MayLog, access.ChangePerson: &v.MayChange} {
		if *may, err = people.Reaches(r, q, what, id); err != nil {
			return nil, err
		}
	}
	if v.Guide, err = guide.For(r, q, "safe_contact"); err != nil {
		return nil, err
	}
	if v.HasWord, err = calls.HasCodeWord(r.Context(), q, r.Who, id); err != nil {
		return nil, err
	}
	if v.Contacts, err = contactLines(r, q, p); err != nil {
		return nil, err
	}
	all, err := calls.Of(r.Context(), q, r.Who, id, calls.Filter{Limit: onPage, Before: calls.ID(r.URL.Query().Get("before"))})
	for _, c := range all {
		v.Events = append(v.Events, event(r, c))
	}
	if len(all) == onPage {
		v.Older = path(id, "calls") + "?" + url.Values{"before": {string(all[onPage-1].ID)}}.Encode()
	}
	return personPage(v), err
}

func contactLines(r *site.Request, q db.Reader, p persons.Person) (lines []contactLine, err error) {
	for _, c := range p.Contacts {
		way := "call"
		if len(c.Ways) > 0 && !slices.Contains(c.Ways, "call") {
			way = c.Ways[0]
		}
		_, v, err := calls.Ask(r.Context(), q, r.Who, calls.Entry{Person: p.ID, Contact: c.ID, Way: way})
		if err != nil {
			return nil, err
		}
		line := contactLine{ID: c.ID, OK: v.OK, Hours: hoursSaid(r.S, v.Hours), Said: number(r.S, c) + " · " + people.How(r.S, c)}
		if !v.OK {
			line.Why = r.S.T(v.Why)
		}
		for _, m := range v.Mind {
			line.Mind = append(line.Mind, r.S.T(m))
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// number is what may be shown of a number.
func number(s *words.Speaker, c persons.Contact) string {
	if c.Last == "" {
		return s.T("person.contact_kind." + c.Kind)
	}
	return "••••" + s.Digits(c.Last)
}

func hoursSaid(s *words.Speaker, h calls.Hours) string {
	if !h.Set() {
		return ""
	}
	days := s.T("call.hours_every")
	if len(h.Days) > 0 {
		days = people.Said(s, "call.day", h.Days)
	}
	return days + ", " + s.T("call.hours_said", "from", s.Digits(clock(h.From)), "to", s.Digits(clock(h.To)))
}

// event is a call with what it was about.
func event(r *site.Request, c calls.Call) kit.Event {
	e := kit.Event{When: dates.Near(r.S, c.At, r.Now), ISO: c.At.Format("2006-01-02T15:04:05Z07:00"), Title: what(r.S, c), Who: c.UserName, Text: c.About}
	var more []kit.Tag
	if c.Overridden {
		e.Tone, more = kit.Danger, append(more, kit.Tag{Text: r.S.T("call.overridden"), Tone: kit.Danger})
	}
	if c.Proven {
		more = append(more, kit.Tag{Text: r.S.T("call.proven_tag"), Tone: kit.Good})
	}
	if !c.NextOn.IsZero() && c.NextDone.IsZero() {
		more = append(more, kit.Tag{Text: r.S.T("call.column.next") + ": " + dates.Format(r.S, c.NextOn), Tone: kit.Attention})
	}
	e.Body = eventBody(more, c.Next, c.Reason)
	return e
}
