// SPDX-License-Identifier: Apache-2.0

package copies

import (
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/appointments"
	"fera/internal/cases"
	"fera/internal/centres"
	"fera/internal/dates"
	"fera/internal/directory/listing"
)

// appointments puts in when she was to come, where and for what, and whether she came; the earliest first.
func (m *maker) appointments(c cases.Case) error {
	if !m.who.Holds(access.ReadAppointments) {
		return nil
	}
	all, err := appointments.OfCase(m.ctx, m.tx, m.who, c.ID)
	if err != nil {
		return err
	}
	slices.Reverse(all)
	var entries []Entry
	for _, a := range all {
		e := m.say("")
		e.fact("at", a.At.UTC().Format(time.RFC3339), dates.FormatTime(m.s, a.At))
		e.code("state", "appointment.state", string(a.State))
		if n, known := listing.NeedOf(a.Purpose); known {
			e.fact("purpose", a.Purpose, n.Name(string(m.s.Lang())))
		}
		if a.Elsewhere {
			e.plain("place", a.Place)
		} else {
			e.fact("office", a.Office, m.office(a.Office))
		}
		e.plain("note", a.Note)
		for _, event := range a.Events {
			e.plain("why", event.Why)
		}
		entries = append(entries, e.Entry)
	}
	m.of(c, "appointments", entries)
	return nil
}

// tickets puts in the numbers that were said to be hers at a one-stop centre.
func (m *maker) tickets() error {
	all, err := centres.Tickets(m.ctx, m.tx, m.who, m.her.ID)
	if err != nil {
		return err
	}
	slices.Reverse(all)
	var entries []Entry
	for _, t := range all {
		e := m.say("")
		e.fact("at", t.ArrivedAt.UTC().Format(time.RFC3339), dates.FormatTime(m.s, t.ArrivedAt))
		e.fact("ticket", t.Code(), m.s.Digits(t.Code()))
		e.fact("office", t.Office, m.office(t.Office))
		if n, known := listing.NeedOf(t.Need); known {
			e.fact("purpose", t.Need, n.Name(string(m.s.Lang())))
		}
		e.code("state", "centre.state", string(t.State))
		entries = append(entries, e.Entry)
	}
	m.add("tickets", entries...)
	return nil
}
