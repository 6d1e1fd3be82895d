// SPDX-License-Identifier: Apache-2.0

package messages

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
	"fera/internal/numbers"
	"fera/internal/persons"
	"fera/internal/seal"
)

// Report is what a gateway tells of a message that it took.
type Report struct {
	ID        ID
	Signature string
	Arrived   bool // it was delivered
	Lost      bool // it was not, and will not be; neither: it is under way
}

// Told keeps what a gateway tells. A report that nobody signed is as one of a message that is not there.
func Told(ctx context.Context, tx *db.Tx, r Report) (State, error) {
	want, err := sign(ctx, tx, r.ID)
	if err != nil {
		return "", err
	}
	if subtle.ConstantTimeCompare([]byte(want), []byte(r.Signature)) != 1 {
		return "", fault.New(fault.NotFound, "fault.not_found")
	}
	m, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM messages WHERE id = ?`, string(r.ID)))
	if errors.Is(err, sql.ErrNoRows) {
		return "", fault.New(fault.NotFound, "fault.not_found")
	}
	if err != nil || len(m.sealed) == 0 { // it was forgotten meanwhile
		return m.State, err
	}
	if m.State == Sending || m.State == Waiting && m.unsure > 0 || m.State == Failed && m.unsure > 0 { // the answer came late: it did leave
		if err := m.sent(ctx, tx); err != nil {
			return "", err
		}
		m.State, m.Why = Sent, ""
	}
	var to State
	switch {
	case r.Arrived && (m.State == Sent || m.State == Undelivered):
		to = Delivered
	case r.Lost && m.State == Sent:
		to = Undelivered
	default:
		return m.State, nil
	}
	if _, err := tx.Exec(ctx, `UPDATE messages SET state = ?, why = '', ended_at = ? WHERE id = ?`, string(to), tx.Now(), string(m.ID)); err != nil {
		return "", fmt.Errorf("keep report: %w", err)
	}
	return to, m.record(ctx, tx, Program(), to)
}

// Value is what an answer says.
type Value string

// The values. Other is whatever a person has to look at: neither yes nor no, or nobody knows to which of several it belongs.
const (
	Yes   Value = "yes"
	No    Value = "no"
	Other Value = "other"
)

// Answer is what somebody answered to a message that asked.
type Answer struct {
	ID      string
	Message ID
	Subject string // what the message was about
	Person  persons.ID
	Value   Value
	By      string // how it is known to be hers: number, code, or both
	At      time.Time
}

// Arriving is a message that came in.
type Arriving struct {
	ID   string // as the gateway knows it, so that it may be told twice; may be empty
	From string
	Text string
}

// What may come of a message that came in, for counting.
const (
	Answered  = "answered"
	Unclear   = "unclear"
	Stopped   = "stopped"
	Started   = "started"
	Unmatched = "unmatched"
	Repeated  = "repeated"
)

// How often a number may send what fits nothing, within an hour, before nothing from it is looked at: codes must not be guessed.
const (
	mostMisfits = 5
	misfitsIn   = time.Hour
)

// Arrive deals with a message that came in: an answer to what was asked, or the wish to be sent nothing more. Whatever it is,
// nothing goes back.
func Arrive(ctx context.Context, tx *db.Tx, in Arriving) (string, error) {
	n, err := numbers.Phone(in.From, "BD")
	if err != nil {
		return Unmatched, nil
	}
	blind, err := seal.Blind(ctx, tx, "phone", n.Normal)
	if err != nil {
		return "", err
	}
	if again, err := seen(ctx, tx, in.ID); err != nil || again {
		return Repeated, err
	}
	said := plain(in.Text)
	what, err := stopOrStart(ctx, tx, blind, said)
	if err == nil && what == "" {
		what, err = answer(ctx, tx, blind, said, in.Text)
	}
	if err != nil {
		return "", fmt.Errorf("take message in: %w", err)
	}
	id := in.ID
	if id == "" {
		id = ids.New(tx.Now())
	}
	_, err = tx.Exec(ctx, `INSERT INTO message_arrivals (id, blind, fits, at) VALUES (?, ?, ?, ?)`, clip(id), blind, what != Unmatched, tx.Now())
	return what, err
}

func clip(id string) string { return id[:min(len(id), 100)] }

func seen(ctx context.Context, q db.Reader, id string) (bool, error) {
	if id == "" {
		return false, nil
	}
	var n int
	err := q.QueryRow(ctx, `SELECT count(*) FROM message_arrivals WHERE id = ?`, clip(id)).Scan(&n)
	return n > 0, err
}

// plain is a text in small letters and Latin digits, without marks at its ends.
func plain(text string) string {
	text = strings.Join(strings.Fields(numbers.Digits(strings.ToLower(text))), " ")
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsPunct(r) || unicode.IsSpace(r) || unicode.IsSymbol(r) })
}

// means tells whether a text is one of the words that stand for something.
func means(now time.Time, what, said string) bool {
	return slices.ContainsFunc(setAt(now).Words[what], func(w string) bool { return names.Fold(w) == names.Fold(said) })
}

// stopOrStart heeds a wish to be sent nothing more, or again.
func stopOrStart(ctx context.Context, tx *db.Tx, blind, said string) (what string, err error) {
	switch {
	case means(tx.Now(), "stop", said):
		what = Stopped
		_, err = tx.Exec(ctx, `INSERT INTO message_stops (blind, at) VALUES (?, ?) ON CONFLICT DO NOTHING`, blind, tx.Now())
	case means(tx.Now(), "start", said):
		what = Started
		_, err = tx.Exec(ctx, `DELETE FROM message_stops WHERE blind = ?`, blind)
	default:
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return what, audit.Record(ctx, tx, Program(), access.LogCall, audit.Entry{Subject: "messages", After: map[string]string{"number": what}})
}

var codeForm = regexp.MustCompile(`(?:^|[^0-9])([0-9]{5})[12]?(?:[^0-9]|$)`)

// answer finds what was asked: by the code in the text, else by the number that was asked last. Of a number that several people
// were asked by, nobody knows whose answer it is.
func answer(ctx context.Context, tx *db.Tx, blind, said, text string) (string, error) {
	var misfits int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM message_arrivals WHERE blind = ? AND at > ? AND fits = FALSE`, blind, tx.Now().Add(-misfitsIn)).Scan(&misfits); err != nil {
		return "", err
	}
	if misfits >= mostMisfits {
		return Unmatched, nil
	}
	if code := codeForm.FindStringSubmatch(said); code != nil {
		m, err := scanAsked(tx.QueryRow(ctx, `SELECT `+askedColumns+` FROM messages WHERE code = ? AND asked_until > ? AND person_id IS NOT NULL AND sealed IS NOT NULL`, code[1], tx.Now()))
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return Unmatched, nil
		case err != nil:
			return "", err
		}
		by := "code"
		if m.blind == blind {
			by = "both"
		}
		return Answered, m.answered(ctx, tx, given{valueOf(tx.Now(), strings.Replace(said, code[1], "", 1)), by, text})
	}
	rows, err := tx.Query(ctx, `SELECT `+askedColumns+` FROM messages WHERE blind = ? AND code <> '' AND asked_until > ? AND person_id IS NOT NULL AND sealed IS NOT NULL ORDER BY left_at DESC, id DESC`, blind, tx.Now())
	all, err := db.Collect(rows, err, scanAsked)
	if err != nil || len(all) == 0 {
		return Unmatched, err
	}
	if slices.ContainsFunc(all, func(m asked) bool { return m.person != all[0].person }) {
		for _, m := range all {
			if err := m.answered(ctx, tx, given{Other, "number", ""}); err != nil { // the words may be another's
				return "", err
			}
		}
		return Unclear, nil
	}
	return Answered, all[0].answered(ctx, tx, given{valueOf(tx.Now(), said), "number", text})
}

// asked is a message whose answer is waited for.
type asked struct {
	id      ID
	person  persons.ID
	subject string
	blind   string
}

const askedColumns = `id, person_id, subject, blind`

func scanAsked(row interface{ Scan(...any) error }) (m asked, err error) {
	err = row.Scan(&m.id, &m.person, &m.subject, &m.blind)
	return m, err
}

func valueOf(now time.Time, said string) Value {
	said = plain(said)
	switch {
	case means(now, "yes", said):
		return Yes
	case means(now, "no", said):
		return No
	}
	return Other
}

// longestAnswer is how much is kept of what somebody wrote.
const longestAnswer = 500

// given is an answer with how it is known whose it is.
type given struct {
	value Value
	by    string
	text  string
}

func (m asked) answered(ctx context.Context, tx *db.Tx, g given) error {
	id := ids.Beside(string(m.person), tx.Now())
	var sealed []byte
	if g.value == Other && g.text != "" {
		text, _ := names.CheckText(g.text, longestAnswer)
		letters := []rune(text)
		var err error
		if sealed, err = seal.Seal(ctx, tx, string(m.person), "message_answers:"+id, []byte(string(letters[:min(len(letters), longestAnswer)]))); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO message_answers (id, message_id, person_id, subject, value, matched_by, sealed, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		id, string(m.id), string(m.person), m.subject, string(g.value), g.by, sealed, tx.Now())
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, Program(), access.LogCall, audit.Entry{Subject: "person:" + string(m.person), Person: string(m.person),
		After: map[string]any{"answered_message": map[string]string{"message": string(m.id), "by": g.by}}})
}

// overlap is how far back answers are told again, so that none is missed that was committed late.
const overlap = time.Minute

// Answers returns the answers to messages about subjects that begin with prefix, such as "referral:", the oldest first: from the
// one whose ID is after on, or all when that is empty. Those of the minute before are told again. Who asks keeps what it has
// dealt with; the latest answer to a message is the one that counts.
func Answers(ctx context.Context, q db.Reader, prefix, after string) ([]Answer, error) {
	args := []any{prefix, prefix + "\x7f"}
	cond := ""
	var last time.Time
	err := q.QueryRow(ctx, `SELECT at FROM message_answers WHERE id = ?`, after).Scan(db.Time(&last))
	switch {
	case err == nil:
		cond = ` AND at >= ?`
		args = append(args, last.Add(-overlap))
	case !errors.Is(err, sql.ErrNoRows):
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT `+answerColumns+` FROM message_answers WHERE subject >= ? AND subject < ?`+cond+` ORDER BY at, id LIMIT 5000`, args...)
	return db.Collect(rows, err, scanAnswer)
}

const answerColumns = `id, message_id, subject, person_id, value, matched_by, at`

func scanAnswer(row interface{ Scan(...any) error }) (a Answer, err error) {
	err = row.Scan(&a.ID, &a.Message, &a.Subject, &a.Person, &a.Value, &a.By, db.Time(&a.At))
	return a, err
}
