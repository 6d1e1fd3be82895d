// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"fmt"
	"math"
	"strings"
	"time"
)

const (
	dayLayout    = "2006-01-02"
	momentLayout = "2006-01-02T15:04:05.000Z07:00"
)

// parseDay reads 2006-01-02, in either script, or the day of a moment.
func parseDay(s string) (time.Time, bool) {
	s = Digits(strings.TrimSpace(s))
	if len(s) > len(dayLayout) && s[len(dayLayout)] == 'T' {
		s = s[:len(dayLayout)]
	}
	if len(s) != len(dayLayout) {
		return time.Time{}, false
	}
	t, err := time.Parse(dayLayout, s)
	return t, err == nil
}

// parseMoment reads a day with a time; without a zone it is meant in the one given.
func parseMoment(s string, zone *time.Location) (time.Time, bool) {
	s = Digits(strings.TrimSpace(s))
	if len(s) <= len(dayLayout) || s[4] != '-' { // most texts, and not worth six attempts
		return time.Time{}, false
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// parseClock reads a time of day as a part of the day.
func parseClock(s string) float64 {
	s = Digits(strings.TrimSpace(s))
	if at := strings.IndexAny(s, "+Z"); at > 0 {
		s = s[:at]
	}
	for _, layout := range []string{"15:04:05", "15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Sub(t.Truncate(24*time.Hour)).Seconds() / (24 * 60 * 60)
		}
	}
	return math.NaN()
}

// toDay reads whatever can be a day; false if it cannot.
func toDay(v Value, zone *time.Location) (time.Time, bool) {
	v = v.one()
	switch v.sort {
	case isDay:
		return v.at, true
	case isMoment:
		return DayOf(v.at.In(zone)).at, true
	case isText:
		if t, ok := parseDay(v.text); ok {
			return t, true
		}
	}
	since := v.Float()
	if math.IsNaN(since) || math.Abs(since) > 3e6 {
		return time.Time{}, false
	}
	return time.Unix(0, 0).UTC().AddDate(0, 0, int(math.Floor(since+1e-9))), true
}

// toMoment reads whatever can be a moment; a day begins at midnight in the zone.
func toMoment(v Value, zone *time.Location) (time.Time, bool) {
	v = v.one()
	switch v.sort {
	case isMoment:
		return v.at.In(zone), true
	case isText:
		if t, ok := parseMoment(v.text, zone); ok {
			return t.In(zone), true
		}
	}
	if v.sort == isNumber {
		if math.IsNaN(v.num) || math.Abs(v.num) > 3e6 {
			return time.Time{}, false
		}
		c := time.UnixMilli(int64(math.Round(v.num * 24 * 60 * 60 * 1000))).UTC() // the clock of the zone
		return time.Date(c.Year(), c.Month(), c.Day(), c.Hour(), c.Minute(), c.Second(), c.Nanosecond(), zone), true
	}
	t, ok := toDay(v, zone)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone), ok
}

func dayValue(v Value, zone *time.Location) Value {
	if t, ok := toDay(v, zone); ok && !v.Blank() {
		return DayOf(t)
	}
	return Value{}
}

func momentValue(v Value, zone *time.Location) Value {
	if t, ok := toMoment(v, zone); ok && !v.Blank() {
		return MomentOf(t)
	}
	return Value{}
}

// format writes a time by the codes of format-date and format-date-time. Names are English.
func format(t time.Time, codes string) string {
	var b strings.Builder
	for i := 0; i < len(codes); i++ {
		if codes[i] != '%' || i+1 == len(codes) {
			b.WriteByte(codes[i])
			continue
		}
		i++
		switch codes[i] {
		case 'Y':
			fmt.Fprintf(&b, "%04d", t.Year())
		case 'y':
			fmt.Fprintf(&b, "%02d", t.Year()%100)
		case 'm':
			fmt.Fprintf(&b, "%02d", t.Month())
		case 'n':
			fmt.Fprint(&b, int(t.Month()))
		case 'b':
			b.WriteString(t.Format("Jan"))
		case 'B':
			b.WriteString(t.Format("January"))
		case 'd':
			fmt.Fprintf(&b, "%02d", t.Day())
		case 'e':
			fmt.Fprint(&b, t.Day())
		case 'H':
			fmt.Fprintf(&b, "%02d", t.Hour())
		case 'h':
			fmt.Fprint(&b, t.Hour())
		case 'M':
			fmt.Fprintf(&b, "%02d", t.Minute())
		case 'S':
			fmt.Fprintf(&b, "%02d", t.Second())
		case '3':
			fmt.Fprintf(&b, "%03d", t.Nanosecond()/int(time.Millisecond))
		case 'a':
			b.WriteString(t.Format("Mon"))
		case 'A':
			b.WriteString(t.Format("Monday"))
		case '%':
			b.WriteByte('%')
		default:
			b.WriteString(codes[i-1 : i+1])
		}
	}
	return b.String()
}
