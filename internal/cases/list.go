// SPDX-License-Identifier: Apache-2.0

package cases

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
)

// Filter chooses live cases. What is empty chooses all that who may see.
type Filter struct {
	Office string
	Worker string        // user; see Nobody
	Status Status        // see Statuses
	Risk   Risk          // this one or a greater one
	DueBy  dates.Partial // due on this day or before
	Idle   time.Time     // nothing of class 2 was done since
	Unseen dates.Partial // of high or critical risk, and nobody noted a visit on this day or later
	Asked  bool          // something waits to be decided
	After  Cursor
	Limit  int // 50 when zero, 200 at most
}

// Nobody is the worker of the cases that nobody has.
const Nobody = "nobody"

// Cursor is a place in a list: what stands after it comes next.
type Cursor struct {
	DueOn string
	ID    ID
}

// Page is a part of a list.
type Page struct {
	Cases []Case
	Next  Cursor // empty when this was the last part
}

func (f Filter) limit() int {
	if f.Limit <= 0 {
		return 50
	}
	return min(f.Limit, 200)
}

// within is a range of one of the indexes: the column that it begins with, and its value.
type within struct{ column, value string }

// ranges are those parts of the indexes in which what who sees lies. They may overlap.
func (f Filter) ranges(who access.Actor) (all []within) {
	switch {
	case f.Worker == Nobody && f.Office != "":
		return []within{{"c.office_id", f.Office}}
	case f.Worker == Nobody && who.Grants[access.ReadCases].Everywhere:
		return []within{{"c.worker_id", ""}}
	case f.Worker == Nobody:
	case f.Worker != "":
		return []within{{"c.worker_id", f.Worker}}
	case f.Office != "":
		return []within{{"c.office_id", f.Office}}
	}
	reach := who.Grants[access.ReadCases]
	if reach.Everywhere {
		return []within{{}}
	}
	for _, s := range reach.Scopes {
		kind, value, _ := strings.Cut(s, ":")
		switch kind {
		case "o":
			all = append(all, within{"c.office_id", value})
		case "g":
			all = append(all, within{"c.organisation_id", value})
		case "u":
			all = append(all, within{"c.worker_id", value})
		}
	}
	return all
}

// conditions are what the filter asks beside the range.
func (f Filter) conditions() (cond string, args []any) {
	add := func(part string, values ...any) {
		cond += " AND " + part
		args = append(args, values...)
	}
	if f.Office != "" {
		add("c.office_id = ?", f.Office)
	}
	if f.Worker == Nobody {
		add("c.worker_id = ''")
	}
	if f.Status != "" {
		add("c.status = ?", string(f.Status))
	}
	switch f.Risk {
	case Critical:
		add("c.risk = 'critical'")
	case High:
		add("c.risk IN ('high', 'critical')")
	case Medium:
		add("c.risk IN ('medium', 'high', 'critical')")
	}
	if !f.DueBy.IsZero() {
		add("c.due_on <= ?", f.DueBy.String())
	}
	if !f.Idle.IsZero() {
		add("c.touched_at < ?", f.Idle)
	}
	if !f.Unseen.IsZero() {
		add("c.visited_on < ? AND c.risk IN ('high', 'critical')", f.Unseen.String())
	}
	if f.Asked {
		add("EXISTS (SELECT 1 FROM case_approvals a WHERE a.case_id = c.id AND a.decided_at IS NULL)")
	}
	if f.After != (Cursor{}) {
		add("(c.due_on, c.id) > (?, ?)", f.After.DueOn, string(f.After.ID))
	}
	return cond, args
}

// List returns live cases that who may see, what is due first first. Each scope of who is one range of an index, so that the
// first page of a whole country is found as fast as that of a small office.
func List(ctx context.Context, q db.Reader, who access.Actor, f Filter) (Page, error) {
	var all []Case
	for _, w := range f.ranges(who) {
		some, err := f.list(ctx, q, who, w)
		if err != nil {
			return Page{}, fmt.Errorf("list cases: %w", err)
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, inOrder)
	all = slices.CompactFunc(all, func(a, b Case) bool { return a.ID == b.ID })
	p := Page{Cases: all}
	if len(all) > f.limit() {
		p.Cases = all[:f.limit()]
		last := p.Cases[f.limit()-1]
		p.Next = Cursor{last.DueOn, last.ID}
	}
	return p, nil
}

// list reads one range. It first takes the next cases in order and then asks which of them who sees, a few more each time
// when some are hidden: asked both at once, PostgreSQL would gather all that who sees and sort it.
func (f Filter) list(ctx context.Context, q db.Reader, who access.Actor, w within) (all []Case, err error) {
	want, chunk := f.limit()+1, f.limit()+1
	for len(all) < want {
		next, err := f.next(ctx, q, w, chunk)
		if err != nil {
			return nil, err
		}
		some, err := seen(ctx, q, who, next)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
		if len(next) < chunk {
			break
		}
		f.After, chunk = next[len(next)-1], min(4*chunk, mostAtOnce)
	}
	return all[:min(len(all), want)], nil
}

// mostAtOnce is how many cases are asked about at once.
const mostAtOnce = 1000

// next are the places of the next cases of a range, whoever sees them.
func (f Filter) next(ctx context.Context, q db.Reader, w within, limit int) ([]Cursor, error) {
	cond, args := f.conditions()
	in := "TRUE"
	if w.column != "" {
		in = w.column + " = ?"
		args = append([]any{w.value}, args...)
	}
	rows, err := q.Query(ctx, `SELECT c.due_on, c.id FROM cases c WHERE `+in+` AND c.ended_at IS NULL`+cond+` ORDER BY c.due_on, c.id LIMIT ?`, append(args, limit)...)
	return db.Collect(rows, err, func(r interface{ Scan(...any) error }) (c Cursor, err error) {
		err = r.Scan(&c.DueOn, &c.ID)
		return c, err
	})
}

// seen are those of the cases that who sees, in the order of what is due.
func seen(ctx context.Context, q db.Reader, who access.Actor, at []Cursor) ([]Case, error) {
	may, args := visible(who)
	in := make([]any, len(at))
	for i, c := range at {
		in[i] = string(c.ID)
	}
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM cases c WHERE c.id IN `+db.In(len(in))+` AND `+may, append(in, args...)...)
	all, err := db.Collect(rows, err, scanRow)
	slices.SortFunc(all, inOrder)
	return all, err
}

func inOrder(a, b Case) int { return cmp.Or(cmp.Compare(a.DueOn, b.DueOn), cmp.Compare(a.ID, b.ID)) }

// Load is how much one caseworker of an office has in hand.
type Load struct {
	Worker string // empty for the cases that nobody has
	Name   string
	Cases  int
	Late   int
	Grave  int // of high or critical risk
	Idle   int // nothing was done since a time
	Unseen int // of high or critical risk, without a visit since then
	Asked  int // something waits to be decided
}

// Board returns the load of each caseworker of an office all of whose cases who may see, the greatest first. Idle is the time
// since which something should have been done, or a visit made where the risk is high.
func Board(ctx context.Context, q db.Reader, who access.Actor, office string, idle time.Time) ([]Load, error) {
	scopes := []access.Scope{access.AtOffice(office)}
	if office == who.Office {
		scopes = append(scopes, access.OfOrganisation(who.Organisation))
	} else if organisation, err := organisationOf(ctx, q, office); err != nil {
		return nil, err
	} else if organisation != "" {
		scopes = append(scopes, access.OfOrganisation(organisation))
	}
	if !who.Covers(access.ReadCases, scopes...) {
		return nil, fault.New(fault.NotFound, "case.office_not_found")
	}
	rows, err := q.Query(ctx, `SELECT worker_id, max(worker_name), count(*), sum(CASE WHEN due_on < ? THEN 1 ELSE 0 END),
		sum(CASE WHEN risk IN ('high', 'critical') THEN 1 ELSE 0 END), sum(CASE WHEN touched_at < ? THEN 1 ELSE 0 END),
		sum(CASE WHEN risk IN ('high', 'critical') AND visited_on < ? THEN 1 ELSE 0 END)
		FROM cases WHERE office_id = ? AND ended_at IS NULL GROUP BY worker_id`, dates.Of(q.Now()).String(), idle, dates.Of(idle).String(), office)
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (l Load, err error) {
		err = r.Scan(&l.Worker, &l.Name, &l.Cases, &l.Late, &l.Grave, &l.Idle, &l.Unseen)
		return l, err
	})
	if err != nil {
		return nil, fmt.Errorf("read board: %w", err)
	}
	if err := asked(ctx, q, office, all); err != nil {
		return nil, fmt.Errorf("read board: %w", err)
	}
	slices.SortFunc(all, func(a, b Load) int {
		return cmp.Or(cmp.Compare(b.Cases, a.Cases), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Worker, b.Worker))
	})
	return all, nil
}

// asked counts in how many cases of each load something waits to be decided.
func asked(ctx context.Context, q db.Reader, office string, all []Load) error {
	type waiting struct {
		worker string
		n      int
	}
	rows, err := q.Query(ctx, `SELECT c.worker_id, count(DISTINCT a.case_id) FROM case_approvals a JOIN cases c ON c.id = a.case_id
		WHERE a.decided_at IS NULL AND c.office_id = ? AND c.ended_at IS NULL GROUP BY c.worker_id`, office)
	some, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (w waiting, err error) {
		err = r.Scan(&w.worker, &w.n)
		return w, err
	})
	for _, w := range some {
		if i := slices.IndexFunc(all, func(l Load) bool { return l.Worker == w.worker }); i >= 0 {
			all[i].Asked = w.n
		}
	}
	return err
}

// organisationOf is the organisation of the cases of an office; empty when it has none.
func organisationOf(ctx context.Context, q db.Reader, office string) (organisation string, err error) {
	rows, err := q.Query(ctx, `SELECT organisation_id FROM cases WHERE office_id = ? AND ended_at IS NULL LIMIT 1`, office)
	some, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (s string, err error) {
		err = r.Scan(&s)
		return s, err
	})
	if err == nil && len(some) > 0 {
		organisation = some[0]
	}
	return organisation, err
}
