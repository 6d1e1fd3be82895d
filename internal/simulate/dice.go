// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"math"
	"math/rand/v2"
	"sort"
)

// dice decide what chance decides.
type dice struct{ *rand.Rand }

// throw gives the dice for one person and one question about her, so that who
// she is does not depend on how many come before her.
func (w *world) throw(person int, question uint64) dice {
	return dice{rand.New(rand.NewPCG(w.Seed, uint64(person)<<8|question))}
}

// The questions.
const (
	whoSheIs = iota
	howSheIsMet
	whichPhone
	whatSheAnswers
	whatIsDone
	whoIsReferred
	whatWasPublished
	whoWaits
)

func (d dice) chance(p float64) bool { return d.Float64() < p }

// between gives a whole number from low to high, both included.
func (d dice) between(low, high int) int { return low + d.IntN(high-low+1) }

// about gives an amount around a mean, in the lopsided way of money: few have
// much. It is rounded to hundreds and kept between floor and cap.
func (d dice) about(mean, floor, cap float64) int64 {
	const spread = 0.8
	amount := math.Exp(math.Log(mean) - spread*spread/2 + spread*d.NormFloat64())
	return int64(math.Round(min(max(amount, floor), cap)/100) * 100)
}

func pick[T any](d dice, from []T) T { return from[d.IntN(len(from))] }

// weighted is a choice among things of which some are more frequent.
type weighted[T any] struct {
	things []T
	upTo   []float64
}

func (w *weighted[T]) add(thing T, weight float64) {
	before := 0.0
	if n := len(w.upTo); n > 0 {
		before = w.upTo[n-1]
	}
	w.things, w.upTo = append(w.things, thing), append(w.upTo, before+weight)
}

func (w *weighted[T]) pick(d dice) T {
	at := d.Float64() * w.upTo[len(w.upTo)-1]
	return w.things[min(sort.SearchFloat64s(w.upTo, at), len(w.things)-1)]
}
