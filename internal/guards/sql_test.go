// SPDX-License-Identifier: Apache-2.0

package guards_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	tableMade   = regexp.MustCompile(`(?i)^\s*CREATE\s+(?:VIRTUAL\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)`)
	ownerLine   = regexp.MustCompile(`^-- owner: ([a-z/]+)$`)
	tableWrites = regexp.MustCompile(`\b(?:INSERT INTO|INSERT OR \w+ INTO|REPLACE INTO|DELETE FROM|UPDATE|TRUNCATE|ALTER TABLE|DROP TABLE)\s+(\w+)`)
	tableReads  = regexp.MustCompile(`\b(?:FROM|JOIN|USING)\s+(\w+)`)
	tableUnsaid = regexp.MustCompile(`\b(?:INSERT INTO|DELETE FROM|UPDATE|FROM|JOIN)\s*$`)
	makesTable  = regexp.MustCompile(`\bCREATE (?:TABLE|INDEX|VIEW)\b`)
)

// owners reads a schema file: which package owns each table. A line
//
//	-- owner: persons
//
// stands right above each CREATE TABLE.
func owners(path, text string, into map[string]string) (complaints []string) {
	before := ""
	for n, line := range strings.Split(text, "\n") {
		if m := tableMade.FindStringSubmatch(line); m != nil {
			owner := ownerLine.FindStringSubmatch(strings.TrimSpace(before))
			if owner == nil {
				complaints = append(complaints, fmt.Sprintf("%s:%d: no line \"-- owner: PACKAGE\" right above CREATE TABLE %s", path, n+1, m[1]))
			} else if _, known := arrows()[owner[1]]; !known {
				complaints = append(complaints, fmt.Sprintf("%s:%d: %s is owned by %s, which is no package of the arrows", path, n+1, m[1], owner[1]))
			} else {
				into[m[1]] = owner[1]
			}
		}
		before = line
	}
	return complaints
}

// tables reads every schema file.
func tables(t *testing.T) map[string]string {
	t.Helper()
	top, err := root()
	if err != nil {
		t.Fatal(err)
	}
	paths, _ := filepath.Glob(filepath.Join(top, "internal/db/schema/*.sql"))
	all := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		report(t, owners(filepath.Base(path), string(text), all))
	}
	if len(all) == 0 {
		t.Fatal("found no table in internal/db/schema")
	}
	return all
}

// trespasses complains of SQL in f that writes another's table, or reads one
// of a package that f's package may not import.
func trespasses(f file, owner map[string]string) (complaints []string) {
	if f.test || f.written || f.pkg == "db" || f.pkg == "bench" { // bench measures the engine beside the program
		return nil
	}
	complain := func(p token.Pos, format string, args ...any) {
		complaints = append(complaints, f.at(p)+": "+fmt.Sprintf(format, args...))
	}
	ast.Inspect(f.tree, func(n ast.Node) bool {
		literal, ok := n.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		text, _ := strconv.Unquote(literal.Value)
		if makesTable.MatchString(text) {
			complain(literal.Pos(), "a table is made outside internal/db/schema")
		}
		if tableUnsaid.MatchString(text) {
			complain(literal.Pos(), "SQL whose table is not in the text: write it out")
		}
		for _, m := range tableWrites.FindAllStringSubmatch(text, -1) {
			if o, known := owner[m[1]]; known && o != f.pkg {
				complain(literal.Pos(), "%s writes %s, which belongs to %s", f.pkg, m[1], o)
			}
		}
		for _, m := range tableReads.FindAllStringSubmatch(text, -1) {
			if o, known := owner[m[1]]; known && o != f.pkg && !mayUse(f.pkg, o) {
				complain(literal.Pos(), "%s reads %s of %s, which it may not import", f.pkg, m[1], o)
			}
		}
		return true
	})
	return complaints
}

func TestEachTableIsWrittenByItsOwnerAlone(t *testing.T) {
	owner := tables(t)
	var complaints []string
	for _, f := range source(t) {
		complaints = append(complaints, trespasses(f, owner)...)
	}
	slices.Sort(complaints)
	report(t, complaints)
	t.Logf("%d tables: %s", len(owner), strings.Join(slices.Sorted(maps.Keys(owner)), " "))
}

func TestTheSchemaNamesAnOwner(t *testing.T) {
	got := map[string]string{}
	caught(t, owners("x.sql", "-- owner: persons\nCREATE TABLE persons (\n);\n-- The dog's.\nCREATE TABLE dogs (\n);\n-- owner: cats\nCREATE TABLE cats (", got),
		"right above CREATE TABLE dogs", "owned by cats")
	if len(got) != 1 || got["persons"] != "persons" {
		t.Errorf("owners = %v", got)
	}
}

func TestTrespassIsCaught(t *testing.T) {
	owner := map[string]string{"persons": "persons", "offices": "offices", "audit_entries": "audit"}
	in := func(pkg, sql string) []string {
		return trespasses(made(t, "internal/"+pkg+"/x.go", "package x\nconst q = "+strconv.Quote(sql)), owner)
	}
	caught(t, in("offices", "INSERT INTO persons (id) VALUES (?)"), "offices writes persons")
	caught(t, in("persons", "UPDATE offices SET name = ?"), "persons writes offices")
	caught(t, in("persons", "DELETE FROM audit_entries WHERE id = ?"), "persons writes audit_entries")
	caught(t, in("offices", "SELECT id FROM offices o JOIN persons p ON p.office_id = o.id"), "offices reads persons")
	caught(t, in("persons", "SELECT id FROM "), "not in the text")
	caught(t, in("persons", "CREATE TABLE mine (id TEXT)"), "outside internal/db/schema")
	caught(t, in("persons", "INSERT INTO persons (id) VALUES (?) ON CONFLICT DO UPDATE SET id = 1"))
	caught(t, in("persons", "SELECT 1 FROM persons p JOIN offices o ON o.id = p.office_id"))
}
