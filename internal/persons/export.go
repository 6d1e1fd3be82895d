// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"context"
	"fmt"

	"fera/internal/access"
	"fera/internal/db"
)

// JourneysOf returns the journeys of several whose cards who was given by a list,
// the latest return first. Those of whom who may see no more than the card have
// none here.
func JourneysOf(ctx context.Context, q db.Reader, who access.Actor, of []Card) (map[ID][]Journey, error) {
	var alone records
	all := make(map[ID][]Journey, len(of))
	for _, c := range of {
		if c.group == "" {
			alone = append(alone, c.ID)
			continue
		}
		s, err := see(ctx, q, who, c.group)
		if err != nil {
			return nil, err
		}
		if !s.wholly {
			continue
		}
		if all[c.ID], err = journeysOf(ctx, q, s.records); err != nil {
			return nil, fmt.Errorf("list journeys: %w", err)
		}
	}
	alone, err := reached(ctx, q, who, alone)
	if err != nil || len(alone) == 0 {
		return all, err
	}
	some, err := journeysOf(ctx, q, alone)
	for _, j := range some {
		all[j.of] = append(all[j.of], j)
	}
	if err != nil {
		return nil, fmt.Errorf("list journeys: %w", err)
	}
	return all, nil
}

// reached are those of some whose record, and not only card, who may see.
func reached(ctx context.Context, q db.Reader, who access.Actor, some records) (records, error) {
	if len(some) == 0 {
		return nil, nil
	}
	in, args := some.in()
	may, more := access.Where(who, access.ReadPersons, "p.id")
	return idsOf(q.Query(ctx, `SELECT p.id FROM persons p WHERE p.id`+in+` AND `+may, append(args, more...)...))
}
