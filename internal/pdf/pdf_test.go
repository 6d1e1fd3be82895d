// SPDX-License-Identifier: Apache-2.0

package pdf_test

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"fera/internal/pdf"
)

var (
	objects = regexp.MustCompile(`(?s)(\d+) 0 obj\n(.*?)\nendobj\n`)
	streams = regexp.MustCompile(`(?s)^<< /Length (\d+) /Filter /FlateDecode([^>]*)>>\nstream\n(.*)\nendstream$`)
	spoken  = regexp.MustCompile(`/ActualText <FEFF([0-9A-F]*)>`)
	matrix  = regexp.MustCompile(`1 0 0 1 (\S+) (\S+) Tm`)
	glyphs  = regexp.MustCompile(`(?:/F(\d) \S+ Tf)|<([0-9A-F]+)> Tj`)
	chars   = regexp.MustCompile(`<([0-9A-F]{4})> <([0-9A-F]+)>\n`)
)

// paper is a document as its reader finds it.
type paper struct {
	text    []byte
	objects map[int]string
}

func read(t testing.TB, text []byte) paper {
	t.Helper()
	p := paper{text, map[int]string{}}
	for _, m := range objects.FindAllSubmatch(text, -1) {
		n, _ := strconv.Atoi(string(m[1]))
		p.objects[n] = string(m[2])
	}
	return p
}

// unpacked is the content of a stream.
func unpacked(t testing.TB, object string) string {
	t.Helper()
	m := streams.FindStringSubmatch(object)
	if m == nil {
		t.Fatalf("no stream: %.80q", object)
	}
	if n, _ := strconv.Atoi(m[1]); n != len(m[3]) {
		t.Errorf("a stream of %d bytes says that it has %s", len(m[3]), m[1])
	}
	z, err := zlib.NewReader(strings.NewReader(m[3]))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// pages are the contents of the pages in order.
func (p paper) pages(t testing.TB) (all []string) {
	t.Helper()
	kids := regexp.MustCompile(`/Kids \[([^\]]*)\]`).FindStringSubmatch(p.objects[2])
	for _, kid := range regexp.MustCompile(`(\d+) 0 R`).FindAllStringSubmatch(kids[1], -1) {
		n, _ := strconv.Atoi(kid[1])
		at := regexp.MustCompile(`/Contents (\d+) 0 R`).FindStringSubmatch(p.objects[n])
		n, _ = strconv.Atoi(at[1])
		all = append(all, unpacked(t, p.objects[n]))
	}
	return all
}

func from16(t testing.TB, digits string) string {
	t.Helper()
	raw, err := hex.DecodeString(digits)
	if err != nil || len(raw)%2 != 0 {
		t.Fatalf("%q is no text", digits)
	}
	var units []uint16
	for i := 0; i < len(raw); i += 2 {
		units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
	}
	return string(utf16.Decode(units))
}

// said is the text of a page as a reader copies it, a line for each line.
func said(t testing.TB, page string) (lines []string) {
	t.Helper()
	for _, m := range spoken.FindAllStringSubmatch(page, -1) {
		lines = append(lines, from16(t, m[1]))
	}
	return lines
}

// all is the text of a document with one space between words.
func (p paper) all(t testing.TB) string {
	t.Helper()
	var lines []string
	for _, page := range p.pages(t) {
		lines = append(lines, said(t, page)...)
	}
	return strings.Join(strings.Fields(strings.Join(lines, " ")), " ")
}

// drawn are the glyphs of a page: font and number.
func drawn(page string) (all []string) {
	font := ""
	for _, m := range glyphs.FindAllStringSubmatch(page, -1) {
		if m[1] != "" {
			font = m[1]
			continue
		}
		for i := 0; i < len(m[2]); i += 4 {
			all = append(all, font+":"+m[2][i:i+4])
		}
	}
	return all
}

func write(t testing.TB, lang string, put func(*pdf.Document)) paper {
	t.Helper()
	d, err := pdf.New(pdf.Options{Title: "ত্রৈমাসিক", Lang: lang, Made: time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC),
		Footer: func(page, pages int) string { return fmt.Sprintf("পাতা %d/%d", page, pages) }})
	if err != nil {
		t.Fatal(err)
	}
	put(d)
	text, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return read(t, text)
}

// hard are words with which writers of PDF go wrong.
const hard = `প্রত্যাবাসিত ত্রৈমাসিক ক্ষুদ্রঋণ স্বাস্থ্যসেবা কৃষ্ণপুর জ্ঞান উচ্চশিক্ষা দ্বিতীয় র‍্যাব কর্তৃপক্ষ ব্রাহ্মণবাড়িয়া লক্ষ্মীপুর চট্টগ্রাম পৌঁছানো ১২,৩৪,৫৬৭ ৳৫০০ NID 1991-04 “Rahima” (বিদেশ)।`

func TestTextComesBackAsItWentIn(t *testing.T) {
	p := write(t, "bn", func(d *pdf.Document) {
		d.Heading(1, "আপনার সম্পর্কে যা রাখা আছে")
		d.Paragraph(hard)
		d.Facts([]pdf.Fact{{Label: "নাম", Value: "রহিমা খাতুন"}, {Label: "Number", Value: "01712345678"}})
		d.Table(pdf.Table{Head: []string{"কবে", "কী"}, Rows: [][]string{{"১ মে ১৯৯০", "first"}, {"", "second"}}})
	})
	want := "আপনার সম্পর্কে যা রাখা আছে " + hard + " নাম রহিমা খাতুন Number 01712345678 কবে কী ১ মে ১৯৯০ first second পাতা 1/1"
	if got := p.all(t); got != want {
		t.Errorf("the paper says\n%s\nwant\n%s", got, want)
	}
}

// A long text is broken into lines, and between words only where there are any.
func TestLongTextsAreBrokenAndNothingIsLost(t *testing.T) {
	text := strings.TrimSpace(strings.Repeat(hard+" ", 60))
	p := write(t, "bn", func(d *pdf.Document) { d.Paragraph(text) })
	pages := p.pages(t)
	if len(pages) < 2 {
		t.Fatalf("%d pages, want several", len(pages))
	}
	for i, page := range pages {
		lines := said(t, page)
		if foot := fmt.Sprintf("পাতা %d/%d", i+1, len(pages)); lines[len(lines)-1] != foot {
			t.Errorf("the foot of page %d is %q", i+1, lines[len(lines)-1])
		}
	}
	got := regexp.MustCompile(`পাতা \d+/\d+ ?`).ReplaceAllString(p.all(t), "")
	if strings.TrimSpace(got) != text {
		t.Error("words were lost or torn")
	}
	one := strings.Repeat("ক্ষ্মা", 400)
	torn := write(t, "bn", func(d *pdf.Document) { d.Paragraph(one) })
	if got := strings.ReplaceAll(torn.all(t), " ", ""); got != one+"পাতা1/1" {
		t.Errorf("a word longer than a line was lost: %d letters of %d", len([]rune(got)), len([]rune(one)))
	}
}

// Letters join as the script wants it: a conjunct is one glyph, and the vowel that is written first is drawn first.
func TestBanglaIsShaped(t *testing.T) {
	draw := func(text string) []string {
		page := write(t, "bn", func(d *pdf.Document) { d.Paragraph(text) }).pages(t)[0]
		cut := strings.Index(page, "EMC")
		return drawn(page[:cut])
	}
	if got := draw("ক্ষ"); len(got) != 1 {
		t.Errorf("ক্ষ is drawn as %v, want one glyph", got)
	}
	ka, ki := draw("ক"), draw("কি")
	if len(ki) != 2 || ki[1] != ka[0] {
		t.Errorf("কি is drawn as %v, want the vowel before %v", ki, ka)
	}
	if got := draw("AB"); len(got) != 2 || got[0][0] == ka[0][0] {
		t.Errorf("AB is drawn as %v, want the other font than that of %v", got, ka)
	}
	bold := write(t, "bn", func(d *pdf.Document) { d.Heading(2, "ক") }).pages(t)[0]
	if got := drawn(bold[:strings.Index(bold, "EMC")]); got[0][0] == ka[0][0] {
		t.Errorf("a heading is drawn with the font of the text: %v", got)
	}
}

// Every glyph that is drawn stands for a text, for readers that know no ActualText: all of a cluster by its first glyph.
func TestGlyphsSayWhatTheyAre(t *testing.T) {
	p := write(t, "bn", func(d *pdf.Document) { d.Paragraph("ক্ষ কি AB") })
	known := map[string]string{}
	for _, object := range p.objects {
		if !strings.Contains(object, "/FlateDecode") {
			continue
		}
		if content := unpacked(t, object); strings.Contains(content, "begincmap") {
			for _, m := range chars.FindAllStringSubmatch(content, -1) {
				known[from16(t, m[2])] = m[1]
			}
		}
	}
	for _, text := range []string{"ক্ষ", "কি", "A", "B"} {
		if known[text] == "" {
			t.Errorf("no glyph stands for %s: %v", text, known)
		}
	}
}

func TestNothingStandsOutsideThePage(t *testing.T) {
	p := write(t, "en", func(d *pdf.Document) {
		d.Heading(1, strings.Repeat("Heading ", 40))
		var rows [][]string
		for range 120 {
			rows = append(rows, []string{hard, strings.Repeat("x", 200), "short", "১"})
		}
		d.Table(pdf.Table{Head: []string{"one", "two", "three", "four"}, Weights: []float64{4, 2, 1, 1}, Rows: rows})
	})
	n := 0
	for _, page := range p.pages(t) {
		for _, m := range matrix.FindAllStringSubmatch(page, -1) {
			x, _ := strconv.ParseFloat(m[1], 64)
			y, _ := strconv.ParseFloat(m[2], 64)
			if n++; x < 50 || x > 545 || y < 20 || y > 800 {
				t.Fatalf("a glyph stands at %v, %v", x, y)
			}
		}
	}
	if n < 1000 {
		t.Errorf("only %d places were looked at", n)
	}
}

func TestATableSaysItsHeadOnEachPage(t *testing.T) {
	p := write(t, "en", func(d *pdf.Document) {
		var rows [][]string
		for i := range 150 {
			rows = append(rows, []string{fmt.Sprintf("row%d.", i), "what"})
		}
		rows = append(rows, []string{"long.", strings.Repeat("much more ", 1500)}) // on more than one page
		d.Table(pdf.Table{Head: []string{"When", "What"}, Rows: rows})
	})
	pages := p.pages(t)
	if len(pages) < 6 {
		t.Fatalf("%d pages", len(pages))
	}
	for i, page := range pages {
		if lines := said(t, page); lines[0] != "When" || lines[1] != "What" {
			t.Errorf("page %d begins with %q", i+1, lines[:2])
		}
	}
	text := p.all(t)
	for i := range 150 {
		if strings.Count(text, fmt.Sprintf("row%d.", i)) != 1 {
			t.Errorf("row %d does not stand there once", i)
		}
	}
	if n := strings.Count(text, "much more"); n != 1500 {
		t.Errorf("%d of 1500 words are left", n)
	}
}

// A heading never stands alone at the foot of a page.
func TestAHeadingStaysWithItsText(t *testing.T) {
	for n := range 40 {
		p := write(t, "en", func(d *pdf.Document) {
			for range n + 20 {
				d.Paragraph("line")
			}
			d.Heading(2, "Heading")
			d.Heading(3, "its text")
			d.Paragraph("more")
		})
		for i, page := range p.pages(t) {
			lines := said(t, page)
			for at, l := range lines {
				if l == "Heading" && lines[at+1] != "its text" {
					t.Errorf("after %d lines, page %d: the heading is followed by %q", n+20, i+1, lines[at+1])
				}
			}
		}
	}
}

// The table of objects leads to each, so that strict readers open the file.
func TestEveryObjectIsWhereItIsSaidToBe(t *testing.T) {
	p := write(t, "bn", func(d *pdf.Document) { d.Paragraph(hard) })
	start := regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`).FindSubmatch(p.text)
	at, _ := strconv.Atoi(string(start[1]))
	lines := strings.Split(string(p.text[at:]), "\n")
	if lines[0] != "xref" || lines[1] != fmt.Sprintf("0 %d", len(p.objects)+1) {
		t.Fatalf("the table begins with %q for %d objects", lines[:2], len(p.objects))
	}
	for n := 1; n <= len(p.objects); n++ {
		if len(lines[n+2]) != 19 {
			t.Errorf("line %q is not of twenty bytes", lines[n+2])
		}
		offset, _ := strconv.Atoi(lines[n+2][:10])
		if want := fmt.Sprintf("%d 0 obj\n", n); !bytes.HasPrefix(p.text[offset:], []byte(want)) {
			t.Errorf("object %d is not at %d", n, offset)
		}
	}
	for _, reference := range regexp.MustCompile(`(\d+) 0 R`).FindAllStringSubmatch(string(p.text), -1) {
		if n, _ := strconv.Atoi(reference[1]); p.objects[n] == "" {
			t.Errorf("nothing is object %d", n)
		}
	}
	if title := from16(t, regexp.MustCompile(`/Title <FEFF([0-9A-F]+)>`).FindStringSubmatch(p.objects[3])[1]); title != "ত্রৈমাসিক" {
		t.Errorf("the title is %q", title)
	}
}

func TestTheSameContentGivesTheSameBytes(t *testing.T) {
	put := func(d *pdf.Document) { d.Heading(1, "ক"); d.Paragraph(hard) }
	if one, other := write(t, "bn", put), write(t, "bn", put); !bytes.Equal(one.text, other.text) {
		t.Error("two papers of the same content differ")
	}
}

// A page holds the shapes that it uses and no more.
func TestAPaperIsSmall(t *testing.T) {
	small := write(t, "en", func(d *pdf.Document) { d.Paragraph("a") })
	large := write(t, "bn", func(d *pdf.Document) { d.Heading(1, hard); d.Paragraph(hard) })
	t.Logf("a letter %d bytes, a page with both scripts in two weights %d", len(small.text), len(large.text))
	if len(small.text) > 25_000 || len(large.text) > 70_000 || len(small.text) >= len(large.text) {
		t.Errorf("%d and %d bytes", len(small.text), len(large.text))
	}
}

// hostile are texts that break programs.
func hostile() []string {
	return []string{"", " ", "\n\n", "a\x00b", "\xff\xfe", "\u202egnirts", "é\u0301", "R" + strings.Repeat("\u0301", 300), "👩🏽‍🌾🇧🇩", "العربية", "हिन्दी", "漢字", "\ufffe\U0001ffff",
		"(\\)<>/%[]{}", strings.Repeat("ক", 5000), strings.Repeat(" ", 5000), "্", "িি", "\u200d\u200c", "\u09cd\u200d", "\u2028a\u2029", "a\tb\rc\r\nd\ve\ff"}
}

func TestHostileTextsAreWritten(t *testing.T) {
	for _, text := range hostile() {
		p := write(t, "bn", func(d *pdf.Document) {
			d.Heading(1, text)
			d.Heading(3, text)
			d.Paragraph(text)
			d.Remark(text)
			d.Facts([]pdf.Fact{{text, text}, {}})
			d.Table(pdf.Table{Head: []string{text, text}, Rows: [][]string{{text, text, text}, {}, {text}}})
		})
		p.all(t)
	}
}

func FuzzParagraph(f *testing.F) {
	for _, text := range append(hostile(), hard) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 5000 {
			return
		}
		write(t, "bn", func(d *pdf.Document) { d.Paragraph(text) }).all(t)
	})
}

func BenchmarkFiftyPages(b *testing.B) {
	for b.Loop() {
		write(b, "bn", func(d *pdf.Document) {
			for range 300 {
				d.Paragraph(strings.Repeat(hard+" ", 3))
			}
		})
	}
}

// With PDF_SAMPLE set to a path, a sample is written there, to be looked at.
func TestSample(t *testing.T) {
	at := os.Getenv("PDF_SAMPLE")
	if at == "" {
		at = filepath.Join(t.TempDir(), "sample.pdf")
	}
	p := write(t, "bn", func(d *pdf.Document) {
		d.Heading(1, "আপনার সম্পর্কে যা রাখা আছে")
		d.Paragraph(hard)
		d.Heading(2, "প্রশ্ন ও উত্তর")
		d.Facts([]pdf.Fact{{Label: "নাম", Value: "রহিমা খাতুন"}, {Label: "Number", Value: "01712345678"}, {Label: "লম্বা", Value: hard + hard}})
		d.Heading(3, "টেবিল")
		d.Table(pdf.Table{Head: []string{"কবে", "কী", "Where"}, Rows: [][]string{{"১ মে ১৯৯০", hard, "Dhaka"}, {"২ মে", "second", "Sylhet"}}})
		d.Remark("ছোট লেখা " + hard)
	})
	if err := os.WriteFile(at, p.text, 0o600); err != nil {
		t.Fatal(err)
	}
}
