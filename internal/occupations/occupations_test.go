// SPDX-License-Identifier: Apache-2.0

package occupations_test

import (
	"slices"
	"strings"
	"testing"

	"fera/internal/occupations"
	"fera/internal/words"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestClassificationIsWhole(t *testing.T) {
	if got := len(occupations.Majors()); got != 10 {
		t.Errorf("%d major groups, want 10", got)
	}
	if got := len(occupations.Units("")); got != 436 {
		t.Errorf("%d unit groups, want 436", got)
	}
	seen := map[string]bool{}
	for _, o := range append(occupations.Majors(), occupations.Units("")...) {
		if seen[o.Code] || seen[o.TitleEn] {
			t.Errorf("%s %s stands there twice", o.Code, o.TitleEn)
		}
		seen[o.Code], seen[o.TitleEn] = true, true
		if _, ok := occupations.Find(o.Major()); !ok {
			t.Errorf("%s has no major group", o.Code)
		}
	}
}

func TestBanglaTitlesAreBangla(t *testing.T) {
	titled := 0
	seen := map[string]string{}
	for _, o := range append(occupations.Majors(), occupations.Units("")...) {
		if o.TitleBn == "" {
			continue
		}
		titled++
		if strings.ContainsFunc(o.TitleBn, func(r rune) bool { return r < 128 && r >= 'A' }) || !norm.NFC.IsNormalString(o.TitleBn) {
			t.Errorf("%s: Bangla title %q", o.Code, o.TitleBn)
		}
		if other, ok := seen[o.TitleBn]; ok {
			t.Errorf("%s and %s are both called %s", o.Code, other, o.TitleBn)
		}
		seen[o.TitleBn] = o.Code
	}
	if titled < 90 {
		t.Errorf("%d Bangla titles, want at least 90", titled)
	}
}

func TestOtherWordsAreTidy(t *testing.T) {
	for _, o := range occupations.Units("") {
		for i, word := range o.Other {
			if word == "" || strings.TrimSpace(word) != word || slices.Contains(o.Other[:i], word) || word == o.TitleBn {
				t.Errorf("%s: other word %q is empty, untrimmed or said twice", o.Code, word)
			}
		}
	}
}

func TestNameFallsBackToEnglish(t *testing.T) {
	for code, want := range map[string][2]string{
		"9111": {"Domestic Cleaners and Helpers", "গৃহকর্মী"},
		"2111": {"Physicists and Astronomers", "Physicists and Astronomers"},
		"9":    {"Elementary Occupations", "সাধারণ শ্রমিক"},
		"0110": {"Commissioned Armed Forces Officers", "Commissioned Armed Forces Officers"},
		"9110": {"", ""},
		"":     {"", ""},
	} {
		if got := occupations.Name(words.English, code); got != want[0] {
			t.Errorf("Name(en, %q) = %q, want %q", code, got, want[0])
		}
		if got := occupations.Name(words.Bangla, code); got != want[1] {
			t.Errorf("Name(bn, %q) = %q, want %q", code, got, want[1])
		}
	}
}

func TestUnitsKeepToTheirMajorGroup(t *testing.T) {
	sum := 0
	for _, major := range occupations.Majors() {
		units := occupations.Units(major.Code)
		sum += len(units)
		for _, o := range units {
			if o.Major() != major.Code {
				t.Errorf("Units(%s) holds %s", major.Code, o.Code)
			}
		}
	}
	if sum != 436 {
		t.Errorf("the major groups hold %d unit groups, want 436", sum)
	}
}

func TestSearchKnowsEverydayWords(t *testing.T) {
	for q, want := range map[string]string{
		"গৃহকর্মী":     "9111",
		"বাসার কাজ":    "9111",
		"housemaid":    "9111",
		"house maid":   "9111",
		"khadda":       "9111",
		"রাজমিস্ত্রি":  "7112",
		"mason":        "7112",
		"ড্রাইভার":     "8322",
		"driver":       "8322",
		"truck driver": "8332",
		"cleaner":      "9112",
		"গার্মেন্টস":   "8153",
		"electrician":  "7411",
		"ইলেকট্রিশিয়ান": "7411",
		"plumber":            "7126",
		"welder":             "7212",
		"cook":               "5120",
		"বাবুর্চি":           "5120",
		"waiter":             "5131",
		"construction":       "9313",
		"লেবার":              "9313",
		"security":           "5414",
		"caregiver":          "5322",
		"farm":               "9211",
		"barber":             "5141",
		"9313":               "9313",
		"931":                "9311",
		"astronomers":        "2111",
		"domestic helpers":   "9111",
		"bricklayer related": "7112",
		"qqqq":               "",
		"":                   "",
		"-":                  "",
	} {
		got := ""
		if found := occupations.Search(q, 5); len(found) > 0 {
			got = found[0].Code
		}
		if got != want {
			t.Errorf("Search(%q) begins with %q %s, want %q", q, got, occupations.Name(words.English, got), want)
		}
	}
}

func TestSearchFindsEachByItsTitles(t *testing.T) {
	for _, o := range occupations.Units("") {
		for _, q := range []string{o.TitleEn, o.Title(words.Bangla), o.Code} {
			if found := occupations.Search(q, 1); len(found) != 1 || found[0].Code != o.Code {
				t.Errorf("Search(%q) = %v, want %s", q, found, o.Code)
			}
		}
	}
}

func TestSearchBearsAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q, limit := rapid.String().Draw(t, "typed"), rapid.IntRange(-1, 9).Draw(t, "limit")
		if found := occupations.Search(q, limit); len(found) > max(limit, 0) {
			t.Fatalf("Search(%q, %d) gave %d occupations", q, limit, len(found))
		}
	})
}

func BenchmarkSearch(b *testing.B) {
	occupations.Search("x", 1)
	for b.Loop() {
		occupations.Search("house dri", 10)
	}
}
