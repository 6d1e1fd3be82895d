// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"time"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/appointments"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/fault"
)

// appointmentOperations are those of appointments: of a day, of a case, and free times.
func appointmentOperations() []op.Operation {
	reads, books := access.ReadAppointments, access.BookAppointment
	return []op.Operation{
		{Name: "list_appointments", Method: http.MethodGet, Path: "/appointments", Need: reads, Params: []string{"on", "office", "user"}, Out: op.Holds[op.Page[appointmentView]](), Do: listAppointments},
		{Name: "list_case_appointments", Method: http.MethodGet, Path: "/cases/{id}/appointments", Need: reads, Out: op.Holds[op.Page[appointmentView]](), Do: listCaseAppointments},
		{Name: "book_appointment", Method: http.MethodPost, Path: "/cases/{id}/appointments", Need: books, Keyed: true, In: op.Sent[newAppointment](), Out: op.Holds[appointmentView](), Status: http.StatusCreated, Writes: true,
			Do: bookAppointment, Example: `{"at": "2026-12-06T04:30:00Z", "minutes": 30, "purpose": "job", "place": "Sonali Bank, Manikganj", "with": "01900000-0000-7000-8000-000000000000"}`},
		{Name: "act_on_appointment", Method: http.MethodPost, Path: "/appointments/{id}", Need: books, In: op.Sent[appointmentAct](), Out: op.Holds[appointmentView](), Writes: true, Do: actOnAppointment,
			Example: `{"version": 1, "do": "cancel", "why": "she is ill"}`},
		{Name: "move_appointment", Method: http.MethodPost, Path: "/appointments/{id}/move", Need: books, In: op.Sent[movedAppointment](), Out: op.Holds[appointmentView](), Writes: true, Do: moveAppointment,
			Example: `{"version": 1, "at": "2026-12-07T04:30:00Z", "minutes": 30, "purpose": "job", "place": "Sonali Bank, Manikganj", "with": "01900000-0000-7000-8000-000000000000", "reason": "she has to work"}`},
		{Name: "seek_free_times", Method: http.MethodGet, Path: "/free-times", Need: books, Params: []string{"user", "office", "counter", "minutes", "on"}, Out: op.Holds[freeTimes](), Do: seekFreeTimes},
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

func appointmentOf(c *op.Call, a appointments.Appointment) appointmentView {
	v := appointmentView{ID: string(a.ID), Case: string(a.Case), At: a.At, Until: a.Until, State: string(a.State), Office: a.Office, Counter: a.Counter, Elsewhere: a.Elsewhere, Place: a.Place,
		With: a.With, WithName: a.WithName, Purpose: a.Purpose, Note: a.Note, Possible: []string{}, Version: a.Version}
	for _, act := range a.Possible(c.Q.Now()) {
		v.Possible = append(v.Possible, string(act))
	}
	return v
}

func appointmentsOf(c *op.Call, all []appointments.Appointment) []appointmentView {
	return op.Each(all, func(a appointments.Appointment) appointmentView { return appointmentOf(c, a) })
}

func listAppointments(c *op.Call) (op.Answer, error) {
	day, err := c.Day("on")
	if err != nil {
		return op.Answer{}, err
	}
	if day.IsZero() {
		day = c.Today
	}
	f := appointments.Filter{From: day.Start(), Until: day.End()}
	if f.Office, err = c.Text("office"); err != nil {
		return op.Answer{}, err
	}
	if f.With, err = c.Text("user"); err != nil {
		return op.Answer{}, err
	}
	all, err := appointments.List(c.Ctx, c.Q, c.Who, f)
	return op.Answer{Body: op.Page[appointmentView]{Items: appointmentsOf(c, all)}}, err
}

func listCaseAppointments(c *op.Call) (op.Answer, error) {
	id, err := op.PathID[cases.ID](c, "id", "case.not_found")
	if err != nil {
		return op.Answer{}, err
	}
	all, err := appointments.OfCase(c.Ctx, c.Q, c.Who, id)
	return op.Answer{Body: op.Page[appointmentView]{Items: appointmentsOf(c, all)}}, err
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

func bookAppointment(c *op.Call) (op.Answer, error) {
	id, err := op.PathID[cases.ID](c, "id", "case.not_found")
	if err != nil {
		return op.Answer{}, err
	}
	replayed, err := c.Done()
	if err != nil {
		return op.Answer{}, err
	}
	b := c.Body.(*newAppointment).booking()
	b.Case, b.Operation = id, c.Key
	a, err := appointments.Book(c.Ctx, c.Tx, c.Who, b)
	return op.Answer{Status: c.Op.Answers(), Body: appointmentOf(c, a), Replayed: replayed}, err
}

// appointmentAct is one act on an appointment but moving it; see its possible for their names.
type appointmentAct struct {
	Version int    `json:"version"`
	Do      string `json:"do"`
	Why     string `json:"why,omitempty"`
}

// Check implements op.Checked.
func (b *appointmentAct) Check() *fault.Error { return op.Based(b.Version) }

func actOnAppointment(c *op.Call) (op.Answer, error) {
	id, err := op.PathID[appointments.ID](c, "id", "appointment.not_found")
	if err != nil {
		return op.Answer{}, err
	}
	b := c.Body.(*appointmentAct)
	on, act := appointments.Acting{Appointment: id, Version: b.Version, Why: b.Why}, appointments.Act(b.Do)
	if act == appointments.Cancel {
		a, err := appointments.CallOff(c.Ctx, c.Tx, c.Who, on)
		return op.Answer{Body: appointmentOf(c, a)}, err
	}
	a, err := appointments.Note(c.Ctx, c.Tx, c.Who, on, act)
	return op.Answer{Body: appointmentOf(c, a)}, err
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

// Check implements op.Checked.
func (b *movedAppointment) Check() *fault.Error { return op.Based(b.Version) }

func moveAppointment(c *op.Call) (op.Answer, error) {
	id, err := op.PathID[appointments.ID](c, "id", "appointment.not_found")
	if err != nil {
		return op.Answer{}, err
	}
	b := c.Body.(*movedAppointment)
	to := newAppointment{b.At, b.Minutes, b.Purpose, b.With, b.Office, b.Counter, b.Place, b.Note, b.Override, b.Reason}
	a, err := appointments.Shift(c.Ctx, c.Tx, c.Who, appointments.Acting{Appointment: id, Version: b.Version}, to.booking())
	return op.Answer{Body: appointmentOf(c, a)}, err
}

// freeTimes are the next free times.
type freeTimes struct {
	Times []time.Time `json:"times"`
}

func seekFreeTimes(c *op.Call) (op.Answer, error) {
	s := appointments.Seeking{}
	for name, to := range map[string]*string{"user": &s.With, "office": &s.Office, "counter": &s.Counter} {
		text, err := c.Text(name)
		if err != nil {
			return op.Answer{}, err
		}
		*to = text
	}
	var err error
	if s.Minutes, err = c.Number("minutes", 30, 5, 480); err != nil {
		return op.Answer{}, err
	}
	day, err := c.Day("on")
	if err != nil {
		return op.Answer{}, err
	}
	if day != (dates.Partial{}) {
		s.From = day.Start()
	}
	free, err := appointments.Free(c.Ctx, c.Q, c.Who, s)
	return op.Answer{Body: freeTimes{append([]time.Time{}, free...)}}, err
}
