// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"context"

	"fera/internal/db"
)

// list is one of the lists that many people lack. Her row says which of them she
// ever had, so that a page asks for no others: each would be a look into another
// part of the store.
type list int

const (
	listClaims list = 1 << iota // values beside those of the registration
	listConsents
	listIdentifiers
	listJourneys
	listRelations
)

// everyList is what a person may have of whom that was not asked.
const everyList = listClaims | listConsents | listIdentifiers | listJourneys | listRelations

func (l list) has(one list) bool { return l&one != 0 }

// lists are those that a registration fills.
func (r *Registration) lists() (l list) {
	for _, f := range Fields() {
		if f.Protected() && r.Values[f] != "" {
			l |= listClaims
		}
	}
	for one, n := range map[list]int{listIdentifiers: len(r.Identifiers), listJourneys: len(r.Journeys), listRelations: len(r.Relations)} {
		if n > 0 {
			l |= one
		}
	}
	return l
}

// has notes that a list of the record is no longer empty, unless that is known.
func (to link) has(ctx context.Context, tx *db.Tx, one list) error {
	if to.lists.has(one) {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE persons SET lists = lists | ? WHERE id = ?`, int(one), string(to.person))
	return err
}
