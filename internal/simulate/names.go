// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"slices"
	"strings"
	"sync"
)

// name is a full name, part by part.
type name []word

// bangla writes the name in Bangla.
func (n name) bangla() string {
	parts := make([]string, len(n))
	for i, w := range n {
		parts[i] = w.bn
	}
	return strings.Join(parts, " ")
}

// latin writes the name in Latin letters as some clerk does: mostly in the usual
// spelling, now and then in another.
func (n name) latin(d dice) string {
	const usual = 0.65
	parts := make([]string, len(n))
	for i, w := range n {
		parts[i] = w.latin[0]
		if len(w.latin) > 1 && !d.chance(usual) {
			parts[i] = pick(d, w.latin)
		}
	}
	return strings.Join(parts, " ")
}

// family is what the members of a household have in common in their names.
type family struct {
	hindu   bool
	surname word
}

const (
	shareHindu   = 0.08 // about as in the census of 2022
	shareTitled  = 0.4  // of those whose names stand on papers with Md or Mst
	shareCommon  = 0.6  // of given names; see data/PROVENANCE.md
	shareMarried = 0.5  // of women, Begum rather than another second name
)

func newFamily(d dice) family {
	if d.chance(shareHindu) {
		return family{true, pick(d, hinduSurnames())}
	}
	return family{false, pick(d, muslimSurnames())}
}

// ofHindus tells the surnames of Hindu families in the table of common ones.
func ofHindus(w word) bool {
	return strings.Contains(" Das Roy Saha Paul Biswas Mondal Sarkar Majumder ", " "+w.latin[0]+" ")
}

var hinduSurnames = sync.OnceValue(func() []word {
	return slices.DeleteFunc(slices.Clone(nameWords()["family"]), func(w word) bool { return !ofHindus(w) })
})

// muslimSurnames hold Sarkar too, which both bear.
var muslimSurnames = sync.OnceValue(func() []word {
	return slices.DeleteFunc(slices.Clone(nameWords()["family"]), func(w word) bool { return ofHindus(w) && w.latin[0] != "Sarkar" })
})

func (f family) man(d dice) name {
	if f.hindu {
		return name{pick(d, nameWords()["hindu_given_m"]), f.surname}
	}
	var n name
	if d.chance(shareTitled) {
		n = append(n, word{"মোঃ", []string{"Md"}})
	}
	given := common(d, "given_m")
	second := f.surname
	switch end := given.latin[0]; {
	case strings.HasSuffix(end, "ul"):
		second = word{"ইসলাম", []string{"Islam", "Eslam"}}
	case strings.HasSuffix(end, "ur") || strings.HasSuffix(end, "for"):
		second = word{"রহমান", []string{"Rahman", "Rohman", "Rahaman"}}
	case strings.Contains(" Karim Rahim Salam Kalam Mannan Razzak Sattar Jabbar Gafur Motaleb ", " "+end+" ") && d.chance(0.7):
		return append(n, word{"আব্দুল", []string{"Abdul"}}, given)
	}
	return append(n, given, second)
}

func (f family) woman(d dice) name {
	if f.hindu {
		return name{pick(d, nameWords()["hindu_given_f"]), {"রানী", []string{"Rani", "Ranee"}}, f.surname}
	}
	var n name
	if d.chance(shareTitled) {
		n = append(n, word{"মোছাঃ", []string{"Mst", "Most", "Mosammat"}})
	}
	n = append(n, common(d, "given_f"))
	if d.chance(shareMarried) {
		return append(n, nameWords()["female_suffix"][0])
	}
	return append(n, pick(d, nameWords()["female_suffix"]))
}

// common draws a given name, mostly from the frequent ones.
func common(d dice, role string) word {
	if d.chance(shareCommon) {
		return pick(d, nameWords()[role])
	}
	return pick(d, nameWords()["other_"+role])
}
