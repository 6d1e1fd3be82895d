// SPDX-License-Identifier: Apache-2.0

package outlines_test

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fera/internal/geo"
	"fera/internal/outlines"
)

// step is one number of a path.
var step = regexp.MustCompile(`-?\d+`)

// covers is how much the rings of a path cover, each ring for itself, and whether all of it lies on the sheet.
func covers(t *testing.T, s outlines.Sheet, path string) (area float64) {
	t.Helper()
	for r := range strings.SplitSeq(strings.TrimSuffix(path, "z"), "z") {
		n := step.FindAllString(r, -1)
		if len(n) < 6 || len(n)%2 != 0 || !strings.HasPrefix(r, "M") {
			t.Fatalf("%q is no ring", r)
		}
		x, y, twice := 0, 0, 0
		var firstX, firstY int
		for i := 0; i < len(n); i += 2 {
			dx, _ := strconv.Atoi(n[i])
			dy, _ := strconv.Atoi(n[i+1])
			nx, ny := x+dx, y+dy
			if i == 0 {
				firstX, firstY = nx, ny
			} else {
				twice += x*ny - nx*y
			}
			if x, y = nx, ny; x < 0 || y < 0 || x > s.Width || y > s.Height {
				t.Fatalf("%d, %d lies outside of %d by %d", x, y, s.Width, s.Height)
			}
		}
		area += math.Abs(float64(twice+x*firstY-firstX*y)) / 2
	}
	return area
}

// Each district is on the map of the country, and each upazila that geo knows on that of its district and of its division, all of
// them with something to see.
func TestEveryAreaIsDrawn(t *testing.T) {
	country, ok := outlines.Districts("")
	if !ok || len(country.Areas) != 64 || country.Borders == "" {
		t.Fatalf("the country has %d districts", len(country.Areas))
	}
	upazilas := map[string]bool{}
	for _, division := range geo.Children("") {
		of, ok := outlines.Districts(division.Code)
		whole, ok2 := outlines.Upazilas(division.Code)
		if !ok || !ok2 || len(of.Areas) != len(geo.Children(division.Code)) {
			t.Errorf("%s has %d districts, geo says %d", division.NameEn, len(of.Areas), len(geo.Children(division.Code)))
		}
		for _, district := range geo.Children(division.Code) {
			at := slices.IndexFunc(country.Areas, func(a outlines.Area) bool { return a.Code == district.Code })
			if at < 0 || covers(t, country, country.Areas[at].Path) < 100 {
				t.Errorf("%s is not to be seen on the map of the country", district.NameEn)
			}
			s, ok := outlines.Upazilas(district.Code)
			if !ok {
				t.Errorf("%s cannot be drawn", district.NameEn)
			}
			for _, a := range s.Areas {
				upazilas[a.Code] = true
				if covers(t, s, a.Path) < 9 || a.X < 0 || a.X > s.Width || a.Y < 0 || a.Y > s.Height {
					t.Errorf("%s is not to be seen on the map of %s", a.Code, district.NameEn)
				}
				if !slices.ContainsFunc(whole.Areas, func(b outlines.Area) bool { return a.Code == b.Code && covers(t, whole, b.Path) > 3 }) {
					t.Errorf("%s is not to be seen on the map of %s", a.Code, division.NameEn)
				}
			}
			for _, u := range geo.Children(district.Code) {
				if !upazilas[geo.Drawn(u.Code)] {
					t.Errorf("%s, %s is on no map", u.NameEn, district.NameEn)
				}
			}
		}
	}
	if len(upazilas) != 544 {
		t.Errorf("%d upazilas and thanas are drawn, want 544", len(upazilas))
	}
}

// Neighbours share their border to the point: what the districts cover is what the divisions cover.
func TestBordersMeet(t *testing.T) {
	s, _ := outlines.Districts("")
	var districts float64
	for _, a := range s.Areas {
		districts += covers(t, s, a.Path)
	}
	if divisions := covers(t, s, s.Borders); math.Abs(districts-divisions) > divisions/200 {
		t.Errorf("the districts cover %.0f, the divisions %.0f", districts, divisions)
	}
	// Dhaka lies south of Tangail and west of Cumilla.
	at := map[string]outlines.Area{}
	for _, a := range s.Areas {
		at[a.Code] = a
	}
	if dhaka, tangail, cumilla := at["3026"], at["3093"], at["2019"]; dhaka.Y <= tangail.Y || dhaka.X >= cumilla.X {
		t.Errorf("Dhaka at %d, %d, Tangail at %d, %d, Cumilla at %d, %d", dhaka.X, dhaka.Y, tangail.X, tangail.Y, cumilla.X, cumilla.Y)
	}
}

func TestWhatIsNoPlaceIsNotDrawn(t *testing.T) {
	for _, code := range []string{"", "3", "99", "9999", "305670", "x", "305670.1234"} {
		if _, ok := outlines.Upazilas(code); ok {
			t.Errorf("the upazilas of %q are drawn", code)
		}
	}
	for _, code := range []string{"3", "99", "3056"} {
		if _, ok := outlines.Districts(code); ok {
			t.Errorf("the districts of %q are drawn", code)
		}
	}
}

// A map goes over a slow line.
func TestMapsAreLight(t *testing.T) {
	weigh := func(s outlines.Sheet) (n int) {
		for _, a := range s.Areas {
			n += len(a.Path)
		}
		return n + len(s.Borders)
	}
	country, _ := outlines.Districts("")
	if n := weigh(country); n > 60_000 || n < 10_000 {
		t.Errorf("the map of the country has %d bytes", n)
	}
	for _, division := range geo.Children("") {
		s, _ := outlines.Upazilas(division.Code)
		if n := weigh(s); n > 60_000 {
			t.Errorf("the upazilas of %s have %d bytes", division.NameEn, n)
		}
	}
}

func TestClassesSayWhatIsInThem(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   string
	}{
		{nil, "[]"},
		{[]float64{0, 0}, "[]"},
		{[]float64{0, 7}, "[{7 7}]"},
		{[]float64{3, 1, 2, 1, 0}, "[{1 1} {2 2} {3 3}]"},
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, "[{1 2} {3 4} {5 6} {7 8} {9 10}]"},
		{[]float64{1, 1, 1, 1, 1, 1, 1, 2, 3, 4, 5, 100}, "[{1 1} {2 4} {5 100}]"},
	} {
		got := outlines.Classes(test.values)
		if s := fmt.Sprint(got); s != test.want {
			t.Errorf("classes of %v: %s, want %s", test.values, s, test.want)
		}
		for _, v := range test.values {
			if shade := outlines.Shade(got, v); (shade > 0) != (v > 0) || shade > outlines.Shades {
				t.Errorf("%v of %v has shade %d", v, test.values, shade)
			}
		}
	}
	two := outlines.Classes([]float64{4, 9})
	if outlines.Shade(two, 4) != 1 || outlines.Shade(two, 9) != outlines.Shades || outlines.Shade(two, 5) != 0 {
		t.Errorf("shades of two: %d, %d", outlines.Shade(two, 4), outlines.Shade(two, 9))
	}
}
