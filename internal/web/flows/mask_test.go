// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"testing"

	"pgregory.net/rapid"

	"fera/internal/referrals"
)

// No small count is shown, and none can be worked out as what is left of a sum; a zero says nothing of anybody and stands.
func TestSmallCountsStayHidden(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := referrals.Steps()
		whole := map[referrals.Step]int{}
		var groups []map[referrals.Step]int
		for range rapid.IntRange(1, 6).Draw(rt, "groups") {
			g := map[referrals.Step]int{}
			for _, s := range steps {
				g[s] = rapid.SampledFrom([]int{0, 0, 1, 2, 4, 5, 6, 20, 300}).Draw(rt, string(s))
			}
			g["told"] = g["served"] + g["unserved"]
			for s, n := range g {
				whole[s] += n
			}
			groups = append(groups, g)
		}
		table := newTable(steps, groups, whole, false)
		for i := range table.rows {
			for _, s := range steps {
				if n, c := table.at(i, s); n > 0 && n < few && c != small {
					rt.Fatalf("row %d shows %d %s", i, n, s)
				} else if n == 0 && c != shown {
					rt.Fatalf("row %d hides that none was %s", i, s)
				}
			}
		}
		for _, sum := range table.sums() {
			covered := 0
			for _, p := range sum {
				if table.cover[p.row][p.step] != shown {
					covered++
				}
			}
			if covered == 1 {
				rt.Fatalf("one of %v can be worked out", sum)
			}
		}
	})
}

// Who may see the records sees every count.
func TestWhoMaySeeTheRecordsSeesAll(t *testing.T) {
	g := map[referrals.Step]int{"sent": 3, "told": 1, "served": 1}
	table := newTable(referrals.Steps(), []map[referrals.Step]int{g}, g, true)
	for i := range table.rows {
		for _, s := range referrals.Steps() {
			if _, c := table.at(i, s); c != shown {
				t.Errorf("%s is hidden", s)
			}
		}
	}
}
