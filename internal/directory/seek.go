// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/geo"
)

// Wanted is what somebody looks for. What is empty is not asked.
type Wanted struct {
	Need     string
	Place    string        // where she lives
	Sex      string        // female or male: services for the other sex are left out
	Age      int           // 0: not known
	Returned dates.Partial // her return, as far as it is known
	Women    bool          // women work there
	Free     bool          // not where it was said that no place is free
	Papers   []string      // the codes of those she has; nil when nobody asked
	Limit    int           // 20 when 0
}

// Match is a service at a place that fits what was wanted.
type Match struct {
	Service      Entry
	Organisation Entry
	Location     *Entry // nil for one that is offered at no place, such as a helpline
	Offer        *listing.Offer
	Near         Nearness
	Km           float64         // to the middle of where she lives; -1 when it cannot be said
	Missing      []listing.Paper // those that she has not got, of those with a code
}

// Nearness says how near a place is by the units of administration.
type Nearness string

// How near a service is.
const (
	InUpazila  Nearness = "upazila" // in her upazila, thana or union
	InDistrict Nearness = "district"
	ByPhone    Nearness = "phone" // it is offered at no place
	InDivision Nearness = "division"
	Elsewhere  Nearness = "elsewhere"
)

// nearnesses are in order.
func nearnesses() []Nearness {
	return []Nearness{InUpazila, InDistrict, ByPhone, InDivision, Elsewhere}
}

// Capacity is what holds here: what was said of this place, or else of the whole service.
func (m Match) Capacity() *listing.Capacity {
	if m.Offer != nil && m.Offer.Capacity != nil {
		return m.Offer.Capacity
	}
	return m.Service.Service.Capacity
}

// Phones are the numbers to call, those of this place first.
func (m Match) Phones() (all []listing.Phone) {
	if m.Offer != nil {
		all = append(all, m.Offer.Phones...)
	}
	if m.Location != nil {
		all = append(all, m.Location.Location.Phones...)
	}
	all = append(all, m.Service.Service.Phones...)
	if len(all) == 0 {
		all = append(all, m.Organisation.Organisation.Phones...)
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(p listing.Phone) bool {
		again := seen[p.Dial()]
		seen[p.Dial()] = true
		return again
	})
}

// Hours are those of this offer, or else of the location, or else of the service.
func (m Match) Hours() listing.Hours {
	if m.Offer != nil && m.Offer.Hours.Known() {
		return m.Offer.Hours
	}
	if m.Location != nil && m.Location.Location.Hours.Known() {
		return m.Location.Location.Hours
	}
	return m.Service.Service.Hours
}

// Seek finds services for a need and a place, the nearest first. It is open to the public: it reads class 1 alone.
func Seek(ctx context.Context, q db.Reader, w Wanted) ([]Match, error) {
	if w.Limit <= 0 || w.Limit > 200 {
		w.Limit = 20
	}
	rows, err := q.Query(ctx, w.query(), w.args(today(q))...)
	hits, err := db.Collect(rows, err, func(row interface{ Scan(...any) error }) (h hit, err error) {
		err = row.Scan(&h.service, &h.offer, &h.location, new(int))
		return h, err
	})
	if err != nil {
		return nil, fmt.Errorf("seek services: %w", err)
	}
	found, err := fill(ctx, q, hits)
	if err != nil {
		return nil, err
	}
	now := today(q)
	for i := range found {
		m := &found[i]
		m.Near, m.Km = w.near(m.Location)
		if w.Papers != nil {
			m.Missing = slices.DeleteFunc(slices.Clone(m.Service.Service.Papers), func(p listing.Paper) bool { return p.Code == "" || slices.Contains(w.Papers, p.Code) })
		}
	}
	slices.SortStableFunc(found, func(a, b Match) int {
		return cmp.Or(cmp.Compare(slices.Index(nearnesses(), a.Near), slices.Index(nearnesses(), b.Near)),
			cmp.Compare(a.Km, b.Km), cmp.Compare(age(a, now), age(b, now)), cmp.Compare(sortKey(a.Service.Name()), sortKey(b.Service.Name())))
	})
	return found[:min(len(found), w.Limit)], nil
}

type hit struct{ service, offer, location string }

// age puts what was confirmed before what should be again, and that before what never was.
func age(m Match, today dates.Partial) int {
	f, _ := m.Service.Freshness(today)
	return slices.Index([]Freshness{Fresh, Stale, Unconfirmed}, f)
}

// mostHits bounds what is ranked: those nearest by their codes are read first.
const mostHits = 400

// query looks under one need and the areas around a place; the rows nearest to it come first.
func (w Wanted) query() string {
	where := `need = ? AND area IN ` + db.In(len(w.areas()))
	if w.Sex != "" {
		where += ` AND sex IN ('', ?)`
	}
	if w.Age > 0 {
		where += ` AND min_age <= ? AND max_age >= ?`
	}
	if w.Women {
		where += ` AND staff IN ('women', 'both')`
	}
	if w.Free {
		where += ` AND free <> 0`
	}
	if !w.Returned.IsZero() {
		where += ` AND (months = 0 OR months >= ?)`
	}
	if w.Place == "" {
		return `SELECT service_id, offer_id, location, 0 FROM directory_reach WHERE ` + where + ` ORDER BY offer_id LIMIT ?`
	}
	return `SELECT DISTINCT service_id, offer_id, location, CASE WHEN substr(place, 1, 6) = ? THEN 0 WHEN substr(place, 1, 4) = ? THEN 1 WHEN place = '' THEN 2 WHEN substr(place, 1, 2) = ? THEN 3 ELSE 4 END AS far
		FROM directory_reach WHERE ` + where + ` ORDER BY far, offer_id LIMIT ?`
}

func (w Wanted) areas() []string {
	if w.Place == "" {
		return []string{anything}
	}
	return areasOf(w.Place)
}

func (w Wanted) args(today dates.Partial) []any {
	need := w.Need
	if need == "" {
		need = anything
	}
	var args []any
	if w.Place != "" {
		args = []any{prefix(w.Place, 6), prefix(w.Place, 4), prefix(w.Place, 2)}
	}
	args = append(args, need)
	for _, a := range w.areas() {
		args = append(args, a)
	}
	if w.Sex != "" {
		args = append(args, w.Sex)
	}
	if w.Age > 0 {
		args = append(args, w.Age, w.Age)
	}
	if !w.Returned.IsZero() {
		args = append(args, months(w.Returned.Latest(), today))
	}
	return append(args, mostHits)
}

// prefix is the code of the unit of a rank around a place; what no place begins with if it is not in one.
func prefix(place string, n int) string {
	if len(place) < n {
		return "-"
	}
	return place[:n]
}

// months counts full months between two days.
func months(from, to dates.Partial) int {
	n := (to.Year-from.Year)*12 + to.Month - from.Month
	if to.Day < from.Day {
		n--
	}
	return max(n, 0)
}

// near tells how near a location is to where she lives.
func (w Wanted) near(l *Entry) (Nearness, float64) {
	if l == nil || l.Location.Kind == "virtual" {
		return ByPhone, -1
	}
	place, rank := l.Location.Place, Elsewhere
	switch {
	case w.Place == "" || place == "":
	case len(w.Place) >= 6 && prefix(place, 6) == prefix(w.Place, 6):
		rank = InUpazila
	case len(w.Place) >= 4 && prefix(place, 4) == prefix(w.Place, 4):
		rank = InDistrict
	case prefix(place, 2) == prefix(w.Place, 2):
		rank = InDivision
	}
	home, known := geo.Centre(w.Place)
	if !known {
		return rank, -1
	}
	there, known := geo.Centre(place)
	if lat, lon, said := l.Location.Point(); said {
		there, known = geo.Point{Lat: lat, Lon: lon}, true
	}
	if !known {
		return rank, -1
	}
	return rank, geo.Km(home, there)
}

// fill reads what was found.
func fill(ctx context.Context, q db.Reader, hits []hit) (found []Match, err error) {
	var wanted []string
	for _, h := range hits {
		if wanted = append(wanted, h.service); h.location != "" {
			wanted = append(wanted, h.location)
		}
	}
	there, err := Several(ctx, q, wanted)
	if err != nil {
		return nil, err
	}
	var owners []string
	for _, h := range hits {
		owners = append(owners, there[h.service].Owner)
	}
	bodies, err := Several(ctx, q, owners)
	if err != nil {
		return nil, err
	}
	for _, h := range hits {
		s := there[h.service]
		m := Match{Service: s, Organisation: bodies[s.Owner], Km: -1}
		if h.location != "" {
			l := there[h.location]
			m.Location = &l
			i := slices.IndexFunc(s.Service.At, func(o listing.Offer) bool { return o.ID == h.offer })
			m.Offer = &s.Service.At[i]
		}
		found = append(found, m)
	}
	return found, nil
}
