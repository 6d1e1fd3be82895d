// SPDX-License-Identifier: Apache-2.0

// Package appointments keeps when the person of a case is to come, where and to whom, and whether she came.
//
// An appointment is class 2: who sees the person and may see appointments sees it. For what it is, and all that people wrote, is
// sealed under her key, and what is protected is never its purpose. Nobody is booked twice for the same time, nor is a counter;
// that a place is closed can be overridden, for a reason. What is said to her beforehand, and what the calendars of the staff hold,
// tells nothing but the time.
package appointments

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/seal"
)

// ID identifies an appointment.
type ID string

// State is what became of an appointment.
type State string

// The states. One that was cancelled may not be taken up again.
const (
	Booked    State = "booked"
	Came      State = "came"
	Missed    State = "missed"
	Cancelled State = "cancelled"
)

// Appointment is that somebody is to come.
type Appointment struct {
	ID         ID         `json:"-"`
	Case       cases.ID   `json:"case"`
	Person     persons.ID `json:"-"`
	Office     string     `json:"office"`            // where, or whose, when it is elsewhere
	Elsewhere  bool       `json:"elsewhere"`         // Place says where
	Counter    string     `json:"counter,omitempty"` // of a centre
	With       string     `json:"with"`              // a user; empty when it is with whoever is at the counter
	WithName   string     `json:"with_name"`
	At         time.Time  `json:"at"`
	Until      time.Time  `json:"until"`
	State      State      `json:"state"`
	Short      string     `json:"-"` // by which calendars know it
	Sequence   int        `json:"-"` // grows by one when calendars have to learn of a change
	RemindAt   time.Time  `json:"-"` // zero when nothing is to be said any more
	RemindedAt time.Time  `json:"-"` // when a reminder was handed over for sending
	ChangedAt  time.Time  `json:"-"`
	Version    int        `json:"-"`
	Said

	sealed []byte
}

// Said is what is sealed of an appointment.
type Said struct {
	Purpose string  `json:"purpose,omitempty"` // a need, see listing.Needs
	Place   string  `json:"place,omitempty"`   // where, when it is elsewhere
	Note    string  `json:"note,omitempty"`
	Events  []Event `json:"events,omitempty"` // the earliest first
}

// Event is something that was done about an appointment.
type Event struct {
	Act  Act       `json:"act"`
	At   time.Time `json:"at"`
	User string    `json:"user"`
	By   string    `json:"by"`
	Why  string    `json:"why,omitempty"`
	Was  time.Time `json:"was,omitzero"` // before it was moved
}

// Minutes is how long it takes.
func (a Appointment) Minutes() int { return int(a.Until.Sub(a.At) / time.Minute) }

func (a Appointment) subject() string { return "appointment:" + string(a.ID) }

func notFound() error { return fault.New(fault.NotFound, "appointment.not_found") }

const columns = `a.id, a.case_id, a.person_id, a.office_id, a.elsewhere, a.counter_id, a.user_id, a.user_name, a.starts_at, a.ends_at, a.state, a.short, a.sequence, a.remind_at, a.reminded_at, a.sealed, a.changed_at, a.version`

func scan(row interface{ Scan(...any) error }) (a Appointment, err error) {
	err = row.Scan(&a.ID, &a.Case, &a.Person, &a.Office, &a.Elsewhere, &a.Counter, &a.With, &a.WithName, db.Time(&a.At), db.Time(&a.Until), &a.State, &a.Short, &a.Sequence,
		db.NullTime(&a.RemindAt), db.NullTime(&a.RemindedAt), &a.sealed, db.Time(&a.ChangedAt), &a.Version)
	return a, err
}

// open reads what is sealed.
func (a *Appointment) open(ctx context.Context, q db.Reader) error {
	if len(a.sealed) == 0 {
		return nil
	}
	if err := seal.FromJSON(ctx, q, seal.Place{Subject: string(a.Person), Name: "appointments:" + string(a.ID), Sealed: a.sealed}, &a.Said); err != nil {
		return fmt.Errorf("open appointment: %w", err)
	}
	return nil
}

func (a *Appointment) seal(ctx context.Context, tx *db.Tx) (err error) {
	a.sealed, err = seal.JSON(ctx, tx, string(a.Person), "appointments:"+string(a.ID), a.Said)
	return err
}

// Find returns an appointment that who may see, with all that was written.
func Find(ctx context.Context, q db.Reader, who access.Actor, id ID) (Appointment, error) {
	may, args := access.Where(who, access.ReadAppointments, "a.person_id")
	a, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM appointments a WHERE a.id = ? AND `+may, append([]any{string(id)}, args...)...))
	if errors.Is(err, sql.ErrNoRows) {
		return Appointment{}, notFound()
	}
	if err != nil {
		return Appointment{}, fmt.Errorf("find appointment: %w", err)
	}
	if _, err := cases.Find(ctx, q, who, a.Case); fault.KindOf(err) == fault.NotFound {
		return Appointment{}, notFound()
	} else if err != nil {
		return Appointment{}, err
	}
	return a, a.open(ctx, q)
}

// OfCase returns the appointments of a case that who sees, the latest first, with all that was written.
func OfCase(ctx context.Context, q db.Reader, who access.Actor, id cases.ID) ([]Appointment, error) {
	if _, err := cases.Find(ctx, q, who, id); err != nil {
		return nil, err
	}
	may, args := access.Where(who, access.ReadAppointments, "a.person_id")
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM appointments a WHERE a.case_id = ? AND `+may+` ORDER BY a.starts_at DESC, a.id LIMIT 500`, append([]any{string(id)}, args...)...)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list appointments: %w", err)
	}
	for i := range all {
		if err := all[i].open(ctx, q); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Filter chooses appointments between two moments; what else is empty chooses all that who may see.
type Filter struct {
	From, Until time.Time
	Office      string
	With        string
}

// mostListed is how many appointments a list holds.
const mostListed = 500

// List returns appointments in the order of their times, without what is sealed.
func List(ctx context.Context, q db.Reader, who access.Actor, f Filter) ([]Appointment, error) {
	may, args := access.Where(who, access.ReadAppointments, "a.person_id")
	where, of := ` AND a.starts_at >= ? AND a.starts_at < ?`, []any{f.From, f.Until}
	if f.Office != "" {
		where, of = where+` AND a.office_id = ?`, append(of, f.Office)
	}
	if f.With != "" {
		where, of = where+` AND a.user_id = ?`, append(of, f.With)
	}
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM appointments a WHERE `+may+where+` ORDER BY a.starts_at, a.id LIMIT ?`, append(append(args, of...), mostListed)...)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list appointments: %w", err)
	}
	return slices.Clip(all), nil
}

// keep writes a changed appointment and the trail, which holds no more than the times.
func (a *Appointment) keep(ctx context.Context, tx *db.Tx, who access.Actor, e Event) error {
	e.At, e.User, e.By = tx.Now(), who.ID, who.Name
	a.Events, a.ChangedAt = append(slices.Clone(a.Events), e), tx.Now()
	if err := a.seal(ctx, tx); err != nil {
		return fmt.Errorf("%s appointment: %w", e.Act, err)
	}
	n, err := tx.Exec(ctx, `UPDATE appointments SET office_id = ?, elsewhere = ?, counter_id = ?, user_id = ?, user_name = ?, starts_at = ?, ends_at = ?, state = ?, sequence = ?, remind_at = ?, reminded_at = ?, sealed = ?, changed_at = ?,
		version = version + 1 WHERE id = ? AND version = ?`,
		a.Office, a.Elsewhere, a.Counter, a.With, a.WithName, a.At, a.Until, string(a.State), a.Sequence, db.When(a.RemindAt), db.When(a.RemindedAt), a.sealed, a.ChangedAt, string(a.ID), a.Version)
	if err != nil {
		return fmt.Errorf("%s appointment: %w", e.Act, err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "appointment.changed")
	}
	a.Version++
	return a.record(ctx, tx, who, e)
}

func (a *Appointment) record(ctx context.Context, tx *db.Tx, who access.Actor, e Event) error {
	after := map[string]any{"act": e.Act, "state": a.State, "at": a.At, "until": a.Until, "with": a.With, "office": a.Office, "counter": a.Counter, "case": a.Case}
	return audit.Record(ctx, tx, who, access.BookAppointment, audit.Entry{Subject: a.subject(), Person: string(a.Person), After: after, Reason: e.Why})
}

// Forget takes the appointments of a person who was erased away.
func Forget(ctx context.Context, tx *db.Tx, person persons.ID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM appointments WHERE person_id = ?`, string(person)); err != nil {
		return fmt.Errorf("forget appointments: %w", err)
	}
	return nil
}
