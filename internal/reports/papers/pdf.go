// SPDX-License-Identifier: Apache-2.0

package papers

import (
	"io"

	"fera/internal/pdf"
	"fera/internal/reports/content"
)

// pdf writes the report twice: the first time to learn on which page each part begins.
func (p paper) pdf(to io.Writer) error {
	_, pages, err := p.set(map[string]int{})
	if err != nil {
		return err
	}
	d, _, err := p.set(pages)
	if err != nil {
		return err
	}
	text, err := d.Bytes()
	if err != nil {
		return err
	}
	_, err = to.Write(text)
	return err
}

// set sets the paper, and returns where each part begins.
func (p paper) set(known map[string]int) (*pdf.Document, map[string]int, error) {
	made := p.Content.Counted
	if p.Stamp.Issued() {
		made = p.Stamp.At
	}
	d, err := pdf.New(pdf.Options{Title: p.title(), Lang: p.lang, Made: made, Footer: p.foot})
	if err != nil {
		return nil, nil, err
	}
	pages := map[string]int{}
	d.Heading(1, p.title())
	if p.Stamp.Issued() {
		d.Paragraph(p.s.T("report.number", "number", p.Stamp.Number, "issue", p.Stamp.Issue))
	} else {
		d.Paragraph(p.s.T("report.draft_said"))
	}
	var facts []pdf.Fact
	for _, f := range p.facts() {
		facts = append(facts, pdf.Fact{Label: f.label, Value: f.value})
	}
	d.Facts(facts)
	p.contents(d, known)
	begin := func(title string) {
		d.Heading(2, title)
		pages[title] = d.Page()
	}
	for _, s := range p.Content.Sections {
		begin(s.Title.In(p.lang))
		switch {
		case s.Money && !p.Money:
			d.Remark(p.s.T("report.money_left_out"))
		case !s.Text.Empty():
			d.Paragraph(s.Text.In(p.lang))
		case len(s.Figures) == 0:
			d.Remark(p.s.T("report.unwritten"))
		}
		for _, f := range s.Figures {
			p.figure(d, f)
		}
	}
	if len(p.Content.Lessons) > 0 {
		begin(p.s.T("report.lessons"))
		for _, l := range p.Content.Lessons {
			d.Heading(3, l.About.In(p.lang))
			d.Paragraph(l.Text.In(p.lang))
		}
	}
	return d, pages, nil
}

func (p paper) contents(d *pdf.Document, pages map[string]int) {
	t := pdf.Table{Head: []string{p.s.T("report.contents"), p.s.T("report.page")}, Weights: []float64{6, 1}, Right: []bool{false, true}}
	add := func(title string) { t.Rows = append(t.Rows, []string{title, p.s.Number(pages[title])}) }
	for _, s := range p.Content.Sections {
		add(s.Title.In(p.lang))
	}
	if len(p.Content.Lessons) > 0 {
		add(p.s.T("report.lessons"))
	}
	d.Table(t)
}

// mostBars is how many rows are drawn as bars; longer tables are tables alone.
const mostBars = 14

func (p paper) figure(d *pdf.Document, f content.Figure) {
	d.Heading(3, f.Title.In(p.lang))
	t := pdf.Table{Head: p.head(f), Weights: []float64{3}, Right: []bool{false}}
	for _, c := range f.Columns {
		t.Weights, t.Right = append(t.Weights, map[bool]float64{true: 1.7, false: 1.1}[c.Says]), append(t.Right, !c.Says)
	}
	switch n := len(f.Columns); {
	case n == 1:
		t.Weights = []float64{5, 1}
	case n > 5:
		t.Weights[0] = 2.2 // so that the heads of many columns are not torn
	}
	for _, r := range f.Rows {
		t.Rows = append(t.Rows, p.row(r))
	}
	if t.Last = f.Whole != nil; t.Last {
		t.Rows = append(t.Rows, p.row(*f.Whole))
	}
	if len(t.Rows) == 0 {
		d.Remark(p.s.T("report.no_rows"))
	} else {
		d.Bars(p.bars(f))
		d.Table(t)
	}
	for _, said := range p.says(f) {
		d.Remark(said)
	}
}

// bars are the rows of a figure whose only number is told apart by one thing.
func (p paper) bars(f content.Figure) (all []pdf.Bar) {
	if len(f.Columns) != 1 || !f.Columns[0].Adds || len(f.Rows) < 2 || len(f.Rows) > mostBars {
		return nil
	}
	for _, r := range f.Rows {
		v := r.Values[0]
		all = append(all, pdf.Bar{Label: r.Title.In(p.lang), Said: v.Spoken(p.s), Part: float64(v.N)})
	}
	return all
}
