// SPDX-License-Identifier: Apache-2.0

package deadlines

import (
	_ "embed"
	"encoding/json"
	"sync"

	"fera/internal/dates"
)

// Fixed is a holiday that falls on the same day of every year.
type Fixed struct {
	Month, Day int
	Bn, En     string
	Since      int // the first year for which this is known to hold
	Source     string
}

//go:embed data/holidays.json
var holidays []byte

var fixed = sync.OnceValue(func() (all []Fixed) {
	if err := json.Unmarshal(holidays, &all); err != nil {
		panic(err) // a test reads the file
	}
	return all
})

// FixedHolidays returns the holidays of Bangladesh that have a fixed date. Those that follow the moon, or that a government
// adds or takes away, are not among them: an administrator enters them each year from the notification.
func FixedHolidays() []Fixed { return append([]Fixed(nil), fixed()...) }

// In is the day of the holiday in a year; unknown before it was one.
func (f Fixed) In(year int) dates.Partial {
	if year < f.Since {
		return dates.Partial{}
	}
	return dates.Partial{Year: year, Month: f.Month, Day: f.Day}
}
