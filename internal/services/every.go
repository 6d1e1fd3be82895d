// SPDX-License-Identifier: Apache-2.0

package services

import (
	"context"
	"fmt"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
)

// Selection chooses what was given, of class 2 alone, in the order in which it was logged.
type Selection struct {
	Cases       cases.Selection // of which it is
	Code        string
	From, Until dates.Partial // the first and the last day; unknown for any
	After       ID            // the cursor
	Limit       int
}

// Every returns what was given in cases that who may see, page by page, without what is sealed of it. What is of class 3 is not there, nor what was undone, nor money that was
// asked for and not paid.
func Every(ctx context.Context, q db.Reader, who access.Actor, s Selection) ([]Service, error) {
	cond, args := s.Cases.Where(who)
	add := func(part string, values ...any) { cond, args = cond+" AND "+part, append(args, values...) }
	if s.Code != "" {
		add("s.code = ?", s.Code)
	}
	if !s.From.IsZero() {
		add("s.given_on >= ?", s.From.Earliest().String())
	}
	if !s.Until.IsZero() {
		add("s.given_on <= ?", s.Until.Latest().String())
	}
	add("s.id > ?", string(s.After))
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM services s JOIN cases c ON c.id = s.case_id WHERE s.protected = FALSE AND s.state IN ('given', 'paid') AND `+cond+` ORDER BY s.id LIMIT ?`, append(args, s.Limit)...)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list every service: %w", err)
	}
	return all, nil
}
