// SPDX-License-Identifier: Apache-2.0

package projects

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/operations"
	"fera/internal/services"
)

// Kind is what sort of money an entry is about.
type Kind string

// The kinds of entries.
const (
	Budget    Kind = "budget"    // planned for a line and a time
	Committed Kind = "committed" // promised by who pays
	Received  Kind = "received"  // came in
	Disbursed Kind = "disbursed" // passed on to a partner
	Spent     Kind = "spent"
)

// Kinds returns the kinds of entries, in the order in which they are offered.
func Kinds() []Kind { return []Kind{Budget, Committed, Received, Disbursed, Spent} }

// Entry is a line in the book of a project. It is never changed.
type Entry struct {
	ID       string
	Kind     Kind
	Line     string // code of the line of the budget; empty for none
	Currency string
	Amount   int64 // in hundredths; below zero for one that reverses another
	On       dates.Partial
	Until    dates.Partial // of a budget
	Partner  string        // name of who gave or got it
	Says     string
	Reverses string // id of the entry that this takes back
	Reversed bool
	By       string
	At       time.Time
}

// Entering enters money in the book of a project.
type Entering struct {
	Operation string        `json:"-"` // id of the act; see package operations
	Project   ID            `json:"project"`
	Kind      Kind          `json:"kind"`
	Line      string        `json:"line,omitempty"`
	Currency  string        `json:"currency"`
	Amount    int64         `json:"amount"`
	On        dates.Partial `json:"on"`
	Until     dates.Partial `json:"until,omitzero"`
	Partner   string        `json:"partner,omitempty"`
	Says      string        `json:"says,omitempty"`
}

// mostAmount is more than any project has: a thousand crore.
const mostAmount = 10_000_000_000 * 100

// Enter enters money. The act may be repeated with the same operation id.
func Enter(ctx context.Context, tx *db.Tx, who access.Actor, e Entering) (string, error) {
	p, err := managed(ctx, tx, who, e.Project)
	if err != nil {
		return "", err
	}
	id := ids.Beside(string(p.ID), tx.Now())
	same, err := json.Marshal(e)
	if err != nil {
		return "", err
	}
	if earlier, err := operations.Once(ctx, tx, who, e.Operation, id, same); err != nil || earlier != "" {
		if earlier != "" {
			tx.Recorded() // the trail has the act already
		}
		return earlier, err
	}
	if f := e.check(p, dates.Of(tx.Now())); f != nil {
		return "", f
	}
	entry := Entry{ID: id, Kind: e.Kind, Line: e.Line, Currency: e.Currency, Amount: e.Amount, On: e.On, Until: e.Until, Partner: e.Partner, Says: e.Says}
	if err := entry.insert(ctx, tx, who, p.ID); err != nil {
		return "", err
	}
	return id, audit.Record(ctx, tx, who, access.ManageProjects, audit.Entry{Subject: p.subject(), After: map[string]Entering{string(e.Kind): e}})
}

func (e *Entering) check(p Project, today dates.Partial) *fault.Error {
	c := &checking{}
	if !slices.Contains(Kinds(), e.Kind) {
		c.bad("fault.bad_choice", "kind")
	}
	if digits, err := services.Decimals(e.Currency); err != nil || digits != 2 {
		c.bad("project.currency", "currency")
	}
	if e.Amount < 1 || e.Amount > mostAmount {
		c.bad("project.amount", "amount")
	}
	if e.Line != "" && !slices.ContainsFunc(p.Lines, func(l Line) bool { return l.Code == e.Line }) {
		c.bad("project.line_unknown", "line")
	}
	if e.On.Precision() != dates.Day || e.On.Check() != nil || e.Kind != Budget && e.On.CheckPast(today) != nil {
		c.bad("project.day", "on")
	}
	switch {
	case e.Kind != Budget && !e.Until.IsZero():
		c.bad("project.until_for_budget", "until")
	case e.Kind == Budget && (e.Until.Precision() != dates.Day || e.Until.Check() != nil || e.Until.SurelyBefore(e.On)):
		c.bad("project.ends_before", "until")
	}
	c.text(&e.Partner, mostTitle, "partner")
	c.text(&e.Says, 1000, "says")
	return fault.Join(c.faults...)
}

func (e Entry) insert(ctx context.Context, tx *db.Tx, who access.Actor, project ID) error {
	if _, err := tx.Exec(ctx, `INSERT INTO project_entries (id, project_id, kind, line, currency, amount, on_day, until_day, partner, says, reverses, user_id, user_name, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, e.ID, string(project), string(e.Kind), e.Line, e.Currency, e.Amount, e.On.String(), e.Until.String(), e.Partner, e.Says, e.Reverses,
		who.ID, who.Name, tx.Now()); err != nil {
		return fmt.Errorf("enter money: %w", err)
	}
	return nil
}

// Reversal takes back an entry.
type Reversal struct {
	Project ID
	Entry   string
	Why     string
}

// Reverse takes an entry back by another with the same amount below zero. An entry is taken back once, and what takes back is not.
func Reverse(ctx context.Context, tx *db.Tx, who access.Actor, r Reversal) error {
	p, err := managed(ctx, tx, who, r.Project)
	if err != nil {
		return err
	}
	if f := text(&r.Why, 3, 500, "why"); f != nil {
		return f
	}
	all, err := entries(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(e Entry) bool { return e.ID == r.Entry })
	if i < 0 {
		return fault.New(fault.NotFound, "project.entry_unknown")
	}
	e := all[i]
	if e.Reversed || e.Reverses != "" {
		return fault.New(fault.Conflict, "project.reversed_already")
	}
	e.ID, e.Amount, e.Reverses, e.Says = ids.Beside(string(p.ID), tx.Now()), -e.Amount, e.ID, r.Why
	if err := e.insert(ctx, tx, who, p.ID); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.ManageProjects, audit.Entry{Subject: p.subject(), After: map[string]any{"reversed": r.Entry, "amount": e.Amount}, Reason: r.Why})
}

// Money returns the book of a project that who may see, in the order in which it was entered.
func Money(ctx context.Context, q db.Reader, who access.Actor, id ID) ([]Entry, error) {
	p, err := Find(ctx, q, who, id)
	if err != nil {
		return nil, err
	}
	if !SeesMoney(who, p) {
		return nil, fault.New(fault.Forbidden, "access.not_allowed")
	}
	return entries(ctx, q, id)
}

// SeesMoney tells whether who may see the book of a project that she sees: who reads money in the organisation whose it is.
func SeesMoney(who access.Actor, p Project) bool {
	return who.Covers(access.ReadProjectMoney, access.AtOffice(p.Office), access.OfOrganisation(p.Organisation))
}

func entries(ctx context.Context, q db.Reader, id ID) ([]Entry, error) {
	rows, err := q.Query(ctx, `SELECT e.id, e.kind, e.line, e.currency, e.amount, e.on_day, e.until_day, e.partner, e.says, e.reverses, e.user_name, e.at, r.id
		FROM project_entries e LEFT JOIN project_entries r ON r.reverses = e.id AND r.reverses <> '' WHERE e.project_id = ? ORDER BY e.id`, string(id))
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (e Entry, err error) {
		var by sql.NullString
		err = r.Scan(&e.ID, &e.Kind, &e.Line, &e.Currency, &e.Amount, &e.On, &e.Until, &e.Partner, &e.Says, &e.Reverses, &e.By, db.Time(&e.At), &by)
		e.Reversed = by.Valid
		return e, err
	})
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("list money: %w", err)
	}
	return all, nil
}

// Total is what the entries of one line and currency come to.
type Total struct {
	Line     string
	Currency string
	Sums     map[Kind]int64 // in hundredths
}

// Left is what of the budget was neither spent nor passed on.
func (t Total) Left() int64 { return t.Sums[Budget] - t.Sums[Spent] - t.Sums[Disbursed] }

// Totals sums up entries by line and currency; what was reversed comes to nothing.
func Totals(all []Entry) (totals []Total) {
	for _, e := range all {
		i := slices.IndexFunc(totals, func(t Total) bool { return t.Line == e.Line && t.Currency == e.Currency })
		if i < 0 {
			totals, i = append(totals, Total{e.Line, e.Currency, map[Kind]int64{}}), len(totals)
		}
		totals[i].Sums[e.Kind] += e.Amount
	}
	slices.SortFunc(totals, func(a, b Total) int {
		return cmp.Or(cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.Line, b.Line))
	})
	return totals
}
