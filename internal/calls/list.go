// SPDX-License-Identifier: Apache-2.0

package calls

import (
	"context"
	"fmt"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/persons"
	"fera/internal/seal"
)

const columns = `id, person_id, case_id, incoming, way, contact_id, other, outcome, proven, overridden, next_on, next_done, sealed, office_id, user_id, user_name, at`

func scan(row interface{ Scan(...any) error }) (c Call, err error) {
	var next string
	err = row.Scan(&c.ID, &c.Person, &c.Case, &c.Incoming, &c.Way, &c.Contact, &c.Other, &c.Outcome, &c.Proven, &c.Overridden, &next, db.NullTime(&c.NextDone), &c.sealed,
		&c.Office, &c.User, &c.UserName, db.Time(&c.At))
	if err == nil && next != "" {
		c.NextOn, err = dates.Parse(next)
	}
	return c, err
}

// Filter chooses calls of who's office; what is empty chooses all.
type Filter struct {
	Due    bool // only those whose next step waits, the oldest first
	Before ID   // only those before this one
	Limit  int  // 50 when zero, 200 at most
}

func (f Filter) limit() int {
	if f.Limit <= 0 {
		return 50
	}
	return min(f.Limit, 200)
}

// List returns the calls of who's office with people whose calls who may see, the latest first: without what they were about.
func List(ctx context.Context, q db.Reader, who access.Actor, f Filter) ([]Call, error) {
	may, args := access.Where(who, access.ReadCalls, "k.person_id")
	cond, order := "", ` ORDER BY k.id DESC`
	args = append([]any{who.Office}, args...)
	if f.Due {
		cond, order = ` AND k.next_on <> '' AND k.next_done IS NULL AND k.next_on <= ?`, ` ORDER BY k.next_on, k.id`
		args = append(args, dates.Of(q.Now()).String())
	}
	if f.Before != "" {
		cond += ` AND k.id < ?`
		args = append(args, string(f.Before))
	}
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM calls k WHERE k.office_id = ? AND `+may+cond+order+` LIMIT ?`, append(args, f.limit())...)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list calls: %w", err)
	}
	return all, nil
}

// Of returns the calls with a person or about her, the latest first, with what they were about.
func Of(ctx context.Context, q db.Reader, who access.Actor, person persons.ID, f Filter) ([]Call, error) {
	of, err := persons.Records(ctx, q, who, access.ReadCalls, person)
	if err != nil || len(of) == 0 {
		return nil, err
	}
	in, args := among(of)
	cond := ""
	if f.Before != "" {
		cond, args = ` AND id < ?`, append(args, string(f.Before))
	}
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM calls WHERE person_id IN `+in+cond+` ORDER BY id DESC LIMIT ?`, append(args, f.limit())...)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list calls: %w", err)
	}
	for i := range all {
		c := &all[i]
		if len(c.sealed) == 0 {
			continue
		}
		if err := seal.FromJSON(ctx, q, seal.Place{Subject: string(c.Person), Name: "calls:" + string(c.ID), Sealed: c.sealed}, &c.Said); err != nil {
			return nil, fmt.Errorf("list calls: %w", err)
		}
	}
	return all, nil
}

// Forget takes out of the calls with a person who was erased whatever she could be known by. What stays is what the totals
// need. The caller has erased the person, in the same transaction.
func Forget(ctx context.Context, tx *db.Tx, person persons.ID) error {
	for _, statement := range []string{
		`DELETE FROM call_words WHERE person_id = ?`,
		`DELETE FROM call_hours WHERE person_id = ?`,
		`DELETE FROM call_misses WHERE person_id = ?`,
		`UPDATE calls SET sealed = NULL, contact_id = '', next_on = '', user_name = '' WHERE person_id = ?`,
	} {
		if _, err := tx.Exec(ctx, statement, string(person)); err != nil {
			return fmt.Errorf("forget calls: %w", err)
		}
	}
	return nil
}
