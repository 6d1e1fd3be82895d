// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"math"
	"strconv"
	"strings"
	"time"
)

type sort uint8

const (
	isText sort = iota
	isNumber
	isFlag
	isDay
	isMoment
	isSet
)

// Value is what an expression comes to: text, a number, a truth, a day, a moment, or a set of values. The zero value is
// blank, the answer that was not given.
type Value struct {
	sort sort
	text string
	num  float64
	at   time.Time
	set  []Value
}

// TextOf makes a text of a string; an empty one is blank.
func TextOf(s string) Value { return Value{sort: isText, text: s} }

// NumberOf makes a value of a number. What is not a number counts as blank.
func NumberOf(f float64) Value { return Value{sort: isNumber, num: f} }

// FlagOf makes a value that is true or false.
func FlagOf(b bool) Value {
	v := Value{sort: isFlag}
	if b {
		v.num = 1
	}
	return v
}

// DayOf makes a day of a time, by its own calendar.
func DayOf(t time.Time) Value {
	return Value{sort: isDay, at: time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)}
}

// MomentOf makes a moment, with the zone in which it will be written.
func MomentOf(t time.Time) Value { return Value{sort: isMoment, at: t} }

// SetOf makes a set, as a reference into a repeat is one.
func SetOf(all []Value) Value { return Value{sort: isSet, set: all} }

// Parsed reads an answer as the kind of value that its question takes: "int", "decimal", "date", "dateTime"; anything
// else is text. What cannot be read as that stays text. A moment without a zone is meant in the one given.
func Parsed(as, s string, zone *time.Location) Value {
	switch as {
	case "int", "decimal":
		if f := parseNumber(s); !math.IsNaN(f) {
			return NumberOf(f)
		}
	case "date":
		if t, ok := parseDay(s); ok {
			return DayOf(t)
		}
	case "dateTime":
		if t, ok := parseMoment(s, zone); ok {
			return MomentOf(t)
		}
	}
	return TextOf(s)
}

// one takes a set for its first member.
func (v Value) one() Value {
	if v.sort != isSet {
		return v
	}
	if len(v.set) == 0 {
		return Value{}
	}
	return v.set[0]
}

// all takes a value for a set of one; a blank one too.
func (v Value) all() []Value {
	if v.sort == isSet {
		return v.set
	}
	return []Value{v}
}

// Blank tells whether there is nothing: no text, no number, no member.
func (v Value) Blank() bool {
	v = v.one()
	switch v.sort {
	case isText:
		return v.text == ""
	case isNumber:
		return math.IsNaN(v.num)
	}
	return false
}

// String writes the value as it is kept: whole numbers without a point, days as 2006-01-02, blank as nothing.
func (v Value) String() string {
	v = v.one()
	switch v.sort {
	case isNumber:
		return formatNumber(v.num)
	case isFlag:
		return strconv.FormatBool(v.num != 0)
	case isDay:
		return v.at.Format(dayLayout)
	case isMoment:
		return v.at.Format(momentLayout)
	}
	return v.text
}

// said is the value as functions on texts take it: as String, except that what is not a number is called NaN.
func (v Value) said() string {
	if v = v.one(); v.sort == isNumber && math.IsNaN(v.num) {
		return "NaN"
	}
	return v.String()
}

// Float is the value as a number: a day as days since 1970, a moment as that and a part of a day by the clock of its zone, a
// truth as 1 or 0; NaN when it is none.
func (v Value) Float() float64 {
	v = v.one()
	switch v.sort {
	case isNumber, isFlag:
		return v.num
	case isDay, isMoment:
		return days(v.at)
	}
	if f := parseNumber(v.text); !math.IsNaN(f) {
		return f
	}
	if t, ok := parseDay(v.text); ok {
		return DayOf(t).Float()
	}
	if t, ok := parseMoment(v.text, time.UTC); ok {
		return MomentOf(t).Float()
	}
	return math.NaN()
}

// days are the days and the part of a day since 1970 began, both by the clock of the time's own zone.
func days(t time.Time) float64 {
	_, ahead := t.Zone()
	return float64(t.UnixMilli()+int64(ahead)*1000) / float64(24*time.Hour/time.Millisecond)
}

// in is the value with moments by the clock of a zone, so that they can be compared with days, and reckoned with.
func (v Value) in(zone *time.Location) Value {
	if v = v.one(); v.sort == isMoment {
		return MomentOf(v.at.In(zone))
	}
	if v.sort != isText {
		return v
	}
	if t, ok := parseMoment(v.text, zone); ok {
		return MomentOf(t.In(zone))
	}
	return v
}

// True is the value as a truth. A text is true when there is any, so "0" is; a number when it is not zero.
func (v Value) True() bool {
	v = v.one()
	switch v.sort {
	case isNumber, isFlag:
		return v.num != 0 && !math.IsNaN(v.num)
	case isDay, isMoment:
		return true
	}
	return v.text != ""
}

// parseNumber reads a decimal number in either script. There are no exponents and no thousands separators.
func parseNumber(s string) float64 {
	s = Digits(strings.TrimSpace(s))
	unsigned := strings.TrimPrefix(s, "-")
	if unsigned == "" || strings.Trim(unsigned, "0123456789.") != "" || strings.Count(unsigned, ".") > 1 || unsigned == "." {
		return math.NaN()
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return math.NaN()
	}
	return f
}

// Digits turns Bangla digits into Latin ones and leaves all else as it is.
func Digits(s string) string {
	if !strings.ContainsAny(s, "০১২৩৪৫৬৭৮৯") {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r >= '০' && r <= '৯' {
			return r - '০' + '0'
		}
		return r
	}, s)
}

func formatNumber(f float64) string {
	switch {
	case math.IsNaN(f):
		return ""
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == math.Trunc(f) && math.Abs(f) < 1e15:
		return strconv.FormatInt(int64(f), 10)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// Readable tells whether a text can be read as a "date", "dateTime" or "time".
func Readable(as, s string) bool {
	switch as {
	case "date":
		t, ok := parseDay(s)
		return ok && len(strings.TrimSpace(s)) == len(dayLayout) && t.Year() > 0
	case "dateTime":
		_, ok := parseMoment(s, time.UTC)
		return ok
	}
	return !math.IsNaN(parseClock(s))
}
