// SPDX-License-Identifier: Apache-2.0

package messages

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/seal"
)

// Item is a message as a list shows it: neither number nor text.
type Item struct {
	ID        ID
	Person    persons.ID // empty in lists that are not about her
	Case      cases.ID
	Kind      string
	Way       string
	State     State
	Why       string // key of the reason when it did not leave
	Owner     string // whose telephone it left by
	By        string // who sent it
	Due       time.Time
	LeftAt    time.Time
	MadeAt    time.Time
	Asks      bool
	Answer    Value // the latest, if it asked
	AnswerBy  string
	AnswerAt  time.Time
	Words     string // what she wrote beside yes and no
	MayRepeat bool   // it may be sent again
}

const itemColumns = `m.id, COALESCE(m.person_id, ''), m.case_id, m.kind, m.way, m.state, m.why, m.contact_owner, m.user_name, m.due_at, m.left_at, m.made_at, m.code <> '', m.sealed IS NOT NULL`

func scanItem(row interface{ Scan(...any) error }) (i Item, err error) {
	sealed := false
	err = row.Scan(&i.ID, &i.Person, &i.Case, &i.Kind, &i.Way, &i.State, &i.Why, &i.Owner, &i.By, db.Time(&i.Due), db.NullTime(&i.LeftAt), db.Time(&i.MadeAt), &i.Asks, &sealed)
	i.MayRepeat = sealed && (i.State == Failed || i.State == Undelivered || i.State == Held && !final(i.Why))
	return i, err
}

// final tells whether what is held for a reason never leaves.
func final(why string) bool { return why == "message.held.practice" || why == over }

// mostOfOne is how many messages of one person or case are listed.
const mostOfOne = 100

// OfPerson returns the messages to a person that who works with, the latest first, with their answers.
func OfPerson(ctx context.Context, q db.Reader, who access.Actor, person persons.ID) ([]Item, error) {
	of, err := persons.Records(ctx, q, who, access.ReadCalls, person)
	if err != nil || len(of) == 0 {
		return nil, err
	}
	args := make([]any, len(of))
	for i, id := range of {
		args[i] = string(id)
	}
	return items(ctx, q, `m.person_id IN `+db.In(len(of)), args)
}

// OfCase returns the messages to the person of a case that who works with, as far as they are about the case.
func OfCase(ctx context.Context, q db.Reader, who access.Actor, id cases.ID) ([]Item, error) {
	c, err := cases.Find(ctx, q, who, id)
	if err != nil {
		return nil, err
	}
	of, err := persons.Records(ctx, q, who, access.ReadCalls, c.Person)
	if err != nil || len(of) == 0 {
		return nil, err
	}
	return items(ctx, q, `m.case_id = ?`, []any{string(id)})
}

func items(ctx context.Context, q db.Reader, cond string, args []any) ([]Item, error) {
	rows, err := q.Query(ctx, `SELECT `+itemColumns+` FROM messages m WHERE `+cond+` ORDER BY m.id DESC LIMIT ?`, append(args, mostOfOne)...)
	all, err := db.Collect(rows, err, scanItem)
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	for i := range all {
		if !all[i].Asks || all[i].Person == "" {
			continue
		}
		if err := all[i].answers(ctx, q); err != nil {
			return nil, fmt.Errorf("list messages: %w", err)
		}
	}
	return all, nil
}

// answers fills in what was answered last.
func (i *Item) answers(ctx context.Context, q db.Reader) error {
	var id string
	var sealed []byte
	err := q.QueryRow(ctx, `SELECT id, value, matched_by, at, sealed FROM message_answers WHERE message_id = ? ORDER BY at DESC, id DESC LIMIT 1`, string(i.ID)).
		Scan(&id, &i.Answer, &i.AnswerBy, db.Time(&i.AnswerAt), &sealed)
	if errors.Is(err, sql.ErrNoRows) || err == nil && len(sealed) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	text, err := seal.Open(ctx, q, string(i.Person), "message_answers:"+id, sealed)
	i.Words = string(text)
	return err
}

// Overview is how messages leave: how many are how far, what failed, and by which gateway.
type Overview struct {
	Counts map[State]int // of the last thirty days
	Oldest time.Time     // since when the message waits that is due longest; zero when none does
	Failed []Item        // without persons and cases
	Gates  []Gate        // one for each gateway; none when no sender ran yet
}

// Gate is the gateway by which messages leave, as its last sender left word.
type Gate struct {
	Name   string
	GoodAt time.Time
	BadAt  time.Time
	Why    string // key of what was wrong last
}

const shownDays = 30

// Look returns how the messages leave that who's offices sent, or all.
func Look(ctx context.Context, q db.Reader, who access.Actor) (o Overview, err error) {
	mine, args := reach(who)
	since := q.Now().AddDate(0, 0, -shownDays)
	rows, err := q.Query(ctx, `SELECT m.state, count(*) FROM messages m WHERE m.made_at > ? AND `+mine+` GROUP BY m.state`, append([]any{since}, args...)...)
	o.Counts = map[State]int{}
	if _, err = db.Collect(rows, err, func(row interface{ Scan(...any) error }) (s State, err error) {
		var n int
		err = row.Scan(&s, &n)
		o.Counts[s] = n
		return s, err
	}); err != nil {
		return o, fmt.Errorf("look at messages: %w", err)
	}
	err = q.QueryRow(ctx, `SELECT m.due_at FROM messages m WHERE m.state = 'waiting' AND m.due_at <= ? AND `+mine+` ORDER BY m.due_at LIMIT 1`, append([]any{q.Now()}, args...)...).Scan(db.Time(&o.Oldest))
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return o, fmt.Errorf("look at messages: %w", err)
	}
	rows, err = q.Query(ctx, `SELECT `+itemColumns+` FROM messages m WHERE m.state IN ('failed', 'undelivered') AND m.made_at > ? AND `+mine+` ORDER BY m.id DESC LIMIT 50`, append([]any{since}, args...)...)
	if o.Failed, err = db.Collect(rows, err, scanItem); err != nil {
		return o, fmt.Errorf("look at messages: %w", err)
	}
	for i := range o.Failed {
		o.Failed[i].Person, o.Failed[i].Case, o.Failed[i].Owner = "", "", ""
	}
	rows, err = q.Query(ctx, `SELECT name, good_at, bad_at, why FROM message_gateways ORDER BY name`)
	o.Gates, err = db.Collect(rows, err, func(row interface{ Scan(...any) error }) (g Gate, err error) {
		return g, row.Scan(&g.Name, db.NullTime(&g.GoodAt), db.NullTime(&g.BadAt), &g.Why)
	})
	return o, err
}

// reach is a condition for the messages that were sent where who manages messages.
func reach(who access.Actor) (string, []any) {
	r := who.Grants[access.ManageMessages]
	if r.Everywhere {
		return access.Real("m.id"), nil
	}
	var offices, organisations []any
	for _, s := range r.Scopes {
		if id, ok := strings.CutPrefix(s, access.AtOffice("")); ok {
			offices = append(offices, id)
		}
		if id, ok := strings.CutPrefix(s, access.OfOrganisation("")); ok {
			organisations = append(organisations, id)
		}
	}
	return `(m.office_id IN ` + db.In(len(offices)) + ` OR m.organisation_id IN ` + db.In(len(organisations)) + `)`, append(offices, organisations...)
}

// Repeat sends a message again that failed, did not arrive or was held; the rule is asked anew. Who manages messages may, and
// who works with her.
func Repeat(ctx context.Context, tx *db.Tx, who access.Actor, id ID) error {
	m, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM messages WHERE id = ?`, string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, "message.not_found")
	}
	if err != nil {
		return fmt.Errorf("repeat message: %w", err)
	}
	if err := m.allow(ctx, tx, who); err != nil {
		return err
	}
	again := len(m.sealed) > 0 && (m.State == Failed || m.State == Undelivered || m.State == Held && !final(m.Why))
	if !again {
		return fault.New(fault.Conflict, "message.not_repeatable")
	}
	return m.again(ctx, tx, who)
}

func (m stored) allow(ctx context.Context, tx *db.Tx, who access.Actor) error {
	if m.State != Held && who.Covers(access.ManageMessages, access.AtOffice(m.Office), access.OfOrganisation(m.Organisation)) {
		return access.Check(tx, who, access.ManageMessages, access.AtOffice(m.Office), access.OfOrganisation(m.Organisation))
	}
	if m.Person == "" {
		return fault.New(fault.NotFound, "message.not_found")
	}
	if _, _, err := persons.Through(ctx, tx, who, access.LogCall, m.Person); err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return fault.New(fault.NotFound, "message.not_found")
		}
		return err
	}
	return nil
}

func (m stored) again(ctx context.Context, tx *db.Tx, who access.Actor) error {
	if m.expires.Before(tx.Now().Add(2 * 24 * time.Hour)) {
		m.expires = tx.Now().Add(2 * 24 * time.Hour)
	}
	if _, err := tx.Exec(ctx, `UPDATE messages SET state = 'waiting', why = '', attempts = 0, unsure = 0, due_at = ?, expires_at = ?, ended_at = NULL, asked_until = NULL WHERE id = ?`,
		tx.Now(), m.expires, string(m.ID)); err != nil {
		return fmt.Errorf("repeat message: %w", err)
	}
	m.Why = ""
	return m.record(ctx, tx, who, Waiting)
}

// RepeatAll sends again what failed where who manages messages, at most a few hundred at once, and reports how many.
func RepeatAll(ctx context.Context, tx *db.Tx, who access.Actor) (int, error) {
	if !who.Holds(access.ManageMessages) {
		return 0, fault.New(fault.Forbidden, "access.not_allowed")
	}
	mine, args := reach(who)
	rows, err := tx.Query(ctx, `SELECT m.id FROM messages m WHERE m.state = 'failed' AND m.sealed IS NOT NULL AND m.made_at > ? AND `+mine+` ORDER BY m.id LIMIT 300`,
		append([]any{tx.Now().AddDate(0, 0, -shownDays)}, args...)...)
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (id ID, err error) {
		err = row.Scan(&id)
		return id, err
	})
	if err != nil {
		return 0, fmt.Errorf("repeat messages: %w", err)
	}
	for _, id := range all {
		if err := Repeat(ctx, tx, who, id); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}

// Forget takes out of the messages to a person who was erased whatever she could be known by; what waits never leaves. The
// caller has erased the person, in the same transaction.
func Forget(ctx context.Context, tx *db.Tx, person persons.ID) error {
	for _, statement := range []string{
		`DELETE FROM message_answers WHERE person_id = ?`,
		`UPDATE messages SET state = 'held', why = 'message.held.gone' WHERE state IN ('waiting', 'sending') AND person_id = ?`,
		`UPDATE messages SET sealed = NULL, contact_id = '', contact_owner = '', blind = '', code = '', asked_until = NULL, user_name = '' WHERE person_id = ?`,
	} {
		if _, err := tx.Exec(ctx, statement, string(person)); err != nil {
			return fmt.Errorf("forget messages: %w", err)
		}
	}
	return nil
}

// kept is how long what a message was made of is kept after it left or ended, for sending it again.
const kept = 30 * 24 * time.Hour

// Sweep forgets what messages were made of that are long over, and what came in and fitted nothing.
func Sweep(ctx context.Context, d *db.DB) error {
	err := d.Maintain(ctx, func(tx *db.Tx) error {
		for _, statement := range []string{
			`UPDATE messages SET sealed = NULL, blind = '', code = '' WHERE id IN (SELECT id FROM messages WHERE state NOT IN ('waiting', 'sending') AND sealed IS NOT NULL AND COALESCE(ended_at, left_at) < ? LIMIT 500)`,
			`DELETE FROM message_arrivals WHERE id IN (SELECT id FROM message_arrivals WHERE at < ? LIMIT 500)`,
		} {
			if _, err := tx.Exec(ctx, statement, tx.Now().Add(-kept)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("sweep messages: %w", err)
	}
	return nil
}
