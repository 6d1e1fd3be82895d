// SPDX-License-Identifier: Apache-2.0

package db_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fera/internal/db"
	"fera/internal/db/dbtest"
)

func texts(t *testing.T, q db.Reader, query string, args ...any) []string {
	t.Helper()
	rows, err := q.Query(t.Context(), query, args...)
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (s string, err error) { return s, r.Scan(&s) })
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// catalogue says what an engine's schema is, in words that are the same for both.
func catalogue(t *testing.T, d *db.DB) (lines []string) {
	t.Helper()
	d.Read(context.Background(), func(q db.Reader) error {
		if d.Engine() == "sqlite" {
			lines = sqliteCatalogue(t, q)
		} else {
			lines = postgresCatalogue(t, q)
		}
		return nil
	})
	slices.Sort(lines)
	return lines
}

func sqliteCatalogue(t *testing.T, q db.Reader) (lines []string) {
	for _, table := range texts(t, q, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%'`) {
		for _, c := range texts(t, q, `SELECT name || CASE WHEN "notnull" = 1 OR pk > 0 THEN ' needed' ELSE '' END || CASE WHEN dflt_value IS NULL THEN '' ELSE ' has a default' END FROM pragma_table_info(?)`, table) {
			lines = append(lines, "column "+table+"."+c)
		}
		lines = append(lines, "key "+table+" "+strings.Join(texts(t, q, `SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk`, table), " "))
		for _, f := range texts(t, q, `SELECT "from" || ' to ' || "table" || '.' || COALESCE("to", 'id') FROM pragma_foreign_key_list(?)`, table) {
			lines = append(lines, "reference "+table+"."+f)
		}
		for _, index := range texts(t, q, `SELECT name FROM pragma_index_list(?) WHERE origin <> 'pk'`, table) {
			facts := texts(t, q, `SELECT CASE WHEN "unique" = 1 THEN 'unique ' ELSE '' END || CASE WHEN partial = 1 THEN 'partial ' ELSE '' END FROM pragma_index_list(?) WHERE name = ?`, table, index)
			lines = append(lines, "index "+table+" "+facts[0]+strings.Join(texts(t, q, `SELECT name FROM pragma_index_info(?) ORDER BY seqno`, index), " "))
		}
	}
	return lines
}

func postgresCatalogue(t *testing.T, q db.Reader) (lines []string) {
	lines = texts(t, q, `SELECT 'column ' || c.table_name || '.' || c.column_name || CASE WHEN c.is_nullable = 'NO' THEN ' needed' ELSE '' END || CASE WHEN c.column_default IS NULL THEN '' ELSE ' has a default' END
		FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
		WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.table_name NOT LIKE 'goose_%'`)
	lines = append(lines, texts(t, q, `SELECT CASE WHEN i.indisprimary THEN 'key ' ELSE 'index ' END || t.relname || ' ' || CASE WHEN i.indisunique AND NOT i.indisprimary THEN 'unique ' ELSE '' END ||
		CASE WHEN i.indpred IS NULL THEN '' ELSE 'partial ' END || string_agg(a.attname, ' ' ORDER BY k.n)
		FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace s ON s.oid = t.relnamespace, unnest(i.indkey) WITH ORDINALITY AS k(at, n), pg_attribute a
		WHERE s.nspname = current_schema() AND a.attrelid = t.oid AND a.attnum = k.at AND t.relname NOT LIKE 'goose_%' GROUP BY t.relname, i.indexrelid, i.indisprimary, i.indisunique, i.indpred`)...)
	lines = append(lines, texts(t, q, `SELECT 'reference ' || t.relname || '.' || a.attname || ' to ' || f.relname || '.' || b.attname
		FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class f ON f.oid = c.confrelid JOIN pg_namespace s ON s.oid = t.relnamespace, pg_attribute a, pg_attribute b
		WHERE c.contype = 'f' AND s.nspname = current_schema() AND a.attrelid = t.oid AND a.attnum = c.conkey[1] AND b.attrelid = f.oid AND b.attnum = c.confkey[1]`)...)
	return lines
}

// Both engines have the same tables, columns, needs, keys, references and indexes.
func TestEnginesHaveTheSameSchema(t *testing.T) {
	s, p := dbtest.Open(t, dbtest.SQLite(t), nil), dbtest.Open(t, dbtest.Postgres(t), nil)
	lite, postgres := catalogue(t, s), catalogue(t, p)
	if len(lite) < 200 {
		t.Fatalf("found %d facts, which cannot be all", len(lite))
	}
	if diff := cmp.Diff(lite, postgres); diff != "" {
		t.Errorf("SQLite (-) and PostgreSQL (+) differ:\n%s", diff)
	}
	// A difference would be seen.
	err := p.Maintain(t.Context(), func(tx *db.Tx) error {
		for _, change := range []string{`ALTER TABLE persons ALTER COLUMN name_bn DROP NOT NULL`, `CREATE INDEX more ON persons (sex)`, `ALTER TABLE persons ADD COLUMN more TEXT`, `DROP INDEX queue_jobs_due`} {
			before := postgresCatalogue(t, tx)
			if _, err := tx.Exec(t.Context(), change); err != nil {
				return err
			}
			after := postgresCatalogue(t, tx)
			slices.Sort(before)
			slices.Sort(after)
			if slices.Equal(before, after) {
				t.Errorf("%s changed nothing in the catalogue", change)
			}
		}
		return fmt.Errorf("undo")
	})
	if err == nil {
		t.Error("kept the changes")
	}
}
