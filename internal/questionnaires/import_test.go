// SPDX-License-Identifier: Apache-2.0

package questionnaires_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"fera/internal/dates"
	"fera/internal/instruments"
	"fera/internal/xlsform"
)

const workbook = "testdata/made_up_of_three_dimensions.xlsx"

// madeUp is a questionnaire of nonsense that is shaped as the Reintegration Sustainability Survey is known to be: three
// dimensions and a composite from 0 to 1, answers without a score, weights, two pass marks side by side, once a quarter.
// It says nothing of that survey's questions or weights, which are not known here.
func madeUp() *instruments.Definition {
	score := func(f float64) *instruments.Score { s := instruments.Score(f); return &s }
	text := func(bn, en string) instruments.Texts { return instruments.Texts{"bn": bn, "en": en} }
	d := &instruments.Definition{Name: "made_up_of_three_dimensions", Version: "1", Title: text("বানানো প্রশ্নমালা", "A made-up questionnaire"), Language: "bn", Status: instruments.Active,
		Languages: []instruments.Language{{Code: "bn", Name: "Bangla", Origin: instruments.Ours, Note: "nonsense"}, {Code: "en", Name: "English", Origin: instruments.Ours, Note: "nonsense"}},
		Source:    "Made up for tests", Licence: "Apache-2.0", MinimumAge: 18, Younger: "child", OncePer: "quarter", Class: 3}
	list := instruments.List{Name: "how_green", Options: []instruments.Option{}}
	for i := range 5 {
		list.Options = append(list.Options, instruments.Option{Name: fmt.Sprintf("g%d", i), Label: text("সবুজ", "green"), Score: score(float64(i) / 4)})
	}
	list.Options = append(list.Options, instruments.Option{Name: "na", Label: text("প্রযোজ্য নয়", "does not apply")})
	d.Lists = append(d.Lists, list)
	var parts []instruments.Part
	for _, dimension := range []string{"economic", "social", "psychosocial"} {
		s := instruments.Scale{Name: dimension, Label: text("মাত্রা", dimension), Method: instruments.Mean, Missing: instruments.Renormalise, MostMissing: 1, Highest: 1, Places: 2}
		for i, weight := range []float64{1, 2, 1} {
			name := fmt.Sprintf("%s_%d", dimension, i+1)
			d.Items = append(d.Items, instruments.Item{Name: name, Kind: instruments.SelectOne, List: "how_green", Label: text("দরজাটি কত সবুজ?", "How green is the door?"), Required: "true()"})
			s.Parts = append(s.Parts, instruments.Part{Item: name, Weight: weight})
		}
		d.Scales = append(d.Scales, s)
		parts = append(parts, instruments.Part{Scale: dimension, Weight: 1})
	}
	mark := func(name string, at float64) instruments.Cut {
		return instruments.Cut{Name: name, From: dates.Partial{Year: 2020, Month: 1, Day: 1}, Bands: []instruments.Band{{Name: "below"}, {Name: "at_or_above", From: at}}}
	}
	d.Scales = append(d.Scales, instruments.Scale{Name: "composite", Method: instruments.Mean, Missing: instruments.Refuse, Highest: 1, Places: 2, Parts: parts,
		Cuts: []instruments.Cut{mark("0.50", 0.5), mark("0.66", 0.66)}})
	return d
}

// When the official survey comes as a workbook, it comes in as this one does.
func TestASurveyOfThreeDimensionsIsImported(t *testing.T) {
	if update() {
		var b bytes.Buffer
		if err := xlsform.Write(&b, madeUp()); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(workbook, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(workbook)
	if err != nil {
		t.Fatal(err)
	}
	f, err := xlsform.Read(bytes.NewReader(text), int64(len(text)), workbook)
	if err != nil {
		t.Fatal(err)
	}
	made, problems := f.Check()
	if made == nil {
		t.Fatalf("Check: %v", problems)
	}
	d := f.Definition
	for age, want := range map[int]string{17: "instrument.too_young", 18: ""} {
		if got := d.May(age); got != want {
			t.Errorf("May at %d: %q, want %q", age, got, want)
		}
	}
	if got := d.Period(dates.Partial{Year: 2026, Month: 5, Day: 1}); got != "2026-Q2" || d.Younger != "child" {
		t.Errorf("period %s, the younger go to %q", got, d.Younger)
	}
	for _, c := range []struct{ each, want string }{
		{"g0", "0 below below"}, {"g4", "1 at_or_above at_or_above"}, {"g2", "0.5 at_or_above below"}, {"g1", "0.25 below below"}, {"g3", "0.75 at_or_above at_or_above"}, {"na", "none, 0 of 3"},
	} {
		answers := map[string]string{}
		for _, i := range d.Items {
			answers[i.Name] = c.each
		}
		if got := outcome(t, begin(t, d, answers), "composite"); got != c.want {
			t.Errorf("all %s: %s, want %s", c.each, got, c.want)
		}
	}
	answers := map[string]string{}
	for i, item := range d.Items {
		answers[item.Name] = []string{"g4", "g2", "na"}[i%3]
	}
	a := begin(t, d, answers)
	if got := outcome(t, a, "composite"); got != "0.666666666667 at_or_above at_or_above" || len(a.Faults()) != 0 {
		t.Errorf("with answers that do not apply: %s, want (1 + 2 × 0.5) / 3; faults %v", got, a.Faults())
	}
}
