// SPDX-License-Identifier: Apache-2.0

package shelters

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
)

// Keeper is one of those who run a shelter, or who could.
type Keeper struct {
	User string
	Name string
}

// Keepers are those who run a shelter that who runs or oversees, by name.
func Keepers(ctx context.Context, q db.Reader, who access.Actor, id ID) ([]Keeper, error) {
	s, err := Find(ctx, q, who, id)
	if err != nil {
		return nil, err
	}
	all, err := s.able(ctx, q)
	if err != nil {
		return nil, err
	}
	now, err := s.keepers(ctx, q)
	return slices.DeleteFunc(all, func(k Keeper) bool { return !slices.Contains(now, k.User) }), err
}

// Candidates are colleagues of the shelter's organisation who could run it and do not yet.
func Candidates(ctx context.Context, q db.Reader, who access.Actor, id ID) ([]Keeper, error) {
	s, err := Find(ctx, q, who, id)
	if err != nil {
		return nil, err
	}
	all, err := s.able(ctx, q)
	if err != nil {
		return nil, err
	}
	now, err := s.keepers(ctx, q)
	return slices.DeleteFunc(all, func(k Keeper) bool { return slices.Contains(now, k.User) || k.User == who.ID }), err
}

// keepers are the users who run a shelter.
func (s Shelter) keepers(ctx context.Context, q db.Reader) (users []string, err error) {
	scopes, err := access.ScopesOf(ctx, q, string(s.ID))
	for _, scope := range scopes {
		if user, ok := strings.CutPrefix(scope, access.OnCaseload("")); ok {
			users = append(users, user)
		}
	}
	return users, err
}

// able are the users of the shelter's organisation whose role lets them run one.
func (s Shelter) able(ctx context.Context, q db.Reader) ([]Keeper, error) {
	args := []any{s.Organisation}
	for _, r := range access.Roles() {
		if slices.Contains(r.Allows(), access.ManageShelter) {
			args = append(args, string(r))
		}
	}
	rows, err := q.Query(ctx, `SELECT DISTINCT u.id, u.name FROM users u JOIN offices o ON o.id = u.office_id JOIN user_roles r ON r.user_id = u.id
		WHERE o.organisation_id = ? AND u.disabled_at IS NULL AND r.role IN `+db.In(len(args)-1)+` ORDER BY u.name, u.id`, args...)
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (k Keeper, err error) {
		err = r.Scan(&k.User, &k.Name)
		return k, err
	})
	if err != nil {
		return nil, fmt.Errorf("find who could keep a shelter: %w", err)
	}
	return all, nil
}

// Appoint makes a colleague a keeper: she then knows where the shelter is and who is in it. Nobody appoints herself.
func Appoint(ctx context.Context, tx *db.Tx, who access.Actor, id ID, user string) error {
	s, err := staffed(ctx, tx, who, id)
	if err != nil {
		return err
	}
	if user == who.ID {
		return fault.New(fault.Forbidden, "shelter.appoint_self").On("user")
	}
	all, err := s.able(ctx, tx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(k Keeper) bool { return k.User == user }) {
		return fault.New(fault.Invalid, "shelter.keeper_unknown").On("user")
	}
	if err := access.Add(ctx, tx, string(id), access.OnCaseload(user)); err != nil {
		return fmt.Errorf("appoint keeper: %w", err)
	}
	if err := accounts.Tell(ctx, tx, []string{user}, "notice.shelter_keeper", s.subject()); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.ManageShelter, audit.Entry{Subject: s.subject(), After: map[string]string{"keeper": user}})
}

// Dismiss takes the keys from a keeper. The last one stays.
func Dismiss(ctx context.Context, tx *db.Tx, who access.Actor, id ID, user string) error {
	s, err := staffed(ctx, tx, who, id)
	if err != nil {
		return err
	}
	now, err := s.keepers(ctx, tx)
	if err != nil {
		return err
	}
	switch {
	case !slices.Contains(now, user):
		return fault.New(fault.Invalid, "shelter.keeper_unknown").On("user")
	case len(now) == 1:
		return fault.New(fault.Conflict, "shelter.last_keeper").On("user")
	}
	if err := access.Remove(ctx, tx, string(id), access.OnCaseload(user)); err != nil {
		return fmt.Errorf("dismiss keeper: %w", err)
	}
	return audit.Record(ctx, tx, who, access.ManageShelter, audit.Entry{Subject: s.subject(), Before: map[string]string{"keeper": user}})
}

// staffed finds a shelter whose keepers who may choose: she runs it, or oversees it.
func staffed(ctx context.Context, tx *db.Tx, who access.Actor, id ID) (Shelter, error) {
	s, err := Find(ctx, tx, who, id)
	if err != nil {
		return Shelter{}, err
	}
	if !s.ClosedAt.IsZero() {
		return Shelter{}, fault.New(fault.Conflict, "shelter.closed")
	}
	return s, access.CheckOn(ctx, tx, who, access.ManageShelter, string(id))
}
