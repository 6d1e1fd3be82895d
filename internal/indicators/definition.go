// SPDX-License-Identifier: Apache-2.0

package indicators

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/indicators/counting"
	"fera/internal/indicators/definitions"
	"fera/internal/indicators/sources"
)

func notFound() error { return fault.New(fault.NotFound, "figure.not_found") }

// List returns the indicators as they are on a day, by code; those that ended are left out.
func List(ctx context.Context, q db.Reader, who access.Actor, day dates.Partial) ([]definitions.Indicator, error) {
	if !who.Holds(access.ReadFigures) {
		return nil, nil
	}
	all, err := asOf(ctx, q, day)
	return slices.DeleteFunc(all, func(i definitions.Indicator) bool { return i.Ended }), err
}

// Find returns an indicator as it is on a day.
func Find(ctx context.Context, q db.Reader, who access.Actor, code string, day dates.Partial) (definitions.Indicator, error) {
	all, err := List(ctx, q, who, day)
	if err != nil {
		return definitions.Indicator{}, err
	}
	at := slices.IndexFunc(all, func(i definitions.Indicator) bool { return i.Code == code })
	if at < 0 {
		return definitions.Indicator{}, notFound()
	}
	return all[at], nil
}

// asOf are all indicators, each in the version that holds on a day.
func asOf(ctx context.Context, q db.Reader, day dates.Partial) ([]definitions.Indicator, error) {
	rows, err := q.Query(ctx, `SELECT definition FROM figure_indicators WHERE starts <= ? ORDER BY starts, at, id`, day.String())
	texts, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (s string, err error) {
		err = r.Scan(&s)
		return s, err
	})
	if err != nil {
		return nil, fmt.Errorf("list indicators: %w", err)
	}
	by := map[string]definitions.Indicator{}
	for _, i := range definitions.Shipped() {
		by[i.Code] = i
	}
	for _, text := range texts {
		var i definitions.Indicator
		if err := json.Unmarshal([]byte(text), &i); err != nil {
			return nil, fmt.Errorf("list indicators: %w", err)
		}
		by[i.Code] = i
	}
	all := make([]definitions.Indicator, 0, len(by))
	for _, i := range by {
		all = append(all, i)
	}
	slices.SortFunc(all, func(a, b definitions.Indicator) int { return cmp.Compare(a.Code, b.Code) })
	return all, nil
}

// Define adds an indicator, or a later version of one, from its day on.
func Define(ctx context.Context, tx *db.Tx, who access.Actor, i definitions.Indicator) error {
	if err := access.CheckAnywhere(tx, who, access.ManageFigures); err != nil {
		return err
	}
	if f := i.Check(countable()); f != nil {
		return f
	}
	if _, err := planFor(&counting.Book{}, i.Counts, selection{}); err != nil {
		return err
	}
	text, err := json.Marshal(i)
	if err != nil {
		return fmt.Errorf("define indicator: %w", err)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO figure_indicators (id, code, starts, definition, user_name, at) VALUES (?, ?, ?, ?, ?, ?)`,
		ids.New(tx.Now()), i.Code, i.Starts.String(), string(text), who.Name, tx.Now()); err != nil {
		return fmt.Errorf("define indicator: %w", err)
	}
	return audit.Record(ctx, tx, who, access.ManageFigures, audit.Entry{Subject: "figure:" + i.Code, After: i})
}

// countable says of each measure whether it has kinds.
func countable() map[string]bool {
	all := map[string]bool{}
	for _, m := range sources.Measures() {
		all[m.Code] = m.Kinds != ""
	}
	return all
}
