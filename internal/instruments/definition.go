// SPDX-License-Identifier: Apache-2.0

// Package instruments describes questionnaires as data: items, options, logic, scoring, alerts, and where each comes from.
//
// It owns the definition, what makes one sound, and how answers become scores. It knows no particular questionnaire
// (package questionnaires holds those that ship), fills none in (filling does), and reads no workbook (xlsform does).
package instruments

import (
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"fera/internal/dates"
)

// Status is where a definition stands. Only an active one may be administered.
type Status string

// The statuses, in order of life.
const (
	Draft   Status = "draft"
	Pending Status = "pending_permission" // complete or not, but its owner has not agreed yet
	Active  Status = "active"
	Retired Status = "retired"
)

// Texts says one thing in several languages, by language code.
type Texts map[string]string

// In returns the text in a language, or in the first of the others that has one.
func (t Texts) In(lang string, others ...string) string {
	for _, code := range append([]string{lang}, others...) {
		if t[code] != "" {
			return t[code]
		}
	}
	for _, code := range slices.Sorted(keys(t)) {
		if t[code] != "" {
			return t[code]
		}
	}
	return ""
}

func keys(t Texts) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for code := range t {
			if !yield(code) {
				return
			}
		}
	}
}

// Origin says who worded a language of a definition.
type Origin string

// The origins of wordings.
const (
	Published Origin = "published" // as its owner published it
	Ours      Origin = "ours"      // by us, and not looked at by anybody else
	Reviewed  Origin = "reviewed"  // by us or for us, and reviewed
	Brought   Origin = "brought"   // with the workbook; nobody has told
)

// Language is one in which a definition speaks.
type Language struct {
	Code   string `json:"code"`            // "bn", or a name where there is no code
	Name   string `json:"name,omitzero"`   // as workbooks write it, "Bangla"
	Origin Origin `json:"origin,omitzero"` // empty is the same as brought
	Note   string `json:"note,omitzero"`   // what is known of the wording
}

// Definition is one version of a questionnaire. It never changes once answers refer to it.
type Definition struct {
	Name      string     `json:"name"`
	Version   string     `json:"version"`
	Title     Texts      `json:"title"`
	Languages []Language `json:"languages"`
	Language  string     `json:"language,omitzero"` // the code of the one that is shown when the reader's is missing
	Status    Status     `json:"status"`

	Source  string `json:"source,omitzero"`  // where the text comes from
	Licence string `json:"licence,omitzero"` // on what terms it may be used, or that they are not known
	Caution Texts  `json:"caution,omitzero"` // what has to stand beside any result

	Administers []string `json:"administers,omitzero"`  // the roles that may; nobody is named: whoever may assess
	MinimumAge  int      `json:"minimum_age,omitzero"`  // in years; 0 for none
	Younger     string   `json:"younger,omitzero"`      // the route for those below it
	Sorts       bool     `json:"sorts,omitzero"`        // it is a first screening: its alerts sort who is asked into at once, soon and routine
	OncePer     string   `json:"once_per,omitzero"`     // "quarter", or empty
	Class       int      `json:"class,omitzero"`        // how sensitive its answers are where the item does not say: 2 or 3
	ClassScores int      `json:"class_scores,omitzero"` // and its scores; 0 is as its answers

	Lists    []List            `json:"lists,omitzero"`
	Items    []Item            `json:"items,omitzero"`
	Scales   []Scale           `json:"scales,omitzero"`
	Settings map[string]string `json:"settings,omitzero"` // of the workbook, those that mean nothing here
}

// Kind says what sort of answer an item takes.
type Kind string

// The kinds of items. Files are answered with the name under which the file is kept.
const (
	Text        Kind = "text"
	Integer     Kind = "integer"
	Decimal     Kind = "decimal"
	Date        Kind = "date"
	Time        Kind = "time"
	DateTime    Kind = "datetime"
	SelectOne   Kind = "select_one"
	SelectMany  Kind = "select_multiple"
	Rank        Kind = "rank"
	Range       Kind = "range"
	Acknowledge Kind = "acknowledge"
	Point       Kind = "geopoint"
	Trace       Kind = "geotrace"
	Shape       Kind = "geoshape"
	Barcode     Kind = "barcode"
	Image       Kind = "image"
	Audio       Kind = "audio"
	Video       Kind = "video"
	File        Kind = "file"
	Note        Kind = "note"
	Calculate   Kind = "calculate"
	Hidden      Kind = "hidden"
	Start       Kind = "start"
	End         Kind = "end"
	Today       Kind = "today"
	Username    Kind = "username"
	Device      Kind = "device" // what a telephone would say of itself: always blank here
	Group       Kind = "group"
	Repeat      Kind = "repeat"
)

// Holds tells whether the kind has items of its own.
func (k Kind) Holds() bool { return k == Group || k == Repeat }

// Chooses tells whether the answer comes from a list.
func (k Kind) Chooses() bool { return k == SelectOne || k == SelectMany || k == Rank }

// Asked tells whether a person answers items of this kind.
func (k Kind) Asked() bool {
	switch k {
	case Note, Calculate, Hidden, Start, End, Today, Username, Device, Group, Repeat:
		return false
	}
	return true
}

// Item is a question, a calculation, a note, or a group of items. Logic is written as in XLSForm.
type Item struct {
	Name     string           `json:"name"`
	Kind     Kind             `json:"kind"`
	Label    Texts            `json:"label,omitzero"`
	Hint     Texts            `json:"hint,omitzero"`
	Guidance Texts            `json:"guidance,omitzero"` // for those who train or print
	Media    map[string]Texts `json:"media,omitzero"`    // file names by "image", "big-image", "audio", "video"

	List       string            `json:"list,omitzero"`
	OrOther    bool              `json:"or_other,omitzero"`
	Filter     string            `json:"filter,omitzero"`
	Appearance string            `json:"appearance,omitzero"`
	Parameters map[string]string `json:"parameters,omitzero"`

	Relevant          string `json:"relevant,omitzero"`
	Constraint        string `json:"constraint,omitzero"`
	ConstraintMessage Texts  `json:"constraint_message,omitzero"`
	Required          string `json:"required,omitzero"` // an expression; "true()" for always
	RequiredMessage   Texts  `json:"required_message,omitzero"`
	ReadOnly          string `json:"read_only,omitzero"`
	Default           string `json:"default,omitzero"`
	Calculation       string `json:"calculation,omitzero"`
	Trigger           string `json:"trigger,omitzero"` // work the calculation out only when this item changes
	Count             string `json:"count,omitzero"`   // of a repeat: how many instances

	Class    int               `json:"class,omitzero"`    // 2 or 3; 0 is as the definition says
	Polarity string            `json:"polarity,omitzero"` // "higher_is_better", "higher_is_worse"; empty for neither
	Scores   map[string]*Score `json:"scores,omitzero"`   // of options, where they differ from the list's
	Alert    *Alert            `json:"alert,omitzero"`
	Codes    map[string]string `json:"codes,omitzero"` // of other systems: {"loinc": "44250-9"}

	Items []Item `json:"items,omitzero"`
}

// Score is the number that an option counts as. A missing one (null) is an option without a score, such as “I don't know”.
type Score float64

// List is a list of options, which items share by its name.
type List struct {
	Name    string   `json:"name"`
	Options []Option `json:"options"`
}

// Option is one answer that may be chosen.
type Option struct {
	Name    string            `json:"name"`
	Label   Texts             `json:"label,omitzero"`
	Media   map[string]Texts  `json:"media,omitzero"`
	Columns map[string]string `json:"columns,omitzero"` // what choice filters and look-ups speak of
	Score   *Score            `json:"score,omitzero"`
}

// Level says how soon an alert wants somebody.
type Level string

// The levels of alerts. Without any, a filling is routine.
const (
	Now     Level = "now"  // at once, before she leaves
	Soon    Level = "soon" // within days
	Routine Level = "routine"
)

// Alert is an answer that needs somebody, whatever the total of the questionnaire.
type Alert struct {
	When    string `json:"when"` // an expression in which . is the answer
	Level   Level  `json:"level"`
	Message Texts  `json:"message,omitzero"` // the reason, as whoever has to act reads it
	Steps   Texts  `json:"steps,omitzero"`   // what to do at once, one step a line
}

// Walk visits each item of the definition in order, with the groups and repeats that it stands in.
func (d *Definition) Walk(visit func(item *Item, within []*Item)) { walk(d.Items, nil, visit) }

func walk(items []Item, within []*Item, visit func(*Item, []*Item)) {
	for i := range items {
		visit(&items[i], within)
		walk(items[i].Items, append(slices.Clip(within), &items[i]), visit)
	}
}

// FindList returns the list of a name, or nil.
func (d *Definition) FindList(name string) *List {
	i := slices.IndexFunc(d.Lists, func(l List) bool { return l.Name == name })
	if i < 0 {
		return nil
	}
	return &d.Lists[i]
}

// FindItem returns the first item of a name, or nil.
func (d *Definition) FindItem(name string) (found *Item) {
	d.Walk(func(item *Item, _ []*Item) {
		if item.Name == name && found == nil {
			found = item
		}
	})
	return found
}

// ClassOf tells how sensitive the answer to an item is, 2 or 3.
func (d *Definition) ClassOf(item *Item) int {
	switch {
	case item.Class != 0:
		return item.Class
	case d.Class != 0:
		return d.Class
	}
	return 2
}

// May tells why a definition may not be administered on a day to somebody of an age, if it may not: by the key of a message.
func (d *Definition) May(age int) string {
	switch {
	case d.Status != Active:
		return "instrument.not_active"
	case d.MinimumAge > 0 && age >= 0 && age < d.MinimumAge:
		return "instrument.too_young"
	}
	return ""
}

// Decode reads a definition from JSON. Names that it does not know are refused, and names twice.
func Decode(text []byte) (*Definition, error) {
	var d Definition
	if err := json.Unmarshal(text, &d, json.RejectUnknownMembers(true)); err != nil {
		return nil, err
	}
	return &d, nil
}

// Encode writes a definition as JSON, the same each time.
func (d *Definition) Encode() ([]byte, error) {
	return json.Marshal(d, json.Deterministic(true), jsontext.WithIndent("  "))
}

// Period names the quarter that a day falls in, as far as the definition may be filled in once a quarter only; else nothing.
func (d *Definition) Period(day dates.Partial) string {
	if d.OncePer != "quarter" || day.Month == 0 {
		return ""
	}
	return dates.Partial{Year: day.Year}.String() + "-Q" + string(rune('1'+(day.Month-1)/3))
}
