// SPDX-License-Identifier: Apache-2.0

// Package ties says which records of the register are of one person. It knows
// records by their ids only; that somebody decided so, and why, is kept by links.
//
// A tie is a pair of records. All that are tied, through however many others, are
// a group, and are found under the oldest of them. Whatever hangs on a record
// stays with it: nothing is moved when records are tied, and so nothing has to be
// moved back when a tie is cut, whatever was added meanwhile; see docs/adr/0022.
package ties

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"fera/internal/access"
	"fera/internal/db"
)

// Group is all records of one person, the oldest first.
type Group []string

// Of returns the group of a record: of one that is tied to none, itself.
func Of(ctx context.Context, q db.Reader, record string) (Group, error) {
	rows, err := q.Query(ctx, `SELECT o.record_id FROM ties t JOIN ties o ON o.person_id = t.person_id WHERE t.record_id = ? ORDER BY o.record_id`, record)
	group, err := collect(rows, err)
	if err == nil && len(group) == 0 {
		group = Group{record}
	}
	return group, err
}

// Reached returns those of the records found under a person that who reaches
// with a permission.
func Reached(ctx context.Context, q db.Reader, who access.Actor, perm access.Permission, person string) (Group, error) {
	may, args := access.Where(who, perm, "t.record_id")
	rows, err := q.Query(ctx, `SELECT t.record_id FROM ties t WHERE t.person_id = ? AND `+may+` ORDER BY t.record_id`, append([]any{person}, args...)...)
	return collect(rows, err)
}

func collect(rows *db.Rows, err error) (Group, error) {
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (id string, err error) {
		err = row.Scan(&id)
		return id, err
	})
}

// Pair is two records that are tied, the older first.
type Pair struct{ One, Other string }

// PairOf is the pair of two records.
func PairOf(a, b string) Pair { return Pair{min(a, b), max(a, b)} }

// has reports whether a record is one of the two.
func (p Pair) has(record string) bool { return p.One == record || p.Other == record }

// Pairs are the ties within a record's group.
func Pairs(ctx context.Context, q db.Reader, record string) ([]Pair, error) {
	group, err := Of(ctx, q, record)
	if err != nil {
		return nil, err
	}
	return group.pairs(ctx, q)
}

func (g Group) pairs(ctx context.Context, q db.Reader) ([]Pair, error) {
	args := make([]any, len(g))
	for i, id := range g {
		args[i] = id
	}
	rows, err := q.Query(ctx, `SELECT one_id, other_id FROM tie_pairs WHERE one_id IN `+db.In(len(args))+` ORDER BY one_id, other_id`, args...)
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (p Pair, err error) {
		err = row.Scan(&p.One, &p.Other)
		return p, err
	})
}

// Join ties two records. It reports false if they are of one person already.
func Join(ctx context.Context, tx *db.Tx, p Pair) (bool, error) {
	one, err := Of(ctx, tx, p.One)
	if err != nil || slices.Contains(one, p.Other) {
		return false, err
	}
	other, err := Of(ctx, tx, p.Other)
	if err != nil {
		return false, err
	}
	return true, change(ctx, tx, append(one, other...), func(had []Pair) []Pair { return append(had, p) })
}

// Cut cuts the tie of two records. What is tied to each stays with it. It
// reports whether there was one.
func Cut(ctx context.Context, tx *db.Tx, p Pair) (was bool, err error) {
	group, err := Of(ctx, tx, p.One)
	if err != nil {
		return false, err
	}
	return was, change(ctx, tx, group, func(had []Pair) []Pair {
		was = slices.Contains(had, p)
		return slices.DeleteFunc(had, func(have Pair) bool { return have == p })
	})
}

// Leave takes a record out of its group, because it is erased. Those that were
// tied through it stay together.
func Leave(ctx context.Context, tx *db.Tx, record string) error {
	group, err := Of(ctx, tx, record)
	if err != nil || len(group) == 1 {
		return err
	}
	return change(ctx, tx, group, func(had []Pair) (left []Pair) {
		var beside []string
		for _, p := range had {
			switch record {
			case p.One:
				beside = append(beside, p.Other)
			case p.Other:
				beside = append(beside, p.One)
			default:
				left = append(left, p)
			}
		}
		for i := 1; i < len(beside); i++ {
			left = append(left, PairOf(beside[i-1], beside[i]))
		}
		return left
	})
}

// change makes other pairs of a group's, and groups anew.
func change(ctx context.Context, tx *db.Tx, group Group, make func([]Pair) []Pair) error {
	had, err := group.pairs(ctx, tx)
	if err != nil {
		return fmt.Errorf("change ties: %w", err)
	}
	want := make(slices.Clone(had))
	for _, p := range had {
		if !slices.Contains(want, p) {
			if _, err := tx.Exec(ctx, `DELETE FROM tie_pairs WHERE one_id = ? AND other_id = ?`, p.One, p.Other); err != nil {
				return fmt.Errorf("change ties: %w", err)
			}
		}
	}
	for _, p := range want {
		if !slices.Contains(had, p) {
			if _, err := tx.Exec(ctx, `INSERT INTO tie_pairs (one_id, other_id) VALUES (?, ?)`, p.One, p.Other); err != nil {
				return fmt.Errorf("change ties: %w", err)
			}
		}
	}
	if err := regroup(ctx, tx, group, want); err != nil {
		return fmt.Errorf("change ties: %w", err)
	}
	return nil
}

// regroup says of each record under which it is found now.
func regroup(ctx context.Context, tx *db.Tx, group Group, pairs []Pair) error {
	// Ties go from the older to the younger, but the oldest may be reached by any way.
	oldest := map[string]string{}
	for _, id := range group {
		oldest[id] = id
	}
	for range group {
		for _, p := range pairs {
			first := min(oldest[p.One], oldest[p.Other])
			oldest[p.One], oldest[p.Other] = first, first
		}
	}
	slices.SortFunc(group, cmp.Compare[string])
	for _, id := range group {
		if _, err := tx.Exec(ctx, `DELETE FROM ties WHERE record_id = ?`, id); err != nil {
			return err
		}
		if !slices.ContainsFunc(pairs, func(p Pair) bool { return p.has(id) }) {
			continue // alone
		}
		if _, err := tx.Exec(ctx, `INSERT INTO ties (record_id, person_id) VALUES (?, ?)`, id, oldest[id]); err != nil {
			return err
		}
	}
	return nil
}
