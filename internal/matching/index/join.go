// SPDX-License-Identifier: Apache-2.0

package index

import (
	"bytes"
	"context"
	"sort"
	"sync"

	"fera/internal/matching/model"
)

// scratches lends what questions write on.
type scratches struct{ pool sync.Pool }

func (s *scratches) take() *scratch {
	if w, ok := s.pool.Get().(*scratch); ok {
		return w
	}
	return &scratch{}
}

func (s *scratches) give(w *scratch) { s.pool.Put(w) }

// Pair is two records that may be of one person.
type Pair struct {
	A, B      ID
	Bits, P   float64
	Household float64
	Own       float64 // bits of what is of the person and not of the household
	Paper     bool    // a number on a paper is the same
	Doubt     Doubt
}

// Joining says how a register is compared with itself.
type Joining struct {
	Least   float64 // bits; pairs below are not given
	Workers int     // 0 is 1
	From    int     // how many of the records are done already
	// Found is given each pair once, Done how far all is compared; both are called by one goroutine at a time, in order.
	Found func(Pair) error
	Done  func(upTo, of int) error
}

const joinedAtOnce = 2048 // records

// Last is the ID of the record that is the last of so many of the last Build or Compact.
func (x *Index) Last(many int) ID {
	all := x.state.Load().records
	return all[min(many, len(all))-1].id
}

// UpTo is how many records of the last Build or Compact have no higher ID than one, which need not be among them, if
// they were built in the order of their IDs.
func (x *Index) UpTo(id ID) int {
	all := x.state.Load().records
	return sort.Search(len(all), func(i int) bool { return bytes.Compare(all[i].id[:], id[:]) > 0 })
}

// Join compares all records of the last Build or Compact with one another, in the order of their building. What was added since is
// not among them. A run that was stopped can go on from the Last record that it had done: how many records that are now, UpTo knows,
// whoever was removed in between.
func (x *Index) Join(ctx context.Context, j Joining) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s, fit := x.state.Load(), x.model.Load()
	all := len(s.records)
	type part struct {
		upTo  int
		pairs chan []Pair
	}
	parts := make(chan part, max(j.Workers, 1)*2) // in order, for who hands on
	work := make(chan func())
	var workers sync.WaitGroup
	defer workers.Wait()
	for range max(j.Workers, 1) {
		workers.Go(func() {
			for f := range work {
				f()
			}
		})
	}
	go func() {
		defer close(parts)
		defer close(work)
		for from := max(j.From, 0); from < all; from += joinedAtOnce {
			p := part{min(from+joinedAtOnce, all), make(chan []Pair, 1)}
			select {
			case parts <- p:
			case <-ctx.Done():
				return
			}
			work <- func() { p.pairs <- x.joined(ctx, s, fit, [2]int{from, p.upTo}, j.Least) }
		}
	}()
	err := error(nil)
	for p := range parts {
		pairs := <-p.pairs
		if err == nil {
			if err = ctx.Err(); err == nil {
				err = handOn(j, pairs, p.upTo, all)
			}
			if err != nil {
				stop()
			}
		}
	}
	if err == nil {
		err = ctx.Err()
	}
	return err
}

func handOn(j Joining, pairs []Pair, upTo, all int) error {
	for _, p := range pairs {
		if err := j.Found(p); err != nil {
			return err
		}
	}
	if j.Done == nil {
		return nil
	}
	return j.Done(upTo, all)
}

// joined compares some records with all before each.
func (x *Index) joined(ctx context.Context, s *state, fit *fitted, span [2]int, least float64) (pairs []Pair) {
	w := x.scratches.take()
	defer x.scratches.give(w)
	weigh := x.weigher(s, x.words, fit.scorer)
	var e [fieldCount]model.Evidence
	for i := span[0]; i < span[1] && ctx.Err() == nil; i++ {
		a := s.side(uint32(i))
		if s.isRemoved(uint32(i)) {
			continue
		}
		for _, h := range x.before(s, w, uint32(i)) {
			if s.isRemoved(h.record) {
				continue
			}
			b := s.side(h.record)
			if bits := weigh.bits(a, b, least, &e); bits >= least {
				t := weigh.scorer.Explain(e[:])
				pairs = append(pairs, Pair{b.id, a.id, bits, t.P, t.Household, own(t.Parts), samePaper(&e), doubtOf(&e)})
			}
		}
	}
	return pairs
}

func own(parts []model.Part) (bits float64) {
	for _, p := range parts {
		if !OfHousehold(p.Field) {
			bits += p.Bits
		}
	}
	return bits
}

// OfHousehold tells whether a household shares what a field holds.
func OfHousehold(field string) bool {
	switch field {
	case "place", "village", "father", "mother", "spouse", "phone":
		return true
	}
	return false
}

// rare is how few may have a word before it is looked at for a slip when a register is joined.
const rare = 3

// before gives the records built before one that share a key with it.
func (x *Index) before(s *state, w *scratch, record uint32) []hit {
	c := &s.records[record]
	var sound sounds
	sound.read(c, x.words)
	w.keys = c.keys(&sound, w.keys[:0])
	whole := sound.whole
	for _, id := range c.own {
		if id == 0 || x.words.at(id).own.Load() > rare {
			continue
		}
		own := x.words.sound(id)
		for _, near := range x.words.soundsNear(x.words.at(id).word.Text, own, nearSounds) {
			w.keys = c.soundKeys(&sound, uint64(near), w.keys)
			sound.whole = whole - mix(uint64(own)) + mix(uint64(near))
			w.keys = c.wholeKeys(&sound, w.keys)
		}
	}
	w.keys = distinct(w.keys)
	s.gather(w, record, longJoined)
	w.tally(mostJoined)
	return w.hits
}
