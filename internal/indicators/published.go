// SPDX-License-Identifier: Apache-2.0

package indicators

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/indicators/definitions"
)

// Edition says that a table was published for a year, and when last.
type Edition struct {
	Code  string
	Year  int
	Issue int // the latest
	At    time.Time
}

// Published returns what is published, by table and the latest year first. It is open to everybody.
func Published(ctx context.Context, q db.Reader) ([]Edition, error) {
	rows, err := q.Query(ctx, `SELECT f.code, f.year, f.issue, f.at FROM figure_issues f
		WHERE f.issue = (SELECT max(g.issue) FROM figure_issues g WHERE g.code = f.code AND g.year = f.year) ORDER BY f.code, f.year DESC`)
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (e Edition, err error) {
		err = r.Scan(&e.Code, &e.Year, &e.Issue, db.Time(&e.At))
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("list published tables: %w", err)
	}
	return all, nil
}

// Proof is a table as it would be published.
type Proof struct {
	Issue         // what would be shown; without an answer where nothing may be
	Before *Issue // the latest issue; nil when there is none
	Waits  *fault.Error
}

// Preview shows who may publish what an issue would show, and says why it has to wait.
func Preview(ctx context.Context, q db.Reader, who access.Actor, p Publishing) (Proof, error) {
	if !who.Grants[access.PublishFigures].Everywhere {
		return Proof{}, fault.New(fault.NotFound, "figure.table_not_found")
	}
	next, earlier, err := p.prepare(ctx, q)
	proof := Proof{Issue: next}
	if n := len(earlier); n > 0 {
		proof.Before = &earlier[n-1]
	}
	if f := fault.Of(err); f != nil && f.Kind == fault.Conflict {
		proof.Waits, err = f, nil
	}
	return proof, err
}

// TableOf returns a table of the catalogue with its indicator, as both are now.
func TableOf(ctx context.Context, q db.Reader, code string) (t definitions.Table, i definitions.Indicator, err error) {
	all := definitions.Catalogue()
	at := slices.IndexFunc(all, func(t definitions.Table) bool { return t.Code == code })
	if at < 0 {
		return t, i, fault.New(fault.NotFound, "figure.table_not_found")
	}
	known, err := asOf(ctx, q, dates.Of(q.Now()))
	if err != nil {
		return t, i, err
	}
	which := slices.IndexFunc(known, func(i definitions.Indicator) bool { return i.Code == all[at].Indicator })
	if which < 0 {
		return t, i, fmt.Errorf("the catalogue has the indicator %q, which there is not", all[at].Indicator)
	}
	return all[at], known[which], nil
}
