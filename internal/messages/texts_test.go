// SPDX-License-Identifier: Apache-2.0

package messages_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fera/internal/messages"
	"fera/internal/words"
)

// Parts are counted as the air counts them.
func TestParts(t *testing.T) {
	for text, want := range map[string]int{
		"": 1, strings.Repeat("a", 160): 1, strings.Repeat("a", 161): 2, strings.Repeat("a", 306): 2, strings.Repeat("a", 307): 3,
		strings.Repeat("€", 80): 1, strings.Repeat("€", 81): 2,
		strings.Repeat("ক", 70): 1, strings.Repeat("ক", 71): 2, strings.Repeat("ক", 134): 2, strings.Repeat("ক", 135): 3, strings.Repeat("😀", 36): 2,
	} {
		if got, _ := messages.Parts(text); got != want {
			t.Errorf("%.10q of %d takes %d parts, want %d", text, len([]rune(text)), got, want)
		}
	}
	if _, unicode := messages.Parts("a ক"); !unicode {
		t.Error("Bangla goes as UCS-2")
	}
	if _, unicode := messages.Parts("Call 16135."); unicode {
		t.Error("English does not")
	}
}

// Every kind has a name on the pages, in both languages.
func TestKindsHaveNames(t *testing.T) {
	kinds := messages.Kinds(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	if len(kinds) < 10 || !slices.Contains(kinds, "ask_received") || slices.Contains(kinds, "work") {
		t.Fatalf("kinds = %v", kinds)
	}
	for _, kind := range append(kinds, "work", "work_late", "work_withdrawn", "work_news") {
		for _, lang := range words.Languages() {
			if !words.In(lang).Has("message.kind." + kind) {
				t.Errorf("%s has no name in %s", kind, lang)
			}
		}
	}
}
