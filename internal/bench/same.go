// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"fera/internal/db"
	"fera/internal/ids"
)

// sample is the rows that one registration wrote, to be written again under
// fresh identifiers.
type sample struct {
	rows []sampleRow
	own  []string // the identifiers that were minted for it
}

type sampleRow struct {
	table  string
	values []any
}

// insert is the statement that writes such a row.
func (r sampleRow) insert() string {
	return `INSERT INTO ` + r.table + ` VALUES ` + db.In(len(r.values))
}

var identifier = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)

// sampleOf reads what the registration of one person wrote, in all tables.
func sampleOf(ctx context.Context, q db.Reader, person string) (s sample, err error) {
	names, err := q.Query(ctx, `SELECT m.name, group_concat('"' || c.name || '" IN (?, ?)', ' OR ') FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose_%' GROUP BY m.name`)
	tables, err := db.Collect(names, err, func(row interface{ Scan(...any) error }) (t [2]string, err error) {
		err = row.Scan(&t[0], &t[1])
		return t, err
	})
	if err != nil {
		return s, err
	}
	for _, t := range tables {
		var args []any
		for range strings.Count(t[1], "(?, ?)") {
			args = append(args, person, "person:"+person)
		}
		rows, err := q.Query(ctx, `SELECT * FROM `+t[0]+` WHERE `+t[1], args...)
		if err != nil {
			return s, err
		}
		if err := s.take(t[0], rows); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (s *sample) take(table string, rows *db.Rows) error {
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		r := sampleRow{table, make([]any, len(columns))}
		places := make([]any, len(columns))
		for i := range places {
			places[i] = &r.values[i]
		}
		if err := rows.Scan(places...); err != nil {
			return err
		}
		s.rows = append(s.rows, r)
		for _, v := range r.values {
			if text, ok := v.(string); ok {
				s.own = append(s.own, identifier.FindAllString(text, -1)...)
			}
		}
	}
	return rows.Err()
}

// apart leaves each sample only the identifiers that no other has: the others
// are those of the office, the organisation and the clerk.
func apart(all []sample) {
	seen := map[string]int{}
	for i := range all {
		slices.Sort(all[i].own)
		all[i].own = slices.Compact(all[i].own)
		for _, id := range all[i].own {
			seen[id]++
		}
	}
	for i := range all {
		all[i].own = slices.DeleteFunc(all[i].own, func(id string) bool { return seen[id] > 1 })
	}
}

// same is the ceiling for creates that does all of SQLite's part and nothing of
// Fera's: the rows of real registrations, sealed and hashed before, written
// again into the same tables with their keys and indexes, each registration in a
// savepoint of its own, one commit for all who wait. The store is empty at first.
type same struct {
	*group
	samples []sample
	stmts   map[string]*sql.Stmt
	n       int
}

func openSame(ctx context.Context, dir string, samples []sample) (*same, error) {
	dir = filepath.Join(dir, "same")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	d, err := openStore(ctx, dir)
	if err != nil {
		return nil, err
	}
	if err := d.Close(); err != nil {
		return nil, err
	}
	s := &same{samples: samples, stmts: map[string]*sql.Stmt{}}
	s.group, err = openGroup(ctx, filepath.Join(dir, "fera.db"), s.unit)
	return s, err
}

// unit writes one registration.
func (s *same) unit(ctx context.Context, c *sql.Conn) error {
	if _, err := c.ExecContext(ctx, "SAVEPOINT act"); err != nil {
		return err
	}
	s.n++
	from := s.samples[s.n%len(s.samples)]
	var pairs []string
	for _, id := range from.own {
		pairs = append(pairs, id, ids.New(time.Now()))
	}
	fresh := strings.NewReplacer(pairs...)
	for _, r := range from.rows {
		values := slices.Clone(r.values)
		for i, v := range values {
			if text, ok := v.(string); ok && len(text) >= 36 {
				values[i] = fresh.Replace(text)
			}
		}
		if r.table == "audit_entries" {
			values[len(values)-2] = s.n // its position
		}
		stmt := s.stmts[r.table]
		if stmt == nil {
			var err error
			if stmt, err = c.PrepareContext(ctx, r.insert()); err != nil {
				return err
			}
			s.stmts[r.table] = stmt
		}
		if _, err := stmt.ExecContext(ctx, values...); err != nil {
			return fmt.Errorf("%s: %w", r.table, err)
		}
	}
	_, err := c.ExecContext(ctx, "RELEASE act")
	return err
}

// samples reads what the registrations of some persons wrote.
func samples(ctx context.Context, d *db.DB) (all []sample, err error) {
	err = d.Read(ctx, func(q db.Reader) error {
		rows, err := q.Query(ctx, `SELECT id FROM persons ORDER BY id`)
		people, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (id string, err error) {
			err = row.Scan(&id)
			return id, err
		})
		for _, id := range people {
			s, wrong := sampleOf(ctx, q, id)
			if err = wrong; err != nil {
				return err
			}
			all = append(all, s)
		}
		return err
	})
	apart(all)
	return all, err
}
