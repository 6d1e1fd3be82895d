// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"fmt"
	"math"
	"strings"
	"time"
)

func logicFunctions() map[string]function {
	return map[string]function{
		"true":    {do: func(*run, Env, *Node) Value { return FlagOf(true) }},
		"false":   {do: func(*run, Env, *Node) Value { return FlagOf(false) }},
		"not":     {least: 1, most: 1, do: func(r *run, env Env, n *Node) Value { return FlagOf(!r.eval(env, n.Args[0]).True()) }},
		"boolean": {least: 1, most: 1, do: func(r *run, env Env, n *Node) Value { return FlagOf(r.eval(env, n.Args[0]).True()) }},
		"boolean-from-string": texts(1, func(s []string) Value {
			return FlagOf(s[0] == "1" || strings.EqualFold(s[0], "true"))
		}),
		"if": {least: 3, most: 3, do: func(r *run, env Env, n *Node) Value {
			if r.eval(env, n.Args[0]).True() {
				return r.eval(env, n.Args[1])
			}
			return r.eval(env, n.Args[2])
		}},
		"coalesce": {least: 1, most: -1, do: func(r *run, env Env, n *Node) Value {
			for _, a := range n.Args {
				if v := r.eval(env, a); !v.Blank() {
					return v
				}
			}
			return Value{}
		}},
		"once": {least: 1, most: 1, do: func(r *run, env Env, n *Node) Value {
			if own := env.Look(&Node{Kind: Path, From: Here, Index: -1}); !own.Blank() {
				return own
			}
			return r.eval(env, n.Args[0])
		}},
		"selected":       texts(2, func(s []string) Value { return FlagOf(selected(s[0], s[1])) }),
		"count-selected": texts(1, func(s []string) Value { return NumberOf(float64(len(strings.Fields(s[0])))) }),
		"selected-at": {least: 2, most: 2, do: func(r *run, env Env, n *Node) Value {
			all, at := strings.Fields(r.eval(env, n.Args[0]).String()), r.eval(env, n.Args[1]).Float()
			if math.IsNaN(at) || at < 0 || at >= float64(len(all)) {
				return Value{}
			}
			return TextOf(all[int(at)])
		}},
		"checklist":          {least: 2, most: -1, sets: true, do: checklist},
		"weighted-checklist": {least: 2, most: -1, do: weighted},
	}
}

func selected(list, option string) bool {
	for _, one := range strings.Fields(list) {
		if one == strings.TrimSpace(option) {
			return true
		}
	}
	return false
}

// checklist tells whether as many of its conditions hold as its first two arguments allow; -1 is no bound.
func checklist(r *run, env Env, n *Node) Value {
	least, most, held := r.eval(env, n.Args[0]).Float(), r.eval(env, n.Args[1]).Float(), 0.0
	for _, v := range r.flat(env, n.Args[2:]) {
		held += FlagOf(v.True()).num
	}
	return FlagOf((least < 0 || held >= least) && (most < 0 || held <= most))
}

// weighted tells whether the weights of its conditions that hold add up to something between its first two arguments.
func weighted(r *run, env Env, n *Node) Value {
	least, most, held := r.eval(env, n.Args[0]).Float(), r.eval(env, n.Args[1]).Float(), 0.0
	for i := 2; i+1 < len(n.Args); i += 2 {
		if r.eval(env, n.Args[i]).True() {
			held += r.eval(env, n.Args[i+1]).Float()
		}
	}
	return FlagOf(held >= least && held <= most)
}

func setFunctions() map[string]function {
	return map[string]function{
		"count": {least: 1, most: 1, paths: []int{0}, sets: true, do: func(r *run, env Env, n *Node) Value {
			return NumberOf(float64(len(r.flat(env, n.Args))))
		}},
		"count-non-empty": {least: 1, most: 1, paths: []int{0}, sets: true, do: func(r *run, env Env, n *Node) Value {
			return NumberOf(float64(len(given(r.flat(env, n.Args)))))
		}},
		"sum": {least: 1, most: 1, sets: true, do: func(r *run, env Env, n *Node) Value {
			sum := 0.0
			for _, v := range r.flat(env, n.Args) {
				if f := r.number(v); !math.IsNaN(f) {
					sum += f
				}
			}
			return NumberOf(sum)
		}},
		"min":      {least: 1, most: -1, sets: true, do: func(r *run, env Env, n *Node) Value { return r.extreme(r.flat(env, n.Args), math.Min) }},
		"max":      {least: 1, most: -1, sets: true, do: func(r *run, env Env, n *Node) Value { return r.extreme(r.flat(env, n.Args), math.Max) }},
		"position": {least: 0, most: 1, paths: []int{0}, do: position},
		"index":    {least: 0, most: 1, paths: []int{0}, do: position},
		"indexed-repeat": {least: 3, most: 7, paths: []int{0, 1, 3, 5}, do: func(r *run, env Env, n *Node) Value {
			var repeats []*Node
			var numbers []int
			for i := 1; i+1 < len(n.Args); i += 2 {
				f := r.eval(env, n.Args[i+1]).Float()
				if math.IsNaN(f) || f < 1 { // there is no such instance yet; the first is taken, as elsewhere
					f = 1
				}
				repeats, numbers = append(repeats, n.Args[i]), append(numbers, int(min(f, 1e6)))
			}
			return env.Indexed(n.Args[0], repeats, numbers)
		}},
	}
}

func given(all []Value) (some []Value) {
	for _, v := range all {
		if !v.Blank() {
			some = append(some, v)
		}
	}
	return some
}

// extreme passes over blanks; it is blank when there is nothing else.
func (r *run) extreme(all []Value, better func(a, b float64) float64) Value {
	best := math.NaN()
	for _, v := range all {
		switch f := r.number(v); {
		case math.IsNaN(f):
		case math.IsNaN(best):
			best = f
		default:
			best = better(best, f)
		}
	}
	return NumberOf(best)
}

func position(_ *run, env Env, n *Node) Value {
	at := 0
	if len(n.Args) == 1 {
		at = env.Position(n.Args[0])
	} else {
		at = env.Position(nil)
	}
	if at == 0 {
		return Value{}
	}
	return NumberOf(float64(at))
}

func timeFunctions() map[string]function {
	zone := func(env Env) *time.Location { return env.Now().Location() }
	over := func(do func(env Env, v Value) Value) function {
		return function{least: 1, most: 1, do: func(r *run, env Env, n *Node) Value { return do(env, r.eval(env, n.Args[0])) }}
	}
	formatted := func(read func(Value, *time.Location) (time.Time, bool)) function {
		return function{least: 2, most: 2, do: func(r *run, env Env, n *Node) Value {
			v := r.eval(env, n.Args[0])
			t, ok := read(v, zone(env))
			if !ok || v.Blank() {
				return Value{}
			}
			return TextOf(format(t, r.eval(env, n.Args[1]).String()))
		}}
	}
	return map[string]function{
		"today":       {do: func(_ *run, env Env, _ *Node) Value { return DayOf(env.Now()) }},
		"now":         {do: func(_ *run, env Env, _ *Node) Value { return MomentOf(env.Now()) }},
		"date":        over(func(env Env, v Value) Value { return dayValue(v, zone(env)) }),
		"date-time":   over(func(env Env, v Value) Value { return momentValue(v, zone(env)) }),
		"format-date": formatted(toDay), "format-date-time": formatted(toMoment),
		"decimal-date-time": over(func(env Env, v Value) Value {
			if v.Blank() {
				return Value{}
			}
			if v.one().sort == isNumber {
				return NumberOf(v.Float())
			}
			t, ok := toMoment(v, zone(env)) // a day begins at its own midnight
			if !ok {
				return Value{}
			}
			return NumberOf(days(t)) // by the clock of the filling, as date() reads it back
		}),
		"decimal-time": over(func(env Env, v Value) Value {
			if v.one().sort == isMoment {
				return NumberOf(parseClock(v.one().at.In(zone(env)).Format("15:04:05")))
			}
			return NumberOf(parseClock(v.String()))
		}),
	}
}

// uuid makes an identifier of the filling's dice: random in form, the same whenever it is asked for.
func uuid(env Env, n *Node) string {
	high := env.Random(n)
	low := env.Random(&Node{Kind: Call, Name: "uuid low", At: n.At})
	high = high&^0xf000 | 0x4000
	low = low&^(3<<62) | 2<<62
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", high>>32, high>>16&0xffff, high&0xffff, low>>48, low&(1<<48-1))
}
