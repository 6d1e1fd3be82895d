// SPDX-License-Identifier: Apache-2.0

// Package hooking is the part of the API that says which endpoints are told what happened, and how
// that fares.
package hooking

import (
	"net/http"
	"time"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/fault"
	"fera/internal/hooks"
	"fera/internal/ids"
)

// Operations say which endpoints are told what happened, and how that fares.
func Operations(rules hooks.Rules) []op.Operation {
	by := under{rules}
	all := []op.Operation{
		{Name: "list_hooks", Method: http.MethodGet, Path: "/hooks", Out: op.Holds[op.Page[hookView]](), Do: listHooks},
		{Name: "add_hook", Method: http.MethodPost, Path: "/hooks", In: op.Sent[newHook](), Out: op.Holds[hookSecret](), Status: http.StatusCreated, Do: by.addHook,
			Example: `{"organisation": "01900000-0000-7000-8000-000000000000", "url": "https://example.org/fera", "kinds": ["referral.sent"]}`},
		{Name: "find_hook", Method: http.MethodGet, Path: "/hooks/{id}", Out: op.Holds[hookView](), Do: findHook},
		{Name: "change_hook", Method: http.MethodPut, Path: "/hooks/{id}", In: op.Sent[hookChange](), Out: op.Holds[hookView](), Do: by.changeHook,
			Example: `{"version": 1, "url": "https://example.org/fera", "kinds": ["referral.sent", "referral.served"]}`},
		{Name: "turn_hook", Method: http.MethodPost, Path: "/hooks/{id}/turn", Out: op.Holds[hookSecret](), Do: turnHook},
		{Name: "try_hook", Method: http.MethodPost, Path: "/hooks/{id}/try", Out: op.Holds[hookView](), Do: tryHook},
		{Name: "switch_hook", Method: http.MethodPost, Path: "/hooks/{id}/switch", In: op.Sent[hookState](), Out: op.Holds[hookState](), Do: switchHook, Example: `{"state": "off"}`},
		{Name: "list_deliveries", Method: http.MethodGet, Path: "/hooks/{id}/deliveries", Params: []string{"limit", "cursor"}, Out: op.Holds[op.Page[deliveryView]](), Do: listDeliveries},
		{Name: "repeat_delivery", Method: http.MethodPost, Path: "/hooks/{id}/deliveries/{row}/repeat", Out: op.Holds[hookView](), Do: repeatDelivery},
	}
	for i := range all {
		all[i].Need, all[i].Writes = access.ManageHooks, all[i].Method != http.MethodGet
	}
	return all
}

// under does what is allowed by rules on which endpoints may be told.
type under struct{ rules hooks.Rules }

// hookView is an endpoint without its secret.
type hookView struct {
	ID           string     `json:"id"`
	Organisation string     `json:"organisation"`
	URL          string     `json:"url"`
	Kinds        []string   `json:"kinds"`
	State        string     `json:"state"`
	Why          string     `json:"why,omitempty"`
	GoodAt       *time.Time `json:"good_at,omitempty"`
	FailingSince *time.Time `json:"failing_since,omitempty"`
	OldUntil     *time.Time `json:"old_until,omitempty"`
	Version      int        `json:"version"`
}

func hookOf(h hooks.Hook) hookView {
	return hookView{string(h.ID), h.Organisation, h.URL, h.Kinds, string(h.State), h.Why, some(h.GoodAt), some(h.FailingSince), some(h.OldUntil), h.Version}
}

// some is a time, or nothing for none.
func some(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// newHook is an endpoint to enter.
type newHook struct {
	Organisation string   `json:"organisation"`
	URL          string   `json:"url"`
	Kinds        []string `json:"kinds"`
}

// hookChange is an endpoint as it is to be.
type hookChange struct {
	Version int      `json:"version"`
	URL     string   `json:"url"`
	Kinds   []string `json:"kinds"`
}

// hookState is whether an endpoint is told anything.
type hookState struct {
	State string `json:"state"`
}

// hookSecret is the secret of an endpoint, shown this once.
type hookSecret struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
}

// deliveryView is one telling of one event.
type deliveryView struct {
	ID       string     `json:"id"`
	Event    string     `json:"event"`
	Kind     string     `json:"kind"`
	About    string     `json:"subject"`
	State    string     `json:"state"`
	Why      string     `json:"why,omitempty"`
	Status   int        `json:"status,omitempty"`
	Attempts int        `json:"attempts"`
	DueAt    time.Time  `json:"due_at"`
	TriedAt  *time.Time `json:"tried_at,omitempty"`
	At       time.Time  `json:"at"`
	Again    bool       `json:"repeatable"`
}

func deliveryOf(d hooks.Delivery) deliveryView {
	return deliveryView{d.ID, d.Event, d.Kind, d.Subject, d.State, d.Why, d.Status, d.Attempts, d.DueAt, some(d.TriedAt), d.MadeAt, d.MayAgain}
}

func hookID(c *op.Call) (hooks.ID, error) { return op.PathID[hooks.ID](c, "id", "hook.not_found") }

func listHooks(c *op.Call) (op.Answer, error) {
	all, err := hooks.List(c.Ctx, c.Q, c.Who)
	return op.Answer{Body: op.Page[hookView]{Items: op.Each(all, hookOf)}}, err
}

func (by under) addHook(c *op.Call) (op.Answer, error) {
	b := c.Body.(*newHook)
	if !ids.Valid(b.Organisation) {
		return op.Answer{}, fault.New(fault.Invalid, "office.organisation_not_found").On("organisation")
	}
	id, secret, err := hooks.Add(c.Ctx, c.Tx, c.Who, by.rules, hooks.Endpoint{Organisation: b.Organisation, URL: b.URL, Kinds: b.Kinds})
	return op.Answer{Status: http.StatusCreated, Body: hookSecret{string(id), secret}, Location: op.Prefix + "/hooks/" + string(id)}, err
}

// shownEndpoint answers with the endpoint as it is then.
func shownEndpoint(c *op.Call, id hooks.ID) (op.Answer, error) {
	h, err := hooks.Find(c.Ctx, c.Q, c.Who, id)
	return op.Answer{Body: hookOf(h)}, err
}

func findHook(c *op.Call) (op.Answer, error) {
	id, err := hookID(c)
	if err != nil {
		return op.Answer{}, err
	}
	return shownEndpoint(c, id)
}

func (by under) changeHook(c *op.Call) (op.Answer, error) {
	id, err := hookID(c)
	if err != nil {
		return op.Answer{}, err
	}
	b := c.Body.(*hookChange)
	if err := hooks.Change(c.Ctx, c.Tx, c.Who, by.rules, hooks.Endpoint{ID: id, URL: b.URL, Kinds: b.Kinds, Version: b.Version}); err != nil {
		return op.Answer{}, err
	}
	return shownEndpoint(c, id)
}

func turnHook(c *op.Call) (op.Answer, error) {
	id, err := hookID(c)
	if err != nil {
		return op.Answer{}, err
	}
	secret, err := hooks.Turn(c.Ctx, c.Tx, c.Who, id)
	return op.Answer{Body: hookSecret{string(id), secret}}, err
}

func tryHook(c *op.Call) (op.Answer, error) {
	id, err := hookID(c)
	if err != nil {
		return op.Answer{}, err
	}
	if err := hooks.Try(c.Ctx, c.Tx, c.Who, id); err != nil {
		return op.Answer{}, err
	}
	return shownEndpoint(c, id)
}

func switchHook(c *op.Call) (op.Answer, error) {
	id, err := hookID(c)
	if err != nil {
		return op.Answer{}, err
	}
	b := c.Body.(*hookState)
	return op.Answer{Body: b}, hooks.Switch(c.Ctx, c.Tx, c.Who, id, hooks.State(b.State))
}

func listDeliveries(c *op.Call) (op.Answer, error) {
	id, err := hookID(c)
	if err != nil {
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
	all, err := hooks.Deliveries(c.Ctx, c.Q, c.Who, id, hooks.Filter{Limit: limit, Before: before})
	if err != nil {
		return op.Answer{}, err
	}
	a := op.Page[deliveryView]{Items: op.Each(all, deliveryOf)}
	if len(all) == limit {
		a.Next = c.Next(all[limit-1].ID)
	}
	return op.Answer{Body: a, Next: a.Next}, nil
}

func repeatDelivery(c *op.Call) (op.Answer, error) {
	id, err := hookID(c)
	if err != nil {
		return op.Answer{}, err
	}
	row, err := c.Row()
	if err != nil {
		return op.Answer{}, fault.New(fault.NotFound, "hook.delivery_not_found")
	}
	if err := hooks.Again(c.Ctx, c.Tx, c.Who, id, row); err != nil {
		return op.Answer{}, err
	}
	return shownEndpoint(c, id)
}
