// SPDX-License-Identifier: Apache-2.0

package overlaps

import (
	"maps"
	"slices"

	"fera/internal/reports/content"
)

// told is one number of a table: of which keys it is, from which to which tick, and from which report.
type told struct {
	keys       []string
	start, end int // end is the first tick after it
	n          int64
	report     int
}

// ticks are the ends of a period on a line of months on which each year begins with a month that is not known.
func ticks(p content.Period) (start, end int) {
	at := func(month int) int { return month/100*13 + month%100 }
	if start = at(p.From); p.From%100 == 1 {
		start--
	}
	return start, at(p.To) + 1
}

// column is one column of one table, as several reports tell it.
type column struct {
	figure, key string
	sensitive   map[string]bool // keys of which no few may be told
	hidden      map[int]bool    // reports that leave something out of it
	all         []told
}

// adds tells whether the numbers of a column add up over time. People do not: who comes twice is one.
func (c *column) adds() bool { return c.key == "times" }

// counts are the columns in which something is counted of the time of the report.
func counts(key string) bool {
	return slices.Contains([]string{"times", "people", "n", "records"}, key)
}

// rowsOf are the rows of a table that are looked at: a table that is one number is one row.
func rowsOf(f *content.Figure) []*content.Row {
	if len(f.Rows) == 0 && f.Whole != nil {
		return []*content.Row{f.Whole}
	}
	var all []*content.Row
	for i := range f.Rows {
		all = append(all, &f.Rows[i])
	}
	return all
}

// columnsOf reads the columns of a table out of the reports that have it.
func columnsOf(code string, reports []Report) map[string]*column {
	all := map[string]*column{}
	for n := range reports {
		f := reports[n].figure(code)
		if f == nil {
			continue
		}
		for i, c := range f.Columns {
			if !counts(c.Key) {
				continue
			}
			if all[c.Key] == nil {
				all[c.Key] = &column{figure: code, key: c.Key, sensitive: map[string]bool{}, hidden: map[int]bool{}}
			}
			all[c.Key].read(f, i, n, reports[n].Period)
		}
	}
	for _, c := range all {
		c.none(code, reports)
	}
	return all
}

// read reads the column of one report.
func (c *column) read(f *content.Figure, at, report int, p content.Period) {
	start, end := ticks(p)
	for _, r := range rowsOf(f) {
		switch v := r.Values[at]; v.Is {
		case content.Number:
			c.all = append(c.all, told{r.Keys(), start, end, v.N, report})
		case content.Hidden, content.Refused, content.Cents: // money is no number of people: it is looked at apart
			c.hidden[report] = true
		}
		for _, k := range r.Keys() {
			c.sensitive[k] = c.sensitive[k] || r.Protected || f.Floored
		}
	}
}

// none says of what has no row, in a report that leaves nothing out, that there is none of it.
func (c *column) none(code string, reports []Report) {
	for n := range reports {
		f := reports[n].figure(code)
		if f == nil || c.hidden[n] || !slices.ContainsFunc(f.Columns, func(o content.Column) bool { return o.Key == c.key }) || code == "results" {
			continue
		}
		start, end := ticks(reports[n].Period)
		for _, k := range slices.Sorted(maps.Keys(c.sensitive)) {
			if !slices.ContainsFunc(c.all, func(t told) bool { return t.report == n && slices.Contains(t.keys, k) }) {
				c.all = append(c.all, told{[]string{k}, start, end, 0, n})
			}
		}
	}
}

// parts are the numbers that have keys in common, however far: what one says can be taken away from another.
func parts(all []told) (groups [][]told) {
	for _, t := range all {
		mine := []told{t}
		var rest [][]told
		for _, g := range groups {
			if slices.ContainsFunc(g, func(o told) bool {
				return slices.ContainsFunc(o.keys, func(k string) bool { return slices.Contains(t.keys, k) })
			}) {
				mine = append(mine, g...)
				continue
			}
			rest = append(rest, g)
		}
		groups = append(rest, mine)
	}
	return groups
}

// keysOf are the keys of numbers.
func keysOf(all []told) []string {
	keys := map[string]bool{}
	for _, t := range all {
		for _, k := range t.keys {
			keys[k] = true
		}
	}
	return slices.Sorted(maps.Keys(keys))
}
