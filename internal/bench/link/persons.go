// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"iter"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/matching/compare"
	"fera/internal/matching/index"
	"fera/internal/persons"
	"fera/internal/simulate"
)

const (
	shareAgain = 0.03 // are planted again
	kept       = 5000 // originals are kept to be typed; the others would weigh on the scales
)

// population is simulated registrations, some of them of the same person in other words.
type population struct {
	drawn   iter.Seq[simulate.Simulated]
	count   int
	dice    *rand.Rand
	planted []*index.Record       // the first originals of which a copy follows
	copies  map[index.ID]index.ID // from copy to original
}

func populate(o options) (*population, error) {
	drawn, err := simulate.Draw(simulate.Options{Persons: o.persons, Seed: o.seed, District: simulate.Everywhere, Today: dates.Partial{Year: 2026, Month: 11, Day: 26},
		Clerks: []access.Actor{{}}})
	return &population{drawn: drawn, count: o.persons, dice: rand.New(rand.NewPCG(o.seed, 3)), copies: map[index.ID]index.ID{}}, err
}

func idOf(kind byte, n uint64) (id index.ID) {
	id[0] = kind
	binary.BigEndian.PutUint64(id[8:], n)
	return id
}

// records gives so many registrations, each planted copy some time after its original.
func (p *population) records() iter.Seq[*index.Record] {
	return func(yield func(*index.Record) bool) {
		n, given := uint64(0), 0
		for s := range p.drawn {
			r := recordOf(s.Registration, idOf(1, n))
			n++
			for _, next := range p.withCopy(r) {
				if given == p.count || !yield(next) {
					return
				}
				given++
			}
		}
	}
}

func (p *population) withCopy(r *index.Record) []*index.Record {
	if p.dice.Float64() >= shareAgain {
		return []*index.Record{r}
	}
	if len(p.planted) < kept {
		p.planted = append(p.planted, r)
	}
	c := p.again(r)
	c.ID = idOf(2, uint64(len(p.copies)))
	p.copies[c.ID] = r.ID
	return []*index.Record{r, c}
}

func (p *population) originals() map[index.ID]index.ID { return p.copies }

// recordOf is what the index is told of a registration.
func recordOf(r persons.Registration, id index.ID) *index.Record {
	v := r.Values
	out := &index.Record{ID: id, Name: v[persons.NameLatin], Other: v[persons.NameBn], Father: v[persons.FatherName], Mother: v[persons.MotherName],
		Spouse: v[persons.SpouseName], Place: v[persons.Home], Village: v[persons.HomeText]}
	if out.Name == "" {
		out.Name, out.Other = out.Other, v[persons.CallName]
	}
	if sex := v[persons.SexField]; sex != "" {
		out.Sex = sex[:1]
	}
	for i, part := range strings.Split(v[persons.Birth], "-") {
		n, _ := strconv.Atoi(part)
		*[]*int{&out.Birth.Year, &out.Birth.Month, &out.Birth.Day}[i] = n
	}
	for _, c := range r.Contacts {
		out.Phones = append(out.Phones, c.Number)
	}
	for _, n := range r.Identifiers {
		switch n.Kind {
		case "nid":
			out.NIDs = append(out.NIDs, n.Number)
		case "passport":
			out.Passports = append(out.Passports, n.Number)
		}
	}
	return out
}

// again is the same person as another clerk writes her down. How often each thing happens is a guess, as in the simulated set of
// docs/matching.md: a slip in the name 0.3, no or half a birth date 0.25, another telephone 0.4, no identity number 0.5, a new
// passport 0.3, moved 0.1.
func (p *population) again(r *index.Record) *index.Record {
	d, c := p.dice, *r
	c.ID = idOf(3, d.Uint64())
	for _, name := range []*string{&c.Name, &c.Father, &c.Mother} {
		if d.Float64() < 0.3 {
			*name = slip(d, *name)
		}
	}
	if c.Other != "" && d.Float64() < 0.3 {
		c.Name, c.Other = c.Other, ""
	}
	c.Birth = otherBirth(d, c.Birth)
	if d.Float64() < 0.4 {
		c.Phones = []string{"013" + strconv.Itoa(10_000_000+d.IntN(89_999_999))}
	}
	if d.Float64() < 0.5 {
		c.NIDs = nil
	}
	if d.Float64() < 0.3 {
		c.Passports = []string{"B" + strconv.Itoa(10_000_000+d.IntN(89_999_999))}
	}
	if d.Float64() < 0.1 {
		c.Place, c.Village = "305670", ""
	}
	if d.Float64() < 0.2 {
		c.Father = ""
	}
	return &c
}

func otherBirth(d *rand.Rand, b compare.Date) compare.Date {
	switch x := d.Float64(); {
	case x < 0.05:
		return compare.Date{}
	case x < 0.15:
		return compare.Date{Year: b.Year}
	case x < 0.2:
		return compare.Date{Year: b.Year + 1 - 2*d.IntN(2), Month: 1, Day: 1}
	case x < 0.25 && b.Day > 0:
		b.Day = 1 + d.IntN(28)
	}
	return b
}

// slip changes, drops, doubles or exchanges a letter.
func slip(d *rand.Rand, s string) string {
	in := []rune(s)
	if len(in) < 4 {
		return s
	}
	i := 1 + d.IntN(len(in)-2)
	switch d.IntN(4) {
	case 0:
		in[i] = in[d.IntN(len(in))]
	case 1:
		in = slices.Delete(in, i, i+1)
	case 2:
		in = slices.Insert(in, i, in[i])
	default:
		in[i], in[i+1] = in[i+1], in[i]
	}
	return string(in)
}
