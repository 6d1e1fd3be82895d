// SPDX-License-Identifier: Apache-2.0

package plans

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/deadlines"
	"fera/internal/fault"
	"fera/internal/files"
	"fera/internal/ids"
	"fera/internal/names"
	"fera/internal/persons"
	"fera/internal/programmes"
	"fera/internal/seal"
)

// Drawing writes the draft of a plan: the whole of its goals as they should be.
type Drawing struct {
	Case    cases.ID
	Version int // of the plan that was looked at; 0 for the first
	Goals   []Goal
}

// Draw writes the draft of the plan of a case: the first, or an amendment of what was agreed, which holds until the draft is
// agreed too. Goals of class 3 may be written by who may write such things, of who agreed to that. Who does not see the goals
// of class 3 that there are leaves them as they are.
func Draw(ctx context.Context, tx *db.Tx, who access.Actor, dr Drawing) (ID, error) {
	c, err := cases.Begin(ctx, tx, who, dr.Case, cases.Acting{Act: cases.DrawPlan})
	if err != nil {
		return "", err
	}
	goals, err := check(dr.Goals, tx)
	if err != nil {
		return "", err
	}
	p, err := read(ctx, tx, c, 0)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		p, err = Plan{ID: ID(ids.New(tx.Now())), Case: c.ID}, nil
	}
	if err != nil {
		return "", fmt.Errorf("draw plan: %w", err)
	}
	if dr.Version != p.Version {
		return "", fault.New(fault.Conflict, "plan.changed_meanwhile")
	}
	if err := p.clients(ctx, tx, who, goals); err != nil {
		return "", err
	}
	if err := p.draw(ctx, tx, who, c, goals); err != nil {
		return "", err
	}
	return p.ID, audit.Record(ctx, tx, who, access.WorkCase, audit.Entry{Subject: p.subject(), Person: string(c.Person), Named: []string{"plan"}})
}

func (p Plan) subject() string { return "plan:" + string(p.ID) }

// clients refuses goals of people who are no clients of the case.
func (p Plan) clients(ctx context.Context, q db.Reader, who access.Actor, goals []Goal) error {
	members, err := cases.Members(ctx, q, who, p.Case)
	for i, g := range goals {
		if err == nil && g.Client != "" && !slices.ContainsFunc(members, func(m cases.Member) bool { return m.ID == g.Client }) {
			return fault.New(fault.Invalid, "plan.client_unknown").On(fmt.Sprintf("goals.%d.client", i))
		}
	}
	return err
}

// draw seals the goals and writes them as the draft.
func (p *Plan) draw(ctx context.Context, tx *db.Tx, who access.Actor, c cases.Case, goals []Goal) error {
	var open, closed []Goal
	for _, g := range goals {
		if g.Protected {
			closed = append(closed, g)
			continue
		}
		open = append(open, g)
	}
	closed, err := p.mayClose(ctx, tx, who, c, closed)
	if err != nil {
		return err
	}
	number, had := max(p.Draft, p.Agreed+1), p.protected
	sealed, err := seal.JSON(ctx, tx, string(c.Person), p.place(number, false), open)
	if err != nil {
		return fmt.Errorf("draw plan: %w", err)
	}
	var secret []byte
	if len(closed) > 0 {
		if secret, err = seal.JSON(ctx, tx, string(c.Person), p.place(number, true), closed); err != nil {
			return fmt.Errorf("draw plan: %w", err)
		}
	}
	if err := p.number(ctx, tx, number); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO plan_versions (plan_id, number, sealed, protected, user_name, at, approval, how, file_id, agreed_by) VALUES (?, ?, ?, ?, ?, ?, '', '', '', '')
		ON CONFLICT (plan_id, number) DO UPDATE SET sealed = excluded.sealed, protected = excluded.protected, user_name = excluded.user_name, at = excluded.at, approval = ''`,
		string(p.ID), number, sealed, secret, who.Name, tx.Now())
	if err != nil {
		return fmt.Errorf("draw plan: %w", err)
	}
	if secret != nil || had != nil {
		return audit.Record(ctx, tx, who, access.ChangeProtected, audit.Entry{Subject: p.subject(), Person: string(c.Person), Named: []string{"plan"}})
	}
	return nil
}

// number notes that a draft is being written, and makes the plan with the first.
func (p Plan) number(ctx context.Context, tx *db.Tx, draft int) error {
	statement, args := `UPDATE plans SET draft = ?, version = version + 1 WHERE id = ?`, []any{draft, string(p.ID)}
	if p.Version == 0 {
		statement, args = `INSERT INTO plans (id, case_id, agreed, draft, version, at) VALUES (?, ?, 0, 1, 1, ?) ON CONFLICT DO NOTHING`, []any{string(p.ID), string(p.Case), tx.Now()}
	}
	n, err := tx.Exec(ctx, statement, args...)
	if err != nil {
		return fmt.Errorf("draw plan: %w", err)
	}
	if n == 0 { // another drew the first at the same moment
		return fault.New(fault.Conflict, "plan.changed_meanwhile")
	}
	return nil
}

// mayClose are the goals of class 3 that a draft is to have: those given by who may write such things, of who agreed to that;
// for anybody else, those that there are.
func (p Plan) mayClose(ctx context.Context, tx *db.Tx, who access.Actor, c cases.Case, given []Goal) ([]Goal, error) {
	may, err := access.Reaches(ctx, tx, who, access.ChangeProtected, string(c.Person))
	switch {
	case err != nil:
		return nil, err
	case !may && len(given) > 0:
		return nil, fault.New(fault.Forbidden, "person.protected_not_allowed")
	case !may:
		p.Goals = nil
		err := p.unlock(ctx, tx, c)
		return p.Goals, err
	case len(given) == 0:
		return nil, nil
	}
	her, err := persons.Find(ctx, tx, who, c.Person)
	if err == nil && !her.Agreed(persons.PurposeProtected) {
		err = fault.New(fault.Invalid, "person.protected_consent_needed").On("goals")
	}
	return given, err
}

// drafted finds the plan of a case with its draft and all goals, for an act.
func drafted(ctx context.Context, tx *db.Tx, who access.Actor, of cases.ID, version int) (Plan, cases.Case, error) {
	c, err := cases.Begin(ctx, tx, who, of, cases.Acting{Act: cases.AgreePlan})
	if err != nil {
		return Plan{}, c, err
	}
	p, err := read(ctx, tx, c, 0)
	switch {
	case err != nil:
		return p, c, err
	case version != p.Version:
		return p, c, fault.New(fault.Conflict, "plan.changed_meanwhile")
	case p.Draft == 0:
		return p, c, fault.New(fault.Conflict, "plan.no_draft")
	}
	return p, c, p.unlock(ctx, tx, c)
}

// Propose asks another to allow the draft, where the programme wants that before it is agreed.
func Propose(ctx context.Context, tx *db.Tx, who access.Actor, of cases.ID, version int) (cases.Approval, error) {
	p, c, err := drafted(ctx, tx, who, of, version)
	if err != nil {
		return cases.Approval{}, err
	}
	if p.Approval != "" {
		return cases.Approval{}, fault.New(fault.Conflict, "plan.proposed_already")
	}
	a, err := cases.AskFor(ctx, tx, who, c, cases.Asking{Kind: cases.OfPlan, Subject: p.subject()})
	if err != nil {
		return a, err
	}
	_, err = tx.Exec(ctx, `UPDATE plan_versions SET approval = ? WHERE plan_id = ? AND number = ?`, a.ID, string(p.ID), p.Draft)
	return a, err
}

// Agreement says that she agreed to the draft.
type Agreement struct {
	Case    cases.ID
	Version int
	How     string   // screen: she signed on it; paper: she signed the printed copy, which was photographed; spoken: she cannot or will not sign
	File    files.ID // what she signed; nothing when she spoke
	Witness string   // who heard it beside who notes it, when she spoke
}

// Agree notes that she agreed to the draft. From then on it holds, and the version before is kept as it was. Steps that
// are in both go on as they stand; those that are left out are dropped. The first time, the reviews get their dates.
func Agree(ctx context.Context, tx *db.Tx, who access.Actor, a Agreement) error {
	p, c, err := drafted(ctx, tx, who, a.Case, a.Version)
	if err != nil {
		return err
	}
	pr, err := programmes.Find(ctx, tx, c.Programme)
	if err != nil {
		return err
	}
	if pr.ApprovePlan {
		if ok, err := p.allowed(ctx, tx, who); err != nil {
			return err
		} else if !ok {
			return fault.New(fault.Conflict, "plan.not_allowed_yet")
		}
	}
	if err := a.signed(ctx, tx, who, c); err != nil {
		return err
	}
	first := p.Agreed == 0
	if err := p.hold(ctx, tx, who, a); err != nil {
		return fmt.Errorf("agree on plan: %w", err)
	}
	if first {
		if err := p.schedule(ctx, tx, pr); err != nil {
			return fmt.Errorf("agree on plan: %w", err)
		}
	}
	next, err := p.next(ctx, tx)
	if err != nil {
		return err
	}
	c.Due(next)
	return cases.Advance(ctx, tx, who, c, cases.AgreePlan)
}

// allowed tells whether others allowed the draft as it is.
func (p Plan) allowed(ctx context.Context, q db.Reader, who access.Actor) (bool, error) {
	if p.Approval == "" {
		return false, nil
	}
	a, err := cases.FindApproval(ctx, q, who, p.Case, p.Approval)
	return err == nil && a.Decision == cases.Approved, err
}

// signed refuses an agreement without something of hers that she signed, or somebody else who heard her agree.
func (a *Agreement) signed(ctx context.Context, q db.Reader, who access.Actor, c cases.Case) error {
	if a.How == "spoken" {
		witness, problem := names.Check(a.Witness, 120)
		if a.Witness, a.File = witness, ""; problem != "" || witness == "" || strings.EqualFold(witness, who.Name) {
			return fault.New(fault.Invalid, "plan.witness_needed").On("witness")
		}
		return nil
	}
	a.Witness = ""
	if a.How != "screen" && a.How != "paper" {
		return fault.New(fault.Invalid, "fault.bad_choice").On("how")
	}
	for _, protected := range []bool{false, true} {
		all, err := persons.Files(ctx, q, who, c.Person, protected)
		if fault.KindOf(err) == fault.Forbidden && protected {
			continue
		}
		if err != nil {
			return err
		}
		if slices.ContainsFunc(all, func(f files.File) bool { return f.ID == a.File }) {
			return nil
		}
	}
	return fault.New(fault.Invalid, "plan.signature_needed").On("file")
}

// hold makes the draft the version that holds.
func (p *Plan) hold(ctx context.Context, tx *db.Tx, who access.Actor, a Agreement) error {
	there := who.Name
	if a.Witness != "" {
		there += ", " + a.Witness
	}
	if _, err := tx.Exec(ctx, `UPDATE plan_versions SET how = ?, file_id = ?, agreed_by = ?, agreed_at = ? WHERE plan_id = ? AND number = ?`,
		a.How, string(a.File), there, tx.Now(), string(p.ID), p.Draft); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE plans SET agreed = draft, draft = 0, version = version + 1 WHERE id = ?`, string(p.ID)); err != nil {
		return err
	}
	keep := []any{tx.Now(), string(p.ID)}
	for _, g := range p.Goals {
		for _, s := range g.Steps {
			keep = append(keep, s.ID)
			var other string
			err := tx.QueryRow(ctx, `INSERT INTO plan_steps (id, plan_id, protected, user_id, due_on, outcome, ended_by) VALUES (?, ?, ?, ?, ?, '', '')
				ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, due_on = excluded.due_on, protected = excluded.protected RETURNING plan_id`,
				s.ID, string(p.ID), g.Protected, s.User, s.By.String()).Scan(&other)
			if err == nil && other != string(p.ID) {
				err = fault.New(fault.Invalid, "plan.id_used").On("goals")
			}
			if err != nil {
				return err
			}
		}
	}
	_, err := tx.Exec(ctx, `UPDATE plan_steps SET outcome = 'dropped', ended_at = ? WHERE plan_id = ? AND ended_at IS NULL AND id NOT IN `+db.In(len(keep)-2), keep...)
	return err
}

// schedule gives the reviews their dates: so many months from today, on a working day.
func (p Plan) schedule(ctx context.Context, tx *db.Tx, pr programmes.Programme) error {
	calendar, err := calendarNow(ctx, tx)
	if err != nil {
		return err
	}
	for i, months := range pr.Reviews {
		day := deadlines.Term{Count: months, Unit: deadlines.Months}.Due(calendar, dates.Of(tx.Now()))
		if _, err := tx.Exec(ctx, `INSERT INTO plan_reviews (id, plan_id, months, due_on, user_name) VALUES (?, ?, ?, ?, '')`, ids.Nth(tx.Now(), i+1), string(p.ID), months, day.String()); err != nil {
			return err
		}
	}
	return nil
}
