// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // to make a database on the server

	"fera/internal/db"
	"fera/internal/seal"
)

// database makes a database on the server, if there is one, and gives its address and what removes it.
func (o options) database(ctx context.Context) (address string, drop func(), err error) {
	if o.postgres == "" {
		return "", func() {}, nil
	}
	name := fmt.Sprintf("fera_bench_%d", os.Getpid())
	admin, err := sql.Open("pgx", o.postgres)
	if err != nil {
		return "", nil, err
	}
	if _, err := admin.ExecContext(ctx, `CREATE DATABASE `+name); err != nil {
		return "", nil, errors.Join(err, admin.Close())
	}
	u, err := url.Parse(o.postgres)
	if err != nil {
		return "", nil, errors.Join(err, admin.Close())
	}
	u.Path = "/" + name
	return u.String(), func() {
		_, _ = admin.Exec(`DROP DATABASE IF EXISTS ` + name + ` WITH (FORCE)`)
		admin.Close()
	}, nil
}

// onPostgres moves the store over and looks things up there.
func onPostgres(ctx context.Context, o options, s store, t *table) error {
	to, drop, err := o.database(ctx)
	if err != nil {
		return err
	}
	defer drop()
	if err := move(ctx, o, t, to); err != nil {
		return err
	}
	if o.wanted("desk") {
		if err := deskOnPostgres(ctx, o, s, t, to); err != nil {
			return fmt.Errorf("desk: %w", err)
		}
	}
	if o.only != "" && o.wanted("desk") && !o.wanted("lookups") {
		return nil
	}
	p, err := start(ctx, o, t, "--data", o.dir, "--database", to)
	if err != nil {
		return err
	}
	defer p.stop()
	return lookups(o, s, t, p, 40*time.Millisecond)
}

func deskOnPostgres(ctx context.Context, o options, s store, t *table, to string) error {
	d, err := openPostgres(ctx, o.dir, to)
	if err != nil {
		return err
	}
	defer d.Close()
	return desk(ctx, o, s, t, d)
}

// openPostgres opens a store that was moved.
func openPostgres(ctx context.Context, dir, address string) (*db.DB, error) {
	ring, err := seal.LoadRing(filepath.Join(dir, "fera.key"), "", false)
	if err != nil {
		return nil, err
	}
	return db.Open(ctx, address, db.Options{Keys: ring})
}

func move(ctx context.Context, o options, t *table, to string) error {
	from, err := openStore(ctx, o.dir)
	if err != nil {
		return err
	}
	defer from.Close()
	d, err := openPostgres(ctx, o.dir, to)
	if err != nil {
		return err
	}
	began := time.Now()
	err = errors.Join(d.Migrate(ctx), seal.Prepare(ctx, d), db.Move(ctx, from, d, func(table string, rows int64) { t.say("moved %s, %d rows", table, rows) }))
	t.add("moving the store from SQLite to PostgreSQL", time.Since(began).Round(time.Second).String(), "", true)
	return errors.Join(err, d.Analyze(ctx), d.Close())
}
