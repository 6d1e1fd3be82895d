// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"fera/internal/access"
	"fera/internal/db"
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
	cards, err := cardsOf(ctx, q, found[:min(len(found), mostFound)])
	if err != nil {
		return nil, err
	}
	rank(cards, query)
	return cards[:min(len(cards), f.limit())], nil
}

// found collects the candidates of all the terms that are wanted.
func (f Filter) found(ctx context.Context, q db.Reader, who access.Actor, w names.Wanted) (found []ID, err error) {
	own, few, err := fewOf(ctx, q, who)
	if err != nil {
		return nil, err
	}
	seen := map[ID]bool{}
	for _, r := range rangesOf(w) {
		if len(found) >= mostFound {
			break
		}
		var some []ID
		if few {
			some = r.among(own, f.Place)
		} else if some, err = f.candidates(ctx, q, who, r); err != nil {
			return nil, err
		}
		for _, id := range some {
			if !seen[id] {
				seen[id] = true
				found = append(found, id)
			}
		}
	}
	return withRest(ctx, q, found, w.Rest)
}

// termRange is the terms that are one text, or that begin with it.
type termRange struct {
	text   string
	begins bool
}

func rangesOf(w names.Wanted) (all []termRange) {
	for _, t := range w.Exact {
		all = append(all, termRange{text: t})
	}
	for _, p := range append([]string{w.Prefix}, w.Also...) {
		if p != "" {
			all = append(all, termRange{text: p, begins: true})
		}
	}
	return all
}

func (r termRange) holds(term string) bool {
	return term == r.text || r.begins && strings.HasPrefix(term, r.text)
}

// mostRead bounds how many entries of the index one range reads. A beginning
// that half the country shares finds enough long before.
const mostRead = 20_000

// candidates reads one range of the index of terms. At offices, a whole term is
// one short range; other reaches are checked entry by entry.
func (f Filter) candidates(ctx context.Context, q db.Reader, who access.Actor, r termRange) ([]ID, error) {
	cond, args := `term = ?`, []any{r.text}
	if r.begins {
		cond, args = `term >= ? AND term < ?`, []any{r.text, r.text + "~"}
	}
	may, more := access.Where(who, cards(who), "t.person_id")
	if offices, only := officesOf(who); only {
		may, more = `t.office_id IN `+db.In(len(offices)), offices
		if !r.begins {
			cond, args = cond+` AND office_id IN `+db.In(len(offices)), append(args, offices...)
		}
	}
	if f.Place != "" {
		may += ` AND t.place_code >= ? AND t.place_code < ?`
		more = append(more, f.Place, f.Place+"~")
	}
	args = append(append(append(args, mostRead), more...), mostFound)
	return idsOf(q.Query(ctx, `SELECT t.person_id FROM (SELECT person_id, office_id, place_code FROM person_terms WHERE `+cond+` LIMIT ?) AS t WHERE `+may+` LIMIT ?`, args...))
}

// officesOf returns the offices whose persons who may see, if who sees by office only.
func officesOf(who access.Actor) (offices []any, only bool) {
	reach := who.Grants[cards(who)]
	for _, s := range reach.Scopes {
		id, ok := strings.CutPrefix(s, access.AtOffice(""))
		if !ok {
			return nil, false
		}
		offices = append(offices, id)
	}
	return offices, !reach.Everywhere && len(offices) > 0
}

// indexed is a person with the terms that find her.
type indexed struct {
	id    ID
	place string
	terms string
}

// fewest is up to how many persons are compared one by one: those of a small
// office are read faster than a wide range of the index.
const fewest = 1_000

// fewOf returns all whom who may see when they are few.
func fewOf(ctx context.Context, q db.Reader, who access.Actor) (own []indexed, few bool, err error) {
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
	own, err = db.Collect(rows, err, scanIndexed)
	return own, true, err
}

func scanIndexed(row interface{ Scan(...any) error }) (i indexed, err error) {
	err = row.Scan(&i.id, &i.place, &i.terms)
	return i, err
}

func (r termRange) among(own []indexed, place string) (found []ID) {
	for _, i := range own {
		if strings.HasPrefix(i.place, place) && slices.ContainsFunc(strings.Fields(i.terms), r.holds) {
			found = append(found, i.id)
		}
	}
	return found
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
	all, err := db.Collect(rows, err, scanIndexed)
	found = nil
	for _, i := range all {
		terms := strings.Fields(i.terms)
		missing := slices.ContainsFunc(keys, func(k string) bool { return !slices.ContainsFunc(terms, termRange{k, true}.holds) })
		if !missing {
			found = append(found, i.id)
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
	err = q.QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 AS one FROM persons p WHERE p.erased_at IS NULL AND `+may+` LIMIT ?) AS found`, append(args, atMost)...).Scan(&n)
	return n, err
}
