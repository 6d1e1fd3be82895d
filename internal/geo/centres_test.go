// SPDX-License-Identifier: Apache-2.0

package geo_test

import (
	"math"
	"testing"

	"fera/internal/geo"
)

// Every district and upazila has a middle, but for the few that the maps do not know; it lies in the country.
func TestCentresLieInTheCountry(t *testing.T) {
	without := 0
	for _, division := range geo.Children("") {
		for _, district := range geo.Children(division.Code) {
			for _, p := range append(geo.Children(district.Code), district) {
				at, ok := geo.Centre(p.Code)
				if !ok {
					without++
					continue
				}
				if at.Lat < 20.5 || at.Lat > 26.7 || at.Lon < 88 || at.Lon > 92.7 {
					t.Errorf("%s lies at %v", p.NameEn, at)
				}
			}
		}
	}
	if without > 0 {
		t.Errorf("%d places have no middle, nor has what is around them", without)
	}
	if _, ok := geo.Centre("nowhere"); ok {
		t.Error("nowhere has a middle")
	}
}

func TestKm(t *testing.T) {
	dhaka, chattogram := geo.Point{Lat: 23.8103, Lon: 90.4125}, geo.Point{Lat: 22.3569, Lon: 91.7832}
	if got := geo.Km(dhaka, chattogram); math.Abs(got-214) > 5 { // about 214 km as the crow flies
		t.Errorf("Dhaka to Chattogram is %.0f km", got)
	}
	if got := geo.Km(dhaka, dhaka); got != 0 {
		t.Errorf("Dhaka is %f km from itself", got)
	}
}
