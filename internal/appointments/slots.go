// SPDX-License-Identifier: Apache-2.0

package appointments

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/calendars"
	"fera/internal/centres"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/deadlines"
	"fera/internal/directory/listing"
	"fera/internal/fault"
)

// Usual is when an office is open that did not say so, and a place elsewhere: the hours of public offices. That is an assumption
// of ours, which a centre overrides by saying its own.
func Usual() listing.Hours {
	return listing.Hours{Weekly: []listing.Span{{Days: []string{"SU", "MO", "TU", "WE", "TH"}, Opens: "09:00", Closes: "17:00"}}}
}

// HoursAt returns when an office is open, as far as it said so.
func HoursAt(ctx context.Context, q db.Reader, office string) (listing.Hours, error) {
	if office == "" {
		return Usual(), nil
	}
	h, err := centres.HoursOf(ctx, q, office)
	if err == nil && !h.Known() {
		h = Usual()
	}
	return h, err
}

// opened refuses a time at which nobody is there, and says why.
func opened(ctx context.Context, q db.Reader, b Booking) error {
	h, err := HoursAt(ctx, q, b.Office)
	if err != nil {
		return err
	}
	calendar, err := calendars.Now(ctx, q)
	if err != nil {
		return err
	}
	if why := shut(h, calendar, b.At, b.until()); why != "" {
		return fault.New(fault.Conflict, why).On("at")
	}
	return nil
}

// shut says why nobody is there from one moment to another; nothing when somebody is.
func shut(h listing.Hours, c deadlines.Calendar, from, until time.Time) string {
	on := h.On(dates.Of(from), c)
	switch {
	case on.Holiday:
		return "appointment.holiday"
	case len(on.Spans) == 0:
		return "appointment.closed_day"
	}
	begins, ends := minuteOf(from), minuteOf(from)+int(until.Sub(from)/time.Minute)
	for _, s := range on.Spans {
		if clock(s.Opens) <= begins && ends <= clock(s.Closes) {
			return ""
		}
	}
	return "appointment.closed_hours"
}

// minuteOf is the minute of the day in Dhaka.
func minuteOf(t time.Time) int {
	hour, minute, _ := t.In(dates.Dhaka()).Clock()
	return hour*60 + minute
}

// clock is the minute of the day of a text such as "09:30".
func clock(text string) int {
	hour, minute, _ := strings.Cut(text, ":")
	h, _ := strconv.Atoi(hour)
	m, _ := strconv.Atoi(minute)
	return h*60 + m
}

// Seeking asks for the next times at which a colleague, a counter, or both are free.
type Seeking struct {
	With    string
	Office  string
	Counter string
	Minutes int
	From    time.Time // not before; now when earlier
	Except  ID        // an appointment that is to be moved does not stand in its own way
}

// Span is a time that is taken.
type Span struct{ From, Until time.Time }

// How far the search for a free time goes, and at which minutes of an hour times begin.
const (
	daysSought = 60
	grid       = 15
	mostFree   = 12
	mostOfDay  = 4 // so that more than one day is offered
)

// Free returns the next free times, some of each day.
func Free(ctx context.Context, q db.Reader, who access.Actor, s Seeking) ([]time.Time, error) {
	if !who.Holds(access.BookAppointment) {
		return nil, nil
	}
	if s.Minutes < shortest || s.Minutes > longest {
		return nil, fault.New(fault.Invalid, "fault.out_of_range").With("min", shortest).With("max", longest).On("minutes")
	}
	if _, _, err := withWhom(ctx, q, who, s.With); err != nil {
		return nil, err
	}
	if err := (Booking{Office: s.Office, Counter: s.Counter}).where(ctx, q, who); err != nil {
		return nil, err
	}
	if s.From.Before(q.Now()) {
		s.From = q.Now()
	}
	h, err := HoursAt(ctx, q, s.Office)
	if err != nil {
		return nil, err
	}
	calendar, err := calendars.Now(ctx, q)
	if err != nil {
		return nil, err
	}
	taken, err := s.taken(ctx, q)
	return gaps(h, calendar, s, taken), err
}

// taken are the times at which a colleague or a counter is not free.
func (s Seeking) taken(ctx context.Context, q db.Reader) ([]Span, error) {
	rows, err := q.Query(ctx, `SELECT a.starts_at, a.ends_at FROM appointments a WHERE ((a.user_id = ? AND a.user_id <> '') OR (a.counter_id = ? AND a.counter_id <> '')) AND a.id <> ?
		AND a.ends_at > ? AND a.starts_at < ? AND a.state IN ('booked', 'came')`, s.With, s.Counter, string(s.Except), s.From, s.From.AddDate(0, 0, daysSought+1))
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v Span, err error) {
		err = r.Scan(db.Time(&v.From), db.Time(&v.Until))
		return v, err
	})
	if err != nil {
		return nil, fmt.Errorf("look for free times: %w", err)
	}
	return all, nil
}

// gaps are the free times within opening hours that no appointment takes.
func gaps(h listing.Hours, c deadlines.Calendar, s Seeking, taken []Span) (free []time.Time) {
	length := time.Duration(s.Minutes) * time.Minute
	for day, n := dates.Of(s.From), 0; n < daysSought && len(free) < mostFree; day, n = day.Add(1), n+1 {
		ofDay, last := 0, time.Time{}
		for _, span := range h.On(day, c).Spans {
			for m := clock(span.Opens); m+s.Minutes <= clock(span.Closes) && ofDay < mostOfDay && len(free) < mostFree; m += grid {
				at := day.Start().Add(time.Duration(m) * time.Minute).UTC()
				clash := slices.ContainsFunc(taken, func(t Span) bool { return t.From.Before(at.Add(length)) && at.Before(t.Until) })
				if at.Before(s.From) || at.Before(last) || clash {
					continue
				}
				free, last = append(free, at), at.Add(length)
				ofDay++
			}
		}
	}
	return free
}
