// SPDX-License-Identifier: Apache-2.0

// Package network is the part of the API by which organisations ask one another for something: referrals, from the side of who
// sends them and of who answers them, and what became of all of them.
//
// It says what each operation takes, does and shows; package op admits who asks, reads the body, opens the transaction and does no act
// twice.
package network

import (
	"encoding/base64"
	"slices"
	"strings"

	"fera/internal/api/op"
	"fera/internal/choices"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/handovers"
	"fera/internal/ids"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
)

// Operations is the table.
func Operations() []op.Operation {
	return op.Acts(slices.Concat(sending(), receiving(), bringing(), counting(), handing()))
}

func plain[T ~string](all []T) []string { return op.Each(all, func(t T) string { return string(t) }) }

// yes reads a yes or no of the query; no when there is none.
func yes(c *op.Call, name string) (bool, error) {
	switch c.Query[name] {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, fault.New(fault.Invalid, "fault.bad_choice").On(name)
}

func badCursor() error { return fault.New(fault.Invalid, "api.cursor").On("cursor") }

// cursor reads where a page begins: an identifier, after a day where two is asked for.
func cursor(c *op.Call, dated bool) (day, id string, err error) {
	text, given := c.Query["cursor"]
	if !given {
		return "", "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return "", "", badCursor()
	}
	id = string(raw)
	if dated {
		day, id, _ = strings.Cut(id, " ")
		if d, err := dates.Parse(day); day != never && (err != nil || d.Precision() != dates.Day) {
			return "", "", badCursor()
		}
	}
	if !ids.Valid(id) {
		return "", "", badCursor()
	}
	return day, id, nil
}

// within says of what is wrong with a member of a body where that member lies.
func within(err error, place func(field string) string) error {
	f := fault.Of(err)
	if f == nil {
		return err
	}
	var faults []*fault.Error
	for _, one := range f.All() {
		if one.Field != "" {
			one = one.On(place(one.Field))
		}
		faults = append(faults, one)
	}
	return fault.Join(faults...)
}

// Offered are the members of bodies and answers that take one of a few values, or a list of them, by schema and name.
func Offered() map[string][]string {
	states, acts := plain(course.States()), plain(course.Acts())
	urgencies := op.Each(course.Standard().Urgencies, func(u course.Urgency) string { return u.Code })
	purposes := plain([]referrals.Purpose{referrals.ToAnswer, referrals.ToReport, referrals.ToConfirm})
	replies := plain(append([]course.Act{course.Accept, course.Enlist, course.Appoint, course.Decline, course.Acknowledge}, course.Reports()...))
	return map[string][]string{
		"NewReferral.urgency": urgencies, "ReferralChange.urgency": urgencies, "ReferralView.urgency": urgencies, "ArrivalView.urgency": urgencies,
		"ReferralView.state": states, "ArrivalView.state": states, "ReferralEvent.state": states, "ReferralEvent.act": acts, "ReferralView.possible": acts, "ArrivalView.possible": acts,
		"ReferralSending.method": choices.ConsentMethods(), "ReferralSending.language": {"bn", "en"}, "ReferralReply.act": replies,
		"Hearing.act": plain([]course.Act{course.Confirm, course.Deny, course.Try}), "Hearing.way": referrals.HearingWays(),
		"NewBrought.urgency": urgencies, "BroughtView.state": states, "BroughtView.urgency": urgencies, "Statement.method": choices.ConsentMethods(), "Statement.language": {"bn", "en"},
		"Following.act":       plain(referrals.FollowingActs()),
		"NewHandover.urgency": urgencies, "ManyCases.urgency": urgencies, "HandoverView.urgency": urgencies, "TakeoverView.urgency": urgencies, "HandoverView.state": plain(handovers.States()),
		"TakeoverView.state": plain(handovers.States()), "StateCount.state": plain(handovers.States()), "NewHandover.method": choices.ConsentMethods(), "AskedCase.method": choices.ConsentMethods(),
		"NewHandover.parts": plain(append(handovers.PartsOf(2), handovers.PartsOf(3)...)), "ManyCases.parts": plain(handovers.PartsOf(2)),
		"LinkWanted.purpose": purposes, "ReferralView.links": purposes,
	}
}
