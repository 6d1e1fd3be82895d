// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"context"
	"fmt"
	"strings"
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
	After        string // the cursor: Cursor of the last entry before
	Skip         int    // for exchanges that count pages; small
	Limit        int    // 50 when 0
}

// Cursor is where a list goes on after an entry.
func (e Entry) Cursor() string { return sortKey(e.Name()) + "." + e.ID }

// List returns entries by name. It is for those who may read the directory; what the public sees of it is Seek.
func List(ctx context.Context, q db.Reader, who access.Actor, f Filter) ([]Entry, error) {
	if !who.Holds(access.ReadDirectory) {
		return nil, nil
	}
	where, args, err := f.where(today(q).String())
	if err != nil {
		return nil, err
	}
	if f.Limit <= 0 || f.Limit > 1000 {
		f.Limit = 50
	}
	if sorted, id, ok := strings.Cut(f.After, "."); ok {
		where += ` AND (e.sorted > ? OR e.sorted = ? AND e.id > ?)`
		args = append(args, sorted, sorted, id)
	}
	rows, err := q.Query(ctx, `SELECT `+entryColumns+` FROM directory_entries e WHERE `+where+` ORDER BY e.sorted, e.id LIMIT ? OFFSET ?`, append(args, f.Limit, f.Skip)...)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list entries: %w", err)
	}
	return all, nil
}

// Tally counts the entries of a filter, without its cursor and limit.
func Tally(ctx context.Context, q db.Reader, who access.Actor, f Filter) (n int, err error) {
	if !who.Holds(access.ReadDirectory) {
		return 0, nil
	}
	where, args, err := f.where(today(q).String())
	if err != nil {
		return 0, err
	}
	err = q.QueryRow(ctx, `SELECT count(*) FROM directory_entries e WHERE `+where, args...).Scan(&n)
	return n, err
}

const entryColumns = `e.id, e.organisation_id, e.state, e.definition, e.version, e.confirmed_on, e.confirmed_by, e.due_on, e.changed_at`

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
	if f.State != "" {
		add(`e.state = ?`, string(f.State))
	} else {
		add(`e.state <> 'withdrawn'`)
	}
	switch f.Fresh {
	case "":
	case string(Unconfirmed):
		add(`e.confirmed_on = ''`)
	case string(Stale):
		add(`e.confirmed_on <> '' AND e.due_on < ?`, today)
	case "due":
		add(`e.due_on < ?`, today)
	default:
		return "", nil, fault.New(fault.Invalid, "fault.bad_choice").On("fresh")
	}
	if !f.ChangedAfter.IsZero() {
		add(`e.changed_at >= ?`, f.ChangedAfter)
	}
	for i, w := range wordsOf(f.Words) {
		if i == 8 {
			break
		}
		add(`e.id IN (SELECT entry_id FROM directory_words WHERE word >= ? AND word < ?)`, w, w+"\U0010FFFF")
	}
	if f.Need != "" || f.Place != "" {
		need, areas := f.Need, []string{anything}
		if need == "" {
			need = anything
		}
		if f.Place != "" {
			areas = areasOf(f.Place)
		}
		values := []any{need}
		for _, a := range areas {
			values = append(values, a)
		}
		add(`e.id IN (SELECT service_id FROM directory_reach WHERE need = ? AND area IN `+db.In(len(areas))+`)`, values...)
	}
	return where, args, nil
}
