// SPDX-License-Identifier: Apache-2.0

package referrals

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/calendars"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/deadlines"
	"fera/internal/ids"
	"fera/internal/referrals/course"
	"fera/internal/seal"
)

// Acting is an act on a referral as it was when somebody decided to do it; version 0 stands for any.
type Acting struct {
	ID      ID
	Act     course.Act
	Version int
}

// begin finds a referral for an act of its sender: who may refer on the case, it is still what was looked at, and the act is
// possible now. It lets the transaction commit.
func begin(ctx context.Context, tx *db.Tx, who access.Actor, a Acting) (Referral, error) {
	r, c, err := find(ctx, tx, who, a.ID)
	if err != nil {
		return r, err
	}
	if a.Version != 0 && a.Version != r.Version {
		return r, changedMeanwhile()
	}
	if f := r.Standing().Refusal(a.Act, course.Sender); f != nil {
		return r, f
	}
	if r.Protected {
		if err := access.CheckOn(ctx, tx, who, access.ChangeProtected, string(r.Person)); err != nil {
			return r, err
		}
	}
	return r, access.CheckOn(ctx, tx, who, access.SendReferral, string(c.ID))
}

// done is what an act did to a referral.
type done struct {
	act   course.Act
	side  course.Side
	way   string // by which it was done: empty for an account, link, sms, call, visit, api, paper
	why   string // sealed
	quiet bool   // it is no event of its course
}

// keep writes a changed referral with what was done to it: the terms, the row, the event, the flow, the trail.
func (r *Referral) keep(ctx context.Context, tx *db.Tx, who access.Actor, d done) error {
	before, version := *r, r.Version
	if to := course.After(r.State, d.act); to != r.State || d.act == course.Appoint {
		r.State, r.Since, r.Silent = to, tx.Now(), false
	}
	if err := r.stamp(ctx, tx, d); err != nil {
		return err
	}
	if err := r.reckon(ctx, tx); err != nil {
		return err
	}
	r.Version++
	if err := r.update(ctx, tx, version); err != nil {
		return err
	}
	if !d.quiet {
		if err := r.happened(ctx, tx, who, d); err != nil {
			return err
		}
	}
	if err := flow(ctx, tx, before, *r); err != nil {
		return err
	}
	if err := r.publish(ctx, tx, before, d.act); err != nil {
		return err
	}
	if slices.Contains(course.Reports(), d.act) {
		if err := r.post(ctx, tx, askHer); err != nil {
			return err
		}
	}
	person := string(r.Person)
	return audit.Record(ctx, tx, who, r.actOf(d.side), audit.Entry{Subject: r.subject(), Person: person, Named: []string{string(d.act)}})
}

// actOf is the permission under which the trail enters what a side does.
func (r Referral) actOf(side course.Side) access.Permission {
	switch {
	case side == course.Receiver:
		return access.AnswerReferral
	case r.Outside():
		return access.BringReferral
	}
	return r.act()
}

// stamp notes when what was done.
func (r *Referral) stamp(_ context.Context, tx *db.Tx, d done) error {
	now := tx.Now()
	first := func(t *time.Time) {
		if t.IsZero() {
			*t = now
		}
	}
	switch d.act {
	case course.Send:
		first(&r.SentAt)
	case course.Receive:
		first(&r.ReceivedAt)
	case course.Accept, course.Enlist, course.Appoint, course.Decline:
		first(&r.ReceivedAt)
		first(&r.DecidedAt)
	case course.Serve, course.NoShow, course.Refuse, course.Unable:
		r.ToldAt, r.Outcome, r.Answer, r.Tries = now, d.act, "", 0
	case course.Correct:
		r.ToldAt, r.Outcome, r.Answer = time.Time{}, "", ""
	case course.Try:
		r.Tries++
	case course.Confirm:
		r.AnsweredAt, r.Answer = now, "yes"
	case course.Deny:
		r.AnsweredAt, r.Answer = now, "no"
		r.Rounds++
	case course.Acknowledge:
		first(&r.Acknowledged)
	}
	switch r.State {
	case course.Closed:
		first(&r.EndedAt)
	case course.Withdrawn:
		first(&r.EndedAt)
	}
	return nil
}

// reckon says by when whoever's turn it is has to act, and when somebody is to be reminded.
func (r *Referral) reckon(ctx context.Context, q db.Reader) error {
	calendar, err := calendars.Now(ctx, q)
	if err != nil {
		return err
	}
	r.DueOn, r.alarmTo, r.alarmAt = cases.Never, "", time.Time{}
	if r.State == course.Drafted || r.State == course.Closed || r.State == course.Withdrawn && (r.SentAt.IsZero() || !r.Acknowledged.IsZero()) {
		return nil
	}
	terms := course.Standard()
	moment := course.Moment{Since: dates.Of(r.Since), Urgency: r.Urgency}
	if !r.SentAt.IsZero() {
		moment.Sent = dates.Of(r.SentAt)
	}
	if !r.MeetsAt.IsZero() {
		moment.Meets = dates.Of(r.MeetsAt)
	}
	day := terms.Due(calendar, r.State, moment)
	if day.IsZero() {
		return nil
	}
	r.DueOn = day.String()
	for _, alarm := range deadlines.Ladder(calendar, day, r.rungs(terms)) {
		if alarm.At.After(q.Now()) || alarm.To == expiry { // reminders that were missed are not sent, but what is over is over
			r.alarmTo, r.alarmAt = alarm.To, alarm.At.UTC()
			break
		}
	}
	return nil
}

// rungs are the reminders of a state: first whose turn it is, then who has to know of the silence; at last it expires.
func (r Referral) rungs(t course.Terms) (some []deadlines.Rung) {
	for _, rung := range t.Reminders {
		if rung.To == "receiver" && !r.State.Theirs() && r.State != course.Withdrawn {
			rung.To = "sender"
		}
		some = append(some, rung)
	}
	if r.State == course.Sent || r.State == course.Received {
		some = append(some, deadlines.Rung{Days: t.ExpiresAfter, To: expiry})
	}
	return some
}

// expiry stands for nobody: a referral that was not answered ends.
const expiry = "expiry"

func (r *Referral) update(ctx context.Context, tx *db.Tx, version int) error {
	sealed, err := r.seal(ctx, tx)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE referrals SET to_organisation = ?, to_partner = ?, need = ?, service_id = ?, district = ?, urgency = ?, state = ?, outcome = ?, answer = ?, tries = ?,
		rounds = ?, silent = ?, due_on = ?, alarm_to = ?, alarm_at = ?, since_at = ?, sent_at = ?, received_at = ?, decided_at = ?, meets_at = ?, told_at = ?, answered_at = ?,
		acknowledged_at = ?, ended_at = ?, sealed = ?, version = ? WHERE id = ? AND version = ?`,
		r.Organisation, r.Partner, r.need, r.service, r.district, r.Urgency, string(r.State), string(r.Outcome), r.Answer, r.Tries,
		r.Rounds, r.Silent, r.DueOn, r.alarmTo, orNull(r.alarmAt), r.Since, orNull(r.SentAt), orNull(r.ReceivedAt), orNull(r.DecidedAt), orNull(r.MeetsAt), orNull(r.ToldAt),
		orNull(r.AnsweredAt), orNull(r.Acknowledged), orNull(r.EndedAt), sealed, r.Version, string(r.ID), version)
	if err != nil {
		return fmt.Errorf("write referral: %w", err)
	}
	if n == 0 {
		return changedMeanwhile()
	}
	return nil
}

// Event is one thing that was done with a referral.
type Event struct {
	Act    course.Act   `json:"act"`
	State  course.State `json:"state"`
	Side   course.Side  `json:"side"`
	Way    string       `json:"way,omitempty"`
	User   string       `json:"-"`
	ByName string       `json:"by"`
	At     time.Time    `json:"at"`
	Why    string       `json:"why,omitempty"`

	id string
}

func (r Referral) happened(ctx context.Context, tx *db.Tx, who access.Actor, d done) error {
	id := ids.New(tx.Now())
	var sealed []byte
	var err error
	if d.why != "" {
		if sealed, err = seal.Seal(ctx, tx, r.keyholder(), "referral_events.sealed:"+id, []byte(d.why)); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO referral_events (id, referral_id, act, state, side, way, user_id, user_name, at, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id, string(r.ID), string(d.act), string(r.State), string(d.side), d.way, who.ID, who.Name, tx.Now(), sealed)
	return err
}

// Events returns what was done with a referral that who may see because she sees the case, in order. It says why.
func Events(ctx context.Context, q db.Reader, who access.Actor, id ID) ([]Event, error) {
	r, _, err := find(ctx, q, who, id)
	if err != nil {
		return nil, err
	}
	return r.events(ctx, q)
}

func (r Referral) events(ctx context.Context, q db.Reader) ([]Event, error) {
	rows, err := q.Query(ctx, `SELECT id, act, state, side, way, user_id, user_name, at, sealed FROM referral_events WHERE referral_id = ? ORDER BY id`, string(r.ID))
	type row struct {
		Event
		sealed []byte
	}
	found, err := db.Collect(rows, err, func(s interface{ Scan(...any) error }) (e row, err error) {
		err = s.Scan(&e.id, &e.Act, &e.State, &e.Side, &e.Way, &e.User, &e.ByName, db.Time(&e.At), &e.sealed)
		return e, err
	})
	if err != nil {
		return nil, err
	}
	all := make([]Event, len(found))
	for i, e := range found {
		all[i] = e.Event
		if e.sealed == nil {
			continue
		}
		why, err := seal.Open(ctx, q, r.keyholder(), "referral_events.sealed:"+e.id, e.sealed)
		if err != nil {
			return nil, fmt.Errorf("open event of referral: %w", err)
		}
		all[i].Why = string(why)
	}
	return all, nil
}
