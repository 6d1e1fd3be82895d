// SPDX-License-Identifier: Apache-2.0

package outlines

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sync"
)

//go:embed data/bd_admin.topo.json
var text []byte

// point is a place on the plane: degrees, or units of a sheet.
type point struct{ x, y float64 }

// topology is the borders, each once, and the areas as rings of borders.
type topology struct {
	arcs   [][]point
	layers map[string]map[string][]ring // by layer and code
}

// ring is borders one after the other; one that is counted from the end, as -1 for the first, is gone along backwards.
type ring []int

// known is the topology, decoded when a map is first drawn. The file is part of the program, so a broken one is a programmer's mistake.
var known = sync.OnceValue(func() *topology {
	t, err := decode(text)
	if err != nil {
		panic(fmt.Sprintf("outlines: %v", err))
	}
	return t
})

// decode reads TopoJSON of polygons: borders as differences of whole numbers.
func decode(text []byte) (*topology, error) {
	var file struct {
		Transform struct{ Scale, Translate [2]float64 }
		Arcs      [][][2]int
		Objects   map[string]struct {
			Geometries []struct {
				ID, Type string
				Arcs     json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, err
	}
	t := &topology{layers: map[string]map[string][]ring{}}
	for _, arc := range file.Arcs {
		var at [2]int
		line := make([]point, 0, len(arc))
		for _, step := range arc {
			at[0], at[1] = at[0]+step[0], at[1]+step[1]
			line = append(line, point{float64(at[0])*file.Transform.Scale[0] + file.Transform.Translate[0], float64(at[1])*file.Transform.Scale[1] + file.Transform.Translate[1]})
		}
		t.arcs = append(t.arcs, line)
	}
	for name, layer := range file.Objects {
		t.layers[name] = map[string][]ring{}
		for _, g := range layer.Geometries {
			rings, err := t.rings(g.Type, g.Arcs)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", name, g.ID, err)
			}
			t.layers[name][g.ID] = rings
		}
	}
	return t, nil
}

// rings reads the rings of an area, holes among them.
func (t *topology) rings(kind string, text json.RawMessage) (all []ring, err error) {
	switch kind {
	case "Polygon":
		err = json.Unmarshal(text, &all)
	case "MultiPolygon":
		var parts [][]ring
		err = json.Unmarshal(text, &parts)
		all = slices.Concat(parts...)
	default:
		return nil, fmt.Errorf("a %q is no area", kind)
	}
	for _, r := range all {
		for _, a := range r {
			if n := forward(a); n >= len(t.arcs) {
				return nil, fmt.Errorf("there is no border %d", a)
			}
		}
	}
	return all, err
}

// forward is the number of a border, whichever way it is gone along.
func forward(a int) int {
	if a < 0 {
		return ^a
	}
	return a
}

// simpler is a line without the points that lie nearer to it than a tolerance; its ends stay, so that borders still meet.
func simpler(line []point, tolerance float64) []point {
	if len(line) < 3 {
		return line
	}
	first, last := line[0], line[len(line)-1]
	at, far := 0, tolerance
	for i := 1; i < len(line)-1; i++ {
		if d := distance(line[i], first, last); d > far {
			at, far = i, d
		}
	}
	if at == 0 {
		return []point{first, last}
	}
	return append(simpler(line[:at+1], tolerance), simpler(line[at:], tolerance)[1:]...)
}

// distance is how far a point lies from a stretch between two.
func distance(p, a, b point) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	length := dx*dx + dy*dy
	if length == 0 {
		return math.Hypot(p.x-a.x, p.y-a.y)
	}
	along := min(max(((p.x-a.x)*dx+(p.y-a.y)*dy)/length, 0), 1)
	return math.Hypot(p.x-a.x-along*dx, p.y-a.y-along*dy)
}
