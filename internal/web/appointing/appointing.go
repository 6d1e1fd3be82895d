// SPDX-License-Identifier: Apache-2.0

// Package appointing is the pages of appointments: a day of one's own and of the office, those of a case, booking and moving one,
// and the secret calendar of who signs in.
package appointing

import (
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/appointments"
	"fera/internal/cases"
	"fera/internal/centres"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/offices"
	"fera/internal/persons"
	"fera/internal/web/casehead"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/site"
	"fera/internal/words"
)

// Routes are the pages of this room.
func Routes(*site.Site) []site.Route {
	return []site.Route{
		{Path: "GET /appointments", Perm: access.ReadAppointments, Page: ofDay},
		{Path: "GET /appointments/feed", Perm: access.ReadAppointments, Page: feedPage},
		{Path: "POST /appointments/feed", Perm: access.ReadAppointments, Act: newFeed, Page: feedPage},
		{Path: "POST /appointments/feed/end", Perm: access.ReadAppointments, Act: endFeed, Page: feedPage},
		{Path: "GET /appointments/{id}", Perm: access.ReadAppointments, Page: one},
		{Path: "POST /appointments/{id}", Perm: access.BookAppointment, Act: note, Page: one},
		{Path: "GET /appointments/{id}/move", Perm: access.BookAppointment, Page: moving},
		{Path: "POST /appointments/{id}/move", Perm: access.BookAppointment, Act: move, Page: moving},
		{Path: "GET /cases/{id}/appointments", Perm: access.ReadAppointments, Page: ofCase},
		{Path: "GET /cases/{id}/appointments/new", Perm: access.BookAppointment, Page: booking},
		{Path: "POST /cases/{id}/appointments/new", Perm: access.BookAppointment, Act: book, Page: booking},
		{Path: "GET /calendar/{secret}", Open: true, Blind: true, Guessed: true, Page: calendar},
	}
}

// at is the address of an appointment, or of a page below it.
func at(id appointments.ID, parts ...string) string {
	return strings.Join(append([]string{"/appointments", string(id)}, parts...), "/")
}

func pathID(r *site.Request) (appointments.ID, error) {
	id, err := r.ID("id")
	return appointments.ID(id), err
}

func caseID(r *site.Request) (cases.ID, error) {
	id, err := r.ID("id")
	return cases.ID(id), err
}

// span says from when to when: "10:30 am – 11:00 am".
func span(s *words.Speaker, a appointments.Appointment) string {
	return dates.Clock(s, a.At) + " – " + dates.Clock(s, a.Until)
}

func tone(st appointments.State) kit.Tone {
	switch st {
	case appointments.Booked:
		return kit.Accent
	case appointments.Came:
		return kit.Good
	case appointments.Missed:
		return kit.Attention
	}
	return kit.Plain
}

func stateTag(s *words.Speaker, a appointments.Appointment) kit.Tag {
	return kit.Tag{Text: s.T("appointment.state." + string(a.State)), Tone: tone(a.State)}
}

// rooms says where appointments are.
type rooms struct {
	names map[string]string
	desks map[string][]centres.Counter
}

// whereOf says where an appointment is: the office with the counter, or the words that were written.
func (m *rooms) whereOf(r *site.Request, q db.Reader, a appointments.Appointment) (string, error) {
	if a.Elsewhere {
		if a.Place == "" {
			return r.S.T("appointment.elsewhere"), nil
		}
		return a.Place, nil
	}
	if m.names == nil {
		m.names, m.desks = map[string]string{}, map[string][]centres.Counter{}
	}
	if m.names[a.Office] == "" {
		o, err := offices.Find(r.Context(), q, access.System(access.ReadOffices), a.Office)
		if err != nil {
			return "", err
		}
		m.names[a.Office] = o.Name(string(r.S.Lang()))
		if a.Counter != "" {
			if m.desks[a.Office], err = centres.Counters(r.Context(), q, access.System(access.ReadOffices, access.ServeQueue), a.Office); err != nil {
				m.desks[a.Office] = nil // a training office is nobody's but those who practise there
			}
		}
	}
	for _, c := range m.desks[a.Office] {
		if c.ID == a.Counter {
			return m.names[a.Office] + ", " + r.S.T("centre.counter_n", "number", c.Number), nil
		}
	}
	return m.names[a.Office], nil
}

type dayView struct {
	kit.Frame
	Title        string
	Strip        kit.Strip
	Before, Next string
	Today        string
	Rows         []kit.Row
}

// ofDay lists the appointments of a day: one's own, or those at the office.
func ofDay(r *site.Request, q db.Reader) (templ.Component, error) {
	asked := r.URL.Query()
	day, err := dates.Parse(asked.Get("day"))
	if err != nil || day.Precision() != dates.Day {
		day = dates.Of(r.Now)
	}
	whole := asked.Get("of") == "office"
	f := appointments.Filter{From: day.Start(), Until: day.End(), With: r.Who.ID}
	if whole {
		f.With, f.Office = "", r.Who.Office
	}
	all, err := appointments.List(r.Context(), q, r.Who, f)
	if err != nil {
		return nil, err
	}
	v := dayView{Frame: r.Frame(r.S.T("appointment.title")), Title: dates.Weekday(r.S, day) + ", " + dates.Format(r.S, day)}
	v.QuickExit = true
	address := func(day dates.Partial, office bool) string {
		to := url.Values{"day": {day.String()}}
		if office {
			to.Set("of", "office")
		}
		return "/appointments?" + to.Encode()
	}
	v.Before, v.Next = address(day.Add(-1), whole), address(day.Add(1), whole)
	if day != dates.Of(r.Now) {
		v.Today = address(dates.Of(r.Now), whole)
	}
	v.Strip = kit.Strip{Label: r.S.T("appointment.whose"), Tabs: []kit.NavItem{{Href: address(day, false), Label: r.S.T("appointment.mine"), Current: !whole},
		{Href: address(day, true), Label: r.S.T("appointment.of_office"), Current: whole}}}
	v.Rows, err = rows(r, q, all)
	return dayPage(v), err
}

// rows are appointments as lines of a list. For what they are is not in it.
func rows(r *site.Request, q db.Reader, all []appointments.Appointment) (lines []kit.Row, err error) {
	var wanted []persons.ID
	for _, a := range all {
		wanted = append(wanted, a.Person)
	}
	cards, err := persons.FindCards(r.Context(), q, r.Who, wanted)
	if err != nil {
		return nil, err
	}
	var m rooms
	for _, a := range all {
		p, seen := cards[a.Person]
		if !seen {
			continue // she was erased meanwhile, or moved out of sight
		}
		where, err := m.whereOf(r, q, a)
		if err != nil {
			return nil, err
		}
		lines = append(lines, kit.Row{Href: at(a.ID), Cells: []templ.Component{kit.Text(span(r.S, a)), kit.Text(people.Name(r.S, p.NameBn, p.NameLatin)), kit.Text(a.WithName), kit.Text(where), kit.Pill(stateTag(r.S, a))}})
	}
	return lines, nil
}

type caseView struct {
	kit.Frame
	Head         casehead.Head
	MayBook      bool
	Coming, Past []kit.Row
	Here         []kit.NavItem // centres at which she may be given a number
}

// ofCase is the part of a case's file with its appointments.
func ofCase(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := caseID(r)
	if err != nil {
		return nil, err
	}
	v := caseView{Frame: r.Frame(r.S.T("appointment.title"))}
	v.QuickExit = true
	if v.Head, err = casehead.New(r, q, id, "appointments"); err != nil {
		return nil, err
	}
	all, err := appointments.OfCase(r.Context(), q, r.Who, id)
	if err != nil {
		return nil, err
	}
	var m rooms
	for i := range all {
		a := all[i]
		where, err := m.whereOf(r, q, a)
		if err != nil {
			return nil, err
		}
		line := kit.Row{Href: at(a.ID), Cells: []templ.Component{kit.Text(dates.Near(r.S, a.At, r.Now)), kit.Text(purpose(r.S, a.Purpose)), kit.Text(a.WithName), kit.Text(where), kit.Pill(stateTag(r.S, a))}}
		if a.State == appointments.Booked && a.Until.After(r.Now) {
			v.Coming = append([]kit.Row{line}, v.Coming...)
		} else {
			v.Past = append(v.Past, line)
		}
	}
	if v.Head.Case.Live() {
		if v.MayBook, err = access.Reaches(r.Context(), q, r.Who, access.BookAppointment, string(v.Head.Case.Person)); err != nil {
			return nil, err
		}
	}
	if r.Who.Holds(access.ServeQueue) && v.Head.Case.Live() {
		here, err := centres.List(r.Context(), q, r.Who)
		if err != nil {
			return nil, err
		}
		for _, c := range here {
			v.Here = append(v.Here, kit.NavItem{Href: "/centre/" + c.Office.ID + "?case=" + url.QueryEscape(string(id)), Label: c.Office.Name(string(r.S.Lang()))})
		}
	}
	return casePage(v), nil
}

func purpose(s *words.Speaker, code string) string {
	for _, n := range appointments.Purposes() {
		if n.Code == code {
			return n.Name(string(s.Lang()))
		}
	}
	return ""
}

type oneView struct {
	kit.Frame
	Problems kit.Problems
	A        appointments.Appointment
	Name     string
	Case     string
	Title    string
	Tag      kit.Tag
	Facts    []kit.Fact
	Acts     []appointments.Act // those that are a button
	MayMove  bool
	Why      *kit.Input // when it may be cancelled
	Events   []kit.Event
}

// one is an appointment, with what was done about it and what may be done.
func one(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := pathID(r)
	if err != nil {
		return nil, err
	}
	a, err := appointments.Find(r.Context(), q, r.Who, id)
	if err != nil {
		return nil, err
	}
	p, err := persons.FindCard(r.Context(), q, r.Who, a.Person)
	if err != nil {
		return nil, err
	}
	v := oneView{Frame: r.Frame(r.S.T("appointment.one")), Problems: r.Problems, A: a, Name: people.Name(r.S, p.NameBn, p.NameLatin), Case: casehead.Path(a.Case, "appointments"), Tag: stateTag(r.S, a)}
	v.QuickExit = true
	day := dates.Of(a.At)
	v.Title = dates.Weekday(r.S, day) + ", " + dates.Format(r.S, day) + ", " + span(r.S, a)
	var m rooms
	where, err := m.whereOf(r, q, a)
	if err != nil {
		return nil, err
	}
	v.Facts = people.Facts(kit.Fact{Label: r.S.T("appointment.field.with"), Value: a.WithName}, kit.Fact{Label: r.S.T("appointment.field.where"), Value: where},
		kit.Fact{Label: r.S.T("appointment.field.purpose"), Value: purpose(r.S, a.Purpose)}, kit.Fact{Label: r.S.T("appointment.field.note"), Value: a.Note})
	if !a.RemindAt.IsZero() {
		v.Facts = append(v.Facts, kit.Fact{Label: r.S.T("appointment.reminded"), Value: dates.Near(r.S, a.RemindAt, r.Now), Note: r.S.T("appointment.reminded_note")})
	}
	v.history(r, a)
	may, err := access.Reaches(r.Context(), q, r.Who, access.BookAppointment, string(a.Person))
	if err != nil || !may {
		return onePage(v), err
	}
	for _, act := range a.Possible(r.Now) {
		switch act {
		case appointments.Move:
			v.MayMove = true
		case appointments.Cancel:
			why := r.Input("why", r.S.T("appointment.why_cancel"), "")
			v.Why = &why
		default:
			v.Acts = append(v.Acts, act)
		}
	}
	return onePage(v), nil
}

func (v *oneView) history(r *site.Request, a appointments.Appointment) {
	for i := len(a.Events) - 1; i >= 0; i-- {
		e := a.Events[i]
		said := kit.Event{When: dates.Near(r.S, e.At, r.Now), ISO: e.At.Format(time.RFC3339), Title: r.S.T("appointment.done." + string(e.Act)), Who: e.By, Text: e.Why}
		if !e.Was.IsZero() {
			said.Title = r.S.T("appointment.done.moved_from", "when", dates.FormatTime(r.S, e.Was))
		}
		v.Events = append(v.Events, said)
	}
}

// note notes that she came or not, or cancels.
func note(r *site.Request, tx *db.Tx) (string, error) {
	id, err := pathID(r)
	if err != nil {
		return "", err
	}
	on := appointments.Acting{Appointment: id, Version: r.Version(0), Why: r.PostFormValue("why")}
	act := appointments.Act(r.PostFormValue("act"))
	if act == appointments.Cancel {
		r.Say("appointment_cancelled")
		_, err = appointments.CallOff(r.Context(), tx, r.Who, on)
	} else {
		r.Say("appointment_noted")
		_, err = appointments.Note(r.Context(), tx, r.Who, on, act)
	}
	return at(id), err
}
