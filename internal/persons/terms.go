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

// termsOf returns what a person is found by: her names by sound, and blind
// hashes of her numbers.
func termsOf(nameBn, nameLatin, callName string, contacts []Contact, identifiers []Identifier) []string {
	terms := names.Terms(nameBn, nameLatin, callName)
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

func insertTerms(ctx context.Context, tx *db.Tx, person ID, office, place string, terms []string) error {
	const atOnce = 12 // few lengths of statement, so that they stay prepared
	for len(terms) > 0 {
		n := min(len(terms), atOnce)
		args := make([]any, 0, 4*n)
		for _, t := range terms[:n] {
			args = append(args, t, office, string(person), place)
		}
		_, err := tx.Exec(ctx, `INSERT INTO person_terms (term, office_id, person_id, place_code) VALUES `+
			strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?), ", n), ", ")+` ON CONFLICT DO NOTHING`, args...)
		if err != nil {
			return err
		}
		terms = terms[n:]
	}
	return nil
}

// reindex makes a person's terms anew from what is in the tables: every name
// that was ever given, so that an old spelling still finds her, at every office
// that registered her.
func reindex(ctx context.Context, tx *db.Tx, person ID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM person_terms WHERE person_id = ?`, string(person)); err != nil {
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
	terms := append(termsOf("", "", "", contacts, identifiers), names.Terms(spelt...)...)
	origins, err := originsOf(ctx, tx, person)
	if err != nil {
		return err
	}
	done := map[string]bool{}
	for _, o := range origins {
		if !done[o.Office] {
			done[o.Office] = true
			if err := insertTerms(ctx, tx, person, o.Office, place, terms); err != nil {
				return err
			}
		}
	}
	return nil
}
