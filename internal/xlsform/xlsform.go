// SPDX-License-Identifier: Apache-2.0

// Package xlsform reads questionnaires from workbooks in the XLSForm standard and writes them back.
//
// It accepts what pyxform, the reference converter, accepts under all its names. What Fera does not support is refused with
// the sheet, the row and a sentence, or said as advice where the form works without; nothing is dropped in silence.
// Scoring, alerts and the rest that XLSForm has no words for ride in columns and sheets that begin with fera, which other
// tools pass over.
package xlsform

import (
	"io"
	"strings"

	"fera/internal/fault"
	"fera/internal/filling"
	"fera/internal/instruments"
	"fera/internal/sheets"
)

// Table is one sheet of a form.
type Table struct {
	Sheet string
	Rows  []Row
}

// Row is one row of a sheet, with the number that a spreadsheet shows beside it.
type Row struct {
	Number int
	Cells  []string
}

// Form is a questionnaire as it was read, with the places where its parts stand.
type Form struct {
	Definition *instruments.Definition
	problems   []instruments.Problem
	places     map[string]place // by "item", "list" or "scale", a space, and the name
}

type place struct {
	sheet string
	row   int
}

// What a form may ask of the machine: real ones have a few hundred kilobytes.
func limits() sheets.Limits {
	return sheets.Limits{Bytes: 16 << 20, Unpacked: 64 << 20, Texts: 32 << 20, Rows: 60_000, Columns: 16_384, Cell: 40 << 10}
}

// Read reads a workbook. The name, such as that of the file, is what the form is called if it does not say.
func Read(file io.ReaderAt, size int64, name string) (*Form, error) {
	book, err := sheets.Open(file, size, limits())
	if err != nil {
		return nil, err
	}
	if book.Format != sheets.XLSX {
		return nil, fault.New(fault.Invalid, "xlsform.no_workbook")
	}
	var tables []Table
	var doubts []instruments.Problem
	for _, s := range book.Sheets {
		if !known(s.Name) {
			continue
		}
		rows, err := book.All(s)
		if err != nil {
			return nil, err
		}
		t := Table{Sheet: sheetName(s.Name)}
		for _, r := range rows {
			doubts = append(doubts, doubted(t.Sheet, r)...)
			cells := r.Cells
			for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" { // some sheets are as wide as Excel goes
				cells = cells[:len(cells)-1]
			}
			if len(cells) > 0 {
				t.Rows = append(t.Rows, Row{r.Number, cells})
			}
		}
		tables = append(tables, t)
	}
	form := Parse(tables, name)
	form.problems = append(doubts, form.problems...)
	return form, nil
}

// doubted says what cannot be read of a row as it was meant.
func doubted(sheet string, r sheets.Row) (all []instruments.Problem) {
	for _, note := range r.Notes {
		key := ""
		switch note.Doubt {
		case sheets.NoValue:
			key = "xlsform.no_value"
		case sheets.BijoyFont:
			key = "xlsform.bijoy"
		case sheets.DigitsLost:
			key = "xlsform.digits_lost"
		}
		if key != "" && r.Cell(note.Column) != "" || note.Doubt == sheets.NoValue {
			all = append(all, instruments.Problem{Sheet: sheet, Row: r.Number, Fault: fault.New(fault.Invalid, key).With("cell", r.Cell(note.Column))})
		}
	}
	return all
}

func sheetName(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// known tells whether a sheet is part of a form. Others are people's own notes.
func known(name string) bool {
	switch sheetName(name) {
	case "survey", "choices", "settings", "external_choices", "entities", "osm", "fera", "fera_languages", "fera_scales", "fera_bands":
		return true
	}
	return false
}

// Parse reads a form from its tables.
func Parse(tables []Table, name string) *Form {
	r := &reader{form: &Form{Definition: &instruments.Definition{Status: instruments.Draft}, places: map[string]place{}}, sheets: map[string]Table{}, weights: map[string][]instruments.Part{}}
	for _, t := range tables {
		r.sheets[t.Sheet] = t
	}
	r.settings(name)
	r.told()
	r.languagesOf("survey", "choices", "external_choices", "fera", "fera_scales", "fera_bands")
	r.choices("choices")
	r.choices("external_choices") // elsewhere a file beside the form; the same lists
	r.survey()
	r.own()
	if len(r.sheets["osm"].Rows) > 1 {
		r.refuse(place{"osm", 1}, "", "", "xlsform.sheet_unsupported", "sheet", "osm")
	}
	if len(r.sheets["entities"].Rows) > 1 {
		r.advise(place{"entities", 1}, "", "", "xlsform.entities")
	}
	return r.form
}

// Check makes a form to fill in of what was read, and lists all that is wrong with it, each with its place.
func (f *Form) Check() (*filling.Form, []instruments.Problem) {
	made, found := filling.New(f.Definition)
	all := append([]instruments.Problem{}, f.problems...)
	for _, p := range found {
		at, ok := f.places["item "+p.Item]
		if p.Fault.Key == "instrument.name_twice" {
			at = f.places["last "+p.Item]
		}
		for _, kind := range []string{"list ", "scale "} {
			if !ok {
				at, ok = f.places[kind+p.Item]
			}
		}
		if !ok {
			at = place{"settings", 0}
		}
		p.Sheet, p.Row = at.sheet, at.row
		all = append(all, p)
	}
	if instruments.Refused(all) {
		return nil, all
	}
	return made, all
}

// reader collects a definition and problems from the sheets.
type reader struct {
	form    *Form
	sheets  map[string]Table
	weights map[string][]instruments.Part // items by the scale that they count in
}

func (r *reader) refuse(at place, item, column, key string, with ...any) {
	f := fault.New(fault.Invalid, key)
	for i := 0; i+1 < len(with); i += 2 {
		f = f.With(with[i].(string), with[i+1])
	}
	r.form.problems = append(r.form.problems, instruments.Problem{Item: item, Column: column, Fault: f, Sheet: at.sheet, Row: at.row})
}

func (r *reader) advise(at place, item, column, key string, with ...any) {
	r.refuse(at, item, column, key, with...)
	r.form.problems[len(r.form.problems)-1].Advice = true
}
