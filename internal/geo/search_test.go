// SPDX-License-Identifier: Apache-2.0

package geo_test

import (
	"slices"
	"strings"
	"testing"

	"fera/internal/geo"
	"fera/internal/words"

	"pgregory.net/rapid"
)

func TestSearchPutsTheBestFirst(t *testing.T) {
	for q, want := range map[string]string{
		"manikganj":         "Manikganj",
		"manik":             "Manikganj",
		"MANIKGONJ":         "Manikganj",
		"মানিকগঞ্জ":         "Manikganj",
		"মানিকগ":            "Manikganj",
		"saturia":           "Saturia, Manikganj",
		"saturia manikganj": "Saturia, Manikganj",
		"manik satu":        "Saturia, Manikganj",
		"Saturia, Dhaka":    "Saturia, Manikganj",
		"সাটুরিয়া":         "Saturia, Manikganj",
		"shaturia":          "Saturia, Manikganj",
		"shonargaon":        "Sonargaon, Narayanganj",
		"beanibazar":        "Beani Bazar, Sylhet",
		"brahmonbaria":      "Brahmanbaria",
		"dhaka":             "Dhaka",
		"Barisal":           "Barishal",
		"comilla":           "Cumilla",
		"jessore":           "Jashore",
		"chittagong":        "Chattogram",
		"bogra":             "Bogura",
		"cox's bazar":       "Cox's Bazar",
		"coxsbazar":         "Cox's Bazar",
		"kalapara":          "Kala Para, Patuakhali",
		"banari para":       "Banari Para, Barishal",
		"বানারীপাড়া":       "Banari Para, Barishal",
		"টেক্নাফ":           "Teknaf, Cox's Bazar",
		"ভাংগা":             "Bhanga, Faridpur",
		"rangpur division":  "Rangpur",
		"মানিকগঞ্জ জেলা":  "Manikganj",
		"saturia upazila": "Saturia, Manikganj",
		"amtali":          "Amtali, Barguna",
		"amtali amtali":   "Amtali, Barguna",
		"305670":          "",
		"qqq":             "",
		"":                "",
		"'":               "",
	} {
		got := ""
		if found := geo.Search(q, 10); len(found) > 0 {
			got = geo.Full(words.English, found[0].Code)
		}
		if got != want {
			t.Errorf("Search(%q) begins with %q, want %q", q, got, want)
		}
	}
}

func TestSearchPutsUnionsLast(t *testing.T) {
	found := geo.Search("kaliganj", 10)
	if len(found) < 5 {
		t.Fatalf("Search(kaliganj) found %d places", len(found))
	}
	firstUnion := slices.IndexFunc(found, func(p geo.Place) bool { return p.Kind == geo.Union })
	lastUpazila := -1
	for i, p := range found {
		if p.Kind == geo.Upazila && p.NameEn == "Kaliganj" {
			lastUpazila = i
		}
	}
	if lastUpazila < 1 || firstUnion < lastUpazila {
		t.Errorf("Search(kaliganj) = %v, want the upazilas before the unions", found)
	}
}

func TestSearchHeedsTheLimit(t *testing.T) {
	for _, limit := range []int{-1, 0, 1, 7} {
		if got := len(geo.Search("a", limit)); got != max(limit, 0) {
			t.Errorf("Search(a, %d) gave %d places", limit, got)
		}
	}
}

func TestSearchFindsEachPlaceByItsFullName(t *testing.T) {
	all := everything()
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(all).Draw(t, "place")
		lang := rapid.SampledFrom(words.Languages()).Draw(t, "language")
		q := p.Name(lang)
		if rapid.Bool().Draw(t, "in full") || p.Kind == geo.Union { // hundreds of unions share a name
			q = geo.Full(lang, p.Code)
		}
		if !slices.ContainsFunc(geo.Search(q, 20), func(o geo.Place) bool { return o.Code == p.Code }) {
			t.Fatalf("Search(%q) lacks %s", q, p.Code)
		}
	})
}

func TestSearchReadsTheBeginningOfALongText(t *testing.T) {
	long := "saturia manikganj dhaka saturia saturia saturia " + strings.Repeat("হ", 1<<20)
	if found := geo.Search(long, 5); len(found) == 0 || found[0].Code != "305670" {
		t.Errorf("Search(1 MB after saturia) = %v", found)
	}
}

func TestSearchBearsAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := rapid.String().Draw(t, "typed")
		if found := geo.Search(q, 5); len(found) > 5 {
			t.Fatalf("Search(%q) gave %d places", q, len(found))
		}
	})
}

func BenchmarkSearch(b *testing.B) {
	geo.Search("dhaka", 10)
	for _, q := range []string{"a", "সা", "saturia manikganj", "a b c d e f", "shaturia manikgonj"} {
		b.Run(q, func(b *testing.B) {
			for b.Loop() {
				geo.Search(q, 10)
			}
		})
	}
}
