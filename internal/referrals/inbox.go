// SPDX-License-Identifier: Apache-2.0

package referrals

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/referrals/course"
	"fera/internal/referrals/sharing"
)

// Arrival is a referral as the provider sees it: what was shared, at its stage, and nothing of the case or the person behind it.
type Arrival struct {
	ID           ID
	Number       string
	From         string // organisation of package offices; of a network outside, its name
	Reference    string // by which the network outside knows it; nothing in a list
	FromOffice   string // of package offices; empty for a network outside
	Organisation string // the provider's entry in the directory
	Service      string
	Location     string
	Need         string // empty in a list, where it is of class 3
	Protected    bool
	District     string // of her home, in a list
	Urgency      string
	State        course.State
	Outcome      course.Act
	Answer       string
	DueOn        string
	SentAt       time.Time
	Since        time.Time
	MeetsAt      time.Time
	Where        string
	Acknowledged bool
	Rounds       int
	Version      int
	Sheet        sharing.Sheet // nothing in a list
	Papers       []string
	Missing      []string
	Acts         []course.Act // what the provider may do now
	Events       []Event      // nothing in a list; without what the other side wrote for itself
}

// Late tells whether what is due is overdue on a day.
func (a Arrival) Late(today dates.Partial) bool { return a.DueOn < today.String() }

// receives tells whether who answers referrals to the provider.
func (r Referral) receives(who access.Actor) bool {
	return r.Partner != "" && who.Organisation == r.Partner && who.Holds(access.AnswerReferral) && r.State != course.Drafted && !r.SentAt.IsZero()
}

// stage is how much of the sheet the provider sees: nothing when it declined, or when there is nothing to do any more.
func (r Referral) stage() (s sharing.Stage, any bool) {
	switch {
	case r.State == course.Sent || r.State == course.Received:
		return sharing.Request, true
	case r.State.Agreed():
		return sharing.Accepted, true
	}
	return "", false
}

// arrival is what the provider sees of a referral that was opened.
func (r Referral) arrival() Arrival {
	a := Arrival{ID: r.ID, Number: r.Number, From: r.From, FromOffice: r.FromOffice, Organisation: r.Organisation, Protected: r.Protected, Urgency: r.Urgency, State: r.State,
		Outcome: r.Outcome, Answer: r.Answer, DueOn: r.DueOn, SentAt: r.SentAt, Since: r.Since, MeetsAt: r.MeetsAt, Acknowledged: !r.Acknowledged.IsZero(), Rounds: r.Rounds,
		Version: r.Version, Need: r.need, Service: r.service, Acts: course.Possible(r.Standing(), course.Receiver)}
	if stage, any := r.stage(); any {
		a.District = r.district
		a.Need, a.Service, a.Location, a.Where, a.Reference = r.Need, r.Service, r.Location, r.Where, r.Reference
		a.Sheet, a.Papers, a.Missing = r.Sheet.At(stage), slices.Clone(r.Papers), slices.Clone(r.Missing)
	}
	return a
}

// Filter chooses referrals that came to an organisation, or that an office sent.
type Filter struct {
	State  course.State // empty: those in which it is the provider's turn
	Late   bool         // only those that are overdue
	After  Cursor
	Limit  int // 50 when zero, 200 at most
	Closed bool

	// Of what was sent, see Outbox:
	Office string // that sent it; empty for those of the cases that who has
	Silent bool   // only those of which the provider is silent
	Turn   Turn

	states []course.State
}

// Turn is whose turn it is.
type Turn string

// The turns; empty for both.
const (
	Ours   Turn = "ours"   // who sent it has to do something
	Theirs Turn = "theirs" // the provider has
)

// Cursor is where a list goes on.
type Cursor struct {
	DueOn string
	ID    ID
}

// Page is a part of a list.
type Page struct {
	Arrivals []Arrival
	Next     Cursor // empty at the end
}

// turn are the states of a list: one, or those in which the provider has something to do.
func (f Filter) turn() []string {
	if f.State != "" {
		return []string{string(f.State)}
	}
	if f.states != nil {
		return f.sent()
	}
	return []string{string(course.Sent), string(course.Received), string(course.Reopened), string(course.Accepted), string(course.Waiting), string(course.Appointed), string(course.Withdrawn)}
}

// Inbox returns the referrals that came to who's organisation, what is due first first. It names nobody, and of what is of class 3 not
// even the need.
func Inbox(ctx context.Context, q db.Reader, who access.Actor, f Filter) (p Page, err error) {
	if !who.Holds(access.AnswerReferral) {
		return p, fault.New(fault.Forbidden, "access.not_allowed")
	}
	all, next, err := part(ctx, q, "r.to_partner", who.Organisation, f)
	for _, r := range all {
		p.Arrivals = append(p.Arrivals, r.listed())
	}
	p.Next = next
	return p, err
}

// listed is an arrival as a list shows it: nobody is named, and of what is of class 3 not even the need.
func (r Referral) listed() Arrival {
	a := r.arrival()
	a.Sheet = nil
	if r.Protected {
		a.Need, a.Service = "", ""
	}
	return a
}

// FindArrival finds a referral that came to who's organisation, as the inbox lists it. That it was looked for is not that it was
// received.
func FindArrival(ctx context.Context, q db.Reader, who access.Actor, id ID) (Arrival, error) {
	r, err := read(ctx, q, id)
	if err != nil {
		return Arrival{}, err
	}
	if !r.receives(who) {
		return Arrival{}, notFound()
	}
	return r.listed(), nil
}

// MostCounted is how far the referrals of a state are counted.
const MostCounted = 1000

// Waiting counts the referrals that wait for who's organisation, by state, and those among them that are overdue. None is counted
// further than MostCounted.
func Waiting(ctx context.Context, q db.Reader, who access.Actor) (by map[course.State]int, late int, err error) {
	if !who.Holds(access.AnswerReferral) {
		return nil, 0, fault.New(fault.Forbidden, "access.not_allowed")
	}
	by = map[course.State]int{}
	if who.Organisation == "" {
		return by, 0, nil
	}
	today := dates.Of(q.Now()).String()
	for _, state := range (Filter{}).turn() {
		var n, overdue int
		err := q.QueryRow(ctx, `SELECT count(*), COALESCE(sum(CASE WHEN due_on < ? THEN 1 ELSE 0 END), 0) FROM (SELECT due_on FROM referrals
			WHERE to_partner = ? AND state = ? AND due_on < ? ORDER BY due_on, id LIMIT ?) AS part`, today, who.Organisation, state, cases.Never, MostCounted).Scan(&n, &overdue)
		if err != nil {
			return nil, 0, fmt.Errorf("count referrals: %w", err)
		}
		by[course.State(state)] += n
		late += overdue
	}
	return by, min(late, MostCounted), nil
}

// part reads a part of a list without opening anything. Each state is a range of the index: they are merged, so that it is found in
// order however many there are.
func part(ctx context.Context, q db.Reader, column, value string, f Filter) (all []Referral, next Cursor, err error) {
	if value == "" {
		return nil, Cursor{}, nil
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	today := dates.Of(q.Now()).String()
	var parts []string
	var args []any
	for _, state := range f.turn() {
		cond := column + ` = ? AND r.state = ? AND (r.due_on > ? OR (r.due_on = ? AND r.id > ?))`
		args = append(args, value, state, f.After.DueOn, f.After.DueOn, string(f.After.ID))
		if state == string(course.Withdrawn) && f.State == "" {
			cond += ` AND r.due_on < '` + cases.Never + `'` // those that nobody has acknowledged
		}
		if f.Late {
			cond += ` AND r.due_on < ?`
			args = append(args, today)
		}
		if f.Silent {
			cond += ` AND r.silent = ?`
			args = append(args, true)
		}
		parts = append(parts, `SELECT * FROM (SELECT r.id AS found, r.due_on AS due FROM referrals r WHERE `+cond+` ORDER BY r.due_on, r.id LIMIT ?) AS part`)
		args = append(args, f.Limit+1)
	}
	args = append(args, f.Limit+1)
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM (SELECT found, due FROM (`+strings.Join(parts, " UNION ALL ")+`) AS parts ORDER BY due, found LIMIT ?) AS chosen
		JOIN referrals r ON r.id = chosen.found ORDER BY r.due_on, r.id`, args...)
	all, err = db.Collect(rows, err, scan)
	if err != nil {
		return nil, next, fmt.Errorf("list referrals: %w", err)
	}
	if len(all) > f.Limit {
		all = all[:f.Limit]
		next = Cursor{all[f.Limit-1].DueOn, all[f.Limit-1].ID}
	}
	return all, next, nil
}

// OpenArrival opens a referral that came to who's organisation. Opening it is receiving it; each look is in the trail.
func OpenArrival(ctx context.Context, tx *db.Tx, who access.Actor, id ID) (Arrival, error) {
	r, err := read(ctx, tx, id)
	if err != nil {
		return Arrival{}, err
	}
	if !r.receives(who) {
		return Arrival{}, notFound()
	}
	tx.Allowed()
	return r.look(ctx, tx, who, "")
}

// look opens a referral for the provider, and notes that it was received.
func (r Referral) look(ctx context.Context, tx *db.Tx, who access.Actor, way string) (Arrival, error) {
	if err := r.open(ctx, tx); err != nil {
		return Arrival{}, err
	}
	if r.State == course.Sent {
		if err := r.keep(ctx, tx, who, done{act: course.Receive, side: course.Receiver, way: way}); err != nil {
			return Arrival{}, err
		}
	} else if err := audit.Record(ctx, tx, who, access.AnswerReferral, audit.Entry{Subject: r.subject(), Person: string(r.Person), Named: []string{"looked"}}); err != nil {
		return Arrival{}, err
	}
	a := r.arrival()
	if slices.Contains(a.Acts, course.Correct) && r.unasked(ctx, tx) != nil {
		a.Acts = slices.DeleteFunc(a.Acts, func(act course.Act) bool { return act == course.Correct })
	}
	if _, any := r.stage(); !any {
		return a, nil
	}
	events, err := r.events(ctx, tx)
	for _, e := range events {
		if e.Side != course.Receiver && e.Act != course.Deny && e.Act != course.Withdraw {
			e.Why = ""
		}
		if e.Act != course.Try && e.Act != course.Change {
			a.Events = append(a.Events, e)
		}
	}
	return a, err
}

// Reply is what a provider does with a referral.
type Reply struct {
	ID      ID
	Version int
	Act     course.Act
	Reason  string    // why it declined, could not, or what came of it
	At      time.Time // of an appointment
	Where   string    // of an appointment
}

// Reasons are the reasons for which a provider declines, as codes; beside one may stand words.
func Reasons() []string {
	return []string{"full", "not_eligible", "not_offered", "too_far", "papers", "known_already", "other"}
}

// Answer does what a provider does with a referral to it: accept, decline, put on the waiting list, give a day, report.
func Answer(ctx context.Context, tx *db.Tx, who access.Actor, reply Reply) error {
	r, err := read(ctx, tx, reply.ID)
	if err != nil {
		return err
	}
	if !r.receives(who) {
		return notFound()
	}
	tx.Allowed()
	return r.reply(ctx, tx, who, reply, "")
}

// reply does what a provider does; the caller has made sure that it is the provider.
func (r Referral) reply(ctx context.Context, tx *db.Tx, who access.Actor, reply Reply, way string) error {
	if reply.Version != 0 && reply.Version != r.Version {
		return changedMeanwhile()
	}
	if f := r.Standing().Refusal(reply.Act, course.Receiver); f != nil {
		return f
	}
	if f := reply.check(tx.Now()); f != nil {
		return f
	}
	if reply.Act == course.Correct {
		if err := r.unasked(ctx, tx); err != nil {
			return err
		}
	}
	if err := r.open(ctx, tx); err != nil {
		return err
	}
	if reply.Act == course.Appoint {
		r.MeetsAt, r.Where = reply.At.UTC(), reply.Where
	}
	if err := r.keep(ctx, tx, who, done{act: reply.Act, side: course.Receiver, way: way, why: reply.Reason}); err != nil {
		return err
	}
	switch reply.Act {
	case course.Acknowledge, course.Receive:
		return nil
	case course.Correct:
		if err := r.endPasses(ctx, tx, asking); err != nil {
			return err
		}
	}
	return r.tellSenders(ctx, tx, "notice.referral_answered")
}

// unasked refuses when she has been given a link by which to say whether it was so, and may be about to use it.
func (r Referral) unasked(ctx context.Context, q db.Reader) error {
	var n int
	err := q.QueryRow(ctx, `SELECT count(*) FROM referral_passes WHERE referral_id = ? AND purpose = ? AND at >= ? AND ends_at > ?`, string(r.ID), string(ToConfirm), r.ToldAt, q.Now()).Scan(&n)
	if err == nil && n > 0 {
		return fault.New(fault.Conflict, "referral.she_was_asked")
	}
	return err
}

// furthest is how far ahead an appointment may lie.
const furthest = 400 * 24 * time.Hour

func (reply *Reply) check(now time.Time) *fault.Error {
	least := 0
	if slices.Contains([]course.Act{course.Decline, course.Unable, course.Correct}, reply.Act) {
		least = 3
	}
	faults := []*fault.Error{text(&reply.Reason, least, 500, "reason")}
	if reply.Act == course.Appoint {
		faults = append(faults, text(&reply.Where, 0, 300, "where"))
		if reply.At.Before(now) || reply.At.After(now.Add(furthest)) {
			faults = append(faults, fault.New(fault.Invalid, "referral.day_ahead").On("at"))
		}
	}
	return fault.Join(faults...)
}
