// SPDX-License-Identifier: Apache-2.0

package filling

import (
	"slices"
	"strings"

	"fera/internal/fault"
	"fera/internal/instruments"
	"fera/internal/instruments/expr"
)

// resolver finds what the paths of one expression lead to.
type resolver struct {
	f      *Form
	n      *node
	column string
	advise func(*fault.Error)
}

func unknown(name string) *fault.Error {
	return fault.New(fault.Invalid, "instrument.reference_unknown").With("name", name)
}

// resolve finds the target of a path. Within brackets, outer is what the brackets are about.
func (r resolver) resolve(p *expr.Node, outer *target) (target, *fault.Error) {
	switch p.From {
	case expr.List:
		return r.lookUp(p)
	case expr.Bare:
		return r.bare(p, outer)
	case expr.Here:
		start := r.n
		for range p.Up {
			if start.parent == nil {
				return target{}, fault.New(fault.Invalid, "instrument.path_above").With("at", p.At)
			}
			start = start.parent
		}
		return r.down(start, p.Steps, p)
	case expr.Root:
		// /data/group/name: the first step is the form, whatever it is called.
		if len(p.Steps) < 2 {
			return target{node: r.f.nodes[0]}, nil
		}
		return r.down(r.f.nodes[0], p.Steps[1:], p)
	}
	all := r.f.named[p.Steps[0]]
	switch {
	case len(all) == 0:
		return target{}, unknown(p.Steps[0])
	case len(all) > 1:
		return target{}, fault.New(fault.Invalid, "instrument.reference_ambiguous").With("name", p.Steps[0])
	}
	return r.down(all[0], p.Steps[1:], p)
}

// down goes from an item along names of items within it.
func (r resolver) down(start *node, steps []string, p *expr.Node) (target, *fault.Error) {
	t := target{node: start}
	at := len(p.Steps) - len(steps) // names used so far
	// A path along the form, from . or from /data, stays in the instance that it is written in.
	stays := p.Where == nil && (p.From == expr.Here || p.From == expr.Root)
	note := func() {
		if p.Where != nil && at == p.After {
			t.where = t.node
		}
		if t.node.item.Kind == instruments.Repeat && (at < len(p.Steps) || p.Where != nil) && !(stays && r.n.within(t.node)) {
			t.begin = t.node
		}
	}
	note()
	for _, name := range steps {
		next := t.node.child(name)
		if next == nil {
			return target{}, unknown(name)
		}
		t.node = next
		at++
		note()
	}
	if p.Where != nil && (t.where == nil || t.where.item.Kind != instruments.Repeat) {
		return target{}, fault.New(fault.Invalid, "instrument.condition_misplaced").With("at", p.At)
	}
	return t, nil
}

func (r resolver) lookUp(p *expr.Node) (target, *fault.Error) {
	list := r.f.def.FindList(p.Name)
	if list == nil {
		return target{}, fault.New(fault.Invalid, "instrument.list_missing").With("list", p.Name)
	}
	t := target{list: list, field: "name"}
	if len(p.Steps) == 3 {
		t.field = p.Steps[2]
	}
	r.columnOf(list, t.field)
	return t, nil
}

// columnOf advises of a column that no list has: it is blank, as in other tools, and hardly meant to be.
func (r resolver) columnOf(list *instruments.List, column string) {
	if column == "name" || column == "label" {
		return
	}
	for _, l := range r.f.def.Lists { // lists share a sheet, so one without a value there still has the column
		if slices.ContainsFunc(l.Options, func(o instruments.Option) bool { _, ok := o.Columns[column]; return ok }) {
			return
		}
	}
	r.advise(fault.New(fault.Invalid, "instrument.column_unknown").With("column", column).With("list", list.Name))
}

// bare resolves a name alone: a column of an option, or a field of the repeat in brackets.
func (r resolver) bare(p *expr.Node, outer *target) (target, *fault.Error) {
	name := strings.Join(p.Steps, "/")
	if outer == nil && r.column == "choice_filter" && r.n.answers != nil && !p.Inside {
		outer = &target{where: r.n.answers.repeat()}
	}
	switch {
	case outer == nil && r.column == "choice_filter" && r.n.list != nil && len(p.Steps) == 1:
		r.columnOf(r.n.list, name)
		return target{list: r.n.list, field: name}, nil
	case outer == nil:
		// Within brackets it is resolved afterwards, when it is known what the brackets are about. Elsewhere it is blank.
		return target{}, nil
	case outer.list != nil:
		r.columnOf(outer.list, name)
		return target{list: outer.list, field: name}, nil
	case outer.where == nil:
		return target{}, fault.New(fault.Invalid, "instrument.name_alone").With("name", name)
	}
	at := outer.where
	for range p.Up {
		if at = at.parent; at == nil {
			return target{}, fault.New(fault.Invalid, "instrument.path_above").With("at", p.At)
		}
	}
	for _, step := range p.Steps {
		if at = at.child(step); at == nil {
			return target{}, unknown(step)
		}
	}
	return target{node: at}, nil
}

// piece is a part of a text: words, or a reference whose value is put in.
type piece struct {
	words string
	value *bound
}

// pieces cuts texts at their ${references}.
func (m *maker) pieces(n *node, column string, t instruments.Texts) map[string][]piece {
	all := map[string][]piece{}
	for code, text := range t {
		if !strings.Contains(text, "${") {
			all[code] = []piece{{words: text}}
			continue
		}
		for text != "" {
			open := strings.Index(text, "${")
			end := strings.IndexByte(text[max(open, 0):], '}')
			if open < 0 || end < 0 {
				all[code] = append(all[code], piece{words: text})
				break
			}
			all[code] = append(all[code], piece{words: text[:open]}, piece{value: m.parse(n, column, text[open:open+end+1])})
			text = text[open+end+1:]
		}
	}
	return all
}

// sort puts the items that have logic into an order in which each comes after all it depends on, or says where that
// runs in a circle.
func (m *maker) sort() {
	const under, done = 1, 2
	state := make([]int, len(m.f.nodes))
	var stack []*node
	var visit func(n *node) bool
	visit = func(n *node) bool {
		switch state[n.id] {
		case done:
			return true
		case under:
			m.circle(append(stack[slices.Index(stack, n):], n))
			return false
		}
		state[n.id] = under
		stack = append(stack, n)
		for _, d := range n.needs() {
			if !visit(d) {
				return false
			}
		}
		stack = stack[:len(stack)-1]
		state[n.id] = done
		m.f.order = append(m.f.order, n)
		return true
	}
	for _, n := range m.f.nodes {
		if !visit(n) {
			return
		}
	}
}

func (m *maker) circle(round []*node) {
	names := make([]string, len(round))
	for i, n := range round {
		names[i] = n.item.Name
	}
	m.add(round[0], "relevant", fault.New(fault.Invalid, "instrument.circle").With("names", strings.Join(names, " → ")), false)
}

// needs lists what has to be worked out before a node: its group, and what its logic speaks of.
func (n *node) needs() (all []*node) {
	if n.parent != nil {
		all = append(all, n.parent)
	}
	worked := []*bound{n.relevant, n.count}
	if n.item.Trigger == "" {
		worked = append(worked, n.calculation)
	}
	for _, b := range worked {
		if b == nil {
			continue
		}
		placed := map[*expr.Node]bool{} // only asked for its place
		expr.Walk(b.Tree(), func(p *expr.Node) {
			if p.Kind == expr.Call && (p.Name == "position" || p.Name == "index") && len(p.Args) == 1 {
				placed[p.Args[0]] = true
			}
		})
		for _, p := range b.Paths() {
			t := b.to[p.Index].node
			itself := t == n && p.From == expr.Here && len(p.Steps) == 0
			if t != nil && !itself && !placed[p] {
				all = append(all, t)
			}
		}
	}
	return all
}

// trimReference takes the name out of ${name}.
func trimReference(text string) string {
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(text), "${"), "}"))
}
