// SPDX-License-Identifier: Apache-2.0

// Package model weighs evidence: given how two records agree, field by field, it says how probable it is that they are one person.
//
// It is the model of Fellegi and Sunter with one class more. Two records are of one person, of one household, or strangers.
// A parent's name, a village and a telephone agree as often within a household as within a person, so they speak against
// strangers and say nothing between the other two; however much of such evidence there is, it cannot outweigh that siblings are
// about as common as double registrations. What else the literature does with a cap follows by itself, and its height is learned.
package model

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// Format is the version of the file format that this program writes and reads.
const Format = 1

// Role says whether a field is of a person alone or shared by those who live together.
type Role string

// The roles. Of Either it is not known beforehand.
const (
	Person    Role = "person"
	Household Role = "household"
	Either    Role = "either"
)

// Level is one way in which a field can agree. M, U and H are how often it does so within a person, between strangers and within
// a household.
//
// Alike bounds H between U (0) and M (1): given names and papers hardly ever agree within a household, birth dates do of twins. At
// 2 there is no bound: brothers share one word of their names more often than two registrations of one man.
type Level struct {
	Name    string  `json:"name"`
	M       float64 `json:"m"`
	U       float64 `json:"u"`
	H       float64 `json:"h"`
	Share   float64 `json:"share,omitempty"`   // how much of the value's own frequency replaces the typical one
	Typical float64 `json:"typical,omitempty"` // log2 of the frequency that U stands for
	Alike   float64 `json:"alike"`
	Free    bool    `json:"free,omitempty"` // may weigh more than the level before it
}

// Field is one thing that is compared. Its first level is equality; a value that is missing has no level and no weight.
type Field struct {
	Name   string  `json:"name"`
	Role   Role    `json:"role"`
	Levels []Level `json:"levels"`
}

// Model is all that has been learned, with what it was learned from.
type Model struct {
	Format     int     `json:"format"`
	Version    string  `json:"version"`
	From       string  `json:"from"`       // in words, where the parameters come from
	Records    int     `json:"records"`    // how many records those of which Matches and Households speak are
	Matches    float64 `json:"matches"`    // how many of all pairs are of one person
	Households float64 `json:"households"` // how many are of two persons of one household
	Fields     []Field `json:"fields"`
}

// Evidence is how one field of two records agrees: the level from 1, or 0 when a value is missing, and log2 of how frequent the
// agreeing value is.
type Evidence struct {
	Level  uint8
	Common float32
}

const (
	most  = 15   // bits that one field may add or take
	floor = 1e-4 // the least that M may be
)

// Read reads a model that Write wrote, and refuses one that this program does not understand.
func Read(r io.Reader) (*Model, error) {
	var m Model
	d := json.NewDecoder(io.LimitReader(r, 1<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return nil, fmt.Errorf("read model: %w", err)
	}
	if m.Format != Format {
		return nil, fmt.Errorf("read model: format %d, this program reads %d", m.Format, Format)
	}
	return &m, m.check()
}

// Write writes a model as JSON.
func (m *Model) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "\t")
	if err := e.Encode(m); err != nil {
		return fmt.Errorf("write model: %w", err)
	}
	return nil
}

func (m *Model) check() error {
	if !(m.Matches > 0 && m.Matches < 1 && m.Households >= 0 && m.Households < 1) {
		return fmt.Errorf("model: matches %g and households %g are not shares", m.Matches, m.Households)
	}
	for _, f := range m.Fields {
		if len(f.Levels) < 2 || len(f.Levels) > math.MaxUint8 || f.Role != Person && f.Role != Household && f.Role != Either {
			return fmt.Errorf("model: field %q has %d levels and role %q", f.Name, len(f.Levels), f.Role)
		}
		for _, l := range f.Levels {
			if !(l.M > 0 && l.M <= 1 && l.U > 0 && l.U <= 1 && l.H > 0 && l.H <= 1) {
				return fmt.Errorf("model: %s %s: m %g, u %g, h %g are not shares", f.Name, l.Name, l.M, l.U, l.H)
			}
		}
	}
	return nil
}

// Part is what one field says, in bits: how much likelier this agreement is within a person than between strangers.
type Part struct {
	Field string  `json:"field"`
	Level string  `json:"level"`
	Bits  float64 `json:"bits"`
}

// Explanation is a score taken apart. The bits of prior, parts and household sum to the score.
type Explanation struct {
	Bits      float64 `json:"bits"`
	P         float64 `json:"p"`
	Prior     float64 `json:"prior"`
	Household float64 `json:"household"` // what is taken off because a household would agree as well; never above 0
	Parts     []Part  `json:"parts"`
}

// Scorer is a model made ready to weigh many pairs.
type Scorer struct {
	records   int
	fields    []Field
	weights   [][]weight
	prior     float64
	household float64
	gain      []float64 // the most that each field can say for one person against one household
}

// weight is a level in bits.
type weight struct {
	person, household float64 // log2 of M/U and H/U
	u, m              float64 // log2
	share, typical    float64
	kin               float64 // how far H is from U to M
	beyond            float64 // log2 of H/M where a household agrees more than a person
	first             bool
}

// Scorer makes a scorer.
func (m *Model) Scorer() *Scorer {
	s := &Scorer{records: m.Records, fields: m.Fields, prior: math.Log2(m.Matches), household: math.Inf(-1)}
	if m.Households > 0 {
		s.household = math.Log2(m.Households)
	}
	for _, f := range m.Fields {
		ws := make([]weight, len(f.Levels)+1)
		for i, l := range f.Levels {
			ws[i+1] = weightOf(l, i == 0)
		}
		s.weights = append(s.weights, ws)
		s.gain = append(s.gain, gainOf(ws))
	}
	return s
}

// Among makes a scorer for a register of so many records, if those are more than the model speaks of. Records of one person do not
// become more when there are more persons, so of all pairs they are a smaller share.
func (s *Scorer) Among(records int) *Scorer {
	if s.records == 0 || records <= s.records {
		return s
	}
	fewer := math.Log2(float64(s.records) / float64(records))
	wider := *s
	wider.records, wider.prior, wider.household = records, s.prior+fewer, s.household+fewer
	return &wider
}

func gainOf(levels []weight) (most float64) {
	for _, w := range levels[1:] {
		if w.share == 0 {
			most = max(most, w.person-w.household)
			continue
		}
		for _, common := range [...]float32{-100, 0} { // p-h rises or falls with how common the value is
			p, h := w.of(common)
			most = max(most, p-h)
		}
	}
	return most
}

// AtMost is no less than the bits can become when the fields that are left have been compared too.
func (s *Scorer) AtMost(evidence []Evidence, left ...int) float64 {
	bits := s.prior - s.household
	for i := range evidence {
		if e := &evidence[i]; e.Level > 0 {
			p, h := s.weights[i][e.Level].of(e.Common)
			bits += p - h
		}
	}
	for _, f := range left {
		bits += s.gain[f]
	}
	return bits
}

func weightOf(l Level, first bool) weight {
	w := weight{person: clamp(math.Log2(l.M / l.U)), household: clamp(math.Log2(l.H / l.U)),
		u: math.Log2(l.U), m: math.Log2(l.M), share: l.Share, typical: l.Typical, first: first}
	if l.M > l.U {
		w.kin = min(max((l.H-l.U)/(l.M-l.U), 0), 1)
		w.beyond = max(0, math.Log2(l.H/l.M))
	}
	return w
}

func clamp(bits float64) float64 { return min(max(bits, -most), most) }

// of weighs one level with the frequency of its value, against strangers.
func (w *weight) of(common float32) (person, household float64) {
	if w.share == 0 {
		return w.person, w.household
	}
	shift := w.share * (float64(common) - w.typical)
	if w.first {
		shift = min(shift, w.person) // agreeing never speaks against
	}
	person = clamp(w.person - shift)
	if w.kin == 0 {
		return person, min(w.household, person)
	}
	// Kin agree as a person does, in the rest of cases as strangers do.
	household = person
	if w.kin < 1 {
		household = math.Log2(w.kin*math.Exp2(person) + 1 - w.kin)
	}
	return person, household + w.beyond
}

// Bits is the score of a pair: log2 of the odds that both are one person.
func (s *Scorer) Bits(evidence []Evidence) float64 {
	person, household := s.prior, s.household
	for i := range evidence {
		if e := &evidence[i]; e.Level > 0 {
			p, h := s.weights[i][e.Level].of(e.Common)
			person += p
			household += h
		}
	}
	return person - softplus(household)
}

// softplus is log2(1 + 2^x).
func softplus(x float64) float64 {
	if x > 50 {
		return x
	}
	return math.Log1p(math.Exp2(x)) / math.Ln2
}

// P turns bits into a probability.
func P(bits float64) float64 { return 1 / (1 + math.Exp2(-bits)) }

// Explain gives the same score as Bits, field by field. Fields that are missing are left out.
func (s *Scorer) Explain(evidence []Evidence) Explanation {
	x := Explanation{Prior: s.prior}
	person, household := s.prior, s.household
	for i, e := range evidence {
		if e.Level == 0 {
			continue
		}
		p, h := s.weights[i][e.Level].of(e.Common)
		x.Parts = append(x.Parts, Part{s.fields[i].Name, s.fields[i].Levels[e.Level-1].Name, p})
		person += p
		household += h
	}
	x.Household = -softplus(household)
	x.Bits = person + x.Household
	x.P = P(x.Bits)
	return x
}
