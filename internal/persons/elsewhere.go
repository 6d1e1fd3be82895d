// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"fera/internal/fault"
	"fera/internal/names"
)

// Elsewhere is the version of the words for a consent that was given to another
// organisation, in words of its own, before the person came into this register.
// Such a consent says who asked and when; neither is taken from who enters it.
const Elsewhere = "elsewhere"

// readElsewhere checks what a consent that was given elsewhere must say.
func (c *Consent) readElsewhere(prefix string) *fault.Error {
	if c.TextVersion != Elsewhere {
		return nil
	}
	c.AskedBy = ""
	name, problem := names.Check(c.AskedName, 200)
	if problem != "" {
		return fault.New(fault.Invalid, problem).With("max", 200).On(prefix + "asked_name")
	}
	if c.AskedName = name; name == "" || c.At.IsZero() {
		return fault.New(fault.Invalid, "person.consent_origin_needed").On(prefix + "at")
	}
	return nil
}
