// SPDX-License-Identifier: Apache-2.0

package filling

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/instruments"
	"fera/internal/instruments/expr"
)

// What a filling may grow to, and the work that one change may cost: far more than real forms need, and done in a second.
const (
	mostInstances = 500       // of one repeat
	mostSpots     = 30_000    // items in all instances
	mostWork      = 5_000_000 // places of expressions visited
)

// instances is what stands behind the key of a repeat where it is kept how many instances there are, also when they are blank.
const instances = "[]"

// Occasion is what a filling knows of the world: the time, who fills in, in which language, and a seed for dice.
type Occasion struct {
	Began    time.Time // when it was begun; its zone is the one in which days are reckoned
	Now      time.Time // when this change is made
	Language string    // the language of the labels that calculations may speak of
	User     string    // the sign-in of whoever fills in
	Seed     string    // the filling's own identifier: random() and the order of options come from it
}

// Filling is a form with the answers so far. It is not safe to use from two goroutines at once.
//
// An answer is kept under the name of its item, "age", or within a repeat with the number of the instance,
// "people[2]/age". Answers to items that are not relevant are kept, and count as blank until they are relevant again.
type Filling struct {
	form  *Form
	on    Occasion
	root  *spot
	by    map[string]*spot
	given map[string]string // what was answered, by key
	count map[string]int    // instances, by the key of the repeat
	once  map[string]string // what calculations came to last
	left  int               // the work that this change may still cost
	over  *fault.Error      // what took too much work
}

// spot is an item in the filling: in a repeat there is one for each instance.
type spot struct {
	n        *node
	parent   *spot
	nth      int // of an instance of a repeat, from 1
	kids     []*spot
	each     []*spot // the instances, if this stands for a whole repeat
	key      string
	value    expr.Value
	relevant bool
}

// Begin starts a filling with the answers that there are already. Without any, defaults are filled in.
func (f *Form) Begin(answers map[string]string, on Occasion) *Filling {
	a := &Filling{form: f, on: on, left: mostWork, by: map[string]*spot{}, given: map[string]string{}, count: map[string]int{}, once: map[string]string{}}
	for key, v := range answers {
		if !strings.HasSuffix(key, instances) {
			a.given[key] = v
			a.grow(key)
		}
	}
	for key, v := range answers {
		if whole, ok := strings.CutSuffix(key, instances); ok {
			if n, err := strconv.Atoi(v); err == nil && n >= 0 {
				a.count[whole] = min(n, mostInstances)
			}
		}
	}
	a.root = a.grown(f.nodes[0], nil, 0)
	a.work()
	a.defaults(a.root, len(answers) == 0)
	a.work()
	return a
}

// grow makes room for an instance that an answer speaks of: people[3]/age means that there are three.
func (a *Filling) grow(key string) {
	for at := 0; ; {
		open := strings.IndexByte(key[at:], '[')
		if open < 0 {
			return
		}
		shut := strings.IndexByte(key[at+open:], ']')
		if shut < 0 {
			return
		}
		name := key[:at+open]
		if n, err := strconv.Atoi(key[at+open+1 : at+open+shut]); err == nil && n > 0 && n <= mostInstances {
			a.count[name] = max(a.count[name], n)
		}
		at += open + shut + 1
	}
}

// grown makes the spots of a node and all below it.
func (a *Filling) grown(n *node, parent *spot, nth int) *spot {
	s := &spot{n: n, parent: parent, nth: nth, relevant: true}
	s.key = n.key
	if inst := parent.instance(); inst != nil {
		s.key = inst.key + strings.TrimPrefix(n.key, n.repeat().key)
	}
	if n.item.Kind == instruments.Repeat && nth == 0 {
		a.by[s.key] = s
		count, known := a.count[s.key]
		if !known && n.count == nil {
			count = 1 // as a web form shows it
		}
		a.resize(s, count)
		return s
	}
	if nth > 0 {
		s.key = parent.key + "[" + strconv.Itoa(nth) + "]"
	}
	a.by[s.key] = s
	for _, k := range n.kids {
		s.kids = append(s.kids, a.grown(k, s, 0))
	}
	return s
}

// instance returns the innermost instance of a repeat that a spot is in or is.
func (s *spot) instance() *spot {
	for ; s != nil; s = s.parent {
		if s.nth > 0 {
			return s
		}
	}
	return nil
}

// resize gives a repeat a number of instances. Answers of instances that go are kept, in case they come back.
func (a *Filling) resize(s *spot, count int) {
	count = max(0, min(count, mostInstances))
	a.count[s.key] = count
	for len(s.each) > count {
		a.forget(s.each[len(s.each)-1])
		s.each = s.each[:len(s.each)-1]
	}
	for len(s.each) < count {
		if len(a.by) > mostSpots {
			a.note(fault.New(fault.Invalid, "instrument.too_large"))
			return
		}
		made := a.grown(s.n, s, len(s.each)+1)
		s.each = append(s.each, made)
		if a.root != nil { // later than the beginning
			a.defaults(made, false)
		}
	}
}

func (a *Filling) forget(s *spot) {
	delete(a.by, s.key)
	for _, k := range slices.Concat(s.kids, s.each) {
		a.forget(k)
	}
}

// defaults fills in what the form says an answer is until another is given.
func (a *Filling) defaults(s *spot, all bool) {
	item := s.n.item
	if _, known := a.given[s.key]; !known && item.Default != "" && (all || s.instance() != nil || !item.Kind.Asked()) {
		switch {
		case s.n.dynamic != nil:
			a.given[s.key] = a.eval(s, s.n.dynamic).String()
		case item.Kind != instruments.Group && item.Kind != instruments.Repeat:
			a.given[s.key] = item.Default
		}
		s.value = expr.Parsed(as(item.Kind), a.given[s.key], a.zone())
	}
	for _, k := range slices.Concat(s.kids, s.each) {
		a.defaults(k, all)
	}
}

func (a *Filling) note(err error) {
	if err != nil && a.over == nil {
		a.over = fault.Of(err)
	}
}

// Answer gives an answer, or takes one back with a blank one. What it makes of other items is worked out at once. An answer
// that is not right is kept all the same, and stands among the faults.
func (a *Filling) Answer(key, value string) error {
	return a.AnswerAll(map[string]string{key: value})
}

// AnswerAll gives several answers at once, as a page sends them. If one is for no question, none is taken.
func (a *Filling) AnswerAll(answers map[string]string) error {
	for _, key := range slices.Sorted(maps.Keys(answers)) {
		if s := a.by[key]; s == nil || !a.settable(s) {
			return fault.New(fault.Invalid, "instrument.no_such_question").With("key", key)
		}
	}
	var changed []*spot
	for _, key := range slices.Sorted(maps.Keys(answers)) {
		s := a.by[key]
		if v := clean(s.n.item.Kind, answers[key]); a.given[key] != v {
			a.given[key] = v
			changed = append(changed, s)
		}
	}
	a.work()
	for _, s := range changed {
		a.fire(s, 0)
	}
	return nil
}

// settable tells whether a person may answer here: it is a question, neither worked out nor only to be read.
func (a *Filling) settable(s *spot) bool {
	n := s.n
	if !n.item.Kind.Asked() && n.item.Kind != instruments.Hidden || n.calculation != nil && n.item.Trigger == "" {
		return false
	}
	return n.readOnly == nil || !a.eval(s, n.readOnly).True()
}

// fire works out the calculations that wait for a change of this item, and those that wait for them.
func (a *Filling) fire(s *spot, deep int) {
	if deep > 20 { // they wait for one another in a circle
		return
	}
	for _, t := range s.n.triggers {
		for _, to := range a.triggered(s, t) {
			a.work()
			a.fire(to, deep+1)
		}
	}
}

// clean brings an answer into the form in which it is compared: composed letters, no spaces around, Latin digits in numbers.
func clean(k instruments.Kind, value string) string {
	value = norm.NFC.String(strings.TrimSpace(value))
	switch k {
	case instruments.Integer, instruments.Decimal, instruments.Range, instruments.Date, instruments.DateTime, instruments.Time, instruments.Point, instruments.Trace, instruments.Shape:
		return expr.Digits(value)
	case instruments.SelectMany, instruments.Rank:
		return strings.Join(strings.Fields(value), " ")
	}
	return value
}

// triggered works out the calculation of an item because another changed, in the same instance where both are in one.
// It returns the spots whose value is another now.
func (a *Filling) triggered(from *spot, t *node) (changed []*spot) {
	for _, s := range a.spotsOf(t) {
		if inst := s.instance(); inst != nil && from.n.within(inst.n) && from.instance() != inst {
			continue
		}
		made := ""
		if t.calculation != nil {
			made = a.eval(s, t.calculation).String()
		}
		if made != a.given[s.key] {
			a.given[s.key] = made
			changed = append(changed, s)
		}
	}
	return changed
}

// spotsOf lists the spots of a node in all instances.
func (a *Filling) spotsOf(n *node) []*spot {
	if n.parent == nil {
		return []*spot{a.root}
	}
	var all []*spot
	for _, p := range a.spotsOf(n.parent) {
		for _, inst := range p.members() {
			for _, k := range inst.kids {
				if k.n == n {
					all = append(all, k)
				}
			}
		}
	}
	return all
}

// members are the instances, if a spot stands for a whole repeat, else the spot alone.
func (s *spot) members() []*spot {
	if s.n.item.Kind == instruments.Repeat && s.nth == 0 {
		return s.each
	}
	return []*spot{s}
}

// Add adds an instance to a repeat.
func (a *Filling) Add(key string) error {
	s := a.by[key]
	switch {
	case s == nil || s.n.item.Kind != instruments.Repeat || s.nth > 0:
		return fault.New(fault.Invalid, "instrument.no_such_question").With("key", key)
	case s.n.count != nil || len(s.each) >= mostInstances || len(a.by) > mostSpots:
		return fault.New(fault.Invalid, "instrument.repeat_full").With("key", key)
	}
	for at := range a.given { // what was left there by one that was removed is not hers
		if strings.HasPrefix(at, key+"["+strconv.Itoa(len(s.each)+1)+"]") {
			delete(a.given, at)
		}
	}
	a.resize(s, len(s.each)+1)
	a.work()
	return nil
}

// Remove takes an instance out of a repeat; those after it move up.
func (a *Filling) Remove(key string) error {
	s := a.by[key]
	if s == nil || s.nth == 0 || s.n.count != nil {
		return fault.New(fault.Invalid, "instrument.no_such_question").With("key", key)
	}
	whole := s.parent
	moved, counts := map[string]string{}, map[string]int{}
	shift := func(at string) (string, bool) {
		rest, ok := strings.CutPrefix(at, whole.key+"[")
		number, tail, cut := strings.Cut(rest, "]")
		n, err := strconv.Atoi(number)
		switch {
		case !ok || !cut || err != nil || n < s.nth:
			return at, true
		case n == s.nth:
			return "", false
		}
		return whole.key + "[" + strconv.Itoa(n-1) + "]" + tail, true
	}
	for at, v := range a.given {
		if to, stays := shift(at); stays {
			moved[to] = v
		}
	}
	for at, v := range a.count {
		if to, stays := shift(at); stays {
			counts[to] = v
		}
	}
	counts[whole.key] = len(whole.each) - 1
	a.given, a.count, a.once, a.by = moved, counts, map[string]string{}, map[string]*spot{}
	a.root = nil
	a.root = a.grown(a.form.nodes[0], nil, 0)
	a.work()
	return nil
}

// day is the day of the filling, by its own calendar.
func (a *Filling) day() dates.Partial {
	y, m, d := a.on.Now.Date()
	return dates.Partial{Year: y, Month: int(m), Day: d}
}
