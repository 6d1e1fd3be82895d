// SPDX-License-Identifier: Apache-2.0

package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/offices"
)

// practising is who somebody is at the training office, with what the roles allow that she holds now.
func practising(a access.Actor, held string) access.Actor {
	a.Grants = map[access.Permission]access.Reach{access.OwnAccount: {Everywhere: true}}
	return access.Practising(a, rolesIn(held))
}

func rolesIn(held string) map[access.Role]bool {
	roles := map[access.Role]bool{}
	for one := range strings.SplitSeq(held, ",") {
		if role, _, ok := strings.Cut(one, " "); ok {
			roles[access.Role(role)] = true
		}
	}
	return roles
}

// BeginPractice leads a session to the training office of its user's organisation. What she does there, she does as another
// user, with a caseload, notices and drafts of its own, as whom nobody can sign in.
func BeginPractice(ctx context.Context, tx *db.Tx, s Signed) error {
	who := s.Self
	if err := access.Check(tx, who, access.Practise, access.AtOffice(who.Office), access.OfOrganisation(who.Organisation), access.OnCaseload(who.ID)); err != nil {
		return err
	}
	office, err := offices.FindTraining(ctx, tx, who, who.Organisation)
	if err != nil {
		return err
	}
	if !office.ClosedAt.IsZero() {
		return fault.New(fault.NotFound, "office.no_training")
	}
	double, err := double(ctx, tx, s, office)
	if err != nil {
		return fmt.Errorf("begin practice: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM practice_sessions WHERE session_id = ?`, s.Session.ID); err != nil {
		return fmt.Errorf("begin practice: %w", err)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO practice_sessions (session_id, practice_id) VALUES (?, ?)`, s.Session.ID, double); err != nil {
		return fmt.Errorf("begin practice: %w", err)
	}
	return audit.Record(ctx, tx, who, access.Practise, audit.Entry{Subject: "user:" + who.ID, After: map[string]string{"practises_as": double}})
}

// double finds or makes the user that somebody is at the training office, and gives it the roles that she holds now.
func double(ctx context.Context, tx *db.Tx, s Signed, office offices.Office) (id string, err error) {
	err = tx.QueryRow(ctx, `SELECT practice_id FROM practisers WHERE user_id = ?`, s.Self.ID).Scan(&id)
	name := s.Self.Name + " (অনুশীলন · practice)"
	switch {
	case errors.Is(err, sql.ErrNoRows):
		id = ids.Apart(tx.Now())
		if _, err := tx.Exec(ctx, `INSERT INTO users (id, login, name, office_id, language, password, totp_step, enrolment, added_at, version)
			VALUES (?, ?, ?, ?, ?, '', 0, '', ?, 1)`, id, "~"+s.Self.ID, name, office.ID, string(s.User.Language), tx.Now()); err != nil {
			return "", err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO practisers (user_id, practice_id) VALUES (?, ?)`, s.Self.ID, id); err != nil {
			return "", err
		}
	case err != nil:
		return "", err
	default: // she may have moved to another organisation
		if _, err := tx.Exec(ctx, `UPDATE users SET name = ?, office_id = ?, language = ? WHERE id = ?`, name, office.ID, string(s.User.Language), id); err != nil {
			return "", err
		}
	}
	if err := access.Place(ctx, tx, id, access.AtOffice(office.ID), access.OfOrganisation(office.Organisation)); err != nil {
		return "", err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM user_roles WHERE user_id = ?`, id); err != nil {
		return "", err
	}
	for _, role := range s.Self.Roles {
		if _, err := tx.Exec(ctx, `INSERT INTO user_roles (user_id, role, scope, granted_by, granted_at) VALUES (?, ?, ?, ?, ?)`,
			id, string(role), access.AtOffice(office.ID), s.Self.ID, tx.Now()); err != nil {
			return "", err
		}
	}
	return id, nil
}

// EndPractice leads a session back to its user's own work.
func EndPractice(ctx context.Context, tx *db.Tx, s Signed) error {
	if err := access.CheckSelf(tx, s.Self, s.Self.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM practice_sessions WHERE session_id = ?`, s.Session.ID); err != nil {
		return fmt.Errorf("end practice: %w", err)
	}
	return audit.Record(ctx, tx, s.Self, access.Practise, audit.Entry{Subject: "user:" + s.Self.ID, Before: map[string]string{"practises_as": s.Actor.ID}})
}
