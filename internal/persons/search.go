// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/names"
)

func idsOf(rows *sql.Rows, err error) ([]ID, error) {
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (id ID, err error) {
		err = row.Scan(&id)
		return id, err
	})
}

// byName finds candidates by the sound of the name and ranks them by how it is written.
func byName(ctx context.Context, q db.Reader, who access.Actor, f Filter, query string) ([]Card, error) {
	typed := query
	if !f.Typing {
		typed += " " // every word is complete
	}
	w := names.Query(typed)
	if w.Empty() {
		return nil, nil
	}
	seen := map[ID]bool{}
	var found []ID
	look := func(cond string, args ...any) error {
		some, err := f.candidates(ctx, q, who, termRange{cond, args})
		for _, id := range some {
			if !seen[id] {
				seen[id] = true
				found = append(found, id)
			}
		}
		return err
	}
	for _, t := range w.Exact {
		if err := look(`t.term = ?`, t); err != nil {
			return nil, err
		}
	}
	for _, p := range append([]string{w.Prefix}, w.Also...) {
		if p == "" || len(found) >= mostFound {
			continue
		}
		if err := look(`t.term >= ? AND t.term < ?`, p, p+"~"); err != nil {
			return nil, err
		}
	}
	cards, err := cardsOf(ctx, q, found[:min(len(found), mostFound)])
	if err != nil {
		return nil, err
	}
	cards = slices.DeleteFunc(cards, func(c Card) bool { return !hasAll(c, w.Rest) })
	rank(cards, query)
	return cards[:min(len(cards), f.limit())], nil
}

// termRange is a condition on the terms of the index, with its arguments.
type termRange struct {
	cond string
	args []any
}

// candidates reads one range of the index of terms. For offices the office
// is part of the key; other reaches are checked row by row.
func (f Filter) candidates(ctx context.Context, q db.Reader, who access.Actor, in termRange) ([]ID, error) {
	cond, args := in.cond, in.args
	if f.Place != "" {
		cond += ` AND t.place_code >= ? AND t.place_code < ?`
		args = append(args, f.Place, f.Place+"~")
	}
	may, more := access.Where(who, access.ReadPersons, "t.person_id")
	return idsOf(q.Query(ctx, `SELECT t.person_id FROM person_terms t WHERE `+cond+` AND `+may+` LIMIT ?`, append(append(args, more...), mostFound)...))
}

// hasAll reports whether each key begins one of the keys of the person's names.
func hasAll(c Card, keys []string) bool {
	if len(keys) == 0 {
		return true
	}
	own := names.Terms(c.NameBn, c.NameLatin, c.CallName)
	return !slices.ContainsFunc(keys, func(k string) bool {
		return !slices.ContainsFunc(own, func(t string) bool { return strings.HasPrefix(t, k) })
	})
}

// rank puts those whose name is written as it was typed first, then those whose
// name begins so, then those who have all the words, then the others; the
// newest first among equals.
func rank(cards []Card, query string) {
	want := names.Fold(query)
	parts := strings.Fields(want)
	score := func(c Card) (best int) {
		for _, name := range []string{c.NameBn, c.NameLatin, c.CallName} {
			if name == "" {
				continue
			}
			have := names.Fold(name)
			s := 0
			switch {
			case have == want:
				s = 4
			case strings.HasPrefix(have, want):
				s = 3
			case !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(have, p) }):
				s = 2
			}
			best = max(best, s)
		}
		return best
	}
	scores := make(map[ID]int, len(cards))
	for _, c := range cards {
		scores[c.ID] = score(c)
	}
	slices.SortFunc(cards, func(a, b Card) int {
		return cmp.Or(cmp.Compare(scores[b.ID], scores[a.ID]), cmp.Compare(b.ID, a.ID))
	})
}

// Count says how many who may see, up to a bound: a list says "more than" above it.
func Count(ctx context.Context, q db.Reader, who access.Actor, atMost int) (n int, err error) {
	may, args := access.Where(who, access.ReadPersons, "p.id")
	err = q.QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 AS one FROM persons p WHERE p.erased_at IS NULL AND `+may+` LIMIT ?) AS found`, append(args, atMost)...).Scan(&n)
	return n, err
}
