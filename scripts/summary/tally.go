// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// event is one line of `go test -json`; see `go doc test2json`.
type event struct {
	Action, Package, Test, Output, FailedBuild string
}

// test is one test that has begun and not ended.
type test struct {
	output    strings.Builder
	parent    bool // it has subtests, which are counted in its place
	childFail bool
}

// tally counts tests and keeps the output of those still running.
type tally struct {
	out                     io.Writer
	passed, failed, skipped int
	running                 map[string]map[string]*test // by package, then by test
	broken                  map[string]bool             // packages in which a test failed
	order                   map[string]string           // by package, in which order its tests were run
	skips                   map[string][]string         // by the reason given, the tests
}

func newTally(out io.Writer) *tally {
	return &tally{out: out, running: map[string]map[string]*test{}, broken: map[string]bool{}, order: map[string]string{}, skips: map[string][]string{}}
}

func (t *tally) add(e event) {
	switch {
	case e.Action == "build-output":
		io.WriteString(t.out, e.Output)
	case e.Package == "":
	case e.Test == "":
		t.addPackage(e)
	default:
		t.addTest(e)
	}
}

func (t *tally) addTest(e event) {
	if t.running[e.Package] == nil {
		t.running[e.Package] = map[string]*test{}
	}
	tests := t.running[e.Package]
	if tests[e.Test] == nil {
		tests[e.Test] = &test{}
	}
	now := tests[e.Test]
	switch e.Action {
	case "run":
		for name := range parents(e.Test) {
			if tests[name] != nil {
				tests[name].parent = true
			}
		}
	case "output":
		now.output.WriteString(e.Output)
	case "pass", "skip", "fail":
		t.end(e, now)
		delete(tests, e.Test)
	}
}

// end counts a test that ended. A parent counts only if it failed by itself.
func (t *tally) end(e event, now *test) {
	switch {
	case e.Action == "fail":
		t.broken[e.Package] = true
		for name := range parents(e.Test) {
			if p := t.running[e.Package][name]; p != nil {
				p.childFail = true
			}
		}
		if now.childFail {
			return
		}
		t.failed++
		fmt.Fprintf(t.out, "\n--- %s %s\n%s\n", e.Package, e.Test, trim(now.output.String()))
	case now.parent:
	case e.Action == "pass":
		t.passed++
	default:
		t.skipped++
		why := reason(now.output.String())
		t.skips[why] = append(t.skips[why], e.Package+" "+e.Test)
	}
}

func (t *tally) addPackage(e event) {
	switch e.Action {
	case "output":
		switch line := strings.TrimSpace(e.Output); {
		case strings.HasPrefix(line, "-test.shuffle "):
			t.order[e.Package] = line
		case line != "PASS" && line != "FAIL":
			io.WriteString(t.out, e.Output)
		}
	case "fail":
		if order := t.order[e.Package]; order != "" {
			fmt.Fprintf(t.out, "the order of its tests can be had again with %s\n", strings.Replace(order, " ", "=", 1))
		}
		// Tests that never ended tell of a panic, a deadlock or a time-out.
		for _, name := range slices.Sorted(maps.Keys(t.running[e.Package])) {
			if text := trim(t.running[e.Package][name].output.String()); text != "" {
				fmt.Fprintf(t.out, "\n--- %s %s did not end\n%s\n", e.Package, name, text)
			}
		}
		if !t.broken[e.Package] {
			t.failed++
		}
	}
	if e.Action == "pass" || e.Action == "fail" || e.Action == "skip" {
		delete(t.running, e.Package)
	}
}

// close prints the last lines and reports whether all is well.
func (t *tally) close() bool {
	for _, why := range slices.Sorted(maps.Keys(t.skips)) {
		names := t.skips[why]
		fmt.Fprintf(t.out, "\nskipped %d: %s\n  %s\n", len(names), why, names[0])
		if len(names) > 1 {
			fmt.Fprintf(t.out, "  and %d more\n", len(names)-1)
		}
	}
	fmt.Fprintf(t.out, "\n%d passed, %d failed, %d skipped\n", t.passed, t.failed, t.skipped)
	return t.failed == 0 && t.passed > 0
}

// parents yields the tests around a subtest, the nearest first.
func parents(name string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for at := strings.LastIndexByte(name, '/'); at > 0; at = strings.LastIndexByte(name, '/') {
			name = name[:at]
			if !yield(name) {
				return
			}
		}
	}
}

// trim drops the lines in which go test says only that a test began, paused or went on.
func trim(output string) string {
	var kept []string
	for line := range strings.Lines(output) {
		if !strings.HasPrefix(line, "=== ") {
			kept = append(kept, strings.TrimRight(line, "\n"))
		}
	}
	return strings.Join(kept, "\n")
}

// reason finds the words a test gave for skipping.
func reason(output string) string {
	for _, line := range strings.Split(trim(output), "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "--- SKIP") {
			continue
		}
		if place, said, ok := strings.Cut(line, ": "); ok && strings.Contains(place, ".go:") {
			return said
		}
		return line
	}
	return "no reason given"
}
