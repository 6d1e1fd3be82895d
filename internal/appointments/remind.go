// SPDX-License-Identifier: Apache-2.0

package appointments

import (
	"context"
	"fmt"
	"time"

	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/messages"
	"fera/internal/persons"
)

// ahead is how long before an appointment she is reminded of it. It is ours.
const ahead = 24 * time.Hour

// Hotline is the number that a message about an appointment names: that of the government's call centre for migrants. It is asked for many
// things, so that it tells nothing.
const Hotline = "16135"

// The kinds of messages that say something of an appointment. Their texts know a day, a time and a number, and nothing else.
const (
	near  = "appointment_near"
	moved = "appointment_moved"
	off   = "appointment_off"
)

// remindAt is when somebody is reminded of an appointment; never when it is made within that time, for she was told then.
func remindAt(at, now time.Time) time.Time {
	if when := at.Add(-ahead); when.After(now) {
		return when
	}
	return time.Time{}
}

// Reminder is what is to be said to somebody about an appointment.
type Reminder struct {
	Appointment ID
	Person      persons.ID
	Case        cases.ID
	Kind        string    // see package messages
	At          time.Time // the time that is said
	Until       time.Time // after which it is too late
}

// Reminders returns what is due to be said about appointments at a moment. Whether it may be said, and at which hour, is asked when the
// message leaves.
func Reminders(all []Appointment, now time.Time) (due []Reminder) {
	for _, a := range all {
		if a.State != Booked || a.RemindAt.IsZero() || a.RemindAt.After(now) || !now.Before(a.At) {
			continue
		}
		due = append(due, a.reminder(near, a.At))
	}
	return due
}

func (a Appointment) reminder(kind string, says time.Time) Reminder {
	return Reminder{Appointment: a.ID, Person: a.Person, Case: a.Case, Kind: kind, At: says, Until: says}
}

// message is what is put down to be sent.
func (r Reminder) message() messages.Message {
	at := r.At.In(dates.Dhaka())
	with := map[string]any{"date": dates.Of(at).String(), "number": Hotline}
	if r.Kind != off {
		with["time"] = at.Format("15:04")
	}
	return messages.Message{Person: r.Person, Case: r.Case, Kind: r.Kind, With: with, Until: r.Until, Subject: "appointment:" + string(r.Appointment)}
}

// handOver puts down what is to be said, for package messages to send if it may. What is made up is said to nobody; and when she is not
// there any more, nothing is.
func handOver(ctx context.Context, tx *db.Tx, r Reminder) error {
	if ids.IsApart(string(r.Person)) {
		return nil
	}
	_, err := messages.Send(ctx, tx, messages.Program(), r.message())
	if fault.Of(err) != nil && fault.KindOf(err) != fault.Internal {
		return nil
	}
	if err != nil {
		return fmt.Errorf("remind of appointment: %w", err)
	}
	return nil
}

// correct says to who was reminded already that an appointment was moved or is off, so that nobody comes for nothing.
func (a Appointment) correct(ctx context.Context, tx *db.Tx, before Appointment) error {
	switch {
	case before.RemindedAt.IsZero(), !tx.Now().Before(before.At):
		return nil
	case a.State == Cancelled:
		return handOver(ctx, tx, a.reminder(off, before.At))
	case a.At.Equal(before.At):
		return nil
	}
	return handOver(ctx, tx, a.reminder(moved, a.At))
}

// atOnce is how many reminders one transaction hands over.
const atOnce = 100

// Remind puts down the reminders that are due, to be sent if they may be. It returns how many.
func Remind(ctx context.Context, d *db.DB) (n int, err error) {
	for {
		some, told := 0, 0
		if err := d.Maintain(ctx, func(tx *db.Tx) error {
			rows, err := tx.Query(ctx, `SELECT `+columns+` FROM appointments a WHERE a.remind_at <= ? ORDER BY a.remind_at, a.id LIMIT ?`, tx.Now(), atOnce)
			all, err := db.Collect(rows, err, scan)
			if err != nil {
				return err
			}
			due := Reminders(all, tx.Now())
			some, told = len(all), len(due)
			for _, r := range due {
				if err := handOver(ctx, tx, r); err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, `UPDATE appointments SET reminded_at = ? WHERE id = ?`, tx.Now(), string(r.Appointment)); err != nil {
					return err
				}
			}
			for _, a := range all {
				if _, err := tx.Exec(ctx, `UPDATE appointments SET remind_at = NULL WHERE id = ?`, string(a.ID)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return n, fmt.Errorf("remind of appointments: %w", err)
		}
		if n += told; some < atOnce {
			return n, nil
		}
	}
}
