// SPDX-License-Identifier: Apache-2.0

package dates

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"fera/internal/fault"
	"fera/internal/words"

	"golang.org/x/text/unicode/norm"
)

// longest is longer than any way to write a date that Parse knows.
const longest = 100

// Parse reads a date as people write it: 1990-05-01, 1/5/1990, 1-5-1990, 1 May 1990, ১ মে ১৯৯০,
// 1990-05, May 1990 or only 1990, in digits of either script. The day comes before the month.
// No text at all is the unknown date.
func Parse(text string) (Partial, error) {
	if len(text) > longest {
		return Partial{}, fault.New(fault.Invalid, "date.unreadable")
	}
	pieces, err := split(text)
	if err != nil || len(pieces) == 0 {
		return Partial{}, err
	}
	p, ok := arrange(pieces)
	if !ok {
		return Partial{}, refuse(pieces)
	}
	if err := p.Check(); err != nil {
		return Partial{}, err
	}
	return p, nil
}

// piece is a number or the name of a month.
type piece struct {
	value  int
	digits int // how many it was written with; 0 for a name
}

func split(text string) ([]piece, error) {
	plain := strings.Map(func(r rune) rune {
		if '০' <= r && r <= '৯' {
			return r - '০' + '0'
		}
		return r
	}, norm.NFC.String(strings.ToLower(text)))

	var pieces []piece
	for _, field := range strings.FieldsFunc(plain, func(r rune) bool { return strings.ContainsRune("-/., \t\n\r", r) }) {
		if month, ok := months()[field]; ok {
			pieces = append(pieces, piece{value: month})
			continue
		}
		value, err := strconv.Atoi(field)
		if err != nil || strings.Trim(field, "0123456789") != "" || len(field) > 4 {
			return nil, fault.New(fault.Invalid, "date.unreadable")
		}
		if value == 0 {
			return nil, fault.New(fault.Invalid, "date.unreadable")
		}
		pieces = append(pieces, piece{value, len(field)})
	}
	if len(pieces) == 0 && strings.TrimSpace(text) != "" {
		return nil, fault.New(fault.Invalid, "date.unreadable")
	}
	return pieces, nil
}

// arrange finds out which piece is the year, the month and the day.
func arrange(pieces []piece) (Partial, bool) {
	shape := make([]byte, len(pieces))
	for i, p := range pieces {
		switch p.digits {
		case 0:
			shape[i] = 'm'
		case 4:
			shape[i] = 'y'
		case 1, 2:
			shape[i] = 'n'
		default:
			return Partial{}, false
		}
	}
	at := func(i int) int { return pieces[i].value }
	switch string(shape) {
	case "y":
		return Partial{Year: at(0)}, true
	case "yn", "ym":
		return Partial{Year: at(0), Month: at(1)}, true
	case "ny", "my":
		return Partial{Year: at(1), Month: at(0)}, true
	case "ynn", "ymn":
		return Partial{at(0), at(1), at(2)}, true
	case "nny", "nmy":
		return Partial{at(2), at(1), at(0)}, true
	case "mny":
		return Partial{at(2), at(0), at(1)}, true
	}
	return Partial{}, false
}

// refuse says what is wrong with pieces that make no date.
func refuse(pieces []piece) error {
	last := pieces[len(pieces)-1]
	fourDigits := slices.ContainsFunc(pieces, func(p piece) bool { return p.digits == 4 })
	if !fourDigits && last.digits > 0 && len(pieces) <= 3 {
		return fault.New(fault.Invalid, "date.short_year")
	}
	return fault.New(fault.Invalid, "date.unreadable")
}

// months knows the names of the months in both languages, and the other ways they are often written.
var months = sync.OnceValue(func() map[string]int {
	all := map[string]int{"sept": 9,
		"জানুয়ারী": 1, "ফেব্রুয়ারী": 2, "অগাস্ট": 8, "আগষ্ট": 8, "অগস্ট": 8, "সেপ্টেম্বার": 9}
	for _, lang := range words.Languages() {
		for m := range 12 {
			all[strings.ToLower(words.In(lang).T("month."+strconv.Itoa(m+1)))] = m + 1
		}
	}
	for name, m := range all {
		delete(all, name)
		all[norm.NFC.String(name)] = m
	}
	for m := range 12 {
		all[strings.ToLower(words.In(words.English).T("month." + strconv.Itoa(m+1)))[:3]] = m + 1
	}
	return all
})
