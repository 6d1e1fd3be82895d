// SPDX-License-Identifier: Apache-2.0

package formats

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// mostRows is how many rows a sheet has at most; what comes after goes into further sheets.
const mostRows = excelize.TotalRows

// workbook writes an Excel workbook from front to back: its sheets, and at the end
// which sheets there are. Texts stand in their cells.
type workbook struct {
	zip    *zip.Writer
	part   *bufio.Writer
	shape  Shape
	heads  [][]string
	names  []string // of the columns: A, B, …
	sheets int
	row    int
	limit  int
}

func newWorkbook(to io.Writer, s Shape, heads [][]string) (*workbook, error) {
	w := &workbook{zip: zip.NewWriter(to), shape: s, heads: heads, limit: mostRows}
	w.zip.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestSpeed) })
	for i := range s.Columns {
		name, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return nil, err
		}
		w.names = append(w.names, name)
	}
	return w, w.begin()
}

const (
	namespace    = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	relations    = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packageParts = "http://schemas.openxmlformats.org/package/2006/"
	spreadsheet  = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

// begin begins a sheet, with the headings that every sheet has.
func (w *workbook) begin() error {
	w.sheets++
	w.row = 0
	out, err := w.zip.Create(fmt.Sprintf("xl/worksheets/sheet%d.xml", w.sheets))
	if err != nil {
		return err
	}
	w.part = bufio.NewWriterSize(out, 64<<10)
	w.part.WriteString(xml.Header + `<worksheet ` + namespace + `><sheetViews><sheetView workbookViewId="0"><pane ySplit="` + strconv.Itoa(len(w.heads)) +
		`" topLeftCell="A` + strconv.Itoa(len(w.heads)+1) + `" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultColWidth="18" defaultRowHeight="15"/><sheetData>`)
	for _, h := range w.heads {
		if err := w.write(h, true); err != nil {
			return err
		}
	}
	return nil
}

// end ends a sheet.
func (w *workbook) end() error {
	w.part.WriteString(`</sheetData></worksheet>`)
	return w.part.Flush()
}

// Write implements Writer.
func (w *workbook) Write(values []string) error {
	if w.row >= w.limit {
		if err := w.end(); err != nil {
			return err
		}
		if err := w.begin(); err != nil {
			return err
		}
	}
	return w.write(values, false)
}

func (w *workbook) write(values []string, head bool) error {
	w.row++
	row := strconv.Itoa(w.row)
	w.part.WriteString(`<row r="` + row + `">`)
	for i, v := range values {
		switch {
		case v == "":
		case !head && w.shape.Columns[i].Number && isNumber(v):
			w.part.WriteString(`<c r="` + w.names[i] + row + `"><v>` + v + `</v></c>`)
		default:
			w.part.WriteString(`<c r="` + w.names[i] + row + `" t="inlineStr"><is><t xml:space="preserve">`)
			if err := xml.EscapeText(w.part, []byte(cut(v))); err != nil {
				return err
			}
			w.part.WriteString(`</t></is></c>`)
		}
	}
	_, err := w.part.WriteString(`</row>`) // the writer keeps the first error
	return err
}

// cut shortens a text to what a cell can hold.
func cut(v string) string {
	if len(v) <= excelize.TotalCellChars {
		return v
	}
	runes := []rune(v)
	return string(runes[:min(len(runes), excelize.TotalCellChars)])
}

// Close implements Writer.
func (w *workbook) Close() error {
	if err := w.end(); err != nil {
		return err
	}
	var sheets, rels, types strings.Builder
	for n := 1; n <= w.sheets; n++ {
		name := w.shape.Title
		if n > 1 {
			name += " " + strconv.Itoa(n)
		}
		var safe strings.Builder
		if err := xml.EscapeText(&safe, []byte(name)); err != nil {
			return err
		}
		fmt.Fprintf(&sheets, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, safe.String(), n, n)
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, n, relations, n)
		fmt.Fprintf(&types, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="%sworksheet+xml"/>`, n, spreadsheet)
	}
	for _, part := range [][2]string{
		{"xl/workbook.xml", `<workbook ` + namespace + ` xmlns:r="` + relations + `"><sheets>` + sheets.String() + `</sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="` + packageParts + `relationships">` + rels.String() + `</Relationships>`},
		{"_rels/.rels", `<Relationships xmlns="` + packageParts + `relationships"><Relationship Id="rId1" Type="` + relations + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"[Content_Types].xml", `<Types xmlns="` + packageParts + `content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="` + spreadsheet + `sheet.main+xml"/>` + types.String() + `</Types>`},
	} {
		out, err := w.zip.Create(part[0])
		if err != nil {
			return err
		}
		if _, err := io.WriteString(out, xml.Header+part[1]); err != nil {
			return err
		}
	}
	return w.zip.Close()
}
