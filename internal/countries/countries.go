// SPDX-License-Identifier: Apache-2.0

// Package countries names the countries of the world in both languages, those where Bangladeshis work first.
//
// A country is its ISO 3166 code of two letters; names come from Unicode CLDR, except where people
// here say it otherwise. Kosovo, which ISO has not coded, has the code XK that CLDR gives it.
package countries

import (
	"bytes"
	"slices"
	"strings"
	"sync"

	"fera/internal/names"
	"fera/internal/words"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Country is a country or a territory that has a code of its own.
type Country struct {
	Code        string // ISO 3166-1 alpha-2
	NameEn      string
	NameBn      string
	Destination bool // many people from Bangladesh work there
}

// Name returns the name in a language.
func (c Country) Name(lang words.Lang) string {
	if lang == words.English {
		return c.NameEn
	}
	return c.NameBn
}

// home is Bangladesh.
const home = "BD"

// destinations are the countries where many migrant workers from Bangladesh live, roughly by how many.
const destinations = "SA AE OM MY QA KW SG BH JO LB MV MU IT GR RO PT ES FR GB DE PL HR CY RS MT KR JP BN HK IQ LY KH LA TH TR EG SD IN ZA US CA AU"

// notCountries have a two-letter code in CLDR but are unions of states or parts of countries.
const notCountries = "UN EZ EU QO AC CP DG EA IC TA"

// world is put together when a country is first asked for.
var world = sync.OnceValue(func() []Country {
	first := strings.Fields(destinations)
	var all []Country
	for _, code := range append(slices.Clone(first), everyCode()...) {
		seen := slices.ContainsFunc(all, func(c Country) bool { return c.Code == code })
		if c, ok := read(code); ok && !seen {
			c.Destination = slices.Contains(first, code)
			all = append(all, c)
		}
	}
	return all
})

func everyCode() []string {
	var codes []string
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			codes = append(codes, string(a)+string(b))
		}
	}
	return codes
}

func read(code string) (Country, bool) {
	region, err := language.ParseRegion(code)
	if err != nil || !region.IsCountry() || region.Canonicalize() != region || slices.Contains(strings.Fields(notCountries), code) {
		return Country{}, false
	}
	c := Country{Code: code, NameEn: display.English.Regions().Name(region), NameBn: display.Regions(language.Bengali).Name(region)}
	if said, ok := saidHere()[code]; ok {
		c.NameEn, c.NameBn = said[0], said[1]
	}
	return c, c.NameEn != "" && c.NameBn != "" // countries that are no more have no name
}

// Find returns the country with a code of two letters.
func Find(code string) (Country, bool) {
	i := slices.IndexFunc(world(), func(c Country) bool { return c.Code == code })
	if i < 0 {
		return Country{}, false
	}
	return world()[i], true
}

// Name returns the name of a country in a language, or nothing for an unknown code.
func Name(lang words.Lang, code string) string {
	c, _ := Find(code)
	return c.Name(lang)
}

// List returns every country but Bangladesh: the destinations first, then the others in the order of
// the language's alphabet.
func List(lang words.Lang) []Country {
	all := slices.DeleteFunc(slices.Clone(world()), func(c Country) bool { return c.Code == home })
	others := slices.IndexFunc(all, func(c Country) bool { return !c.Destination })
	slices.SortFunc(all[others:], func(a, b Country) int {
		return bytes.Compare(names.SortKey(a.Name(lang)), names.SortKey(b.Name(lang)))
	})
	return all
}
