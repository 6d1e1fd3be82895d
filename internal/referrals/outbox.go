// SPDX-License-Identifier: Apache-2.0

package referrals

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/referrals/course"
)

// mostChunks bounds how much of an office is read for one page where who sees little of it; the page ends early then, and the next
// goes on.
const mostChunks = 25

// Outbox returns the referrals that an office sent, or, without an office, those of the cases that who has: of those only what who
// sees, what is due first first. Nothing is opened; of one that is of class 3 there is neither need nor provider, and it is listed only
// for who sees what is protected about the person.
func Outbox(ctx context.Context, q db.Reader, who access.Actor, f Filter) (some []Referral, next Cursor, err error) {
	if f.Limit <= 0 || f.Limit > 100 {
		f.Limit = 50
	}
	f.states = f.wanted()
	if f.Office == "" {
		return f.mine(ctx, q, who)
	}
	g, want := f, f.Limit
	for range mostChunks {
		g.Limit = 2 * want
		all, after, err := part(ctx, q, "r.from_office", f.Office, g)
		if err != nil {
			return nil, next, err
		}
		seen, err := visible(ctx, q, who, all)
		if err != nil {
			return nil, next, err
		}
		some, next, g.After = append(some, seen...), after, after
		if len(some) > want {
			some = some[:want]
			return some, Cursor{some[want-1].DueOn, some[want-1].ID}, nil
		}
		if next == (Cursor{}) || len(some) == want {
			break
		}
	}
	return some, next, nil
}

// wanted are the states that a list of what was sent holds: where anything is still to be done.
func (f Filter) wanted() (states []course.State) {
	if f.State != "" {
		return []course.State{f.State}
	}
	for _, s := range course.States() {
		ours := s.Ours() && s != course.Drafted
		if ours && f.Turn != Theirs || (s.Theirs() || s == course.Withdrawn) && f.Turn != Ours {
			states = append(states, s)
		}
	}
	return states
}

func (f Filter) sent() (all []string) {
	for _, s := range f.states {
		all = append(all, string(s))
	}
	return all
}

// mine reads those of the live cases of one worker, who has few.
func (f Filter) mine(ctx context.Context, q db.Reader, who access.Actor) (some []Referral, next Cursor, err error) {
	may, more := reach(who)
	args := []any{who.ID}
	for _, s := range f.sent() {
		args = append(args, s)
	}
	cond := `r.state IN ` + db.In(len(f.states)) + ` AND (r.state <> 'withdrawn' OR r.due_on < '` + cases.Never + `') AND (r.due_on > ? OR (r.due_on = ? AND r.id > ?))`
	args = append(args, f.After.DueOn, f.After.DueOn, string(f.After.ID))
	if f.Late {
		cond += ` AND r.due_on < ?`
		args = append(args, dates.Of(q.Now()).String())
	}
	if f.Silent {
		cond += ` AND r.silent = ?`
		args = append(args, true)
	}
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM cases c JOIN referrals r ON r.case_id = c.id WHERE c.worker_id = ? AND c.ended_at IS NULL AND `+cond+` AND `+may+`
		ORDER BY r.due_on, r.id LIMIT ?`, append(append(args, more...), f.Limit+1)...)
	some, err = db.Collect(rows, err, scan)
	if err != nil {
		return nil, next, fmt.Errorf("list referrals of a worker: %w", err)
	}
	if len(some) > f.Limit {
		some = some[:f.Limit]
		next = Cursor{some[f.Limit-1].DueOn, some[f.Limit-1].ID}
	}
	return veiled(some), next, nil
}

// reach is the condition that keeps, of referrals r of cases c, those that who sees.
func reach(who access.Actor) (string, []any) {
	may, args := access.Where(who, access.ReadCases, "c.id")
	her, more := access.Where(who, access.ReadPersons, "c.person_id")
	hers, most := access.Where(who, access.ReadProtected, "r.person_id")
	return may + ` AND ` + her + ` AND (r.protected = FALSE OR ` + hers + `)`, append(append(args, more...), most...)
}

// visible are those of some referrals that who sees, in the order in which they were given.
func visible(ctx context.Context, q db.Reader, who access.Actor, some []Referral) ([]Referral, error) {
	if len(some) == 0 {
		return nil, nil
	}
	may, more := reach(who)
	args := make([]any, len(some))
	for i, r := range some {
		args[i] = string(r.ID)
	}
	rows, err := q.Query(ctx, `SELECT r.id FROM referrals r JOIN cases c ON c.id = r.case_id WHERE r.id IN `+db.In(len(args))+` AND `+may, append(args, more...)...)
	ids, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (id ID, err error) { return id, row.Scan(&id) })
	if err != nil {
		return nil, fmt.Errorf("list referrals that are seen: %w", err)
	}
	return veiled(slices.DeleteFunc(some, func(r Referral) bool { return !slices.Contains(ids, r.ID) })), nil
}

// veiled takes out of a list what is of class 3.
func veiled(some []Referral) []Referral {
	for i, r := range some {
		if r.Protected {
			some[i] = r.outline()
		}
	}
	return some
}

// Happening is one thing that happened to a referral, as the course of a case tells it.
type Happening struct {
	Event
	ID       string
	Referral Referral
}

// told are the acts that the course of a case tells.
func told() []course.Act {
	return []course.Act{course.Send, course.Accept, course.Enlist, course.Appoint, course.Decline, course.Serve, course.NoShow, course.Refuse, course.Unable, course.Confirm, course.Deny,
		course.Withdraw, course.Revoke, course.Expire, course.Close}
}

// Course returns what of class 2 happened to the referrals of a case that who may see, the latest first.
func Course(ctx context.Context, q db.Reader, who access.Actor, of cases.ID, back cases.Back) ([]Happening, error) {
	all, err := List(ctx, q, who, of, cases.Part{Limit: 200})
	if err != nil {
		return nil, err
	}
	return happenings(ctx, q, all, back)
}

// LookCourse returns what happened to those of class 3, to who sees what is protected about the person. The look is in the trail.
func LookCourse(ctx context.Context, tx *db.Tx, who access.Actor, of cases.ID, back cases.Back) ([]Happening, error) {
	all, err := Look(ctx, tx, who, of, cases.Part{Limit: 200})
	if err != nil {
		return nil, err
	}
	return happenings(ctx, tx, all, back)
}

func happenings(ctx context.Context, q db.Reader, of []Referral, back cases.Back) (all []Happening, err error) {
	for _, r := range of {
		some, err := r.events(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, e := range some {
			if slices.Contains(told(), e.Act) && back.Before(e.At, e.id) {
				all = append(all, Happening{Event: e, ID: e.id, Referral: r})
			}
		}
	}
	slices.SortFunc(all, func(a, b Happening) int {
		if c := b.At.Compare(a.At); c != 0 {
			return c
		}
		return strings.Compare(b.ID, a.ID)
	})
	return all[:min(len(all), max(back.Limit, 1))], nil
}
