// SPDX-License-Identifier: Apache-2.0

// Package cases holds the file that an office keeps on one person's return: who works with her, where it stands, what is due
// when, who decided what, until it is closed and perhaps taken up again.
//
// What may be done with a case is one pure function, Possible, of the case and of the rights of who asks. Every act
// asks the same function, so that buttons, the API and the field app cannot disagree with it.
//
// A case lies in scopes of its own: its office, its organisation and its caseworker. It belongs to one record of a person
// (see package ties). Its course is class 2; notes may be class 3. Whatever people type is sealed under the person's key.
// What was planned and what was given stand above: packages plans and services.
package cases

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
	"fera/internal/persons"
	"fera/internal/seal"
)

// ID identifies a case.
type ID string

// Status is where a case stands.
type Status string

// The statuses, in order of life. A case that is reopened begins again at Assigned, or at Intake when nobody has it any more.
const (
	Intake    Status = "intake"
	Assigned  Status = "assigned"
	Assessed  Status = "assessed"
	Planned   Status = "planned"
	Active    Status = "active" // the plan is being carried out
	Closed    Status = "closed"
	AfterCare Status = "aftercare"
)

// Statuses returns all statuses in order of life.
func Statuses() []Status {
	return []Status{Intake, Assigned, Assessed, Planned, Active, Closed, AfterCare}
}

// Risk is how much danger a caseworker sees; the reason is written down beside it.
type Risk string

// The risks, the least first. A case that was not assessed has none.
const (
	Unrated  Risk = ""
	Low      Risk = "low"
	Medium   Risk = "medium"
	High     Risk = "high"
	Critical Risk = "critical"
)

// Never is the due date of a case for which nothing is due.
const Never = "9999-12-31"

// Case is the file itself.
type Case struct {
	ID           ID         `json:"id"`
	Person       persons.ID `json:"person"`
	Registration string     `json:"-"` // through which it belongs to her
	Programme    string     `json:"programme"`
	Organisation string     `json:"organisation"`
	Office       string     `json:"office"`
	Worker       string     `json:"worker"` // empty until somebody has it
	WorkerName   string     `json:"worker_name"`
	Status       Status     `json:"status"`
	Origin       string     `json:"origin"` // see Origins
	Risk         Risk       `json:"risk"`
	Openings     int        `json:"openings"` // 1, and one more each time it was reopened
	Closure      string     `json:"closure"`  // code, see package programmes; of the last closing
	Paused       bool       `json:"paused"`   // its clock stands still
	DueFor       string     `json:"due_for"`  // what is due next: assign, assess, plan, start, review, aftercare
	DueOn        string     `json:"due_on"`   // the day, or Never
	OpenedAt     time.Time  `json:"-"`
	TouchedAt    time.Time  `json:"-"` // when something of class 2 was last done
	VisitedOn    string     `json:"-"` // day of the last visit that was noted, empty before the first
	ClosedAt     time.Time  `json:"-"`
	Version      int        `json:"-"` // grows by one with each act of class 2

	returned  string // day of her return, if it was known when the case was opened
	clockFrom string // day from which the present term runs
	clockDue  string // day that was set instead of a term, such as a review's
	alarmTo   string
	alarmAt   time.Time
	endedAt   time.Time
}

// Live tells whether somebody is still responsible: it is not closed, or in after-care.
func (c Case) Live() bool { return c.Status != Closed }

// Late tells whether what is due is overdue on a day.
func (c Case) Late(today dates.Partial) bool { return c.DueOn < today.String() }

// scopes are where the case lies.
func (c Case) scopes() []access.Scope {
	scopes := []access.Scope{access.AtOffice(c.Office), access.OfOrganisation(c.Organisation)}
	if c.Worker != "" {
		scopes = append(scopes, access.OnCaseload(c.Worker))
	}
	return scopes
}

func (c Case) subject() string { return "case:" + string(c.ID) }

const columns = `c.id, c.person_id, c.registration_id, c.programme, c.organisation_id, c.office_id, c.worker_id, c.worker_name, c.status, c.origin, c.risk,
	c.openings, c.closure, c.returned_on, c.clock_from, c.clock_due, c.paused, c.due_for, c.due_on, c.alarm_to, c.alarm_at, c.opened_at, c.touched_at, c.closed_at,
	c.ended_at, c.version, c.visited_on`

type scanner interface{ Scan(...any) error }

func scan(row scanner) (c Case, err error) {
	err = row.Scan(&c.ID, &c.Person, &c.Registration, &c.Programme, &c.Organisation, &c.Office, &c.Worker, &c.WorkerName, &c.Status, &c.Origin, &c.Risk,
		&c.Openings, &c.Closure, &c.returned, &c.clockFrom, &c.clockDue, &c.Paused, &c.DueFor, &c.DueOn, &c.alarmTo, db.NullTime(&c.alarmAt), db.Time(&c.OpenedAt),
		db.Time(&c.TouchedAt), db.NullTime(&c.ClosedAt), db.NullTime(&c.endedAt), &c.Version, &c.VisitedOn)
	return c, err
}

func scanRow(row interface{ Scan(...any) error }) (Case, error) { return scan(row) }

// notFound answers for a case that is not there, and for one that who may not see.
func notFound() error { return fault.New(fault.NotFound, "case.not_found") }

// visible is the condition on the cases that who sees: those of which who reaches both the case and the person.
func visible(who access.Actor) (string, []any) {
	may, args := access.Where(who, access.ReadCases, "c.id")
	her, more := access.Where(who, access.ReadPersons, "c.person_id")
	return may + " AND " + her, append(args, more...)
}

// Find returns a case that who may see. One that who may not see is not found.
func Find(ctx context.Context, q db.Reader, who access.Actor, id ID) (Case, error) {
	may, args := visible(who)
	c, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM cases c WHERE c.id = ? AND `+may, append([]any{string(id)}, args...)...))
	if errors.Is(err, sql.ErrNoRows) {
		return Case{}, notFound()
	}
	if err != nil {
		return Case{}, fmt.Errorf("find case: %w", err)
	}
	return c, nil
}

// Of returns the cases of a person that who may see, over all of her records that who sees, the latest first.
func Of(ctx context.Context, q db.Reader, who access.Actor, person persons.ID) (all []Case, err error) {
	of, err := persons.Records(ctx, q, who, access.ReadPersons, person)
	if err != nil || len(of) == 0 {
		return nil, err
	}
	may, args := visible(who)
	in := make([]any, len(of))
	for i, id := range of {
		in[i] = string(id)
	}
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM cases c WHERE c.person_id IN `+db.In(len(in))+` AND `+may+` ORDER BY c.id DESC`, append(in, args...)...)
	if all, err = db.Collect(rows, err, scanRow); err != nil {
		return nil, fmt.Errorf("list cases of person: %w", err)
	}
	return all, nil
}

// Begin finds a case for an act: who may see it, it is still the version that was looked at (0 stands for any), and the act
// is possible. It lets the transaction commit. The rooms above use it for acts of their own.
func Begin(ctx context.Context, tx *db.Tx, who access.Actor, id ID, act Acting) (Case, error) {
	c, err := Find(ctx, tx, who, id)
	if err != nil {
		return Case{}, err
	}
	if act.Version != 0 && act.Version != c.Version {
		return Case{}, changedMeanwhile()
	}
	s, r, err := c.standing(ctx, tx, who)
	if err != nil {
		return Case{}, err
	}
	if f := refusal(s, r, act.Act); f != nil {
		return Case{}, f
	}
	return c, access.Check(tx, who, permissionFor(act.Act), c.scopes()...)
}

// Acting is an act on a case as it was when somebody decided to do it.
type Acting struct {
	Act     Act
	Version int
}

func changedMeanwhile() error { return fault.New(fault.Conflict, "case.changed_meanwhile") }

// made is the name under which a transaction remembers how many rows it made.
type made struct{}

// newID makes the identifier of a row. Rows of one transaction keep the order in which they were entered.
func newID(tx *db.Tx) string {
	n, err := tx.Memo(made{}, func() (any, error) { return new(int), nil })
	if err != nil {
		panic(err) // it cannot fail
	}
	count := n.(*int)
	*count++
	return ids.Nth(tx.Now(), *count)
}

// change is what an act did to a case.
type change struct {
	act    Act
	before Case
	why    string
	detail map[string]string // class 2
}

// keep writes a changed case with what was done to it: the row, the event, the trail.
func (c *Case) keep(ctx context.Context, tx *db.Tx, who access.Actor, ch change) error {
	if err := c.reckon(ctx, tx); err != nil {
		return err
	}
	c.TouchedAt, c.Version = tx.Now(), ch.before.Version+1
	n, err := tx.Exec(ctx, `UPDATE cases SET office_id = ?, worker_id = ?, worker_name = ?, status = ?, risk = ?, openings = ?, closure = ?, clock_from = ?, clock_due = ?,
		paused = ?, due_for = ?, due_on = ?, alarm_to = ?, alarm_at = ?, touched_at = ?, closed_at = ?, ended_at = ?, version = ? WHERE id = ? AND version = ?`,
		c.Office, c.Worker, c.WorkerName, string(c.Status), string(c.Risk), c.Openings, c.Closure, c.clockFrom, c.clockDue,
		c.Paused, c.DueFor, c.DueOn, c.alarmTo, orNull(c.alarmAt), c.TouchedAt, orNull(c.ClosedAt), orNull(c.endedAt), c.Version, string(c.ID), ch.before.Version)
	if err != nil {
		return err
	}
	if n == 0 {
		return changedMeanwhile()
	}
	if ch.before.Office != c.Office || ch.before.Worker != c.Worker {
		if err := access.Place(ctx, tx, string(c.ID), c.scopes()...); err != nil {
			return err
		}
	}
	if err := c.happened(ctx, tx, who, ch); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, permissionFor(ch.act), audit.Entry{Subject: c.subject(), Person: string(c.Person), Before: ch.before, After: *c, Reason: ch.why})
}

func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
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

// plain turns an absent fault into an absent error.
func plain(f *fault.Error) error {
	if f == nil {
		return nil
	}
	return f
}

func (c Case) seal(ctx context.Context, q db.Reader, place string, v any) ([]byte, error) {
	return seal.JSON(ctx, q, string(c.Person), place, v)
}
