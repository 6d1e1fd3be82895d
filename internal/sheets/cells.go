// SPDX-License-Identifier: Apache-2.0

package sheets

import (
	"encoding/xml"
	"io"
	"iter"
	"strconv"
	"strings"

	"fera/internal/fault"
)

// rows reads the rows of a sheet.
func (w *workbook) rows(s Sheet) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		m, closer, err := w.part(s.part, w.limits.Unpacked, pieceOf(w.limits))
		if err != nil {
			yield(Row{}, err)
			return
		}
		defer closer.Close()
		r := rowReader{book: w, sheet: s.Name, in: newTokens(m)}
		for {
			row, err := r.read()
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(Row{}, r.fault(err))
				return
			}
			if row.Fault == nil && empty(row.Cells) && len(row.Notes) == 0 {
				continue
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// rowReader puts rows together from the XML of a sheet.
type rowReader struct {
	book   *workbook
	sheet  string
	in     *tokens
	number int // of the row being read, or read last
	row    Row
	inRow  bool
	cell   cell
	text   string // element whose text is being gathered: v, t or f
	spoken bool   // within what says how to pronounce a text
}

// cell is one cell being put together.
type cell struct {
	column  int
	kind    string
	style   int
	value   []byte
	formula bool
}

// fault says where in the sheet the XML could not be read.
func (r *rowReader) fault(err error) error {
	err = partFault(err)
	if f := fault.Of(err); f != nil && f.Key == "sheet.damaged" {
		return where(fault.New(fault.Invalid, "sheet.damaged_at").Because(err), r.sheet, max(r.number, 1))
	}
	return err
}

func (r *rowReader) wrong(key string, max int) error {
	return where(fault.New(fault.Invalid, key).With("max", max), r.sheet, r.number)
}

// read returns the next row, empty or not.
func (r *rowReader) read() (Row, error) {
	for {
		token, err := r.in.next()
		if err != nil {
			return Row{}, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := r.start(t); err != nil {
				return Row{}, err
			}
		case xml.CharData:
			if r.text == "v" || r.text == "t" && !r.spoken {
				if len(r.cell.value)+len(t) > r.book.limits.Cell {
					return Row{}, r.wrong("sheet.cell_too_long", r.book.limits.Cell)
				}
				r.cell.value = append(r.cell.value, t...)
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "v", "t":
				r.text = ""
			case "rPh":
				r.spoken = false
			case "c":
				if r.inRow {
					r.put()
				}
			case "row":
				if r.inRow {
					r.inRow = false
					return r.row, nil
				}
			}
		}
	}
}

func attr(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

func (r *rowReader) start(t xml.StartElement) error {
	switch t.Name.Local {
	case "row":
		number := r.number + 1
		if said := attr(t, "r"); said != "" {
			n, err := strconv.Atoi(said)
			if err != nil || n < number {
				return damaged(err)
			}
			number = n
		}
		r.number = number
		if number > r.book.limits.Rows {
			return r.wrong("sheet.too_many_rows", r.book.limits.Rows)
		}
		hidden := attr(t, "hidden")
		r.row, r.inRow, r.cell.column = Row{Number: number, Hidden: hidden == "1" || hidden == "true"}, true, -1
	case "c":
		return r.begin(t)
	case "f":
		r.cell.formula = true
	case "rPh":
		r.spoken = true
	case "v", "t":
		r.text = t.Name.Local
	}
	return nil
}

// begin begins a cell. One that does not say its place stands beside the one before.
func (r *rowReader) begin(t xml.StartElement) error {
	at := r.cell.column + 1
	if said := attr(t, "r"); said != "" {
		n, ok := column(said)
		if !ok || n < at {
			return damaged(nil)
		}
		at = n
	}
	if at >= r.book.limits.Columns {
		return r.wrong("sheet.too_many_columns", r.book.limits.Columns)
	}
	looks, _ := strconv.Atoi(attr(t, "s"))
	r.cell = cell{column: at, kind: attr(t, "t"), style: looks, value: r.cell.value[:0]}
	return nil
}

// put puts a finished cell into the row.
func (r *rowReader) put() {
	c := &r.cell
	value, doubt := r.said(c)
	note := func(d Doubt) { r.row.Notes = append(r.row.Notes, Note{c.column, d}) }
	if doubt != "" {
		note(doubt)
	}
	if c.formula && doubt == "" {
		if strings.TrimSpace(value) == "" && c.kind != "str" {
			note(NoValue)
		} else {
			note(Formula)
		}
	}
	if value == "" {
		return
	}
	if looks := r.looks(c); looks.bijoy && c.kind != "" && c.kind != "n" {
		note(BijoyFont)
	}
	for len(r.row.Cells) < c.column {
		r.row.Cells = append(r.row.Cells, "")
	}
	r.row.Cells = append(r.row.Cells, value)
}

func (r *rowReader) looks(c *cell) style {
	if c.style < 0 || c.style >= len(r.book.styles) {
		return style{}
	}
	return r.book.styles[c.style]
}

// said returns the text of a cell as its program would show it.
func (r *rowReader) said(c *cell) (string, Doubt) {
	raw := string(c.value)
	switch c.kind {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(raw))
		text, ok := r.book.texts.at(i)
		if err != nil || !ok {
			return "", NoValue
		}
		return unescaped(text), ""
	case "str", "inlineStr":
		return unescaped(raw), ""
	case "b":
		if strings.TrimSpace(raw) == "1" {
			return "TRUE", ""
		}
		return "FALSE", ""
	case "e":
		return raw, NoValue
	case "d":
		day, clock, _ := strings.Cut(raw, "T")
		if len(clock) >= 5 && clock[:5] != "00:00" {
			day += " " + clock[:5]
		}
		return day, ""
	}
	if raw == "" {
		return "", ""
	}
	if p := r.looks(c).date; p != noDate {
		if text, ok := r.book.asDate(raw, p); ok {
			return text, ""
		}
	}
	text, lost := asNumber(raw)
	if lost {
		return text, DigitsLost
	}
	return text, ""
}

// unescaped undoes how characters are written that XML cannot hold: _x000D_.
func unescaped(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "_x")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		code, err := strconv.ParseUint(after[:min(4, len(after))], 16, 16)
		if err != nil || len(after) < 5 || after[4] != '_' || code >= 0xD800 && code < 0xE000 {
			b.WriteString("_x")
			s = after
			continue
		}
		b.WriteRune(rune(code))
		s = after[5:]
	}
}
