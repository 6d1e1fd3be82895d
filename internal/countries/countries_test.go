// SPDX-License-Identifier: Apache-2.0

package countries_test

import (
	"testing"

	"fera/internal/countries"
	"fera/internal/words"

	"pgregory.net/rapid"
)

func TestListHoldsTheWorldWithoutBangladesh(t *testing.T) {
	for _, lang := range words.Languages() {
		all := countries.List(lang)
		if len(all) != 249 { // the 249 of ISO 3166, less Bangladesh, and Kosovo
			t.Errorf("List(%s) holds %d countries, want 249", lang, len(all))
		}
		seen := map[string]bool{}
		for _, c := range all {
			if seen[c.Code] || seen[c.Name(lang)] || c.Code == "BD" || len(c.Code) != 2 {
				t.Errorf("List(%s): %+v is there twice or should not be", lang, c)
			}
			seen[c.Code], seen[c.Name(lang)] = true, true
		}
	}
}

func TestListBeginsWithTheDestinations(t *testing.T) {
	all := countries.List(words.Bangla)
	if all[0].Code != "SA" || all[1].Code != "AE" {
		t.Errorf("List begins with %v", all[:2])
	}
	for i := 1; i < len(all); i++ {
		if all[i].Destination && !all[i-1].Destination {
			t.Errorf("%s comes after %s", all[i].Code, all[i-1].Code)
		}
	}
	if last := countries.List(words.English)[248]; last.Code != "ZW" {
		t.Errorf("the last country is %v, want Zimbabwe", last)
	}
}

func TestNameSpeaksBothLanguages(t *testing.T) {
	for code, want := range map[string][2]string{
		"SA": {"Saudi Arabia", "সৌদি আরব"},
		"BD": {"Bangladesh", "বাংলাদেশ"},
		"HK": {"Hong Kong", "হংকং"},
		"XK": {"Kosovo", "কসোভো"},
		"ZZ": {"", ""},
		"EU": {"", ""},
		"SU": {"", ""},
		"sa": {"", ""},
		"":   {"", ""},
	} {
		if got := countries.Name(words.English, code); got != want[0] {
			t.Errorf("Name(en, %q) = %q, want %q", code, got, want[0])
		}
		if got := countries.Name(words.Bangla, code); got != want[1] {
			t.Errorf("Name(bn, %q) = %q, want %q", code, got, want[1])
		}
	}
}

func TestEveryCountryHasABanglaName(t *testing.T) {
	for _, c := range countries.List(words.Bangla) {
		bangla := false
		for _, r := range c.NameBn {
			bangla = bangla || r >= 'অ' && r <= 'হ'
		}
		if !bangla || c.NameEn == "" {
			t.Errorf("%+v has no name", c)
		}
	}
}

func TestSearchPutsTheBestFirst(t *testing.T) {
	for q, want := range map[string]string{
		"saudi":         "SA",
		"KSA":           "SA",
		"সৌদি":          "SA",
		"saudi arobia":  "SA",
		"dubai":         "AE",
		"দুবাই":         "AE",
		"u":             "AE",
		"malay":         "MY",
		"মালেশিয়া":     "MY",
		"om":            "OM",
		"oman":          "OM",
		"কাতার":         "QA",
		"arab emirates": "AE",
		"america":       "US",
		"লন্ডন":         "GB",
		"italy":         "IT",
		"kosovo":        "XK",
		"zimbabwe":      "ZW",
		"qqqq":          "",
		"":              "",
	} {
		got := ""
		if found := countries.Search(q, 5); len(found) > 0 {
			got = found[0].Code
		}
		if got != want {
			t.Errorf("Search(%q) begins with %q, want %q", q, got, want)
		}
	}
}

func TestSearchBearsAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q, limit := rapid.String().Draw(t, "typed"), rapid.IntRange(-1, 9).Draw(t, "limit")
		if found := countries.Search(q, limit); len(found) > max(limit, 0) {
			t.Fatalf("Search(%q, %d) gave %d countries", q, limit, len(found))
		}
	})
}
