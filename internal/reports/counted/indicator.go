// SPDX-License-Identifier: Apache-2.0

package counted

import (
	"slices"
	"strings"

	"fera/internal/access"
	"fera/internal/activities"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/indicators"
	"fera/internal/indicators/definitions"
	"fera/internal/indicators/facts"
	"fera/internal/indicators/sources"
	"fera/internal/programmes"
	"fera/internal/reports/content"
	"fera/internal/reports/templates"
	"fera/internal/services"
)

// teller is who asks which indicators there are: that is open to who may read figures, and a report is drafted with them.
func teller() access.Actor { return access.System(access.ReadFigures) }

func (c *counter) definition(code string) (definitions.Indicator, error) {
	return indicators.Find(c.ctx, c.q, teller(), code, dates.Of(c.q.Now()))
}

// came is what an indicator came to for the project, and whether it can be counted for one.
type came struct {
	n         int64
	people    map[string]bool // whom it is about, where that is told by people
	protected bool
	kinds     map[string]bool // of protected services, of which it consists
	amount    bool            // n is money, in poisha
	counts    bool
}

// measure counts an indicator for the project in a period. Shares, means and what only the whole knows cannot be counted for one.
func (c *counter) measure(i definitions.Indicator, p content.Period) (r came, err error) {
	part := i.Counts
	if i.Of != nil || part.Count == definitions.Mean || len(part.Where) > 0 {
		return r, nil
	}
	wanted := func(kind string) bool { return len(part.Kinds) == 0 || slices.Contains(part.Kinds, kind) }
	m, known := sources.Find(part.Measure)
	switch {
	case !known || part.Measure == "assessed":
		return r, nil
	case !sources.OnPersons(part.Measure):
		for _, a := range c.of.held(p) {
			if wanted(a.kind) {
				r.n += a.of(part.Measure)
			}
		}
		r.counts = true
		return r, nil
	}
	events, err := c.of.events(c.ctx, c.q, part.Measure)
	if err != nil {
		return r, err
	}
	if m.Stock {
		p.From = 0
	}
	r.people, r.kinds, r.counts, r.protected, r.amount = map[string]bool{}, map[string]bool{}, true, m.Class == 3, part.Count == definitions.Amount
	for _, e := range during(events, p) {
		if !wanted(e.Kind) {
			continue
		}
		r.people[c.of.records[e.Person]] = true
		if e.Hidden {
			r.protected, r.kinds[e.Record] = true, true
		}
		switch part.Count {
		case definitions.Events:
			r.n += e.Events
		case definitions.Amount:
			r.n += e.Amount
		}
	}
	if part.Count == definitions.People {
		r.n = int64(len(r.people))
	}
	return r, nil
}

// of is what a measure comes to in one activity.
func (a act) of(measure string) int64 {
	switch {
	case measure == "activity":
		return a.times
	case measure == "households":
		return a.households
	case measure == "reached" && !a.estimate:
		return a.reached
	}
	return 0
}

// ofProject is an indicator of the project: the whole of it, or told apart by sex or place.
func (c *counter) ofProject(asked templates.Figure) (content.Figure, error) {
	i, err := c.definition(asked.Indicator)
	if err != nil {
		return content.Figure{}, err
	}
	f := content.Figure{Code: "indicator:" + i.Code + ":" + asked.By, Title: content.Words{Bn: i.NameBn, En: i.NameEn}, Columns: []content.Column{column("n", "report.column.n", true)}}
	whole, err := c.measure(i, c.Period)
	if err != nil {
		return f, err
	}
	f.Whole = &content.Row{Key: "whole", Title: say("figure.whole"), Protected: whole.protected, Values: []content.Value{c.told(whole)}}
	if asked.By == "" || whole.people != nil || !whole.counts {
		return f, nil
	}
	f.Title = by(i, asked.By)
	counts := map[string]int64{}
	for _, a := range c.of.held(c.Period) {
		if len(i.Counts.Kinds) > 0 && !slices.Contains(i.Counts.Kinds, a.kind) {
			continue
		}
		c.tell(counts, a, i.Counts.Measure, asked.By)
	}
	f.Rows = c.rows(counts, asked.By)
	return f, nil
}

// tell adds an activity to the parts that it belongs to. What is told of activities is of groups, and told as it is.
func (c *counter) tell(counts map[string]int64, a act, measure, by string) {
	switch {
	case by == "sex" && measure == "reached" && !a.estimate:
		for _, one := range a.cells {
			counts[strings.TrimPrefix(one.sex, "unknown")] += one.people
		}
	case by == "kind":
		counts[a.kind] += a.of(measure)
	case by == "upazila" || by == "district" || by == "division":
		counts[around(a.place, by)] += a.of(measure)
	}
}

func (c *counter) rows(counts map[string]int64, by string) (rows []content.Row) {
	var keys []string
	for key, n := range counts {
		if n != 0 {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b string) int { return compareKeys(by, a, b) })
	for _, key := range keys {
		rows = append(rows, content.Row{Key: key, Title: c.label(by, key), Values: []content.Value{content.Of(counts[key])}})
	}
	return rows
}

// told is what of a number may be told.
func (c *counter) told(r came) content.Value {
	switch {
	case !r.counts:
		return content.Value{Is: content.Nothing}
	case r.protected && r.n > 0 && (int64(len(r.people)) < c.Audience.Floor() || c.aside(r)):
		return content.Value{Is: content.Hidden}
	case r.amount:
		return content.Value{Is: content.Cents, N: r.n, Unit: "BDT"}
	}
	return content.Of(r.n)
}

// aside tells whether something protected of which a number consists is told only together with something else, so that the
// number beside that sum would give the other away.
func (c *counter) aside(r came) bool {
	if c.Audience.Floor() <= 1 {
		return false
	}
	all, err := c.kinds()
	if err != nil {
		return true
	}
	groups, told := c.toldTogether(all)
	for i, g := range groups {
		if len(g) == 1 && (told || i < len(groups)-1) {
			continue
		}
		inside, outside := false, false
		for _, k := range g {
			for _, e := range k.events {
				if r.kinds[e.Record] {
					inside = true
				} else {
					outside = true
				}
			}
		}
		if inside && (outside || !told) {
			return true
		}
	}
	return false
}

func by(i definitions.Indicator, dimension string) content.Words {
	w := joined("report.figure.by", "figure.dimension."+dimension)
	return content.Words{Bn: i.NameBn + ", " + w.Bn, En: i.NameEn + ", " + w.En}
}

// ofTheWhole is an indicator of all the work, as far as who drafts may know. What is protected and is to leave the house is told as
// one number, and not if it is small.
func (c *counter) ofTheWhole(asked templates.Figure) (content.Figure, error) {
	i, err := c.definition(asked.Indicator)
	if err != nil {
		return content.Figure{}, err
	}
	f := content.Figure{Code: "indicator:" + i.Code + ":" + asked.By, Title: content.Words{Bn: i.NameBn, En: i.NameEn}, Columns: []content.Column{column("n", "report.column.n", true)}}
	question := indicators.Question{Indicator: i.Code, From: facts.Month(c.Period.From), To: facts.Month(c.Period.To), Filter: map[string]string{}}
	if asked.By != "" {
		question.By, f.Title = []string{asked.By}, by(i, asked.By)
	}
	if c.Organisation != "" {
		question.Filter["organisation"] = c.Organisation
	}
	t, err := indicators.Ask(c.ctx, c.q, c.asks(), question)
	if err == nil && c.Audience == content.Outside && !t.Exact && len(question.By) > 0 {
		question.By, f.Title = nil, content.Words{Bn: i.NameBn, En: i.NameEn}
		t, err = indicators.Ask(c.ctx, c.q, c.asks(), question)
	}
	if refused := fault.Of(err); refused != nil && refused.Kind != fault.Internal {
		f.Whole = &content.Row{Key: "whole", Title: say("figure.whole"), Values: []content.Value{{Is: content.Refused}}}
		f.Notes = append(f.Notes, say("report.note.refused"), say(refused.Key))
		return f, nil
	}
	if err != nil {
		return f, err
	}
	return f, c.fill(&f, t, question.By)
}

// asks is who asks the indicators: who drafts, and without the right to see records where these are not to be told exactly.
func (c *counter) asks() access.Actor {
	if c.Exact || c.Audience == content.Exact {
		return c.Who
	}
	who := c.Who
	who.Grants = map[access.Permission]access.Reach{access.ReadFigures: c.Who.Grants[access.ReadFigures]}
	return who
}

func (c *counter) fill(f *content.Figure, t indicators.Table, by []string) error {
	value := func(n indicators.Number) content.Value {
		switch {
		case n.Hidden || c.Audience == content.Outside && !t.Exact && n.N > 0 && n.N < content.Outside.Floor():
			return content.Value{Is: content.Hidden}
		case t.Indicator.Counts.Count == definitions.Amount && t.Unit == "service":
			return content.Value{Is: content.Cents, N: n.N, Unit: "BDT"}
		}
		return content.Of(n.N)
	}
	parts := int64(0)
	counts := map[string]int64{}
	for _, cell := range t.Cells {
		counts[cell.Keys[0]] = cell.N
	}
	if c.Audience == content.Outside && t.Exact && len(by) == 1 && t.Indicator.Counts.Count == definitions.People {
		f.Rows, f.Notes = c.parts(counts, by[0])
		f.Floored = true
		for _, r := range f.Rows {
			parts += r.Values[0].N
		}
	} else {
		for _, cell := range t.Cells {
			title, err := c.ofKind(t.Indicator, by[0], cell.Keys[0])
			if err != nil {
				return err
			}
			v := value(cell.Number)
			parts += v.N
			f.Rows = append(f.Rows, content.Row{Key: cell.Keys[0], Title: title, Protected: !t.Exact, Values: []content.Value{v}})
		}
	}
	f.Whole = &content.Row{Key: "whole", Title: say("figure.whole"), Protected: !t.Exact, Values: []content.Value{value(t.Whole)}}
	if d := f.Whole.Values[0].N - parts; d != 0 && len(f.Rows) > 0 {
		f.Flags = append(f.Flags, content.Flag{Column: "n", Difference: d, Text: say("report.flag.overlap", "n", int(max(d, -d)))})
	}
	for _, n := range t.Notes {
		if n.Key == "figure.note.floor" || n.Key == "figure.note.counting" {
			var args []any
			for name, v := range n.Values {
				args = append(args, name, v)
			}
			f.Notes = append(f.Notes, say(n.Key, args...))
		}
	}
	return nil
}

// ofKind is a value of a dimension in words; what a kind is depends on what is counted. Several that are shown together are named together.
func (c *counter) ofKind(i definitions.Indicator, by, key string) (content.Words, error) {
	var all []content.Words
	m, _ := sources.Find(i.Counts.Measure)
	for one := range strings.SplitSeq(key, " + ") {
		title := content.Words{Bn: one, En: one}
		switch {
		case by != "kind" || one == "":
			title = c.label(by, one)
		case m.Kinds == "reason":
			title = c.label("reason", one)
		case m.Kinds == "help":
			title = say("service.category." + one)
		case m.Kinds == "service":
			k, err := services.FindKind(c.ctx, c.q, one, dates.Of(c.q.Now()))
			if err == nil {
				title = content.Words{Bn: k.NameBn, En: k.NameEn}
			} else if fault.KindOf(err) == fault.Internal {
				return title, err
			}
		case m.Kinds == "activity":
			k, err := activities.FindKind(c.ctx, c.q, one, dates.Of(c.q.Now()))
			if err == nil {
				title = content.Words{Bn: k.NameBn, En: k.NameEn}
			} else if fault.KindOf(err) == fault.Internal {
				return title, err
			}
		case m.Kinds == "closure":
			for _, k := range programmes.Closures() {
				if k.Code == one {
					title = content.Words{Bn: k.Bn, En: k.En}
				}
			}
		}
		all = append(all, title)
	}
	return together(all), nil
}
