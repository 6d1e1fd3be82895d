// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"strconv"
	"strings"

	"fera/internal/names"
	"fera/internal/sheets"
)

// Proposed is a column and what it seems to be about.
type Proposed struct {
	Column
	Why    string   // message key suffix: remembered, heading, values; empty when nothing is known
	Sample []string // what its first rows hold
	Plain  []string // the same in Unicode, when it seems to be typed for Bijoy
}

// FieldOf names the field of a plan that is about a column.
func FieldOf(i int) string { return "columns." + strconv.Itoa(i) }

// How many rows may stand above the headings, and how many values are shown.
const (
	above   = 15
	sampled = 4
)

// Guess finds the row of headings among the first rows of a list, the one asked
// for if there is one, and says what the columns seem to be about: what was
// remembered of them, what their headings say, what their values look like.
func Guess(rows []sheets.Row, asked int, remembered func(heading string) (Column, bool)) (heading int, all []Proposed) {
	at := headingOf(rows, asked)
	if at < 0 {
		return 0, nil
	}
	width := 0
	for _, r := range rows[at:] {
		width = max(width, len(r.Cells))
	}
	taken := map[Target]bool{}
	for i := range width {
		c := propose(i, rows[at].Cell(i), rows[at+1:], remembered)
		if k, ok := c.Target.known(); !ok || taken[c.Target] && !k.many {
			c.Target, c.Why = "", ""
		}
		taken[c.Target] = true
		all = append(all, c)
	}
	return rows[at].Number, all
}

func propose(i int, heading string, rows []sheets.Row, remembered func(string) (Column, bool)) Proposed {
	c := Proposed{Column: Column{Heading: names.Clean(heading)}}
	if c.Heading == "" {
		c.Heading = "(" + letters(i) + ")"
	}
	values, bijoy := c.look(i, rows)
	said := c.Heading
	if names.IsBijoy(said) {
		said = names.FromBijoy(said)
	}
	if before, ok := remembered(c.Heading); ok {
		c.Target, c.Why, bijoy = before.Target, "remembered", before.Bijoy
	} else if c.Target = byHeading(said); c.Target != "" {
		c.Why = "heading"
	} else if c.Target = byValues(values); c.Target != "" {
		c.Why = "values"
	}
	c.Bijoy = bijoy
	return c
}

// headingOf finds the row of headings: the one asked for, else the one with the
// most words that columns are called by, else the first.
func headingOf(rows []sheets.Row, asked int) int {
	best, found := 0, -1
	for i, row := range rows {
		if asked > 0 && row.Number == asked {
			return i
		}
		if asked > 0 || i >= above || row.Fault != nil {
			continue
		}
		score := 1
		for _, c := range row.Cells {
			if byHeading(c) != "" {
				score += 2
			}
		}
		if score > best {
			best, found = score, i
		}
	}
	return found
}

// look takes a sample of a column and finds out whether it is typed for Bijoy.
func (c *Proposed) look(i int, rows []sheets.Row) (values []string, bijoy bool) {
	signs, filled := 0, 0
	for _, r := range rows {
		v := strings.TrimSpace(r.Cell(i))
		if v == "" {
			continue
		}
		filled++
		values = append(values, v)
		font := false
		for _, d := range r.Doubts(i) {
			font = font || d == sheets.BijoyFont
		}
		if font || names.IsBijoy(v) {
			signs++
		}
		if len(c.Sample) < sampled {
			c.Sample = append(c.Sample, v)
		}
	}
	bijoy = signs*4 > filled
	if bijoy {
		for _, v := range c.Sample {
			c.Plain = append(c.Plain, names.FromBijoy(v))
		}
	}
	return values, bijoy
}

// letters is how spreadsheets call a column: A, B, … AA.
func letters(i int) string {
	s := ""
	for i++; i > 0; i = (i - 1) / 26 {
		s = string(rune('A'+(i-1)%26)) + s
	}
	return s
}
