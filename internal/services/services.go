// SPDX-License-Identifier: Apache-2.0

// Package services keeps what can be given to people and what was given to whom: the ordinary in one line, what is protected
// sealed, money after somebody else allowed it.
//
// What a kind of service asks (its unit, its class, its conditions and papers, its further questions) is data, dated. A service
// belongs to a case and is seen by who sees that; one of class 3 by who sees what is protected about the person, and the notes of a
// session by who held it. Of some she is to be told each month how they stand; whose turn it is, is in a list that says no more. Amounts are whole poisha. Nothing that was logged is changed: it is undone with a reason, and logged anew.
package services

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/seal"
)

// ID identifies a service that was given.
type ID string

// State is where a service stands.
type State string

// The states. What is no money is given at once; money is asked for, and paid when it was allowed.
const (
	Given  State = "given"
	Asked  State = "asked"
	Paid   State = "paid"
	Undone State = "undone"
)

// Service is something given, or money that was asked for.
type Service struct {
	ID        ID
	Case      cases.ID
	Person    persons.ID
	Code      string
	Protected bool
	State     State
	On        dates.Partial
	Client    string // member of the case to whom it was given; to her when empty
	Quantity  int
	Amount    int64  // in poisha
	Approval  string // that allows the money; empty when who gives it may do so alone
	Same      int    // how often the same was known to have been given when this was asked for
	Office    string
	User      string
	By        string
	At        time.Time
	Replaces  ID // which this corrects
	EndedBy   string
	EndedAt   time.Time
	HasNotes  bool
	Promise   *Promise // read by Look alone; nothing for what she is not told about
	Content

	sealed, notes []byte
}

// Content is what is sealed of a service.
type Content struct {
	Remark  string            `json:"remark,omitempty"`
	Details map[string]string `json:"details,omitempty"`
	Receipt string            `json:"receipt,omitempty"`
	Witness string            `json:"witness,omitempty"` // who else was there when it was handed over
	Foreign Foreign           `json:"foreign,omitzero"`  // what was handed over, when it was not taka
	Why     string            `json:"why,omitempty"`     // it was undone
	Code    string            `json:"code,omitempty"`    // of what is of class 3
}

const columns = `s.id, s.case_id, s.person_id, s.code, s.protected, s.state, s.given_on, s.client, s.quantity, s.amount, s.approval, s.same, s.office_id, s.user_id, s.user_name,
	s.at, s.replaces, s.ended_by, s.ended_at, s.sealed, s.notes`

func scan(row interface{ Scan(...any) error }) (s Service, err error) {
	err = row.Scan(&s.ID, &s.Case, &s.Person, &s.Code, &s.Protected, &s.State, &s.On, &s.Client, &s.Quantity, &s.Amount, &s.Approval, &s.Same, &s.Office, &s.User, &s.By,
		db.Time(&s.At), &s.Replaces, &s.EndedBy, db.NullTime(&s.EndedAt), &s.sealed, &s.notes)
	s.HasNotes = s.notes != nil
	return s, err
}

func (s *Service) open(ctx context.Context, q db.Reader) error {
	if err := seal.FromJSON(ctx, q, seal.Place{Subject: string(s.Person), Name: "services.sealed:" + string(s.ID), Sealed: s.sealed}, &s.Content); err != nil {
		return fmt.Errorf("open service: %w", err)
	}
	if s.Protected {
		s.Code = s.Content.Code
	}
	return nil
}

func (s Service) subject() string { return "service:" + string(s.ID) }

// act is the permission under which the trail enters what is done to a service, so that what hides class 3 hides it.
func (s Service) act() access.Permission {
	if s.Protected {
		return access.ChangeProtected
	}
	return access.NoteCase
}

func notFound() error { return fault.New(fault.NotFound, "service.not_found") }

// List returns the services of class 2 of a case that who may see, the latest first.
func List(ctx context.Context, q db.Reader, who access.Actor, of cases.ID, part cases.Part) ([]Service, error) {
	if _, err := cases.Find(ctx, q, who, of); err != nil {
		return nil, err
	}
	return list(ctx, q, of, false, part)
}

// Find returns a service of class 2 that who may see.
func Find(ctx context.Context, q db.Reader, who access.Actor, id ID) (Service, error) {
	s, err := find(ctx, q, who, id)
	if err == nil && s.Protected {
		return Service{}, notFound()
	}
	return s, err
}

// Behind returns the money that others are asked to decide on, and what of the same was paid or asked for before, so that who
// decides has seen it.
func Behind(ctx context.Context, q db.Reader, who access.Actor, a cases.Approval) (Service, []Payment, error) {
	id, ok := strings.CutPrefix(a.Subject, "service:")
	if !ok {
		return Service{}, nil, notFound()
	}
	s, err := Find(ctx, q, who, ID(id))
	if err != nil {
		return Service{}, nil, err
	}
	before, err := Same(ctx, q, who, s.Case, s.Code)
	return s, slices.DeleteFunc(before, func(p Payment) bool { return p.Service == s.ID }), err
}

// mostOf is how many services of each case Of returns at most.
const mostOf = 200

// Of returns what of class 2 was given to a person in the cases that who may see, the earliest first; what was undone is left out, and money that
// was asked for and not paid.
func Of(ctx context.Context, q db.Reader, who access.Actor, person persons.ID) (all []Service, err error) {
	hers, err := cases.Of(ctx, q, who, person)
	if err != nil {
		return nil, err
	}
	for _, c := range hers {
		some, err := list(ctx, q, c.ID, false, cases.Part{Limit: mostOf})
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	all = slices.DeleteFunc(all, func(s Service) bool { return s.State != Given && s.State != Paid })
	slices.SortFunc(all, func(a, b Service) int {
		return cmp.Or(cmp.Compare(a.On.String(), b.On.String()), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

// Total is how much of a kind was given in a case.
type Total struct {
	Code     string
	Times    int
	Quantity int
	Amount   int64 // in poisha
}

// Totals returns how much of class 2 was given in a case that who may see, by code; what was undone, and money that was not paid, is left out.
func Totals(ctx context.Context, q db.Reader, who access.Actor, of cases.ID) ([]Total, error) {
	if _, err := cases.Find(ctx, q, who, of); err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT code, count(*), sum(quantity), sum(amount) FROM services WHERE case_id = ? AND protected = FALSE AND state IN ('given', 'paid') GROUP BY code ORDER BY code`, string(of))
	return db.Collect(rows, err, func(r interface{ Scan(...any) error }) (t Total, err error) {
		err = r.Scan(&t.Code, &t.Times, &t.Quantity, &t.Amount)
		return t, err
	})
}

// TotalsOf sums up services that were read, such as those that Look returned.
func TotalsOf(all []Service) (some []Total) {
	for _, s := range all {
		if s.State != Given && s.State != Paid {
			continue
		}
		at := slices.IndexFunc(some, func(t Total) bool { return t.Code == s.Code })
		if at < 0 {
			some, at = append(some, Total{Code: s.Code}), len(some)
		}
		some[at].Times++
		some[at].Quantity += s.Quantity
		some[at].Amount += s.Amount
	}
	slices.SortFunc(some, func(a, b Total) int { return cmp.Compare(a.Code, b.Code) })
	return some
}

// Look returns the services of class 3 of a case, to who sees what is protected about the person. The look is in the trail.
func Look(ctx context.Context, tx *db.Tx, who access.Actor, of cases.ID, part cases.Part) ([]Service, error) {
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
	if err := promises(ctx, tx, of, all); err != nil {
		return nil, err
	}
	tx.Allowed()
	return all, audit.Record(ctx, tx, who, access.ReadProtected, audit.Entry{Subject: "case:" + string(of), Person: string(c.Person), Named: []string{"service"}})
}

func list(ctx context.Context, q db.Reader, of cases.ID, protected bool, part cases.Part) ([]Service, error) {
	before, limit := part.Range()
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM services s WHERE s.case_id = ? AND s.protected = ? AND s.id < ? ORDER BY s.id DESC LIMIT ?`, string(of), protected, before, limit)
	all, err := db.Collect(rows, err, scan)
	for i := range all {
		if err := all[i].open(ctx, q); err != nil {
			return nil, err
		}
	}
	return all, err
}

// Notes returns the notes of a session, to who held it, or to who broke the glass over the person. The look is in the trail.
func Notes(ctx context.Context, tx *db.Tx, who access.Actor, id ID) (string, error) {
	s, err := find(ctx, tx, who, id)
	if err != nil {
		return "", err
	}
	ok, until, err := access.SeesProtected(ctx, tx, who, string(s.Person))
	if err != nil {
		return "", err
	}
	if s.notes == nil || !ok {
		return "", notFound()
	}
	if s.User != who.ID && until.IsZero() {
		return "", fault.New(fault.Forbidden, "service.notes_not_yours")
	}
	text, err := seal.Open(ctx, tx, string(s.Person), "services.notes:"+string(s.ID), s.notes)
	if err != nil {
		return "", err
	}
	tx.Allowed()
	return string(text), audit.Record(ctx, tx, who, access.ReadProtected, audit.Entry{Subject: s.subject(), Person: string(s.Person), Named: []string{"session_notes"}})
}

// Forget takes out what was given to a person who was erased whatever she could be known by. What stays is what the totals
// need: the kind where it is not protected, the day, how much.
func Forget(ctx context.Context, tx *db.Tx, person persons.ID) error {
	for _, statement := range []string{
		`DELETE FROM service_tellings WHERE service_id IN (SELECT id FROM services WHERE person_id = ?)`,
		`DELETE FROM service_clocks WHERE service_id IN (SELECT id FROM services WHERE person_id = ?)`,
		`DELETE FROM services WHERE person_id = ? AND protected = TRUE`,
	} {
		if _, err := tx.Exec(ctx, statement, string(person)); err != nil {
			return fmt.Errorf("forget services: %w", err)
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE services SET client = '', user_id = '', user_name = '', ended_by = '', approval = '' WHERE person_id = ?`, string(person)); err != nil {
		return fmt.Errorf("forget services: %w", err)
	}
	return nil
}
