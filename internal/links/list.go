// SPDX-License-Identifier: Apache-2.0

package links

import (
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/matching"
	"fera/internal/matching/index"
	"fera/internal/persons"
)

// Strength is how surely two are one person, in the steps in which people are told.
type Strength string

// The strengths, the surest first. InNetwork is all that is said of somebody whom
// the reader may not see.
const (
	Strong    Strength = "certain"
	Probable  Strength = "probable" // likelier than not
	Possible  Strength = "possible"
	InNetwork Strength = "known"
)

// evenP is from where one person is likelier than two.
const evenP = 0.5

func strengthOf(c index.Candidate) Strength {
	switch v := matching.Judge(c); {
	case v == matching.Certain:
		return Strong
	case v == matching.Likely && c.P >= evenP:
		return Probable
	case v == matching.Likely:
		return Possible
	}
	return ""
}

// Row is one of a list of people, as it would be registered.
type Row struct {
	Number int
	persons.Registration
}

// List is people who are not in the register, held in memory to be compared with
// one another and with it.
type List struct {
	f      *Finder
	people *index.Index
}

// Gather reads the rows of a list, about as many as expected, and then the
// register if that was not done yet. It keeps some hundred bytes of each.
func (f *Finder) Gather(ctx context.Context, rows iter.Seq[Row], expected int) (*List, error) {
	if err := f.Make(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	register := f.index
	f.mu.Unlock()
	if register == nil {
		return nil, errMaking() // it was put to rest meanwhile
	}
	people := func(yield func(*index.Record) bool) {
		for r := range rows {
			if !yield(listed(r)) {
				return
			}
		}
	}
	return &List{f, register.Beside(people, expected)}, nil
}

// listed is what is compared of a row with others of its list: numbers as they are.
func listed(row Row) *index.Record {
	r := recordOf(row.Values)
	binary.BigEndian.PutUint64(r.ID[8:], uint64(row.Number))
	for _, c := range row.Contacts {
		if c.Kind != "email" {
			r.Phones = append(r.Phones, c.Number)
		}
	}
	for _, i := range row.Identifiers {
		switch i.Kind {
		case "nid":
			r.NIDs = append(r.NIDs, i.Number)
		case "passport":
			r.Passports = append(r.Passports, i.Number)
		case "birth":
			r.Births = append(r.Births, i.Number)
		case "permit":
			r.Permits = append(r.Permits, i.Number)
		case "card":
			r.Cards = append(r.Cards, i.Number)
		}
	}
	return r
}

func rowOf(id index.ID) int { return int(binary.BigEndian.Uint64(id[8:])) }

// Resemblance is who the person of a row may be: the one of a row before it, or
// somebody in the register. It has no strength when there is nobody.
type Resemblance struct {
	Strength Strength
	Row      int
	Person   persons.ID
	Why      []matching.Because // nothing for who sees only the card

	paper    bool // a number on a paper is the same
	question bool // it names a paper and resembles nobody whom who sees
	hidden   bool // and the network knows her
}

// Doubtful reports whether somebody has to say that it is another: one person is
// likelier than two, or a number on a paper is the same, however else they differ.
func (r Resemblance) Doubtful() bool {
	return r.Strength == Strong || r.Strength == Probable || r.paper
}

// Asks reports whether the row is a question to the network, which Tell may answer.
func (r Resemblance) Asks() bool { return r.question }

// mostWeighed is how many of the register are looked at for one row.
const mostWeighed = 10

// Resemble finds for each of some rows whom it resembles most, of those before it
// in the list and of those in the register whom who sees.
func (l *List) Resemble(ctx context.Context, q db.Reader, who access.Actor, rows []Row) ([]Resemblance, error) {
	x, err := l.f.catchUp(ctx, q)
	if err != nil {
		return nil, err
	}
	all := make([]Resemblance, len(rows))
	for i, row := range rows {
		all[i] = l.before(row)
		if all[i].Doubtful() {
			continue
		}
		asked, err := described(ctx, q, row.Registration)
		if err != nil {
			return nil, err
		}
		candidates := slices.DeleteFunc(x.Find(asked, mostWeighed), func(c index.Candidate) bool { return strengthOf(c) == "" })
		seen, err := seenOf(ctx, q, who, candidates)
		if err != nil {
			return nil, err
		}
		if seen.Strength != "" && (seen.Doubtful() || all[i].Strength == "") {
			all[i] = seen
		}
		if all[i].question = len(asked.NIDs)+len(asked.Passports) > 0 && !all[i].Doubtful(); all[i].question {
			if all[i].hidden, err = hiddenIn(ctx, q, who, candidates); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// before finds the row of the list that one after it resembles most.
func (l *List) before(row Row) (r Resemblance) {
	for _, c := range l.people.Find(listed(row), mostCompared) {
		if s := strengthOf(c); s != "" && rowOf(c.ID) < row.Number {
			return Resemblance{Strength: s, Row: rowOf(c.ID), Why: matching.Explain(c), paper: matching.SamePaper(c)}
		}
	}
	return r
}

// seenOf is the likeliest whom who sees.
func seenOf(ctx context.Context, q db.Reader, who access.Actor, candidates []index.Candidate) (r Resemblance, err error) {
	for _, c := range candidates {
		p, sees, err := propose(ctx, q, who, c)
		if err != nil || sees {
			return Resemblance{Strength: strengthOf(c), Person: p.Card.ID, Why: p.Why, paper: matching.SamePaper(c)}, err
		}
	}
	return r, nil
}

// What the rows of lists may ask of the network, and how many are told that they
// are known, of all lists of an organisation: enough for who works, too little
// for who sends a list to learn whom others have met.
const (
	mostAsked = 2_000
	mostTold  = 30
	toldIn    = 24 * time.Hour
)

// MostTold is how many rows of all lists of an organisation are told in a day that
// the network knows them.
func MostTold() int { return mostTold }

// Tell answers the questions among some rows of a list: which are surely of
// somebody whom who may not see. That is bounded for an organisation and day;
// a row beyond the bound is told nothing, as if she were not known. How many
// were asked and told is in the trail.
func Tell(ctx context.Context, tx *db.Tx, who access.Actor, list string, rows []Resemblance) (known []bool, err error) {
	if err := access.Check(tx, who, access.RegisterPerson, access.AtOffice(who.Office), access.OfOrganisation(who.Organisation)); err != nil {
		return nil, err
	}
	var askedBefore, toldBefore int
	err = tx.QueryRow(ctx, `SELECT COALESCE(SUM(asked), 0), COALESCE(SUM(told), 0) FROM link_questions WHERE organisation_id = ? AND list <> '' AND at > ?`,
		who.Organisation, tx.Now().Add(-toldIn)).Scan(&askedBefore, &toldBefore)
	if err != nil {
		return nil, fmt.Errorf("ask the network: %w", err)
	}
	known = make([]bool, len(rows))
	asked, told := 0, 0
	for i, r := range rows {
		if !r.question || askedBefore+asked >= mostAsked || toldBefore+told >= mostTold {
			continue
		}
		asked++
		if r.hidden {
			known[i] = true
			told++
		}
	}
	if asked == 0 {
		tx.Recorded() // nothing was asked
		return known, nil
	}
	if _, err := question(ctx, tx, who, list, [2]int{asked, told}); err != nil {
		return nil, err
	}
	return known, audit.Record(ctx, tx, who, access.RegisterPerson, audit.Entry{Subject: list, After: map[string]any{"asked_the_network": asked, "known_to_the_network": told}})
}

// question keeps that something was asked, so that it is not asked too often.
func question(ctx context.Context, tx *db.Tx, who access.Actor, list string, counts [2]int) (id string, err error) {
	id = ids.New(tx.Now())
	_, err = tx.Exec(ctx, `INSERT INTO link_questions (id, user_id, organisation_id, list, asked, told, at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		id, who.ID, who.Organisation, list, counts[0], counts[1], tx.Now())
	if err != nil {
		return "", fmt.Errorf("ask the network: %w", err)
	}
	return id, nil
}

// Legible reports whether who may be told why a record resembles another: she sees
// it wholly, and it was not erased.
func Legible(ctx context.Context, q db.Reader, who access.Actor, id persons.ID) (sees, wholly bool, err error) {
	card, err := persons.FindCard(ctx, q, who, id)
	if fault.KindOf(err) == fault.NotFound || err == nil && !card.ErasedAt.IsZero() {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	wholly, err = access.Reaches(ctx, q, who, access.ReadPersons, string(id))
	return true, wholly, err
}
