// SPDX-License-Identifier: Apache-2.0

// Package content is what a report says: sections with their texts and figures, in both languages, as it is kept and as it is
// frozen when the report is issued. It knows no database and counts nothing.
//
// Labels are kept in both languages beside the numbers, so that an issued report reads the same whatever the catalogues say later.
// No name of a person has a place in it.
package content

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Words is a text in both languages; either may be missing.
type Words struct {
	Bn string `json:"bn,omitempty"`
	En string `json:"en,omitempty"`
}

// In returns the text in "bn" or "en", or in the only language there is.
func (w Words) In(lang string) string {
	if lang == "bn" && w.Bn != "" || w.En == "" {
		return w.Bn
	}
	return w.En
}

// Empty tells whether nothing is said in either language.
func (w Words) Empty() bool { return w.Bn == "" && w.En == "" }

// Audience is for whom a report is made, which decides how small a number of what is protected may be.
type Audience string

// The audiences. Exact is for the terminal of who runs the server, and is never kept.
const (
	Inside  Audience = "inside"
	Outside Audience = "outside"
	Exact   Audience = "exact"
)

// Floor is the smallest number of people of whom something protected is told to an audience.
func (a Audience) Floor() int64 {
	switch a {
	case Exact:
		return 1
	case Inside:
		return 5
	}
	return 11
}

// Content is a report as it reads.
type Content struct {
	Template  string    `json:"template"` // code of the template, and which version of it
	Version   int       `json:"version"`
	Kind      string    `json:"kind"` // monthly, quarterly or annual
	Title     Words     `json:"title"`
	Project   string    `json:"project,omitempty"` // its code; empty for a report of the whole
	About     Words     `json:"about"`             // the title of the project, or the name of the organisation
	Owner     Words     `json:"owner"`             // the organisation whose report it is
	Period    Period    `json:"period"`
	Audience  Audience  `json:"audience"`
	Counted   time.Time `json:"counted"`             // when the figures were counted
	Simulated bool      `json:"simulated,omitempty"` // nobody who is counted exists
	Exact     bool      `json:"exact"`               // they were counted for who may see the records, so that what is not protected is told exactly
	Sections  []Section `json:"sections"`
	Lessons   []Lesson  `json:"lessons,omitempty"`
}

// Section is a part of a report: what somebody wrote, and figures.
type Section struct {
	Code    string   `json:"code"`
	Title   Words    `json:"title"`
	Asks    Words    `json:"asks,omitzero"` // what is to be written here
	Text    Words    `json:"text,omitzero"` // what was written
	Money   bool     `json:"money,omitempty"`
	Figures []Figure `json:"figures,omitempty"`
}

// Lesson is something learnt, which others may do better for it.
type Lesson struct {
	Topic string `json:"topic"` // a step of the work, as guidance names them
	About Words  `json:"about"` // what that step is called
	Text  Words  `json:"text"`
}

// Figure is a table of numbers under a title.
type Figure struct {
	Code    string   `json:"code"` // by which it is known from one counting to the next
	Title   Words    `json:"title"`
	Columns []Column `json:"columns"`
	Rows    []Row    `json:"rows"`
	Whole   *Row     `json:"whole,omitempty"`
	Flags   []Flag   `json:"flags,omitempty"`
	Notes   []Words  `json:"notes,omitempty"`
	Floored bool     `json:"floored,omitempty"` // its rows are people told apart, none of them too few
}

// Column is what is told of each row.
type Column struct {
	Key   string `json:"key"`
	Title Words  `json:"title"`
	Adds  bool   `json:"adds,omitempty"` // the rows are parts of the whole
	Says  bool   `json:"says,omitempty"` // it holds text and no numbers
}

// Row is a line of a table.
type Row struct {
	Key       string   `json:"key"`
	Title     Words    `json:"title"`
	Depth     int      `json:"depth,omitempty"`
	Protected bool     `json:"protected,omitempty"` // something of class 3 is counted in it
	Parts     []string `json:"parts,omitempty"`     // the keys of what is told together in it
	Values    []Value  `json:"values"`
}

// Keys are those of what a row tells of: one, or several that are told together.
func (r Row) Keys() []string {
	if len(r.Parts) > 0 {
		return r.Parts
	}
	return []string{r.Key}
}

// Heads tells whether a row only heads those below it: nothing stands in it.
func (r Row) Heads() bool {
	return !slices.ContainsFunc(r.Values, func(v Value) bool { return v.Is != Nothing })
}

// Kind is what a value is.
type Kind string

// The kinds of values.
const (
	Nothing Kind = "nothing" // there is none
	Number  Kind = "number"
	Cents   Kind = "cents"   // hundredths, such as money or a share
	Hidden  Kind = "hidden"  // it may not be told
	Said    Kind = "said"    // words
	Refused Kind = "refused" // who counted may not be told
)

// Value is what stands in one place of a table.
type Value struct {
	Is   Kind   `json:"is"`
	N    int64  `json:"n,omitempty"`
	Unit string `json:"unit,omitempty"` // a currency, or "%"
	Text Words  `json:"text,omitzero"`
}

// Of is a number as a value.
func Of(n int64) Value { return Value{Is: Number, N: n} }

// Hundredths is an amount of hundredths as a value: a whole number where nothing is left over and nothing is measured in it.
func Hundredths(n int64, unit string) Value {
	if n%100 == 0 && unit == "" {
		return Of(n / 100)
	}
	return Value{Is: Cents, N: n, Unit: unit}
}

// Flag says that what stands in a column does not add up, and by how much.
type Flag struct {
	Column     string `json:"column"`
	Difference int64  `json:"difference"`
	Text       Words  `json:"text"`
}

// Read reads what was kept of a report.
func Read(text []byte) (c Content, err error) {
	if err = json.Unmarshal(text, &c); err != nil {
		return c, fmt.Errorf("read report: %w", err)
	}
	return c, nil
}

// Hash is by which the exact text of an issued report is known.
func Hash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// WithoutMoney is a report for who may not see the money of what it is about.
func (c Content) WithoutMoney() Content {
	c.Sections = slices.Clone(c.Sections)
	for i := range c.Sections {
		if s := &c.Sections[i]; s.Money {
			s.Figures, s.Text = nil, Words{}
		}
	}
	return c
}

// Astray returns the columns of which the rows do not come to the whole, though nothing says so.
func (f Figure) Astray() (all []string) {
	if f.Whole == nil || len(f.Rows) == 0 {
		return nil // nothing is told apart
	}
	for i, c := range f.Columns {
		sum, known := int64(0), f.Whole.Values[i].Is == Number || f.Whole.Values[i].Is == Cents
		for _, r := range f.Rows {
			sum += r.Values[i].N
			known = known && r.Values[i].Is != Hidden
		}
		said := slices.ContainsFunc(f.Flags, func(g Flag) bool { return g.Column == c.Key && g.Difference == f.Whole.Values[i].N-sum })
		if c.Adds && known && sum != f.Whole.Values[i].N && !said {
			all = append(all, c.Key)
		}
	}
	return all
}
