// SPDX-License-Identifier: Apache-2.0

package open

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"fera/internal/db"
	"fera/internal/indicators"
	"fera/internal/indicators/tables"
	"fera/internal/release"
	"fera/internal/web/kit"
	"fera/internal/web/plots"
	"fera/internal/web/site"
	"fera/internal/words"
)

// drawn is a table as its page shows it: the whole, and each way with its plot and the table under it.
type drawn struct {
	S       *words.Speaker
	Total   string
	Columns []kit.Column
	Whole   []kit.Row
	Ways    []way
	Floor   int
	Merged  bool // something is shown together
	Hidden  bool // something is not shown
}

// way is one way in which the whole is told apart.
type way struct {
	Title   string
	Plot    plots.Bars
	Columns []kit.Column
	Rows    []kit.Row
	None    bool // it could only be shown as the whole
}

// mostDrawn is how many bars a plot has; the table has all.
const mostDrawn = 16

// draw says an answer in the reader's language.
func draw(s *words.Speaker, n release.Namer, a tables.Answer) drawn {
	d := drawn{S: s, Total: s.Number(int(a.Whole.Total)), Floor: int(a.Floor)}
	head := []kit.Column{{Label: ""}, {Label: s.T("figure.whole"), Number: true}}
	for _, codes := range a.Columns {
		d.Merged = d.Merged || len(codes) > 1
		head = append(head, kit.Column{Label: sexes(s, codes), Number: true})
	}
	d.Columns = head
	d.Columns[0].Label = s.T("open.what")
	d.Whole = []kit.Row{d.row(s.T("figure.whole"), a.Whole, len(head))}
	for _, w := range a.Ways {
		columns := append([]kit.Column{{Label: release.WayName(s, w.Code)}}, head[1:]...)
		one := way{Title: s.T("open.by", "way", release.WayName(s, w.Code)), Columns: columns, None: len(w.Rows) == 0}
		one.Plot.Said = one.Title
		if !split(w.Rows) { // nobody wants to read that nothing is shown again and again
			one.Columns = columns[:2]
			d.Hidden = d.Hidden || !one.None
		}
		d.rows(&one, n, w.Code, "", w.Rows)
		d.Ways = append(d.Ways, one)
	}
	return d
}

// sexes says who is counted in a column.
func sexes(s *words.Speaker, codes []string) string {
	all := make([]string, len(codes))
	for i, code := range codes {
		all[i] = s.T("open.sex." + cmp.Or(code, release.Unknown))
	}
	return strings.Join(all, " + ")
}

// split tells whether the sexes are shown in any of the rows.
func split(rows []tables.Shown) bool {
	return slices.ContainsFunc(rows, func(r tables.Shown) bool { return r.Split != nil || split(r.Parts) })
}

// rows adds rows with their parts, and draws those that are no parts.
func (d *drawn) rows(to *way, n release.Namer, code, within string, rows []tables.Shown) {
	for _, r := range rows {
		label := n.Codes(d.S, code, r.Codes)
		d.Merged = d.Merged || len(r.Codes) > 1
		if within == "" && len(to.Plot.Bars) < mostDrawn {
			short := label
			if len(r.Codes) > 2 {
				short = d.S.T("open.together", "count", len(r.Codes))
			}
			to.Plot.Bars = append(to.Plot.Bars, plots.Bar{Label: short, Said: d.S.Number(int(r.Total)), Parts: []float64{float64(r.Total)}})
		}
		to.Rows = append(to.Rows, d.row(within+label, r, len(to.Columns)))
		d.rows(to, n, code, label+" › ", r.Parts)
	}
}

func (d *drawn) row(label string, r tables.Shown, columns int) kit.Row {
	row := kit.Row{Cells: []templ.Component{kit.Text(label), kit.Text(d.S.Number(int(r.Total)))}}
	for i := range columns - 2 {
		text := d.S.T("figure.hidden")
		if i < len(r.Split) {
			text = d.S.Number(int(r.Split[i]))
		} else {
			d.Hidden = true
		}
		row.Cells = append(row.Cells, kit.Text(text))
	}
	return row
}

type tableView struct {
	kit.Frame
	Other   kit.NavItem
	Back    string
	About   string
	Facts   []kit.Fact
	Lead    string
	Drawn   drawn
	Later   *kit.NavItem
	Issues  []kit.NavItem
	Years   []kit.NavItem
	CSV     string
	JSON    string
	Meta    string
	Note    string
	Licence release.Licence
	Cite    string
}

func (h room) table(r *site.Request, q db.Reader) (templ.Component, error) {
	all, i, err := found(r, q, r.PathValue("code"), r.PathValue("year"))
	if err != nil {
		return nil, err
	}
	n, err := release.NamerOf(r.Context(), q, i.Code)
	if err != nil {
		return nil, err
	}
	at, err := h.place(r, q)
	if err != nil {
		return nil, err
	}
	s, year := r.S, strconv.Itoa(i.Year)
	rest := "/tables/" + i.Code + "/" + year
	title := at.Titled(s, n.Title(s.Lang())) + ", " + s.Digits(year)
	v := tableView{Back: address(s.Lang(), ""), About: address(s.Lang(), "/about"), Lead: indicators.How(s, n.Indicator), Drawn: draw(s, n, i.Answer), Note: i.Note, Licence: h.licence}
	v.Frame, v.Other = frame(r, at, title, rest)
	query := ""
	if i.Issue < len(all) {
		query = "?issue=" + strconv.Itoa(i.Issue)
		v.Other.Href += query
		v.Later = &kit.NavItem{Href: address(s.Lang(), rest), Label: s.T("open.later", "issue", s.Number(len(all)))}
	}
	file := "/open/v1/tables/" + i.Code + "/" + year
	v.CSV, v.JSON, v.Meta = file+".csv"+query, file+".json"+query, file+".csv-metadata.json"
	v.Facts = []kit.Fact{
		{Label: s.T("open.year"), Value: s.T("open.year_whole", "year", s.Digits(year))},
		{Label: s.T("open.issue"), Value: s.T("open.issue_of", "issue", s.Number(i.Issue), "day", day(s, i))},
		{Label: s.T("open.licence"), Value: h.licence.Name},
	}
	v.Cite = s.T("open.cite_form", "title", title, "issue", s.Number(i.Issue), "day", day(s, i), "address", at.Origin+address(s.Lang(), rest))
	for _, other := range all {
		v.Issues = append(v.Issues, kit.NavItem{Href: address(s.Lang(), rest) + "?issue=" + strconv.Itoa(other.Issue), Label: s.T("open.issue_of", "issue", s.Number(other.Issue), "day", day(s, other)), Current: other.Issue == i.Issue})
	}
	by, err := editions(r, q)
	for _, e := range by[i.Code] {
		v.Years = append(v.Years, kit.NavItem{Href: tablePath(s.Lang(), e.Code, e.Year), Label: s.Digits(strconv.Itoa(e.Year)), Current: e.Year == i.Year})
	}
	return tablePage(v), err
}
