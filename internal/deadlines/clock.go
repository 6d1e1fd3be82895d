// SPDX-License-Identifier: Apache-2.0

package deadlines

import (
	"cmp"
	"slices"
	"time"

	"fera/internal/dates"
	"fera/internal/fault"
)

// Unit is in what a term is given.
type Unit string

// The units. A term of days or months that would end on a day off ends on the next working day.
const (
	WorkingDays Unit = "working_days"
	Days        Unit = "days"
	Months      Unit = "months"
)

// longest is how long a term may be, in its unit; a longer one is a slip of the pen.
const longest = 3660

// Term is how long somebody has for something.
type Term struct {
	Count int  `json:"count"`
	Unit  Unit `json:"unit"`
}

// Check refuses a term that is no term.
func (t Term) Check() error {
	switch {
	case !slices.Contains([]Unit{WorkingDays, Days, Months}, t.Unit):
		return fault.New(fault.Invalid, "fault.bad_choice").On("unit")
	case t.Count < 1 || t.Count > longest || t.Unit == Months && t.Count > longest/30:
		return fault.New(fault.Invalid, "calendar.term_implausible").On("count")
	}
	return nil
}

// Pause is a time during which a clock stood still: from a day, which does not count any more, until the day on which it
// went on, which counts again. A pause without an end goes on.
type Pause struct {
	From   dates.Partial
	Until  dates.Partial
	Reason string
}

// Clock is a term that runs from a day. The day itself does not count.
type Clock struct {
	From   dates.Partial
	Term   Term
	Pauses []Pause
}

// Reading is where a clock stands on a day.
type Reading struct {
	Due     dates.Partial // the last day of the term; unknown while the clock stands still
	Stopped bool
	Left    int // days of the term that are left, in working days if it is given in those; below zero by how many it is late
}

// Late tells whether the term is over.
func (r Reading) Late() bool { return !r.Stopped && r.Left < 0 }

// Check refuses a clock that cannot run.
func (k Clock) Check() error {
	if k.From.Precision() != dates.Day || k.From.Check() != nil {
		return fault.New(fault.Invalid, "calendar.day_needed").On("from")
	}
	for _, p := range k.Pauses {
		if p.From.Precision() != dates.Day || !p.Until.IsZero() && (p.Until.Precision() != dates.Day || number(p.Until) < number(p.From)) {
			return fault.New(fault.Invalid, "calendar.pause_backwards").On("until")
		}
	}
	return k.Term.Check()
}

// Read tells when the term ends and what is left of it today. The clock must pass Check.
func (k Clock) Read(c Calendar, today dates.Partial) Reading {
	due, spent, stopped := k.end(c)
	if stopped {
		return Reading{Stopped: true, Left: k.length() - spent}
	}
	r := Reading{Due: dayOf(due)}
	if now := number(today); now <= due {
		r.Left = k.count(c, max(now, number(k.From)), due)
	} else {
		r.Left = -k.count(c, due, now)
		if r.Left == 0 {
			r.Left = -1 // it is over, also when only days off have passed since
		}
	}
	return r
}

// forever is a day after all others.
const forever = 1 << 30

// span is days from one until before another.
type span struct{ from, until int }

// stops are the pauses as spans that neither touch nor overlap, in order.
func (k Clock) stops() (all []span) {
	var some []span
	for _, p := range k.Pauses {
		s := span{number(p.From), forever}
		if !p.Until.IsZero() {
			s.until = number(p.Until)
		}
		if s.from < s.until {
			some = append(some, s)
		}
	}
	slices.SortFunc(some, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	for _, s := range some {
		if n := len(all); n > 0 && s.from <= all[n-1].until {
			all[n-1].until = max(all[n-1].until, s.until)
			continue
		}
		all = append(all, s)
	}
	return all
}

// runs are the spans in which the clock goes, from the day after it began.
func (k Clock) runs() (all []span) {
	from := number(k.From) + 1
	for _, s := range k.stops() {
		if s.from > from {
			all = append(all, span{from, s.from})
		}
		from = max(from, s.until)
	}
	if from < forever {
		all = append(all, span{from, forever})
	}
	return all
}

// length is how many days the term has, in working days if it is given in those.
func (k Clock) length() int {
	if k.Term.Unit != Months {
		return k.Term.Count
	}
	return number(addMonths(k.From, k.Term.Count)) - number(k.From)
}

// within counts the days of a span that count for the term.
func (k Clock) within(c Calendar, s span) int {
	if s.from >= s.until {
		return 0
	}
	if k.Term.Unit == WorkingDays {
		return int(c.before(s.until) - c.before(s.from))
	}
	return s.until - s.from
}

// count counts the days of the term after one day, up to and with another.
func (k Clock) count(c Calendar, after, upTo int) (n int) {
	for _, s := range k.runs() {
		n += k.within(c, span{max(s.from, after+1), min(s.until, upTo+1)})
	}
	return n
}

// end is the last day of the term, or else how much of it is spent when it stands still for good.
func (k Clock) end(c Calendar) (due, spent int, stopped bool) {
	length := k.length()
	for _, s := range k.runs() {
		left := length - spent
		if s.until != forever {
			if n := k.within(c, s); n < left {
				spent += n
				continue
			}
		}
		if k.Term.Unit == WorkingDays {
			return number(c.Add(dayOf(s.from-1), left)), length, false
		}
		return k.roll(c, s.from+left-1)
	}
	return 0, spent, true
}

// roll moves an end that lies on a day off to the next day that is worked and on which the clock goes.
func (k Clock) roll(c Calendar, end int) (due, spent int, stopped bool) {
	for _, s := range k.runs() {
		if s.until <= end {
			continue
		}
		day := number(c.Forward(dayOf(max(end, s.from))))
		if day < s.until {
			return day, k.length(), false
		}
	}
	return 0, k.length(), true
}

// Due is the last day of a term that was never stopped.
func (t Term) Due(c Calendar, from dates.Partial) dates.Partial {
	return Clock{From: from, Term: t}.Read(c, from).Due
}

// addMonths goes to the same day of a later month, or to its last day where it has no such day.
func addMonths(day dates.Partial, n int) dates.Partial {
	first := time.Date(day.Year, time.Month(day.Month+n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return dates.Partial{Year: first.Year(), Month: int(first.Month()), Day: min(day.Day, last)}
}

// Rung is one step of a ladder of reminders: so many working days after the due day, or before it when negative; and whom it is for.
type Rung struct {
	Days int    `json:"days"`
	To   string `json:"to"`
}

// Alarm is a rung at its moment.
type Alarm struct {
	Rung
	At time.Time
}

// opens is the hour at which offices open and reminders go out.
const opens = 9

// Ladder gives each rung its moment: at nine in the morning of a working day, in the order in which they come.
func Ladder(c Calendar, due dates.Partial, rungs []Rung) []Alarm {
	all := make([]Alarm, len(rungs))
	for i, r := range rungs {
		day := c.Add(due, r.Days)
		if r.Days == 0 {
			day = c.Forward(due)
		}
		all[i] = Alarm{r, time.Date(day.Year, time.Month(day.Month), day.Day, opens, 0, 0, 0, dates.Dhaka())}
	}
	slices.SortStableFunc(all, func(a, b Alarm) int { return a.At.Compare(b.At) })
	return all
}
