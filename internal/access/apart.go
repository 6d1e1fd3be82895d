// SPDX-License-Identifier: Apache-2.0

package access

import (
	"slices"
	"strings"

	"fera/internal/fault"
	"fera/internal/ids"
)

// Practises reports whether the actor works at a training office, where everything is made up.
func (a Actor) Practises() bool { return ids.IsApart(a.Office) }

// Real returns a condition that keeps the rows of a column of identifiers that are not made up. Where holds it already;
// it is for queries that count over everybody.
func Real(column string) string { return column + " < '" + ids.FirstApart + "'" }

// ofPractice tells whether a scope belongs to practice: that of a training office, its organisation, or one who practises.
func ofPractice(s Scope) bool {
	_, id, ok := strings.Cut(s, ":")
	return ok && ids.IsApart(id)
}

// apart keeps what is made up and what is real from one another: it refuses scopes of the one for a subject of the other,
// and leaves areas out for what is made up.
func apart(subject string, scopes []Scope) ([]Scope, error) {
	if !ids.IsApart(subject) {
		if slices.ContainsFunc(scopes, ofPractice) {
			return nil, fault.New(fault.Conflict, "access.practice_apart")
		}
		return scopes, nil
	}
	scopes = slices.DeleteFunc(slices.Clone(scopes), IsArea)
	if !slices.ContainsFunc(scopes, func(s Scope) bool { return !ofPractice(s) }) {
		return scopes, nil
	}
	return nil, fault.New(fault.Conflict, "access.practice_apart")
}

// PracticePermissions returns what one may do at a training office, if one's role allows it elsewhere: whatever is done
// with people, and nothing that runs the program.
func PracticePermissions() []Permission {
	return []Permission{
		RegisterPerson, ReadCards, ReadPersons, ChangePerson, RevealNumbers, ReadProtected, ChangeProtected, BreakGlass, ReviewGlass,
		PrintPerson, AssignPerson, ReadLooks, ReadInstruments, Administer, ReadAssessments, Screen, HeedAlerts,
		OpenCase, ReadCases, NoteCase, WorkCase, AssignCase, ApproveCase, CloseCase, ReopenCase, SendReferral,
		ReadCalls, LogCall, OverrideContact, SeeCodeWord, ManageCentre, ServeQueue, ReadAppointments, BookAppointment, ReadActivities, LogActivity, ManageActivities, ReadOffices, ReadUsers, OwnAccount, Practise, ManagePractice,
	}
}

// Practising returns the actor that somebody is at a training office: under the identifier that she has there, with what
// her roles allow, over what is made up and nothing else.
func Practising(a Actor, roles map[Role]bool) Actor {
	for _, role := range Roles() {
		if !roles[role] {
			continue
		}
		a.GrantOf(role, AtOffice(a.Office), PracticePermissions())
		a.GrantOf(role, "own", PracticePermissions())
	}
	return a
}
