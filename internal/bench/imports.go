// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/geo"
	"fera/internal/persons"
	"fera/internal/sheets"
	"fera/internal/simulate"
)

// importing measures how lists are brought in: the real command, on SQLite, with
// a list of simulated people as text and as a workbook. Memory is the most that
// the process ever held, for the list and for a fifth of it.
func importing(ctx context.Context, o options, work string, t *table) error {
	most := map[int]int64{}
	for _, rows := range []int{o.lists / 5, o.lists} {
		for _, kind := range []string{".csv", ".xlsx"} {
			dir := filepath.Join(work, strconv.Itoa(rows)+kind[1:])
			if err := os.MkdirAll(dir, 0o700); err != nil {
				return err
			}
			path := filepath.Join(dir, "list"+kind)
			if err := writeList(o, path, rows); err != nil {
				return fmt.Errorf("write list: %w", err)
			}
			memory, err := bringIn(ctx, o, path, rows, t)
			if err != nil {
				return err
			}
			if kind == ".csv" {
				most[rows] = memory
			}
		}
	}
	grown := float64(most[o.lists]) / float64(most[o.lists/5])
	t.add("memory of five times the rows, as text", fmt.Sprintf("%.2f times", grown), "under 1.5 times", grown < 1.5)
	return nil
}

// bringIn checks a list, enters it and takes it back, each as a process of its own.
func bringIn(ctx context.Context, o options, path string, rows int, t *table) (memory int64, err error) {
	dir, kind := filepath.Dir(path), filepath.Ext(path)[1:]
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	what := fmt.Sprintf("%d rows, %s of %s", rows, kind, mb(info.Size()))
	t.say("bring in %s", what)
	if _, _, _, err := command(ctx, o, "user", "add", "farid", "--name", "Farid", "--organisation", "Shetu", "--office", "Head", "--data", dir); err != nil {
		return 0, err
	}
	consent := []string{"--consent", "register,contact", "--method", "signed", "--on", "2026-01-01", "--statement", "Simulated people for measuring."}
	add := func(name string, took time.Duration, memory int64, most time.Duration) {
		t.add(name+" "+what, fmt.Sprintf("%.1f s, %.0f rows/s, at most %s", took.Seconds(), float64(rows)/took.Seconds(), mb(memory)), fmt.Sprintf("under %.0f min", most.Minutes()), took < most)
	}
	_, took, used, err := command(ctx, o, append([]string{"import", "persons", path, "--office", "Head", "--data", dir, "--dry-run"}, consent...)...)
	if err != nil {
		return 0, err
	}
	add("check", took, used, 2*time.Minute)
	out, took, used, err := command(ctx, o, append([]string{"import", "persons", path, "--office", "Head", "--data", dir, "--leave-out"}, consent...)...)
	if err != nil {
		return 0, err
	}
	add("check and enter", took, used, 10*time.Minute)
	memory = used
	batch := regexp.MustCompile(`--undo (\S+)`).FindStringSubmatch(out)
	entered := regexp.MustCompile(`(\d+) people were entered`).FindStringSubmatch(out)
	if batch == nil || entered == nil {
		return 0, fmt.Errorf("it does not say what it did: %s", out)
	}
	t.add("entered, of "+what, entered[1], "", true)
	_, took, used, err = command(ctx, o, "import", "persons", "--undo", batch[1], "--reason", "measured", "--data", dir)
	if err == nil {
		add("take back", took, used, 10*time.Minute)
	}
	return memory, err
}

// command runs the program and says how long it took and the most memory it held.
// That rows were left out, which the program ends with 9 for, is no failure.
func command(ctx context.Context, o options, args ...string) (out string, took time.Duration, memory int64, err error) {
	cmd := exec.CommandContext(ctx, o.binary, args...)
	began := time.Now()
	text, err := cmd.CombinedOutput()
	took = time.Since(began)
	const leftOut = 9
	var failed *exec.ExitError
	if errors.As(err, &failed) && failed.ExitCode() == leftOut {
		err = nil
	}
	if err != nil {
		return "", 0, 0, fmt.Errorf("fera %s: %w: %s", args[0], err, text)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return "", 0, 0, errors.New("this system does not say how much memory a process used")
	}
	return string(text), took, usage.Maxrss << 10, nil
}

// writeList writes simulated people as an organisation might list them.
func writeList(o options, path string, rows int) (err error) {
	people, err := simulate.Draw(simulate.Options{Persons: rows, Seed: 7, District: simulate.Everywhere, Clerks: []access.Actor{{ID: "x"}}, Today: dates.Of(time.Now())})
	if err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	to, err := sheets.NewCSV(f)
	if filepath.Ext(path) == ".xlsx" {
		if err := f.Truncate(0); err != nil {
			return err
		}
		if _, err := f.Seek(0, 0); err != nil {
			return err
		}
		to, err = sheets.NewXLSX(f, "People", filepath.Dir(path))
	}
	if err != nil {
		return err
	}
	head := []string{"নাম", "Name in English", "Sex", "Date of birth", "Father's name", "Mother's name", "Mobile", "NID", "Passport", "District", "Upazila", "Village", "Country", "Date of return"}
	if err := to.Write(head); err != nil {
		return err
	}
	for s := range people {
		if err := to.Write(listed(s.Registration)); err != nil {
			return err
		}
	}
	return to.Close()
}

// listed is a registration as a row of a list.
func listed(r persons.Registration) []string {
	v := r.Values
	row := []string{v[persons.NameBn], v[persons.NameLatin], v[persons.SexField], v[persons.Birth], v[persons.FatherName], v[persons.MotherName], "", "", "", "", "", v[persons.HomeText], "", ""}
	for _, c := range r.Contacts {
		if row[6] == "" && c.Kind == "phone" {
			row[6] = c.Number
		}
	}
	for _, i := range r.Identifiers {
		switch i.Kind {
		case "nid":
			row[7] = i.Number
		case "passport":
			row[8] = i.Number
		}
	}
	for _, p := range geo.Path(v[persons.Home]) {
		switch p.Kind {
		case geo.District:
			row[9] = p.NameEn
		case geo.Upazila, geo.Thana:
			row[10] = p.NameEn
		}
	}
	for _, j := range r.Journeys {
		row[12], row[13] = j.Country, j.Returned.String()
	}
	return row
}
