// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/base64"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/links"
	"fera/internal/matching"
	"fera/internal/matching/index"
	"fera/internal/persons"
)

// described is what is known so far of somebody, to be compared with the register.
type described struct {
	Values      values          `json:"values"`
	Contacts    []newContact    `json:"contacts,omitempty"`
	Identifiers []newIdentifier `json:"identifiers,omitempty"`
}

// mostNumbers bounds how many numbers are compared.
const mostNumbers = 20

func (b *described) check() *fault.Error {
	if len(b.Contacts)+len(b.Identifiers) > mostNumbers {
		return fault.New(fault.Invalid, "fault.too_many").With("max", mostNumbers)
	}
	return nil
}

func (b *described) registration() persons.Registration {
	return persons.Registration{Values: b.Values, Contacts: each(b.Contacts, newContact.contact), Identifiers: each(b.Identifiers, newIdentifier.identifier)}
}

// match is somebody who may be the person described.
type match struct {
	Card        card     `json:"card"`
	Verdict     string   `json:"verdict"`
	Probability float64  `json:"probability"`
	Because     []reason `json:"because"`
}

// reason is what speaks for one person or against it, as a message key.
type reason struct {
	Key   string  `json:"key"`
	Count int     `json:"count,omitzero"`
	Bits  float64 `json:"bits"`
}

func reasonOf(b matching.Because) reason { return reason{b.Key, b.Count, b.Bits} }

func matchOf(p links.Proposal) match {
	return match{cardOf(p.Card), string(p.Verdict), p.P, each(p.Why, reasonOf)}
}

// findMatches answers who may be the person described, of those whom the caller sees.
func findMatches(c *call) (answer, error) {
	found, err := c.finder.Likely(c.ctx, c.q, c.who, c.body.(*described).registration())
	return answer{body: page[match]{Items: each(found, matchOf)}}, err
}

// known tells whether a person is known to the network, and no more.
type known struct {
	InNetwork bool `json:"in_network"`
}

func askNetwork(c *call) (answer, error) {
	is, err := c.finder.Known(c.ctx, c.tx, c.who, c.body.(*described).registration())
	return answer{body: known{is}}, err
}

// waitingPair is two records that may be of one person.
type waitingPair struct {
	One        string  `json:"one"`
	Other      string  `json:"other"`
	Bits       float64 `json:"bits"`
	Verdict    string  `json:"verdict"`
	Doubt      string  `json:"doubt,omitempty"`
	OneCard    card    `json:"one_card"`
	OtherCard  card    `json:"other_card"`
	ProposedBy string  `json:"proposed_by,omitempty"`
}

func listPairs(c *call) (answer, error) {
	limit, err := c.limit(50, 200)
	if err != nil {
		return answer{}, err
	}
	after, err := base64.RawURLEncoding.DecodeString(c.query["cursor"])
	if _, given := c.query["cursor"]; err != nil || given && len(after) == 0 {
		return answer{}, fault.New(fault.Invalid, "api.cursor").On("cursor")
	}
	found, err := links.Waiting(c.ctx, c.q, c.who, links.Desk{Verdict: matching.Verdict(c.query["verdict"]), Doubt: index.Doubt(c.query["doubt"]), After: string(after), Limit: limit})
	next := c.next(found.Next)
	return answer{body: page[waitingPair]{each(found.Pairs, func(p links.Pending) waitingPair {
		return waitingPair{p.Pair.One, p.Pair.Other, p.Bits, string(p.Verdict), string(p.Doubt), cardOf(p.One), cardOf(p.Other), p.Proposed.UserName}
	}), next}, next: next}, err
}

// judgement is what is said of two records.
type judgement struct {
	One    string `json:"one"`
	Other  string `json:"other"`
	Answer string `json:"answer"`
	Reason string `json:"reason,omitempty"`
}

func (b *judgement) judged() (links.Judgement, error) {
	if !ids.Valid(b.One) || !ids.Valid(b.Other) {
		return links.Judgement{}, fault.New(fault.NotFound, "person.not_found")
	}
	return links.Judgement{One: persons.ID(b.One), Other: persons.ID(b.Other), Answer: links.Answer(b.Answer), Reason: b.Reason}, nil
}

// decided says whether what was said holds, or waits for a second person.
type decided struct {
	State string `json:"state"`
}

func decide(c *call) (answer, error) {
	j, err := c.body.(*judgement).judged()
	if err != nil {
		return answer{}, err
	}
	state, err := c.finder.Decide(c.ctx, c.tx, c.who, j)
	return answer{body: decided{string(state)}}, err
}

// parting names two records that were made one, and why they are not.
type parting struct {
	One       string `json:"one"`
	Other     string `json:"other"`
	Household bool   `json:"household,omitzero"`
	Reason    string `json:"reason"`
}

func takeApart(c *call) (answer, error) {
	b := c.body.(*parting)
	j, err := (&judgement{One: b.One, Other: b.Other, Answer: string(links.Different), Reason: b.Reason}).judged()
	if err != nil {
		return answer{}, err
	}
	if b.Household {
		j.Answer = links.Household
	}
	return answer{body: decided{string(links.Holds)}}, c.finder.TakeApart(c.ctx, c.tx, c.who, j)
}

// linkOperations are about records that may be of one person.
func linkOperations() []operation {
	return []operation{
		{name: "find_matches", method: "POST", path: "/persons/matches", need: access.RegisterPerson, in: holds[described](), out: holds[page[match]](), do: findMatches,
			example: `{"values": {"name_latin": "Abdul Karim", "father_name": "Nazrul Islam", "birth": "1987", "home": "305670"}, "contacts": [{"number": "01712345678"}]}`},
		{name: "ask_network", method: "POST", path: "/persons/known", need: access.RegisterPerson, in: holds[described](), out: holds[known](), writes: true, do: askNetwork,
			example: `{"values": {"name_latin": "Abdul Karim", "birth": "1987-05-14"}, "identifiers": [{"kind": "nid", "number": "19875612345678901"}]}`},
		{name: "list_pairs", method: "GET", path: "/pairs", need: access.ReviewMatches, params: []string{"verdict", "doubt", "limit", "cursor"}, out: holds[page[waitingPair]](), do: listPairs},
		{name: "decide_pair", method: "POST", path: "/pairs/decide", need: access.ReviewMatches, in: holds[judgement](), out: holds[decided](), writes: true, do: decide,
			example: `{"one": "01900000-0000-7000-8000-000000000000", "other": "01900000-0000-7000-8000-000000000001", "answer": "household", "reason": "two sisters"}`},
		{name: "take_apart", method: "POST", path: "/pairs/take-apart", need: access.UnmergePersons, in: holds[parting](), out: holds[decided](), writes: true, do: takeApart,
			example: `{"one": "01900000-0000-7000-8000-000000000000", "other": "01900000-0000-7000-8000-000000000001", "reason": "his brother used his card"}`},
	}
}

// finderOr is the finder that was given, or one of its own.
func finderOr(given *links.Finder, d *db.DB) *links.Finder {
	if given == nil {
		return links.NewFinder(d)
	}
	return given
}
