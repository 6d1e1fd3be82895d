// SPDX-License-Identifier: Apache-2.0

package index

import (
	"cmp"
	"slices"

	"fera/internal/matching/compare"
	"fera/internal/matching/model"
)

// What one question may cost, whatever the size of the register.
const (
	longList    = 500  // records of one key; longer lists are only combined
	mostScored  = 2000 // records that are compared, those that most keys lead to
	mostSteps   = 6000 // steps in combining long lists
	nearSounds  = 3    // sounds one slip away, of each word
	leastBits   = -8   // candidates below are not worth showing
	ownWordBase = 1 << 27
)

// The same when a register is joined: two records of one person nearly always share several keys.
const (
	longJoined = 150
	mostJoined = 200
)

// Reason is what one field says of a candidate.
type Reason struct {
	model.Part
	Count int // of a telephone: how many have it; of births: the years between
}

// Candidate is somebody who may be the same person.
type Candidate struct {
	ID        ID
	Bits      float64
	P         float64 // how probable it is that both are one person
	Prior     float64
	Household float64  // bits taken off because members of one household would agree as well; never above 0
	Reasons   []Reason // with Prior and Household they sum to Bits
	Doubt     Doubt    // why a person must look, however probable it is
}

// Doubt is what speaks against joining two records without a person having looked, whatever the bits.
type Doubt string

// The doubts. Twins have one birth date and one parent; brothers may have names that are nearly one, but not their births.
const (
	NoDoubt    Doubt = ""
	MaybeTwin  Doubt = "twin"
	OtherName  Doubt = "name"
	OtherBirth Doubt = "birth"
	OtherSex   Doubt = "sex"
)

// question is a record to be found, with the words that no other has.
type question struct {
	compact
	extra      []uint64
	vocabulary *vocabulary
	words      []compare.Word
	sounds     []uint32
}

func (x *Index) ask(r *Record) *question {
	q := &question{vocabulary: x.words}
	q.compact, q.extra = pack(r, &reader{number: q.number}), moreKeys(r, nil)
	return q
}

// number gives the number of a word, of the vocabulary or of the question's own.
func (q *question) number(text string) uint32 {
	if id := q.vocabulary.find(text); id != 0 {
		return id
	}
	w := compare.WordOf(text)
	q.words = append(q.words, w)
	q.sounds = append(q.sounds, uint32(hash(1, w.Key)))
	return ownWordBase + uint32(len(q.words)) - 1
}

func (q *question) side() side { return side{&q.compact, nowhere, q.extra} }

func (q *question) word(id uint32) *compare.Word {
	if id >= ownWordBase {
		return &q.words[id-ownWordBase]
	}
	return &q.vocabulary.at(id).word
}

func (q *question) sound(id uint32) uint32 {
	if id >= ownWordBase {
		return q.sounds[id-ownWordBase]
	}
	return q.vocabulary.sound(id)
}

func (q *question) likeness(a, b uint32) compare.Likeness {
	if a < ownWordBase && b < ownWordBase {
		return q.vocabulary.likeness(a, b)
	}
	return compare.Words(q.word(a), q.word(b))
}

func (q *question) commonness(id uint32, kin bool, persons float64) float64 {
	if id >= ownWordBase {
		return -28 // nobody has it; the other word of the pair decides
	}
	return q.vocabulary.commonness(id, kin, persons)
}

func (q *question) grown(a, b []uint32) bool { return grown(a, b, q.word) }

func (v *vocabulary) grown(a, b []uint32) bool {
	return grown(a, b, func(id uint32) *compare.Word { return &v.at(id).word })
}

func grown(a, b []uint32, word func(id uint32) *compare.Word) bool {
	var x, y [ownWords]compare.Word
	for i, id := range a {
		x[i] = *word(id)
	}
	for i, id := range b {
		y[i] = *word(id)
	}
	return compare.Grown(x[:len(a)], y[:len(b)])
}

// scratch is what a question writes on, used again by the next.
type scratch struct {
	keys  []uint64
	found []uint32
	long  [][]uint32
	hits  []hit
	top   []scored
}

type hit struct{ record, times uint32 }

type scored struct {
	record uint32
	bits   float64
}

// Find gives the records most probably of the same person, the most probable first, and any with the same number on a paper. It sees
// what was added before it began. The record that has the same ID is left out.
func (x *Index) Find(r *Record, limit int) []Candidate {
	s, fit := x.state.Load(), x.model.Load()
	q := x.ask(r)
	w := x.scratches.take()
	defer x.scratches.give(w)
	w.keys = q.manyKeys(append(w.keys[:0], q.extra...))
	s.gather(w, nowhere, longList)
	w.tally(mostScored)
	w.top = w.top[:0]
	weigh := x.weigher(s, q, fit.scorer)
	var e [fieldCount]model.Evidence
	for _, h := range w.hits {
		c := s.at(h.record)
		if c.id == r.ID || s.isRemoved(h.record) {
			continue
		}
		if bits := weigh.bits(q.side(), side{c, h.record, nil}, leastBits, &e); bits > leastBits || samePaper(&e) {
			w.top = append(w.top, scored{h.record, bits})
		}
	}
	slices.SortFunc(w.top, func(a, b scored) int { return cmp.Or(cmp.Compare(b.bits, a.bits), cmp.Compare(a.record, b.record)) })
	out := make([]Candidate, 0, min(limit, len(w.top)))
	for _, t := range w.top[:min(limit, len(w.top))] {
		out = append(out, weigh.explain(q, t.record))
	}
	return out
}

// manyKeys gives the keys of a question: its own, and those it would have with a slip in a word or in the year.
func (q *question) manyKeys(keys []uint64) []uint64 {
	var s sounds
	s.read(&q.compact, q)
	keys = q.keys(&s, keys)
	whole := s.whole
	for _, id := range q.own {
		if id == 0 {
			continue
		}
		own := q.sound(id)
		for _, near := range q.vocabulary.soundsNear(q.word(id).Text, own, nearSounds) {
			keys = q.soundKeys(&s, uint64(near), keys)
			s.whole = whole - mix(uint64(own)) + mix(uint64(near))
			keys = q.wholeKeys(&s, keys)
		}
	}
	s.whole = whole
	if year := q.birth >> 9; year != 0 {
		birth := q.birth
		for _, y := range [...]uint32{year - 1, year + 1} {
			q.birth = y << 9
			for _, sound := range s.own[:min(len(s.own), mostSounds)] {
				keys = q.soundKeys(&s, uint64(sound), keys)
			}
		}
		q.birth = birth
	}
	return distinct(keys)
}

// gather collects the records below a number that the keys lead to, by lists that are not too long.
func (s *state) gather(w *scratch, below uint32, long int) {
	w.found, w.long = w.found[:0], w.long[:0]
	for _, key := range w.keys {
		list := s.list(key)
		if below != nowhere {
			n, _ := slices.BinarySearch(list, below)
			list = list[:n]
		}
		if len(list) > long {
			w.long = append(w.long, list)
		} else {
			w.found = append(w.found, list...)
		}
		seen := 0
		s.delta.each(key, func(i uint32) bool {
			if i < below {
				w.found = append(w.found, i)
			}
			seen++
			return seen < longList
		})
	}
	w.combine()
}

// combine adds the records that two long lists share: a common name and a common place may be rare together.
func (w *scratch) combine() {
	slices.SortFunc(w.long, func(a, b []uint32) int { return len(a) - len(b) })
	steps := mostSteps
	for i := range w.long {
		for j := range i {
			if steps <= 0 {
				return
			}
			small, large := w.long[j], w.long[i]
			for _, n := range small[:min(len(small), steps)] {
				at, ok := slices.BinarySearch(large, n)
				large = large[at:]
				if ok {
					w.found = append(w.found, n)
				}
			}
			steps -= min(len(small), steps)
		}
	}
}

// tally counts how many keys lead to each record, and of too many keeps those that most lead to.
func (w *scratch) tally(most int) {
	slices.Sort(w.found)
	w.hits = w.hits[:0]
	for _, n := range w.found {
		if last := len(w.hits) - 1; last >= 0 && w.hits[last].record == n {
			w.hits[last].times++
		} else {
			w.hits = append(w.hits, hit{n, 1})
		}
	}
	if len(w.hits) > most {
		slices.SortFunc(w.hits, func(a, b hit) int { return cmp.Or(cmp.Compare(b.times, a.times), cmp.Compare(a.record, b.record)) })
		w.hits = w.hits[:most]
		slices.SortFunc(w.hits, func(a, b hit) int { return cmp.Compare(a.record, b.record) })
	}
}

// explain weighs a candidate again, with words for each field.
func (w *weigher) explain(q *question, record uint32) Candidate {
	c := w.state.at(record)
	var e [fieldCount]model.Evidence
	w.all(q.side(), side{c, record, nil}, &e)
	x := w.scorer.Explain(e[:])
	out := Candidate{ID: c.id, Bits: x.Bits, P: x.P, Prior: x.Prior, Household: x.Household, Doubt: doubtOf(&e)}
	for _, p := range x.Parts {
		r := Reason{Part: p}
		switch p.Field {
		case "phone":
			r.Count = w.state.crowd(q.phone[:], c.phone[:])
		case "birth":
			r.Count = abs(int(q.birth>>9) - int(c.birth>>9))
		}
		out.Reasons = append(out.Reasons, r)
	}
	return out
}

// doubtOf finds what a person must look at. An identity number or passport that both have settles all but the sex and the name.
func doubtOf(e *[fieldCount]model.Evidence) Doubt {
	parent := func(f int) bool {
		l := compare.NameLevel(e[f].Level)
		return l >= compare.NameEqual && l <= compare.NameShorter
	}
	name, birth := compare.NameLevel(e[fieldName].Level), compare.DateLevel(e[fieldBirth].Level)
	papers := samePaper(e)
	switch {
	case name >= compare.NameParted && birth == compare.DateEqual && (parent(fieldFather) || parent(fieldMother)):
		return MaybeTwin
	case name == compare.NameDifferent, name == compare.NameParted && !papers:
		return OtherName
	case e[fieldSex].Level == 2:
		return OtherSex
	case birth >= compare.DateFewYears && !papers:
		return OtherBirth
	}
	return NoDoubt
}

func samePaper(e *[fieldCount]model.Evidence) bool {
	for _, f := range [...]int{fieldOldNID, fieldSmartNID, fieldPassport, fieldBirthNumber, fieldPermit, fieldCard} {
		if e[f].Level == 1 {
			return true
		}
	}
	return false
}

// crowd counts the records that have a telephone which both have.
func (s *state) crowd(a, b []uint32) int {
	for _, p := range a {
		if p != 0 && slices.Contains(b, p) {
			return s.holders(keyPhone, p)
		}
	}
	return 0
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
