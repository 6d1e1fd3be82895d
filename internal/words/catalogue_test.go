// SPDX-License-Identifier: Apache-2.0

package words_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"fera/internal/words"

	"golang.org/x/text/unicode/norm"
)

func TestCataloguesAgree(t *testing.T) {
	for _, fault := range disagreements(words.Messages(words.Bangla), words.Messages(words.English)) {
		t.Error(fault)
	}
}

// The comparison can fail: each kind of disagreement is noticed.
func TestCataloguesAgreeCatches(t *testing.T) {
	message := func(key, area, text string, placeholders ...string) words.Message {
		return words.Message{Key: key, Area: area, Forms: map[string]string{"other": text}, Placeholders: placeholders}
	}
	bn := []words.Message{
		message("a.alone", "a", "ক"),
		message("a.filled", "a", "{name} ক", "name"),
		message("a.moved", "b", "ক"),
		message("a.same", "a", "ক"),
	}
	en := []words.Message{
		message("a.filled", "a", "{nam} k", "nam"),
		message("a.moved", "a", "k"),
		message("a.same", "a", "k"),
		message("b.alone", "b", "k"),
	}
	want := []string{
		"a.alone: not in the second catalogue",
		"a.filled: placeholders [name] and [nam]",
		"a.moved: stands in b and in a",
		"b.alone: not in the first catalogue",
	}
	if got := disagreements(bn, en); !slices.Equal(got, want) {
		t.Errorf("disagreements = %q, want %q", got, want)
	}
}

func TestTextsAreSound(t *testing.T) {
	exceptions := exceptions(t)
	for _, lang := range words.Languages() {
		for _, m := range words.Messages(lang) {
			needsBangla := lang == words.Bangla && !slices.Contains(exceptions, m.Key)
			for _, fault := range unsound(m, needsBangla) {
				t.Errorf("%s: %s", lang, fault)
			}
		}
	}
}

// Each rule about a single text can be broken.
func TestTextsAreSoundCatches(t *testing.T) {
	tests := []struct {
		key   string
		forms map[string]string
		want  string
	}{
		{"a.b", map[string]string{"other": "ঠিক আছে"}, ""},
		{"a.b", map[string]string{"other": ""}, "a.b other: empty"},
		{"a.b", map[string]string{"other": " \n"}, "a.b other: empty"},
		{"a.b", map[string]string{"one": "ক"}, "a.b: no form other"},
		{"a.b", map[string]string{"other": "ক", "two": "ক"}, "a.b two: no such form"},
		{"a.b", map[string]string{"other": "only English"}, "a.b other: no Bangla letter"},
		{"a.b", map[string]string{"other": "সময\u09BCে ok \u09DF"}, "a.b other: not in NFC"},
		{"a.b", map[string]string{"other": "ক "}, "a.b other: space at an end"},
		{"a.b", map[string]string{"other": "{ক"}, "a.b other: broken placeholder"},
		{"A b", map[string]string{"other": "ক"}, "A b: key is not area.words"},
	}
	for _, test := range tests {
		got := strings.Join(unsound(words.Message{Key: test.key, Forms: test.forms}, true), "; ")
		if !strings.Contains(got, test.want) || (test.want == "" && got != "") {
			t.Errorf("unsound(%q) = %q, want %q", test.forms, got, test.want)
		}
	}
}

func TestExceptionsAreStillNeeded(t *testing.T) {
	texts := map[string]words.Message{}
	for _, m := range words.Messages(words.Bangla) {
		texts[m.Key] = m
	}
	for _, key := range exceptions(t) {
		if m, ok := texts[key]; !ok || len(unsound(m, true)) == 0 {
			t.Errorf("testdata/without_bangla.txt: %s is not an exception any more", key)
		}
	}
}

func TestKeysListsEveryMessage(t *testing.T) {
	for _, lang := range words.Languages() {
		keys := words.Keys(lang)
		if len(keys) < 100 || !slices.IsSorted(keys) {
			t.Errorf("%s: %d keys, sorted %t", lang, len(keys), slices.IsSorted(keys))
		}
		for _, key := range keys {
			if !words.In(lang).Has(key) {
				t.Errorf("%s: Has(%q) = false", lang, key)
			}
		}
	}
	if words.In(words.English).Has("no.such.key") {
		t.Error("Has(no.such.key) = true")
	}
}

func disagreements(first, second []words.Message) []string {
	byKey := map[string]words.Message{}
	for _, m := range second {
		byKey[m.Key] = m
	}
	var faults []string
	for _, a := range first {
		b, ok := byKey[a.Key]
		delete(byKey, a.Key)
		if !ok {
			faults = append(faults, a.Key+": not in the second catalogue")
			continue
		}
		if a.Area != b.Area {
			faults = append(faults, a.Key+": stands in "+a.Area+" and in "+b.Area)
		}
		if !slices.Equal(a.Placeholders, b.Placeholders) {
			faults = append(faults, a.Key+": placeholders ["+strings.Join(a.Placeholders, " ")+"] and ["+strings.Join(b.Placeholders, " ")+"]")
		}
	}
	for key := range byKey {
		faults = append(faults, key+": not in the first catalogue")
	}
	slices.Sort(faults)
	return faults
}

func unsound(m words.Message, needsBangla bool) []string {
	var faults []string
	if strings.Trim(m.Key, "abcdefghijklmnopqrstuvwxyz0123456789._") != "" || !strings.Contains(m.Key, ".") {
		faults = append(faults, m.Key+": key is not area.words")
	}
	if _, ok := m.Forms["other"]; !ok {
		faults = append(faults, m.Key+": no form other")
	}
	for form, text := range m.Forms {
		at := m.Key + " " + form + ": "
		if form != "other" && form != "one" { // neither language has more
			faults = append(faults, at+"no such form")
		}
		if strings.TrimSpace(text) == "" {
			faults = append(faults, at+"empty")
			continue
		}
		if strings.TrimSpace(text) != text {
			faults = append(faults, at+"space at an end")
		}
		if strings.Count(text, "{") != strings.Count(text, "}") {
			faults = append(faults, at+"broken placeholder")
		}
		if !norm.NFC.IsNormalString(text) {
			faults = append(faults, at+"not in NFC")
		}
		if needsBangla && !strings.ContainsFunc(text, bengali) {
			faults = append(faults, at+"no Bangla letter")
		}
	}
	return faults
}

func bengali(r rune) bool { return unicode.Is(unicode.Bengali, r) && unicode.IsLetter(r) }

func exceptions(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/without_bangla.txt")
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			keys = append(keys, line)
		}
	}
	return keys
}
