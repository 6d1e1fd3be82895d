// SPDX-License-Identifier: Apache-2.0

package cases

import (
	"context"
	"slices"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/fault"
)

// Act is something that can be done with a case.
type Act string

// The acts, about in the order in which they come in the life of a case.
const (
	Take           Act = "take"            // onto one's own hands, when she is on one's caseload already
	Assign         Act = "assign"          // to a caseworker, or from one to another
	AddMember      Act = "member"          // make somebody of the family a client
	AddTask        Act = "task"            // put down something to do
	WriteNote      Act = "note"            // of class 2
	WriteProtected Act = "note_protected"  // of class 3
	Assess         Act = "assess"          // say how much danger there is, and why
	DrawPlan       Act = "draw_plan"       // write a plan, or another version of it
	AgreePlan      Act = "agree_plan"      // note that she agreed to it
	Start          Act = "start"           // carry it out
	Review         Act = "review"          // look after some time how it goes
	Give           Act = "give"            // log a service
	GiveProtected  Act = "give_protected"  // log a service of class 3
	Refer          Act = "refer"           // ask another organisation for something
	ReferProtected Act = "refer_protected" // for something of class 3
	Ask            Act = "ask"             // ask others to decide on money
	Decide         Act = "decide"          // decide what another asked for
	Pause          Act = "pause"           // stop the clock
	Resume         Act = "resume"          // let it go on
	Close          Act = "close"           // with a reason and its duties
	BeginAfterCare Act = "begin_aftercare" // look after her for some time more
	EndAfterCare   Act = "end_aftercare"
	Reopen         Act = "reopen"
)

// Acts returns all acts in the order in which they are offered.
func Acts() []Act {
	return []Act{Take, Assign, AddMember, AddTask, WriteNote, WriteProtected, Assess, DrawPlan, AgreePlan, Start, Review, Give, GiveProtected, Refer, ReferProtected, Ask, Decide,
		Pause, Resume, Close, BeginAfterCare, EndAfterCare, Reopen}
}

// Standing is all of a case that decides what may be done with it.
type Standing struct {
	Status  Status
	Worker  string
	Paused  bool
	Pending []Pending
}

// Pending is something that waits to be decided.
type Pending struct {
	Kind    ApprovalKind
	AskedBy string
	Voted   []string // users who said something to it
}

// Rights is all of an actor that decides what she may do with a case.
type Rights struct {
	User      string
	Holds     []access.Permission // over this case
	Protected bool                // may enter what is of class 3 about the person, because she has her on the caseload
}

// open are the statuses before a case is closed; live are those in which somebody is responsible.
func open() []Status { return []Status{Intake, Assigned, Assessed, Planned, Active} }
func live() []Status { return append(open(), AfterCare) }

// permissionFor is the permission that an act needs over the case.
func permissionFor(a Act) access.Permission {
	switch a {
	case Assign:
		return access.AssignCase
	case WriteNote, WriteProtected, AddTask, Give, GiveProtected:
		return access.NoteCase
	case Refer, ReferProtected:
		return access.SendReferral
	case Close, BeginAfterCare, EndAfterCare:
		return access.CloseCase
	case Reopen:
		return access.ReopenCase
	case Decide:
		return access.ApproveCase
	}
	return access.WorkCase
}

// statuses are those in which an act may be done.
func statuses(a Act) []Status {
	switch a {
	case Take:
		return []Status{Intake}
	case WriteNote, WriteProtected, Decide:
		return Statuses() // what is said about a closed case is kept too
	case Assess:
		return []Status{Assigned, Assessed, Planned, Active}
	case DrawPlan, AgreePlan:
		return []Status{Assessed, Planned, Active}
	case Start:
		return []Status{Planned}
	case Review:
		return []Status{Planned, Active, AfterCare}
	case Pause, Resume, Close:
		return open()
	case BeginAfterCare:
		return []Status{Closed}
	case EndAfterCare:
		return []Status{AfterCare}
	case Reopen:
		return []Status{Closed, AfterCare}
	}
	return live()
}

// Possible returns the acts that may be done with a case by who has these rights, in the order in which they are offered.
func Possible(s Standing, r Rights) (some []Act) {
	for _, a := range Acts() {
		if refusal(s, r, a) == nil {
			some = append(some, a)
		}
	}
	return some
}

// refusal says why an act may not be done, or nothing when it may.
func refusal(s Standing, r Rights, a Act) *fault.Error {
	switch {
	case !slices.Contains(Acts(), a), !slices.Contains(r.Holds, permissionFor(a)):
		return fault.New(fault.Forbidden, "access.not_allowed")
	case (a == WriteProtected || a == GiveProtected || a == ReferProtected || a == Assess) && !r.Protected:
		return fault.New(fault.Forbidden, "person.protected_not_allowed")
	case !slices.Contains(statuses(a), s.Status):
		return fault.New(fault.Conflict, "case.not_now")
	}
	switch a {
	case Take:
		if !r.Protected {
			return fault.New(fault.Forbidden, "case.take_caseload")
		}
	case Pause:
		if s.Paused {
			return fault.New(fault.Conflict, "case.paused_already")
		}
	case Resume:
		if !s.Paused {
			return fault.New(fault.Conflict, "case.not_paused")
		}
	case Close:
		if slices.ContainsFunc(s.Pending, func(p Pending) bool { return p.Kind == OfClosure }) {
			return fault.New(fault.Conflict, "case.closure_asked")
		}
	case Decide:
		if !slices.ContainsFunc(s.Pending, func(p Pending) bool { return p.refusal(s, r.User) == nil }) {
			return s.undecidable(r.User)
		}
	}
	return nil
}

// undecidable says why nothing of what waits is for a user to decide.
func (s Standing) undecidable(user string) *fault.Error {
	for _, p := range s.Pending {
		if f := p.refusal(s, user); f != nil {
			return f
		}
	}
	return fault.New(fault.Conflict, "case.nothing_asked")
}

// refusal keeps from deciding who asked for it, who works on the case, and who has said something to it.
func (p Pending) refusal(s Standing, user string) *fault.Error {
	switch {
	case p.AskedBy == user, s.Worker == user:
		return fault.New(fault.Forbidden, "case.approve_own")
	case slices.Contains(p.Voted, user):
		return fault.New(fault.Conflict, "case.voted_already")
	}
	return nil
}

// RightsOver are the rights of who over a case.
func RightsOver(ctx context.Context, q db.Reader, who access.Actor, c Case) (Rights, error) {
	r := Rights{User: who.ID}
	for _, p := range []access.Permission{access.NoteCase, access.WorkCase, access.SendReferral, access.AssignCase, access.ApproveCase, access.CloseCase, access.ReopenCase} {
		if who.Covers(p, c.scopes()...) {
			r.Holds = append(r.Holds, p)
		}
	}
	var err error
	r.Protected, err = access.Reaches(ctx, q, who, access.ChangeProtected, string(c.Person))
	return r, err
}

// PossibleNow are the acts that who may do with a case that she sees.
func PossibleNow(ctx context.Context, q db.Reader, who access.Actor, c Case) ([]Act, error) {
	s, r, err := c.standing(ctx, q, who)
	return Possible(s, r), err
}

func (c Case) standing(ctx context.Context, q db.Reader, who access.Actor) (s Standing, r Rights, err error) {
	s = Standing{Status: c.Status, Worker: c.Worker, Paused: c.Paused}
	pending, err := approvals(ctx, q, c, true)
	if err != nil {
		return s, r, err
	}
	for _, a := range pending {
		p := Pending{Kind: a.Kind, AskedBy: a.AskedBy}
		for _, v := range a.Votes {
			p.Voted = append(p.Voted, v.User)
		}
		s.Pending = append(s.Pending, p)
	}
	r, err = RightsOver(ctx, q, who, c)
	return s, r, err
}
