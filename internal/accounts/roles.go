// SPDX-License-Identifier: Apache-2.0

package accounts

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/offices"
)

// Held is a role that a user holds at a scope: an office ("o:"), an organisation
// ("g:"), an area ("a:"), "own" for her caseload or "all".
type Held struct {
	User      string       `json:"-"`
	Role      access.Role  `json:"role"`
	Scope     access.Scope `json:"scope"`
	GrantedBy string       `json:"-"`
	GrantedAt time.Time    `json:"-"`
}

// GrantRole gives a user a role. Nobody may grant to herself, and the scope must
// lie inside the granter's own reach.
func GrantRole(ctx context.Context, tx *db.Tx, who access.Actor, h Held) error {
	if err := mayGrant(ctx, tx, who, h); err != nil {
		return err
	}
	h.GrantedBy, h.GrantedAt = who.ID, tx.Now()
	n, err := tx.Exec(ctx, `INSERT INTO user_roles (user_id, role, scope, granted_by, granted_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		h.User, string(h.Role), h.Scope, h.GrantedBy, h.GrantedAt)
	if err != nil {
		return fmt.Errorf("grant role: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Invalid, "account.role_held").On("role")
	}
	if err := Tell(ctx, tx, []string{h.User}, "notice.role_granted", "user:"+h.User); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.GrantRole, audit.Entry{Subject: "user:" + h.User, After: h})
}

// RevokeRole takes a role away, from the next request on.
func RevokeRole(ctx context.Context, tx *db.Tx, who access.Actor, h Held) error {
	if err := mayGrant(ctx, tx, who, h); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `DELETE FROM user_roles WHERE user_id = ? AND role = ? AND scope = ?`, h.User, string(h.Role), h.Scope)
	if err != nil {
		return fmt.Errorf("revoke role: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "fault.conflict")
	}
	return audit.Record(ctx, tx, who, access.GrantRole, audit.Entry{Subject: "user:" + h.User, Before: h})
}

func mayGrant(ctx context.Context, tx *db.Tx, who access.Actor, h Held) error {
	if _, err := reachable(ctx, tx, who, access.GrantRole, h.User); err != nil {
		return err
	}
	if h.User == who.ID {
		return fault.New(fault.Forbidden, "account.not_yourself")
	}
	if !h.Role.Known() {
		return fault.New(fault.Invalid, "fault.bad_choice").On("role")
	}
	ok, err := inReach(ctx, tx, who, access.GrantRole, h.Scope)
	if err == nil && !ok {
		return fault.New(fault.Forbidden, "account.beyond_you").On("scope")
	}
	return err
}

// inReach reports whether a scope lies inside who's reach with perm. One's own
// caseload lies inside whoever's reach one works in.
func inReach(ctx context.Context, q db.Reader, who access.Actor, perm access.Permission, scope access.Scope) (bool, error) {
	switch scope {
	case "own":
		return true, nil
	case "all":
		return who.Grants[perm].Everywhere, nil
	}
	around, err := offices.Around(ctx, q, scope)
	return err == nil && who.Covers(perm, around...), err
}

// Roles returns the roles that a user holds.
func Roles(ctx context.Context, q db.Reader, user string) ([]Held, error) {
	rows, err := q.Query(ctx, `SELECT user_id, role, scope, granted_by, granted_at FROM user_roles WHERE user_id = ? ORDER BY role, scope`, user)
	return db.Collect(rows, err, scanHeld)
}

func scanHeld(row interface{ Scan(...any) error }) (h Held, err error) {
	err = row.Scan(&h.User, &h.Role, &h.Scope, &h.GrantedBy, db.Time(&h.GrantedAt))
	return h, err
}

// WhoHolds returns the ids of the users, none of them disabled, who hold a
// permission at one of the scopes: those to tell when something happened there.
func WhoHolds(ctx context.Context, q db.Reader, perm access.Permission, scopes ...access.Scope) ([]string, error) {
	var roles []any
	for _, r := range access.Roles() {
		if slices.Contains(r.Allows(), perm) {
			roles = append(roles, string(r))
		}
	}
	rows, err := q.Query(ctx, `SELECT r.user_id, r.role, r.scope, u.office_id FROM user_roles r JOIN users u ON u.id = r.user_id
		WHERE u.disabled_at IS NULL AND r.role IN `+db.In(len(roles))+` ORDER BY r.user_id`, roles...)
	type holder struct {
		Held
		office string
	}
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (h holder, err error) {
		err = row.Scan(&h.User, &h.Role, &h.Scope, &h.office)
		return h, err
	})
	var holders []string
	for _, h := range all {
		a := access.Actor{ID: h.User, Office: h.office}
		a.Grant(h.Role, h.Scope)
		if a.Covers(perm, scopes...) {
			holders = append(holders, h.User)
		}
	}
	return slices.Compact(holders), err
}

// empower gives an actor what the roles of a user allow.
func empower(ctx context.Context, q db.Reader, a *access.Actor) error {
	held, err := Roles(ctx, q, a.ID)
	if err != nil {
		return err
	}
	a.Grants = map[access.Permission]access.Reach{access.OwnAccount: {Everywhere: true}}
	for _, h := range held {
		a.Grant(h.Role, h.Scope)
	}
	return nil
}

// heldColumn is the roles that user u holds, in one column: what comes with
// every request is found in one query.
const heldColumn = `COALESCE((SELECT string_agg(r.role || ' ' || r.scope, ',') FROM user_roles r WHERE r.user_id = u.id), '')`

// empowerBy is empower for roles read as heldColumn, and for the permissions that
// are listed; nil stands for all.
func empowerBy(a *access.Actor, held string, listed []access.Permission) {
	a.Grants = map[access.Permission]access.Reach{access.OwnAccount: {Everywhere: true}}
	for one := range strings.SplitSeq(held, ",") {
		if role, scope, ok := strings.Cut(one, " "); ok {
			a.GrantOf(access.Role(role), scope, listed)
		}
	}
}
