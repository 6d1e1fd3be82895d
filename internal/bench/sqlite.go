// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"fera/internal/ids"
)

func onSQLite(ctx context.Context, o options, s store, t *table) error {
	info, err := os.Stat(o.binary)
	if err != nil {
		return err
	}
	t.add("binary, with symbols stripped", mb(info.Size()), "", true)
	p, err := start(ctx, o, t, "--data", o.dir)
	if err != nil {
		return err
	}
	defer p.stop()
	t.add(fmt.Sprintf("start-up to ready, %d persons", o.persons), ms(p.startup), "under 500 ms", p.startup < 500*time.Millisecond)
	time.Sleep(2 * time.Second)
	idle := p.memory()
	t.add("memory idle", mb(idle), "under 60 MB", idle < 60e6)
	for _, part := range []struct {
		name    string
		measure func() error
	}{
		{"reads", func() error { return reads(o, s, t, p) }},
		{"lookups", func() error { return lookups(o, s, t, p, 20*time.Millisecond) }},
		{"creates", func() error { return creates(o, s, t, p) }},
	} {
		if !o.wanted(part.name) {
			continue
		}
		if err := part.measure(); err != nil {
			return err
		}
	}
	return nil
}

// reads asks for one person by id, a different one each time.
func reads(o options, s store, t *table, p *process) error {
	t.say("reads by id, 16 clients")
	clients, stop, err := dialAll(p.addr, s.Bearer, 16)
	if err != nil {
		return err
	}
	defer stop()
	f := load(16, o.lasts, func(c, n int) error {
		id := s.IDs[(n*31+c*7919)%len(s.IDs)]
		return want(200)(clients[c].do("GET", "/api/v1/persons/"+id, "", nil))
	})
	t.add("reads by id, 16 clients, SQLite", fmt.Sprintf("%.0f/s, %s", f.perSecond(), spread(f)), "at least 8,000/s", f.perSecond() >= 8000 && f.failed == 0)
	return nil
}

// lookups asks for lists and searches, as one caseworker of a large office and
// as one who sees the whole country, one at a time.
func lookups(o options, s store, t *table, p *process, bar time.Duration) error {
	kinds := []struct {
		what string
		path func(n int) string
	}{
		{"list, a page of 50", s.page},
		{"search, whole name in Bangla", func(n int) string { return "/api/v1/persons?q=" + url.QueryEscape(s.NamesBn[n%len(s.NamesBn)]) }},
		{"search, whole name in Latin", func(n int) string { return "/api/v1/persons?q=" + url.QueryEscape(s.NamesLatin[n%len(s.NamesLatin)]) }},
		{"search, one word in Bangla", func(n int) string {
			return "/api/v1/persons?q=" + url.QueryEscape(strings.Fields(s.NamesBn[n%len(s.NamesBn)])[0])
		}},
		{"search, while typing in Latin", func(n int) string {
			name := s.NamesLatin[n%len(s.NamesLatin)]
			return "/api/v1/persons?typing=true&q=" + url.QueryEscape(name[:3+n%max(1, len(name)-3)])
		}},
	}
	for _, who := range []struct{ name, bearer string }{{"one office", s.Bearer}, {"whole country", s.Everywhere}} {
		c, err := dial(p.addr, who.bearer)
		if err != nil {
			return err
		}
		for _, k := range kinds {
			t.say("%s, %s", k.what, who.name)
			n := 0
			f := load(1, o.lasts/2, func(int, int) error {
				n++
				return want(200)(c.do("GET", k.path(n*37), "", nil))
			})
			t.add(k.what+", "+who.name+", "+p.engine, spread(f), "p95 under "+ms(bar), f.p95 < bar && f.failed == 0)
		}
		c.close()
	}
	return nil
}

// creates registers people, each with an operation id, at 1, 16 and 64 clients.
func creates(o options, s store, t *table, p *process) error {
	var next atomic.Int64
	var most atomic.Int64
	for _, n := range []int{1, 16, 64} {
		t.say("creates, %d clients", n)
		clients, stop, err := dialAll(p.addr, s.Bearer, n)
		if err != nil {
			return err
		}
		f := load(n, o.lasts, func(c, _ int) error {
			i := next.Add(1)
			if i%500 == 0 {
				now := p.memory()
				for have := most.Load(); now > have && !most.CompareAndSwap(have, now); have = most.Load() {
				}
			}
			return want(201)(clients[c].do("POST", "/api/v1/persons", ids.New(time.Now()), s.body(i)))
		})
		stop()
		t.creates[n] = f
		if f.failed > 0 {
			t.say("%d creates failed: %s", f.failed, f.first)
		}
	}
	t.add("memory under load", mb(most.Load()), "under 250 MB", most.Load() < 250e6)
	return nil
}

// body is a registration with the little that is asked first.
func (s store) body(i int64) []byte {
	n := int(i)
	b := `{"values":{"name_bn":` + strconv.Quote(s.NamesBn[(n*17)%len(s.NamesBn)]) + `,"name_latin":` + strconv.Quote(s.NamesLatin[(n*17)%len(s.NamesLatin)]) +
		`,"sex":"female","birth":"` + strconv.Itoa(1960+n%45) + `","home":"305670","home_text":"পূর্বপাড়া"},` +
		`"contacts":[{"kind":"phone","number":"017` + fmt.Sprintf("%08d", n%100_000_000) + `","owner":"own","safety":"safe","ways":["call"]}],` +
		`"consents":[{"purpose":"register","given":true},{"purpose":"contact","given":true}]}`
	return []byte(b)
}
