// SPDX-License-Identifier: Apache-2.0

// Package dates holds civil dates of which the day or the month may be unknown, and says them in words.
//
// People often know the year they were born but not the day. Such a date is kept as it is
// known, never filled up with the first of January. Days are days in Dhaka.
package dates

import (
	"database/sql/driver"
	"fmt"
	"time"

	"fera/internal/fault"
)

// The years that a date may have. Anything outside is a slip of the pen.
const (
	firstYear = 1850
	lastYear  = 2200
)

// Precision says how much of a date is known.
type Precision uint8

// The precisions, from nothing known to the day known.
const (
	Unknown Precision = iota
	Year
	Month
	Day
)

// Partial is a date as far as it is known: 0 stands for what is not. The zero Partial is an unknown date.
type Partial struct{ Year, Month, Day int }

// Of returns the day on which t falls in Dhaka.
func Of(t time.Time) Partial {
	year, month, day := t.In(Dhaka()).Date()
	return Partial{year, int(month), day}
}

// Dhaka is the time zone of Bangladesh, six hours ahead of UTC the whole year.
func Dhaka() *time.Location { return time.FixedZone("Asia/Dhaka", 6*60*60) }

// IsZero tells whether nothing of the date is known.
func (p Partial) IsZero() bool { return p == Partial{} }

// Precision tells how much of the date is known.
func (p Partial) Precision() Precision {
	switch {
	case p.Year == 0:
		return Unknown
	case p.Month == 0:
		return Year
	case p.Day == 0:
		return Month
	}
	return Day
}

// String writes the date as it is stored: "1990", "1990-05", "1990-05-01", or nothing.
func (p Partial) String() string {
	switch p.Precision() {
	case Unknown:
		return ""
	case Year:
		return fmt.Sprintf("%04d", p.Year)
	case Month:
		return fmt.Sprintf("%04d-%02d", p.Year, p.Month)
	}
	return fmt.Sprintf("%04d-%02d-%02d", p.Year, p.Month, p.Day)
}

// Check refuses a date that no calendar has. The unknown date passes.
func (p Partial) Check() error {
	if p.IsZero() {
		return nil
	}
	switch {
	case p.Year >= 1300 && p.Year < 1500:
		return fault.New(fault.Invalid, "date.bangla_year")
	case p.Year < firstYear || p.Year > lastYear:
		return fault.New(fault.Invalid, "date.year_out_of_range")
	case p.Month < 0 || p.Month > 12 || p.Month == 0 && p.Day != 0:
		return fault.New(fault.Invalid, "date.no_such_month")
	case p.Day < 0 || p.Month != 0 && p.Day > daysIn(p.Year, p.Month):
		return fault.New(fault.Invalid, "date.no_such_day").With("days", daysIn(p.Year, p.Month))
	}
	return nil
}

// CheckPast refuses a date that lies wholly after today.
func (p Partial) CheckPast(today Partial) error {
	if err := p.Check(); err != nil {
		return err
	}
	if today.SurelyBefore(p) {
		return fault.New(fault.Invalid, "date.in_future")
	}
	return nil
}

// CheckBirth refuses a date on which nobody now living can have been born.
func (p Partial) CheckBirth(today Partial) error {
	if err := p.CheckPast(today); err != nil {
		return err
	}
	if youngest, _ := p.Age(today); youngest > 120 {
		return fault.New(fault.Invalid, "date.too_long_ago")
	}
	return nil
}

// Earliest is the first day that the date may mean.
func (p Partial) Earliest() Partial {
	if p.IsZero() {
		return p
	}
	return Partial{p.Year, max(p.Month, 1), max(p.Day, 1)}
}

// Latest is the last day that the date may mean.
func (p Partial) Latest() Partial {
	switch p.Precision() {
	case Year:
		return Partial{p.Year, 12, 31}
	case Month:
		return Partial{p.Year, p.Month, daysIn(p.Year, p.Month)}
	}
	return p
}

// SurelyBefore tells whether every day that p may mean lies before every day that o may mean.
func (p Partial) SurelyBefore(o Partial) bool {
	if p.IsZero() || o.IsZero() {
		return false
	}
	return p.Latest().order() < o.Earliest().order()
}

// Start is the moment at which the date begins in Dhaka, for comparing with times. The unknown date has none.
func (p Partial) Start() time.Time { return p.Earliest().midnight(0) }

// End is the moment just after the date in Dhaka. The unknown date has none.
func (p Partial) End() time.Time { return p.Latest().midnight(1) }

// Add moves a date that is known to the day by a number of days. Other dates stay as they are.
func (p Partial) Add(days int) Partial {
	if p.Precision() != Day {
		return p
	}
	return Of(p.midnight(days))
}

// MarshalText writes the stored form, in JSON too.
func (p Partial) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads anything that Parse reads.
func (p *Partial) UnmarshalText(text []byte) (err error) {
	*p, err = Parse(string(text))
	return err
}

// Value stores the date as text, or nothing when it is unknown.
func (p Partial) Value() (driver.Value, error) {
	if p.IsZero() {
		return nil, nil
	}
	return p.String(), nil
}

// Scan reads the stored form.
func (p *Partial) Scan(stored any) error {
	switch v := stored.(type) {
	case nil:
		*p = Partial{}
		return nil
	case string:
		return p.UnmarshalText([]byte(v))
	case []byte:
		return p.UnmarshalText(v)
	}
	return fmt.Errorf("scan date: cannot read %T", stored)
}

func (p Partial) midnight(add int) time.Time {
	if p.IsZero() {
		return time.Time{}
	}
	return time.Date(p.Year, time.Month(p.Month), p.Day+add, 0, 0, 0, 0, Dhaka())
}

func (p Partial) order() int { return p.Year*10000 + p.Month*100 + p.Day }

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
