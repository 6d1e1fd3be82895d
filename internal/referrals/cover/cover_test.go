// SPDX-License-Identifier: Apache-2.0

package cover

import (
	"testing"

	"pgregory.net/rapid"
)

func steps() []string {
	return []string{"sent", "received", "decided", "agreed", "told", "served", "confirmed", "declined", "unserved"}
}

// No small count is shown, and none can be worked out as what is left of a sum; a zero says nothing of anybody and stands.
func TestSmallCountsStayHidden(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		whole := map[string]int{}
		var groups []map[string]int
		for range rapid.IntRange(1, 6).Draw(rt, "groups") {
			g := map[string]int{}
			for _, s := range steps() {
				g[s] = rapid.SampledFrom([]int{0, 0, 1, 2, 4, 5, 6, 20, 300}).Draw(rt, s)
			}
			g["told"], g["decided"] = g["served"]+g["unserved"], g["agreed"]+g["declined"]
			for s, n := range g {
				whole[s] += n
			}
			groups = append(groups, g)
		}
		table := New(steps(), groups, whole, false)
		for i := range table.rows {
			for _, s := range steps() {
				if n, c := table.At(i, s); n > 0 && n < Few && c != Small {
					rt.Fatalf("row %d shows %d %s", i, n, s)
				} else if n == 0 && c != Shown {
					rt.Fatalf("row %d hides that none was %s", i, s)
				}
			}
		}
		for p := range table.workOut() {
			if table.covers[p.row][p.step] == Small {
				rt.Fatalf("%v is %d and can be worked out", p, table.rows[p.row][p.step])
			}
		}
		alone := New(steps(), nil, whole, false) // the whole, asked for by itself
		for _, s := range steps() {
			_, with := table.At(table.Whole(), s)
			if _, by := alone.At(alone.Whole(), s); with != by {
				rt.Fatalf("%s of the whole is covered %q with its groups and %q alone", s, with, by)
			}
		}
	})
}

// Who may see the records sees every count.
func TestWhoMaySeeTheRecordsSeesAll(t *testing.T) {
	g := map[string]int{"sent": 3, "told": 1, "served": 1}
	if table := New(steps(), []map[string]int{g}, g, true); table.Covered() {
		t.Error("something is hidden")
	}
	if table := New(steps(), []map[string]int{g}, g, false); !table.Covered() {
		t.Error("nothing is hidden")
	}
}
