// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"slices"
	"strings"

	"fera/internal/choices"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/names"
	"fera/internal/persons"
	"fera/internal/words"
)

// Plan says how a file is to be read.
type Plan struct {
	Sheet    string         `json:"sheet,omitempty"`
	Heading  int            `json:"heading"` // number of the row that holds the headings
	Columns  []Column       `json:"columns"`
	Basis    Basis          `json:"basis"`
	Known    persons.Source `json:"known,omitempty"`    // how the values are known
	Language string         `json:"language,omitempty"` // in which it is told what is wrong
}

// Column is one column of the file and what it is about.
type Column struct {
	Heading string `json:"heading"`
	Target  Target `json:"target,omitempty"`
	Bijoy   bool   `json:"bijoy,omitempty"` // a person confirmed that it is typed for a font of Bijoy
}

// Basis says how those in the file consented. What a column says of a person
// goes before what is said here of all.
type Basis struct {
	Purposes  []persons.Purpose `json:"purposes,omitempty"` // to which everybody in the file agreed
	Method    string            `json:"method,omitempty"`   // see choices.ConsentMethods
	On        string            `json:"on,omitempty"`       // day on which they were asked, or the last of those days
	Statement string            `json:"statement,omitempty"`
}

// HeadingOf returns what the list calls a column.
func (p Plan) HeadingOf(column int) string {
	if column < 0 || column >= len(p.Columns) {
		return ""
	}
	return p.Columns[column].Heading
}

// Headings returns what the list calls its columns.
func (p Plan) Headings() (all []string) {
	for _, c := range p.Columns {
		all = append(all, c.Heading)
	}
	return all
}

// about returns the columns that are about a target.
func (p Plan) about(t Target) (all []int) {
	for i, c := range p.Columns {
		if c.Target == t {
			all = append(all, i)
		}
	}
	return all
}

func (p Plan) has(ts ...Target) bool {
	return slices.ContainsFunc(ts, func(t Target) bool { return len(p.about(t)) > 0 })
}

// Protected reports whether the list brings class-3 data.
func (p Plan) Protected() bool {
	return slices.ContainsFunc(p.Columns, func(c Column) bool { return c.Target.Protected() })
}

// shortestStatement is the least that can say who asked and where it is written down.
const shortestStatement = 10

// Check checks a plan and puts it into the form kept.
func (p *Plan) Check(today dates.Partial) error {
	var faults []*fault.Error
	wrong := func(field, key string) *fault.Error {
		f := fault.New(fault.Invalid, key).On(field)
		faults = append(faults, f)
		return f
	}
	for i, c := range p.Columns {
		if c.Target == "" {
			continue
		}
		k, ok := c.Target.known()
		switch {
		case !ok:
			wrong(FieldOf(i), "fault.bad_choice")
		case !k.many && len(p.about(c.Target)) > 1:
			faults = append(faults, fault.New(fault.Invalid, "import.column_twice").On(FieldOf(i)))
		}
	}
	if !p.has("name", "name_bn", "name_latin", "given_name", "surname") {
		wrong("columns", "import.name_column_needed")
	}
	if p.has("birth") && p.has("age") {
		p.Columns[p.about("age")[0]].Target = "" // a birth date says it better
	}
	if p.Known == "" {
		p.Known = persons.OwnWord
	}
	if !slices.Contains(persons.Sources(), p.Known) {
		wrong("known", "fault.bad_choice")
	}
	faults = append(faults, p.Basis.check(*p, today)...)
	if f := fault.Join(faults...); f != nil {
		return f
	}
	return nil
}

// check checks that consent is stated, one way or the other, for all who need it.
func (b *Basis) check(p Plan, today dates.Partial) (faults []*fault.Error) {
	wrong := func(field, key string) { faults = append(faults, fault.New(fault.Invalid, key).On(field)) }
	for _, purpose := range b.Purposes {
		if !slices.Contains(persons.Purposes(), purpose) {
			wrong("purposes", "fault.bad_choice")
		}
	}
	stated := func(purpose persons.Purpose) bool {
		return slices.Contains(b.Purposes, purpose) || p.has(Target("consent."+string(purpose)))
	}
	if !stated(persons.PurposeRegister) {
		wrong("purposes", "import.consent_needed")
	}
	if p.Protected() && !stated(persons.PurposeProtected) {
		wrong("purposes", "import.protected_consent_needed")
	}
	if b.Method == "" && !p.has("consent.method") {
		wrong("method", "import.consent_method_needed")
	}
	if b.Method != "" && !slices.Contains(choices.ConsentMethods(), b.Method) {
		wrong("method", "fault.bad_choice")
	}
	on, err := dates.Parse(b.On)
	switch {
	case err != nil || !on.IsZero() && on.Precision() != dates.Day:
		wrong("on", "import.consent_day_needed")
	case on.IsZero() && !p.has("consent.on"):
		wrong("on", "import.consent_day_needed")
	case !on.IsZero() && on.String() > today.String():
		wrong("on", "person.date_ahead")
	}
	b.On = on.String()
	statement, problem := names.CheckText(b.Statement, 1000)
	if problem != "" {
		faults = append(faults, fault.New(fault.Invalid, problem).With("max", 1000).On("statement"))
	} else if len([]rune(statement)) < shortestStatement {
		wrong("statement", "import.statement_needed")
	}
	b.Statement = statement
	return faults
}

// Parse reads what a terminal or an API says of columns: "Mobile No=phone",
// heading and target, and of those typed for Bijoy "নাম=name_bn+bijoy".
func (p *Plan) Parse(said []string) error {
	for _, one := range said {
		cut := strings.LastIndex(one, "=")
		if cut < 0 {
			return fault.New(fault.Invalid, "import.map_form").With("said", one).On("map")
		}
		target, bijoy := strings.CutSuffix(one[cut+1:], "+bijoy")
		at := slices.IndexFunc(p.Columns, func(c Column) bool { return strings.EqualFold(names.Clean(c.Heading), names.Clean(one[:cut])) })
		if at < 0 {
			return fault.New(fault.Invalid, "import.no_such_column").With("heading", one[:cut]).On("map")
		}
		if _, ok := Target(target).known(); !ok && target != "" && target != "-" {
			return fault.New(fault.Invalid, "import.no_such_target").With("target", target).On("map")
		}
		p.Columns[at].Target, p.Columns[at].Bijoy = Target(strings.TrimSuffix(target, "-")), bijoy
	}
	return nil
}

// Label is what a target is called in a language.
func (t Target) Label(s *words.Speaker) string {
	if t == "" {
		return s.T("import.target.none")
	}
	return s.T("import.target." + string(t))
}
