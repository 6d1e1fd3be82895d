// SPDX-License-Identifier: Apache-2.0

package timeline

import (
	"context"
	"encoding/json"
	"time"

	"fera/internal/access"
	"fera/internal/appointments"
	"fera/internal/assessments"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/plans"
	"fera/internal/referrals"
	"fera/internal/services"
)

// source is a room that knows of things that happened. It is asked for what happened before v.back(), at least as much of the
// latest as that says; it may give more, and in any order.
type source struct {
	kinds  []Kind
	perm   access.Permission // who does not hold it anywhere is told nothing by this room
	ofCase bool              // what it knows of belongs to a case
	read   func(ctx context.Context, v *visit) ([]Entry, error)
}

// sources is the table of the rooms. A room that begins to tell adds its line.
func sources() []source {
	return []source{
		{[]Kind{Journey}, access.ReadPersons, false, journeys},
		{[]Kind{Registration}, access.ReadPersons, false, registrations},
		{[]Kind{Merge}, access.ReadPersons, false, merges},
		{[]Kind{Consent}, access.ReadPersons, false, consents},
		{[]Kind{File}, access.ReadPersons, false, documents},
		{[]Kind{Assessment}, access.ReadAssessments, false, answered},
		{[]Kind{Course}, access.ReadCases, true, inCases(course)},
		{[]Kind{Plan, Review}, access.ReadCases, true, inCases(planned)},
		{[]Kind{Service}, access.ReadCases, true, inCases(given)},
		{[]Kind{Referral}, access.ReadCases, true, inCases(referred)},
		{[]Kind{Note}, access.ReadCases, true, inCases(notes)},
		{[]Kind{Task}, access.ReadCases, true, inCases(done)},
		{[]Kind{Appointment}, access.ReadAppointments, true, inCases(met)},
	}
}

// by is where a thing stands of which only the day is known, or less: at the end of that, or when it was written down.
func by(day dates.Partial, at time.Time) time.Time {
	if day.IsZero() {
		return at
	}
	if end := day.End().Add(-time.Millisecond); end.Before(at) || at.IsZero() {
		return end.UTC()
	}
	return at
}

// journeys are told by the return; one who is still away, by the departure.
func journeys(_ context.Context, v *visit) (all []Entry, err error) {
	for _, j := range v.person.Journeys {
		day := j.Returned
		if day.IsZero() {
			day = j.Departed
		}
		all = append(all, Entry{ID: j.ID, Kind: Journey, At: by(day, j.At), Of: j})
	}
	return all, nil
}

func registrations(_ context.Context, v *visit) (all []Entry, err error) {
	for _, o := range v.person.Recorded {
		all = append(all, Entry{ID: o.ID, Kind: Registration, At: o.At, Of: o})
	}
	return all, nil
}

// merges are what the trail has of records that were made one or taken apart, of which who sees both.
func merges(ctx context.Context, v *visit) (all []Entry, err error) {
	of, err := persons.Records(ctx, v.q, v.who, access.ReadPersons, v.person.ID)
	if err != nil {
		return nil, err
	}
	told := map[time.Time]bool{}
	for _, record := range of {
		for _, act := range []access.Permission{access.MergePersons, access.UnmergePersons} {
			some, err := v.known(ctx, audit.Filter{Person: string(record), Act: act, Before: v.back().Part().Before, Limit: v.back().Limit})
			if err != nil {
				return nil, err
			}
			for _, l := range some {
				if !told[l.At] { // the trail has it for either record
					told[l.At] = true
					all = append(all, Entry{ID: l.ID, Kind: Merge, At: l.At, Of: l})
				}
			}
		}
	}
	return all, nil
}

// known are the entries of the trail about two records, both of which who asks sees.
func (v *visit) known(ctx context.Context, f audit.Filter) (all []audit.Line, err error) {
	for len(all) < f.Limit {
		some, err := audit.List(ctx, v.q, f)
		if err != nil {
			return nil, err
		}
		if err := audit.WithValues(ctx, v.q, some); err != nil {
			return nil, err
		}
		for _, l := range some {
			knows, err := v.knows(ctx, l)
			if err != nil {
				return nil, err
			}
			if knows {
				all = append(all, l)
			}
			f.Before = l.ID
		}
		if len(some) < f.Limit {
			break
		}
	}
	return all, nil
}

// knows tells whether who asks sees the other record of an entry of the trail about two.
func (v *visit) knows(ctx context.Context, l audit.Line) (bool, error) {
	var other string
	for _, values := range []map[string]json.RawMessage{l.Before, l.After} {
		if json.Unmarshal(values["with"], &other) == nil && other != "" {
			_, err := persons.FindCard(ctx, v.q, v.who, persons.ID(other))
			if hidden(err) {
				return false, nil
			}
			return err == nil, err
		}
	}
	return false, nil
}

func consents(_ context.Context, v *visit) (all []Entry, err error) {
	for _, c := range v.person.Consents {
		all = append(all, Entry{ID: c.ID, Kind: Consent, At: c.At, Of: c})
	}
	return all, nil
}

func documents(ctx context.Context, v *visit) (all []Entry, err error) {
	classes := []bool{false}
	if v.tx != nil {
		classes = append(classes, true)
	}
	for _, protected := range classes {
		some, err := persons.Files(ctx, v.q, v.who, v.person.ID, protected)
		if err != nil && !hidden(err) {
			return nil, err
		}
		for _, f := range some {
			all = append(all, Entry{ID: string(f.ID), Kind: File, At: f.At, Protected: protected, Of: f})
		}
	}
	return all, nil
}

func answered(ctx context.Context, v *visit) (all []Entry, err error) {
	some, err := assessments.List(ctx, v.q, v.who, v.person.ID)
	if hidden(err) || fault.KindOf(err) == fault.Invalid && err != nil {
		return nil, nil // she was erased, or who asks sees the card only
	}
	for _, l := range some {
		if l.Protected && v.tx == nil || l.CompletedAt.IsZero() {
			continue
		}
		all = append(all, Entry{ID: string(l.ID), Kind: Assessment, At: l.CompletedAt, Protected: l.Protected, Of: l})
	}
	return all, err
}

// course is what was done to a case. That a plan was agreed and a review held is told by the plan.
func course(ctx context.Context, v *visit, c cases.Case) (all []Entry, err error) {
	part, want := v.back().Part(), v.back().Limit
	for len(all) < want {
		some, err := cases.History(ctx, v.q, v.who, c.ID, part)
		if err != nil {
			return nil, err
		}
		for _, e := range some {
			if e.Act != cases.AgreePlan && e.Act != cases.Review {
				all = append(all, Entry{ID: e.ID, Kind: Course, At: e.At, Of: e})
			}
			part.Before = e.ID
		}
		if len(some) < want {
			break
		}
	}
	return all, nil
}

func planned(ctx context.Context, v *visit, c cases.Case) (all []Entry, err error) {
	some, err := plans.Course(ctx, v.q, v.who, c.ID)
	if err != nil {
		return nil, err
	}
	for _, h := range some {
		kind := Plan
		if h.Review != nil {
			kind = Review
		}
		all = append(all, Entry{ID: h.ID, Kind: kind, At: h.At, Of: h})
	}
	if v.tx == nil {
		return all, nil
	}
	more, err := plans.LookCourse(ctx, v.tx, v.who, c.ID)
	if err != nil && !hidden(err) {
		return nil, err
	}
	for _, h := range more {
		all = append(all, Entry{ID: h.ID, Kind: Plan, At: h.At, Protected: true, Of: h})
	}
	return all, nil
}

func given(ctx context.Context, v *visit, c cases.Case) (all []Entry, err error) {
	some, err := services.Course(ctx, v.q, v.who, c.ID, v.back())
	if err != nil {
		return nil, err
	}
	if v.tx != nil {
		more, err := services.LookCourse(ctx, v.tx, v.who, c.ID, v.back())
		if err != nil && !hidden(err) {
			return nil, err
		}
		some = append(some, more...)
	}
	for _, s := range some {
		all = append(all, Entry{ID: string(s.ID), Kind: Service, At: s.When(), Protected: s.Protected, Of: s})
	}
	return all, nil
}

func referred(ctx context.Context, v *visit, c cases.Case) (all []Entry, err error) {
	some, err := referrals.Course(ctx, v.q, v.who, c.ID, v.back())
	if err != nil {
		return nil, err
	}
	if v.tx != nil {
		more, err := referrals.LookCourse(ctx, v.tx, v.who, c.ID, v.back())
		if err != nil && !hidden(err) {
			return nil, err
		}
		some = append(some, more...)
	}
	for _, h := range some {
		all = append(all, Entry{ID: h.ID, Kind: Referral, At: h.At, Protected: h.Referral.Protected, Of: h})
	}
	return all, nil
}

func notes(ctx context.Context, v *visit, c cases.Case) (all []Entry, err error) {
	some, err := cases.Notes(ctx, v.q, v.who, c.ID, v.back().Part())
	if err != nil {
		return nil, err
	}
	if v.tx != nil {
		more, err := cases.LookAtNotes(ctx, v.tx, v.who, c.ID, v.back().Part())
		if err != nil && !hidden(err) {
			return nil, err
		}
		some = append(some, more...)
	}
	for _, n := range some {
		all = append(all, Entry{ID: n.ID, Kind: Note, At: n.At, Protected: n.Protected, Of: n})
	}
	return all, nil
}

func done(ctx context.Context, v *visit, c cases.Case) (all []Entry, err error) {
	some, err := cases.TasksDone(ctx, v.q, v.who, c.ID, v.back())
	for _, t := range some {
		all = append(all, Entry{ID: t.ID, Kind: Task, At: t.DoneAt, Of: t})
	}
	return all, err
}

// met are the appointments to which she came, or did not. What is to come, and what was called off, did not happen.
func met(ctx context.Context, v *visit, c cases.Case) (all []Entry, err error) {
	some, err := appointments.OfCase(ctx, v.q, v.who, c.ID)
	for _, a := range some {
		if a.State == appointments.Came || a.State == appointments.Missed {
			all = append(all, Entry{ID: string(a.ID), Kind: Appointment, At: a.At, Of: a})
		}
	}
	return all, err
}
