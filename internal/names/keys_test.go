// SPDX-License-Identifier: Apache-2.0

package names_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fera/internal/names"
)

type variant struct {
	canonical, bangla, role string
	variants                []string
}

// lines reads a table of the test data without its heading.
func lines(t *testing.T, file string) []string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(b)), "\n")
}

func variants(t *testing.T) []variant {
	t.Helper()
	var all []variant
	for _, line := range lines(t, "bd_name_variants.tsv")[1:] {
		f := strings.Split(line, "\t")
		all = append(all, variant{f[0], f[1], f[2], strings.Split(f[3], "|")})
	}
	return all
}

func key(name string) string { return strings.Join(names.Keys(name), " ") }

// share counts how many of some pairs hold.
type share struct{ held, all int }

func (s *share) count(held bool) {
	s.all++
	if held {
		s.held++
	}
}

func (s *share) reaches(t *testing.T, floor float64) {
	t.Helper()
	got := float64(s.held) / float64(s.all)
	t.Logf("%d of %d, %.3f", s.held, s.all, got)
	if got < floor {
		t.Errorf("%.3f of %d pairs, want at least %.3f", got, s.all, floor)
	}
}

func TestSpellingsOfANameShareItsKey(t *testing.T) {
	var s share
	for _, v := range variants(t) {
		for _, spelling := range v.variants {
			s.count(key(spelling) == key(v.canonical))
		}
	}
	s.reaches(t, 0.97)
}

func TestBanglaAndLatinShareAKey(t *testing.T) {
	var s share
	for _, v := range variants(t) {
		s.count(key(v.bangla) == key(v.canonical))
	}
	s.reaches(t, 0.99)
}

func TestMoreNamesShareAKey(t *testing.T) {
	var s share
	for _, line := range lines(t, "more_pairs.tsv")[1:] {
		bangla, latin, _ := strings.Cut(line, "\t")
		for _, spelling := range strings.Split(latin, "|") {
			same := key(bangla) == key(spelling)
			s.count(same)
			if !same {
				t.Logf("%s %s, %s %s", bangla, key(bangla), spelling, key(spelling))
			}
		}
	}
	s.reaches(t, 0.95)
}

func TestFewNamesShareAKeyByChance(t *testing.T) {
	of := map[string]map[string]bool{}
	for _, v := range variants(t) {
		k := key(v.canonical)
		if of[k] == nil {
			of[k] = map[string]bool{}
		}
		of[k][v.canonical] = true
	}
	n := 0
	for _, m := range of {
		n += len(m)
	}
	if got := float64(n) / float64(len(of)); got > 1.1 {
		t.Errorf("%.2f canonical names to a key, want at most 1.1", got)
	}
}

func TestBanglaNamesSpreadOverManyKeys(t *testing.T) {
	all := lines(t, "bn_names.txt")
	keys := map[string]bool{}
	for _, n := range all {
		k := key(n)
		if k == "" {
			t.Errorf("%q has no key", n)
		}
		keys[k] = true
	}
	got := float64(len(all)) / float64(len(keys))
	t.Logf("%d names, %d keys, %.2f names to a key", len(all), len(keys), got)
	if got > 1.5 {
		t.Errorf("%.2f Bangla names to a key, want at most 1.5", got)
	}
}

func TestKeysAreTheSoundsOfTheTokens(t *testing.T) {
	for name, want := range map[string]string{
		"":                       "",
		"ফাতেমা বেগম":            "FTM BGM",
		"Mst. Fatema Begum":      "FTM BGM",
		"Mosammat Fatima Khatun": "FTM KTN",
		"মোঃ রফিকুল ইসলাম": "RFKL ASLM",
		"Rafiq ul Islam":     "RFKL ASLM",
		"Nasiruddin":         "NSR ADN",
		"Nasir Ud-Din":       "NSR ADN",
		"নাসিরুদ্দিন":        "NSR ADN",
		"Md.":                "MHMD",
		"মোঃ":                "MHMD",
		"মৃত আঃ করিম":        "ABD KRM",
		"Late Abdul Karim":   "ABD KRM",
		"M. A. Karim":        "KRM",
		"A":                  "A",
		"Al-Haj Nur-e-Alam":  "NR ALM",
		"Ur Rahman":          "RHMN",
		"José":               "JS",
		"রাঙ্গা রাঙা Ranga":  "RNG RNG RNG",
		"শংকর শঙ্কর Shankar": "SNKR SNKR SNKR",
		"জ্ঞান":              "GN",
		"علی":                "علی",
		"O'Brien":            "ABRN",
		"12 / 3":             "",
	} {
		if diff := cmp.Diff(want, key(name)); diff != "" {
			t.Errorf("Keys(%q):\n%s", name, diff)
		}
	}
}

func TestTermsHoldKeysPairsAndJoinedNeighbours(t *testing.T) {
	want := []string{"BGM", "BGM|FTM", "FTM", "FTMBGM", "FTM|BGM"}
	if diff := cmp.Diff(want, names.Terms("ফাতেমা বেগম", "Mst. Fatima Begum")); diff != "" {
		t.Error(diff)
	}
}

func TestNamesWrittenTogetherOrApartMeet(t *testing.T) {
	for _, pair := range [][2]string{
		{"Nasir Uddin", "Nasiruddin"}, {"Nur Jahan Begum", "Nurjahan Begum"}, {"Jahan Ara", "Jahanara"},
		{"হাবিব উল্লাহ", "Habibullah"}, {"Abdul Karim", "Abdulkarim"}, {"Shah Alam", "শাহআলম"},
	} {
		apart, together := names.Terms(pair[0]), names.Terms(pair[1])
		met := 0
		for _, term := range together {
			if slices.Contains(apart, term) && len(term) >= len(names.Keys(pair[1])[0]) {
				met++
			}
		}
		if met == 0 {
			t.Errorf("%q and %q have no long term in common: %v %v", pair[0], pair[1], apart, together)
		}
	}
}

func FuzzKeysAreBounded(f *testing.F) {
	for _, s := range []string{"Md. Abdul Karim", "মোছাঃ ফাতেমা", "ng্য়ংhh", "علی", "\xff", "al al al", "ud ud"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		keys := names.Keys(s)
		if len(keys) > 16 {
			t.Errorf("%d keys for %q", len(keys), s)
		}
		for _, k := range keys {
			if k == "" || len([]rune(k)) > 16 {
				t.Errorf("key %q for %q", k, s)
			}
		}
		if n := len(names.Terms(s)); n > 60 {
			t.Errorf("%d terms for %q", n, s)
		}
		if !names.Query(s).Empty() && len(names.Query(s).Keys) == 0 {
			t.Errorf("Query(%q) looks something up without keys", s)
		}
	})
}
