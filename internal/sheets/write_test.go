// SPDX-License-Identifier: Apache-2.0

package sheets_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"fera/internal/sheets"
)

func written(t testing.TB, format sheets.Format, rows [][]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := sheets.NewCSV(&b)
	if format == sheets.XLSX {
		b.Reset()
		w, err = sheets.NewXLSX(&b, "Rows", t.TempDir())
	}
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

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	rows := [][]string{{"নাম", "Phone", "Note"}, {"রহিমা", "+8801712345678", "=1+1"}, {"Karim", "", "'=x"}, {"a,b", "\"q\"", "two\nlines"}, {"", "-5", "@x"}}
	for _, format := range []sheets.Format{sheets.CSV, sheets.XLSX} {
		b := opened(t, written(t, format, rows), sheets.Usual())
		got, err := b.All(b.Sheets[0])
		if err != nil || b.Format != format || !reflect.DeepEqual(cells(got), rows) {
			t.Errorf("%s: %q %v", format, cells(got), err)
		}
	}
}

func TestNoCellIsTakenForAFormula(t *testing.T) {
	attacks := []string{"=cmd|' /C calc'!A0", "+1+cmd|x", "-2+3+cmd|x", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", "'=1"}
	text := string(written(t, sheets.CSV, [][]string{attacks}))
	for _, line := range strings.Split(text, ",") {
		if cell := strings.Trim(strings.TrimPrefix(line, "\xEF\xBB\xBF"), "\"\r\n"); !strings.HasPrefix(cell, "'") {
			t.Errorf("cell %q", cell)
		}
	}
	if plain := string(written(t, sheets.CSV, [][]string{{"+8801712345678", "-5", "রহিমা", "a=b"}})); strings.Contains(plain, "'") {
		t.Errorf("changed what is harmless: %q", plain)
	}
	f, err := excelize.OpenReader(bytes.NewReader(written(t, sheets.XLSX, [][]string{attacks})))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for i, want := range attacks {
		name, _ := excelize.CoordinatesToCellName(i+1, 1)
		formula, _ := f.GetCellFormula("Rows", name)
		kind, _ := f.GetCellType("Rows", name)
		if got, _ := f.GetCellValue("Rows", name); formula != "" || kind != excelize.CellTypeInlineString || strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Errorf("%s: %q of type %v with formula %q", name, got, kind, formula)
		}
	}
}

func TestGuardingIsUndoneByReading(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		cell := rapid.StringMatching(`['=+@a ０-９-]{0,4}[=+0-9 .x]{0,6}`).Draw(r, "cell")
		got, err := read(t, written(t, sheets.CSV, [][]string{{"first", cell}}), sheets.Usual())
		if err != nil || got[0].Cell(1) != cell {
			t.Fatalf("%q came back as %+v %v", cell, got, err)
		}
	})
}
