// SPDX-License-Identifier: Apache-2.0

// Command summary reads what `go test -json` writes and tells it to a person:
// a line for each package, the output of each test that failed, and at the end
//
//	N passed, M failed, K skipped
//
// alone on a line. It exits with 1 if anything failed, or if no test ran.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	failed := flag.Int("failed", 0, "`checks` that failed before the tests ran")
	flag.Parse()
	t := newTally(os.Stdout)
	t.failed = *failed
	if err := t.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "summary:", err)
		t.failed++
	}
	if !t.close() {
		os.Exit(1)
	}
}

// read tells each line of r as it comes.
func (t *tally) read(r io.Reader) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			t.line(line)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// line takes one event. What is not an event, such as a complaint of go itself, is passed on.
func (t *tally) line(line []byte) {
	var e event
	if line[0] != '{' || json.Unmarshal(line, &e) != nil {
		t.out.Write(line)
		return
	}
	t.add(e)
}
