// SPDX-License-Identifier: Apache-2.0

package cases

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/programmes"
	"fera/internal/seal"
)

// ApprovalKind is what is to be decided.
type ApprovalKind string

// The kinds.
const (
	OfPlan    ApprovalKind = "plan"
	OfMoney   ApprovalKind = "money"
	OfClosure ApprovalKind = "closure"
)

// Decision is where an approval stands.
type Decision string

// The decisions. One no is enough to refuse.
const (
	Waiting  Decision = "waiting"
	Approved Decision = "approved"
	Refused  Decision = "refused"
)

// Asking asks others to decide.
type Asking struct {
	Kind    ApprovalKind `json:"-"`
	Subject string       `json:"-"` // what it is about, as the trail names it
	Amount  int64        `json:"-"` // in poisha
	Why     string       `json:"why,omitempty"`
	Closing *Closing     `json:"closing,omitempty"`
}

// Approval is something that one person may not decide alone.
type Approval struct {
	ID        string
	Case      ID
	Kind      ApprovalKind
	Subject   string
	Amount    int64
	Needed    int // how many others have to say yes
	Decision  Decision
	AskedBy   string
	AskedName string
	AskedAt   time.Time
	DecidedAt time.Time
	Why       string
	Votes     []Vote

	person  string
	sealed  []byte
	closing *Closing
}

// Closing is how the case would be closed, of an approval of a closure.
func (a Approval) Closing() Closing {
	if a.closing == nil {
		return Closing{}
	}
	return *a.closing
}

// Vote is what somebody said to it.
type Vote struct {
	User string
	Name string
	Yes  bool
	Why  string
	At   time.Time
}

// AskFor asks others to decide on a plan or on money. How many depends on the programme; none for an amount that the
// caseworker may give alone, and then nothing is asked and the answer has no id.
func AskFor(ctx context.Context, tx *db.Tx, who access.Actor, c Case, a Asking) (Approval, error) {
	p, err := programmes.Find(ctx, tx, c.Programme)
	if err != nil {
		return Approval{}, err
	}
	needed := 1
	if a.Kind == OfMoney {
		needed = p.Deciders(a.Amount)
	}
	if needed == 0 {
		return Approval{Decision: Approved}, nil
	}
	return c.ask(ctx, tx, who, a, needed)
}

func (c Case) ask(ctx context.Context, tx *db.Tx, who access.Actor, a Asking, needed int) (Approval, error) {
	ap := Approval{ID: newID(tx), Case: c.ID, Kind: a.Kind, Subject: a.Subject, Amount: a.Amount, Needed: needed, Decision: Waiting, AskedBy: who.ID, AskedName: who.Name, AskedAt: tx.Now(), Why: a.Why}
	sealed, err := c.seal(ctx, tx, "case_approvals:"+ap.ID, a)
	if err != nil {
		return ap, fmt.Errorf("ask for approval: %w", err)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO case_approvals (id, case_id, kind, subject, amount, needed, status, sealed, asked_by, asked_name, asked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		ap.ID, string(c.ID), string(ap.Kind), ap.Subject, ap.Amount, ap.Needed, string(Waiting), sealed, ap.AskedBy, ap.AskedName, ap.AskedAt); err != nil {
		return ap, fmt.Errorf("ask for approval: %w", err)
	}
	deciders, err := accounts.WhoHolds(ctx, tx, access.ApproveCase, c.scopes()...)
	if err != nil {
		return ap, err
	}
	var told []string
	for _, user := range deciders {
		if user != who.ID && user != c.Worker {
			told = append(told, user)
		}
	}
	if err := accounts.Tell(ctx, tx, told, "notice.case_approval", c.subject()); err != nil {
		return ap, err
	}
	return ap, audit.Record(ctx, tx, who, permissionFor(Ask), audit.Entry{Subject: c.subject(), Person: string(c.Person),
		After: map[string]any{"approval": ap.ID, "kind": ap.Kind, "amount": ap.Amount, "needed": needed}, Reason: a.Why})
}

const approvalColumns = `a.id, a.case_id, a.kind, a.subject, a.amount, a.needed, a.status, a.asked_by, a.asked_name, a.asked_at, a.decided_at, a.sealed, c.person_id`

func scanApproval(row interface{ Scan(...any) error }) (a Approval, err error) {
	err = row.Scan(&a.ID, &a.Case, &a.Kind, &a.Subject, &a.Amount, &a.Needed, &a.Decision, &a.AskedBy, &a.AskedName, db.Time(&a.AskedAt), db.NullTime(&a.DecidedAt), &a.sealed, &a.person)
	return a, err
}

// approvals are what was asked about a case, the earliest first; or what of it waits.
func approvals(ctx context.Context, q db.Reader, c Case, waiting bool) ([]Approval, error) {
	cond := ""
	if waiting {
		cond = " AND a.decided_at IS NULL"
	}
	rows, err := q.Query(ctx, `SELECT `+approvalColumns+` FROM case_approvals a JOIN cases c ON c.id = a.case_id WHERE a.case_id = ?`+cond+` ORDER BY a.id`, string(c.ID))
	return openedApprovals(ctx, q, rows, err)
}

// openedApprovals opens what is sealed of approvals, and reads what was said to them, for all of them at once.
func openedApprovals(ctx context.Context, q db.Reader, rows *db.Rows, err error) ([]Approval, error) {
	all, err := db.Collect(rows, err, scanApproval)
	if err != nil {
		return nil, err
	}
	return all, openApprovals(ctx, q, all)
}

func openApprovals(ctx context.Context, q db.Reader, all []Approval) error {
	if len(all) == 0 {
		return nil
	}
	at, in := map[string]int{}, make([]any, len(all))
	for i, a := range all {
		at[a.ID], in[i] = i, a.ID
		var asked Asking
		if err := seal.FromJSON(ctx, q, seal.Place{Subject: a.person, Name: "case_approvals:" + a.ID, Sealed: a.sealed}, &asked); err != nil {
			return fmt.Errorf("open approval: %w", err)
		}
		all[i].Why, all[i].closing = asked.Why, asked.Closing
	}
	type row struct {
		Vote
		approval string
		sealed   []byte
	}
	rows, err := q.Query(ctx, `SELECT approval_id, user_id, user_name, yes, at, sealed FROM case_votes WHERE approval_id IN `+db.In(len(in))+` ORDER BY at, user_id`, in...)
	votes, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v row, err error) {
		err = r.Scan(&v.approval, &v.User, &v.Name, &v.Yes, db.Time(&v.At), &v.sealed)
		return v, err
	})
	for _, v := range votes {
		a, t := &all[at[v.approval]], told{}
		if err := seal.FromJSON(ctx, q, seal.Place{Subject: a.person, Name: "case_votes:" + a.ID + ":" + v.User, Sealed: v.sealed}, &t); err != nil {
			return fmt.Errorf("open approval: %w", err)
		}
		v.Vote.Why = t.Why
		a.Votes = append(a.Votes, v.Vote)
	}
	return err
}

// Approvals returns what was asked about a case that who may see, the earliest first.
func Approvals(ctx context.Context, q db.Reader, who access.Actor, id ID) ([]Approval, error) {
	c, err := Find(ctx, q, who, id)
	if err != nil {
		return nil, err
	}
	return approvals(ctx, q, c, false)
}

// ToDecide returns what waits for who, the longest waiting first.
func ToDecide(ctx context.Context, q db.Reader, who access.Actor, limit int) ([]Approval, error) {
	if !who.Holds(access.ApproveCase) {
		return nil, nil
	}
	next := func(after *Approval, chunk int) ([]Approval, error) {
		cond, args := "", []any{who.ID, who.ID, who.ID}
		if after != nil {
			cond, args = " AND (a.asked_at, a.id) > (?, ?)", append(args, after.AskedAt, after.ID)
		}
		rows, err := q.Query(ctx, `SELECT `+approvalColumns+` FROM case_approvals a JOIN cases c ON c.id = a.case_id WHERE a.decided_at IS NULL AND a.asked_by <> ? AND c.worker_id <> ?
			AND NOT EXISTS (SELECT 1 FROM case_votes v WHERE v.approval_id = a.id AND v.user_id = ?)`+cond+` ORDER BY a.asked_at, a.id LIMIT ?`, append(args, chunk)...)
		return db.Collect(rows, err, scanApproval)
	}
	some, err := inParts(ctx, q, list[Approval]{who: who, perm: access.ApproveCase, want: limit, next: next, of: func(a Approval) ID { return a.Case }})
	if err == nil {
		err = openApprovals(ctx, q, some)
	}
	if err != nil {
		return nil, fmt.Errorf("list approvals: %w", err)
	}
	return some, nil
}

// Deciding says yes or no to what somebody asked.
type Deciding struct {
	Approval string
	Yes      bool
	Why      string // needed for a no
}

// Say decides. Nobody decides what she asked for herself, nor on a case of her own, nor twice; above the limit of the
// programme two have to say yes. A closure that is allowed is done at once.
func Say(ctx context.Context, tx *db.Tx, who access.Actor, dc Deciding) (Approval, error) {
	a, c, err := findApproval(ctx, tx, who, dc.Approval)
	if err != nil {
		return Approval{}, err
	}
	least := 0
	if !dc.Yes {
		least = 3
	}
	if f := text(&dc.Why, least, 500, "why"); f != nil {
		return Approval{}, f
	}
	if err := a.vote(ctx, tx, who, c, dc); err != nil {
		return Approval{}, fmt.Errorf("decide: %w", err)
	}
	if a.Decision == Approved && a.Kind == OfClosure {
		if err := c.shut(ctx, tx, who, *a.closing); err != nil {
			return Approval{}, err
		}
	}
	if a.Decision != Waiting {
		if err := accounts.Tell(ctx, tx, []string{a.AskedBy}, "notice.case_decided", c.subject()); err != nil {
			return Approval{}, err
		}
	}
	return a, audit.Record(ctx, tx, who, access.ApproveCase, audit.Entry{Subject: c.subject(), Person: string(c.Person),
		After: map[string]any{"approval": a.ID, "kind": a.Kind, "amount": a.Amount, "yes": dc.Yes, "decision": a.Decision}, Reason: dc.Why})
}

func findApproval(ctx context.Context, tx *db.Tx, who access.Actor, id string) (Approval, Case, error) {
	none := fault.New(fault.NotFound, "case.approval_not_found")
	var of ID
	err := tx.QueryRow(ctx, `SELECT case_id FROM case_approvals WHERE id = ?`, id).Scan(&of)
	if errors.Is(err, sql.ErrNoRows) {
		return Approval{}, Case{}, none
	}
	if err != nil {
		return Approval{}, Case{}, err
	}
	c, err := Find(ctx, tx, who, of)
	if fault.KindOf(err) == fault.NotFound {
		return Approval{}, c, none
	}
	if err != nil {
		return Approval{}, c, err
	}
	if err := access.Check(tx, who, access.ApproveCase, c.scopes()...); err != nil {
		return Approval{}, c, err
	}
	rows, err := tx.Query(ctx, `SELECT `+approvalColumns+` FROM case_approvals a JOIN cases c ON c.id = a.case_id WHERE a.id = ?`, id)
	all, err := openedApprovals(ctx, tx, rows, err)
	if err != nil || len(all) == 0 {
		return Approval{}, c, err
	}
	a := all[0]
	if a.Decision != Waiting {
		return a, c, fault.New(fault.Conflict, "case.decided_already")
	}
	p := Pending{Kind: a.Kind, AskedBy: a.AskedBy}
	for _, v := range a.Votes {
		p.Voted = append(p.Voted, v.User)
	}
	return a, c, plain(p.refusal(Standing{Worker: c.Worker}, who.ID))
}

// vote enters what who said and what it comes to.
func (a *Approval) vote(ctx context.Context, tx *db.Tx, who access.Actor, c Case, dc Deciding) error {
	sealed, err := c.seal(ctx, tx, "case_votes:"+a.ID+":"+who.ID, told{Why: dc.Why})
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `INSERT INTO case_votes (approval_id, user_id, user_name, yes, sealed, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, a.ID, who.ID, who.Name, dc.Yes, sealed, tx.Now())
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "case.voted_already")
	}
	a.Votes = append(a.Votes, Vote{who.ID, who.Name, dc.Yes, dc.Why, tx.Now()})
	switch {
	case !dc.Yes:
		a.Decision = Refused
	case len(a.Votes) >= a.Needed:
		a.Decision = Approved
	default:
		return nil
	}
	a.DecidedAt = tx.Now()
	_, err = tx.Exec(ctx, `UPDATE case_approvals SET status = ?, decided_at = ? WHERE id = ?`, string(a.Decision), a.DecidedAt, a.ID)
	return err
}

// FindApproval returns one approval of a case that who may see.
func FindApproval(ctx context.Context, q db.Reader, who access.Actor, id ID, approval string) (Approval, error) {
	all, err := Approvals(ctx, q, who, id)
	for _, a := range all {
		if a.ID == approval {
			return a, err
		}
	}
	if err == nil {
		err = fault.New(fault.NotFound, "case.approval_not_found")
	}
	return Approval{}, err
}
