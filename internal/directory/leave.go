// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"context"
	"slices"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/directory/listing"
)

// Leave puts entries together for an exchange, with the organisations and locations that they name. What was withdrawn does not
// go along, nor does anybody at a partner.
func Leave(ctx context.Context, q db.Reader, entries []Entry) (a listing.Arrival, err error) {
	here := map[string]bool{}
	var named []string
	for _, e := range entries {
		here[e.ID] = true
		if named = append(named, e.Owner); e.Service != nil {
			for _, o := range e.Service.At {
				named = append(named, o.Location)
			}
		}
	}
	named = slices.DeleteFunc(named, func(id string) bool { return id == "" || here[id] })
	others, err := Several(ctx, q, named)
	if err != nil {
		return a, err
	}
	for _, e := range others {
		entries = append(entries, e)
	}
	gone := map[string]bool{}
	for _, e := range entries {
		gone[e.ID] = e.State == listing.Withdrawn
	}
	for _, e := range entries {
		if gone[e.ID] || gone[e.Owner] {
			continue
		}
		if e.Service != nil { // a copy: what was read may be shown elsewhere
			s := *e.Service
			s.At = slices.DeleteFunc(slices.Clone(s.At), func(o listing.Offer) bool { return gone[o.Location] })
			e.Body.Service = &s
		}
		a.Entries = append(a.Entries, listing.Arriving{ID: e.ID, Body: e.Body, Confirmed: e.ConfirmedOn, Changed: e.ChangedAt})
	}
	return a, nil
}

// LeaveAll is Leave for everything that is not withdrawn.
func LeaveAll(ctx context.Context, q db.Reader, who access.Actor) (listing.Arrival, error) {
	if !who.Holds(access.ReadDirectory) {
		return listing.Arrival{}, nil
	}
	var all []Entry
	for after := ""; ; {
		rows, err := q.Query(ctx, `SELECT `+columns+` FROM directory_entries WHERE state <> 'withdrawn' AND id > ? ORDER BY id LIMIT ?`, after, 1000)
		some, err := db.Collect(rows, err, scan)
		if err != nil {
			return listing.Arrival{}, err
		}
		if all = append(all, some...); len(some) < 1000 {
			return Leave(ctx, q, all)
		}
		after = some[len(some)-1].ID
	}
}
