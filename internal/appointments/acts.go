// SPDX-License-Identifier: Apache-2.0

package appointments

import (
	"context"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/names"
)

// Act is what may be done about an appointment.
type Act string

// The acts.
const (
	Make   Act = "make"
	Move   Act = "move"
	Cancel Act = "cancel"
	Come   Act = "come" // she came
	Miss   Act = "miss" // she did not
	Undo   Act = "undo" // that she came, or did not, was entered by mistake
)

// Acts returns the acts on an appointment that was made, in the order in which they are offered.
func Acts() []Act { return []Act{Come, Miss, Move, Cancel, Undo} }

// early is how long before its time somebody may come.
const early = 2 * time.Hour

// Possible returns the acts that may be done about an appointment at a moment, in the order in which they are offered.
func (a Appointment) Possible(now time.Time) (some []Act) {
	for _, act := range Acts() {
		if a.refusal(act, now) == nil {
			some = append(some, act)
		}
	}
	return some
}

func (a Appointment) refusal(act Act, now time.Time) *fault.Error {
	possible := false
	switch act {
	case Move, Cancel:
		possible = a.State == Booked
	case Come:
		possible = a.State == Booked && !now.Before(a.At.Add(-early))
	case Miss:
		possible = a.State == Booked && !now.Before(a.At)
	case Undo:
		possible = a.State == Came || a.State == Missed
	default:
		return fault.New(fault.Invalid, "fault.bad_choice").On("act")
	}
	if !possible {
		return fault.New(fault.Conflict, "appointment.not_now")
	}
	return nil
}

// Acting is an act on an appointment as it was when somebody decided to do it. Version 0 stands for any.
type Acting struct {
	Appointment ID
	Version     int
	Why         string // needed to cancel
}

// begin finds an appointment for an act, and lets the transaction commit.
func begin(ctx context.Context, tx *db.Tx, who access.Actor, on Acting, act Act) (Appointment, error) {
	a, err := Find(ctx, tx, who, on.Appointment)
	if err != nil {
		return a, err
	}
	if err := access.CheckOn(ctx, tx, who, access.BookAppointment, string(a.Person)); err != nil {
		return a, err
	}
	if on.Version != 0 && on.Version != a.Version {
		return a, fault.New(fault.Conflict, "appointment.changed")
	}
	if f := a.refusal(act, tx.Now()); f != nil {
		return a, f
	}
	return a, nil
}

// Shift moves an appointment to another time, place or colleague. The reason is that of the booking.
func Shift(ctx context.Context, tx *db.Tx, who access.Actor, on Acting, b Booking) (Appointment, error) {
	a, err := begin(ctx, tx, who, on, Move)
	if err != nil {
		return a, err
	}
	e, before := Event{Act: Move, Was: a.At}, a
	if err := a.arrange(ctx, tx, who, b); err != nil {
		return before, err
	}
	e.Why = b.Reason
	if e.Why == "" {
		e.Why = strings.TrimSpace(on.Why)
	}
	a.Sequence++
	if err := a.correct(ctx, tx, before); err != nil {
		return before, err
	}
	a.RemindedAt = time.Time{}
	if err := a.keep(ctx, tx, who, e); err != nil {
		return before, err
	}
	if before.With != a.With {
		if err := before.tell(ctx, tx, who); err != nil {
			return before, err
		}
	}
	return a, a.tell(ctx, tx, who)
}

// CallOff cancels an appointment, for a reason.
func CallOff(ctx context.Context, tx *db.Tx, who access.Actor, on Acting) (Appointment, error) {
	a, err := begin(ctx, tx, who, on, Cancel)
	if err != nil {
		return a, err
	}
	why, problem := names.CheckText(on.Why, mostWords)
	switch {
	case problem != "":
		return a, fault.New(fault.Invalid, problem).With("max", mostWords).On("why")
	case len([]rune(why)) < leastWhy:
		return a, fault.New(fault.Invalid, "appointment.reason_needed").On("why")
	}
	before := a
	a.State, a.RemindAt = Cancelled, time.Time{}
	a.Sequence++
	if err := a.correct(ctx, tx, before); err != nil {
		return a, err
	}
	if err := a.keep(ctx, tx, who, Event{Act: Cancel, Why: why}); err != nil {
		return a, err
	}
	return a, a.tell(ctx, tx, who)
}

// Note notes that somebody came or did not, or takes that back.
func Note(ctx context.Context, tx *db.Tx, who access.Actor, on Acting, act Act) (Appointment, error) {
	if !slices.Contains([]Act{Come, Miss, Undo}, act) {
		return Appointment{}, fault.New(fault.Invalid, "fault.bad_choice").On("act")
	}
	a, err := begin(ctx, tx, who, on, act)
	if err != nil {
		return a, err
	}
	a.RemindAt = time.Time{}
	switch act {
	case Come:
		a.State = Came
	case Miss:
		a.State = Missed
	default:
		a.State = Booked
		if err := a.free(ctx, tx); err != nil {
			return a, err
		}
	}
	return a, a.keep(ctx, tx, who, Event{Act: act})
}
