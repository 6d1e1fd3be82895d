// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"context"
	"slices"
	"strings"

	"fera/internal/db"
	"fera/internal/names"
	"fera/internal/numbers"
)

func digits(s string) string { return strings.TrimSpace(numbers.Digits(s)) }

// Terms of numbers begin so that no name can be mistaken for one.
const numberTerm = "#"

// numberTerms are the blind hashes by which a person is found by her numbers.
func numberTerms(contacts []Contact, identifiers []Identifier) (terms []string) {
	for _, c := range contacts {
		if c.blind != "" {
			terms = append(terms, numberTerm+c.blind)
		}
	}
	for _, i := range identifiers {
		if i.blind != "" {
			terms = append(terms, numberTerm+i.blind)
		}
	}
	slices.Sort(terms)
	return slices.Compact(terms)
}

// entry is where a person's terms are entered: at an office, with her home, so
// that a search by office or by place reads one range of the index.
type entry struct {
	person ID
	office string
	place  string
}

func insertTerms(ctx context.Context, tx *db.Tx, e entry, terms []string) error {
	const atOnce = 12 // few lengths of statement, so that they stay prepared
	for len(terms) > 0 {
		n := min(len(terms), atOnce)
		args := make([]any, 0, 4*n)
		for _, t := range terms[:n] {
			args = append(args, t, e.office, string(e.person), e.place)
		}
		_, err := tx.Exec(ctx, `INSERT INTO person_terms (term, office_id, person_id, place_code) VALUES `+
			db.Values(n, 4)+` ON CONFLICT DO NOTHING`, args...)
		if err != nil {
			return err
		}
		terms = terms[n:]
	}
	return nil
}

// forgetTerms takes a person out of the index. Her row says which terms she has,
// so that the index needs no second order.
func forgetTerms(ctx context.Context, tx *db.Tx, person ID) error {
	var had string
	if err := tx.QueryRow(ctx, `SELECT terms FROM persons WHERE id = ?`, string(person)).Scan(&had); err != nil {
		return err
	}
	for _, t := range strings.Fields(had) {
		if _, err := tx.Exec(ctx, `DELETE FROM person_terms WHERE term = ? AND person_id = ? AND office_id IN
			(SELECT office_id FROM person_registrations WHERE person_id = ?)`, t, string(person), string(person)); err != nil {
			return err
		}
	}
	return nil
}

// reindex makes a person's terms anew from what is in the tables: every name
// that was ever given, so that an old spelling still finds her, at every office
// that registered her.
func reindex(ctx context.Context, tx *db.Tx, person ID) error {
	if err := forgetTerms(ctx, tx, person); err != nil {
		return err
	}
	claims, err := claimsOf(ctx, tx, person)
	if err != nil {
		return err
	}
	var spelt []string
	place := ""
	for _, c := range claims {
		switch {
		case c.Field == NameBn || c.Field == NameLatin || c.Field == CallName:
			spelt = append(spelt, c.Value)
		case c.Field == Home && c.InUse:
			place = c.Value
		}
	}
	contacts, err := contactsOf(ctx, tx, person)
	if err != nil {
		return err
	}
	identifiers, err := identifiersOf(ctx, tx, person)
	if err != nil {
		return err
	}
	terms := append(numberTerms(contacts, identifiers), names.Terms(spelt...)...)
	if _, err := tx.Exec(ctx, `UPDATE persons SET terms = ? WHERE id = ?`, strings.Join(terms, " "), string(person)); err != nil {
		return err
	}
	origins, err := originsOf(ctx, tx, person)
	if err != nil {
		return err
	}
	done := map[string]bool{}
	for _, o := range origins {
		if !done[o.Office] {
			done[o.Office] = true
			if err := insertTerms(ctx, tx, entry{person, o.Office, place}, terms); err != nil {
				return err
			}
		}
	}
	return nil
}
