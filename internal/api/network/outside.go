// SPDX-License-Identifier: Apache-2.0

package network

import (
	"net/http"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/referrals/sharing"
)

// bringing are the operations of another network that refers somebody to an organisation here, and follows what becomes of it.
func bringing() []op.Operation {
	view := op.Holds[broughtView]()
	return []op.Operation{
		{Name: "bring_referral", Method: http.MethodPost, Path: "/referrals/incoming", Need: access.BringReferral, In: op.Sent[newBrought](), Out: view, Status: http.StatusCreated, Own: true, Act: bring, Show: showMade,
			Example: `{"reference": "N-2099-0017", "service": "01900000-0000-7000-8000-000000000005", "need": "loan", "urgency": "weeks",
 "sheet": {"ask": "a loan for a sewing machine", "sex": "female", "age_band": "25-34", "district": "3056", "name": "Rahima Khatun", "contact": "01712345678;own;call;"}, "papers": ["nid"],
 "statement": {"agreed": true, "method": "signed", "language": "bn", "by": "Nasrin Akter", "on": "2026-01-04"}}`},
		{Name: "list_brought_referrals", Method: http.MethodGet, Path: "/referrals/incoming", Need: access.BringReferral, Params: []string{"reference", "limit", "cursor"}, Out: op.Holds[op.Page[broughtView]](), Show: listBrought},
		{Name: "find_brought_referral", Method: http.MethodGet, Path: "/referrals/incoming/{id}", Need: access.BringReferral, Out: view, Show: findBrought},
		{Name: "follow_brought_referral", Method: http.MethodPost, Path: "/referrals/incoming/{id}/act", Need: access.BringReferral, In: op.Sent[following](), Out: view, Act: follow, Show: findBrought,
			Example: `{"version": 5, "act": "confirm", "words": "she has the machine"}`},
	}
}

// newBrought is a referral as another network sends it.
type newBrought struct {
	Reference string            `json:"reference"`
	Service   string            `json:"service"`
	Location  string            `json:"location,omitempty"`
	Need      string            `json:"need"`
	Urgency   string            `json:"urgency"`
	Sheet     map[string]string `json:"sheet"`
	Papers    []string          `json:"papers,omitempty"`
	Statement statement         `json:"statement"`
}

// statement is what a network says of her consent.
type statement struct {
	Agreed   bool          `json:"agreed"`
	Method   string        `json:"method"`
	Language string        `json:"language"`
	By       string        `json:"by"`
	On       dates.Partial `json:"on"`
}

// broughtView is a referral as the network sees it that brought it.
type broughtView struct {
	ID             string          `json:"id"`
	Reference      string          `json:"reference,omitempty"`
	Number         string          `json:"number"`
	Organisation   string          `json:"organisation"`
	Service        string          `json:"service,omitempty"`
	Need           string          `json:"need,omitempty"`
	Urgency        string          `json:"urgency"`
	State          string          `json:"state"`
	Outcome        string          `json:"outcome,omitempty"`
	Answer         string          `json:"answer,omitempty"`
	DueOn          string          `json:"due_on,omitempty"`
	SentAt         time.Time       `json:"sent_at"`
	ReceivedAt     time.Time       `json:"received_at,omitzero"`
	DecidedAt      time.Time       `json:"decided_at,omitzero"`
	MeetsAt        time.Time       `json:"meets_at,omitzero"`
	Where          string          `json:"where,omitempty"`
	ToldAt         time.Time       `json:"told_at,omitzero"`
	AnsweredAt     time.Time       `json:"answered_at,omitzero"`
	AcknowledgedAt time.Time       `json:"acknowledged_at,omitzero"`
	EndedAt        time.Time       `json:"ended_at,omitzero"`
	Missing        []string        `json:"missing"`
	Possible       []string        `json:"possible"`
	Events         []referralEvent `json:"events"`
	Version        int             `json:"version"`
}

func broughtOf(b referrals.Brought) broughtView {
	possible := course.Possible(b.Standing(), course.Sender)
	return broughtView{string(b.ID), b.Reference, b.Number, b.Organisation, b.Service, b.Need, b.Urgency, string(b.State), string(b.Outcome), b.Answer, due(b.DueOn), b.SentAt, b.ReceivedAt, b.DecidedAt,
		b.MeetsAt, b.Where, b.ToldAt, b.AnsweredAt, b.Acknowledged, b.EndedAt, listed(b.Missing),
		plain(slices.DeleteFunc(possible, func(a course.Act) bool { return !slices.Contains(referrals.FollowingActs(), a) })), op.Each(b.Events, eventOf), b.Version}
}

func bring(c *op.Call) error {
	b := c.Body.(*newBrought)
	s := b.Statement
	id, err := referrals.Bring(c.Ctx, c.Tx, c.Who, referrals.Bringing{Reference: b.Reference, Service: b.Service, Location: b.Location, Need: b.Need, Urgency: b.Urgency, Sheet: b.Sheet, Papers: b.Papers,
		Statement: referrals.Statement{Agreed: s.Agreed, Method: s.Method, Language: s.Language, By: s.By, On: s.On}})
	c.Made = "/referrals/incoming/" + string(id)
	return within(err, func(field string) string {
		if _, is := sharing.FieldOf(field); is && field != "language" {
			return "sheet." + field
		}
		if slices.Contains([]string{"agreed", "method", "language", "by", "on"}, field) {
			return "statement." + field
		}
		return field
	})
}

func showMade(c *op.Call) (any, error) { return broughtShown(c, referrals.ID(c.MadeID())) }

func broughtShown(c *op.Call, id referrals.ID) (any, error) {
	b, err := referrals.FindBrought(c.Ctx, c.Q, c.Who, id)
	if err != nil {
		return nil, err
	}
	return broughtOf(b), nil
}

func findBrought(c *op.Call) (any, error) {
	id, err := op.PathID[referrals.ID](c, "id", "referral.not_found")
	if err != nil {
		return nil, err
	}
	return broughtShown(c, id)
}

func listBrought(c *op.Call) (any, error) {
	reference, err := c.Text("reference")
	if err != nil {
		return nil, err
	}
	limit, err := c.Limit(50, 200)
	if err != nil {
		return nil, err
	}
	_, before, err := cursor(c, false)
	if err != nil {
		return nil, err
	}
	all, err := referrals.ListBrought(c.Ctx, c.Q, c.Who, reference, cases.Part{Before: before, Limit: limit})
	p := op.Page[broughtView]{Items: op.Each(all, broughtOf)}
	if len(all) == limit {
		p.Next = c.Next(string(all[limit-1].ID))
	}
	return p, err
}

// following is what a network does with a referral that it brought.
type following struct {
	Version int    `json:"version"`
	Act     string `json:"act"`
	Words   string `json:"words,omitempty"`
}

// Check wants the version that was looked at.
func (b *following) Check() *fault.Error { return op.Based(b.Version) }

func follow(c *op.Call) error {
	id, err := op.PathID[referrals.ID](c, "id", "referral.not_found")
	if err != nil {
		return err
	}
	b := c.Body.(*following)
	return referrals.Follow(c.Ctx, c.Tx, c.Who, referrals.Following{ID: id, Version: b.Version, Act: course.Act(b.Act), Words: b.Words})
}
