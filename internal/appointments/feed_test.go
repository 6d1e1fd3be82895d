// SPDX-License-Identifier: Apache-2.0

package appointments_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"

	"fera/internal/access"
	"fera/internal/appointments"
	"fera/internal/db"
	"fera/internal/db/dbtest"
	"fera/internal/worldtest"
)

func feed(t *testing.T, d *db.DB, secret string) (raw []byte, err error) {
	t.Helper()
	err = d.Read(t.Context(), func(q db.Reader) (err error) { raw, err = appointments.Calendar(t.Context(), q, secret); return err })
	return raw, err
}

func newFeed(t *testing.T, d *db.DB, who access.Actor) (s string) {
	t.Helper()
	write(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		s, err = appointments.NewFeed(ctx, tx, who)
		return err
	})
	return s
}

// parsed reads a calendar with the library, and gives its events by UID.
func parsed(t *testing.T, raw []byte) map[string]*ics.VEvent {
	t.Helper()
	cal, err := ics.ParseCalendar(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	all := map[string]*ics.VEvent{}
	for _, e := range cal.Events() {
		all[e.Id()] = e
	}
	if len(all) != len(cal.Events()) {
		t.Errorf("UIDs are doubled:\n%s", raw)
	}
	return all
}

func value(e *ics.VEvent, p ics.ComponentProperty) string {
	if got := e.GetProperty(p); got != nil {
		return got.Value
	}
	return ""
}

// A calendar is one that calendars read, tells times and rooms and nothing else, and follows moves and cancellations.
func TestTheCalendarOfTheStaff(t *testing.T) {
	dbtest.EachAt(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		worldtest.Hire(t, d)
		if err := d.Maintain(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE offices SET name_bn = ? WHERE id = ?`, "প্রবাসী কল্যাণ সেবা কেন্দ্র, সিলেট; তৃতীয় তলা, পূর্ব জিন্দাবাজার", worldtest.Sylhet)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		p, c := somebody(t, d, worldtest.Amina())
		counter, amina := centre(t, d), worldtest.Amina()
		one := book(t, d, amina, appointments.Booking{Case: c, Office: worldtest.Sylhet, Counter: counter, With: amina.ID, At: at(10, 10, 0), Note: secret})
		two := book(t, d, amina, appointments.Booking{Case: c, Place: secret, At: at(11, 10, 0)})
		address := newFeed(t, d, amina)
		raw, err := feed(t, d, address)
		if err != nil {
			t.Fatal(err)
		}
		for _, never := range []string{secret, "রহিমা", "Rahima", string(p), string(c), string(one.ID), "job", "Amina", "চাকরি"} {
			if strings.Contains(unfold(raw), never) {
				t.Errorf("the calendar tells %q:\n%s", never, raw)
			}
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(string(raw), "\r\n"), "\r\n") {
			if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
				t.Errorf("the line %q has %d octets, or is torn", line, len(line))
			}
		}
		first := parsed(t, raw)
		if len(first) != 2 {
			t.Fatalf("%d events, want 2", len(first))
		}
		uid := strings.ToLower(one.Short) + "@fera"
		e := first[uid]
		start, _ := e.GetStartAt()
		end, _ := e.GetEndAt()
		stamp, err := e.GetDtStampTime()
		if !start.Equal(at(10, 10, 0)) || end.Sub(start) != 30*time.Minute || err != nil || !stamp.Equal(clock.Now()) {
			t.Errorf("from %s to %s, stamped %s, %v", start, end, stamp, err)
		}
		if room := value(e, ics.ComponentPropertyLocation); room != "প্রবাসী কল্যাণ সেবা কেন্দ্র, সিলেট; তৃতীয় তলা, পূর্ব জিন্দাবাজার, কাউন্টার ৩" {
			t.Errorf("the room is %q", room)
		}
		if value(first[strings.ToLower(two.Short)+"@fera"], ics.ComponentPropertyLocation) != "" {
			t.Error("a place elsewhere is in the calendar")
		}
		if s := value(e, ics.ComponentPropertySequence) + " " + value(e, ics.ComponentPropertyStatus) + " " + value(e, ics.ComponentPropertyClass); s != "0 CONFIRMED PRIVATE" {
			t.Errorf("the event is %s", s)
		}
		clock.Move(time.Minute)
		if _, err := shift(t, d, amina, one.ID, appointments.Booking{With: amina.ID, Office: worldtest.Sylhet, At: at(12, 9, 0), Minutes: 30, Purpose: "job"}); err != nil {
			t.Fatal(err)
		}
		if err := callOff(t, d, amina, appointments.Acting{Appointment: two.ID, Why: "she is ill"}); err != nil {
			t.Fatal(err)
		}
		raw, _ = feed(t, d, address)
		second := parsed(t, raw)
		start, _ = second[uid].GetStartAt()
		if !start.Equal(at(12, 9, 0)) || value(second[uid], ics.ComponentPropertySequence) != "1" {
			t.Errorf("after it was moved: %s, sequence %s", start, value(second[uid], ics.ComponentPropertySequence))
		}
		off := second[strings.ToLower(two.Short)+"@fera"]
		if off == nil || value(off, ics.ComponentPropertyStatus) != "CANCELLED" || value(off, ics.ComponentPropertySequence) != "1" {
			t.Errorf("what was cancelled: %+v", off)
		}
	})
}

// unfold puts the lines of a calendar together again.
func unfold(raw []byte) string { return strings.ReplaceAll(string(raw), "\r\n ", "") }

// A secret is worth something until it is renewed, revoked, or its user is disabled; no other leads anywhere.
func TestASecretCalendarEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		worldtest.Hire(t, d)
		amina := worldtest.Amina()
		old := newFeed(t, d, amina)
		fresh := newFeed(t, d, amina)
		if len(fresh) < 20 || old == fresh {
			t.Errorf("the secrets are %q and %q", old, fresh)
		}
		for _, wrong := range []string{old, "", "x", strings.ToUpper(fresh)} {
			_, err := feed(t, d, wrong)
			refused(t, err, "fault.not_found")
		}
		if raw, err := feed(t, d, fresh); err != nil || len(parsed(t, raw)) != 0 {
			t.Errorf("an empty calendar: %s, %v", raw, err)
		}
		disable := func(on bool) {
			if err := d.Maintain(t.Context(), func(tx *db.Tx) error {
				query := `UPDATE users SET disabled_at = NULL WHERE id = ?`
				args := []any{amina.ID}
				if on {
					query, args = `UPDATE users SET disabled_at = ? WHERE id = ?`, []any{tx.Now(), amina.ID}
				}
				_, err := tx.Exec(t.Context(), query, args...)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		disable(true)
		_, err := feed(t, d, fresh)
		refused(t, err, "fault.not_found")
		disable(false)
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return appointments.EndFeed(ctx, tx, amina) })
		_, err = feed(t, d, fresh)
		refused(t, err, "fault.not_found")
		refused(t, d.Write(t.Context(), func(tx *db.Tx) error { _, err := appointments.NewFeed(t.Context(), tx, worldtest.Harun()); return err }), "access.not_allowed")
		var kept string
		reading(t, d, func(ctx context.Context, q db.Reader) error {
			return q.QueryRow(ctx, `SELECT COALESCE(max(hash), '') FROM appointment_feeds`).Scan(&kept)
		})
		if kept != "" {
			t.Errorf("a hash is kept after it was revoked: %s", kept)
		}
	})
}
