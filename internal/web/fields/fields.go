// SPDX-License-Identifier: Apache-2.0

// Package fields is a form as a list of groups with their controls, for rooms that have several long ones.
package fields

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/dates"
	"fera/internal/web/kit"
	"fera/internal/web/places"
	"fera/internal/web/site"
	"fera/internal/words"
)

// Form is a form on a page of its own.
type Form struct {
	kit.Frame
	Problems kit.Problems
	Lead     string
	Action   string // where it is sent
	Version  int    // that the record was read at
	Verb     string // on the button
	Back     string // address of the page it came from
	More     string // on a second button, which is sent as go=more, such as one that adds a row; empty for none
	Upload   bool   // it carries a file
	Kind     kit.Kind

	groups []group
	r      *site.Request
}

type group struct {
	Title, Hint string
	Folded      bool // shown when it is asked for, or when something in the form is to be mended
	Items       []templ.Component
}

// New begins a form with its first group.
func New(r *site.Request, title, action, back string) *Form {
	return &Form{Frame: r.Frame(title), Problems: r.Problems, Action: action, Verb: r.S.T("field.save"), Back: back, Kind: kit.Primary, r: r, groups: []group{{}}}
}

// Group begins a group of controls.
func (f *Form) Group(title, hint string) {
	f.groups = append(f.groups, group{Title: title, Hint: hint})
}

// Fold begins a group that is folded away until it is asked for. It is open when it holds something, and when the form is drawn again.
func (f *Form) Fold(title, hint string, holds bool) {
	f.groups = append(f.groups, group{Title: title, Hint: hint, Folded: !holds && f.r.Method != http.MethodPost})
}

// Put adds something to the last group.
func (f *Form) Put(c templ.Component) {
	last := &f.groups[len(f.groups)-1]
	last.Items = append(last.Items, c)
}

// In is a control with what was typed into it, or what it holds now. The hint is the text of the label's key with _hint, if there is one.
func (f *Form) In(name, label, now string) kit.Input {
	in := f.r.Input(name, f.r.S.T(label), now)
	if hint := label + "_hint"; f.r.S.Has(hint) {
		in.Hint = f.r.S.T(hint)
	}
	return in
}

// Text asks for a line, which may be left out.
func (f *Form) Text(name, label, now string) {
	in := f.In(name, label, now)
	in.Optional = true
	f.Put(kit.Field(f.S, in))
}

// Line asks for a line.
func (f *Form) Line(name, label, now string) { f.Put(kit.Field(f.S, f.In(name, label, now))) }

// Area asks for some lines, which may be left out.
func (f *Form) Area(name, label, now string, rows int) {
	in := f.In(name, label, now)
	in.Optional, in.MaxLength, in.Rows = true, 8000, rows
	f.Put(kit.Area(f.S, in))
}

// Number asks for a number, which may be left out.
func (f *Form) Number(name, label, now string) {
	in := f.In(name, label, now)
	in.Optional, in.InputMode, in.Width, in.MaxLength = true, "numeric", kit.Short, 20
	f.Put(kit.Field(f.S, in))
}

// Date asks for a day, of which the month or the year may be all that is known.
func (f *Form) Date(name, label string, now dates.Partial, optional bool) {
	in := f.In(name, label, Day(f.S, now))
	in.Optional = optional
	f.Put(kit.DateField(f.S, in))
}

// Select offers some values, of which it says each by key and value.
func (f *Form) Select(name, label, now, key string, values ...string) {
	f.Put(kit.Select(f.S, f.In(name, label, now), f.Options(key, values...)))
}

// Options says values by key and value.
func (f *Form) Options(key string, values ...string) (all []kit.Option) {
	for _, v := range values {
		all = append(all, kit.Option{Value: v, Label: f.S.T(key + v)})
	}
	return all
}

// Check asks yes or no.
func (f *Form) Check(name, label string, now bool) {
	in := f.In(name, label, "")
	if f.r.Ticked(name, "yes", now) {
		in.Value = "yes"
	}
	f.Put(kit.Check(f.S, in))
}

// Place asks for a place at home.
func (f *Form) Place(name, label, code string) {
	f.Put(kit.PlaceField(f.S, places.Lookup(f.r, name, f.r.S.T(label), code)))
}

// Why asks for the reason of a change.
func (f *Form) Why() {
	f.Line("why", "field.why", "")
}

// Day writes a date as people type it.
func Day(s *words.Speaker, p dates.Partial) string {
	switch p.Precision() {
	case dates.Day:
		return s.Digits(fmt.Sprintf("%d/%d/%d", p.Day, p.Month, p.Year))
	case dates.Month:
		return s.Digits(fmt.Sprintf("%d/%d", p.Month, p.Year))
	case dates.Year:
		return s.Digits(strconv.Itoa(p.Year))
	}
	return ""
}

// Whole reads a whole number in either digits, with or without commas; nothing is 0.
func Whole(text string) (int, bool) {
	text = strings.Map(func(r rune) rune {
		switch {
		case r >= '০' && r <= '৯':
			return '0' + r - '০'
		case r == ',' || r == ' ':
			return -1
		}
		return r
	}, strings.TrimSpace(text))
	if text == "" {
		return 0, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0 && len(text) < 12
}
