// SPDX-License-Identifier: Apache-2.0

package guards_test

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// file is one Go file of the project.
type file struct {
	path    string // from the root, with slashes
	pkg     string // as in the arrows: "persons", "web/kit"; commands are "cmd/fera", "scripts/summary"
	text    []byte
	tree    *ast.File
	fset    *token.FileSet
	test    bool // a test file, or in a package that only tests import
	written bool // generated
}

// lines tells how many lines there are from one place to another.
func (f file) lines(from, to token.Pos) int {
	return f.fset.Position(to).Line - f.fset.Position(from).Line + 1
}

// at names a place for a person to go to.
func (f file) at(p token.Pos) string {
	where := f.fset.Position(p)
	where.Filename, where.Column = f.path, 0
	return where.String()
}

// testPackages may be imported by tests alone, and are judged as tests.
func testPackage(pkg string) bool {
	switch pkg {
	case "browsertest", "db/dbtest", "guards", "play", "testtools", "worldtest":
		return true
	}
	return false
}

func parse(path string, text []byte) (file, error) {
	f := file{path: path, text: text, fset: token.NewFileSet()}
	f.pkg = strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), "internal/")
	f.test = strings.HasSuffix(path, "_test.go") || testPackage(f.pkg)
	f.written = strings.HasSuffix(path, "_templ.go") || bytes.HasPrefix(text, []byte("// Code generated"))
	var err error
	f.tree, err = parser.ParseFile(f.fset, path, text, parser.ParseComments)
	return f, err
}

// made parses made-up source, for a canary.
func made(t *testing.T, path, text string) file {
	t.Helper()
	f, err := parse(path, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// project parses every Go file, once.
var project = sync.OnceValues(func() ([]file, error) {
	top, err := root()
	if err != nil {
		return nil, err
	}
	var files []file
	for _, folder := range []string{"cmd", "internal", "scripts"} {
		err := filepath.WalkDir(filepath.Join(top, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
				if err == nil && d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata") {
					return fs.SkipDir
				}
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			short, _ := filepath.Rel(top, path)
			f, err := parse(filepath.ToSlash(short), text)
			files = append(files, f)
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return files, nil
})

// source returns every Go file of the project.
func source(t *testing.T) []file {
	t.Helper()
	files, err := project()
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("found only %d Go files: the guards look in the wrong place", len(files))
	}
	return files
}

// root finds the folder of go.mod.
func root() (string, error) {
	folder, err := os.Getwd()
	for ; err == nil; folder = filepath.Dir(folder) {
		if _, missing := os.Stat(filepath.Join(folder, "go.mod")); missing == nil {
			return folder, nil
		}
		if folder == filepath.Dir(folder) {
			return "", errors.New("no go.mod above the tests")
		}
	}
	return "", err
}

// tracked lists the files that git keeps, and those that it would if asked to.
func tracked(t *testing.T) (top string, paths []string) {
	t.Helper()
	top, err := root()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("git", "-C", top, "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Skipf("not a git checkout: %v", err)
	}
	for path := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		paths = append(paths, path)
	}
	return top, paths
}

// report fails the test with each complaint.
func report(t *testing.T, complaints []string) {
	t.Helper()
	for _, c := range complaints {
		t.Error(c)
	}
}

// caught fails the test unless exactly the complaints with the given words came, in order.
func caught(t *testing.T, got []string, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("complaints: %q, want %d with the words %q", got, len(want), want)
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) {
			t.Errorf("complaint %q, want the words %q", got[i], want[i])
		}
	}
}
