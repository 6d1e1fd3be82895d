// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"math"
	"strings"
)

// Bars are amounts beside one another, each under its label.
type Bars struct {
	Said string // all of it in one sentence, for who does not see the picture
	Bars []Bar
}

// Bar is one amount, and what part of it went further: Parts are from the whole to the smallest, each within the one before. A bar
// without parts has its label and what is said of it alone.
type Bar struct {
	Label string
	Said  string
	Parts []float64
}

// The rows of bars, in units of the plane.
const (
	rowHeight, barTop, barHeight = 62.0, 34.0, 16.0
	widest                       = width - 20
)

type row struct {
	Bar
	y     string
	strip []strip
}

type strip struct{ y, width, shade string }

// rows are where everything lies.
func (b Bars) rows() (all []row) {
	most := 0.0
	for _, one := range b.Bars {
		for _, p := range one.Parts {
			most = math.Max(most, p)
		}
	}
	for i, one := range b.Bars {
		y := float64(i) * rowHeight
		r := row{Bar: one, y: unit(y + 24)}
		r.Label = shorter(one.Label)
		for n, p := range one.Parts {
			if p > 0 && most > 0 {
				shade := []string{"part-0", "part-1", "part-2"}[min(n, 2)]
				if len(one.Parts) == 1 {
					shade = "part-2"
				}
				r.strip = append(r.strip, strip{unit(y + barTop), unit(math.Max(2, p/most*widest)), shade})
			}
		}
		all = append(all, r)
	}
	return all
}

// shorter is a label that fits beside a number on a phone.
func shorter(label string) string {
	const most = 34
	runes := []rune(label)
	if len(runes) <= most {
		return label
	}
	return strings.TrimSpace(string(runes[:most-1])) + "…"
}

// box is the plane that the rows need.
func (b Bars) box() string {
	return "0 0 " + unit(width) + " " + unit(float64(len(b.Bars))*rowHeight+4)
}
