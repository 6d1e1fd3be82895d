// SPDX-License-Identifier: Apache-2.0

package counted

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"fera/internal/countries"
	"fera/internal/geo"
	"fera/internal/indicators/sources"
	"fera/internal/reports/content"
	"fera/internal/words"
)

// inPeriod are the people of the project with whom something of it happened in the period: a case was opened, or something was given.
// Those who are named for the project and nothing more is known of count when they were registered in it.
func (c *counter) inPeriod() (map[string]bool, error) {
	all := map[string]bool{}
	for _, measure := range []string{"case_opened", "service"} {
		events, err := c.of.events(c.ctx, c.q, measure)
		if err != nil {
			return nil, err
		}
		maps.Copy(all, c.of.who(during(events, c.Period)))
	}
	for key, p := range c.of.people {
		if c.Period.Holds(p.registered) || slices.ContainsFunc(p.also, c.Period.Holds) {
			all[key] = true
		}
	}
	return all, nil
}

// people tells the people apart.
func (c *counter) people(by string) (content.Figure, error) {
	f := content.Figure{Code: "people:" + by, Columns: []content.Column{column("people", "report.column.people", true)}}
	f.Title = joined("report.figure.people_by", "report.by."+by)
	who, err := c.inPeriod()
	if err != nil {
		return f, err
	}
	counts := map[string]int64{}
	for key := range who {
		counts[c.known(key, by)]++
	}
	f.Rows, f.Notes = c.parts(counts, by)
	f.Floored = c.Audience == content.Outside
	whole := content.Row{Key: "whole", Title: say("figure.whole"), Values: []content.Value{content.Of(int64(len(who)))}}
	f.Whole = &whole
	if by == "returned" {
		f.Notes = append(f.Notes, say("report.note.last_return"))
	}
	return f, nil
}

// joined is a title with the name of a dimension in it, in both languages.
func joined(key, by string) content.Words {
	bn, en := words.In(words.Bangla), words.In(words.English)
	return content.Words{Bn: bn.T(key, "by", bn.T(by)), En: en.T(key, "by", en.T(by))}
}

// known is by what a person is told apart; empty for what is not known.
func (c *counter) known(key, by string) string {
	p := c.of.people[key]
	switch by {
	case "sex":
		return p.sex
	case "age":
		return band(p, c.Period.Last().Latest())
	case "country":
		return p.country
	case "returned":
		if p.returned.IsZero() {
			return ""
		}
		return strconv.Itoa(p.returned.Year)
	case "upazila", "district":
		return around(p.home, by)
	}
	return ""
}

// around is the upazila or the district around a place, and what is known of it when that is less.
func around(place, by string) string {
	digits := map[string]int{"division": 2, "district": 4, "upazila": 6}[by]
	whole, _, _ := strings.Cut(place, ".")
	return whole[:min(len(whole), digits)]
}

// parts makes rows of a population that is told apart. Who may not see the records is told no small ones, nor is who is outside.
func (c *counter) parts(counts map[string]int64, by string) (rows []content.Row, notes []content.Words) {
	var all []part
	for key, n := range counts {
		all = append(all, part{key, n})
	}
	slices.SortFunc(all, func(a, b part) int { return compareKeys(by, a.key, b.key) })
	groups, told := [][]part{}, true
	if floor := c.floor(); floor > 1 {
		if groups, told = floored(all, floor); slices.ContainsFunc(groups, func(g []part) bool { return len(g) > 1 }) || !told {
			notes = append(notes, say("report.note.together", "n", int(floor)))
		}
	} else {
		for _, p := range all {
			groups = append(groups, []part{p})
		}
	}
	for _, g := range groups {
		sum, keys, titles := int64(0), []string{}, []content.Words{}
		for _, p := range g {
			sum, keys, titles = sum+p.n, append(keys, p.key), append(titles, c.label(by, p.key))
		}
		row := content.Row{Key: strings.Join(keys, "+"), Title: together(titles), Values: []content.Value{content.Of(sum)}}
		if len(g) > 1 {
			row.Parts = keys
		}
		rows = append(rows, row)
	}
	if !told {
		rows = []content.Row{{Key: "hidden", Title: say("report.row.few"), Values: []content.Value{{Is: content.Hidden}}}}
	}
	return rows, notes
}

// floor is the smallest part of the people that is told, where nothing of it is protected.
func (c *counter) floor() int64 {
	if c.Audience == content.Outside {
		return content.Outside.Floor()
	}
	if c.Exact {
		return 1
	}
	return content.Inside.Floor()
}

// compareKeys puts what is not known last, and the rest by what it is.
func compareKeys(by, a, b string) int {
	if (a == "") != (b == "") {
		return cmp.Compare(b, a)
	}
	return cmp.Compare(a, b)
}

// together are several names as one.
func together(titles []content.Words) (w content.Words) {
	for i, t := range titles {
		if i > 0 {
			w.Bn, w.En = w.Bn+", ", w.En+", "
		}
		w.Bn, w.En = w.Bn+t.In("bn"), w.En+t.In("en")
	}
	return w
}

// label is a value of a dimension in words.
func (c *counter) label(by, key string) content.Words {
	if key == "" || key == "unknown" {
		return say("figure.unknown")
	}
	both := func(name func(words.Lang) string) content.Words {
		return content.Words{Bn: name(words.Bangla), En: name(words.English)}
	}
	switch by {
	case "sex":
		return say("activity.sex." + key)
	case "division", "district", "upazila":
		return both(func(l words.Lang) string { return cmp.Or(geo.Full(l, key), key) })
	case "country":
		return both(func(l words.Lang) string { return cmp.Or(countries.Name(l, key), key) })
	case "reason":
		return say("person.reason." + key)
	}
	return both(func(l words.Lang) string { return words.In(l).Digits(key) })
}

// cases are how many were opened and closed in the period, and open at its end.
func (c *counter) cases() (content.Figure, error) {
	f := content.Figure{Code: "cases", Title: say("report.figure.cases"), Columns: []content.Column{column("cases", "report.column.cases", false)}}
	for _, measure := range []string{"case_opened", "case_closed", "case_live"} {
		events, err := c.of.events(c.ctx, c.q, measure)
		if err != nil {
			return f, err
		}
		n := sum(during(events, c.Period))
		if measure == "case_live" {
			n = sum(during(events, content.Period{From: 0, To: c.Period.To}))
		}
		f.Rows = append(f.Rows, content.Row{Key: measure, Title: say("report.row." + measure), Values: []content.Value{content.Of(n)}})
	}
	return f, nil
}

func sum(events []sources.Event) (n int64) {
	for _, e := range events {
		n += e.Events
	}
	return n
}
