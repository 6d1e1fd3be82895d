// SPDX-License-Identifier: Apache-2.0

package filling_test

import (
	"testing"

	"fera/internal/filling"
	"fera/internal/instruments"
	"fera/internal/questionnaires"
)

// On paper every question stands, whatever it depends on, with its condition in words where it is one option of another question.
func TestABlankFormHasEveryQuestion(t *testing.T) {
	yn := []instruments.Option{{Name: "yes", Label: instruments.Texts{"en": "Yes"}}, {Name: "no", Label: instruments.Texts{"en": "No"}}}
	text := func(s string) instruments.Texts { return instruments.Texts{"en": s} }
	d := &instruments.Definition{Name: "p", Version: "1", Title: text("P"), Language: "en", Languages: []instruments.Language{{Code: "en"}}, Status: instruments.Draft, Lists: []instruments.List{{Name: "yn", Options: yn}},
		Items: []instruments.Item{{Name: "work", Kind: instruments.SelectOne, List: "yn", OrOther: true, Label: text("Work?")}, {Name: "which", Kind: instruments.Text, Label: text("Which, ${work}?"), Relevant: "${work} = 'yes'"},
			{Name: "n", Kind: instruments.Integer, Label: text("N"), Relevant: "selected(${work}, 'no')"}, {Name: "c", Kind: instruments.Calculate, Calculation: "1"}, {Name: "r", Kind: instruments.Repeat, Label: text("Child"), Relevant: "${n} > 1", Items: []instruments.Item{{Name: "age", Kind: instruments.Integer, Label: text("Age")}}}}}
	f, problems := filling.New(d)
	if f == nil {
		t.Fatal(problems)
	}
	got := f.Paper("en")
	want := []struct{ key, label, question, answer, formula string }{{"work", "Work?", "", "", ""}, {"which", "Which, _____?", "Work?", "Yes", ""}, {"n", "N", "Work?", "No", ""}, {"r", "Child", "", "", "${n} > 1"}, {"r/age", "Age", "", "", ""}}
	i := 0
	for _, s := range got {
		if s.Key == "work_other" {
			continue // where its condition is a formula of ours
		}
		w := want[i]
		i++
		c := filling.Condition{}
		if s.When != nil {
			c = *s.When
		}
		if s.Key != w.key || s.Label != w.label || c.Question != w.question || c.Answer != w.answer || c.Formula != w.formula {
			t.Errorf("%s %q %+v, want %+v", s.Key, s.Label, c, w)
		}
	}
	if i != len(want) || len(got[0].Options) != 3 {
		t.Errorf("%d questions, %d options", i, len(got[0].Options))
	}
	for _, shipped := range questionnaires.List() {
		form, _ := filling.New(shipped)
		asked, printed := 0, 0
		shipped.Walk(func(item *instruments.Item, _ []*instruments.Item) {
			if item.Kind.Asked() {
				asked++
			}
		})
		for _, s := range form.Paper("bn") {
			if s.Item.Kind.Asked() {
				printed++
			}
		}
		if printed < asked {
			t.Errorf("%s: %d of %d questions on paper", shipped.Name, printed, asked)
		}
	}
}
