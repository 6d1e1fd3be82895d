// SPDX-License-Identifier: Apache-2.0

package people

import (
	"slices"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/persons"
	"fera/internal/web/site"
)

// Reaches tells whether the visitor may do something with a person.
func Reaches(r *site.Request, q db.Reader, perm access.Permission, id persons.ID) (bool, error) {
	records, err := persons.Records(r.Context(), q, r.Who, perm, id)
	return len(records) > 0, err
}

// ScopesOf are the scopes of those of a person's records that the visitor reaches with perm.
func ScopesOf(r *site.Request, q db.Reader, perm access.Permission, id persons.ID) (scopes []access.Scope, err error) {
	records, err := persons.Records(r.Context(), q, r.Who, perm, id)
	if err != nil {
		return nil, err
	}
	for _, record := range records {
		some, err := access.ScopesOf(r.Context(), q, string(record))
		if err != nil {
			return nil, err
		}
		scopes = append(scopes, some...)
	}
	slices.Sort(scopes)
	return slices.Compact(scopes), nil
}
