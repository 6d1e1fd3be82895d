// SPDX-License-Identifier: Apache-2.0

package model

import (
	"math"
	"slices"
)

// Sample is the evidence of many pairs.
type Sample struct {
	Width    int // fields
	Evidence []Evidence
}

// Add appends a pair.
func (s *Sample) Add(evidence []Evidence) { s.Evidence = append(s.Evidence, evidence...) }

// Len is the number of pairs.
func (s *Sample) Len() int {
	if s.Width == 0 {
		return 0
	}
	return len(s.Evidence) / s.Width
}

// Pair gives the evidence of one pair.
func (s *Sample) Pair(i int) []Evidence { return s.Evidence[i*s.Width : (i+1)*s.Width] }

// Material is what a model is learned from; nobody has to say which pairs are of one person.
type Material struct {
	Random     Sample   // pairs drawn by chance, for U
	Rules      []Sample // pairs that agree in something, which is left out of their evidence, for a first M
	Candidates Sample   // every pair that may be of one person, for M, H and how many there are
	Records    int      // how many records there are
	Pairs      float64  // how many pairs there are in all, candidates or not
	Weight     float64  // how many candidates each of the sample stands for; 0 is 1
}

const (
	ruleRounds = 25
	fullRounds = 30
	firmness   = 8    // pairs that the first guess of M counts as
	kinship    = 60   // pairs that the first guess of H counts as
	fewest     = 1e-3 // pairs of a household when there seem to be none
	trust      = 5000 // pairs that what is known already counts as, of a person and of a household
	telling    = 1000 // pairs of strangers that must have a field before U is learned of it
	hopeless   = 1e-6 // a candidate less probable than this is not asked again
)

// Learn learns a model for fields whose levels hold a first guess of M, by expectation and maximisation.
func Learn(fields []Field, from Material) *Model {
	m := &Model{Format: Format, Records: from.Records, Fields: copied(fields)}
	guess := copied(fields)
	strangers(m.Fields, &from.Random, nil)
	m.firstM(from, guess)
	for i := range m.Fields {
		settleKin(&m.Fields[i], make([]float64, len(m.Fields[i].Levels)))
	}
	if from.Weight == 0 {
		from.Weight = 1
	}
	m.Matches = clampShare(0.2*float64(from.Candidates.Len())*from.Weight/from.Pairs, from.Pairs)
	m.Households = m.Matches
	m.refine(from, held{person: copied(m.Fields), firm: firmness})
	m.neverSeen(from)
	return m
}

// Adapt learns for other records what a known model cannot say of them: how often strangers agree, and how many pairs are of one person. How
// often records of one person agree, and those of a household, it changes as far as more pairs than trust bear it out: among
// many persons hardly any candidate is right, and left to themselves the most numerous kind of namesakes would be taken for one.
func Adapt(known *Model, from Material) *Model {
	m := &Model{Format: Format, Records: from.Records, Fields: copied(known.Fields)}
	strangers(m.Fields, &from.Random, nil)
	untold := m.untold(known, &from.Random)
	if from.Weight == 0 {
		from.Weight = 1
	}
	fewer := min(float64(known.Records)/float64(from.Records), 1)
	m.Matches, m.Households = clampShare(known.Matches*fewer, from.Pairs), known.Households*fewer
	m.refine(from, held{person: known.Fields, household: known.Fields, firm: trust, most: 2 / float64(from.Records)})
	m.neverSeen(from)
	for _, f := range untold {
		m.Fields[f] = copied(known.Fields[f : f+1])[0]
	}
	return m
}

// untold gives the fields that too few pairs of strangers have, and takes them from the known model.
func (m *Model) untold(known *Model, random *Sample) (fields []int) {
	for f := range m.Fields {
		have := 0
		for i := range random.Len() {
			if random.Pair(i)[f].Level > 0 {
				have++
			}
		}
		if have < telling {
			m.Fields[f] = copied(known.Fields[f : f+1])[0]
			fields = append(fields, f)
		}
	}
	return fields
}

// neverSeen gives the levels that no pair at all was of the weight of the level beside it, so that what is not known does not
// speak louder than what is.
func (m *Model) neverSeen(from Material) {
	for f := range m.Fields {
		levels := m.Fields[f].Levels
		seen := make([]bool, len(levels))
		for _, sample := range []*Sample{&from.Random, &from.Candidates} {
			for i := range sample.Len() {
				if e := sample.Pair(i)[f]; e.Level > 0 {
					seen[e.Level-1] = true
				}
			}
		}
		for l := range levels {
			beside := l - 1
			for beside >= 0 && !seen[beside] {
				beside--
			}
			if beside < 0 {
				beside = slices.Index(seen, true)
			}
			if !seen[l] && beside >= 0 {
				levels[l].U = min(levels[l].M*levels[beside].U/levels[beside].M, 1)
				levels[l].H = min(levels[l].M*levels[beside].H/levels[beside].M, 1)
			}
		}
	}
}

func copied(fields []Field) []Field {
	out := append([]Field(nil), fields...)
	for i := range out {
		out[i].Levels = append([]Level(nil), out[i].Levels...)
	}
	return out
}

func clampShare(share, pairs float64) float64 { return min(max(share, 1/pairs), 0.5) }

// strangers learns U from pairs drawn by chance, each counted as far as it is of strangers.
func strangers(fields []Field, random *Sample, acquainted []float64) {
	for f := range fields {
		levels := fields[f].Levels
		counts, sum := make([]float64, len(levels)), 0.0
		common := make([]float64, len(levels))
		for i := range random.Len() {
			e := random.Pair(i)[f]
			if e.Level == 0 {
				continue
			}
			w := 1.0
			if acquainted != nil {
				w -= acquainted[i]
			}
			counts[e.Level-1] += w
			common[e.Level-1] += w * float64(e.Common)
			sum += w
		}
		for l := range levels {
			// A level that no pair of strangers has is rarer than one in all, how much is not known.
			levels[l].U = (counts[l] + 0.3) / (sum + 0.3*float64(len(levels)))
			if levels[l].Share > 0 && counts[l] >= 1 && l > 0 {
				levels[l].Typical = common[l] / counts[l]
			} else if levels[l].Share > 0 && l == 0 && levels[l].Typical < 0 {
				levels[l].Typical = math.Log2(levels[l].U)
			}
		}
	}
}

// firstM learns M from each rule in the fields that the rule does not speak of, and averages.
func (m *Model) firstM(from Material, guess []Field) {
	sums := zeros(m.Fields)
	for f := range sums {
		for l, lv := range guess[f].Levels {
			sums[f][l] = firmness * lv.M
		}
	}
	for i := range from.Rules {
		for f, counts := range m.fromRule(&from.Rules[i], guess) {
			for l, c := range counts {
				sums[f][l] += c
			}
		}
	}
	for f := range m.Fields {
		settle(m.Fields[f].Levels, sums[f])
	}
}

// fromRule gives how often each level is found within a person, as expected among the pairs of one rule. Among those are
// households too, often more of them than of persons.
func (m *Model) fromRule(r *Sample, guess []Field) (within [][]float64) {
	part := &Model{Fields: copied(m.Fields), Matches: 0.25, Households: 0.25}
	for f := range part.Fields {
		for l := range part.Fields[f].Levels {
			part.Fields[f].Levels[l].M = guess[f].Levels[l].M
		}
		settleKin(&part.Fields[f], make([]float64, len(part.Fields[f].Levels)))
	}
	for range ruleRounds {
		strangers := math.Log2(1 - part.Matches - part.Households)
		s := part.Scorer()
		s.prior, s.household = s.prior-strangers, s.household-strangers
		var kin [][]float64
		var matched, related float64
		within, kin, matched, related = s.expect(r, all(r.Len()))
		n := float64(max(r.Len(), 1))
		part.Matches = min(max(matched/n, 1e-5), 0.9)
		part.Households = min(max(related/n, 1e-5), 0.99-part.Matches)
		for f := range part.Fields {
			settle(part.Fields[f].Levels, plus(within[f], guess[f].Levels, firmness))
			settleKin(&part.Fields[f], kin[f])
		}
	}
	return within
}

// relatives are the levels with what a household has of them in place of what a person has.
func relatives(levels []Level) []Level {
	out := slices.Clone(levels)
	for l := range out {
		out[l].M = out[l].H
	}
	return out
}

func zeros(fields []Field) [][]float64 {
	out := make([][]float64, len(fields))
	for f := range out {
		out[f] = make([]float64, len(fields[f].Levels))
	}
	return out
}

func plus(counts []float64, levels []Level, firm float64) []float64 {
	out := make([]float64, len(counts))
	for l := range out {
		out[l] = counts[l] + firm*levels[l].M
	}
	return out
}

// settle makes shares of counts: none below the floor, none heavier than the level before it, equality never against.
func settle(levels []Level, counts []float64) {
	sum := 0.0
	for _, c := range counts {
		sum += c
	}
	before := math.Inf(1)
	for l := range levels {
		lv := &levels[l]
		lv.M = min(max(counts[l]/sum, floor), 1-floor)
		if l == 0 {
			lv.M = max(lv.M, lv.U)
		}
		if !lv.Free {
			lv.M = max(min(lv.M, before*lv.U), min(floor, lv.U))
			before = lv.M / lv.U
		}
	}
}
