// SPDX-License-Identifier: Apache-2.0

package names_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"fera/internal/names"
)

func TestCleanKeepsWhatIsSaid(t *testing.T) {
	for in, want := range map[string]string{
		"  Abdul \t Karim\n":               "Abdul Karim",
		"Abdul\u00A0Karim":                 "Abdul Karim",
		"\u09DF":                           "\u09AF\u09BC",
		"\u09AF\u09BC":                     "\u09AF\u09BC",
		"\u09C7\u09BE":                     "\u09C7\u09BE",
		"ক\u09C7\u09BE":                    "ক\u09CB",
		"A\u202Edb\u202C\u200E":            "Adb",
		"\u2066Ali\u2069\uFEFF":            "Ali",
		"Ka\u200Brim":                      "Karim",
		"Ka\u200Drim\u200C":                "Karim",
		"র\u200D্যাব":                      "র\u200D্যাব",
		"ক্\u200Cষ":                        "ক্\u200Cষ",
		"\u200Dক\u200D":                    "ক",
		"A\x00B\x1b[31m\u0085":             "AB[31m",
		"Ali\xff":                          "Ali",
		"e" + strings.Repeat("\u0335", 20): "e" + strings.Repeat("\u0335", 4),
		"e\u0301":                          "é",
		"<script>":                         "<script>",
		"শ্রী":                             "শ্রী",
	} {
		if want == "\u09C7\u09BE" {
			want = "\u09CB"
		}
		if got := names.Clean(in); got != want {
			t.Errorf("Clean(%q) = %+q, want %+q", in, got, want)
		}
	}
}

func TestCheckRefusesWhatNoKeyboardTypes(t *testing.T) {
	for in, want := range map[string]string{
		"Abdul Karim":     "",
		"Abdul\tKarim\n":  "",
		"Ka\u202Erim":     "",
		"Abdul\x00":       "fault.bad_characters",
		"Abdul\x7f":       "fault.bad_characters",
		"\xc3\x28":        "fault.bad_characters",
		"Abdul\u0085Kari": "fault.bad_characters",
		"Abdul Karim Mia": "fault.too_long",
		"আব্দুল করিম":     "",
	} {
		if _, got := names.Check(in, 12); got != want {
			t.Errorf("Check(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTextKeepsItsLines(t *testing.T) {
	got, problem := names.CheckText("\n one  two \r\n\r\nthree\rfour\u200B\n\n", 40)
	if want := "one two\n\nthree\nfour"; got != want || problem != "" {
		t.Errorf("got %q, %q, want %q", got, problem, want)
	}
	if _, problem := names.CheckText("a\nb\nc", 4); problem != "fault.too_long" {
		t.Errorf("five characters of four: %q", problem)
	}
	if _, problem := names.CheckText("a\vb", 10); problem != "fault.bad_characters" {
		t.Errorf("a vertical tab: %q", problem)
	}
}

func TestFoldMakesTypingsOfOneTextEqual(t *testing.T) {
	for _, same := range [][]string{
		{"José", "JOSE", "Jose\u0301", "Ｊｏｓｅ"},
		{"র\u200D্যাব", "র্যাব"},
		{"হঠাৎ", "হঠাত্\u200C"},
		{"বাড়ি", "বা\u09DCি"},
		{"ওয়ার্ড ৩", "ও\u09DFার্ড 3"},
		{"Łódź", "lodz"},
	} {
		for _, s := range same[1:] {
			if a, b := names.Fold(same[0]), names.Fold(s); a != b {
				t.Errorf("Fold(%q) = %+q, Fold(%q) = %+q", same[0], a, s, b)
			}
		}
	}
}

func TestSortKeysPutBanglaInItsOrder(t *testing.T) {
	want := []string{"Abdul", "Karim", "অজয়", "আমিনা", "ইমরান", "ওসমান", "কামাল", "খালেদা", "জামাল", "রহিম", "হাসান"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, func(a, b string) int { return bytes.Compare(names.SortKey(a), names.SortKey(b)) })
	if !slices.Equal(got, want) {
		t.Errorf("sorted as %q", got)
	}
	if !bytes.Equal(names.SortKey("ক\u09DF"), names.SortKey("কয\u09BC")) {
		t.Error("two typings of one name sort apart")
	}
}

func TestScriptsAreTold(t *testing.T) {
	for s, want := range map[string]names.Script{
		"": names.None, "12 -": names.None, "Karim": names.Latin, "করিম": names.Bangla,
		"Karim করিম": names.Mixed, "علی": names.Other, "১২": names.None,
	} {
		if got := names.Looks(s); got != want {
			t.Errorf("Looks(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestCleaningTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune("a কয়\u09DFো্\u09BC\u200C\u200D\u200B\u202E\u0301\u0335\u00A0\u1100\u1161\n"))).Draw(t, "s")
		once := names.Clean(s)
		if twice := names.Clean(once); twice != once {
			t.Fatalf("%+q, then %+q", once, twice)
		}
	})
}

func FuzzCleanIsSafeAndSettled(f *testing.F) {
	for _, s := range []string{"Abdul Karim", "র\u200D্যাব", "\xff\x00", "\u202Eabc", "e\u0301\u0301\u0301\u0301\u0301", "\u1100\u1161"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := names.Clean(s)
		if !utf8.ValidString(got) {
			t.Errorf("not UTF-8: %q", got)
		}
		if strings.ContainsAny(got, "\x00\n\r\t\u202A\u202E\u2066\u200B\uFEFF") || strings.Contains(got, "  ") {
			t.Errorf("not clean: %q", got)
		}
		if again := names.Clean(got); again != got {
			t.Errorf("%+q became %+q", got, again)
		}
		if folded := names.Fold(s); names.Fold(folded) != folded {
			t.Errorf("folding %+q again gives %+q", folded, names.Fold(folded))
		}
	})
}
