// SPDX-License-Identifier: Apache-2.0

package sheets_test

import (
	"bytes"
	"os"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"fera/internal/fault"
	"fera/internal/sheets"
	"fera/internal/words"
)

// opened opens a file that is in memory.
func opened(t testing.TB, content []byte, limits sheets.Limits) *sheets.Book {
	t.Helper()
	b, err := sheets.Open(bytes.NewReader(content), int64(len(content)), limits)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return b
}

// read reads the first sheet of a file, and the error that ended it.
func read(t testing.TB, content []byte, limits sheets.Limits) (rows []sheets.Row, err error) {
	t.Helper()
	b := opened(t, content, limits)
	first, err := b.Sheet("")
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range b.Rows(first) {
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func cells(rows []sheets.Row) (all [][]string) {
	for _, r := range rows {
		all = append(all, r.Cells)
	}
	return all
}

// keyOf returns the key of a fault, after seeing that it can be said in both languages.
func keyOf(t testing.TB, err error) string {
	t.Helper()
	f := fault.Of(err)
	if f == nil {
		if err != nil {
			t.Errorf("%v is no fault that a person can be told", err)
		}
		return ""
	}
	for _, lang := range words.Languages() {
		if said := words.In(lang).Fault(f); strings.ContainsAny(said, "⟦{") {
			t.Errorf("%s: %s", lang, said)
		}
	}
	return f.Key
}

func TestEveryDelimiterAndEncodingReadsTheSame(t *testing.T) {
	want := [][]string{{"নাম", "Mobile", "Note"}, {"রহিমা, খাতুন", "01712345678", `said "yes"`}, {"Jos\u00e9", "", "two\nlines"}}
	for _, d := range []string{",", ";", "\t", "|"} {
		text := strings.Join([]string{
			strings.Join([]string{"নাম", "Mobile", "Note"}, d),
			strings.Join([]string{`"রহিমা, খাতুন"`, "01712345678", `"said ""yes"""`}, d),
			strings.Join([]string{"Jos\u00e9", "", "\"two\nlines\""}, d), ""}, "\r\n")
		little, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
		big, _ := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(text)
		for encoding, content := range map[sheets.Encoding][]string{
			sheets.UTF8: {text, "\xEF\xBB\xBF" + text}, sheets.UTF16LE: {little, little[2:]}, sheets.UTF16BE: {big, big[2:]},
		} {
			for i, c := range content {
				b := opened(t, []byte(c), sheets.Usual())
				if b.Encoding != encoding || string(b.Delimiter) != d {
					t.Errorf("%q %s %d: taken for %s with %q", d, encoding, i, b.Encoding, b.Delimiter)
				}
				rows, err := b.All(b.Sheets[0])
				if got := cells(rows); err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("%q %s %d: %q, %v", d, encoding, i, got, err)
				}
			}
		}
	}
}

func TestWesternTextReadsAsSuch(t *testing.T) {
	text, _ := charmap.Windows1252.NewEncoder().String("Name;Place\nJos\u00e9;K\u00f6ln\nbvg †mwjg;x\n")
	b := opened(t, []byte(text), sheets.Usual())
	rows, err := b.All(b.Sheets[0])
	if want := [][]string{{"Name", "Place"}, {"José", "Köln"}, {"bvg †mwjg", "x"}}; err != nil || b.Encoding != sheets.Windows1252 || !reflect.DeepEqual(cells(rows), want) {
		t.Errorf("%s %q %v", b.Encoding, cells(rows), err)
	}
}

func TestTextWithDamageStaysUTF8(t *testing.T) {
	b := opened(t, []byte("নাম,ফোন\nরহি\xFFমা,1\n"), sheets.Usual())
	if b.Encoding != sheets.UTF8 {
		t.Errorf("taken for %s", b.Encoding)
	}
}

func TestRowsAreNumberedAsTheProgramShowsThem(t *testing.T) {
	rows, err := read(t, []byte("a,b\n\n\n\"x\ny\",2\nbad \"quote\",3\n\nz,4\n"), sheets.Usual())
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, r := range rows {
		got = append(got, r.Number)
	}
	if want := []int{1, 4, 5, 7}; !reflect.DeepEqual(got, want) {
		t.Errorf("numbers = %v, want %v", got, want)
	}
	if rows[2].Fault == nil || keyOf(t, rows[2].Fault) != "sheet.bad_quote" || rows[2].Fault.Args["row"] != 5 {
		t.Errorf("row 5: %v", rows[2].Fault)
	}
	old, err := read(t, []byte("a,b\rc,d\re,f"), sheets.Usual())
	if err != nil || len(old) != 3 || old[2].Number != 3 {
		t.Errorf("lines that end in \\r: %q %v", cells(old), err)
	}
	said, err := read(t, []byte("sep=;\na,x;b\n"), sheets.Usual())
	if err != nil || len(said) != 1 || said[0].Number != 2 || said[0].Cells[0] != "a,x" {
		t.Errorf("after sep=;: %+v %v", said, err)
	}
}

func TestRowsBehindAnOpenQuoteAreNotLostInSilence(t *testing.T) {
	for _, text := range []string{
		"a,b\n1,\"open\n2,x\n3,y\n",
		"a,b\n1,\"open\n2,x\n3,\"y\"\n4,z\n",
	} {
		rows, err := read(t, []byte(text), sheets.Usual())
		if f := fault.Of(err); keyOf(t, err) != "sheet.quote_open" || f.Args["row"] != 2 {
			t.Errorf("%q: %d rows, %v", text, len(rows), err)
		}
	}
}

func TestTextKeepsToItsLimits(t *testing.T) {
	limits := sheets.Limits{Bytes: 10_000, Unpacked: 10_000, Texts: 1000, Rows: 50, Columns: 5, Cell: 20}
	for want, text := range map[string]string{
		"sheet.file_too_large":   strings.Repeat("a,b\n", 3000),
		"sheet.too_many_rows":    strings.Repeat("a,b\n", 51),
		"sheet.too_many_columns": "1,2,3,4,5,6\n",
		"sheet.cell_too_long":    "a," + strings.Repeat("x", 21) + "\n",
		"sheet.row_too_long":     "\"" + strings.Repeat("x", 5000),
		"sheet.not_a_table":      "a,b\x00\x00c\nd",
	} {
		b, err := sheets.Open(strings.NewReader(text), int64(len(text)), limits)
		if err == nil {
			_, err = b.All(b.Sheets[0])
		}
		if got := keyOf(t, err); got != want {
			t.Errorf("%.20q: %q, want %q", text, got, want)
		}
	}
	if rows, err := read(t, []byte(strings.Repeat("a,b\n", 50)), limits); err != nil || len(rows) != 50 {
		t.Errorf("just as many rows as allowed: %d, %v", len(rows), err)
	}
}

func TestANumberCutShortIsNoted(t *testing.T) {
	rows, err := read(t, []byte("phone,nid\n8.80171E+12,\"1,99E+16\"\n01712345678,5E2\n"), sheets.Usual())
	if err != nil || len(rows[1].Notes) != 2 || rows[1].Doubts(0)[0] != sheets.DigitsLost || rows[2].Notes != nil {
		t.Errorf("%+v %v", rows, err)
	}
}

func TestOtherFilesAreToldApart(t *testing.T) {
	for want, text := range map[string]string{
		"sheet.old_or_locked": "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1rest",
		"sheet.not_a_table":   "%PDF-1.4 x",
		"sheet.damaged":       "PK\x03\x04 cut off",
	} {
		if _, err := sheets.Open(strings.NewReader(text), int64(len(text)), sheets.Usual()); keyOf(t, err) != want {
			t.Errorf("%.8q: %v, want %s", text, err, want)
		}
	}
	if rows, err := read(t, nil, sheets.Usual()); err != nil || rows != nil {
		t.Errorf("an empty file: %v %v", rows, err)
	}
}

func TestLibreOfficeFilesAreRead(t *testing.T) {
	for _, name := range []string{"testdata/libreoffice.xlsx", "testdata/libreoffice-utf16.csv"} {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := read(t, content, sheets.Usual())
		if err != nil || len(rows) != 4 {
			t.Fatalf("%s: %+v %v", name, rows, err)
		}
		if r := rows[2]; r.Number != 3 || r.Cells[0] != "রহিমা খাতুন" || r.Cells[1] != "1712345678" {
			t.Errorf("%s: row 3 = %+v", name, r)
		}
		if r := rows[3]; r.Number != 6 || r.Cells[1] != "01812345678" {
			t.Errorf("%s: row 6 = %+v", name, r)
		}
	}
}

func TestALibreOfficeWorkbookSaysWhatItsCellsMean(t *testing.T) {
	content, err := os.ReadFile("testdata/libreoffice.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	b := opened(t, content, sheets.Usual())
	if len(b.Sheets) != 2 || b.Sheets[0].Name != "ফেরত কর্মী" || b.Sheets[0].Hidden || !b.Sheets[1].Hidden || !reflect.DeepEqual(b.Sheets[0].Merged, []string{"A1:C1"}) {
		t.Errorf("sheets = %+v", b.Sheets)
	}
	rows, err := b.All(b.Sheets[0])
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"রহিমা খাতুন", "1712345678", "1990-05-17", "2024-03", "19901234567890100", "1500.5"}
	if !reflect.DeepEqual(rows[2].Cells, want) || !reflect.DeepEqual(rows[2].Notes, []sheets.Note{{4, sheets.DigitsLost}, {5, sheets.Formula}}) {
		t.Errorf("row 3 = %q, notes %v", rows[2].Cells, rows[2].Notes)
	}
	if got := rows[3].Doubts(5); !reflect.DeepEqual(got, []sheets.Doubt{sheets.NoValue}) {
		t.Errorf("a division by zero: %v", got)
	}
	hidden, err := b.Sheet("lists")
	if err != nil || !hidden.Hidden {
		t.Errorf("sheet by name: %+v %v", hidden, err)
	}
	if _, err := b.Sheet("none"); keyOf(t, err) != "sheet.no_such_sheet" {
		t.Errorf("no such sheet: %v", err)
	}
}
