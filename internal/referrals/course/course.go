// SPDX-License-Identifier: Apache-2.0

// Package course is the way of a referral from a draft to what the returnee herself says came of it: which states there are, who
// may do what in which, and how long there is for it. It knows no database and no person.
//
// Two rules hold it together. That a referral was received is not that anything was done, and that a provider says that it was
// done is not that she had it: a referral ends well only when she was asked.
package course

import (
	"slices"

	"fera/internal/fault"
)

// State is where a referral stands.
type State string

// The states, in order of life.
const (
	Drafted   State = "drafted"   // being written; nobody but its office knows of it
	Sent      State = "sent"      // on its way
	Received  State = "received"  // somebody there has opened it
	Accepted  State = "accepted"  // they will serve her
	Waiting   State = "waiting"   // they will, when there is a place
	Appointed State = "appointed" // there is a day for it
	Served    State = "served"    // the provider says that she had it
	Unserved  State = "unserved"  // the provider says that she had it not, and why
	Reopened  State = "reopened"  // she says that it was not so
	Confirmed State = "confirmed" // she says that it was so
	Declined  State = "declined"  // the provider will not
	Withdrawn State = "withdrawn" // she takes back her consent, or who sent it takes it back
	Expired   State = "expired"   // nobody answered in time
	Closed    State = "closed"    // nothing more is to be done
)

// States returns all states in order of life.
func States() []State {
	return []State{Drafted, Sent, Received, Accepted, Waiting, Appointed, Served, Unserved, Reopened, Confirmed, Declined, Withdrawn, Expired, Closed}
}

// Open tells whether the provider may still do something.
func (s State) Open() bool {
	return slices.Contains([]State{Sent, Received, Accepted, Waiting, Appointed, Reopened}, s)
}

// Theirs tells whether it is the provider's turn.
func (s State) Theirs() bool { return s.Open() }

// Ours tells whether it is the turn of who sent it.
func (s State) Ours() bool {
	return slices.Contains([]State{Drafted, Served, Unserved, Confirmed, Declined, Expired}, s)
}

// Agreed tells whether the provider has said that it will serve her, so that it may know who she is.
func (s State) Agreed() bool {
	return slices.Contains([]State{Accepted, Waiting, Appointed, Served, Unserved, Reopened, Confirmed}, s)
}

// Side is who does something with a referral.
type Side string

// The sides.
const (
	Sender   Side = "sender"   // who works on her case
	Receiver Side = "receiver" // the provider, with an account, by a link or by the API
	Returnee Side = "returnee" // she herself, by a message, a link, or as she told her caseworker
	System   Side = "system"   // time
)

// Act is something that is done with a referral.
type Act string

// The acts, about in the order in which they come.
const (
	Change      Act = "change"      // the draft
	Send        Act = "send"        // with her consent
	Receive     Act = "receive"     // open it
	Accept      Act = "accept"      // say that she will be served
	Enlist      Act = "enlist"      // put her on the waiting list
	Appoint     Act = "appoint"     // give her a day
	Decline     Act = "decline"     // with a reason
	Serve       Act = "serve"       // report that she had it
	NoShow      Act = "no_show"     // report that she did not come
	Refuse      Act = "refuse"      // report that she did not want it
	Unable      Act = "unable"      // report that it could not be given
	Correct     Act = "correct"     // take a mistaken report back, as long as nobody asked her
	Try         Act = "try"         // note that she was asked and not reached
	Confirm     Act = "confirm"     // she says that it was so
	Deny        Act = "deny"        // she says that it was not
	Withdraw    Act = "withdraw"    // by who sent it
	Revoke      Act = "revoke"      // she takes back her consent
	Acknowledge Act = "acknowledge" // the provider has seen that it was withdrawn, and keeps nothing
	Expire      Act = "expire"      // nobody answered in time
	Close       Act = "close"       // nothing more is to be done
)

// Acts returns all acts in the order in which they are offered.
func Acts() []Act {
	return []Act{Change, Send, Receive, Accept, Enlist, Appoint, Decline, Serve, NoShow, Refuse, Unable, Correct, Try, Confirm, Deny, Withdraw, Revoke, Acknowledge, Expire, Close}
}

// Reports are the acts by which a provider tells what came of it.
func Reports() []Act { return []Act{Serve, NoShow, Refuse, Unable} }

// step is what an act does: by whom, from which states, to which.
type step struct {
	by   []Side
	from []State
	to   State // empty when it stays where it is
}

func steps(a Act) (s step) {
	before := []State{Sent, Received, Waiting, Reopened}
	agreed := []State{Received, Accepted, Waiting, Appointed, Reopened}
	told := []State{Served, Unserved}
	switch a {
	case Change:
		return step{[]Side{Sender}, []State{Drafted}, ""}
	case Send:
		return step{[]Side{Sender}, []State{Drafted}, Sent}
	case Receive:
		return step{[]Side{Receiver}, []State{Sent}, Received}
	case Accept:
		return step{[]Side{Receiver}, before, Accepted}
	case Enlist:
		return step{[]Side{Receiver}, []State{Sent, Received, Accepted, Reopened}, Waiting}
	case Appoint:
		return step{[]Side{Receiver}, append(agreed, Sent), Appointed}
	case Decline:
		return step{[]Side{Receiver}, before, Declined}
	case Serve:
		return step{[]Side{Receiver}, []State{Accepted, Waiting, Appointed, Reopened}, Served}
	case NoShow, Refuse, Unable:
		return step{[]Side{Receiver}, []State{Accepted, Waiting, Appointed, Reopened}, Unserved}
	case Correct:
		return step{[]Side{Receiver}, told, Accepted}
	case Try:
		return step{[]Side{Sender}, told, ""}
	case Confirm:
		return step{[]Side{Sender, Returnee}, told, Confirmed}
	case Deny:
		return step{[]Side{Sender, Returnee}, []State{Served, Unserved, Confirmed}, Reopened}
	case Withdraw, Revoke:
		return step{[]Side{Sender}, []State{Drafted, Sent, Received, Accepted, Waiting, Appointed, Reopened}, Withdrawn}
	case Acknowledge:
		return step{[]Side{Receiver}, []State{Withdrawn}, ""}
	case Expire:
		return step{[]Side{System}, []State{Sent, Received}, Expired}
	case Close:
		return step{[]Side{Sender}, []State{Served, Unserved, Confirmed, Declined, Expired}, Closed}
	}
	return step{}
}

// MostTries is how often she is to be asked before a referral may be closed without her answer.
const MostTries = 3

// Standing is all of a referral that decides what may be done with it.
type Standing struct {
	State        State
	Tries        int  // how often she was asked and not reached since the provider told what came of it
	Acknowledged bool // the provider has seen that it was withdrawn
	Known        bool // it was sent, so that a provider may know of it
}

// Possible returns the acts that a side may do, in the order in which they are offered.
func Possible(s Standing, side Side) (some []Act) {
	for _, a := range Acts() {
		if s.Refusal(a, side) == nil {
			some = append(some, a)
		}
	}
	return some
}

// Refusal says why a side may not do something now, or nothing when it may.
func (s Standing) Refusal(a Act, side Side) *fault.Error {
	st := steps(a)
	switch {
	case !slices.Contains(st.by, side):
		return fault.New(fault.Forbidden, "access.not_allowed")
	case !slices.Contains(st.from, s.State):
		return fault.New(fault.Conflict, "referral.not_now")
	case a == Close && (s.State == Served || s.State == Unserved) && s.Tries < MostTries:
		return fault.New(fault.Conflict, "referral.ask_her_first").With("left", MostTries-s.Tries)
	case a == Correct && s.Tries > 0:
		return fault.New(fault.Conflict, "referral.she_was_asked")
	case a == Acknowledge && (s.Acknowledged || !s.Known):
		return fault.New(fault.Conflict, "referral.not_now")
	}
	return nil
}

// After is the state in which an act leaves a referral.
func After(s State, a Act) State {
	if to := steps(a).to; to != "" {
		return to
	}
	return s
}
