// SPDX-License-Identifier: Apache-2.0

package near

import (
	"cmp"
	"slices"

	"fera/internal/dates"
)

// Wanted is what somebody looks for. What is empty is not asked.
type Wanted struct {
	Need     string
	Place    string        // where she lives
	Sex      string        // female or male: services for the other sex are left out
	Age      int           // 0: not known
	Returned dates.Partial // her return, as far as it is known
	Women    bool          // women work there
	Free     bool          // not where it was said that no place is free
	Papers   []string      // the codes of those she has; nil when nobody asked
	Conduct  bool          // those who do not answer come last at the same nearness; for who may read the directory, never for the public
	Country  bool          // what is for the whole country and offered at no place alone, such as lines to call
	Limit    int           // 20 when 0

	AtOnce int // how many are ranked at once; as usual when 0
}

// Nearness says how near a place is by the units of administration.
type Nearness string

// How near a service is.
const (
	InUpazila  Nearness = "upazila" // in her upazila, thana or union
	InDistrict Nearness = "district"
	ByPhone    Nearness = "phone" // it is offered at no place
	InDivision Nearness = "division"
	Elsewhere  Nearness = "elsewhere"
)

// Order tells of two which is nearer, as cmp.Compare does.
func (n Nearness) Order(other Nearness) int {
	all := []Nearness{InUpazila, InDistrict, ByPhone, InDivision, Elsewhere}
	return cmp.Compare(slices.Index(all, n), slices.Index(all, other))
}
