// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"context"

	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/directory/near"
)

// enterWays writes what a service is found by. Nothing leads to one that is not offered, whose organisation was withdrawn,
// or whose places all were.
func enterWays(ctx context.Context, tx *db.Tx, e Entry) error {
	owner, err := find(ctx, tx, e.Owner)
	if err != nil {
		return err
	}
	of := near.Service{ID: e.ID, Says: e.Service, Due: e.DueOn}
	if e.State == listing.Active && owner.State != listing.Withdrawn {
		if of.Ways, err = ways(ctx, tx, e); err != nil {
			return err
		}
	}
	return near.Enter(ctx, tx, of)
}

// ways are the places at which a service is offered, or the service itself if it is offered at none.
func ways(ctx context.Context, tx *db.Tx, e Entry) (all []near.Way, err error) {
	s := e.Service
	if len(s.At) == 0 || s.Sheltered() {
		return []near.Way{{Offer: e.ID, Free: free(s.Capacity)}}, nil
	}
	wanted := make([]string, len(s.At))
	for i, o := range s.At {
		wanted[i] = o.Location
	}
	there, err := Several(ctx, tx, wanted)
	if err != nil {
		return nil, err
	}
	for _, o := range s.At {
		l, ok := there[o.Location]
		if !ok || l.State == listing.Withdrawn {
			continue
		}
		c := o.Capacity
		if c == nil {
			c = s.Capacity
		}
		all = append(all, near.Way{Offer: o.ID, At: o.Location, Location: l.Location, Free: free(c)})
	}
	return all, nil
}

// free is how many places there are, as far as that is known.
func free(c *listing.Capacity) int {
	if c == nil || c.Free == nil {
		return -1
	}
	return *c.Free
}
