// SPDX-License-Identifier: Apache-2.0

package words_test

import (
	"sync"
	"testing"

	"fera/internal/fault"
	"fera/internal/words"
)

func TestTFillsPlaceholders(t *testing.T) {
	tests := []struct {
		lang words.Lang
		key  string
		args []any
		want string
	}{
		{words.English, "common.save", nil, "Save"},
		{words.Bangla, "common.save", nil, "সংরক্ষণ করুন"},
		{words.English, "common.of", []any{"part", 3, "whole", 1234567}, "3 of 12,34,567"},
		{words.Bangla, "common.of", []any{"part", 3, "whole", 1234567}, "১২,৩৪,৫৬৭-এর মধ্যে ৩"},
		{words.English, "common.results", []any{"count", 1}, "1 result"},
		{words.English, "common.results", []any{"count", 0}, "0 results"},
		{words.English, "common.results", []any{"count", int64(21)}, "21 results"},
		{words.English, "common.results", nil, "{count} results"},
		{words.Bangla, "common.results", []any{"count", 1}, "১টি ফলাফল"},
		{words.English, "common.page", []any{"page", "7b"}, "Page 7b"},
		{words.Bangla, "common.page", []any{"page", 2.5}, "পৃষ্ঠা ২.৫"},
		{words.English, "common.page", []any{"other", 1}, "Page {page}"},
		{words.English, "common.page", []any{"page"}, "Page {page}"},
		{words.English, "common.page", []any{"page", "{page}"}, "Page {page}"},
		{words.English, "no.such.key", nil, "⟦no.such.key⟧"},
		{"fr", "common.yes", nil, "হ্যাঁ"},
	}
	for _, test := range tests {
		if got := words.In(test.lang).T(test.key, test.args...); got != test.want {
			t.Errorf("%s T(%q, %v) = %q, want %q", test.lang, test.key, test.args, got, test.want)
		}
	}
}

func TestNumberGroupsByLakh(t *testing.T) {
	tests := []struct {
		n      int
		en, bn string
	}{
		{0, "0", "০"},
		{999, "999", "৯৯৯"},
		{1000, "1,000", "১,০০০"},
		{100000, "1,00,000", "১,০০,০০০"},
		{12345678, "1,23,45,678", "১,২৩,৪৫,৬৭৮"},
		{-42, "-42", "-৪২"},
		{-1234567, "-12,34,567", "-১২,৩৪,৫৬৭"},
	}
	for _, test := range tests {
		if got := words.In(words.English).Number(test.n); got != test.en {
			t.Errorf("en Number(%d) = %q, want %q", test.n, got, test.en)
		}
		if got := words.In(words.Bangla).Number(test.n); got != test.bn {
			t.Errorf("bn Number(%d) = %q, want %q", test.n, got, test.bn)
		}
	}
}

func TestDigitsLeavesTheRestAlone(t *testing.T) {
	if got, want := words.In(words.Bangla).Digits("+880 1712-345678 ক"), "+৮৮০ ১৭১২-৩৪৫৬৭৮ ক"; got != want {
		t.Errorf("bn Digits = %q, want %q", got, want)
	}
	if got, want := words.In(words.English).Digits("2026"), "2026"; got != want {
		t.Errorf("en Digits = %q, want %q", got, want)
	}
}

func TestFaultSaysTheValues(t *testing.T) {
	e := fault.New(fault.Invalid, "fault.too_long")
	e.Args = map[string]any{"max": 2000}
	if got, want := words.In(words.English).Fault(e), "This is too long: at most 2,000 characters."; got != want {
		t.Errorf("Fault = %q, want %q", got, want)
	}
	if got, want := words.In(words.English).Fault(fault.New(fault.Invalid, "fault.needed")), "This is needed."; got != want {
		t.Errorf("Fault = %q, want %q", got, want)
	}
	if got, want := words.In(words.English).Fault(fault.New(fault.Invalid, "no.such")), "⟦no.such⟧"; got != want {
		t.Errorf("Fault = %q, want %q", got, want)
	}
}

func TestMatchReadsTheBrowsersWish(t *testing.T) {
	tests := map[string]words.Lang{
		"":                           words.Bangla,
		"bn":                         words.Bangla,
		"en-GB,en;q=0.9":             words.English,
		"fr-FR,en;q=0.5,bn;q=0.3":    words.English,
		"ar,bn-IN;q=0.8,en;q=0.5":    words.Bangla,
		"ar,de":                      words.Bangla,
		"\x00;;;q=q":                 words.Bangla,
		"en;q=0.1,bn-BD;q=0.9,*;q=0": words.Bangla,
	}
	for header, want := range tests {
		if got := words.Match(header); got != want {
			t.Errorf("Match(%q) = %q, want %q", header, got, want)
		}
	}
}

func TestParseLangRefusesOtherLanguages(t *testing.T) {
	for code, want := range map[string]words.Lang{"en": "en", "EN_us": "en", "bn-BD": "bn", "ben": "bn"} {
		if got, ok := words.ParseLang(code); got != want || !ok {
			t.Errorf("ParseLang(%q) = %q, %t, want %q, true", code, got, ok, want)
		}
	}
	for _, code := range []string{"", "fr", "english", "../bn", "\x00"} {
		if got, ok := words.ParseLang(code); ok {
			t.Errorf("ParseLang(%q) = %q, want none", code, got)
		}
	}
}

// One speaker serves every request at once.
func TestSpeakerIsSharedSafely(t *testing.T) {
	s := words.In(words.Bangla)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for n := range 200 {
				if got := s.T("common.results", "count", 100000+n); got != s.Number(100000+n)+"টি ফলাফল" {
					t.Errorf("T = %q", got)
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkPlain(b *testing.B) {
	s := words.In(words.Bangla)
	for b.Loop() {
		s.T("common.save")
	}
}

func BenchmarkPlaceholders(b *testing.B) {
	s := words.In(words.Bangla)
	for b.Loop() {
		s.T("common.results", "count", 1234567)
	}
}
