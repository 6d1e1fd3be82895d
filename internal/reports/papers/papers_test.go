// SPDX-License-Identifier: Apache-2.0

package papers_test

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"fera/internal/reports/content"
	"fera/internal/reports/papers"
	"fera/internal/words"
)

func both(bn, en string) content.Words { return content.Words{Bn: bn, En: en} }

// paper is a report with one of everything, and labels that a spreadsheet could take for formulas.
func paper() papers.Paper {
	whole := content.Row{Key: "whole", Title: both("মোট", "All"), Values: []content.Value{content.Of(5625)}}
	return papers.Paper{Lang: words.Bangla, Money: true, Stamp: papers.Stamp{Number: 12, Issue: 2, Position: 3446, Hash: strings.Repeat("ab", 32), At: time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)},
		Content: content.Content{Template: "project", Version: 1, Kind: content.Annual, Title: both("প্রকল্পের প্রতিবেদন", "Report of a project"), About: both("ফিরে আসা", "Coming home"), Owner: both("সেতু", "Shetu"),
			Period: content.Period{From: 202212, To: 202312}, Audience: content.Outside, Counted: time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC),
			Lessons: []content.Lesson{{Topic: "person.register", About: both("নিবন্ধন", "Registering"), Text: both("আগে পানি দিন।", "Water first.")}},
			Sections: []content.Section{
				{Code: "summary", Title: both("সংক্ষেপে", "In short"), Text: both("প্রত্যাগত কর্মীদের সঙ্গে কাজ।", "=HYPERLINK(\"http://example.org\")")},
				{Code: "people", Title: both("মানুষ", "People: [all]"), Figures: []content.Figure{{Code: "n", Title: both("কত জন", "How many"), Columns: []content.Column{{Key: "n", Title: both("সংখ্যা", "Number"), Adds: true}},
					Rows:  []content.Row{{Key: "a", Title: both("নারী", "+Women"), Values: []content.Value{content.Of(3764)}}, {Key: "b", Title: both("পুরুষ", "@Men"), Values: []content.Value{content.Of(1859)}}, {Key: "c", Title: both("অন্য", "Others"), Values: []content.Value{{Is: content.Hidden}}}},
					Whole: &whole, Flags: []content.Flag{{Column: "n", Difference: 2, Text: both("পার্থক্য ২", "The difference is 2")}}}}},
				{Code: "money", Money: true, Title: both("টাকা", "Money"), Text: both("গোপন হিসাব", "The secret book"), Figures: []content.Figure{{Code: "m", Title: both("বাজেট", "Budget"), Columns: []content.Column{{Key: "b", Title: both("বাজেট", "Budget")}},
					Rows: []content.Row{{Key: "x", Title: both("লাইন", "Line"), Values: []content.Value{{Is: content.Cents, N: 12345650, Unit: "BDT"}}}}}}},
			}}}
}

func write(t *testing.T, f papers.Format, p papers.Paper) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := papers.Write(&b, f, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var (
	streams = regexp.MustCompile(`(?s)/Length (\d+) /Filter /FlateDecode[^>]*>>\nstream\n`)
	spoken  = regexp.MustCompile(`/ActualText <FEFF([0-9A-F]*)>`)
	pages   = regexp.MustCompile(`/Type /Pages /Count (\d+)`)
)

// said is the text of a PDF as a reader copies it.
func said(t *testing.T, file []byte) string {
	t.Helper()
	var all []string
	for _, at := range streams.FindAllSubmatchIndex(file, -1) {
		n, _ := strconv.Atoi(string(file[at[2]:at[3]]))
		z, err := zlib.NewReader(bytes.NewReader(file[at[1] : at[1]+n]))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range spoken.FindAllSubmatch(text, -1) {
			raw, err := hex.DecodeString(string(m[1]))
			if err != nil {
				t.Fatal(err)
			}
			var units []uint16
			for i := 0; i+1 < len(raw); i += 2 {
				units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
			}
			all = append(all, string(utf16.Decode(units)))
		}
	}
	return strings.Join(strings.Fields(strings.Join(all, " ")), " ")
}

// The PDF says in right Bangla what the report says, with its number, the trail's position and the hash at the foot of each page.
func TestThePDFReadsInBangla(t *testing.T) {
	file := write(t, papers.PDF, paper())
	text := said(t, file)
	for _, want := range []string{"বার্ষিক প্রতিবেদন: ফিরে আসা, ডিসেম্বর ২০২২ – ডিসেম্বর ২০২৩", "প্রত্যাগত কর্মীদের সঙ্গে কাজ।", "৩,৭৬৪", "১,৮৫৯", "৫,৬২৫", "! পার্থক্য ২", "সূচি", "১,২৩,৪৫৬.৫০ BDT", "আগে পানি দিন।"} {
		if !strings.Contains(text, want) {
			t.Errorf("the PDF does not say %q", want)
		}
	}
	n, _ := strconv.Atoi(string(pages.FindSubmatch(file)[1]))
	if got := strings.Count(text, "প্রতিবেদন ১২, সংস্করণ ২ · নথি ৩,৪৪৬ · abababababababab · পৃষ্ঠা "); got != n {
		t.Errorf("%d of %d pages have their foot", got, n)
	}
	if again := write(t, papers.PDF, paper()); !bytes.Equal(file, again) {
		t.Error("the same report gives another PDF")
	}
	draft := paper()
	draft.Stamp = papers.Stamp{}
	if text := said(t, write(t, papers.PDF, draft)); !strings.Contains(text, "খসড়া, প্রকাশিত নয়") {
		t.Error("a draft does not say that it is one")
	}
}

// Numbers in the workbook are numbers, texts are texts whatever they begin with, and each section has a sheet with a head that stays.
func TestTheWorkbookHasRealNumbers(t *testing.T) {
	for _, lang := range words.Languages() {
		p := paper()
		p.Lang = lang
		book, err := excelize.OpenReader(bytes.NewReader(write(t, papers.XLSX, p)))
		if err != nil {
			t.Fatal(err)
		}
		sheets := book.GetSheetList()
		if len(sheets) != 4 {
			t.Fatalf("%s: sheets %v", lang, sheets)
		}
		kinds := map[string]excelize.CellType{}
		for _, sheet := range sheets[1:] {
			rows, err := book.GetRows(sheet, excelize.Options{RawCellValue: true})
			if err != nil {
				t.Fatal(err)
			}
			panes, err := book.GetPanes(sheet)
			if err != nil || !panes.Freeze || panes.YSplit < 1 {
				t.Errorf("%s: %s is not frozen: %+v, %v", lang, sheet, panes, err)
			}
			for r, row := range rows {
				for c, text := range row {
					cell, _ := excelize.CoordinatesToCellName(c+1, r+1)
					if formula, _ := book.GetCellFormula(sheet, cell); formula != "" {
						t.Errorf("%s: %s %s is the formula %q", lang, sheet, cell, formula)
					}
					kind, err := book.GetCellType(sheet, cell)
					if err != nil {
						t.Fatal(err)
					}
					kinds[text] = kind
				}
			}
		}
		for _, text := range []string{"3764", "1859", "5625", "123456.5"} {
			if kind, there := kinds[text]; !there || kind != excelize.CellTypeNumber && kind != excelize.CellTypeUnset {
				t.Errorf("%s: %s is of type %v, there: %t", lang, text, kind, there)
			}
		}
		for _, text := range []string{map[words.Lang]string{words.Bangla: "নারী", words.English: "+Women"}[lang], map[words.Lang]string{words.Bangla: "সংখ্যা", words.English: "Number"}[lang]} {
			if kind := kinds[text]; kind != excelize.CellTypeSharedString && kind != excelize.CellTypeInlineString {
				t.Errorf("%s: %q is of type %v", lang, text, kind)
			}
		}
	}
}

// The CSV begins with a mark for its letters, has a number a line, and nothing that a spreadsheet takes for a formula.
func TestTheCSVOpensRight(t *testing.T) {
	p := paper()
	p.Lang = words.English
	text := write(t, papers.CSV, p)
	if !bytes.HasPrefix(text, []byte("\xEF\xBB\xBF")) {
		t.Error("there is no mark")
	}
	rows, err := csv.NewReader(bytes.NewReader(text[3:])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	numbers := map[string]string{}
	for _, r := range rows {
		for _, cell := range r {
			if cell != "" && strings.ContainsRune("=+@-", rune(cell[0])) {
				t.Errorf("a cell begins with %q", cell)
			}
		}
		numbers[r[2]] = r[4]
	}
	if numbers["'+Women"] != "3764" || numbers["All"] != "5625" || numbers["Line"] != "123456.50" {
		t.Errorf("numbers: %v", numbers)
	}
	if !slices.ContainsFunc(rows, func(r []string) bool { return r[6] == "'=HYPERLINK(\"http://example.org\")" }) {
		t.Error("what was written is not there, or not guarded")
	}
	if !slices.ContainsFunc(rows, func(r []string) bool { return r[2] == "Others" && r[4] == "" && r[6] == "not shown" }) {
		t.Error("what may not be told is not said to be so")
	}
}

// The JSON holds the issued text to the letter, so that its hash can be checked.
func TestTheJSONHoldsTheIssuedText(t *testing.T) {
	p := paper()
	frozen, err := json.Marshal(p.Content)
	if err != nil {
		t.Fatal(err)
	}
	p.Frozen = frozen
	sum := sha256.Sum256(frozen)
	p.Stamp.Hash = hex.EncodeToString(sum[:])
	var file struct {
		Stamp  papers.Stamp
		Report json.RawMessage
	}
	if err := json.Unmarshal(write(t, papers.JSON, p), &file); err != nil {
		t.Fatal(err)
	}
	if got := content.Hash(file.Report); got != file.Stamp.Hash || got != p.Stamp.Hash {
		t.Errorf("hash %s, stamped %s", got, file.Stamp.Hash)
	}
}

// Who may not see the money of the project finds none of it in any form, and the form says so.
func TestMoneyIsLeftOut(t *testing.T) {
	p := paper()
	p.Money, p.Frozen = false, []byte(`{"secret": "123456"}`)
	for _, lang := range words.Languages() {
		p.Lang = lang
		for _, f := range append(papers.Formats(), papers.Text) {
			file := write(t, f, p)
			text := string(file)
			switch f {
			case papers.PDF:
				text = said(t, file)
				if !strings.Contains(text, words.In(lang).T("report.money_left_out")) {
					t.Errorf("%s does not say that the money is left out", f)
				}
			case papers.XLSX:
				book, err := excelize.OpenReader(bytes.NewReader(file))
				if err != nil {
					t.Fatal(err)
				}
				text = ""
				for _, sheet := range book.GetSheetList() {
					rows, err := book.GetRows(sheet)
					if err != nil {
						t.Fatal(err)
					}
					for _, r := range rows {
						text += strings.Join(r, " ")
					}
				}
			}
			for _, secret := range []string{"12345650", "123456", "১,২৩,৪৫৬", "1,23,456", "The secret book", "গোপন হিসাব"} {
				if strings.Contains(text, secret) {
					t.Errorf("%s in %s has %q", f, lang, secret)
				}
			}
		}
	}
}

func TestAnUnknownFormatIsRefused(t *testing.T) {
	if err := papers.Write(io.Discard, "doc", paper()); err == nil {
		t.Error("a format that there is not was written")
	}
}

// A report of people who do not exist says so in each form, on each page of the PDF and whatever its issued text says.
func TestAReportOfNobodySaysSo(t *testing.T) {
	for _, lang := range words.Languages() {
		for _, f := range append(papers.Formats(), papers.Text) {
			p := paper()
			p.Lang, p.Frozen = lang, []byte(`{}`)
			if strings.Contains(reads(t, f, write(t, f, p)), words.In(lang).T("report.simulated_said")) || strings.Contains(reads(t, f, write(t, f, p)), `"simulated"`) {
				t.Errorf("%s in %s says of real people that they are simulated", f, lang)
			}
			p.Content.Simulated = true
			file := write(t, f, p)
			text := reads(t, f, file)
			want := []string{words.In(lang).T("report.simulated_said"), words.In(lang).T("open.simulated_title", "title", "")}
			if f == papers.JSON {
				want = []string{`"simulated":true`, `"report":{}`}
			}
			for _, w := range want {
				if !strings.Contains(text, w) {
					t.Errorf("%s in %s does not say %q", f, lang, w)
				}
			}
			if f != papers.PDF {
				continue
			}
			if n, _ := strconv.Atoi(string(pages.FindSubmatch(file)[1])); strings.Count(text, words.In(lang).T("report.simulated")+" · ") != n {
				t.Errorf("not all of %d pages say at their foot that it is simulated", n)
			}
		}
	}
}

// reads is what a file says, in plain text.
func reads(t *testing.T, f papers.Format, file []byte) string {
	t.Helper()
	switch f {
	case papers.PDF:
		return said(t, file)
	case papers.XLSX:
		book, err := excelize.OpenReader(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := book.GetRows(book.GetSheetList()[0])
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(rows)
	}
	return string(file)
}
