// SPDX-License-Identifier: Apache-2.0

package appointments_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fera/internal/appointments"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/messages"
	"fera/internal/persons"
	"fera/internal/worldtest"
)

// A reminder is due from a day before until it begins, and not after it was cancelled or said.
func TestWhichRemindersAreDue(t *testing.T) {
	now := at(10, 12, 0)
	appointment := func(id string, begins, remind time.Time, state appointments.State) appointments.Appointment {
		return appointments.Appointment{ID: appointments.ID(id), State: state, At: begins, RemindAt: remind, Said: appointments.Said{Purpose: "talk", Place: secret}}
	}
	due := appointments.Reminders([]appointments.Appointment{
		appointment("due", at(11, 10, 30), at(10, 10, 30), appointments.Booked), appointment("later", at(12, 10, 30), at(11, 10, 30), appointments.Booked),
		appointment("off", at(11, 10, 30), at(10, 10, 30), appointments.Cancelled), appointment("begun", at(10, 11, 0), at(9, 11, 0), appointments.Booked),
		appointment("said", at(11, 10, 30), time.Time{}, appointments.Booked),
	}, now)
	if len(due) != 1 || due[0].Appointment != "due" || due[0].Kind != "appointment_near" || !due[0].Until.Equal(at(11, 10, 30)) {
		t.Fatalf("due: %+v", due)
	}
	if strings.Contains(fmt.Sprintf("%+v", due), secret) {
		t.Errorf("a reminder holds what was typed: %+v", due)
	}
}

// box is a gateway that keeps what it carries, as whoever holds the telephone reads it.
type box struct{ texts []string }

func (b *box) Name() string   { return "box" }
func (b *box) Ways() []string { return []string{messages.SMS} }
func (b *box) Carry(_ context.Context, o messages.Outgoing) (messages.Outcome, error) {
	b.texts = append(b.texts, o.Text)
	return messages.Taken, nil
}

// She is reminded a day before if she said that messages are safe, told when it is moved or off after that, and never where, for what or by whom.
// Who did not say so is sent nothing.
func TestSheIsRemindedWhereThatIsSafe(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d)
		amina := worldtest.Amina()
		r := worldtest.Rahima()
		r.Contacts = []persons.Contact{{Kind: "phone", Number: "01712345678", Owner: "own", Safety: "safe", Ways: []string{"call", "sms"}}}
		safe := opened(t, d, amina, r)
		_, unsafe := somebody(t, d, amina) // calls only
		clock.Move(-6 * time.Hour)         // noon, so that messages may leave
		one := book(t, d, amina, appointments.Booking{Case: safe, At: at(10, 12, 0), Note: secret})
		two := book(t, d, amina, appointments.Booking{Case: safe, At: at(10, 14, 0)})
		book(t, d, amina, appointments.Booking{Case: unsafe, At: at(10, 13, 0)})
		out := &box{}
		sender := messages.NewSender(d, messages.Options{Gateway: out, Holder: "test"})
		work := func(want int) {
			t.Helper()
			n, err := appointments.Remind(t.Context(), d)
			if err != nil || n != want {
				t.Errorf("put down %d reminders, %v, want %d", n, err, want)
			}
			for range 5 {
				if _, err := sender.Work(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		work(0)
		clock.Move(at(9, 14, 30).Sub(clock.Now()))
		work(3)
		work(0)
		if len(out.texts) != 2 {
			t.Fatalf("%d messages left, want the two that are safe: %q", len(out.texts), out.texts)
		}
		if _, err := shift(t, d, amina, one.ID, appointments.Booking{With: amina.ID, Office: worldtest.Sylhet, At: at(12, 12, 0), Minutes: 30, Purpose: "job"}); err != nil {
			t.Fatal(err)
		}
		if err := callOff(t, d, amina, appointments.Acting{Appointment: two.ID, Why: "a reason"}); err != nil {
			t.Fatal(err)
		}
		clock.Move(20 * time.Hour) // on one day a person gets three at most
		work(0)
		if len(out.texts) != 4 || !slices.ContainsFunc(out.texts, func(s string) bool { return strings.Contains(s, "আসতে হবে না") }) {
			t.Errorf("after it was moved and called off %d messages have left, want four: %q", len(out.texts), out.texts)
		}
		if !slices.ContainsFunc(out.texts, func(s string) bool { return strings.Contains(s, "নতুন সময়") }) {
			t.Errorf("she was not told of the new time: %q", out.texts)
		}
		for _, text := range out.texts {
			for _, never := range []string{secret, "রহিমা", "Amina", "চাকরি", "Aparajita"} {
				if strings.Contains(text, never) {
					t.Errorf("%q tells %q", text, never)
				}
			}
			if !strings.Contains(text, "১৬১৩৫") && !strings.Contains(text, appointments.Hotline) {
				t.Errorf("%q names no number to call", text)
			}
		}
	})
}
