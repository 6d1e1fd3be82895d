// SPDX-License-Identifier: Apache-2.0

package links

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/matching"
	"fera/internal/matching/index"
	"fera/internal/persons"
	"fera/internal/ties"
)

// Pending is two records that may be of one person and wait for somebody to say.
type Pending struct {
	Pair       ties.Pair
	Bits       float64
	Verdict    matching.Verdict
	Doubt      index.Doubt
	One, Other persons.Card
	Proposed   Decision // who said that they are one, when a second person must say so too
}

// Desk says which pairs are wanted, and from where on.
type Desk struct {
	Verdict matching.Verdict // any when empty
	Doubt   index.Doubt      // any when empty; NoneDoubted are those without
	After   string           // Next of the page before; the first page when empty
	Limit   int
}

// NoneDoubted chooses the pairs of which nothing is doubted.
const NoneDoubted index.Doubt = "none"

// Doubts returns what can be doubted of a pair, as it is chosen from.
func Doubts() []index.Doubt {
	return []index.Doubt{index.MaybeTwin, index.OtherName, index.OtherBirth, index.OtherSex, NoneDoubted}
}

// Page is some of the pairs that wait.
type Page struct {
	Pairs []Pending
	Next  string // where the next page begins; nothing when this is the last
}

// condition is what the pairs wanted have in common.
func (d Desk) condition() (cond string, args []any, err error) {
	cond = "TRUE"
	switch d.Verdict {
	case "":
	case matching.Certain, matching.Likely:
		cond, args = cond+" AND p.verdict = ?", append(args, string(d.Verdict))
	default:
		return "", nil, fault.New(fault.Invalid, "fault.bad_choice").On("verdict")
	}
	switch {
	case d.Doubt == "":
	case d.Doubt == NoneDoubted:
		cond += " AND p.doubt = ''"
	case slices.Contains(Doubts(), d.Doubt):
		cond, args = cond+" AND p.doubt = ?", append(args, string(d.Doubt))
	default:
		return "", nil, fault.New(fault.Invalid, "fault.bad_choice").On("doubt")
	}
	if d.After == "" {
		return cond, args, nil
	}
	parts := strings.Split(d.After, ".")
	if len(parts) != 3 || !ids.Valid(parts[1]) || !ids.Valid(parts[2]) {
		return "", nil, fault.New(fault.Invalid, "api.cursor").On("cursor")
	}
	bits, wrong := strconv.ParseInt(parts[0], 10, 64)
	if wrong != nil {
		return "", nil, fault.New(fault.Invalid, "api.cursor").On("cursor")
	}
	cond += " AND (p.bits < ? OR p.bits = ? AND (p.one_id > ? OR p.one_id = ? AND p.other_id > ?))"
	return cond, append(args, bits, bits, parts[1], parts[1], parts[2]), nil
}

// cursor is where the list goes on after a pair.
func (p Pending) cursor() string {
	return strconv.FormatInt(int64(math.Round(p.Bits*thousand)), 10) + "." + p.Pair.One + "." + p.Pair.Other
}

// Waiting lists the pairs that who may judge, the likeliest first. Pairs of which
// who does not see both are not among them; a page may hold fewer than the limit
// and not be the last.
func Waiting(ctx context.Context, q db.Reader, who access.Actor, d Desk) (page Page, err error) {
	if !who.Holds(access.ReviewMatches) {
		return page, fault.New(fault.Forbidden, "access.not_allowed")
	}
	cond, wanted, err := d.condition()
	if err != nil {
		return page, err
	}
	one, args := access.Where(who, access.ReviewMatches, "p.one_id")
	other, more := access.Where(who, access.ReviewMatches, "p.other_id")
	args = append(append(append(args, more...), wanted...), d.Limit+1)
	rows, err := q.Query(ctx, `SELECT p.one_id, p.other_id, p.bits, p.verdict, p.doubt FROM link_pairs p WHERE `+one+` AND `+other+` AND `+cond+`
		AND NOT EXISTS (SELECT 1 FROM ties a JOIN ties b ON a.person_id = b.person_id WHERE a.record_id = p.one_id AND b.record_id = p.other_id)
		ORDER BY p.bits DESC, p.one_id, p.other_id LIMIT ?`, args...)
	found, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (p Pending, err error) {
		var bits int64
		err = row.Scan(&p.Pair.One, &p.Pair.Other, &bits, &p.Verdict, &p.Doubt)
		p.Bits = float64(bits) / thousand
		return p, err
	})
	if err != nil {
		return page, fmt.Errorf("list pairs: %w", err)
	}
	if len(found) > d.Limit {
		found = found[:d.Limit]
		page.Next = found[d.Limit-1].cursor()
	}
	for _, p := range found {
		ok, err := p.look(ctx, q, who)
		if err != nil {
			return page, err
		}
		if ok {
			page.Pairs = append(page.Pairs, p)
		}
	}
	return page, nil
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
