// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/files"
	"fera/internal/names"
	"fera/internal/seal"
	"fera/internal/ties"
)

// Erase destroys a person's key and takes her out of the register. What stays is
// what the totals need and nobody can be known by: sex, year of birth, home
// district, countries and months of journeys. The receipts, one for each of her
// records, can be given to her. Records that who may not erase stay.
func Erase(ctx context.Context, tx *db.Tx, who access.Actor, id ID, reason string) (all []seal.Erasure, err error) {
	e, err := editable(ctx, tx, who, access.ErasePerson, id)
	if err != nil {
		return nil, err
	}
	reason, problem := names.CheckText(reason, 500)
	if problem != "" || reason == "" {
		return nil, fault.New(fault.Invalid, orElse(problem, "fault.needed")).With("max", 500).On("reason")
	}
	err = e.each(func(id ID) error {
		destroyed, err := seal.Destroy(ctx, tx, string(id))
		if err != nil {
			return fmt.Errorf("erase person: %w", err)
		}
		all = append(all, destroyed)
		if err := blank(ctx, tx, id); err != nil {
			return fmt.Errorf("erase person: %w", err)
		}
		return audit.Record(ctx, tx, who, access.ErasePerson, audit.Entry{Subject: "person:" + string(id), Person: string(id), Reason: reason})
	})
	return all, err
}

// EraseAgain erases a person whom a restored backup brought back.
func EraseAgain(ctx context.Context, tx *db.Tx, e seal.Erasure) error {
	who := access.System(access.ErasePerson)
	if err := access.CheckOn(ctx, tx, who, access.ErasePerson, e.Subject); err != nil {
		return err
	}
	if err := seal.Replay(ctx, tx, e); err != nil {
		return err
	}
	if err := blank(ctx, tx, ID(e.Subject)); err != nil && !errors.Is(err, sql.ErrNoRows) { // the backup may be older than her registration
		return err
	}
	return audit.Record(ctx, tx, who, access.ErasePerson, audit.Entry{Subject: "person:" + e.Subject, Person: e.Subject, Reason: "erased before; replayed after a restore"})
}

// blank empties the columns that are not sealed.
func blank(ctx context.Context, tx *db.Tx, id ID) error {
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
	for _, statement := range []string{
		`DELETE FROM person_contacts WHERE person_id = ?`,
		`DELETE FROM person_identifiers WHERE person_id = ?`,
		`DELETE FROM person_relations WHERE person_id = ?`,
		`UPDATE person_relations SET name = '', birth = '', version = version + 1 WHERE other_id = ?`, // in the record of who is related to her
		`DELETE FROM person_functioning WHERE person_id = ?`,
		`DELETE FROM person_claims WHERE person_id = ?`,
		`UPDATE person_registrations SET sealed = NULL, user_name = '' WHERE person_id = ?`,
		`UPDATE person_journeys SET city = '', occupation = '', work = '', employer = '', recruiter = '', left_by = '', cost = 0, paid_by = '',
			port = '', papers = '', reasons = '', sealed = NULL, departed = substr(departed, 1, 7), returned = substr(returned, 1, 7) WHERE person_id = ?`,
		`UPDATE persons SET name_bn = '', name_latin = '', call_name = '', birth = substr(birth, 1, 4), place_code = substr(place_code, 1, 4), terms = '', photo_id = '', chosen = '', version = version + 1 WHERE id = ?`,
	} {
		if _, err := tx.Exec(ctx, statement, string(id)); err != nil {
			return err
		}
	}
	if err := blankGiven(ctx, tx, id, recorded); err != nil {
		return err
	}
	if err := files.Forget(ctx, tx, string(id)); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE persons SET erased_at = ?, changed_at = ? WHERE id = ?`, tx.Now(), tx.Now(), string(id)); err != nil {
		return err
	}
	return access.Forget(ctx, tx, string(id))
}

// blankGiven leaves of what the registrations say only what was agreed to, which
// shows by what right there was a file at all.
func blankGiven(ctx context.Context, tx *db.Tx, id ID, recorded []registration) error {
	for _, r := range recorded {
		text, err := json.Marshal(given{Consents: r.given.Consents})
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE person_registrations SET given = ? WHERE person_id = ? AND id = ?`, string(text), string(id), r.ID); err != nil {
			return err
		}
	}
	return nil
}
