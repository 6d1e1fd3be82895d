// SPDX-License-Identifier: Apache-2.0

package db

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver's name is pgx
)

// IsPostgres reports whether url names a PostgreSQL database rather than a file.
func IsPostgres(url string) bool {
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}

func (d *DB) openPostgres(ctx context.Context, url string) error {
	d.flavor = postgresFlavor()
	var err error
	if d.sql, err = sql.Open("pgx", url); err != nil {
		return errors.New("the PostgreSQL address cannot be read; it has the form postgres://user:password@host:5432/name")
	}
	d.sql.SetMaxOpenConns(24)
	d.sql.SetMaxIdleConns(24)
	if err := d.sql.PingContext(ctx); err != nil {
		d.sql.Close()
		return err
	}
	return nil
}

// pgRunner runs statements in a PostgreSQL transaction. The driver keeps the
// statements prepared by itself.
type pgRunner struct {
	tx     *sql.Tx
	steady bool // a client that leaves does not break off a write that has begun
}

func (r pgRunner) under(ctx context.Context) context.Context {
	if r.steady {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

func (r pgRunner) query(ctx context.Context, query string, args []any) (*Rows, error) {
	rows, err := r.tx.QueryContext(r.under(ctx), numberArguments(query), args...)
	if err != nil {
		return nil, err
	}
	return &Rows{std: rows}, nil
}

func (r pgRunner) queryRow(ctx context.Context, query string, args []any) *Row {
	return &Row{std: r.tx.QueryRowContext(r.under(ctx), numberArguments(query), args...)}
}

func (r pgRunner) exec(ctx context.Context, query string, args []any) (int64, error) {
	res, err := r.tx.ExecContext(r.under(ctx), numberArguments(query), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}
