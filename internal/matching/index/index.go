// SPDX-License-Identifier: Apache-2.0

package index

import (
	"iter"
	"slices"
	"sync"
	"sync/atomic"

	"fera/internal/matching/model"
)

// Index is a register to find people in. Any number may read it while one adds or removes.
type Index struct {
	words *vocabulary
	under *Index // the register beside which a list is compared; nil of a register
	state atomic.Pointer[state]
	model atomic.Pointer[fitted]

	scratches scratches

	writing sync.Mutex // guards all below, and the growing part of state
	gone    []ID       // removed while Compact was at work; nil when it is not
	busy    bool
}

// state is what readers look into: lists that never change and, beside them, what came later.
type state struct {
	records []compact
	starts  []uint32 // by bucket: where its list begins in lists
	lists   []uint32
	shift   uint8 // a key's bucket is its highest bits

	later   *blocks[compact]
	added   atomic.Uint32 // how many of later may be read
	delta   *chains
	removed []atomic.Uint32 // bits, of the first and the later records
	more    *blocks[atomic.Uint32]
	live    atomic.Int64
	extra   []posting // keys of numbers that a record has too many of to hold; only who writes looks at it
}

const removedLater = 32 // later records in one word of bits

// Build makes an index of all records that come. It reads them once.
func Build(records iter.Seq[*Record], expected int, m *model.Model) (*Index, error) {
	x := &Index{words: newVocabulary(expected)}
	if err := x.Use(m); err != nil {
		return nil, err
	}
	return x.fill(records, expected), nil
}

// Beside makes an index of the records of a list, to find in the list alone, with the model of a register: how common a name is says
// the list and the register together, for a short list knows little of it. It reads the records once.
func (x *Index) Beside(records iter.Seq[*Record], expected int) *Index {
	list := &Index{words: newVocabulary(expected), under: x}
	list.words.under = x.words
	list.model.Store(x.model.Load())
	return list.fill(records, expected)
}

func (x *Index) fill(records iter.Seq[*Record], expected int) *Index {
	all := make([]compact, 0, expected)
	var extra []posting
	read := &reader{x.words.number, map[string][]uint32{}, remembered}
	if x.under != nil {
		read.most = rememberedOfList
	}
	for r := range records {
		c := pack(r, read)
		x.count(&c)
		for _, k := range moreKeys(r, nil) {
			extra = append(extra, posting{k, uint32(len(all))})
		}
		all = append(all, c)
	}
	x.state.Store(x.lay(all, extra))
	return x
}

// persons is how many there are, with those of the register below a list.
func (x *Index) persons(s *state) int64 {
	n := s.live.Load()
	if x.under != nil {
		n += x.under.state.Load().live.Load()
	}
	return n
}

// posting is one entry of a list.
type posting struct {
	key    uint64
	record uint32
}

// count adds the words of a record to how common they are.
func (x *Index) count(c *compact) {
	for _, id := range slices.Concat(c.own[:], c.other[:]) {
		if id != 0 {
			x.words.at(id).own.Add(1)
		}
	}
	for _, id := range slices.Concat(c.father[:], c.mother[:], c.spouse[:], []uint32{c.village}) {
		if id != 0 {
			x.words.at(id).kin.Add(1)
		}
	}
}

// lay lays out the lists of records: it counts, then fills, so that no list ever moves.
func (x *Index) lay(all []compact, extra []posting) *state {
	s := newState(all)
	s.extra = extra
	x.everyKey(all, extra, func(key uint64, _ uint32) { s.starts[key>>s.shift+1]++ })
	for i := 1; i < len(s.starts); i++ {
		s.starts[i] += s.starts[i-1]
	}
	s.lists = make([]uint32, s.starts[len(s.starts)-1])
	x.everyKey(all, extra, func(key uint64, record uint32) {
		at := &s.starts[key>>s.shift]
		s.lists[*at] = record
		*at++
	})
	copy(s.starts[1:], s.starts[:len(s.starts)-1]) // filling moved each beginning to its end
	s.starts[0] = 0
	return s
}

// bucketsPerRecord is a little less than half the keys of a record, so that few lists hold two keys.
const bucketsPerRecord = 5

func newState(all []compact) *state {
	bits := uint8(10)
	for 1<<bits < bucketsPerRecord*len(all) && bits < 30 {
		bits++
	}
	s := &state{records: all, starts: make([]uint32, 1<<bits+1), shift: 64 - bits, later: new(blocks[compact]), more: new(blocks[atomic.Uint32]),
		delta: newChains(len(all) / 4), removed: make([]atomic.Uint32, (len(all)+31)/32)}
	s.live.Store(int64(len(all)))
	return s
}

func (x *Index) everyKey(all []compact, extra []posting, f func(key uint64, record uint32)) {
	var s sounds
	var keys []uint64
	for i := range all {
		c := &all[i]
		f(keyOf(keyID, idPart(c.id)), uint32(i))
		s.read(c, x.words)
		keys = distinct(c.keys(&s, keys[:0]))
		for _, k := range keys {
			f(k, uint32(i))
		}
	}
	for _, p := range extra {
		f(p.key, p.record)
	}
}

func distinct(keys []uint64) []uint64 {
	slices.Sort(keys)
	return slices.Compact(keys)
}

func idPart(id ID) uint64 {
	h := uint64(0)
	for _, b := range id {
		h = h*0x100000001b3 ^ uint64(b)
	}
	return h
}

// at gives a record by number.
func (s *state) at(i uint32) *compact {
	if int(i) < len(s.records) {
		return &s.records[i]
	}
	return s.later.at(i - uint32(len(s.records)))
}

func (s *state) side(i uint32) side { return side{s.at(i), i, nil} }

func (s *state) isRemoved(i uint32) bool {
	if int(i) < len(s.records) {
		return s.removed[i/32].Load()&(1<<(i%32)) != 0
	}
	j := i - uint32(len(s.records))
	return s.more.at(j/removedLater).Load()&(1<<(j%removedLater)) != 0
}

func (s *state) remove(i uint32) {
	word := (*atomic.Uint32)(nil)
	if int(i) < len(s.records) {
		word = &s.removed[i/32]
	} else {
		i -= uint32(len(s.records))
		word = s.more.at(i / removedLater)
	}
	word.Store(word.Load() | 1<<(i%32))
	s.live.Add(-1)
}

// list gives the older records of a key.
func (s *state) list(key uint64) []uint32 {
	b := key >> s.shift
	return s.lists[s.starts[b]:s.starts[b+1]]
}

// place finds the number of a record that is there.
func (s *state) place(id ID) (uint32, bool) {
	key := keyOf(keyID, idPart(id))
	for _, i := range s.list(key) {
		if s.records[i].id == id && !s.isRemoved(i) {
			return i, true
		}
	}
	at, found := uint32(0), false
	s.delta.each(key, func(i uint32) bool {
		if s.at(i).id == id && !s.isRemoved(i) {
			at, found = i, true
		}
		return !found
	})
	return at, found
}

// Len is the number of records.
func (x *Index) Len() int { return int(x.state.Load().live.Load()) }

// Add adds a record, in place of the one with its ID if there is one. The next question finds it.
func (x *Index) Add(r *Record) {
	x.writing.Lock()
	defer x.writing.Unlock()
	s := x.state.Load()
	x.drop(s, r.ID)
	c := pack(r, &reader{number: x.words.number})
	x.count(&c)
	x.append(s, c, moreKeys(r, nil))
}

// append puts a record behind the others: first itself, then its keys, so that who finds a key finds the record.
func (x *Index) append(s *state, c compact, keys []uint64) {
	at, i, ok := s.later.grow()
	if !ok {
		return
	}
	if i%removedLater == 0 {
		s.more.grow()
	}
	*at = c
	number := uint32(len(s.records)) + i
	s.added.Store(i + 1)
	s.live.Add(1)
	for _, k := range keys {
		s.extra = append(s.extra, posting{k, number})
	}
	var sound sounds
	sound.read(&c, x.words)
	for _, k := range distinct(c.keys(&sound, append(keys, keyOf(keyID, idPart(c.id))))) {
		s.delta.add(k, number)
	}
}

// Remove takes a record out, and tells whether it was there.
func (x *Index) Remove(id ID) bool {
	x.writing.Lock()
	defer x.writing.Unlock()
	return x.drop(x.state.Load(), id)
}

func (x *Index) drop(s *state, id ID) bool {
	if x.busy {
		x.gone = append(x.gone, id)
	}
	i, found := s.place(id)
	if found {
		s.remove(i)
	}
	return found
}

// Stale tells whether so much has been added or removed since it was built that Compact is worth its time.
func (x *Index) Stale() bool {
	s := x.state.Load()
	changed := int(s.added.Load()) + len(s.records) - int(s.live.Load()) + int(s.added.Load())
	return changed > 1000+len(s.records)/50
}
