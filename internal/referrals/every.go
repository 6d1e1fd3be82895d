// SPDX-License-Identifier: Apache-2.0

package referrals

import (
	"context"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/referrals/course"
)

// Selection chooses what was sent, of which the need is of class 2 alone, in the order in which it was drafted.
type Selection struct {
	Cases       cases.Selection // of which it is
	State       course.State
	From, Until time.Time // sent then or later, and before; zero for any
	After       ID        // the cursor
	Limit       int
}

// Every returns referrals of cases that who may see, page by page, without what is sealed of them. Those of class 3 are not there, nor drafts.
func Every(ctx context.Context, q db.Reader, who access.Actor, s Selection) ([]Referral, error) {
	cond, args := s.Cases.Where(who)
	add := func(part string, values ...any) { cond, args = cond+" AND "+part, append(args, values...) }
	if s.State != "" {
		add("r.state = ?", string(s.State))
	}
	if !s.From.IsZero() {
		add("r.sent_at >= ?", s.From)
	}
	if !s.Until.IsZero() {
		add("r.sent_at < ?", s.Until)
	}
	add("r.id > ?", string(s.After))
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM referrals r JOIN cases c ON c.id = r.case_id WHERE r.protected = FALSE AND r.sent_at IS NOT NULL AND `+cond+` ORDER BY r.id LIMIT ?`, append(args, s.Limit)...)
	all, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (Referral, error) { return scan(row) })
	if err != nil {
		return nil, fmt.Errorf("list every referral: %w", err)
	}
	return all, nil
}
