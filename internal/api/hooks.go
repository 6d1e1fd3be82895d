// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"time"

	"fera/internal/access"
	"fera/internal/fault"
	"fera/internal/hooks"
	"fera/internal/ids"
)

// hookOperations say which endpoints are told what happened, and how that fares.
func hookOperations() []operation {
	all := []operation{
		{name: "list_hooks", method: http.MethodGet, path: "/hooks", out: holds[page[hookView]](), do: listHooks},
		{name: "add_hook", method: http.MethodPost, path: "/hooks", in: sent[newHook](), out: holds[hookSecret](), status: http.StatusCreated, do: addHook,
			example: `{"organisation": "01900000-0000-7000-8000-000000000000", "url": "https://example.org/fera", "kinds": ["referral.sent"]}`},
		{name: "find_hook", method: http.MethodGet, path: "/hooks/{id}", out: holds[hookView](), do: findHook},
		{name: "change_hook", method: http.MethodPut, path: "/hooks/{id}", in: sent[hookChange](), out: holds[hookView](), do: changeHook,
			example: `{"version": 1, "url": "https://example.org/fera", "kinds": ["referral.sent", "referral.served"]}`},
		{name: "turn_hook", method: http.MethodPost, path: "/hooks/{id}/turn", out: holds[hookSecret](), do: turnHook},
		{name: "try_hook", method: http.MethodPost, path: "/hooks/{id}/try", out: holds[hookView](), do: tryHook},
		{name: "switch_hook", method: http.MethodPost, path: "/hooks/{id}/switch", in: sent[hookState](), out: holds[hookState](), do: switchHook, example: `{"state": "off"}`},
		{name: "list_deliveries", method: http.MethodGet, path: "/hooks/{id}/deliveries", params: []string{"limit", "cursor"}, out: holds[page[deliveryView]](), do: listDeliveries},
		{name: "repeat_delivery", method: http.MethodPost, path: "/hooks/{id}/deliveries/{row}/repeat", out: holds[hookView](), do: repeatDelivery},
	}
	for i := range all {
		all[i].need, all[i].writes = access.ManageHooks, all[i].method != http.MethodGet
	}
	return all
}

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

func (c *call) hook() (hooks.ID, error) { return pathID[hooks.ID](c, "id", "hook.not_found") }

func listHooks(c *call) (answer, error) {
	all, err := hooks.List(c.ctx, c.q, c.who)
	return answer{body: page[hookView]{Items: each(all, hookOf)}}, err
}

func addHook(c *call) (answer, error) {
	b := c.body.(*newHook)
	if !ids.Valid(b.Organisation) {
		return answer{}, fault.New(fault.Invalid, "office.organisation_not_found").On("organisation")
	}
	id, secret, err := hooks.Add(c.ctx, c.tx, c.who, c.rules, hooks.Endpoint{Organisation: b.Organisation, URL: b.URL, Kinds: b.Kinds})
	return answer{status: http.StatusCreated, body: hookSecret{string(id), secret}, location: prefix + "/hooks/" + string(id)}, err
}

// shownEndpoint answers with the endpoint as it is then.
func (c *call) shownEndpoint(id hooks.ID) (answer, error) {
	h, err := hooks.Find(c.ctx, c.q, c.who, id)
	return answer{body: hookOf(h)}, err
}

func findHook(c *call) (answer, error) {
	id, err := c.hook()
	if err != nil {
		return answer{}, err
	}
	return c.shownEndpoint(id)
}

func changeHook(c *call) (answer, error) {
	id, err := c.hook()
	if err != nil {
		return answer{}, err
	}
	b := c.body.(*hookChange)
	if err := hooks.Change(c.ctx, c.tx, c.who, c.rules, hooks.Endpoint{ID: id, URL: b.URL, Kinds: b.Kinds, Version: b.Version}); err != nil {
		return answer{}, err
	}
	return c.shownEndpoint(id)
}

func turnHook(c *call) (answer, error) {
	id, err := c.hook()
	if err != nil {
		return answer{}, err
	}
	secret, err := hooks.Turn(c.ctx, c.tx, c.who, id)
	return answer{body: hookSecret{string(id), secret}}, err
}

func tryHook(c *call) (answer, error) {
	id, err := c.hook()
	if err != nil {
		return answer{}, err
	}
	if err := hooks.Try(c.ctx, c.tx, c.who, id); err != nil {
		return answer{}, err
	}
	return c.shownEndpoint(id)
}

func switchHook(c *call) (answer, error) {
	id, err := c.hook()
	if err != nil {
		return answer{}, err
	}
	b := c.body.(*hookState)
	return answer{body: b}, hooks.Switch(c.ctx, c.tx, c.who, id, hooks.State(b.State))
}

func listDeliveries(c *call) (answer, error) {
	id, err := c.hook()
	if err != nil {
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
	all, err := hooks.Deliveries(c.ctx, c.q, c.who, id, hooks.Filter{Limit: limit, Before: before})
	if err != nil {
		return answer{}, err
	}
	a := page[deliveryView]{Items: each(all, deliveryOf)}
	if len(all) == limit {
		a.Next = c.next(all[limit-1].ID)
	}
	return answer{body: a, next: a.Next}, nil
}

func repeatDelivery(c *call) (answer, error) {
	id, err := c.hook()
	if err != nil {
		return answer{}, err
	}
	row, err := c.row()
	if err != nil {
		return answer{}, fault.New(fault.NotFound, "hook.delivery_not_found")
	}
	if err := hooks.Again(c.ctx, c.tx, c.who, id, row); err != nil {
		return answer{}, err
	}
	return c.shownEndpoint(id)
}
