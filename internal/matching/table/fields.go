// SPDX-License-Identifier: Apache-2.0

package table

import (
	"math"
	"slices"

	"fera/internal/matching/model"
)

// field is one comparison, made of one column or several.
type field struct {
	spec    model.Field
	columns []string // headings, for the report
	compare func(a, b int) model.Evidence
	atoms   []atom
}

// atom is one way to put rows together: those whose key is equal. A row may have several keys, or none.
type atom struct {
	name string
	keys func(row int, into []uint64) []uint64
}

// fieldsOf makes the comparisons of a table.
func fieldsOf(t *Table, kinds []Kind, asked map[string]Kind) []field {
	b := &builder{table: t, kinds: kinds, asked: asked, rows: t.Rows()}
	b.nested()
	b.ownNames()
	b.dates()
	b.places()
	for i, k := range kinds {
		switch k {
		case Kin:
			b.add(b.name([]int{i}, model.Household), alikeShared)
		case Phone:
			b.add(b.numbered(i, model.Household, readPhone), alikeShared)
		case NID:
			b.add(b.nid(i), alikeFew)
		case Paper, Email:
			b.add(b.numbered(i, model.Person, solid), alikeFew)
		case Sex, Exact:
			b.add(b.exact(i), alikeShared)
		case Number, Age:
			b.add(b.number(i), alikeShared)
		case Text:
			b.add(b.text(i, model.Person), alikeFew)
		case Address:
			b.add(b.text(i, model.Household), alikeShared)
		}
	}
	return b.fields
}

// builder collects comparisons.
type builder struct {
	table  *Table
	kinds  []Kind
	asked  map[string]Kind
	rows   int
	fields []field
}

// How far two of a household may agree in a field as one person does.
const (
	alikeBeyond  = 2    // one word of a name that brothers share
	alikeShared  = 1    // parents, place, telephone, sex
	alikeSurname = 0.9  // where surnames are inherited
	alikeBirth   = 0.1  // twins
	alikeFew     = 0.03 // given names, papers
)

// add adds a comparison of which two of a household agree at most so far. A level that has its own bound keeps it.
func (b *builder) add(f field, alike float64) {
	if f.spec.Role == model.Person && b.guessed(f) {
		f.spec.Role, alike = model.Either, alikeShared
	}
	for l := range f.spec.Levels {
		if lv := &f.spec.Levels[l]; lv.Alike == 0 {
			lv.Alike = alike
		}
	}
	b.fields = append(b.fields, f)
}

// guessed tells whether no heading said whose a name or a text is: a person's, or a father's or a village.
func (b *builder) guessed(f field) bool {
	for _, head := range f.columns {
		i := b.table.Column(head)
		if k := b.kinds[i]; k != Person && k != Text && k != Exact || ofHead(headWords(head)) != "" || b.asked[head] != "" {
			return false
		}
	}
	return true
}

func (b *builder) of(kinds ...Kind) (columns []int) {
	for i, k := range b.kinds {
		if slices.Contains(kinds, k) {
			columns = append(columns, i)
		}
	}
	return columns
}

func (b *builder) heads(columns ...int) (heads []string) {
	for _, i := range columns {
		heads = append(heads, b.table.Heads[i])
	}
	return heads
}

// coded is a column read once for each different value: rows hold indexes of values.
type coded[T any] struct {
	of     []int32 // by row; -1 is missing
	values []T
	counts []int32
	known  int
}

// code reads a column; what read does not accept is missing.
func code[T any](rows int, value func(row int) string, read func(v string) (T, bool)) coded[T] {
	c := coded[T]{of: make([]int32, rows)}
	seen := map[string]int32{}
	for row := range rows {
		v := value(row)
		at, ok := seen[v]
		if !ok {
			at = -1
			if v != "" {
				if parsed, ok := read(v); ok {
					at = int32(len(c.values))
					c.values = append(c.values, parsed)
					c.counts = append(c.counts, 0)
				}
			}
			seen[v] = at
		}
		c.of[row] = at
		if at >= 0 {
			c.counts[at]++
			c.known++
		}
	}
	return c
}

// merge counts together the values that read the same.
func merge(c *coded[string]) {
	first := map[string]int32{}
	to := make([]int32, len(c.values))
	for i, v := range c.values {
		at, ok := first[v]
		if !ok {
			at = int32(i)
			first[v] = at
		} else {
			c.counts[at] += c.counts[i]
		}
		to[i] = at
	}
	for row, at := range c.of {
		if at >= 0 {
			c.of[row] = to[at]
		}
	}
}

func column(t *Table, i int) func(row int) string {
	return func(row int) string { return t.Columns[i][row] }
}

// share is log2 of how frequent a value is among others than the one that has it.
func (c *coded[T]) share(at int32) float32 {
	return float32(math.Log2(max(float64(c.counts[at])-1, 0.7) / float64(max(c.known-1, 1))))
}

// crowd is log2 of by how many a value is shared, a pair being as it should be: a telephone that eight use says less.
func (c *coded[T]) crowd(at int32) float32 {
	return float32(math.Log2(max(float64(c.counts[at]), 2) / 2))
}

// level makes a level with a first guess of M.
func level(name string, m float64) model.Level { return model.Level{Name: name, M: m} }

// by makes a level whose weight depends on how common the value is.
func by(share float64, l model.Level) model.Level {
	l.Share = share
	if share > 0 {
		l.Typical = -1
	}
	return l
}

// free makes a level that stands in no order with the one before.
func free(l model.Level) model.Level {
	l.Free = true
	return l
}

func textLevels(equal, near, similar, different float64) []model.Level {
	return []model.Level{by(1, level("equal", equal)), level("near", near), level("similar", similar), level("different", different)}
}

// none is a missing value.
func none() model.Evidence { return model.Evidence{} }

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// hash is FNV-1a, of a text after a seed.
func hash(seed uint64, s string) uint64 {
	h := seed ^ fnvOffset
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * fnvPrime
	}
	return mix(h)
}

// mix spreads the bits of a number (the finaliser of SplitMix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
