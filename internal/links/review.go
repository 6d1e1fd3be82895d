// SPDX-License-Identifier: Apache-2.0

package links

import (
	"context"
	"fmt"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/matching"
	"fera/internal/persons"
	"fera/internal/ties"
)

// Pending is two records that may be of one person and wait for somebody to say.
type Pending struct {
	Pair       ties.Pair
	Bits       float64
	One, Other persons.Card
	Proposed   Decision // who said that they are one, when a second person must say so too
}

// Waiting lists the pairs that who may judge, the likeliest first. Pairs of which
// who does not see both are not among them. A cursor is the bits and the pair that
// the list before ended with.
func Waiting(ctx context.Context, q db.Reader, who access.Actor, after Pending, limit int) ([]Pending, error) {
	if !who.Holds(access.ReviewMatches) {
		return nil, fault.New(fault.Forbidden, "access.not_allowed")
	}
	one, args := access.Where(who, access.ReviewMatches, "p.one_id")
	other, more := access.Where(who, access.ReviewMatches, "p.other_id")
	args = append(args, more...)
	from := "TRUE"
	if after.Pair.One != "" {
		from = "(p.bits < ? OR p.bits = ? AND (p.one_id > ? OR p.one_id = ? AND p.other_id > ?))"
		bits := int64(after.Bits * thousand)
		args = append(args, bits, bits, after.Pair.One, after.Pair.One, after.Pair.Other)
	}
	rows, err := q.Query(ctx, `SELECT p.one_id, p.other_id, p.bits FROM link_pairs p WHERE `+one+` AND `+other+` AND `+from+`
		AND NOT EXISTS (SELECT 1 FROM ties a JOIN ties b ON a.person_id = b.person_id WHERE a.record_id = p.one_id AND b.record_id = p.other_id)
		ORDER BY p.bits DESC, p.one_id, p.other_id LIMIT ?`, append(args, limit)...)
	found, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (p Pending, err error) {
		var bits int64
		err = row.Scan(&p.Pair.One, &p.Pair.Other, &bits)
		p.Bits = float64(bits) / thousand
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("list pairs: %w", err)
	}
	var seen []Pending
	for _, p := range found {
		ok, err := p.look(ctx, q, who)
		if err != nil {
			return nil, err
		}
		if ok {
			seen = append(seen, p)
		}
	}
	return seen, nil
}

// look reads both cards, and reports whether who sees both and they are there.
func (p *Pending) look(ctx context.Context, q db.Reader, who access.Actor) (ok bool, err error) {
	for _, side := range []struct {
		card *persons.Card
		id   string
	}{{&p.One, p.Pair.One}, {&p.Other, p.Pair.Other}} {
		*side.card, err = persons.FindCard(ctx, q, who, persons.ID(side.id))
		if fault.KindOf(err) == fault.NotFound || err == nil && !side.card.ErasedAt.IsZero() {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	d, found, err := latest(ctx, q, p.Pair)
	if found && d.State == Proposed {
		p.Proposed = d
	}
	return true, err
}

// Side is one of two records beside the other.
type Side struct {
	Person persons.Person
	Record string
}

// Comparison is two records side by side, with what speaks for and against one person.
type Comparison struct {
	Sides    [2]Side
	Bits     float64
	P        float64
	Why      []matching.Because
	Proposed Decision
	Before   []Decision // what was said of them before, the newest first
}

// Compare shows two records to who may judge them, and sees both wholly.
func (f *Finder) Compare(ctx context.Context, q db.Reader, who access.Actor, pair ties.Pair) (c Comparison, err error) {
	for i, id := range []string{pair.One, pair.Other} {
		for _, perm := range []access.Permission{access.ReadPersons, access.ReviewMatches} {
			if ok, err := access.Reaches(ctx, q, who, perm, id); err != nil {
				return c, err
			} else if !ok {
				return c, fault.New(fault.NotFound, "person.not_found")
			}
		}
		c.Sides[i].Record = id
		if c.Sides[i].Person, err = persons.Find(ctx, q, who, persons.ID(id)); err != nil {
			return c, err
		}
	}
	if err := f.fresh(ctx); err != nil {
		return c, err
	}
	records, err := features(ctx, q, oneOf([]string{pair.One, pair.Other}))
	if err != nil {
		return c, err
	}
	if len(records) != 2 {
		return c, fault.New(fault.NotFound, "person.not_found") // one was erased
	}
	if found, ok := f.compare(records[0], records[1].ID); ok {
		c.Bits, c.P, c.Why = found.Bits, found.P, matching.Explain(found)
	}
	if c.Before, err = Decisions(ctx, q, pair); err != nil {
		return c, err
	}
	if len(c.Before) > 0 && c.Before[0].State == Proposed {
		c.Proposed = c.Before[0]
	}
	return c, nil
}

// Decisions lists what was ever said of two records, the newest first. The caller
// has made sure that the reader sees both.
func Decisions(ctx context.Context, q db.Reader, pair ties.Pair) ([]Decision, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM link_decisions WHERE one_id = ? AND other_id = ? ORDER BY id DESC`, pair.One, pair.Other)
	return db.Collect(rows, err, scan)
}
