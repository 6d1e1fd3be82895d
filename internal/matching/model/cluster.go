// SPDX-License-Identifier: Apache-2.0

package model

import (
	"cmp"
	"slices"
)

// Link is a pair of records with the bits that speak for one person.
type Link struct {
	A, B int
	Bits float64
}

const (
	pull       = 12  // bits that one pair may bring into a decision about groups
	outOfHand  = 400 // records; a component of more is cut at higher and higher bits
	cutSharper = 3   // bits
)

// Cluster joins records into persons: group by group, the best supported first, as long as all pairs between two groups
// together speak for it. So a record that resembles one member and contradicts another stays out, where following links from
// record to record would join them all. between gives the bits of any pair; apart, if not nil, forbids a pair for good.
//
// It returns the groups of two records and more, each in order.
func Cluster(links []Link, between func(a, b int) float64, apart func(a, b int) bool) [][]int {
	var groups [][]int
	for _, c := range components(links, 0) {
		groups = append(groups, c.split(between, apart)...)
	}
	slices.SortFunc(groups, func(a, b []int) int { return a[0] - b[0] })
	return groups
}

// component is records that links hold together.
type component struct {
	members []int
	links   []Link
}

// components follows the links above some bits from record to record.
func components(links []Link, above float64) []component {
	parent := map[int]int{}
	var root func(x int) int
	root = func(x int) int {
		p, ok := parent[x]
		if !ok || p == x {
			parent[x] = x
			return x
		}
		r := root(p)
		parent[x] = r
		return r
	}
	for _, l := range links {
		if l.Bits > above {
			parent[root(l.A)] = root(l.B)
		}
	}
	at := map[int]int{}
	var out []component
	for x := range parent {
		r := root(x)
		i, ok := at[r]
		if !ok {
			i = len(out)
			at[r] = i
			out = append(out, component{})
		}
		out[i].members = append(out[i].members, x)
	}
	for _, l := range links {
		if l.Bits > above && root(l.A) == root(l.B) {
			c := &out[at[root(l.A)]]
			c.links = append(c.links, l)
		}
	}
	for i := range out {
		slices.Sort(out[i].members)
	}
	slices.SortFunc(out, func(a, b component) int { return a.members[0] - b.members[0] })
	return out
}

func (c component) split(between func(a, b int) float64, apart func(a, b int) bool) [][]int {
	if len(c.members) > outOfHand {
		least := slices.MinFunc(c.links, func(a, b Link) int { return cmp.Compare(a.Bits, b.Bits) }).Bits
		var groups [][]int
		for _, part := range components(c.links, least+cutSharper) {
			groups = append(groups, part.split(between, apart)...)
		}
		return groups
	}
	g := grouping{groups: make([][]int, len(c.members)), bits: make([][]float64, len(c.members))}
	for i, a := range c.members {
		g.groups[i], g.bits[i] = []int{a}, make([]float64, len(c.members))
		for j, b := range c.members[:i] {
			bits := min(max(between(a, b), -pull), pull)
			if apart != nil && apart(a, b) {
				bits = -1e9
			}
			g.bits[i][j], g.bits[j][i] = bits, bits
		}
	}
	for g.join() {
	}
	var out [][]int
	for _, members := range g.groups {
		if len(members) > 1 {
			slices.Sort(members)
			out = append(out, members)
		}
	}
	return out
}

// grouping is groups on the way, with the sums of bits between them.
type grouping struct {
	groups [][]int
	bits   [][]float64
}

// join joins the two groups whose pairs speak for it best on average, if they do.
func (g *grouping) join() bool {
	best, x, y := 0.0, -1, -1
	for i := range g.groups {
		for j := range i {
			if n := len(g.groups[i]) * len(g.groups[j]); n > 0 {
				if mean := g.bits[i][j] / float64(n); mean > best {
					best, x, y = mean, j, i
				}
			}
		}
	}
	if x < 0 {
		return false
	}
	g.groups[x] = append(g.groups[x], g.groups[y]...)
	g.groups[y] = nil
	for i := range g.groups {
		g.bits[x][i] += g.bits[y][i]
		g.bits[i][x] = g.bits[x][i]
	}
	return true
}
