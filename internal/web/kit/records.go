// SPDX-License-Identifier: Apache-2.0

package kit

import (
	"github.com/a-h/templ"

	"fera/internal/words"
)

// Kind is the weight of a button.
type Kind string

// The kinds of buttons. A page has one primary.
const (
	Primary  Kind = "primary"
	Quiet    Kind = "quiet"
	Perilous Kind = "danger"
)

// Action is something the reader may do now, worded as a verb.
type Action struct {
	Href  string
	Label string
	Post  bool // sent as a form, because it changes something
	Kind  Kind
}

// Tag is a state said as a word.
type Tag struct {
	Text string
	Tone Tone
}

// Header is the head of a record: whose page this is, what state it is in, what can be done.
// What is empty leaves no gap.
type Header struct {
	NameBn   string
	NameEn   string
	Facts    []string // age, sex, place, in words
	Photo    string   // address of the picture
	PhotoAlt string
	Pills    []Tag
	Safe     string // how and when she may be contacted, in words
	SafeTone Tone
	Main     *Action
	More     []Action
}

// Fact is one line of a definition list. Body takes the place of Value when it is set.
type Fact struct {
	Label  string
	Value  string
	Note   string // where the value comes from, or why it is the one in use
	Body   templ.Component
	Change string // address of the form that changes it, if the reader may
}

// Event is one entry of a timeline.
type Event struct {
	When  string // as people say it
	ISO   string // for machines
	Title string
	Who   string
	Text  string
	Href  string
	Tone  Tone
	Body  templ.Component
}

// Column is one column of a table.
type Column struct {
	Label  string
	Number bool // set to the right, figures in columns
}

// Row is one line of a table. The first cell names it and carries the link.
type Row struct {
	Href  string
	Cells []templ.Component // as many as there are columns; a missing or nil one stays empty
	Tone  Tone
}

func (r Row) cell(i int) templ.Component {
	if i >= len(r.Cells) || r.Cells[i] == nil {
		return templ.NopComponent
	}
	return r.Cells[i]
}

// Pages are the links from one page of a list to its neighbours; an empty address means there is none.
type Pages struct {
	Previous string
	Next     string
	Said     string // what is shown, in words: "50 of 1,234 people"
}

// Confirmation is a page that asks before something is done that cannot simply be undone.
type Confirmation struct {
	Question string
	Text     string
	Action   string // where the answer is posted
	Yes      string // a verb, not "OK"
	NoHref   string // where the reader came from
	Danger   bool
	Version  int // of the record as it was read; left out when zero
}

// Strip is a row of links over the parts of one record.
type Strip struct {
	Label string // says what the links are, for those who do not see them
	Tabs  []NavItem
}

// Columns names the columns of a table by their keys.
func Columns(s *words.Speaker, keys ...string) []Column {
	all := make([]Column, len(keys))
	for i, key := range keys {
		all[i].Label = s.T(key)
	}
	return all
}
