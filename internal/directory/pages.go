// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"fera/internal/db"
)

// The size of what directory_pages holds: numbers of entries in a line, as bits of a number that both engines hold, and lines on a page.
const perLine, perPage = 63, 64

// term is a word under which an entry is found, and the kind under which the word stands.
type term struct{ kind, word string }

// turn makes the pages of words say that an entry has some words, and not others.
func turn(ctx context.Context, tx *db.Tx, id string, before, after []term) error {
	was, is := begun(before), begun(after)
	gone := slices.DeleteFunc(slices.Clone(was), func(t term) bool { return slices.Contains(is, t) })
	come := slices.DeleteFunc(is, func(t term) bool { return slices.Contains(was, t) })
	if len(gone)+len(come) == 0 {
		return nil
	}
	var number int
	if err := tx.QueryRow(ctx, `SELECT number FROM directory_entries WHERE id = ?`, id).Scan(&number); err != nil {
		return fmt.Errorf("number of entry: %w", err)
	}
	pages, err := pagesOf(ctx, tx, number, slices.Concat(gone, come))
	if err != nil {
		return err
	}
	line, bit := number/perLine%perPage, uint64(1)<<(number%perLine)
	for _, t := range gone {
		pages[t] = pages[t].add(line, 0)
		pages[t][line] &^= bit
	}
	for _, t := range come {
		pages[t] = pages[t].add(line, bit)
	}
	return writePages(ctx, tx, number, pages)
}

// begun are words and their short beginnings, which are looked up by themselves since so many words begin so.
func begun(words []term) (all []term) {
	all = slices.Clone(words)
	for _, t := range words {
		for i, c := range []rune(t.word)[:min(short, len([]rune(t.word)))] {
			t := term{t.kind, string([]rune(t.word)[:i]) + string(c) + "*"}
			if !slices.Contains(all, t) {
				all = append(all, t)
			}
		}
	}
	return all
}

// short is how long a beginning is looked up by itself.
const short = 2

// pagesOf reads the page of some words on which a number is. Those that are not there yet are empty.
func pagesOf(ctx context.Context, tx *db.Tx, number int, of []term) (map[term]marks, error) {
	pages := map[term]marks{}
	for _, kind := range kindsOf(of) {
		args := []any{kind, number / perLine / perPage}
		for _, t := range of {
			if t.kind == kind {
				args = append(args, t.word)
			}
		}
		rows, err := tx.Query(ctx, `SELECT word, lines FROM directory_pages WHERE kind = ? AND page = ? AND word IN `+db.In(len(args)-2), args...)
		if err != nil {
			return nil, err
		}
		_, err = db.Collect(rows, nil, func(row interface{ Scan(...any) error }) (t term, err error) {
			lines := ""
			if err := row.Scan(&t.word, &lines); err != nil {
				return t, err
			}
			t.kind = kind
			pages[t], err = marks(nil).read(0, lines)
			return t, err
		})
		if err != nil {
			return nil, err
		}
	}
	return pages, nil
}

func kindsOf(terms []term) (all []string) {
	for _, t := range terms {
		if !slices.Contains(all, t.kind) {
			all = append(all, t.kind)
		}
	}
	return all
}

func writePages(ctx context.Context, tx *db.Tx, number int, pages map[term]marks) error {
	page := number / perLine / perPage
	var args []any
	for _, t := range slices.SortedFunc(maps.Keys(pages), func(a, b term) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.word, b.word)) }) {
		m := pages[t]
		if m.count() > 0 {
			args = append(args, t.kind, t.word, page, m.lines())
		} else if _, err := tx.Exec(ctx, `DELETE FROM directory_pages WHERE kind = ? AND word = ? AND page = ?`, t.kind, t.word, page); err != nil {
			return err
		}
	}
	if len(args) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `INSERT INTO directory_pages (kind, word, page, lines) VALUES `+db.Values(len(args)/4, 4)+`
		ON CONFLICT (kind, word, page) DO UPDATE SET lines = excluded.lines`, args...)
	return err
}

// marks are entries by their numbers, line by line.
type marks []uint64

func (m marks) add(line int, set uint64) marks {
	if more := line + 1 - len(m); more > 0 {
		m = append(m, make(marks, more)...)
	}
	m[line] |= set
	return m
}

// and leaves those that are in both.
func (m marks) and(other marks) marks {
	m = m[:min(len(m), len(other))]
	for i := range m {
		m[i] &= other[i]
	}
	return m
}

// read adds the lines of a page.
func (m marks) read(page int, lines string) (marks, error) {
	for len(lines) >= 18 {
		line, err := strconv.ParseUint(lines[:2], 16, 8)
		set, err2 := strconv.ParseUint(lines[2:18], 16, 64)
		if err := errors.Join(err, err2); err != nil {
			return m, fmt.Errorf("a page of words: %w", err)
		}
		m, lines = m.add(page*perPage+int(line), set), lines[18:]
	}
	return m, nil
}

// lines writes marks as those of one page.
func (m marks) lines() string {
	var b strings.Builder
	for line, set := range m {
		if set != 0 {
			fmt.Fprintf(&b, "%02x%016x", line, set)
		}
	}
	return b.String()
}

func (m marks) count() (n int) {
	for _, set := range m {
		n += bits.OnesCount64(set)
	}
	return n
}

// numbers are those above one, after some that are skipped, at most so many.
func (m marks) numbers(above, skip, most int) (all []any) {
	for i := max(above+1, 0) / perLine; i < len(m) && len(all) < most; i++ {
		set := m[i]
		if first := above + 1 - i*perLine; first > 0 {
			set = set >> first << first
		}
		if n := bits.OnesCount64(set); n <= skip {
			skip -= n
			continue
		}
		for ; set != 0 && len(all) < most; set &= set - 1 {
			if skip > 0 {
				skip--
				continue
			}
			all = append(all, i*perLine+bits.TrailingZeros64(set))
		}
	}
	return all
}

// byPages reports whether the words alone say which entries are looked at.
func (f Filter) byPages() bool {
	return f.Need == "" && f.Place == "" && f.ChangedAfter.IsZero() && len(wordsOf(f.Words)) > 0
}

// marked finds the entries that have all words, each perhaps unfinished; false if so many words begin so that to read them all takes long.
func (l lookup) marked(ctx context.Context, q db.Reader) (all marks, whole bool, err error) {
	left, shelves := l.pages, l.shelves()
	words := wordsOf(l.Words)
	for n, w := range words[:min(len(words), mostWords)] {
		from, to := w, w+"\U0010FFFF"
		if len([]rune(w)) <= short {
			from, to = w+"*", w+"+"
		}
		rows, err := q.Query(ctx, `SELECT page, lines FROM directory_pages WHERE kind IN `+db.In(len(shelves))+` AND word >= ? AND word < ? LIMIT ?`,
			append(slices.Clone(shelves), from, to, left+1)...)
		if err != nil {
			return nil, false, err
		}
		some, read, err := readMarks(rows)
		if left -= read; err != nil || left < 0 {
			return nil, false, err
		}
		if n == 0 {
			all = some
		} else {
			all = all.and(some)
		}
	}
	return all, true, nil
}

func readMarks(rows *db.Rows) (m marks, read int, err error) {
	defer rows.Close()
	for rows.Next() {
		page, lines := 0, ""
		if err := rows.Scan(&page, &lines); err != nil {
			return nil, 0, err
		}
		if m, err = m.read(page, lines); err != nil {
			return nil, 0, err
		}
		read++
	}
	return m, read, rows.Err()
}

// numbered is a page of the entries of some marks: by name if they are few, else in the order in which they were added. It reports false
// if a page cannot be found so, since more is asked of each of many.
func (l lookup) numbered(ctx context.Context, q db.Reader, m marks) (ids []string, total int, found bool, err error) {
	total = m.count()
	switch {
	case total <= l.sorted && l.plain(): // the pages of a kind hold what is of that kind and not withdrawn
		l.where, l.args = `TRUE`, nil
		ids, total, err = l.sort(ctx, q, `number`, m.numbers(-1, 0, total))
		return ids, total, true, err
	case total <= l.sorted: // by the ids, since no engine knows by itself that numbers are the shortest way
		if ids, err = idsOf(ctx, q, m.numbers(-1, 0, total)); err == nil {
			ids, total, err = l.sort(ctx, q, `id`, anyOf(ids))
		}
		return ids, total, true, err
	case !l.plain():
		return nil, 0, false, nil
	}
	above := -1
	if l.After != "" {
		if err := q.QueryRow(ctx, `SELECT number FROM directory_entries WHERE id = ?`, l.After).Scan(&above); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, 0, true, err
		}
	}
	ids, err = idsOf(ctx, q, m.numbers(above, l.Skip, l.Limit))
	return ids, total, true, err
}

// idsOf returns the ids of entries by their numbers, in this order.
func idsOf(ctx context.Context, q db.Reader, numbers []any) (all []string, err error) {
	for some := range slices.Chunk(numbers, 500) {
		rows, err := q.Query(ctx, `SELECT id FROM directory_entries WHERE number IN `+db.In(len(some))+` ORDER BY number`, some...)
		ids, err := db.Collect(rows, err, scanID)
		if err != nil {
			return nil, err
		}
		all = append(all, ids...)
	}
	return all, nil
}
