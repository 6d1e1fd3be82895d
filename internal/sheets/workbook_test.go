// SPDX-License-Identifier: Apache-2.0

package sheets_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"fera/internal/sheets"
)

const (
	styles = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd\-mmm\-yyyy"/><numFmt numFmtId="165" formatCode="[$-445]mmmm yyyy;@"/><numFmt numFmtId="166" formatCode="#,##0.00 &quot;days&quot;"/><numFmt numFmtId="167" formatCode="yyyy"/><numFmt numFmtId="168" formatCode="[h]:mm"/></numFmts>
		<fonts><font><name val="Calibri"/></font><font><name val="SutonnyMJ"/></font><font><name val="SutonnyOMJ"/></font></fonts>
		<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="22"/><xf numFmtId="0" fontId="1"/><xf numFmtId="0" fontId="2"/><xf numFmtId="167"/><xf numFmtId="168"/></cellXfs></styleSheet>`
	texts = `<sst><si><t>Name</t></si><si><r><t>Md </t></r><r><rPr><b/></rPr><t xml:space="preserve">Karim</t></r><rPh><t>no</t></rPh></si><si><t>iwngv LvZzb</t></si></sst>`
)

// made makes a workbook as Excel lays it out, with one sheet of the given rows.
func made(t testing.TB, rows string, more map[string]string) []byte {
	t.Helper()
	parts := map[string]string{
		"[Content_Types].xml": `<Types/>`,
		"_rels/.rels":         `<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":     `<workbook xmlns:r="x"><workbookPr/><sheets><sheet name="One" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/>
			<Relationship Id="rId2" Type="http://x/styles" Target="/xl/styles.xml"/><Relationship Id="rId3" Type="http://x/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml": `<worksheet><sheetData>` + rows + `</sheetData></worksheet>`,
		"xl/styles.xml":            styles,
		"xl/sharedStrings.xml":     texts,
	}
	maps.Copy(parts, more)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(parts[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCellsAreSaidAsTheSheetShowsThem(t *testing.T) {
	for _, test := range []struct {
		name, cell, want string
		doubts           []sheets.Doubt
	}{
		{"shared text", `<c t="s"><v>0</v></c>`, "Name", nil},
		{"text in two fonts", `<c t="s"><v>1</v></c>`, "Md Karim", nil},
		{"inline text, as Google Sheets and libraries write", `<c t="inlineStr"><is><t>a &lt; b</t></is></c>`, "a < b", nil},
		{"escaped", `<c t="str"><v>a_x000D_b_x_</v></c>`, "a\rb_x_", nil},
		{"phone as a number", `<c><v>1712345678</v></c>`, "1712345678", nil},
		{"phone with an exponent", `<c><v>8.801712345678E12</v></c>`, "8801712345678", nil},
		{"seventeen digits", `<c><v>1.9901234567890123E16</v></c>`, "19901234567890124", []sheets.Doubt{sheets.DigitsLost}},
		{"binary fraction", `<c><v>0.30000000000000004</v></c>`, "0.3", nil},
		{"date, built in", `<c s="1"><v>33010</v></c>`, "1990-05-17", nil},
		{"date, own format", `<c s="2"><v>33010</v></c>`, "1990-05-17", nil},
		{"month, in Bangla", `<c s="3"><v>45352</v></c>`, "2024-03", nil},
		{"year alone", `<c s="8"><v>33010</v></c>`, "1990", nil},
		{"number with a d in its unit", `<c s="4"><v>33010</v></c>`, "33010", nil},
		{"date and time", `<c s="5"><v>33010.5</v></c>`, "1990-05-17 12:00", nil},
		{"midnight", `<c s="5"><v>33010</v></c>`, "1990-05-17", nil},
		{"hours", `<c s="9"><v>0.25</v></c>`, "06:00", nil},
		{"date of ISO", `<c t="d"><v>1990-05-17T00:00:00</v></c>`, "1990-05-17", nil},
		{"yes", `<c t="b"><v>1</v></c>`, "TRUE", nil},
		{"formula", `<c><f>A1+1</f><v>42</v></c>`, "42", []sheets.Doubt{sheets.Formula}},
		{"formula never reckoned", `<c><f>A1+1</f></c>`, "", []sheets.Doubt{sheets.NoValue}},
		{"formula with an error", `<c t="e"><f>1/0</f><v>#DIV/0!</v></c>`, "#DIV/0!", []sheets.Doubt{sheets.NoValue}},
		{"text that is not there", `<c t="s"><v>99</v></c>`, "", []sheets.Doubt{sheets.NoValue}},
		{"font of Bijoy", `<c s="6" t="s"><v>2</v></c>`, "iwngv LvZzb", []sheets.Doubt{sheets.BijoyFont}},
		{"font of Unicode", `<c s="7" t="s"><v>0</v></c>`, "Name", nil},
		{"style that is not there", `<c s="999"><v>1</v></c>`, "1", nil},
	} {
		rows, err := read(t, made(t, `<row r="4"><c r="A4" t="inlineStr"><is><t>x</t></is></c>`+strings.Replace(test.cell, "<c", `<c r="C4"`, 1)+`</row>`, nil), sheets.Usual())
		if err != nil || len(rows) != 1 || rows[0].Number != 4 {
			t.Errorf("%s: %+v %v", test.name, rows, err)
			continue
		}
		if got := rows[0].Cell(2); got != test.want || !reflect.DeepEqual(rows[0].Doubts(2), test.doubts) {
			t.Errorf("%s: %q %v, want %q %v", test.name, got, rows[0].Notes, test.want, test.doubts)
		}
	}
}

func TestCellsWithoutNamesStandSideBySide(t *testing.T) {
	rows, err := read(t, made(t, `<row><c><v>1</v></c><c/><c><v>3</v></c></row><row hidden="1"><c><v>4</v></c></row>`, nil), sheets.Usual())
	if err != nil || !reflect.DeepEqual(cells(rows), [][]string{{"1", "", "3"}, {"4"}}) || rows[1].Number != 2 || !rows[1].Hidden || rows[0].Hidden {
		t.Errorf("%+v %v", rows, err)
	}
}

func TestDaysCountFrom1904WhereTheFileSaysSo(t *testing.T) {
	book := made(t, `<row><c s="1"><v>31548</v></c></row>`, map[string]string{
		"xl/workbook.xml": `<workbook xmlns:r="x"><workbookPr date1904="1"/><sheets><sheet name="One" r:id="rId1"/></sheets></workbook>`})
	if rows, err := read(t, book, sheets.Usual()); err != nil || rows[0].Cells[0] != "1990-05-17" {
		t.Errorf("%+v %v", rows, err)
	}
}

func TestMergedRangesAreFoundWhereverTheyStand(t *testing.T) {
	for pad := range 200 {
		rows := strings.Repeat(" ", 65_400+pad) // so that the mark falls across the edge of what is read at once
		book := made(t, "", map[string]string{"xl/worksheets/sheet1.xml": `<worksheet><sheetData>` + rows + `</sheetData><mergeCells count="2"><mergeCell ref="A1:B2"/><mergeCell ref="C7:C9"/></mergeCells></worksheet>`})
		if got := opened(t, book, sheets.Usual()).Sheets[0].Merged; !reflect.DeepEqual(got, []string{"A1:B2", "C7:C9"}) {
			t.Fatalf("pad %d: %q", pad, got)
		}
	}
}

func TestHostileWorkbooksAreRefused(t *testing.T) {
	limits := sheets.Limits{Bytes: 1 << 20, Unpacked: 1 << 20, Texts: 1000, Rows: 100, Columns: 20, Cell: 100}
	sheet := func(text string) map[string]string { return map[string]string{"xl/worksheets/sheet1.xml": text} }
	for name, test := range map[string]struct {
		rows string
		more map[string]string
		want string
	}{
		"bomb":                 {strings.Repeat(`<row/>`, 300_000), nil, "sheet.unpacks_too_large"},
		"bomb of texts":        {"", map[string]string{"xl/sharedStrings.xml": "<sst>" + strings.Repeat("<si><t>aaaaaaaaaa</t></si>", 200) + "</sst>"}, "sheet.unpacks_too_large"},
		"bomb of empty texts":  {"", map[string]string{"xl/sharedStrings.xml": "<sst>" + strings.Repeat("<si/>", 2000) + "</sst>"}, "sheet.unpacks_too_large"},
		"bomb in one token":    {`<row><c t="str"><v>` + strings.Repeat("x", 500_000), nil, "sheet.cell_too_long"},
		"bomb in an attribute": {`<row r="` + strings.Repeat("1", 500_000) + `"/>`, nil, "sheet.unpacks_too_large"},
		"long cell":            {`<row r="7"><c t="str"><v>` + strings.Repeat("x", 101) + `</v></c></row>`, nil, "sheet.cell_too_long"},
		"many rows":            {`<row r="101"><c><v>1</v></c></row>`, nil, "sheet.too_many_rows"},
		"many columns":         {`<row r="1"><c r="U1"><v>1</v></c></row>`, nil, "sheet.too_many_columns"},
		"far column":           {`<row r="1"><c r="ZZZZZZZZZZ1"><v>1</v></c></row>`, nil, "sheet.damaged_at"},
		"rows backwards":       {`<row r="5"/><row r="4"/>`, nil, "sheet.damaged_at"},
		"cut off":              {"", sheet(`<worksheet><sheetData><row r="1"><c><v>1`), "sheet.damaged_at"},
		"crossed":              {`<row><c></row></c>`, nil, "sheet.damaged_at"},
		"deep":                 {strings.Repeat("<a>", 100), nil, "sheet.damaged_at"},
		"entities":             {"", sheet(`<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><worksheet><sheetData><row><c t="str"><v>&a;</v></c></row></sheetData></worksheet>`), "sheet.damaged_at"},
		"empty part":           {"", sheet(``), "sheet.damaged_at"},
		"no sheets":            {"", map[string]string{"xl/workbook.xml": `<workbook/>`}, "sheet.no_sheets"},
		"sheet outside":        {"", map[string]string{"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" TargetMode="External" Type="x/worksheet" Target="http://example.org"/></Relationships>`}, "sheet.no_sheets"},
		"sheet that is not":    {"", map[string]string{"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="../../../etc/passwd"/></Relationships>`}, "sheet.damaged"},
		"open document":        {"", map[string]string{"content.xml": `<x/>`}, "sheet.other_workbook"},
	} {
		book := made(t, test.rows, test.more)
		b, err := sheets.Open(bytes.NewReader(book), int64(len(book)), limits)
		if err == nil {
			_, err = b.All(b.Sheets[0])
		}
		if got := keyOf(t, err); got != test.want {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

// A sheet of a hundred megabytes is read in a few.
func TestALargeSheetIsReadInFlatMemory(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	small, _ := zip.NewReader(bytes.NewReader(made(t, "", nil)), int64(len(made(t, "", nil))))
	for _, f := range small.File {
		if f.Name != "xl/worksheets/sheet1.xml" {
			if err := z.Copy(f); err != nil {
				t.Fatal(err)
			}
		}
	}
	w, _ := z.Create("xl/worksheets/sheet1.xml")
	fmt.Fprint(w, `<worksheet><sheetData>`)
	const rows = 100_000
	for i := range rows {
		fmt.Fprintf(w, `<row r="%d">`, i+1)
		for range 10 {
			fmt.Fprint(w, `<c t="inlineStr"><is><t>a text of some forty letters in each of the cells</t></is></c>`)
		}
		fmt.Fprint(w, `</row>`)
	}
	fmt.Fprint(w, `</sheetData></worksheet>`)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	book := opened(t, b.Bytes(), sheets.Usual())
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	most, n := uint64(0), 0
	for row, err := range book.Rows(book.Sheets[0]) {
		if err != nil || len(row.Cells) != 10 {
			t.Fatal(err, row)
		}
		if n++; n%20_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
		}
	}
	if n != rows || most > before.HeapAlloc+8<<20 {
		t.Errorf("%d rows, %d MB more", n, (most-before.HeapAlloc)>>20)
	}
}
