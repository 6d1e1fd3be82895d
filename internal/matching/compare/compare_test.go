// SPDX-License-Identifier: Apache-2.0

package compare_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"fera/internal/matching/compare"
	"fera/internal/names"
)

// word draws texts that resemble one another often: few letters, in either script.
func word() *rapid.Generator[string] {
	return rapid.OneOf(rapid.StringMatching(`[abhmrs]{0,9}`), rapid.StringMatching(`[কমর্াহি]{0,9}`), rapid.StringMatching(`[a-zকমা ]{0,80}`), rapid.String())
}

func name() *rapid.Generator[string] {
	return rapid.OneOf(rapid.StringMatching(`(Md |Mst )?(Abdul|Karim|Nasiruddin|Fatema|Begum|Sarker|Rahim)( (Abdul|Karim|Korim|Begom|Sarkar))?`),
		rapid.StringMatching(`(মোঃ )?(করিম|ফাতেমা|রহিম)( বেগম)?`), rapid.String())
}

func TestComparisonIsSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := names.Fold(word().Draw(t, "a")), names.Fold(word().Draw(t, "b"))
		if x, y := compare.Similarity(a, b), compare.Similarity(b, a); x != y || x < 0 || x > 1 {
			t.Errorf("Similarity(%q, %q) = %v and %v", a, b, x, y)
		}
		if x, y := compare.Edits(a, b), compare.Edits(b, a); x != y {
			t.Errorf("Edits(%q, %q) = %v and %v", a, b, x, y)
		}
		if compare.Texts(a, b) != compare.Texts(b, a) || compare.Numbers(a, b) != compare.Numbers(b, a) {
			t.Errorf("Texts or Numbers of %q and %q depend on the order", a, b)
		}
		x, y := compare.NameOf(name().Draw(t, "x")), compare.NameOf(name().Draw(t, "y"))
		if p, q := compare.Names(&x, &y, nil), compare.Names(&y, &x, nil); p != q {
			t.Errorf("Names(%q, %q) = %v and %v", x.Whole, y.Whole, p, q)
		}
	})
}

func TestDatesAreComparedSymmetrically(t *testing.T) {
	date := rapid.Custom(func(t *rapid.T) compare.Date {
		return compare.Date{Year: rapid.IntRange(1968, 1973).Draw(t, "year"), Month: rapid.IntRange(0, 12).Draw(t, "month"), Day: rapid.IntRange(0, 31).Draw(t, "day")}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := date.Draw(t, "a"), date.Draw(t, "b")
		if compare.Dates(a, b) != compare.Dates(b, a) {
			t.Errorf("Dates(%v, %v) depends on the order", a, b)
		}
	})
}

// The plain table of distances, which needs no trust.
func plainEdits(a, b []rune) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

func TestEditsAreThoseOfThePlainTable(t *testing.T) {
	short := rapid.OneOf(rapid.StringMatching(`[abc]{0,12}`), rapid.StringMatching(`[abcকমা]{0,12}`))
	rapid.Check(t, func(t *rapid.T) {
		a, b := short.Draw(t, "a"), short.Draw(t, "b")
		if got, want := compare.Edits(a, b), plainEdits([]rune(a), []rune(b)); got != want {
			t.Errorf("Edits(%q, %q) = %d, want %d", a, b, got, want)
		}
	})
}

// Values as they stand in Winkler's papers.
func TestSimilarityIsThatOfThePapers(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want float64
	}{
		{"martha", "marhta", 0.9611}, {"dixon", "dicksonx", 0.8133}, {"dwayne", "duane", 0.84}, {"abc", "xyz", 0}, {"", "a", 0}, {"", "", 1},
		{"করিম", "করিম", 1}, {"করিম", "করীম", 0.8667},
	} {
		if got := compare.Similarity(test.a, test.b); math.Abs(got-test.want) > 0.0005 {
			t.Errorf("Similarity(%q, %q) = %.4f, want %.4f", test.a, test.b, got, test.want)
		}
	}
}

func TestNamesAreComparedWordByWord(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want compare.NameLevel
	}{
		{"Md. Abdul Karim", "abdul karim", compare.NameEqual},
		{"Karim Abdul", "Abdul Karim", compare.NameEqual},
		{"Rofiqul Islam", "Rofikul Islam", compare.NameNear},
		{"Fatema Khatun", "ফাতেমা খাতুন", compare.NameSounding},
		{"Chowdhury", "Choudhuri", compare.NameSounding},
		{"Fatema", "Fatema Begum", compare.NameShorter},
		{"Nur Jahan", "Nurjahan", compare.NameSounding},
		{"Rahim Sarker", "Jalal Sarker", compare.NameParted},
		{"Rahim", "Jalal", compare.NameDifferent},
		{"", "Rahim", compare.NameMissing},
		{"মোঃ", "", compare.NameMissing},
	} {
		a, b := compare.NameOf(test.a), compare.NameOf(test.b)
		if got := compare.Names(&a, &b, nil); got != test.want {
			t.Errorf("Names(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

func TestDatesAreComparedAsFarAsTheyAreKnown(t *testing.T) {
	day := func(y, m, d int) compare.Date { return compare.Date{Year: y, Month: m, Day: d} }
	for _, test := range []struct {
		a, b compare.Date
		want compare.DateLevel
	}{
		{day(1980, 5, 9), day(1980, 5, 9), compare.DateEqual},
		{day(1980, 0, 0), day(1980, 5, 9), compare.DateCoarser},
		{day(1980, 5, 0), day(1980, 6, 9), compare.DateSameYear},
		{day(1980, 5, 9), day(1980, 9, 5), compare.DateSlipped},
		{day(1980, 5, 9), day(1980, 5, 19), compare.DateSlipped},
		{day(1980, 5, 9), day(1982, 5, 9), compare.DateSlipped},
		{day(1980, 5, 9), day(1980, 8, 14), compare.DateSameYear},
		{day(1980, 12, 30), day(1981, 1, 2), compare.DateSameYear},
		{day(1980, 5, 9), day(1981, 7, 2), compare.DateNextYear},
		{day(1980, 5, 9), day(1984, 7, 2), compare.DateFewYears},
		{day(1980, 5, 9), day(1961, 7, 2), compare.DateDifferent},
		{day(0, 0, 0), day(1961, 7, 2), compare.DateMissing},
	} {
		if got := compare.Dates(test.a, test.b); got != test.want {
			t.Errorf("Dates(%v, %v) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

func FuzzNames(f *testing.F) {
	f.Add("Md. Abdul Karim", "আব্দুল করিম")
	f.Add("A B C D E F G H I J K L", "a-b-c")
	f.Fuzz(func(t *testing.T, s, u string) {
		a, b := compare.NameOf(s), compare.NameOf(u)
		if x, y := compare.Names(&a, &b, nil), compare.Names(&b, &a, nil); x != y {
			t.Errorf("Names(%q, %q) = %d and %d", s, u, x, y)
		}
		if l := compare.Names(&a, &a, nil); l != compare.NameEqual && len(a.Words) > 0 {
			t.Errorf("Names(%q, itself) = %d", s, l)
		}
	})
}
