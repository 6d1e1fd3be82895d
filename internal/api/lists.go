// SPDX-License-Identifier: Apache-2.0

package api

import (
	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/countries"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/names"
	"fera/internal/occupations"
	"fera/internal/words"
)

// placeView is an administrative unit.
type placeView struct {
	Code   string `json:"code"`
	Kind   string `json:"kind"`
	NameEn string `json:"name_en"`
	NameBn string `json:"name_bn"`
	FullEn string `json:"full_en"`
	FullBn string `json:"full_bn"`
	Parent string `json:"parent,omitempty"`
}

func placeOf(p geo.Place) placeView {
	return placeView{p.Code, string(p.Kind), p.NameEn, p.NameBn, geo.Full(words.English, p.Code), geo.Full(words.Bangla, p.Code), p.Parent}
}

// listed is an entry of a list of codes.
type listed struct {
	Code   string `json:"code"`
	NameEn string `json:"name_en"`
	NameBn string `json:"name_bn,omitempty"`
}

// asked reads what is searched for, and how many are wanted.
func (c *call) asked() (string, int, error) {
	q := names.Clean(c.query["q"])
	if q == "" {
		return "", 0, fault.New(fault.Invalid, "fault.needed").On("q")
	}
	if len(q) > 500 {
		return "", 0, fault.New(fault.Invalid, "fault.too_long").With("max", 500).On("q")
	}
	limit, err := c.limit(10, 50)
	return q, limit, err
}

func searchPlaces(c *call) (answer, error) {
	q, limit, err := c.asked()
	return answer{body: page[placeView]{Items: each(geo.Search(q, limit), placeOf)}}, err
}

func findPlace(c *call) (answer, error) {
	p, ok := geo.Find(c.r.PathValue("code"))
	if !ok {
		return answer{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return answer{body: placeOf(p)}, nil
}

func searchOccupations(c *call) (answer, error) {
	q, limit, err := c.asked()
	return answer{body: page[listed]{Items: each(occupations.Search(q, limit), func(o occupations.Occupation) listed {
		return listed{o.Code, o.TitleEn, o.TitleBn}
	})}}, err
}

func searchCountries(c *call) (answer, error) {
	q, limit, err := c.asked()
	return answer{body: page[listed]{Items: each(countries.Search(q, limit), func(one countries.Country) listed {
		return listed{one.Code, one.NameEn, one.NameBn}
	})}}, err
}

// checkpoint answers with the newest signed statement of the trail's length and root.
func checkpoint(c *call) (answer, error) {
	if !c.who.Grants[access.VerifyTrail].Everywhere {
		return answer{}, forbidden()
	}
	latest, err := audit.Latest(c.ctx, c.q)
	if err == nil && latest.Note == "" {
		err = fault.New(fault.NotFound, "api.no_checkpoint")
	}
	return answer{text: latest.Note}, err
}
