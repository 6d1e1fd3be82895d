// SPDX-License-Identifier: Apache-2.0

package sources

import (
	"cmp"
	"context"
	"time"

	"fera/internal/dates"
	"fera/internal/db"
)

// referrals counts what was asked of other organisations, by need, and how it ended. Drafts are not counted, nor what another
// network sent about somebody whom the register does not know. The need of what is of class 3 is sealed, and is not known here.
func referrals() Source {
	type row struct {
		id, person, org, need, state, outcome string
		protected                             bool
		sent, ended                           time.Time
	}
	return Source{Of: OfPersons, Measures: []Measure{
		{Code: "referral_sent", Kinds: "need", Unit: "referral", Mixed: true},
		{Code: "referral_ended", Kinds: "referral_end", Unit: "referral", Mixed: true},
	}, Events: func(ctx context.Context, q db.Reader, of []string) (all []Event, err error) {
		rows, err := q.Query(ctx, `SELECT id, person_id, from_organisation, need, state, outcome, protected, sent_at, ended_at FROM referrals
			WHERE person_id IN `+db.In(len(of))+` AND sent_at IS NOT NULL ORDER BY id`, anyOf(of)...)
		found, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v row, err error) {
			err = r.Scan(&v.id, &v.person, &v.org, &v.need, &v.state, &v.outcome, &v.protected, db.NullTime(&v.sent), db.NullTime(&v.ended))
			return v, err
		})
		for _, r := range found {
			e := Event{Measure: "referral_sent", Kind: r.need, Hidden: r.protected, Person: r.person, Record: "referral:" + r.id, Org: r.org, On: dates.Of(r.sent), Events: 1}
			all = append(all, e)
			if !r.ended.IsZero() {
				e.Measure, e.Kind, e.On = "referral_ended", cmp.Or(r.outcome, r.state), dates.Of(r.ended)
				all = append(all, e)
			}
		}
		return all, err
	}}
}
