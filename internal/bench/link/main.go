// SPDX-License-Identifier: Apache-2.0

// Command link measures the index that finds who may be the same person, by itself: without a store, HTTP or rights.
//
//	make bench-link-pure                            a million persons
//	go run ./internal/bench/link -persons 10000000
//
// The persons are simulated, with 3% of them planted again, in another spelling or script and with slips. Figures are those of one
// noisy run.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"fera/internal/matching/index"
)

// options say what is measured.
type options struct {
	persons, asked, joined int
	seed                   uint64
}

func main() {
	var o options
	flag.IntVar(&o.persons, "persons", 1_000_000, "how many registrations the index holds, planted ones among them")
	flag.IntVar(&o.asked, "asked", 20_000, "how many registrations are typed")
	flag.IntVar(&o.joined, "joined", 0, "how many records, of the last, are compared with all before them; 0 is all up to a million, 100,000 of more")
	flag.Uint64Var(&o.seed, "seed", 1, "the same seed gives the same persons")
	flag.Parse()
	if err := run(context.Background(), o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "link:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, out io.Writer) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	defer t.Flush()
	fmt.Fprintf(out, "%s, %d processors, %s, %s\n", runtime.Version(), runtime.NumCPU(), runtime.GOARCH, time.Now().UTC().Format(time.DateOnly))
	p, err := populate(o)
	if err != nil {
		return err
	}
	x, err := build(o, p, t)
	if err != nil {
		return err
	}
	t.Flush()
	typing(o, p, x, t)
	adding(p, x, t)
	t.Flush()
	return joining(ctx, o, p, x, t)
}

// build fills the index, and weighs it.
func build(o options, p *population, t io.Writer) (*index.Index, error) {
	m, err := index.Default()
	if err != nil {
		return nil, err
	}
	before := heap()
	began, drawing := time.Now(), time.Duration(0)
	x, err := index.Build(clocked(p.records(), &drawing), o.persons, m)
	if err != nil {
		return nil, err
	}
	took := time.Since(began) - drawing
	size := float64(heap()-before) / float64(x.Len())
	fmt.Fprintf(t, "registrations\t%d, %d of them planted again\n", x.Len(), len(p.copies))
	fmt.Fprintf(t, "build, without drawing the persons\t%.1f s\n", took.Seconds())
	fmt.Fprintf(t, "memory a registration\t%.0f bytes\n", size)
	return x, nil
}

// clocked measures the time that a sequence takes to give its values.
func clocked(records iter.Seq[*index.Record], spent *time.Duration) iter.Seq[*index.Record] {
	return func(yield func(*index.Record) bool) {
		last := time.Now()
		for r := range records {
			*spent += time.Since(last)
			if !yield(r) {
				return
			}
			last = time.Now()
		}
		*spent += time.Since(last)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// typing asks as a form does: with the name, then with the year, the place, the parents, and all.
func typing(o options, p *population, x *index.Index, t io.Writer) {
	d := rand.New(rand.NewPCG(o.seed, 7))
	var each [5][]time.Duration
	var found, first, asked [5]int
	for range min(o.asked, len(p.planted)) {
		from := p.planted[d.IntN(len(p.planted))]
		whole := p.again(from)
		for stage := range each {
			r := typed(whole, stage)
			began := time.Now()
			candidates := x.Find(r, 10)
			each[stage] = append(each[stage], time.Since(began))
			asked[stage]++
			at := slices.IndexFunc(candidates, func(c index.Candidate) bool { return c.ID == from.ID })
			if at >= 0 {
				found[stage]++
			}
			if at == 0 {
				first[stage]++
			}
		}
	}
	var all []time.Duration
	for stage, what := range []string{"name", "name, year", "name, year, upazila", "name, year, upazila, parents", "everything"} {
		all = append(all, each[stage]...)
		fmt.Fprintf(t, "typing: %s\t%s; the original first %.3f, among ten %.3f\n", what, spread(each[stage]),
			float64(first[stage])/float64(asked[stage]), float64(found[stage])/float64(asked[stage]))
	}
	fmt.Fprintf(t, "typing: all questions\t%s\n", spread(all))
}

func spread(each []time.Duration) string {
	slices.Sort(each)
	at := func(share float64) float64 {
		return float64(each[int(share*float64(len(each)-1))].Microseconds()) / 1000
	}
	return fmt.Sprintf("p50 %.2f, p95 %.2f, p99 %.2f, most %.1f ms", at(0.5), at(0.95), at(0.99), at(1))
}

// typed is a registration as far as it has been typed.
func typed(whole *index.Record, stage int) *index.Record {
	r := &index.Record{ID: whole.ID, Name: whole.Name, Other: whole.Other, Sex: whole.Sex}
	if stage >= 1 {
		r.Birth.Year = whole.Birth.Year
	}
	if stage >= 2 {
		r.Place, r.Birth = whole.Place, whole.Birth
	}
	if stage >= 3 {
		r.Father, r.Mother = whole.Father, whole.Mother
	}
	if stage >= 4 {
		return whole
	}
	return r
}

func adding(p *population, x *index.Index, t io.Writer) {
	var each []time.Duration
	for i := range min(10_000, len(p.planted)) {
		r := p.again(p.planted[i])
		began := time.Now()
		x.Add(r)
		each = append(each, time.Since(began))
	}
	fmt.Fprintf(t, "adding\t%s\n", spread(each))
}

// joining compares the register with itself, or the last of it with all before.
func joining(ctx context.Context, o options, p *population, x *index.Index, t io.Writer) error {
	records, joined := o.persons, o.joined
	if joined == 0 {
		joined = records
		if records > 1_000_000 {
			joined = 100_000
		}
	}
	joined = min(joined, records)
	pairs, original := 0, p.originals()
	reached := 0
	began := time.Now()
	err := x.Join(ctx, index.Joining{Workers: runtime.NumCPU(), From: records - joined, Found: func(pair index.Pair) error {
		pairs++
		if original[pair.A] == pair.B || original[pair.B] == pair.A {
			reached++
		}
		return nil
	}})
	if err != nil {
		return err
	}
	took := time.Since(began)
	fmt.Fprintf(t, "joining %d with all before them\t%.1f s, %.0f a second on %d processors; %d pairs at p ≥ 0.5\n", joined, took.Seconds(),
		float64(joined)/took.Seconds(), runtime.NumCPU(), pairs)
	if joined == records {
		fmt.Fprintf(t, "planted pairs found\t%.4f\n", float64(reached)/float64(len(original)))
		return nil
	}
	// The last have the most before them: on average there are half as many.
	fmt.Fprintf(t, "the whole register, reckoned from that\t%.0f s\n", took.Seconds()*float64(records)/float64(joined)/2)
	return nil
}
