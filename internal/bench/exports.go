// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"fera/internal/simulate"
)

// exportBar is how much memory a process may hold that writes a million rows as a workbook.
const exportBar = 200 << 20

// exporting measures how a whole register is taken away: the real command, on SQLite, each format as a process of its own. Memory is
// the most that the process ever held.
func exporting(ctx context.Context, o options, work string, t *table) error {
	if err := register(ctx, o, t); err != nil {
		return fmt.Errorf("fill the store: %w", err)
	}
	for _, format := range []string{"csv", "jsonl", "xlsx"} {
		file := filepath.Join(work, "persons."+format)
		t.say("take away %d persons as %s", o.exports, format)
		_, took, memory, err := command(ctx, o, "export", "persons", "--format", format, "--hxl", "--out", file, "--data", o.dir)
		if err != nil {
			return err
		}
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		t.add(fmt.Sprintf("%d persons as %s, %s", o.exports, format, mb(info.Size())), fmt.Sprintf("%.0f s, %.0f rows/s, at most %s", took.Seconds(), float64(o.exports)/took.Seconds(), mb(memory)),
			"under 200 MB", memory < exportBar)
		if err := os.Remove(file); err != nil {
			return err
		}
	}
	return nil
}

// register fills a store with people and nothing else, unless it is there.
func register(ctx context.Context, o options, t *table) error {
	if _, err := os.Stat(filepath.Join(o.dir, "fera.db")); err == nil {
		t.say("taking the store that is there")
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
	var s store
	clerks, err := s.people(ctx, d)
	if err != nil {
		return err
	}
	began, step := time.Now(), max(1, o.exports/20)
	return simulate.Fill(ctx, d, simulate.Options{Persons: o.exports, Seed: 1, District: simulate.Everywhere, Lean: true, Clerks: clerks, Progress: func(done, total int) {
		if done%step < 250 {
			t.say("%d of %d persons, %.0f/s", done, total, float64(done)/time.Since(began).Seconds())
		}
	}})
}
