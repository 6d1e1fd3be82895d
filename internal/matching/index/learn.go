// SPDX-License-Identifier: Apache-2.0

package index

import (
	"errors"
	"fmt"
	"slices"

	"fera/internal/matching/model"
)

// What a model is learned from.
const (
	fewestToLearn = 5000    // records
	randomPairs   = 400_000 //
	sampledPairs  = 600_000 // candidates, at most about
	fewestToTrust = 1000    // pairs that have a field
)

// ErrTooFew is the answer to learning from a register that has too few records; it goes on with the model that it has.
var ErrTooFew = errors.New("learn: the register has too few records to learn from")

// Learn learns a model from the records of the last Build or Compact, without anybody saying which are of one person, beginning with what is
// known from elsewhere; nil when nothing is. The same records and the same seed give the same model. It is not used until Use is called.
func (x *Index) Learn(version string, seed uint64, known *model.Model) (*model.Model, error) {
	s := x.state.Load()
	n := len(s.records)
	if n < fewestToLearn {
		return nil, ErrTooFew
	}
	d := dice(seed)
	from := model.Material{Random: model.Sample{Width: fieldCount}, Candidates: model.Sample{Width: fieldCount}, Records: n, Pairs: float64(n) * float64(n-1) / 2}
	weigh := x.weigher(s, x.words, nil)
	var e [fieldCount]model.Evidence
	for range randomPairs {
		if i, j := d.below(n), d.below(n); i != j {
			weigh.all(s.side(uint32(i)), s.side(uint32(j)), &e)
			from.Random.Add(e[:])
		}
	}
	asked := x.sample(s, &from, &d)
	from.Weight = float64(n) / float64(asked)
	var m *model.Model
	if known != nil {
		m = model.Adapt(known, from)
	} else {
		m = model.Learn(fields(), from)
		borrow(m, &from.Candidates)
	}
	m.Version = version
	m.From = fmt.Sprintf("%d records, %d of them asked for their candidates, without examples", n, asked)
	if known != nil {
		m.From += "; begun with the model " + known.Version
	}
	return m, nil
}

// borrow takes for a field that hardly any record has what was learned of one like it: a spouse's name is as a father's, a birth
// registration is kept for life as a smart card is, permits and clearance cards come anew as passports do.
func borrow(m *model.Model, seen *model.Sample) {
	for _, like := range [...]struct{ field, other int }{{fieldSpouse, fieldFather}, {fieldBirthNumber, fieldSmartNID}, {fieldPermit, fieldPassport}, {fieldCard, fieldPassport}} {
		known := 0
		for i := range seen.Len() {
			if seen.Pair(i)[like.field].Level != 0 {
				known++
			}
		}
		if known < fewestToTrust {
			m.Fields[like.field].Levels = slices.Clone(m.Fields[like.other].Levels)
		}
	}
}

// sample adds the candidates of records drawn by chance, and of each kind of key the pairs that it brings together.
func (x *Index) sample(s *state, from *model.Material, d *dice) (asked int) {
	rules := map[int]*model.Sample{}
	w := x.scratches.take()
	defer x.scratches.give(w)
	weigh := x.weigher(s, x.words, nil)
	var e [fieldCount]model.Evidence
	order := d.order(len(s.records))
	for _, i := range order {
		if from.Candidates.Len() >= sampledPairs {
			break
		}
		asked++
		for _, h := range x.before(s, w, i) {
			weigh.all(s.side(i), s.side(h.record), &e)
			from.Candidates.Add(e[:])
			for _, r := range ruleFields() {
				addTo(rules, r, e)
			}
		}
	}
	for k := range len(ruleFields()) {
		if r := rules[ruleFields()[k][0]]; r != nil {
			from.Rules = append(from.Rules, *r)
		}
	}
	return asked
}

// ruleFields are the fields that agree in the pairs of each rule.
func ruleFields() [][]int {
	return [][]int{{fieldPhone}, {fieldOldNID, fieldSmartNID}, {fieldPassport}, {fieldName, fieldBirth}, {fieldFather, fieldMother, fieldVillage}}
}

// addTo adds the evidence of a pair to a rule, without the fields by which it got there.
func addTo(rules map[int]*model.Sample, rule []int, e [fieldCount]model.Evidence) {
	agree := rule[0] != fieldOldNID
	for _, f := range rule {
		switch {
		case rule[0] == fieldOldNID:
			agree = agree || e[f].Level == 1
		case rule[0] == fieldName || rule[0] == fieldFather:
			agree = agree && e[f].Level >= 1 && e[f].Level <= 3
		default:
			agree = agree && e[f].Level == 1
		}
	}
	if !agree {
		return
	}
	for _, f := range rule {
		e[f] = model.Evidence{}
	}
	if rules[rule[0]] == nil {
		rules[rule[0]] = &model.Sample{Width: fieldCount}
	}
	rules[rule[0]].Add(e[:])
}

// dice draws numbers that are the same each time (SplitMix64).
type dice uint64

func (d *dice) below(n int) int {
	*d += 0x9e3779b97f4a7c15
	return int(mix(uint64(*d)) % uint64(n))
}

// order shuffles the numbers below n.
func (d *dice) order(n int) []uint32 {
	out := make([]uint32, n)
	for i := range out {
		j := d.below(i + 1)
		out[i] = out[j]
		out[j] = uint32(i)
	}
	return out
}
