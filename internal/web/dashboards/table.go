// SPDX-License-Identifier: Apache-2.0

package dashboards

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/indicators"
	"fera/internal/indicators/definitions"
	"fera/internal/indicators/facts"
	"fera/internal/indicators/sources"
	"fera/internal/phrases"
	"fera/internal/web/site"
)

// told says one figure: its numbers with what they are called and where they lead.
type told struct {
	r     *site.Request
	say   *phrases.Phrases
	t     indicators.Table
	asked asked
	opens bool // there are records behind its numbers that who asks may see some of
	cells map[string]indicators.Number
}

// tell begins to say a table that was asked for so.
func tell(r *site.Request, say *phrases.Phrases, t indicators.Table, a asked) told {
	a = a.clone()
	a.By = t.Question.By
	x := told{r: r, say: say, t: t, asked: a, cells: map[string]indicators.Number{}}
	m, _ := sources.Find(t.Indicator.Counts.Measure)
	x.opens = m.Class != 3 && !m.Sealed && (!sources.OnPersons(m.Code) || r.Who.Holds(access.ReadPersons))
	for _, d := range t.Question.By {
		x.opens = x.opens && !definitions.Protected(d)
	}
	for d := range t.Question.Filter {
		x.opens = x.opens && !definitions.Protected(d)
	}
	for _, c := range t.Cells {
		x.cells[joined(c.Keys...)] = c.Number
	}
	return x
}

func joined(keys ...string) string { return strings.Join(keys, "\x1f") }

// together stands between the values of what is shown together.
const together = " + "

// path is the page of the figure.
func (x told) path() string { return "/figures/ask/" + x.t.Indicator.Code }

// cell is a text of a table, with where it leads.
type cell struct{ Text, Href string }

// line is a row of a table.
type line struct {
	Head  cell
	Cells []cell
}

// sheet is a table under a plot: the same figures, each a link to what is behind it.
type sheet struct {
	Caption string
	First   string // what the rows are
	Columns []string
	Lines   []line
	Whole   *line
	Open    bool // it is short enough to stand open
}

// sheet is the table of the figure: a row for each value of the first dimension, a column for each of the second.
func (x told) sheet() *sheet {
	by := x.t.Question.By
	if len(by) == 0 || len(x.t.Cells) == 0 {
		return nil
	}
	s := &sheet{Caption: x.title(), First: x.r.S.T("figure.dimension." + by[0])}
	seconds := []string{""}
	if len(by) > 1 {
		seconds = x.keys(1)
		for _, k := range seconds {
			s.Columns = append(s.Columns, x.say.Key(x.t.Indicator, by[1], k))
		}
	}
	if len(by) == 1 || len(x.t.Margins) > 0 {
		s.Columns = append(s.Columns, x.number())
	}
	for _, first := range x.keys(0) {
		l := line{Head: cell{x.say.Key(x.t.Indicator, by[0], first), x.into(by[0], first)}}
		if len(by) == 1 {
			l.Cells = append(l.Cells, x.cell([]string{first}, x.cells[first]))
		} else {
			for _, second := range seconds {
				l.Cells = append(l.Cells, x.cell([]string{first, second}, x.cells[joined(first, second)]))
			}
			if len(x.t.Margins) > 0 {
				l.Cells = append(l.Cells, x.cellBy(by[:1], []string{first}, numberOf(x.t.Margins[0], first)))
			}
		}
		s.Lines = append(s.Lines, l)
	}
	s.Whole = x.whole(seconds)
	s.Open = len(s.Lines) <= 12
	return s
}

// whole is the last row: all of it.
func (x told) whole(seconds []string) *line {
	l := &line{Head: cell{Text: x.r.S.T("figure.whole")}}
	if len(x.t.Question.By) > 1 {
		for _, second := range seconds {
			if len(x.t.Margins) < 2 {
				return nil // the columns may be shown in some rows only
			}
			l.Cells = append(l.Cells, x.cellBy(x.t.Question.By[1:], []string{second}, numberOf(x.t.Margins[1], second)))
		}
	}
	l.Cells = append(l.Cells, x.cell(nil, x.t.Whole))
	return l
}

// number is the name of the column of numbers.
func (x told) number() string { return x.r.S.T("board.number") }

func numberOf(cells []indicators.Cell, key string) indicators.Number {
	at := slices.IndexFunc(cells, func(c indicators.Cell) bool { return c.Keys[0] == key })
	if at < 0 {
		return indicators.Number{}
	}
	return cells[at].Number
}

// cell says a number of the table.
func (x told) cell(keys []string, n indicators.Number) cell {
	return x.cellBy(x.t.Question.By[:len(keys)], keys, n)
}

// cellBy says a number told apart by some dimensions, and leads to the records behind it where there are any to see.
func (x told) cellBy(by, keys []string, n indicators.Number) cell {
	c := cell{Text: x.say.Number(x.t.Indicator, n)}
	if !x.opens || n.Hidden || n.N == 0 {
		return c
	}
	for i, k := range keys {
		if strings.Contains(k, together) || k == "" && (placed(by[i]) || definitions.Period(by[i])) {
			return c
		}
	}
	a := x.asked.clone()
	a.By, a.Keys = by, keys
	c.Href = a.at(x.path() + "/records")
	return c
}

// placed tells of a dimension that it is one of place.
func placed(dimension string) bool {
	return slices.Contains([]string{"division", "district", "upazila"}, dimension)
}

// into is the address of the same figure for one value of a dimension alone; nothing where there is none.
func (x told) into(dimension, key string) string {
	if key == "" || strings.Contains(key, together) || strings.HasSuffix(key, "-00") {
		return ""
	}
	a := x.asked.clone()
	a.By = slices.DeleteFunc(a.By, func(d string) bool { return d == dimension })
	switch {
	case placed(dimension):
		if finer := map[int]string{2: "district", 4: "upazila"}[len(key)]; finer != "" && (x.t.Exact || finer == "district" || x.t.Finer()) {
			a.By = append([]string{finer}, a.By...)
		} else {
			a.By = append([]string{dimension}, a.By...)
		}
		a.Place = key
	case !x.t.Exact || dimension == "day" || dimension == "month":
		return ""
	case definitions.Period(dimension):
		from, to, ok := monthsOf(key)
		if !ok {
			return ""
		}
		a = a.months(from, to)
		a.By = append([]string{"month"}, a.By...)
	default:
		if a.Filter[dimension] = key; len(a.By) == 0 {
			a.By = []string{"month"}
		}
	}
	return a.at(x.path())
}

// monthsOf are the months of a year or a quarter as figures name it.
func monthsOf(key string) (from, to facts.Month, ok bool) {
	var year, quarter int
	if n, _ := fmt.Sscanf(key, "%4d-Q%1d", &year, &quarter); n == 2 {
		first := facts.Month(year*100 + quarter*3 - 2)
		return first, first + 2, true
	}
	n, err := fmt.Sscanf(key, "%4d", &year)
	return facts.Month(year*100 + 1), facts.Month(year*100 + 12), n == 1 && err == nil
}

// keys are the values of one dimension in the order in which they are read: times and ages in theirs, the rest from the greatest;
// what is not known comes last.
func (x told) keys(at int) (keys []string) {
	dimension := x.t.Question.By[at]
	sum := map[string]float64{}
	for _, c := range x.t.Cells {
		k := c.Keys[at]
		if len(x.t.Margins) > at && numberOf(x.t.Margins[at], k) == (indicators.Number{}) {
			continue // there is none of it anywhere
		}
		if _, seen := sum[k]; !seen {
			keys = append(keys, k)
		}
		if sum[k] += max(phrases.Worth(x.t.Indicator, c.Number), 0); len(x.t.Margins) > at {
			sum[k] = x.worth(numberOf(x.t.Margins[at], k))
		}
	}
	if definitions.Period(dimension) {
		keys = append(keys, x.between(dimension, keys)...)
	}
	orders := map[string][]string{"sex": {"female", "male", "other"}, "age": facts.AgeBands()}
	rank := func(k string) int {
		first, _, _ := strings.Cut(k, together)
		if at := slices.Index(orders[dimension], first); at >= 0 {
			return at
		}
		return len(orders[dimension])
	}
	slices.SortStableFunc(keys, func(a, b string) int {
		late := cmp.Compare(lateness(a), lateness(b))
		if definitions.Period(dimension) {
			return cmp.Or(late, strings.Compare(a, b))
		}
		return cmp.Or(late, cmp.Compare(rank(a), rank(b)), cmp.Compare(sum[b], sum[a]), strings.Compare(a, b))
	})
	return keys
}

// lateness puts what is not known behind the rest, alone or with others.
func lateness(key string) int {
	if key == "" {
		return 2
	}
	for part := range strings.SplitSeq(key, together) {
		if part == "" || strings.HasSuffix(part, "-00") {
			return 1
		}
	}
	return 0
}

// between are the periods of which there is nothing to say, up to now: nothing happened in them.
func (x told) between(dimension string, known []string) (keys []string) {
	if dimension == "day" {
		return nil
	}
	there := map[string]bool{}
	for _, k := range known {
		for part := range strings.SplitSeq(k, together) {
			there[part] = true
		}
	}
	last := min(x.t.Question.To, facts.MonthOf(dates.Of(x.r.Now)))
	for m := x.t.Question.From; m <= last; m++ {
		if !m.Known() {
			continue
		}
		if m%100 > 12 {
			m = facts.Month((m.Year() + 1) * 100)
			continue
		}
		if k := periodOf(dimension, m); !there[k] {
			there[k] = true
			keys = append(keys, k)
		}
	}
	return keys
}

func periodOf(dimension string, m facts.Month) string {
	switch dimension {
	case "year":
		return fmt.Sprintf("%04d", m.Year())
	case "quarter":
		return fmt.Sprintf("%04d-Q%d", m.Year(), (int(m)%100+2)/3)
	}
	return fmt.Sprintf("%04d-%02d", m.Year(), int(m)%100)
}

// title is what the figure is called: the indicator, and by what it is told apart.
func (x told) title() string {
	name := x.t.Indicator.Name(string(x.r.S.Lang()))
	if by := x.say.By(x.t.Question.By); by != "" {
		return x.r.S.T("board.title", "name", name, "by", by)
	}
	return name
}

// notes are what is to be said under the figure.
func (x told) notes() (all []string) {
	if len(x.t.Question.By) > 0 && len(x.t.Cells) == 0 && (x.t.Whole.N > 0 || x.t.Whole.Hidden) {
		all = append(all, x.r.S.T("board.nothing_apart"))
	}
	for _, n := range x.t.Notes {
		all = append(all, x.say.Note(n))
	}
	return all
}
