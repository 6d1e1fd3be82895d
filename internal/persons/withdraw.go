// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"context"
	"fmt"
	"slices"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/files"
	"fera/internal/names"
	"fera/internal/seal"
	"fera/internal/ties"
)

// Withdrawal takes a person out of the register who should never have been
// entered: the wrong file, a test, somebody who did not agree after all.
type Withdrawal struct {
	Person  ID
	Version int // the version that was looked at before it was decided
	Reason  string
}

// Withdraw takes one record of a person out of the register as if she had never been entered.
// Unlike Erase it leaves nothing for the totals, for there was nothing to count.
// The trail keeps that it was done, by whom and why; what it keeps of her values
// is sealed under her key, which is destroyed.
func Withdraw(ctx context.Context, tx *db.Tx, who access.Actor, w Withdrawal) error {
	e, err := editable(ctx, tx, who, access.WithdrawPerson, w.Person)
	if err != nil {
		return err
	}
	if !slices.Contains(e.records, w.Person) { // another record of hers may stay
		return fault.New(fault.Forbidden, "access.not_allowed")
	}
	var version int
	if err := tx.QueryRow(ctx, `SELECT version FROM persons WHERE id = ?`, string(w.Person)).Scan(&version); err != nil {
		return fmt.Errorf("withdraw person: %w", err)
	}
	if version != w.Version {
		return changedMeanwhile()
	}
	reason, problem := names.CheckText(w.Reason, 500)
	if problem != "" || reason == "" {
		return fault.New(fault.Invalid, orElse(problem, "fault.needed")).With("max", 500).On("reason")
	}
	if _, err := seal.Destroy(ctx, tx, string(w.Person)); err != nil {
		return fmt.Errorf("withdraw person: %w", err)
	}
	if err := remove(ctx, tx, w.Person); db.Referred(err) {
		return fault.New(fault.Conflict, "person.withdraw_used")
	} else if err != nil {
		return fmt.Errorf("withdraw person: %w", err)
	}
	return audit.Record(ctx, tx, who, access.WithdrawPerson, audit.Entry{Subject: "person:" + string(w.Person), Person: string(w.Person), Reason: reason})
}

// remove takes out every row of a person. A test compares it with what the
// schema says refers to persons.
func remove(ctx context.Context, tx *db.Tx, id ID) error {
	if err := ties.Leave(ctx, tx, string(id)); err != nil {
		return err
	}
	recorded, err := registrationsOf(ctx, tx, records{id})
	if err != nil {
		return err
	}
	if err := forgetTerms(ctx, tx, id, kept{registrations: recorded}.origins()); err != nil {
		return err
	}
	if err := files.Forget(ctx, tx, string(id)); err != nil {
		return err
	}
	if err := access.Forget(ctx, tx, string(id)); err != nil {
		return err
	}
	for _, statement := range []string{
		`UPDATE person_relations SET other_id = NULL, version = version + 1 WHERE other_id = ?`, // the family keeps the name that it gave
		`DELETE FROM person_functioning WHERE person_id = ?`,
		`DELETE FROM person_relations WHERE person_id = ?`,
		`DELETE FROM person_journeys WHERE person_id = ?`,
		`DELETE FROM person_consents WHERE person_id = ?`,
		`DELETE FROM person_identifiers WHERE person_id = ?`,
		`DELETE FROM person_contacts WHERE person_id = ?`,
		`DELETE FROM person_claims WHERE person_id = ?`,
		`DELETE FROM person_registrations WHERE person_id = ?`,
		`DELETE FROM persons WHERE id = ?`,
	} {
		if _, err := tx.Exec(ctx, statement, string(id)); err != nil {
			return err
		}
	}
	return nil
}

// Untouched reports whether nothing was done with a person since she was
// registered, looking apart: whether nobody would miss what was added.
func Untouched(ctx context.Context, q db.Reader, id ID) (bool, error) {
	var acts, related int
	err := q.QueryRow(ctx, `SELECT count(*) FROM audit_entries WHERE person_id = ? AND act NOT IN (?, ?)`,
		string(id), string(access.ReadProtected), string(access.RevealNumbers)).Scan(&acts)
	if err != nil {
		return false, err
	}
	err = q.QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 AS one FROM person_registrations WHERE person_id = ?
		UNION ALL SELECT 1 AS one FROM files WHERE person_id = ?) AS found`, string(id), string(id)).Scan(&related)
	return acts == 1 && related == 1, err // her registration, once in the trail and once in the register
}
