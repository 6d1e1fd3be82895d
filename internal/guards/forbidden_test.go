// SPDX-License-Identifier: Apache-2.0

package guards_test

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// ban is something that only some packages may use.
type ban struct {
	path  string   // an import path
	names []string // what of it is banned; all if empty
	but   []string // the packages that may
	why   string
}

func bans() []ban {
	// A database, the terminal and commands stand at the edge, where time and requests begin.
	edge := []string{"db", "cli", "cmd/fera", "scripts/summary", "bench", "bench/figures", "bench/link", "bench/listings"}
	return []ban{
		{"time", []string{"Now", "Since", "Until"}, edge, "take the time of the transaction, or be given a clock"},
		{"context", []string{"Background", "TODO"}, edge, "pass on the context of the request"},
		{"math/rand", nil, []string{"simulate"}, "use crypto/rand, or package ids"},
		{"math/rand/v2", nil, []string{"simulate", "bench", "bench/link", "bench/listings", "bench/figures", "bench/link"}, "use crypto/rand, or package ids"},
		{"fmt", []string{"Print", "Println", "Printf"}, []string{"cmd/fera", "scripts/summary", "bench", "bench/figures", "bench/link", "bench/listings"}, "write to the writer you were given"},
		{"log", nil, nil, "use log/slog"},
		{"os", []string{"Exit"}, []string{"cmd/fera", "scripts/summary", "bench", "bench/figures", "bench/link", "bench/listings"}, "return an error"},
		{"unsafe", nil, nil, "nothing here needs it"},
		{"database/sql", []string{"Open"}, []string{"db", "bench"}, "go through package db"},
	}
}

// forbidden complains of what f uses against the bans.
func forbidden(f file) (complaints []string) {
	if f.test || f.written {
		return nil
	}
	names := map[string]ban{} // by the name under which the file knows the package
	for _, spec := range f.tree.Imports {
		of, _ := strconv.Unquote(spec.Path.Value)
		at := slices.IndexFunc(bans(), func(b ban) bool { return b.path == of && !slices.Contains(b.but, f.pkg) })
		if at < 0 {
			continue
		}
		b := bans()[at]
		if len(b.names) == 0 {
			complaints = append(complaints, fmt.Sprintf("%s: %s may not import %s: %s", f.at(spec.Pos()), f.pkg, of, b.why))
			continue
		}
		name := path.Base(of)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = b
	}
	ast.Inspect(f.tree, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := s.X.(*ast.Ident); ok && slices.Contains(names[x.Name].names, s.Sel.Name) {
			complaints = append(complaints, fmt.Sprintf("%s: %s may not use %s.%s: %s", f.at(s.Pos()), f.pkg, x.Name, s.Sel.Name, names[x.Name].why))
		}
		return true
	})
	return complaints
}

func TestNobodyCallsWhatIsForbidden(t *testing.T) {
	for _, f := range source(t) {
		report(t, forbidden(f))
	}
}

func TestForbiddenCallsAreCaught(t *testing.T) {
	in := func(where, text string) []string { return forbidden(made(t, where, text)) }
	caught(t, in("internal/persons/x.go", `package persons; import "time"; var x = time.Now`), "may not use time.Now")
	caught(t, in("internal/persons/x.go", `package persons; import clock "time"; var x = clock.Now()`), "clock.Now")
	caught(t, in("internal/web/x.go", `package web; import "context"; var x = context.Background()`), "context.Background")
	caught(t, in("internal/web/x.go", `package web; import "fmt"; func f() { fmt.Println() }`), "fmt.Println")
	caught(t, in("internal/ids/x.go", `package ids; import "math/rand/v2"; var x = rand.Int()`), "may not import math/rand/v2")
	caught(t, in("internal/persons/x.go", `package persons; import ("time"; "fmt"); var x = fmt.Sprint(time.Second)`))
	caught(t, in("internal/db/x.go", `package db; import "time"; var x = time.Now`))
	caught(t, in("internal/persons/x_test.go", `package persons_test; import "time"; var x = time.Now`))
}

// licensed complains of a Go file that does not say under which licence it is.
func licensed(f file) []string {
	if f.written || strings.HasPrefix(string(f.text), "// SPDX-License-Identifier: Apache-2.0\n") {
		return nil
	}
	return []string{f.path + ": the first line is not // SPDX-License-Identifier: Apache-2.0"}
}

func TestEachFileNamesItsLicence(t *testing.T) {
	for _, f := range source(t) {
		report(t, licensed(f))
	}
}

func TestAFileWithoutLicenceIsCaught(t *testing.T) {
	caught(t, licensed(made(t, "internal/web/x.go", "package web")), "SPDX")
	caught(t, licensed(made(t, "internal/web/x.go", "// SPDX-License-Identifier: Apache-2.0\n\npackage web")))
}
