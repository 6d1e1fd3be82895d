// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"iter"
	"math/rand/v2"

	"fera/internal/geo"
	"fera/internal/indicators/counting"
	"fera/internal/indicators/facts"
)

// events is how many events each person has.
const events = 5

// country makes people who do not exist, each registered and returned once, with three things done for most. Nobody's shares
// stand behind it: it is as wide as a country could be, which is what matters for how fast it is.
func country(people int) iter.Seq[counting.Made] {
	var upazilas []facts.Place
	for _, division := range geo.Children("") {
		for _, district := range geo.Children(division.Code) {
			for _, upazila := range geo.Children(district.Code) {
				upazilas = append(upazilas, facts.PlaceOf(upazila.Code))
			}
		}
	}
	return func(yield func(counting.Made) bool) {
		r := rand.New(rand.NewPCG(1, 2))
		for n := range people {
			if !yield(person(r, n, upazilas)) {
				return
			}
		}
	}
}

// among draws one of some, the first far more often than the last.
func among(r *rand.Rand, n int) int { return int(float64(n) * r.Float64() * r.Float64()) }

func person(r *rand.Rand, n int, upazilas []facts.Place) counting.Made {
	m := counting.Made{ID: fmt.Sprintf("%08d", n)}
	traits := map[string]string{
		"sex": []string{"female", "male", "male", "other", ""}[min(r.IntN(300)/100, 2)], "age": facts.AgeBands()[1+among(r, 6)], "country": fmt.Sprintf("C%02d", among(r, 30)),
		"reason": fmt.Sprintf("reason-%02d", among(r, 13)), "disability": []string{"", "no", "yes"}[min(r.IntN(20)/9, 2)], "ethnicity": []string{"", "bengali", "chakma", "marma"}[among(r, 4)],
	}
	place := upazilas[among(r, len(upazilas))]
	came := r.IntN(60)
	// Each organisation works in a few places: eight of them in each district, some in several.
	org := fmt.Sprintf("organisation-%02d", (int(place/100)*7+r.IntN(8))%60)
	put := func(after int, measure, kind string, hidden bool) {
		month := min(came+after, 59)
		f := counting.MadeFact{Fact: facts.Fact{Month: facts.Month((2021+month/12)*100 + month%12 + 1), Day: uint8(1 + r.IntN(28)), Place: place, Events: 1, Hidden: hidden, Kinded: kind != ""}, Texts: map[string]string{}}
		for k, v := range traits {
			f.Texts[k] = v
		}
		f.Texts[counting.OfMeasure], f.Texts[counting.OfOrg] = measure, org
		if kind != "" {
			f.Texts[counting.OfKind] = kind
		}
		if measure == "service" {
			f.Amount = int64(r.IntN(3)) * 100_000
		}
		m.Facts = append(m.Facts, f)
	}
	put(0, "return", "", false)
	put(r.IntN(3), "registered", "", false)
	kind := []string{"counselling", "health", "cash", "training", "legal", "shelter", "airport"}[among(r, 7)]
	switch r.IntN(4) {
	case 0:
		put(1, "case_opened", "", false)
		put(1, "case_live", "", false)
		put(2+r.IntN(20), "case_closed", []string{"goals_reached", "lost_contact"}[among(r, 2)], false)
	case 1:
		put(1+r.IntN(3), "referral_sent", fmt.Sprintf("need-%02d", among(r, 12)), false)
		put(2+r.IntN(3), "service", fmt.Sprintf("kind-%02d", among(r, 27)), r.IntN(3) == 0)
		put(2+r.IntN(3), "help", kind, r.IntN(3) == 0)
	default:
		first := 1 + r.IntN(3)
		put(first, "service", fmt.Sprintf("kind-%02d", among(r, 27)), r.IntN(3) == 0)
		put(first+1+r.IntN(4), "service", fmt.Sprintf("kind-%02d", among(r, 27)), r.IntN(3) == 0)
		put(first, "help", kind, r.IntN(3) == 0)
	}
	return m
}
