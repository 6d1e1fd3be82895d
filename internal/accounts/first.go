// SPDX-License-Identifier: Apache-2.0

package accounts

import (
	"context"
	"fmt"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/offices"
	"fera/internal/seal"
)

// First is what the terminal gives to begin with: the first administrator and
// the organisation and office she works for.
type First struct {
	Addition     // without Office
	Organisation offices.Organisation
	Opening      offices.Opening // without Organisation
}

// FirstAdministrator adds an organisation, an office and an administrator of
// everything, and returns the code with which she enrols. It works only in a
// database without users, and only for who may do everything: the terminal.
func FirstAdministrator(ctx context.Context, tx *db.Tx, who access.Actor, f First) (User, string, error) {
	if err := access.CheckAnywhere(tx, who, access.GrantRole); err != nil {
		return User{}, "", err
	}
	var n int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM users`).Scan(&n); err != nil {
		return User{}, "", fmt.Errorf("first administrator: %w", err)
	}
	if n > 0 {
		return User{}, "", fault.New(fault.Conflict, "account.not_first")
	}
	organisation, err := offices.AddOrganisation(ctx, tx, who, f.Organisation)
	if err != nil {
		return User{}, "", err
	}
	f.Opening.Organisation = organisation.ID
	office, err := offices.Add(ctx, tx, who, f.Opening)
	if err != nil {
		return User{}, "", err
	}
	f.Addition.Office = office.ID
	u, code, err := AddUser(ctx, tx, who, f.Addition)
	if err != nil {
		return User{}, "", err
	}
	return u, code, GrantRole(ctx, tx, who, Held{User: u.ID, Role: access.Administrator, Scope: "all"})
}

// Credentials are a password and the seed of a second factor, in base 32; an
// empty seed leaves the user without one.
type Credentials struct {
	Password string
	Seed     string
}

// Equip gives a user a password and a second factor that somebody else knows.
// It is for demonstrations and tests, at the terminal; no page leads to it.
func Equip(ctx context.Context, tx *db.Tx, who access.Actor, user string, c Credentials) error {
	if err := access.CheckAnywhere(tx, who, access.ChangeUser); err != nil {
		return err
	}
	u, err := FindUser(ctx, tx, who, user)
	if err != nil {
		return err
	}
	if problem := checkPassword(c.Password, u.Login); problem != nil {
		return problem
	}
	var sealed []byte
	if c.Seed != "" {
		if sealed, err = seal.Seal(ctx, tx, seal.System, "users.totp:"+user, []byte(c.Seed)); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `UPDATE users SET password = ?, totp = ?, totp_step = 0, enrolment = '', enrolment_ends = NULL WHERE id = ?`,
		hashPassword(c.Password), sealed, user)
	if err != nil {
		return fmt.Errorf("equip user: %w", err)
	}
	return audit.Record(ctx, tx, who, access.ChangeUser, audit.Entry{Subject: "user:" + user, Reason: "equipped at the terminal"})
}
