// SPDX-License-Identifier: Apache-2.0

package counted

import (
	"slices"
	"strconv"

	"fera/internal/dates"
	"fera/internal/indicators"
	"fera/internal/projects"
	"fera/internal/reports/content"
)

// money is the budget of the project up to the end of the period against what came in and went out in it and until then. Currencies
// are never added.
func (c *counter) money() (content.Figure, error) {
	f := content.Figure{Code: "money", Title: say("report.figure.money")}
	keys := []string{"budget", "spent_period", "spent", "disbursed", "left"}
	for _, key := range keys {
		f.Columns = append(f.Columns, column(key, "report.column."+key, false))
	}
	book, err := projects.Money(c.ctx, c.q, c.Who, c.Project.ID)
	if err != nil {
		return f, err
	}
	end := content.Period{From: 0, To: c.Period.To}
	until := slices.DeleteFunc(slices.Clone(book), func(e projects.Entry) bool { return e.Kind != projects.Budget && !end.Holds(e.On) })
	inside := slices.DeleteFunc(slices.Clone(until), func(e projects.Entry) bool { return !c.Period.Holds(e.On) })
	spent := map[[2]string]int64{}
	for _, t := range projects.Totals(inside) {
		spent[[2]string{t.Line, t.Currency}] = t.Sums[projects.Spent]
	}
	for _, t := range projects.Totals(until) {
		name := say("project.line_none")
		for _, l := range c.Project.Lines {
			if l.Code == t.Line {
				name = content.Words{Bn: l.Code + " " + l.Name("bn"), En: l.Code + " " + l.Name("en")}
			}
		}
		amounts := []int64{t.Sums[projects.Budget], spent[[2]string{t.Line, t.Currency}], t.Sums[projects.Spent], t.Sums[projects.Disbursed], t.Left()}
		row := content.Row{Key: t.Line + ":" + t.Currency, Title: name}
		for _, n := range amounts {
			row.Values = append(row.Values, content.Value{Is: content.Cents, N: n, Unit: t.Currency})
		}
		f.Rows = append(f.Rows, row)
	}
	if len(f.Rows) == 0 {
		f.Notes = append(f.Notes, say("report.note.no_money"))
	}
	return f, nil
}

// typed are the figures of the period that were typed in, each beside its parts. For a report of a project there are none: what was
// published of it is in its results.
func (c *counter) typed() (all []content.Figure, err error) {
	if c.Project != nil {
		return nil, nil
	}
	known, err := indicators.List(c.ctx, c.q, teller(), dates.Of(c.q.Now()))
	for _, i := range known {
		if err != nil {
			return nil, err
		}
		var entered []indicators.Typed
		entered, err = indicators.Entered(c.ctx, c.q, teller(), i.Code)
		for n, t := range entered {
			if !c.Period.Holds(t.From) || !c.Period.Holds(t.To) {
				continue
			}
			f := content.Figure{Code: "typed:" + i.Code + ":" + strconv.Itoa(n), Title: content.Words{Bn: i.NameBn, En: i.NameEn}, Columns: []content.Column{column("n", "report.column.n", true)}}
			for _, p := range t.Parts {
				f.Rows = append(f.Rows, content.Row{Key: p.Code, Title: content.Words{Bn: p.Code, En: p.Code}, Values: []content.Value{content.Of(p.N)}})
			}
			f.Whole = &content.Row{Key: "whole", Title: say("figure.whole"), Values: []content.Value{content.Of(t.Whole)}}
			if d := t.Difference(); d != 0 {
				f.Flags = append(f.Flags, content.Flag{Column: "n", Difference: d, Text: say("figure.note.typed", "n", int(max(d, -d)))})
			}
			f.Notes = append(f.Notes, content.Words{Bn: t.Source, En: t.Source})
			all = append(all, f)
		}
	}
	return all, err
}
