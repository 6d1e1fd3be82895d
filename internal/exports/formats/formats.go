// SPDX-License-Identifier: Apache-2.0

// Package formats writes the rows of an export as they come, in memory that does not
// grow with them, and nothing beside where they are to go: no part of a file waits on
// the disk in the clear.
package formats

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"fera/internal/exports/columns"
	"fera/internal/sheets"
)

// Format is the kind of a file.
type Format string

// The formats.
const (
	XLSX  Format = "xlsx"
	CSV   Format = "csv"
	JSONL Format = "jsonl"
)

// All returns the formats, in the order in which they are offered.
func All() []Format { return []Format{XLSX, CSV, JSONL} }

// Media is the media type of a format.
func (f Format) Media() string {
	switch f {
	case XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case CSV:
		return "text/csv; charset=utf-8; header=present"
	}
	return "application/jsonl"
}

// Shape is how a file is written.
type Shape struct {
	Format  Format
	Title   string // of the sheet
	Columns []columns.Column
	Lang    string // of the headings: en or bn
	Tags    bool   // HXL tags in the second row
}

// Writer takes rows, one value for each column of the shape.
type Writer interface {
	Write(values []string) error
	Close() error
}

// New begins a file.
func (s Shape) New(to io.Writer) (Writer, error) {
	var heads [][]string
	var names, tags []string
	for _, c := range s.Columns {
		names, tags = append(names, c.Name(s.Lang)), append(tags, c.HXL)
	}
	heads = append(heads, names)
	if s.Tags {
		heads = append(heads, tags)
	}
	switch s.Format {
	case XLSX:
		return newWorkbook(to, s, heads)
	case CSV:
		w, err := sheets.NewCSV(to)
		for _, h := range heads {
			if err == nil {
				err = w.Write(h)
			}
		}
		return w, err
	case JSONL:
		return newLines(to, s)
	}
	return nil, fmt.Errorf("there is no format %q", s.Format)
}

// lines writes one JSON object a line, under the codes of the columns. With tags a first line says which column has which.
type lines struct {
	to      *bufio.Writer
	columns []columns.Column
	keys    [][]byte
}

func newLines(to io.Writer, s Shape) (*lines, error) {
	l := &lines{to: bufio.NewWriter(to), columns: s.Columns}
	for _, c := range s.Columns {
		key, err := json.Marshal(c.Code)
		if err != nil {
			return nil, err
		}
		l.keys = append(l.keys, append(key, ':'))
	}
	if !s.Tags {
		return l, nil
	}
	tags := map[string]string{}
	for _, c := range s.Columns {
		tags[c.Code] = c.HXL
	}
	text, err := json.Marshal(map[string]any{"hxl": tags})
	if err == nil {
		_, err = l.to.Write(append(text, '\n'))
	}
	return l, err
}

// Write implements Writer. What is not known is left out.
func (l *lines) Write(values []string) error {
	l.to.WriteByte('{')
	first := true
	for i, v := range values {
		if v == "" {
			continue
		}
		if !first {
			l.to.WriteByte(',')
		}
		first = false
		l.to.Write(l.keys[i])
		if l.columns[i].Number && isNumber(v) {
			l.to.WriteString(v)
			continue
		}
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		l.to.Write(text)
	}
	_, err := l.to.WriteString("}\n") // the writer keeps the first error
	return err
}

// Close implements Writer.
func (l *lines) Close() error { return l.to.Flush() }

// isNumber tells whether a value is written as JSON and XLSX write numbers.
func isNumber(v string) bool {
	_, err := strconv.ParseFloat(v, 64)
	return err == nil && json.Valid([]byte(v))
}
