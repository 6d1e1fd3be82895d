// SPDX-License-Identifier: Apache-2.0

package tables

// PartOf is one part of a figure.
type PartOf struct {
	Code string `json:"code"`
	N    int64  `json:"n"`
}

// Sum is a figure with its parts, as somebody gave them.
type Sum struct {
	Whole int64    `json:"whole"`
	Parts []PartOf `json:"parts"`
}

// Of is what the parts come to.
func (s Sum) Of() (sum int64) {
	for _, p := range s.Parts {
		sum += p.N
	}
	return sum
}

// Difference is by how much the whole is more than its parts come to; zero when
// it has no parts. Whoever shows the figure shows it with this.
func (s Sum) Difference() int64 {
	if len(s.Parts) == 0 {
		return 0
	}
	return s.Whole - s.Of()
}
