// SPDX-License-Identifier: Apache-2.0

package plots

import (
	"strconv"

	"fera/internal/outlines"
)

// Map is places coloured by a figure. Each is a link, so that the map is gone through by the keys, and says its name and its figure.
type Map struct {
	Said   string // what is drawn, for who does not see the picture
	Sheet  outlines.Sheet
	Places map[string]Spot // by code; a place of the sheet that is not there has none
	Key    []Shaded        // what the colours stand for, the lowest first
	Apart  string          // how many have no place on it, in words
	Thanks string          // whose the borders are
}

// Spot is one place of a map.
type Spot struct {
	Name  string // in the middle of the place, where there are few; nothing when empty
	Said  string // "Tangail: 123"
	Href  string
	Shade int  // from 1 to outlines.Shades; 0 for none
	Few   bool // it may not be shown apart
}

// Shaded is a line of what the colours stand for.
type Shaded struct {
	Label string
	Shade int
	Few   bool
}

func (m Map) box() string {
	return "0 0 " + strconv.Itoa(m.Sheet.Width) + " " + strconv.Itoa(m.Sheet.Height)
}

func shadeOf(shade int, few bool) string {
	if few {
		return "veil"
	}
	return "c" + strconv.Itoa(shade)
}
