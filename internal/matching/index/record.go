// SPDX-License-Identifier: Apache-2.0

// Package index holds a whole register in memory, small and without pointers, and finds in it who may be the same person as
// somebody just described: in about a millisecond among ten million.
//
// A record is numbers: its words by their place in a vocabulary, its papers and telephones as hashes. Keys made of them (a sound and
// a birth year, a telephone, two parents) lead to lists of records. Lists of the whole register are built at once and never
// change; what is added later stands in lists that only grow, and Compact builds anew in the background. Readers take no locks.
// The work for one question is bounded: keys that too many share are not scanned but combined.
//
// It is made from the register and can be lost at any time: it stores nothing.
package index

import (
	"strconv"
	"strings"

	"fera/internal/matching/compare"
	"fera/internal/names"
)

// ID names a record. It is the 16 bytes of a UUID, or whatever else the caller has.
type ID [16]byte

// Record is what is known of one registration. Everything may be missing. Names may be in either script; numbers are in their normal
// form (see package numbers).
type Record struct {
	ID        ID
	Name      string // the name as on papers
	Other     string // the name in the other script, or a call name
	Father    string
	Mother    string
	Spouse    string
	Sex       string // "m", "f", or anything else for not known
	Birth     compare.Date
	Place     string // geocode of a district, an upazila or a union, such as 305670.1234
	Village   string
	Phones    []string
	NIDs      []string // ten, thirteen or seventeen digits
	Passports []string // every number ever held
	Births    []string // numbers of birth registrations
	Permits   []string // of travel permits
	Cards     []string // of emigration clearance cards
}

// How much of each is kept for comparing. All numbers lead to the record, however many there are.
const (
	ownWords   = 4
	otherWords = 3
	kinWords   = 2
	phones     = 2
	passports  = 3
	papers     = 1 // of each other kind
)

// compact is a record as it is kept: 132 bytes.
type compact struct {
	id       ID
	own      [ownWords]uint32
	other    [otherWords]uint32
	father   [kinWords]uint32
	mother   [kinWords]uint32
	spouse   [kinWords]uint32
	birth    uint32 // year<<9 | month<<5 | day
	place    uint32 // geocode of the upazila, or of what is known
	village  uint32 // a word
	phone    [phones]uint32
	old      [1]uint32 // identity number of thirteen digits
	smart    [1]uint32 // identity number of ten digits
	passport [passports]uint32
	births   [papers]uint32
	permit   [papers]uint32
	card     [papers]uint32
	union    uint16
	sex      byte
	more     bool // it has numbers that are not here, but lead to it
}

// born puts a date into a number.
func born(d compare.Date) uint32 {
	if d.Year < 1 || d.Year > 9999 || d.Month < 0 || d.Month > 15 || d.Day < 0 || d.Day > 31 {
		return 0
	}
	return uint32(d.Year<<9 | d.Month<<5 | d.Day)
}

func (c *compact) date() compare.Date {
	return compare.Date{Year: int(c.birth >> 9), Month: int(c.birth >> 5 & 15), Day: int(c.birth & 31)}
}

// reader turns names into numbers of words. One of many names remembers, for most come again and again.
type reader struct {
	number func(text string) uint32
	known  map[string][]uint32 // nil of one that forgets
	most   int                 // how many it remembers
}

// How many names a reader remembers: of a register, and of a list, which is to take little memory.
const (
	remembered       = 1 << 18
	rememberedOfList = 1 << 13
)

// words numbers the words of a name.
func (r *reader) words(name string) []uint32 {
	return r.remember(name, func() (ids []uint32) {
		for _, t := range names.Tokens(name) {
			if id := r.number(t); id != 0 {
				ids = append(ids, id)
			}
		}
		return ids
	})
}

// whole numbers a text as if it were one word.
func (r *reader) whole(text string) uint32 {
	ids := r.remember("\x00"+text, func() []uint32 { return []uint32{r.number(strings.Join(strings.Fields(names.Fold(text)), " "))} })
	return ids[0]
}

func (r *reader) remember(text string, read func() []uint32) []uint32 {
	ids, ok := r.known[text]
	if ok || r.known == nil {
		if !ok {
			ids = read()
		}
		return ids
	}
	if len(r.known) >= r.most {
		clear(r.known)
	}
	ids = read()
	r.known[strings.Clone(text)] = ids
	return ids
}

// pack makes a record compact.
func pack(r *Record, read *reader) (c compact) {
	c.id, c.birth = r.ID, born(r.Birth)
	copy(c.own[:], read.words(r.Name))
	copy(c.other[:], read.words(r.Other))
	copy(c.father[:], read.words(r.Father))
	copy(c.mother[:], read.words(r.Mother))
	copy(c.spouse[:], read.words(r.Spouse))
	switch r.Sex {
	case "m", "f":
		c.sex = r.Sex[0]
	}
	c.place, c.union = packPlace(r.Place)
	if r.Village != "" {
		c.village = read.whole(r.Village)
	}
	for i, p := range r.Phones[:min(len(r.Phones), phones)] {
		c.phone[i] = numberHash(p)
	}
	for _, n := range r.NIDs {
		c.packNID(n)
	}
	for i, p := range r.Passports[max(0, len(r.Passports)-passports):] { // the newest stand last
		c.passport[i] = numberHash(p)
	}
	for _, s := range c.others(r) {
		if n := len(s.numbers); n > 0 {
			*s.kept = numberHash(s.numbers[n-1])
		}
	}
	c.more = len(moreKeys(r, nil)) > 0
	return c
}

// series is the numbers of one other kind of paper, with the place for the newest of them.
type series struct {
	seed    uint64
	numbers []string
	kept    *uint32
}

// others are the kinds of paper of which one number is kept.
func (c *compact) others(r *Record) [3]series {
	return [3]series{{keyBirthNumber, r.Births, &c.births[0]}, {keyPermit, r.Permits, &c.permit[0]}, {keyCard, r.Cards, &c.card[0]}}
}

// packNID keeps the identity number of either series. The seventeen digits are the thirteen after a year of birth, which is
// taken where nobody gave one.
func (c *compact) packNID(n string) {
	switch len(n) {
	case 10:
		c.smart[0] = numberHash(n)
	case 17:
		if year, err := strconv.Atoi(n[:4]); err == nil && c.birth == 0 && year > 1900 && year < 2100 {
			c.birth = born(compare.Date{Year: year})
		}
		c.old[0] = numberHash(n[4:])
	default:
		c.old[0] = numberHash(n)
	}
}

// bare is the part of an identity number that both of its forms have.
func bare(nid string) string {
	if len(nid) == 17 {
		return nid[4:]
	}
	return nid
}

// numberHash is never 0, which stands for none.
func numberHash(s string) uint32 {
	if s == "" {
		return 0
	}
	return uint32(hash(3, s)) | 1
}

// packPlace reads a geocode: six digits of an upazila, fewer of what lies around it, a union after a point.
func packPlace(code string) (place uint32, union uint16) {
	upazila, rest, _ := strings.Cut(code, ".")
	n, err := strconv.ParseUint(upazila, 10, 32)
	if err != nil || len(upazila) > 6 || len(upazila)%2 != 0 {
		if code == "" {
			return 0, 0
		}
		return uint32(hash(4, code)) | 1<<31, 0 // of no geocode we know; equal or not
	}
	for range (6 - len(upazila)) / 2 {
		n *= 100
	}
	if rest != "" {
		union = uint16(hash(4, rest)) | 1
	}
	return uint32(n), union
}

// district is the first four digits of a geocode, 0 if not known.
func (c *compact) district() uint32 {
	if c.place>>31 != 0 {
		return c.place
	}
	return c.place / 100
}
