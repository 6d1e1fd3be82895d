// SPDX-License-Identifier: Apache-2.0

package messages

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/db"
	"fera/internal/persons"
	"fera/internal/seal"
	"fera/internal/words"
)

// Outgoing is a message as a gateway carries it. It is nowhere else.
type Outgoing struct {
	ID      ID
	Way     string
	To      string
	Subject string // of an e-mail
	Text    string
	Unicode bool   // has to go as UCS-2
	Parts   int    // on the air
	Report  string // address at which the gateway may tell what became of it; empty for none
}

// Outcome is what came of carrying a message.
type Outcome string

// The outcomes. Unsure stands for a gateway that was told and did not answer.
const (
	Taken   Outcome = "taken"
	Later   Outcome = "later"
	Refused Outcome = "refused"
	Unsure  Outcome = "unsure"
)

// Gateway hands messages to who delivers them. Its errors are for the log and hold neither numbers nor texts nor secrets.
type Gateway interface {
	Name() string
	Ways() []string
	Carry(ctx context.Context, o Outgoing) (Outcome, error)
}

// NoGateway carries nothing: messages wait.
type NoGateway struct{}

// Name implements Gateway.
func (NoGateway) Name() string { return "none" }

// Ways implements Gateway.
func (NoGateway) Ways() []string { return nil }

// Carry implements Gateway.
func (NoGateway) Carry(context.Context, Outgoing) (Outcome, error) {
	return Later, errors.New("there is no gateway")
}

// How the sender works.
const (
	carryTime    = 8 * time.Second // less than a stop may take
	claimLasts   = 2 * time.Minute
	mostAttempts = 12
	firstPause   = time.Minute
	longestPause = 4 * time.Hour
	mostUnsure   = 2 // how often a message may have left without an answer
	roundTakes   = 20
)

// Options are what a sender is made with.
type Options struct {
	Gateway Gateway
	Holder  string       // names this process
	Reports string       // address of reports of delivery, without its query; empty for none
	Log     *slog.Logger // may be nil
	Observe func(string) // is told of each state that is reached; may be nil
}

// Sender carries messages whose time has come.
type Sender struct {
	d *db.DB
	Options
}

// NewSender returns a sender over a store. Several may work at once.
func NewSender(d *db.DB, o Options) *Sender {
	if o.Gateway == nil {
		o.Gateway = NoGateway{}
	}
	if o.Observe == nil {
		o.Observe = func(string) {}
	}
	return &Sender{d, o}
}

// Open says by which gateways messages leave from now on, for the pages: by this one, and by those of the senders beside it.
func (s *Sender) Open(ctx context.Context, beside ...*Sender) error {
	return s.d.Maintain(ctx, func(tx *db.Tx) error {
		names := []any{}
		for _, one := range append([]*Sender{s}, beside...) {
			names = append(names, one.Gateway.Name())
			if _, err := tx.Exec(ctx, `INSERT INTO message_gateways (name, set_at, why, ways) VALUES (?, ?, '', ?) ON CONFLICT (name) DO UPDATE SET set_at = excluded.set_at, ways = excluded.ways`,
				one.Gateway.Name(), tx.Now(), strings.Join(one.Gateway.Ways(), " ")); err != nil {
				return fmt.Errorf("open gateway: %w", err)
			}
		}
		_, err := tx.Exec(ctx, `DELETE FROM message_gateways WHERE name NOT IN `+db.In(len(names)), names...)
		return err
	})
}

// Leaves tells whether there is a gateway by which messages leave in a way.
func Leaves(ctx context.Context, q db.Reader, way string) (bool, error) {
	rows, err := q.Query(ctx, `SELECT ways FROM message_gateways`)
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (ways string, err error) { return ways, row.Scan(&ways) })
	return slices.ContainsFunc(all, func(ways string) bool { return slices.Contains(strings.Fields(ways), way) }), err
}

// Work carries some of the messages whose time has come, and reports how many it dealt with.
func (s *Sender) Work(ctx context.Context) (n int, err error) {
	for n = 0; n < roundTakes && ctx.Err() == nil; n++ {
		o, found, err := s.claim(ctx)
		if err != nil || !found {
			return n, err
		}
		if o.To == "" {
			continue // it waits, or never leaves
		}
		carrying, done := context.WithTimeout(context.WithoutCancel(ctx), carryTime)
		outcome, cause := s.Gateway.Carry(carrying, o)
		done()
		if cause != nil && s.Log != nil {
			s.Log.WarnContext(ctx, "a message was not carried", "gateway", s.Gateway.Name(), "outcome", string(outcome), "error", cause)
		}
		if err := s.settle(context.WithoutCancel(ctx), o, outcome); err != nil {
			return n, err
		}
	}
	return n, nil
}

const columns = `id, COALESCE(person_id, ''), case_id, organisation_id, office_id, user_id, user_name, kind, way, subject, sealed, state, why, code, attempts, unsure, due_at, expires_at`

func scan(row interface{ Scan(...any) error }) (s stored, err error) {
	err = row.Scan(&s.ID, &s.Person, &s.Case, &s.Organisation, &s.Office, &s.User, &s.UserName, &s.Kind, &s.Way, &s.Subject, &s.sealed, &s.State, &s.Why, &s.code, &s.attempts, &s.unsure,
		db.Time(&s.due), db.Time(&s.expires))
	return s, err
}

// claim takes the message that is due longest and decides about it. What may leave is returned with its number and text, and
// is this sender's for a time; of what may not, To is empty.
func (s *Sender) claim(ctx context.Context) (o Outgoing, found bool, err error) {
	seen := ""
	err = s.d.Maintain(ctx, func(tx *db.Tx) error {
		o, found, seen = Outgoing{}, false, ""
		ways := s.Gateway.Ways()
		args := []any{tx.Now(), tx.Now()}
		for _, w := range ways {
			args = append(args, w)
		}
		m, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM messages WHERE state IN ('waiting', 'sending') AND due_at <= ? AND (until IS NULL OR until < ?)
			AND (way IN `+db.In(len(ways))+` OR expires_at < ?) ORDER BY due_at, id LIMIT 1`, append(args, tx.Now())...))
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		found = true
		o, seen, err = s.decided(ctx, tx, m)
		return err
	})
	if err == nil && seen != "" {
		s.Observe(seen)
	}
	if err != nil {
		err = fmt.Errorf("claim message: %w", err)
	}
	return o, found, err
}

// decided takes a message that may leave, or puts it off, or ends it; it tells the state that it ended in.
func (s *Sender) decided(ctx context.Context, tx *db.Tx, m stored) (Outgoing, string, error) {
	if m.State == Sending { // whoever had it was broken off, and may have handed it over
		if m.unsure++; m.unsure >= mostUnsure {
			return Outgoing{}, string(Failed), m.end(ctx, tx, Failed, "message.failed.unsure")
		}
	}
	if err := m.open(ctx, tx); errors.Is(err, seal.ErrErased) {
		return Outgoing{}, string(Held), m.end(ctx, tx, Held, "message.held.gone")
	} else if err != nil {
		return Outgoing{}, "", err
	}
	l, err := m.decide(ctx, tx)
	switch {
	case err != nil:
		return Outgoing{}, "", err
	case l.never != "":
		return Outgoing{}, string(Held), m.end(ctx, tx, Held, l.never)
	case l.at.After(tx.Now()):
		_, err := tx.Exec(ctx, `UPDATE messages SET state = 'waiting', due_at = ?, until = NULL, holder = '', unsure = ? WHERE id = ?`, l.at, m.unsure, string(m.ID))
		return Outgoing{}, "", err
	}
	set := setAt(tx.Now())
	k, known := set.Kinds[m.Kind]
	if !known {
		return Outgoing{}, string(Failed), m.end(ctx, tx, Failed, "message.kind_unknown")
	}
	o := Outgoing{ID: m.ID, Way: m.Way, To: l.to}
	if m.Way == Email {
		o.Subject, o.Text = k.mail(m.content)
	} else {
		o.Text = k.text(spoken(l.lang), m.content, m.code)
		o.Parts, o.Unicode = Parts(o.Text)
	}
	if o.Parts > mostParts {
		return Outgoing{}, string(Failed), m.end(ctx, tx, Failed, "message.failed.long")
	}
	if s.Reports != "" && m.Way == SMS {
		signature, err := sign(ctx, tx, m.ID)
		if err != nil {
			return Outgoing{}, "", err
		}
		o.Report = s.Reports + "?" + url.Values{"id": {string(m.ID)}, "sign": {signature}}.Encode()
	}
	_, err = tx.Exec(ctx, `UPDATE messages SET state = 'sending', holder = ?, until = ?, attempts = attempts + 1, unsure = ?, contact_id = ?, contact_owner = ?, blind = ?, text_version = ?, parts = ? WHERE id = ?`,
		s.Holder, tx.Now().Add(claimLasts), m.unsure, l.contact.ID, l.contact.Owner, l.blind, set.Version, o.Parts, string(m.ID))
	return o, "", err
}

func spoken(lang words.Lang) words.Lang {
	if lang == words.English {
		return lang
	}
	return words.Bangla
}

// sign is what an address has by which what became of a message may be told.
func sign(ctx context.Context, q db.Reader, id ID) (string, error) {
	return seal.Blind(ctx, q, "message_report", string(id))
}

// settle writes down what came of a message that this sender has taken. One that it lost meanwhile is left as it is.
func (s *Sender) settle(ctx context.Context, o Outgoing, outcome Outcome) error {
	seen := ""
	err := s.d.Maintain(ctx, func(tx *db.Tx) error {
		seen = ""
		if err := s.note(ctx, tx, outcome); err != nil {
			return err
		}
		m, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM messages WHERE id = ? AND state = 'sending' AND holder = ?`, string(o.ID), s.Holder))
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		var state State
		state, err = m.settled(ctx, tx, outcome)
		seen = string(state)
		return err
	})
	if err != nil {
		return fmt.Errorf("settle message: %w", err)
	}
	if seen != "" {
		s.Observe(seen)
	}
	return nil
}

func (m stored) settled(ctx context.Context, tx *db.Tx, outcome Outcome) (State, error) {
	if outcome == Unsure {
		m.unsure++
	}
	switch {
	case outcome == Taken:
		return Sent, m.sent(ctx, tx)
	case outcome == Refused:
		return Failed, m.end(ctx, tx, Failed, "message.failed.refused")
	case m.unsure >= mostUnsure:
		return Failed, m.end(ctx, tx, Failed, "message.failed.unsure")
	case m.attempts >= mostAttempts:
		return Failed, m.end(ctx, tx, Failed, "message.failed.gateway")
	}
	pause := min(firstPause<<min(max(m.attempts-1, 0), 10), longestPause)
	_, err := tx.Exec(ctx, `UPDATE messages SET state = 'waiting', holder = '', until = NULL, unsure = ?, due_at = ? WHERE id = ?`, m.unsure, tx.Now().Add(pause), string(m.ID))
	return Waiting, err
}

// sent says that a gateway took the message. An answer to it is waited for from now on.
func (m stored) sent(ctx context.Context, tx *db.Tx) error {
	var asked time.Time
	if m.code != "" {
		asked = tx.Now().AddDate(0, 0, setAt(tx.Now()).Limits.AnswerDays)
	}
	if _, err := tx.Exec(ctx, `UPDATE messages SET state = 'sent', why = '', holder = '', until = NULL, left_at = ?, asked_until = ? WHERE id = ?`, tx.Now(), db.When(asked), string(m.ID)); err != nil {
		return err
	}
	m.Why = ""
	return m.record(ctx, tx, Program(), Sent)
}

// end says that a message does not leave, or that nobody knows whether it did, and lets those know who work with her.
func (m stored) end(ctx context.Context, tx *db.Tx, state State, why string) error {
	var asked time.Time
	if m.code != "" && m.unsure > 0 { // it may have arrived, and be answered
		asked = tx.Now().AddDate(0, 0, setAt(tx.Now()).Limits.AnswerDays)
	}
	if _, err := tx.Exec(ctx, `UPDATE messages SET state = ?, why = ?, holder = '', until = NULL, unsure = ?, ended_at = ?, asked_until = ? WHERE id = ?`,
		string(state), why, m.unsure, tx.Now(), db.When(asked), string(m.ID)); err != nil {
		return err
	}
	if m.Person == "" {
		m.Why = why
		return m.record(ctx, tx, Program(), state)
	}
	if why == "message.held.gone" { // no key is left to write anything under
		return nil
	}
	users, err := m.carers(ctx, tx)
	if err != nil {
		return err
	}
	if err := accounts.Tell(ctx, tx, users, "notice.message_held", "person:"+string(m.Person)); err != nil {
		return err
	}
	m.Why = why
	return m.record(ctx, tx, Program(), state)
}

// carers are the users who have a person on their caseload, over all of her records, and who sent the message.
func (m stored) carers(ctx context.Context, q db.Reader) ([]string, error) {
	users := map[string]bool{m.User: m.User != Program().ID}
	of, err := persons.Records(ctx, q, Program(), access.ReadPersons, m.Person)
	if err != nil {
		return nil, err
	}
	for _, id := range of {
		scopes, err := access.ScopesOf(ctx, q, string(id))
		if err != nil {
			return nil, err
		}
		for _, s := range scopes {
			if user, ok := strings.CutPrefix(s, access.OnCaseload("")); ok {
				users[user] = true
			}
		}
	}
	maps.DeleteFunc(users, func(_ string, told bool) bool { return !told })
	return slices.Sorted(maps.Keys(users)), nil
}

// note keeps when the gateway last worked and last did not.
func (s *Sender) note(ctx context.Context, tx *db.Tx, outcome Outcome) error {
	column, why := `UPDATE message_gateways SET bad_at = ?, why = ? WHERE name = ?`, "message.gateway."+string(outcome)
	if outcome == Taken || outcome == Refused {
		column, why = `UPDATE message_gateways SET good_at = ?, why = ? WHERE name = ?`, ""
	}
	_, err := tx.Exec(ctx, column, tx.Now(), why, s.Gateway.Name())
	return err
}
