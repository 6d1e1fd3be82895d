// SPDX-License-Identifier: Apache-2.0

// Package overlaps leaves out of a report for readers outside what, taken together with the reports that they have already, would tell
// of a few. Each report is safe by itself; of four quarters and their year one can be taken away from the others. It knows reports as
// they read, and counts nothing.
package overlaps

import (
	"maps"
	"slices"
	"strings"

	"fera/internal/reports/content"
	"fera/internal/words"
)

// Report is a report for readers outside as far as it is compared with others of the same project, or of the same whole.
type Report struct {
	Number   int // the same for all issues of one
	Issue    int
	Period   content.Period
	Sections []content.Section
}

func (r *Report) figure(code string) *content.Figure {
	for i := range r.Sections {
		for j := range r.Sections[i].Figures {
			if f := &r.Sections[i].Figures[j]; f.Code == code {
				return f
			}
		}
	}
	return nil
}

// services is the table whose protected kinds the results and the indicators tell once more.
const services = "services"

// Cover leaves out of a report what beside those issued before it would tell of fewer people than the floor. Of people told apart, rows
// are put together as long as that helps; of what is protected the rows are left out, and with them the whole. The notes under the
// table say what is left out, and because of which report.
func Cover(now Report, earlier []Report, floor int64) {
	c := cover{floor: floor, reports: append(near(now, earlier), now)}
	if len(c.reports) == 1 {
		return
	}
	left := c.figure(now.figure(services))
	for _, s := range now.Sections {
		for i := range s.Figures {
			f := &s.Figures[i]
			switch {
			case f.Code == services:
			case f.Floored:
				c.together(f)
			default:
				c.figure(f)
				if left {
					c.hide(f, func(r *content.Row) bool { return r.Protected })
				}
			}
		}
	}
}

// near are the reports about a time that the report is about too, and those about a time that these are about, and so on.
func near(now Report, earlier []Report) (some []Report) {
	reach := []content.Period{now.Period}
	taken := make([]bool, len(earlier))
	for again := true; again; {
		again = false
		for i, r := range earlier {
			if !taken[i] && slices.ContainsFunc(reach, func(p content.Period) bool { return overlap(p, r.Period) }) {
				taken[i], again, reach = true, true, append(reach, r.Period)
			}
		}
	}
	for i, r := range earlier {
		if taken[i] {
			some = append(some, r)
		}
	}
	return some
}

func overlap(a, b content.Period) bool { return a.From <= b.To && b.From <= a.To }

// cover is one report beside others; it is the last of them.
type cover struct {
	floor   int64
	reports []Report
}

func (c cover) now() Report { return c.reports[len(c.reports)-1] }

// found is what of a table tells too much.
type found struct {
	keys  []string     // of which a few can be worked out
	wide  []string     // and those from which
	other map[int]bool // reports that have a part in it
}

// find finds what of a table the reports together would tell too much of.
func (c cover) find(f *content.Figure) (all found) {
	all.other = map[int]bool{}
	last := len(c.reports) - 1
	blame := func(g []told, keys []string) {
		all.keys, all.wide = append(all.keys, keys...), append(all.wide, keysOf(g)...)
		for _, t := range g {
			if t.report != last && overlap(c.reports[t.report].Period, c.now().Period) && slices.ContainsFunc(t.keys, func(k string) bool { return slices.Contains(keys, k) }) {
				all.other[t.report] = true
			}
		}
	}
	for _, col := range columnsOf(f.Code, c.reports) {
		for _, g := range c.corrected(col) {
			blame(g, keysOf(g))
		}
		for _, g := range parts(col.all) {
			if !col.secret(g) || !mixed(g, last) {
				continue
			}
			if keys := col.few(g, c.floor); len(keys) > 0 {
				blame(g, keys)
			}
		}
	}
	for _, r := range f.Rows {
		if slices.ContainsFunc(r.Values, func(v content.Value) bool { return v.Is == content.Cents }) && r.Protected && c.toldBefore(f.Code, r.Key, all.other) {
			all.keys = append(all.keys, r.Key)
		}
	}
	return all
}

// secret tells whether numbers are of something of which no few may be told.
func (col *column) secret(g []told) bool {
	return slices.ContainsFunc(keysOf(g), func(k string) bool { return col.sensitive[k] })
}

// mixed tells whether numbers are of the report itself and of others too.
func mixed(g []told, last int) bool {
	its := func(t told) bool { return t.report == last }
	return slices.ContainsFunc(g, its) && slices.ContainsFunc(g, func(t told) bool { return !its(t) })
}

// toldBefore tells whether another report about some of the time tells an amount of money that is protected.
func (c cover) toldBefore(code, key string, other map[int]bool) (was bool) {
	for n := range c.reports[:len(c.reports)-1] {
		f := c.reports[n].figure(code)
		if f == nil || !overlap(c.reports[n].Period, c.now().Period) {
			continue
		}
		for _, r := range rowsOf(f) {
			if r.Key == key && slices.ContainsFunc(r.Values, func(v content.Value) bool { return v.Is == content.Cents }) {
				other[n], was = true, true
			}
		}
	}
	return was
}

// corrected compares each issue of a report with the last one of the same. What differs is another population: what the old issue said
// of it is not held to the rest. Of this report those are returned that differ by fewer than the floor.
func (c cover) corrected(col *column) (few [][]told) {
	last := len(c.reports) - 1
	for o := range c.reports {
		n := o
		for i, r := range c.reports {
			if r.Number == c.reports[o].Number && r.Issue > c.reports[n].Issue {
				n = i
			}
		}
		if n == o {
			continue
		}
		of := func(g []told, report int) (some []told, sum int64) {
			for _, t := range g {
				if t.report == report {
					some, sum = append(some, t), sum+t.n
				}
			}
			return some, sum
		}
		both := slices.DeleteFunc(slices.Clone(col.all), func(t told) bool { return t.report != o && t.report != n })
		for _, g := range parts(both) {
			before, was := of(g, o)
			after, is := of(g, n)
			if was == is || !slices.Equal(keysOf(before), keysOf(after)) {
				continue
			}
			if d := max(is-was, was-is); n == last && d < c.floor && col.secret(g) {
				few = append(few, g)
			}
			col.all = slices.DeleteFunc(col.all, func(t told) bool {
				return t.report == o && slices.ContainsFunc(before, func(b told) bool { return slices.Equal(b.keys, t.keys) })
			})
		}
	}
	return few
}

// figure leaves out the rows of a table that would tell too much, and its whole, and tells whether there were any.
func (c cover) figure(f *content.Figure) bool {
	if f == nil {
		return false
	}
	var named []content.Words
	other := map[int]bool{}
	for all := c.find(f); len(all.keys) > 0; all = c.find(f) {
		maps.Copy(other, all.other)
		some := c.hide(f, func(r *content.Row) bool { return has(r, all.keys) })
		if len(some) == 0 {
			some = c.hide(f, func(r *content.Row) bool { return has(r, all.wide) })
		}
		if len(some) == 0 && !silent(f) {
			some = []content.Words{keepSilent(f)}
		}
		if named = append(named, some...); len(some) == 0 {
			break // the earlier reports tell it by themselves
		}
	}
	if len(named) > 0 {
		f.Notes = append(f.Notes, c.note("report.note.told_before", named, other))
	}
	return len(named) > 0
}

// silent tells of a table that something is left out of it, so that what has no row is not known to be none.
func silent(f *content.Figure) bool {
	return slices.ContainsFunc(f.Rows, func(r content.Row) bool {
		return slices.ContainsFunc(r.Values, func(v content.Value) bool { return v.Is == content.Hidden })
	})
}

// keepSilent says in a table that something is left out of it: that there is none of it tells too much.
func keepSilent(f *content.Figure) content.Words {
	few := content.Row{Key: "hidden", Title: say("report.row.few_protected"), Protected: true}
	for range f.Columns {
		few.Values = append(few.Values, content.Value{Is: content.Hidden})
	}
	f.Rows, f.Flags = append(f.Rows, few), nil
	leave(f, f.Whole)
	return few.Title
}

func has(r *content.Row, keys []string) bool {
	return slices.ContainsFunc(r.Keys(), func(k string) bool { return slices.Contains(keys, k) })
}

// hide leaves out what is counted in some rows of a table, and in its whole, and returns what the rows are called.
func (c cover) hide(f *content.Figure, which func(*content.Row) bool) (named []content.Words) {
	for _, r := range rowsOf(f) {
		if !which(r) || !leave(f, r) {
			continue
		}
		if named = append(named, r.Title); r == f.Whole {
			named[0] = f.Title
		}
	}
	if len(named) > 0 && f.Whole != nil {
		leave(f, f.Whole)
		f.Flags = nil
	}
	for i := range f.Rows {
		if v := slices.IndexFunc(f.Columns, func(o content.Column) bool { return o.Key == "verdict" }); v >= 0 && len(named) > 0 && which(&f.Rows[i]) {
			f.Rows[i].Values[v] = content.Value{Is: content.Said, Text: say("report.verdict.hidden")}
		}
	}
	return named
}

// leave leaves out what is counted in a row, and tells whether there was anything.
func leave(f *content.Figure, r *content.Row) (any bool) {
	if r == nil {
		return false
	}
	for i, v := range r.Values {
		if counts(f.Columns[i].Key) && (v.Is == content.Number || v.Is == content.Cents) {
			r.Values[i], any = content.Value{Is: content.Hidden}, true
		}
	}
	return any
}

// together puts rows of people together until nothing more is told of a few, or else leaves all of them out.
func (c cover) together(f *content.Figure) {
	key, named := "", []content.Words{f.Title}
	other := map[int]bool{}
	for all := c.find(f); len(all.keys) > 0; all = c.find(f) {
		maps.Copy(other, all.other)
		joined := join(f, all.keys)
		if joined == nil {
			key, named = "report.note.told_before", []content.Words{f.Title}
			f.Rows = []content.Row{{Key: "hidden", Title: say("report.row.few"), Values: []content.Value{{Is: content.Hidden}}}}
			break
		}
		key, named = "report.note.joined_before", []content.Words{joined.Title}
	}
	if key != "" {
		f.Notes = append(f.Notes, c.note(key, named, other))
	}
}

// join makes one row of those with some keys; of the least further one too when there is only one. Nothing when there is none.
func join(f *content.Figure, keys []string) *content.Row {
	var some []int
	for i := range f.Rows {
		if has(&f.Rows[i], keys) && f.Rows[i].Values[0].Is == content.Number {
			some = append(some, i)
		}
	}
	if len(some) == 1 {
		least := -1
		for i, r := range f.Rows {
			if i != some[0] && r.Values[0].Is == content.Number && (least < 0 || r.Values[0].N < f.Rows[least].Values[0].N) {
				least = i
			}
		}
		if some = append(some, least); least < 0 {
			return nil
		}
		slices.Sort(some)
	}
	if len(some) == 0 {
		return nil
	}
	one := content.Row{Values: []content.Value{content.Of(0)}}
	var bn, en []string
	for _, i := range some {
		r := f.Rows[i]
		one.Parts, bn, en = append(one.Parts, r.Keys()...), append(bn, r.Title.In("bn")), append(en, r.Title.In("en"))
		one.Values[0].N += r.Values[0].N
	}
	one.Key, one.Title = strings.Join(one.Parts, "+"), content.Words{Bn: strings.Join(bn, ", "), En: strings.Join(en, ", ")}
	at := 0
	f.Rows = slices.DeleteFunc(f.Rows, func(content.Row) bool { at++; return slices.Contains(some, at-1) })
	f.Rows = slices.Insert(f.Rows, some[0], one)
	return &f.Rows[some[0]]
}

// note says what is not told, and because of which reports.
func (c cover) note(key string, named []content.Words, other map[int]bool) content.Words {
	in := func(lang words.Lang) string {
		s := words.In(lang)
		var rows, reports []string
		for _, n := range named {
			rows = append(rows, n.In(string(lang)))
		}
		for n, r := range c.reports {
			if other[n] {
				reports = append(reports, s.T("report.note.other", "number", r.Number, "issue", r.Issue, "period", r.Period.Spoken(s)))
			}
		}
		return s.T(key, "name", strings.Join(rows, "; "), "reports", strings.Join(reports, "; "), "n", int(c.floor))
	}
	return content.Words{Bn: in(words.Bangla), En: in(words.English)}
}

func say(key string) content.Words {
	return content.Words{Bn: words.In(words.Bangla).T(key), En: words.In(words.English).T(key)}
}
