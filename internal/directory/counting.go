// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"context"
	"slices"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/fault"
)

// Counting is what a provider says of free places and of waiting.
type Counting struct {
	Service string
	Version int
	Offer   string // empty for the whole service
	Free    *int
	Wait    *int
}

// Count writes down how many more can be served and how long one waits, as of today.
func Count(ctx context.Context, tx *db.Tx, who access.Actor, c Counting) (Entry, error) {
	before, perm, err := mayChange(ctx, tx, who, c.Service, c.Version)
	if err != nil {
		return Entry{}, err
	}
	if before.Service == nil {
		return Entry{}, fault.New(fault.NotFound, "directory.not_found")
	}
	body, err := before.Body.Clone()
	if err != nil {
		return Entry{}, err
	}
	var said *listing.Capacity
	if c.Free != nil || c.Wait != nil {
		said = &listing.Capacity{Free: c.Free, Wait: c.Wait, On: today(tx)}
	}
	if c.Offer == "" {
		body.Service.Capacity = said
	} else {
		i := slices.IndexFunc(body.Service.At, func(o listing.Offer) bool { return o.ID == c.Offer })
		if i < 0 {
			return Entry{}, fault.New(fault.Invalid, "directory.location_needed").On("offer")
		}
		body.Service.At[i].Capacity = said
	}
	if f := body.Check(); f != nil {
		return Entry{}, f
	}
	after := before
	after.Body, after.Version = body, before.Version+1
	return after, keep(ctx, tx, who, writing{perm: perm, before: &before, after: after, act: "counted"})
}
