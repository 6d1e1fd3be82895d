// SPDX-License-Identifier: Apache-2.0

package indicators

import (
	"context"
	"maps"
	"slices"
	"strings"

	"fera/internal/db"
	"fera/internal/indicators/definitions"
	"fera/internal/indicators/facts"
	"fera/internal/indicators/tables"
)

// columnsOf are the values of a dimension that are columns of what may be shown: the sexes always all, of the rest those that there are, and
// one for all where nothing is told apart.
func columnsOf(dimension string, values map[key]facts.Value) []string {
	switch dimension {
	case "":
		return []string{""}
	case "sex":
		return []string{"female", "male", "other", ""}
	}
	all := map[string]bool{"": true}
	for k := range values {
		all[k.values()[0]] = true
	}
	codes := slices.Sorted(maps.Keys(all))
	return append(codes[1:], "")
}

// family counts one population.
type family struct {
	ctx     context.Context
	q       db.Reader
	part    definitions.Part
	s       selection
	columns string // the dimension of the columns; empty for none
	codes   []string
}

// familyOf counts a population for showing it: its columns, and the way in which it is told apart.
func familyOf(ctx context.Context, q db.Reader, part definitions.Part, s selection, how told) (tables.Family, error) {
	f := family{ctx: ctx, q: q, part: part, s: s, columns: how.columns}
	var ways []string
	if how.way != "" {
		ways = []string{how.way}
	}
	return f.count(ways, how.level)
}

func (f *family) count(ways []string, level facts.Level) (all tables.Family, err error) {
	whole, err := f.tally("")
	if err != nil {
		return all, err
	}
	f.codes = columnsOf(f.columns, whole)
	all.Columns = f.codes
	if all.Counts = f.split(whole)[""]; all.Counts == nil {
		all.Counts = make([]int64, len(f.codes))
	}
	for _, way := range ways {
		w := tables.Way{Code: way}
		if way == "place" {
			w.Parts, err = f.places(level)
		} else {
			w.Parts, err = f.rows(way)
		}
		if err != nil {
			return all, err
		}
		all.Ways = append(all.Ways, w)
	}
	return all, nil
}

// tally counts the columns, told apart by something or by nothing.
func (f *family) tally(by string) (map[key]facts.Value, error) {
	s := f.s
	for _, d := range []string{by, f.columns} {
		if d != "" {
			s.by = append(s.by, d)
		}
	}
	return tally(f.ctx, f.q, f.part, s)
}

// split are the counts of a tally by column, under what stands before the column in its keys.
func (f *family) split(values map[key]facts.Value) map[string][]int64 {
	all := map[string][]int64{}
	for k, v := range values {
		keys, column := k.values(), ""
		if f.columns != "" {
			keys, column = keys[:len(keys)-1], keys[len(keys)-1]
		}
		row := strings.Join(keys, "\x1f")
		if all[row] == nil {
			all[row] = make([]int64, len(f.codes))
		}
		all[row][max(slices.Index(f.codes, column), 0)] += counted(f.part.Count, v)
	}
	return all
}

func (f *family) rows(by string) (rows []tables.Node, err error) {
	values, err := f.tally(by)
	if err != nil {
		return nil, err
	}
	for code, counts := range f.split(values) {
		rows = append(rows, tables.Node{Code: code, Counts: counts})
	}
	slices.SortFunc(rows, func(a, b tables.Node) int { return strings.Compare(a.Code, b.Code) })
	return rows, nil
}

// places tells a population apart by place, down to a level.
func (f *family) places(level facts.Level) (rows []tables.Node, err error) {
	names := []string{"division", "district", "upazila"}[:level]
	var finer []tables.Node
	for i := len(names) - 1; i >= 0; i-- {
		if rows, err = f.rows(names[i]); err != nil {
			return nil, err
		}
		for n := range rows {
			if rows[n].Code != "" && i < len(names)-1 {
				rows[n].Parts = inside(rows[n], finer)
			}
		}
		finer = rows
	}
	return rows, nil
}

// inside are the places in one, and a row for those of whom no finer place is known.
func inside(of tables.Node, finer []tables.Node) (parts []tables.Node) {
	left := slices.Clone(of.Counts)
	for _, n := range finer {
		if n.Code == "" || !strings.HasPrefix(n.Code, of.Code) {
			continue
		}
		parts = append(parts, n)
		for c, v := range n.Counts {
			left[c] -= v
		}
	}
	if slices.ContainsFunc(left, func(v int64) bool { return v != 0 }) {
		parts = append(parts, tables.Node{Counts: left})
	}
	return parts
}
