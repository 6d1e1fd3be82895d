// SPDX-License-Identifier: Apache-2.0

package index

import (
	"math"
	"math/bits"
	"sync/atomic"

	"fera/internal/matching/compare"
)

// entry is a word that stands in some name.
type entry struct {
	word     compare.Word
	sound    uint32 // hash of its key
	own, kin atomic.Uint32
	under    uint32 // its number in the vocabulary below, 0 of none
}

// vocabulary numbers the words of all names, from 1. Words are never forgotten; a million persons have some hundred thousand.
type vocabulary struct {
	entries blocks[entry]
	byText  *chains
	near    *chains // words by what is left when one letter goes: the same for words one slip apart
	alike   []atomic.Uint64
	logs    [logs]float32
	under   *vocabulary // of the register that a list is compared beside; nil of a register
}

const (
	alikeSize  = 1 << 18 // comparisons of two words that are remembered
	shortest   = 4       // letters; shorter words have too many neighbours
	lookAtMost = 48      // words on the way to the neighbours of one
)

func newVocabulary(persons int) *vocabulary {
	words := min(persons/8+1000, 1<<20)
	return &vocabulary{byText: newChains(words), near: newChains(4 * words), alike: make([]atomic.Uint64, alikeSize), logs: logTable()}
}

func (v *vocabulary) at(id uint32) *entry { return v.entries.at(id - 1) }

// find gives the number of a word, 0 if no name has it.
func (v *vocabulary) find(text string) (id uint32) {
	v.byText.each(hash(0, text), func(at uint32) bool {
		if v.at(at).word.Text == text {
			id = at
		}
		return id == 0
	})
	return id
}

// number gives the number of a word, a new one if need be. Only a writer calls it.
func (v *vocabulary) number(text string) uint32 {
	if id := v.find(text); id != 0 {
		return id
	}
	e, i, ok := v.entries.grow()
	if !ok {
		return 0
	}
	e.word = compare.WordOf(text)
	e.sound = uint32(hash(1, e.word.Key))
	if v.under != nil {
		e.under = v.under.find(text)
	}
	lessOne(text, func(rest string) { v.near.add(hash(2, rest), i+1) })
	v.byText.add(hash(0, text), i+1)
	return i + 1
}

// lessOne gives a word and each rest of it when one letter goes.
func lessOne(text string, f func(rest string)) {
	letters := []rune(text)
	if len(letters) < shortest {
		return
	}
	f(text)
	rest := make([]rune, 0, len(letters))
	for i := range letters {
		rest = append(append(rest[:0], letters[:i]...), letters[i+1:]...)
		f(string(rest))
	}
}

// soundsNear gives the sounds of at most some words that are one slip away from a text and sound otherwise, the commonest first.
func (v *vocabulary) soundsNear(text string, own uint32, most int) (sounds []uint32) {
	type neighbour struct{ sound, count uint32 }
	var found []neighbour
	seen := 0
	lessOne(text, func(rest string) {
		v.near.each(hash(2, rest), func(at uint32) bool {
			e := v.at(at)
			seen++
			if e.sound != own && compare.Edits(text, e.word.Text) <= 1 {
				found = append(found, neighbour{e.sound, e.own.Load() + 1})
			}
			return seen < lookAtMost
		})
	})
	for len(sounds) < most {
		best := neighbour{}
		for _, n := range found {
			if n.count > best.count && !contains(sounds, n.sound) {
				best = n
			}
		}
		if best.count == 0 {
			break
		}
		sounds = append(sounds, best.sound)
	}
	return sounds
}

func contains(list []uint32, n uint32) bool {
	for _, x := range list {
		if x == n {
			return true
		}
	}
	return false
}

// likeness compares two words by number, and remembers.
func (v *vocabulary) likeness(a, b uint32) compare.Likeness {
	if a == b {
		return compare.Equal
	}
	if a > b {
		a, b = b, a
	}
	pair := uint64(a)<<36 | uint64(b)<<8 // numbers stay below 2^28
	slot := &v.alike[mix(pair)&(alikeSize-1)]
	if old := slot.Load(); old&^0xff == pair && old&0x80 != 0 {
		return compare.Likeness(old & 0x7f)
	}
	l := compare.Words(&v.at(a).word, &v.at(b).word)
	slot.Store(pair | 0x80 | uint64(l))
	return l
}

// commonness is log2 of the share of persons whose own name, or whose relative's, has a word, given log2 of the persons.
func (v *vocabulary) commonness(id uint32, kin bool, persons float64) float64 {
	e := v.at(id)
	n := e.count(kin)
	if e.under != 0 {
		n += v.under.at(e.under).count(kin)
	}
	if n < 2 {
		return -0.5 - persons
	}
	return v.log2(n-1) - persons
}

func (e *entry) count(kin bool) uint32 {
	if kin {
		return e.kin.Load()
	}
	return e.own.Load()
}

// log2 is good to a hundredth, and quick.
func (v *vocabulary) log2(n uint32) float64 {
	if n < logs {
		return float64(v.logs[n])
	}
	shift := bits.Len32(n) - logBits
	return float64(v.logs[n>>shift]) + float64(shift)
}

const (
	logBits = 10
	logs    = 1 << logBits
)

func logTable() (table [logs]float32) {
	for n := 1; n < logs; n++ {
		table[n] = float32(math.Log2(float64(n)))
	}
	return table
}
