// SPDX-License-Identifier: Apache-2.0

package outlines

import (
	"math"
	"slices"
)

// Shades is how many classes there are at most: more cannot be told apart on paper.
const Shades = 5

// Class is a span of values that are drawn alike: from the least to the greatest that there is in it.
type Class struct{ From, To float64 }

// Classes puts values into classes of about as many areas each, the lowest first; equal values lie in one. What is zero has no class.
// A class says what is in it and not what could be, so that a legend has no gaps to guess at.
func Classes(values []float64) (all []Class) {
	some := slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return v <= 0 || math.IsNaN(v) })
	slices.Sort(some)
	last := -1
	for i := 0; i < len(some); {
		same := i
		for same < len(some) && some[same] == some[i] {
			same++
		}
		class := Shades * (i + same) / (2 * len(some)) // where the middle of the equal ones lies
		if kinds := distinct(some); kinds <= Shades {
			class = last + 1
		}
		if class != last {
			all = append(all, Class{From: some[i]})
			last = class
		}
		all[len(all)-1].To = some[i]
		i = same
	}
	return all
}

// distinct is how many different values there are, in order.
func distinct(some []float64) int { return len(slices.Compact(slices.Clone(some))) }

// Shade is the shade of a value, from 1 to Shades, or 0 for none. Fewer classes lie apart as far as they can.
func Shade(classes []Class, value float64) int {
	for i, c := range classes {
		if value < c.From || value > c.To {
			continue
		}
		if len(classes) == 1 {
			return (Shades + 1) / 2
		}
		return 1 + i*(Shades-1)/(len(classes)-1)
	}
	return 0
}
