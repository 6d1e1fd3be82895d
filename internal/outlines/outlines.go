// SPDX-License-Identifier: Apache-2.0

// Package outlines knows what the districts and upazilas of Bangladesh look like on a map, and how values fall into classes
// that are drawn alike. Names and codes of places are geo's; it knows no figures and colours nothing.
package outlines

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Sheet is a map on a plane of its own units.
type Sheet struct {
	Width, Height int
	Areas         []Area // by code
	Borders       string // of what lies around the areas, as the path of an SVG
}

// Area is one area of a sheet.
type Area struct {
	Code string
	Path string // as the path of an SVG, to be filled by evenodd
	X, Y int    // in the middle of its largest part
}

// The room of a sheet, and how much of a border may be left out.
const (
	most      = 1000.0
	highest   = 1400.0
	edge      = 8.0
	tolerance = 1.6
)

// squeeze is how much narrower a degree of longitude is than one of latitude, in the middle of the country.
var squeeze = sync.OnceValue(func() float64 { return math.Cos(23.7 * math.Pi / 180) })

// country is the sheet that is drawn most.
var country = sync.OnceValue(func() Sheet { return draw("districts", "divisions", "") })

// Districts draws the districts of the country, or of a division, with the borders of divisions.
func Districts(division string) (Sheet, bool) {
	if division == "" {
		return country(), true
	}
	s := draw("districts", "divisions", division)
	return s, len(division) == 2 && len(s.Areas) > 0
}

// Upazilas draws the upazilas and thanas of a district or a division, with the borders of districts.
func Upazilas(within string) (Sheet, bool) {
	if len(within) != 2 && len(within) != 4 {
		return Sheet{}, false
	}
	s := draw("upazilas", "districts", within)
	return s, len(s.Areas) > 0
}

// drawing is a sheet that is being drawn.
type drawing struct {
	*topology
	lines      map[int][]point
	left, top  float64
	scale      float64
	wide, high float64
}

// draw draws the areas of a layer whose codes begin alike, and around them those of a coarser one.
func draw(layer, around, within string) Sheet {
	d := drawing{topology: known(), lines: map[int][]point{}}
	shown := d.within(layer, within)
	if len(shown) == 0 {
		return Sheet{}
	}
	d.fit(layer, shown)
	s := Sheet{Width: int(math.Ceil(d.wide)), Height: int(math.Ceil(d.high))}
	for _, code := range shown {
		a := Area{Code: code}
		var at point
		a.Path, at = d.path(d.layers[layer][code])
		a.X, a.Y = int(at.x), int(at.y)
		s.Areas = append(s.Areas, a)
	}
	for _, code := range d.within(around, within[:min(len(within), len(shown[0])-2)]) {
		path, _ := d.path(d.layers[around][code])
		s.Borders += path
	}
	return s
}

// within are the codes of a layer that begin alike.
func (t *topology) within(layer, within string) (codes []string) {
	for code := range t.layers[layer] {
		if strings.HasPrefix(code, within) {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	return codes
}

// fit lays the areas on the plane: north is up.
func (d *drawing) fit(layer string, shown []string) {
	left, right, top, bottom := math.Inf(1), math.Inf(-1), math.Inf(-1), math.Inf(1)
	for _, code := range shown {
		for _, r := range d.layers[layer][code] {
			for _, a := range r {
				for _, p := range d.arcs[forward(a)] {
					left, right = min(left, p.x*squeeze()), max(right, p.x*squeeze())
					bottom, top = min(bottom, p.y), max(top, p.y)
				}
			}
		}
	}
	d.left, d.top = left, top
	d.scale = min((most-2*edge)/(right-left), (highest-2*edge)/(top-bottom))
	d.wide, d.high = (right-left)*d.scale+2*edge, (top-bottom)*d.scale+2*edge
}

// line is a border as it is drawn.
func (d *drawing) line(n int) []point {
	if l, there := d.lines[n]; there {
		return l
	}
	var l []point
	for _, p := range d.arcs[n] {
		l = append(l, point{(p.x*squeeze()-d.left)*d.scale + edge, (d.top-p.y)*d.scale + edge})
	}
	if len(l) > 2 && l[0] == l[len(l)-1] { // an island: its ends are no end to hold on to
		half := len(l) / 2
		l = append(simpler(l[:half+1], tolerance), simpler(l[half:], tolerance)[1:]...)
	} else {
		l = simpler(l, tolerance)
	}
	d.lines[n] = l
	return l
}

// path is the rings of an area, and the middle of the largest. Of those that are smaller than a dot only the largest is drawn.
func (d *drawing) path(rings []ring) (path string, middle point) {
	var corners [][]point
	for _, r := range rings {
		var c []point
		for _, a := range r {
			l := d.line(forward(a))
			if a < 0 {
				l = slices.Clone(l)
				slices.Reverse(l)
			}
			c = append(c, l[:len(l)-1]...)
		}
		corners = append(corners, c)
	}
	slices.SortStableFunc(corners, func(a, b []point) int { return cmp.Compare(size(b), size(a)) })
	var b strings.Builder
	for i, c := range corners {
		if i == 0 || size(c) > 4 {
			trace(&b, c)
		}
	}
	return b.String(), centre(corners[0])
}

// trace writes a ring as steps of whole units.
func trace(b *strings.Builder, corners []point) {
	var x, y int
	for i, p := range corners {
		nx, ny := int(math.Round(p.x)), int(math.Round(p.y))
		dx, dy := nx-x, ny-y
		switch {
		case i == 0:
			b.WriteString("M" + strconv.Itoa(nx) + " " + strconv.Itoa(ny) + "l")
		case dx == 0 && dy == 0:
			continue
		default:
			if last := b.String()[b.Len()-1]; dx >= 0 && last != 'l' {
				b.WriteByte(' ')
			}
			b.WriteString(strconv.Itoa(dx))
			if dy >= 0 {
				b.WriteByte(' ')
			}
			b.WriteString(strconv.Itoa(dy))
		}
		x, y = nx, ny
	}
	b.WriteByte('z')
}

// size is how much a ring covers, whichever way it is gone along.
func size(c []point) float64 {
	var twice float64
	for i, p := range c {
		next := c[(i+1)%len(c)]
		twice += p.x*next.y - next.x*p.y
	}
	return math.Abs(twice) / 2
}

// centre is where the weight of a ring lies.
func centre(c []point) (at point) {
	var twice float64
	for i, p := range c {
		next := c[(i+1)%len(c)]
		w := p.x*next.y - next.x*p.y
		twice += w
		at.x, at.y = at.x+(p.x+next.x)*w, at.y+(p.y+next.y)*w
	}
	if twice == 0 {
		return c[0]
	}
	return point{at.x / (3 * twice), at.y / (3 * twice)}
}
