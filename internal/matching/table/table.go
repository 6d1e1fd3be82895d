// SPDX-License-Identifier: Apache-2.0

// Package table finds the rows of a table that are about one person, without being told what its columns hold and without
// examples: it guesses the comparison of each column from its heading and its values, brings candidates together, learns the
// weights from the table itself and joins what belongs together.
package table

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"fera/internal/names"
)

// Table is a file of rows, column by column.
type Table struct {
	Heads   []string
	Columns [][]string
}

// Rows is the number of rows.
func (t *Table) Rows() int {
	if len(t.Columns) == 0 {
		return 0
	}
	return len(t.Columns[0])
}

// Column finds a column by its heading, in capitals or not, or -1.
func (t *Table) Column(head string) int {
	if i := slices.Index(t.Heads, head); i >= 0 {
		return i
	}
	return slices.IndexFunc(t.Heads, func(h string) bool { return strings.EqualFold(h, head) })
}

// plain is a heading without its numbers, in small letters.
func plain(head string) string { return strings.Join(headWords(head), "_") }

// maxColumns bounds what one file may ask for.
const maxColumns = 200

// Read reads CSV with a heading, packed with gzip or not, separated by commas, semicolons, tabs or bars.
func Read(r io.Reader) (*Table, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	if magic, _ := in.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("unpack: %w", err)
		}
		defer unpacked.Close()
		in = bufio.NewReaderSize(unpacked, 1<<16)
	}
	if mark, _ := in.Peek(3); bytes.Equal(mark, []byte("\ufeff")) {
		_, _ = in.Discard(3)
	}
	c := csv.NewReader(in)
	c.Comma = separator(in)
	c.FieldsPerRecord, c.LazyQuotes, c.ReuseRecord = -1, true, true
	head, err := c.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty: a line of headings is needed")
	}
	if err != nil {
		return nil, fmt.Errorf("read headings: %w", err)
	}
	if len(head) > maxColumns {
		return nil, fmt.Errorf("the file has %d columns, more than %d are not read", len(head), maxColumns)
	}
	t := &Table{Columns: make([][]string, len(head))}
	for _, h := range head {
		t.Heads = append(t.Heads, strings.Clone(names.Clean(h)))
	}
	return t, t.fill(c)
}

func (t *Table) fill(c *csv.Reader) error {
	for {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		line, _ := c.FieldPos(0)
		switch {
		case err != nil:
			return fmt.Errorf("read rows: %w", err)
		case len(row) > len(t.Heads):
			return fmt.Errorf("line %d has %d values for %d headings", line, len(row), len(t.Heads))
		}
		for i := range t.Columns {
			v := ""
			if i < len(row) {
				v = known(strings.TrimSpace(row[i]))
			}
			if !utf8.ValidString(v) {
				return fmt.Errorf("line %d, column %s is not in UTF-8", line, t.Heads[i])
			}
			t.Columns[i] = append(t.Columns[i], v)
		}
	}
}

// known gives a value, or nothing for what programs write when they know none.
func known(v string) string {
	switch v {
	case "NULL", "null", "NA", "N/A", "n/a", "NaN", "nan", "None", "nil", `\N`, "-", "--", "?", "unknown", "UNKNOWN", "Unknown":
		return ""
	}
	return strings.Clone(v)
}

// separator looks at the headings: whatever of the usual four stands there most often parts them.
func separator(in *bufio.Reader) rune {
	head, _ := in.Peek(4096)
	if i := bytes.IndexByte(head, '\n'); i >= 0 {
		head = head[:i]
	}
	best := ','
	for _, r := range ";\t|" {
		if bytes.Count(head, []byte(string(r))) > bytes.Count(head, []byte(string(best))) {
			best = r
		}
	}
	return best
}
