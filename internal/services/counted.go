// SPDX-License-Identifier: Apache-2.0

package services

import (
	"context"
	"errors"
	"fmt"

	"fera/internal/db"
	"fera/internal/seal"
)

// CountedOf reads what was given in the cases of records, of both classes, for the figures: the kinds, the days, how much. It
// shows nothing to anybody: only package indicators calls it.
func CountedOf(ctx context.Context, q db.Reader, records []string) ([]Service, error) {
	args := make([]any, len(records))
	for i, id := range records {
		args[i] = id
	}
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM services s WHERE s.person_id IN `+db.In(len(args))+` AND s.state IN ('given', 'paid') ORDER BY s.id`, args...)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("count services: %w", err)
	}
	for i := range all {
		if !all[i].Protected {
			continue
		}
		if err := all[i].open(ctx, q); err != nil && !errors.Is(err, seal.ErrErased) {
			return nil, fmt.Errorf("count services: %w", err)
		}
	}
	return all, nil
}
