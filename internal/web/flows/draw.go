// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"strings"

	"github.com/a-h/templ"

	"fera/internal/referrals"
	"fera/internal/referrals/cover"
	"fera/internal/web/kit"
	"fera/internal/web/plots"
)

// mostDrawn is how many groups are drawn; the table has them all.
const mostDrawn = 12

// fill draws the figures and writes the tables under them.
func (v *view) fill(d drawn) {
	last := len(d.groups)
	v.Funnel = plots.Bars{Said: d.told(last)}
	for _, s := range onward() {
		v.Funnel.Bars = append(v.Funnel.Bars, plots.Bar{Label: d.s.T("flow.step." + string(s)), Said: d.withShare(last, s), Parts: d.parts(last, s)})
	}
	v.Days = plots.Bars{Said: d.s.T("flow.days")}
	for _, s := range timed() {
		bar := plots.Bar{Label: d.s.T("flow.step_days." + string(s)), Said: d.median(last, s)}
		if _, c := d.table.At(last, s); c == cover.Shown {
			bar.Parts = []float64{d.whole.Median[s]}
		}
		v.Days.Bars = append(v.Days.Bars, bar)
	}
	v.Groups = plots.Bars{Said: d.s.T("flow.groups_said")}
	for i := range d.groups[:min(len(d.groups), mostDrawn)] {
		v.Groups.Bars = append(v.Groups.Bars, d.group(i))
	}
	v.Onward = d.figures("flow.onward", "flow.step.", onward(), d.count)
	v.Leaks = d.figures("flow.leaks", "flow.step.", leaks(), d.count)
	v.Times = d.figures("flow.days", "flow.step_days.", timed(), d.median)
	v.Covered = d.table.Covered()
}

// parts is the bar of a count that is shown.
func (d drawn) parts(row int, s referrals.Step) []float64 {
	n, c := d.table.At(row, s)
	if c != cover.Shown {
		return nil
	}
	return []float64{float64(n)}
}

// group is the bar of a group: what was sent, of that what was agreed to, of that what she confirmed.
func (d drawn) group(i int) plots.Bar {
	b := plots.Bar{Label: d.names[i], Said: strings.Join([]string{d.count(i, "sent"), d.count(i, "agreed"), d.count(i, "confirmed")}, " · ")}
	for _, s := range []referrals.Step{"sent", "agreed", "confirmed"} {
		n, c := d.table.At(i, s)
		if c != cover.Shown {
			n = 0
		}
		b.Parts = append(b.Parts, float64(n))
	}
	return b
}

// count says a count, or why it is not said.
func (d drawn) count(row int, s referrals.Step) string {
	switch n, c := d.table.At(row, s); c {
	case cover.Small:
		return d.s.T("flow.few", "count", cover.Few)
	case cover.Beside:
		return d.s.T("flow.masked")
	default:
		return d.s.Number(n)
	}
}

// withShare says a count and what part of all that was sent it is.
func (d drawn) withShare(row int, s referrals.Step) string {
	said := d.count(row, s)
	n, c := d.table.At(row, s)
	sent, sentCover := d.table.At(row, "sent")
	if s == "sent" || c != cover.Shown || sentCover != cover.Shown || sent == 0 {
		return said
	}
	return d.s.T("flow.share", "number", said, "share", (200*n+sent)/(2*sent))
}

// median says how many days the middle one took, unless so few did that it would tell of one of them.
func (d drawn) median(row int, s referrals.Step) string {
	n, c := d.table.At(row, s)
	f := d.whole
	if row < len(d.groups) {
		f = d.groups[row]
	}
	switch {
	case c == cover.Small:
		return d.s.T("flow.few", "count", cover.Few)
	case c == cover.Beside:
		return d.s.T("flow.masked")
	case n == 0 || f.Group == others:
		return "–"
	}
	return days(d.s, f.Median[s])
}

// told says the whole in one sentence.
func (d drawn) told(row int) string {
	return d.s.T("flow.told", "sent", d.count(row, "sent"), "agreed", d.count(row, "agreed"), "served", d.count(row, "served"), "confirmed", d.count(row, "confirmed"))
}

// figures is a table of steps by group, with the whole below; one group alone is the whole.
func (d drawn) figures(title, prefix string, steps []referrals.Step, say func(row int, s referrals.Step) string) figures {
	f := figures{Title: d.s.T(title), Columns: []kit.Column{{Label: d.s.T("flow.by." + d.by)}}}
	for _, s := range steps {
		f.Columns = append(f.Columns, kit.Column{Label: d.s.T(prefix + string(s)), Number: true})
	}
	line := func(name string, row int) {
		cells := []templ.Component{kit.Text(name)}
		for _, s := range steps {
			cells = append(cells, kit.Text(say(row, s)))
		}
		f.Rows = append(f.Rows, kit.Row{Cells: cells})
	}
	for i, name := range d.names {
		line(name, i)
	}
	if len(d.groups) > 1 {
		line(d.s.T("flow.whole"), len(d.groups))
	}
	return f
}
