// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"cmp"
	"context"
	"math"
	"slices"

	"fera/internal/db"
	"fera/internal/directory/near"
)

// hit is a way to a service, with what it is ranked by beside how near it is.
type hit struct {
	near.Hit
	age     Freshness
	sorted  string // its name as it is sorted
	conduct *Conduct
}

// best ranks what was found, and keeps as many as are wanted.
func best(ctx context.Context, q db.Reader, w near.Wanted, found []near.Hit) ([]hit, error) {
	hits := make([]hit, len(found))
	for i, h := range found {
		hits[i] = hit{Hit: h, age: Fresh}
		switch {
		case h.Due.IsZero():
			hits[i].age = Unconfirmed
		case h.Due.SurelyBefore(today(q)):
			hits[i].age = Stale
		}
	}
	if w.Conduct {
		if err := addConduct(ctx, q, hits); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(hits, rank)
	if n := w.Limit; len(hits) > n { // what is alike at the end may be shown by its name
		for n < len(hits) && rank(hits[w.Limit-1], hits[n]) == 0 {
			n++
		}
		hits = hits[:n]
	}
	if err := addNames(ctx, q, hits); err != nil {
		return nil, err
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Or(rank(a, b), cmp.Compare(a.sorted, b.sorted)) })
	return hits[:min(len(hits), w.Limit)], nil
}

// rank puts the nearer first, those who answer before those who are silent, what was confirmed before what should be again, and
// that before what never was.
func rank(a, b hit) int {
	silent := func(h hit) int {
		if h.conduct != nil && h.conduct.Silent() {
			return 1
		}
		return 0
	}
	far := func(h hit) float64 {
		if h.Km < 0 {
			return math.Inf(1)
		}
		return h.Km
	}
	age := func(h hit) int { return slices.Index([]Freshness{Fresh, Stale, Unconfirmed}, h.age) }
	return cmp.Or(a.Near.Order(b.Near), cmp.Compare(silent(a), silent(b)),
		cmp.Compare(far(a), far(b)), cmp.Compare(age(a), age(b)))
}

// addNames reads what names are sorted by.
func addNames(ctx context.Context, q db.Reader, hits []hit) error {
	wanted := make([]string, len(hits))
	for i, h := range hits {
		wanted[i] = h.Service
	}
	found := map[string]string{}
	for part := range slices.Chunk(slices.Compact(slices.Sorted(slices.Values(wanted))), 200) {
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = id
		}
		rows, err := q.Query(ctx, `SELECT id, sorted FROM directory_entries WHERE id IN `+db.In(len(args)), args...)
		some, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (x [2]string, err error) {
			err = row.Scan(&x[0], &x[1])
			return x, err
		})
		if err != nil {
			return err
		}
		for _, x := range some {
			found[x[0]] = x[1]
		}
	}
	for i := range hits {
		hits[i].sorted = found[hits[i].Service]
	}
	return nil
}
