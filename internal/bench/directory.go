// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"fera/internal/bench/listings"
	"fera/internal/db"
)

// directoryBar is what each look at the directory has to be read within.
const directoryBar = 50 * time.Millisecond

// directories measures a directory of made-up services, in a store of its own, on both engines.
func directories(ctx context.Context, o options, t *table) error {
	o.dir = filepath.Join(o.dir, "directory")
	if err := fillDirectory(ctx, o, t); err != nil {
		return err
	}
	d, err := openStore(ctx, o.dir)
	if err != nil {
		return err
	}
	if err := errors.Join(looks(ctx, o, t, d), d.Close(), asks(ctx, o, t, "--data", o.dir)); err != nil || o.postgres == "" {
		return err
	}
	to, drop, err := o.database(ctx)
	if err != nil {
		return err
	}
	defer drop()
	if err := move(ctx, o, t, to); err != nil {
		return err
	}
	if d, err = openPostgres(ctx, o.dir, to); err != nil {
		return err
	}
	return errors.Join(looks(ctx, o, t, d), d.Close(), asks(ctx, o, t, "--data", o.dir, "--database", to))
}

// fillDirectory makes the store, or takes the one that is there.
func fillDirectory(ctx context.Context, o options, t *table) error {
	done := filepath.Join(o.dir, fmt.Sprintf("services-%d", o.services))
	if _, err := os.Stat(done); err == nil {
		t.say("taking the directory that is there")
		return nil
	}
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return err
	}
	d, err := openStore(ctx, o.dir)
	if err != nil {
		return err
	}
	defer d.Close()
	began := time.Now()
	if err := listings.Fill(ctx, d, o.services, func(n, total int) {
		if n%(total/20+1) < 100 {
			t.say("%d of %d services, %.0f/s", n, total, float64(n)/time.Since(began).Seconds())
		}
	}); err != nil {
		return err
	}
	t.add(fmt.Sprintf("filling the directory, %d services", o.services), fmt.Sprintf("%.0f/s", float64(o.services)/time.Since(began).Seconds()), "", true)
	if err := d.Analyze(ctx); err != nil {
		return err
	}
	return os.WriteFile(done, nil, 0o600)
}

// looks measures what is read in a snapshot.
func looks(ctx context.Context, o options, t *table, d *db.DB) error {
	for _, k := range listings.Looks() {
		t.say("%s, %s", k.What, d.Engine())
		n := 0
		f := load(1, o.lasts/2, func(int, int) error {
			n++
			return d.Read(ctx, func(q db.Reader) error { return k.Read(ctx, q, n) })
		})
		t.add(fmt.Sprintf("directory of %d services: %s, %s", o.services, k.What, d.Engine()), spread(f), "p95 under "+ms(directoryBar), f.p95 < directoryBar && f.failed == 0)
	}
	return nil
}

// asks measures what is asked over HTTP.
func asks(ctx context.Context, o options, t *table, where ...string) error {
	p, err := start(ctx, o, t, where...)
	if err != nil {
		return err
	}
	defer p.stop()
	c, err := dial(p.addr, "")
	if err != nil {
		return err
	}
	defer c.close()
	for _, a := range listings.Asks(o.services) {
		t.say("%s, %s", a.What, p.engine)
		n := 0
		f := load(1, o.lasts/2, func(int, int) error {
			n++
			method, path, form := a.Make(n)
			return want(200)(c.do(method, path, "", form))
		})
		t.add(fmt.Sprintf("directory of %d services: %s, over HTTP, %s", o.services, a.What, p.engine), spread(f), "p95 under "+ms(directoryBar), f.p95 < directoryBar && f.failed == 0)
	}
	return nil
}
