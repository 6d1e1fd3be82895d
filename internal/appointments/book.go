// SPDX-License-Identifier: Apache-2.0

package appointments

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/cases"
	"fera/internal/centres"
	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
	"fera/internal/offices"
	"fera/internal/operations"
)

// Booking is when, where and with whom somebody is to come.
type Booking struct {
	Operation string   // id of the act, minted by who asks; see package operations
	Case      cases.ID // not heeded when an appointment is moved
	With      string   // a user; may be empty for a counter
	Office    string   // where; empty when it is elsewhere
	Counter   string   // of the centre that the office is
	Place     string   // elsewhere, in words
	At        time.Time
	Minutes   int
	Purpose   string // a need that does not tell what is protected
	Note      string
	Override  bool   // although it is closed then
	Reason    string // why, and why it is moved
}

// The bounds of an appointment.
const (
	shortest  = 5
	longest   = 8 * 60
	farthest  = 366 * 24 * time.Hour
	mostWords = 1000
	leastWhy  = 5 // letters of a reason
)

// Purposes returns the needs that may be the purpose of an appointment, in the order in which they are offered. Those that tell
// what is protected are not among them.
func Purposes() []listing.Need {
	return slices.DeleteFunc(listing.Needs(), func(n listing.Need) bool { return centres.Telling(n.Code) })
}

func (b *Booking) check(now time.Time) *fault.Error {
	var faults []*fault.Error
	bad := func(key, field string) { faults = append(faults, fault.New(fault.Invalid, key).On(field)) }
	for field, s := range map[string]*string{"place": &b.Place, "note": &b.Note, "reason": &b.Reason} {
		clean, problem := names.CheckText(*s, mostWords)
		if *s = clean; problem != "" {
			faults = append(faults, fault.New(fault.Invalid, problem).With("max", mostWords).On(field))
		}
	}
	if b.Minutes < shortest || b.Minutes > longest {
		faults = append(faults, fault.New(fault.Invalid, "fault.out_of_range").With("min", shortest).With("max", longest).On("minutes"))
	}
	b.At = b.At.UTC().Truncate(time.Minute)
	switch {
	case b.At.Before(now):
		bad("appointment.past", "at")
	case b.At.Sub(now) > farthest:
		bad("appointment.too_far", "at")
	}
	if centres.Telling(b.Purpose) {
		bad("appointment.purpose_tells", "purpose")
	} else if _, known := listing.NeedOf(b.Purpose); !known {
		bad("fault.needed", "purpose")
	}
	if b.Office == "" && b.Place == "" {
		bad("appointment.where", "place")
	}
	if b.With == "" && b.Counter == "" {
		bad("appointment.with_whom", "with")
	}
	if b.Override && len([]rune(strings.TrimSpace(b.Reason))) < leastWhy {
		bad("appointment.reason_needed", "reason")
	}
	return fault.Join(faults...)
}

func (b Booking) until() time.Time { return b.At.Add(time.Duration(b.Minutes) * time.Minute) }

// Book makes an appointment for the person of a case that is not over.
func Book(ctx context.Context, tx *db.Tx, who access.Actor, b Booking) (Appointment, error) {
	c, err := cases.Find(ctx, tx, who, b.Case)
	if err != nil {
		return Appointment{}, err
	}
	if err := access.CheckOn(ctx, tx, who, access.BookAppointment, string(c.Person)); err != nil {
		return Appointment{}, err
	}
	if !c.Live() {
		return Appointment{}, fault.New(fault.Conflict, "appointment.case_over")
	}
	a := Appointment{ID: ID(ids.Beside(string(c.Person), tx.Now())), Case: c.ID, Person: c.Person, State: Booked, Short: rand.Text()[:10], Version: 1}
	if earlier, err := a.before(ctx, tx, who, b); err != nil || earlier.ID != "" {
		return earlier, err
	}
	if err := a.arrange(ctx, tx, who, b); err != nil {
		return Appointment{}, err
	}
	e := Event{Act: Make, At: tx.Now(), User: who.ID, By: who.Name, Why: b.Reason}
	a.Events, a.ChangedAt = []Event{e}, tx.Now()
	if err := a.insert(ctx, tx); err != nil {
		return Appointment{}, fmt.Errorf("book appointment: %w", err)
	}
	if err := a.tell(ctx, tx, who); err != nil {
		return Appointment{}, err
	}
	return a, a.record(ctx, tx, who, e)
}

// before is the appointment that the same act made already, if it did.
func (a Appointment) before(ctx context.Context, tx *db.Tx, who access.Actor, b Booking) (Appointment, error) {
	content, err := json.Marshal(b)
	if err != nil {
		return Appointment{}, err
	}
	earlier, err := operations.Once(ctx, tx, who, b.Operation, string(a.ID), content)
	if err != nil || earlier == "" {
		return Appointment{}, err
	}
	tx.Recorded() // the trail has the act already
	return Find(ctx, tx, who, ID(earlier))
}

// arrange puts an appointment at the time and place of a booking, if all of them are free and somebody is there.
func (a *Appointment) arrange(ctx context.Context, tx *db.Tx, who access.Actor, b Booking) error {
	if f := b.check(tx.Now()); f != nil {
		return f
	}
	name, office, err := withWhom(ctx, tx, who, b.With)
	if err != nil {
		return err
	}
	if err := b.where(ctx, tx, who); err != nil {
		return err
	}
	a.With, a.WithName, a.Counter = b.With, name, b.Counter
	a.Purpose, a.Place, a.Note = b.Purpose, b.Place, b.Note
	if a.Office, a.Elsewhere = b.Office, b.Office == ""; a.Elsewhere {
		if a.Office = office; office == "" {
			a.Office = who.Office
		}
	} else {
		a.Place = ""
	}
	a.At, a.Until = b.At, b.until()
	if err := a.free(ctx, tx); err != nil {
		return err
	}
	if !b.Override {
		if err := opened(ctx, tx, b); err != nil {
			return err
		}
	}
	a.RemindAt = remindAt(a.At, tx.Now())
	return nil
}

// withWhom is the name and the office of a user with whom one may make appointments: oneself, and those of one's organisation.
func withWhom(ctx context.Context, q db.Reader, who access.Actor, user string) (name, office string, err error) {
	switch user {
	case "":
		return "", "", nil
	case who.ID:
		return who.Name, who.Office, nil
	}
	u, err := accounts.FindUser(ctx, q, access.System(access.ReadUsers), user)
	if fault.KindOf(err) == fault.NotFound || err == nil && (u.Disabled || u.Organisation != who.Organisation) {
		return "", "", fault.New(fault.Invalid, "appointment.with_whom").On("with")
	}
	return u.Name, u.Office, err
}

// where refuses an office and a counter at which one may not make appointments.
func (b Booking) where(ctx context.Context, q db.Reader, who access.Actor) error {
	if b.Office == "" {
		if b.Counter != "" {
			return fault.New(fault.Invalid, "fault.bad_choice").On("counter")
		}
		return nil
	}
	o, err := offices.Find(ctx, q, who, b.Office)
	if fault.KindOf(err) == fault.NotFound || err == nil && (!o.ClosedAt.IsZero() || ids.IsApart(o.ID) != who.Practises()) {
		return fault.New(fault.Invalid, "fault.bad_choice").On("office")
	}
	if err != nil || b.Counter == "" {
		return err
	}
	_, err = centres.FindCounter(ctx, q, who, b.Office, b.Counter)
	if fault.KindOf(err) == fault.NotFound {
		return fault.New(fault.Invalid, "fault.bad_choice").On("counter")
	}
	return err
}

// free refuses a time at which somebody or the counter is taken. Both engines run it as if it were alone, so that no two bookings
// pass each other.
func (a Appointment) free(ctx context.Context, tx *db.Tx) error {
	for _, t := range []struct{ query, id, key, field string }{
		{`SELECT count(*) FROM appointments a WHERE a.user_id = ? AND a.starts_at < ? AND a.ends_at > ? AND a.id <> ? AND a.state IN ('booked', 'came')`, a.With, "appointment.user_taken", "at"},
		{`SELECT count(*) FROM appointments a WHERE a.counter_id = ? AND a.starts_at < ? AND a.ends_at > ? AND a.id <> ? AND a.state IN ('booked', 'came')`, a.Counter, "appointment.counter_taken", "at"},
		{`SELECT count(*) FROM appointments a WHERE a.person_id = ? AND a.starts_at < ? AND a.ends_at > ? AND a.id <> ? AND a.state IN ('booked', 'came')`, string(a.Person), "appointment.person_taken", "at"},
	} {
		if t.id == "" {
			continue
		}
		var n int
		if err := tx.QueryRow(ctx, t.query, t.id, a.Until, a.At, string(a.ID)).Scan(&n); err != nil {
			return fmt.Errorf("look for a free time: %w", err)
		}
		if n > 0 {
			return fault.New(fault.Conflict, t.key).On(t.field)
		}
	}
	return nil
}

func (a *Appointment) insert(ctx context.Context, tx *db.Tx) error {
	if err := a.seal(ctx, tx); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO appointments (id, case_id, person_id, office_id, elsewhere, counter_id, user_id, user_name, starts_at, ends_at, state, short, sequence, remind_at, sealed, changed_at, version)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, 1)`,
		string(a.ID), string(a.Case), string(a.Person), a.Office, a.Elsewhere, a.Counter, a.With, a.WithName, a.At, a.Until, string(a.State), a.Short, db.When(a.RemindAt), a.sealed, a.ChangedAt)
	return err
}

// tell lets know with whom the appointment is, if another made or changed it.
func (a Appointment) tell(ctx context.Context, tx *db.Tx, who access.Actor) error {
	if a.With == "" || a.With == who.ID {
		return nil
	}
	return accounts.Tell(ctx, tx, []string{a.With}, "notice.appointment", "case:"+string(a.Case))
}
