// SPDX-License-Identifier: Apache-2.0

package guards_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strings"
	"testing"
)

// What a reader can be asked to hold in mind. Generated files and tests are not counted.
const (
	functionLines  = 60
	fileLines      = 400
	packageLines   = 2500
	packageNames   = 45
	parameterCount = 5
)

// exception lets one thing go over one limit, up to a limit of its own, for a reason.
type exception struct {
	where  string // "internal/x/y.go", "internal/x/y.go Func" or "x" (a package)
	limit  int
	reason string
}

func exceptions() []exception {
	return []exception{
		{"internal/operations/operations.go Once", 6, "the four of every act, and the subject and the content that tell two operations apart"},
		{"persons", 4600, "the register is one noun with many rows, each read from one record or several; journeys and consents leave when a second room needs them"},
		{"persons names", 90, "each row of the register has its type, its act and what the act is about"},
		{"assessments names", 52, "asking, correcting, alerts, scoring anew and counting each have their step and what it is about"},
		{"cases", 2900, "notes, tasks and decisions share the rights over the case, its row and its key; they leave when one of them has a second owner"},
		{"services names", 50, "what is given, paid, promised and told each has its act and what the act is about"},
		{"cases names", 90, "a case has a clock, notes, tasks, members and things to decide, each with its act and what the act is about"},
		{"shelters", 2900, "the house and the stays in it share one board of beds and nights, which neither side can keep alone"},
		{"shelters names", 80, "a shelter, its rooms, its keepers and a stay have each their acts and what the act is about"},
		{"referrals", 3900, "the course as two sides and she see it, its links, letters and totals share one row; the totals leave when a second thing is counted so"},
		{"referrals names", 85, "the sender, the provider and she herself have each their acts, what the act is about and what they see"},
		{"messages names", 52, "what is said, to whom, how it leaves, what comes back and what is shown of it have each their acts"},
		{"handovers names", 60, "who gives a case away, who takes it, many at once and who was brought have each their acts, what the act is about and what they see"},
		{"bench", 3400, "what is measured shares the program under load, the table and the two engines"},
		{"simulate", 3400, "the published year is told with the same dice, people and stories as the rest"},
		{"projects names", 65, "what is said of a project has a type for each row of it; money, and what counts, have each their acts and what the act is about"},
		{"activities names", 65, "an activity, its names, its kinds and the forums that meet have each their acts and what the act is about"},
		{"accounts names", 50, "each way in has its step and what the step is about"},
		{"cli", 4200, "each command has its flags, its help and its sentences; it splits by command when a second room has its own"},
		{"web", 7000, "the rooms persons, lists, pairs and questionnaires are here side by side; each new room is a package of its own beside web/site"},
		{"accounts", 2780, "users, sign-in, sessions, keys and notices share one table of users; what is guessed is counted as sign-ins are"},
	}
}

// over complains if got is more than limit, and than the exception made for it.
func over(made []exception, where string, got, limit int, what string) []string {
	for _, e := range made {
		if e.where == where {
			limit = max(limit, e.limit)
		}
	}
	if got <= limit {
		return nil
	}
	return []string{fmt.Sprintf("%s: %d %s, the limit is %d", where, got, what, limit)}
}

// tooMuch complains of what is too long or takes too much in one file.
func tooMuch(f file, made []exception) (complaints []string) {
	if f.test || f.written {
		return nil
	}
	complaints = over(made, f.path, strings.Count(string(f.text), "\n"), fileLines, "lines in one file")
	for _, d := range f.tree.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		where := f.path + " " + fn.Name.Name
		// A function that only returns one value written out is a table.
		if len(fn.Body.List) > 1 {
			complaints = append(complaints, over(made, where, f.lines(fn.Pos(), fn.End()), functionLines, "lines in one function")...)
		}
		complaints = append(complaints, over(made, where, fn.Type.Params.NumFields(), parameterCount, "parameters")...)
	}
	return complaints
}

// size is what a package asks of its reader.
type size struct{ lines, names, tests int }

func sizes(files []file) map[string]size {
	all := map[string]size{}
	for _, f := range files {
		s := all[f.pkg]
		switch lines := strings.Count(string(f.text), "\n"); {
		case f.written:
		case f.test:
			s.tests += lines
		default:
			s.lines += lines
			s.names += exported(f)
		}
		all[f.pkg] = s
	}
	return all
}

// exported counts the names that another package can use, methods apart. The
// constants of one type are one name: an enumeration is learnt as one thing.
func exported(f file) (n int) {
	for _, d := range f.tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.IsExported() {
				n++
			}
		case *ast.GenDecl:
			enumeration := false
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					n += count(spec.Name)
				case *ast.ValueSpec:
					if enumeration = enumeration || d.Tok == token.CONST && spec.Type != nil; !enumeration {
						n += count(spec.Names...)
					}
				}
			}
			if enumeration {
				n++
			}
		}
	}
	return n
}

func count(names ...*ast.Ident) (n int) {
	for _, name := range names {
		if name.IsExported() {
			n++
		}
	}
	return n
}

// constructors make values that nobody can change afterwards.
func constructors() []string {
	return []string{"sync.OnceValue", "sync.OnceValues", "errors.New", "fault.New", "regexp.MustCompile", "strings.NewReplacer",
		"language.MustParse", "language.Make", "time.FixedZone", "template.Must", "cases.Fold"}
}

// mutable complains of variables of a package that its functions could change, and of init functions.
func mutable(f file, made []exception) (complaints []string) {
	if f.test || f.written {
		return nil
	}
	for _, d := range f.tree.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
			complaints = append(complaints, f.at(fn.Pos())+": no init functions: what must be made is made by who needs it")
		}
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, spec := range g.Specs {
			v := spec.(*ast.ValueSpec)
			name := v.Names[0].Name
			excused := slices.ContainsFunc(made, func(e exception) bool { return e.where == f.path+" "+name })
			if !excused && !constant(g, v) {
				complaints = append(complaints, fmt.Sprintf("%s: %s is a variable of the package: make it a constant, a function or a sync.OnceValue", f.at(v.Pos()), name))
			}
		}
	}
	return complaints
}

// constant tells whether a variable is as good as a constant.
func constant(g *ast.GenDecl, v *ast.ValueSpec) bool {
	if v.Names[0].Name == "_" || embeds(g.Doc) || embeds(v.Doc) {
		return true
	}
	if len(v.Values) == 0 {
		return false
	}
	for _, value := range v.Values {
		call, ok := value.(*ast.CallExpr)
		if !ok || !slices.Contains(constructors(), callee(call.Fun)) {
			return false
		}
	}
	return true
}

func embeds(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") })
}

// callee writes the name of the function called, as in "sync.OnceValue" or, of a chain, its beginning.
func callee(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.IndexExpr:
		return callee(e.X)
	case *ast.IndexListExpr:
		return callee(e.X)
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok {
			return x.Name + "." + e.Sel.Name
		}
		return callee(e.X)
	case *ast.CallExpr: // fault.New(...).On(...)
		return callee(e.Fun)
	}
	return ""
}

func TestNothingIsTooLong(t *testing.T) {
	files := source(t)
	var complaints []string
	for _, f := range files {
		complaints = append(complaints, tooMuch(f, exceptions())...)
	}
	all := sizes(files)
	for _, pkg := range slices.Sorted(maps.Keys(all)) {
		if testPackage(pkg) {
			continue
		}
		complaints = append(complaints, over(exceptions(), pkg, all[pkg].lines, packageLines, "lines in one package")...)
		complaints = append(complaints, over(exceptions(), pkg+" names", all[pkg].names, packageNames, "exported names in one package")...)
	}
	report(t, complaints)
	t.Log(table(all))
}

// table prints the sizes, the largest package first.
func table(all map[string]size) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%-20s %6s %6s %6s\n", "package", "lines", "names", "tests")
	var sum size
	for _, pkg := range slices.SortedFunc(maps.Keys(all), func(a, b string) int { return cmp.Compare(all[b].lines, all[a].lines) }) {
		s := all[pkg]
		fmt.Fprintf(&b, "%-20s %6d %6d %6d\n", pkg, s.lines, s.names, s.tests)
		sum = size{sum.lines + s.lines, sum.names + s.names, sum.tests + s.tests}
	}
	fmt.Fprintf(&b, "%-20s %6d %6d %6d\n", "all", sum.lines, sum.names, sum.tests)
	return b.String()
}

func TestNoPackageKeepsState(t *testing.T) {
	for _, f := range source(t) {
		report(t, mutable(f, exceptions()))
	}
}

func TestEveryExceptionGivesItsReason(t *testing.T) {
	known := map[string]bool{}
	for _, f := range source(t) {
		known[f.path], known[f.pkg] = true, true
	}
	for _, e := range exceptions() {
		path, _, _ := strings.Cut(e.where, " ")
		if len(e.reason) < 20 || !known[path] {
			t.Errorf("exception %q: want a reason of some words, and that the place exists", e.where)
		}
	}
}

func TestTheBudgetCatchesExcess(t *testing.T) {
	long := "package x\n\nfunc Long() {\n" + strings.Repeat("\tgo f()\n", 60) + "}\n"
	caught(t, tooMuch(made(t, "internal/x/x.go", long), nil), "62 lines in one function, the limit is 60")
	caught(t, tooMuch(made(t, "internal/x/x.go", long), []exception{{"internal/x/x.go Long", 62, ""}}))
	caught(t, tooMuch(made(t, "internal/x/x.go", "package x\n"+strings.Repeat("\n", 400)), nil), "401 lines in one file")
	caught(t, tooMuch(made(t, "internal/x/x.go", "package x\nfunc f(a, b, c int, d, e, f string) {}"), nil), "6 parameters")
	caught(t, tooMuch(made(t, "internal/x/x.go", "package x\nfunc f() []int {\nreturn []int{\n"+strings.Repeat("1,\n", 90)+"}\n}"), nil))
	got := sizes([]file{made(t, "internal/x/x.go", "package x\nconst (\nA T = 1\nB T = 2\n)\ntype T int\nfunc F() {}\nfunc (T) M() {}\nvar V, w = 1, 2\nconst C, d = 1, 2\n")})["x"]
	if got.names != 5 { // the enumeration, T, F, V, C
		t.Errorf("exported names = %d, want 5", got.names)
	}
	caught(t, over(nil, "x", 46, packageNames, "exported names in one package"), "46 exported names")
}

func TestStateIsCaught(t *testing.T) {
	in := func(text string) []string { return mutable(made(t, "internal/x/x.go", "package x\n"+text), nil) }
	caught(t, in("func init() {}"), "no init functions")
	caught(t, in("var cache = map[string]int{}"), "cache is a variable")
	caught(t, in("var mu sync.Mutex"), "mu is a variable")
	caught(t, in("var (\n\ta = errors.New(`a`)\n\tb = []int{1}\n)"), "b is a variable")
	caught(t, in("//go:embed x.json\nvar data []byte\nvar _ I = (*T)(nil)\nvar one = sync.OnceValue(func() int { return 1 })\nvar two = sync.OnceValues[int, error](f)\nvar none = fault.New(fault.NotFound, `x`).On(`y`)"))
}
