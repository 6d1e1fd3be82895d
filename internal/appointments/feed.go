// SPDX-License-Identifier: Apache-2.0

package appointments

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/audit"
	"fera/internal/centres"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/offices"
	"fera/internal/words"
)

// How far back a calendar goes, and how many appointments it holds.
const (
	feedBack = 30 * 24 * time.Hour
	mostFed  = 1000
)

// Feed is a user's secret calendar.
type Feed struct {
	Made   bool
	MadeAt time.Time
}

// FindFeed returns whether who has a calendar, and since when.
func FindFeed(ctx context.Context, q db.Reader, who access.Actor) (f Feed, err error) {
	err = q.QueryRow(ctx, `SELECT made_at FROM appointment_feeds WHERE user_id = ?`, who.ID).Scan(db.Time(&f.MadeAt))
	if errors.Is(err, sql.ErrNoRows) {
		return f, nil
	}
	f.Made = err == nil
	return f, err
}

// NewFeed gives who a secret address of her own calendar, this once; the one before it is worth nothing any more. Who practises has none.
func NewFeed(ctx context.Context, tx *db.Tx, who access.Actor) (secret string, err error) {
	if err := ownFeed(tx, who); err != nil {
		return "", err
	}
	secret = strings.ToLower(rand.Text())
	_, err = tx.Exec(ctx, `INSERT INTO appointment_feeds (user_id, hash, made_at) VALUES (?, ?, ?) ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, made_at = excluded.made_at`,
		who.ID, hash(secret), tx.Now())
	if err != nil {
		return "", fmt.Errorf("make calendar: %w", err)
	}
	return secret, audit.Record(ctx, tx, who, access.ReadAppointments, audit.Entry{Subject: "user:" + who.ID, Named: []string{"calendar"}})
}

// EndFeed makes the secret address of who's calendar worthless.
func EndFeed(ctx context.Context, tx *db.Tx, who access.Actor) error {
	if err := ownFeed(tx, who); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM appointment_feeds WHERE user_id = ?`, who.ID); err != nil {
		return fmt.Errorf("end calendar: %w", err)
	}
	return audit.Record(ctx, tx, who, access.ReadAppointments, audit.Entry{Subject: "user:" + who.ID, Named: []string{"calendar_ended"}})
}

func ownFeed(tx *db.Tx, who access.Actor) error {
	if !who.Holds(access.ReadAppointments) || who.Practises() {
		return fault.New(fault.Forbidden, "access.not_allowed")
	}
	return access.CheckSelf(tx, who, who.ID)
}

// hash is what is kept of a secret, which is too long to be guessed.
func hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Calendar is the calendar behind a secret address, as iCalendar: times, rooms and numbers, and nothing of those who come. A secret
// that is not known, and that of a user who was disabled or may not see appointments any more, leads nowhere.
func Calendar(ctx context.Context, q db.Reader, secret string) ([]byte, error) {
	none := fault.New(fault.NotFound, "fault.not_found")
	var user string
	err := q.QueryRow(ctx, `SELECT user_id FROM appointment_feeds WHERE hash = ?`, hash(secret)).Scan(&user)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, none
	}
	if err != nil {
		return nil, fmt.Errorf("find calendar: %w", err)
	}
	u, err := accounts.FindUser(ctx, q, access.System(access.ReadUsers), user)
	if err == nil && u.Disabled || fault.KindOf(err) == fault.NotFound {
		return nil, none
	}
	if err != nil {
		return nil, err
	}
	roles, err := accounts.Roles(ctx, q, user)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(roles, func(h accounts.Held) bool { return slices.Contains(h.Role.Allows(), access.ReadAppointments) }) {
		return nil, none
	}
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM appointments a WHERE a.user_id = ? AND a.starts_at > ? ORDER BY a.starts_at, a.id LIMIT ?`, user, q.Now().Add(-feedBack), mostFed)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("read calendar: %w", err)
	}
	rooms, err := roomsOf(ctx, q, all, u.Language)
	if err != nil {
		return nil, err
	}
	return write(words.In(u.Language), all, rooms), nil
}

// roomsOf says where each appointment at an office is, in words. A place elsewhere may tell what it is about, and is left out.
func roomsOf(ctx context.Context, q db.Reader, all []Appointment, lang words.Lang) (map[ID]string, error) {
	s, rooms, desks := words.In(lang), map[ID]string{}, map[string][]centres.Counter{}
	for _, a := range all {
		if a.Elsewhere {
			continue
		}
		o, err := offices.Find(ctx, q, access.System(access.ReadOffices), a.Office)
		if err != nil {
			return nil, err
		}
		rooms[a.ID] = o.Name(string(lang))
		if a.Counter == "" {
			continue
		}
		if desks[a.Office] == nil {
			if desks[a.Office], err = centres.Counters(ctx, q, access.System(access.ReadOffices, access.ServeQueue), a.Office); err != nil {
				return nil, err
			}
		}
		for _, c := range desks[a.Office] {
			if c.ID == a.Counter {
				rooms[a.ID] += ", " + s.T("centre.counter_n", "number", c.Number)
			}
		}
	}
	return rooms, nil
}

// write puts appointments into the form that calendars read. Times are in UTC, so that no zone has to be described.
func write(s *words.Speaker, all []Appointment, rooms map[ID]string) []byte {
	cal := ics.NewCalendarFor("Fera")
	cal.SetProductId("-//Fera//Appointments//EN")
	cal.SetCalscale("GREGORIAN")
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRCalName(s.T("appointment.feed_name"))
	cal.SetXWRTimezone("Asia/Dhaka")
	cal.SetRefreshInterval("PT15M", ics.WithValue("DURATION"))
	for _, a := range all {
		e := cal.AddEvent(strings.ToLower(a.Short) + "@fera")
		e.SetDtStampTime(a.ChangedAt)
		e.SetModifiedAt(a.ChangedAt)
		e.SetStartAt(a.At)
		e.SetEndAt(a.Until)
		e.SetSequence(a.Sequence)
		e.SetSummary(s.T("appointment.feed_summary", "number", a.Short[:4]))
		e.SetClass(ics.ClassificationPrivate)
		e.SetStatus(ics.ObjectStatusConfirmed)
		if a.State == Cancelled {
			e.SetStatus(ics.ObjectStatusCancelled)
		}
		if room := rooms[a.ID]; room != "" {
			e.SetLocation(room)
		}
	}
	return []byte(cal.Serialize(ics.WithNewLine("\r\n")))
}
