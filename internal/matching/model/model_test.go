// SPDX-License-Identifier: Apache-2.0

package model_test

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"fera/internal/matching/model"
)

func levels() []model.Level {
	return []model.Level{{Name: "equal", M: 0.8, Share: 1, Typical: -1, Alike: 0.05}, {Name: "near", M: 0.15, Alike: 0.05}, {Name: "different", M: 0.05}}
}

// world draws pairs of persons, households and strangers from known parameters: four fields of a person, three of a household.
type world struct {
	state           uint64
	persons, houses float64
}

func (w *world) roll() float64 {
	w.state += 0x9e3779b97f4a7c15
	x := w.state
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return float64((x^x>>31)>>11) / (1 << 53)
}

func (w *world) draw(equal, near float64) model.Evidence {
	switch r := w.roll(); {
	case r < equal:
		return model.Evidence{Level: 1, Common: -7}
	case r < equal+near:
		return model.Evidence{Level: 2}
	}
	return model.Evidence{Level: 3}
}

func (w *world) pair() (evidence []model.Evidence, class int) {
	r := w.roll()
	switch {
	case r < w.persons:
		class = 2
	case r < w.persons+w.houses:
		class = 1
	}
	for f := range 7 {
		same := class == 2 || class == 1 && f >= 4
		if same {
			evidence = append(evidence, w.draw(0.85, 0.1))
		} else {
			evidence = append(evidence, w.draw(1.0/128, 0.02))
		}
	}
	return evidence, class
}

func learned(w *world) (*model.Model, [][]model.Evidence, []int) {
	var fields []model.Field
	for f := range 7 {
		role := model.Person
		ls := levels()
		if f >= 4 {
			role = model.Household
			for l := range ls {
				ls[l].Alike = 1
			}
		}
		fields = append(fields, model.Field{Name: string(rune('a' + f)), Role: role, Levels: ls})
	}
	const pairs = 200_000
	from := model.Material{Random: model.Sample{Width: 7}, Candidates: model.Sample{Width: 7}, Pairs: pairs}
	var all [][]model.Evidence
	var classes []int
	for range pairs {
		e, class := w.pair()
		all, classes = append(all, e), append(classes, class)
		from.Random.Add(e)
		from.Candidates.Add(e)
	}
	return model.Learn(fields, from), all, classes
}

func TestLearningRecoversWhatThePairsWereDrawnFrom(t *testing.T) {
	m, _, _ := learned(&world{state: 1, persons: 0.004, houses: 0.01})
	if math.Abs(m.Matches-0.004) > 0.0006 || math.Abs(m.Households-0.01) > 0.0015 {
		t.Errorf("matches %.4f and households %.4f, want 0.004 and 0.01", m.Matches, m.Households)
	}
	for _, f := range m.Fields {
		if l := f.Levels[0]; math.Abs(l.M-0.85) > 0.06 || math.Abs(l.U-1.0/128) > 0.002 {
			t.Errorf("%s equal: m %.3f, u %.4f, want 0.85 and 0.0078", f.Name, l.M, l.U)
		}
	}
}

func TestBrothersAreNotTakenForOnePerson(t *testing.T) {
	m, all, classes := learned(&world{state: 2, persons: 0.004, houses: 0.01})
	s := m.Scorer()
	var wrong, missed int
	for i, e := range all {
		switch one := s.Bits(e) > 0; {
		case one && classes[i] < 2:
			wrong++
		case !one && classes[i] == 2:
			missed++
		}
	}
	if wrong > 10 || missed > 10 {
		t.Errorf("%d pairs wrongly joined, %d missed, of about 800", wrong, missed)
	}
}

func TestAModelWithoutHouseholdsHasNone(t *testing.T) {
	m, _, _ := learned(&world{state: 3, persons: 0.01})
	if m.Households > 1e-6 {
		t.Errorf("households = %g where there are none", m.Households)
	}
}

func TestLearningIsTheSameEachTime(t *testing.T) {
	a, _, _ := learned(&world{state: 4, persons: 0.004, houses: 0.01})
	b, _, _ := learned(&world{state: 4, persons: 0.004, houses: 0.01})
	if d := cmp.Diff(a, b); d != "" {
		t.Error(d)
	}
}

// random draws models such as learning could give.
func random(t *rapid.T) *model.Model {
	m := &model.Model{Format: model.Format, Matches: math.Exp2(rapid.Float64Range(-25, -2).Draw(t, "matches")),
		Households: math.Exp2(rapid.Float64Range(-25, -2).Draw(t, "households"))}
	for range rapid.IntRange(1, 8).Draw(t, "fields") {
		mEqual := rapid.Float64Range(0.2, 0.95).Draw(t, "m")
		u := mEqual * math.Exp2(rapid.Float64Range(-18, 0).Draw(t, "u"))
		h := u + (mEqual-u)*rapid.Float64Range(0, 1).Draw(t, "h")
		m.Fields = append(m.Fields, model.Field{Name: "f", Role: model.Person, Levels: []model.Level{
			{Name: "equal", M: mEqual, U: u, H: h, Share: float64(rapid.IntRange(0, 1).Draw(t, "share")), Typical: math.Log2(u)},
			{Name: "different", M: 1 - mEqual, U: 1 - u*0.99, H: 1 - h*0.99},
		}})
	}
	return m
}

func evidenceOf(t *rapid.T, m *model.Model) (out []model.Evidence) {
	for range m.Fields {
		out = append(out, model.Evidence{Level: uint8(rapid.IntRange(0, 2).Draw(t, "level")), Common: float32(rapid.Float64Range(-20, 0).Draw(t, "common"))})
	}
	return out
}

func TestOneMoreEqualFieldNeverLowersTheWeight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := random(t)
		s, e := m.Scorer(), evidenceOf(t, m)
		i := rapid.IntRange(0, len(e)-1).Draw(t, "field")
		e[i].Level = 0
		before := s.Bits(e)
		e[i].Level = 1
		if after := s.Bits(e); after < before-1e-9 {
			t.Errorf("bits %.4f fell to %.4f", before, after)
		}
	})
}

func TestTheBoundIsNeverBelowTheScore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := random(t)
		s, e := m.Scorer(), evidenceOf(t, m)
		score := s.Bits(e)
		var left []int
		for i := range e {
			if rapid.Bool().Draw(t, "left") {
				e[i], left = model.Evidence{}, append(left, i)
			}
		}
		if bound := s.AtMost(e, left...); bound < score-1e-9 {
			t.Errorf("the bound is %.4f, the score %.4f", bound, score)
		}
	})
}

func TestExplanationsSumToTheScore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := random(t)
		s, e := m.Scorer(), evidenceOf(t, m)
		x := s.Explain(e)
		sum := x.Prior + x.Household
		for _, p := range x.Parts {
			sum += p.Bits
		}
		if math.Abs(sum-s.Bits(e)) > 1e-9 || math.Abs(sum-x.Bits) > 1e-9 || x.Household > 0 {
			t.Errorf("parts sum to %v, the score is %v", sum, s.Bits(e))
		}
	})
}

func TestHouseholdEvidenceIsBounded(t *testing.T) {
	m := &model.Model{Matches: 1e-6, Households: 1e-6}
	for range 12 {
		m.Fields = append(m.Fields, model.Field{Name: "parent", Role: model.Household, Levels: []model.Level{
			{Name: "equal", M: 0.9, U: 0.001, H: 0.9}, {Name: "different", M: 0.1, U: 0.999, H: 0.1}}})
	}
	e := make([]model.Evidence, 12)
	for i := range e {
		e[i].Level = 1
	}
	if p := model.P(m.Scorer().Bits(e)); math.Abs(p-0.5) > 0.01 {
		t.Errorf("twelve equal fields of a household give p = %.3f, want even odds between person and household", p)
	}
}

func TestAModelIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := random(t)
		var b bytes.Buffer
		if err := m.Write(&b); err != nil {
			t.Fatal(err)
		}
		got, err := model.Read(&b)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(m, got); d != "" {
			t.Error(d)
		}
	})
}

func TestAModelThatMakesNoSenseIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		`{"format": 99, "matches": 0.1}`:                                                                   "format 99",
		`{"format": 1, "matches": 2}`:                                                                      "not shares",
		`{"format": 1, "matches": 0.1, "secret": 1}`:                                                       "secret",
		`{"format": 1, "matches": 0.1, "fields": [{"name": "x", "role": "person"}]}`:                       "0 levels",
		`{"format": 1, "matches": 0.1, "fields": [{"name": "x", "role": "person", "levels": [{},{}]}]}`:    "not shares",
		`{"format": 1, "matches": 0.1, "fields": [{"name": "x", "role": "neighbour", "levels": [{},{}]}]}`: "neighbour",
		`]`: "read model",
	} {
		if _, err := model.Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Read(%s) = %v, want an error with %q", text, err, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"format": 1, "matches": 0.1, "households": 0, "fields": []}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if m, err := model.Read(bytes.NewReader(text)); err == nil {
			m.Scorer().Bits(make([]model.Evidence, len(m.Fields)))
		}
	})
}

func TestAContradictionKeepsARecordOut(t *testing.T) {
	bits := map[[2]int]float64{{0, 1}: 10, {1, 2}: 4, {0, 2}: -11}
	between := func(a, b int) float64 { return bits[[2]int{min(a, b), max(a, b)}] }
	links := []model.Link{{A: 0, B: 1, Bits: 10}, {A: 1, B: 2, Bits: 4}}
	if got := model.Cluster(links, between, nil); !slices.EqualFunc(got, [][]int{{0, 1}}, slices.Equal) {
		t.Errorf("groups = %v, want 0 and 1 alone", got)
	}
	bits[[2]int{0, 2}] = -2
	if got := model.Cluster(links, between, nil); !slices.EqualFunc(got, [][]int{{0, 1, 2}}, slices.Equal) {
		t.Errorf("groups = %v, want all three", got)
	}
	apart := func(a, b int) bool { return min(a, b) == 0 && max(a, b) == 2 }
	if got := model.Cluster(links, between, apart); !slices.EqualFunc(got, [][]int{{0, 1}}, slices.Equal) {
		t.Errorf("groups = %v, want 2 kept apart", got)
	}
}

func TestALongChainIsCutWhereItIsWeakest(t *testing.T) {
	var links []model.Link
	bits := map[[2]int]float64{}
	for i := range 999 {
		b := 2.0
		if i%2 == 0 {
			b = 9
		}
		links = append(links, model.Link{A: i, B: i + 1, Bits: b})
		bits[[2]int{i, i + 1}] = b
	}
	between := func(a, b int) float64 {
		if n, ok := bits[[2]int{min(a, b), max(a, b)}]; ok {
			return n
		}
		return -8
	}
	groups := model.Cluster(links, between, nil)
	if len(groups) != 500 || len(groups[0]) != 2 {
		t.Errorf("%d groups, want 500 pairs", len(groups))
	}
}
