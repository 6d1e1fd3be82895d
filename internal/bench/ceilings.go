// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"
)

// ceilings measures what the machine allows, and holds the creates against it.
func ceilings(ctx context.Context, o options, dir string, s store, t *table) error {
	t.add("one registration writes", fmt.Sprintf("%d rows, %d bytes", s.Rows, s.Bytes), "", true)
	r, err := openRaw(ctx, dir, s.Rows, s.Bytes)
	if err != nil {
		return err
	}
	for _, n := range []int{1, 16, 64} {
		t.say("raw SQLite, %d clients", n)
		f := load(n, o.lasts, func(int, int) error { return r.write() })
		mine := t.creates[n]
		ratio := mine.perSecond() / f.perSecond()
		bar, held := "", true
		if n == 64 {
			bar = "at least 0.5 of raw, 1,200/s, p99 under 100 ms"
			held = ratio >= 0.5 && mine.perSecond() >= 1200 && mine.p99 < 100*time.Millisecond && mine.failed == 0
		}
		t.add(fmt.Sprintf("(a) raw SQLite, as many rows and bytes, %d clients", n), fmt.Sprintf("%.0f/s", f.perSecond()), "", true)
		t.add(fmt.Sprintf("creates over HTTP, %d clients", n), fmt.Sprintf("%.0f/s, %.2f of raw, %s", mine.perSecond(), ratio, spread(mine)), bar, held)
	}
	r.close()
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
