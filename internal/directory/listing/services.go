// SPDX-License-Identifier: Apache-2.0

package listing

import (
	"slices"
	"strconv"

	"fera/internal/dates"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/ids"
)

// Country stands, among the areas that a service is for, for the whole country.
const Country = "BD"

// Service is what an organisation offers, to whom, where and how one gets it.
type Service struct {
	Organisation string      `json:"organisation"`
	Name         Text        `json:"name"`
	About        Text        `json:"about,omitzero"`
	State        State       `json:"state"`
	Needs        []string    `json:"needs,omitempty"` // see Needs
	How          Text        `json:"how,omitzero"`    // how one gets it
	Fee          Text        `json:"fee,omitzero"`    // what it costs, in words
	Costs        []Cost      `json:"costs,omitempty"`
	For          Eligibility `json:"for,omitzero"`
	Papers       []Paper     `json:"papers,omitempty"`
	Areas        []string    `json:"areas,omitempty"` // codes of places, or Country; nobody is found who says none
	Languages    []Language  `json:"languages,omitempty"`
	Staff        string      `json:"staff,omitempty"`  // women, men or both; empty when it is not known
	Hidden       bool        `json:"hidden,omitempty"` // where it is given is protected, as with a shelter
	Alert        Text        `json:"alert,omitzero"`   // what one has to know before going
	Website      string      `json:"website,omitempty"`
	Email        string      `json:"email,omitempty"`
	Phones       []Phone     `json:"phones,omitempty"`
	Hours        Hours       `json:"hours,omitzero"`
	At           []Offer     `json:"at,omitempty"`
	Capacity     *Capacity   `json:"capacity,omitempty"`
	Every        int         `json:"every_days,omitempty"` // after how many days it is to be confirmed; the usual when 0
	Source       Source      `json:"source,omitzero"`

	Kept map[string]string `json:"kept,omitempty"`
}

// Offer is a service at a location.
type Offer struct {
	ID       string            `json:"id,omitempty"`
	Location string            `json:"location"`
	About    Text              `json:"about,omitzero"`
	Phones   []Phone           `json:"phones,omitempty"`
	Hours    Hours             `json:"hours,omitzero"` // if they are not those of the location
	Capacity *Capacity         `json:"capacity,omitempty"`
	Kept     map[string]string `json:"kept,omitempty"`
}

// Capacity is how many more can be served and how long one waits, as of a day.
type Capacity struct {
	Free *int          `json:"free,omitempty"` // places; unknown when nil
	Wait *int          `json:"wait,omitempty"` // days; unknown when nil
	On   dates.Partial `json:"on"`             // the day on which the provider said so
}

// Stale tells whether what was said of places and waiting is too old to be relied on.
func (c Capacity) Stale(today dates.Partial) bool {
	return c.On.Add(intervals()["capacity"]).SurelyBefore(today)
}

// Cost is one price. Amounts are in hundredths.
type Cost struct {
	ID       string            `json:"id,omitempty"`
	For      Text              `json:"for,omitzero"`
	Currency string            `json:"currency,omitempty"`
	Amount   *int64            `json:"amount,omitempty"`
	Note     Text              `json:"note,omitzero"`
	Kept     map[string]string `json:"kept,omitempty"`
}

// Eligibility is whom a service is for. What is empty excludes nobody.
type Eligibility struct {
	Text    Text   `json:"text,omitzero"`
	Sex     string `json:"sex,omitempty"` // female or male
	MinAge  int    `json:"min_age,omitempty"`
	MaxAge  int    `json:"max_age,omitempty"`
	Returns int    `json:"returned_within_months,omitempty"`
}

// Paper is one that has to be brought. One with a code can be held against those that a person has.
type Paper struct {
	ID   string            `json:"id,omitempty"`
	Code string            `json:"code,omitempty"` // see Papers
	Text Text              `json:"text,omitzero"`
	URL  string            `json:"url,omitempty"`
	Kept map[string]string `json:"kept,omitempty"`
}

// Name says the paper in "bn" or "en".
func (p Paper) Name(lang string) string {
	if p.Text.Empty() {
		return papers()[p.Code].In(lang)
	}
	return p.Text.In(lang)
}

// Sheltered tells whether where the service is given is protected.
func (s *Service) Sheltered() bool {
	return s.Hidden || slices.ContainsFunc(s.Needs, func(code string) bool { n, _ := NeedOf(code); return n.Hidden })
}

func (s *Service) check() *fault.Error {
	r := &Checker{}
	r.name(&s.Name, "name")
	if !ids.Valid(s.Organisation) {
		r.Bad("directory.organisation_needed", "organisation")
	}
	r.OneOf(string(s.State), []string{string(Active), string(Paused), string(Inactive)}, "state")
	for field, t := range map[string]*Text{"about": &s.About, "how": &s.How, "fee": &s.Fee, "alert": &s.Alert, "eligibility": &s.For.Text} {
		r.Text(t, LongestText, field)
	}
	r.needs(s)
	r.address(&s.Website, "website")
	r.Mail(&s.Email, "email")
	r.Phones(s.Phones, "phones")
	r.languages(s.Languages, "languages")
	r.hours(&s.Hours, "hours")
	r.OneOf(s.Staff, []string{"", "women", "men", "both"}, "staff")
	r.eligibility(s.For)
	r.papers(s.Papers)
	r.costs(s.Costs)
	r.offers(s)
	r.capacity(s.Capacity, "capacity")
	if s.Every < 0 || s.Every > 1000 {
		r.Bad("directory.every", "every")
	}
	r.source(&s.Source)
	r.Kept(s.Kept)
	return r.Done()
}

func (r *Checker) needs(s *Service) {
	r.most(len(s.Needs), mostRows, "needs")
	s.Needs = slices.Compact(slices.Sorted(slices.Values(s.Needs)))
	for _, code := range s.Needs {
		if _, known := NeedOf(code); !known {
			r.Bad("fault.bad_choice", "needs")
		}
	}
	r.most(len(s.Areas), 600, "areas")
	s.Areas = slices.Compact(slices.Sorted(slices.Values(s.Areas)))
	for _, code := range s.Areas {
		if _, known := geo.Find(code); !known && code != Country {
			r.Bad("directory.place", "areas")
		}
	}
}

func (r *Checker) eligibility(e Eligibility) {
	r.OneOf(e.Sex, []string{"", "female", "male"}, "sex")
	if e.MinAge < 0 || e.MaxAge < 0 || e.MinAge > 120 || e.MaxAge > 120 || e.MaxAge > 0 && e.MaxAge < e.MinAge {
		r.Bad("directory.ages", "min_age")
	}
	if e.Returns < 0 || e.Returns > 600 {
		r.Bad("directory.months", "returned_within")
	}
}

func (r *Checker) papers(all []Paper) {
	r.most(len(all), mostRows, "papers")
	for i := range all {
		p := &all[i]
		r.Text(&p.Text, LongestText, "papers")
		r.address(&p.URL, "papers")
		r.Kept(p.Kept)
		if _, known := papers()[p.Code]; p.Code != "" && !known || p.Code == "" && p.Text.Empty() && p.URL == "" {
			r.Bad("directory.paper", "papers")
		}
	}
}

func (r *Checker) costs(all []Cost) {
	r.most(len(all), mostRows, "costs")
	for i := range all {
		c := &all[i]
		r.Text(&c.For, LongestText, "costs")
		r.Text(&c.Note, LongestText, "costs")
		r.Line(&c.Currency, 10, "costs")
		r.Kept(c.Kept)
		if c.Amount != nil && (*c.Amount < 0 || *c.Amount > 1e14) {
			r.Bad("directory.amount", "costs")
		}
	}
}

// offers also holds that nothing leads to a shelter.
func (r *Checker) offers(s *Service) {
	r.most(len(s.At), mostOffers, "at")
	if s.Sheltered() && len(s.At) > 0 {
		r.Bad("directory.shelter_has_no_address", "at")
	}
	seen := map[string]bool{}
	for i := range s.At {
		o, at := &s.At[i], "at."+strconv.Itoa(i)
		if !ids.Valid(o.Location) || seen[o.Location] {
			r.Bad("directory.location_needed", "at")
		}
		seen[o.Location] = true
		r.Text(&o.About, LongestText, at)
		r.Phones(o.Phones, at)
		r.hours(&o.Hours, at)
		r.capacity(o.Capacity, at)
		r.Kept(o.Kept)
	}
}

func (r *Checker) capacity(c *Capacity, field string) {
	if c == nil {
		return
	}
	if c.Free == nil && c.Wait == nil || c.Free != nil && (*c.Free < 0 || *c.Free > 1_000_000) || c.Wait != nil && (*c.Wait < 0 || *c.Wait > 3660) {
		r.Bad("directory.capacity", field)
	}
	if c.On.Precision() != dates.Day || c.On.Check() != nil {
		r.Bad("directory.capacity_day", field)
	}
}
