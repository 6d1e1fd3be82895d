// SPDX-License-Identifier: Apache-2.0

package names_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"fera/internal/names"
)

func TestTokensAreTheWordsThatTellPeopleApart(t *testing.T) {
	for in, want := range map[string][]string{
		"Md. Nasiruddin Sarker": {"nasir", "uddin", "sarker"}, "মোঃ করিম": {"করিম"}, "Md": {"mohammad"}, "": nil, "A. Karim": {"karim"},
	} {
		if got := names.Tokens(in); !slices.Equal(got, want) {
			t.Errorf("Tokens(%q) = %q, want %q", in, got, want)
		}
	}
	if names.Sound("fatema") != names.Sound("ফাতেমা") {
		t.Errorf("Sound(fatema) = %q, of the Bangla form %q", names.Sound("fatema"), names.Sound("ফাতেমা"))
	}
}

func TestTitlesHintAtTheSex(t *testing.T) {
	for in, want := range map[string]string{
		"Md. Abdul Karim": "m", "মোছাঃ ফাতেমা": "f", "Mst Fatema": "f", "Haji Md Karim": "m", "Fatema": "", "Mrs Begum": "f", "Mr Khan": "m", "": "",
	} {
		if got := names.Sex(in); got != want {
			t.Errorf("Sex(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFoldingTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once := names.Fold(rapid.String().Draw(t, "text"))
		if twice := names.Fold(once); twice != once {
			t.Errorf("Fold(%q) = %q", once, twice)
		}
	})
}
