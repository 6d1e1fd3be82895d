// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"context"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/ids"
)

// Filter says which entries a list holds. What is empty is not asked.
type Filter struct {
	Kind         listing.Kind
	Organisation string
	Partner      string // entries that say they are kept by the people of this organisation of package offices
	Need         string
	Place        string        // services for somebody who lives there
	Words        string        // of the names, each perhaps unfinished
	Fresh        string        // unconfirmed, stale, or due for both
	State        listing.State // every state but listing.Withdrawn when empty
	ChangedAfter time.Time
	After        string // the id of the last entry before
	Entered      bool   // in the order in which they were added
	Exact        bool   // counted to the end, however many there are
	Skip         int    // for exchanges that count pages
	Limit        int    // 50 when 0
}

// List returns entries by name; asked for by age, those that were to be confirmed first come first. It is for those who may read the
// directory; what the public sees of it is Seek.
func List(ctx context.Context, q db.Reader, who access.Actor, f Filter) ([]Entry, error) {
	all, _, err := f.list(ctx, q, who, false)
	return all, err
}

// Many is how many entries are counted for somebody who reads a list. More are only said to be more, since to count them takes long.
const Many = 20_000

// Page is List with how many entries there are, whatever the cursor and the limit; more than Many may be counted as Many and one.
func Page(ctx context.Context, q db.Reader, who access.Actor, f Filter) (all []Entry, total int, err error) {
	return f.list(ctx, q, who, true)
}

func (f Filter) list(ctx context.Context, q db.Reader, who access.Actor, counted bool) (all []Entry, total int, err error) {
	if !who.Holds(access.ReadDirectory) {
		return nil, 0, nil
	}
	if f.Limit <= 0 || f.Limit > 1000 {
		f.Limit = 50
	}
	l, err := f.prepare(q, usual())
	if err != nil {
		return nil, 0, fmt.Errorf("list entries: %w", err)
	}
	ids, total, err := l.page(ctx, q, counted)
	if err != nil {
		return nil, 0, fmt.Errorf("list entries: %w", err)
	}
	there, err := Several(ctx, q, ids)
	for _, id := range ids {
		all = append(all, there[id])
	}
	return all, total, err
}

// plain tells whether a filter asks nothing but what its parts heed by themselves.
func (f Filter) plain() bool { return f.Organisation == "" && f.State == "" && f.Fresh == "" }

func (f Filter) where(today string) (string, []any, error) {
	where, args := `TRUE`, []any(nil)
	add := func(cond string, values ...any) { where, args = where+` AND `+cond, append(args, values...) }
	if f.Kind != "" {
		add(`e.kind = ?`, string(f.Kind))
	}
	if f.Organisation != "" {
		add(`e.organisation_id = ?`, f.Organisation)
	}
	if f.Partner != "" {
		if !ids.Valid(f.Partner) {
			return "", nil, fault.New(fault.Invalid, "fault.bad_choice").On("partner")
		}
		add(`e.definition LIKE ?`, `%"partner":"`+f.Partner+`"%`)
	}
	switch f.State {
	case "":
		add(`e.state <> 'withdrawn'`)
	case listing.Withdrawn:
		add(`e.state = 'withdrawn'`)
	default:
		add(`e.state <> 'withdrawn' AND e.state = ?`, string(f.State))
	}
	switch f.Fresh {
	case "":
	case string(Unconfirmed):
		add(`e.due_on = ''`)
	case string(Stale):
		add(`e.due_on > '' AND e.due_on < ?`, today)
	case "due":
		add(`e.due_on < ?`, today)
	default:
		return "", nil, fault.New(fault.Invalid, "fault.bad_choice").On("fresh")
	}
	return where, args, nil
}
