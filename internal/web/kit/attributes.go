// SPDX-License-Identifier: Apache-2.0

package kit

import (
	"strconv"

	"fera/internal/words"
	"github.com/a-h/templ"
)

// textAttributes are those of a one-line text box.
func textAttributes(in Input) templ.Attributes {
	a := boxAttributes(in, in.Name, in.Name)
	a["autocomplete"] = in.autocomplete()
	if in.typeOf() != "password" && in.typeOf() != "file" {
		a["value"] = in.Value
	}
	if in.InputMode != "" {
		a["inputmode"] = in.InputMode
	}
	if in.typeOf() == "password" || in.typeOf() == "email" {
		a["spellcheck"] = "false"
	}
	return a
}

func areaAttributes(in Input) templ.Attributes { return boxAttributes(in, in.Name, in.Name) }

func selectAttributes(in Input) templ.Attributes {
	in.ReadOnly, in.MaxLength = false, 0
	return boxAttributes(in, in.Name, in.Name)
}

// typeaheadAttributes are those of the visible box; the code travels under the field's own name.
func typeaheadAttributes(in Input) templ.Attributes {
	a := boxAttributes(in, in.Name, in.Name+"_text")
	a["autocomplete"], a["spellcheck"], a["value"] = "off", "false", in.Value
	return a
}

func boxAttributes(in Input, id, name string) templ.Attributes {
	a := templ.Attributes{"id": id, "name": name}
	if by := in.describedBy(); by != "" {
		a["aria-describedby"] = by
	}
	if in.Error != "" {
		a["aria-invalid"] = "true"
	}
	if in.Lang != "" {
		a["lang"] = in.Lang
	}
	if in.MaxLength > 0 {
		a["maxlength"] = strconv.Itoa(in.MaxLength)
	}
	if in.Autofocus {
		a["autofocus"] = true
	}
	if in.ReadOnly {
		a["readonly"] = true
	}
	return a
}

func groupAttributes(in Input) templ.Attributes {
	a := templ.Attributes{}
	if by := in.describedBy(); by != "" {
		a["aria-describedby"] = by
	}
	return a
}

// pickAttributes tie a radio button or tick box to its own hint and to the field's error.
func pickAttributes(in Input, id string, o Option) templ.Attributes {
	a := templ.Attributes{}
	by := ""
	if o.Hint != "" {
		by = id + "-about"
	}
	if in.Error != "" {
		by += " " + in.Name + "-error"
		a["aria-invalid"] = "true"
	}
	if by != "" {
		a["aria-describedby"] = by
	}
	return a
}

// dateInput fills in what every date field has in common.
func dateInput(s *words.Speaker, in Input) Input {
	if in.Hint == "" {
		in.Hint = s.T("kit.date_hint")
	}
	if in.Width == "" {
		in.Width = Medium
	}
	if in.MaxLength == 0 {
		in.MaxLength = 40
	}
	return in
}

func saidOf(s *words.Speaker, found int) string {
	if found == 0 {
		return s.T("kit.nothing_found")
	}
	return s.T("kit.found", "count", found)
}

func toneClass(t Tone) string {
	if t == Plain {
		return ""
	}
	return "tone-" + string(t)
}

func itoa(n int) string { return strconv.Itoa(n) }
