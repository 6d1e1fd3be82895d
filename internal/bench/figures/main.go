// SPDX-License-Identifier: Apache-2.0

// Command figures measures how fast figures are for a whole country: it makes the
// facts of people who do not exist, straight into the figures, and asks what
// dashboards ask.
//
//	make bench-figures                                ten million people, fifty million events
//	go run ./internal/bench/figures -people 200000    a million events
//
// It is no test: it fails only when something cannot be measured.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/indicators"
	"fera/internal/indicators/counting"
	"fera/internal/seal"
)

// bar is how long a dashboard may take.
const bar = time.Second

func main() {
	people := flag.Int("people", 10_000_000, "how many people have facts, five each")
	dir := flag.String("dir", "", "where to keep the filled store for another run; a temporary folder when empty")
	address := flag.String("database", "", "postgres://… of an empty database to measure; a SQLite file when empty")
	flag.Parse()
	if err := run(context.Background(), *people, *dir, *address); err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, people int, dir, address string) error {
	if dir == "" {
		made, err := os.MkdirTemp("", "fera-figures-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(made)
		dir = made
	}
	if address == "" {
		address = filepath.Join(dir, "fera.db")
	}
	d, err := open(ctx, dir, address)
	if err != nil {
		return err
	}
	defer d.Close()
	fmt.Printf("%s, %d processors, %s, %s; simulated: %d people with %d events\n", runtime.Version(), runtime.NumCPU(), d.Engine(), time.Now().UTC().Format(time.DateOnly), people, events*people)
	if err := fill(ctx, d, people); err != nil {
		return err
	}
	if err := sizes(ctx, d, address); err != nil {
		return err
	}
	if err := ask(ctx, d); err != nil {
		return err
	}
	return boards(ctx, d)
}

func open(ctx context.Context, dir, address string) (*db.DB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	ring, err := seal.LoadRing(filepath.Join(dir, "fera.key"), "", true)
	if err != nil {
		return nil, err
	}
	d, err := db.Open(ctx, address, db.Options{Keys: ring})
	if err != nil {
		return nil, err
	}
	return d, errors.Join(d.Migrate(ctx), seal.Prepare(ctx, d))
}

// fill makes the facts, unless they are there.
func fill(ctx context.Context, d *db.DB, people int) error {
	var there bool
	if err := d.Read(ctx, func(q db.Reader) error {
		var n int
		err := q.QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 AS one FROM figure_pages LIMIT 1) AS few`).Scan(&n)
		there = n > 0
		return err
	}); err != nil || there {
		return err
	}
	began, step := time.Now(), max(people/20, 1)
	err := counting.Fill(ctx, d, country(people), func(done int) {
		if done%step < 2_000 {
			fmt.Fprintf(os.Stderr, "… %d of %d people, %.0f events/s\n", done, people, events*float64(done)/time.Since(began).Seconds())
		}
	})
	fmt.Printf("filled in %.0f s: %.0f events/s\n", time.Since(began).Seconds(), float64(events*people)/time.Since(began).Seconds())
	return err
}

// sizes tells how large everything became.
func sizes(ctx context.Context, d *db.DB, address string) error {
	var pages, cells, bytes, widest int64
	if err := d.Read(ctx, func(q db.Reader) error {
		return q.QueryRow(ctx, `SELECT count(*), sum(cells), sum(length(sealed)), max(length(sealed)) FROM figure_pages`).Scan(&pages, &cells, &bytes, &widest)
	}); err != nil {
		return err
	}
	fmt.Printf("totals: %d pages, %d cells, %.0f MB, the widest page %.0f KB\n", pages, cells, float64(bytes)/1e6, float64(widest)/1e3)
	if info, err := os.Stat(address); err == nil {
		fmt.Printf("the file: %.2f GB\n", float64(info.Size())/1e9)
	}
	return nil
}

// asked is one question of a dashboard.
type asked struct {
	dashboard string
	indicators.Question
	observer bool // asked by who may not see the records
}

func questions() []asked {
	five := func(indicator string, by ...string) indicators.Question {
		return indicators.Question{Indicator: indicator, From: 202101, To: 202512, By: by}
	}
	year := func(indicator string, by ...string) indicators.Question {
		return indicators.Question{Indicator: indicator, From: 202501, To: 202512, By: by}
	}
	only := func(q indicators.Question, dimension, value string) indicators.Question {
		q.Filter = map[string]string{dimension: value}
		return q
	}
	at := func(q indicators.Question, place string) indicators.Question {
		q.Place = place
		return q
	}
	return []asked{
		{"returns", five("people_returned", "month", "sex"), false},
		{"returns", five("people_returned", "district", "sex"), false},
		{"returns", five("returns", "country", "reason"), false},
		{"returns", five("people_returned", "upazila"), false},
		{"returns", five("people_returned", "division", "country"), false},
		{"returns", five("people_returned", "age", "sex"), false},
		{"caseload", five("caseload", "month"), false},
		{"caseload", five("cases_opened", "organisation", "month"), false},
		{"services", five("services", "kind"), false},
		{"services", year("people_helped", "kind"), false},
		{"services", five("money_paid", "kind", "month"), false},
		{"services", only(five("people_paid", "month"), "organisation", "organisation-07"), false},
		{"referrals", five("referrals", "kind"), false},
		{"outcomes", five("goals_reached", "district"), false},
		{"equity", year("people_served", "disability"), false},
		{"equity", year("people_served", "ethnicity"), false},
		{"equity", five("people_served", "district", "disability"), false},
		{"equity", at(five("people_served", "disability"), "305670"), false},
		{"equity", at(five("people_served", "upazila", "ethnicity"), "3056"), false},
		{"equity", only(five("people_served", "district", "disability"), "organisation", "organisation-07"), false},
		{"equity", at(only(five("people_served", "ethnicity"), "organisation", "organisation-07"), "3056"), false},
		{"services", five("people_served", "upazila"), false},
		{"observer", year("people_returned", "district", "sex"), true},
		{"observer", year("people_served", "month", "sex"), true},
	}
}

// ask asks each question once cold and five times more.
func ask(ctx context.Context, d *db.DB) error {
	all, observer := access.System(access.ReadFigures, access.ReadPersons), access.System(access.ReadFigures)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "dashboard\tquestion\tcells\tfirst\tmedian of 5\tbar\t")
	for _, a := range questions() {
		who := all
		if a.observer {
			who = observer
		}
		var took []time.Duration
		var t indicators.Table
		for range 6 {
			began := time.Now()
			if err := d.Read(ctx, func(q db.Reader) (err error) {
				t, err = indicators.Ask(ctx, q, who, a.Question)
				return err
			}); err != nil {
				return fmt.Errorf("%s by %v: %w", a.Indicator, a.By, err)
			}
			took = append(took, time.Since(began))
		}
		first, rest := took[0], took[1:]
		slices.Sort(rest)
		held := "held"
		if first > bar {
			held = "MISSED"
		}
		fmt.Fprintf(w, "%s\t%s by %s\t%d\t%d ms\t%d ms\t1 s\t%s\n", a.dashboard, a.Indicator, strings.Join(a.By, ", "), len(t.Cells), first.Milliseconds(), rest[2].Milliseconds(), held)
	}
	return w.Flush()
}
