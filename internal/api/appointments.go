// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"time"

	"fera/internal/access"
	"fera/internal/appointments"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/fault"
)

// appointmentOperations are those of appointments: of a day, of a case, and free times.
func appointmentOperations() []operation {
	reads, books := access.ReadAppointments, access.BookAppointment
	return []operation{
		{name: "list_appointments", method: http.MethodGet, path: "/appointments", need: reads, params: []string{"on", "office", "user"}, out: holds[page[appointmentView]](), do: listAppointments},
		{name: "list_case_appointments", method: http.MethodGet, path: "/cases/{id}/appointments", need: reads, out: holds[page[appointmentView]](), do: listCaseAppointments},
		{name: "book_appointment", method: http.MethodPost, path: "/cases/{id}/appointments", need: books, keyed: true, in: sent[newAppointment](), out: holds[appointmentView](), status: http.StatusCreated, writes: true,
			do: bookAppointment, example: `{"at": "2026-12-06T04:30:00Z", "minutes": 30, "purpose": "job", "place": "Sonali Bank, Manikganj", "with": "01900000-0000-7000-8000-000000000000"}`},
		{name: "act_on_appointment", method: http.MethodPost, path: "/appointments/{id}", need: books, in: sent[appointmentAct](), out: holds[appointmentView](), writes: true, do: actOnAppointment,
			example: `{"version": 1, "do": "cancel", "why": "she is ill"}`},
		{name: "move_appointment", method: http.MethodPost, path: "/appointments/{id}/move", need: books, in: sent[movedAppointment](), out: holds[appointmentView](), writes: true, do: moveAppointment,
			example: `{"version": 1, "at": "2026-12-07T04:30:00Z", "minutes": 30, "purpose": "job", "place": "Sonali Bank, Manikganj", "with": "01900000-0000-7000-8000-000000000000", "reason": "she has to work"}`},
		{name: "seek_free_times", method: http.MethodGet, path: "/free-times", need: books, params: []string{"user", "office", "counter", "minutes", "on"}, out: holds[freeTimes](), do: seekFreeTimes},
	}
}

// appointmentView is an appointment. What is sealed of it is in it only where one is asked for, or those of one case.
type appointmentView struct {
	ID        string    `json:"id"`
	Case      string    `json:"case"`
	At        time.Time `json:"at"`
	Until     time.Time `json:"until"`
	State     string    `json:"state"`
	Office    string    `json:"office,omitempty"`
	Counter   string    `json:"counter,omitempty"`
	Elsewhere bool      `json:"elsewhere"`
	Place     string    `json:"place,omitempty"`
	With      string    `json:"with,omitempty"`
	WithName  string    `json:"with_name,omitempty"`
	Purpose   string    `json:"purpose,omitempty"`
	Note      string    `json:"note,omitempty"`
	Possible  []string  `json:"possible"`
	Version   int       `json:"version"`
}

func (c *call) appointmentOf(a appointments.Appointment) appointmentView {
	v := appointmentView{ID: string(a.ID), Case: string(a.Case), At: a.At, Until: a.Until, State: string(a.State), Office: a.Office, Counter: a.Counter, Elsewhere: a.Elsewhere, Place: a.Place,
		With: a.With, WithName: a.WithName, Purpose: a.Purpose, Note: a.Note, Possible: []string{}, Version: a.Version}
	for _, act := range a.Possible(c.q.Now()) {
		v.Possible = append(v.Possible, string(act))
	}
	return v
}

func listAppointments(c *call) (answer, error) {
	day, err := c.day("on")
	if err != nil {
		return answer{}, err
	}
	if day.IsZero() {
		day = c.today
	}
	f := appointments.Filter{From: day.Start(), Until: day.End()}
	if f.Office, err = c.text("office"); err != nil {
		return answer{}, err
	}
	if f.With, err = c.text("user"); err != nil {
		return answer{}, err
	}
	all, err := appointments.List(c.ctx, c.q, c.who, f)
	return answer{body: page[appointmentView]{Items: each(all, c.appointmentOf)}}, err
}

func listCaseAppointments(c *call) (answer, error) {
	id, err := pathID[cases.ID](c, "id", "case.not_found")
	if err != nil {
		return answer{}, err
	}
	all, err := appointments.OfCase(c.ctx, c.q, c.who, id)
	return answer{body: page[appointmentView]{Items: each(all, c.appointmentOf)}}, err
}

// newAppointment is when, where and with whom somebody is to come.
type newAppointment struct {
	At       time.Time `json:"at"`
	Minutes  int       `json:"minutes"`
	Purpose  string    `json:"purpose"`
	With     string    `json:"with,omitempty"`
	Office   string    `json:"office,omitempty"`
	Counter  string    `json:"counter,omitempty"`
	Place    string    `json:"place,omitempty"`
	Note     string    `json:"note,omitempty"`
	Override bool      `json:"override,omitzero"`
	Reason   string    `json:"reason,omitempty"`
}

func (b newAppointment) booking() appointments.Booking {
	return appointments.Booking{With: b.With, Office: b.Office, Counter: b.Counter, Place: b.Place, At: b.At, Minutes: b.Minutes, Purpose: b.Purpose, Note: b.Note, Override: b.Override, Reason: b.Reason}
}

func bookAppointment(c *call) (answer, error) {
	id, err := pathID[cases.ID](c, "id", "case.not_found")
	if err != nil {
		return answer{}, err
	}
	replayed, err := c.done()
	if err != nil {
		return answer{}, err
	}
	b := c.body.(*newAppointment).booking()
	b.Case, b.Operation = id, c.key
	a, err := appointments.Book(c.ctx, c.tx, c.who, b)
	return answer{status: c.op.answers(), body: c.appointmentOf(a), replayed: replayed}, err
}

// appointmentAct is one act on an appointment but moving it; see its possible for their names.
type appointmentAct struct {
	Version int    `json:"version"`
	Do      string `json:"do"`
	Why     string `json:"why,omitempty"`
}

func (b *appointmentAct) check() *fault.Error { return based(b.Version) }

func actOnAppointment(c *call) (answer, error) {
	id, err := pathID[appointments.ID](c, "id", "appointment.not_found")
	if err != nil {
		return answer{}, err
	}
	b := c.body.(*appointmentAct)
	on, act := appointments.Acting{Appointment: id, Version: b.Version, Why: b.Why}, appointments.Act(b.Do)
	if act == appointments.Cancel {
		a, err := appointments.CallOff(c.ctx, c.tx, c.who, on)
		return answer{body: c.appointmentOf(a)}, err
	}
	a, err := appointments.Note(c.ctx, c.tx, c.who, on, act)
	return answer{body: c.appointmentOf(a)}, err
}

// movedAppointment is an appointment at another time or place.
type movedAppointment struct {
	Version  int       `json:"version"`
	At       time.Time `json:"at"`
	Minutes  int       `json:"minutes"`
	Purpose  string    `json:"purpose"`
	With     string    `json:"with,omitempty"`
	Office   string    `json:"office,omitempty"`
	Counter  string    `json:"counter,omitempty"`
	Place    string    `json:"place,omitempty"`
	Note     string    `json:"note,omitempty"`
	Override bool      `json:"override,omitzero"`
	Reason   string    `json:"reason,omitempty"`
}

func (b *movedAppointment) check() *fault.Error { return based(b.Version) }

func moveAppointment(c *call) (answer, error) {
	id, err := pathID[appointments.ID](c, "id", "appointment.not_found")
	if err != nil {
		return answer{}, err
	}
	b := c.body.(*movedAppointment)
	to := newAppointment{b.At, b.Minutes, b.Purpose, b.With, b.Office, b.Counter, b.Place, b.Note, b.Override, b.Reason}
	a, err := appointments.Shift(c.ctx, c.tx, c.who, appointments.Acting{Appointment: id, Version: b.Version}, to.booking())
	return answer{body: c.appointmentOf(a)}, err
}

// freeTimes are the next free times.
type freeTimes struct {
	Times []time.Time `json:"times"`
}

func seekFreeTimes(c *call) (answer, error) {
	s := appointments.Seeking{}
	for name, to := range map[string]*string{"user": &s.With, "office": &s.Office, "counter": &s.Counter} {
		text, err := c.text(name)
		if err != nil {
			return answer{}, err
		}
		*to = text
	}
	var err error
	if s.Minutes, err = c.number("minutes", 30, 5, 480); err != nil {
		return answer{}, err
	}
	day, err := c.day("on")
	if err != nil {
		return answer{}, err
	}
	if day != (dates.Partial{}) {
		s.From = day.Start()
	}
	free, err := appointments.Free(c.ctx, c.q, c.who, s)
	return answer{body: freeTimes{append([]time.Time{}, free...)}}, err
}
