// SPDX-License-Identifier: Apache-2.0

package cases

import (
	"context"

	"fera/internal/access"
	"fera/internal/db"
)

// inParts gathers so many of a list as are wanted, of those that belong to cases that who sees, over each of which she holds perm.
// It takes what comes next in order and then asks which of it she sees, more each time when some are hidden: asked both at
// once, PostgreSQL would gather all that she sees. See docs/adr/0028.
func inParts[T any](ctx context.Context, q db.Reader, l list[T]) (all []T, err error) {
	chunk := l.want
	var after *T
	for len(all) < l.want {
		next, err := l.next(after, chunk)
		if err != nil {
			return nil, err
		}
		sees, err := l.seen(ctx, q, next)
		if err != nil {
			return nil, err
		}
		for _, one := range next {
			if sees[l.of(one)] {
				all = append(all, one)
			}
		}
		if len(next) < chunk {
			break
		}
		after, chunk = &next[len(next)-1], min(4*chunk, mostAtOnce)
	}
	return all[:min(len(all), l.want)], nil
}

// list is what belongs to cases, in an order.
type list[T any] struct {
	who  access.Actor
	perm access.Permission // over the case, beside that she sees it
	want int
	next func(after *T, chunk int) ([]T, error)
	of   func(T) ID
}

// seen are those of the cases of some that who sees and holds the permission over.
func (l list[T]) seen(ctx context.Context, q db.Reader, some []T) (map[ID]bool, error) {
	if len(some) == 0 {
		return nil, nil
	}
	in := make([]any, len(some))
	for i, one := range some {
		in[i] = string(l.of(one))
	}
	may, args := visible(l.who)
	holds, more := access.Where(l.who, l.perm, "c.id")
	rows, err := q.Query(ctx, `SELECT c.id FROM cases c WHERE c.id IN `+db.In(len(in))+` AND `+may+` AND `+holds, append(append(in, args...), more...)...)
	ids, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (id ID, err error) { err = r.Scan(&id); return id, err })
	seen := map[ID]bool{}
	for _, id := range ids {
		seen[id] = true
	}
	return seen, err
}
