// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"strconv"

	"fera/internal/geo"
)

// world is what all simulated people have in common.
type world struct {
	Options
	districts *weighted[string]
	upazilas  map[string][]geo.Place // by district
	unions    map[string][]geo.Place // by upazila
	villages  []town
}

func newWorld(o Options) *world {
	w := &world{Options: o, districts: &weighted[string]{}, upazilas: map[string][]geo.Place{}, unions: map[string][]geo.Place{}, villages: villages()}
	if o.District == Everywhere {
		w.spread()
	} else {
		w.districts.add(o.District, 1)
	}
	for _, district := range w.districts.things {
		w.upazilas[district] = geo.Children(district)
		for _, u := range w.upazilas[district] {
			w.unions[u.Code] = geo.Children(u.Code)
		}
	}
	return w
}

// spread gives the ten districts of most departures their weight, and shares out
// the rest, little to Rangpur division and the hill tracts.
func (w *world) spread() {
	named, sum := map[string]float64{}, 0.0
	for _, row := range rows("origin_districts.csv") {
		percent, err := strconv.ParseFloat(row["share_percent"], 64)
		if err != nil {
			panic(err)
		}
		named[row["district_code"]] = percent
		sum += percent
	}
	top := share("origin", "top 10 districts", "all")
	const seldom = 0.2
	for _, division := range geo.Children("") {
		for _, d := range geo.Children(division.Code) {
			weight := (1 - top) / 54
			if p, ok := named[d.Code]; ok {
				weight = top * p / sum
			} else if d.NameEn == "Rangamati" || d.NameEn == "Bandarban" || d.NameEn == "Khagrachhari" || division.NameEn == "Rangpur" {
				weight *= seldom
			}
			w.districts.add(d.Code, weight)
		}
	}
}

// home draws a home place, mostly down to the union, and the upazila around it.
func (w *world) home(d dice) (place, upazila string) {
	const knowsUnion = 0.85
	u := pick(d, w.upazilas[w.districts.pick(d)])
	if unions := w.unions[u.Code]; len(unions) > 0 && d.chance(knowsUnion) {
		return pick(d, unions).Code, u.Code
	}
	return u.Code, u.Code
}

// villages are parts of a village, as people say them in many places.
func villages() []town {
	return []town{{"পূর্বপাড়া", "Purbapara"}, {"পশ্চিমপাড়া", "Paschimpara"}, {"উত্তরপাড়া", "Uttarpara"}, {"দক্ষিণপাড়া", "Dakshinpara"},
		{"মধ্যপাড়া", "Madhyapara"}, {"নয়াপাড়া", "Nayapara"}, {"চরপাড়া", "Charpara"}, {"মাঝিপাড়া", "Majhipara"}, {"বাজারের কাছে", "near the market"},
		{"স্কুলের পাশে", "beside the school"}, {"মসজিদের পেছনে", "behind the mosque"}, {"নদীর পাড়ে", "on the river bank"}, {"হাটখোলা", "Hatkhola"},
		{"কলোনি মোড়", "Colony Mor"}}
}
