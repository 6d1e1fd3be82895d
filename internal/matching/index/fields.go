// SPDX-License-Identifier: Apache-2.0

package index

import (
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strings"

	"fera/internal/matching/compare"
	"fera/internal/matching/model"
)

// The fields of a record in the order of a model.
const (
	fieldName = iota
	fieldBirth
	fieldPlace
	fieldVillage
	fieldFather
	fieldMother
	fieldSpouse
	fieldSex
	fieldPhone
	fieldOldNID
	fieldSmartNID
	fieldPassport
	fieldCount
)

// Levels of places.
const (
	samePlace = iota + 1
	sameUpazila
	sameDistrict
	sameDivision
	otherPlace
)

// fields are the comparisons with a first guess of M, and how far a household may agree in each.
func fields() []model.Field {
	person := func(alike float64, name string, levels ...model.Level) model.Field {
		return model.Field{Name: name, Role: model.Person, Levels: bounded(levels, alike)}
	}
	shared := func(name string, levels ...model.Level) model.Field {
		return model.Field{Name: name, Role: model.Household, Levels: bounded(levels, 1)}
	}
	return []model.Field{
		person(0.03, "name", nameLevels()...),
		person(0.1, "birth", weighted("equal", 0.7, 1), free("coarser", 0.05), free("slipped", 0.1), free("same_year", 0.06),
			level("next_year", 0.04), level("few_years", 0.03), level("different", 0.02)),
		shared("place", level("union", 0.5), free("upazila", 0.35), level("district", 0.06), level("division", 0.03), level("different", 0.06)),
		shared("village", weighted("equal", 0.8, 1), level("near", 0.08), level("different", 0.12)),
		shared("father", nameLevels()...), shared("mother", nameLevels()...), shared("spouse", nameLevels()...),
		person(1, "sex", level("equal", 0.99), level("different", 0.01)),
		shared("phone", weighted("equal", 0.5, 2), level("different", 0.5)),
		person(0.03, "nid", weighted("equal", 0.95, 2), level("different", 0.05)),
		person(0.03, "smart_nid", weighted("equal", 0.95, 2), level("different", 0.05)),
		person(0.03, "passport", weighted("equal", 0.65, 2), level("different", 0.35)),
	}
}

func level(name string, m float64) model.Level { return model.Level{Name: name, M: m} }

func free(name string, m float64) model.Level { return model.Level{Name: name, M: m, Free: true} }

// weighted makes a level that weighs more the rarer the value. Numbers are typically of two records, names as common as they are.
func weighted(name string, m, share float64) model.Level {
	l := model.Level{Name: name, M: m, Share: share}
	if share <= 1 {
		l.Typical = -1
	}
	return l
}

func nameLevels() []model.Level {
	parted := weighted("parted", 0.05, 0.6)
	parted.Alike = 2
	return []model.Level{weighted("equal", 0.4, 1), weighted("near", 0.2, 0.8), weighted("sounding", 0.2, 0.8), weighted("shorter", 0.09, 0.6),
		parted, level("different", 0.06)}
}

func bounded(levels []model.Level, alike float64) []model.Level {
	for i := range levels {
		if levels[i].Alike == 0 {
			levels[i].Alike = alike
		}
	}
	return levels
}

//go:embed default.json
var shipped string

// Default is the model to begin with, before a register is large enough to learn from. It was learned from simulated persons.
func Default() (*model.Model, error) { return model.Read(strings.NewReader(shipped)) }

// Blank is a model that has learned nothing and finds nobody, for an index that is about to learn.
func Blank() *model.Model {
	m := &model.Model{Format: model.Format, Version: "blank", From: "nothing", Matches: 1e-6, Fields: fields()}
	for f := range m.Fields {
		for l := range m.Fields[f].Levels {
			lv := &m.Fields[f].Levels[l]
			lv.U, lv.H = lv.M, lv.M
		}
	}
	return m
}

// fitted is a model in use.
type fitted struct {
	model  *model.Model
	scorer *model.Scorer
}

// Use changes the model. Questions already asked are answered by the old one.
func (x *Index) Use(m *model.Model) error {
	want := fields()
	if len(m.Fields) != len(want) {
		return fmt.Errorf("use model %s: it has %d fields, the index has %d", m.Version, len(m.Fields), len(want))
	}
	for i, f := range want {
		if m.Fields[i].Name != f.Name || len(m.Fields[i].Levels) != len(f.Levels) {
			return fmt.Errorf("use model %s: field %d is %s with %d levels, want %s with %d", m.Version, i, m.Fields[i].Name,
				len(m.Fields[i].Levels), f.Name, len(f.Levels))
		}
	}
	x.model.Store(&fitted{m, m.Scorer()})
	return nil
}

// Model is the model in use.
func (x *Index) Model() *model.Model { return x.model.Load().model }

// speaker compares words by number, some of which may stand in a question alone.
type speaker interface {
	lexicon
	likeness(a, b uint32) compare.Likeness
	commonness(id uint32, kin bool, persons float64) float64
	grown(a, b []uint32) bool
}

// side is one of two records that are compared.
type side struct {
	*compact
	at    uint32   // its number in the state, or nowhere
	extra []uint64 // of a question: the keys of numbers beyond those kept
}

const nowhere = ^uint32(0)

// evidence compares two records in all fields.
func evidence(a, b side, s speaker, st *state, e *[fieldCount]model.Evidence) {
	persons := float64(st.live.Load())
	e[fieldName] = ownName(a.compact, b.compact, s, persons)
	e[fieldBirth] = births(a.compact, b.compact, persons)
	e[fieldPlace] = model.Evidence{Level: placeLevel(a.compact, b.compact)}
	e[fieldVillage] = villages(a.compact, b.compact, s, persons)
	e[fieldFather] = nameOf(a.father[:], b.father[:], s, persons, true)
	e[fieldMother] = nameOf(a.mother[:], b.mother[:], s, persons, true)
	e[fieldSpouse] = nameOf(a.spouse[:], b.spouse[:], s, persons, true)
	e[fieldSex] = equal(uint32(a.sex), uint32(b.sex))
	n := numbers{st, a, b}
	e[fieldPhone] = n.compare(keyPhone, a.phone[:], b.phone[:])
	e[fieldOldNID] = n.compare(keyOld, a.old[:], b.old[:])
	e[fieldSmartNID] = n.compare(keySmart, a.smart[:], b.smart[:])
	e[fieldPassport] = n.compare(keyPassport, a.passport[:], b.passport[:])
}

func equal(a, b uint32) model.Evidence {
	switch {
	case a == 0 || b == 0:
		return model.Evidence{}
	case a == b:
		return model.Evidence{Level: 1}
	}
	return model.Evidence{Level: 2}
}

// numbers compares the numbers of two records.
type numbers struct {
	state *state
	a, b  side
}

// compare compares numbers of one kind, of which each may have several: one that both have is enough.
func (n *numbers) compare(kind uint64, a, b []uint32) model.Evidence {
	known := false
	for _, x := range a {
		for _, y := range b {
			if x == 0 || y == 0 {
				continue
			}
			if x == y {
				return n.shared(kind, x)
			}
			known = true
		}
	}
	if n.a.more || n.b.more {
		for _, x := range a {
			if x != 0 && n.state.leads(n.b, keyOf(kind, uint64(x))) {
				return n.shared(kind, x)
			}
		}
		for _, y := range b {
			if y != 0 && n.state.leads(n.a, keyOf(kind, uint64(y))) {
				return n.shared(kind, y)
			}
		}
	}
	if known {
		return model.Evidence{Level: 2}
	}
	return model.Evidence{}
}

// shared is the evidence of a number that both have: the more who have it, the less it says.
func (n *numbers) shared(kind uint64, x uint32) model.Evidence {
	return model.Evidence{Level: 1, Common: float32(math.Log2(float64(max(n.state.holders(kind, x), 2)) / 2))}
}

// manyHolders is how many records of a list are looked at; of longer ones the length is near enough.
const manyHolders = 64

// holders counts the records that have a number. A list may hold records of another key.
func (s *state) holders(kind uint64, x uint32) int {
	key := keyOf(kind, uint64(x))
	list := s.list(key)
	if len(list) > manyHolders {
		return len(list)
	}
	n, seen := 0, 0
	count := func(i uint32) bool {
		if !s.isRemoved(i) && (slices.Contains(s.at(i).ofKind(kind), x) || s.at(i).more) {
			n++
		}
		seen++
		return seen < 2*manyHolders
	}
	for _, i := range list {
		count(i)
	}
	s.delta.each(key, count)
	return n
}

// ofKind gives the numbers of one kind.
func (c *compact) ofKind(kind uint64) []uint32 {
	switch kind {
	case keyPhone:
		return c.phone[:]
	case keyOld:
		return c.old[:]
	case keySmart:
		return c.smart[:]
	}
	return c.passport[:]
}

// leads tells whether a key leads to a record.
func (s *state) leads(r side, key uint64) bool {
	switch {
	case !r.more:
		return false
	case r.at == nowhere:
		return slices.Contains(r.extra, key)
	}
	list := s.list(key)
	if slices.Contains(list[:min(len(list), longList)], r.at) {
		return true
	}
	found, seen := false, 0
	s.delta.each(key, func(i uint32) bool {
		found = i == r.at
		seen++
		return !found && seen < longList
	})
	return found
}

// ownName compares the names of two persons in whichever of their forms they are most alike.
func ownName(a, b *compact, s speaker, persons float64) model.Evidence {
	best := nameOf(a.own[:], b.own[:], s, persons, false)
	if best.Level == uint8(compare.NameEqual) || a.other[0] == 0 && b.other[0] == 0 {
		return best
	}
	for _, e := range [...]model.Evidence{nameOf(a.other[:], b.other[:], s, persons, false),
		nameOf(a.own[:], b.other[:], s, persons, false), nameOf(a.other[:], b.own[:], s, persons, false)} {
		if e.Level != 0 && (best.Level == 0 || e.Level < best.Level) {
			best = e
		}
	}
	return best
}

// nameOf compares two names word by word. What agrees is as common as its words together.
func nameOf(a, b []uint32, s speaker, persons float64, kin bool) model.Evidence {
	a, b = filled(a), filled(b)
	if len(a) > len(b) {
		a, b = b, a
	}
	l, partner := compare.Align(len(a), len(b), func(i, j int) compare.Likeness { return s.likeness(a[i], b[j]) })
	if l == compare.NameMissing {
		return model.Evidence{}
	}
	common := 0.0
	if l < compare.NameDifferent {
		for i, j := range partner[:len(a)] {
			if j >= 0 {
				common += max(s.commonness(a[i], kin, persons), s.commonness(b[j], kin, persons))
			}
		}
	}
	if l > compare.NameSounding && len(a) < len(b) && s.grown(a, b) {
		l = compare.NameSounding
	}
	return model.Evidence{Level: uint8(l), Common: float32(max(common, -math.Log2(persons+2)))}
}

func filled(words []uint32) []uint32 {
	for i, id := range words {
		if id == 0 {
			return words[:i]
		}
	}
	return words
}

func villages(a, b *compact, s speaker, persons float64) model.Evidence {
	switch {
	case a.village == 0 || b.village == 0:
		return model.Evidence{}
	case a.village == b.village:
		return model.Evidence{Level: 1, Common: float32(s.commonness(a.village, true, persons))}
	case s.likeness(a.village, b.village) >= compare.Sounding:
		return model.Evidence{Level: 2}
	}
	return model.Evidence{Level: 3}
}

// births compares dates. Ages of migrants spread over some forty years; one in eight is born on a first of January.
func births(a, b *compact, persons float64) model.Evidence {
	l := compare.Dates(a.date(), b.date())
	e := model.Evidence{Level: uint8(l)}
	if l == compare.DateEqual {
		e.Common = float32(max(-math.Log2(40*365), -math.Log2(persons+2)))
		if a.birth&0x1ff == 1<<5|1 {
			e.Common = float32(-math.Log2(40 * 8))
		}
	}
	return e
}

// placeLevel compares geocodes as far as both are known.
func placeLevel(a, b *compact) uint8 {
	p, q := a.place, b.place
	switch {
	case p == 0 || q == 0:
		return 0
	case p == q && a.union != 0 && a.union == b.union:
		return samePlace
	case p == q && p%100 != 0:
		return sameUpazila
	case p>>31 != 0 || q>>31 != 0:
		return otherPlace
	case p/100 == q/100 && p/100%100 != 0:
		return sameDistrict
	case p/10000 == q/10000:
		return sameDivision
	}
	return otherPlace
}
