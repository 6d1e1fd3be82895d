// SPDX-License-Identifier: Apache-2.0

package listing

import (
	"strconv"

	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/ids"
	"fera/internal/numbers"
)

// Organisation is a body that offers services.
type Organisation struct {
	Name    Text    `json:"name"`
	About   Text    `json:"about,omitzero"`
	Sector  string  `json:"sector,omitempty"`  // as in package offices; empty when it is not known
	Partner string  `json:"partner,omitempty"` // the organisation of package offices whose people keep this entry
	Parent  string  `json:"parent,omitempty"`  // the entry of the organisation above it
	Website string  `json:"website,omitempty"`
	Email   string  `json:"email,omitempty"`
	Phones  []Phone `json:"phones,omitempty"`
	Source  Source  `json:"source,omitzero"`

	Kept map[string]string `json:"kept,omitempty"` // values of an exchange that the directory has no field for
}

// Sectors returns the sorts of organisations.
func Sectors() []string {
	return []string{"government", "civil_society", "international", "private"}
}

func (o *Organisation) check() *fault.Error {
	r := &Checker{}
	r.name(&o.Name, "name")
	r.Text(&o.About, LongestText, "about")
	r.OneOf(o.Sector, append(Sectors(), ""), "sector")
	for field, id := range map[string]string{"partner": o.Partner, "parent": o.Parent} {
		if id != "" && !ids.Valid(id) {
			r.Bad("fault.bad_choice", field)
		}
	}
	r.address(&o.Website, "website")
	r.Mail(&o.Email, "email")
	r.Phones(o.Phones, "phones")
	r.source(&o.Source)
	r.Kept(o.Kept)
	return r.Done()
}

// Phone is a number at which somebody answers.
type Phone struct {
	ID        string            `json:"id,omitempty"` // kept from one exchange to the next
	Number    string            `json:"number"`       // as it is dialled
	Extension string            `json:"extension,omitempty"`
	Kind      string            `json:"kind,omitempty"` // voice, sms, fax, and what else an exchange says
	Free      bool              `json:"free,omitempty"` // the caller pays nothing
	Abroad    bool              `json:"abroad,omitempty"`
	About     Text              `json:"about,omitzero"`
	Languages []Language        `json:"languages,omitempty"`
	Kept      map[string]string `json:"kept,omitempty"`
}

// Language is one in which somebody is served.
type Language struct {
	ID   string            `json:"id,omitempty"`
	Code string            `json:"code,omitempty"` // of ISO 639
	Name string            `json:"name,omitempty"`
	Note string            `json:"note,omitempty"`
	Kept map[string]string `json:"kept,omitempty"`
}

// Dial is the number as telephones take it: its digits, with the plus sign of a number of another country.
func (p Phone) Dial() string {
	var b []byte
	for i, c := range numbers.Digits(p.Number) {
		switch {
		case c >= '0' && c <= '9':
			b = append(b, byte(c))
		case c == '+' && i == 0:
			b = append(b, '+')
		}
	}
	return string(b)
}

// Phones reads telephones, each of which must be one that can be dialled.
func (r *Checker) Phones(all []Phone, field string) {
	r.most(len(all), mostRows, field)
	for i := range all {
		p, at := &all[i], field+"."+strconv.Itoa(i)
		r.Line(&p.Number, 80, at)
		r.Line(&p.Extension, 20, at)
		r.Line(&p.Kind, 40, at)
		r.Text(&p.About, LongestText, at)
		r.languages(p.Languages, at)
		r.Kept(p.Kept)
		if len(p.Dial()) < 3 {
			r.Bad("directory.phone", at)
		}
	}
}

func (r *Checker) languages(all []Language, field string) {
	r.most(len(all), mostRows, field)
	for i := range all {
		l := &all[i]
		r.Line(&l.Code, 20, field)
		r.Line(&l.Name, 80, field)
		r.Line(&l.Note, LongestLine, field)
		r.Kept(l.Kept)
	}
}

// Location is where an organisation works. Its place is a code of package geo; an address and a point on the map it has only
// where somebody gave them.
type Location struct {
	Organisation string     `json:"organisation,omitempty"` // an exchange may have places that are nobody's
	Name         Text       `json:"name"`
	About        Text       `json:"about,omitzero"`
	Kind         string     `json:"kind"` // physical, postal or virtual
	Place        string     `json:"place,omitempty"`
	Address      Text       `json:"address,omitzero"` // house, road and village, in one text
	Latitude     *float64   `json:"latitude,omitempty"`
	Longitude    *float64   `json:"longitude,omitempty"`
	Transport    Text       `json:"transport,omitzero"`
	Access       []Access   `json:"access,omitempty"` // for people with a disability
	Languages    []Language `json:"languages,omitempty"`
	Phones       []Phone    `json:"phones,omitempty"`
	Hours        Hours      `json:"hours,omitzero"`
	Source       Source     `json:"source,omitzero"`

	Kept map[string]string `json:"kept,omitempty"`
}

// Access is how people with a disability get in and are served.
type Access struct {
	ID    string            `json:"id,omitempty"`
	About Text              `json:"about"`
	Kept  map[string]string `json:"kept,omitempty"`
}

// LocationKinds returns the kinds of locations, as exchanges know them.
func LocationKinds() []string { return []string{"physical", "postal", "virtual"} }

func (l *Location) check() *fault.Error {
	r := &Checker{}
	r.name(&l.Name, "name")
	r.Text(&l.About, LongestText, "about")
	r.OneOf(l.Kind, LocationKinds(), "location_kind")
	if _, known := geo.Find(l.Place); l.Place != "" && !known {
		r.Bad("directory.place", "place")
	}
	r.Text(&l.Address, LongestLine, "address")
	if (l.Latitude == nil) != (l.Longitude == nil) {
		r.Bad("directory.point", "latitude")
	}
	r.Text(&l.Transport, LongestText, "transport")
	r.most(len(l.Access), mostRows, "access")
	for i := range l.Access {
		r.Text(&l.Access[i].About, LongestText, "access")
		r.Kept(l.Access[i].Kept)
	}
	r.languages(l.Languages, "languages")
	r.Phones(l.Phones, "phones")
	r.hours(&l.Hours, "hours")
	r.source(&l.Source)
	r.Kept(l.Kept)
	return r.Done()
}

// Point is where on the map the location is, if somebody said so and there is such a point.
func (l *Location) Point() (lat, lon float64, ok bool) {
	if l.Latitude == nil || l.Longitude == nil || *l.Latitude < -90 || *l.Latitude > 90 || *l.Longitude < -180 || *l.Longitude > 180 {
		return 0, 0, false
	}
	return *l.Latitude, *l.Longitude, true
}

// Spoken returns the languages that can be chosen for a service, those of the country first.
func Spoken() []string {
	return []string{"bn", "syl", "ctg", "en", "hi", "ur", "ar", "ms", "ccp", "rmy", "ins"}
}
