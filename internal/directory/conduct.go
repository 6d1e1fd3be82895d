// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/fault"
)

// Conduct is how an organisation, or who offers one service, answers those who refer people to it. The directory does not know
// referrals: what refers writes it down. It is for those who refer and for the provider itself, never for the public, and leaves
// with no exchange.
type Conduct struct {
	Entry      string // a service or an organisation
	Days       *int   // within which half of the referrals were answered; nil when none was yet
	Unanswered int    // referrals that wait for an answer longer than they should
	AsOf       dates.Partial
}

// Silent tells whether referrals wait there for an answer.
func (c Conduct) Silent() bool { return c.Unanswered > 0 }

// NoteConduct writes down how a provider answers, in place of what was known before. It belongs to an act that the caller checked
// and enters in the trail.
func NoteConduct(ctx context.Context, tx *db.Tx, c Conduct) error {
	kind, err := kindOf(ctx, tx, c.Entry)
	if err != nil {
		return fmt.Errorf("note conduct: %w", err)
	}
	if kind != listing.OfService && kind != listing.OfOrganisation {
		return fault.New(fault.NotFound, "directory.not_found")
	}
	if c.Unanswered < 0 || c.Days != nil && *c.Days < 0 || c.AsOf.Precision() != dates.Day || c.AsOf.Check() != nil {
		return errors.New("note conduct: what was counted cannot be")
	}
	_, err = tx.Exec(ctx, `INSERT INTO directory_conduct (entry_id, median_days, unanswered, as_of) VALUES (?, ?, ?, ?)
		ON CONFLICT (entry_id) DO UPDATE SET median_days = excluded.median_days, unanswered = excluded.unanswered, as_of = excluded.as_of`, c.Entry, c.Days, c.Unanswered, c.AsOf.String())
	if err != nil {
		return fmt.Errorf("note conduct: %w", err)
	}
	return nil
}

// Conducts returns how those who offer entries answer, of those of which it is known: of a service what is known of it, and else of
// its organisation. It is for those who may read the directory.
func Conducts(ctx context.Context, q db.Reader, who access.Actor, wanted []string) (map[string]Conduct, error) {
	if !who.Holds(access.ReadDirectory) {
		return nil, nil
	}
	return conducts(ctx, q, wanted)
}

func conducts(ctx context.Context, q db.Reader, wanted []string) (map[string]Conduct, error) {
	found := map[string]Conduct{}
	wanted = slices.Compact(slices.Sorted(slices.Values(wanted)))
	for part := range slices.Chunk(wanted, 200) {
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = id
		}
		rows, err := q.Query(ctx, `SELECT e.id, c.entry_id, c.median_days, c.unanswered, c.as_of FROM directory_entries e JOIN directory_conduct c ON c.entry_id IN (e.id, e.organisation_id) WHERE e.id IN `+db.In(len(args)), args...)
		some, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (x struct {
			of string
			c  Conduct
		}, err error) {
			err = row.Scan(&x.of, &x.c.Entry, &x.c.Days, &x.c.Unanswered, &x.c.AsOf)
			return x, err
		})
		if err != nil {
			return nil, fmt.Errorf("read conduct: %w", err)
		}
		for _, x := range some {
			if _, own := found[x.of]; !own || x.c.Entry == x.of {
				found[x.of] = x.c
			}
		}
	}
	return found, nil
}

// addConduct tells of each way how who offers it answers.
func addConduct(ctx context.Context, q db.Reader, hits []hit) error {
	wanted := make([]string, len(hits))
	for i, h := range hits {
		wanted[i] = h.Service
	}
	found, err := conducts(ctx, q, wanted)
	if err != nil {
		return err
	}
	for i := range hits {
		if c, known := found[hits[i].Service]; known {
			hits[i].conduct = &c
		}
	}
	return nil
}
