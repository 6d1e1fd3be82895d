// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"fera/internal/db"
)

// perLine is how many entries a line of directory_pages tells of, as bits of a number that both engines hold.
const perLine = 63

// term is a word under which an entry is found, and the kind under which the word stands.
type term struct{ kind, word string }

// turn marks in the pages that an entry has some words, and no more has others.
func turn(ctx context.Context, tx *db.Tx, id string, gone, come []term) error {
	var number int
	if err := tx.QueryRow(ctx, `SELECT number FROM directory_entries WHERE id = ?`, id).Scan(&number); err != nil {
		return fmt.Errorf("number of entry: %w", err)
	}
	line, bit := number/perLine, int64(1)<<(number%perLine)
	for _, t := range gone {
		if _, err := tx.Exec(ctx, `UPDATE directory_pages SET bits = bits & ~CAST(? AS BIGINT) WHERE kind = ? AND word = ? AND line = ?`, bit, t.kind, t.word, line); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM directory_pages WHERE kind = ? AND word = ? AND line = ? AND bits = 0`, t.kind, t.word, line); err != nil {
			return err
		}
	}
	if len(come) == 0 {
		return nil
	}
	var args []any
	for _, t := range come {
		args = append(args, t.kind, t.word, line, bit)
	}
	_, err := tx.Exec(ctx, `INSERT INTO directory_pages (kind, word, line, bits) VALUES `+db.Values(len(come), 4)+`
		ON CONFLICT (kind, word, line) DO UPDATE SET bits = directory_pages.bits | excluded.bits`, args...)
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
	left, shelves := l.lines, l.shelves()
	words := wordsOf(l.Words)
	for n, w := range words[:min(len(words), mostWords)] {
		rows, err := q.Query(ctx, `SELECT line, bits FROM directory_pages WHERE kind IN `+db.In(len(shelves))+` AND word >= ? AND word < ? LIMIT ?`,
			append(slices.Clone(shelves), w, w+"\U0010FFFF", left+1)...)
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
		var line int
		var set int64
		if err := rows.Scan(&line, &set); err != nil {
			return nil, 0, err
		}
		m, read = m.add(line, uint64(set)), read+1
	}
	return m, read, rows.Err()
}

// numbered is a page of the entries of some marks: by name if they are few, else in the order in which they were added. It reports false
// if a page cannot be found so, since more is asked of each of many.
func (l lookup) numbered(ctx context.Context, q db.Reader, m marks) (ids []string, total int, found bool, err error) {
	total = m.count()
	switch {
	case total <= l.sorted:
		if ids, err = idsOf(ctx, q, m.numbers(-1, 0, total)); err == nil {
			ids, total, err = l.sort(ctx, q, ids)
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
