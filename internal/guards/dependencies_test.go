// SPDX-License-Identifier: Apache-2.0

package guards_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"golang.org/x/mod/modfile"
)

var moduleRow = regexp.MustCompile("(?m)^\\| `([a-z]+\\.[^`]+)` \\|")

// unaccounted compares what go.mod names with the rows of docs/dependencies.md.
func unaccounted(mod *modfile.File, page string) (complaints []string) {
	var known, named, explained []string
	for _, r := range mod.Require {
		known = append(known, r.Mod.Path)
		if !r.Indirect {
			named = append(named, r.Mod.Path)
		}
	}
	for _, m := range moduleRow.FindAllStringSubmatch(page, -1) {
		explained = append(explained, m[1])
		if !slices.Contains(known, m[1]) {
			complaints = append(complaints, "docs/dependencies.md explains "+m[1]+", which go.mod does not name")
		}
	}
	for _, path := range named {
		if !slices.Contains(explained, path) {
			complaints = append(complaints, "go.mod names "+path+", which docs/dependencies.md does not explain")
		}
	}
	return complaints
}

func TestEachDependencyIsExplained(t *testing.T) {
	top, err := root()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(top, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(top, "docs/dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	report(t, unaccounted(mod, string(page)))
}

func TestAnUnexplainedDependencyIsCaught(t *testing.T) {
	mod, err := modfile.Parse("go.mod", []byte("module x\nrequire (\n\texample.org/a v1.0.0\n\texample.org/b v1.0.0 // indirect\n)\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	caught(t, unaccounted(mod, "| `example.org/c` | x |\n"), "explains example.org/c", "names example.org/a")
	caught(t, unaccounted(mod, "| `example.org/a` | x |\n"))
}
