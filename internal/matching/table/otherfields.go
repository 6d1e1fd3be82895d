// SPDX-License-Identifier: Apache-2.0

package table

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"fera/internal/matching/compare"
	"fera/internal/matching/model"
	"fera/internal/names"
)

// numbered makes a comparison of numbers of papers, telephones and addresses for mail.
func (b *builder) numbered(i int, role model.Role, read func(string) string) field {
	c := code(b.rows, column(b.table, i), func(v string) (string, bool) { n := read(v); return n, n != "" })
	merge(&c)
	head := b.table.Heads[i]
	levels := []model.Level{level("equal", 0.7), level("near", 0.08), level("similar", 0.03), level("different", 0.19)}
	levels[0].Share = 2 // whoever shares a number shares more than the number
	return field{
		spec:    model.Field{Name: head, Role: role, Levels: levels},
		columns: b.heads(i),
		compare: func(x, y int) model.Evidence {
			p, q := c.of[x], c.of[y]
			if p < 0 || q < 0 {
				return none()
			}
			e := model.Evidence{Level: uint8(compare.Numbers(c.values[p], c.values[q]))}
			if p == q {
				e = model.Evidence{Level: 1, Common: c.crowd(p)}
			}
			return e
		},
		atoms: []atom{
			valueAtom(head, &c),
			partAtom(head+" beginning", &c, func(v string) string { return v[:len(v)/2] }),
			partAtom(head+" end", &c, func(v string) string { return v[len(v)/2:] }),
		},
	}
}

func valueAtom(name string, c *coded[string]) atom {
	return partAtom(name, c, func(v string) string { return v })
}

func partAtom(name string, c *coded[string], part func(string) string) atom {
	return atom{name, func(row int, into []uint64) []uint64 {
		if at := c.of[row]; at >= 0 {
			return append(into, hash(5, part(c.values[at])))
		}
		return into
	}}
}

// nid makes a comparison of identity numbers. The ten digits of a new card and the thirteen of an old one are two series, and
// a number of the one says nothing about one of the other.
func (b *builder) nid(i int) field {
	f := b.numbered(i, model.Person, func(v string) string { n, _ := readNID(v); return n })
	lengths := code(b.rows, column(b.table, i), func(v string) (int, bool) { n, _ := readNID(v); return len(n), n != "" })
	plain := f.compare
	f.compare = func(x, y int) model.Evidence {
		p, q := lengths.of[x], lengths.of[y]
		if p >= 0 && q >= 0 && (lengths.values[p] == 10) != (lengths.values[q] == 10) {
			return none()
		}
		return plain(x, y)
	}
	return f
}

// exact makes a comparison of codes that are equal or not.
func (b *builder) exact(i int) field {
	c := code(b.rows, column(b.table, i), func(v string) (string, bool) { n := names.Fold(v); return n, n != "" })
	merge(&c)
	head := b.table.Heads[i]
	return field{
		spec:    model.Field{Name: head, Role: model.Person, Levels: []model.Level{by(1, level("equal", 0.95)), level("different", 0.05)}},
		columns: b.heads(i),
		compare: func(x, y int) model.Evidence {
			p, q := c.of[x], c.of[y]
			switch {
			case p < 0 || q < 0:
				return none()
			case p == q:
				return model.Evidence{Level: 1, Common: c.share(p)}
			}
			return model.Evidence{Level: 2}
		},
		atoms: []atom{valueAtom(head, &c)},
	}
}

// text makes a comparison of free text.
func (b *builder) text(i int, role model.Role) field {
	c := code(b.rows, column(b.table, i), func(v string) (string, bool) { n := readText(v); return n, n != "" })
	merge(&c)
	head := b.table.Heads[i]
	return field{
		spec:    model.Field{Name: head, Role: role, Levels: textLevels(0.7, 0.12, 0.06, 0.12)},
		columns: b.heads(i),
		compare: func(x, y int) model.Evidence {
			p, q := c.of[x], c.of[y]
			switch {
			case p < 0 || q < 0:
				return none()
			case p == q:
				return model.Evidence{Level: 1, Common: c.share(p)}
			}
			return model.Evidence{Level: uint8(compare.Texts(c.values[p], c.values[q]))}
		},
		atoms: []atom{
			valueAtom(head, &c),
			partAtom(head+" beginning", &c, func(v string) string { return v[:min(len(v), 5)] }),
			partAtom(head+" end", &c, func(v string) string { return v[max(0, len(v)-5):] }),
		},
	}
}

// number makes a comparison of quantities.
func (b *builder) number(i int) field {
	c := code(b.rows, column(b.table, i), func(v string) (float64, bool) {
		n, err := strconv.ParseFloat(v, 64)
		return n, err == nil && !math.IsNaN(n) && !math.IsInf(n, 0)
	})
	head := b.table.Heads[i]
	return field{
		spec: model.Field{Name: head, Role: model.Person, Levels: []model.Level{
			by(1, level("equal", 0.8)), level("near", 0.1), level("similar", 0.05), level("different", 0.05)}},
		columns: b.heads(i),
		compare: func(x, y int) model.Evidence {
			p, q := c.of[x], c.of[y]
			if p < 0 || q < 0 {
				return none()
			}
			d, size := math.Abs(c.values[p]-c.values[q]), max(math.Abs(c.values[p]), math.Abs(c.values[q]))
			switch {
			case d == 0:
				return model.Evidence{Level: 1, Common: max(c.share(p), c.share(q))}
			case d <= 1 || d <= 0.02*size:
				return model.Evidence{Level: 2}
			case d <= 5 && size > 50 || d <= 0.1*size:
				return model.Evidence{Level: 3}
			}
			return model.Evidence{Level: 4}
		},
		atoms: []atom{{head, func(row int, into []uint64) []uint64 {
			if at := c.of[row]; at >= 0 {
				return append(into, mix(math.Float64bits(c.values[at])))
			}
			return into
		}}},
	}
}

func dateLevels() []model.Level {
	return []model.Level{
		by(1, level("equal", 0.7)), free(level("coarser", 0.05)), free(level("slipped", 0.1)), level("same_year", 0.06),
		level("next_year", 0.04), level("few_years", 0.03), level("different", 0.02),
	}
}

// dates makes a comparison of each date, whether it stands in one column or in three.
func (b *builder) dates() {
	years, months, days := b.of(Year), b.of(Month), b.of(DayOf)
	if whole := b.of(Day); len(whole) == 1 && len(years) == 1 && len(months)+len(days) == 0 { // the year says no more, but where the date is missing
		b.add(b.date([]int{whole[0], years[0]}, func(row int) string {
			return cmp.Or(b.table.Columns[whole[0]][row], b.table.Columns[years[0]][row])
		}), alikeBirth)
		return
	}
	for _, i := range b.of(Day) {
		b.add(b.date([]int{i}, column(b.table, i)), alikeBirth)
	}
	if len(years) == 0 {
		return
	}
	columns := years[:1]
	part := func(columns []int, row int) string {
		if len(columns) == 0 || b.table.Columns[columns[0]][row] == "" {
			return ""
		}
		return "-" + b.table.Columns[columns[0]][row]
	}
	columns = slices.Concat(columns, months[:min(1, len(months))], days[:min(1, len(days))])
	b.add(b.date(columns, func(row int) string {
		return b.table.Columns[years[0]][row] + part(months, row) + part(days, row)
	}), alikeBirth)
	for _, i := range years[1:] {
		b.kinds[i] = Number
	}
}

func (b *builder) date(columns []int, value func(row int) string) field {
	c := code(b.rows, value, readDate)
	head := b.table.Heads[columns[0]]
	part := func(name string, seed uint64, of func(d compare.Date) int) atom {
		return atom{head + name, func(row int, into []uint64) []uint64 {
			if at := c.of[row]; at >= 0 {
				if v := of(c.values[at]); v > 0 {
					return append(into, mix(seed<<32|uint64(v)))
				}
			}
			return into
		}}
	}
	return field{
		spec:    model.Field{Name: head, Role: model.Person, Levels: dateLevels()},
		columns: b.heads(columns...),
		compare: func(x, y int) model.Evidence {
			p, q := c.of[x], c.of[y]
			if p < 0 || q < 0 {
				return none()
			}
			e := model.Evidence{Level: uint8(compare.Dates(c.values[p], c.values[q]))}
			if e.Level == uint8(compare.DateEqual) {
				e.Common = max(c.share(p), c.share(q))
			}
			return e
		},
		atoms: []atom{
			part("", 6, func(d compare.Date) int { return d.Year*10000*min(d.Day, 1) + d.Month*100 + d.Day }),
			part(" year", 7, func(d compare.Date) int { return d.Year }),
			part(" month and day", 8, func(d compare.Date) int { return d.Month*100*min(d.Day, 1) + d.Day }),
			part(" year and month", 9, func(d compare.Date) int { return d.Year*100*min(d.Month, 1) + d.Month }),
		},
	}
}

// nested finds places among columns of which the heading says nothing: values of the one go with one value of the other.
func (b *builder) nested() {
	silent := slices.DeleteFunc(b.of(Text, Exact), func(i int) bool {
		return ofHead(headWords(b.table.Heads[i])) != "" || b.asked[b.table.Heads[i]] != ""
	})
	for _, inner := range silent {
		for _, outer := range silent {
			if inner != outer && look(b.table.Columns[outer]).distinct > 2 && b.liesIn(inner, outer) {
				b.kinds[inner], b.kinds[outer] = Place, Place
			}
		}
	}
}

// places makes one comparison of places that lie in one another, and one of each place that stands alone.
func (b *builder) places() {
	left := b.of(Place)
	for len(left) > 0 {
		chain := b.chain(left)
		b.add(b.place(chain), alikeShared)
		left = slices.DeleteFunc(left, func(i int) bool { return slices.Contains(chain, i) })
	}
}

// chain gives the first place and those that it lies in or that lie in it, the smallest first.
func (b *builder) chain(columns []int) []int {
	chain := columns[:1:1]
	for _, i := range columns[1:] {
		for at := 0; at <= len(chain); at++ {
			below := at == 0 || b.liesIn(chain[at-1], i)
			above := at == len(chain) || b.liesIn(i, chain[at])
			if below && above {
				chain = slices.Insert(chain, at, i)
				break
			}
		}
	}
	return chain
}

// liesIn tells whether a value of one column nearly always goes with the same value of another.
func (b *builder) liesIn(inner, outer int) bool {
	with := map[string]map[string]int{}
	for row := range b.rows {
		in, out := b.table.Columns[inner][row], b.table.Columns[outer][row]
		if in != "" && out != "" {
			if with[in] == nil {
				with[in] = map[string]int{}
			}
			with[in][out]++
		}
	}
	total, same := 0, 0
	for _, outs := range with {
		sum, most := 0, 0
		for _, n := range outs {
			sum, most = sum+n, max(most, n)
		}
		if sum > 1 {
			total, same = total+sum-1, same+most-1
		}
	}
	return total > b.rows/20 && float64(same) >= 0.9*float64(total)
}

func (b *builder) place(chain []int) field {
	var parts []coded[string]
	var levels []model.Level
	f := field{columns: b.heads(chain...)}
	for n, i := range chain {
		c := code(b.rows, column(b.table, i), func(v string) (string, bool) { t := readText(v); return t, t != "" })
		merge(&c)
		parts = append(parts, c)
		f.atoms = append(f.atoms, valueAtom(b.table.Heads[i], &c))
		levels = append(levels, by(1, level("same_"+b.table.Heads[i], 0.6/float64(n*3+1))))
		if n == 0 {
			levels = append(levels, level("near", 0.1))
		}
	}
	f.spec = model.Field{Name: b.table.Heads[chain[0]], Role: model.Household, Levels: append(levels, level("different", 0.15))}
	f.compare = func(x, y int) model.Evidence {
		known := false
		for n := range parts {
			c := &parts[n]
			p, q := c.of[x], c.of[y]
			if p < 0 || q < 0 {
				continue
			}
			known = true
			if p == q {
				return model.Evidence{Level: uint8(n + 1 + min(n, 1)), Common: c.share(p)}
			}
			if n == 0 && compare.Texts(c.values[p], c.values[q]) == compare.TextNear && len(chain) == 1 {
				return model.Evidence{Level: 2}
			}
		}
		if !known {
			return none()
		}
		return model.Evidence{Level: uint8(len(f.spec.Levels))}
	}
	return f
}
