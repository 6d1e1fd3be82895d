// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"cmp"
	"iter"
	"slices"
	"sync/atomic"
	"time"

	"fera/internal/dates"
	"fera/internal/persons"
)

// Clock is the clock of a store that is given a past: whoever fills it moves the hands. It is for stores of people who do not
// exist, and for no other.
type Clock struct{ at atomic.Int64 }

// NewClock returns a clock that stands at a moment.
func NewClock(at time.Time) *Clock {
	c := &Clock{}
	c.Set(at)
	return c
}

// Now is where the hands stand.
func (c *Clock) Now() time.Time { return time.UnixMilli(c.at.Load()).UTC() }

// Set moves the hands, forward or back.
func (c *Clock) Set(at time.Time) { c.at.Store(at.UnixMilli()) }

// hour is a time of a day in Dhaka.
func hour(day dates.Partial, h, minute int) time.Time {
	return day.Start().Add(time.Duration(h)*time.Hour + time.Duration(minute)*time.Minute)
}

// metOn is the day on which somebody was met.
func metOn(r persons.Registration, today dates.Partial) dates.Partial {
	day, err := dates.Parse(r.MetAt)
	if err != nil || day.Precision() != dates.Day || today.SurelyBefore(day) {
		return today
	}
	return day
}

// byDay puts people in the order in which they were met.
func byDay(people iter.Seq[Simulated], today dates.Partial) iter.Seq[Simulated] {
	return func(yield func(Simulated) bool) {
		all := slices.Collect(people)
		slices.SortStableFunc(all, func(a, b Simulated) int {
			return cmp.Compare(metOn(a.Registration, today).String(), metOn(b.Registration, today).String())
		})
		for _, s := range all {
			if !yield(s) {
				return
			}
		}
	}
}
