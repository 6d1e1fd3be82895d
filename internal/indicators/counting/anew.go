// SPDX-License-Identifier: Apache-2.0

package counting

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/indicators/facts"
	"fera/internal/indicators/sources"
)

// How much is counted anew at once: subjects in a transaction, cells in memory before they are written, pages in a transaction.
const (
	subjectsAtOnce = 500
	cellsAtOnce    = 2_000_000
	pagesAtOnce    = 100
)

// Rebuild forgets all totals and counts everything anew. Meanwhile figures are
// incomplete, and say so; what changes is counted afterwards. It tells how many
// subjects it has counted, if it is given whom to tell.
func Rebuild(ctx context.Context, d *db.DB, told func(subjects int)) error {
	if err := d.Maintain(ctx, func(tx *db.Tx) error { return beginAnew(ctx, tx) }); err != nil {
		return fmt.Errorf("count anew: %w", err)
	}
	totals, done := facts.Totals{}, 0
	write := func(least int) error {
		if totals.Cells() < least {
			return nil
		}
		err := writeTotals(ctx, d, totals)
		totals = facts.Totals{}
		return err
	}
	for _, s := range append([]sources.Source{{Of: sources.OfPersons}}, othersOf()...) {
		for last := ""; ; {
			var some []subject
			var next string
			if err := d.Maintain(ctx, func(tx *db.Tx) (err error) {
				if some, next, err = slice(ctx, tx, s, last); err != nil {
					return err
				}
				if err := setMark(ctx, tx, anew, mark{}); err != nil { // it goes on
					return err
				}
				return keep(ctx, tx, some)
			}); err != nil {
				return fmt.Errorf("count anew: %w", err)
			}
			for _, one := range some {
				facts.Contribute(totals, one.facts, 1)
			}
			if done += len(some); told != nil && len(some) > 0 {
				told(done)
			}
			if next == "" {
				break
			}
			last = next
			if err := write(cellsAtOnce); err != nil {
				return fmt.Errorf("count anew: %w", err)
			}
		}
	}
	if err := write(0); err != nil {
		return fmt.Errorf("count anew: %w", err)
	}
	return d.Maintain(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM figure_marks WHERE name = ?`, anew)
		return err
	})
}

// beginAnew forgets everything and notes where the trail is.
func beginAnew(ctx context.Context, tx *db.Tx) error {
	var upTo int64
	if err := tx.QueryRow(ctx, `SELECT COALESCE(max(position), 0) FROM audit_entries WHERE position IS NOT NULL`).Scan(&upTo); err != nil {
		return err
	}
	for _, table := range []string{`DELETE FROM figure_facts`, `DELETE FROM figure_subjects`, `DELETE FROM figure_pages`, `DELETE FROM figure_waiting`} {
		if _, err := tx.Exec(ctx, table); err != nil {
			return err
		}
	}
	if err := setMark(ctx, tx, anew, mark{}); err != nil {
		return err
	}
	return setMark(ctx, tx, followed, mark{upTo: upTo, text: shape()})
}

// othersOf are the sources of what is no person.
func othersOf() []sources.Source {
	return slices.DeleteFunc(sources.All(), func(s sources.Source) bool { return s.Of == sources.OfPersons })
}

// slice counts the next subjects of a source, and says after which to go on; nothing at the end.
func slice(ctx context.Context, q db.Reader, s sources.Source, after string) (some []subject, next string, err error) {
	c, err := newCounter(ctx, q)
	if err != nil {
		return nil, "", err
	}
	if s.Of != sources.OfPersons {
		of, err := s.Next(ctx, q, after, subjectsAtOnce)
		if err != nil || len(of) == 0 {
			return nil, "", err
		}
		some, err = c.others(s, of)
		return some, of[len(of)-1], err
	}
	heads, err := headsAfter(ctx, q, after)
	if err != nil || len(heads) == 0 {
		return nil, "", err
	}
	groups, err := groupsOf(ctx, q, heads)
	if err != nil {
		return nil, "", err
	}
	some, err = c.persons(groups)
	return some, heads[len(heads)-1][0], err
}

// headsAfter are the next records of the register, each with the one under which its person is found.
func headsAfter(ctx context.Context, q db.Reader, after string) ([][2]string, error) {
	rows, err := q.Query(ctx, `SELECT p.id, COALESCE(t.person_id, p.id) FROM persons p LEFT JOIN ties t ON t.record_id = p.id WHERE p.id > ? AND `+access.Real("p.id")+` ORDER BY p.id LIMIT ?`, after, subjectsAtOnce)
	return db.Collect(rows, err, scanPair)
}

// groupsOf are the people whose oldest record is among some: each is met once, when that is.
func groupsOf(ctx context.Context, q db.Reader, heads [][2]string) (groups [][]string, err error) {
	var tied []string
	for _, h := range heads {
		if h[0] == h[1] {
			tied = append(tied, h[0])
		}
	}
	if len(tied) == 0 {
		return nil, nil
	}
	rows, err := q.Query(ctx, `SELECT record_id, person_id FROM ties WHERE person_id IN `+db.In(len(tied))+` ORDER BY record_id`, anyOf(tied)...)
	pairs, err := db.Collect(rows, err, scanPair)
	by := map[string][]string{}
	for _, p := range pairs {
		by[p[1]] = append(by[p[1]], p[0])
	}
	for _, id := range tied {
		if by[id] == nil {
			by[id] = []string{id}
		}
		groups = append(groups, by[id])
	}
	return groups, err
}

// writeTotals adds totals to those that are kept, some pages at a time.
func writeTotals(ctx context.Context, d *db.DB, totals facts.Totals) error {
	for some := range slices.Chunk(inOrder(totals), pagesAtOnce) {
		if err := d.Maintain(ctx, func(tx *db.Tx) error {
			for _, p := range some {
				if err := applyPage(ctx, tx, p, totals[p], tx.Now()); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// Difference is a page whose totals are not what a recount comes to.
type Difference struct {
	Measure, Kind string
	Cube          int
	Month         facts.Month
	Lane          facts.Lane
}

// Verdict is what a recount found.
type Verdict struct {
	Subjects  int
	Pages     int
	Different []Difference
}

// Check counts everything anew in one snapshot and compares it with the totals
// that are kept, changing nothing. In little memory: of each page it keeps one
// number, the sum of its values times a number that is made of their place, which
// is the same for the same totals, and for others only by a chance of one in 2^64.
func Check(ctx context.Context, d *db.DB) (v Verdict, err error) {
	for range 5 {
		if _, err := Follow(ctx, d); err != nil {
			return v, err
		}
		err := d.Read(ctx, func(q db.Reader) error {
			v = Verdict{}
			return v.check(ctx, q)
		})
		if !errors.Is(err, errBehind) {
			return v, err
		}
	}
	return v, errBehind
}

var errBehind = errors.New("the trail goes on while it is compared; try again when less is entered")

func (v *Verdict) check(ctx context.Context, q db.Reader) error {
	m, _, err := markOf(ctx, q, followed)
	if err != nil {
		return err
	}
	var waiting int
	if err := q.QueryRow(ctx, `SELECT (SELECT count(*) FROM audit_entries WHERE position > ?) + (SELECT count(*) FROM audit_entries WHERE position IS NULL)`, m.upTo).Scan(&waiting); err != nil {
		return err
	}
	if waiting > 0 {
		return errBehind
	}
	prints := map[facts.Page]uint64{}
	take := func(p facts.Page, c facts.Cell, val facts.Value) { prints[p] += print(c, val) }
	if err := keptCells(ctx, q, `TRUE`, nil, take); err != nil {
		return err
	}
	v.Pages = len(prints)
	if err := waitingCells(ctx, q, take); err != nil {
		return err
	}
	for _, s := range append([]sources.Source{{Of: sources.OfPersons}}, othersOf()...) {
		for last := ""; ; {
			some, next, err := slice(ctx, q, s, last)
			if err != nil {
				return err
			}
			for _, one := range some {
				facts.Each(one.facts, func(p facts.Page, c facts.Cell, val facts.Value) { prints[p] -= print(c, val) })
			}
			v.Subjects += len(some)
			if next == "" {
				break
			}
			last = next
		}
	}
	return v.name(ctx, q, prints)
}

// name says which pages differ.
func (v *Verdict) name(ctx context.Context, q db.Reader, prints map[facts.Page]uint64) error {
	b, err := ReadBook(ctx, q)
	for p, left := range prints {
		if left != 0 {
			v.Different = append(v.Different, Difference{b.Text(OfMeasure, p.Measure), b.Text(OfKind, p.What), int(p.Cube), p.Month, p.Lane})
		}
	}
	slices.SortFunc(v.Different, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Measure, b.Measure), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Month, b.Month), cmp.Compare(a.Cube, b.Cube))
	})
	return err
}

// print is what a value in a cell adds to the number of its page.
func print(c facts.Cell, v facts.Value) uint64 {
	text := make([]byte, 0, 64)
	text = binary.AppendUvarint(text, uint64(c.Place))
	text = binary.AppendUvarint(text, uint64(c.Org))
	text = binary.AppendVarint(text, int64(c.Prev))
	for _, d := range c.By {
		text = binary.AppendUvarint(text, uint64(d))
	}
	h := sha256.Sum256(text)
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(h[8*i:]) | 1 }
	return word(0)*uint64(v.People) + word(1)*uint64(v.Events) + word(2)*uint64(v.Amount)
}
