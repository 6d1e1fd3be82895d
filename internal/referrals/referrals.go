// SPDX-License-Identifier: Apache-2.0

// Package referrals keeps what was asked of other organisations for people, until they themselves have said what came of it.
//
// A referral stands on a case and is seen, with all that was shared, by who sees the case; one of which the need is of class 3 by
// who sees what is protected about the person. The provider sees no case and no person: it sees the sheet that was shared, the
// request at first, who she is once it agreed to serve her, and nothing any more when it declined or she took back her consent.
// Which of this is when is package course; what may be shared for which need is package sharing; who offers what is package directory.
package referrals

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/names"
	"fera/internal/persons"
	"fera/internal/referrals/course"
	"fera/internal/referrals/sharing"
	"fera/internal/seal"
)

// ID identifies a referral.
type ID string

// Referral is what was asked of a provider, as who sent it sees it.
type Referral struct {
	ID           ID
	Number       string // by which the two sides speak of it, eight digits
	Case         cases.ID
	Person       persons.ID
	FromOffice   string
	From         string // organisation of package offices; of a network outside, its name
	User, By     string // who sent it
	Organisation string // the provider's entry in the directory
	Partner      string // the provider's organisation in package offices; empty when it has no accounts
	Protected    bool   // its need is of class 3
	Urgency      string // see course.Terms
	State        course.State
	Outcome      course.Act // what the provider reported, see course.Reports
	Answer       string     // what she said of it: "yes", "no", or nothing
	Tries        int
	Rounds       int // how often she said that it was not so
	Silent       bool
	DueOn        string // the day by which whoever's turn it is has to act, or cases.Never
	DraftedAt    time.Time
	Since        time.Time
	SentAt       time.Time
	ReceivedAt   time.Time
	DecidedAt    time.Time
	MeetsAt      time.Time
	ToldAt       time.Time
	AnsweredAt   time.Time
	Acknowledged time.Time
	EndedAt      time.Time
	Version      int
	Veiled       bool // something of it is of class 3, and was left out
	Content

	registration string
	district     string
	need         string // as it stands in clear
	service      string
	alarmTo      string
	alarmAt      time.Time
	sealed       []byte
}

// Content is what is sealed of a referral.
type Content struct {
	Need      string        `json:"need"`
	Service   string        `json:"service"`            // entry of the directory
	Location  string        `json:"location,omitempty"` // the same, where it is given
	Papers    []string      `json:"papers,omitempty"`   // those that she has, of those that are asked for
	Missing   []string      `json:"missing,omitempty"`  // those that she has not got
	Anyway    string        `json:"anyway,omitempty"`   // why she was sent without them
	Fields    []string      `json:"fields"`             // what is shared beside what always is
	Sheet     sharing.Sheet `json:"sheet"`              // of a draft, what was typed; of what was sent, all that was shared
	Consent   Consent       `json:"consent,omitzero"`
	Where     string        `json:"where,omitempty"`     // of an appointment, as the provider wrote it
	Reference string        `json:"reference,omitempty"` // of another network that brought it
}

// Consent is what she agreed to: this provider, this need, these fields.
type Consent struct {
	Method   string    `json:"method"` // see choices.ConsentMethods
	Language string    `json:"language"`
	Fields   []string  `json:"fields"` // read out to her
	By       string    `json:"by"`
	At       time.Time `json:"at"`
}

const columns = `r.id, r.number, r.case_id, r.person_id, r.registration_id, r.from_organisation, r.from_office, r.user_id, r.user_name, r.to_organisation, r.to_partner, r.need,
	r.service_id, r.protected, r.district, r.urgency, r.state, r.outcome, r.answer, r.tries, r.rounds, r.silent, r.due_on, r.alarm_to, r.alarm_at, r.drafted_at, r.since_at,
	r.sent_at, r.received_at, r.decided_at, r.meets_at, r.told_at, r.answered_at, r.acknowledged_at, r.ended_at, r.sealed, r.version`

func scan(row interface{ Scan(...any) error }) (r Referral, err error) {
	err = row.Scan(&r.ID, &r.Number, &r.Case, &r.Person, &r.registration, &r.From, &r.FromOffice, &r.User, &r.By, &r.Organisation, &r.Partner, &r.need,
		&r.service, &r.Protected, &r.district, &r.Urgency, &r.State, &r.Outcome, &r.Answer, &r.Tries, &r.Rounds, &r.Silent, &r.DueOn, &r.alarmTo, db.NullTime(&r.alarmAt),
		db.Time(&r.DraftedAt), db.Time(&r.Since), db.NullTime(&r.SentAt), db.NullTime(&r.ReceivedAt), db.NullTime(&r.DecidedAt), db.NullTime(&r.MeetsAt),
		db.NullTime(&r.ToldAt), db.NullTime(&r.AnsweredAt), db.NullTime(&r.Acknowledged), db.NullTime(&r.EndedAt), &r.sealed, &r.Version)
	r.Need, r.Service = r.need, r.service
	return r, err
}

// Late tells whether what is due is overdue on a day.
func (r Referral) Late(today dates.Partial) bool { return r.DueOn < today.String() }

// Standing is all of a referral that decides what may be done with it.
func (r Referral) Standing() course.Standing {
	return course.Standing{State: r.State, Tries: r.Tries, Acknowledged: !r.Acknowledged.IsZero(), Known: !r.SentAt.IsZero()}
}

// Outside tells whether another network sent it, so that no case and no person of the register stands behind it.
func (r Referral) Outside() bool { return r.Case == "" }

func (r Referral) subject() string { return "referral:" + string(r.ID) }

// keyholder is whose key seals it.
func (r Referral) keyholder() string {
	if r.Person != "" {
		return string(r.Person)
	}
	return r.subject()
}

// act is the permission under which the trail enters what the sender does, so that what hides class 3 hides it.
func (r Referral) act() access.Permission {
	if r.Protected {
		return access.ChangeProtected
	}
	return access.SendReferral
}

func (r *Referral) open(ctx context.Context, q db.Reader) error {
	if r.sealed == nil {
		return nil
	}
	if err := seal.FromJSON(ctx, q, seal.Place{Subject: r.keyholder(), Name: "referrals.sealed:" + string(r.ID), Sealed: r.sealed}, &r.Content); err != nil {
		return fmt.Errorf("open referral: %w", err)
	}
	return nil
}

func notFound() error { return fault.New(fault.NotFound, "referral.not_found") }

func changedMeanwhile() error { return fault.New(fault.Conflict, "referral.changed_meanwhile") }

// read finds a referral by its id, whoever asks.
func read(ctx context.Context, q db.Reader, id ID) (Referral, error) {
	r, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM referrals r WHERE r.id = ?`, string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return Referral{}, notFound()
	}
	if err != nil {
		return Referral{}, fmt.Errorf("find referral: %w", err)
	}
	return r, nil
}

// find returns a referral on a case that who may see, whatever its class. One of class 3 is not there for who does not see what is
// protected about the person.
func find(ctx context.Context, q db.Reader, who access.Actor, id ID) (Referral, cases.Case, error) {
	r, err := read(ctx, q, id)
	if err != nil {
		return r, cases.Case{}, err
	}
	c, err := cases.Find(ctx, q, who, r.Case)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return Referral{}, c, notFound()
	}
	if err != nil {
		return Referral{}, c, err
	}
	if r.Protected {
		ok, _, err := access.SeesProtected(ctx, q, who, string(r.Person))
		if err != nil {
			return Referral{}, c, err
		}
		if !ok {
			return Referral{}, c, notFound()
		}
	}
	return r, c, r.open(ctx, q)
}

// Find returns a referral of class 2 that who may see because she sees the case.
func Find(ctx context.Context, q db.Reader, who access.Actor, id ID) (Referral, error) {
	r, _, err := find(ctx, q, who, id)
	if err == nil && r.hidden() {
		return Referral{}, notFound()
	}
	return r, err
}

// Outline returns a referral that who may see, of whatever class, without what of it is of class 3; Veiled says that something was left
// out. Where the need itself is of class 3, it says only where the referral stands.
func Outline(ctx context.Context, q db.Reader, who access.Actor, id ID) (Referral, error) {
	r, _, err := find(ctx, q, who, id)
	if err != nil {
		return Referral{}, err
	}
	return r.outline(), nil
}

// outline is a referral that was opened, without what of it is of class 3.
func (r Referral) outline() Referral {
	if r.Protected {
		r.Content, r.Organisation, r.Partner, r.sealed, r.Veiled = Content{}, "", "", nil, true
		return r
	}
	private := func(code string) bool {
		f, ok := sharing.FieldOf(code)
		return ok && f.Class == 3
	}
	open := sharing.Sheet{}
	for code, value := range r.Sheet {
		if !private(code) {
			open[code] = value
		}
	}
	r.Veiled, r.Sheet = len(open) < len(r.Sheet), open
	r.Fields = slices.DeleteFunc(slices.Clone(r.Fields), private)
	r.Consent.Fields = slices.DeleteFunc(slices.Clone(r.Consent.Fields), private)
	return r
}

// Outlines returns all referrals of a case as Outline does, those of class 3 to who sees what is protected about the person; the latest
// first, as many as a part of a list may hold.
func Outlines(ctx context.Context, q db.Reader, who access.Actor, of cases.ID) ([]Referral, error) {
	c, err := cases.Find(ctx, q, who, of)
	if err != nil {
		return nil, err
	}
	sees, _, err := access.SeesProtected(ctx, q, who, string(c.Person))
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM referrals r WHERE r.case_id = ? AND (r.protected = ? OR r.protected = ?) ORDER BY r.id DESC LIMIT 200`, string(of), false, sees)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list referrals: %w", err)
	}
	for i := range all {
		if err := all[i].open(ctx, q); err != nil {
			return nil, err
		}
		all[i] = all[i].outline()
	}
	return all, nil
}

// hidden tells whether something of it is of class 3.
func (r Referral) hidden() bool { return r.Protected || r.Sheet.Protected() }

// LookAt returns a referral of whatever class to who sees the case, and what is protected about the person where something of it is
// of class 3. Such a look is in the trail.
func LookAt(ctx context.Context, tx *db.Tx, who access.Actor, id ID) (Referral, error) {
	r, _, err := find(ctx, tx, who, id)
	if err != nil {
		return r, err
	}
	if !r.hidden() {
		return r, nil
	}
	ok, _, err := access.SeesProtected(ctx, tx, who, string(r.Person))
	if err != nil {
		return r, err
	}
	if !ok {
		return Referral{}, notFound()
	}
	tx.Allowed()
	return r, audit.Record(ctx, tx, who, access.ReadProtected, audit.Entry{Subject: r.subject(), Person: string(r.Person), Named: []string{"referral"}})
}

// List returns the referrals of class 2 of a case that who may see, the latest first.
func List(ctx context.Context, q db.Reader, who access.Actor, of cases.ID, part cases.Part) ([]Referral, error) {
	if _, err := cases.Find(ctx, q, who, of); err != nil {
		return nil, err
	}
	return list(ctx, q, of, false, part)
}

// Look returns the referrals of class 3 of a case, to who sees what is protected about the person. The look is in the trail.
func Look(ctx context.Context, tx *db.Tx, who access.Actor, of cases.ID, part cases.Part) ([]Referral, error) {
	c, err := cases.Find(ctx, tx, who, of)
	if err != nil {
		return nil, err
	}
	ok, _, err := access.SeesProtected(ctx, tx, who, string(c.Person))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fault.New(fault.Forbidden, "person.protected_not_allowed")
	}
	all, err := list(ctx, tx, of, true, part)
	if err != nil {
		return nil, err
	}
	tx.Allowed()
	return all, audit.Record(ctx, tx, who, access.ReadProtected, audit.Entry{Subject: "case:" + string(of), Person: string(c.Person), Named: []string{"referral"}})
}

func list(ctx context.Context, q db.Reader, of cases.ID, protected bool, part cases.Part) ([]Referral, error) {
	before, limit := part.Range()
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM referrals r WHERE r.case_id = ? AND r.protected = ? AND r.id < ? ORDER BY r.id DESC LIMIT ?`, string(of), protected, before, limit)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list referrals: %w", err)
	}
	for i := range all {
		if err := all[i].open(ctx, q); err != nil {
			return nil, err
		}
		if !protected {
			all[i] = all[i].outline() // a list shows nothing of class 3
		}
	}
	return all, nil
}

// newNumber makes a number that no other referral has. It says nothing of when or where it was made.
func newNumber(ctx context.Context, tx *db.Tx) (string, error) {
	for range 20 {
		var b [8]byte
		if _, err := rand.Read(b[:]); err != nil {
			return "", err
		}
		number := fmt.Sprintf("%08d", 10_000_000+binary.BigEndian.Uint64(b[:])%90_000_000)
		var n int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM referrals WHERE number = ?`, number).Scan(&n); err != nil || n == 0 {
			return number, err
		}
	}
	return "", errors.New("no free number for a referral")
}

// text checks what somebody typed. Least is how many letters it needs.
func text(s *string, least, most int, field string) *fault.Error {
	clean, problem := names.CheckText(*s, most)
	switch *s = clean; {
	case problem != "":
		return fault.New(fault.Invalid, problem).With("max", most).On(field)
	case clean == "" && least > 0:
		return fault.New(fault.Invalid, "fault.needed").On(field)
	case len([]rune(clean)) < least:
		return fault.New(fault.Invalid, "fault.too_short").With("min", least).On(field)
	}
	return nil
}

func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}
