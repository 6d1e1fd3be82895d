// SPDX-License-Identifier: Apache-2.0

package index

import (
	_ "embed"
	"fmt"
	"math"
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
	fieldBirthNumber
	fieldPermit
	fieldCard
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
		person(0.03, "birth_number", weighted("equal", 0.95, 2), level("different", 0.05)),
		person(0.03, "permit", weighted("equal", 0.65, 2), level("different", 0.35)),
		person(0.03, "card", weighted("equal", 0.65, 2), level("different", 0.35)),
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
	if err := Fits(m); err != nil {
		return err
	}
	x.model.Store(&fitted{m, m.Scorer()})
	return nil
}

// Fits tells whether a model speaks of the fields that records have here, and
// otherwise what is amiss: a register may have learned one before there was a field.
func Fits(m *model.Model) error {
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

// weigher compares and weighs pairs, with what is the same for all of them.
type weigher struct {
	state   *state
	speaker speaker
	scorer  *model.Scorer
	persons float64 // log2 of how many there are
}

func (x *Index) weigher(st *state, s speaker, scorer *model.Scorer) *weigher {
	if scorer != nil {
		scorer = scorer.Among(int(max(st.live.Load(), 2)))
	}
	return &weigher{st, s, scorer, math.Log2(float64(max(x.persons(st), 2)))}
}

// all compares two records in all fields.
func (w *weigher) all(a, b side, e *[fieldCount]model.Evidence) {
	w.person(a, b, e)
	w.household(a, b, e)
}

// person compares what is of a person alone, and what is quickly compared.
func (w *weigher) person(a, b side, e *[fieldCount]model.Evidence) {
	n := numbers{w.state, a, b}
	e[fieldName] = w.ownName(a.compact, b.compact)
	e[fieldBirth] = w.births(a.compact, b.compact)
	e[fieldPlace] = model.Evidence{Level: placeLevel(a.compact, b.compact)}
	e[fieldSex] = equal(uint32(a.sex), uint32(b.sex))
	e[fieldPhone] = n.compare(keyPhone, a.phone[:], b.phone[:])
	e[fieldOldNID] = n.compare(keyOld, a.old[:], b.old[:])
	e[fieldSmartNID] = n.compare(keySmart, a.smart[:], b.smart[:])
	e[fieldPassport] = n.compare(keyPassport, a.passport[:], b.passport[:])
	e[fieldBirthNumber] = n.compare(keyBirthNumber, a.births[:], b.births[:])
	e[fieldPermit] = n.compare(keyPermit, a.permit[:], b.permit[:])
	e[fieldCard] = n.compare(keyCard, a.card[:], b.card[:])
	for _, f := range [...]int{fieldVillage, fieldFather, fieldMother, fieldSpouse} {
		e[f] = model.Evidence{}
	}
}

// household compares the rest.
func (w *weigher) household(a, b side, e *[fieldCount]model.Evidence) {
	e[fieldVillage] = w.villages(a.compact, b.compact)
	e[fieldFather] = w.nameOf(a.father[:], b.father[:], true)
	e[fieldMother] = w.nameOf(a.mother[:], b.mother[:], true)
	e[fieldSpouse] = w.nameOf(a.spouse[:], b.spouse[:], true)
}

// bits weighs two records, and gives up when what is of the person alone rules out that they reach the least that is wanted.
func (w *weigher) bits(a, b side, least float64, e *[fieldCount]model.Evidence) float64 {
	w.person(a, b, e)
	if w.scorer.AtMost(e[:], fieldVillage, fieldFather, fieldMother, fieldSpouse) < least {
		return least - 1
	}
	w.household(a, b, e)
	return w.scorer.Bits(e[:])
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

// ownName compares the names of two persons in whichever of their forms they are most alike.
func (w *weigher) ownName(a, b *compact) model.Evidence {
	best := w.nameOf(a.own[:], b.own[:], false)
	if best.Level == uint8(compare.NameEqual) || a.other[0] == 0 && b.other[0] == 0 {
		return best
	}
	try := func(x, y []uint32) {
		if x[0] == 0 || y[0] == 0 || best.Level == uint8(compare.NameEqual) {
			return
		}
		if e := w.nameOf(x, y, false); e.Level != 0 && (best.Level == 0 || e.Level < best.Level) {
			best = e
		}
	}
	try(a.other[:], b.other[:])
	if a.other[0] == 0 || b.other[0] == 0 { // otherwise each form has met its like
		try(a.own[:], b.other[:])
		try(a.other[:], b.own[:])
	}
	return best
}

// nameOf compares two names word by word. What agrees is as common as its words together.
func (w *weigher) nameOf(a, b []uint32, kin bool) model.Evidence {
	a, b = filled(a), filled(b)
	if len(a) == 0 || len(b) == 0 {
		return model.Evidence{}
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	l, partner := compare.Align(len(a), len(b), func(i, j int) compare.Likeness { return w.speaker.likeness(a[i], b[j]) })
	common := 0.0
	if l < compare.NameDifferent {
		for i, j := range partner[:len(a)] {
			if j >= 0 {
				common += max(w.speaker.commonness(a[i], kin, w.persons), w.speaker.commonness(b[j], kin, w.persons))
			}
		}
	}
	if l > compare.NameSounding && len(a) < len(b) && w.speaker.grown(a, b) {
		l = compare.NameSounding
	}
	return model.Evidence{Level: uint8(l), Common: float32(max(common, -w.persons))}
}

func filled(words []uint32) []uint32 {
	for i, id := range words {
		if id == 0 {
			return words[:i]
		}
	}
	return words
}

func (w *weigher) villages(a, b *compact) model.Evidence {
	switch {
	case a.village == 0 || b.village == 0:
		return model.Evidence{}
	case a.village == b.village:
		return model.Evidence{Level: 1, Common: float32(w.speaker.commonness(a.village, true, w.persons))}
	case w.speaker.likeness(a.village, b.village) >= compare.Sounding:
		return model.Evidence{Level: 2}
	}
	return model.Evidence{Level: 3}
}

// Ages of migrants spread over some forty years; one in eight is born on a first of January. In log2 of the share of one day.
const (
	anyDay   = -13.83
	firstDay = -8.32
)

func (w *weigher) births(a, b *compact) model.Evidence {
	if a.birth == b.birth && a.birth&31 != 0 {
		common := max(anyDay, -w.persons)
		if a.birth&0x1ff == 1<<5|1 {
			common = firstDay
		}
		return model.Evidence{Level: uint8(compare.DateEqual), Common: float32(common)}
	}
	return model.Evidence{Level: uint8(compare.Dates(a.date(), b.date()))}
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
