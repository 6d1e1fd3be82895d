// SPDX-License-Identifier: Apache-2.0

// Package plots draws figures as pictures that need no script, print, and are read aloud. A figure always has its table
// beside it; the page that shows a plot shows that too.
package plots

import (
	"math"
	"strconv"
	"time"
)

// Course is a figure over time, on a scale with two ends.
type Course struct {
	Said            string // the course in one sentence, for who does not see the picture
	Lowest, Highest float64
	Ends            [2]string // the ends of the scale in words
	Bands           []Band    // parts of the scale, the lowest first
	Points          []Point   // the earliest first
	Marks           []Mark    // what happened in between, the earliest first
}

// Mark is something that happened while the figure was followed.
type Mark struct {
	At   time.Time
	Sign string // short, such as a number; what it stands for is written beside the plot
}

// Band is a part of a scale, from a value up to the next band.
type Band struct {
	From  float64
	Label string
	Mark  string // the value where it begins, in words
}

// Point is one value. Points of different kinds are not joined, since they are not measured the same way.
type Point struct {
	At    time.Time
	Value float64
	Said  string // the value in words
	Day   string
	Kind  string
}

// The plane, in units of its own; the page scales it.
const (
	width, height = 640.0, 260.0
	left, right   = 72.0, 20.0
	top, bottom   = 16.0, 40.0
	inner, storey = width - left - right, height - top - bottom
	before, after = 130.0, 40.0 // room beside the dots: for the names of bands, and that none lies on the edge
)

type dot struct{ x, y, said, day, anchor, above string }

type stripe struct{ y, height, labelY, label, shade string }

type tick struct{ y, label string }

type flag struct{ x, y, sign string }

// flags stand on the foot of the plane. Those that would lie on one another share a place, and the later ones show no sign but the first's.
func (c Course) flags() (all []flag) {
	const apart = 18
	last := -apart * 2.0
	for _, m := range c.Marks {
		x := min(max(c.across(m.At), left+6), width-right-6)
		f := flag{unit(x), unit(top + storey), m.Sign}
		if x-last < apart {
			f.sign = ""
		} else {
			last = x
		}
		all = append(all, f)
	}
	return all
}

// up is where a value lies on the plane.
func (c Course) up(v float64) float64 {
	if c.Highest <= c.Lowest {
		return top + storey
	}
	return top + storey*(1-(v-c.Lowest)/(c.Highest-c.Lowest))
}

// across is where a moment lies between the first and the last; alone it lies in the middle.
func (c Course) across(at time.Time) float64 {
	first, last := c.Points[0].At, c.Points[len(c.Points)-1].At
	whole := last.Sub(first)
	if whole <= 0 {
		return left + inner/2
	}
	return left + before + (inner-before-after)*float64(at.Sub(first))/float64(whole)
}

func (c Course) dots() (all []dot) {
	for _, p := range c.Points {
		x, y := c.across(p.At), c.up(p.Value)
		anchor := "middle"
		if x < left+60 {
			anchor = "start"
		} else if x > width-right-60 {
			anchor = "end"
		}
		above := y - 13
		if above < 22 {
			above = y + 30
		}
		all = append(all, dot{unit(x), unit(y), p.Said, p.Day, anchor, unit(above)})
	}
	return all
}

// lines are the paths through points of one kind.
func (c Course) lines() (all []string) {
	path, kind := "", ""
	for i, p := range c.Points {
		at := unit(c.across(p.At)) + " " + unit(c.up(p.Value))
		if i == 0 || p.Kind != kind {
			if path != "" {
				all = append(all, path)
			}
			path, kind = "M"+at, p.Kind
			continue
		}
		path += " L" + at
	}
	if path != "" {
		all = append(all, path)
	}
	return all
}

func (c Course) stripes() (all []stripe) {
	for i, b := range c.Bands {
		to := c.Highest
		if i+1 < len(c.Bands) {
			to = c.Bands[i+1].From
		}
		y, shade := c.up(to), "even"
		if i%2 == 1 {
			shade = "odd"
		}
		s := stripe{y: unit(y), height: unit(math.Max(c.up(math.Max(b.From, c.Lowest))-y, 0)), labelY: unit(y + 22), label: b.Label, shade: shade}
		if c.up(math.Max(b.From, c.Lowest))-y < 26 {
			s.label = "" // there is no room; the table names it
		}
		all = append(all, s)
	}
	return all
}

// ticks are the ends of the scale, and where bands begin as far as there is room.
func (c Course) ticks() []tick {
	all := []tick{{unit(c.up(c.Lowest)), c.Ends[0]}, {unit(c.up(c.Highest)), c.Ends[1]}}
	last := c.up(c.Lowest)
	for _, b := range c.Bands {
		if y := c.up(b.From); last-y > 24 && y-c.up(c.Highest) > 24 {
			all, last = append(all, tick{unit(y), b.Mark}), y
		}
	}
	return all
}

func unit(f float64) string { return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64) }
