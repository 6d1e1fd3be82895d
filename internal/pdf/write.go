// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Bytes finishes the paper: the feet of the pages are written, and all of it.
func (d *Document) Bytes() ([]byte, error) {
	pages := d.footed()
	w := &writer{files: d.setter.files, used: make([]map[int]string, len(d.setter.files))}
	w.out.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	const catalogue, tree, info = 1, 2, 3
	w.at = make([]int, info+1)
	first := w.reserve(2 * len(pages))
	fontsAt := w.reserve(len(w.files))
	var kids, resources strings.Builder
	for i := range w.files {
		fmt.Fprintf(&resources, "/F%d %d 0 R ", i, fontsAt+i)
	}
	for i, p := range pages {
		at := first + 2*i
		fmt.Fprintf(&kids, "%d 0 R ", at)
		w.object(at, fmt.Sprintf("<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %s %s] /Contents %d 0 R /Resources << /Font << %s>> >> >>",
			tree, number(pageWidth), number(pageHeight), at+1, resources.String()))
		w.stream(at+1, "", w.content(p))
	}
	w.object(tree, fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", len(pages), kids.String()))
	for i := range w.files {
		w.font(fontsAt+i, i)
	}
	w.object(catalogue, fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R /Lang (%s) /ViewerPreferences << /DisplayDocTitle true >> >>", tree, d.options.Lang))
	made := ""
	if !d.options.Made.IsZero() {
		made = " /CreationDate (D:" + d.options.Made.UTC().Format("20060102150405") + "Z)"
	}
	w.object(info, "<< /Title "+text16(d.options.Title)+" /Producer (Fera)"+made+" >>")
	return w.finish(catalogue, info), nil
}

// footed are the pages with their feet.
func (d *Document) footed() []page {
	pages := slices.Clone(d.pages)
	if d.options.Footer == nil {
		return pages
	}
	for i := range pages {
		pages[i].lines = slices.Clone(pages[i].lines)
		for j, l := range d.setter.lines(d.options.Footer(i+1, len(pages)), small(), textWidth) {
			y := pageHeight - marginFoot + 24 + float64(j)*small().leading()
			pages[i].lines = append(pages[i].lines, placed{l, marginSide, y})
		}
	}
	return pages
}

// writer writes the objects that a paper is made of.
type writer struct {
	out   bytes.Buffer
	at    []int // where each object begins, by its number
	files []fontFile
	used  []map[int]string // the glyphs of each font, and what they stand for
}

func (w *writer) reserve(n int) (first int) {
	first = len(w.at)
	w.at = append(w.at, make([]int, n)...)
	return first
}

func (w *writer) object(n int, content string) {
	w.at[n] = w.out.Len()
	fmt.Fprintf(&w.out, "%d 0 obj\n%s\nendobj\n", n, content)
}

func (w *writer) stream(n int, more string, content []byte) {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	z.Write(content) // to memory: it cannot fail
	z.Close()
	w.object(n, fmt.Sprintf("<< /Length %d /Filter /FlateDecode%s >>\nstream\n%s\nendstream", packed.Len(), more, packed.String()))
}

func (w *writer) finish(catalogue, info int) []byte {
	start := w.out.Len()
	fmt.Fprintf(&w.out, "xref\n0 %d\n0000000000 65535 f \n", len(w.at))
	for _, at := range w.at[1:] {
		fmt.Fprintf(&w.out, "%010d 00000 n \n", at)
	}
	id := fmt.Sprintf("%x", sha256.Sum256(w.out.Bytes()))[:32]
	fmt.Fprintf(&w.out, "trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%s> <%s>] >>\nstartxref\n%d\n%%%%EOF\n", len(w.at), catalogue, info, id, id, start)
	return w.out.Bytes()
}

// content writes what stands on a page.
func (w *writer) content(p page) []byte {
	var b bytes.Buffer
	for _, r := range p.boxes {
		fmt.Fprintf(&b, "%s g %s %s %s %s re f\n", number(r.grey), number(r.x), number(pageHeight-r.y-r.height), number(r.width), number(r.height))
	}
	for _, r := range p.rules {
		fmt.Fprintf(&b, "%s G 0.6 w %s %s m %s %s l S\n", number(r.grey), number(r.x), number(pageHeight-r.y), number(r.x+r.width), number(pageHeight-r.y))
	}
	for _, l := range p.lines {
		if len(l.glyphs) == 0 {
			continue
		}
		fmt.Fprintf(&b, "/Span << /ActualText %s >> BDC\nBT %s g\n", text16(l.text), number(l.style.grey))
		w.glyphs(&b, l)
		b.WriteString("ET\nEMC\n")
	}
	return b.Bytes()
}

// glyphs writes the glyphs of a line: those that follow one another as wide as they are go together, each other to its place.
func (w *writer) glyphs(b *bytes.Buffer, l placed) {
	font, next, pen := -1, math.NaN(), 0.0
	run := ""
	flush := func() {
		if run != "" {
			fmt.Fprintf(b, "<%s> Tj\n", run)
			run = ""
		}
	}
	for _, g := range l.glyphs {
		if g.font != font {
			flush()
			font, next = g.font, math.NaN()
			fmt.Fprintf(b, "/F%d %s Tf\n", font, number(l.style.size))
		}
		if x := pen + g.x; g.y != 0 || !(math.Abs(x-next) < 0.5) {
			flush()
			fmt.Fprintf(b, "1 0 0 1 %s %s Tm\n", number(l.x+x*l.style.size/1000), number(pageHeight-l.y+g.y*l.style.size/1000))
			next = x
		}
		run += fmt.Sprintf("%04X", g.id)
		next += w.files[font].advance(g.id)
		if g.y != 0 {
			next = math.NaN() // what follows stands on the base again
		}
		pen += g.advance
		w.use(g)
	}
	flush()
}

// use notes that a glyph is used, and for what. One that begins a cluster stands for the text of all of it.
func (w *writer) use(g glyph) {
	if w.used[g.font] == nil {
		w.used[g.font] = map[int]string{}
	}
	if known := w.used[g.font][g.id]; known == "" {
		text := ""
		if g.first {
			text = g.cluster
		}
		w.used[g.font][g.id] = text
	}
}

// font writes a font with the glyphs that are used, or a standard one in the place of a font of which none are.
func (w *writer) font(n, which int) {
	f, used := w.files[which], w.used[which]
	if len(used) == 0 {
		w.object(n, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
		return
	}
	ids := slices.Sorted(maps.Keys(used))
	name := tag(ids) + "+" + f.name
	more := w.reserve(4)
	w.object(n, fmt.Sprintf("<< /Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>", name, more, more+1))
	var widths strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&widths, "%d [%s] ", id, number(f.advance(id)))
	}
	w.object(more, fmt.Sprintf("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor %d 0 R /CIDToGIDMap /Identity /DW 0 /W [%s] >>",
		name, more+2, widths.String()))
	w.stream(more+1, "", toUnicode(used))
	em := func(table string, at int) string {
		return number(float64(f.short(table, at)) * 1000 / float64(f.font.Upem()))
	}
	w.object(more+2, fmt.Sprintf("<< /Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [%s %s %s %s] /ItalicAngle 0 /Ascent %s /Descent %s /CapHeight 714 /StemV 80 /FontFile2 %d 0 R >>",
		name, em("head", 36), em("head", 38), em("head", 40), em("head", 42), em("hhea", 4), em("hhea", 6), more+3))
	outlines := f.subset(ids)
	w.stream(more+3, fmt.Sprintf(" /Length1 %d", len(outlines)), outlines)
}

// tag is the name of a part of a font: six letters that differ from those of another part.
func tag(ids []int) string {
	sum := sha256.Sum256(fmt.Append(nil, ids))
	var letters [6]byte
	for i := range letters {
		letters[i] = 'A' + sum[i]%26
	}
	return string(letters[:])
}

// toUnicode maps glyphs to text, for readers that do not know ActualText.
func toUnicode(used map[int]string) []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n" +
		"/CMapName /Adobe-Identity-UCS def /CMapType 2 def 1 begincodespacerange <0000> <FFFF> endcodespacerange\n")
	ids := slices.Sorted(maps.Keys(used))
	ids = slices.DeleteFunc(ids, func(id int) bool { return used[id] == "" })
	for some := range slices.Chunk(ids, 100) {
		fmt.Fprintf(&b, "%d beginbfchar\n", len(some))
		for _, id := range some {
			fmt.Fprintf(&b, "<%04X> <%s>\n", id, hex16(used[id]))
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap CMapName currentdict /CMap defineresource pop end end\n")
	return b.Bytes()
}

func text16(s string) string { return "<FEFF" + hex16(s) + ">" }

func hex16(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String()
}

func number(v float64) string {
	return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
}
