// SPDX-License-Identifier: Apache-2.0

// Package handovers carries a whole case from one organisation to another: offered with her consent, taken by a caseworker there, and
// closed here by who gave it away.
//
// Who is asked sees the minimum: that a woman of some age from some district is to be taken over, why, and what would come with her.
// Who she is, and all that was chosen to be shared, goes into a record of the other organisation's own when somebody there takes
// the case, and is seen in that record alone. The two records are tied (see package ties), so that neither side sees more of the other's
// than before. Parts of class 3 are for the caseworker who takes the case, for they lie where class 3 lies.
package handovers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/files"
	"fera/internal/names"
	"fera/internal/persons"
	"fera/internal/seal"
)

// ID identifies a hand-over.
type ID string

// State is where a hand-over stands.
type State string

// The states, in order of life.
const (
	Offered   State = "offered"   // on its way
	Received  State = "received"  // somebody there has opened it
	Taken     State = "taken"     // a caseworker there has the case; it is still open here
	Done      State = "done"      // and closed here
	Declined  State = "declined"  // they will not
	Withdrawn State = "withdrawn" // she takes back her consent, or who offered it takes it back
	Expired   State = "expired"   // nobody answered in time
)

// States returns all states in order of life.
func States() []State { return []State{Offered, Received, Taken, Done, Declined, Withdrawn, Expired} }

// Act is something that is done with a hand-over.
type Act string

// The acts.
const (
	Offer    Act = "offer"
	Open     Act = "open"     // by who is asked; it is receiving it
	Take     Act = "take"     // by the caseworker who has the case from then on
	Decline  Act = "decline"  // with a reason
	Withdraw Act = "withdraw" // by who offered it
	Revoke   Act = "revoke"   // she takes back her consent
	Meet     Act = "meet"     // note a day on which the two and she meet; either side may
	Finish   Act = "finish"   // close the case here, with the duties of a transfer
	Expire   Act = "expire"
)

// Side is who does something with a hand-over.
type Side string

// The sides.
const (
	Giver  Side = "giver"
	Taker  Side = "taker"
	System Side = "system"
)

// Possible are the acts that a side may do in a state, in the order in which they are offered.
func Possible(s State, side Side) (some []Act) {
	for _, a := range []Act{Open, Take, Decline, Meet, Finish, Withdraw, Revoke} {
		if refusal(s, side, a) == nil {
			some = append(some, a)
		}
	}
	return some
}

func refusal(s State, side Side, a Act) *fault.Error {
	waiting := s == Offered || s == Received
	by, when := Giver, waiting
	switch a {
	case Open:
		by, when = Taker, s == Offered
	case Take, Decline:
		by = Taker
	case Meet:
		by, when = side, waiting || s == Taken
	case Finish:
		when = s == Taken
	case Expire:
		by = System
	}
	switch {
	case by != side:
		return fault.New(fault.Forbidden, "access.not_allowed")
	case !when:
		return fault.New(fault.Conflict, "handover.not_now")
	}
	return nil
}

// after is the state in which an act leaves a hand-over.
func after(s State, a Act) State {
	if to, ok := map[Act]State{Open: Received, Take: Taken, Decline: Declined, Withdraw: Withdrawn, Revoke: Withdrawn, Finish: Done, Expire: Expired}[a]; ok {
		return to
	}
	return s
}

// ended tells whether nothing more can be done.
func (s State) ended() bool { return slices.Contains([]State{Done, Declined, Withdrawn, Expired}, s) }

// Handover is a case that is offered, as who offers it sees it.
type Handover struct {
	ID         ID
	Batch      string // the act by which many were offered; empty when it was one
	Case       cases.ID
	Person     persons.ID // the record of who offers
	From       string     // organisation
	FromOffice string
	User, By   string // who offered it
	To         string // organisation
	ToOffice   string // of who took it
	Taker      string // user
	TakerName  string
	Programme  string
	District   string
	Urgency    string // see course.Terms
	State      State
	DueOn      string // or cases.Never
	OfferedAt  time.Time
	Since      time.Time
	ReceivedAt time.Time
	DecidedAt  time.Time
	MeetsAt    time.Time
	EndedAt    time.Time
	Version    int
	Content

	confided    []Part     // parts of class 3: that there are any is of class 3 too
	secretFiles []files.ID // of class 3, likewise
	newPerson   string
	newCase     string
	alarmTo     string
	alarmAt     time.Time
	sealed      []byte
	protected   []byte
}

// Late tells whether what is due is overdue on a day.
func (h Handover) Late(today dates.Partial) bool { return h.DueOn < today.String() }

func (h Handover) subject() string { return "handover:" + string(h.ID) }

const columns = `h.id, h.batch_id, h.case_id, h.person_id, h.from_organisation, h.from_office, h.user_id, h.user_name, h.to_organisation, h.to_office, h.taker_id, h.taker_name, h.new_person,
	h.new_case, h.programme, h.district, h.urgency, h.state, h.due_on, h.alarm_to, h.alarm_at, h.offered_at, h.since_at, h.received_at, h.decided_at, h.meets_at, h.ended_at, h.sealed, h.protected, h.version`

func scan(row interface{ Scan(...any) error }) (h Handover, err error) {
	err = row.Scan(&h.ID, &h.Batch, &h.Case, &h.Person, &h.From, &h.FromOffice, &h.User, &h.By, &h.To, &h.ToOffice, &h.Taker, &h.TakerName, &h.newPerson,
		&h.newCase, &h.Programme, &h.District, &h.Urgency, &h.State, &h.DueOn, &h.alarmTo, db.NullTime(&h.alarmAt), db.Time(&h.OfferedAt), db.Time(&h.Since), db.NullTime(&h.ReceivedAt),
		db.NullTime(&h.DecidedAt), db.NullTime(&h.MeetsAt), db.NullTime(&h.EndedAt), &h.sealed, &h.protected, &h.Version)
	return h, err
}

func notFound() error { return fault.New(fault.NotFound, "handover.not_found") }

func changedMeanwhile() error { return fault.New(fault.Conflict, "handover.changed_meanwhile") }

// open opens what is sealed of class 2.
func (h *Handover) open(ctx context.Context, q db.Reader) error {
	if h.sealed == nil {
		return nil
	}
	if err := seal.FromJSON(ctx, q, seal.Place{Subject: string(h.Person), Name: "handovers.sealed:" + string(h.ID), Sealed: h.sealed}, &h.Content); err != nil {
		return fmt.Errorf("open hand-over: %w", err)
	}
	return nil
}

// unlock opens what is sealed of class 3.
func (h Handover) unlock(ctx context.Context, q db.Reader) (s secret, err error) {
	if h.protected == nil {
		return s, nil
	}
	if err := seal.FromJSON(ctx, q, seal.Place{Subject: string(h.Person), Name: "handovers.protected:" + string(h.ID), Sealed: h.protected}, &s); err != nil {
		return s, fmt.Errorf("open hand-over: %w", err)
	}
	return s, nil
}

func read(ctx context.Context, q db.Reader, id ID) (Handover, error) {
	h, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM handovers h WHERE h.id = ?`, string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return Handover{}, notFound()
	}
	if err != nil {
		return Handover{}, fmt.Errorf("find hand-over: %w", err)
	}
	return h, h.open(ctx, q)
}

// given finds a hand-over of a case that who sees.
func given(ctx context.Context, q db.Reader, who access.Actor, id ID) (Handover, error) {
	h, err := read(ctx, q, id)
	if err != nil {
		return h, err
	}
	_, err = cases.Find(ctx, q, who, h.Case)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return Handover{}, notFound()
	}
	return h, err
}

// Find returns a hand-over of a case that who sees, without what is of class 3 of it.
func Find(ctx context.Context, q db.Reader, who access.Actor, id ID) (Handover, error) {
	return given(ctx, q, who, id)
}

// List returns the hand-overs of a case that who may see, the latest first.
func List(ctx context.Context, q db.Reader, who access.Actor, of cases.ID) ([]Handover, error) {
	if _, err := cases.Find(ctx, q, who, of); err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM handovers h WHERE h.case_id = ? ORDER BY h.id DESC LIMIT 100`, string(of))
	return opened(ctx, q, rows, err)
}

func opened(ctx context.Context, q db.Reader, rows *db.Rows, err error) ([]Handover, error) {
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list hand-overs: %w", err)
	}
	for i := range all {
		if err := all[i].open(ctx, q); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// text checks what somebody typed. Least is how many letters it needs.
func text(s *string, least, most int, field string) *fault.Error {
	clean, problem := names.CheckText(*s, most)
	switch *s = clean; {
	case problem != "":
		return fault.New(fault.Invalid, problem).With("max", most).On(field)
	case clean == "" && least > 0:
		return fault.New(fault.Invalid, "fault.needed").On(field)
	case len([]rune(clean)) < least:
		return fault.New(fault.Invalid, "fault.too_short").With("min", least).On(field)
	}
	return nil
}

func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}
