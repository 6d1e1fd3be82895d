// SPDX-License-Identifier: Apache-2.0

package names_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"fera/internal/names"
)

func TestQueryAsksForWhatIsTypedSoFar(t *testing.T) {
	for typed, want := range map[string]names.Wanted{
		"":                         {},
		"  . ":                     {},
		"fat":                      {Prefix: "FT", Keys: []string{"FT"}},
		"fatema ":                  {Exact: []string{"FTM"}, Keys: []string{"FTM"}},
		"fatema beg":               {Prefix: "FTM|BG", Also: []string{"FTMBG"}, Keys: []string{"FTM", "BG"}},
		"ফাতেমা ব":                 {Prefix: "FTM|B", Also: []string{"FTMB"}, Keys: []string{"FTM", "B"}},
		"fatema begum ":            {Exact: []string{"FTM|BGM", "FTMBGM"}, Keys: []string{"FTM", "BGM"}},
		"md abdul karim sar":       {Exact: []string{"ABD|KRM", "ABDLKRM"}, Rest: []string{"SR"}, Keys: []string{"ABD", "KRM", "SR"}},
		"Rafiqul Islam Chowdhury ": {Exact: []string{"RFKL|SDR"}, Rest: []string{"ASLM"}, Keys: []string{"RFKL", "ASLM", "SDR"}},
		"sk":                       {Prefix: "SK", Keys: []string{"SK"}},
	} {
		if diff := cmp.Diff(want, names.Query(typed), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("Query(%q):\n%s", typed, diff)
		}
	}
}

// finds reports whether someone with these terms is a candidate.
func finds(w names.Wanted, terms []string) bool {
	begins := func(p string) bool {
		return p != "" && slices.ContainsFunc(terms, func(t string) bool { return strings.HasPrefix(t, p) })
	}
	hit := begins(w.Prefix) || slices.ContainsFunc(w.Also, begins) ||
		slices.ContainsFunc(w.Exact, func(e string) bool { return slices.Contains(terms, e) })
	return hit && !slices.ContainsFunc(w.Rest, func(r string) bool { return !begins(r) })
}

func TestNamesAreFoundWhileTheyAreTyped(t *testing.T) {
	var s share
	try := func(name string) {
		terms := names.Terms(name)
		letters := []rune(name)
		for n := 2; n <= len(letters); n++ {
			if n < len(letters) && letters[n] == '\u09BC' {
				continue // no keyboard types half of ড় or য়
			}
			typed := string(letters[:n])
			s.count(finds(names.Query(typed), terms))
		}
	}
	for _, v := range variants(t) {
		if v.role == "title" || strings.HasPrefix(v.role, "honorific") {
			continue
		}
		try("Fatema " + v.canonical)
		try(v.canonical + " Sarkar")
		try(v.bangla + " সরকার")
	}
	for _, line := range lines(t, "more_pairs.tsv")[1:] {
		bangla, latin, _ := strings.Cut(line, "\t")
		for _, name := range append(strings.Split(latin, "|"), bangla) {
			try(name)
		}
	}
	s.reaches(t, 0.985)
}

func TestOneNameFindsItsOtherSpellings(t *testing.T) {
	for typed, name := range map[string]string{
		"nur jahan beg":          "Nurjahan Begum",
		"nurjahan begum":         "নূর জাহান বেগম",
		"nasiruddin":             "Md. Nasir Uddin Khan",
		"nasir udd":              "Nasiruddin",
		"begum fatima":           "ফাতেমা বেগম",
		"rafikul islam":          "মোঃ রফিকুল ইসলাম",
		"abdur rahman chowdhury": "মোঃ আব্দুল রহমান চৌধুরী",
		"হাবিব উল্লাহ ":          "Habibullah",
	} {
		if w, terms := names.Query(typed), names.Terms(name); !finds(w, terms) {
			t.Errorf("%q does not find %q: %+v in %v", typed, name, w, terms)
		}
	}
}
