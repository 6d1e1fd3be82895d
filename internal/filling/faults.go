// SPDX-License-Identifier: Apache-2.0

package filling

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"fera/internal/fault"
	"fera/internal/instruments"
	"fera/internal/instruments/expr"
)

// Fault is something about an answer that has to be put right before the filling is complete.
type Fault struct {
	Key     string            // of the question
	Fault   *fault.Error      // what is wrong, in our words
	Message instruments.Texts // and in the words of the form, if it has any
	Missing bool              // it is required and not there yet; nothing given is wrong
}

// Faults lists what is wrong or missing, in the order of the form. A filling without any is complete.
func (a *Filling) Faults() []Fault {
	a.left = mostWork
	var all []Fault
	a.visit(a.root, func(s *spot) {
		if f := a.judge(s); f != nil {
			f.Key = s.key
			f.Fault = f.Fault.On(s.key)
			all = append(all, *f)
		}
	})
	if a.over != nil { // by a change, or just now
		all = append([]Fault{{Fault: a.over}}, all...)
	}
	return all
}

// visit goes to each relevant spot in the order of the form.
func (a *Filling) visit(s *spot, do func(*spot)) {
	if !s.relevant {
		return
	}
	do(s)
	for _, k := range s.kids {
		for _, m := range k.members() {
			a.visit(m, do)
		}
		if k.n.item.Kind == instruments.Repeat && len(k.each) == 0 && k.relevant {
			do(k)
		}
	}
}

// judge finds what is wrong with one answer: its kind first, then the form's constraint; or that it is missing.
func (a *Filling) judge(s *spot) *Fault {
	n := s.n
	if n.item.Kind.Holds() || !n.item.Kind.Asked() && n.constraint == nil {
		return nil
	}
	if s.value.Blank() {
		if n.item.Kind.Asked() && n.required != nil && a.eval(s, n.required).True() {
			return &Fault{Fault: fault.New(fault.Invalid, "instrument.answer_needed"), Message: n.item.RequiredMessage, Missing: true}
		}
		return nil
	}
	if f := a.kind(s); f != nil {
		return &Fault{Fault: f}
	}
	if n.constraint != nil && !a.eval(s, n.constraint).True() {
		return &Fault{Fault: fault.New(fault.Invalid, "instrument.answer_refused"), Message: n.item.ConstraintMessage}
	}
	return nil
}

// kind tells whether an answer is of the kind that its question takes.
func (a *Filling) kind(s *spot) *fault.Error {
	text, item := s.value.String(), s.n.item
	wrong := func(ok bool, key string) *fault.Error {
		if ok {
			return nil
		}
		return fault.New(fault.Invalid, key)
	}
	switch item.Kind {
	case instruments.Integer:
		_, err := strconv.ParseInt(text, 10, 64)
		return wrong(err == nil, "instrument.no_whole_number")
	case instruments.Decimal:
		return wrong(!math.IsNaN(s.value.Float()) && !math.IsInf(s.value.Float(), 0), "instrument.no_number")
	case instruments.Date:
		return wrong(expr.Readable("date", text), "instrument.no_date")
	case instruments.DateTime:
		return wrong(expr.Readable("dateTime", text), "instrument.no_moment")
	case instruments.Time:
		return wrong(expr.Readable("time", text), "instrument.no_time")
	case instruments.Range:
		from, to, step := item.Span()
		f := s.value.Float()
		steps := (f - from) / step
		return wrong(f >= from && f <= to && math.Abs(steps-math.Round(steps)) < 1e-6, "instrument.outside_range")
	case instruments.Point:
		return wrong(expr.Places(text) == 1, "instrument.no_point")
	case instruments.Trace:
		return wrong(expr.Places(text) >= 2, "instrument.no_trace")
	case instruments.Shape:
		return wrong(expr.Places(text) >= 4 && expr.Closed(text), "instrument.no_shape")
	case instruments.SelectOne, instruments.SelectMany, instruments.Rank:
		return a.chosen(s, text)
	}
	return nil
}

// chosen tells whether what was chosen is offered, by the list and by the choice filter.
func (a *Filling) chosen(s *spot, text string) *fault.Error {
	options := a.options(s)
	offered := func(name string) bool {
		return slices.ContainsFunc(options, func(o instruments.Option) bool { return o.Name == name })
	}
	if s.n.item.Kind == instruments.SelectOne {
		if offered(text) {
			return nil
		}
		return fault.New(fault.Invalid, "instrument.not_offered").With("option", text)
	}
	chosen := strings.Fields(text)
	for i, name := range chosen {
		if !offered(name) || slices.Contains(chosen[:i], name) {
			return fault.New(fault.Invalid, "instrument.not_offered").With("option", name)
		}
	}
	if s.n.item.Kind == instruments.Rank && len(chosen) != len(options) {
		return fault.New(fault.Invalid, "instrument.rank_incomplete")
	}
	return nil
}

// options lists the options of a question that may be chosen now.
func (a *Filling) options(s *spot) []instruments.Option {
	n := s.n
	if n.list == nil {
		return a.answered(s)
	}
	all := n.list.Options
	if n.filter != nil {
		all = nil
		for i := range n.list.Options {
			if a.evalIn(scene{a: a, b: n.filter, s: s, option: &n.list.Options[i]}).True() {
				all = append(all, n.list.Options[i])
			}
		}
	}
	all = withOther(n.item, all)
	if strings.EqualFold(n.item.Parameters["randomize"], "true") {
		seed := a.on.Seed
		if p := n.item.Parameters["seed"]; p != "" {
			if q := named(a.form, p); q != nil {
				p = a.value(s, q)
			}
			seed = p
		}
		all = slices.Clone(all)
		slices.SortStableFunc(all, func(x, y instruments.Option) int {
			if dice(seed, s.key, x.Name) < dice(seed, s.key, y.Name) {
				return -1
			}
			return 1
		})
	}
	return all
}

// answered makes options of the answers that were given in a repeat, each once.
func (a *Filling) answered(s *spot) (all []instruments.Option) {
	n := s.n
	if n.answers == nil {
		return nil
	}
	r := n.answers.repeat()
	for _, inst := range from(s, r, r) {
		if !inst.relevant || n.filter != nil && !a.evalIn(scene{a: a, b: n.filter, s: s, inst: inst}).True() {
			continue
		}
		for _, of := range below(inst, n.answers) {
			name := of.value.String()
			if of.relevant && name != "" && !slices.ContainsFunc(all, func(o instruments.Option) bool { return o.Name == name }) {
				all = append(all, instruments.Option{Name: name, Label: instruments.Texts{a.form.def.Language: name}})
			}
		}
	}
	return all
}

// value is what another item has been answered with, as seen from a spot.
func (a *Filling) value(s *spot, n *node) string {
	return values(from(s, n, nil), false).String()
}
