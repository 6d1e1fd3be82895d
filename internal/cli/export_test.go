// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whoever sits at the terminal takes lists away without names, and is refused what says who somebody is.
func TestExportAtTheTerminal(t *testing.T) {
	dir := t.TempDir()
	must(t, "simulate", "--data", dir, "--persons", "30")
	file := filepath.Join(t.TempDir(), "persons.csv")
	must(t, "export", "persons", "--format", "csv", "--hxl", "--out", file, "--data", dir)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\r\n")
	if len(lines) != 32 || !strings.HasPrefix(lines[1], "#beneficiary+id,") {
		t.Errorf("%d lines: %q", len(lines), lines[:min(len(lines), 3)])
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can read the file: %v, %v", info.Mode(), err)
	}
	for want, args := range map[string][]string{
		"is there already":         {"--out", file},
		"a second person approved": {"--out", file + "2", "--columns", "name_latin"},
		"cannot be written":        {"--out", filepath.Join(dir, "nowhere", "x")},
	} {
		s := run(t, append([]string{"export", "persons", "--data", dir}, args...)...)
		if s.code == 0 || !strings.Contains(s.errs, want) {
			t.Errorf("%v: exit code %d, %q, want %q", args, s.code, s.errs, want)
		}
	}
	if _, err := os.Stat(file + "2"); err == nil {
		t.Error("a refused export left a file behind")
	}
	if out := must(t, "figures", "publish", "--year", "1999", "--data", dir); !strings.Contains(out, "returned 1999: Nothing is counted for this year.") {
		t.Errorf("figures publish: %q", out)
	}
}
