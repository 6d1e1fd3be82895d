// SPDX-License-Identifier: Apache-2.0

package casework

import (
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/persons"
	"fera/internal/referrals"
	"fera/internal/referrals/course"
	"fera/internal/web/casehead"
	"fera/internal/web/kit"
	"fera/internal/web/site"
)

// referred are the referrals of the visitor's cases in which it is her turn, and those whose provider is silent. What they are for is
// not named.
func referred(r *site.Request, q db.Reader) (items []item, err error) {
	if len(r.Who.Grants) == 0 {
		return nil, nil
	}
	all, _, err := referrals.Outbox(r.Context(), q, r.Who, referrals.Filter{Turn: referrals.Ours, Limit: mostFresh})
	if err != nil {
		return nil, err
	}
	silent, _, err := referrals.Outbox(r.Context(), q, r.Who, referrals.Filter{Turn: referrals.Theirs, Silent: true, Limit: mostFresh})
	if err != nil {
		return nil, err
	}
	all = append(all, silent...)
	wanted := make([]persons.ID, len(all))
	for i, ref := range all {
		wanted[i] = ref.Person
	}
	cards, err := persons.FindCards(r.Context(), q, r.Who, wanted)
	today := dates.Of(r.Now)
	for _, ref := range all {
		i := item{Key: "referral:" + string(ref.ID), Href: casehead.Path(ref.Case, "referrals", string(ref.ID)), Who: nameOf(r.S, cards, ref.Person), What: r.S.T("casework.referral_" + toDo(ref)), dueOn: ref.DueOn}
		if due, wrong := dates.Parse(ref.DueOn); wrong == nil && ref.DueOn != cases.Never {
			i.When = Day(r.S, due, today)
		}
		if ref.Late(today) {
			i.Tags = []kit.Tag{{Text: r.S.T("case.late"), Tone: kit.Attention}}
		}
		items = append(items, i)
	}
	return items, err
}

// toDo is what a referral waits for.
func toDo(ref referrals.Referral) string {
	switch ref.State {
	case course.Served, course.Unserved:
		return "ask"
	case course.Declined, course.Expired:
		return "anew"
	case course.Confirmed:
		return "close"
	}
	return "silent"
}
