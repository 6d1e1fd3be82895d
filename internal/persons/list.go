// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"fera/internal/access"
	"fera/internal/choices"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/index"
	"fera/internal/names"
	"fera/internal/numbers"
)

// Filter chooses whom a list shows.
type Filter struct {
	Query  string // a name in either script, a telephone, a paper's number, or a place
	Place  string // code: only those whose home lies there
	After  ID     // the cursor: those registered before this one
	Limit  int    // 50 when zero, 200 at most
	Typing bool   // the last word of the query may be unfinished
}

// Page is a part of a list.
type Page struct {
	Cards []Card
	Next  ID     // the cursor for the next part, empty when this was the last
	By    string // what a search went by: name, number, place; empty for a plain list
}

func (f Filter) limit() int {
	if f.Limit <= 0 {
		return 50
	}
	return min(f.Limit, 200)
}

// List returns those whom who may see, the newest first. With a query it
// returns the best matches instead, and has no next part.
func List(ctx context.Context, q db.Reader, who access.Actor, f Filter) (Page, error) {
	if query := names.Clean(f.Query); query != "" {
		return search(ctx, q, who, f, query)
	}
	p := Page{Next: f.After}
	for len(p.Cards) == 0 { // all of a page may be of persons who stand elsewhere
		f.After = p.Next
		cards, err := newest(ctx, q, who, f, f.limit()+1)
		if err != nil {
			return Page{}, err
		}
		p.Next = ""
		if len(cards) > f.limit() {
			cards = cards[:f.limit()]
			p.Next = cards[f.limit()-1].ID
		}
		if p.Cards, err = fold(ctx, q, who, cards, true); err != nil {
			return Page{}, err
		}
		if p.Next == "" {
			break
		}
	}
	return p, nil
}

// newest lists by the time of registration, which identifiers carry. Each scope
// is one range of the index of scopes, so that the page of a small office is
// found as fast as that of the whole country.
func newest(ctx context.Context, q db.Reader, who access.Actor, f Filter, limit int) ([]Card, error) {
	reach := who.Grants[cards(who)]
	after := string(f.After)
	if after == "" {
		after = "~" // sorts after every identifier
	}
	if reach.Everywhere || f.Place != "" {
		may, args := access.Where(who, cards(who), "p.id")
		args = append([]any{after}, args...)
		in := ""
		if f.Place != "" {
			column := "p.place_code"
			if len(f.Place) <= 4 {
				column = "(p.place_code || '')" // a district or more: its newest are found sooner without the index
			}
			in = ` AND ` + column + ` >= ? AND ` + column + ` < ?`
			args = append(args, f.Place, f.Place+"~")
		}
		rows, err := q.Query(ctx, `SELECT `+cardColumns+` FROM persons p WHERE p.id < ? AND `+may+in+` AND p.erased_at IS NULL ORDER BY p.id DESC LIMIT ?`, append(args, limit)...)
		return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (Card, error) { return scanCard(row) })
	}
	var all []ID
	for _, s := range reach.Scopes {
		some, err := idsOf(q.Query(ctx, `SELECT subject_id FROM access_scopes WHERE scope = ? AND subject_id < ? ORDER BY subject_id DESC LIMIT ?`, s, after, limit))
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b ID) int { return cmp.Compare(b, a) })
	all = slices.Compact(all)
	return cardsOf(ctx, q, all[:min(len(all), limit)])
}

// cardsOf reads the cards of ids that who is known to see, in their order.
func cardsOf(ctx context.Context, q db.Reader, wanted []ID) ([]Card, error) {
	if len(wanted) == 0 {
		return nil, nil
	}
	args := make([]any, len(wanted))
	place := map[ID]int{}
	for i, id := range wanted {
		args[i], place[id] = string(id), i
	}
	rows, err := q.Query(ctx, `SELECT `+cardColumns+` FROM persons p WHERE p.erased_at IS NULL AND p.id IN `+db.In(len(args)), args...)
	cards, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (Card, error) { return scanCard(row) })
	slices.SortFunc(cards, func(a, b Card) int { return place[a.ID] - place[b.ID] })
	return cards, err
}

// How many candidates of a search are ranked: each is a row somewhere in the
// register, and while one types the next letter asks again.
const (
	mostFound = 200
	mostTyped = 100
)

func (f Filter) most() int {
	if f.Typing {
		return mostTyped
	}
	return mostFound
}

// search decides what was typed: a number, a place, or a name.
func search(ctx context.Context, q db.Reader, who access.Actor, f Filter, query string) (Page, error) {
	if digits := numbers.Digits(query); strings.Count(digits, "")-1 >= 6 && looksLikeNumber(digits) {
		found, err := byNumber(ctx, q, who, query)
		return Page{Cards: found, By: "number"}, err
	}
	found, err := byName(ctx, q, who, f, query)
	if err != nil || len(found) > 0 || f.Place != "" {
		return Page{Cards: found, By: "name"}, err
	}
	if places := geo.Search(query, 1); len(places) > 0 {
		f.Place, f.Query = places[0].Code, ""
		p, err := List(ctx, q, who, f)
		p.By = "place"
		return p, err
	}
	return Page{By: "name"}, nil
}

// looksLikeNumber reports whether most of what was typed is digits.
func looksLikeNumber(s string) bool {
	n := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n >= 6 && n*2 > len(s)
}

// byNumber finds those who gave a number, by its blind hash as a telephone and as each paper.
func byNumber(ctx context.Context, q db.Reader, who access.Actor, typed string) ([]Card, error) {
	var terms []index.Range
	add := func(blind string, err error) error {
		if err != nil && fault.KindOf(err) != fault.Invalid { // it is no such number
			return err
		}
		if err == nil {
			terms = append(terms, index.Range{Text: numberTerm + blind})
		}
		return nil
	}
	if err := add(Contact{Number: typed}.Blind(ctx, q)); err != nil {
		return nil, err
	}
	for _, kind := range choices.IdentifierKinds() {
		if err := add(Identifier{Kind: kind, Number: typed}.Blind(ctx, q)); err != nil {
			return nil, err
		}
	}
	return withNumbers(ctx, q, who, terms)
}

// withNumbers finds those who have one of the numbers, the newest first.
func withNumbers(ctx context.Context, q db.Reader, who access.Actor, terms []index.Range) ([]Card, error) {
	fresh, err := index.Fresh(ctx, q, who, cards(who), terms)
	if err != nil {
		return nil, err
	}
	var found []ID
	for _, w := range fresh {
		found = append(found, ID(w.Subject))
	}
	for _, r := range terms {
		older, err := index.Find(ctx, q, index.Search{Range: r, Who: who, With: cards(who), Most: mostFound})
		if err != nil {
			return nil, err
		}
		for _, id := range older {
			found = append(found, ID(id))
		}
	}
	slices.SortFunc(found, func(a, b ID) int { return cmp.Compare(b, a) })
	found = slices.Compact(found)
	all, err := cardsOf(ctx, q, found[:min(len(found), mostFound)])
	if err != nil {
		return nil, err
	}
	return fold(ctx, q, who, all, false)
}
