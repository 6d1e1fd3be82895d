// SPDX-License-Identifier: Apache-2.0

package referrals

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/fault"
	"fera/internal/hooks"
	"fera/internal/ids"
	"fera/internal/referrals/course"
)

// Happened is what other systems are told of a referral: where it stands, and nothing of whom it is about or for what.
type Happened struct {
	ID     ID           `json:"id"`
	Number string       `json:"number"`
	State  course.State `json:"state"`
	Act    course.Act   `json:"act"`
	DueOn  string       `json:"due_on,omitempty"`
	At     time.Time    `json:"at"`
}

// publish tells the systems of both sides where a referral stands now, if it stands elsewhere than before. Of what was never sent, and
// of what is made up, nobody is told.
func (r Referral) publish(ctx context.Context, tx *db.Tx, before Referral, act course.Act) error {
	kind := "referral." + string(r.State)
	switch {
	case r.SentAt.IsZero() || ids.IsApart(string(r.ID)):
		return nil
	case act == course.Acknowledge:
		kind = "referral.acknowledged"
	case r.State == before.State && act != course.Appoint:
		return nil
	}
	body := Happened{ID: r.ID, Number: r.Number, State: r.State, Act: act, At: tx.Now()}
	if r.alarmTo != "" {
		body.DueOn = r.DueOn
	}
	sides, err := r.sides(ctx, tx)
	if err != nil {
		return err
	}
	for _, organisation := range sides {
		if err := hooks.Publish(ctx, tx, hooks.Event{Kind: kind, Organisation: organisation, Subject: r.subject(), Body: body}); err != nil {
			return err
		}
	}
	return nil
}

// sides are the organisations of package offices that are told: who sent it, whose network brought it, and the provider.
func (r Referral) sides(ctx context.Context, q db.Reader) (some []string, err error) {
	from := r.From
	if r.Outside() {
		err = q.QueryRow(ctx, `SELECT organisation_id FROM referral_arrivals WHERE referral_id = ?`, string(r.ID)).Scan(&from)
		if errors.Is(err, sql.ErrNoRows) {
			from, err = "", nil
		}
	}
	for _, one := range []string{from, r.Partner} {
		if one != "" && !slices.Contains(some, one) {
			some = append(some, one)
		}
	}
	return some, err
}

// KeepConduct writes down in the directory how providers answer, for those who refer. It returns of how many, and how many of them are
// silent. Who was silent and is no longer is written down too.
func KeepConduct(ctx context.Context, d *db.DB) (providers, silent int, err error) {
	err = d.Maintain(ctx, func(tx *db.Tx) error {
		all, err := Conducts(ctx, tx)
		if err != nil {
			return err
		}
		providers, silent = len(all), 0
		today, known := dates.Of(tx.Now()), map[string]bool{}
		for _, c := range all {
			known[c.Organisation] = true
			note := directory.Conduct{Entry: c.Organisation, Unanswered: c.Unanswered, AsOf: today}
			if c.Answered > 0 {
				days := int(c.Days + 0.5)
				note.Days = &days
			}
			if c.Unanswered > 0 {
				silent++
			}
			if err := directory.NoteConduct(ctx, tx, note); err != nil && fault.KindOf(err) != fault.NotFound {
				return err
			}
		}
		rows, err := tx.Query(ctx, `SELECT entry_id FROM directory_conduct WHERE unanswered > 0`)
		was, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (id string, err error) { return id, row.Scan(&id) })
		for _, id := range was {
			if known[id] || err != nil {
				continue
			}
			err = directory.NoteConduct(ctx, tx, directory.Conduct{Entry: id, AsOf: today})
		}
		return err
	})
	return providers, silent, err
}
