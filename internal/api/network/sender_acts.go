// SPDX-License-Identifier: Apache-2.0

package network

import (
	"time"

	"fera/internal/api/op"
	"fera/internal/cases"
	"fera/internal/fault"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/referrals/sharing"
)

// newReferral is a referral as somebody writes it.
type newReferral struct {
	Service  string            `json:"service"`
	Location string            `json:"location,omitempty"`
	Need     string            `json:"need"`
	Urgency  string            `json:"urgency"`
	Share    []string          `json:"share,omitempty"`
	Typed    map[string]string `json:"typed,omitempty"`
	Papers   []string          `json:"papers,omitempty"`
	Anyway   string            `json:"anyway,omitempty"`
}

func (b newReferral) drafting(of cases.ID, operation string) referrals.Drafting {
	return referrals.Drafting{Operation: operation, Case: of, Service: b.Service, Location: b.Location, Need: b.Need, Urgency: b.Urgency, Share: b.Share, Typed: b.Typed, Papers: b.Papers, Anyway: b.Anyway}
}

// typed says where in a body lies what was typed for the provider.
func typed(field string) string {
	if f, ok := sharing.FieldOf(field); ok && f.Typed {
		return "typed." + field
	}
	return field
}

func draft(c *op.Call) error {
	of, err := op.PathID[cases.ID](c, "id", "case.not_found")
	if err != nil {
		return err
	}
	id, err := referrals.Draft(c.Ctx, c.Tx, c.Who, c.Body.(*newReferral).drafting(of, c.Key))
	c.Made = "/cases/" + string(of) + "/referrals/" + string(id)
	return within(err, typed)
}

// referralChange writes a draft anew.
type referralChange struct {
	Version  int               `json:"version"`
	Service  string            `json:"service"`
	Location string            `json:"location,omitempty"`
	Need     string            `json:"need"`
	Urgency  string            `json:"urgency"`
	Share    []string          `json:"share,omitempty"`
	Typed    map[string]string `json:"typed,omitempty"`
	Papers   []string          `json:"papers,omitempty"`
	Anyway   string            `json:"anyway,omitempty"`
}

// Check wants the version on which the change is based.
func (b *referralChange) Check() *fault.Error { return op.Based(b.Version) }

func redraft(c *op.Call) error {
	id, err := referralID(c)
	if err != nil {
		return err
	}
	b := c.Body.(*referralChange)
	d := newReferral{b.Service, b.Location, b.Need, b.Urgency, b.Share, b.Typed, b.Papers, b.Anyway}.drafting(cases.ID(c.Path("id")), "")
	return within(referrals.Redraft(c.Ctx, c.Tx, c.Who, referrals.Acting{ID: id, Version: b.Version}, d), typed)
}

// referralSending sends a draft, as she agreed to it.
type referralSending struct {
	Version  int    `json:"version"`
	Agreed   bool   `json:"agreed"`
	Method   string `json:"method"`
	Language string `json:"language"`
}

// Check wants the version that was read out to her.
func (b *referralSending) Check() *fault.Error { return op.Based(b.Version) }

func send(c *op.Call) error {
	id, err := referralID(c)
	if err != nil {
		return err
	}
	b := c.Body.(*referralSending)
	return referrals.Send(c.Ctx, c.Tx, c.Who, referrals.Sending{ID: id, Version: b.Version, Agreed: b.Agreed, Method: b.Method, Language: b.Language})
}

// referralEnding ends a referral.
type referralEnding struct {
	Version int    `json:"version"`
	Why     string `json:"why,omitempty"`
}

// Check wants the version that was looked at.
func (b *referralEnding) Check() *fault.Error { return op.Based(b.Version) }

func ends(how ending) func(*op.Call) error {
	return func(c *op.Call) error {
		id, err := referralID(c)
		if err != nil {
			return err
		}
		b := c.Body.(*referralEnding)
		return how(c.Ctx, c.Tx, c.Who, referrals.Ending{ID: id, Version: b.Version, Why: b.Why})
	}
}

// revokingAll says why she takes back her consent to all of them; she owes nobody a reason.
type revokingAll struct {
	Why string `json:"why,omitempty"`
}

// revoked says which referrals of class 2 are still under way: none, when she took back her consent to all.
type revoked struct {
	Open []string `json:"open"`
}

func revokeAll(c *op.Call) error {
	of, err := op.PathID[cases.ID](c, "id", "case.not_found")
	if err != nil {
		return err
	}
	n, err := referrals.RevokeAll(c.Ctx, c.Tx, c.Who, of, c.Body.(*revokingAll).Why)
	if err == nil && n == 0 {
		c.Tx.Allowed() // nothing was under way, so that nothing was written
		c.Tx.Recorded()
	}
	return err
}

func showRevoked(c *op.Call) (any, error) {
	v, before := revoked{Open: []string{}}, ""
	for {
		all, err := referrals.List(c.Ctx, c.Q, c.Who, cases.ID(c.Path("id")), cases.Part{Before: before, Limit: 200})
		if err != nil {
			return nil, err
		}
		for _, r := range all {
			if r.State.Open() {
				v.Open = append(v.Open, string(r.ID))
			}
			before = string(r.ID)
		}
		if len(all) < 200 {
			return v, nil
		}
	}
}

// hearing is what she said when she was asked.
type hearing struct {
	Version int    `json:"version"`
	Act     string `json:"act"`
	Way     string `json:"way"`
	Words   string `json:"words,omitempty"`
}

// Check wants the version that she was asked about.
func (b *hearing) Check() *fault.Error { return op.Based(b.Version) }

func hear(c *op.Call) error {
	id, err := referralID(c)
	if err != nil {
		return err
	}
	b := c.Body.(*hearing)
	return referrals.Hear(c.Ctx, c.Tx, c.Who, referrals.Hearing{ID: id, Version: b.Version, Act: course.Act(b.Act), Way: b.Way, Words: b.Words})
}

// linkWanted asks for a link.
type linkWanted struct {
	Purpose string `json:"purpose"`
}

// link is a link, said this once. The page lies under /r/ of the program.
type link struct {
	Secret string    `json:"secret"`
	EndsAt time.Time `json:"ends_at"`
}

func makeLink(c *op.Call) (any, error) {
	id, err := referralID(c)
	if err != nil {
		return nil, err
	}
	secret, ends, err := referrals.Issue(c.Ctx, c.Tx, c.Who, id, referrals.Purpose(c.Body.(*linkWanted).Purpose))
	return link{secret, ends}, err
}
