// SPDX-License-Identifier: Apache-2.0

package model

import "math"

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

// Rule is pairs that were chosen because some fields agree. Those fields are Left out when the others are learned from them.
type Rule struct {
	Sample
	Left []bool
}

// Material is what a model is learned from; nobody has to say which pairs are of one person.
type Material struct {
	Random     Sample  // pairs drawn by chance, for U
	Rules      []Rule  // pairs that agree in something, for a first M
	Candidates Sample  // every pair that may be of one person, for M, H and how many there are
	Pairs      float64 // how many pairs there are in all, candidates or not
	Weight     float64 // how many candidates each of the sample stands for; 0 is 1
}

const (
	ruleRounds = 25
	fullRounds = 30
	firmness   = 8    // pairs that the first guess of M counts as
	kinship    = 60   // pairs that the first guess of H counts as
	fewest     = 1e-3 // pairs of a household when there seem to be none
	hopeless   = 1e-6 // a candidate less probable than this is not asked again
)

// Learn learns a model for fields whose levels hold a first guess of M, by expectation and maximisation.
func Learn(fields []Field, from Material) *Model {
	m := &Model{Format: Format, Fields: copied(fields)}
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
	m.refine(from)
	return m
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
	sums := make([][]float64, len(m.Fields))
	for f := range sums {
		sums[f] = make([]float64, len(m.Fields[f].Levels))
		for l, lv := range guess[f].Levels {
			sums[f][l] = firmness * lv.M
		}
	}
	for _, r := range from.Rules {
		for f, counts := range m.fromRule(r, guess) {
			for l, c := range counts {
				sums[f][l] += c
			}
		}
	}
	for f := range m.Fields {
		settle(m.Fields[f].Levels, sums[f])
	}
}

// fromRule gives how often each level is found within a person, as expected among the pairs of one rule.
func (m *Model) fromRule(r Rule, guess []Field) [][]float64 {
	fields := copied(m.Fields)
	for f := range fields {
		for l := range fields[f].Levels {
			fields[f].Levels[l].M = guess[f].Levels[l].M
		}
	}
	share := 0.3
	var counts [][]float64
	for range ruleRounds {
		ratios := ratiosOf(fields)
		counts = zeros(fields)
		matched := 0.0
		for i := range r.Len() {
			pair := r.Pair(i)
			odds := share / (1 - share)
			for f, e := range pair {
				if e.Level > 0 && !r.Left[f] {
					odds *= ratios[f][e.Level-1]
				}
			}
			p := odds / (1 + odds)
			matched += p
			for f, e := range pair {
				if e.Level > 0 && !r.Left[f] {
					counts[f][e.Level-1] += p
				}
			}
		}
		if r.Len() > 0 {
			share = min(max(matched/float64(r.Len()), 1e-5), 0.98)
		}
		for f := range fields {
			if !r.Left[f] {
				settle(fields[f].Levels, plus(counts[f], guess[f].Levels, firmness))
			}
		}
	}
	return counts
}

func zeros(fields []Field) [][]float64 {
	out := make([][]float64, len(fields))
	for f := range out {
		out[f] = make([]float64, len(fields[f].Levels))
	}
	return out
}

func ratiosOf(fields []Field) [][]float64 {
	out := zeros(fields)
	for f := range fields {
		for l, lv := range fields[f].Levels {
			out[f][l] = lv.M / lv.U
		}
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
