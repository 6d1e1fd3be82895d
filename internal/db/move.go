// SPDX-License-Identifier: Apache-2.0

package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Move copies everything from a SQLite store into an empty, migrated PostgreSQL
// database, table by table, and reports each finished table. Nobody may write to
// the source meanwhile. When it fails, the target is left to be emptied.
func Move(ctx context.Context, from, to *DB, finished func(table string, rows int64)) error {
	if from.commit == nil || to.commit != nil {
		return errors.New("moving goes from SQLite to PostgreSQL")
	}
	tables, err := from.tablesInOrder(ctx)
	if err != nil {
		return fmt.Errorf("list tables: %w", err)
	}
	c, err := to.sql.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Raw(func(driver any) error {
		target := driver.(*stdlib.Conn).Conn()
		for _, table := range tables {
			n, err := from.moveTable(ctx, target, table)
			if err != nil {
				return fmt.Errorf("move %s: %w", table, err)
			}
			finished(table, n)
		}
		return nil
	})
}

// tablesInOrder lists our tables so that each comes after those it refers to.
func (d *DB) tablesInOrder(ctx context.Context) (ordered []string, err error) {
	err = d.Read(ctx, func(q Reader) error {
		rows, err := q.Query(ctx, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%' ORDER BY name`)
		all, err := Collect(rows, err, oneString)
		if err != nil {
			return err
		}
		needs := map[string][]string{}
		for _, t := range all {
			rows, err := q.Query(ctx, `SELECT DISTINCT "table" FROM pragma_foreign_key_list(?) WHERE "table" <> ?`, t, t)
			if needs[t], err = Collect(rows, err, oneString); err != nil {
				return err
			}
		}
		for len(ordered) < len(all) {
			before := len(ordered)
			for _, t := range all {
				waits := slices.ContainsFunc(needs[t], func(n string) bool { return !slices.Contains(ordered, n) })
				if !waits && !slices.Contains(ordered, t) {
					ordered = append(ordered, t)
				}
			}
			if len(ordered) == before {
				return errors.New("tables refer to one another in a circle")
			}
		}
		return nil
	})
	return ordered, err
}

func oneString(row interface{ Scan(...any) error }) (s string, err error) {
	err = row.Scan(&s)
	return s, err
}

func (d *DB) moveTable(ctx context.Context, target *pgx.Conn, table string) (moved int64, err error) {
	columns, types, err := columnsOf(ctx, target, table)
	if err != nil {
		return 0, err
	}
	var filled bool
	if err := target.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM `+table+`)`).Scan(&filled); err != nil {
		return 0, err
	}
	if filled {
		// The keys that preparing an empty database makes are the only rows it may have.
		if table != "seal_keys" {
			return 0, errors.New("the table is not empty")
		}
		if _, err := target.Exec(ctx, `DELETE FROM seal_keys`); err != nil {
			return 0, err
		}
	}
	err = d.Read(ctx, func(q Reader) error {
		rows, err := q.Query(ctx, `SELECT `+strings.Join(columns, ", ")+` FROM `+table)
		if err != nil {
			return err
		}
		defer rows.Close()
		moved, err = target.CopyFrom(ctx, pgx.Identifier{table}, columns, &copying{rows: rows, types: types})
		return err
	})
	return moved, err
}

func columnsOf(ctx context.Context, target *pgx.Conn, table string) (columns, types []string, err error) {
	rows, err := target.Query(ctx, `SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position`, table)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c, t string
		if err := rows.Scan(&c, &t); err != nil {
			return nil, nil, err
		}
		columns, types = append(columns, c), append(types, t)
	}
	return columns, types, rows.Err()
}

// copying feeds rows of SQLite to COPY, with times and flags in PostgreSQL's types.
type copying struct {
	rows  *Rows
	types []string
	err   error
}

// Next implements pgx.CopyFromSource.
func (c *copying) Next() bool { return c.rows.Next() }

// Err implements pgx.CopyFromSource.
func (c *copying) Err() error { return errors.Join(c.err, c.rows.Err()) }

// Values implements pgx.CopyFromSource.
func (c *copying) Values() ([]any, error) {
	values := make([]any, len(c.types))
	into := make([]any, len(values))
	for i := range values {
		into[i] = &values[i]
	}
	if err := c.rows.Scan(into...); err != nil {
		return nil, err
	}
	for i, v := range values {
		switch v := v.(type) {
		case string:
			if c.types[i] == "timestamp with time zone" {
				t, err := time.Parse(timeLayout, v)
				if err != nil {
					return nil, err
				}
				values[i] = t
			}
		case []byte:
			if len(v) == 0 {
				values[i] = []byte{} // a nil slice would become NULL
			}
		case int64:
			if c.types[i] == "boolean" {
				values[i] = v != 0
			}
		}
	}
	return values, nil
}

// Analyze lets PostgreSQL count its rows anew, so that it plans well after a
// large change. SQLite needs none.
func (d *DB) Analyze(ctx context.Context) error {
	if d.commit != nil {
		return nil
	}
	_, err := d.sql.ExecContext(ctx, `ANALYZE`)
	return err
}
