// SPDX-License-Identifier: Apache-2.0

// Package codes is the part of the API that holds no person: the lists of codes that records speak
// in, and the newest checkpoint of the trail.
package codes

import (
	"net/http"

	"fera/internal/access"
	"fera/internal/api/op"
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
func asked(c *op.Call) (string, int, error) {
	q := names.Clean(c.Query["q"])
	if q == "" {
		return "", 0, fault.New(fault.Invalid, "fault.needed").On("q")
	}
	if len(q) > 500 {
		return "", 0, fault.New(fault.Invalid, "fault.too_long").With("max", 500).On("q")
	}
	limit, err := c.Limit(10, 50)
	return q, limit, err
}

func searchPlaces(c *op.Call) (op.Answer, error) {
	q, limit, err := asked(c)
	return op.Answer{Body: op.Page[placeView]{Items: op.Each(geo.Search(q, limit), placeOf)}}, err
}

func findPlace(c *op.Call) (op.Answer, error) {
	p, ok := geo.Find(c.Path("code"))
	if !ok {
		return op.Answer{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return op.Answer{Body: placeOf(p)}, nil
}

func searchOccupations(c *op.Call) (op.Answer, error) {
	q, limit, err := asked(c)
	return op.Answer{Body: op.Page[listed]{Items: op.Each(occupations.Search(q, limit), func(o occupations.Occupation) listed {
		return listed{o.Code, o.TitleEn, o.TitleBn}
	})}}, err
}

func searchCountries(c *op.Call) (op.Answer, error) {
	q, limit, err := asked(c)
	return op.Answer{Body: op.Page[listed]{Items: op.Each(countries.Search(q, limit), func(one countries.Country) listed {
		return listed{one.Code, one.NameEn, one.NameBn}
	})}}, err
}

// checkpoint answers with the newest signed statement of the trail's length and root.
func checkpoint(c *op.Call) (op.Answer, error) {
	if !c.Who.Grants[access.VerifyTrail].Everywhere {
		return op.Answer{}, op.Forbidden()
	}
	latest, err := audit.Latest(c.Ctx, c.Q)
	if err == nil && latest.Note == "" {
		err = fault.New(fault.NotFound, "api.no_checkpoint")
	}
	return op.Answer{Text: latest.Note}, err
}

// Operations are open to whoever may do anything at all: they hold no person.
func Operations() []op.Operation {
	search := []string{"q", "limit"}
	return []op.Operation{
		{Name: "search_places", Method: http.MethodGet, Path: "/places", Params: search, Out: op.Holds[op.Page[placeView]](), Do: searchPlaces},
		{Name: "find_place", Method: http.MethodGet, Path: "/places/{code}", Out: op.Holds[placeView](), Do: findPlace},
		{Name: "search_occupations", Method: http.MethodGet, Path: "/occupations", Params: search, Out: op.Holds[op.Page[listed]](), Do: searchOccupations},
		{Name: "search_countries", Method: http.MethodGet, Path: "/countries", Params: search, Out: op.Holds[op.Page[listed]](), Do: searchCountries},
		{Name: "read_checkpoint", Method: http.MethodGet, Path: "/trail/checkpoint", Need: access.VerifyTrail, Text: true, Do: checkpoint},
	}
}
