// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"fera/internal/countries"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/names"
	"fera/internal/numbers"
	"fera/internal/occupations"
	"fera/internal/persons"
	"fera/internal/web/kit"
	"fera/internal/words"
)

// personsForm is a form about a person as it is drawn: what was typed, what is
// wrong with it, and what the server offers where a text could mean several things.
type personsForm struct {
	S        *words.Speaker
	Values   url.Values
	Problems kit.Problems
	Offered  map[string][]kit.Suggestion
}

func newPersonsForm(s *words.Speaker, values url.Values) *personsForm {
	return &personsForm{S: s, Values: values, Offered: map[string][]kit.Suggestion{}}
}

// input describes a control by the key of its label. The key's own hint is used if there is one.
func (f *personsForm) input(name, key string) kit.Input {
	in := kit.Input{Name: name, Label: f.S.T(key), Value: f.Values.Get(name), Error: f.Problems.On(name), MaxLength: 1000}
	hint := key + "_hint"
	if field, ok := strings.CutPrefix(key, "person.field."); ok {
		hint = "person.hint." + field
	}
	if f.S.Has(hint) {
		in.Hint = f.S.T(hint)
	}
	return in
}

// optional is input for what need not be known.
func (f *personsForm) optional(name, key string) kit.Input {
	in := f.input(name, key)
	in.Optional = true
	return in
}

// text is input for a text in a known language.
func (f *personsForm) text(name, key, lang string) kit.Input {
	in := f.input(name, key)
	in.Lang = lang
	return in
}

// number is input for a short number, which a phone answers with its digits.
func (f *personsForm) number(name, key string) kit.Input {
	in := f.optional(name, key)
	in.InputMode, in.Width = "numeric", kit.Medium
	return in
}

// lookup is input for a type-ahead.
func (f *personsForm) lookup(name, key string) kit.Input {
	in := f.input(name, key)
	t := kit.ReadTypeahead(f.Values, name)
	in.Value, in.Code, in.Was, in.Choices = t.Text, t.Code, t.Text, f.Offered[name]
	return in
}

// options are the answers to a question; their labels lie under the prefix.
func (f *personsForm) options(name, prefix string, values []string) []kit.Option {
	return personsOptions(f.S, prefix, values, f.Values[name])
}

func personsOptions(s *words.Speaker, prefix string, values, chosen []string) []kit.Option {
	all := make([]kit.Option, len(values))
	for i, v := range values {
		all[i] = kit.Option{Value: v, Label: s.T(prefix + "." + v), Chosen: slices.Contains(chosen, v)}
	}
	return all
}

// personsLabels turns typed constants into the texts that options need.
func personsLabels[T ~string](values []T) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = string(v)
	}
	return all
}

// lists says where a type-ahead looks things up.
type personsLookup func(s *words.Speaker, q string) []kit.Suggestion

// settle returns the code that stands for the text of a type-ahead. When nothing
// was chosen and the text does not mean one thing, it offers what it may mean.
func (f *personsForm) settle(name string, look personsLookup) string {
	t := kit.ReadTypeahead(f.Values, name)
	if t.Settled() {
		return t.Code
	}
	text := names.Clean(t.Text)
	found := look(f.S, text)
	same := slices.DeleteFunc(slices.Clone(found), func(c kit.Suggestion) bool {
		return !strings.EqualFold(c.Label, text)
	})
	if len(found) == 1 {
		same = found
	}
	if len(same) == 1 {
		f.choose(name, same[0])
		return same[0].Code
	}
	f.Offered[name] = found
	f.wrong(name, "person.which_needed")
	return ""
}

// choose fills a type-ahead.
func (f *personsForm) choose(name string, c kit.Suggestion) {
	f.Values.Set(name, c.Code)
	f.Values.Set(name+"_text", c.Label)
	f.Values.Set(name+"_was", c.Label)
}

// wrong marks a field. It counts only when the form is drawn again.
func (f *personsForm) wrong(name, key string) {
	f.Problems = append(f.Problems, kit.Problem{Field: name, Text: f.S.T(key)})
}

// refused draws what the domain says is wrong beside what was found before.
// Fields that are called otherwise in the form are renamed.
func (f *personsForm) refused(err error, rename map[string]string) {
	for _, p := range kit.ProblemsOf(f.S, err) {
		if to, ok := rename[p.Field]; ok {
			p.Field = to
		}
		if f.Problems.On(p.Field) == "" || p.Field == "" {
			f.Problems = append(f.Problems, p)
		}
	}
}

// invalid reports whether an error is one that the form can show.
func (f *personsForm) invalid(err error) bool {
	kind := fault.KindOf(err)
	return err != nil && (kind == fault.Invalid || kind == fault.Conflict)
}

// date reads a date; what cannot be read is marked.
func (f *personsForm) date(name string) dates.Partial {
	text := strings.TrimSpace(f.Values.Get(name))
	if text == "" {
		return dates.Partial{}
	}
	d, err := dates.Parse(text)
	if err != nil {
		for _, p := range kit.ProblemsOf(f.S, err) {
			f.Problems = append(f.Problems, kit.Problem{Field: name, Text: p.Text})
		}
	}
	return d
}

// taka reads an amount in either numerals, with or without commas.
func (f *personsForm) taka(name string) int64 {
	text := strings.NewReplacer(",", "", " ", "", "/-", "").Replace(numbers.Digits(f.Values.Get(name)))
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		f.wrong(name, "person.amount_implausible")
	}
	return n
}

func (f *personsForm) yes(name string) bool { return f.Values.Get(name) == "yes" }

// version is the version of the record that the form was drawn from.
func (f *personsForm) version() int {
	n, err := strconv.Atoi(f.Values.Get("version"))
	if err != nil || n < 0 {
		return -1 // fits no record, so the act is refused as out of date
	}
	return n
}

// mostOffered is how many entries a type-ahead shows.
const mostOffered = 8

func personsPlaces(s *words.Speaker, q string) (found []kit.Suggestion) {
	for _, p := range geo.Search(q, mostOffered) {
		found = append(found, personsPlace(s, p.Code))
	}
	return found
}

func personsPlace(s *words.Speaker, code string) kit.Suggestion {
	p, ok := geo.Find(code)
	if !ok {
		return kit.Suggestion{}
	}
	detail := s.T("place." + string(p.Kind))
	if path := geo.Path(code); len(path) > 1 {
		detail += ", " + path[0].Name(s.Lang())
	}
	return kit.Suggestion{Code: code, Label: geo.Full(s.Lang(), code), Detail: detail}
}

func personsCountries(s *words.Speaker, q string) (found []kit.Suggestion) {
	for _, c := range countries.Search(q, mostOffered) {
		found = append(found, kit.Suggestion{Code: c.Code, Label: c.Name(s.Lang())})
	}
	return found
}

func personsOccupations(s *words.Speaker, q string) (found []kit.Suggestion) {
	for _, o := range occupations.Search(q, mostOffered) {
		found = append(found, kit.Suggestion{Code: o.Code, Label: o.Title(s.Lang())})
	}
	return found
}

// field returns what a form gives for a field of a person.
func (f *personsForm) field(of persons.Field) string {
	switch of {
	case persons.Home:
		return f.settle(string(of), personsPlaces)
	case persons.DoNotContact:
		if f.yes(string(of)) {
			return "yes"
		}
		return "no"
	}
	return strings.TrimSpace(f.Values.Get(string(of)))
}

// asked is the question of one purpose: the words that are read out stand under its name.
func (f *personsForm) asked(a personsAsked) kit.Input {
	in := f.input("consent_"+string(a.Purpose), "person.purpose."+string(a.Purpose))
	in.Hint = a.Words
	return in
}

// phone is input for a telephone number.
func (f *personsForm) phone(name, key string) kit.Input {
	in := f.input(name, key)
	in.Type, in.Width = "tel", kit.Medium
	return in
}

// long is input for a longer text.
func (f *personsForm) long(name, key string) kit.Input {
	in := f.optional(name, key)
	in.MaxLength, in.Rows = 5000, 8
	return in
}

// file is input for a file.
func (f *personsForm) file(key string) kit.Input {
	in := f.input("file", key)
	in.Type, in.MaxLength = "file", 0
	return in
}
