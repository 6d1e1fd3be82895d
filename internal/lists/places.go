// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"regexp"
	"strings"
	"sync"

	"fera/internal/geo"
	"fera/internal/names"
)

// places finds an administrative unit by the names of the ones around it.
type places struct{ division, district, upazila, union string }

// find returns the code of the smallest unit that is surely meant, and what of
// the names it did not cover.
func (p places) find() (code string, rest []string) {
	if p.division != "" && p.district == "" {
		code, _ = gazetteer().find(divisions, p.division)
	}
	if p.district != "" {
		if found, ok := gazetteer().find(districts, p.district); ok {
			code = found
		} else {
			rest = append(rest, p.district)
		}
	}
	for _, name := range []string{p.upazila, p.union} {
		if name == "" {
			continue
		}
		found, ok := "", false
		switch {
		case len(code) == 4:
			found, ok = gazetteer().find(code, name)
		case len(code) > 4: // unions are few within an upazila, and many in all
			unions := index{}
			for _, u := range geo.Children(code) {
				unions.add(code, u)
			}
			found, ok = unions.find(code, name)
		case code == "" && p.district == "" && name == p.upazila:
			found, ok = gazetteer().find(upazilas, name)
		}
		if ok {
			code = found
		} else {
			rest = append([]string{name}, rest...)
		}
	}
	return code, rest
}

// The parts of the gazetteer beside those of one district, which go by its code.
const (
	divisions = "divisions"
	districts = "districts"
	upazilas  = "upazilas"
)

// entry is where a name leads: to nowhere when it can mean several places.
type entry struct {
	code  string
	sound bool // by its sound alone
}

// index leads from a part of the gazetteer and a name, as it is written or as it
// sounds, to a place.
type index map[[2]string]entry

var gazetteer = sync.OnceValue(func() index {
	x := index{}
	for _, division := range geo.Children("") {
		x.add(divisions, division)
		for _, district := range geo.Children(division.Code) {
			x.add(districts, district)
			for _, upazila := range geo.Children(district.Code) {
				x.add(upazilas, upazila)
				x.add(district.Code, upazila)
			}
		}
	}
	return x
})

func (x index) add(part string, p geo.Place) {
	for _, called := range append([]string{p.NameEn, p.NameBn}, p.Alt...) {
		x.put(part, names.Fold(called), entry{code: p.Code})
		x.put(part, soundOf(called), entry{p.Code, true})
	}
}

// put enters a name. What is written so goes before what only sounds so.
func (x index) put(part, name string, e entry) {
	if name == "" {
		return
	}
	have, taken := x[[2]string{part, name}]
	switch {
	case !taken || have.sound && !e.sound:
		x[[2]string{part, name}] = e
	case have.code != e.code && have.sound == e.sound:
		x[[2]string{part, name}] = entry{sound: e.sound} // it can mean either
	}
}

// soundOf marks keys of sounds, so that none is taken for a name.
func soundOf(name string) string {
	if keys := names.Keys(name); len(keys) > 0 {
		return "~" + strings.Join(keys, " ")
	}
	return ""
}

// kinds are the words that only say what kind of place a name is of.
var kinds = regexp.MustCompile(`(?i)\s*(?:district|zila|zilla|division|upazila|upazilla|thana|union|sadar upazila|জেলা|বিভাগ|উপজেলা|থানা|ইউনিয়ন)\s*$`)

// find finds the one place that a name can mean in a part of the gazetteer.
func (x index) find(part, name string) (code string, ok bool) {
	bare := kinds.ReplaceAllString(names.Clean(name), "")
	if bare == "" {
		bare = name
	}
	if e := x[[2]string{part, names.Fold(bare)}]; e.code != "" {
		return e.code, true
	}
	e := x[[2]string{part, soundOf(bare)}]
	return e.code, e.code != ""
}

func isDistrict(name string) bool {
	_, ok := gazetteer().find(districts, name)
	return ok
}
