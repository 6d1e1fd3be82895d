// SPDX-License-Identifier: Apache-2.0

package listing

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"fera/internal/dates"
	"fera/internal/deadlines"
	"fera/internal/fault"
)

// Hours are when somebody is there: in the week, in a period that is otherwise, such as Ramadan, and on holidays. Times are
// those of Dhaka.
type Hours struct {
	Always   bool     `json:"always,omitempty"`   // day and night, every day
	Weekly   []Span   `json:"weekly,omitempty"`   // none, and not always: it is not known
	Periods  []Period `json:"periods,omitempty"`  // from a day to a day it is otherwise
	Holidays bool     `json:"holidays,omitempty"` // open on public holidays too
	Note     Text     `json:"note,omitzero"`
	// Rows are schedules of an exchange that are said in no other field, as they came.
	Rows []map[string]string `json:"rows,omitempty"`
}

// Span is the same hours on some days of the week.
type Span struct {
	ID     string            `json:"id,omitempty"`
	Days   []string          `json:"days"` // SU MO TU WE TH FR SA
	Opens  string            `json:"opens"`
	Closes string            `json:"closes"`
	Kept   map[string]string `json:"kept,omitempty"`
}

// Period is the hours between two days, both included. Without spans it is closed.
type Period struct {
	From   dates.Partial `json:"from"`
	To     dates.Partial `json:"to"`
	Name   Text          `json:"name,omitzero"` // "Ramadan", "রমজান"
	Weekly []Span        `json:"weekly,omitempty"`
}

// Week returns the days of the week as exchanges write them, as the week goes in Bangladesh.
func Week() []string { return []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"} }

// Known tells whether anything is known of the hours.
func (h Hours) Known() bool { return h.Always || len(h.Weekly) > 0 }

var clock = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)

// ClockTime reads a time of day as "09:30".
func ClockTime(text string) (string, error) {
	text = strings.TrimSpace(text)
	if len(text) == 4 && text[1] == ':' {
		text = "0" + text
	}
	if !clock.MatchString(text) && text != "24:00" {
		return "", fault.New(fault.Invalid, "directory.clock")
	}
	return text, nil
}

func (r *Checker) spans(all []Span, field string) {
	r.most(len(all), mostRows, field)
	for i := range all {
		s := &all[i]
		slices.SortFunc(s.Days, func(a, b string) int { return cmp.Compare(slices.Index(Week(), a), slices.Index(Week(), b)) })
		s.Days = slices.Compact(s.Days)
		if len(s.Days) == 0 || slices.ContainsFunc(s.Days, func(day string) bool { return !slices.Contains(Week(), day) }) {
			r.Bad("directory.days", field)
		}
		opens, err := ClockTime(s.Opens)
		closes, err2 := ClockTime(s.Closes)
		if err != nil || err2 != nil {
			r.Bad("directory.clock", field)
		} else if closes <= opens {
			r.Bad("directory.closes_before", field)
		}
		s.Opens, s.Closes = opens, closes
		r.Kept(s.Kept)
	}
}

func (r *Checker) hours(h *Hours, field string) {
	r.spans(h.Weekly, field)
	r.most(len(h.Periods), mostRows, field)
	r.most(len(h.Rows), mostRows, field)
	for i := range h.Periods {
		p := &h.Periods[i]
		r.Text(&p.Name, 120, field+"_period")
		r.spans(p.Weekly, field)
		if p.From.Precision() != dates.Day || p.To.Precision() != dates.Day || p.From.Check() != nil || p.To.Check() != nil || p.To.SurelyBefore(p.From) {
			r.Bad("directory.period", field+"_period")
		}
	}
	for _, row := range h.Rows {
		r.Kept(row)
	}
	r.Text(&h.Note, LongestText, field+"_note")
	slices.SortFunc(h.Periods, func(a, b Period) int { return strings.Compare(a.From.String(), b.From.String()) })
}

// Check puts hours into the form kept and refuses those that nobody could keep.
func (h *Hours) Check() *fault.Error {
	r := &Checker{}
	r.hours(h, "hours")
	return r.Done()
}

// DayHours is what holds on one day.
type DayHours struct {
	Spans   []Span
	Period  *Period // which exception holds, if one does
	Holiday bool    // it is closed because the day is a public holiday
}

// On tells what holds on a day. Of periods that lie over one another the one that began last holds; a public holiday goes
// before both, unless the place is open on holidays.
func (h Hours) On(day dates.Partial, c deadlines.Calendar) DayHours {
	if h.Always {
		return DayHours{Spans: []Span{{Days: Week(), Opens: "00:00", Closes: "24:00"}}}
	}
	weekday := day.Start().In(dates.Dhaka()).Weekday()
	name := strings.ToUpper(weekday.String()[:2])
	spans, found := h.Weekly, DayHours{}
	for i, p := range h.Periods {
		if !day.SurelyBefore(p.From) && !p.To.SurelyBefore(day) {
			found.Period, spans = &h.Periods[i], p.Weekly
		}
	}
	workday := weekday != time.Friday && weekday != time.Saturday
	if workday && !h.Holidays && !c.Working(day) {
		found.Holiday = true
		return found
	}
	for _, s := range spans {
		if slices.Contains(s.Days, name) {
			found.Spans = append(found.Spans, s)
		}
	}
	slices.SortFunc(found.Spans, func(a, b Span) int { return strings.Compare(a.Opens, b.Opens) })
	return found
}

// Open tells whether somebody is there at a moment.
func (h Hours) Open(at time.Time, c deadlines.Calendar) bool {
	now := at.In(dates.Dhaka()).Format("15:04")
	return slices.ContainsFunc(h.On(dates.Of(at), c).Spans, func(s Span) bool { return s.Opens <= now && now < s.Closes })
}

// Coming are the periods that have begun or begin within some days, so that nobody stands before a closed door.
func (h Hours) Coming(today dates.Partial, days int) (soon []Period) {
	for _, p := range h.Periods {
		if !p.To.SurelyBefore(today) && !today.Add(days).SurelyBefore(p.From) {
			soon = append(soon, p)
		}
	}
	return soon
}
