// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
	"fera/internal/ties"
)

// Merging says that two persons are one, or that they are not after all.
type Merging struct {
	One, Other ID
	Reason     string
}

// Merge makes one person of two: all of their records are hers from now on. Each
// stays as it is, with its rows, its key and its scopes, so that who saw some of
// them sees neither more nor less of each. It returns the records that are tied,
// by which Unmerge takes them apart.
func Merge(ctx context.Context, tx *db.Tx, who access.Actor, m Merging) (ties.Pair, error) {
	one, err := editable(ctx, tx, who, access.MergePersons, m.One)
	if err != nil {
		return ties.Pair{}, err
	}
	other, err := editable(ctx, tx, who, access.MergePersons, m.Other)
	if err != nil {
		return ties.Pair{}, err
	}
	if m.Reason, err = reasonOf(m.Reason); err != nil {
		return ties.Pair{}, err
	}
	pair := ties.PairOf(string(one.named(m.One)), string(other.named(m.Other)))
	return pair, m.tie(ctx, tx, who, pair)
}

// RegisterAgain enters what an organisation recorded of a person who is in the
// register already. It is a registration of its own, tied to the record that the
// clerk saw and said is of the same person.
func RegisterAgain(ctx context.Context, tx *db.Tx, who access.Actor, known ID, r Registration) (ID, ties.Pair, error) {
	have, err := seen(ctx, tx, who, known)
	if err != nil {
		return "", ties.Pair{}, err
	}
	id, err := Register(ctx, tx, who, r)
	if err != nil {
		return "", ties.Pair{}, err
	}
	pair := ties.PairOf(string(id), string(editing{records: have}.named(known)))
	group, err := ties.Of(ctx, tx, string(id))
	if err != nil || len(group) > 1 {
		return id, pair, err // the same act sent again
	}
	var at time.Time
	if err := tx.QueryRow(ctx, `SELECT registered_at FROM persons WHERE id = ?`, string(id)).Scan(db.Time(&at)); err != nil || at.Before(tx.Now()) {
		return id, pair, err // sent again after it was taken apart
	}
	return id, pair, Merging{One: id, Other: known}.tie(ctx, tx, who, pair)
}

// RegisterHanded enters a person whom another organisation handed over: a registration of who's own, tied to the record that was
// handed over. Who sees no more of that record than before; the caller has made sure that it was handed over to who.
func RegisterHanded(ctx context.Context, tx *db.Tx, who access.Actor, known ID, r Registration) (ID, error) {
	id, err := Register(ctx, tx, who, r)
	if err != nil {
		return "", err
	}
	return id, Merging{One: id, Other: known}.tie(ctx, tx, who, ties.PairOf(string(id), string(known)))
}

// named is the record that was asked for, or the oldest if that one is not
// among those that may be changed.
func (e editing) named(id ID) ID {
	if slices.Contains(e.records, id) {
		return id
	}
	return e.records[0]
}

func reasonOf(text string) (string, error) {
	reason, problem := names.CheckText(text, 500)
	if problem != "" {
		return "", fault.New(fault.Invalid, problem).With("max", 500).On("reason")
	}
	return reason, nil
}

// tie ties two records and enters that in the trail of both.
func (m Merging) tie(ctx context.Context, tx *db.Tx, who access.Actor, pair ties.Pair) error {
	if ids.IsApart(pair.One) != ids.IsApart(pair.Other) {
		return fault.New(fault.Conflict, "access.practice_apart")
	}
	joined, err := ties.Join(ctx, tx, pair)
	if err != nil {
		return fmt.Errorf("merge persons: %w", err)
	}
	if !joined {
		return fault.New(fault.Conflict, "person.merged_already")
	}
	return eachOf(pair, func(record, with string) error {
		return audit.Record(ctx, tx, who, access.MergePersons, audit.Entry{Subject: "person:" + record, Person: record,
			After: map[string]string{"with": with}, Reason: m.Reason})
	})
}

// eachOf does something with either record of a pair.
func eachOf(p ties.Pair, do func(record, with string) error) error {
	if err := do(p.One, p.Other); err != nil {
		return err
	}
	return do(p.Other, p.One)
}

// Unmerge takes apart what was made one: One and Other are the records that were
// tied. What was entered meanwhile stays with the record through which it was.
func Unmerge(ctx context.Context, tx *db.Tx, who access.Actor, m Merging) error {
	pair := ties.PairOf(string(m.One), string(m.Other))
	for _, id := range []ID{m.One, m.Other} {
		e, err := editable(ctx, tx, who, access.UnmergePersons, id)
		if err != nil {
			return err
		}
		if !slices.Contains(e.records, id) {
			return fault.New(fault.Forbidden, "access.not_allowed")
		}
	}
	reason, err := reasonOf(m.Reason)
	if err != nil {
		return err
	}
	if reason == "" {
		return fault.New(fault.Invalid, "fault.needed").On("reason")
	}
	was, err := ties.Cut(ctx, tx, pair)
	if err != nil {
		return fmt.Errorf("unmerge persons: %w", err)
	}
	if !was {
		return fault.New(fault.Conflict, "person.unmerged_already")
	}
	return eachOf(pair, func(record, with string) error {
		return audit.Record(ctx, tx, who, access.UnmergePersons, audit.Entry{Subject: "person:" + record, Person: record,
			Before: map[string]string{"with": with}, Reason: reason})
	})
}

// Tied returns the pairs of a person's records that are tied and that who sees
// both of, so that they can be taken apart.
func Tied(ctx context.Context, q db.Reader, who access.Actor, id ID) (pairs []ties.Pair, err error) {
	of, err := seen(ctx, q, who, id)
	if err != nil {
		return nil, err
	}
	all, err := ties.Pairs(ctx, q, string(of[0]))
	for _, p := range all {
		if slices.Contains(of, ID(p.One)) && slices.Contains(of, ID(p.Other)) {
			pairs = append(pairs, p)
		}
	}
	return pairs, err
}
