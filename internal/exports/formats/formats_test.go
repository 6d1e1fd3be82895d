// SPDX-License-Identifier: Apache-2.0

package formats

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"fera/internal/exports/columns"
)

func shape(f Format) Shape {
	return Shape{Format: f, Title: "Persons & co", Lang: "en", Tags: true, Columns: []columns.Column{
		{Code: "phone", En: "Telephone", HXL: "#contact+phone"}, {Code: "name", En: "Name", HXL: "#beneficiary+name"}, {Code: "n", En: "How many", HXL: "#reached", Number: true}}}
}

// nasty are rows that programs take for something else than they are.
func nasty() [][]string {
	return [][]string{{"01712345678", "=HYPERLINK(\"http://example.org\")", "12"}, {"007", "@SUM(A1)\t-2", ""}, {"", "রহিমা <b> & \"co\"\nline", "1.50"}, {"+8801712345678", "-1+2", "no number"}}
}

func written(t *testing.T, s Shape, rows [][]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := s.New(&b)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAWorkbookReadsBack(t *testing.T) {
	f, err := excelize.OpenReader(bytes.NewReader(written(t, shape(XLSX), nasty())))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Persons & co")
	if err != nil || len(rows) != 6 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if rows[0][0] != "Telephone" || rows[1][2] != "#reached" || rows[2][0] != "01712345678" || rows[3][0] != "007" || rows[4][1] != nasty()[2][1] {
		t.Errorf("rows: %q", rows)
	}
	for cell, want := range map[string]excelize.CellType{"A3": excelize.CellTypeInlineString, "B3": excelize.CellTypeInlineString, "C3": excelize.CellTypeUnset, "C6": excelize.CellTypeInlineString} {
		if got, err := f.GetCellType("Persons & co", cell); err != nil || got != want {
			t.Errorf("%s is of type %d, want %d: %v", cell, got, want, err)
		}
	}
	if formula, err := f.GetCellFormula("Persons & co", "B3"); err != nil || formula != "" {
		t.Errorf("a formula: %q, %v", formula, err)
	}
}

// What outgrows a sheet goes into further ones, each with its headings.
func TestAWorkbookHasFurtherSheets(t *testing.T) {
	var b bytes.Buffer
	s := shape(XLSX)
	w, err := newWorkbook(&b, s, [][]string{{"Telephone", "Name", "How many"}})
	if err != nil {
		t.Fatal(err)
	}
	w.limit = 5
	for range 9 {
		if err := w.Write([]string{"1", "2", "3"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	total := 0
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil || rows[0][0] != "Telephone" || len(rows) > 5 {
			t.Errorf("%s: %d rows, %v", sheet, len(rows), err)
		}
		total += len(rows) - 1
	}
	if total != 9 || len(f.GetSheetList()) != 3 {
		t.Errorf("%d rows in %v", total, f.GetSheetList())
	}
}

func TestCSVOpensRight(t *testing.T) {
	text, marked := strings.CutPrefix(string(written(t, shape(CSV), nasty())), "\xEF\xBB\xBF")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked || len(rows) != 6 {
		t.Fatalf("%d rows, a mark: %t, %v", len(rows), marked, err)
	}
	if rows[1][0] != "#contact+phone" || rows[2][0] != "01712345678" || rows[3][0] != "007" || rows[5][0] != "+8801712345678" {
		t.Errorf("rows: %q", rows)
	}
	for _, r := range rows[2:] {
		if strings.ContainsAny(r[1][:1], "=@-+") {
			t.Errorf("%q is a formula to a spreadsheet", r[1])
		}
	}
}

func TestJSONLinesAreObjects(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(string(written(t, shape(JSONL), nasty()))), "\n")
	if len(lines) != 5 {
		t.Fatalf("%d lines", len(lines))
	}
	var first, last map[string]any
	for _, l := range lines {
		last = nil
		if err := json.Unmarshal([]byte(l), &last); err != nil {
			t.Errorf("%s: %v", l, err)
		}
		if first == nil {
			first = last
		}
	}
	if first["hxl"].(map[string]any)["n"] != "#reached" || last["n"] != "no number" || last["name"] != "-1+2" {
		t.Errorf("lines: %v", lines)
	}
	if !strings.Contains(lines[1], `"n":12`) || strings.Contains(lines[2], `"n"`) {
		t.Errorf("numbers: %v", lines)
	}
}
