// SPDX-License-Identifier: Apache-2.0

package kit

import "net/url"

// Width is how much a reader is expected to type.
type Width string

// The widths of a control on a desk; on a phone all but Short fill the line.
const (
	Full   Width = ""
	Short  Width = "short"  // a year, an age, a code
	Medium Width = "medium" // a date, a phone number
)

// Input describes one control of a form. Label, Hint and Error are in the reader's language already.
type Input struct {
	Name         string // the form field's name, and its id in the page
	Label        string
	Hint         string
	Value        string // as it was typed
	Error        string // usually Problems.On(name)
	Optional     bool   // said beside the label; required is never said
	Type         string // text when empty; email, tel, password, number, file
	Autocomplete string // the purpose as HTML names it; off when empty
	InputMode    string
	Lang         string // set when the value is in a known language, such as "bn" for a name in Bangla
	MaxLength    int
	Rows         int // of an Area; 4 when zero
	Width        Width
	Autofocus    bool
	ReadOnly     bool

	Code    string       // type-ahead only: the code that was chosen
	Was     string       // type-ahead only: the text the code was chosen for; Value when empty
	Choices []Suggestion // type-ahead only: offered when the server could not settle what was typed
}

// Option is one answer of a Choice, Checks or Select.
type Option struct {
	Value  string
	Label  string
	Hint   string
	Chosen bool // for Checks; Choice and Select compare Value with the Input's
}

// Suggestion is one entry a type-ahead offers.
type Suggestion struct {
	Code   string
	Label  string // what fills the box when it is chosen
	Detail string // what tells two entries of the same name apart
}

// Typed is what came back from a type-ahead field.
type Typed struct {
	Code string // chosen, and still standing for the text
	Text string
}

// Settled reports whether the text is empty or a code stands for it.
// What is not settled is looked up by the server, with the text.
func (t Typed) Settled() bool { return t.Text == "" || t.Code != "" }

// ReadTypeahead reads a type-ahead field of a sent form. A code left over from an earlier text is dropped.
func ReadTypeahead(form url.Values, name string) Typed {
	t := Typed{Code: form.Get(name), Text: form.Get(name + "_text")}
	if t.Text == "" || t.Text != form.Get(name+"_was") {
		t.Code = ""
	}
	return t
}

func (in Input) typeOf() string {
	if in.Type == "" {
		return "text"
	}
	return in.Type
}

func (in Input) autocomplete() string {
	if in.Autocomplete == "" {
		return "off"
	}
	return in.Autocomplete
}

func (in Input) rows() int {
	if in.Rows == 0 {
		return 4
	}
	return in.Rows
}

// describedBy lists the ids of the hint and the error.
func (in Input) describedBy() string {
	switch {
	case in.Hint != "" && in.Error != "":
		return in.Name + "-hint " + in.Name + "-error"
	case in.Error != "":
		return in.Name + "-error"
	case in.Hint != "":
		return in.Name + "-hint"
	}
	return ""
}

func (in Input) was() string {
	if in.Was == "" && in.Code != "" {
		return in.Value
	}
	return in.Was
}

// optionID gives the first option the field's own id, so that an error can lead to it.
func (in Input) optionID(i int, o Option) string {
	if i == 0 {
		return in.Name
	}
	return in.Name + "-is-" + o.Value
}
