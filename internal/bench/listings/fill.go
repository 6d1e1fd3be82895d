// SPDX-License-Identifier: Apache-2.0

// Package listings makes up a directory of any size, to measure with: organisations, places and services that do not exist, in
// real upazilas, for real needs. How many there are of each, how near to one another and how old is assumed, not counted anywhere.
package listings

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"fera/internal/access"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory"
	"fera/internal/directory/listing"
	"fera/internal/geo"
	"fera/internal/ids"
)

// The made-up directory: of ten services one organisation, and three locations. A few serve the whole country, some a division or a
// district, most the people of an upazila. A fifth of all that there is lies in one district.
const (
	servicesOfOne  = 10
	locationsOfOne = 3
	ofCountry      = 0.02
	ofDivision     = 0.03
	ofDistrict     = 0.25
	inCapital      = 0.2
	capital        = "3026"
	atOnce         = 100
)

// maker makes up one directory; the same for the same size.
type maker struct {
	r     *rand.Rand
	at    time.Time
	n     int
	today dates.Partial
	// upazilas are weighted by standing as often as they have places.
	upazilas []geo.Place
	capital  []geo.Place
}

func newMaker(today dates.Partial) *maker {
	m := &maker{r: rand.New(rand.NewPCG(1, 2)), at: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), today: today}
	for _, division := range geo.Children("") {
		for _, district := range geo.Children(division.Code) {
			m.upazilas = append(m.upazilas, geo.Children(district.Code)...)
		}
	}
	m.capital = geo.Children(capital)
	return m
}

func (m *maker) id() string {
	m.n++
	return ids.Nth(m.at.Add(time.Duration(m.n/1000)*time.Millisecond), m.n%1000)
}

func (m *maker) place() geo.Place {
	if m.r.Float64() < inCapital {
		return m.capital[m.r.IntN(len(m.capital))]
	}
	return m.upazilas[m.r.IntN(len(m.upazilas))]
}

// Fill writes a directory of so many services through the acts of the program.
func Fill(ctx context.Context, d *db.DB, services int, say func(done, total int)) error {
	who := access.System(access.ManageDirectory, access.ReadDirectory)
	m := newMaker(dates.Of(d.Now()))
	var held []listing.Arriving
	send := func() error {
		if len(held) == 0 {
			return nil
		}
		some := held
		held = nil
		return d.Write(ctx, func(tx *db.Tx) error {
			_, err := directory.Import(ctx, tx, who, listing.Arrival{Entries: some})
			return err
		})
	}
	for done := 0; done < services; {
		o := m.organisation()
		places := []listing.Arriving{}
		for range locationsOfOne {
			places = append(places, m.location(o))
		}
		held = append(append(held, o), places...)
		for range servicesOfOne {
			held = append(held, m.service(o, places))
			done++
		}
		if len(held) >= atOnce {
			if err := send(); err != nil {
				return fmt.Errorf("fill the directory: %w", err)
			}
			say(done, services)
		}
	}
	return send()
}

func (m *maker) organisation() listing.Arriving {
	place := m.place()
	first := m.one("Shapla", "Nodi", "Alor", "Setu", "Asha", "Prottasha", "Uttoron", "Shondhi")
	name := listing.Text{En: fmt.Sprintf("%s of %s %d (made up)", first, place.NameEn, m.n), Bn: fmt.Sprintf("%s সহায়তা সংস্থা %d (বানানো)", place.NameBn, m.n)}
	return m.arriving(listing.Body{Organisation: &listing.Organisation{Name: name, Sector: listing.Sectors()[m.r.IntN(len(listing.Sectors()))], Phones: m.phones()}})
}

func (m *maker) location(of listing.Arriving) listing.Arriving {
	place := m.place()
	l := &listing.Location{Organisation: of.ID, Kind: "physical", Place: place.Code, Name: listing.Text{En: "Office at " + place.NameEn, Bn: place.NameBn + " কার্যালয়"},
		Address: listing.Text{En: fmt.Sprintf("Road %d", m.r.IntN(90)+1)}, Hours: m.hours()}
	if at, known := geo.Centre(place.Code); known && m.r.Float64() < 0.3 {
		lat, lon := at.Lat+(m.r.Float64()-0.5)/10, at.Lon+(m.r.Float64()-0.5)/10
		l.Latitude, l.Longitude = &lat, &lon
	}
	return m.arriving(listing.Body{Location: l})
}

func (m *maker) service(of listing.Arriving, places []listing.Arriving) listing.Arriving {
	needs := listing.Needs()
	main := needs[m.r.IntN(len(needs))]
	s := &listing.Service{Organisation: of.ID, State: listing.Active, Needs: []string{main.Code}, Name: listing.Text{En: fmt.Sprintf("%s %d (made up)", main.En, m.n), Bn: fmt.Sprintf("%s %d (বানানো)", main.Bn, m.n)},
		About:  listing.Text{En: "Somebody listens, explains what is possible and goes along to the office where that is needed.", Bn: "কথা শোনা হয়, কী করা যায় বুঝিয়ে বলা হয়, দরকার হলে সঙ্গে যাওয়া হয়।"},
		How:    listing.Text{En: "Come in the morning or call before.", Bn: "সকালে আসুন অথবা আগে ফোন করুন।"},
		Phones: m.phones(), Hours: m.hours(), Languages: []listing.Language{{Code: "bn"}}, Staff: m.one("", "", "women", "men", "both"), Papers: []listing.Paper{{Code: "nid"}, {Code: "passport"}}}
	for range m.r.IntN(3) {
		s.Needs = append(s.Needs, needs[m.r.IntN(len(needs))].Code)
	}
	if m.r.Float64() < 0.1 {
		s.For.Sex = m.one("female", "male")
	}
	if m.r.Float64() < 0.1 {
		s.For.MinAge = 18
	}
	if free := m.r.IntN(20); m.r.Float64() < 0.4 {
		s.Capacity = &listing.Capacity{Free: &free, On: m.today.Add(-m.r.IntN(60))}
	}
	m.reach(s, places)
	return m.arriving(listing.Body{Service: s})
}

// reach says for whom a service is and where it is offered.
func (m *maker) reach(s *listing.Service, places []listing.Arriving) {
	at := []listing.Arriving{places[m.r.IntN(len(places))]}
	code := at[0].Body.Location.Place
	switch p := m.r.Float64(); {
	case p < ofCountry:
		s.Areas, at = []string{listing.Country}, places
		if p < ofCountry/2 {
			at = nil
		}
	case p < ofCountry+ofDivision:
		s.Areas, at = []string{code[:2]}, places
	case p < ofCountry+ofDivision+ofDistrict:
		s.Areas = []string{code[:4]}
	default:
		s.Areas = []string{code}
	}
	if s.Sheltered() {
		at = nil
	}
	for _, l := range at {
		s.At = append(s.At, listing.Offer{Location: l.ID})
	}
}

// arriving gives an entry its id, and says when it was confirmed: of ten three never, the others within the last year.
func (m *maker) arriving(b listing.Body) listing.Arriving {
	in := listing.Arriving{ID: m.id(), Body: b}
	if m.r.Float64() > 0.3 {
		in.Confirmed = m.today.Add(-m.r.IntN(365))
	}
	return in
}

func (m *maker) phones() []listing.Phone {
	return []listing.Phone{{Number: fmt.Sprintf("0170000%04d", m.r.IntN(10000))}}
}

func (m *maker) hours() listing.Hours {
	return listing.Hours{Weekly: []listing.Span{{Days: []string{"SU", "MO", "TU", "WE", "TH"}, Opens: "09:00", Closes: "17:00"}}}
}

func (m *maker) one(of ...string) string { return of[m.r.IntN(len(of))] }
