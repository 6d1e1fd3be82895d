// SPDX-License-Identifier: Apache-2.0

package guards_test

import (
	"fmt"
	"go/ast"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// undocumented complains of exported names in f without a sentence that says more than the name.
func undocumented(f file) (complaints []string) {
	if strings.HasSuffix(f.path, "_test.go") || f.written {
		return nil
	}
	check := func(name *ast.Ident, begins bool, docs ...*ast.CommentGroup) {
		if !name.IsExported() {
			return
		}
		text := ""
		for _, d := range docs {
			if text == "" && d != nil {
				text = strings.TrimSpace(d.Text())
			}
		}
		switch {
		case text == "":
			complaints = append(complaints, fmt.Sprintf("%s: %s has no doc comment", f.at(name.Pos()), name.Name))
		case begins && !strings.HasPrefix(text, name.Name+" "):
			complaints = append(complaints, fmt.Sprintf("%s: the comment on %s does not begin with its name", f.at(name.Pos()), name.Name))
		case begins && len(strings.Fields(text)) < 4 && !strings.Contains(text, " implements "):
			complaints = append(complaints, fmt.Sprintf("%s: the comment on %s says no more than the name", f.at(name.Pos()), name.Name))
		}
	}
	for _, d := range f.tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil || ast.IsExported(receiver(d.Recv)) {
				check(d.Name, true, d.Doc)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					check(s.Name, true, s.Doc, d.Doc)
				case *ast.ValueSpec:
					// One comment may stand over a group of constants.
					check(s.Names[0], false, s.Doc, s.Comment, d.Doc)
				}
			}
		}
	}
	return complaints
}

// receiver names the type that a method belongs to.
func receiver(list *ast.FieldList) string {
	name := callee(list.List[0].Type)
	if star, ok := list.List[0].Type.(*ast.StarExpr); ok {
		name = callee(star.X)
	}
	return name
}

// unexplained complains of packages in which no file has a package comment.
func unexplained(files []file) (complaints []string) {
	explained := map[string]bool{}
	for _, f := range files {
		if strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		doc := f.tree.Doc != nil && regexp.MustCompile(`^(Package|Command) \w+ `).MatchString(f.tree.Doc.Text())
		explained[f.pkg] = explained[f.pkg] || doc
	}
	for _, pkg := range slices.Sorted(maps.Keys(explained)) {
		if !explained[pkg] {
			complaints = append(complaints, fmt.Sprintf("package %s has no comment that says what it owns", pkg))
		}
	}
	return complaints
}

func TestEveryExportedNameIsExplained(t *testing.T) {
	files := source(t)
	for _, f := range files {
		report(t, undocumented(f))
	}
	report(t, unexplained(files))
}

func TestMissingExplanationsAreCaught(t *testing.T) {
	in := func(text string) []string { return undocumented(made(t, "internal/x/x.go", "package x\n"+text)) }
	caught(t, in("func Open() {}"), "Open has no doc comment")
	caught(t, in("// Opens it all up.\nfunc Open() {}"), "does not begin with its name")
	caught(t, in("// Open opens.\nfunc Open() {}"), "says no more than the name")
	caught(t, in("// T is a thing here.\ntype T int\nfunc (T) M() {}"), "M has no doc comment")
	caught(t, in("const A, b = 1, 2"), "A has no doc comment")
	caught(t, in("// The letters, in order.\nconst (\nA = 1\nB = 2\n)\nfunc (t thing) M() {}\nfunc f() {}"))
	caught(t, unexplained([]file{made(t, "internal/x/x.go", "package x"), made(t, "internal/y/y.go", "// Package y owns all there is.\npackage y")}), "package x has no comment")
}
