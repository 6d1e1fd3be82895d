// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/directory/near"
)

// A list of a large directory is found in small tables first: which entries have the words, serve the place, changed. Only those are
// looked at further. The engines are told so by asking in two steps, since neither knows by itself which of two ways is short.

// part is one condition that is looked up by itself: rows selects the ids of entries, and one asks of a single entry a.
type part struct {
	rows, one       string
	args, argsOfOne []any
	once            bool // each id comes once
	least           int  // how many rows there are at least
}

// mostWords is how many words of a search are looked for.
const mostWords = 8

// shelves are the kinds under which the words of the entries of a filter stand.
func (f Filter) shelves() []any {
	switch {
	case f.State == listing.Withdrawn:
		return []any{string(listing.Withdrawn)}
	case f.Kind != "":
		return []any{string(f.Kind)}
	}
	var all []any
	for _, k := range listing.Kinds() {
		all = append(all, string(k))
	}
	return all
}

// words looks for one word, perhaps unfinished.
func (f Filter) word(ctx context.Context, q db.Reader, w string) (part, error) {
	shelves, end := f.shelves(), w+"\U0010FFFF"
	of := `FROM directory_terms WHERE kind IN ` + db.In(len(shelves)) + ` AND word >= ? AND word < ?`
	p := part{rows: `SELECT entry_id AS id ` + of, args: append(slices.Clone(shelves), w, end),
		one: `EXISTS (SELECT 1 FROM directory_terms t WHERE t.entry_id = a.id AND t.word >= ? AND t.word < ?)`, argsOfOne: []any{w, end}}
	if len(shelves) > 1 {
		return p, nil
	}
	last := ""
	err := q.QueryRow(ctx, `SELECT word `+of+` ORDER BY word DESC LIMIT 1`, p.args...).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) || err == nil && last == w { // the whole word is the only one that begins so
		return part{rows: `SELECT entry_id AS id FROM directory_terms WHERE kind = ? AND word = ?`, args: append(slices.Clone(shelves), w), once: true,
			one: `EXISTS (SELECT 1 FROM directory_terms t WHERE t.entry_id = a.id AND t.word = ?)`, argsOfOne: []any{w}}, nil
	}
	return p, err
}

// parts are the conditions of a filter that are looked up by themselves. They leave out what is of another kind, and what was
// withdrawn unless that is asked for.
func (f Filter) parts(ctx context.Context, q db.Reader) (all []part, err error) {
	for i, w := range wordsOf(f.Words) {
		if i == mostWords {
			break
		}
		p, err := f.word(ctx, q, w)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	if f.Need != "" || f.Place != "" {
		areas := []string{near.Anything}
		if f.Place != "" {
			areas = near.AreasOf(f.Place)
		}
		values := []any{cmp.Or(f.Need, near.Anything)}
		for _, a := range areas {
			values = append(values, a)
		}
		in := db.In(len(areas))
		all = append(all, part{rows: `SELECT service_id AS id FROM directory_ways WHERE need = ? AND area IN ` + in, args: values,
			one: `EXISTS (SELECT 1 FROM directory_ways w WHERE w.service_id = a.id AND w.need = ? AND w.area IN ` + in + `)`, argsOfOne: values})
	}
	if !f.ChangedAfter.IsZero() {
		p := part{rows: `SELECT id FROM directory_entries WHERE state <> 'withdrawn' AND changed_at >= ?`, args: []any{f.ChangedAfter}, once: true,
			one: `EXISTS (SELECT 1 FROM directory_entries x WHERE x.id = a.id AND x.changed_at >= ?)`, argsOfOne: []any{f.ChangedAfter}}
		if f.Kind != "" {
			p.rows, p.args = p.rows+` AND kind = ?`, append(p.args, string(f.Kind))
		}
		all = append(all, p)
	}
	return all, nil
}

// light makes one of all conditions that are looked up by themselves; an empty part when there is none. Those that few meet are
// looked up; whether the others are met is asked of what was found.
func (f Filter) light(ctx context.Context, q db.Reader, b bounds) (one part, err error) {
	all, err := f.parts(ctx, q)
	if err != nil || len(all) == 0 {
		return part{}, err
	}
	if len(all) == 1 {
		return all[0], nil
	}
	for i := range all {
		if err := q.QueryRow(ctx, `SELECT count(*) FROM (`+all[i].rows+` LIMIT ?) AS found`, append(slices.Clone(all[i].args), b.dense+1)...).Scan(&all[i].least); err != nil {
			return part{}, err
		}
	}
	slices.SortStableFunc(all, func(a, b part) int { return cmp.Compare(a.least, b.least) })
	looked := 1
	for all[0].least > b.few && looked < len(all) && all[looked].least <= b.dense {
		looked++
	}
	var rows, ones []string
	for i, p := range all {
		if i < looked {
			rows, one.args = append(rows, p.rows), append(one.args, p.args...)
		}
	}
	for i, p := range all {
		if one.argsOfOne, ones = append(one.argsOfOne, p.argsOfOne...), append(ones, p.one); i >= looked {
			one.args = append(one.args, p.argsOfOne...)
		}
	}
	one.once, one.one, one.rows = looked > 1 || all[0].once, strings.Join(ones, ` AND `), strings.Join(rows, ` INTERSECT `)
	if looked < len(all) {
		one.rows = `SELECT a.id FROM (` + one.rows + `) AS a WHERE ` + strings.Join(ones[looked:], ` AND `)
	}
	return one, nil
}

// bounds say from where on a list is found in another way.
type bounds struct {
	few    int // rows of the rarest condition that are gone through one by one; more are looked up for all conditions at once
	sorted int // entries that are sorted by name. More come in the order in which they were added: nobody reads so many, and to sort them takes long
	dense  int // entries that are read at once. Of more, some are soon found on the way through all
	near   int // entries that are skipped on that way
	pages  int // pages that are read for the words of a search; of more, the words are looked up entry by entry
}

func usual() bounds { return bounds{few: 2_000, sorted: 3_000, dense: Many, near: 1_000, pages: 5_000} }

// lookup is a filter in SQL: what entries e have to be, and which ids they are among.
type lookup struct {
	Filter
	bounds
	where string
	args  []any
	light part
}

func (f Filter) prepare(q db.Reader, b bounds) (l lookup, err error) {
	l.Filter, l.bounds = f, b
	l.where, l.args, err = f.where(today(q).String())
	return l, err
}

// order is by what the entries of a list are sorted.
func (l lookup) order() string {
	switch {
	case l.Fresh != "":
		return `due_on`
	case l.Entered:
		return `id`
	}
	return `sorted`
}

// page finds the ids of a page of the list, and how many there are if that is asked.
func (l lookup) page(ctx context.Context, q db.Reader, counted bool) (ids []string, total int, err error) {
	if l.byPages() {
		m, whole, err := l.marked(ctx, q)
		if err != nil {
			return nil, 0, err
		}
		if whole {
			if ids, total, found, err := l.numbered(ctx, q, m); found {
				return ids, total, err
			}
		}
	}
	if l.light, err = l.Filter.light(ctx, q, l.bounds); err != nil {
		return nil, 0, err
	}
	return l.narrowed(ctx, q, counted)
}

// narrowed is the page of a list of which each condition is looked up by itself.
func (l lookup) narrowed(ctx context.Context, q db.Reader, counted bool) (ids []string, total int, err error) {
	if l.light.rows == "" {
		if counted {
			if total, err = l.count(ctx, q); err != nil {
				return nil, 0, err
			}
		}
		ids, err = l.walk(ctx, q, l.order(), total)
		return ids, total, err
	}
	rows, err := q.Query(ctx, `SELECT DISTINCT id FROM (`+l.light.rows+`) AS found LIMIT ?`, append(slices.Clone(l.light.args), l.dense+1)...)
	found, err := db.Collect(rows, err, scanID)
	switch {
	case err != nil:
		return nil, 0, err
	case len(found) <= l.sorted:
		return l.sort(ctx, q, `id`, anyOf(found))
	case len(found) <= l.dense && l.plain():
		slices.Sort(found)
		from := l.Skip
		if l.After != "" {
			i, here := slices.BinarySearch(found, l.After)
			if from += i; here {
				from++
			}
		}
		return found[min(from, len(found)):min(from+l.Limit, len(found))], len(found), nil
	}
	if total = Many + 1; counted && (l.Exact || len(found) <= l.dense) {
		if total, err = l.count(ctx, q); err != nil {
			return nil, 0, err
		}
	}
	ids, err = l.broad(ctx, q, len(found))
	return ids, total, err
}

// count counts all that the list holds.
func (l lookup) count(ctx context.Context, q db.Reader) (n int, err error) {
	text, args := `SELECT count(*) FROM directory_entries e WHERE `+l.where, slices.Clone(l.args)
	switch {
	case l.light.rows == "" && l.plain() && l.Kind != "":
		text, args = `SELECT COALESCE(sum(entries), 0) FROM directory_totals WHERE kind = ?`, []any{string(l.Kind)}
	case l.light.rows == "":
	case l.light.once && l.plain():
		text, args = `SELECT count(*) FROM (`+l.light.rows+`) AS found`, l.light.args
	case l.plain():
		text, args = `SELECT count(DISTINCT id) FROM (`+l.light.rows+`) AS found`, l.light.args
	default:
		text, args = text+` AND e.id IN (`+l.light.rows+`)`, append(args, l.light.args...)
	}
	if l.light.rows == "" && l.Fresh != "" && !l.Exact {
		text, args = `SELECT count(*) FROM (SELECT 1 FROM directory_entries e WHERE `+l.where+` LIMIT ?) AS found`, append(args, Many+1)
	}
	return n, q.QueryRow(ctx, text, args...).Scan(&n)
}

func anyOf(ids []string) []any {
	all := make([]any, len(ids))
	for i, id := range ids {
		all[i] = id
	}
	return all
}

func scanID(row interface{ Scan(...any) error }) (id string, err error) { return id, row.Scan(&id) }

// sort looks at each of a few entries, by their ids or numbers, and sorts them. After an entry that is not among them any more, since it was
// changed, they begin anew.
func (l lookup) sort(ctx context.Context, q db.Reader, column string, keys []any) (page []string, total int, err error) {
	type one struct{ id, by string }
	var all []one
	for some := range slices.Chunk(keys, 500) {
		rows, err := q.Query(ctx, `SELECT e.id, e.`+l.order()+` FROM directory_entries e WHERE `+l.where+` AND e.`+column+` IN `+db.In(len(some)), append(slices.Clone(l.args), some...)...)
		found, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (x one, err error) { return x, row.Scan(&x.id, &x.by) })
		if err != nil {
			return nil, 0, err
		}
		all = append(all, found...)
	}
	slices.SortFunc(all, func(a, b one) int { return cmp.Or(cmp.Compare(a.by, b.by), cmp.Compare(a.id, b.id)) })
	all = slices.Compact(all)
	from := l.Skip
	if i := slices.IndexFunc(all, func(x one) bool { return x.id == l.After }); i >= 0 {
		from += i + 1
	}
	for _, x := range all[min(from, len(all)):min(from+l.Limit, len(all))] {
		page = append(page, x.id)
	}
	return page, len(all), nil
}

// broad pages through more than are sorted, in the order in which they were added.
func (l lookup) broad(ctx context.Context, q db.Reader, least int) ([]string, error) {
	if least <= l.dense || l.Skip > l.near {
		text, args := `SELECT DISTINCT a.id FROM (`+l.light.rows+`) AS a WHERE a.id > ?`, append(slices.Clone(l.light.args), l.After)
		if !l.plain() {
			text, args = text+` AND EXISTS (SELECT 1 FROM directory_entries e WHERE e.id = a.id AND `+l.where+`)`, append(args, l.args...)
		}
		rows, err := q.Query(ctx, text+` ORDER BY a.id LIMIT ? OFFSET ?`, append(args, l.Limit, l.Skip)...)
		return db.Collect(rows, err, scanID)
	}
	l.where, l.args = l.where+` AND `+strings.ReplaceAll(l.light.one, `a.id`, `e.id`), append(l.args, l.light.argsOfOne...)
	return l.walk(ctx, q, `id`, 0)
}

// walk goes through the entries in an order until the page is full; from the end, if it is known how many there are and that is nearer.
func (l lookup) walk(ctx context.Context, q db.Reader, order string, total int) ([]string, error) {
	where, args, up, limit, skip := l.where, slices.Clone(l.args), ``, l.Limit, l.Skip
	if l.After != "" {
		var last string
		err := q.QueryRow(ctx, `SELECT `+order+` FROM directory_entries WHERE id = ?`, l.After).Scan(&last)
		switch {
		case err != nil && !errors.Is(err, sql.ErrNoRows):
			return nil, err
		case order == `id`:
			where, args = where+` AND e.id > ?`, append(args, l.After)
		case err == nil:
			where, args = where+` AND (e.`+order+` > ? OR e.`+order+` = ? AND e.id > ?)`, append(args, last, last, l.After)
		}
	} else if total > 0 && skip > total/2 {
		limit = max(min(limit, total-skip), 0)
		up, skip = ` DESC`, max(total-skip-limit, 0)
	}
	by := `e.` + order + up
	if order != `id` {
		by += `, e.id` + up
	}
	rows, err := q.Query(ctx, `SELECT e.id FROM directory_entries e WHERE `+where+` ORDER BY `+by+` LIMIT ? OFFSET ?`, append(args, limit, skip)...)
	ids, err := db.Collect(rows, err, scanID)
	if up != "" {
		slices.Reverse(ids)
	}
	return ids, err
}
