// SPDX-License-Identifier: Apache-2.0

package dates

// Age returns the least and the greatest number of full years that someone born on p may be old on a day.
//
// They are equal when both dates are known to the day. They are -1 when one of the dates is
// unknown or the birth is still to come.
func (p Partial) Age(on Partial) (least, most int) {
	if p.IsZero() || on.IsZero() || on.SurelyBefore(p) {
		return -1, -1
	}
	return max(years(p.Latest(), on.Earliest()), 0), max(years(p.Earliest(), on.Latest()), 0)
}

// ByAge returns the year in which someone of that age on a day was probably born.
// Half of all people have yet to have their birthday in the middle of the year, so
// before July it is the year before.
func ByAge(age int, on Partial) Partial {
	year := on.Year - age
	if on.Month > 0 && on.Month < 7 {
		year--
	}
	return Partial{Year: year}
}

// years counts the birthdays between two days. Who was born on 29 February has a birthday on 1 March in other years.
func years(from, to Partial) int {
	n := to.Year - from.Year
	if to.Month*100+to.Day < from.Month*100+from.Day {
		n--
	}
	return n
}
