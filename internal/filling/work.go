// SPDX-License-Identifier: Apache-2.0

package filling

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"strconv"
	"time"

	"fera/internal/instruments"
	"fera/internal/instruments/expr"
)

// as names the kind of value that an item's answer is read as.
func as(k instruments.Kind) string {
	switch k {
	case instruments.Integer:
		return "int"
	case instruments.Decimal, instruments.Range:
		return "decimal"
	case instruments.Date, instruments.Today:
		return "date"
	case instruments.DateTime, instruments.Start, instruments.End:
		return "dateTime"
	}
	return "text"
}

// work goes through all items, each after what it depends on, and settles relevance, instances and values.
func (a *Filling) work() {
	a.over, a.left = nil, mostWork
	for _, n := range a.form.order {
		for _, s := range a.spotsOf(n) {
			a.settle(s)
		}
	}
}

func (a *Filling) settle(s *spot) {
	n := s.n
	s.relevant = s.parent == nil || s.parent.relevant
	if s.relevant && n.relevant != nil {
		s.relevant = a.eval(s, n.relevant).True()
	}
	if n.item.Kind == instruments.Repeat {
		if n.count != nil && s.relevant {
			if f := a.eval(s, n.count).Float(); !math.IsNaN(f) {
				a.resize(s, int(max(0, min(f, mostInstances))))
			} else {
				a.resize(s, 0)
			}
		}
		for _, inst := range s.each {
			inst.relevant = s.relevant
		}
		return
	}
	s.value = expr.Value{}
	if !s.relevant {
		return
	}
	switch {
	case n.calculation != nil && n.item.Trigger == "":
		s.value = expr.TextOf(a.once[s.key]) // what . means while it is worked out
		if a.once[s.key] == "" {
			s.value = expr.TextOf(a.given[s.key])
		}
		// Kept as text, as a calculation's answer is; a date stays one.
		s.value = expr.Parsed(calculated(n.item.Kind), a.eval(s, n.calculation).String(), a.zone())
		a.once[s.key] = s.value.String()
	case n.item.Kind == instruments.Today:
		s.value = expr.DayOf(a.on.Began)
	case n.item.Kind == instruments.Start:
		s.value = expr.MomentOf(a.on.Began)
	case n.item.Kind == instruments.End:
		s.value = expr.MomentOf(a.on.Now)
	case n.item.Kind == instruments.Username:
		s.value = expr.TextOf(a.on.User)
	default:
		s.value = expr.Parsed(as(n.item.Kind), a.given[s.key], a.zone())
	}
}

// calculated is the kind of a calculation's value: text, unless the item is a question of another kind.
func calculated(k instruments.Kind) string {
	if k == instruments.Calculate {
		return "text"
	}
	return as(k)
}

func (a *Filling) eval(s *spot, b *bound) expr.Value {
	return a.evalIn(scene{a: a, b: b, s: s})
}

func (a *Filling) evalIn(c scene) expr.Value {
	v, err := c.b.Within(c, &a.left)
	a.note(err)
	return v
}

// scene is where one expression is evaluated: its filling and spot, and what is looked at within brackets.
type scene struct {
	a      *Filling
	b      *bound
	s      *spot
	option *instruments.Option
	nth    int // of the option, from 1
	inst   *spot
}

// Look implements expr.Env.
func (c scene) Look(p *expr.Node) expr.Value {
	if p.Index < 0 {
		return c.s.value
	}
	t := c.b.to[p.Index]
	switch {
	case p.From == expr.Bare && t.list != nil:
		if c.option == nil {
			return expr.Value{}
		}
		return expr.TextOf(column(c.option, t.field, c.a.on.Language))
	case t.list != nil:
		return c.Each(p, func(expr.Env) bool { return true })
	case t.node == nil:
		return expr.Value{}
	case p.From == expr.Bare:
		return values(from(c.inst, t.node, nil), false)
	}
	if c.inst != nil && !p.Inside && p.From == expr.Named && t.begin == nil && t.node.within(c.inst.n) {
		return values(from(c.inst, t.node, nil), false) // of the instance whose answer may be an option
	}
	return values(from(c.s, t.node, t.begin), many(c.s.n, t) || t.node.item.Kind == instruments.Repeat)
}

// values reads the spots that a path led to; those that are not relevant are not there.
func values(all []*spot, set bool) expr.Value {
	var some []expr.Value
	for _, s := range all {
		if s.relevant {
			some = append(some, s.value)
		}
	}
	if set {
		return expr.SetOf(some)
	}
	if len(some) == 0 {
		return expr.Value{}
	}
	return some[0]
}

// from finds the spots of a node as seen from another: in the same instances where both are in them, in all of them
// otherwise. All instances of begin are meant, if it is given.
func from(s *spot, to, begin *node) []*spot {
	top := to
	if begin != nil {
		top = begin
	}
	if top.item.Kind == instruments.Repeat {
		top = top.parent
	}
	for at := s; at != nil; at = at.parent {
		if !(at.n.item.Kind == instruments.Repeat && at.nth == 0) && top.within(at.n) {
			return below(at, to)
		}
	}
	return nil
}

// below lists the spots of a node that stand below a spot.
func below(s *spot, to *node) []*spot {
	if s.n == to {
		return s.members()
	}
	var all []*spot
	for _, k := range s.kids {
		if to.within(k.n) {
			for _, m := range k.members() {
				all = append(all, below(m, to)...)
			}
		}
	}
	return all
}

func column(o *instruments.Option, name, lang string) string {
	switch name {
	case "name":
		return o.Name
	case "label":
		return o.Label.In(lang)
	}
	return o.Columns[name]
}

// Each implements expr.Env.
func (c scene) Each(p *expr.Node, keep func(expr.Env) bool) expr.Value {
	t := c.b.to[p.Index]
	var all []expr.Value
	if t.list != nil {
		for i := range t.list.Options {
			o := &t.list.Options[i]
			if keep(scene{c.a, c.b, c.s, o, i + 1, nil}) {
				all = append(all, expr.TextOf(column(o, t.field, c.a.on.Language)))
			}
		}
		return expr.SetOf(all)
	}
	for _, inst := range from(c.s, t.where, t.where) {
		if inst.relevant && keep(scene{c.a, c.b, c.s, nil, 0, inst}) {
			for _, s := range below(inst, t.node) {
				if s.relevant {
					all = append(all, s.value)
				}
			}
		}
	}
	return expr.SetOf(all)
}

// Position implements expr.Env.
func (c scene) Position(p *expr.Node) int {
	at := c.s
	switch {
	case p == nil && c.inst != nil:
		return c.inst.nth
	case p == nil && c.nth > 0:
		return c.nth
	case p != nil:
		to := c.b.to[p.Index].node
		for at != nil && !to.within(at.n) {
			at = at.parent
		}
	}
	if inst := at.instance(); inst != nil {
		return inst.nth
	}
	return 0
}

// Indexed implements expr.Env.
func (c scene) Indexed(field *expr.Node, repeats []*expr.Node, numbers []int) expr.Value {
	wanted := map[*node]int{}
	for i, r := range repeats {
		wanted[c.b.to[r.Index].node] = numbers[i]
	}
	to := c.b.to[field.Index].node
	if to == nil {
		return expr.Value{}
	}
	for _, s := range from(c.s, to, outermost(to)) {
		fits := true
		for inst := s.instance(); inst != nil; inst = inst.parent.instance() {
			if n, asked := wanted[inst.n]; asked && inst.nth != n || !asked && !c.shares(inst) {
				fits = false
			}
		}
		if fits && s.relevant {
			return s.value
		}
	}
	return expr.Value{}
}

// shares tells whether the expression stands in this instance, or in none of its repeat.
func (c scene) shares(inst *spot) bool {
	for at := c.s; at != nil; at = at.parent {
		if at == inst {
			return true
		}
	}
	return !c.s.n.within(inst.n)
}

func outermost(n *node) (out *node) {
	for r := n.repeat(); r != nil; r = r.repeat() {
		out = r
	}
	return out
}

// Label implements expr.Env.
func (c scene) Label(option string, question *expr.Node) string {
	var n *node
	switch question.Kind {
	case expr.Path:
		n = c.b.to[question.Index].node
	case expr.Text: // jr:choice-name(…, '${q}')
		if b := named(c.a.form, question.Text); b != nil {
			n = b
		}
	}
	if n == nil || n.list == nil {
		return ""
	}
	for _, o := range n.list.Options {
		if o.Name == option {
			return o.Label.In(c.a.on.Language, c.a.form.def.Language)
		}
	}
	return ""
}

func named(f *Form, text string) *node {
	name := trimReference(text)
	if all := f.named[name]; len(all) > 0 {
		return all[0]
	}
	return nil
}

// Random implements expr.Env: dice that fall the same way for the same place of the same filling.
func (c scene) Random(n *expr.Node) uint64 {
	return dice(c.a.on.Seed, c.s.key, c.b.String(), n.Name, strconv.Itoa(n.At))
}

func dice(parts ...string) uint64 {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return binary.BigEndian.Uint64(h.Sum(nil))
}

// zone is the one whose clock the filling goes by.
func (a *Filling) zone() *time.Location { return a.on.Began.Location() }

// Now implements expr.Env.
func (c scene) Now() time.Time { return c.a.on.Now.In(c.a.on.Began.Location()) }
