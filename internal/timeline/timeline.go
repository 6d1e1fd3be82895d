// SPDX-License-Identifier: Apache-2.0

// Package timeline tells what happened to one person as one course, the latest first, whatever room it is kept in:
// journeys, registrations, answers, cases with their plans and services, notes, files, consents.
//
// It has no tables. Each room gives what it knows of a person up to a moment (see sources); here it is put in order and cut to
// a page. A room gives only what who asks may see, so that what is hidden leaves neither a gap nor a count. What is of class 3
// is told to who looks at it, which is in the trail.
package timeline

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/persons"
)

// Kind is what sort of thing happened.
type Kind string

// The kinds, in the order in which they are offered.
const (
	Journey      Kind = "journey"      // persons.Journey: the return
	Registration Kind = "registration" // persons.Origin
	Merge        Kind = "merge"        // audit.Line: two records were found to be of one person, or not any more
	Consent      Kind = "consent"      // persons.Consent
	File         Kind = "file"         // files.File
	Assessment   Kind = "assessment"   // assessments.Listed
	Course       Kind = "course"       // cases.Event
	Plan         Kind = "plan"         // plans.Happening: a version was agreed, a step ended
	Review       Kind = "review"       // plans.Happening
	Service      Kind = "service"      // services.Service
	Referral     Kind = "referral"     // referrals.Happening
	Note         Kind = "note"         // cases.Note
	Task         Kind = "task"         // cases.Task that was done
	Appointment  Kind = "appointment"  // appointments.Appointment to which she came, or did not
)

// Kinds returns the kinds of which there may be some for who, in the order in which they are offered: of a person, or of
// one case.
func Kinds(who access.Actor, ofCase bool) (all []Kind) {
	for _, s := range sources() {
		if who.Holds(s.perm) && (s.ofCase || !ofCase) {
			all = append(all, s.kinds...)
		}
	}
	return all
}

// Entry is one thing that happened.
type Entry struct {
	ID        string
	Kind      Kind
	At        time.Time // where it stands among the others
	Case      cases.ID  // in which it happened, if in one
	Protected bool      // class 3
	Of        any       // what it is, as its room has it: see Kind
}

// Place is where a part of the timeline ended: what happened before comes next.
type Place struct {
	At time.Time
	ID string
}

// String is the place as an address holds it, empty for the beginning.
func (p Place) String() string {
	if p.At.IsZero() {
		return ""
	}
	return strconv.FormatInt(p.At.UnixMilli(), 36) + "." + p.ID
}

// ParsePlace reads what String wrote. What is no place is the beginning.
func ParsePlace(text string) Place {
	ms, id, ok := strings.Cut(text, ".")
	n, err := strconv.ParseInt(ms, 36, 64)
	if !ok || err != nil || n <= 0 || n > 1<<48 || len(id) > 80 {
		return Place{}
	}
	return Place{time.UnixMilli(n).UTC(), id}
}

// Ask chooses a part of the timeline of a person or of one case. What is empty chooses all.
type Ask struct {
	Person persons.ID
	Case   cases.ID // only what happened in this one; then Person may be empty
	Kinds  []Kind
	Since  time.Time
	Before Place
	Limit  int // 50 when zero, 100 at most
}

func (a Ask) limit() int {
	if a.Limit <= 0 {
		return 50
	}
	return min(a.Limit, 100)
}

// Page is a part of a timeline.
type Page struct {
	Entries []Entry
	Cases   []cases.Case // of hers that who sees, the latest first
	Next    Place        // zero when this was the last part
}

// List returns what of class 2 happened, as far as who may know of it.
func List(ctx context.Context, q db.Reader, who access.Actor, a Ask) (Page, error) {
	v := visit{q: q, who: who, ask: a}
	return v.tell(ctx)
}

// Look returns what happened with what is of class 3, to who sees what is protected about her. Each look is in the trail.
func Look(ctx context.Context, tx *db.Tx, who access.Actor, a Ask) (Page, error) {
	v := visit{q: tx, tx: tx, who: who, ask: a}
	p, err := v.tell(ctx)
	if err != nil {
		return Page{}, err
	}
	tx.Allowed()
	subject, person := "person:"+string(v.ask.Person), v.ask.Person
	if v.ask.Case != "" {
		subject, person = "case:"+string(v.ask.Case), v.cases[0].Person
	}
	return p, audit.Record(ctx, tx, who, access.ReadProtected, audit.Entry{Subject: subject, Person: string(person), Named: []string{"timeline"}})
}

// visit is one reading of a timeline.
type visit struct {
	q      db.Reader
	tx     *db.Tx // of a look; nil when class 3 was not asked for
	who    access.Actor
	ask    Ask
	person persons.Person // empty when one case was asked for
	cases  []cases.Case
}

func (v *visit) tell(ctx context.Context) (Page, error) {
	if err := v.open(ctx); err != nil {
		return Page{}, err
	}
	var all []Entry
	for _, s := range sources() {
		if !v.wants(s) {
			continue
		}
		some, err := s.read(ctx, v)
		if err != nil {
			return Page{}, err
		}
		all = append(all, some...)
	}
	all = slices.DeleteFunc(all, func(e Entry) bool { return !v.asked(e) })
	slices.SortFunc(all, newestFirst)
	p := Page{Entries: all, Cases: v.cases}
	if n := v.ask.limit(); len(all) > n {
		p.Entries = all[:n]
		p.Next = Place{all[n-1].At, all[n-1].ID}
	}
	return p, nil
}

func newestFirst(a, b Entry) int {
	return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID))
}

// open finds whom or what the timeline is about. Of whom who sees no more than the card there is none.
func (v *visit) open(ctx context.Context) (err error) {
	if v.ask.Case != "" {
		c, err := cases.Find(ctx, v.q, v.who, v.ask.Case)
		if err != nil {
			return err
		}
		v.cases = []cases.Case{c}
		return v.sees(ctx, c.Person)
	}
	if v.person, err = persons.Find(ctx, v.q, v.who, v.ask.Person); err != nil {
		return err
	}
	if v.person.CardOnly {
		return fault.New(fault.NotFound, "person.not_found")
	}
	if v.who.Holds(access.ReadCases) {
		if v.cases, err = cases.Of(ctx, v.q, v.who, v.ask.Person); err != nil {
			return err
		}
	}
	return v.sees(ctx, v.ask.Person)
}

// sees refuses a look of who does not see what is protected about the person.
func (v *visit) sees(ctx context.Context, person persons.ID) error {
	if v.tx == nil {
		return nil
	}
	ok, _, err := persons.SeesProtected(ctx, v.q, v.who, person)
	if err == nil && !ok {
		err = fault.New(fault.Forbidden, "person.protected_not_allowed")
	}
	return err
}

// wants tells whether anything of a room is asked for, and may be there for who asks.
func (v *visit) wants(s source) bool {
	if !v.who.Holds(s.perm) || v.ask.Case != "" && !s.ofCase {
		return false
	}
	return len(v.ask.Kinds) == 0 || slices.ContainsFunc(s.kinds, func(k Kind) bool { return slices.Contains(v.ask.Kinds, k) })
}

// asked tells whether an entry is among what was asked for.
func (v *visit) asked(e Entry) bool {
	return (len(v.ask.Kinds) == 0 || slices.Contains(v.ask.Kinds, e.Kind)) && !e.At.Before(v.ask.Since) && v.back().Before(e.At, e.ID)
}

// back is the part that each room is asked for: one entry more than a page has, to know whether there is another.
func (v *visit) back() cases.Back {
	return cases.Back{At: v.ask.Before.At, ID: v.ask.Before.ID, Limit: v.ask.limit() + 1}
}

// hidden tells that something is not there for who asks, which is no fault of a page that tells what is.
func hidden(err error) bool {
	k := fault.KindOf(err)
	return err != nil && (k == fault.NotFound || k == fault.Forbidden)
}

// inCases gathers what each case has.
func inCases(read func(ctx context.Context, v *visit, c cases.Case) ([]Entry, error)) func(context.Context, *visit) ([]Entry, error) {
	return func(ctx context.Context, v *visit) (all []Entry, err error) {
		for _, c := range v.cases {
			some, wrong := read(ctx, v, c)
			if !hidden(wrong) {
				err = errors.Join(err, wrong)
			}
			for _, e := range some {
				e.Case = c.ID
				all = append(all, e)
			}
		}
		return all, err
	}
}
