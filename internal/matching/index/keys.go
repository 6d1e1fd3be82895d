// SPDX-License-Identifier: Apache-2.0

package index

import "slices"

// The seeds of the keys.
const (
	keyID = iota + 10
	keyPhone
	keyOld
	keySmart
	keyPassport
	keySoundYearDistrict
	keySoundsUpazila
	keySoundsYear
	keySounds
	keySoundFatherUpazila
	keySoundsFather
	keyDateUpazila
	keySoundDate
	keyVillageYear
	keyParents
	keySoundSpouse
	keyUpazilaYear
	keySoundVillage
	keyBirthNumber
	keyPermit
	keyCard
)

func keyOf(seed uint64, parts ...uint64) uint64 {
	h := seed * 0x9e3779b97f4a7c15
	for _, p := range parts {
		h = mix(h + p)
	}
	return h
}

// sounds are the sounds of one record, as its keys need them.
type sounds struct {
	own            []uint32 // of each own word, in both scripts, each once
	whole          uint64   // of the first name whatever the order
	father, mother uint32   // of the first word
	spouse         uint32
	buffer         [ownWords + otherWords]uint32
}

// lexicon knows the sounds of words by number: a vocabulary, or a question with words of its own.
type lexicon interface{ sound(id uint32) uint32 }

func (s *sounds) read(c *compact, l lexicon) {
	s.own = s.buffer[:0]
	s.whole = 0
	for _, id := range c.own {
		if id != 0 {
			sound := l.sound(id)
			s.whole += mix(uint64(sound))
			s.add(sound)
		}
	}
	for _, id := range c.other {
		if id != 0 {
			sound := l.sound(id)
			if c.own[0] == 0 {
				s.whole += mix(uint64(sound))
			}
			s.add(sound)
		}
	}
	s.father, s.mother, s.spouse = l.sound(c.father[0]), l.sound(c.mother[0]), l.sound(c.spouse[0])
}

func (s *sounds) add(sound uint32) {
	if !slices.Contains(s.own, sound) {
		s.own = append(s.own, sound)
	}
}

// sound gives the sound of a word, 0 of none.
func (v *vocabulary) sound(id uint32) uint32 {
	if id == 0 {
		return 0
	}
	return v.at(id).sound
}

// mostSounds is how many sounds of a name keys are made of.
const mostSounds = 3

// keys gives the keys under which a record is found.
func (c *compact) keys(s *sounds, into []uint64) []uint64 {
	into = c.numberKeys(into)
	year, upazila := uint64(c.birth>>9), uint64(c.place)
	day := c.birth&31 != 0 && c.birth&0x1ff != 1<<5|1 // known, and not the first of January
	for _, sound := range s.own[:min(len(s.own), mostSounds)] {
		into = c.soundKeys(s, uint64(sound), into)
	}
	into = c.wholeKeys(s, into)
	if day && upazila != 0 {
		into = append(into, keyOf(keyDateUpazila, uint64(c.birth), upazila))
	}
	if upazila != 0 && year != 0 {
		if c.village != 0 {
			into = append(into, keyOf(keyVillageYear, upazila, uint64(c.village), year))
		}
		into = append(into, keyOf(keyUpazilaYear, upazila, year))
	}
	if s.father != 0 && s.mother != 0 {
		into = append(into, keyOf(keyParents, uint64(s.father), uint64(s.mother), uint64(c.district())))
	}
	return into
}

// soundKeys are the keys of one word of the own name.
func (c *compact) soundKeys(s *sounds, sound uint64, into []uint64) []uint64 {
	year, upazila := uint64(c.birth>>9), uint64(c.place)
	if year != 0 && c.place != 0 {
		into = append(into, keyOf(keySoundYearDistrict, sound, year, uint64(c.district())))
	}
	if c.birth&31 != 0 && c.birth&0x1ff != 1<<5|1 {
		into = append(into, keyOf(keySoundDate, sound, uint64(c.birth)))
	}
	if s.father != 0 && upazila != 0 {
		into = append(into, keyOf(keySoundFatherUpazila, sound, uint64(s.father), upazila))
	}
	if s.spouse != 0 && upazila != 0 {
		into = append(into, keyOf(keySoundSpouse, sound, uint64(s.spouse), upazila))
	}
	if c.village != 0 && upazila != 0 {
		into = append(into, keyOf(keySoundVillage, sound, upazila, uint64(c.village)))
	}
	return into
}

// wholeKeys are the keys of all words of the own name together.
func (c *compact) wholeKeys(s *sounds, into []uint64) []uint64 {
	if s.whole == 0 {
		return into
	}
	into = append(into, keyOf(keySounds, s.whole))
	if c.place != 0 {
		into = append(into, keyOf(keySoundsUpazila, s.whole, uint64(c.place)))
	}
	if year := c.birth >> 9; year != 0 {
		into = append(into, keyOf(keySoundsYear, s.whole, uint64(year)))
	}
	if s.father != 0 {
		into = append(into, keyOf(keySoundsFather, s.whole, uint64(s.father)))
	}
	return into
}

func (c *compact) numberKeys(into []uint64) []uint64 {
	for _, p := range c.phone {
		if p != 0 {
			into = append(into, keyOf(keyPhone, uint64(p)))
		}
	}
	if c.old[0] != 0 {
		into = append(into, keyOf(keyOld, uint64(c.old[0])))
	}
	if c.smart[0] != 0 {
		into = append(into, keyOf(keySmart, uint64(c.smart[0])))
	}
	for _, p := range c.passport {
		if p != 0 {
			into = append(into, keyOf(keyPassport, uint64(p)))
		}
	}
	for _, s := range c.others(&Record{}) {
		if *s.kept != 0 {
			into = append(into, keyOf(s.seed, uint64(*s.kept)))
		}
	}
	return into
}

// moreKeys are the keys of numbers beyond those that a compact record holds.
func moreKeys(r *Record, into []uint64) []uint64 {
	for _, p := range r.Phones[min(len(r.Phones), phones):] {
		into = append(into, keyOf(keyPhone, uint64(numberHash(p))))
	}
	kept := [2]string{} // the last of each series stands in the record itself
	for _, n := range slices.Backward(r.NIDs) {
		seed, series := uint64(keyOld), 0
		if len(n) == 10 {
			seed, series = keySmart, 1
		}
		if kept[series] == "" {
			kept[series] = n
		} else {
			into = append(into, keyOf(seed, uint64(numberHash(bare(n)))))
		}
	}
	for _, p := range r.Passports[:max(0, len(r.Passports)-passports)] {
		into = append(into, keyOf(keyPassport, uint64(numberHash(p))))
	}
	for _, s := range new(compact).others(r) {
		for _, p := range s.numbers[:max(0, len(s.numbers)-papers)] {
			into = append(into, keyOf(s.seed, uint64(numberHash(p))))
		}
	}
	return into
}
