// SPDX-License-Identifier: Apache-2.0

package geo_test

import (
	"slices"
	"strings"
	"testing"

	"fera/internal/geo"
	"fera/internal/words"

	"github.com/google/go-cmp/cmp"
)

func TestAtlasIsWhole(t *testing.T) {
	got := map[geo.Kind]int{}
	for _, p := range everything() {
		got[p.Kind]++
	}
	want := map[geo.Kind]int{geo.Division: 8, geo.District: 64, geo.Upazila: 495, geo.Thana: 61, geo.Union: 4527}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("places by kind (-want +got):\n%s", diff)
	}
}

func TestEveryPlaceIsSound(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range everything() {
		if seen[p.Code] || p.NameEn == "" || p.NameBn == "" {
			t.Errorf("%+v: seen twice, or without a name", p)
		}
		seen[p.Code] = true
		if !strings.ContainsFunc(p.NameBn, func(r rune) bool { return r >= 'অ' && r <= 'হ' }) {
			t.Errorf("%s: Bangla name %q", p.Code, p.NameBn)
		}
		path := geo.Path(p.Code)
		if path[0].Kind != geo.Division || path[len(path)-1].Code != p.Code {
			t.Errorf("Path(%s) = %v", p.Code, path)
		}
		for _, up := range path {
			if !geo.Within(p.Code, up.Code) {
				t.Errorf("Within(%s, %s) = false", p.Code, up.Code)
			}
		}
		if slices.Contains(p.Alt, "") {
			t.Errorf("%s: empty other spelling", p.Code)
		}
	}
}

func TestWithinDrawsBorders(t *testing.T) {
	for _, test := range []struct {
		code, in string
		want     bool
	}{
		{"305670", "305670", true},
		{"305670", "3056", true},
		{"305670", "30", true},
		{"305670.12", "305670", true},
		{"305670.12", "305670.12", true},
		{"305670.12", "305670.1", false},
		{"3056", "305670", false},
		{"305670", "3", false},
		{"305670", "30567", false},
		{"305670", "20", false},
		{"305670", "", false},
		{"", "", false},
	} {
		if got := geo.Within(test.code, test.in); got != test.want {
			t.Errorf("Within(%q, %q) = %t, want %t", test.code, test.in, got, test.want)
		}
	}
}

func TestFullTellsNamesakesApart(t *testing.T) {
	for code, want := range map[string][2]string{
		"30":          {"Dhaka Division", "ঢাকা বিভাগ"},
		"3056":        {"Manikganj", "মানিকগঞ্জ"},
		"305670":      {"Saturia, Manikganj", "সাটুরিয়া, মানিকগঞ্জ"},
		"100409.2393": {"Amtali, Amtali, Barguna", "আমতলী, আমতলী, বরগুনা"},
		"99":          {"", ""},
		"":            {"", ""},
	} {
		if got := geo.Full(words.English, code); got != want[0] {
			t.Errorf("Full(en, %q) = %q, want %q", code, got, want[0])
		}
		if got := geo.Full(words.Bangla, code); got != want[1] {
			t.Errorf("Full(bn, %q) = %q, want %q", code, got, want[1])
		}
	}
}

func TestNameSpeaksBothLanguages(t *testing.T) {
	if got := geo.Name(words.English, "2019"); got != "Cumilla" {
		t.Errorf("Name(en, 2019) = %q", got)
	}
	if got := geo.Name(words.Bangla, "2019"); got != "কুমিল্লা" {
		t.Errorf("Name(bn, 2019) = %q", got)
	}
	if _, ok := geo.Find("9999"); ok || geo.Name(words.English, "9999") != "" {
		t.Error("Find(9999) found a place")
	}
}

func TestOldIdentityNumbersNameRealPlaces(t *testing.T) {
	if !geo.DistrictByBBS("26") || geo.DistrictByBBS("02") || geo.DistrictByBBS("") {
		t.Error("DistrictByBBS: want 26 known, 02 and nothing unknown")
	}
	if !geo.UpazilaByBBS("56", "70") || geo.UpazilaByBBS("56", "71") || geo.UpazilaByBBS("5", "670") {
		t.Error("UpazilaByBBS: want 56 70 known, 56 71 unknown")
	}
}

// everything walks the whole country from the divisions down.
func everything() []geo.Place {
	all := geo.Children("")
	for i := 0; i < len(all); i++ {
		all = append(all, geo.Children(all[i].Code)...)
	}
	return all
}
