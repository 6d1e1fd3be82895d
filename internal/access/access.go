// SPDX-License-Identifier: Apache-2.0

// Package access decides who may do what, and to whose records.
//
// An actor holds permissions, each with a reach: everywhere, or a set of scopes.
// A record lies in scopes (its office, its organisation, its places, the
// caseloads it is on); an actor reaches it when the two sets meet. The same rule
// is a check for acts (Check, CheckOn) and a condition for queries (Where), so
// that a list and a link can never disagree.
package access

import (
	"context"
	"slices"
	"strings"

	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
)

// Scope names a set of records: see the functions that make one.
type Scope = string

// AtOffice is the scope of the records of one office.
func AtOffice(id string) Scope { return "o:" + id }

// OfOrganisation is the scope of the records of all offices of an organisation.
func OfOrganisation(id string) Scope { return "g:" + id }

// InArea is the scope of the records whose home lies in an administrative unit
// and whose owner agreed that the area's desks may see them.
func InArea(place string) Scope { return "a:" + place }

// IsArea reports whether a scope is that of an area.
func IsArea(s Scope) bool { return strings.HasPrefix(s, "a:") }

// OnCaseload is the scope of the records on one user's caseload.
func OnCaseload(user string) Scope { return "u:" + user }

// Reach is where a permission holds.
type Reach struct {
	Everywhere bool
	Scopes     []Scope
}

// Actor is whoever is asking: a signed-in user, a token of another system, a job.
type Actor struct {
	ID           string // the user's id, also when a token acts for the user
	Name         string // as the trail keeps it
	Office       string // where the actor works; what the actor registers belongs here
	Organisation string
	Roles        []Role // those that gave the grants, where a rule asks for who somebody is
	Grants       map[Permission]Reach
}

// System is the actor for work of the program itself, with the permissions it needs.
func System(perms ...Permission) Actor {
	a := Actor{ID: "system", Name: "system", Office: "system", Organisation: "system", Grants: map[Permission]Reach{}}
	for _, p := range perms {
		a.Grants[p] = Reach{Everywhere: true}
	}
	return a
}

// Holds reports whether the actor has perm anywhere at all.
func (a Actor) Holds(perm Permission) bool {
	r, ok := a.Grants[perm]
	return ok && (r.Everywhere || len(r.Scopes) > 0)
}

// Covers reports whether the actor has perm at one of the scopes. Everywhere is not
// where people practise.
func (a Actor) Covers(perm Permission, scopes ...Scope) bool {
	r := a.Grants[perm]
	return r.Everywhere && !slices.ContainsFunc(scopes, ofPractice) || slices.ContainsFunc(scopes, r.has)
}

// has knows that a place lies in the places whose code begins its own.
func (r Reach) has(s Scope) bool {
	return slices.ContainsFunc(r.Scopes, func(mine Scope) bool {
		return mine == s || (strings.HasPrefix(mine, "a:") && strings.HasPrefix(s, mine))
	})
}

// Check refuses an act at none of whose scopes who holds perm, and lets tx commit otherwise.
func Check(tx *db.Tx, who Actor, perm Permission, scopes ...Scope) error {
	if !who.Covers(perm, scopes...) {
		return fault.New(fault.Forbidden, "access.not_allowed")
	}
	tx.Allowed()
	return nil
}

// CheckAnywhere is Check for acts on records that lie in no scope, such as the list of roles.
func CheckAnywhere(tx *db.Tx, who Actor, perm Permission) error {
	if !who.Grants[perm].Everywhere {
		return fault.New(fault.Forbidden, "access.not_allowed")
	}
	tx.Allowed()
	return nil
}

// CheckSelf lets tx commit an act that who does to its own account and nobody
// else's, such as choosing a language.
func CheckSelf(tx *db.Tx, who Actor, user string) error {
	if who.ID == "" || who.ID != user {
		return fault.New(fault.Forbidden, "access.not_allowed")
	}
	tx.Allowed()
	return nil
}

// CheckOn refuses an act on a subject that who does not reach with perm. The
// caller has made sure that who may see the subject, else it is not found.
func CheckOn(ctx context.Context, tx *db.Tx, who Actor, perm Permission, subject string) error {
	ok, err := Reaches(ctx, tx, who, perm, subject)
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.Forbidden, "access.not_allowed")
	}
	tx.Allowed()
	return nil
}

// Reaches reports whether who has perm over a subject.
func Reaches(ctx context.Context, q db.Reader, who Actor, perm Permission, subject string) (bool, error) {
	if who.Grants[perm].Everywhere {
		return !ids.IsApart(subject), nil
	}
	if !who.Holds(perm) {
		return false, nil
	}
	cond, args := Where(who, perm, "?")
	var n int
	err := q.QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 AS one WHERE `+cond+`) AS found`, append([]any{subject}, args...)...).Scan(&n)
	return n > 0, err
}

// Where returns a condition that keeps only the rows whose subject, in column,
// who reaches with perm, with its arguments.
func Where(who Actor, perm Permission, column string) (string, []any) {
	r, ok := who.Grants[perm]
	switch {
	case ok && r.Everywhere:
		return Real(column), nil
	case !ok || len(r.Scopes) == 0:
		if column == "?" {
			return "? IS NULL", nil
		}
		return "FALSE", nil
	}
	args := make([]any, len(r.Scopes))
	for i, s := range r.Scopes {
		args[i] = s
	}
	return "EXISTS (SELECT 1 FROM access_scopes reach WHERE reach.subject_id = " + column + " AND reach.scope IN " + db.In(len(args)) + ")", args
}

// Place says in which scopes a subject lies, instead of those it lay in before.
func Place(ctx context.Context, tx *db.Tx, subject string, scopes ...Scope) error {
	if _, err := tx.Exec(ctx, `DELETE FROM access_scopes WHERE subject_id = ?`, subject); err != nil {
		return err
	}
	return Add(ctx, tx, subject, scopes...)
}

// Add puts a subject in further scopes. What is made up lies in none of what is
// real, nor the other way round, and in no area.
func Add(ctx context.Context, tx *db.Tx, subject string, scopes ...Scope) error {
	scopes, err := apart(subject, scopes)
	if err != nil || len(scopes) == 0 {
		return err
	}
	args := make([]any, 0, 2*len(scopes))
	for _, s := range scopes {
		args = append(args, s, subject)
	}
	_, err = tx.Exec(ctx, `INSERT INTO access_scopes (scope, subject_id) VALUES `+db.Values(len(scopes), 2)+` ON CONFLICT DO NOTHING`, args...)
	return err
}

// Remove takes a subject out of scopes.
func Remove(ctx context.Context, tx *db.Tx, subject string, scopes ...Scope) error {
	for _, s := range scopes {
		if _, err := tx.Exec(ctx, `DELETE FROM access_scopes WHERE scope = ? AND subject_id = ?`, s, subject); err != nil {
			return err
		}
	}
	return nil
}

// ScopesOf returns the scopes in which a subject lies.
func ScopesOf(ctx context.Context, q db.Reader, subject string) ([]Scope, error) {
	rows, err := q.Query(ctx, `SELECT scope FROM access_scopes WHERE subject_id = ? ORDER BY scope`, subject)
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (s Scope, err error) {
		err = row.Scan(&s)
		return s, err
	})
}
