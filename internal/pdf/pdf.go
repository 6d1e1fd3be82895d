// SPDX-License-Identifier: Apache-2.0

// Package pdf writes papers: headings, paragraphs, facts and tables on A4 pages, in Bangla and English, with the right conjuncts.
//
// Text is shaped by the font's own rules. Each line carries what it says as plain text beside its glyphs (ActualText), so that
// searching and copying give back exactly what was written. The fonts are embedded, each with those glyphs alone that the paper
// uses. The same content gives the same bytes. What a paper says is for its caller; this package knows nothing of the work.
package pdf

import (
	"time"
)

// Options are what a paper is made with.
type Options struct {
	Title  string // as readers of documents show it
	Lang   string // "bn" or "en"
	Made   time.Time
	Footer func(page, pages int) string // the line at the foot of each page; none when nil
}

// A4, in points, and what is left free around the text.
const (
	pageWidth   = 595.28
	pageHeight  = 841.89
	marginSide  = 54.0
	marginTop   = 56.0
	marginFoot  = 64.0
	textWidth   = pageWidth - 2*marginSide
	columnSpace = 10.0
)

// style is how a text looks.
type style struct {
	size float64
	bold bool
	grey float64 // 0 is black
}

// leading is from one line to the next.
func (s style) leading() float64 { return s.size * 1.5 }

// The styles.
func body() style  { return style{size: 10.5} }
func label() style { return style{size: 10.5, grey: 0.32} }
func small() style { return style{size: 9, grey: 0.32} }
func cells() style { return style{size: 9.5} }
func heads() style { return style{size: 9.5, bold: true} }

func heading(level int) style {
	switch level {
	case 1:
		return style{size: 19, bold: true}
	case 2:
		return style{size: 13.5, bold: true}
	}
	return style{size: 11, bold: true}
}

// Document is a paper being written, from the top to the foot. It is for one goroutine.
type Document struct {
	options Options
	setter  *typesetter
	pages   []page
	y       float64 // where the next line begins, down from the top of the page
}

// page is what stands on one page.
type page struct {
	lines []placed
	rules []rule
	boxes []box
}

// box is a filled rectangle, its upper left corner at x and y.
type box struct{ x, y, width, height, grey float64 }

// placed is a line at its place: x from the left, y down from the top to its base.
type placed struct {
	line
	x, y float64
}

// rule is a thin line across.
type rule struct{ x, y, width, grey float64 }

// New begins a paper.
func New(o Options) (*Document, error) {
	t, err := newTypesetter(o.Lang)
	if err != nil {
		return nil, err
	}
	return &Document{options: o, setter: t, pages: make([]page, 1), y: marginTop}, nil
}

// Page is the number of the page on which the next line begins.
func (d *Document) Page() int { return len(d.pages) }

func (d *Document) turn() {
	d.pages = append(d.pages, page{})
	d.y = marginTop
}

// room tells whether so much fits below what is on the page.
func (d *Document) room(height float64) bool { return d.y+height <= pageHeight-marginFoot }

// fresh tells whether nothing is on the page yet.
func (d *Document) fresh() bool { return d.y == marginTop }

func (d *Document) put(l line, x, top float64) {
	p := &d.pages[len(d.pages)-1]
	p.lines = append(p.lines, placed{l, x, top + l.style.size*1.08})
}

func (d *Document) rule(y, grey float64) {
	p := &d.pages[len(d.pages)-1]
	p.rules = append(p.rules, rule{marginSide, y, textWidth, grey})
}

// flow puts lines below one another, over as many pages as they need.
func (d *Document) flow(lines []line) {
	for _, l := range lines {
		if !d.room(l.style.leading()) && !d.fresh() {
			d.turn()
		}
		d.put(l, marginSide, d.y)
		d.y += l.style.leading()
	}
}

// Heading writes a heading of level 1, 2 or 3. It stays with what follows it.
func (d *Document) Heading(level int, text string) {
	s := heading(level)
	lines := d.setter.lines(text, s, textWidth)
	if !d.fresh() {
		d.y += s.size * 0.8
	}
	below := 4.0
	if level < 3 {
		below = 7 // another heading may follow, with its text
	}
	if !d.room(float64(len(lines))*s.leading()+below*body().leading()) && !d.fresh() {
		d.turn()
	}
	d.flow(lines)
	if level < 3 {
		d.rule(d.y+1, 0.6)
		d.y += 6
	}
}

// Paragraph writes running text. Line ends in it are kept.
func (d *Document) Paragraph(text string) {
	d.flow(d.setter.lines(text, body(), textWidth))
	d.y += 4
}

// Remark writes running text in small grey letters.
func (d *Document) Remark(text string) {
	d.flow(d.setter.lines(text, small(), textWidth))
	d.y += 3
}

// Fact is something with its name.
type Fact struct{ Label, Value string }

// Facts writes facts below one another, the names on the left.
func (d *Document) Facts(facts []Fact) {
	const share = 0.32
	for _, f := range facts {
		d.row([]cell{
			{lines: d.setter.lines(f.Label, label(), textWidth*share-columnSpace), x: marginSide},
			{lines: d.setter.lines(f.Value, body(), textWidth*(1-share)), x: marginSide + textWidth*share},
		}, body().leading(), nil)
	}
	d.y += 7
}
