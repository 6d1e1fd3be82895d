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

// onPostgres moves the store over and looks things up there.
func onPostgres(ctx context.Context, o options, s store, t *table) error {
	name := fmt.Sprintf("fera_bench_%d", os.Getpid())
	admin, err := sql.Open("pgx", o.postgres)
	if err != nil {
		return err
	}
	defer admin.Close()
	if _, err := admin.ExecContext(ctx, `CREATE DATABASE `+name); err != nil {
		return err
	}
	defer admin.Exec(`DROP DATABASE IF EXISTS ` + name + ` WITH (FORCE)`)
	u, err := url.Parse(o.postgres)
	if err != nil {
		return err
	}
	u.Path = "/" + name
	if err := move(ctx, o, t, u.String()); err != nil {
		return err
	}
	p, err := start(ctx, o, t, "--data", o.dir, "--database", u.String())
	if err != nil {
		return err
	}
	defer p.stop()
	return lookups(o, s, t, p, 40*time.Millisecond)
}

func move(ctx context.Context, o options, t *table, to string) error {
	ring, err := seal.LoadRing(filepath.Join(o.dir, "fera.key"), "", false)
	if err != nil {
		return err
	}
	from, err := openStore(ctx, o.dir)
	if err != nil {
		return err
	}
	defer from.Close()
	d, err := db.Open(ctx, to, db.Options{Keys: ring})
	if err != nil {
		return err
	}
	began := time.Now()
	err = errors.Join(d.Migrate(ctx), seal.Prepare(ctx, d), db.Move(ctx, from, d, func(table string, rows int64) { t.say("moved %s, %d rows", table, rows) }))
	t.add("moving the store from SQLite to PostgreSQL", time.Since(began).Round(time.Second).String(), "", true)
	return errors.Join(err, d.Analyze(ctx), d.Close())
}
