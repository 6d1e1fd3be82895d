// SPDX-License-Identifier: Apache-2.0

package model_test

import (
	"math"
	"testing"

	"fera/internal/matching/model"
)

// crowd is what a large register has for learning: few pairs of one person among very many namesakes that are born in one year and live
// anywhere, as names are common in some years. The fields are name, birth, place and sex.
func crowd(persons, namesakes int) (fields []model.Field, from model.Material) {
	w := &world{state: 7}
	for f, role := range []model.Role{model.Person, model.Person, model.Household, model.Person} {
		ls := levels()
		ls[0].Share, ls[0].Typical = 0, 0
		fields = append(fields, model.Field{Name: []string{"name", "birth", "place", "sex"}[f], Role: role, Levels: ls})
	}
	const records, asked = 1_000_000, 6_000
	from = model.Material{Random: model.Sample{Width: 4}, Candidates: model.Sample{Width: 4}, Records: records, Pairs: records * (records - 1) / 2, Weight: records / asked}
	for range 200_000 {
		from.Random.Add([]model.Evidence{w.draw(0.0014, 0.003), w.draw(0.001, 0.03), w.draw(0.0003, 0.04), w.draw(0.85, 0)})
	}
	for range persons {
		from.Candidates.Add([]model.Evidence{w.draw(0.8, 0.15), w.draw(0.8, 0.15), w.draw(0.8, 0.15), w.draw(1, 0)})
	}
	for range namesakes {
		from.Candidates.Add([]model.Evidence{{Level: 1}, {Level: 2}, w.draw(0.0003, 0.04), w.draw(1, 0)})
	}
	return fields, from
}

func TestNamesakesAreNotTakenForOnePersonInALargeRegister(t *testing.T) {
	const persons = 180
	fields, from := crowd(persons, 150_000)
	known := &model.Model{Format: model.Format, Records: 20_000, Matches: 3e-6, Households: 1e-9, Fields: fields}
	for _, f := range known.Fields {
		for l, u := range []float64{0.02, 0.05, 0.93} {
			lv := &f.Levels[l]
			if lv.U, lv.H = u, u; f.Role == model.Household {
				lv.H = lv.M
			}
		}
	}
	if m := model.Learn(fields, from); m.Matches*from.Pairs < 5*persons*from.Weight {
		t.Errorf("without a model to begin with %.0f pairs are of one person: this crowd misleads nobody", m.Matches*from.Pairs)
	}
	m := model.Adapt(known, from)
	if have, want := m.Matches*from.Pairs, persons*from.Weight; have < want/3 || have > want*3 {
		t.Errorf("%.0f pairs are of one person, want about %.0f", have, want)
	}
	if place := m.Fields[2].Levels[0]; place.M < 0.5 || math.Abs(place.U-0.0003) > 0.0002 {
		t.Errorf("one place: m %.4f, u %.5f, want 0.8 and 0.0003", place.M, place.U)
	}
}

func TestWhatNobodyHasIsTakenFromTheKnownModel(t *testing.T) {
	fields, from := crowd(180, 5_000)
	for i := range from.Random.Len() {
		from.Random.Pair(i)[1] = model.Evidence{}
	}
	known := model.Learn(fields, from)
	known.Fields[1].Levels[0].U = 0.25
	if m := model.Adapt(known, from); m.Fields[1].Levels[0] != known.Fields[1].Levels[0] {
		t.Errorf("learned %+v of a field that no two strangers have", m.Fields[1].Levels[0])
	}
}

func TestOnePersonIsRarerAmongMany(t *testing.T) {
	fields, from := crowd(180, 5_000)
	m := model.Learn(fields, from)
	m.Records = 20_000
	pair := []model.Evidence{{Level: 1}, {Level: 1}, {Level: 1}, {Level: 1}}
	s := m.Scorer()
	if have, want := s.Bits(pair)-s.Among(20_000*16).Bits(pair), 4.0; math.Abs(have-want) > 0.1 {
		t.Errorf("among sixteen times as many a pair weighs %.2f bits less, want %.0f", have, want)
	}
	if s.Among(100).Bits(pair) != s.Bits(pair) {
		t.Error("among few a pair weighs otherwise")
	}
}
