// SPDX-License-Identifier: Apache-2.0

package shelters

import (
	"slices"

	"fera/internal/fault"
)

// State is where a stay stands.
type State string

// The states, in order of life.
const (
	Asked     State = "asked"     // a bed is wanted
	Placed    State = "placed"    // a bed is kept
	There     State = "there"     // she has arrived
	Away      State = "away"      // she is absent, and her bed is kept
	Left      State = "left"      // she has gone
	Cancelled State = "cancelled" // she never came
)

// States returns all states in order of life.
func States() []State { return []State{Asked, Placed, There, Away, Left, Cancelled} }

// holds tells whether a bed is kept in a state.
func (s State) holds() bool { return s == Placed || s == There || s == Away }

// Act is something that can be done with a stay.
type Act string

// The acts, about in the order in which they come.
const (
	Take      Act = "take"      // whatever bed is free, without knowing where
	Place     Act = "place"     // in a bed of a shelter that one runs
	Arrive    Act = "arrive"    // she came
	Extend    Act = "extend"    // for longer, with a reason
	Move      Act = "move"      // to another bed
	Leave     Act = "leave"     // she is absent for some days
	Return    Act = "return"    // she is back
	Discharge Act = "discharge" // with a plan
	Gone      Act = "gone"      // she went without one
	Undo      Act = "undo"      // she was put in the wrong bed
	Cancel    Act = "cancel"    // she will not come
)

// Acts returns all acts in the order in which they are offered.
func Acts() []Act {
	return []Act{Take, Place, Arrive, Extend, Move, Leave, Return, Discharge, Gone, Undo, Cancel}
}

// Standing is all of a stay that decides what may be done with it.
type Standing struct {
	State   State
	Planned bool // a discharge plan was written
	Moved   bool // she has slept in another bed before this one
}

// Rights is all of an actor that decides what she may do with a stay.
type Rights struct {
	Carries bool // has the person on the caseload, and may place people in shelters
	Runs    bool // keeps the shelter; of who has no bed yet, one that could give it
}

// doers says whose act it is.
func doers(a Act) (carries, runs bool) {
	switch a {
	case Take, Discharge:
		return true, false
	case Place, Move, Leave, Return, Gone:
		return false, true
	}
	return true, true
}

// during are the states in which an act may be done.
func during(a Act) []State {
	switch a {
	case Take, Place:
		return []State{Asked}
	case Arrive:
		return []State{Placed}
	case Extend, Move:
		return []State{Placed, There, Away}
	case Leave:
		return []State{There}
	case Return:
		return []State{Away}
	case Discharge:
		return []State{There, Away, Left}
	case Gone:
		return []State{There, Away}
	case Undo:
		return []State{Placed, There}
	}
	return []State{Asked, Placed}
}

// Possible returns the acts that may be done with a stay by who has these rights, in the order in which they are offered.
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
	carries, runs := doers(a)
	switch {
	case !slices.Contains(Acts(), a), !(carries && r.Carries) && !(runs && r.Runs), a == Cancel && s.State == Asked && !r.Carries:
		return fault.New(fault.Forbidden, "access.not_allowed")
	case !slices.Contains(during(a), s.State):
		return fault.New(fault.Conflict, "shelter.not_now")
	case a == Discharge && s.State == Left && s.Planned:
		return fault.New(fault.Conflict, "shelter.planned_already")
	case a == Undo && s.Moved:
		return fault.New(fault.Conflict, "shelter.move_back")
	}
	return nil
}
