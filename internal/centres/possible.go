// SPDX-License-Identifier: Apache-2.0

package centres

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"fera/internal/fault"
)

// State is where somebody who came stands.
type State string

// The states, in order of life. The last three are ends.
const (
	Waiting State = "waiting"
	Called  State = "called" // her number is on the wall with a counter
	AtDesk  State = "desk"   // she sits there
	Done    State = "done"
	Absent  State = "absent" // she was called and did not come
	Left    State = "left"   // she went away
)

// States returns all states in order of life.
func States() []State { return []State{Waiting, Called, AtDesk, Done, Absent, Left} }

// Over tells whether nothing is to come any more.
func (s State) Over() bool { return s == Done || s == Absent || s == Left }

// Act is what may be done with a ticket.
type Act string

// The acts. Calling is none of them: whose turn it is nobody chooses, see Turn.
const (
	Again   Act = "again"    // the number is called once more
	Begin   Act = "begin"    // she came to the desk
	Finish  Act = "finish"   // she was served
	NoShow  Act = "no_show"  // she did not come
	GoAway  Act = "go_away"  // she does not wait any more
	SendOn  Act = "send_on"  // to another counter, where she keeps her place
	PutBack Act = "put_back" // it was called, or ended, by mistake: she waits again in her place
)

// Acts returns all acts in the order in which they are offered.
func Acts() []Act { return []Act{Begin, Finish, NoShow, Again, SendOn, GoAway, PutBack} }

// during are the states in which an act may be done.
func during(a Act) []State {
	switch a {
	case Again, Begin:
		return []State{Called}
	case NoShow:
		return []State{Called}
	case Finish:
		return []State{AtDesk}
	case GoAway:
		return []State{Waiting, Called, AtDesk}
	case SendOn:
		return []State{Waiting, AtDesk}
	case PutBack:
		return []State{Called, AtDesk, Done, Absent, Left}
	}
	return nil
}

// becomes is the state after an act.
func becomes(a Act) State {
	switch a {
	case Again:
		return Called
	case Begin:
		return AtDesk
	case Finish:
		return Done
	case NoShow:
		return Absent
	case GoAway:
		return Left
	}
	return Waiting
}

// Possible returns the acts that may be done with a ticket today, in the order in which they are offered.
func (t Ticket) Possible() (some []Act) {
	for _, a := range Acts() {
		if t.refusal(a) == nil {
			some = append(some, a)
		}
	}
	return some
}

// refusal says why an act may not be done with a ticket, or nothing when it may.
func (t Ticket) refusal(a Act) *fault.Error {
	switch {
	case !slices.Contains(Acts(), a):
		return fault.New(fault.Invalid, "fault.bad_choice").On("act")
	case !slices.Contains(during(a), t.State):
		return fault.New(fault.Conflict, "centre.not_now")
	}
	return nil
}

// Serves tells whether somebody with a ticket may be served at a counter.
func (c Counter) Serves(t Ticket) bool {
	if t.Only != "" {
		return t.Only == c.ID
	}
	return c.Meets(t.Need) && c.Speaks(t.Language) && (c.Women || !t.Women)
}

// earlier tells whose turn comes first: who goes first does, and else who came first.
func earlier(a, b Ticket) int {
	if a.First != b.First {
		if a.First {
			return -1
		}
		return 1
	}
	return cmp.Or(a.ArrivedAt.Compare(b.ArrivedAt), cmp.Compare(a.Number, b.Number), strings.Compare(a.ID, b.ID))
}

// Turn is whose turn it is at a counter, of all who came; false when nobody waits for it.
func Turn(c Counter, all []Ticket) (next Ticket, found bool) {
	for _, t := range all {
		if t.State == Waiting && c.Serves(t) && (!found || earlier(t, next) < 0) {
			next, found = t, true
		}
	}
	return next, found
}

// Estimate is how long somebody is likely to wait, and how that was reckoned.
type Estimate struct {
	Known    bool   `json:"known"`
	Why      string `json:"why,omitempty"` // key of why it is not known
	Minutes  int    `json:"minutes"`
	Each     int    `json:"each"`     // minutes that a visit took, of half of them less
	Visits   int    `json:"visits"`   // of how many visits
	Days     int    `json:"days"`     // of the last days
	Ahead    int    `json:"ahead"`    // who comes before
	Counters int    `json:"counters"` // that called somebody within the last hour, and could call her
}

// measures is what is known of how long visits take at some counters.
type measures struct {
	Took   map[string][]time.Duration // of the visits that ended there, by counter
	Active map[string]bool            // the counters that called somebody within the last hour
	Queue  map[string]Ticket          // who is called or at the desk, by counter
}

// fewest is of how many visits a middle is worth saying.
const fewest = 5

// reckon estimates how long somebody waits with a ticket, the others being all who came today. The middle of what visits took at
// the counters that may call her counts, once for each who comes before her, shared among the counters at work; those that are busy
// need half of it more. What was not measured stays unknown.
func reckon(t Ticket, all []Ticket, counters []Counter, m measures) (e Estimate) {
	e.Days = measuredDays
	busy, took := 0, []time.Duration(nil)
	for _, c := range counters {
		if !c.Serves(t) {
			continue
		}
		took = append(took, m.Took[c.ID]...)
		if m.Active[c.ID] {
			e.Counters++
			if _, is := m.Queue[c.ID]; is {
				busy++
			}
		}
	}
	for _, o := range all {
		if o.State == Waiting && o.ID != t.ID && earlier(o, t) < 0 && slices.ContainsFunc(counters, func(c Counter) bool { return c.Serves(t) && c.Serves(o) }) {
			e.Ahead++
		}
	}
	e.Visits = len(took)
	switch {
	case e.Visits < fewest:
		e.Why = "centre.wait_unmeasured"
		return e
	case e.Counters == 0:
		e.Why = "centre.wait_nobody_calls"
		return e
	}
	each := median(took)
	wait := each * time.Duration(2*e.Ahead) / time.Duration(2*e.Counters)
	if busy == e.Counters {
		wait += each / time.Duration(2*e.Counters)
	}
	e.Known, e.Each, e.Minutes = true, minutes(each), minutes(wait)
	return e
}

// minutes are whole, and a part of one counts as one.
func minutes(d time.Duration) int { return int((d + time.Minute - 1) / time.Minute) }

func median(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}
