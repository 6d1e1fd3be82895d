// SPDX-License-Identifier: Apache-2.0

// Package geo knows the administrative places of Bangladesh: divisions, districts, upazilas,
// metropolitan thanas and unions, with their names in both scripts and their official codes.
//
// It does not know villages, wards or addresses, and it draws no maps.
package geo

import (
	"slices"
	"strings"

	"fera/internal/words"
)

// Kind is the rank of a place.
type Kind string

// The kinds. Thanas are the parts of the big cities; elsewhere there are upazilas.
const (
	Division Kind = "division"
	District Kind = "district"
	Upazila  Kind = "upazila"
	Thana    Kind = "thana"
	Union    Kind = "union"
)

// Place is a part of the country. Its code begins with the code of its parent.
type Place struct {
	Code   string
	Kind   Kind
	NameEn string
	NameBn string
	Parent string   // code of the place around it; empty for a division
	Alt    []string // other spellings, in either script
}

// Name returns the name in a language.
func (p Place) Name(lang words.Lang) string {
	if lang == words.English {
		return p.NameEn
	}
	return p.NameBn
}

// Find returns the place with a code such as "30", "3056", "305670" or "305670.1234".
func Find(code string) (Place, bool) {
	a := atlas()
	i, ok := a.byCode[code]
	if !ok {
		return Place{}, false
	}
	return a.places[i], true
}

// Path returns the place and those around it, the division first. It is empty for an unknown code.
func Path(code string) []Place {
	var path []Place
	for p, ok := Find(code); ok; p, ok = Find(p.Parent) {
		path = append(path, p)
	}
	slices.Reverse(path)
	return path
}

// Children returns the places directly within one, by English name; the divisions for the empty code.
func Children(code string) []Place {
	a := atlas()
	children := make([]Place, 0, len(a.children[code]))
	for _, i := range a.children[code] {
		children = append(children, a.places[i])
	}
	return children
}

// Name returns the name of a place in a language, or nothing for an unknown code.
func Name(lang words.Lang, code string) string {
	p, _ := Find(code)
	return p.Name(lang)
}

// Full names a place so that it is not taken for another of the same name: "Saturia, Manikganj".
// Divisions are left out, since most people do not name them; a division itself is "Dhaka Division".
func Full(lang words.Lang, code string) string {
	var names []string
	for _, p := range Path(code) {
		if p.Kind != Division {
			names = append(names, p.Name(lang))
		} else if p.Code == code {
			return p.Name(lang) + " " + words.In(lang).T("place.division")
		}
	}
	slices.Reverse(names)
	return strings.Join(names, ", ")
}

// Drawn returns the code under which a place is on maps: its own, or that of the upazila from which it was taken after the maps
// were drawn.
func Drawn(code string) string {
	if other, ok := atlas().drawn[code]; ok {
		return other
	}
	return code
}

// Within tells whether a place is another or lies in it. It compares codes alone, so unknown ones may be within.
func Within(code, in string) bool {
	switch {
	case in == "":
		return false
	case code == in:
		return true
	case strings.Contains(in, "."): // nothing lies in a union
		return false
	case len(in) == 6:
		return strings.HasPrefix(code, in+".")
	}
	return len(in)%2 == 0 && strings.HasPrefix(code, in)
}

// DistrictByBBS tells whether a district has these two digits, as they stand in older national ID numbers.
func DistrictByBBS(digits string) bool { return atlas().districts[digits] }

// UpazilaByBBS tells whether a district has an upazila or thana with these two digits.
func UpazilaByBBS(district, upazila string) bool {
	return len(district) == 2 && atlas().upazilas[district+upazila]
}
