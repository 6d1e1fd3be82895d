// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"fera/internal/db"
	"fera/internal/simulate"
)

// exportBar is how much memory a process may hold that writes a million rows as a workbook.
const exportBar = 200 << 20

// exporting measures how a whole register is taken away: the real command, on SQLite, each format as a process of its own. Memory is
// the most that the process ever held.
func exporting(ctx context.Context, o options, work string, t *table) error {
	if o.fill {
		return register(ctx, o, t)
	}
	// What fills the store holds much, and a process that it starts would be said to have held as much.
	filling := exec.CommandContext(ctx, os.Args[0], "-exports", strconv.Itoa(o.exports), "-dir", o.dir, "-binary", o.binary, "-fill")
	filling.Stderr = os.Stderr
	if err := filling.Run(); err != nil {
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

// begun is how many people are registered by the program; the rest are rows of the register copied from them, without journeys.
const begun = 20_000

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
	began, step, first := time.Now(), max(1, o.exports/20), min(o.exports, begun)
	err = simulate.Fill(ctx, d, simulate.Options{Persons: first, Seed: 1, District: simulate.Everywhere, Lean: true, Clerks: clerks, Progress: func(done, total int) {
		if done%step < 250 {
			t.say("%d of %d persons, %.0f/s", done, total, float64(done)/time.Since(began).Seconds())
		}
	}})
	if err != nil {
		return err
	}
	for copied, n := first, 0; copied < o.exports; n++ {
		some := min(first, o.exports-copied)
		t.say("%d of %d persons", copied, o.exports)
		if err := d.Maintain(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO persons (id, office_id, name_bn, name_latin, call_name, sex, birth, place_code, terms, photo_id, chosen, lists, do_not_contact, registered_at, changed_at, version)
				SELECT substr(id, 1, 14) || ? || substr(id, 19), office_id, name_bn, name_latin, call_name, sex, birth, place_code, terms, photo_id, '', 0, do_not_contact, registered_at, changed_at, version
				FROM persons WHERE substr(id, 15, 4) NOT LIKE '5%' ORDER BY id LIMIT ?`, fmt.Sprintf("5%03x", n), some)
			return err
		}); err != nil {
			return err
		}
		copied += some
	}
	return nil
}
