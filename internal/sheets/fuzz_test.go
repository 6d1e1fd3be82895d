// SPDX-License-Identifier: Apache-2.0

package sheets_test

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"fera/internal/fault"
	"fera/internal/sheets"
	"fera/internal/words"
)

// readAll reads all sheets of whatever it is given, and fails the test if that
// ends in anything but rows or a sentence for a person.
func readAll(t *testing.T, content []byte, limits sheets.Limits) {
	said := func(err error) {
		f := fault.Of(err)
		if f == nil {
			t.Fatalf("%v is no fault that a person can be told", err)
		}
		if !words.In(words.English).Has(f.Key) {
			t.Fatalf("%s has no sentence", f.Key)
		}
	}
	b, err := sheets.Open(bytes.NewReader(content), int64(len(content)), limits)
	if err != nil {
		said(err)
		return
	}
	for _, s := range b.Sheets {
		last := 0
		for row, err := range b.Rows(s) {
			if err != nil {
				said(err)
				break
			}
			if row.Number <= last || row.Number > limits.Rows || len(row.Cells) > limits.Columns {
				t.Fatalf("row %d after %d with %d cells", row.Number, last, len(row.Cells))
			}
			for _, c := range row.Cells {
				if len(c) > limits.Cell {
					t.Fatalf("row %d has a cell of %d bytes", row.Number, len(c))
				}
			}
			last = row.Number
		}
	}
}

func fuzzLimits() sheets.Limits {
	return sheets.Limits{Bytes: 1 << 20, Unpacked: 4 << 20, Texts: 1 << 20, Rows: 2000, Columns: 50, Cell: 4096}
}

func FuzzTextNeverBreaksTheReader(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\xEF\xBB\xBFa;b\r\n\"x\ny\";2", "\xFF\xFEa\x00\t\x00b\x00\n\x00", "sep=|\na|b\r\"", "\xFE\xFF\x00a", "a\"b,c\n\"d\"e\n", "8.8E+12,1"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) { readAll(t, content, fuzzLimits()) })
}

func FuzzSheetsNeverBreakTheReader(f *testing.F) {
	f.Add(`<row r="1"><c r="A1" t="s"><v>1</v></c><c s="1"><v>33010</v></c></row>`, styles, texts)
	f.Add(`<row><c t="inlineStr"><is><t>a</t></is></c><c t="e"><f>1</f><v>#N/A</v></c></row>`, `<styleSheet/>`, `<sst/>`)
	f.Add(`<row r="2"><c r="AB2" t="d"><v>1990-05-17T10:00</v></c></row><mergeCell ref="A1:B2"/>`, `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="[h]:mm;@"/></numFmts></styleSheet>`, texts)
	f.Fuzz(func(t *testing.T, rows, styles, texts string) {
		readAll(t, made(t, rows, map[string]string{"xl/styles.xml": styles, "xl/sharedStrings.xml": texts}), fuzzLimits())
	})
}

// The archive itself is broken at a place, since whole files are too long to be made small again.
func FuzzWorkbooksNeverBreakTheReader(f *testing.F) {
	content, err := os.ReadFile("testdata/libreoffice.xlsx")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint16(0), []byte("PK"), uint16(0))
	f.Add(uint16(30), []byte("\x00\xFF"), uint16(2))
	f.Add(uint16(len(content)-22), []byte("PK\x05\x06"), uint16(20))
	f.Fuzz(func(t *testing.T, at uint16, put []byte, instead uint16) {
		from := min(int(at), len(content))
		to := min(from+int(instead), len(content))
		readAll(t, slices.Concat(content[:from], put, content[to:]), fuzzLimits())
	})
}
