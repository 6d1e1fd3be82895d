// SPDX-License-Identifier: Apache-2.0

package assessments

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/instruments"
	"fera/internal/persons"
	"fera/internal/seal"
)

// Tallied is a questionnaire that was completed, and what it came to.
type Tallied struct {
	ID         ID
	Person     persons.ID
	Instrument string
	Protected  bool
	On         dates.Partial
	Scores     []instruments.Result // of the latest round, by the version that it was asked by; none once her key is gone
}

// CountedOf reads what was completed about records, of both classes, for the figures. It shows nothing to anybody: only package
// indicators calls it.
func CountedOf(ctx context.Context, q db.Reader, records []string) ([]Tallied, error) {
	type row struct {
		Tallied
		sealed  []byte
		round   int
		version string
	}
	args := make([]any, len(records))
	for i, id := range records {
		args[i] = id
	}
	rows, err := q.Query(ctx, `SELECT a.id, a.person_id, a.instrument, a.protected, a.completed_at, COALESCE(s.round, 0), COALESCE(s.version, ''), s.sealed
		FROM assessments a LEFT JOIN assessment_scores s ON s.assessment_id = a.id AND s.round = a.round AND s.version = a.version
		WHERE a.completed_at IS NOT NULL AND a.person_id IN `+db.In(len(args))+` ORDER BY a.id`, args...)
	found, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v row, err error) {
		var at time.Time
		err = r.Scan(&v.ID, &v.Person, &v.Instrument, &v.Protected, db.Time(&at), &v.round, &v.version, &v.sealed)
		v.On = dates.Of(at)
		return v, err
	})
	all := make([]Tallied, len(found))
	for i, f := range found {
		if all[i] = f.Tallied; f.sealed == nil {
			continue
		}
		all[i].Scores, err = openJSON[[]instruments.Result](ctx, q, f.Person, scoresPlace(f.ID, f.round, f.version), f.sealed)
		if err != nil && !errors.Is(err, seal.ErrErased) {
			return nil, fmt.Errorf("count questionnaires: %w", err)
		}
	}
	return all, err
}
