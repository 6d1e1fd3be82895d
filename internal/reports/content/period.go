// SPDX-License-Identifier: Apache-2.0

package content

import (
	"fmt"
	"strconv"
	"strings"

	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/words"
)

// Period is a run of months. Both ends are in it, as the number 202212.
type Period struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// The kinds of reports, by how long a time they are about.
const (
	Monthly   = "monthly"
	Quarterly = "quarterly"
	Annual    = "annual"
)

// Kinds returns the kinds of reports.
func Kinds() []string { return []string{Monthly, Quarterly, Annual} }

// longest is how many months an annual report may be about: a first year often has some months more.
const longest = 36

// ReadPeriod reads a period as it is typed: 2023, 2023-Q2, 2023-05, or months as in 2022-12..2023-12.
func ReadPeriod(text string) (p Period, err error) {
	bad := fault.New(fault.Invalid, "report.bad_period").On("period")
	text = strings.ToUpper(strings.TrimSpace(text))
	if from, to, ok := strings.Cut(text, ".."); ok {
		a, okA := month(from)
		b, okB := month(to)
		if p = (Period{a, b}); !okA || !okB || p.Months() < 1 {
			return Period{}, bad
		}
		return p, nil
	}
	if year, quarter, ok := strings.Cut(text, "-Q"); ok {
		y, errY := strconv.Atoi(year)
		q, errQ := strconv.Atoi(quarter)
		if errY != nil || errQ != nil || q < 1 || q > 4 || !sane(y) {
			return Period{}, bad
		}
		return Period{y*100 + 3*q - 2, y*100 + 3*q}, nil
	}
	if m, ok := month(text); ok {
		return Period{m, m}, nil
	}
	if y, err := strconv.Atoi(text); err == nil && sane(y) {
		return Period{y*100 + 1, y*100 + 12}, nil
	}
	return Period{}, bad
}

func sane(year int) bool { return year >= 1976 && year <= 2200 }

func month(text string) (int, bool) {
	d, err := dates.Parse(text)
	if err != nil || d.Precision() != dates.Month || !sane(d.Year) {
		return 0, false
	}
	return d.Year*100 + d.Month, true
}

// Months is how many months there are in a period; none when it ends before it begins.
func (p Period) Months() int {
	return (p.To/100-p.From/100)*12 + p.To%100 - p.From%100 + 1
}

// Fits tells whether a period is as long as a kind of report asks.
func (p Period) Fits(kind string) bool {
	n := p.Months()
	switch kind {
	case Monthly:
		return n == 1
	case Quarterly:
		return n == 3
	case Annual:
		return n > 3 && n <= longest
	}
	return false
}

// String writes a period so that ReadPeriod reads the same.
func (p Period) String() string {
	from := fmt.Sprintf("%04d-%02d", p.From/100, p.From%100)
	if p.From == p.To {
		return from
	}
	return from + ".." + fmt.Sprintf("%04d-%02d", p.To/100, p.To%100)
}

// First and Last are the months at its ends.
func (p Period) First() dates.Partial { return dates.Partial{Year: p.From / 100, Month: p.From % 100} }

// Last is the last month.
func (p Period) Last() dates.Partial { return dates.Partial{Year: p.To / 100, Month: p.To % 100} }

// Holds tells whether something of a date counts in the period. A date of which the year alone is known counts at the beginning
// of that year; one that is not known at all counts in none.
func (p Period) Holds(d dates.Partial) bool {
	from, at := p.From, d.Year*100+d.Month
	if from%100 == 1 {
		from--
	}
	return !d.IsZero() && from <= at && at <= p.To
}

// Spoken says a period in words.
func (p Period) Spoken(s *words.Speaker) string {
	if p.From == p.To {
		return dates.Format(s, p.First())
	}
	if p.From%100 == 1 && p.To == p.From+11 {
		return s.Digits(strconv.Itoa(p.From / 100))
	}
	return dates.Format(s, p.First()) + " – " + dates.Format(s, p.Last())
}
