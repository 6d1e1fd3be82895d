// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"math"
	"strings"
)

// earth is the radius in metres that ODK Collect's engine reckons with.
const earth = 6_378_100

// spot is a place on the earth, in degrees.
type spot struct{ north, east float64 }

// spots reads places with ; between: latitude, longitude, and if one likes altitude and accuracy, with spaces between.
func spots(text string) (all []spot, ok bool) {
	for one := range strings.SplitSeq(strings.TrimSuffix(strings.TrimSpace(Digits(text)), ";"), ";") {
		parts := strings.Fields(one)
		if len(parts) < 2 || len(parts) > 4 {
			return nil, false
		}
		bounds := []float64{90, 180, math.MaxFloat64, math.MaxFloat64}
		var f [4]float64
		for i, p := range parts {
			if f[i] = parseNumber(p); math.IsNaN(f[i]) || math.Abs(f[i]) > bounds[i] {
				return nil, false
			}
		}
		all = append(all, spot{f[0], f[1]})
	}
	return all, true
}

// Places counts the places of a geopoint, geotrace or geoshape; 0 if the text is none.
func Places(text string) int {
	all, _ := spots(text)
	return len(all)
}

// Closed tells whether a line of places ends where it began.
func Closed(text string) bool {
	all, ok := spots(text)
	return ok && all[0] == all[len(all)-1]
}

// length is the way along places, in metres, by great circles.
func length(all []spot) (sum float64) {
	for i := 1; i < len(all); i++ {
		a, b := all[i-1], all[i]
		up, over := math.Sin(radians(b.north-a.north)/2), math.Sin(radians(b.east-a.east)/2)
		h := up*up + math.Cos(radians(a.north))*math.Cos(radians(b.north))*over*over
		sum += 2 * earth * math.Asin(math.Min(1, math.Sqrt(h)))
	}
	return sum
}

// surface is what places go round, in square metres, on a ball.
func surface(all []spot) (sum float64) {
	for i := range all {
		a, b := all[i], all[(i+1)%len(all)]
		sum += radians(b.east-a.east) * (2 + math.Sin(radians(a.north)) + math.Sin(radians(b.north)))
	}
	return math.Abs(sum * earth * earth / 2)
}

func radians(degrees float64) float64 { return degrees * math.Pi / 180 }

// placed gives the places of its arguments: of one text, or one after the other of a reference into a repeat.
func placed(reckon func([]spot) float64, least int) func(r *run, env Env, n *Node) Value {
	return func(r *run, env Env, n *Node) Value {
		var all []spot
		for _, v := range r.flat(env, n.Args) {
			if v.Blank() {
				continue
			}
			some, ok := spots(v.String())
			if !ok {
				return Value{}
			}
			all = append(all, some...)
		}
		if len(all) < least {
			return NumberOf(0)
		}
		return NumberOf(reckon(all))
	}
}

func placeFunctions() map[string]function {
	return map[string]function{
		"distance": {least: 1, most: -1, sets: true, do: placed(length, 2)},
		"area":     {least: 1, most: 1, sets: true, do: placed(surface, 3)},
	}
}
