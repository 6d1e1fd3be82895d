// SPDX-License-Identifier: Apache-2.0

// Package programmes keeps what a programme asks of its cases: how long there is for what, when plans are reviewed, what one
// person may not decide alone; and for which reasons a case is closed, with what has to be done before. All of it is data:
// it ships, and an administrator sets it differently from a day on. Budgets, funders and targets are not here.
package programmes

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/deadlines"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
)

// Programme is what a programme asks of its cases. The terms and limits of the one that ships are ours, except that a plan is
// wanted within one month of return; a programme manager has an administrator set others.
type Programme struct {
	Code   string `json:"code"`
	NameBn string `json:"name_bn"`
	NameEn string `json:"name_en"`

	Assign    deadlines.Term `json:"assign"`    // from the opening until somebody has it
	Assess    deadlines.Term `json:"assess"`    // from then until it is assessed
	Plan      deadlines.Term `json:"plan"`      // from her return until a plan is agreed; from the opening if that would be over by then
	Start     deadlines.Term `json:"start"`     // from the plan until it is begun
	AfterCare deadlines.Term `json:"aftercare"` // how long she is looked after when it is closed
	Reviews   []int          `json:"reviews"`   // months after the plan was agreed
	Untouched int            `json:"untouched_days"`

	ApprovePlan    bool  `json:"approve_plan"`
	ApproveClosure bool  `json:"approve_closure"`
	AloneUpTo      int64 `json:"alone_up_to"` // in poisha: what the caseworker may give without asking
	OneUpTo        int64 `json:"one_up_to"`   // in poisha: what one other may allow; above, two others

	Reminders []deadlines.Rung `json:"reminders"`

	Closures []Closure       `json:"closures,omitempty"` // its own reasons for closing, instead of those that ship
	Duties   map[string]Duty `json:"duties,omitempty"`   // its own duties, beside those that ship

	// Version is how many Versions there were when somebody began to change it. Set refuses when there are more by then; 0 stands for any.
	Version int `json:"-"`
}

// The people whom a reminder may be for.
const (
	ToWorker     = "worker"
	ToSupervisor = "supervisor"
)

// Deciders is how many others have to allow an amount of money.
func (p Programme) Deciders(amount int64) int {
	switch {
	case amount <= p.AloneUpTo:
		return 0
	case amount <= p.OneUpTo:
		return 1
	}
	return 2
}

var codeShape = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)

// check refuses what would leave a case without terms, or a supervisor without reminders.
func (p *Programme) check() *fault.Error {
	var faults []*fault.Error
	bad := func(key, field string) { faults = append(faults, fault.New(fault.Invalid, key).On(field)) }
	if !codeShape.MatchString(p.Code) {
		bad("programme.code", "code")
	}
	for field, name := range map[string]*string{"name_bn": &p.NameBn, "name_en": &p.NameEn} {
		clean, problem := names.Check(*name, 120)
		if *name = clean; problem != "" || clean == "" {
			bad("fault.needed", field)
		}
	}
	for field, t := range map[string]deadlines.Term{"assign": p.Assign, "assess": p.Assess, "plan": p.Plan, "start": p.Start, "aftercare": p.AfterCare} {
		if t.Check() != nil {
			bad("calendar.term_implausible", field)
		}
	}
	if len(p.Reviews) > 24 || slices.ContainsFunc(p.Reviews, func(m int) bool { return m < 1 || m > 60 }) {
		bad("calendar.term_implausible", "reviews")
	}
	if p.Untouched < 1 || p.Untouched > 365 {
		bad("calendar.term_implausible", "untouched_days")
	}
	if p.AloneUpTo < 0 || p.OneUpTo < p.AloneUpTo {
		bad("programme.limits", "one_up_to")
	}
	known := func(r deadlines.Rung) bool {
		return slices.Contains([]string{ToWorker, ToSupervisor}, r.To) && r.Days >= -30 && r.Days <= 90
	}
	if len(p.Reminders) > 20 || !slices.ContainsFunc(p.Reminders, func(r deadlines.Rung) bool { return r.To == ToSupervisor }) ||
		slices.ContainsFunc(p.Reminders, func(r deadlines.Rung) bool { return !known(r) }) {
		bad("programme.reminders", "reminders")
	}
	faults = append(faults, p.checkReasons()...)
	slices.Sort(p.Reviews)
	return fault.Join(faults...)
}

//go:embed data/programmes.json
var programmesText []byte

var shipped = sync.OnceValue(func() (all []Programme) {
	if err := json.Unmarshal(programmesText, &all); err != nil {
		panic(err) // a test reads the file
	}
	return all
})

// Set says what a programme asks of its cases from a day on: one that ships differently, or one of its own.
func Set(ctx context.Context, tx *db.Tx, who access.Actor, p Programme, from dates.Partial) error {
	if err := access.CheckAnywhere(tx, who, access.ManageCases); err != nil {
		return err
	}
	p.Reviews = slices.Clone(p.Reviews)
	if f := p.check(); f != nil {
		return f
	}
	if from.Precision() != dates.Day || from.Check() != nil || from.SurelyBefore(dates.Of(tx.Now())) {
		return fault.New(fault.Invalid, "programme.from").On("from")
	}
	versions, err := Versions(ctx, tx, p.Code)
	if err != nil {
		return err
	}
	if p.Version != 0 && p.Version != len(versions) {
		return fault.New(fault.Conflict, "programme.changed_meanwhile")
	}
	definition, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO programmes (id, code, starts, definition, user_name, at) VALUES (?, ?, ?, ?, ?, ?)`,
		ids.New(tx.Now()), p.Code, from.String(), string(definition), who.Name, tx.Now()); err != nil {
		return fmt.Errorf("set programme: %w", err)
	}
	tx.Forget(programmeOf(p.Code))
	return audit.Record(ctx, tx, who, access.ManageCases, audit.Entry{Subject: "programme:" + p.Code, After: p})
}

// programmeOf is the name under which a transaction remembers a programme.
type programmeOf string

// Find returns a programme as it is today.
func Find(ctx context.Context, q db.Reader, code string) (Programme, error) {
	found, err := q.Memo(programmeOf(code), func() (any, error) { return On(ctx, q, code, dates.Of(q.Now())) })
	if err != nil {
		return Programme{}, err
	}
	return found.(Programme), nil
}

// On returns a programme as it is on a day.
func On(ctx context.Context, q db.Reader, code string, day dates.Partial) (p Programme, err error) {
	versions, err := Versions(ctx, q, code)
	if err != nil {
		return p, err
	}
	for _, v := range versions {
		if !day.SurelyBefore(v.From) {
			p = v.Programme
		}
	}
	if p.Code == "" {
		return p, fault.New(fault.Invalid, "programme.unknown").On("programme")
	}
	return p, nil
}

// Version is a programme as somebody set it from a day on. The one that ships is from no day, and nobody set it.
type Version struct {
	Programme
	From dates.Partial
	By   string
	At   time.Time
}

// Versions returns all that a programme was and will be, in the order in which they take effect: the one set last for a day
// comes last of that day, and holds.
func Versions(ctx context.Context, q db.Reader, code string) (all []Version, err error) {
	rows, err := q.Query(ctx, `SELECT definition, starts, user_name, at FROM programmes WHERE code = ? ORDER BY starts, at, id`, code)
	all, err = db.Collect(rows, err, func(row interface{ Scan(...any) error }) (v Version, err error) {
		var definition string
		if err = row.Scan(&definition, &v.From, &v.By, db.Time(&v.At)); err == nil {
			err = json.Unmarshal([]byte(definition), &v.Programme)
		}
		return v, err
	})
	if err != nil {
		return nil, fmt.Errorf("find programme: %w", err)
	}
	if i := slices.IndexFunc(shipped(), func(p Programme) bool { return p.Code == code }); i >= 0 {
		all = slices.Insert(all, 0, Version{Programme: shipped()[i]})
	}
	return all, nil
}

// Codes returns the codes of all programmes that there are or will be, in order.
func Codes(ctx context.Context, q db.Reader) ([]string, error) { return codes(ctx, q, "9999") }

// List returns those in which a case can be opened today, by code.
func List(ctx context.Context, q db.Reader) (all []Programme, err error) {
	some, err := codes(ctx, q, dates.Of(q.Now()).String())
	if err != nil {
		return nil, err
	}
	for _, code := range some {
		p, err := Find(ctx, q, code)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

func codes(ctx context.Context, q db.Reader, upTo string) ([]string, error) {
	rows, err := q.Query(ctx, `SELECT DISTINCT code FROM programmes WHERE starts <= ?`, upTo)
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (s string, err error) { err = row.Scan(&s); return s, err })
	if err != nil {
		return nil, fmt.Errorf("list programmes: %w", err)
	}
	for _, p := range shipped() {
		all = append(all, p.Code)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}
