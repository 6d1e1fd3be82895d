// SPDX-License-Identifier: Apache-2.0

package sheets

import (
	"encoding/csv"
	"io"
	"regexp"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Writer writes the rows of one table, in memory that does not grow with it.
type Writer struct {
	text  *csv.Writer
	file  *excelize.File
	sheet *excelize.StreamWriter
	to    io.Writer
	rows  int
}

// NewCSV writes text that Excel opens with its letters right: UTF-8 with a mark,
// commas, and cells that it will not take for formulas.
func NewCSV(to io.Writer) (*Writer, error) {
	if _, err := io.WriteString(to, "\xEF\xBB\xBF"); err != nil {
		return nil, err
	}
	out := csv.NewWriter(to)
	out.UseCRLF = true
	return &Writer{text: out}, nil
}

// NewXLSX writes a workbook with one sheet. Every cell is a text, which no
// program reckons, so that numbers of papers keep their zeros. What outgrows
// memory waits in folder until Close.
func NewXLSX(to io.Writer, sheet, folder string) (*Writer, error) {
	file := excelize.NewFile(excelize.Options{TmpDir: folder})
	if err := file.SetSheetName("Sheet1", sheet); err != nil {
		return nil, err
	}
	stream, err := file.NewStreamWriter(sheet)
	if err != nil {
		return nil, err
	}
	return &Writer{file: file, sheet: stream, to: to}, nil
}

// Write adds a row.
func (w *Writer) Write(cells []string) error {
	w.rows++
	if w.text != nil {
		safe := make([]string, len(cells))
		for i, c := range cells {
			safe[i] = guarded(c)
		}
		if len(safe) == 1 && safe[0] == "" {
			safe[0] = " " // an empty line would be no row
		}
		return w.text.Write(safe)
	}
	row := make([]any, len(cells))
	for i, c := range cells {
		if c != "" {
			row[i] = c
		}
	}
	name, err := excelize.CoordinatesToCellName(1, w.rows)
	if err != nil {
		return err
	}
	return w.sheet.SetRow(name, row)
}

// Close writes what is still held back.
func (w *Writer) Close() error {
	if w.text != nil {
		w.text.Flush()
		return w.text.Error()
	}
	defer w.file.Close()
	if err := w.sheet.Flush(); err != nil {
		return err
	}
	return w.file.Write(w.to)
}

var (
	// reckoned is a cell that a program might take for a formula, or for one that
	// was made safe already.
	reckoned = regexp.MustCompile(`^'*[\s]*[=+\-@＝＋－＠\t\r]`)
	// number is a number or a telephone number, which nothing can come of.
	number = regexp.MustCompile(`^[+-]?[0-9][0-9 .,]*$`)
)

// guarded puts an apostrophe before what a program might take for a formula.
func guarded(cell string) string {
	if reckoned.MatchString(cell) && !number.MatchString(cell) {
		return "'" + cell
	}
	return cell
}

// unguarded takes the apostrophe off again.
func unguarded(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && reckoned.MatchString(rest) && !number.MatchString(rest) {
		return rest
	}
	return cell
}
