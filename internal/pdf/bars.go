// SPDX-License-Identifier: Apache-2.0

package pdf

// Bar is an amount with its name. What it comes to stands behind it in words.
type Bar struct {
	Label string
	Said  string
	Part  float64
}

// The measures of bars, in points.
const (
	barLabels = textWidth * 0.36
	barNumber = textWidth * 0.14
	barWidest = textWidth - barLabels - barNumber - columnSpace
	barHeight = 8.0
)

// Bars draws amounts below one another, each as long as it is beside the greatest. The table that says the same stands beside it.
func (d *Document) Bars(bars []Bar) {
	most := 0.0
	for _, b := range bars {
		most = max(most, b.Part)
	}
	if most <= 0 {
		return
	}
	for _, b := range bars {
		name := d.setter.lines(b.Label, cells(), barLabels-columnSpace)
		height := float64(len(name)) * cells().leading()
		if !d.room(height) && !d.fresh() {
			d.turn()
		}
		p := &d.pages[len(d.pages)-1]
		width := max(0, b.Part/most*barWidest)
		if width > 0 {
			p.boxes = append(p.boxes, box{marginSide + barLabels, d.y + 3.2, max(0.8, width), barHeight, 0.45})
		}
		for i, l := range name {
			d.put(l, marginSide, d.y+float64(i)*cells().leading())
		}
		for _, l := range d.setter.lines(b.Said, cells(), barNumber)[:1] {
			d.put(l, marginSide+barLabels+width+5, d.y)
		}
		d.y += height + 2
	}
	d.y += 6
}
