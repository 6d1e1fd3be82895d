// SPDX-License-Identifier: Apache-2.0

package sharing

import (
	"slices"
	"strings"

	"fera/internal/choices"
	"fera/internal/countries"
	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/numbers"
	"fera/internal/occupations"
)

// CheckValues refuses values that are not written as the kind of their field asks, in a sheet that somebody else put together. A
// value that it accepts reads like one of our own.
func (s Sheet) CheckValues() *fault.Error {
	var faults []*fault.Error
	for _, f := range s.Shown() {
		if !readable(f.Kind, s[f.Code]) {
			faults = append(faults, fault.New(fault.Invalid, "referral.value_unreadable").On(f.Code))
		}
	}
	return fault.Join(faults...)
}

func readable(kind, value string) bool {
	switch kind {
	case "sex":
		return slices.Contains([]string{"female", "male", "other", "unsaid"}, value)
	case "age_band":
		return slices.ContainsFunc([]int{0, 18, 25, 35, 45, 55, 65}, func(age int) bool { return AgeBand(age) == value })
	case "place":
		_, known := geo.Find(value)
		return known
	case "yes":
		return value == "yes"
	case "date":
		_, err := dates.Parse(value)
		return err == nil
	case "country":
		_, known := countries.Find(value)
		return known
	case "occupation":
		_, known := occupations.Find(value)
		return known
	case "schooling":
		return slices.Contains(choices.SchoolingLevels(), value)
	case "contact":
		return reachable(value)
	}
	return true // a text, a name, codes of papers: whoever reads it sees what it is
}

// reachable tells whether a value says how somebody is reached: through who sent her, or by a number with whose it is, in which
// ways and when it is safe.
func reachable(value string) bool {
	if value == "office" {
		return true
	}
	parts := strings.Split(value, ";")
	if len(parts) != 4 || !slices.Contains(choices.ContactOwners(), parts[1]) {
		return false
	}
	for way := range strings.SplitSeq(parts[2], ",") {
		if way != "" && !slices.Contains(choices.ContactWays(), way) {
			return false
		}
	}
	_, err := numbers.Phone(parts[0], "BD")
	return err == nil
}
