// SPDX-License-Identifier: Apache-2.0

package papers

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"fera/internal/reports/content"
	"fera/internal/sheets"
)

// csv writes one number a line, so that it can be filtered and summed, in text that spreadsheets open with its letters right.
func (p paper) csv(to io.Writer) error {
	w, err := sheets.NewCSV(to)
	if err != nil {
		return err
	}
	lines := [][]string{{p.s.T("report.csv.section"), p.s.T("report.csv.figure"), p.s.T("report.csv.row"), p.s.T("report.csv.column"), p.s.T("report.csv.number"), p.s.T("report.csv.unit"), p.s.T("report.csv.text")}}
	for _, f := range p.facts() {
		lines = append(lines, []string{p.title(), "", f.label, "", "", "", f.value})
	}
	for _, s := range p.Content.Sections {
		section := s.Title.In(p.lang)
		if text := s.Text.In(p.lang); text != "" {
			lines = append(lines, []string{section, "", "", "", "", "", text})
		}
		for _, f := range s.Figures {
			lines = append(lines, p.csvFigure(section, f)...)
		}
	}
	for _, l := range p.Content.Lessons {
		lines = append(lines, []string{p.s.T("report.lessons"), l.About.In(p.lang), "", "", "", "", l.Text.In(p.lang)})
	}
	for _, l := range lines {
		if err := w.Write(l); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	return w.Close()
}

func (p paper) csvFigure(section string, f content.Figure) (lines [][]string) {
	title := f.Title.In(p.lang)
	rows := f.Rows
	if f.Whole != nil {
		rows = append(rows[:len(rows):len(rows)], *f.Whole)
	}
	for _, r := range rows {
		for i, v := range r.Values {
			if v.Is == content.Nothing {
				continue
			}
			line := []string{section, title, r.Title.In(p.lang), f.Columns[i].Title.In(p.lang), "", v.Unit, ""}
			switch v.Is {
			case content.Number:
				line[4] = strconv.FormatInt(v.N, 10)
			case content.Cents:
				line[4] = decimal(v.N)
			default:
				line[6] = v.Spoken(p.s)
			}
			lines = append(lines, line)
		}
	}
	for _, said := range p.says(f) {
		lines = append(lines, []string{section, title, "", "", "", "", said})
	}
	return lines
}

// decimal writes hundredths as programs read them.
func decimal(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	return sign + strconv.FormatInt(n/100, 10) + "." + strconv.FormatInt(100+n%100, 10)[1:]
}

// book is a workbook while it is written.
type book struct {
	paper
	file                                       *excelize.File
	big, bold, head, number, cents, wrap, grey int // styles
	sheet                                      string
	row                                        int
	err                                        error
}

// workbook writes a sheet for each section, with real numbers.
func (p paper) workbook(to io.Writer) error {
	b := &book{paper: p, file: excelize.NewFile()}
	defer b.file.Close()
	b.styles()
	b.begin(p.s.T("report.about"), true)
	b.put(1, p.title(), b.big)
	b.row += 2
	for _, f := range p.facts() {
		b.put(1, f.label, b.grey)
		b.put(2, f.value, b.wrap)
		b.row++
	}
	for _, l := range p.Content.Lessons {
		b.row++
		b.put(1, p.s.T("report.lessons")+": "+l.About.In(p.lang), b.bold)
		b.put(2, l.Text.In(p.lang), b.wrap)
	}
	b.width(1, 34)
	b.width(2, 80)
	for _, s := range p.Content.Sections {
		if !blank(s) {
			b.section(s)
		}
	}
	if b.err == nil {
		b.err = b.file.Write(to)
	}
	if b.err != nil {
		return fmt.Errorf("write report: %w", b.err)
	}
	return nil
}

func (b *book) styles() {
	style := func(s excelize.Style) int {
		id, err := b.file.NewStyle(&s)
		b.failed(err)
		return id
	}
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	b.big = style(excelize.Style{Font: &excelize.Font{Bold: true, Size: 15}})
	b.bold = style(excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: top})
	b.head = style(excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: top, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E7ECEA"}}})
	b.number = style(excelize.Style{NumFmt: 3})
	b.cents = style(excelize.Style{NumFmt: 4})
	b.wrap = style(excelize.Style{Alignment: top})
	b.grey = style(excelize.Style{Font: &excelize.Font{Color: "555555"}, Alignment: top})
}

func (b *book) failed(err error) {
	if b.err == nil {
		b.err = err
	}
}

// begin begins a sheet under a name that a workbook may have, once.
func (b *book) begin(name string, first bool) {
	clean := []rune(strings.NewReplacer("[", " ", "]", " ", ":", " ", "*", " ", "?", " ", "/", " ", "\\", " ", "'", " ").Replace(name))
	name = strings.TrimSpace(string(clean[:min(len(clean), 28)]))
	for n := 2; !first; n++ {
		if i, err := b.file.GetSheetIndex(name); err != nil || i < 0 {
			break
		}
		name = string([]rune(name)[:min(len([]rune(name)), 26)]) + " " + strconv.Itoa(n)
	}
	if first {
		b.failed(b.file.SetSheetName("Sheet1", name))
	} else {
		_, err := b.file.NewSheet(name)
		b.failed(err)
	}
	b.sheet, b.row = name, 1
}

func (b *book) width(column int, width float64) {
	name, err := excelize.ColumnNumberToName(column)
	b.failed(err)
	b.failed(b.file.SetColWidth(b.sheet, name, name, width))
}

// put writes a cell. A text stays a text, whatever it begins with.
func (b *book) put(column int, value any, style int) {
	cell, err := excelize.CoordinatesToCellName(column, b.row)
	b.failed(err)
	if text, is := value.(string); is {
		b.failed(b.file.SetCellStr(b.sheet, cell, text))
	} else {
		b.failed(b.file.SetCellValue(b.sheet, cell, value))
	}
	b.failed(b.file.SetCellStyle(b.sheet, cell, cell, style))
}

func (b *book) section(s content.Section) {
	b.begin(s.Title.In(b.lang), false)
	b.width(1, 46)
	b.put(1, s.Title.In(b.lang), b.big)
	b.row++
	frozen := 1
	if text := s.Text.In(b.lang); text != "" {
		b.put(1, text, b.wrap)
		end, err := excelize.CoordinatesToCellName(8, b.row)
		b.failed(err)
		start, err := excelize.CoordinatesToCellName(1, b.row)
		b.failed(err)
		b.failed(b.file.MergeCell(b.sheet, start, end))
		b.failed(b.file.SetRowHeight(b.sheet, b.row, min(400, 16*float64(1+strings.Count(text, "\n")+len([]rune(text))/110))))
		b.row++
	}
	for _, f := range s.Figures {
		b.row++
		b.figure(f)
	}
	if len(s.Figures) == 1 && s.Text.Empty() {
		frozen = 4
	}
	b.failed(b.file.SetPanes(b.sheet, &excelize.Panes{Freeze: true, YSplit: frozen, TopLeftCell: "A" + strconv.Itoa(frozen+1), ActivePane: "bottomLeft"}))
}

func (b *book) figure(f content.Figure) {
	b.put(1, f.Title.In(b.lang), b.bold)
	b.row++
	for i, title := range b.paper.head(f) {
		b.put(i+1, title, b.head)
		if i > 0 {
			b.width(i+1, map[bool]float64{true: 30, false: 16}[f.Columns[i-1].Says])
		}
	}
	b.row++
	for _, r := range f.Rows {
		b.line(r, b.wrap)
	}
	if f.Whole != nil {
		b.line(*f.Whole, b.bold)
	}
	for _, said := range b.says(f) {
		b.put(1, said, b.grey)
		b.row++
	}
}

func (b *book) line(r content.Row, label int) {
	b.put(1, strings.Repeat("  ", r.Depth)+r.Title.In(b.lang), label)
	for i, v := range r.Values {
		switch v.Is {
		case content.Nothing:
		case content.Number:
			b.put(i+2, v.N, b.number)
		case content.Cents:
			b.put(i+2, float64(v.N)/100, b.cents)
		default:
			b.put(i+2, v.Spoken(b.s), b.wrap)
		}
	}
	b.row++
}
