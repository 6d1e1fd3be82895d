// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"math"
	"time"

	"fera/internal/fault"
)

// Env is where an expression is evaluated: what its references mean, and the clock.
type Env interface {
	// Look returns what a path without a condition refers to: a value, or a set if it leads into a repeat from outside.
	Look(p *Node) Value
	// Each goes through the instances or options that a path with a condition speaks of, calls keep with each as
	// the environment, and returns the set of what the path names in those that were kept.
	Each(p *Node, keep func(Env) bool) Value
	// Position returns the number of the repeat instance that a path leads to, from 1; 0 if it is in none.
	Position(p *Node) int
	// Indexed returns a field in the repeat instances that are given with their numbers, from 1.
	Indexed(field *Node, repeats []*Node, numbers []int) Value
	// Label returns the words of an option of a question, in the language of the filling.
	Label(option string, question *Node) string
	// Random returns 64 bits that are the same whenever this node is asked for in this filling and instance.
	Random(n *Node) uint64
	// Now returns the time, in the zone of the filling.
	Now() time.Time
}

// The work that one evaluation may do: places of the tree visited, and characters of text made.
const (
	mostSteps = 200_000
	mostText  = 200_000
)

// Eval evaluates the expression. It fails only when the expression would do too much work; the value is then blank.
func (e *Expr) Eval(env Env) (Value, error) {
	left := mostSteps
	return e.Within(env, &left)
}

// Within evaluates the expression as Eval does, and takes the work it did off a budget that several share.
func (e *Expr) Within(env Env, left *int) (Value, error) {
	most := min(mostSteps, *left)
	r := &run{left: most, zone: env.Now().Location()}
	v := r.eval(env, e.root)
	*left -= most - max(0, r.left)
	if r.left < 0 {
		return Value{}, fault.New(fault.Invalid, "expression.too_much_work")
	}
	return v, nil
}

// run counts the work of one evaluation.
type run struct {
	left int
	zone *time.Location
}

// number is a value as a number, with moments by the clock of the filling.
func (r *run) number(v Value) float64 {
	if v = v.one(); v.sort == isMoment || v.sort == isText {
		v = v.in(r.zone)
	}
	return v.Float()
}

func (r *run) eval(env Env, n *Node) Value {
	if r.left--; r.left < 0 {
		return Value{}
	}
	switch n.Kind {
	case Text:
		return TextOf(n.Text)
	case Number:
		return NumberOf(n.Number)
	case Path:
		return r.path(env, n)
	case Call:
		return n.do(r, env, n)
	}
	return r.operate(env, n)
}

func (r *run) path(env Env, n *Node) Value {
	var v Value
	if n.Where == nil {
		v = env.Look(n)
	} else {
		v = env.Each(n, func(inner Env) bool { return r.left >= 0 && r.keeps(inner, n.Where) })
	}
	r.left -= len(v.set)
	return v
}

// keeps tells whether a condition in brackets holds: a number is a position, as in [1]; anything else is a truth.
func (r *run) keeps(env Env, where *Node) bool {
	v := r.eval(env, where).one()
	if v.sort == isNumber {
		return float64(env.Position(nil)) == v.num
	}
	return v.True()
}

func (r *run) operate(env Env, n *Node) Value {
	left := r.eval(env, n.Args[0])
	switch n.Name {
	case "neg":
		return NumberOf(-r.number(left))
	case "and":
		return FlagOf(left.True() && r.eval(env, n.Args[1]).True())
	case "or":
		return FlagOf(left.True() || r.eval(env, n.Args[1]).True())
	}
	right := r.eval(env, n.Args[1])
	switch n.Name {
	case "=":
		return FlagOf(r.equal(left.one(), right.one()))
	case "!=":
		return FlagOf(!r.equal(left.one(), right.one()))
	}
	a, b := r.number(left), r.number(right)
	switch n.Name {
	case "<":
		return FlagOf(a < b)
	case "<=":
		return FlagOf(a <= b)
	case ">":
		return FlagOf(a > b)
	case ">=":
		return FlagOf(a >= b)
	case "+":
		return NumberOf(a + b)
	case "-":
		return NumberOf(a - b)
	case "*":
		return NumberOf(a * b)
	case "div":
		return NumberOf(a / b)
	}
	return NumberOf(math.Mod(a, b)) // mod
}

// equal compares as truths if one is a truth, as numbers if one is a number, else as texts. What is no number equals none.
func (r *run) equal(a, b Value) bool {
	switch {
	case a.sort == isFlag || b.sort == isFlag:
		return a.True() == b.True()
	case a.sort == isNumber || b.sort == isNumber:
		x, y := r.number(a), r.number(b)
		return math.Abs(x-y) < 1e-12 || x == y
	}
	return a.String() == b.String()
}
