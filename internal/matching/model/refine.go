// SPDX-License-Identifier: Apache-2.0

package model

import "math"

// held is what learning is held by: shares that count as so many pairs, and the most pairs that may be of one person.
type held struct {
	person, household []Field // household is nil when nothing is known of it
	firm, most        float64
}

// refine learns M, H and the shares of both over all candidates: what is not among them is taken to be strangers.
//
// A class costs parameters. That of households is given up when fewer pairs bear it out than half its parameters (Figueiredo and
// Jain 2002), so that one odd pair does not make a household of itself.
func (m *Model) refine(from Material, by held) {
	asked := all(from.Candidates.Len())
	for round := range fullRounds {
		s := m.Scorer()
		if round%5 == 0 && round > 0 {
			asked = s.worthAsking(&from.Candidates, asked)
		}
		within, kin, matched, related := s.expect(&from.Candidates, asked)
		m.Matches = clampShare(matched*from.Weight/from.Pairs, from.Pairs)
		if by.most > 0 {
			m.Matches = min(m.Matches, by.most)
		}
		m.Households = max(related-float64(len(m.Fields))/2, fewest) * from.Weight / from.Pairs
		for f := range m.Fields {
			settle(m.Fields[f].Levels, plus(within[f], by.person[f].Levels, by.firm))
			if by.household != nil {
				kin[f] = plus(kin[f], relatives(by.household[f].Levels), by.firm)
			}
			settleKin(&m.Fields[f], kin[f])
		}
		if round%5 == 4 {
			strangers(m.Fields, &from.Random, m.acquainted(&from.Random))
		}
	}
}

// expect gives how often each level is found within a person and within a household, and how many pairs there are of each, as
// expected among some pairs of a sample.
func (s *Scorer) expect(sample *Sample, asked []int32) (within, kin [][]float64, matched, related float64) {
	within, kin = zeros(s.fields), zeros(s.fields)
	for _, i := range asked {
		pair := sample.Pair(int(i))
		p, h := s.shares(pair)
		matched, related = matched+p, related+h
		for f, e := range pair {
			if e.Level > 0 {
				within[f][e.Level-1] += p
				kin[f][e.Level-1] += h
			}
		}
	}
	return within, kin, matched, related
}

// worthAsking leaves out the pairs that are of strangers all but certainly.
func (s *Scorer) worthAsking(sample *Sample, asked []int32) []int32 {
	kept := asked[:0]
	for _, i := range asked {
		if p, h := s.shares(sample.Pair(int(i))); p+h > hopeless {
			kept = append(kept, i)
		}
	}
	return kept
}

func all(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(i)
	}
	return out
}

// acquainted is how probable each pair of a sample is not of strangers.
func (m *Model) acquainted(sample *Sample) []float64 {
	s, out := m.Scorer(), make([]float64, sample.Len())
	for i := range out {
		p, h := s.shares(sample.Pair(i))
		out[i] = p + h
	}
	return out
}

// shares are the probabilities of one person and of one household.
func (s *Scorer) shares(evidence []Evidence) (person, household float64) {
	p, h := s.prior, s.household
	for i := range evidence {
		if e := &evidence[i]; e.Level > 0 {
			a, b := s.weights[i][e.Level].of(e.Common)
			p += a
			h += b
		}
	}
	top := max(p, h, 0)
	a, b, c := math.Exp2(p-top), math.Exp2(h-top), math.Exp2(-top)
	return a / (a + b + c), b / (a + b + c)
}

// settleKin learns H. The first guess is that a household agrees in what is shared as a person does, and in the rest as
// strangers do. Where a person agrees more than strangers, a household does so at most as far as Alike says.
func settleKin(f *Field, counts []float64) {
	guess := func(l *Level) float64 {
		switch f.Role {
		case Household:
			return l.M
		case Either:
			return (l.M + l.U) / 2
		}
		return l.U
	}
	sum, guessed := 0.0, 0.0
	for l := range f.Levels {
		sum += counts[l]
		guessed += guess(&f.Levels[l])
	}
	bounded, rest := 0.0, 0.0
	for l := range f.Levels {
		lv := &f.Levels[l]
		lv.H = (counts[l] + kinship*guess(lv)/guessed) / (sum + kinship)
		if lv.M > lv.U {
			if lv.Alike <= 1 {
				lv.H = min(lv.H, lv.U+lv.Alike*(lv.M-lv.U))
			}
			bounded += lv.H
		} else {
			rest += lv.H
		}
	}
	for l := range f.Levels { // what the bound took off goes to the levels at which they differ
		lv := &f.Levels[l]
		if lv.M <= lv.U && rest > 0 {
			lv.H *= max(1-bounded, 0) / rest
		}
		lv.H = min(max(lv.H, 1e-9), 1)
	}
}
