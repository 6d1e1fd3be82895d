// SPDX-License-Identifier: Apache-2.0

// Package messaging is the part of the API that tells what was sent to a person, and sends it
// again.
package messaging

import (
	"net/http"
	"time"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/cases"
	"fera/internal/fault"
	"fera/internal/messages"
	"fera/internal/persons"
)

// Operations tell what was sent to a person, and send it again.
func Operations() []op.Operation {
	return []op.Operation{
		{Name: "list_messages", Method: http.MethodGet, Path: "/persons/{id}/messages", Need: access.ReadCalls, Out: op.Holds[op.Page[messageView]](), Do: listMessages},
		{Name: "list_case_messages", Method: http.MethodGet, Path: "/cases/{id}/messages", Need: access.ReadCalls, Out: op.Holds[op.Page[messageView]](), Do: listCaseMessages},
		{Name: "repeat_message", Method: http.MethodPost, Path: "/messages/{id}/repeat", Need: access.LogCall, Out: op.Holds[messageState](), Writes: true, Do: repeatMessage},
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

func listMessages(c *op.Call) (op.Answer, error) {
	id, err := c.Person()
	if err != nil {
		return op.Answer{}, err
	}
	of, err := persons.Records(c.Ctx, c.Q, c.Who, access.ReadCalls, id)
	if err == nil && len(of) == 0 {
		err = fault.New(fault.NotFound, "person.not_found")
	}
	if err != nil {
		return op.Answer{}, err
	}
	all, err := messages.OfPerson(c.Ctx, c.Q, c.Who, id)
	return op.Answer{Body: op.Page[messageView]{Items: op.Each(all, messageOf)}}, err
}

func listCaseMessages(c *op.Call) (op.Answer, error) {
	id, err := op.PathID[cases.ID](c, "id", "case.not_found")
	if err != nil {
		return op.Answer{}, err
	}
	all, err := messages.OfCase(c.Ctx, c.Q, c.Who, id)
	return op.Answer{Body: op.Page[messageView]{Items: op.Each(all, messageOf)}}, err
}

func repeatMessage(c *op.Call) (op.Answer, error) {
	id, err := op.PathID[messages.ID](c, "id", "message.not_found")
	if err != nil {
		return op.Answer{}, err
	}
	return op.Answer{Body: messageState{string(messages.Waiting)}}, messages.Repeat(c.Ctx, c.Tx, c.Who, id)
}
