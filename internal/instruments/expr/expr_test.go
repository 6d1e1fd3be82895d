// SPDX-License-Identifier: Apache-2.0

package expr_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"fera/internal/fault"
	"fera/internal/instruments/expr"
	"fera/internal/words"
)

// vectors is testdata/vectors.json, which every evaluator of the language has to satisfy.
type vectors struct {
	Now     time.Time
	Values  map[string]struct{ As, Is string }
	People  []map[string]string
	Me      int
	Options []map[string]string
	Cases   [][2]string
	Refused [][2]string
}

func load(t testing.TB) vectors {
	t.Helper()
	text, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// world is the smallest place that expressions can be evaluated in: some answers, one repeat, one list.
type world struct {
	vectors
	row map[string]string // what is looked at in brackets
	nth int
}

func (w world) field(i int, name string) expr.Value {
	if i < 1 || i > len(w.People) {
		return expr.Value{}
	}
	if name == "years" {
		return expr.Parsed("int", w.People[i-1][name], time.UTC)
	}
	return expr.TextOf(w.People[i-1][name])
}

func (w world) Look(p *expr.Node) expr.Value {
	last := ""
	if len(p.Steps) > 0 {
		last = p.Steps[len(p.Steps)-1]
	}
	switch {
	case p.From == expr.Bare:
		return expr.TextOf(w.row[p.Steps[0]])
	case p.From == expr.Here && len(p.Steps) == 0:
		return w.field(w.Me, "who")
	case p.From == expr.List:
		return w.Each(p, func(expr.Env) bool { return true })
	case p.From == expr.Named && p.Steps[0] == "people":
		return w.Each(p, func(expr.Env) bool { return true })
	case last == "who" || last == "years":
		return w.field(w.Me, last)
	}
	v, ok := w.Values[last]
	if !ok {
		panic("no value " + last)
	}
	return expr.Parsed(v.As, v.Is, time.UTC)
}

func (w world) Each(p *expr.Node, keep func(expr.Env) bool) expr.Value {
	rows, column := w.People, "who"
	if p.From == expr.List {
		rows, column = w.Options, "name"
	}
	if rest := p.Steps[max(p.After, 1):]; len(rest) > 0 {
		column = rest[len(rest)-1]
	}
	var all []expr.Value
	for i, row := range rows {
		if keep(world{w.vectors, row, i + 1}) {
			all = append(all, expr.TextOf(row[column]))
		}
	}
	return expr.SetOf(all)
}

func (w world) Position(p *expr.Node) int {
	if w.nth > 0 {
		return w.nth
	}
	return w.Me
}

func (w world) Indexed(field *expr.Node, _ []*expr.Node, numbers []int) expr.Value {
	return w.field(numbers[0], field.Steps[0])
}

func (w world) Label(option string, _ *expr.Node) string {
	for _, o := range w.Options {
		if o["name"] == option {
			return o["label"]
		}
	}
	return ""
}

func (w world) Random(n *expr.Node) uint64 { return 0x9e3779b97f4a7c15 * uint64(n.At+1) }
func (w world) Now() time.Time             { return w.vectors.Now }

func eval(t testing.TB, w expr.Env, text string) string {
	t.Helper()
	e, err := expr.Parse(text)
	if err != nil {
		t.Fatalf("Parse(%s): %v", text, err)
	}
	v, err := e.Eval(w)
	if err != nil {
		t.Fatalf("Eval(%s): %v", text, err)
	}
	return v.String()
}

func TestExpressionsComeToWhatTheVectorsSay(t *testing.T) {
	v := load(t)
	for _, c := range v.Cases {
		if got := eval(t, world{vectors: v}, c[0]); got != c[1] {
			t.Errorf("%s = %q, want %q", c[0], got, c[1])
		}
	}
}

func TestRefusalsSayWhy(t *testing.T) {
	for _, c := range load(t).Refused {
		_, err := expr.Parse(c[0])
		f := fault.Of(err)
		if f == nil || f.Key != c[1] {
			t.Errorf("Parse(%s): %v, want %s", c[0], err, c[1])
			continue
		}
		for _, lang := range words.Languages() {
			if said := words.In(lang).Fault(f); strings.Contains(said, "{at}") || !words.In(lang).Has(f.Key) {
				t.Errorf("%s in %s: %q", f.Key, lang, said)
			}
		}
	}
}

func TestEveryFunctionStandsInTheVectors(t *testing.T) {
	var all strings.Builder
	for _, c := range load(t).Cases {
		all.WriteString(c[0] + " ")
	}
	untested := slices.DeleteFunc(expr.Functions(), func(name string) bool { return strings.Contains(all.String(), name+"(") })
	// Trigonometry is the standard library's; dice have a test of their own.
	if want := []string{"acos", "asin", "atan", "atan2", "cos", "exp10", "random", "sin", "tan", "uuid"}; !slices.Equal(untested, want) {
		t.Errorf("functions without a vector: %v, want %v", untested, want)
	}
}

func TestDiceStandStill(t *testing.T) {
	w := world{vectors: load(t)}
	if a, b := eval(t, w, "uuid()"), eval(t, w, "uuid()"); a != b || len(a) != 36 || a[14] != '4' || !strings.ContainsAny(a[19:20], "89ab") {
		t.Errorf("uuid() = %q, then %q; want the same one of version 4", a, b)
	}
	if got := eval(t, w, "random() >= 0 and random() < 1"); got != "true" {
		t.Errorf("random() is not within 0 and 1")
	}
}

func TestWorkIsBounded(t *testing.T) {
	w := world{vectors: load(t)}
	deep := strings.Repeat("(", 300) + "1" + strings.Repeat(")", 300)
	if _, err := expr.Parse(deep); fault.Of(err) == nil || fault.Of(err).Key != "expression.too_deep" {
		t.Errorf("300 brackets: %v, want expression.too_deep", err)
	}
	if _, err := expr.Parse(strings.Repeat("1+", 20_000) + "1"); fault.Of(err) == nil || fault.Of(err).Key != "expression.too_long" {
		t.Errorf("40,000 characters: %v, want expression.too_long", err)
	}
	for range 1000 {
		w.People = append(w.People, map[string]string{"who": "x", "years": "1"})
	}
	e, err := expr.Parse("count(${people}[count(${people}[count(${people}) > 0]) > 0])")
	if err != nil {
		t.Fatal(err)
	}
	if v, err := e.Eval(w); fault.Of(err) == nil || fault.Of(err).Key != "expression.too_much_work" || !v.Blank() {
		t.Errorf("a thousand times a thousand: %v, want expression.too_much_work", err)
	}
}

func TestPathsKnowWhereTheyAreSets(t *testing.T) {
	e, err := expr.Parse("sum(${a}) + ${b} + count(${c}[d = ${e}]) + concat(${f}, string(${g}))")
	if err != nil {
		t.Fatal(err)
	}
	var scalar []string
	expr.Scalar(e.Tree(), func(p *expr.Node) { scalar = append(scalar, p.Steps[0]) })
	if want := []string{"b", "d", "e", "g"}; !slices.Equal(scalar, want) {
		t.Errorf("taken alone: %v, want %v", scalar, want)
	}
	for i, p := range e.Paths() {
		if p.Index != i {
			t.Errorf("path %d has the index %d", i, p.Index)
		}
	}
}

// No text may crash the parser or the evaluator, or keep it busy.
func FuzzParse(f *testing.F) {
	v := load(f)
	for _, c := range slices.Concat(v.Cases, v.Refused) {
		f.Add(c[0])
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := expr.Parse(text)
		if err != nil {
			if fault.Of(err) == nil {
				t.Errorf("Parse(%q): %v is no fault", text, err)
			}
			return
		}
		_, _ = e.Eval(open{})
	})
}

// open is a world in which every reference means something.
type open struct{}

func (open) Look(*expr.Node) expr.Value {
	return expr.SetOf([]expr.Value{expr.NumberOf(3), expr.TextOf("x")})
}
func (open) Each(_ *expr.Node, keep func(expr.Env) bool) expr.Value {
	if keep(open{}) {
		return expr.TextOf("kept")
	}
	return expr.Value{}
}
func (open) Position(*expr.Node) int                            { return 1 }
func (open) Indexed(*expr.Node, []*expr.Node, []int) expr.Value { return expr.NumberOf(1) }
func (open) Label(string, *expr.Node) string                    { return "label" }
func (open) Random(*expr.Node) uint64                           { return 7 }
func (open) Now() time.Time                                     { return time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC) }
