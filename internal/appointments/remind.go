// SPDX-License-Identifier: Apache-2.0

package appointments

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/persons"
	"fera/internal/words"
)

// ahead is how long before an appointment she is reminded of it. It is ours.
const ahead = 24 * time.Hour

// Hotline is the number that a reminder names: that of the government's call centre for migrants. It is asked for many things, so
// that it tells nothing.
const Hotline = "16135"

// ReminderText is the key of the text of a reminder. It names no organisation, no place and no purpose.
const ReminderText = "appointment.reminder"

// remindAt is when somebody is reminded of an appointment; never when it is made within that time, for she was told then.
func remindAt(at, now time.Time) time.Time {
	if when := at.Add(-ahead); when.After(now) {
		return when
	}
	return time.Time{}
}

// Reminder is what is to be said to somebody before an appointment.
type Reminder struct {
	Appointment ID
	Person      persons.ID
	Case        cases.ID
	Text        string    // key of the text, see ReminderText
	At          time.Time // of the appointment
	Due         time.Time // from when on it may be said
	Until       time.Time // after which it is too late
}

// Reminders returns what is due to be said about appointments at a moment. What is due is due until the appointment begins: whoever
// sends it asks calls.MaySend first, which may want another hour. The text tells the time and nothing else.
func Reminders(all []Appointment, now time.Time) (due []Reminder) {
	for _, a := range all {
		if a.State != Booked || a.RemindAt.IsZero() || a.RemindAt.After(now) || !now.Before(a.At) {
			continue
		}
		due = append(due, Reminder{Appointment: a.ID, Person: a.Person, Case: a.Case, Text: ReminderText, At: a.At, Due: a.RemindAt, Until: a.At})
	}
	return due
}

// Values are those of the text in a language: which day and what time.
func (r Reminder) Values(s *words.Speaker) []any {
	day := dates.Of(r.At)
	return []any{"weekday", dates.Weekday(s, day), "day", day.Day, "month", s.T("month." + strconv.Itoa(day.Month)), "time", dates.Clock(s, r.At), "number", s.Digits(Hotline)}
}

// Say is the text in a language.
func (r Reminder) Say(s *words.Speaker) string { return s.T(r.Text, r.Values(s)...) }

// atOnce is how many reminders one transaction hands over.
const atOnce = 100

// Due returns the appointments of which somebody is to be reminded by now, the earliest first, without what is sealed. It is for
// whoever sends.
func Due(ctx context.Context, q db.Reader) ([]Appointment, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM appointments a WHERE a.remind_at <= ? ORDER BY a.remind_at, a.id LIMIT ?`, q.Now(), atOnce)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list reminders: %w", err)
	}
	return all, nil
}
