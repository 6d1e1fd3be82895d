// SPDX-License-Identifier: Apache-2.0

// Package filling fills in questionnaires: given the answers so far, it tells which items are relevant, what the
// calculations come to, what is wrong or missing, which pages there are, and which answers need somebody.
//
// It keeps nothing and has no clock: whoever uses it brings the answers and the time.
package filling

import (
	"slices"
	"strings"

	"fera/internal/fault"
	"fera/internal/instruments"
	"fera/internal/instruments/expr"
)

// Form is a definition made ready to be filled in: its expressions parsed, its references resolved, its items in the
// order in which they depend on one another. It never changes and may be shared.
type Form struct {
	def   *instruments.Definition
	nodes []*node // the root first, then in the order of the definition
	order []*node // those with logic, each after what it depends on
	named map[string][]*node
}

// Definition returns what the form was made of; it is not to be changed.
func (f *Form) Definition() *instruments.Definition { return f.def }

// node is an item in its place.
type node struct {
	item    *instruments.Item
	id      int
	depth   int
	parent  *node
	kids    []*node
	key     string // as answers call it, without the numbers of instances
	list    *instruments.List
	answers *node // the item of a repeat whose answers are the options

	relevant, constraint, required, readOnly, calculation, filter, count, dynamic, alert *bound
	label, hint                                                                          map[string][]piece
	triggers                                                                             []*node // worked out when this one changes
}

// bound is an expression at its node, with its paths resolved.
type bound struct {
	*expr.Expr
	to []target // by the index of the path
}

// target is what a path leads to.
type target struct {
	node  *node             // the last item named
	begin *node             // a repeat that the path names before it: all its instances are meant
	where *node             // the repeat that a condition is about
	list  *instruments.List // of a look-up
	field string            // the column of an option
}

// New makes a form of a definition. The problems are those of the definition and of its expressions; a form that would
// have refused ones is nil.
func New(d *instruments.Definition) (*Form, []instruments.Problem) {
	f := &Form{def: d, named: map[string][]*node{}}
	m := &maker{f: f, problems: d.Check()}
	root := &node{item: &instruments.Item{Kind: instruments.Group}}
	f.nodes = append(f.nodes, root)
	m.place(root, d.Items)
	m.name()
	for _, n := range f.nodes {
		m.bind(n)
	}
	m.sort()
	if instruments.Refused(m.problems) {
		return nil, m.problems
	}
	return f, m.problems
}

// maker makes a form and collects problems.
type maker struct {
	f        *Form
	problems []instruments.Problem
}

func (m *maker) add(n *node, column string, f *fault.Error, advice bool) {
	m.problems = append(m.problems, instruments.Problem{Item: n.item.Name, Column: column, Fault: f, Advice: advice})
}

func (m *maker) place(parent *node, items []instruments.Item) {
	for i := range items {
		n := &node{item: &items[i], id: len(m.f.nodes), depth: parent.depth + 1, parent: parent, list: m.f.def.FindList(items[i].List)}
		m.put(n)
		m.place(n, n.item.Items)
		if other := items[i].Name + "_other"; items[i].OrOther && m.f.def.FindItem(other) == nil {
			m.put(&node{item: m.other(&items[i], other), id: len(m.f.nodes), depth: parent.depth + 1, parent: parent})
		}
	}
}

func (m *maker) put(n *node) {
	n.parent.kids = append(n.parent.kids, n)
	m.f.nodes = append(m.f.nodes, n)
	m.f.named[n.item.Name] = append(m.f.named[n.item.Name], n)
}

// other makes the question that asks which other option is meant.
func (m *maker) other(of *instruments.Item, name string) *instruments.Item {
	label := instruments.Texts{}
	for _, l := range m.f.def.Languages {
		label[l.Code] = "Specify other"
		if l.Code == "bn" {
			label[l.Code] = "অন্য কী, লিখুন"
		}
	}
	return &instruments.Item{Name: name, Kind: instruments.Text, Label: label, Relevant: "selected(../" + of.Name + ", 'other')", Class: of.Class}
}

// name gives each item the name under which its answer is kept: its own where that is the only one, else with its groups.
// Within a repeat the repeat stands before it.
func (m *maker) name() {
	for _, n := range m.f.nodes[1:] {
		short := n.item.Name
		if len(m.f.named[n.item.Name]) > 1 {
			for g := n.parent; g.parent != nil && g.item.Kind != instruments.Repeat; g = g.parent {
				short = g.item.Name + "." + short
			}
		}
		n.key = short
		if r := n.repeat(); r != nil {
			n.key = r.key + "/" + short
		}
	}
}

// repeat returns the nearest repeat that an item stands in.
func (n *node) repeat() *node {
	for g := n.parent; g != nil; g = g.parent {
		if g.item.Kind == instruments.Repeat {
			return g
		}
	}
	return nil
}

// within tells whether n is g or stands in it.
func (n *node) within(g *node) bool {
	for ; n != nil; n = n.parent {
		if n == g {
			return true
		}
	}
	return false
}

func (n *node) child(name string) *node {
	i := slices.IndexFunc(n.kids, func(k *node) bool { return k.item.Name == name })
	if i < 0 {
		return nil
	}
	return n.kids[i]
}

func (m *maker) bind(n *node) {
	item := n.item
	if item.Kind.Chooses() && strings.HasPrefix(item.List, "${") {
		m.offer(n)
	}
	n.relevant = m.parse(n, "relevant", item.Relevant)
	n.constraint = m.parse(n, "constraint", item.Constraint)
	n.required = m.parse(n, "required", item.Required)
	n.readOnly = m.parse(n, "read_only", item.ReadOnly)
	n.calculation = m.parse(n, "calculation", item.Calculation)
	n.filter = m.parse(n, "choice_filter", item.Filter)
	n.count = m.parse(n, "repeat_count", item.Count)
	if dynamic(item.Default) {
		n.dynamic = m.parse(n, "default", item.Default)
	}
	if item.Alert != nil {
		n.alert = m.parse(n, "fera_alert", item.Alert.When)
		if n.alert == nil {
			m.add(n, "fera_alert", fault.New(fault.Invalid, "expression.ends_early"), false)
		}
	}
	if item.Trigger != "" {
		m.trigger(n)
	}
	n.label, n.hint = m.pieces(n, "label", item.Label), m.pieces(n, "hint", item.Hint)
}

// offer finds the item whose answers in a repeat are the options of a question.
func (m *maker) offer(n *node) {
	of := m.f.named[trimReference(n.item.List)]
	if len(of) != 1 || of[0].repeat() == nil {
		m.add(n, "type", fault.New(fault.Invalid, "instrument.offers_nothing").With("name", trimReference(n.item.List)), false)
		return
	}
	n.answers = of[0]
}

// dynamic tells whether a default has to be worked out: it calls a function, speaks of a question, or reckons. Dates, names
// and words are not sums, even if they could be read as some.
func dynamic(text string) bool {
	e, err := expr.Parse(text)
	if err != nil {
		return strings.Contains(text, "${") // so that what is wrong with it is said
	}
	found := false
	expr.Walk(e.Tree(), func(n *expr.Node) {
		switch {
		case n.Kind == expr.Call, n.Kind == expr.Path && (n.From == expr.Named || n.From == expr.List):
			found = true
		case n.Kind == expr.Op && n.Name == "-":
			found = found || strings.Contains(text, " - ")
		case n.Kind == expr.Op:
			found = found || slices.Contains([]string{"+", "*", "div", "mod"}, n.Name)
		}
	})
	return found
}

func (m *maker) trigger(n *node) {
	text := strings.TrimSpace(n.item.Trigger)
	for one := range strings.SplitSeq(text, ",") {
		one = strings.TrimSpace(one)
		name := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(one, "${"), "}"))
		on := m.f.named[name]
		if len(on) != 1 || !strings.HasPrefix(one, "${") {
			m.add(n, "trigger", fault.New(fault.Invalid, "instrument.trigger_unknown").With("found", one), false)
			continue
		}
		on[0].triggers = append(on[0].triggers, n)
	}
}

// parse reads an expression of an item; nil if there is none or it cannot be used.
func (m *maker) parse(n *node, column, text string) *bound {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	e, err := expr.Parse(text)
	if err != nil {
		m.add(n, column, fault.Of(err), false)
		return nil
	}
	b := &bound{Expr: e, to: make([]target, len(e.Paths()))}
	r := resolver{m.f, n, column, func(f *fault.Error) { m.add(n, column, f, true) }}
	for _, p := range e.Paths() {
		t, f := r.resolve(p, nil)
		if f != nil {
			m.add(n, column, f, false)
			return nil
		}
		b.to[p.Index] = t
		if p.From == expr.Bare && !p.Inside && t.list == nil {
			m.add(n, column, fault.New(fault.Invalid, "instrument.name_alone").With("name", p.Steps[0]), true)
		}
	}
	expr.Walk(e.Tree(), func(p *expr.Node) {
		if p.Kind == expr.Path && p.Where != nil {
			expr.Walk(p.Where, func(inner *expr.Node) {
				if inner.Kind == expr.Path && inner.From == expr.Bare {
					t, f := r.resolve(inner, &b.to[p.Index])
					if f != nil {
						m.add(n, column, f, false)
					}
					b.to[inner.Index] = t
				}
			})
		}
	})
	expr.Scalar(e.Tree(), func(p *expr.Node) {
		if t := b.to[p.Index]; column != "choice_filter" && p.Where == nil && t.node != nil && many(n, t) {
			m.add(n, column, fault.New(fault.Invalid, "instrument.many_values").With("name", t.node.item.Name), true)
		}
	})
	return b
}

// many tells whether a target, seen from n, is in a repeat that n is not in.
func many(n *node, t target) bool {
	if t.begin != nil {
		return true
	}
	r := t.node.repeat()
	return t.node.item.Kind != instruments.Repeat && r != nil && !n.within(r)
}
