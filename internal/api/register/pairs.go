// SPDX-License-Identifier: Apache-2.0

package register

import (
	"encoding/base64"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/links"
	"fera/internal/matching"
	"fera/internal/matching/index"
	"fera/internal/persons"
)

// comparing does what needs the register held in memory.
type comparing struct{ finder *links.Finder }

// described is what is known so far of somebody, to be compared with the register.
type described struct {
	Values      Values          `json:"values"`
	Contacts    []newContact    `json:"contacts,omitempty"`
	Identifiers []newIdentifier `json:"identifiers,omitempty"`
}

// mostNumbers bounds how many numbers are compared.
const mostNumbers = 20

// Check implements op.Checked.
func (b *described) Check() *fault.Error {
	if len(b.Contacts)+len(b.Identifiers) > mostNumbers {
		return fault.New(fault.Invalid, "fault.too_many").With("max", mostNumbers)
	}
	return nil
}

func (b *described) registration() persons.Registration {
	return persons.Registration{Values: b.Values, Contacts: op.Each(b.Contacts, newContact.contact), Identifiers: op.Each(b.Identifiers, newIdentifier.identifier)}
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
	return match{cardOf(p.Card), string(p.Verdict), p.P, op.Each(p.Why, reasonOf)}
}

// findMatches answers who may be the person described, of those whom the caller sees.
func (with comparing) findMatches(c *op.Call) (op.Answer, error) {
	found, err := with.finder.Likely(c.Ctx, c.Q, c.Who, c.Body.(*described).registration())
	return op.Answer{Body: op.Page[match]{Items: op.Each(found, matchOf)}}, err
}

// known tells whether a person is known to the network, and no more.
type known struct {
	InNetwork bool `json:"in_network"`
}

func (with comparing) askNetwork(c *op.Call) (op.Answer, error) {
	is, err := with.finder.Known(c.Ctx, c.Tx, c.Who, c.Body.(*described).registration())
	return op.Answer{Body: known{is}}, err
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

func listPairs(c *op.Call) (op.Answer, error) {
	limit, err := c.Limit(50, 200)
	if err != nil {
		return op.Answer{}, err
	}
	after, err := base64.RawURLEncoding.DecodeString(c.Query["cursor"])
	if _, given := c.Query["cursor"]; err != nil || given && len(after) == 0 {
		return op.Answer{}, fault.New(fault.Invalid, "api.cursor").On("cursor")
	}
	found, err := links.Waiting(c.Ctx, c.Q, c.Who, links.Desk{Verdict: matching.Verdict(c.Query["verdict"]), Doubt: index.Doubt(c.Query["doubt"]), After: string(after), Limit: limit})
	next := c.Next(found.Next)
	return op.Answer{Body: op.Page[waitingPair]{Items: op.Each(found.Pairs, func(p links.Pending) waitingPair {
		return waitingPair{p.Pair.One, p.Pair.Other, p.Bits, string(p.Verdict), string(p.Doubt), cardOf(p.One), cardOf(p.Other), p.Proposed.UserName}
	}), Next: next}, Next: next}, err
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

func (with comparing) decide(c *op.Call) (op.Answer, error) {
	j, err := c.Body.(*judgement).judged()
	if err != nil {
		return op.Answer{}, err
	}
	state, err := with.finder.Decide(c.Ctx, c.Tx, c.Who, j)
	return op.Answer{Body: decided{string(state)}}, err
}

// parting names two records that were made one, and why they are not.
type parting struct {
	One       string `json:"one"`
	Other     string `json:"other"`
	Household bool   `json:"household,omitzero"`
	Reason    string `json:"reason"`
}

func (with comparing) takeApart(c *op.Call) (op.Answer, error) {
	b := c.Body.(*parting)
	j, err := (&judgement{One: b.One, Other: b.Other, Answer: string(links.Different), Reason: b.Reason}).judged()
	if err != nil {
		return op.Answer{}, err
	}
	if b.Household {
		j.Answer = links.Household
	}
	return op.Answer{Body: decided{string(links.Holds)}}, with.finder.TakeApart(c.Ctx, c.Tx, c.Who, j)
}

// linkOperations are about records that may be of one person.
func linkOperations(finder *links.Finder) []op.Operation {
	with := comparing{finder}
	return []op.Operation{
		{Name: "find_matches", Method: "POST", Path: "/persons/matches", Need: access.RegisterPerson, In: op.Holds[described](), Out: op.Holds[op.Page[match]](), Do: with.findMatches,
			Example: `{"values": {"name_latin": "Abdul Karim", "father_name": "Nazrul Islam", "birth": "1987", "home": "305670"}, "contacts": [{"number": "01712345678"}]}`},
		{Name: "ask_network", Method: "POST", Path: "/persons/known", Need: access.RegisterPerson, In: op.Holds[described](), Out: op.Holds[known](), Writes: true, Do: with.askNetwork,
			Example: `{"values": {"name_latin": "Abdul Karim", "birth": "1987-05-14"}, "identifiers": [{"kind": "nid", "number": "19875612345678901"}]}`},
		{Name: "list_pairs", Method: "GET", Path: "/pairs", Need: access.ReviewMatches, Params: []string{"verdict", "doubt", "limit", "cursor"}, Out: op.Holds[op.Page[waitingPair]](), Do: listPairs},
		{Name: "decide_pair", Method: "POST", Path: "/pairs/decide", Need: access.ReviewMatches, In: op.Holds[judgement](), Out: op.Holds[decided](), Writes: true, Do: with.decide,
			Example: `{"one": "01900000-0000-7000-8000-000000000000", "other": "01900000-0000-7000-8000-000000000001", "answer": "household", "reason": "two sisters"}`},
		{Name: "take_apart", Method: "POST", Path: "/pairs/take-apart", Need: access.UnmergePersons, In: op.Holds[parting](), Out: op.Holds[decided](), Writes: true, Do: with.takeApart,
			Example: `{"one": "01900000-0000-7000-8000-000000000000", "other": "01900000-0000-7000-8000-000000000001", "reason": "his brother used his card"}`},
	}
}
