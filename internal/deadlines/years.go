// SPDX-License-Identifier: Apache-2.0

package deadlines

import (
	_ "embed"
	"encoding/json"
	"sync"

	"fera/internal/dates"
)

// The states of a day of one year.
const (
	Announced = "announced" // a government said so
	Forecast  = "forecast"  // reckoned ahead of any notification; to be looked at when that comes
)

// Dated is a day that is off in one year alone: it follows the moon, or a government gave it for that year.
type Dated struct {
	Day    dates.Partial `json:"day"`
	Bn     string        `json:"bn"`
	En     string        `json:"en"`
	Moon   bool          `json:"moon"`
	Status string        `json:"status"`
	Source string        `json:"source"`
}

//go:embed data/years.json
var years []byte

var dated = sync.OnceValue(func() (all []Dated) {
	if err := json.Unmarshal(years, &all); err != nil {
		panic(err) // a test reads the file
	}
	return all
})

// DatedHolidays returns the days off of single years that ship, in order: those of 2026 as they were announced, and those of
// 2027 as forecasts. Beside them stand the FixedHolidays of every year.
func DatedHolidays() []Dated { return append([]Dated(nil), dated()...) }
