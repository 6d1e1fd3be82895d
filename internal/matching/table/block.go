// SPDX-License-Identifier: Apache-2.0

package table

import "slices"

// What bringing rows together may cost. Small tables can afford to look at most pairs.
const (
	pairsForAny  = 500_000 // pairs that are looked at however small the table is
	pairsPerRow  = 30
	largestBlock = 400 // rows with one key; beyond, other keys must tell them apart
	keysPerRow   = 12  // of one template
)

// template is a way to bring rows together: they share a key of one atom, or of each of two.
type template struct {
	one, two int // atoms; two is -1 for one alone
	pairs    int
}

// blocks brings the rows of a table together.
type blocks struct {
	rows   int
	source []byte // 0 and 1 where two files are linked, nil otherwise
	keys   [][]rowKey
	fields []int      // the field of each atom
	all    []template // the fewest pairs first
}

// rowKey is one key of one row.
type rowKey struct {
	key uint64
	row int32
}

func blocksOf(rows int, fields []field, source []byte) *blocks {
	b := &blocks{rows: rows, source: source}
	var keys []uint64
	for f := range fields {
		for _, a := range fields[f].atoms {
			var all []rowKey
			for row := range rows {
				keys = a.keys(row, keys[:0])
				slices.Sort(keys)
				for _, k := range slices.Compact(keys) {
					all = append(all, rowKey{k, int32(row)})
				}
			}
			b.keys, b.fields = append(b.keys, all), append(b.fields, f)
		}
	}
	b.all = b.templates()
	return b
}

// templates counts what every atom, and every two of them, bring together.
func (b *blocks) templates() (all []template) {
	for i := range b.keys {
		all = append(all, template{i, -1, 0})
		for j := i + 1; j < len(b.keys); j++ {
			all = append(all, template{i, j, 0})
		}
	}
	for i := range all {
		all[i].pairs = b.count(all[i])
	}
	slices.SortStableFunc(all, func(x, y template) int { return x.pairs - y.pairs })
	return all
}

// candidates gives the pairs that share a key, sorted. The templates that bring the fewest together come first, for they say the
// most, and as many follow as the number of pairs allows.
func (b *blocks) candidates() []uint64 {
	budget := max(pairsForAny, pairsPerRow*b.rows)
	var pairs []uint64
	for _, t := range b.all {
		if t.pairs > 2*budget {
			break
		}
		b.each(t, func(p uint64) { pairs = append(pairs, p) })
		if len(pairs) > 2*budget {
			if pairs = distinct(pairs); len(pairs) > budget {
				break
			}
		}
	}
	return distinct(pairs)
}

func distinct(pairs []uint64) []uint64 {
	slices.Sort(pairs)
	return slices.Compact(pairs)
}

func pairOf(a, b int32) uint64 { return uint64(min(a, b))<<32 | uint64(max(a, b)) }

func rowsOf(pair uint64) (a, b int) { return int(pair >> 32), int(uint32(pair)) }

// both gives the rows by the keys of a template, sorted by key.
func (b *blocks) both(t template) []rowKey {
	if t.two < 0 {
		out := slices.Clone(b.keys[t.one])
		slices.SortFunc(out, byKey)
		return out
	}
	one, two := b.keys[t.one], b.keys[t.two]
	out := make([]rowKey, 0, max(len(one), len(two)))
	j := 0
	for _, k := range one {
		for j < len(two) && two[j].row < k.row {
			j++
		}
		for n := j; n < len(two) && two[n].row == k.row && n < j+keysPerRow; n++ {
			out = append(out, rowKey{mix(k.key + 31*two[n].key), k.row})
		}
	}
	slices.SortFunc(out, byKey)
	return out
}

func byKey(a, b rowKey) int {
	switch {
	case a.key != b.key && a.key < b.key:
		return -1
	case a.key != b.key:
		return 1
	}
	return int(a.row - b.row)
}

// runs calls f with the rows of each key, except of keys that too many share.
func runs(sorted []rowKey, f func(rows []rowKey)) {
	for i := 0; i < len(sorted); {
		j := i + 1
		for j < len(sorted) && sorted[j].key == sorted[i].key {
			j++
		}
		if j-i > 1 && j-i <= largestBlock {
			f(sorted[i:j])
		}
		i = j
	}
}

func (b *blocks) count(t template) int {
	n := 0
	runs(b.both(t), func(rows []rowKey) { n += len(rows) * (len(rows) - 1) / 2 })
	return n
}

func (b *blocks) each(t template, f func(pair uint64)) {
	runs(b.both(t), func(rows []rowKey) {
		for i := range rows {
			for j := i + 1; j < len(rows); j++ {
				x, y := rows[i].row, rows[j].row
				if x != y && (b.source == nil || b.source[x] != b.source[y]) {
					f(pairOf(x, y))
				}
			}
		}
	})
}
