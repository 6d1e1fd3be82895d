// SPDX-License-Identifier: Apache-2.0

package persons

import "fera/internal/fault"

// PapersAtHome is what she said of paper about her where she lives: "yes" when it
// is safe there, "no" when it is not, nothing when she was not asked. The newest
// answer in a record counts, unless a person chose another; and when records
// differ, a no in any of them wins over a yes.
func (p Person) PapersAtHome() (said string) {
	newest, decided := map[ID]Claim{}, map[ID]bool{}
	for _, c := range p.Claims { // the oldest first
		if c.Field != PapersHome || decided[c.of] {
			continue
		}
		newest[c.of], decided[c.of] = c, c.InUse && c.Why == whyChosen
	}
	for _, c := range newest {
		if c.Value == "no" {
			return "no"
		}
		said = c.Value
	}
	return said
}

// MayCarry refuses paper that she would take home, when she said that it is not
// safe there or nobody has asked her.
func (p Person) MayCarry() error {
	switch p.PapersAtHome() {
	case "yes":
		return nil
	case "no":
		return fault.New(fault.Forbidden, "person.papers_unsafe").On("where")
	}
	return fault.New(fault.Invalid, "person.papers_unasked").On("where")
}
