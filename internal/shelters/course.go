// SPDX-License-Identifier: Apache-2.0

package shelters

import (
	"context"
	"slices"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/words"
)

// Admit says that somebody came. Who comes earlier than she was expected gets the bed from today on, if it is free.
func Admit(ctx context.Context, tx *db.Tx, who access.Actor, a Acting) error {
	s, err := begin(ctx, tx, who, a, Arrive)
	if err != nil {
		return err
	}
	today := dates.Of(tx.Now())
	if !today.SurelyBefore(s.Until) {
		return fault.New(fault.Conflict, "shelter.stay_over")
	}
	still, err := overdue(ctx, tx, s.Shelter, today)
	if err != nil {
		return err
	}
	if still[s.Hold.bed] {
		return fault.New(fault.Conflict, "shelter.bed_still_taken")
	}
	if today.SurelyBefore(s.From) {
		if err := s.take(ctx, tx, s.Hold.bed, today, s.From); err != nil {
			return err
		}
		s.From, s.placed = today, today
	}
	s.State = There
	if err := s.tellWorker(ctx, tx, who, "notice.case_stay"); err != nil {
		return err
	}
	return s.keep(ctx, tx, who, change{act: Arrive, detail: map[string]string{"until": s.Until.String()}})
}

// Prolong lets somebody stay until a later day, for a reason, by as many days as the shelter allows at a time.
func Prolong(ctx context.Context, tx *db.Tx, who access.Actor, r Reasoned) error {
	s, err := begin(ctx, tx, who, r.Acting, Extend)
	if err != nil {
		return err
	}
	house, err := byID(ctx, tx, s.Shelter)
	if err != nil {
		return err
	}
	base := s.Until
	if today := dates.Of(tx.Now()); base.SurelyBefore(today) {
		base = today
	}
	f := r.check(10)
	switch last := base.Add(house.Extension); {
	case r.Day.Precision() != dates.Day || r.Day.Check() != nil || !base.SurelyBefore(r.Day):
		f = fault.Join(f, fault.New(fault.Invalid, "shelter.day_later").On("day"))
	case last.SurelyBefore(r.Day):
		f = fault.Join(f, fault.New(fault.Invalid, "shelter.extension_long").With("days", house.Extension).On("day"))
	}
	if f != nil {
		return f
	}
	before := s.Until
	if err := s.free(ctx, tx, before); err != nil { // the nights that were added one by one while she should have left
		return err
	}
	if err := s.take(ctx, tx, s.Hold.bed, before, r.Day); fault.KindOf(err) == fault.Conflict && err != nil {
		return fault.New(fault.Conflict, "shelter.bed_taken_then").On("day")
	} else if err != nil {
		return err
	}
	s.Until = r.Day
	if err := s.tellKeepers(ctx, tx, who); err != nil {
		return err
	}
	return s.keep(ctx, tx, who, change{Extend, r.Why, map[string]string{"was": before.String(), "until": r.Day.String()}})
}

// GoAway says that somebody is absent until a day. Her bed is kept.
func GoAway(ctx context.Context, tx *db.Tx, who access.Actor, r Reasoned) error {
	s, err := begin(ctx, tx, who, r.Acting, Leave)
	if err != nil {
		return err
	}
	f := r.check(3)
	if today := dates.Of(tx.Now()); r.Day.Precision() != dates.Day || r.Day.Check() != nil || r.Day.SurelyBefore(today) || today.Add(mostDays).SurelyBefore(r.Day) {
		f = fault.Join(f, fault.New(fault.Invalid, "shelter.day_back").On("day"))
	}
	if f != nil {
		return f
	}
	s.State, s.BackOn = Away, r.Day
	if err := s.tellWorker(ctx, tx, who, "notice.case_stay"); err != nil {
		return err
	}
	return s.keep(ctx, tx, who, change{Leave, r.Why, map[string]string{"back": r.Day.String()}})
}

// ComeBack says that somebody who was absent is back.
func ComeBack(ctx context.Context, tx *db.Tx, who access.Actor, a Acting) error {
	s, err := begin(ctx, tx, who, a, Return)
	if err != nil {
		return err
	}
	s.State, s.BackOn = There, dates.Partial{}
	return s.keep(ctx, tx, who, change{act: Return})
}

// NoteGone says that somebody went without a plan. Who has her case is told, and may still write one.
func NoteGone(ctx context.Context, tx *db.Tx, who access.Actor, r Reasoned) error {
	s, err := begin(ctx, tx, who, r.Acting, Gone)
	if err != nil {
		return err
	}
	if f := r.check(3); f != nil {
		return f
	}
	if err := s.end(ctx, tx); err != nil {
		return err
	}
	if err := s.tellWorker(ctx, tx, who, "notice.case_stay"); err != nil {
		return err
	}
	return s.keep(ctx, tx, who, change{act: Gone, why: r.Why})
}

// end frees the bed from tonight on.
func (s *Stay) end(ctx context.Context, tx *db.Tx) error {
	today := dates.Of(tx.Now())
	if err := s.free(ctx, tx, today); err != nil {
		return err
	}
	s.State, s.Until, s.BackOn = Left, today, dates.Partial{}
	return nil
}

// Plan is how somebody leaves a shelter.
type Plan struct {
	To       string        `json:"to"`                 // see Destinations
	Where    string        `json:"where"`              // in words
	With     string        `json:"with"`               // with whom she will live, or who fetches her
	Safe     string        `json:"safe"`               // see Safeties
	Risks    string        `json:"risks"`              // what could happen, and what is done about it
	Support  string        `json:"support"`            // who helps her there, and how
	FollowUp dates.Partial `json:"follow_up,omitzero"` // when somebody looks after her
	By       string        `json:"by,omitempty"`       // who wrote it
}

// Destinations are where people go from a shelter.
func Destinations() []string {
	return []string{"own_home", "parents", "relatives", "rented", "other_shelter", "hospital", "abroad", "elsewhere"}
}

// Safeties are the answers to whether it is safe there.
func Safeties() []string { return []string{"yes", "unsure", "no"} }

func (p *Plan) check(today dates.Partial) *fault.Error {
	f := fault.Join(text(&p.Where, 3, 300, "where"), text(&p.With, 0, 300, "with"), text(&p.Support, 0, 2000, "support"))
	if !slices.Contains(Destinations(), p.To) {
		f = fault.Join(f, fault.New(fault.Invalid, "fault.bad_choice").On("to"))
	}
	least := 0
	if p.Safe != "yes" {
		least = 10
	}
	if !slices.Contains(Safeties(), p.Safe) {
		f = fault.Join(f, fault.New(fault.Invalid, "fault.bad_choice").On("safe"))
	} else if wrong := text(&p.Risks, least, 2000, "risks"); wrong != nil {
		f = fault.Join(f, wrong)
	}
	if !p.FollowUp.IsZero() && (p.FollowUp.Precision() != dates.Day || p.FollowUp.Check() != nil || p.FollowUp.SurelyBefore(today) || today.Add(mostDays).SurelyBefore(p.FollowUp)) {
		f = fault.Join(f, fault.New(fault.Invalid, "shelter.day").On("follow_up"))
	}
	return f
}

// Discharging lets somebody leave with a plan.
type Discharging struct {
	Acting
	Plan
	Language words.Lang // of the task that the plan becomes
}

// SeeOff lets somebody leave with a plan, or writes the plan of who went without one. The day on which somebody looks after her becomes
// a task of the case, which does not say what it is about; a case that is live needs one.
func SeeOff(ctx context.Context, tx *db.Tx, who access.Actor, d Discharging) error {
	s, err := begin(ctx, tx, who, d.Acting, Discharge)
	if err != nil {
		return err
	}
	c, err := cases.Find(ctx, tx, who, s.Case)
	if err != nil {
		return err
	}
	f := d.Plan.check(dates.Of(tx.Now()))
	switch {
	case c.Live() && d.FollowUp.IsZero():
		f = fault.Join(f, fault.New(fault.Invalid, "fault.needed").On("follow_up"))
	case !c.Live() && !d.FollowUp.IsZero():
		f = fault.Join(f, fault.New(fault.Invalid, "shelter.case_closed").On("follow_up"))
	}
	if f != nil {
		return f
	}
	if c.Live() {
		task := words.In(d.Language).T("shelter.task")
		if _, err := cases.Remember(ctx, tx, who, cases.Task{Case: c.ID, DueOn: d.FollowUp, What: task}); err != nil {
			return err
		}
	}
	if s.State != Left {
		if err := s.end(ctx, tx); err != nil {
			return err
		}
		if err := s.tellKeepers(ctx, tx, who); err != nil {
			return err
		}
	}
	plan := d.Plan
	plan.By = who.Name
	s.Content.Plan = &plan
	return s.keep(ctx, tx, who, change{act: Discharge, detail: map[string]string{"to": plan.To, "safe": plan.Safe}})
}
