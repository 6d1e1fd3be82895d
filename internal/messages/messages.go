// SPDX-License-Identifier: Apache-2.0

// Package messages is how a message leaves and how an answer comes in.
//
// A message is put down in the transaction of the act that makes it necessary, and leaves later, by a Gateway. Neither a number
// nor a text is kept: what a text is made of is sealed under the person's key, whether and by which of her contacts she may be
// reached is asked anew at the moment it leaves (calls.MaySend), and only then are her number opened and the text made, in her
// language. What is not safe does not leave; who works with her sees that it did not, and why.
//
// A message leaves at least once. Whether it did is not always known: what a gateway did not answer in time is tried once
// more and no further.
package messages

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/numbers"
	"fera/internal/operations"
	"fera/internal/persons"
	"fera/internal/seal"
	"fera/internal/words"
)

// ID identifies a message.
type ID string

// State is how far a message is.
type State string

// The states. Whether a message that a gateway took arrived is told by it later, or never.
const (
	Waiting     State = "waiting"
	Sending     State = "sending"
	Sent        State = "sent"
	Delivered   State = "delivered"
	Undelivered State = "undelivered"
	Held        State = "held"   // it must not leave
	Failed      State = "failed" // it could not
)

// States returns all states, in the order of life.
func States() []State {
	return []State{Waiting, Sending, Sent, Delivered, Undelivered, Held, Failed}
}

// The ways that a message may take.
const (
	SMS   = "sms"
	Email = "email"
)

// usualLife is how long after its time a message may still leave, when nobody said until when it makes sense.
const usualLife = 7 * 24 * time.Hour

// Message is what is to be said to a person, without words: they are those of its kind.
type Message struct {
	Operation string // id of the act, minted by who asks; see package operations
	Person    persons.ID
	Case      cases.ID       // empty when it is about none
	Kind      string         // see Kinds
	With      map[string]any // date, time, number, ticket: as the kind asks
	Link      string         // where the kind has one
	Due       time.Time      // when it is to leave; now when zero
	Until     time.Time      // from when on it makes no sense any more; a week after Due when zero
	Subject   string         // what it is about, "referral:<id>"; answers are told by it
}

// Letter is what is to be said to somebody of an organisation, by a number or address of the organisation's own.
type Letter struct {
	Operation string
	To        string // telephone number or e-mail address, of class 1 or 2
	Language  words.Lang
	Kind      string
	With      map[string]any
	Link      string
	Due       time.Time
	Until     time.Time
	Subject   string
}

// Program is the actor for messages that nobody sends: a reminder whose time has come, or an act of somebody who does not reach
// the person, such as a provider's.
func Program() access.Actor {
	return access.System(access.LogCall, access.ReadCards, access.ReadPersons, access.RevealNumbers, access.ReadCases, access.ReadCalls, access.ManageMessages)
}

// stored is a message as it lies in the table.
type stored struct {
	Message
	ID           ID
	Organisation string
	Office       string
	User         string
	UserName     string
	Way          string
	sealed       []byte
	State        State
	Why          string
	code         string
	attempts     int
	unsure       int
	due          time.Time
	expires      time.Time
	content      content
}

// Send puts down a message to a person. It leaves when it is due and she may be reached; nothing is promised but that it is tried.
func Send(ctx context.Context, tx *db.Tx, who access.Actor, m Message) (ID, error) {
	record, registration, err := persons.Through(ctx, tx, who, access.LogCall, m.Person)
	if err != nil {
		return "", err
	}
	of, err := ofCase(ctx, tx, who, m)
	if err != nil {
		return "", err
	}
	k, c, err := kindFor(tx.Now(), "person", m)
	if err != nil {
		return "", err
	}
	m.Person = record
	s := stored{Message: m, Way: SMS, State: Waiting, content: c, Office: who.Office, Organisation: who.Organisation}
	if who.ID == Program().ID { // those look after it who have the case, or registered her
		if s.Office, s.Organisation = of.Office, of.Organisation; of.ID == "" {
			if err := tx.QueryRow(ctx, `SELECT office_id, organisation_id FROM person_registrations WHERE id = ?`, registration).Scan(&s.Office, &s.Organisation); err != nil {
				return "", fmt.Errorf("send message: %w", err)
			}
		}
	}
	if ids.IsApart(string(record)) {
		s.State, s.Why = Held, "message.held.practice"
	}
	if k.Asks {
		if s.code, err = freshCode(ctx, tx); err != nil {
			return "", err
		}
	}
	return s.put(ctx, tx, who)
}

// SendTo puts down a message to somebody of an organisation. Whether who may say that is for the act that it is part of: tx must
// have been allowed already.
func SendTo(ctx context.Context, tx *db.Tx, who access.Actor, l Letter) (ID, error) {
	m := Message{Operation: l.Operation, Kind: l.Kind, With: l.With, Link: l.Link, Due: l.Due, Until: l.Until, Subject: l.Subject}
	_, c, err := kindFor(tx.Now(), "staff", m)
	if err != nil {
		return "", err
	}
	s := stored{Message: m, Way: SMS, State: Waiting, content: c, Office: who.Office, Organisation: who.Organisation}
	if s.content.To, s.Way, err = address(l.To); err != nil {
		return "", err
	}
	s.content.Language = l.Language
	return s.put(ctx, tx, who)
}

func address(to string) (string, string, error) {
	to = strings.TrimSpace(to)
	if name, host, mail := strings.Cut(to, "@"); mail {
		if name == "" || !strings.Contains(host, ".") || strings.ContainsAny(to, " \r\n,;<>\"") || len(to) > 200 {
			return "", "", fault.New(fault.Invalid, "person.email_form").On("to")
		}
		return strings.ToLower(to), Email, nil
	}
	n, err := numbers.Phone(to, "BD")
	if err != nil {
		return "", "", fault.Of(err).On("to")
	}
	return n.Normal, SMS, nil
}

// kindFor reads what a text of a kind needs.
func kindFor(now time.Time, whom string, m Message) (kind, content, error) {
	k, known := setAt(now).Kinds[m.Kind]
	if !known || k.To != whom {
		return k, content{}, fault.New(fault.Invalid, "message.kind_unknown").On("kind")
	}
	if m.Subject == "" || len(m.Subject) > 100 {
		return k, content{}, fault.New(fault.Invalid, "message.subject_needed").On("subject")
	}
	if !m.Until.IsZero() && !m.Until.After(m.Due) {
		return k, content{}, fault.New(fault.Invalid, "message.until_order").On("until")
	}
	c, err := k.read(m.With, m.Link)
	return k, c, err
}

// ofCase makes sure that a case is one of the person's that who sees, and returns it.
func ofCase(ctx context.Context, tx *db.Tx, who access.Actor, m Message) (cases.Case, error) {
	if m.Case == "" {
		return cases.Case{}, nil
	}
	c, err := cases.Find(ctx, tx, who, m.Case)
	if err != nil {
		return c, err
	}
	of, err := persons.Records(ctx, tx, who, access.ReadPersons, m.Person)
	if err == nil && !slices.Contains(of, c.Person) {
		err = fault.New(fault.NotFound, "case.not_found")
	}
	return c, err
}

// freshCode is a number by which an answer is known, one that no open question has.
func freshCode(ctx context.Context, tx *db.Tx) (string, error) {
	for range 20 {
		n, err := rand.Int(rand.Reader, big.NewInt(90_000))
		if err != nil {
			return "", err
		}
		code := fmt.Sprint(10_000 + n.Int64())
		var open int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM messages WHERE code = ? AND (asked_until > ? OR asked_until IS NULL AND state IN ('waiting', 'sending'))`, code, tx.Now()).Scan(&open); err != nil {
			return "", err
		}
		if open == 0 {
			return code, nil
		}
	}
	return "", errors.New("no code is free for a question")
}

// put enters the message and the trail.
func (s stored) put(ctx context.Context, tx *db.Tx, who access.Actor) (ID, error) {
	s.ID = ID(ids.Beside(string(s.Person), tx.Now()))
	if s.due = s.Due; s.due.Before(tx.Now()) {
		s.due = tx.Now()
	}
	if s.expires = s.Until; s.expires.IsZero() {
		s.expires = s.due.Add(usualLife)
	}
	if s.Operation != "" {
		said, err := json.Marshal([]any{s.Person, s.Case, s.Kind, s.content, s.Subject, s.Due, s.Until})
		if err != nil {
			return "", err
		}
		earlier, err := operations.Once(ctx, tx, who, s.Operation, string(s.ID), said)
		if err != nil || earlier != "" {
			if earlier != "" {
				tx.Recorded() // the trail has the act already
			}
			return ID(earlier), err
		}
	}
	sealed, err := seal.JSON(ctx, tx, s.keyOf(), s.place(), s.content)
	if err != nil {
		return "", fmt.Errorf("send message: %w", err)
	}
	var ended time.Time
	if s.State == Held {
		ended = tx.Now()
	}
	_, err = tx.Exec(ctx, `INSERT INTO messages (id, person_id, case_id, organisation_id, office_id, user_id, user_name, kind, way, subject, sealed, state, why, contact_id, contact_owner, blind, code,
		text_version, parts, attempts, unsure, holder, due_at, expires_at, ended_at, made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', '', ?, '', 0, 0, 0, '', ?, ?, ?, ?)`,
		string(s.ID), nullable(string(s.Person)), string(s.Case), s.Organisation, s.Office, who.ID, who.Name, s.Kind, s.Way, s.Subject, sealed, string(s.State), s.Why, s.code,
		s.due, s.expires, db.When(ended), tx.Now())
	if err != nil {
		return "", fmt.Errorf("send message: %w", err)
	}
	return s.ID, s.record(ctx, tx, who, s.State)
}

func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// keyOf is the subject under whose key a message is sealed.
func (s stored) keyOf() string {
	if s.Person == "" {
		return seal.System
	}
	return string(s.Person)
}

func (s stored) place() string { return "messages:" + string(s.ID) }

// record enters in the trail how far a message is: neither number nor text.
func (s stored) record(ctx context.Context, tx *db.Tx, who access.Actor, state State) error {
	subject := s.Subject
	if s.Person != "" {
		subject = "person:" + string(s.Person)
	}
	after := map[string]string{"message": string(s.ID), "kind": s.Kind, "way": s.Way, "state": string(state), "about": s.Subject}
	if s.Why != "" {
		after["why"] = s.Why
	}
	return audit.Record(ctx, tx, who, access.LogCall, audit.Entry{Subject: subject, Person: string(s.Person), After: map[string]any{"sent_message": after}})
}
