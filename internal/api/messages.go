// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/fault"
	"fera/internal/messages"
	"fera/internal/persons"
)

// messageOperations tell what was sent to a person, and send it again.
func messageOperations() []operation {
	return []operation{
		{name: "list_messages", method: http.MethodGet, path: "/persons/{id}/messages", need: access.ReadCalls, out: holds[page[messageView]](), do: listMessages},
		{name: "list_case_messages", method: http.MethodGet, path: "/cases/{id}/messages", need: access.ReadCalls, out: holds[page[messageView]](), do: listCaseMessages},
		{name: "repeat_message", method: http.MethodPost, path: "/messages/{id}/repeat", need: access.LogCall, out: holds[messageState](), writes: true, do: repeatMessage},
	}
}

// messageView is a message without text and number.
type messageView struct {
	ID       string     `json:"id"`
	Case     string     `json:"case,omitempty"`
	Kind     string     `json:"kind"`
	Way      string     `json:"way"`
	State    string     `json:"state"`
	Why      string     `json:"why,omitempty"`
	Owner    string     `json:"owner,omitempty"`
	By       string     `json:"by"`
	At       time.Time  `json:"at"`
	LeftAt   *time.Time `json:"left_at,omitempty"`
	Answer   string     `json:"answer,omitempty"`
	Matched  string     `json:"matched_by,omitempty"`
	Wrote    string     `json:"wrote,omitempty"`
	Repeated bool       `json:"repeatable"`
}

// messageState is how far a message is.
type messageState struct {
	State string `json:"state"`
}

func messageOf(i messages.Item) messageView {
	v := messageView{ID: string(i.ID), Case: string(i.Case), Kind: i.Kind, Way: i.Way, State: string(i.State), Why: i.Why, Owner: i.Owner, By: i.By, At: i.MadeAt,
		Answer: string(i.Answer), Matched: i.AnswerBy, Wrote: i.Words, Repeated: i.MayRepeat}
	if !i.LeftAt.IsZero() {
		v.LeftAt = &i.LeftAt
	}
	return v
}

func listMessages(c *call) (answer, error) {
	id, err := c.person()
	if err != nil {
		return answer{}, err
	}
	of, err := persons.Records(c.ctx, c.q, c.who, access.ReadCalls, id)
	if err == nil && len(of) == 0 {
		err = fault.New(fault.NotFound, "person.not_found")
	}
	if err != nil {
		return answer{}, err
	}
	all, err := messages.OfPerson(c.ctx, c.q, c.who, id)
	return answer{body: page[messageView]{Items: each(all, messageOf)}}, err
}

func listCaseMessages(c *call) (answer, error) {
	id, err := pathID[cases.ID](c, "id", "case.not_found")
	if err != nil {
		return answer{}, err
	}
	all, err := messages.OfCase(c.ctx, c.q, c.who, id)
	return answer{body: page[messageView]{Items: each(all, messageOf)}}, err
}

func repeatMessage(c *call) (answer, error) {
	id, err := pathID[messages.ID](c, "id", "message.not_found")
	if err != nil {
		return answer{}, err
	}
	return answer{body: messageState{string(messages.Waiting)}}, messages.Repeat(c.ctx, c.tx, c.who, id)
}
