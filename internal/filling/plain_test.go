// SPDX-License-Identifier: Apache-2.0

package filling_test

import (
	"testing"

	"fera/internal/filling"
)

// What workbooks write for looks is not read out as signs; what only looks like it stays.
func TestPlain(t *testing.T) {
	for written, want := range map[string]string{
		"Your **name**": "Your name", "*Income* last month": "Income last month", "__Note__ well": "Note well", "_Read aloud_, then wait": "Read aloud, then wait",
		`<span style="color:red">Danger</span> now`: "Danger now", "One<br>two<br/>three": "One\ntwo\nthree", "# Heading\nText": "Heading\nText", "see [the guide](https://example.org/a)": "see the guide (https://example.org/a)",
		"5 * 3 * 2": "5 * 3 * 2", "file_name_one": "file_name_one", "a < b and b > c": "a < b and b > c", "Age *": "Age *", "item #4": "item #4", `\*not bold\*`: "*not bold*", "** ": "**", "<b>বাংলা</b>": "বাংলা",
	} {
		if got := filling.Plain(written); got != want {
			t.Errorf("Plain(%q) = %q, want %q", written, got, want)
		}
	}
}
