// SPDX-License-Identifier: Apache-2.0

package projects

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"

	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/geo"
)

// Record is what is said of a project.
type Record struct {
	TitleBn     string        `json:"title_bn,omitempty"`
	TitleEn     string        `json:"title_en,omitempty"`
	TextBn      string        `json:"text_bn,omitempty"`
	TextEn      string        `json:"text_en,omitempty"`
	Theme       string        `json:"theme,omitempty"`        // as those who pay name it, such as labour migration
	Region      string        `json:"region,omitempty"`       // the same
	PlannedFrom dates.Partial `json:"planned_from,omitzero"`  // as it was agreed
	PlannedTo   dates.Partial `json:"planned_until,omitzero"` //
	Started     dates.Partial `json:"started,omitzero"`       // as it came
	Ended       dates.Partial `json:"ended,omitzero"`         //
	Nationwide  bool          `json:"nationwide,omitempty"`   // it works in the whole country
	Places      []string      `json:"places,omitempty"`       // codes of where it works
	Identifiers []Identifier  `json:"identifiers,omitempty"`  // under which others know it
	Partners    []Partner     `json:"partners,omitempty"`     //
	Reporter    Partner       `json:"reporter,omitzero"`      // who publishes it, with an identifier of IATI; its owner when empty
	Sectors     []Sector      `json:"sectors,omitempty"`      // purposes, as the OECD's committee numbers them
	Gender      int           `json:"gender,omitempty"`       // equality of women and men: 1 an aim, 2 the main aim
	Lines       []Line        `json:"lines,omitempty"`        // of the budget
	Results     []Result      `json:"results,omitempty"`      // what it is to come to, from goal to activity
	Documents   []Document    `json:"documents,omitempty"`    //
	Source      string        `json:"source,omitempty"`       // where this is from, when it was taken over from what others published
}

// Identifier is a name under which others know a project.
type Identifier struct {
	Kind  string `json:"kind"` // of IATI's list OtherIdentifierType, such as A1
	Value string `json:"value"`
}

// Role is what somebody is to a project.
type Role string

// The roles, as IATI's list OrganisationRole has them.
const (
	Funding      Role = "funding"
	Accountable  Role = "accountable"
	Extending    Role = "extending"
	Implementing Role = "implementing"
)

// PartnerRoles returns the roles, in the order in which they are offered.
func PartnerRoles() []Role { return []Role{Funding, Accountable, Extending, Implementing} }

// PartnerTypes returns what kinds of organisations there are, by their numbers in IATI's list OrganisationType.
func PartnerTypes() []string {
	return []string{"10", "11", "15", "21", "22", "23", "24", "30", "40", "60", "70", "71", "72", "73", "80", "90"}
}

// Partner is who pays for a project or does a part of it.
type Partner struct {
	Organisation string `json:"organisation,omitempty"` // of ours; empty for one that does not work with Fera
	NameBn       string `json:"name_bn,omitempty"`
	NameEn       string `json:"name_en,omitempty"`
	Ref          string `json:"ref,omitempty"`  // its identifier in IATI, if it has one
	Type         string `json:"type,omitempty"` // see PartnerTypes
	Role         Role   `json:"role,omitempty"`
	Part         string `json:"part,omitempty"` // what it does in the project
}

// Sector is a purpose with its share.
type Sector struct {
	Code    string `json:"code"`              // five digits of the list of CRS purpose codes
	Percent int    `json:"percent,omitempty"` // of the money; all together 100, or none said of the only one
}

// Line is a line of the budget.
type Line struct {
	Code   string `json:"code"`
	NameBn string `json:"name_bn,omitempty"`
	NameEn string `json:"name_en,omitempty"`
}

// Level is where a result stands in the chain.
type Level string

// The levels, from what it is all for to what is done.
const (
	Goal     Level = "goal"
	Outcome  Level = "outcome"
	Output   Level = "output"
	Activity Level = "activity"
)

// Levels returns the levels, from the top.
func Levels() []Level { return []Level{Goal, Outcome, Output, Activity} }

// Result is something that the project is to come to, or what is done for it.
type Result struct {
	Code       string     `json:"code"`
	Level      Level      `json:"level"`
	Under      string     `json:"under,omitempty"` // code of the result that it serves, of a higher level
	TitleBn    string     `json:"title_bn,omitempty"`
	TitleEn    string     `json:"title_en,omitempty"`
	Indicators []Measured `json:"indicators,omitempty"`
}

// Measured is an indicator of a result, with what was so at the start and what is aimed at.
type Measured struct {
	Indicator string   `json:"indicator"` // its code
	TitleBn   string   `json:"title_bn,omitempty"`
	TitleEn   string   `json:"title_en,omitempty"`
	Unit      string   `json:"unit"`            // number or percent
	Falls     bool     `json:"falls,omitempty"` // less is better
	Baseline  *Figure  `json:"baseline,omitempty"`
	Targets   []Figure `json:"targets,omitempty"`
	Published []Figure `json:"published,omitempty"` // what was published of it, as published; never taken for what the records come to
}

// Figure is a value for a time and a place.
type Figure struct {
	From  dates.Partial `json:"from,omitzero"`
	Until dates.Partial `json:"until,omitzero"`
	Place string        `json:"place,omitempty"` // code; everywhere when empty
	Value int64         `json:"value"`           // in hundredths
	Says  string        `json:"says,omitempty"`
}

// Document is a paper of the project that stands on the web.
type Document struct {
	TitleBn  string        `json:"title_bn,omitempty"`
	TitleEn  string        `json:"title_en,omitempty"`
	Href     string        `json:"href"`
	Format   string        `json:"format,omitempty"`   // media type
	Category string        `json:"category,omitempty"` // of IATI's list DocumentCategory, such as A02
	Language string        `json:"language,omitempty"`
	On       dates.Partial `json:"on,omitzero"`
}

// Title is what the project is called in "bn" or "en", or in the only language there is.
func (r Record) Title(lang string) string { return in(lang, r.TitleBn, r.TitleEn) }

// Name is what a partner is called in "bn" or "en", or in the only language there is.
func (p Partner) Name(lang string) string { return in(lang, p.NameBn, p.NameEn) }

// Title is what a result is called in "bn" or "en", or in the only language there is.
func (r Result) Title(lang string) string { return in(lang, r.TitleBn, r.TitleEn) }

// Title is what an indicator is called here in "bn" or "en", or its code.
func (m Measured) Title(lang string) string {
	if title := in(lang, m.TitleBn, m.TitleEn); title != "" {
		return title
	}
	return m.Indicator
}

// Title is what a document is called in "bn" or "en", or in the only language there is.
func (d Document) Title(lang string) string { return in(lang, d.TitleBn, d.TitleEn) }

// Name is what a line of the budget is called in "bn" or "en", or in the only language there is.
func (l Line) Name(lang string) string { return in(lang, l.NameBn, l.NameEn) }

func in(lang, bn, en string) string {
	if lang == "bn" && bn != "" || en == "" {
		return bn
	}
	return en
}

// Begins is the first day of the project: when it started, or is to start.
func (r Record) Begins() dates.Partial { return first(r.Started, r.PlannedFrom) }

// Ends is the last day of the project: when it ended, or is to end.
func (r Record) Ends() dates.Partial { return first(r.Ended, r.PlannedTo) }

func first(all ...dates.Partial) dates.Partial {
	for _, day := range all {
		if !day.IsZero() {
			return day
		}
	}
	return dates.Partial{}
}

// The bounds of what is said of a project.
const (
	mostTitle = 300
	mostText  = 8000
	mostRows  = 200
)

var (
	purposeShape = regexp.MustCompile(`^[1-9][0-9]{4}$`)
	rowShape     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$`)
	refShape     = regexp.MustCompile(`^[^\s/&|?]{1,120}$`)
	kindShape    = regexp.MustCompile(`^[AB][0-9]{1,2}$`)
)

// checking gathers what is wrong with a record.
type checking struct{ faults []*fault.Error }

func (c *checking) bad(key, field string) {
	c.faults = append(c.faults, fault.New(fault.Invalid, key).On(field))
}

func (c *checking) text(s *string, most int, field string) {
	if f := text(s, 0, most, field); f != nil {
		c.faults = append(c.faults, f)
	}
}

// code refuses a code that has no shape, or that stood before.
func (c *checking) code(code string, seen map[string]bool, field string) {
	if !rowShape.MatchString(code) {
		c.bad("project.row_code", field)
	} else if seen[code] {
		c.bad("project.code_twice", field)
	}
	seen[code] = true
}

func (r *Record) check() *fault.Error {
	c := &checking{}
	for _, f := range []struct {
		s     *string
		most  int
		field string
	}{{&r.TitleBn, mostTitle, "title_bn"}, {&r.TitleEn, mostTitle, "title_en"}, {&r.TextBn, mostText, "text_bn"}, {&r.TextEn, mostText, "text_en"}, {&r.Theme, mostTitle, "theme"},
		{&r.Region, mostTitle, "region"}, {&r.Source, 1000, "source"}} {
		c.text(f.s, f.most, f.field)
	}
	if r.TitleBn == "" && r.TitleEn == "" {
		c.bad("fault.needed", "title_bn")
	}
	if r.Gender < 0 || r.Gender > 2 {
		c.bad("fault.bad_choice", "gender")
	}
	r.checkDates(c)
	r.checkPlaces(c)
	r.checkPartners(c)
	r.checkSectors(c)
	r.checkLines(c)
	r.checkResults(c)
	r.checkDocuments(c)
	return fault.Join(c.faults...)
}

func (r *Record) checkDates(c *checking) {
	if r.Begins().IsZero() {
		c.bad("fault.needed", "planned_from")
	}
	for _, f := range []struct {
		day   dates.Partial
		field string
	}{{r.PlannedFrom, "planned_from"}, {r.PlannedTo, "planned_until"}, {r.Started, "started"}, {r.Ended, "ended"}} {
		if !f.day.IsZero() && f.day.Check() != nil {
			c.bad("date.unreadable", f.field)
		}
	}
	if !r.PlannedTo.IsZero() && r.PlannedTo.SurelyBefore(r.PlannedFrom) {
		c.bad("project.ends_before", "planned_until")
	}
	if !r.Ended.IsZero() && r.Ended.SurelyBefore(r.Begins()) {
		c.bad("project.ends_before", "ended")
	}
}

func (r *Record) checkPlaces(c *checking) {
	seen := map[string]bool{}
	for _, place := range r.Places {
		if _, ok := geo.Find(place); !ok || seen[place] {
			c.bad("fault.bad_choice", "places")
		}
		seen[place] = true
	}
	if r.Nationwide && len(r.Places) > 0 {
		c.bad("project.nationwide_places", "places")
	}
	if len(r.Places) > mostRows {
		c.bad("project.too_many", "places")
	}
}

func (r *Record) checkPartners(c *checking) {
	if len(r.Partners) > mostRows || len(r.Identifiers) > mostRows {
		c.bad("project.too_many", "partners")
	}
	for i := range r.Partners {
		p, at := &r.Partners[i], fmt.Sprintf("partners.%d.", i)
		p.check(c, at)
		if !slices.Contains(PartnerRoles(), p.Role) {
			c.bad("fault.bad_choice", at+"role")
		}
		if p.NameBn == "" && p.NameEn == "" {
			c.bad("fault.needed", at+"name_bn")
		}
	}
	if r.Reporter != (Partner{}) {
		r.Reporter.check(c, "reporter.")
	}
	for i := range r.Identifiers {
		one, at := &r.Identifiers[i], fmt.Sprintf("identifiers.%d.", i)
		c.text(&one.Value, 120, at+"value")
		if one.Value == "" {
			c.bad("fault.needed", at+"value")
		}
		if !kindShape.MatchString(one.Kind) {
			c.bad("fault.bad_choice", at+"kind")
		}
	}
}

func (p *Partner) check(c *checking, at string) {
	c.text(&p.NameBn, mostTitle, at+"name_bn")
	c.text(&p.NameEn, mostTitle, at+"name_en")
	c.text(&p.Part, 1000, at+"part")
	if p.Ref != "" && !refShape.MatchString(p.Ref) {
		c.bad("project.ref", at+"ref")
	}
	if p.Type != "" && !slices.Contains(PartnerTypes(), p.Type) {
		c.bad("fault.bad_choice", at+"type")
	}
}

func (r *Record) checkSectors(c *checking) {
	sum, seen := 0, map[string]bool{}
	for i, s := range r.Sectors {
		at := fmt.Sprintf("sectors.%d.code", i)
		switch {
		case s.Code == forCombatants:
			c.bad("project.sector_trap", at)
		case !purposeShape.MatchString(s.Code) || seen[s.Code]:
			c.bad("project.sector", at)
		}
		if s.Percent < 0 || s.Percent > 100 {
			c.bad("project.percent", fmt.Sprintf("sectors.%d.percent", i))
		}
		sum, seen[s.Code] = sum+s.Percent, true
	}
	if sum != 100 && (len(r.Sectors) > 1 || sum != 0) {
		c.bad("project.percent", "sectors")
	}
}

func (r *Record) checkLines(c *checking) {
	seen := map[string]bool{}
	if len(r.Lines) > mostRows {
		c.bad("project.too_many", "lines")
	}
	for i := range r.Lines {
		l, at := &r.Lines[i], fmt.Sprintf("lines.%d.", i)
		c.code(l.Code, seen, at+"code")
		c.text(&l.NameBn, mostTitle, at+"name_bn")
		c.text(&l.NameEn, mostTitle, at+"name_en")
	}
}

func (r *Record) checkDocuments(c *checking) {
	if len(r.Documents) > mostRows {
		c.bad("project.too_many", "documents")
	}
	for i := range r.Documents {
		d, at := &r.Documents[i], fmt.Sprintf("documents.%d.", i)
		c.text(&d.TitleBn, mostTitle, at+"title_bn")
		c.text(&d.TitleEn, mostTitle, at+"title_en")
		if d.TitleBn == "" && d.TitleEn == "" {
			c.bad("fault.needed", at+"title_bn")
		}
		if u, err := url.Parse(d.Href); err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil || len(d.Href) > 1000 {
			c.bad("project.href", at+"href")
		}
		if !d.On.IsZero() && d.On.Check() != nil {
			c.bad("date.unreadable", at+"on")
		}
		if d.Category != "" && !kindShape.MatchString(d.Category) {
			c.bad("fault.bad_choice", at+"category")
		}
	}
}
