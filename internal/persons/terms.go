// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"context"
	"slices"
	"strings"

	"fera/internal/db"
	"fera/internal/index"
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

// forgetTerms takes a person out of the index.
func forgetTerms(ctx context.Context, tx *db.Tx, person ID, at []Origin) error {
	var had string
	if err := tx.QueryRow(ctx, `SELECT terms FROM persons WHERE id = ?`, string(person)).Scan(&had); err != nil {
		return err
	}
	return index.Forget(ctx, tx, string(person), strings.Fields(had), officesOf(at))
}

// officesOf are the offices that registered a person, each once.
func officesOf(at []Origin) (offices []string) {
	for _, o := range at {
		if !slices.Contains(offices, o.Office) {
			offices = append(offices, o.Office)
		}
	}
	return offices
}

// reindex makes a record's terms anew from what is in the tables: every name
// that was ever given, so that an old spelling still finds her, at every office
// that registered her.
func reindex(ctx context.Context, tx *db.Tx, person ID) error {
	k, err := keptOf(ctx, tx, records{person})
	if err != nil {
		return err
	}
	if err := forgetTerms(ctx, tx, person, k.origins()); err != nil {
		return err
	}
	var spelt []string
	place := ""
	for _, c := range k.claims() {
		switch {
		case c.Field == NameBn || c.Field == NameLatin || c.Field == CallName:
			spelt = append(spelt, c.Value)
		case c.Field == Home && c.InUse:
			place = c.Value
		}
	}
	contacts, err := contactsOf(ctx, tx, records{person})
	if err != nil {
		return err
	}
	identifiers, err := identifiersOf(ctx, tx, records{person})
	if err != nil {
		return err
	}
	terms := append(numberTerms(contacts, identifiers), names.Terms(spelt...)...)
	if _, err := tx.Exec(ctx, `UPDATE persons SET terms = ? WHERE id = ?`, strings.Join(terms, " "), string(person)); err != nil {
		return err
	}
	for _, office := range officesOf(k.origins()) {
		if err := index.Enter(ctx, tx, index.Place{Subject: string(person), Office: office, Home: place}, terms); err != nil {
			return err
		}
	}
	return nil
}
