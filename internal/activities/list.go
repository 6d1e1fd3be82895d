// SPDX-License-Identifier: Apache-2.0

package activities

import (
	"context"
	"fmt"
	"slices"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/projects"
)

// Filter says which activities are wanted; empty values want all.
type Filter struct {
	Kind        string
	Place       string // there, or in a part of it
	From, Until dates.Partial
	Project     projects.ID // that count for it, to who may see the project
	Forum       ForumID
	Undone      bool // those that were undone, instead of those that were not
	Before      string
	Limit       int
}

// Page is part of a list.
type Page struct {
	Acts []Act
	Next string // for Filter.Before; empty on the last page
}

// mostListed is how many activities a page of a list has at most.
const mostListed = 200

// where is the condition of a list with its arguments.
func (f Filter) where(ctx context.Context, q db.Reader, who access.Actor) (string, []any, error) {
	sql, args := access.Where(who, access.ReadActivities, "a.id")
	add := func(cond string, more ...any) { sql, args = sql+" AND "+cond, append(args, more...) }
	add("a.undone = ?", f.Undone)
	if f.Kind != "" {
		add("a.kind = ?", f.Kind)
	}
	if f.Place != "" { // the codes of the parts of a place begin with its own
		add("a.place >= ? AND a.place < ?", f.Place, f.Place+":")
	}
	if !f.From.IsZero() {
		add("a.until_on >= ?", f.From.Earliest().String())
	}
	if !f.Until.IsZero() {
		add("a.from_on <= ?", f.Until.Latest().String())
	}
	if f.Forum != "" {
		add("a.forum_id = ?", string(f.Forum))
	}
	if f.Project != "" {
		if _, err := projects.Find(ctx, q, who, f.Project); err != nil {
			return "", nil, err
		}
		c := projects.Counts(f.Project, projects.Activities, "a.id")
		add(c.SQL, c.Args...)
	}
	return sql, args, nil
}

// List returns the activities that who may see, the latest first.
func List(ctx context.Context, q db.Reader, who access.Actor, f Filter) (Page, error) {
	where, args, err := f.where(ctx, q, who)
	if err != nil {
		return Page{}, err
	}
	if f.Limit <= 0 || f.Limit > mostListed {
		f.Limit = mostListed
	}
	if day, id, ok := cursor(f.Before); ok {
		where, args = where+" AND (a.from_on < ? OR (a.from_on = ? AND a.id < ?))", append(args, day, day, id)
	}
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM activities a WHERE `+where+` ORDER BY a.from_on DESC, a.id DESC LIMIT ?`, append(args, f.Limit+1)...)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return Page{}, fmt.Errorf("list activities: %w", err)
	}
	p := Page{Acts: all}
	if len(all) > f.Limit {
		p.Acts = all[:f.Limit]
		last := p.Acts[f.Limit-1]
		p.Next = last.From.String() + "." + string(last.ID)
	}
	return p, nil
}

func cursor(text string) (day, id string, ok bool) {
	if len(text) < 12 || text[10] != '.' {
		return "", "", false
	}
	return text[:10], text[11:], true
}

// Totals is what activities come to.
type Totals struct {
	Entries    int    // rows
	Times      int    // activities, when an entry stands for several
	Households int    //
	Reached    int    // people counted: the sum of Cells
	Estimated  int    // people estimated, not in Reached
	Cells      []Cell // of who was counted
	Typed      int    // what was typed in or published, of the entries that have such a total
	Beside     int    // what the parts of these same entries come to
	Differing  int    // how many entries have a typed total that is not what their parts come to
	Cost       map[string]int64
}

// Difference is by how much what was typed in differs from the parts of the same entries.
func (t Totals) Difference() int { return t.Typed - t.Beside }

// Sum adds up the activities that who may see. Each is counted once.
func Sum(ctx context.Context, q db.Reader, who access.Actor, f Filter) (t Totals, err error) {
	where, args, err := f.where(ctx, q, who)
	if err != nil {
		return t, err
	}
	if err := q.QueryRow(ctx, `SELECT count(*), COALESCE(sum(a.events), 0), COALESCE(sum(a.households), 0), COALESCE(sum(CASE WHEN a.unit = 'people' THEN a.reached ELSE 0 END), 0),
		COALESCE(sum(CASE WHEN a.unit = 'estimate' THEN a.reached ELSE 0 END), 0), COALESCE(sum(CASE WHEN a.typed >= 0 THEN a.typed ELSE 0 END), 0),
		COALESCE(sum(CASE WHEN a.typed >= 0 THEN a.reached ELSE 0 END), 0), COALESCE(sum(CASE WHEN a.typed >= 0 AND a.typed <> a.reached THEN 1 ELSE 0 END), 0)
		FROM activities a WHERE `+where, args...).Scan(&t.Entries, &t.Times, &t.Households, &t.Reached, &t.Estimated, &t.Typed, &t.Beside, &t.Differing); err != nil {
		return t, fmt.Errorf("sum activities: %w", err)
	}
	rows, err := q.Query(ctx, `SELECT c.sex, c.age, c.disability, sum(c.people) FROM activity_cells c JOIN activities a ON a.id = c.activity_id WHERE a.unit = 'people' AND `+where+` GROUP BY c.sex, c.age, c.disability`, args...)
	if t.Cells, err = db.Collect(rows, err, scanCell); err != nil {
		return t, fmt.Errorf("sum activities: %w", err)
	}
	slices.SortFunc(t.Cells, func(a, b Cell) int { return slices.Index(Sexes(), a.Sex) - slices.Index(Sexes(), b.Sex) })
	t.Cost = map[string]int64{}
	type cost struct {
		currency string
		sum      int64
	}
	rows, err = q.Query(ctx, `SELECT a.currency, sum(a.cost) FROM activities a WHERE a.cost > 0 AND `+where+` GROUP BY a.currency`, args...)
	costs, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (c cost, err error) {
		err = r.Scan(&c.currency, &c.sum)
		return c, err
	})
	for _, c := range costs {
		t.Cost[c.currency] = c.sum
	}
	return t, err
}
