// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"context"
	"slices"

	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/geo"
)

// anything stands, in what services are found by, for every need and every area.
const anything = "*"

// reached is one way in which a service is found.
type reached struct {
	offer, location, place string
	free                   int // places; -1 when it is not known
}

// enterReach writes what a service is found by. Nothing leads to one that is not offered, whose organisation was withdrawn,
// or whose places all were.
func enterReach(ctx context.Context, tx *db.Tx, e Entry) error {
	if _, err := tx.Exec(ctx, `DELETE FROM directory_reach WHERE service_id = ?`, e.ID); err != nil {
		return err
	}
	owner, err := find(ctx, tx, e.Owner)
	if err != nil {
		return err
	}
	if e.State != listing.Active || owner.State == listing.Withdrawn {
		return nil
	}
	ways, err := ways(ctx, tx, e)
	if err != nil {
		return err
	}
	s := e.Service
	needs := append(slices.Clone(s.Needs), anything)
	areas := append(slices.Clone(s.Areas), anything)
	for _, w := range ways {
		var args []any
		n := 0
		for _, need := range needs {
			for _, area := range areas {
				most := s.For.MaxAge
				if most == 0 {
					most = 999
				}
				args = append(args, need, area, e.ID, w.offer, w.location, w.place, s.Staff, s.For.Sex, s.For.MinAge, most, s.For.Returns, w.free)
				if n++; n == 50 {
					if err := insertReach(ctx, tx, n, args); err != nil {
						return err
					}
					args, n = nil, 0
				}
			}
		}
		if n > 0 {
			if err := insertReach(ctx, tx, n, args); err != nil {
				return err
			}
		}
	}
	return nil
}

func insertReach(ctx context.Context, tx *db.Tx, n int, args []any) error {
	_, err := tx.Exec(ctx, `INSERT INTO directory_reach (need, area, service_id, offer_id, location, place, staff, sex, min_age, max_age, months, free) VALUES `+db.Values(n, 12), args...)
	return err
}

// ways are the places at which a service is offered, or the service itself if it is offered at none.
func ways(ctx context.Context, tx *db.Tx, e Entry) (all []reached, err error) {
	s := e.Service
	if len(s.At) == 0 || s.Sheltered() {
		return []reached{{offer: e.ID, free: free(s.Capacity)}}, nil
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
		all = append(all, reached{o.ID, o.Location, l.Location.Place, free(c)})
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

// areasOf are the areas whose services are for somebody who lives at a place: those around it, and those within it, since she
// may live in any of them.
func areasOf(place string) []string {
	all := []string{listing.Country}
	for _, p := range geo.Path(place) {
		all = append(all, p.Code)
	}
	for _, p := range geo.Children(place) {
		all = append(all, p.Code)
		for _, c := range geo.Children(p.Code) {
			all = append(all, c.Code)
		}
	}
	return all
}
