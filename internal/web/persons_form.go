// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
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

// personsForm is a form about a person: what was typed or is there, in whose
// language it is drawn, what is wrong with it.
type personsForm struct {
	S        *words.Speaker
	Values   url.Values
	Problems kit.Problems
	sent     bool           // the values were typed, not read from the record
	faults   []*fault.Error // found while reading what was typed
}

// personsForm is the form of a request: as it was typed, or filled with what is there.
func (r *request) personsForm(now url.Values) *personsForm {
	f := &personsForm{S: r.S, Values: now}
	if r.Method == http.MethodPost {
		f.Values, f.sent = r.PostForm, true
	}
	if f.Values == nil {
		f.Values = url.Values{}
	}
	renamed := map[string]string{"consents": "consent_register", "consents.protected": "consent_protected", "functioning": "vision", "Idempotency-Key": "", "home_text": "village"}
	for _, p := range r.Problems {
		if to, ok := renamed[p.Field]; ok {
			p.Field = to
		}
		if !slices.Contains(f.Problems, p) {
			f.Problems = append(f.Problems, p)
		}
	}
	return f
}

// err is what was wrong with the form while it was read.
func (f *personsForm) err() error {
	for _, p := range f.Problems { // found before the act: characters that no engine keeps
		f.faults = append(f.faults, fault.New(fault.Invalid, "fault.bad_characters").On(p.Field))
	}
	if wanted := f.Values.Get("find"); wanted != "" {
		f.faults = append(f.faults, fault.New(fault.Invalid, "person.which_needed").On(wanted))
	}
	if joined := fault.Join(f.faults...); joined != nil {
		return joined
	}
	return nil
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

// lookup is input for a type-ahead. When what was typed could mean several
// things, it offers them.
func (f *personsForm) lookup(name, key string) kit.Input {
	in := f.input(name, key)
	t := kit.ReadTypeahead(f.Values, name)
	in.Value, in.Code, in.Was = t.Text, t.Code, t.Text
	if !t.Settled() {
		in.Choices = personsLooksUp(name)(f.S, names.Clean(t.Text))
	}
	return in
}

// personsLooksUp says where a type-ahead looks things up.
func personsLooksUp(name string) func(s *words.Speaker, q string) []kit.Suggestion {
	switch name {
	case "country":
		return personsCountries
	case "occupation":
		return personsOccupations
	}
	return personsPlaces
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

// settle returns the code that stands for the text of a type-ahead. When nothing
// was chosen and the text does not mean one thing, that is a fault.
func (f *personsForm) settle(name string) string {
	t := kit.ReadTypeahead(f.Values, name)
	if t.Settled() {
		return t.Code
	}
	text := names.Clean(t.Text)
	found := personsLooksUp(name)(f.S, text)
	same := slices.DeleteFunc(slices.Clone(found), func(c kit.Suggestion) bool { return !strings.EqualFold(c.Label, text) })
	if len(found) == 1 {
		same = found
	}
	if len(same) != 1 {
		f.wrong(name, "person.which_needed")
		return ""
	}
	return same[0].Code
}

// fill puts a chosen entry into the values of a type-ahead.
func fill(values url.Values, name string, c kit.Suggestion) {
	values.Set(name, c.Code)
	values.Set(name+"_text", c.Label)
	values.Set(name+"_was", c.Label)
}

// wrong marks a field.
func (f *personsForm) wrong(name, key string) {
	f.faults = append(f.faults, fault.New(fault.Invalid, key).On(name))
}

// date reads a date; what cannot be read is marked.
func (f *personsForm) date(name string) dates.Partial {
	text := strings.TrimSpace(f.Values.Get(name))
	if text == "" {
		return dates.Partial{}
	}
	d, err := dates.Parse(text)
	if told := fault.Of(err); told != nil {
		f.faults = append(f.faults, told.On(name))
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
		return f.settle(string(of))
	case persons.DoNotContact:
		if f.yes(string(of)) {
			return "yes"
		}
		return "no"
	}
	return strings.TrimSpace(f.Values.Get(personsControl(of)))
}

// personsControl is what the control of a field is called: a type-ahead has taken home_text.
func personsControl(f persons.Field) string {
	if f == persons.HomeText {
		return "village"
	}
	return string(f)
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

// told reports whether anything was written of what happened abroad.
func (f *personsForm) told() bool {
	return len(f.Values["happened"]) > 0 || f.Values.Get("account") != "" || f.Values.Get("owed") != "" || f.Values.Get("debt") != ""
}
