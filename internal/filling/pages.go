// SPDX-License-Identifier: Apache-2.0

package filling

import (
	"strings"

	"fera/internal/instruments"
)

// Entry is what stands at one place of a page: a question, a note, or the heading of a group or of a repeat's instance.
type Entry struct {
	Key      string
	Item     *instruments.Item // not to be changed
	Level    int               // how deep in groups, from 0
	Label    string            // in the language asked for, with values put in
	Hint     string
	Value    string
	Options  []instruments.Option // those that may be chosen now
	Required bool
	ReadOnly bool
	Fault    *Fault

	Instance int  // of a repeat's heading: its number
	Of       int  // and how many there are
	MayAdd   bool // another instance may be added, or this one removed
}

// Page is what is shown at once.
type Page struct {
	Title   string
	Entries []Entry
}

// Pages lays the form out for a telephone: a group or an instance of a repeat at the top is a page, and so are the questions
// between two of them. Only what is relevant is there; a group without anything to see has no page.
func (a *Filling) Pages(lang string) []Page {
	a.left = mostWork
	var pages []Page
	open := false // the last page takes questions that are in no group
	for _, k := range a.root.kids {
		if !k.relevant {
			continue
		}
		if !k.n.item.Kind.Holds() {
			entries := a.entries(k, lang, 0)
			if len(entries) == 0 {
				continue
			}
			if !open {
				pages = append(pages, Page{})
				open = true
			}
			last := &pages[len(pages)-1]
			last.Entries = append(last.Entries, entries...)
			continue
		}
		for _, p := range a.groups(k, lang) {
			pages, open = append(pages, p), false
		}
	}
	return pages
}

func (a *Filling) groups(k *spot, lang string) (pages []Page) {
	if k.n.item.Kind == instruments.Repeat && len(k.each) == 0 && k.n.count == nil {
		return []Page{{Title: a.say(k, k.n.label, lang), Entries: a.entries(k, lang, 0)}}
	}
	for _, m := range k.members() {
		entries := a.entries(m, lang, 0)
		if len(entries) > 1 || len(entries) == 1 && !entries[0].Item.Kind.Holds() {
			pages = append(pages, Page{Title: a.say(m, m.n.label, lang), Entries: entries})
		}
	}
	return pages
}

// Whole lays the form out on one page, for a desk.
func (a *Filling) Whole(lang string) Page {
	a.left = mostWork
	return Page{Title: a.form.def.Title.In(lang, a.form.def.Language), Entries: a.entries(a.root, lang, -1)}
}

// entries lists what there is to see of a spot and below it.
func (a *Filling) entries(s *spot, lang string, level int) (all []Entry) {
	if !s.relevant {
		return nil
	}
	if level >= 0 && visible(s.n.item) {
		all = append(all, a.entry(s, lang, level))
	}
	for _, k := range s.kids {
		for _, m := range k.members() {
			all = append(all, a.entries(m, lang, level+1)...)
		}
		if k.relevant && k.n.item.Kind == instruments.Repeat && len(k.each) == 0 && k.n.count == nil {
			all = append(all, a.entry(k, lang, level+1)) // where the first can be added
		}
	}
	return all
}

func visible(item *instruments.Item) bool {
	switch item.Kind {
	case instruments.Calculate, instruments.Hidden, instruments.Start, instruments.End, instruments.Today, instruments.Username, instruments.Device:
		return false
	}
	return true
}

func (a *Filling) entry(s *spot, lang string, level int) Entry {
	n := s.n
	e := Entry{Key: s.key, Item: n.item, Level: level, Value: s.value.String(), Label: a.say(s, n.label, lang), Hint: a.say(s, n.hint, lang)}
	if n.item.Kind == instruments.Repeat {
		e.Instance, e.MayAdd = s.nth, n.count == nil
		if whole := s.parent; s.nth > 0 {
			e.Of = len(whole.each)
		}
		return e
	}
	if n.item.Kind.Holds() || n.item.Kind == instruments.Note {
		return e
	}
	if !n.item.Kind.Chooses() && s.value.Blank() {
		e.Value = a.given[s.key]
	}
	e.Options = a.options(s)
	e.Required = n.required != nil && a.eval(s, n.required).True()
	e.ReadOnly = !a.settable(s)
	e.Fault = a.judge(s)
	return e
}

// say puts the values of items into a text. A language that the text is not in falls back to the form's own.
func (a *Filling) say(s *spot, texts map[string][]piece, lang string) string {
	var b strings.Builder
	for _, p := range a.form.pieces(texts, lang) {
		b.WriteString(p.words)
		if p.value != nil {
			b.WriteString(a.eval(s, p.value).String())
		}
	}
	return b.String()
}
