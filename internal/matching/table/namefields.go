// SPDX-License-Identifier: Apache-2.0

package table

import (
	"math"

	"fera/internal/matching/compare"
	"fera/internal/matching/model"
	"fera/internal/names"
)

// nameLevels are the levels of compare.NameLevel, from the best.
func nameLevels() []model.Level {
	parted := by(0.6, level("parted", 0.04))
	parted.Alike = alikeBeyond
	return []model.Level{
		by(1, level("equal", 0.6)), by(0.6, level("near", 0.12)), by(0.6, level("sounding", 0.08)), by(0.6, level("shorter", 0.06)),
		parted, level("different", 0.06), free(by(0.6, level("crossed", 0.04))),
	}
}

// nameColumn is names taken apart, from one column or several joined, with how common whole names and words are.
type nameColumn struct {
	coded[compare.Name]
	words []float32 // log2 of the frequency, by compare.Word.ID
	cache []cached
}

// cached is one comparison that was made before.
type cached struct {
	a, b   int32
	level  compare.NameLevel
	filled bool
	common float32
}

const cacheSize = 1 << 16

// names reads columns that hold parts of one name.
func (b *builder) names(columns []int) *nameColumn {
	joined := func(row int) string {
		s := ""
		for _, i := range columns {
			if v := b.table.Columns[i][row]; v != "" {
				s += " " + v
			}
		}
		return s
	}
	n := &nameColumn{cache: make([]cached, cacheSize)}
	ids, counts := map[string]int{}, []int{}
	n.coded = code(b.rows, joined, func(v string) (compare.Name, bool) {
		name := compare.NameOf(v)
		for i := range name.Words {
			w := &name.Words[i]
			id, ok := ids[w.Text]
			if !ok {
				id = len(ids)
				ids[w.Text] = id
				counts = append(counts, 0)
			}
			w.ID = id
		}
		return name, len(name.Words) > 0
	})
	n.sameNames()
	for at, name := range n.values {
		for _, w := range name.Words {
			counts[w.ID] += int(n.counts[at])
		}
	}
	for _, c := range counts {
		n.words = append(n.words, float32(math.Log2(max(float64(c)-1, 0.7)/float64(max(n.known-1, 1)))))
	}
	return n
}

// sameNames counts together names that differ in titles and case alone.
func (n *nameColumn) sameNames() {
	whole := coded[string]{of: n.of, counts: n.counts}
	for _, v := range n.values {
		whole.values = append(whole.values, v.Whole)
	}
	merge(&whole)
	for at := range n.counts { // those merged away are counted where they went
		n.counts[at] = 0
	}
	for _, at := range n.of {
		if at >= 0 {
			n.counts[at]++
		}
	}
}

// at compares two values, of this column or of another.
func (n *nameColumn) at(a int32, other *nameColumn, b int32) (compare.NameLevel, float32) {
	if a < 0 || b < 0 {
		return compare.NameMissing, 0
	}
	if n == other && a > b {
		a, b = b, a
	}
	slot := &n.cache[mix(uint64(a)<<32|uint64(b))%cacheSize]
	if n == other && slot.filled && slot.a == a && slot.b == b {
		return slot.level, slot.common
	}
	common, agreed := float32(0), float32(0)
	l := compare.Names(&n.values[a], &other.values[b], func(x, y *compare.Word) {
		agreed = min(agreed, max(n.words[x.ID], other.words[y.ID]))
	})
	switch {
	case l == compare.NameEqual:
		common = max(n.share(a), other.share(b))
	case agreed < 0:
		common = agreed
	default:
		common = max(n.share(a), other.share(b))
	}
	if n == other {
		*slot = cached{a, b, l, true, common}
	}
	return l, common
}

// agree tells whether names are the same but for spelling.
func agree(l compare.NameLevel) bool { return l >= compare.NameEqual && l <= compare.NameShorter }

// written tells whether names are the same but for a slip of the pen.
func written(l compare.NameLevel) bool { return l == compare.NameEqual || l == compare.NameNear }

// name makes a comparison of one name.
func (b *builder) name(columns []int, role model.Role) field {
	n := b.names(columns)
	return field{
		spec:    model.Field{Name: b.table.Heads[columns[0]], Role: role, Levels: nameLevels()},
		columns: b.heads(columns...),
		compare: func(x, y int) model.Evidence {
			l, common := n.at(n.of[x], n, n.of[y])
			return model.Evidence{Level: uint8(l), Common: common}
		},
		atoms: n.atoms(b.table.Heads[columns[0]]),
	}
}

// ownNames makes the comparisons of a person's own name: of given name and surname, which may be exchanged, and of full names,
// of which one in either script is one name.
func (b *builder) ownNames() {
	given, surname, full := b.of(Given), b.of(Surname), b.of(Person)
	latin, bangla := b.byScript(full)
	switch {
	case len(given) > 0 && len(surname) > 0:
		b.crossing(given, surname)
	case len(given)+len(surname) > 0:
		b.add(b.name(append(given, surname...), model.Person), alikeFew)
	}
	if len(latin) > 0 && len(bangla) > 0 {
		b.add(b.twoScripts(latin[:1], bangla[:1]), alikeFew)
		latin, bangla = latin[1:], bangla[1:]
	}
	for _, i := range append(latin, bangla...) {
		b.add(b.name([]int{i}, model.Person), alikeFew)
	}
}

func (b *builder) byScript(columns []int) (latin, bangla []int) {
	for _, i := range columns {
		count := 0
		for _, v := range b.table.Columns[i] {
			switch names.Looks(v) {
			case names.Bangla:
				count++
			case names.Latin:
				count--
			}
		}
		if count > 0 {
			bangla = append(bangla, i)
		} else {
			latin = append(latin, i)
		}
	}
	return latin, bangla
}

// crossing makes two comparisons that notice when the two parts of a name were entered in each other's place.
func (b *builder) crossing(given, surname []int) {
	g, s := b.names(given), b.names(surname)
	side := func(own, other *nameColumn, first bool) func(x, y int) model.Evidence {
		return func(x, y int) model.Evidence {
			l, common := own.at(own.of[x], own, own.of[y])
			if agree(l) || l == compare.NameParted {
				return model.Evidence{Level: uint8(l), Common: common}
			}
			if straight, _ := other.at(other.of[x], other, other.of[y]); agree(straight) {
				return model.Evidence{Level: uint8(l), Common: common}
			}
			one, c1 := own.at(own.of[x], other, other.of[y])
			two, c2 := own.at(own.of[y], other, other.of[x])
			switch {
			case written(one) && written(two):
				return model.Evidence{Level: uint8(compare.NameCrossed), Common: (c1 + c2) / 2}
			case written(one) && two == compare.NameMissing || written(two) && one == compare.NameMissing:
				if !first {
					return none() // said once
				}
				return model.Evidence{Level: uint8(compare.NameCrossed), Common: min(c1, c2)}
			}
			return model.Evidence{Level: uint8(l), Common: common}
		}
	}
	for i, columns := range [][]int{given, surname} {
		own, other, alike := g, s, alikeFew
		if i == 1 {
			own, other, alike = s, g, alikeSurname
		}
		atoms := own.atoms(b.table.Heads[columns[0]])
		if i == 0 {
			either := joinAtoms(g.atoms("either name"), s.atoms("either name"))
			atoms = append(atoms, either[0], either[1])
		}
		b.add(field{
			spec:    model.Field{Name: b.table.Heads[columns[0]], Role: model.Person, Levels: nameLevels()},
			columns: b.heads(columns...), compare: side(own, other, i == 0), atoms: atoms,
		}, alike)
	}
}

// twoScripts makes one comparison of a name that stands in two scripts: the best that any two of its forms say.
func (b *builder) twoScripts(latin, bangla []int) field {
	l, g := b.names(latin), b.names(bangla)
	head := b.table.Heads[latin[0]]
	return field{
		spec:    model.Field{Name: head, Role: model.Person, Levels: nameLevels()},
		columns: b.heads(latin[0], bangla[0]),
		compare: func(x, y int) model.Evidence {
			best := none()
			try := func(lv compare.NameLevel, common float32) {
				if lv != compare.NameMissing && (best.Level == 0 || uint8(lv) < best.Level) {
					best = model.Evidence{Level: uint8(lv), Common: common}
				}
			}
			try(l.at(l.of[x], l, l.of[y]))
			try(g.at(g.of[x], g, g.of[y]))
			if best.Level == 0 {
				try(l.at(l.of[x], g, g.of[y]))
				try(l.at(l.of[y], g, g.of[x]))
			}
			return best
		},
		atoms: joinAtoms(l.atoms(head), g.atoms(head)),
	}
}

// joinAtoms gives rows the keys that either form of the name has; both scripts have one sound.
func joinAtoms(one, two []atom) []atom {
	out := make([]atom, len(one))
	for i := range one {
		a, b := one[i].keys, two[i].keys
		out[i] = atom{one[i].name, func(row int, into []uint64) []uint64 { return b(row, a(row, into)) }}
	}
	return out
}

// atoms of a name: each word by sound, all words by sound whatever their order, and the first and the last letters of each word.
func (n *nameColumn) atoms(head string) []atom {
	each := func(keys func(w *compare.Word, into []uint64) []uint64) func(int, []uint64) []uint64 {
		return func(row int, into []uint64) []uint64 {
			if at := n.of[row]; at >= 0 {
				for i := range n.values[at].Words {
					into = keys(&n.values[at].Words[i], into)
				}
			}
			return into
		}
	}
	return []atom{
		{head + " sound", each(func(w *compare.Word, into []uint64) []uint64 { return append(into, hash(1, w.Key)) })},
		{head + " beginning", each(func(w *compare.Word, into []uint64) []uint64 {
			return append(into, hash(2, w.Text[:min(len(w.Text), 3)]))
		})},
		{head + " end", each(func(w *compare.Word, into []uint64) []uint64 {
			return append(into, hash(3, w.Text[max(0, len(w.Text)-3):]))
		})},
		{head + " whole", func(row int, into []uint64) []uint64 {
			at := n.of[row]
			if at < 0 {
				return into
			}
			sum := uint64(0)
			for _, w := range n.values[at].Words {
				sum += hash(4, w.Key)
			}
			return append(into, mix(sum))
		}},
	}
}
