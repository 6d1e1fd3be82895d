// SPDX-License-Identifier: Apache-2.0

// Package facts says what is counted and how it is added up. It knows no database.
//
// A fact is one thing that happened to a subject: a return, a registration, a
// service. Facts are in codes: small numbers whose meaning a book elsewhere
// keeps; zero always stands for what is not known. From the facts of one subject
// follow her contributions to the totals, and from them alone: to change a total
// is to take the old contributions out and to put the new ones in.
package facts

import (
	"cmp"
	"slices"
	"strconv"

	"fera/internal/dates"
)

// Dim is a way in which people differ, each known by one code.
type Dim uint8

// The ways. Those from Disability on are of class 3, and are in totals only.
const (
	Sex Dim = iota
	Age
	Country // from which she returned last
	Reason  // why she returned; "several" when there are several
	Disability
	Ethnicity
	// Dims is how many there are.
	Dims
)

// Open is how many of them are not of class 3; they come first.
const Open = int(Disability)

// Code stands for a value of a dimension. Zero is not known.
type Code uint16

// Month is a month as the number 202603; 202600 is a month of that year which is
// not known, and 0 a time that is not known.
type Month int32

// Never is earlier than each month.
const Never Month = -1

// MonthOf is the month of a date of which only a part may be known.
func MonthOf(d dates.Partial) Month { return Month(d.Year*100 + d.Month) }

// Year is the year of a month, zero when it is not known.
func (m Month) Year() int { return int(m) / 100 }

// Known tells whether it is one month.
func (m Month) Known() bool { return m > 0 && m%100 != 0 }

// Place is an administrative unit: the digits of its code down to the upazila,
// or what is known of them. Zero is not known.
type Place uint32

// PlaceOf is the place of a code such as "305670.1234"; the union is left out.
func PlaceOf(code string) Place {
	n, err := strconv.ParseUint(code[:min(len(code), 6)], 10, 32)
	if err != nil {
		return 0
	}
	return Place(n)
}

// String is the code of the place, empty when it is not known.
func (p Place) String() string {
	if p == 0 {
		return ""
	}
	return strconv.FormatUint(uint64(p), 10)
}

// Level is how finely a place is known.
type Level uint8

// The levels.
const (
	Nation Level = iota
	Division
	District
	Upazila
)

// digits of a code that is known down to a level.
func (l Level) digits() int { return 2 * int(l) }

// At is the place as it is known at a level: a finer one is made coarser.
func (p Place) At(l Level) Place {
	for size := p.digits(); size > l.digits() && p > 0; size -= 2 {
		p /= 100
	}
	return p
}

// digits of the code: two for each level that is known.
func (p Place) digits() (n int) {
	for ; p > 0; p /= 100 {
		n += 2
	}
	return n
}

// Within tells whether a place lies in another, as far as it is known. All lie in the nation, which is zero.
func (p Place) Within(other Place) bool {
	for p > other && other > 0 {
		p /= 100
	}
	return p == other || other == 0
}

// Fact is one thing that is counted.
type Fact struct {
	Measure Code
	What    Code   // kind of service and the like; see Kinded
	Kinded  bool   // the measure has kinds
	Hidden  bool   // that there is such a fact is of class 3
	Record  string // what it is about
	Person  string // the record of the register on which it hangs; empty for what hangs on none
	Month   Month
	Day     uint8 // of the month; zero when it is not known
	Place   Place
	Org     Code // the organisation whose work it is
	By      [Dims]Code
	Events  int64
	Amount  int64
}

// Same is the order in which the facts of a subject are kept, so that equal ones are found equal.
func Same(a, b Fact) int {
	return cmp.Or(cmp.Compare(a.Measure, b.Measure), cmp.Compare(a.What, b.What), cmp.Compare(a.Month, b.Month), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Record, b.Record),
		cmp.Compare(a.Org, b.Org), cmp.Compare(a.Place, b.Place), cmp.Compare(a.Events, b.Events), cmp.Compare(a.Amount, b.Amount), slices.Compare(a.By[:], b.By[:]), cmp.Compare(a.Person, b.Person))
}

// ages are the first years of the bands.
func ages() []int { return []int{0, 15, 18, 25, 35, 45, 55, 65} }

// AgeBands names the bands of ages, the youngest first.
func AgeBands() (all []string) {
	from := ages()
	for i, a := range from {
		if i == len(from)-1 {
			return append(all, strconv.Itoa(a)+"+")
		}
		all = append(all, strconv.Itoa(a)+"-"+strconv.Itoa(from[i+1]-1))
	}
	return all
}

// AgeBand is the band of somebody's age on a day, empty when it cannot be told.
func AgeBand(birth, on dates.Partial) string {
	if birth.IsZero() || on.IsZero() {
		return ""
	}
	least, most := birth.Age(on)
	middle := (least + most) / 2
	band := ""
	for i, from := range ages() {
		if middle >= from {
			band = AgeBands()[i]
		}
	}
	return band
}
