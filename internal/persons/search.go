// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/index"
	"fera/internal/names"
)

func idsOf(rows *db.Rows, err error) ([]ID, error) {
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
	found, err := f.found(ctx, q, who, w)
	if err != nil {
		return nil, err
	}
	cards, err := cardsOf(ctx, q, found[:min(len(found), f.most())])
	if err != nil {
		return nil, err
	}
	if cards, err = fold(ctx, q, who, cards, false); err != nil {
		return nil, err
	}
	rank(cards, query)
	return cards[:min(len(cards), f.limit())], nil
}

// found collects the candidates of all the terms that are wanted.
func (f Filter) found(ctx context.Context, q db.Reader, who access.Actor, w names.Wanted) (found []ID, err error) {
	ranges := rangesOf(w)
	own, few, err := fewOf(ctx, q, who)
	if err == nil && !few {
		own, err = index.Fresh(ctx, q, who, cards(who), ranges)
	}
	if err != nil {
		return nil, err
	}
	seen := map[ID]bool{}
	for _, r := range ranges {
		if len(found) >= f.most() {
			break
		}
		some := among(own, r, f.Place)
		if !few {
			more, err := index.Find(ctx, q, index.Search{Range: r, Who: who, With: cards(who), Home: f.Place, Most: f.most()})
			if err != nil {
				return nil, err
			}
			some = append(some, more...)
		}
		for _, id := range some {
			if !seen[ID(id)] {
				seen[ID(id)] = true
				found = append(found, ID(id))
			}
		}
	}
	return withRest(ctx, q, found, w.Rest)
}

// among finds those who have a term in the range and whose home lies in the place.
func among(all []index.Waiting, r index.Range, place string) (found []string) {
	for _, w := range all {
		if strings.HasPrefix(w.Home, place) && w.Has(r) {
			found = append(found, w.Subject)
		}
	}
	return found
}

func rangesOf(w names.Wanted) (all []index.Range) {
	for _, t := range w.Exact {
		all = append(all, index.Range{Text: t})
	}
	for _, p := range append([]string{w.Prefix}, w.Also...) {
		if p != "" {
			all = append(all, index.Range{Text: p, Begins: true})
		}
	}
	return all
}

// fewest is up to how many persons are compared one by one: those of a small
// office are read faster than a wide range of the index.
const fewest = 1_000

// fewOf returns all whom who may see when they are few.
func fewOf(ctx context.Context, q db.Reader, who access.Actor) (own []index.Waiting, few bool, err error) {
	reach := who.Grants[cards(who)]
	if reach.Everywhere || len(reach.Scopes) == 0 {
		return nil, len(reach.Scopes) == 0 && !reach.Everywhere, nil
	}
	args := make([]any, 0, len(reach.Scopes)+1)
	for _, s := range reach.Scopes {
		args = append(args, s)
	}
	var n int
	if err := q.QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 AS one FROM access_scopes WHERE scope IN `+db.In(len(args))+` LIMIT ?) AS few`, append(args, fewest+1)...).Scan(&n); err != nil || n > fewest {
		return nil, false, err
	}
	rows, err := q.Query(ctx, `SELECT p.id, p.place_code, p.terms FROM persons p WHERE p.id IN (SELECT subject_id FROM access_scopes WHERE scope IN `+db.In(len(args))+`) ORDER BY p.id DESC`, args...)
	own, err = db.Collect(rows, err, scanTerms)
	return own, true, err
}

func scanTerms(row interface{ Scan(...any) error }) (w index.Waiting, err error) {
	var terms string
	err = row.Scan(&w.Subject, &w.Home, &terms)
	w.Terms = strings.Fields(terms)
	return w, err
}

// withRest keeps those for whom each key begins one of their terms.
func withRest(ctx context.Context, q db.Reader, found []ID, keys []string) ([]ID, error) {
	if len(keys) == 0 || len(found) == 0 {
		return found, nil
	}
	args := make([]any, len(found))
	for i, id := range found {
		args[i] = string(id)
	}
	rows, err := q.Query(ctx, `SELECT id, place_code, terms FROM persons WHERE id IN `+db.In(len(args)), args...)
	all, err := db.Collect(rows, err, scanTerms)
	found = nil
	for _, i := range all {
		missing := slices.ContainsFunc(keys, func(k string) bool { return !i.Has(index.Range{Text: k, Begins: true}) })
		if !missing {
			found = append(found, ID(i.Subject))
		}
	}
	return found, err
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
	may, args := access.Where(who, cards(who), "p.id")
	err = q.QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 AS one FROM persons p WHERE p.erased_at IS NULL AND `+may+` LIMIT ?) AS found`, append(slices.Clone(args), atMost)...).Scan(&n)
	if err != nil || n >= atMost {
		return n, err
	}
	may, _ = access.Where(who, cards(who), "t.record_id")
	var again int // records beyond the first of the same person
	err = q.QueryRow(ctx, `SELECT count(*) - count(DISTINCT t.person_id) FROM ties t WHERE `+may, args...).Scan(&again)
	return n - again, err
}
