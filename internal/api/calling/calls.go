// SPDX-License-Identifier: Apache-2.0

// Package calling is the part of the API that asks whether somebody may be contacted, and keeps
// calls.
package calling

import (
	"net/http"
	"time"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/calls"
	"fera/internal/cases"
	"fera/internal/dates"
)

// Operations ask whether somebody may be contacted, and keep calls.
func Operations() []op.Operation {
	return []op.Operation{
		{Name: "ask_contact", Method: http.MethodGet, Path: "/persons/{id}/contacts/{row}/may/{way}", Need: access.LogCall, Out: op.Holds[mayCall](), Do: askContact},
		{Name: "list_calls", Method: http.MethodGet, Path: "/persons/{id}/calls", Need: access.ReadCalls, Params: []string{"limit", "cursor"}, Out: op.Holds[op.Page[callView]](), Do: listCalls},
		{Name: "enter_call", Method: http.MethodPost, Path: "/persons/{id}/calls", Need: access.LogCall, Keyed: true, In: op.Holds[newCall](), Out: op.Holds[callResult](), Writes: true, Do: enterCall,
			Example: `{"contact": "01900000-0000-7000-8000-000000000000", "way": "call", "other": "herself", "outcome": "talked", "about": "how she is"}`},
		{Name: "answer_call", Method: http.MethodPost, Path: "/persons/{id}/calls/in", Need: access.LogCall, Keyed: true, In: op.Holds[newAnswer](), Out: op.Holds[callResult](), Writes: true, Do: answerCall,
			Example: `{"other": "husband", "about": "asks where she is"}`},
	}
}

// mayCall is what the rule of safe contact says.
type mayCall struct {
	May  bool     `json:"may"`
	Why  string   `json:"why,omitempty"`
	Mind []string `json:"mind,omitempty"`
}

func mayOf(v calls.Verdict) mayCall { return mayCall{v.OK, v.Why, v.Mind} }

// callView is a call, visit or message.
type callView struct {
	ID         string        `json:"id"`
	Case       string        `json:"case,omitempty"`
	Incoming   bool          `json:"incoming"`
	Way        string        `json:"way"`
	Contact    string        `json:"contact,omitempty"`
	Other      string        `json:"other"`
	Outcome    string        `json:"outcome"`
	Proven     bool          `json:"proven"`
	Overridden bool          `json:"overridden"`
	About      string        `json:"about,omitempty"`
	Next       string        `json:"next,omitempty"`
	NextOn     dates.Partial `json:"next_on,omitzero"`
	Reason     string        `json:"reason,omitempty"`
	By         string        `json:"by"`
	At         time.Time     `json:"at"`
}

// newCall is a call, visit or message that goes out.
type newCall struct {
	Case     string        `json:"case,omitempty"`
	Contact  string        `json:"contact,omitempty"`
	Way      string        `json:"way"`
	Other    string        `json:"other"`
	Outcome  string        `json:"outcome"`
	About    string        `json:"about,omitempty"`
	Next     string        `json:"next,omitempty"`
	NextOn   dates.Partial `json:"next_on,omitzero"`
	Follows  string        `json:"follows,omitempty"`
	Override bool          `json:"override,omitempty"`
	Reason   string        `json:"reason,omitempty"`
}

// newAnswer is a call that came in.
type newAnswer struct {
	Case   string        `json:"case,omitempty"`
	Other  string        `json:"other"`
	Word   string        `json:"word,omitempty"`
	About  string        `json:"about,omitempty"`
	Next   string        `json:"next,omitempty"`
	NextOn dates.Partial `json:"next_on,omitzero"`
}

// callResult is the entry that was made, if any, and what the rule says.
type callResult struct {
	ID   string   `json:"id,omitempty"`
	May  bool     `json:"may"`
	Why  string   `json:"why,omitempty"`
	Mind []string `json:"mind,omitempty"`
}

func resultOf(r calls.Result) callResult {
	return callResult{string(r.ID), r.Verdict.OK, r.Verdict.Why, r.Verdict.Mind}
}

func askContact(c *op.Call) (op.Answer, error) {
	id, err := c.Person()
	if err != nil {
		return op.Answer{}, err
	}
	row, err := c.Row()
	if err != nil {
		return op.Answer{}, err
	}
	_, v, err := calls.Ask(c.Ctx, c.Q, c.Who, calls.Entry{Person: id, Contact: row, Way: c.Path("way")})
	return op.Answer{Body: mayOf(v)}, err
}

func listCalls(c *op.Call) (op.Answer, error) {
	id, err := c.Person()
	if err != nil {
		return op.Answer{}, err
	}
	if _, _, err := calls.Ask(c.Ctx, c.Q, c.Who, calls.Entry{Person: id, Way: "call"}); err != nil {
		return op.Answer{}, err
	}
	limit, err := c.Limit(50, 200)
	if err != nil {
		return op.Answer{}, err
	}
	before, err := c.Cursor()
	if err != nil {
		return op.Answer{}, err
	}
	all, err := calls.Of(c.Ctx, c.Q, c.Who, id, calls.Filter{Limit: limit, Before: calls.ID(before)})
	if err != nil {
		return op.Answer{}, err
	}
	a := op.Page[callView]{Items: op.Each(all, callOf)}
	next := ""
	if len(all) == limit {
		next = c.Next(string(all[limit-1].ID))
		a.Next = next
	}
	return op.Answer{Body: a, Next: next}, nil
}

func callOf(k calls.Call) callView {
	return callView{string(k.ID), string(k.Case), k.Incoming, k.Way, k.Contact, k.Other, k.Outcome, k.Proven, k.Overridden, k.About, k.Next, k.NextOn, k.Reason, k.UserName, k.At}
}

func enterCall(c *op.Call) (op.Answer, error) {
	id, err := c.Person()
	if err != nil {
		return op.Answer{}, err
	}
	b := c.Body.(*newCall)
	if err := op.RefersTo(b.Case, b.Contact, b.Follows); err != nil {
		return op.Answer{}, err
	}
	replayed, err := c.Done()
	if err != nil {
		return op.Answer{}, err
	}
	r, err := calls.Enter(c.Ctx, c.Tx, c.Who, calls.Entry{Operation: c.Key, Person: id, Case: cases.ID(b.Case), Contact: b.Contact, Way: b.Way, Other: b.Other, Outcome: b.Outcome, About: b.About,
		Next: b.Next, NextOn: b.NextOn, Follows: calls.ID(b.Follows), Override: b.Override, Reason: b.Reason})
	return op.Answer{Body: resultOf(r), Replayed: replayed}, err
}

func answerCall(c *op.Call) (op.Answer, error) {
	id, err := c.Person()
	if err != nil {
		return op.Answer{}, err
	}
	b := c.Body.(*newAnswer)
	if err := op.RefersTo(b.Case); err != nil {
		return op.Answer{}, err
	}
	replayed, err := c.Done()
	if err != nil {
		return op.Answer{}, err
	}
	r, err := calls.Answer(c.Ctx, c.Tx, c.Who, calls.Incoming{Operation: c.Key, Person: id, Case: cases.ID(b.Case), Other: b.Other, Word: b.Word, About: b.About, Next: b.Next, NextOn: b.NextOn})
	return op.Answer{Body: resultOf(r), Replayed: replayed}, err
}
