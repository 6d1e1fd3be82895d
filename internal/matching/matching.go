// SPDX-License-Identifier: Apache-2.0

// Package matching says who may be the same person as somebody described, why, and what may be done about it.
//
// The model. Each field of two records agrees at some level, or says nothing when a value is missing. A level weighs log2 of how much
// oftener it occurs between two records of one person than between strangers; a value that is rare weighs more. What
// members of a household share (parents, place, telephone) is set against how common households are, so that it never suffices by
// itself. A prior, the weights and that deduction sum to bits: log2 of the odds that both are one person. docs/matching.md tells how
// the weights are learned, with the sources.
//
// The parts. matching/compare knows how alike two values are; matching/model weighs and learns; matching/index holds the register in
// memory and finds; matching/table does the same with any table, for measuring. This package turns what they found into a verdict and
// into messages that a clerk understands, in either language.
//
// It keeps nothing: decisions, and what hangs on them, belong to whoever asks.
package matching

import (
	"cmp"
	"slices"

	"fera/internal/matching/index"
)

// Verdict is what may be done about two records.
type Verdict string

// The verdicts. Certain may be joined without asking, as long as it can be undone and some are checked by hand; Likely is for a
// person to decide; Unlikely is not worth her time.
const (
	Certain  Verdict = "certain"
	Likely   Verdict = "likely"
	Unlikely Verdict = "unlikely"
)

// The thresholds of the verdicts, in probability and in bits of evidence about the person alone.
const (
	certainP    = 0.999
	likelyP     = 0.05
	ownEvidence = 10
)

// Judge gives the verdict on a candidate. Twins, another sex or name, and a birth years apart without a common paper always go to a
// person, and so does whoever is alike only in what a household shares, and whoever has the same number on a paper, however else the
// two differ: then a number is wrong, or a paper is used by two.
func Judge(c index.Candidate) Verdict {
	return JudgePair(index.Pair{P: c.P, Own: own(c), Paper: SamePaper(c), Doubt: c.Doubt})
}

// JudgePair gives the verdict on a pair, as Judge does.
func JudgePair(p index.Pair) Verdict {
	switch {
	case p.P < likelyP && p.Doubt != index.MaybeTwin && !p.Paper:
		return Unlikely
	case p.P < certainP || p.Doubt != index.NoDoubt || p.Own < ownEvidence:
		return Likely
	}
	return Certain
}

// SamePaper tells whether a number on a paper is the same.
func SamePaper(c index.Candidate) bool {
	return slices.ContainsFunc(c.Reasons, func(r index.Reason) bool {
		return slices.Contains([]string{"nid", "smart_nid", "passport", "birth_number", "permit", "card"}, r.Field) && r.Level == "equal"
	})
}

// own sums what is said of the person and not of the household.
func own(c index.Candidate) (bits float64) {
	for _, r := range c.Reasons {
		if !index.OfHousehold(r.Field) {
			bits += r.Bits
		}
	}
	return bits
}

// Because is one reason as a message: a key of the catalogues with its value.
type Because struct {
	Key   string
	Count int     // what {count} stands for; 0 if the message does not count
	Bits  float64 // how much it says, and for which side: above 0 for one person
}

// Args are the placeholders of the message.
func (b Because) Args() []any {
	if b.Count == 0 {
		return nil
	}
	return []any{"count", b.Count}
}

// worthSaying is the least that a reason must weigh to be put before a clerk.
const worthSaying = 0.5

// Explain gives the reasons for and against a candidate, the weightiest first, as messages.
func Explain(c index.Candidate) (reasons []Because) {
	for _, r := range c.Reasons {
		if r.Bits > -worthSaying && r.Bits < worthSaying {
			continue
		}
		b := Because{Key: "match." + r.Field + "." + r.Level, Bits: r.Bits}
		switch {
		case r.Field == "phone" && r.Level == "equal" && r.Count > 2:
			b.Key, b.Count = "match.phone.shared", r.Count
		case r.Field == "birth" && r.Level == "few_years":
			b.Count = r.Count
		}
		reasons = append(reasons, b)
	}
	slices.SortStableFunc(reasons, func(a, b Because) int { return cmp.Compare(abs(b.Bits), abs(a.Bits)) })
	if c.Household < -worthSaying {
		reasons = append(reasons, Because{Key: "match.household", Bits: c.Household})
	}
	if c.Doubt != index.NoDoubt {
		reasons = append(reasons, Because{Key: "match.doubt." + string(c.Doubt)})
	}
	return reasons
}

func abs(x float64) float64 { return max(x, -x) }

// Messages lists every key that Explain can give, for whoever checks that catalogues hold them.
func Messages() (keys []string) {
	for _, f := range index.Blank().Fields {
		for _, l := range f.Levels {
			keys = append(keys, "match."+f.Name+"."+l.Name)
		}
	}
	keys = append(keys, "match.phone.shared", "match.household")
	for _, d := range []index.Doubt{index.MaybeTwin, index.OtherName, index.OtherBirth, index.OtherSex} {
		keys = append(keys, "match.doubt."+string(d))
	}
	return keys
}
