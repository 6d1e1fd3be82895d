// SPDX-License-Identifier: Apache-2.0

package links

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/matching"
	"fera/internal/matching/index"
	"fera/internal/persons"
)

// Proposal is somebody who may be the person that is described.
type Proposal struct {
	Card    persons.Card
	Record  string // the record that resembles her most
	Verdict matching.Verdict
	Bits    float64
	P       float64
	Why     []matching.Because // nothing for who sees only the card: reasons tell what is in the record
}

// How many are compared in full, and how many are shown.
const (
	mostCompared = 40
	mostShown    = 5
)

// Likely returns those whom who sees and who may be the person described, the
// likeliest first. What is described may be unfinished.
func (f *Finder) Likely(ctx context.Context, q db.Reader, who access.Actor, r persons.Registration) ([]Proposal, error) {
	if !who.Holds(access.RegisterPerson) {
		return nil, fault.New(fault.Forbidden, "access.not_allowed")
	}
	if who.Practises() {
		return nil, nil
	}
	candidates, err := f.candidates(ctx, r)
	if err != nil {
		return nil, err
	}
	var found []Proposal
	for _, c := range candidates {
		p, sees, err := propose(ctx, q, who, c)
		if err != nil {
			return nil, err
		}
		if sees && !slices.ContainsFunc(found, func(have Proposal) bool { return have.Card.ID == p.Card.ID }) {
			found = append(found, p)
		}
		if len(found) == mostShown {
			break
		}
	}
	return found, nil
}

// candidates are those who may be the person described, whoever may see them. The
// index follows what is committed, and never a transaction that may be undone.
func (f *Finder) candidates(ctx context.Context, r persons.Registration) (all []index.Candidate, err error) {
	if err := f.begin(ctx); err != nil {
		return nil, err
	}
	err = f.d.Read(ctx, func(q db.Reader) error {
		x, err := f.catchUp(ctx, q)
		if err != nil {
			return err
		}
		asked, err := described(ctx, q, r)
		if err == nil {
			all = x.Find(asked, mostCompared)
		}
		return err
	})
	return slices.DeleteFunc(all, func(c index.Candidate) bool { return matching.Judge(c) == matching.Unlikely }), err
}

func propose(ctx context.Context, q db.Reader, who access.Actor, c index.Candidate) (p Proposal, sees bool, err error) {
	id := persons.ID(textOf(c.ID))
	if p.Card, err = persons.FindCard(ctx, q, who, id); err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return p, false, nil
		}
		return p, false, err
	}
	p.Record, p.Verdict, p.Bits, p.P = string(id), matching.Judge(c), c.Bits, c.P
	wholly, err := access.Reaches(ctx, q, who, access.ReadPersons, string(id))
	if err == nil && wholly {
		p.Why = matching.Explain(c)
	}
	return p, true, err
}

// How often somebody may ask whether a person is known to the network.
const (
	mostQuestions = 30
	questionsIn   = time.Hour
)

// Known tells whether somebody whom who may not see is surely the person
// described, by the number of a paper and by what else is said; and nothing more:
// who is told so asks the registry desk. Each question is in the trail, and they
// are few in an hour.
func (f *Finder) Known(ctx context.Context, tx *db.Tx, who access.Actor, r persons.Registration) (bool, error) {
	if err := access.Check(tx, who, access.RegisterPerson, access.AtOffice(who.Office), access.OfOrganisation(who.Organisation)); err != nil {
		return false, err
	}
	if len(r.Identifiers) == 0 || who.Practises() { // who practises is told nothing of real people
		tx.Recorded() // nothing was asked: only papers are evidence enough
		return false, nil
	}
	var asked int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM link_questions WHERE user_id = ? AND list = '' AND at > ?`, who.ID, tx.Now().Add(-questionsIn)).Scan(&asked); err != nil {
		return false, fmt.Errorf("ask the network: %w", err)
	}
	if asked >= mostQuestions {
		return false, fault.New(fault.Forbidden, "link.asked_too_often").With("most", mostQuestions)
	}
	known, err := f.hidden(ctx, tx, who, r)
	if err != nil {
		return false, err
	}
	told := 0
	if known {
		told = 1
	}
	id, err := question(ctx, tx, who, "", [2]int{1, told})
	if err != nil {
		return false, err
	}
	return known, audit.Record(ctx, tx, who, access.RegisterPerson, audit.Entry{Subject: "question:" + id, Named: []string{"known_to_the_network"}})
}

// hidden tells whether there is a strong candidate whom who may not see.
func (f *Finder) hidden(ctx context.Context, q db.Reader, who access.Actor, r persons.Registration) (bool, error) {
	all, err := f.candidates(ctx, r)
	if err != nil {
		return false, err
	}
	return hiddenIn(ctx, q, who, all)
}

func hiddenIn(ctx context.Context, q db.Reader, who access.Actor, candidates []index.Candidate) (bool, error) {
	for _, c := range candidates {
		if matching.Judge(c) != matching.Certain || !matching.SamePaper(c) {
			continue
		}
		_, sees, err := propose(ctx, q, who, c)
		if err != nil || sees {
			return false, err
		}
		_, there, err := propose(ctx, q, access.System(access.ReadPersons), c)
		if err != nil || there {
			return there, err
		}
	}
	return false, nil
}
