// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"context"
	"fmt"
	"slices"

	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/directory/near"
)

// Match is a service at a place that fits what was wanted.
type Match struct {
	Service      Entry
	Organisation Entry
	Location     *Entry // nil for one that is offered at no place, such as a helpline
	Offer        *listing.Offer
	Near         near.Nearness
	Km           float64         // to the middle of where she lives; -1 when it cannot be said
	Missing      []listing.Paper // those that she has not got, of those with a code
	Conduct      *Conduct        // how who offers it answers; nil when that is not known or was not asked
}

// Capacity is what holds here: what was said of this place, or else of the whole service.
func (m Match) Capacity() *listing.Capacity {
	if m.Offer != nil && m.Offer.Capacity != nil {
		return m.Offer.Capacity
	}
	return m.Service.Service.Capacity
}

// Phones are the numbers to call, those of this place first.
func (m Match) Phones() (all []listing.Phone) {
	if m.Offer != nil {
		all = append(all, m.Offer.Phones...)
	}
	if m.Location != nil {
		all = append(all, m.Location.Location.Phones...)
	}
	all = append(all, m.Service.Service.Phones...)
	if len(all) == 0 {
		all = append(all, m.Organisation.Organisation.Phones...)
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(p listing.Phone) bool {
		again := seen[p.Dial()]
		seen[p.Dial()] = true
		return again
	})
}

// Hours are those of this offer, or else of the location, or else of the service.
func (m Match) Hours() listing.Hours {
	if m.Offer != nil && m.Offer.Hours.Known() {
		return m.Offer.Hours
	}
	if m.Location != nil && m.Location.Location.Hours.Known() {
		return m.Location.Location.Hours
	}
	return m.Service.Service.Hours
}

// Seek finds services for a need and a place, the nearest first. It is open to the public: it reads class 1 alone, unless it is
// asked how providers answer.
func Seek(ctx context.Context, q db.Reader, w near.Wanted) ([]Match, error) {
	if w.Limit <= 0 || w.Limit > 200 {
		w.Limit = 20
	}
	hits, err := near.Find(ctx, q, w)
	if err != nil {
		return nil, fmt.Errorf("seek services: %w", err)
	}
	some, err := best(ctx, q, w, hits)
	if err != nil {
		return nil, fmt.Errorf("seek services: %w", err)
	}
	return fill(ctx, q, w, some)
}

// fill reads what was found.
func fill(ctx context.Context, q db.Reader, w near.Wanted, hits []hit) (found []Match, err error) {
	var wanted []string
	for _, h := range hits {
		if wanted = append(wanted, h.Service); h.Location != "" {
			wanted = append(wanted, h.Location)
		}
	}
	there, err := Several(ctx, q, wanted)
	if err != nil {
		return nil, err
	}
	var owners []string
	for _, h := range hits {
		owners = append(owners, there[h.Service].Owner)
	}
	bodies, err := Several(ctx, q, owners)
	if err != nil {
		return nil, err
	}
	for _, h := range hits {
		s := there[h.Service]
		m := Match{Service: s, Organisation: bodies[s.Owner], Near: h.Near, Km: h.Km, Conduct: h.conduct}
		if h.Location != "" {
			l := there[h.Location]
			m.Location = &l
			i := slices.IndexFunc(s.Service.At, func(o listing.Offer) bool { return o.ID == h.Offer })
			m.Offer = &s.Service.At[i]
		}
		if w.Papers != nil {
			m.Missing = slices.DeleteFunc(slices.Clone(s.Service.Papers), func(p listing.Paper) bool { return p.Code == "" || slices.Contains(w.Papers, p.Code) })
		}
		found = append(found, m)
	}
	return found, nil
}

// Offers returns a page of the offers of services at locations, and how many there are: of the services of a filter that are offered now.
func Offers(ctx context.Context, q db.Reader, f Filter) (page []near.Offer, total int, err error) {
	need := f.Need
	f.Need, f.Kind = "", listing.OfService
	light, err := f.light(ctx, q, usual())
	if err != nil {
		return nil, 0, err
	}
	services, args := light.rows, light.args
	if f.Organisation != "" {
		more := `SELECT id FROM directory_entries WHERE organisation_id = ? AND kind = 'service'`
		if args = append(args, f.Organisation); services != "" {
			more = ` INTERSECT ` + more
		}
		services += more
	}
	return near.Offers(ctx, q, near.Asked{Need: need, Services: services, Args: args, Limit: f.Limit, Skip: f.Skip})
}
