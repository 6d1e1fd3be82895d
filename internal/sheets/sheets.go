// SPDX-License-Identifier: Apache-2.0

// Package sheets reads tables as people send them, and writes tables that are
// safe to open: text files with any usual delimiter and encoding, and Excel
// workbooks.
//
// A file is read as a stream, row by row, in memory that does not grow with it.
// Cells come out as text, as somebody looking at the sheet would say them: dates
// as 1990-05-17, numbers in full. What the file cannot be trusted to say, such
// as a number of which Excel kept fifteen digits only, is noted beside the cell.
// Limits hold against files that unpack to more than they look like.
package sheets

import (
	"bytes"
	"io"
	"iter"
	"strings"

	"fera/internal/fault"
)

// Format is the kind of a file.
type Format string

// The formats that can be read and written.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// Encoding is how the letters of a text file are kept.
type Encoding string

// The encodings, found by their marks and by what the bytes can mean.
const (
	UTF8        Encoding = "utf-8"
	UTF16LE     Encoding = "utf-16le"
	UTF16BE     Encoding = "utf-16be"
	Windows1252 Encoding = "windows-1252"
)

// Limits bound what a file may ask of the machine.
type Limits struct {
	Bytes    int64 // of the file as it was sent
	Unpacked int64 // of any one part of a workbook, unpacked
	Texts    int64 // of the texts that the cells of a workbook share
	Rows     int   // the highest number of a row
	Columns  int   // of one row
	Cell     int   // bytes of one cell
}

// Usual returns the limits for what people upload. A cell of Excel holds 32,767
// characters, a sheet 1,048,576 rows.
func Usual() Limits {
	return Limits{Bytes: 64 << 20, Unpacked: 1 << 30, Texts: 128 << 20, Rows: 1_048_576, Columns: 1000, Cell: 128 << 10}
}

// Sheet is one sheet of a file. A text file has one, without a name.
type Sheet struct {
	Name   string
	Hidden bool
	Merged []string // ranges whose cells are drawn as one, as in "A1:C1"; the first of them holds the value
	part   string
}

// Book is an open file.
type Book struct {
	Format    Format
	Encoding  Encoding // of a text file
	Delimiter rune     // of a text file
	Sheets    []Sheet
	limits    Limits
	text      *io.SectionReader // a text file from after its mark
	skip      int               // lines before the first row, such as sep=;
	book      *workbook
}

// Doubt is what is to be said of one cell.
type Doubt string

// The doubts. DigitsLost and NoValue mean that what was entered is not in the
// file any more; the others are for a person to look at.
const (
	DigitsLost Doubt = "digits_lost" // a number of which only the first digits were kept
	NoValue    Doubt = "no_value"    // a formula without a result, or with an error for one
	Formula    Doubt = "formula"     // the result of a formula, as last reckoned
	BijoyFont  Doubt = "bijoy_font"  // drawn with a font that turns Latin letters into Bangla
)

// Note is a doubt about a cell of a row.
type Note struct {
	Column int // from zero
	Doubt  Doubt
}

// Row is one row of a sheet that is not empty.
type Row struct {
	Number int // as the program shows it, from one
	Cells  []string
	Notes  []Note
	Hidden bool         // filtered out or folded away by whoever saved the file
	Fault  *fault.Error // why the row cannot be read, when the ones after it can
}

// Cell returns the text of a column, which is empty beyond the row's end.
func (r Row) Cell(column int) string {
	if column < 0 || column >= len(r.Cells) {
		return ""
	}
	return r.Cells[column]
}

// Doubts returns what is to be said of a column.
func (r Row) Doubts(column int) (all []Doubt) {
	for _, n := range r.Notes {
		if n.Column == column {
			all = append(all, n.Doubt)
		}
	}
	return all
}

// Open finds out what a file is and which sheets it has. The file must stay open
// as long as rows are read.
func Open(file io.ReaderAt, size int64, limits Limits) (*Book, error) {
	if size > limits.Bytes {
		return nil, fault.New(fault.Invalid, "sheet.file_too_large").With("max", limits.Bytes>>20)
	}
	head := make([]byte, 8)
	n, err := file.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	head = head[:n]
	b := &Book{limits: limits}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		b.Format = XLSX
		b.book, err = openWorkbook(file, size, limits)
		if err != nil {
			return nil, err
		}
		b.Sheets = b.book.sheets
	case bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0")):
		return nil, fault.New(fault.Invalid, "sheet.old_or_locked")
	case bytes.HasPrefix(head, []byte("%PDF")), bytes.HasPrefix(head, []byte("\x89PNG")), bytes.HasPrefix(head, []byte("\xFF\xD8\xFF")), bytes.HasPrefix(head, []byte("{\\rtf")):
		return nil, fault.New(fault.Invalid, "sheet.not_a_table")
	default:
		b.Format = CSV
		b.Sheets = []Sheet{{}}
		if err := b.openText(file, size); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Sheet returns the sheet of that name, the case of letters apart; of no name,
// the first that is not hidden.
func (b *Book) Sheet(name string) (Sheet, error) {
	for _, s := range b.Sheets {
		if name == "" && !s.Hidden || name != "" && strings.EqualFold(s.Name, name) {
			return s, nil
		}
	}
	if name == "" && len(b.Sheets) > 0 {
		return b.Sheets[0], nil
	}
	return Sheet{}, fault.New(fault.NotFound, "sheet.no_such_sheet").With("sheet", name)
}

// Rows reads the rows of a sheet, from the first to the last. An error ends it;
// it says where in the file it was. Rows that are empty are passed over.
func (b *Book) Rows(s Sheet) iter.Seq2[Row, error] {
	if b.Format == XLSX {
		return b.book.rows(s)
	}
	return b.textRows()
}

// All reads a whole sheet, for files that are small by nature, such as forms.
func (b *Book) All(s Sheet) (all []Row, err error) {
	for row, err := range b.Rows(s) {
		if err != nil {
			return nil, err
		}
		if row.Fault != nil {
			return nil, row.Fault
		}
		all = append(all, row)
	}
	return all, nil
}

// where puts the place into a fault of the file.
func where(f *fault.Error, sheet string, row int) *fault.Error {
	if sheet == "" {
		return f.With("row", row).With("sheet", "1")
	}
	return f.With("row", row).With("sheet", sheet)
}
