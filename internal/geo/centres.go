// SPDX-License-Identifier: Apache-2.0

package geo

import (
	"math"
	"strconv"
	"sync"
)

// Point is a point on the earth, in degrees.
type Point struct{ Lat, Lon float64 }

// centres are the middles of divisions, districts, upazilas and thanas, as the files give them.
var centres = sync.OnceValue(func() map[string]Point {
	all := map[string]Point{}
	for _, file := range []string{"divisions", "districts", "upazilas"} {
		for _, r := range read(file) {
			lat, err := strconv.ParseFloat(r["lat"], 64)
			lon, err2 := strconv.ParseFloat(r["lon"], 64)
			if err == nil && err2 == nil {
				all[r["code"]] = Point{lat, lon}
			}
		}
	}
	return all
})

// Centre is about the middle of a place; of a union, that of the upazila around it. It is not where people live or offices
// stand: two places in one upazila have the same.
func Centre(code string) (Point, bool) {
	for _, p := range reversed(Path(code)) {
		if at, ok := centres()[p.Code]; ok {
			return at, true
		}
	}
	return Point{}, false
}

func reversed(path []Place) (back []Place) {
	for i := len(path) - 1; i >= 0; i-- {
		back = append(back, path[i])
	}
	return back
}

// Km is how far two points are from one another as the crow flies.
func Km(a, b Point) float64 {
	const radius, degree = 6371, math.Pi / 180
	dLat, dLon := (b.Lat-a.Lat)*degree, (b.Lon-a.Lon)*degree
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(a.Lat*degree)*math.Cos(b.Lat*degree)*math.Pow(math.Sin(dLon/2), 2)
	return 2 * radius * math.Asin(math.Sqrt(math.Min(h, 1)))
}
