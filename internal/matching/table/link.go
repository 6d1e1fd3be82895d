// SPDX-License-Identifier: Apache-2.0

package table

import (
	"errors"
	"fmt"
	"slices"

	"fera/internal/matching/model"
)

// Seeds and sizes of what is drawn by chance; the same table always gives the same answer.
const (
	seed           = 20261126
	randomPairs    = 400_000
	learnedPairs   = 1_000_000 // candidates that the model is learned from, at most
	rulePairs      = 150_000   // of one rule
	rulesWanted    = 6
	worthKeeping   = -10 // bits; pairs below are not kept
	fewestForRules = 20
)

// Options say what is known about a table beforehand.
type Options struct {
	Kinds map[string]Kind // by heading; the rest is inferred
}

// Linkage is what was found in a table.
type Linkage struct {
	IDs        []string
	Source     []byte
	Fields     []Compared
	Model      *model.Model
	Candidates []uint64 // pairs of rows that were looked at, for Pair
	Links      []model.Link
	Groups     [][]int

	fields []field
	scorer *model.Scorer

	compared *model.Sample // the evidence of all candidates, if it was kept
}

// Compared is a comparison and the columns that it was made of.
type Compared struct {
	Name    string   `json:"name"`
	Role    string   `json:"role"`
	Columns []string `json:"columns"`
}

// Link finds the rows that are of one person.
func Link(t *Table, o Options) (*Linkage, error) {
	if t.Rows() < 2 {
		return nil, errors.New("the file has fewer than two rows")
	}
	kinds := Infer(t, o.Kinds)
	id := slices.Index(kinds, ID)
	if id < 0 {
		return nil, errors.New("the file has no column left for the ids of its rows")
	}
	l := &Linkage{IDs: t.Columns[id], fields: fieldsOf(t, kinds, o.Kinds)}
	if len(l.fields) == 0 {
		return nil, errors.New("the file has no column to compare besides the id; name comparisons with --map")
	}
	if i := slices.Index(kinds, Source); i >= 0 {
		l.Source = sides(t.Columns[i])
	}
	for _, f := range l.fields {
		l.Fields = append(l.Fields, Compared{f.spec.Name, string(f.spec.Role), f.columns})
	}
	b := blocksOf(t.Rows(), l.fields, l.Source)
	l.Candidates = b.candidates()
	l.learn(b)
	l.score()
	return l, nil
}

// sides gives rows 0 or 1 by the first and the second value of a column.
func sides(column []string) []byte {
	out := make([]byte, len(column))
	for i, v := range column {
		if v != column[0] {
			out[i] = 1
		}
	}
	return out
}

// evidence compares two rows in every field.
func (l *Linkage) evidence(a, b int, into []model.Evidence) []model.Evidence {
	into = into[:0]
	for i := range l.fields {
		into = append(into, l.fields[i].compare(a, b))
	}
	return into
}

// learn learns the model from the table.
func (l *Linkage) learn(b *blocks) {
	specs := make([]model.Field, len(l.fields))
	for i, f := range l.fields {
		specs[i] = f.spec
	}
	every := max(1, (len(l.Candidates)+learnedPairs-1)/learnedPairs)
	from := model.Material{Random: l.random(b.rows), Rules: l.rules(b), Pairs: l.pairs(b.rows), Weight: float64(every)}
	from.Candidates.Width = len(specs)
	var e []model.Evidence
	for i := 0; i < len(l.Candidates); i += every {
		x, y := rowsOf(l.Candidates[i])
		e = l.evidence(x, y, e)
		from.Candidates.Add(e)
	}
	l.Model = model.Learn(specs, from)
	l.Model.Version = "learned"
	l.Model.From = fmt.Sprintf("a table of %d rows, without examples", b.rows)
	l.scorer = l.Model.Scorer()
	if every == 1 {
		l.compared = &from.Candidates
	}
}

// pairs is how many pairs there are at all.
func (l *Linkage) pairs(rows int) float64 {
	if l.Source == nil {
		return float64(rows) * float64(rows-1) / 2
	}
	second := 0
	for _, s := range l.Source {
		second += int(s)
	}
	return float64(second) * float64(rows-second)
}

// dice draws numbers that are the same each time (SplitMix64).
type dice uint64

func (d *dice) below(n int) int {
	*d += 0x9e3779b97f4a7c15
	return int(mix(uint64(*d)) % uint64(n))
}

// random compares pairs drawn by chance.
func (l *Linkage) random(rows int) model.Sample {
	s := model.Sample{Width: len(l.fields)}
	d := dice(seed)
	var e []model.Evidence
	add := func(a, b int) {
		if a != b && (l.Source == nil || l.Source[a] != l.Source[b]) {
			e = l.evidence(a, b, e)
			s.Add(e)
		}
	}
	if rows*(rows-1)/2 <= randomPairs { // then all of them
		for a := range rows {
			for b := range a {
				add(a, b)
			}
		}
		return s
	}
	for range randomPairs {
		add(d.below(rows), d.below(rows))
	}
	return s
}

// rules chooses single atoms and pairs of them that bring few rows together, so that each field is left out of some, and draws
// pairs from each. Blocks are sorted before anything is drawn.
func (l *Linkage) rules(b *blocks) (rules []model.Sample) {
	used := make([]int, len(l.fields))
	for _, t := range b.all {
		fields := []int{b.fields[t.one]}
		if t.two >= 0 {
			if b.fields[t.two] == fields[0] {
				continue
			}
			fields = append(fields, b.fields[t.two])
		}
		again := slices.ContainsFunc(fields, func(f int) bool { return used[f] >= 2 })
		if t.pairs < max(fewestForRules, b.rows/50) || again || len(fields) >= len(l.fields) {
			continue
		}
		for _, f := range fields {
			used[f]++
		}
		if rules = append(rules, l.rule(b, t, fields)); len(rules) == rulesWanted {
			break
		}
	}
	return rules
}

func (l *Linkage) rule(b *blocks, t template, fields []int) model.Sample {
	r := model.Sample{Width: len(l.fields)}
	var pairs []uint64
	b.each(t, func(p uint64) { pairs = append(pairs, p) })
	pairs = distinct(pairs)
	d := dice(seed)
	var e []model.Evidence
	for i, p := range pairs {
		if rest := len(pairs) - i; rest > rulePairs-r.Len() && d.below(rest) >= rulePairs-r.Len() {
			continue
		}
		x, y := rowsOf(p)
		e = l.evidence(x, y, e)
		for _, f := range fields {
			e[f] = none()
		}
		r.Add(e)
	}
	return r
}

// score weighs every candidate and joins what belongs together.
func (l *Linkage) score() {
	var e []model.Evidence
	bits := func(a, b int) float64 {
		e = l.evidence(a, b, e)
		return l.scorer.Bits(e)
	}
	for i, p := range l.Candidates {
		a, b := rowsOf(p)
		n := 0.0
		if l.compared != nil {
			n = l.scorer.Bits(l.compared.Pair(i))
		} else {
			n = bits(a, b)
		}
		if n > worthKeeping {
			l.Links = append(l.Links, model.Link{A: a, B: b, Bits: n})
		}
	}
	l.compared = nil
	l.Groups = model.Cluster(l.Links, bits, nil)
}
