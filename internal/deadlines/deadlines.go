// SPDX-License-Identifier: Apache-2.0

// Package deadlines reckons with working days: which days are worked, when a term ends, what is left of it while it was
// stopped for a time, and when somebody is to be reminded. It keeps nothing and asks nobody: the days off are handed to it
// (package calendars keeps those that an administrator entered), and so is today.
//
// Days are days in Dhaka. A term counts from the day after it began.
package deadlines

import (
	"slices"
	"sort"
	"time"

	"fera/internal/dates"
	"fera/internal/fault"
)

// Exception is a day that is not as its day of the week is: a holiday, or a day of the weekend that is worked instead of another.
type Exception struct {
	Day    dates.Partial
	Worked bool
}

// Calendar says of each day whether it is worked. It never changes; it is made by New or Dhaka.
type Calendar struct {
	weekend [7]bool
	worked  int     // days of a week
	days    []int   // exceptions that make a difference, in order
	change  []int64 // by how much they and those before them change the count
}

// New makes a calendar of a weekend and of exceptions. Of several for one day the last one holds.
func New(weekend []time.Weekday, exceptions []Exception) (Calendar, error) {
	c := Calendar{worked: 7}
	for _, day := range weekend {
		if !c.weekend[day] {
			c.weekend[day] = true
			c.worked--
		}
	}
	if c.worked == 0 {
		return Calendar{}, fault.New(fault.Invalid, "calendar.no_working_day")
	}
	last := map[int]bool{}
	for _, e := range exceptions {
		if e.Day.Precision() != dates.Day || e.Day.Check() != nil {
			return Calendar{}, fault.New(fault.Invalid, "calendar.day_needed").On("day")
		}
		last[number(e.Day)] = e.Worked
	}
	for day, worked := range last {
		if worked == c.off(day) { // else it is what the day of the week says already
			c.days = append(c.days, day)
		}
	}
	slices.Sort(c.days)
	sum := int64(0)
	for _, day := range c.days {
		if sum--; last[day] {
			sum += 2
		}
		c.change = append(c.change, sum)
	}
	return c, nil
}

// Dhaka is the calendar of Bangladesh: Friday and Saturday are off, and so are the exceptions.
func Dhaka(exceptions []Exception) (Calendar, error) {
	return New([]time.Weekday{time.Friday, time.Saturday}, exceptions)
}

// Working tells whether a day is worked.
func (c Calendar) Working(day dates.Partial) bool {
	n := number(day)
	return c.before(n+1) > c.before(n)
}

// Between counts the working days after one day, up to and with another. It is negative when the other comes first.
func (c Calendar) Between(from, to dates.Partial) int {
	return int(c.before(number(to)+1) - c.before(number(from)+1))
}

// Add is the n-th working day after a day; of a negative n, before it. Adding nothing leaves the day as it is.
func (c Calendar) Add(day dates.Partial, n int) dates.Partial {
	start := number(day)
	switch {
	case n > 0:
		want := c.before(start+1) + int64(n)
		most := 7 * (n + len(c.days) + 1)
		return dayOf(start + 1 + sort.Search(most, func(i int) bool { return c.before(start+2+i) >= want }))
	case n < 0:
		want := c.before(start) + int64(n)
		most := 7 * (len(c.days) + 1 - n)
		return dayOf(start - 1 - sort.Search(most, func(i int) bool { return c.before(start-1-i) <= want }))
	}
	return day
}

// Forward is the day itself if it is worked, or else the next that is.
func (c Calendar) Forward(day dates.Partial) dates.Partial {
	if c.Working(day) {
		return day
	}
	return c.Add(day, 1)
}

// off tells whether a day lies in the weekend.
func (c Calendar) off(day int) bool { return c.weekend[weekday(day)] }

// before counts the working days before a day since a fixed one, so that two of them give the days between.
func (c Calendar) before(day int) int64 {
	weeks := floor(day, 7)
	n := int64(weeks) * int64(c.worked)
	for d := 7 * weeks; d < day; d++ {
		if !c.off(d) {
			n++
		}
	}
	if i := sort.SearchInts(c.days, day); i > 0 {
		n += c.change[i-1]
	}
	return n
}

// number counts days since the first of January 1970, and dayOf is the way back.
func number(day dates.Partial) int {
	return int(time.Date(day.Year, time.Month(day.Month), day.Day, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60))
}

func dayOf(n int) dates.Partial {
	year, month, day := time.Unix(int64(n)*24*60*60, 0).UTC().Date()
	return dates.Partial{Year: year, Month: int(month), Day: day}
}

func weekday(day int) time.Weekday {
	return time.Weekday(day + 4 - 7*floor(day+4, 7)) // the first of January 1970 was a Thursday
}

// floor divides and rounds down, also below zero.
func floor(a, b int) int {
	if a < 0 {
		return (a - b + 1) / b
	}
	return a / b
}
