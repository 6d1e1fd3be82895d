// SPDX-License-Identifier: Apache-2.0

package counted

import (
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/projects"
	"fera/internal/reports/content"
	"fera/internal/words"
)

// results are the results of the project with their indicators: where it began, what was aimed at, what was published, and what the
// records come to beside that.
func (c *counter) results() (content.Figure, error) {
	f := content.Figure{Code: "results", Title: say("report.figure.results")}
	for _, key := range []string{"baseline", "target", "published", "records"} {
		f.Columns = append(f.Columns, column(key, "report.column."+key, false))
	}
	f.Columns = append(f.Columns, content.Column{Key: "verdict", Title: say("report.column.verdict"), Says: true})
	nothing := content.Value{Is: content.Nothing}
	for _, l := range c.Project.Chain() {
		level := say("project.level." + string(l.Level))
		title := content.Words{Bn: level.Bn + ": " + l.Title("bn"), En: level.En + ": " + l.Title("en")}
		f.Rows = append(f.Rows, content.Row{Key: "result:" + l.Code, Title: title, Depth: l.Depth, Values: []content.Value{nothing, nothing, nothing, nothing, nothing}})
		for _, m := range l.Indicators {
			row, notes, err := c.measured(m)
			if err != nil {
				return f, err
			}
			row.Key, row.Depth = l.Code+"/"+row.Key, l.Depth+1
			f.Rows, f.Notes = append(f.Rows, row), append(f.Notes, notes...)
		}
	}
	return f, nil
}

// measured is one indicator of a result.
func (c *counter) measured(m projects.Measured) (row content.Row, notes []content.Words, err error) {
	row = content.Row{Key: m.Indicator, Title: content.Words{Bn: m.Title("bn"), En: m.Title("en")}}
	unit := map[string]string{"percent": "%"}[m.Unit]
	values := map[string]content.Value{}
	for _, key := range []string{"baseline", "target", "published", "records"} {
		values[key] = content.Value{Is: content.Nothing}
	}
	if m.Baseline != nil {
		values["baseline"] = content.Hundredths(m.Baseline.Value, unit)
	}
	if t := c.aimed(m.Targets); t != nil {
		values["target"] = content.Hundredths(t.Value, unit)
	}
	published, same := c.published(m.Published)
	if published != nil {
		values["published"] = content.Hundredths(published.Value, unit)
		if published.Says != "" {
			notes = append(notes, content.Words{Bn: row.Title.Bn + ": " + published.Says, En: row.Title.En + ": " + published.Says})
		}
	}
	i, err := c.definition(m.Indicator)
	switch {
	case err != nil && fault.KindOf(err) == fault.NotFound: // a project may name indicators that nothing here counts
	case err != nil:
		return row, notes, err
	default:
		r, err := c.measure(i, c.Period)
		if err != nil {
			return row, notes, err
		}
		values["records"], row.Protected = c.told(r), r.protected
	}
	row.Values = []content.Value{values["baseline"], values["target"], values["published"], values["records"],
		{Is: content.Said, Text: verdict(values["published"], values["records"], same)}}
	return row, notes, nil
}

// verdict says how what was published and what the records come to stand to one another.
func verdict(published, records content.Value, same bool) content.Words {
	switch {
	case records.Is == content.Hidden:
		return say("report.verdict.hidden")
	case records.Is == content.Nothing:
		return say("report.verdict.uncounted")
	case published.Is == content.Nothing:
		return say("report.verdict.unpublished")
	case !same:
		return say("report.verdict.other_months")
	case whole(published) == whole(records):
		return say("report.verdict.agrees")
	}
	d := whole(published) - whole(records)
	key := "report.verdict.published_more"
	if d < 0 {
		key = "report.verdict.published_less"
	}
	bn, en := words.In(words.Bangla), words.In(words.English)
	n := content.Hundredths(max(d, -d), "")
	return content.Words{Bn: bn.T(key, "n", n.Spoken(bn)), En: en.T(key, "n", n.Spoken(en))}
}

// whole is a value in hundredths, so that a number and an amount can be compared.
func whole(v content.Value) int64 {
	if v.Is == content.Cents {
		return v.N
	}
	return v.N * 100
}

// aimed is the target for the period, or else that of the time which the period lies in or reaches into, the latest one.
func (c *counter) aimed(all []projects.Figure) (t *projects.Figure) {
	for i := range all {
		p, exact := months(all[i])
		if exact && p == c.Period && all[i].Place == "" {
			return &all[i]
		}
		if p.From <= c.Period.To && p.To >= c.Period.From && all[i].Place == "" {
			t = &all[i]
		}
	}
	return t
}

// published is what was published for just this period, or else the latest that was.
func (c *counter) published(all []projects.Figure) (p *projects.Figure, same bool) {
	for i := range all {
		if all[i].Place != "" {
			continue
		}
		if of, exact := months(all[i]); exact && of == c.Period {
			return &all[i], true
		}
		p = &all[i]
	}
	return p, false
}

// months are those of a figure's time, and whether it is made of whole months.
func months(f projects.Figure) (content.Period, bool) {
	from, until := f.From.Earliest(), f.From.Latest()
	if !f.Until.IsZero() {
		until = f.Until.Latest()
	}
	p := content.Period{From: from.Year*100 + from.Month, To: until.Year*100 + until.Month}
	end := dates.Partial{Year: until.Year, Month: until.Month}.Latest()
	return p, from.Day == 1 && until == end
}
