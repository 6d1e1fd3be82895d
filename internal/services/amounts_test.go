// SPDX-License-Identifier: Apache-2.0

package services_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"fera/internal/services"
	"fera/internal/web/giving"
	"fera/internal/words"
)

// What is written is read as the same, to the last poisha: as it is written, in Bangla digits, with commas as in Bangladesh, as a page says it.
func TestAmountsRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	amounts := []int64{0, 1, 9, 10, 99, 100, 101, 12_345_678_901, 100_000_000_000}
	for range 20_000 {
		amounts = append(amounts, r.Int64N(int64(1)<<uint(r.IntN(40))+1))
	}
	for _, n := range amounts {
		for _, code := range []string{"BDT", "JPY", "KWD"} {
			text := services.WriteAmount(n, code)
			for _, typed := range []string{text, words.In(words.Bangla).Digits(text), "  " + text + "/- "} {
				if got, err := services.ReadAmount(typed, code); err != nil || got != n {
					t.Fatalf("ReadAmount(%q, %s) = %d, %v, want %d", typed, code, got, err, n)
				}
			}
		}
		for _, lang := range words.Languages() {
			said := giving.Amount(words.In(lang), n)
			typed := strings.TrimSpace(strings.TrimSuffix(said, "টাকা"))
			if got, err := services.ReadAmount(typed, services.Taka); err != nil || got != n {
				t.Fatalf("%d is said as %q, which is read as %d, %v", n, said, got, err)
			}
		}
	}
}

// Nothing is rounded and nothing guessed.
func TestReadAmountRefuses(t *testing.T) {
	for _, text := range []string{"1.234", "1,2", "12,34", ",100", "1,,000", "1.", ".", "-5", "+5", "1e3", "0x10", "five", "1 000", "1.2.3", "৫০০.১২৩", "99999999999999999999", "1,0000", "\x00", "NaN"} {
		if n, err := services.ReadAmount(text, services.Taka); err == nil {
			t.Errorf("ReadAmount(%q) = %d, want it refused", text, n)
		}
	}
	if _, err := services.ReadAmount("1.5", "JPY"); err == nil {
		t.Error("half a yen was read")
	}
	if _, err := services.ReadAmount("1", "TAKA"); err == nil {
		t.Error("an unknown currency was read")
	}
	for text, want := range map[string]int64{"1,25,000.50": 12_500_050, "125,000.5": 12_500_050, "৳ ১,২৫,০০০": 12_500_000, "0.01": 1, "": 0} {
		if got, err := services.ReadAmount(text, services.Taka); err != nil || got != want {
			t.Errorf("ReadAmount(%q) = %d, %v, want %d", text, got, err, want)
		}
	}
}

// Whatever is typed, the answer is an amount that is written and read as the same, or a refusal.
func FuzzReadAmount(f *testing.F) {
	for _, seed := range []string{"1,25,000.50", "৳ ৫০০/-", "", "1.", "-1", "0.10"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := services.ReadAmount(text, services.Taka)
		if err != nil {
			return
		}
		if again, err := services.ReadAmount(services.WriteAmount(n, services.Taka), services.Taka); err != nil || again != n || n < 0 {
			t.Errorf("%q is %d, written and read %d, %v", text, n, again, err)
		}
	})
}
