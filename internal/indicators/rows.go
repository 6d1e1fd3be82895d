// SPDX-License-Identifier: Apache-2.0

package indicators

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/indicators/counting"
	"fera/internal/indicators/definitions"
	"fera/internal/indicators/facts"
	"fera/internal/indicators/sources"
)

// mostRows is how many facts are read for a question that the totals do not
// answer: a quarter of a second on a small machine.
const mostRows = 200_000

// byFacts adds up the facts themselves, for what the totals do not keep together:
// days, or more dimensions than are kept. It is for few facts, and for measures of
// which nothing is of class 3.
func byFacts(ctx context.Context, q db.Reader, part definitions.Part, s selection) (map[key]facts.Value, error) {
	refused := fault.New(fault.Invalid, "figure.not_together")
	m, _ := sources.Find(part.Measure)
	if m.Class == 3 || m.Mixed || m.Sealed || m.Stock || slices.ContainsFunc(s.by, definitions.Protected) {
		return nil, refused
	}
	b, err := counting.ReadBook(ctx, q)
	if err != nil {
		return nil, err
	}
	r, err := rowsFor(b, part, s)
	if err != nil || r.nothing {
		return nil, err
	}
	var n int
	if err := q.QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 AS one FROM figure_facts f WHERE `+r.where+` LIMIT ?) AS few`, append(slices.Clone(r.args), mostRows+1)...).Scan(&n); err != nil {
		return nil, err
	}
	if n > mostRows {
		return nil, refused
	}
	sum, seen := map[key]facts.Value{}, map[[2]string]bool{}
	t := teller{book: b, selection: s}
	return sum, counting.EachFact(ctx, q, r.where, r.args, func(subject string, f facts.Fact) {
		k := t.ofFact(f)
		v := facts.Value{Events: f.Events, Amount: f.Amount}
		if who := [2]string{string(k), subject}; f.Person != "" && !seen[who] {
			seen[who] = true
			v.People = 1
		}
		sum[k] = sum[k].Plus(v)
	})
}

// ofFact is the cell of a table into which a fact goes.
func (t *teller) ofFact(f facts.Fact) key {
	values := make([]string, len(t.selection.by))
	for i, by := range t.selection.by {
		switch {
		case by == "day":
			if values[i] = periodOf("month", f.Month); f.Month.Known() {
				values[i] = fmt.Sprintf("%s-%02d", values[i], f.Day)
			}
		case definitions.Period(by):
			values[i] = periodOf(by, f.Month)
		default:
			values[i] = t.value(by, facts.Page{What: f.What}, facts.Cell{Place: f.Place, Org: f.Org, By: f.By})
		}
	}
	return keyFrom(values)
}

// rowset is which facts are meant.
type rowset struct {
	where   string
	args    []any
	nothing bool
}

// rowsFor finds the facts of a selection, as a condition on figure_facts f.
func rowsFor(b *counting.Book, part definitions.Part, s selection) (r rowset, err error) {
	r = rowset{where: `f.measure = ? AND f.month >= ? AND f.month <= ?`}
	measure, there := b.Find(counting.OfMeasure, part.Measure)
	r.nothing = !there
	r.args = []any{int(measure), int(s.from), int(s.to)}
	add := func(cond string, args ...any) { r.where, r.args = r.where+" AND "+cond, append(r.args, args...) }
	if len(part.Kinds) > 0 {
		var codes []any
		for _, k := range part.Kinds {
			if code, there := b.Find(counting.OfKind, k); there {
				codes = append(codes, int(code))
			}
		}
		add("f.kind IN "+db.In(len(codes)), codes...)
	}
	for _, filter := range []map[string]string{part.Where, s.where} {
		for name, value := range filter {
			column := map[string]string{"kind": "kind", "organisation": "org", "sex": "sex", "age": "age", "country": "country", "reason": "reason"}[name]
			if column == "" {
				return r, fault.New(fault.Invalid, "figure.not_together")
			}
			code, there := b.Find(name, value)
			r.nothing = r.nothing || !there
			add("f."+column+" = ?", int(code))
		}
	}
	if s.daily {
		add("f.day = ?", s.day)
	}
	if p := facts.PlaceOf(s.place); p != 0 {
		cond, args := within(p)
		add(cond, args...)
	}
	return r, nil
}

// within is the condition that a fact's place lies in another.
func within(p facts.Place) (string, []any) {
	var conds []string
	var args []any
	for times, digits := 1, len(p.String()); digits <= 6; times, digits = times*100, digits+2 {
		conds = append(conds, "f.place BETWEEN ? AND ?")
		args = append(args, int(p)*times, int(p)*times+times-1)
	}
	return "(" + strings.Join(conds, " OR ") + ")", args
}
