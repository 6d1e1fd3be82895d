// SPDX-License-Identifier: Apache-2.0

package services

import (
	"context"
	"fmt"
	"slices"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/names"
	"fera/internal/persons"
	"fera/internal/seal"
)

// Payment is money of the same kind that was paid or asked for before, to her or to somebody of her household.
type Payment struct {
	Service   ID
	Household bool // to another of the household
	State     State
	On        dates.Partial
	Amount    int64
	Office    string
}

// Same returns what was paid or asked for of a kind of money to the person of a case and to her household, as far back as the
// kind says: in any case, over all records that who sees. It is shown before money is asked for, and before it is allowed.
func Same(ctx context.Context, q db.Reader, who access.Actor, of cases.ID, code string) ([]Payment, error) {
	c, err := cases.Find(ctx, q, who, of)
	if err != nil {
		return nil, err
	}
	k, err := FindKind(ctx, q, code, dates.Of(q.Now()))
	if err != nil {
		return nil, err
	}
	return same(ctx, q, who, c, k)
}

func same(ctx context.Context, q db.Reader, who access.Actor, c cases.Case, k Kind) (all []Payment, err error) {
	hers, theirs, err := household(ctx, q, who, c.Person)
	if err != nil {
		return nil, fmt.Errorf("find household: %w", err)
	}
	since := ""
	if k.SameDays > 0 {
		since = dates.Of(q.Now()).Add(-k.SameDays).String()
	}
	args := []any{k.Code, since}
	for _, id := range append(slices.Clone(hers), theirs...) {
		args = append(args, string(id))
	}
	rows, err := q.Query(ctx, `SELECT id, person_id, state, given_on, amount, office_id FROM services
		WHERE code = ? AND given_on >= ? AND person_id IN `+db.In(len(args)-2)+` AND state IN ('asked', 'paid') AND protected = FALSE
		AND NOT EXISTS (SELECT 1 FROM case_approvals a WHERE a.id = services.approval AND a.status = 'refused') ORDER BY given_on DESC, id DESC`, args...)
	all, err = db.Collect(rows, err, func(r interface{ Scan(...any) error }) (p Payment, err error) {
		var person persons.ID
		err = r.Scan(&p.Service, &person, &p.State, &p.On, &p.Amount, &p.Office)
		p.Household = !slices.Contains(hers, person)
		return p, err
	})
	return all, err
}

// household are the records of a person and of those who live with her, as the register says it of either, that who sees.
func household(ctx context.Context, q db.Reader, who access.Actor, person persons.ID) (hers, theirs []persons.ID, err error) {
	if hers, err = persons.Records(ctx, q, who, access.ReadPersons, person); err != nil {
		return nil, nil, err
	}
	her, err := persons.Find(ctx, q, who, person)
	if err != nil {
		return nil, nil, err
	}
	var others []persons.ID
	for _, r := range her.Relations {
		if r.LivesWith && r.Other != "" {
			others = append(others, r.Other)
		}
	}
	args := []any{}
	for _, id := range hers {
		args = append(args, string(id))
	}
	rows, err := q.Query(ctx, `SELECT DISTINCT person_id FROM person_relations WHERE other_id IN `+db.In(len(args))+` AND lives_with = TRUE AND ended_at IS NULL`, args...)
	more, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (id persons.ID, err error) {
		err = r.Scan(&id)
		return id, err
	})
	if err != nil {
		return nil, nil, err
	}
	for _, other := range append(others, more...) {
		of, err := persons.Records(ctx, q, who, access.ReadPersons, other)
		if err != nil {
			return nil, nil, err
		}
		theirs = append(theirs, of...)
	}
	slices.Sort(theirs)
	return hers, slices.Compact(theirs), nil
}

// ask makes money asked for: who asks has seen what was paid before, and others decide as the programme says.
func (s *Service) ask(ctx context.Context, tx *db.Tx, who access.Actor, on desk) error {
	if _, err := cases.Begin(ctx, tx, who, s.Case, cases.Acting{Act: cases.Ask}); err != nil {
		return err
	}
	before, err := same(ctx, tx, who, on.Case, on.kind)
	if err != nil {
		return err
	}
	if len(before) != on.giving.Same {
		return fault.New(fault.Conflict, "service.same_given").With("count", len(before)).On("same")
	}
	a, err := cases.AskFor(ctx, tx, who, on.Case, cases.Asking{Kind: cases.OfMoney, Subject: s.subject(), Amount: s.Amount, Why: s.Remark})
	if err != nil {
		return err
	}
	s.State, s.Approval, s.Same = Asked, a.ID, len(before)
	return nil
}

// Paying says that money was handed over, or goods of that worth.
type Paying struct {
	Service ID
	Receipt string // number of the receipt that she signed
	Witness string // who else was there; need not be given
}

// Pay notes that money was handed over, when it was allowed. If the same was given meanwhile, it is not paid.
func Pay(ctx context.Context, tx *db.Tx, who access.Actor, p Paying) error {
	s, err := find(ctx, tx, who, p.Service)
	if err != nil {
		return err
	}
	c, err := cases.Begin(ctx, tx, who, s.Case, cases.Acting{Act: cases.Ask})
	if err != nil {
		return err
	}
	if s.State != Asked {
		return fault.New(fault.Conflict, "service.not_asked")
	}
	if s.Approval != "" {
		a, err := cases.FindApproval(ctx, tx, who, c.ID, s.Approval)
		if err != nil {
			return err
		}
		if a.Decision != cases.Approved || a.Amount != s.Amount {
			return fault.New(fault.Conflict, "service.not_allowed_yet")
		}
	}
	receipt, problem := names.Check(p.Receipt, 60)
	if problem != "" || receipt == "" {
		return fault.New(fault.Invalid, "service.receipt_needed").On("receipt")
	}
	k, err := FindKind(ctx, tx, s.Code, s.On)
	if err != nil {
		return err
	}
	before, err := same(ctx, tx, who, c, k)
	if err != nil {
		return err
	}
	before = slices.DeleteFunc(before, func(p Payment) bool { return p.Service == s.ID })
	if len(before) > s.Same {
		return fault.New(fault.Conflict, "service.same_given").With("count", len(before))
	}
	if s.Witness, problem = names.Check(p.Witness, 120); problem != "" {
		return fault.New(fault.Invalid, problem).With("max", 120).On("witness")
	}
	s.Receipt = receipt
	sealed, err := seal.JSON(ctx, tx, string(s.Person), "services.sealed:"+string(s.ID), s.Content)
	if err != nil {
		return fmt.Errorf("pay: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE services SET state = 'paid', given_on = ?, sealed = ? WHERE id = ?`, dates.Of(tx.Now()).String(), sealed, string(s.ID)); err != nil {
		return fmt.Errorf("pay: %w", err)
	}
	if err := cases.Touch(ctx, tx, c.ID); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.WorkCase, audit.Entry{Subject: s.subject(), Person: string(s.Person), After: map[string]any{"paid": s.Amount, "receipt": receipt}})
}
