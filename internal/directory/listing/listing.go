// SPDX-License-Identifier: Apache-2.0

// Package listing is what an entry of the directory says: an organisation, a service or a location, with its telephones, hours,
// costs, papers and whom it is for. It puts what was typed or sent into the form that is kept and refuses what nobody could use.
// It knows no database; package directory keeps the entries.
package listing

import (
	"encoding/json"
	"slices"
	"strings"

	"fera/internal/fault"
	"fera/internal/names"
)

// Kind is what sort of entry one is.
type Kind string

// The kinds of entries.
const (
	OfOrganisation Kind = "organisation"
	OfService      Kind = "service"
	OfLocation     Kind = "location"
)

// Kinds returns the kinds of entries, what is looked for most first.
func Kinds() []Kind { return []Kind{OfService, OfOrganisation, OfLocation} }

// State is whether what an entry describes is there.
type State string

// The states. What was withdrawn stays on record and is offered to nobody.
const (
	Active    State = "active"
	Paused    State = "paused"    // for a time
	Inactive  State = "inactive"  // not any more, or not yet
	Withdrawn State = "withdrawn" // it should not stand here
)

// States returns the states that can be chosen.
func States() []State { return []State{Active, Paused, Inactive} }

// Text is a text in Bangla, in English, or in both.
type Text struct {
	Bn string `json:"bn,omitempty"`
	En string `json:"en,omitempty"`
}

// In returns the text in "bn" or "en", or in the only language it has.
func (t Text) In(lang string) string {
	if lang == "en" && t.En != "" || t.Bn == "" {
		return t.En
	}
	return t.Bn
}

// Empty tells whether nothing is said in either language.
func (t Text) Empty() bool { return t == Text{} }

// Source says where an entry is from, for as long as its provider has not confirmed it.
type Source struct {
	Text string `json:"text,omitempty"`
	Date string `json:"date,omitempty"` // of the source, as far as it is known
}

// Body is what an entry says: one of the three.
type Body struct {
	Organisation *Organisation `json:"organisation,omitempty"`
	Service      *Service      `json:"service,omitempty"`
	Location     *Location     `json:"location,omitempty"`
	// Rows are rows of an exchange that the directory keeps for the next one and does not read, by their table.
	Rows map[string][]map[string]string `json:"rows,omitempty"`
}

// Kind tells which of the three a body is; empty when it is none or several.
func (b Body) Kind() (k Kind) {
	n := 0
	for kind, is := range map[Kind]bool{OfOrganisation: b.Organisation != nil, OfService: b.Service != nil, OfLocation: b.Location != nil} {
		if is {
			k, n = kind, n+1
		}
	}
	if n != 1 {
		return ""
	}
	return k
}

// Name is the name of what the body describes.
func (b Body) Name() Text {
	switch b.Kind() {
	case OfOrganisation:
		return b.Organisation.Name
	case OfService:
		return b.Service.Name
	case OfLocation:
		return b.Location.Name
	}
	return Text{}
}

// Belongs is the organisation to which an entry belongs: itself, if it is one.
func (b Body) Belongs(id string) string {
	switch b.Kind() {
	case OfService:
		return b.Service.Organisation
	case OfLocation:
		return b.Location.Organisation
	}
	return id
}

// Says is the state that the body says of itself.
func (b Body) Says() State {
	if b.Service != nil {
		return b.Service.State
	}
	return Active
}

// Every is after how many days an entry has to be confirmed anew.
func (b Body) Every() int {
	if b.Service != nil && b.Service.Every > 0 {
		return b.Service.Every
	}
	return intervals()[string(b.Kind())]
}

// From says where what the body says is from.
func (b Body) From() Source {
	switch b.Kind() {
	case OfOrganisation:
		return b.Organisation.Source
	case OfService:
		return b.Service.Source
	case OfLocation:
		return b.Location.Source
	}
	return Source{}
}

// Clone is a copy that shares nothing, so that an act may run again.
func (b Body) Clone() (c Body, err error) {
	text, err := json.Marshal(b)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(text, &c)
}

// Check puts a body into the form kept and refuses what nobody could use.
func (b *Body) Check() *fault.Error {
	switch b.Kind() {
	case OfOrganisation:
		return b.Organisation.check()
	case OfService:
		return b.Service.check()
	case OfLocation:
		return b.Location.check()
	}
	return fault.New(fault.Invalid, "fault.bad_choice").On("kind")
}

// Checker collects what is wrong with a body.
type Checker struct{ faults []*fault.Error }

// Bad notes that something is wrong with a field.
func (r *Checker) Bad(key, field string) {
	r.faults = append(r.faults, fault.New(fault.Invalid, key).On(field))
}

// Line reads a text of one line.
func (r *Checker) Line(s *string, most int, field string) {
	clean, problem := names.Check(*s, most)
	if *s = clean; problem != "" {
		r.faults = append(r.faults, fault.New(fault.Invalid, problem).With("max", most).On(field))
	}
}

// Text reads a text of several lines in both languages.
func (r *Checker) Text(t *Text, most int, field string) {
	for suffix, s := range map[string]*string{"_bn": &t.Bn, "_en": &t.En} {
		clean, problem := names.CheckText(*s, most)
		if *s = clean; problem != "" {
			r.faults = append(r.faults, fault.New(fault.Invalid, problem).With("max", most).On(field+suffix))
		}
	}
}

// name reads a name, of which at least one language is needed.
func (r *Checker) name(t *Text, field string) {
	r.Line(&t.Bn, LongestName, field+"_bn")
	r.Line(&t.En, LongestName, field+"_en")
	if t.Empty() {
		r.Bad("directory.name_needed", field+"_bn")
	}
}

// address reads an address of the web, which must be one that browsers open.
func (r *Checker) address(s *string, field string) {
	r.Line(s, LongestLine, field)
	if *s != "" && !strings.HasPrefix(*s, "https://") && !strings.HasPrefix(*s, "http://") {
		r.Bad("directory.web_address", field)
	}
}

// Mail reads an e-mail address, which may be empty.
func (r *Checker) Mail(s *string, field string) {
	r.Line(s, LongestLine, field)
	if *s != "" && (strings.Count(*s, "@") != 1 || strings.HasPrefix(*s, "@") || strings.HasSuffix(*s, "@") || strings.ContainsAny(*s, " <>\"',;")) {
		r.Bad("directory.mail", field)
	}
}

func (r *Checker) source(s *Source) {
	r.Line(&s.Text, LongestLine, "source")
	r.Line(&s.Date, 40, "source_date")
}

// Kept reads values that the directory has no field for.
func (r *Checker) Kept(all map[string]string) {
	if len(all) > 40 {
		r.Bad("fault.too_many", "")
	}
	for name, v := range all {
		clean, problem := names.CheckText(v, LongestText)
		if all[name] = clean; problem != "" {
			r.faults = append(r.faults, fault.New(fault.Invalid, problem).With("max", LongestText).On(name))
		}
	}
}

// most refuses lists that no page could show.
func (r *Checker) most(n, most int, field string) {
	if n > most {
		r.faults = append(r.faults, fault.New(fault.Invalid, "fault.too_many").With("max", most).On(field))
	}
}

// OneOf refuses a value that is none of those that there are.
func (r *Checker) OneOf(s string, all []string, field string) {
	if !slices.Contains(all, s) {
		r.Bad("fault.bad_choice", field)
	}
}

// Done returns all that was found wrong, nil if nothing was.
func (r *Checker) Done() *fault.Error { return fault.Join(r.faults...) }

// How long texts may be, in characters, and lists.
const (
	LongestName = 200
	LongestLine = 500
	LongestText = 4000
	mostRows    = 40
	mostOffers  = 600
)
