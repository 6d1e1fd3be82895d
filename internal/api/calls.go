// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"time"

	"fera/internal/access"
	"fera/internal/calls"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/ids"
)

// callOperations ask whether somebody may be contacted, and keep calls.
func callOperations() []operation {
	return []operation{
		{name: "ask_contact", method: http.MethodGet, path: "/persons/{id}/contacts/{row}/may/{way}", need: access.LogCall, out: holds[mayCall](), do: askContact},
		{name: "list_calls", method: http.MethodGet, path: "/persons/{id}/calls", need: access.ReadCalls, params: []string{"limit", "cursor"}, out: holds[page[callView]](), do: listCalls},
		{name: "enter_call", method: http.MethodPost, path: "/persons/{id}/calls", need: access.LogCall, keyed: true, in: holds[newCall](), out: holds[callResult](), writes: true, do: enterCall,
			example: `{"contact": "01900000-0000-7000-8000-000000000000", "way": "call", "other": "herself", "outcome": "talked", "about": "how she is"}`},
		{name: "answer_call", method: http.MethodPost, path: "/persons/{id}/calls/in", need: access.LogCall, keyed: true, in: holds[newAnswer](), out: holds[callResult](), writes: true, do: answerCall,
			example: `{"other": "husband", "about": "asks where she is"}`},
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

func askContact(c *call) (answer, error) {
	id, err := c.person()
	if err != nil {
		return answer{}, err
	}
	row, err := c.row()
	if err != nil {
		return answer{}, err
	}
	_, v, err := calls.Ask(c.ctx, c.q, c.who, calls.Entry{Person: id, Contact: row, Way: c.r.PathValue("way")})
	return answer{body: mayOf(v)}, err
}

func listCalls(c *call) (answer, error) {
	id, err := c.person()
	if err != nil {
		return answer{}, err
	}
	if _, _, err := calls.Ask(c.ctx, c.q, c.who, calls.Entry{Person: id, Way: "call"}); err != nil {
		return answer{}, err
	}
	limit, err := c.limit(50, 200)
	if err != nil {
		return answer{}, err
	}
	before, err := c.cursor()
	if err != nil {
		return answer{}, err
	}
	all, err := calls.Of(c.ctx, c.q, c.who, id, calls.Filter{Limit: limit, Before: calls.ID(before)})
	if err != nil {
		return answer{}, err
	}
	a := page[callView]{Items: each(all, callOf)}
	next := ""
	if len(all) == limit {
		next = c.next(string(all[limit-1].ID))
		a.Next = next
	}
	return answer{body: a, next: next}, nil
}

func callOf(k calls.Call) callView {
	return callView{string(k.ID), string(k.Case), k.Incoming, k.Way, k.Contact, k.Other, k.Outcome, k.Proven, k.Overridden, k.About, k.Next, k.NextOn, k.Reason, k.UserName, k.At}
}

// refersTo refuses what is no identifier as what is not there.
func refersTo(values ...string) error {
	for _, v := range values {
		if v != "" && !ids.Valid(v) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
	}
	return nil
}

func enterCall(c *call) (answer, error) {
	id, err := c.person()
	if err != nil {
		return answer{}, err
	}
	b := c.body.(*newCall)
	if err := refersTo(b.Case, b.Contact, b.Follows); err != nil {
		return answer{}, err
	}
	replayed, err := c.done()
	if err != nil {
		return answer{}, err
	}
	r, err := calls.Enter(c.ctx, c.tx, c.who, calls.Entry{Operation: c.key, Person: id, Case: cases.ID(b.Case), Contact: b.Contact, Way: b.Way, Other: b.Other, Outcome: b.Outcome, About: b.About,
		Next: b.Next, NextOn: b.NextOn, Follows: calls.ID(b.Follows), Override: b.Override, Reason: b.Reason})
	return answer{body: resultOf(r), replayed: replayed}, err
}

func answerCall(c *call) (answer, error) {
	id, err := c.person()
	if err != nil {
		return answer{}, err
	}
	b := c.body.(*newAnswer)
	if err := refersTo(b.Case); err != nil {
		return answer{}, err
	}
	replayed, err := c.done()
	if err != nil {
		return answer{}, err
	}
	r, err := calls.Answer(c.ctx, c.tx, c.who, calls.Incoming{Operation: c.key, Person: id, Case: cases.ID(b.Case), Other: b.Other, Word: b.Word, About: b.About, Next: b.Next, NextOn: b.NextOn})
	return answer{body: resultOf(r), replayed: replayed}, err
}
