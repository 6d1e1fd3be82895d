// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"context"
	"slices"
	"strings"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/index"
)

// Likeness is somebody in the register who may be the one that a registration
// is about, and why it seems so.
type Likeness struct {
	Card Card
	Why  string // message key suffix: paper, phone, name
}

// mostLikely bounds how many candidates are looked at for one registration.
const mostLikely = 50

// Likely returns those whom who may see and who may be the one that a ready
// registration is about: the same number on a paper; the same telephone and a
// name that sounds alike; or, at who's office, the same name by sound, birth and
// home. It is a plain rule, until matching weighs the evidence.
func Likely(ctx context.Context, q db.Reader, who access.Actor, r *Registration) (all []Likeness, err error) {
	if err := r.blind(ctx, q); err != nil {
		return nil, err
	}
	found := map[ID]string{}
	if err := r.byTerms(ctx, q, who, numberTerms(nil, r.Identifiers), found); err != nil {
		return nil, err
	}
	if r.Values[Birth] != "" && r.Values[Home] != "" && len(r.terms) > 0 {
		if err := r.byName(ctx, q, who, found); err != nil {
			return nil, err
		}
	}
	for id, why := range found {
		card, err := FindCard(ctx, q, who, id)
		if fault.KindOf(err) == fault.NotFound {
			continue // not who's to know
		}
		if err != nil {
			return nil, err
		}
		all = append(all, Likeness{card, why})
	}
	slices.SortFunc(all, func(a, b Likeness) int { return strings.Compare(string(a.Card.ID), string(b.Card.ID)) })
	return all, nil
}

// byTerms finds those who have one of the numbers.
func (r *Registration) byTerms(ctx context.Context, q db.Reader, who access.Actor, papers []string, found map[ID]string) error {
	var ranges []index.Range
	for _, t := range numberTerms(r.Contacts, r.Identifiers) {
		ranges = append(ranges, index.Range{Text: t})
	}
	fresh, err := index.Fresh(ctx, q, who, cards(who), ranges)
	if err != nil {
		return err
	}
	var some []any
	for _, w := range fresh {
		some = append(some, w.Subject)
	}
	for _, r := range ranges {
		have, err := index.Find(ctx, q, index.Search{Range: r, Who: who, With: cards(who), Most: mostLikely})
		if err != nil {
			return err
		}
		for _, id := range have {
			some = append(some, id)
		}
	}
	all, err := withTerms(ctx, q, some)
	for _, w := range all {
		switch {
		case shares(w.Terms, papers):
			found[ID(w.Subject)] = "paper"
		case shares(w.Terms, r.terms):
			found[ID(w.Subject)] = "phone"
		}
	}
	return err
}

// byName finds those of who's office whose names, birth and home are the same.
func (r *Registration) byName(ctx context.Context, q db.Reader, who access.Actor, found map[ID]string) error {
	rarest := slices.MaxFunc(r.terms, func(a, b string) int { return len(a) - len(b) })
	rows, err := q.Query(ctx, `SELECT p.id FROM persons p WHERE p.birth = ? AND p.place_code = ? AND p.id IN
		(SELECT subject_id FROM index_terms WHERE term = ? AND office_id = ? AND place_code = ? LIMIT ?)`,
		r.Values[Birth], r.Values[Home], rarest, who.Office, r.Values[Home], mostLikely)
	some, err := idsOf(rows, err)
	args := make([]any, len(some))
	for i, id := range some {
		args[i] = string(id)
	}
	if err != nil {
		return err
	}
	all, err := withTerms(ctx, q, args)
	for _, w := range all {
		if found[ID(w.Subject)] == "" && !slices.ContainsFunc(r.terms, func(t string) bool { return !slices.Contains(w.Terms, t) }) {
			found[ID(w.Subject)] = "name"
		}
	}
	return err
}

// withTerms returns those who were not erased, with the terms that find them.
func withTerms(ctx context.Context, q db.Reader, some []any) ([]index.Waiting, error) {
	if len(some) == 0 {
		return nil, nil
	}
	some = some[:min(len(some), mostLikely)]
	rows, err := q.Query(ctx, `SELECT p.id, p.place_code, p.terms FROM persons p WHERE p.erased_at IS NULL AND p.id IN `+db.In(len(some)), some...)
	return db.Collect(rows, err, scanTerms)
}

func shares(a, b []string) bool {
	return slices.ContainsFunc(a, func(t string) bool { return slices.Contains(b, t) })
}
