// SPDX-License-Identifier: Apache-2.0

// Command bench measures Fera as its users meet it: the real program, over HTTP,
// beside the ceilings that the machine sets, all in one run.
//
//	make bench                      everything, at a million persons
//	go run ./internal/bench -persons 50000 -postgres ""
//
// Figures are those of one noisy run; what counts are the ratios. It is no test:
// it fails only when something cannot be measured.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// options say what is measured.
type options struct {
	persons  int
	dir      string
	postgres string
	lasts    time.Duration
	binary   string
	only     string
	lists    int
	link     bool
	bare     bool

	exports   int
	fill      bool
	referrals int
	services  int
	messages  int
	cases     int
}

// wanted tells whether a part is to be measured.
func (o options) wanted(part string) bool { return o.only == "" || strings.Contains(o.only, part) }

func main() {
	var o options
	flag.IntVar(&o.persons, "persons", 1_000_000, "how many persons the store holds")
	flag.StringVar(&o.dir, "dir", "", "where to keep the filled store for another run; a temporary folder when empty")
	flag.StringVar(&o.postgres, "postgres", os.Getenv("TEST_POSTGRES"), "a PostgreSQL server on which a database may be made; not measured when empty")
	flag.DurationVar(&o.lasts, "time", 8*time.Second, "how long each load runs")
	flag.StringVar(&o.only, "only", "", "measure these parts only: reads, lookups, creates, desk, directory, postgres; all when empty")
	flag.StringVar(&o.binary, "binary", "", "measure this fera; it is built when empty")
	flag.IntVar(&o.lists, "import", 0, "measure instead how a list of so many people is brought in")
	flag.BoolVar(&o.link, "link", false, "measure how persons are matched, and nothing else")
	flag.BoolVar(&o.bare, "bare", false, "with -link: write only the rows that are compared and shown, past the program, for a register of ten million")
	flag.IntVar(&o.referrals, "referrals", 0, "measure instead the lists of so many referrals")
	flag.IntVar(&o.messages, "messages", 0, "with -referrals or alone: measure how so many messages that wait leave, to a gateway that is none")
	flag.IntVar(&o.cases, "cases", 0, "with -referrals or alone: measure how what is due is reckoned anew in so many cases")
	flag.IntVar(&o.exports, "exports", 0, "measure instead how so many people are taken away as files")
	flag.BoolVar(&o.fill, "fill", false, "with -exports: fill the store and measure nothing")
	flag.IntVar(&o.services, "services", 200_000, "how many services the made-up directory has")
	flag.Parse()
	if err := run(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	work, err := os.MkdirTemp("", "fera-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if o.dir == "" {
		o.dir = filepath.Join(work, "store")
	}
	if o.link {
		o.dir = filepath.Join(o.dir, "link")
		t := &table{out: os.Stdout}
		t.machine()
		return linking(ctx, o, t)
	}
	if o.binary == "" {
		if o.binary, err = build(work); err != nil {
			return err
		}
	}
	t := &table{out: os.Stdout, creates: map[int]figures{}}
	t.machine()
	if o.lists > 0 || o.referrals > 0 || o.exports > 0 || o.messages > 0 || o.cases > 0 {
		return instead(ctx, o, work, t)
	}
	if o.wanted("directory") {
		if err := directories(ctx, o, t); err != nil || o.only == "directory" {
			t.print()
			return err
		}
	}
	s, err := fill(ctx, o, t)
	if err != nil {
		return fmt.Errorf("fill the store: %w", err)
	}
	if err := onSQLite(ctx, o, s, t); err != nil {
		return fmt.Errorf("SQLite: %w", err)
	}
	if o.wanted("desk") {
		if err := onSQLiteDesk(ctx, o, &s, t); err != nil {
			return fmt.Errorf("desk: %w", err)
		}
	}
	if o.wanted("creates") {
		if err := ceilings(ctx, o, work, t); err != nil {
			return fmt.Errorf("ceilings: %w", err)
		}
	}
	if o.postgres != "" && o.wanted("postgres") {
		if err := onPostgres(ctx, o, s, t); err != nil {
			return fmt.Errorf("PostgreSQL: %w", err)
		}
	}
	t.print()
	return nil
}

// instead measures one thing by itself.
func instead(ctx context.Context, o options, work string, t *table) error {
	switch {
	case o.lists > 0:
		if err := importing(ctx, o, work, t); err != nil {
			return fmt.Errorf("import: %w", err)
		}
	case o.exports > 0:
		if err := exporting(ctx, o, work, t); err != nil {
			return fmt.Errorf("export: %w", err)
		}
	case o.referrals > 0:
		if err := network(ctx, o, t); err != nil {
			return fmt.Errorf("network: %w", err)
		}
	}
	if err := background(ctx, o, t); err != nil {
		return err
	}
	t.print()
	return nil
}
