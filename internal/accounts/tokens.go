// SPDX-License-Identifier: Apache-2.0

package accounts

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/offices"
)

// longestToken is how long a key of another system may hold.
const longestToken = 366 * 24 * time.Hour

// Token is the key of another system. It acts for its owner, with those of her
// permissions that it lists, and where a scope is set only there.
type Token struct {
	ID          string              `json:"-"`
	Owner       string              `json:"owner"`
	Name        string              `json:"name"`
	Permissions []access.Permission `json:"permissions"`
	Scope       access.Scope        `json:"scope"` // empty: wherever the owner may
	AddedAt     time.Time           `json:"-"`
	EndsAt      time.Time           `json:"ends_at"`
	RevokedAt   time.Time           `json:"-"`
}

// personal lists what is for a person in front of a screen, never for a key.
func personal() []access.Permission {
	return []access.Permission{access.OwnAccount, access.AddUser, access.ChangeUser, access.GrantRole, access.ManageTokens, access.ManageKeys, access.BreakGlass, access.ReviewGlass}
}

// AddToken makes a key for another system and returns its text, this once.
func AddToken(ctx context.Context, tx *db.Tx, who access.Actor, t Token) (Token, string, error) {
	owner, err := tokenOwner(ctx, tx, who, t.Owner)
	if err != nil {
		return Token{}, "", err
	}
	if problem := t.check(owner, tx.Now()); problem != nil {
		return Token{}, "", problem
	}
	scopeIn := ""
	if t.Scope != "" {
		around, err := offices.Around(ctx, tx, t.Scope)
		if err != nil {
			return Token{}, "", err
		}
		scopeIn = around[len(around)-1]
	}
	secret, hash := newToken()
	t.ID, t.AddedAt, t.RevokedAt = ids.New(tx.Now()), tx.Now(), time.Time{}
	_, err = tx.Exec(ctx, `INSERT INTO tokens (id, hash, user_id, name, permissions, scope, scope_in, added_at, added_by, ends_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		t.ID, hash, t.Owner, t.Name, spell(t.Permissions), t.Scope, scopeIn, t.AddedAt, who.ID, t.EndsAt)
	if err != nil {
		return Token{}, "", fmt.Errorf("add token: %w", err)
	}
	if err := Tell(ctx, tx, []string{t.Owner}, "notice.token_added", "user:"+t.Owner); err != nil {
		return Token{}, "", err
	}
	return t, "fera_" + t.ID + "_" + secret, audit.Record(ctx, tx, who, access.ManageTokens, audit.Entry{Subject: "token:" + t.ID, After: t})
}

// tokenOwner returns what a user may do, if who may make keys for her.
func tokenOwner(ctx context.Context, tx *db.Tx, who access.Actor, id string) (access.Actor, error) {
	u, err := reachable(ctx, tx, who, access.ManageTokens, id)
	if err != nil {
		return access.Actor{}, err
	}
	owner := access.Actor{ID: u.ID, Name: u.Name, Office: u.Office, Organisation: u.Organisation}
	return owner, empower(ctx, tx, &owner)
}

func (t *Token) check(owner access.Actor, now time.Time) error {
	var named, listed, ends *fault.Error
	if named = offices.CheckName(&t.Name, "name"); named == nil && t.Name == "" {
		named = fault.New(fault.Invalid, "account.name_needed").On("name")
	}
	if len(t.Permissions) == 0 {
		listed = fault.New(fault.Invalid, "account.permissions_needed").On("permissions")
	}
	for _, p := range t.Permissions {
		if slices.Contains(personal(), p) || !owner.Holds(p) {
			listed = fault.New(fault.Invalid, "account.permission_not_hers").On("permissions")
		}
	}
	if !t.EndsAt.After(now) || t.EndsAt.After(now.Add(longestToken)) {
		ends = fault.New(fault.Invalid, "account.token_ends").On("ends")
	}
	if all := fault.Join(named, listed, ends); all != nil {
		return all
	}
	return nil
}

// RevokeToken makes a key worthless at once.
func RevokeToken(ctx context.Context, tx *db.Tx, who access.Actor, id string) error {
	var owner string
	err := tx.QueryRow(ctx, `SELECT user_id FROM tokens WHERE id = ? AND revoked_at IS NULL`, id).Scan(&owner)
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, "account.token_not_found")
	}
	if err != nil {
		return fmt.Errorf("revoke token: %w", err)
	}
	if _, err := tokenOwner(ctx, tx, who, owner); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE tokens SET revoked_at = ? WHERE id = ?`, tx.Now(), id); err != nil {
		return fmt.Errorf("revoke token: %w", err)
	}
	return audit.Record(ctx, tx, who, access.ManageTokens, audit.Entry{Subject: "token:" + id, Reason: "revoked"})
}

// Tokens returns the keys that act for a user whom who may see, the latest first.
func Tokens(ctx context.Context, q db.Reader, who access.Actor, owner string) ([]Token, error) {
	may, args := access.Where(who, access.ReadUsers, "user_id")
	rows, err := q.Query(ctx, `SELECT id, user_id, name, permissions, scope, added_at, ends_at, revoked_at FROM tokens WHERE user_id = ? AND `+may+` ORDER BY id DESC`,
		append([]any{owner}, args...)...)
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (t Token, err error) {
		var listed string
		err = row.Scan(&t.ID, &t.Owner, &t.Name, &listed, &t.Scope, db.Time(&t.AddedAt), db.Time(&t.EndsAt), db.NullTime(&t.RevokedAt))
		t.Permissions = unspell(listed)
		return t, err
	})
}

// ByToken returns the actor for the key of another system, or ErrNotSignedIn: the
// owner, with what both she and the key may do. A disabled owner's keys are dead.
func ByToken(ctx context.Context, q db.Reader, bearer string) (access.Actor, error) {
	rest, ok := strings.CutPrefix(bearer, "fera_")
	id, secret, whole := strings.Cut(rest, "_")
	if !ok || !whole {
		return access.Actor{}, ErrNotSignedIn
	}
	var a access.Actor
	var hash, name, listed, scope, scopeIn, held string
	err := q.QueryRow(ctx, `SELECT t.hash, t.name, t.permissions, t.scope, t.scope_in, u.id, u.name, u.office_id, o.organisation_id, `+heldColumn+`
		FROM tokens t JOIN users u ON u.id = t.user_id JOIN offices o ON o.id = u.office_id
		WHERE t.id = ? AND t.ends_at > ? AND t.revoked_at IS NULL AND u.disabled_at IS NULL`, id, q.Now()).
		Scan(&hash, &name, &listed, &scope, &scopeIn, &a.ID, &a.Name, &a.Office, &a.Organisation, &held)
	if errors.Is(err, sql.ErrNoRows) || err == nil && subtle.ConstantTimeCompare([]byte(hash), []byte(hashToken(secret))) != 1 {
		return access.Actor{}, ErrNotSignedIn
	}
	if err != nil {
		return access.Actor{}, fmt.Errorf("find token: %w", err)
	}
	a.Name += " (" + name + ")"
	may := unspell(listed)
	empowerBy(&a, held, append([]access.Permission{}, may...))
	a.Grants = narrowed(a.Grants, may, scope, scopeIn)
	return a, nil
}

// narrowed keeps of an owner's rights those that a key lists, at its scope.
func narrowed(grants map[access.Permission]access.Reach, listed []access.Permission, scope, scopeIn access.Scope) map[access.Permission]access.Reach {
	kept := map[access.Permission]access.Reach{}
	for _, p := range listed {
		reach, held := grants[p]
		if !held || slices.Contains(personal(), p) {
			continue
		}
		if scope != "" {
			owner := access.Actor{Grants: grants}
			if !owner.Covers(p, scope, scopeIn) {
				continue
			}
			reach = access.Reach{Scopes: []access.Scope{scope}}
		}
		kept[p] = reach
	}
	return kept
}

func spell(permissions []access.Permission) string {
	var all []string
	for _, p := range permissions {
		all = append(all, string(p))
	}
	return strings.Join(all, " ")
}

func unspell(text string) []access.Permission {
	var all []access.Permission
	for _, p := range strings.Fields(text) {
		all = append(all, access.Permission(p))
	}
	return all
}
