// SPDX-License-Identifier: Apache-2.0

// Package names handles the names of people and places as they are written in
// Bangladesh: in Bangla, in any of many Latin spellings, or in both. It makes
// typed text safe, gives each name keys that are the same for its spellings
// in either script, and sorts names the way Bangla readers expect.
//
// It stores nothing and decides nothing about who is who; keys only bring
// candidates together.
package names

import "unicode"

// Script says what letters a text is written with.
type Script string

// The scripts that matter here. Mixed is Bangla and Latin together, Other any
// other letters, None no letters at all.
const (
	None   Script = ""
	Bangla Script = "bangla"
	Latin  Script = "latin"
	Mixed  Script = "mixed"
	Other  Script = "other"
)

// Looks tells which script the letters of s belong to.
func Looks(s string) Script {
	var bangla, latin, other bool
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Bengali, r):
			bangla = bangla || unicode.IsLetter(r)
		case unicode.Is(unicode.Latin, r):
			latin = true
		case unicode.IsLetter(r):
			other = true
		}
	}

	switch {
	case bangla && latin:
		return Mixed
	case bangla:
		return Bangla
	case latin:
		return Latin
	case other:
		return Other
	}
	return None
}
