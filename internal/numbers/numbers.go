// SPDX-License-Identifier: Apache-2.0

// Package numbers reads the numbers by which people are known and reached:
// identity cards, birth registrations, passports, other papers and telephones.
// It keeps what was typed beside a normal form to compare by, and it warns
// rather than refuses, for a paper may be odd and yet real.
//
// No number here is unique to a person; who shares one is for people to judge.
package numbers

import (
	"strings"
	"unicode"

	"fera/internal/fault"
	"fera/internal/names"
)

// Kind is the sort of paper or line that a number belongs to. It is always
// kept beside the number: a birth registration and an old identity number
// look the same.
type Kind string

// The kinds of numbers.
const (
	KindNID      Kind = "nid"
	KindBirth    Kind = "birth"
	KindPassport Kind = "passport"
	KindPermit   Kind = "permit"
	KindCard     Kind = "card"
	KindPhone    Kind = "phone"
)

// maxTyped bounds what may be typed as one number, in characters.
const maxTyped = 60

// Number is one number as it was given.
type Number struct {
	Kind     Kind
	Typed    string   // as typed, made safe to show
	Normal   string   // the form in which two typings are equal; index this, hashed where the law wants it hidden
	Warnings []string // message keys of what looks wrong, for a person to confirm
	Last     string   // the last digits, enough to recognise a number by and too few to misuse
	Year     int      // birth year inside the number, 0 if it has none
	Country  string   // ISO 3166 code of a telephone's country, "" if not known
	Mobile   bool     // a telephone number that can receive messages
}

// Against compares the birth year inside the number with the one given for the
// person and with the present year, and gives message keys of what differs.
// A year that is 0 is not known and is not compared.
func (n Number) Against(born, thisYear int) []string {
	var warnings []string
	if n.Year == 0 {
		return nil
	}
	if n.Year < oldestYear || (thisYear > 0 && n.Year > thisYear) {
		warnings = append(warnings, "number.year_implausible")
	}
	if born > 0 && born != n.Year {
		warnings = append(warnings, "number.year_differs")
	}
	return warnings
}

// Digits maps Bangla, full-width, Arabic and Persian digits to 0-9 and leaves
// everything else as it is.
func Digits(s string) string {
	return strings.Map(func(r rune) rune {
		for _, zero := range [...]rune{'০', '０', '٠', '۰'} {
			if r >= zero && r <= zero+9 {
				return '0' + r - zero
			}
		}
		return r
	}, s)
}

// Mask shows the end of a normal form and hides the rest: "•••• 4321". Of short
// numbers it shows at most half.
func Mask(normal string) string {
	end := last(normal)
	if end == "" {
		return "••••"
	}
	return "•••• " + end
}

// last gives the last four characters, or half of what there is.
func last(normal string) string {
	in := []rune(normal)
	return string(in[len(in)-min(4, len(in)/2):])
}

// begin reads what was typed: safe to show, and with plain digits.
func begin(kind Kind, typed string) (n Number, plain string, err error) {
	clean, problem := names.Check(typed, maxTyped)
	if problem != "" {
		return Number{}, "", fault.New(fault.Invalid, problem).With("max", maxTyped)
	}
	plain = Digits(clean)
	if !strings.ContainsFunc(plain, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return Number{}, "", fault.New(fault.Invalid, "number.needed")
	}
	return Number{Kind: kind, Typed: clean}, plain, nil
}

// settled gives n with its normal form.
func (n Number) settled(normal string) Number {
	n.Normal, n.Last = normal, last(normal)
	return n
}

func (n *Number) warn(key string) { n.Warnings = append(n.Warnings, key) }

// solid keeps the letters and digits of s, letters in upper case.
func solid(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, names.Fold(s))
}

// onlyDigits keeps 0-9.
func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
