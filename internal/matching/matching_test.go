// SPDX-License-Identifier: Apache-2.0

package matching_test

import (
	"slices"
	"testing"

	"fera/internal/matching"
	"fera/internal/matching/compare"
	"fera/internal/matching/index"
	"fera/internal/words"
)

func karim(n byte) *index.Record {
	return &index.Record{ID: index.ID{n}, Name: "Md. Abdul Karim Howlader", Father: "Nazrul Howlader", Mother: "Rahima Khatun", Sex: "m",
		Birth: compare.Date{Year: 1987, Month: 5, Day: 14}, Place: "305670.1234", Village: "Char Kalai", Phones: []string{"+8801712345678"},
		NIDs: []string{"19875612345678901"}}
}

// ask puts some records among others and asks for the first.
func ask(t *testing.T, records ...*index.Record) []index.Candidate {
	t.Helper()
	m, err := index.Default()
	if err != nil {
		t.Fatal(err)
	}
	x, err := index.Build(slices.Values(records[1:]), len(records), m)
	if err != nil {
		t.Fatal(err)
	}
	for i, word := range []string{"Jalal", "Fatema", "Rokeya", "Salam", "Babul", "Hasan", "Tania", "Shirin"} {
		for j, other := range []string{"Sarker", "Mollah", "Akter", "Bepari", "Mondal", "Khan", "Sheikh", "Talukder"} {
			for k := range 20 {
				x.Add(&index.Record{ID: index.ID{200, byte(i), byte(j), byte(k)}, Name: word + " " + other, Father: other, Place: "100409",
					Birth: compare.Date{Year: 1950 + i + 7*j, Month: 1 + k%12, Day: 1 + k}})
			}
		}
	}
	return x.Find(records[0], 10)
}

func TestACopyIsCertain(t *testing.T) {
	found := ask(t, karim(1), karim(2))
	if len(found) != 1 || matching.Judge(found[0]) != matching.Certain {
		t.Errorf("found %+v, want one that is certain", found)
	}
}

// Brothers, twins and those who are alike in what a household shares never are joined without a person.
func TestFamiliesGoToAPerson(t *testing.T) {
	brother, twin, nameless := karim(2), karim(3), karim(4)
	brother.NIDs, brother.Birth, brother.Name = nil, compare.Date{Year: 1992, Month: 8, Day: 2}, "Rahim Howlader"
	twin.NIDs, twin.Name = nil, "Jalal Howlader"
	nameless.NIDs, nameless.Name, nameless.Birth = nil, "", compare.Date{}
	found := ask(t, karim(1), brother, twin, nameless)
	for _, n := range []byte{3, 4} {
		if !slices.ContainsFunc(found, func(c index.Candidate) bool { return c.ID[0] == n }) {
			t.Errorf("%d is not found", n)
		}
	}
	for _, c := range found {
		v := matching.Judge(c)
		if v == matching.Certain || c.ID[0] == 3 && v != matching.Likely {
			t.Errorf("%d is %s: %+v", c.ID[0], v, c)
		}
	}
}

func TestReasonsAreSaidInBothLanguages(t *testing.T) {
	for _, lang := range words.Languages() {
		for _, key := range matching.Messages() {
			if !words.In(lang).Has(key) {
				t.Errorf("%s has no text for %s", lang, key)
			}
		}
	}
}

func TestAClerkReadsWhyTwoMayBeOne(t *testing.T) {
	other := karim(2)
	other.Name, other.Birth, other.NIDs = "Abdul Korim Howlader", compare.Date{Year: 1988, Month: 11, Day: 20}, nil
	sharers := []*index.Record{karim(1), other}
	for i := range byte(4) {
		sharers = append(sharers, &index.Record{ID: index.ID{50 + i}, Name: []string{"Salma", "Nila", "Hena", "Moyna"}[i], Phones: other.Phones})
	}
	found := ask(t, sharers...)
	if len(found) == 0 || found[0].ID != other.ID {
		t.Fatalf("found %+v, want 2 first", found)
	}
	for lang, want := range map[words.Lang][]string{
		words.English: {"Nearly the same name; a slip of the pen perhaps", "Same father’s name", "Birth year one apart, or ten by a slip", "Same union",
			"Same telephone number, but 5 people share it", "Much of this would agree for two of one household as well"},
		words.Bangla: {"বাবার নাম একই", "ফোন নম্বর একই, তবে নম্বরটি ৫ জন ব্যবহার করেন", "একই ইউনিয়ন"},
	} {
		var said []string
		for _, b := range matching.Explain(found[0]) {
			said = append(said, words.In(lang).T(b.Key, b.Args()...))
		}
		for _, w := range want {
			if !slices.Contains(said, w) {
				t.Errorf("%s: %q is not said, but %q", lang, w, said)
			}
		}
	}
}

// Each key that Explain gives is one that Messages lists.
func TestNoReasonIsWithoutItsText(t *testing.T) {
	a, b := karim(1), karim(2)
	b.Name, b.Birth, b.Sex, b.Place, b.Village, b.Phones, b.NIDs = "Jalal", compare.Date{Year: 1983}, "f", "305671", "Other", []string{"+8801811111111"}, nil
	b.Passports, a.Passports = []string{"AB1234567"}, []string{"AB1234567"}
	for _, c := range ask(t, a, b, karim(3)) {
		for _, because := range matching.Explain(c) {
			if !slices.Contains(matching.Messages(), because.Key) {
				t.Errorf("%s is not among the messages", because.Key)
			}
		}
	}
}
