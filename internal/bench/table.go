// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"
)

// table is what a run found, a line for each figure, with the bar it is held to.
type table struct {
	out  io.Writer
	rows [][]string

	creates map[int]figures
}

func (t *table) machine() {
	fmt.Fprintf(t.out, "%s, %d processors, %s, %s\n", runtime.Version(), runtime.NumCPU(), runtime.GOARCH, time.Now().UTC().Format(time.DateOnly))
}

// say tells what is under way, on the way there.
func (t *table) say(format string, args ...any) { fmt.Fprintf(os.Stderr, "… "+format+"\n", args...) }

func (t *table) add(what, figure, bar string, held bool) {
	state := ""
	if bar != "" {
		if state = "held"; !held {
			state = "MISSED"
		}
	}
	t.rows = append(t.rows, []string{what, figure, bar, state})
}

func (t *table) print() {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "what\tmeasured\tbar\t")
	for _, r := range t.rows {
		fmt.Fprintln(w, strings.Join(r, "\t"))
	}
	w.Flush()
}

func ms(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}
func mb(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/1e6) }

// spread says how long answers took, and that some failed when they did.
func spread(f figures) string {
	s := fmt.Sprintf("p50 %s, p95 %s, p99 %s", ms(f.p50), ms(f.p95), ms(f.p99))
	if f.failed > 0 {
		s += fmt.Sprintf(", %d failed (%s)", f.failed, f.first)
	}
	return s
}
