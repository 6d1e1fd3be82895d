// SPDX-License-Identifier: Apache-2.0

package pdf

// Table is rows of cells below a head that is said again on each page.
type Table struct {
	Head    []string
	Weights []float64 // how wide the columns are, beside one another; alike when nil
	Rows    [][]string
	Right   []bool // columns that end on the right, such as numbers; none when nil
	Last    bool   // the last row is the whole, and stands in bold
}

// cell is the lines of a cell, and where they begin, or where they end when that is not zero.
type cell struct {
	lines []line
	x     float64
	end   float64
}

// at is where a line of the cell begins.
func (c cell) at(l line) float64 {
	if c.end == 0 {
		return c.x
	}
	return max(c.x, c.end-l.width())
}

// rowSpace is free above and below the text of a row.
const rowSpace = 2.5

// Table writes a table. A row stays whole if it fits on a page.
func (d *Document) Table(t Table) {
	head := func() {
		d.row(d.cells(t, t.Head, heads()), heads().leading(), nil)
		d.rule(d.y, 0.3)
		d.y += rowSpace
	}
	if !d.room(5 * cells().leading()) {
		d.turn()
	}
	head()
	for i, texts := range t.Rows {
		s := cells()
		if t.Last && i == len(t.Rows)-1 {
			s = heads()
		}
		d.row(d.cells(t, texts, s), s.leading(), head)
		d.y += rowSpace
		d.rule(d.y, 0.85)
		d.y += rowSpace
	}
	d.y += 6
}

// cells sets the texts of a row into the columns. Texts for which there is no column are not set.
func (d *Document) cells(t Table, texts []string, s style) (all []cell) {
	total := 0.0
	for i := range t.Head {
		total += t.weight(i)
	}
	x := marginSide
	for i := range min(len(t.Head), len(texts)) {
		width := textWidth * t.weight(i) / total
		c := cell{lines: d.setter.lines(texts[i], s, width-columnSpace), x: x}
		if i < len(t.Right) && t.Right[i] {
			c.end = x + width - columnSpace
		}
		all = append(all, c)
		x += width
	}
	return all
}

func (t Table) weight(i int) float64 {
	if i < len(t.Weights) {
		return t.Weights[i]
	}
	return 1
}

// row puts cells beside one another. What does not fit goes to the next page, below the head if there is one; a row that fits
// on no page is cut between its lines.
func (d *Document) row(row []cell, leading float64, head func()) {
	turn := func() {
		d.turn()
		if head != nil {
			head()
		}
	}
	n := 0
	for _, c := range row {
		n = max(n, len(c.lines))
	}
	const most = (pageHeight - marginTop - marginFoot) * 0.6
	if height := float64(n) * leading; !d.room(min(height, most)) && !d.fresh() {
		turn()
	}
	for done := 0; done < n; {
		if !d.room(leading) {
			turn()
		}
		fit := min(n-done, max(1, int((pageHeight-marginFoot-d.y)/leading)))
		for _, c := range row { // one cell after the other, so that what is copied is not torn
			for i := done; i < min(done+fit, len(c.lines)); i++ {
				d.put(c.lines[i], c.at(c.lines[i]), d.y+float64(i-done)*leading)
			}
		}
		d.y += float64(fit) * leading
		done += fit
	}
}
