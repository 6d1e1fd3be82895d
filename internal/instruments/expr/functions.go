// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// function is one that expressions may call.
type function struct {
	least, most int   // arguments; most -1 is as many as one likes
	paths       []int // arguments that must be references
	sets        bool  // references among the arguments are taken as sets
	do          func(r *run, env Env, n *Node) Value
}

func takesSet(name string, argument int) bool {
	f := functions()[name]
	return f.sets || slices.Contains(f.paths, argument)
}

// functions is the table of all functions.
var functions = sync.OnceValue(func() map[string]function {
	all := map[string]function{}
	for _, some := range []map[string]function{textFunctions(), numberFunctions(), logicFunctions(), setFunctions(), timeFunctions(), placeFunctions()} {
		for name, f := range some {
			all[name] = f
		}
	}
	return all
})

// Functions lists the names of the functions that expressions may call, in order.
func Functions() []string {
	var all []string
	for name := range functions() {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// texts makes a function of one over the texts of its arguments.
func texts(count int, do func(s []string) Value) function {
	return function{least: count, most: count, do: func(r *run, env Env, n *Node) Value { return do(r.texts(env, n.Args)) }}
}

func (r *run) texts(env Env, args []*Node) []string {
	all := make([]string, len(args))
	for i, a := range args {
		all[i] = r.eval(env, a).said()
	}
	return all
}

// numeric makes a function of one over the numbers of its arguments.
func numeric(count int, do func(f []float64) float64) function {
	return function{least: count, most: count, do: func(r *run, env Env, n *Node) Value {
		all := make([]float64, len(n.Args))
		for i, a := range n.Args {
			all[i] = r.number(r.eval(env, a))
		}
		return NumberOf(do(all))
	}}
}

// flat evaluates arguments and lays the members of sets in a row.
func (r *run) flat(env Env, args []*Node) []Value {
	var all []Value
	for _, a := range args {
		v := r.eval(env, a).all()
		if r.left -= len(v); r.left < 0 {
			return nil
		}
		all = append(all, v...)
	}
	return all
}

// joined puts texts together, as long as they do not grow beyond bounds.
func (r *run) joined(parts []Value, between string) Value {
	var b strings.Builder
	for i, v := range parts {
		if i > 0 {
			b.WriteString(between)
		}
		b.WriteString(v.said())
		if b.Len() > mostText {
			r.left = -1
			return Value{}
		}
	}
	return TextOf(b.String())
}

func textFunctions() map[string]function {
	return map[string]function{
		"string": {least: 1, most: 1, do: func(r *run, env Env, n *Node) Value { return TextOf(r.eval(env, n.Args[0]).said()) }},
		"concat": {least: 1, most: -1, sets: true, do: func(r *run, env Env, n *Node) Value { return r.joined(r.flat(env, n.Args), "") }},
		"join": {least: 1, most: -1, sets: true, do: func(r *run, env Env, n *Node) Value {
			return r.joined(r.flat(env, n.Args[1:]), r.eval(env, n.Args[0]).String())
		}},
		"string-length": {least: 0, most: 1, do: func(r *run, env Env, n *Node) Value {
			if len(n.Args) == 0 {
				return NumberOf(float64(len([]rune(env.Look(&Node{Kind: Path, From: Here, Index: -1}).String()))))
			}
			return NumberOf(float64(len([]rune(r.eval(env, n.Args[0]).said()))))
		}},
		"substr":           {least: 2, most: 3, do: substr},
		"contains":         texts(2, func(s []string) Value { return FlagOf(strings.Contains(s[0], s[1])) }),
		"starts-with":      texts(2, func(s []string) Value { return FlagOf(strings.HasPrefix(s[0], s[1])) }),
		"ends-with":        texts(2, func(s []string) Value { return FlagOf(strings.HasSuffix(s[0], s[1])) }),
		"substring-before": texts(2, func(s []string) Value { return TextOf(before(s[0], s[1])) }),
		"substring-after":  texts(2, func(s []string) Value { return TextOf(after(s[0], s[1])) }),
		"normalize-space":  texts(1, func(s []string) Value { return TextOf(strings.Join(strings.Fields(s[0]), " ")) }),
		"translate":        texts(3, func(s []string) Value { return TextOf(translate(s[0], s[1], s[2])) }),
		"regex": texts(2, func(s []string) Value {
			re, err := pattern(s[1])
			return FlagOf(err == nil && re.MatchString(s[0]))
		}),
		"jr:choice-name": {least: 2, most: 2, do: func(r *run, env Env, n *Node) Value {
			return TextOf(env.Label(r.eval(env, n.Args[0]).String(), n.Args[1]))
		}},
		"uuid": {least: 0, most: 1, do: func(_ *run, env Env, n *Node) Value { return TextOf(uuid(env, n)) }},
	}
}

// substr cuts from a start, counted from 0, up to an end that is not included; negative counts from the end.
func substr(r *run, env Env, n *Node) Value {
	s := []rune(r.eval(env, n.Args[0]).said())
	place := func(i int, otherwise int) int {
		if i >= len(n.Args) {
			return otherwise
		}
		f := r.eval(env, n.Args[i]).Float()
		if math.IsNaN(f) {
			return 0
		}
		if f < 0 {
			f += float64(len(s))
		}
		return int(max(0, min(f, float64(len(s)))))
	}
	from, to := place(1, 0), place(2, len(s))
	if from >= to {
		return Value{}
	}
	return TextOf(string(s[from:to]))
}

func before(s, mark string) string {
	head, _, ok := strings.Cut(s, mark)
	if !ok {
		return ""
	}
	return head
}

func after(s, mark string) string {
	_, tail, _ := strings.Cut(s, mark)
	return tail
}

func translate(s, from, to string) string {
	old, made := []rune(from), []rune(to)
	return strings.Map(func(r rune) rune {
		at := slices.Index(old, r)
		switch {
		case at < 0:
			return r
		case at < len(made):
			return made[at]
		}
		return -1
	}, s)
}

func numberFunctions() map[string]function {
	return map[string]function{
		"number": numeric(1, func(f []float64) float64 { return f[0] }),
		"int":    numeric(1, func(f []float64) float64 { return math.Trunc(f[0]) }),
		"round": {least: 1, most: 2, do: func(r *run, env Env, n *Node) Value {
			f, places := r.number(r.eval(env, n.Args[0])), 0.0
			if len(n.Args) == 2 {
				places = math.Trunc(r.eval(env, n.Args[1]).Float())
			}
			return NumberOf(round(f, places))
		}},
		"abs":     numeric(1, func(f []float64) float64 { return math.Abs(f[0]) }),
		"pow":     numeric(2, func(f []float64) float64 { return math.Pow(f[0], f[1]) }),
		"exp":     numeric(1, func(f []float64) float64 { return math.Exp(f[0]) }),
		"exp10":   numeric(1, func(f []float64) float64 { return math.Pow(10, f[0]) }),
		"log":     numeric(1, func(f []float64) float64 { return math.Log(f[0]) }),
		"log10":   numeric(1, func(f []float64) float64 { return math.Log10(f[0]) }),
		"sqrt":    numeric(1, func(f []float64) float64 { return math.Sqrt(f[0]) }),
		"sin":     numeric(1, func(f []float64) float64 { return math.Sin(f[0]) }),
		"cos":     numeric(1, func(f []float64) float64 { return math.Cos(f[0]) }),
		"tan":     numeric(1, func(f []float64) float64 { return math.Tan(f[0]) }),
		"asin":    numeric(1, func(f []float64) float64 { return math.Asin(f[0]) }),
		"acos":    numeric(1, func(f []float64) float64 { return math.Acos(f[0]) }),
		"atan":    numeric(1, func(f []float64) float64 { return math.Atan(f[0]) }),
		"atan2":   numeric(2, func(f []float64) float64 { return math.Atan2(f[0], f[1]) }),
		"floor":   numeric(1, func(f []float64) float64 { return math.Floor(f[0]) }),
		"ceiling": numeric(1, func(f []float64) float64 { return math.Ceil(f[0]) }),
		"pi":      numeric(0, func([]float64) float64 { return math.Pi }),
		"random": {least: 0, most: 0, do: func(_ *run, env Env, n *Node) Value {
			return NumberOf(float64(env.Random(n)>>11) / (1 << 53))
		}},
	}
}

// round rounds halves up, at a number of places after the point; before it, if negative. It goes by the digits that one
// sees: 1.005 is halfway, though the number in the machine is a little less.
func round(f, places float64) float64 {
	if math.IsInf(f, 0) {
		return f
	}
	if math.IsNaN(f) || math.IsNaN(places) || math.Abs(places) > 30 {
		return math.NaN()
	}
	exact, ok := new(big.Rat).SetString(strconv.FormatFloat(f, 'g', -1, 64))
	if !ok {
		return math.NaN()
	}
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(math.Abs(places))), nil))
	if places < 0 {
		scale.Inv(scale)
	}
	exact.Add(exact.Mul(exact, scale), big.NewRat(1, 2))
	whole := new(big.Int).Div(exact.Num(), exact.Denom()) // downwards, as the denominator is above zero
	rounded, _ := new(big.Rat).Quo(new(big.Rat).SetInt(whole), scale).Float64()
	return rounded
}
