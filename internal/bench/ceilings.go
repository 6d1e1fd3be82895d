// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"
)

// ceilings measures what the machine allows, and holds the creates against it:
// against SQLite doing its part of the same registrations, and against bare rows.
func ceilings(ctx context.Context, o options, dir string, t *table) error {
	w, err := weigh(ctx, dir)
	if err != nil {
		return err
	}
	t.add("one registration writes", fmt.Sprintf("%d rows, %d bytes", w.rows, w.bytes), "", true)
	bare, err := openBare(ctx, dir, w.rows, w.bytes)
	if err != nil {
		return err
	}
	defer bare.close()
	whole, err := openSame(ctx, dir, w.samples)
	if err != nil {
		return err
	}
	defer whole.close()
	for _, n := range []int{1, 16, 64} {
		mine := t.creates[n]
		share := map[*group]float64{}
		for _, c := range []struct {
			what string
			g    *group
		}{{"(a) raw SQLite, the same rows, keys and indexes", whole.group}, {"(a) raw SQLite, as many rows and bytes in one bare table", bare}} {
			t.say("%s, %d clients", c.what, n)
			f := load(n, o.lasts, func(int, int) error { return c.g.write() })
			if f.failed > 0 {
				return fmt.Errorf("%s: %s", c.what, f.first)
			}
			share[c.g] = mine.perSecond() / f.perSecond()
			t.add(fmt.Sprintf("%s, %d clients", c.what, n), fmt.Sprintf("%.0f/s", f.perSecond()), "", true)
		}
		bar, held := "", true
		if n == 64 {
			bar = "0.5 of (a), 1,200/s, p99 under 100 ms"
			held = share[bare] >= 0.5 && mine.perSecond() >= 1200 && mine.p99 < 100*time.Millisecond && mine.failed == 0
		}
		t.add(fmt.Sprintf("creates over HTTP, %d clients", n), fmt.Sprintf("%.0f/s, %.2f of the same rows, %.2f of bare ones, %s", mine.perSecond(), share[whole.group], share[bare], spread(mine)), bar, held)
	}
	return pings(o, t)
}

func pings(o options, t *table) error {
	for _, k := range []struct {
		what string
		body []byte
	}{{"empty", nil}, {"one person", make([]byte, 1200)}} {
		addr, stop, err := pingServer(k.body)
		if err != nil {
			return err
		}
		clients, hangUp, err := dialAll(addr, "", 64)
		if err != nil {
			return err
		}
		f := load(64, o.lasts/2, func(c, _ int) error { return want(200)(clients[c].do("GET", "/", "", nil)) })
		hangUp()
		stop()
		t.add("(b) raw net/http, "+k.what+", 64 clients", fmt.Sprintf("%.0f/s", f.perSecond()), "", true)
	}
	return nil
}
