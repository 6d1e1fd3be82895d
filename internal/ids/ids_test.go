// SPDX-License-Identifier: Apache-2.0

package ids_test

import (
	"slices"
	"testing"
	"time"

	"fera/internal/ids"
)

// Identifiers sort by time, and those of one instant by their number.
func TestOrder(t *testing.T) {
	now := time.Date(2030, time.March, 5, 12, 0, 0, 0, time.UTC)
	var all []string
	for ms := range 3 {
		for _, n := range []int{0, 1, 2, 15, 16, 255, 256, 4094, 4095} {
			all = append(all, ids.Nth(now.Add(time.Duration(ms)*time.Millisecond), n))
		}
	}
	if !slices.IsSorted(all) {
		t.Errorf("not in order: %v", all)
	}
	if a, b := ids.New(now), ids.New(now.Add(time.Millisecond)); a >= b {
		t.Errorf("%s does not sort before %s", a, b)
	}
}

// Each identifier has the form of a UUID of version 7, and no two are the same.
func TestForm(t *testing.T) {
	now := time.Date(2030, time.March, 5, 12, 0, 0, 0, time.UTC)
	seen := map[string]bool{}
	for range 1000 {
		for _, id := range []string{ids.New(now), ids.Nth(now, 3), ids.Nth(now, 1<<20)} {
			if !ids.Valid(id) || id[14] != '7' || id[19] < '8' || id[19] > 'b' || seen[id] {
				t.Fatalf("made %s", id)
			}
			seen[id] = true
		}
	}
	for _, bad := range []string{"", "x", "01900000-0000-7000-8000-00000000000", "01900000-0000-7000-8000-00000000000G", "019000000000-7000-8000-0000-00000000"} {
		if ids.Valid(bad) {
			t.Errorf("%q is taken for an identifier", bad)
		}
	}
}
