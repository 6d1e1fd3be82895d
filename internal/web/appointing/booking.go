// SPDX-License-Identifier: Apache-2.0

package appointing

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/appointments"
	"fera/internal/cases"
	"fera/internal/centres"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/numbers"
	"fera/internal/persons"
	"fera/internal/web/casehead"
	"fera/internal/web/kit"
	"fera/internal/web/people"
	"fera/internal/web/places"
	"fera/internal/web/site"
	"fera/internal/words"
)

// elsewhere is the choice of a place that is no office.
const elsewhere = "elsewhere"

// chosen is with whom, where, how long and from which day on somebody looks for a time.
type chosen struct {
	With, Where string
	Minutes     int
	From        string
}

// office and counter are what Where says: "office", or "office:counter".
func (c chosen) place() (office, counter string) {
	if c.Where == elsewhere {
		return "", ""
	}
	office, counter, _ = strings.Cut(c.Where, ":")
	return office, counter
}

type formView struct {
	kit.Frame
	Problems      kit.Problems
	Title, Name   string
	Action, Back  string
	Version       int
	Operation     string
	Chosen        chosen
	With, Where   kit.Input
	Minutes, From kit.Input
	Withs, Wheres []kit.Option
	Lengths       []kit.Option
	At            kit.Input
	Free          []kit.Option
	Said          string // with whom, where and how long, in words
	Hours         []string
	Day, Time     kit.Input
	Place         *kit.Input
	Purpose, Note kit.Input
	Purposes      []kit.Option
	Override, Why kit.Input
	MovesFrom     string
}

// asked reads what was chosen, in the form or in the address.
func asked(r *site.Request, now chosen) chosen {
	read := func(name, now string) string {
		if given := r.URL.Query().Get(name); given != "" {
			now = given
		}
		return r.Typed(name, now)
	}
	c := chosen{With: read("with", now.With), Where: read("where", now.Where), From: read("from", now.From), Minutes: now.Minutes}
	if r.Method == "GET" && r.URL.Query().Has("with") { // nobody in particular
		c.With = r.URL.Query().Get("with")
	}
	if n, err := strconv.Atoi(read("minutes", strconv.Itoa(now.Minutes))); err == nil {
		c.Minutes = n
	}
	return c
}

// booking is the form of a new appointment.
func booking(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := caseID(r)
	if err != nil {
		return nil, err
	}
	c, err := cases.Find(r.Context(), q, r.Who, id)
	if err != nil {
		return nil, err
	}
	v := formView{Title: r.S.T("appointment.new"), Action: casehead.Path(id, "appointments", "new"), Back: casehead.Path(id, "appointments"), Operation: r.Typed("operation", ids.New(r.Now))}
	v.Chosen = asked(r, chosen{With: r.Who.ID, Where: r.Who.Office, Minutes: 30})
	return v.fill(r, q, c.Person, appointments.Appointment{})
}

// moving is the form of an appointment that is to be at another time.
func moving(r *site.Request, q db.Reader) (templ.Component, error) {
	id, err := pathID(r)
	if err != nil {
		return nil, err
	}
	a, err := appointments.Find(r.Context(), q, r.Who, id)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(a.Possible(r.Now), appointments.Move) {
		return nil, fault.New(fault.Conflict, "appointment.not_now")
	}
	v := formView{Title: r.S.T("appointment.move"), Action: at(id, "move"), Back: at(id), Version: r.Version(a.Version), MovesFrom: dates.FormatTime(r.S, a.At)}
	now := chosen{With: a.With, Where: a.Office, Minutes: a.Minutes()}
	if a.Elsewhere {
		now.Where = elsewhere
	} else if a.Counter != "" {
		now.Where += ":" + a.Counter
	}
	v.Chosen = asked(r, now)
	return v.fill(r, q, a.Person, a)
}

// fill fills in the form: what may be chosen, and the free times for what is.
func (v *formView) fill(r *site.Request, q db.Reader, person persons.ID, a appointments.Appointment) (templ.Component, error) {
	p, err := persons.FindCard(r.Context(), q, r.Who, person)
	if err != nil {
		return nil, err
	}
	v.Frame, v.Problems, v.Name = r.Frame(v.Title), r.Problems, people.Name(r.S, p.NameBn, p.NameLatin)
	v.QuickExit = true
	if err := v.offer(r, q); err != nil {
		return nil, err
	}
	if err := v.free(r, q, a.ID); err != nil {
		return nil, err
	}
	v.Day, v.Time = r.Input("day", r.S.T("appointment.field.day"), ""), r.Input("time", r.S.T("appointment.field.time"), "")
	v.Day.Width, v.Day.MaxLength, v.Day.Hint = kit.Medium, 40, r.S.T("appointment.field.day_hint")
	v.Day.Optional, v.Time.Optional, v.Time.Width, v.Time.MaxLength, v.Time.Hint = true, true, kit.Short, 5, r.S.T("appointment.field.time_hint")
	if v.Chosen.Where == elsewhere {
		place := r.Input("place", r.S.T("appointment.field.place"), a.Place)
		place.Hint = r.S.T("appointment.field.place_hint")
		v.Place = &place
	}
	v.Purpose = r.Input("purpose", r.S.T("appointment.field.purpose"), a.Purpose)
	v.Purpose.Hint = r.S.T("appointment.field.purpose_hint")
	for _, n := range appointments.Purposes() {
		v.Purposes = append(v.Purposes, kit.Option{Value: n.Code, Label: n.Name(string(r.S.Lang()))})
	}
	v.Note = r.Input("note", r.S.T("appointment.field.note"), a.Note)
	v.Note.Optional, v.Note.Rows, v.Note.MaxLength = true, 2, 1000
	v.Override = kit.Input{Name: "override", Label: r.S.T("appointment.field.override")}
	if r.Ticked("override", "yes", false) {
		v.Override.Value = "yes"
	}
	v.Why = r.Input("reason", r.S.T("appointment.field.reason"), "")
	v.Why.Optional = v.Version == 0
	if v.Version > 0 {
		v.Why.Label = r.S.T("appointment.field.reason_move")
	}
	return formPage(*v), nil
}

// offer offers with whom and where: oneself and those of one's office; the offices of one's organisation, the counters of the centres
// where one works, and elsewhere.
func (v *formView) offer(r *site.Request, q db.Reader) error {
	v.With = kit.Input{Name: "with", Label: r.S.T("appointment.field.with"), Value: v.Chosen.With, Error: r.Problems.On("with")}
	v.Withs = []kit.Option{{Value: r.Who.ID, Label: r.S.T("appointment.with_me", "name", r.Who.Name)}}
	if !r.Who.Practises() {
		users, err := accounts.ListUsers(r.Context(), q, access.System(access.ReadUsers), accounts.UserFilter{Office: r.Who.Office, Limit: 100})
		if err != nil {
			return err
		}
		for _, u := range users {
			if u.ID != r.Who.ID && !u.Disabled {
				v.Withs = append(v.Withs, kit.Option{Value: u.ID, Label: u.Name})
			}
		}
	}
	if !slices.ContainsFunc(v.Withs, func(o kit.Option) bool { return o.Value == v.Chosen.With }) && v.Chosen.With != "" {
		if u, err := accounts.FindUser(r.Context(), q, access.System(access.ReadUsers), v.Chosen.With); err == nil {
			v.Withs = append(v.Withs, kit.Option{Value: u.ID, Label: u.Name})
		}
	}
	v.Withs = append(v.Withs, kit.Option{Value: nobody, Label: r.S.T("appointment.with_counter")})
	if v.With.Value == "" {
		v.With.Value = nobody
	}
	return v.offerPlaces(r, q)
}

// nobody is the choice of whoever is at the counter.
const nobody = "counter"

func (v *formView) offerPlaces(r *site.Request, q db.Reader) error {
	v.Where = kit.Input{Name: "where", Label: r.S.T("appointment.field.where"), Value: v.Chosen.Where, Error: r.Problems.On("office")}
	all, err := places.New(r, q)
	if err != nil {
		return err
	}
	for _, o := range all.List {
		if o.Organisation == r.Who.Organisation && o.ClosedAt.IsZero() {
			v.Wheres = append(v.Wheres, kit.Option{Value: o.ID, Label: o.Name(string(r.S.Lang()))})
		}
	}
	here, err := centres.List(r.Context(), q, r.Who)
	if err != nil {
		return err
	}
	for _, c := range here {
		desks, err := centres.Counters(r.Context(), q, r.Who, c.Office.ID)
		if err != nil {
			return err
		}
		for _, k := range desks {
			v.Wheres = append(v.Wheres, kit.Option{Value: c.Office.ID + ":" + k.ID, Label: c.Office.Name(string(r.S.Lang())) + ", " + r.S.T("centre.counter_n", "number", k.Number) + " · " + k.Name(string(r.S.Lang()))})
		}
	}
	v.Wheres = append(v.Wheres, kit.Option{Value: elsewhere, Label: r.S.T("appointment.elsewhere")})
	v.Minutes = kit.Input{Name: "minutes", Label: r.S.T("appointment.field.minutes"), Value: strconv.Itoa(v.Chosen.Minutes), Error: r.Problems.On("minutes")}
	for _, n := range []int{15, 30, 45, 60, 90, 120} {
		v.Lengths = append(v.Lengths, kit.Option{Value: strconv.Itoa(n), Label: r.S.T("appointment.minutes", "count", n)})
	}
	v.From = kit.Input{Name: "from", Label: r.S.T("appointment.field.from"), Value: v.Chosen.From, Optional: true, MaxLength: 40, Width: kit.Medium, Hint: r.S.T("appointment.field.day_hint")}
	return nil
}

// free offers the next free times for what is chosen.
func (v *formView) free(r *site.Request, q db.Reader, except appointments.ID) error {
	office, counter := v.Chosen.place()
	seek := appointments.Seeking{With: v.Chosen.With, Office: office, Counter: counter, Minutes: v.Chosen.Minutes, Except: except}
	if seek.With == nobody {
		seek.With = ""
	}
	if day, err := dates.Parse(v.Chosen.From); err == nil && day.Precision() == dates.Day {
		seek.From = day.Start()
	}
	v.At = r.Input("at", r.S.T("appointment.field.at"), r.URL.Query().Get("at"))
	times, err := appointments.Free(r.Context(), q, r.Who, seek)
	if fault.KindOf(err) == fault.Invalid { // what was chosen is said to be wrong beside its field
		for _, f := range kit.ProblemsOf(r.S, err) {
			if r.Problems.On(f.Field) == "" {
				v.Problems = append(v.Problems, f)
			}
		}
		return nil
	}
	if err != nil {
		return err
	}
	for _, t := range times {
		v.Free = append(v.Free, kit.Option{Value: t.Format(time.RFC3339), Label: near(r.S, t, r.Now)})
	}
	h, err := appointments.HoursAt(r.Context(), q, office)
	v.Hours = hoursSaid(r.S, h)
	return err
}

// near says a time with its day, always.
func near(s *words.Speaker, t, now time.Time) string {
	day := dates.Of(t)
	if said := dates.Near(s, t, now); said != dates.FormatTime(s, t) {
		return said
	}
	return dates.Weekday(s, day) + " " + dates.FormatTime(s, t)
}

// hoursSaid says when a place is open, a line for each part of the week.
func hoursSaid(s *words.Speaker, h listing.Hours) (lines []string) {
	for _, span := range h.Weekly {
		var days []string
		for _, d := range span.Days {
			days = append(days, s.T("directory.day."+strings.ToLower(d)))
		}
		lines = append(lines, strings.Join(days, ", ")+": "+s.Digits(span.Opens+"–"+span.Closes))
	}
	return lines
}

// read reads a booking as it was sent.
func read(r *site.Request) (appointments.Booking, error) {
	c := asked(r, chosen{})
	b := appointments.Booking{With: c.With, Minutes: c.Minutes, Place: r.PostFormValue("place"), Purpose: r.PostFormValue("purpose"), Note: r.PostFormValue("note"),
		Override: r.PostFormValue("override") == "yes", Reason: r.PostFormValue("reason")}
	if b.With == nobody {
		b.With = ""
	}
	b.Office, b.Counter = c.place()
	day, clock := strings.TrimSpace(r.PostFormValue("day")), strings.TrimSpace(numbers.Digits(r.PostFormValue("time")))
	if day == "" && clock == "" {
		at, err := time.Parse(time.RFC3339, r.PostFormValue("at"))
		if err != nil {
			return b, fault.New(fault.Invalid, "appointment.time_needed").On("at")
		}
		b.At = at.UTC()
		return b, nil
	}
	on, err := dates.Parse(day)
	if err != nil || on.Precision() != dates.Day || on.Check() != nil {
		return b, fault.New(fault.Invalid, "calendar.day_needed").On("day")
	}
	clock, err = listing.ClockTime(clock)
	if f := fault.Of(err); f != nil {
		return b, f.On("time")
	}
	hour, _ := strconv.Atoi(clock[:2])
	minute, _ := strconv.Atoi(clock[3:])
	b.At = on.Start().Add(time.Duration(hour*60+minute) * time.Minute).UTC()
	return b, nil
}

func book(r *site.Request, tx *db.Tx) (string, error) {
	id, err := caseID(r)
	if err != nil {
		return "", err
	}
	b, err := read(r)
	if err != nil {
		return "", err
	}
	b.Case, b.Operation = id, r.PostFormValue("operation")
	r.Say("appointment_booked")
	_, err = appointments.Book(r.Context(), tx, r.Who, b)
	return casehead.Path(id, "appointments"), err
}

func move(r *site.Request, tx *db.Tx) (string, error) {
	id, err := pathID(r)
	if err != nil {
		return "", err
	}
	b, err := read(r)
	if err != nil {
		return "", err
	}
	r.Say("appointment_moved")
	_, err = appointments.Shift(r.Context(), tx, r.Who, appointments.Acting{Appointment: id, Version: r.Version(0)}, b)
	return at(id), err
}
