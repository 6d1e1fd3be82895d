// SPDX-License-Identifier: Apache-2.0

package handovers

import (
	"context"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/accounts"
	"fera/internal/audit"
	"fera/internal/calendars"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/deadlines"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/referrals/course"
	"fera/internal/seal"
)

// Acting is an act on a hand-over as it was when somebody decided to do it; version 0 stands for any.
type Acting struct {
	ID      ID
	Version int
	Why     string
	At      time.Time // of a meeting
	Where   string    // of a meeting
	Duties  []string  // that were done, when the case is closed
}

// begin finds a hand-over for an act of who offered it.
func begin(ctx context.Context, tx *db.Tx, who access.Actor, a Acting, act Act) (Handover, error) {
	h, err := given(ctx, tx, who, a.ID)
	if err != nil {
		return h, err
	}
	if a.Version != 0 && a.Version != h.Version {
		return h, changedMeanwhile()
	}
	if f := refusal(h.State, Giver, act); f != nil {
		return h, f
	}
	return h, access.CheckOn(ctx, tx, who, access.SendReferral, string(h.Case))
}

// TakeBack withdraws a hand-over that nobody has taken yet.
func TakeBack(ctx context.Context, tx *db.Tx, who access.Actor, a Acting) error {
	return stop(ctx, tx, who, a, Withdraw)
}

// TakeBackConsent notes that she takes back her consent to be handed over.
func TakeBackConsent(ctx context.Context, tx *db.Tx, who access.Actor, a Acting) error {
	return stop(ctx, tx, who, a, Revoke)
}

func stop(ctx context.Context, tx *db.Tx, who access.Actor, a Acting, act Act) error {
	h, err := begin(ctx, tx, who, a, act)
	if err != nil {
		return err
	}
	least := 3
	if act == Revoke {
		least = 0 // she owes nobody a reason
	}
	if f := text(&a.Why, least, 500, "why"); f != nil {
		return f
	}
	if err := h.keep(ctx, tx, who, done{act: act, side: Giver, why: a.Why}); err != nil {
		return err
	}
	return h.tellTakers(ctx, tx, "notice.handover_withdrawn")
}

// Conclude closes the case of who gave it away, as transferred, with the duties of that; where the programme asks for it, another has
// to allow it first, and then the hand-over is done when the case is closed.
func Conclude(ctx context.Context, tx *db.Tx, who access.Actor, a Acting) (closed bool, err error) {
	h, err := begin(ctx, tx, who, a, Finish)
	if err != nil {
		return false, err
	}
	closed, err = cases.Shut(ctx, tx, who, cases.Closing{Case: h.Case, Code: "transferred", Duties: a.Duties, Why: a.Why})
	if err != nil || !closed {
		return false, err
	}
	return true, h.keep(ctx, tx, who, done{act: Finish, side: Giver})
}

// Arrange notes a day on which she meets both, by either side; the other is told.
func Arrange(ctx context.Context, tx *db.Tx, who access.Actor, a Acting) error {
	h, err := read(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	side := Taker
	if _, seen := given(ctx, tx, who, a.ID); seen == nil {
		side = Giver
		if err := access.CheckOn(ctx, tx, who, access.SendReferral, string(h.Case)); err != nil {
			return err
		}
	} else if fault.KindOf(seen) != fault.NotFound {
		return seen
	} else if !h.receives(who) {
		return notFound()
	}
	tx.Allowed()
	if a.Version != 0 && a.Version != h.Version {
		return changedMeanwhile()
	}
	if f := refusal(h.State, side, Meet); f != nil {
		return f
	}
	if f := text(&a.Where, 0, 300, "where"); f != nil {
		return f
	}
	if a.At.Before(tx.Now()) || a.At.After(tx.Now().Add(furthest)) {
		return fault.New(fault.Invalid, "handover.day_ahead").On("at")
	}
	h.MeetsAt, h.Where = a.At.UTC(), a.Where
	if err := h.keep(ctx, tx, who, done{act: Meet, side: side}); err != nil {
		return err
	}
	if side == Taker {
		return h.tellGivers(ctx, tx, "notice.handover_meeting")
	}
	return h.tellTakers(ctx, tx, "notice.handover_meeting")
}

// furthest is how far ahead a meeting may lie.
const furthest = 200 * 24 * time.Hour

// done is what an act did to a hand-over.
type done struct {
	act  Act
	side Side
	why  string
}

// keep writes a changed hand-over with what was done to it: the terms, the row, the event, the trail.
func (h *Handover) keep(ctx context.Context, tx *db.Tx, who access.Actor, d done) error {
	version := h.Version
	if to := after(h.State, d.act); to != h.State {
		h.State, h.Since = to, tx.Now()
	}
	switch {
	case d.act == Open:
		h.ReceivedAt = tx.Now()
	case d.act == Take || d.act == Decline:
		h.DecidedAt = tx.Now()
		if h.ReceivedAt.IsZero() {
			h.ReceivedAt = tx.Now()
		}
	}
	if h.State.ended() {
		h.EndedAt = tx.Now()
	}
	if h.State != Offered && h.State != Received { // nobody needs any more what was to be handed over
		h.Record, h.Files, h.FileNames, h.Summary, h.protected = Record{}, nil, nil, "", nil
	}
	if err := h.reckon(ctx, tx); err != nil {
		return err
	}
	h.Version++
	if err := h.update(ctx, tx, version); err != nil {
		return err
	}
	if err := h.happened(ctx, tx, who, d); err != nil {
		return err
	}
	perm := access.SendReferral
	if d.side == Taker {
		perm = access.AnswerReferral
	}
	return audit.Record(ctx, tx, who, perm, audit.Entry{Subject: h.subject(), Person: string(h.Person), Named: []string{string(d.act)}})
}

func (h *Handover) update(ctx context.Context, tx *db.Tx, version int) error {
	sealed, err := seal.JSON(ctx, tx, string(h.Person), "handovers.sealed:"+string(h.ID), h.Content)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE handovers SET to_office = ?, taker_id = ?, taker_name = ?, new_person = ?, new_case = ?, state = ?, due_on = ?, alarm_to = ?, alarm_at = ?, since_at = ?, received_at = ?,
		decided_at = ?, meets_at = ?, ended_at = ?, sealed = ?, protected = ?, version = ? WHERE id = ? AND version = ?`,
		h.ToOffice, h.Taker, h.TakerName, h.newPerson, h.newCase, string(h.State), h.DueOn, h.alarmTo, orNull(h.alarmAt), h.Since, orNull(h.ReceivedAt),
		orNull(h.DecidedAt), orNull(h.MeetsAt), orNull(h.EndedAt), sealed, h.protected, h.Version, string(h.ID), version)
	if err != nil {
		return fmt.Errorf("write hand-over: %w", err)
	}
	if n == 0 {
		return changedMeanwhile()
	}
	return nil
}

// reckon says by when whoever's turn it is has to act, and when somebody is to be reminded. The terms are those of referrals.
func (h *Handover) reckon(ctx context.Context, q db.Reader) error {
	calendar, err := calendars.Now(ctx, q)
	if err != nil {
		return err
	}
	h.DueOn, h.alarmTo, h.alarmAt = cases.Never, "", time.Time{}
	as, ok := map[State]course.State{Offered: course.Sent, Received: course.Received, Taken: course.Accepted}[h.State]
	if !ok {
		return nil
	}
	terms := course.Standard()
	day := terms.Due(calendar, as, course.Moment{Since: dates.Of(h.Since), Sent: dates.Of(h.OfferedAt), Urgency: h.Urgency})
	if day.IsZero() {
		return nil
	}
	h.DueOn = day.String()
	for _, alarm := range deadlines.Ladder(calendar, day, h.rungs(terms)) {
		if alarm.At.After(q.Now()) || alarm.To == expiry { // reminders that were missed are not sent, but what is over is over
			h.alarmTo, h.alarmAt = alarm.To, alarm.At.UTC()
			break
		}
	}
	return nil
}

func (h Handover) rungs(t course.Terms) (some []deadlines.Rung) {
	for _, rung := range t.Reminders {
		if rung.To == "receiver" && h.State == Taken {
			rung.To = "sender"
		}
		some = append(some, rung)
	}
	if h.State != Taken {
		some = append(some, deadlines.Rung{Days: t.ExpiresAfter, To: expiry})
	}
	return some
}

// expiry stands for nobody: a hand-over that was not answered ends.
const expiry = "expiry"

// Event is one thing that was done with a hand-over.
type Event struct {
	Act   Act
	State State
	Side  Side
	By    string
	At    time.Time
	Why   string
}

func (h Handover) happened(ctx context.Context, tx *db.Tx, who access.Actor, d done) error {
	id := ids.New(tx.Now())
	var sealed []byte
	var err error
	if d.why != "" {
		if sealed, err = seal.Seal(ctx, tx, string(h.Person), "handover_events.sealed:"+id, []byte(d.why)); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO handover_events (id, handover_id, act, state, side, user_id, user_name, at, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id, string(h.ID), string(d.act), string(h.State), string(d.side), who.ID, who.Name, tx.Now(), sealed)
	return err
}

// Events returns what was done with a hand-over of a case that who sees, in order.
func Events(ctx context.Context, q db.Reader, who access.Actor, id ID) ([]Event, error) {
	h, err := given(ctx, q, who, id)
	if err != nil {
		return nil, err
	}
	return h.events(ctx, q)
}

func (h Handover) events(ctx context.Context, q db.Reader) ([]Event, error) {
	type row struct {
		Event
		id     string
		sealed []byte
	}
	rows, err := q.Query(ctx, `SELECT id, act, state, side, user_name, at, sealed FROM handover_events WHERE handover_id = ? ORDER BY id`, string(h.ID))
	found, err := db.Collect(rows, err, func(s interface{ Scan(...any) error }) (e row, err error) {
		err = s.Scan(&e.id, &e.Act, &e.State, &e.Side, &e.By, db.Time(&e.At), &e.sealed)
		return e, err
	})
	if err != nil {
		return nil, err
	}
	all := make([]Event, len(found))
	for i, e := range found {
		if all[i] = e.Event; e.sealed == nil {
			continue
		}
		why, err := seal.Open(ctx, q, string(h.Person), "handover_events.sealed:"+e.id, e.sealed)
		if err != nil {
			return nil, fmt.Errorf("open event of hand-over: %w", err)
		}
		all[i].Why = string(why)
	}
	return all, nil
}

// tellTakers leaves a notice for those who could take the case, or for who has.
func (h Handover) tellTakers(ctx context.Context, tx *db.Tx, key string) error {
	if h.Taker != "" {
		return accounts.Tell(ctx, tx, []string{h.Taker}, key, h.subject())
	}
	users, err := h.takers(ctx, tx)
	if err != nil {
		return err
	}
	return accounts.Tell(ctx, tx, users, key, h.subject())
}

// tellGivers leaves a notice for who has the case, or offered it if nobody has.
func (h Handover) tellGivers(ctx context.Context, tx *db.Tx, key string) error {
	worker := ""
	if err := tx.QueryRow(ctx, `SELECT worker_id FROM cases WHERE id = ?`, string(h.Case)).Scan(&worker); err != nil {
		return fmt.Errorf("find who has the case: %w", err)
	}
	if worker == "" {
		worker = h.User
	}
	return accounts.Tell(ctx, tx, []string{worker}, key, h.subject())
}
