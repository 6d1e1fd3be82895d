// SPDX-License-Identifier: Apache-2.0

package facts_test

import (
	"fmt"
	"testing"

	"fera/internal/indicators/facts"
)

// What one person with five facts costs to be counted.
func BenchmarkContribute(b *testing.B) {
	totals := facts.Totals{}
	for n := 0; b.Loop(); n++ {
		var all []facts.Fact
		for i := range 5 {
			f := facts.Fact{Measure: facts.Code(i), Kinded: i > 2, What: facts.Code(n % 20), Person: fmt.Sprint(n), Month: facts.Month(202001 + n%12 + i/3), Place: facts.Place(305600 + n%100), Org: facts.Code(n % 50), Events: 1}
			f.By[facts.Sex], f.By[facts.Age], f.By[facts.Country] = facts.Code(n%3), facts.Code(n%8), facts.Code(n%17)
			all = append(all, f)
		}
		facts.Contribute(totals, all, 1)
	}
}
