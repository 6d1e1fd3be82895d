// SPDX-License-Identifier: Apache-2.0

package projects

import (
	_ "embed"
	"encoding/json"
	"slices"
	"sync"
)

// Purpose is a purpose code that is offered, with its name.
type Purpose struct {
	Code   string `json:"code"`
	NameBn string `json:"name_bn"`
	NameEn string `json:"name_en"`
}

// Name is what a purpose is called in a language.
func (p Purpose) Name(lang string) string { return in(lang, p.NameBn, p.NameEn) }

//go:embed data/purposes.json
var purposesText []byte

var purposes = sync.OnceValue(func() (all []Purpose) {
	if err := json.Unmarshal(purposesText, &all); err != nil {
		panic(err) // a test reads the file
	}
	return all
})

// Purposes returns the purpose codes that suit this work. Others may be typed, but for the one that looks right and is not.
func Purposes() []Purpose { return slices.Clone(purposes()) }

// forCombatants is the purpose "reintegration and control of small arms". It is about former combatants and child soldiers;
// money for migrants that is reported under it is counted as a cost of war.
const forCombatants = "15240"
