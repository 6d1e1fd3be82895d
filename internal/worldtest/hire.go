// SPDX-License-Identifier: Apache-2.0

package worldtest

import (
	"context"
	"strings"
	"testing"

	"fera/internal/access"
	"fera/internal/db"
)

// Hire writes the offices of the world, and the cast and more of its users, so that they can be found and told. Each holds
// the roles of her actor, where it reaches the cases of her office; who reaches everything or an area only is left out.
func Hire(t testing.TB, d *db.DB, more ...access.Actor) {
	t.Helper()
	if err := d.Maintain(t.Context(), func(tx *db.Tx) error {
		for _, organisation := range []string{Aparajita, Bandhan} {
			if _, err := tx.Exec(t.Context(), `INSERT INTO organisations (id, name_en, name_bn, kind, added_at, version) VALUES (?, 'x', 'x', 'ngo', ?, 1)`, organisation, tx.Now()); err != nil {
				return err
			}
		}
		for office, organisation := range map[string]string{Sylhet: Aparajita, Centre: Aparajita, Barishal: Bandhan} {
			if _, err := tx.Exec(t.Context(), `INSERT INTO offices (id, organisation_id, name_en, name_bn, kind, place_code, opened_at, version) VALUES (?, ?, 'x', 'x', 'branch', '30', ?, 1)`,
				office, organisation, tx.Now()); err != nil {
				return err
			}
		}
		for _, a := range append([]access.Actor{Amina(), Basil(), Chandra(), Dipu()}, more...) {
			if err := hire(t.Context(), tx, a); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func hire(ctx context.Context, tx *db.Tx, a access.Actor) error {
	scope := "own"
	for _, s := range []string{access.AtOffice(a.Office), access.OfOrganisation(a.Organisation)} {
		if a.Covers(access.ReadCases, s) {
			scope = s
		}
	}
	if _, err := tx.Exec(ctx, `INSERT INTO users (id, login, name, office_id, language, password, totp_step, enrolment, added_at, version) VALUES (?, ?, ?, ?, 'bn', '', 0, '', ?, 1)`,
		a.ID, strings.ToLower(a.Name), a.Name, a.Office, tx.Now()); err != nil {
		return err
	}
	for _, role := range a.Roles {
		if _, err := tx.Exec(ctx, `INSERT INTO user_roles (user_id, role, scope, granted_by, granted_at) VALUES (?, ?, ?, ?, ?)`, a.ID, string(role), scope, a.ID, tx.Now()); err != nil {
			return err
		}
	}
	return access.Place(ctx, tx, a.ID, access.AtOffice(a.Office), access.OfOrganisation(a.Organisation))
}
