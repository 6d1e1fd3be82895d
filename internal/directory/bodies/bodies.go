// SPDX-License-Identifier: Apache-2.0

// Package bodies is the public bodies of Bangladesh that ship with the program, for a directory that is empty: only what a
// source states, with the source, and nothing confirmed. See data/PROVENANCE.md.
package bodies

import (
	_ "embed"
	"encoding/json"
	"strings"
	"sync"

	"fera/internal/directory/listing"
	"fera/internal/geo"
	"fera/internal/ids"
)

//go:embed data/bodies.json
var bodiesText []byte

// shippedBodies are the public bodies that ship with the program. They name one another by keys; an address, a number or hours
// that the source does not give is left out.
type shippedBodies struct {
	Organisations map[string]listing.Organisation `json:"organisations"`
	Locations     map[string]listing.Location     `json:"locations"`
	Everywhere    map[string]listing.Location     `json:"each_district"` // one in each district, {district} standing for its name
	Services      map[string]listing.Service      `json:"services"`
}

var shipped = sync.OnceValue(func() (all shippedBodies) {
	if err := json.Unmarshal(bodiesText, &all); err != nil {
		panic(err) // a test reads the file
	}
	return all
})

// shippedID is the identifier of what ships under a key. It stays the same in every installation.
func shippedID(key string) string { return ids.Named("fera", "directory", key) }

// Shipped returns the public bodies that ship, organisations first. Nobody has confirmed them.
func Shipped() (all []listing.Arriving) {
	s := shipped()
	districts := districts()
	for key, o := range s.Organisations {
		if o.Parent != "" {
			o.Parent = shippedID(o.Parent)
		}
		all = append(all, listing.Arriving{ID: shippedID(key), Body: listing.Body{Organisation: &o}})
	}
	for key, l := range s.Locations {
		l.Organisation = shippedID(l.Organisation)
		all = append(all, listing.Arriving{ID: shippedID(key), Body: listing.Body{Location: &l}})
	}
	for key, pattern := range s.Everywhere {
		for _, d := range districts {
			l := pattern
			l.Organisation, l.Place = shippedID(l.Organisation), d.Code
			l.Name = listing.Text{Bn: strings.ReplaceAll(l.Name.Bn, "{district}", d.NameBn), En: strings.ReplaceAll(l.Name.En, "{district}", d.NameEn)}
			all = append(all, listing.Arriving{ID: shippedID(key + d.Code), Body: listing.Body{Location: &l}})
		}
	}
	for key, sv := range s.Services {
		sv.Organisation = shippedID(sv.Organisation)
		var at []listing.Offer
		for _, o := range sv.At {
			keys := []string{o.Location}
			if _, every := s.Everywhere[o.Location]; every {
				keys = nil
				for _, d := range districts {
					keys = append(keys, o.Location+d.Code)
				}
			}
			for _, k := range keys {
				at = append(at, listing.Offer{ID: shippedID(key + "@" + k), Location: shippedID(k), About: o.About})
			}
		}
		sv.At = at
		all = append(all, listing.Arriving{ID: shippedID(key), Body: listing.Body{Service: &sv}})
	}
	return all
}

func districts() (all []geo.Place) {
	for _, division := range geo.Children("") {
		all = append(all, geo.Children(division.Code)...)
	}
	return all
}
