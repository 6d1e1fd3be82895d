// SPDX-License-Identifier: Apache-2.0

package indicators

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/indicators/tables"
)

// Typed is a figure that was not counted here but typed in, such as one of a
// report from before: it stands as it was published, and so does what is wrong with it.
type Typed struct {
	ID        string
	Indicator string
	From, To  dates.Partial
	Source    string // where it was published
	tables.Sum
	By string    // read only
	At time.Time // read only
}

// Enter keeps a figure that was typed in. One that does not equal the sum of its
// parts is kept as it is: it is published so, and the difference is shown with it.
func Enter(ctx context.Context, tx *db.Tx, who access.Actor, f Typed) (string, error) {
	if err := access.CheckAnywhere(tx, who, access.ManageFigures); err != nil {
		return "", err
	}
	if err := f.check(ctx, tx, who); err != nil {
		return "", err
	}
	parts, err := json.Marshal(f.Parts)
	if err != nil {
		return "", err
	}
	id := ids.New(tx.Now())
	if _, err := tx.Exec(ctx, `INSERT INTO figure_typed (id, indicator, starts, ends, source, whole, parts, user_name, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id, f.Indicator, f.From.String(), f.To.String(), f.Source, f.Whole, string(parts), who.Name, tx.Now()); err != nil {
		return "", fmt.Errorf("enter figure: %w", err)
	}
	return id, audit.Record(ctx, tx, who, access.ManageFigures, audit.Entry{Subject: "figure_typed:" + id, After: map[string]any{"indicator": f.Indicator, "whole": f.Whole, "parts": f.Parts, "source": f.Source}})
}

func (f *Typed) check(ctx context.Context, q db.Reader, who access.Actor) error {
	if _, err := Find(ctx, q, who, f.Indicator, dates.Of(q.Now())); err != nil {
		return err
	}
	var faults []*fault.Error
	bad := func(key, field string) { faults = append(faults, fault.New(fault.Invalid, key).On(field)) }
	if f.From.IsZero() || f.To.IsZero() || f.To.String() < f.From.String()[:min(len(f.From.String()), len(f.To.String()))] {
		bad("figure.bad_period", "from")
	}
	if f.Source = strings.TrimSpace(f.Source); f.Source == "" || len(f.Source) > 400 {
		bad("fault.needed", "source")
	}
	if f.Whole < 0 || len(f.Parts) > 200 {
		bad("fault.bad_number", "whole")
	}
	for _, p := range f.Parts {
		if p.N < 0 || strings.TrimSpace(p.Code) == "" || len(p.Code) > 200 {
			bad("fault.bad_number", "parts")
			break
		}
	}
	if all := fault.Join(faults...); all != nil {
		return all
	}
	return nil
}

// Entered returns the figures of an indicator that were typed in, the earliest first.
func Entered(ctx context.Context, q db.Reader, who access.Actor, indicator string) ([]Typed, error) {
	if !who.Holds(access.ReadFigures) {
		return nil, notFound()
	}
	rows, err := q.Query(ctx, `SELECT id, indicator, starts, ends, source, whole, parts, user_name, at FROM figure_typed WHERE indicator = ? ORDER BY starts, id`, indicator)
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (f Typed, err error) {
		var parts string
		if err = r.Scan(&f.ID, &f.Indicator, &f.From, &f.To, &f.Source, &f.Whole, &parts, &f.By, db.Time(&f.At)); err != nil {
			return f, err
		}
		return f, json.Unmarshal([]byte(parts), &f.Parts)
	})
	if err != nil {
		return nil, fmt.Errorf("list entered figures: %w", err)
	}
	return all, nil
}
