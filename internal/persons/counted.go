// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/seal"
)

// Counted is what the figures count of one record of the register. What is of
// class 3 in it goes into totals and is never kept or shown with the record.
type Counted struct {
	ID           ID
	Organisation string // that registered her
	At           time.Time
	Sex          Sex
	Birth        dates.Partial
	Home         string
	Journeys     []Journey // with their circumstances
	Ethnicity    string    // as she stated it
	Asked        bool      // the Washington Group questions
	Disabled     bool      // by the newest answers
}

// CountedOf reads what the figures count of records; what was erased is no longer
// there to be counted. It shows nothing to anybody: only package indicators calls it.
func CountedOf(ctx context.Context, q db.Reader, ids []ID) ([]Counted, error) {
	of := records(ids)
	in, args := of.in()
	rows, err := q.Query(ctx, `SELECT p.id, p.sex, p.birth, p.place_code, p.registered_at, COALESCE((SELECT r.organisation_id FROM person_registrations r WHERE r.person_id = p.id ORDER BY r.id LIMIT 1), '')
		FROM persons p WHERE p.id`+in+` ORDER BY p.id`, args...)
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (c Counted, err error) {
		err = row.Scan(&c.ID, &c.Sex, partial{&c.Birth}, &c.Home, db.Time(&c.At), &c.Organisation)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("count records: %w", err)
	}
	by := map[ID]*Counted{}
	for i := range all {
		by[all[i].ID] = &all[i]
	}
	journeys, err := journeysOf(ctx, q, of)
	if err != nil {
		return nil, fmt.Errorf("count records: %w", err)
	}
	for _, j := range journeys {
		if c := by[j.of]; c != nil {
			c.Journeys = append(c.Journeys, j)
		}
	}
	for _, step := range []func(context.Context, db.Reader, map[ID]*Counted, records) error{countCircumstances, countFunctioning, countEthnicity} {
		if err := step(ctx, q, by, of); err != nil {
			return nil, fmt.Errorf("count records: %w", err)
		}
	}
	return all, nil
}

// closed is a sealed row of a record.
type closed struct {
	of     ID
	id     string
	sealed []byte
}

// closedRows opens the rows that a query finds: record, identifier and sealed value.
func closedRows(ctx context.Context, q db.Reader, of records, table, query string) ([]closed, error) {
	in, args := of.in()
	rows, err := q.Query(ctx, fmt.Sprintf(query, in), args...)
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (c closed, err error) {
		err = row.Scan(&c.of, &c.id, &c.sealed)
		return c, err
	})
	if err != nil {
		return nil, err
	}
	for i, c := range all {
		text, err := seal.Open(ctx, q, string(c.of), table+":"+c.id, c.sealed)
		if err != nil && !errors.Is(err, seal.ErrErased) {
			return nil, err
		}
		all[i].sealed = text
	}
	return slices.DeleteFunc(all, func(c closed) bool { return c.sealed == nil }), nil
}

func countCircumstances(ctx context.Context, q db.Reader, by map[ID]*Counted, of records) error {
	all, err := closedRows(ctx, q, of, "person_journeys", `SELECT person_id, id, sealed FROM person_journeys WHERE person_id%s AND sealed IS NOT NULL AND ended_at IS NULL`)
	if err != nil {
		return err
	}
	for _, row := range all {
		c := by[row.of]
		if c == nil {
			continue
		}
		at := slices.IndexFunc(c.Journeys, func(j Journey) bool { return j.ID == row.id })
		if at < 0 {
			continue
		}
		if err := json.Unmarshal(row.sealed, &c.Journeys[at].Circumstances); err != nil {
			return err
		}
	}
	return nil
}

func countFunctioning(ctx context.Context, q db.Reader, by map[ID]*Counted, of records) error {
	all, err := closedRows(ctx, q, of, "person_functioning", `SELECT person_id, id, sealed FROM person_functioning WHERE person_id%s ORDER BY id`)
	if err != nil {
		return err
	}
	for _, row := range all {
		var f Functioning
		if err := json.Unmarshal(row.sealed, &f); err != nil {
			return err
		}
		if c := by[row.of]; c != nil && slices.ContainsFunc(f.Domains(), func(d int) bool { return d > 0 }) {
			c.Asked, c.Disabled = true, f.Disability()
		}
	}
	return nil
}

func countEthnicity(ctx context.Context, q db.Reader, by map[ID]*Counted, of records) error {
	all, err := closedRows(ctx, q, of, "person_claims", `SELECT person_id, id, sealed FROM person_claims WHERE person_id%s AND field = 'ethnicity' AND sealed IS NOT NULL ORDER BY id`)
	if err != nil {
		return err
	}
	claims := map[ID][]Claim{}
	for _, row := range all {
		if claims[row.of] == nil {
			if claims[row.of], err = claimsOf(ctx, q, records{row.of}); err != nil {
				return err
			}
		}
		used := slices.ContainsFunc(claims[row.of], func(c Claim) bool { return c.ID == row.id && c.InUse })
		if c := by[row.of]; c != nil && used {
			c.Ethnicity = string(row.sealed)
		}
	}
	return nil
}
