// SPDX-License-Identifier: Apache-2.0

package db

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// runner is what a snapshot or transaction runs its statements on.
type runner interface {
	query(ctx context.Context, query string, args []any) (*Rows, error)
	queryRow(ctx context.Context, query string, args []any) *Row
	exec(ctx context.Context, query string, args []any) (changed int64, err error)
}

// View is a read-only snapshot of the database.
type View struct {
	run    runner
	flavor *flavor
	now    time.Time
	keys   Keys
	memo   map[any]any
}

// Tx is a transaction that may write. Its clock stands still.
type Tx struct {
	View
	wrote, allowed, recorded bool
}

// Now implements Reader.
func (v *View) Now() time.Time { return v.now }

// Keys implements Reader.
func (v *View) Keys() Keys { return v.keys }

// Engine names the engine, for the few statements that have no common form.
func (v *View) Engine() string { return v.flavor.name }

// Memo implements Reader.
func (v *View) Memo(key any, make func() (any, error)) (any, error) {
	if got, ok := v.memo[key]; ok {
		return got, nil
	}
	got, err := make()
	if err != nil {
		return nil, err
	}
	if v.memo == nil {
		v.memo = map[any]any{}
	}
	v.memo[key] = got
	return got, nil
}

// Query runs a query that returns rows.
func (v *View) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	return v.run.query(ctx, query, v.flavor.bind(args))
}

// QueryRow runs a query that returns at most one row.
func (v *View) QueryRow(ctx context.Context, query string, args ...any) *Row {
	return v.run.queryRow(ctx, query, v.flavor.bind(args))
}

// Exec runs a statement and reports how many rows it changed.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	t.wrote = true
	return t.run.exec(ctx, query, t.flavor.bind(args))
}

// Forget drops what Memo keeps under a key, because it no longer holds.
func (t *Tx) Forget(key any) { delete(t.memo, key) }

// Query runs a query, which counts as a write unless it begins with SELECT.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	t.note(query)
	return t.View.Query(ctx, query, args...)
}

// QueryRow is Query for at most one row, such as that of INSERT ... RETURNING.
func (t *Tx) QueryRow(ctx context.Context, query string, args ...any) *Row {
	t.note(query)
	return t.View.QueryRow(ctx, query, args...)
}

func (t *Tx) note(query string) {
	if !strings.HasPrefix(strings.TrimSpace(query), "SELECT") {
		t.wrote = true
	}
}

// Allowed notes that the actor's permission was checked. Only package access calls it.
func (t *Tx) Allowed() { t.allowed = true }

// Recorded notes that the change was entered in the trail. Only package audit calls it.
func (t *Tx) Recorded() { t.recorded = true }

func (t *Tx) permitted(upkeep bool) error {
	if upkeep || !t.wrote || (t.allowed && t.recorded) {
		return nil
	}
	return fmt.Errorf("refused to commit: permission checked=%t, trail written=%t", t.allowed, t.recorded)
}

// In returns "(?, ?, ?)" for n arguments. It is false for no arguments.
func In(n int) string {
	if n == 0 {
		return "(NULL)"
	}
	return "(?" + strings.Repeat(", ?", n-1) + ")"
}

// Values returns "(?, ?), (?, ?)" for n rows of so many columns, for an INSERT of several rows.
func Values(n, columns int) string {
	row := In(columns)
	return row + strings.Repeat(", "+row, n-1)
}

// Collect reads all rows with scan and closes them.
func Collect[T any](rows *Rows, err error, scan func(row interface{ Scan(...any) error }) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}
