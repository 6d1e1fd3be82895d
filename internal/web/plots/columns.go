// SPDX-License-Identifier: Apache-2.0

package plots

import "math"

// Columns are amounts over time, each on its foot, the earliest first.
type Columns struct {
	Said    string // all of it in one sentence, for who does not see the picture
	Columns []Column
	Top     string // the greatest amount in words
}

// Column is the amount of one time. Parts lie on one another, the lowest first, in the shades of a Legend of as many.
type Column struct {
	Label  string
	Said   string
	Parts  []float64
	Hidden bool // the parts may not be shown, and that is seen: nothing of them is drawn
	// Undivided is the amount where only its parts may not be shown.
	Undivided float64
}

// mostLabels is how many there is room for under the columns, also on a phone.
const mostLabels = 3

type column struct {
	Column
	middle string
	anchor string
	strips []block
	cover  *block
}

type block struct{ x, y, width, height, shade string }

// standing are the columns where they stand.
func (c Columns) standing() (all []column) {
	greatest := 0.0
	for _, one := range c.Columns {
		greatest = math.Max(greatest, math.Max(total(one.Parts), one.Undivided))
	}
	room := inner / float64(max(len(c.Columns), 1))
	wide := math.Min(room*.72, 64)
	stride := (len(c.Columns) + mostLabels - 1) / mostLabels
	for i, one := range c.Columns {
		x := left + room*(float64(i)+.5)
		s := column{Column: one, middle: unit(x), anchor: "middle"}
		if i%max(stride, 1) != 0 {
			s.Label = ""
		}
		if i == 0 && len(c.Columns) > 6 {
			s.anchor, s.middle = "start", unit(x-wide/2)
		}
		if one.Hidden {
			high := storey * .25
			if one.Undivided > 0 {
				high = storey * one.Undivided / greatest
			}
			s.cover = &block{x: unit(x - wide/2), y: unit(top + storey - high), width: unit(wide), height: unit(high)}
		}
		foot := top + storey
		for n, part := range one.Parts {
			if greatest <= 0 || part <= 0 || math.IsNaN(part) {
				continue
			}
			high := storey * part / greatest
			foot -= high
			s.strips = append(s.strips, block{unit(x - wide/2), unit(foot), unit(wide), unit(math.Max(high, 1)), shade(n, len(one.Parts))})
		}
		all = append(all, s)
	}
	return all
}

func total(parts []float64) (sum float64) {
	for _, p := range parts {
		if !math.IsNaN(p) {
			sum += p
		}
	}
	return sum
}

// shade is the class of the nth of so many parts.
func shade(n, of int) string {
	if of < 2 {
		return "c4"
	}
	return []string{"c5", "c3", "c1", "c0"}[min(n, 3)]
}

// Shares are wholes of which it is said what part each group is.
type Shares struct {
	Said string
	Rows []ShareRow
}

// ShareRow is one whole; without parts it has its label and what is said of it alone.
type ShareRow struct {
	Label     string
	Said      string
	Parts     []float64
	Undivided bool // the parts may not be shown, and that is seen
}

type shareRow struct {
	ShareRow
	y      string
	strips []block
}

func (s Shares) rows() (all []shareRow) {
	for i, one := range s.Rows {
		y := float64(i) * rowHeight
		r := shareRow{ShareRow: one, y: unit(y + 24)}
		r.Label = shorter(one.Label)
		if one.Undivided {
			r.strips = append(r.strips, block{unit(10), unit(y + barTop), unit(widest), unit(barHeight), "veil"})
		}
		x, sum := 10.0, total(one.Parts)
		for n, p := range one.Parts {
			if sum <= 0 || p <= 0 {
				continue
			}
			wide := widest * p / sum
			r.strips = append(r.strips, block{unit(x), unit(y + barTop), unit(wide), unit(barHeight), shade(n, len(one.Parts))})
			x += wide
		}
		all = append(all, r)
	}
	return all
}

func (s Shares) box() string {
	return "0 0 " + unit(width) + " " + unit(float64(len(s.Rows))*rowHeight+4)
}

// Legend says what the shades of columns and shares stand for.
type Legend struct {
	Labels []string
	Few    string // what stands for parts that may not be shown; nothing when there are none
}
