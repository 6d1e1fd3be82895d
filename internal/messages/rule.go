// SPDX-License-Identifier: Apache-2.0

package messages

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/calls"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/seal"
	"fera/internal/words"
)

// leaving is what is decided of a message whose time has come: it leaves now, to a number; or at another time; or never.
type leaving struct {
	to      string
	lang    words.Lang
	contact persons.Contact
	blind   string
	at      time.Time // when later than now
	never   string    // key of the reason
}

// Looking ahead for a moment at which she may be reached: what she said of hours repeats itself after a week.
const (
	ahead = 8 * 24 * time.Hour
	step  = 15 * time.Minute
)

// decide asks whether a message may leave at this moment. It opens a number only if it does.
func (s stored) decide(ctx context.Context, tx *db.Tx) (leaving, error) {
	if tx.Now().After(s.expires) {
		return leaving{never: "message.held.late"}, nil
	}
	set := setAt(tx.Now())
	if s.Person == "" {
		return s.toStaff(ctx, tx, set)
	}
	who := Program()
	p, err := persons.Find(ctx, tx, who, s.Person)
	if fault.KindOf(err) == fault.NotFound || err == nil && !p.ErasedAt.IsZero() {
		return leaving{never: "message.held.gone"}, nil
	}
	if err != nil {
		return leaving{}, err
	}
	hours, err := calls.HoursOf(ctx, tx, who, s.Person)
	if err != nil {
		return leaving{}, err
	}
	stopped, err := phones(ctx, tx, &p)
	if err != nil {
		return leaving{}, err
	}
	from, err := tooMany(ctx, tx, s.Person, set)
	if err != nil {
		return leaving{}, err
	}
	c, at := set.opening(p, hours, from, s.expires)
	if at.IsZero() {
		return leaving{never: reason(p, hours, tx.Now(), stopped)}, nil
	}
	l := leaving{contact: c, at: at, lang: language(p)}
	if at.After(tx.Now()) {
		return l, nil
	}
	if l.to, err = persons.Reveal(ctx, tx, who, persons.RowOf{Person: s.Person, Row: persons.ContactRow, ID: c.ID}); err != nil {
		return l, err
	}
	l.blind, err = seal.Blind(ctx, tx, "phone", l.to)
	return l, err
}

func (s stored) toStaff(ctx context.Context, tx *db.Tx, set textSet) (leaving, error) {
	l := leaving{to: s.content.To, lang: s.content.Language, at: tx.Now()}
	if s.Way == Email {
		return l, nil
	}
	var err error
	if l.blind, err = seal.Blind(ctx, tx, "phone", l.to); err != nil {
		return l, err
	}
	stopped, err := isStopped(ctx, tx, l.blind)
	if stopped {
		return leaving{never: "message.held.stopped"}, err
	}
	for set.quiet(l.at) {
		l.at = next(l.at)
	}
	if l.at.After(s.expires) {
		return leaving{never: "message.held.late"}, err
	}
	return l, err
}

// phones leaves a person only the contacts that can get a short message and whose number did not ask for an end of them. It
// reports how many did.
func phones(ctx context.Context, tx *db.Tx, p *persons.Person) (stopped int, err error) {
	all := p.Contacts
	p.Contacts = nil
	for _, c := range all {
		if c.Kind != "phone" {
			continue
		}
		var blind string
		if err := tx.QueryRow(ctx, `SELECT blind FROM person_contacts WHERE id = ?`, c.ID).Scan(&blind); err != nil {
			return 0, err
		}
		is, err := isStopped(ctx, tx, blind)
		if err != nil {
			return 0, err
		}
		if is {
			stopped++
			continue
		}
		p.Contacts = append(p.Contacts, c)
	}
	return stopped, nil
}

func isStopped(ctx context.Context, q db.Reader, blind string) (bool, error) {
	var n int
	err := q.QueryRow(ctx, `SELECT count(*) FROM message_stops WHERE blind = ?`, blind).Scan(&n)
	return n > 0, err
}

// tooMany is the moment from which on a person may get another message: now, or the morning after when she got enough today.
func tooMany(ctx context.Context, tx *db.Tx, person persons.ID, set textSet) (time.Time, error) {
	of, err := persons.Records(ctx, tx, Program(), access.ReadPersons, person)
	if err != nil {
		return tx.Now(), err
	}
	args := make([]any, 0, len(of)+1)
	for _, id := range of {
		args = append(args, string(id))
	}
	var n int
	today := dates.Of(tx.Now())
	err = tx.QueryRow(ctx, `SELECT count(*) FROM messages WHERE person_id IN `+db.In(len(of))+` AND left_at >= ?`, append(args, today.Start())...).Scan(&n)
	if err != nil || n < set.Limits.PerDay {
		return tx.Now(), err
	}
	return today.End(), nil
}

// opening is the first moment from a time on at which a person may be reached, and by which contact; zero when there is none.
// Hours that she settled herself count instead of those in which nothing leaves otherwise.
func (set textSet) opening(p persons.Person, hours map[string]calls.Hours, from, until time.Time) (persons.Contact, time.Time) {
	if limit := from.Add(ahead); limit.Before(until) {
		until = limit
	}
	for at := from; !at.After(until); at = next(at) {
		open := p
		if set.quiet(at) {
			open.Contacts = slices.DeleteFunc(slices.Clone(p.Contacts), func(c persons.Contact) bool { return !hours[c.ID].Set() })
		}
		if c, v := calls.MaySend(open, SMS, hours, at); v.OK {
			return c, at
		}
	}
	return persons.Contact{}, time.Time{}
}

// next is the beginning of the next quarter of an hour.
func next(at time.Time) time.Time { return at.Truncate(step).Add(step) }

// quiet tells whether it is night.
func (set textSet) quiet(at time.Time) bool {
	hour := at.In(dates.Dhaka()).Hour()
	return hour >= set.Limits.QuietFrom || hour < set.Limits.QuietTo
}

// reason says why nothing may be sent.
func reason(p persons.Person, hours map[string]calls.Hours, now time.Time, stopped int) string {
	_, v := calls.MaySend(p, SMS, hours, now)
	switch {
	case v.OK || v.Why == "call.no.hours":
		return "message.held.late"
	case v.Why == "call.no.contact" && stopped > 0:
		return "message.held.stopped"
	}
	return v.Why
}

// language is the one in which a person was last asked whether she may be contacted.
func language(p persons.Person) words.Lang {
	lang := words.Bangla
	var latest time.Time
	for _, c := range p.Consents {
		if c.Purpose == persons.PurposeContact && c.Given && c.EndedAt.IsZero() && !c.At.Before(latest) {
			latest = c.At
			if lang = words.Bangla; c.Language == string(words.English) {
				lang = words.English
			}
		}
	}
	return lang
}

// open reads what a message is made of. Of who was erased nothing is left.
func (s *stored) open(ctx context.Context, q db.Reader) error {
	err := seal.FromJSON(ctx, q, seal.Place{Subject: s.keyOf(), Name: s.place(), Sealed: s.sealed}, &s.content)
	if err != nil && !errors.Is(err, seal.ErrErased) {
		return fmt.Errorf("open message: %w", err)
	}
	return err
}
