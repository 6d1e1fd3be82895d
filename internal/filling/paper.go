// SPDX-License-Identifier: Apache-2.0

package filling

import (
	"strings"

	"fera/internal/instruments"
	"fera/internal/instruments/expr"
)

// Condition says when a question is asked: if another has been answered in a way, in words, or by a formula where that is
// too much for one sentence.
type Condition struct {
	Question, Answer string
	Formula          string
}

// Sheet is a place of a form on paper, where nothing is known yet: every question stands there, with its condition.
type Sheet struct {
	Entry
	When *Condition // nil if it is always asked
}

// Paper lays the form out to be printed blank.
func (f *Form) Paper(lang string) (all []Sheet) {
	for _, n := range f.nodes[1:] {
		if !visible(n.item) {
			continue
		}
		s := Sheet{Entry: Entry{Key: n.key, Item: n.item, Level: n.depth - 1, Label: f.blank(n.label, lang), Hint: f.blank(n.hint, lang)}}
		if n.list != nil {
			s.Options = withOther(n.item, n.list.Options)
		}
		if n.relevant != nil {
			s.When = f.condition(n.relevant, lang)
		}
		all = append(all, s)
	}
	return all
}

// blank is a text with room where the values of items would stand.
func (f *Form) blank(texts map[string][]piece, lang string) string {
	var b strings.Builder
	for _, p := range f.pieces(texts, lang) {
		if b.WriteString(p.words); p.value != nil {
			b.WriteString("_____")
		}
	}
	return b.String()
}

// pieces are those of a text in a language. A language that the text is not in falls back to the form's own.
func (f *Form) pieces(texts map[string][]piece, lang string) []piece {
	if pieces, ok := texts[lang]; ok {
		return pieces
	}
	if pieces, ok := texts[f.def.Language]; ok {
		return pieces
	}
	for _, l := range f.def.Languages {
		if pieces, ok := texts[l.Code]; ok {
			return pieces
		}
	}
	return nil
}

// condition puts ${question} = 'option' and selected(${question}, 'option') into words.
func (f *Form) condition(b *bound, lang string) *Condition {
	n := b.Tree()
	simple := n.Kind == expr.Op && n.Name == "=" || n.Kind == expr.Call && n.Name == "selected"
	if simple && n.Args[0].Kind == expr.Path && n.Args[0].Where == nil && n.Args[1].Kind == expr.Text {
		if q := b.to[n.Args[0].Index].node; q != nil && q.list != nil {
			for _, o := range withOther(q.item, q.list.Options) {
				if o.Name == n.Args[1].Text {
					return &Condition{Question: f.blank(q.label, lang), Answer: o.Label.In(lang, f.def.Language)}
				}
			}
		}
	}
	return &Condition{Formula: b.String()}
}

// withOther adds the option “other” that or_other stands for.
func withOther(item *instruments.Item, options []instruments.Option) []instruments.Option {
	if !item.OrOther {
		return options
	}
	for _, o := range options {
		if o.Name == "other" {
			return options
		}
	}
	return append(options[:len(options):len(options)], instruments.Option{Name: "other", Label: instruments.Texts{"en": "Other", "bn": "অন্যান্য"}})
}
