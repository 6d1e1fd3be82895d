// SPDX-License-Identifier: Apache-2.0

package network

import (
	"context"
	"net/http"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/api/op"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
)

// ending is an act that ends a referral.
type ending func(ctx context.Context, tx *db.Tx, who access.Actor, e referrals.Ending) error

// receiving are the operations of a provider: what came to its organisation, and its answers.
func receiving() []op.Operation {
	arrival := op.Holds[arrivalView]()
	return []op.Operation{
		{Name: "list_inbox", Method: http.MethodGet, Path: "/inbox", Need: access.AnswerReferral, Params: []string{"state", "late", "limit", "cursor"}, Out: op.Holds[op.Page[arrivalView]](), Show: inbox},
		{Name: "open_arrival", Method: http.MethodPost, Path: "/inbox/{id}/open", Need: access.AnswerReferral, Out: arrival, Unkeyed: true, Show: openArrival},
		{Name: "answer_referral", Method: http.MethodPost, Path: "/inbox/{id}/answer", Need: access.AnswerReferral, In: op.Sent[referralReply](), Out: arrival, Act: reply, Show: openArrival,
			Example: `{"version": 2, "act": "appoint", "at": "2099-01-04T04:30:00Z", "where": "second floor, ask for the loan desk"}`},
	}
}

// arrivalView is a referral as the provider sees it.
type arrivalView struct {
	ID           string            `json:"id"`
	Number       string            `json:"number"`
	From         string            `json:"from"`
	Office       string            `json:"office,omitempty"`
	Organisation string            `json:"organisation"`
	Service      string            `json:"service,omitempty"`
	Location     string            `json:"location,omitempty"`
	Need         string            `json:"need,omitempty"`
	Protected    bool              `json:"protected"`
	District     string            `json:"district,omitempty"`
	Urgency      string            `json:"urgency"`
	State        string            `json:"state"`
	Outcome      string            `json:"outcome,omitempty"`
	Answer       string            `json:"answer,omitempty"`
	DueOn        string            `json:"due_on,omitempty"`
	SentAt       time.Time         `json:"sent_at"`
	Since        time.Time         `json:"since"`
	MeetsAt      time.Time         `json:"meets_at,omitzero"`
	Where        string            `json:"where,omitempty"`
	Acknowledged bool              `json:"acknowledged"`
	Rounds       int               `json:"rounds"`
	Sheet        map[string]string `json:"sheet"`
	Papers       []string          `json:"papers"`
	Missing      []string          `json:"missing"`
	Possible     []string          `json:"possible"`
	Events       []referralEvent   `json:"events"`
	Version      int               `json:"version"`
}

func arrivalOf(a referrals.Arrival) arrivalView {
	return arrivalView{string(a.ID), a.Number, a.From, a.FromOffice, a.Organisation, a.Service, a.Location, a.Need, a.Protected, a.District, a.Urgency, string(a.State), string(a.Outcome), a.Answer,
		due(a.DueOn), a.SentAt, a.Since, a.MeetsAt, a.Where, a.Acknowledged, a.Rounds, shown(a.Sheet), listed(a.Papers), listed(a.Missing), plain(a.Acts), op.Each(a.Events, eventOf), a.Version}
}

func inbox(c *op.Call) (any, error) {
	var f referrals.Filter
	state, err := c.Text("state")
	if err != nil {
		return nil, err
	}
	if f.State = course.State(state); state != "" && (f.State == course.Drafted || !slices.Contains(course.States(), f.State)) {
		return nil, fault.New(fault.Invalid, "fault.bad_choice").On("state")
	}
	if f.Late, err = yes(c, "late"); err != nil {
		return nil, err
	}
	if f.Limit, err = c.Limit(50, 200); err != nil {
		return nil, err
	}
	day, id, err := cursor(c, true)
	if err != nil {
		return nil, err
	}
	f.After = referrals.Cursor{DueOn: day, ID: referrals.ID(id)}
	found, err := referrals.Inbox(c.Ctx, c.Q, c.Who, f)
	p := op.Page[arrivalView]{Items: op.Each(found.Arrivals, arrivalOf)}
	if found.Next.ID != "" {
		p.Next = c.Next(found.Next.DueOn + " " + string(found.Next.ID))
	}
	return p, err
}

func openArrival(c *op.Call) (any, error) {
	id, err := op.PathID[referrals.ID](c, "id", "referral.not_found")
	if err != nil {
		return nil, err
	}
	a, err := referrals.OpenArrival(c.Ctx, c.Tx, c.Who, id)
	return arrivalOf(a), err
}

// referralReply is what a provider does with a referral.
type referralReply struct {
	Version int       `json:"version"`
	Act     string    `json:"act"`
	Reason  string    `json:"reason,omitempty"`
	At      time.Time `json:"at,omitzero"`
	Where   string    `json:"where,omitempty"`
}

// Check wants the version that was looked at.
func (b *referralReply) Check() *fault.Error { return op.Based(b.Version) }

func reply(c *op.Call) error {
	id, err := op.PathID[referrals.ID](c, "id", "referral.not_found")
	if err != nil {
		return err
	}
	b := c.Body.(*referralReply)
	return referrals.Answer(c.Ctx, c.Tx, c.Who, referrals.Reply{ID: id, Version: b.Version, Act: course.Act(b.Act), Reason: b.Reason, At: b.At, Where: b.Where})
}
