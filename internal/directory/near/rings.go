// SPDX-License-Identifier: Apache-2.0

// Package near finds ways to services by need and place, the nearest first. It knows of each way where it is and whom it is for,
// and nothing of what an entry of the directory says.
//
// What is near is found without reading what is far. The places around somebody are gone through as rings: her upazila, her
// district, what is offered at no place, her division, the country. A ring in which there is more than can be ranked at once is gone
// through place by place, the nearest first, and what lies behind enough is not read at all.
package near

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/geo"
)

// most bounds what is ranked at once.
func (w Wanted) most() int { return cmp.Or(w.AtOnce, 400) }

// Hit is a way to a service that fits what was wanted.
type Hit struct {
	Service, Offer, Location string
	Near                     Nearness
	Km                       float64       // to the middle of where she lives; -1 when it cannot be said
	Due                      dates.Partial // until when the service is confirmed

	place    string
	lat, lon *int
}

// ring is what lies around a place and not within another: places from one code to before another.
type ring struct {
	from, to string
	without  [2]string
	parts    func() []ring // the places in it, the nearest first; nil when it is one place
}

// within is the ring of a place and all in it.
func within(home geo.Point, code string) ring {
	r := ring{from: code, to: code + "~"}
	if len(code) < 6 {
		r.parts = func() []ring { return nearestFirst(home, code, geo.Children(code)) }
	}
	return r
}

// rings are around a place, the nearest first.
func rings(place string) (all []ring) {
	home, _ := geo.Centre(place)
	inner := [2]string{}
	add := func(r ring) {
		r.without = inner
		all = append(all, r)
		inner = [2]string{r.from, r.to}
	}
	if len(place) >= 6 {
		add(within(home, place[:6]))
	}
	if len(place) >= 4 {
		add(within(home, place[:4]))
	}
	all = append(all, ring{from: "", to: " "}) // what is offered at no place
	add(within(home, place[:2]))
	add(ring{from: nowhere, to: "~", parts: func() (all []ring) {
		var districts []geo.Place
		for _, division := range geo.Children("") {
			districts = append(districts, geo.Children(division.Code)...)
			all = append(all, ring{from: division.Code, to: division.Code + "0"}) // somewhere in it, nobody knows where
		}
		return append(append(nearestFirst(home, "", districts), all...), ring{from: nowhere, to: "0"})
	}})
	return all
}

// nearestFirst are the rings of places and of what lies in the place around them and in none of them, in order of how far their
// middles are.
func nearestFirst(home geo.Point, around string, places []geo.Place) []ring {
	type one struct {
		ring
		far float64
	}
	var all []one
	add := func(r ring, code string) {
		far := math.Inf(1)
		if there, known := geo.Centre(code); known {
			far = geo.Km(home, there)
		}
		all = append(all, one{r, far})
	}
	if around != "" {
		add(ring{from: around, to: around + "0"}, around)
	}
	for _, p := range places {
		add(within(home, p.Code), p.Code)
	}
	slices.SortStableFunc(all, func(a, b one) int { return cmp.Compare(a.far, b.far) })
	sorted := make([]ring, len(all))
	for i, o := range all {
		sorted[i] = o.ring
	}
	return sorted
}

// Find finds enough of what is nearest: as many ways as are wanted if there are so many, and some more, of each ring all or those
// that were confirmed last. Who calls it ranks them.
func Find(ctx context.Context, q db.Reader, w Wanted) ([]Hit, error) {
	if _, known := geo.Find(w.Place); !known {
		w.Place = ""
	}
	hits, err := w.hits(ctx, q)
	for i := range hits {
		hits[i].Near, hits[i].Km = w.near(hits[i]), w.far(hits[i])
	}
	return hits, err
}

// hits reads enough of what is nearest.
func (w Wanted) hits(ctx context.Context, q db.Reader) (found []Hit, err error) {
	if w.Country {
		return w.country(ctx, q)
	}
	if w.Place == "" {
		return w.anywhere(ctx, q)
	}
	seen := map[string]bool{}
	take := func(some []Hit) {
		for _, h := range some {
			if !seen[h.Offer] {
				seen[h.Offer] = true
				found = append(found, h)
			}
		}
	}
	for _, r := range rings(w.Place) {
		some, err := w.read(ctx, q, r, false)
		if err != nil {
			return nil, err
		}
		if len(some) < w.most() {
			take(some)
		} else if err := w.walk(ctx, q, r, take, func() bool { return len(found) >= w.Limit }); err != nil {
			return nil, err
		}
		if len(found) >= w.Limit {
			break
		}
	}
	return found, nil
}

// walk reads a ring in which there is much, place by place, until that is enough.
func (w Wanted) walk(ctx context.Context, q db.Reader, r ring, take func([]Hit), enough func() bool) error {
	if r.parts == nil {
		some, err := w.read(ctx, q, r, true)
		take(some)
		return err
	}
	for _, part := range r.parts() {
		if part.without = r.without; r.without[1] != "" && part.from >= r.without[0] && part.to <= r.without[1] {
			continue
		}
		some, err := w.read(ctx, q, part, false)
		if err != nil {
			return err
		}
		if len(some) < w.most() {
			take(some)
		} else if err := w.walk(ctx, q, part, take, enough); err != nil {
			return err
		}
		if enough() {
			break
		}
	}
	return nil
}

const hitColumns = `service_id, offer_id, location, place, due_on, lat, lon`

func scanHit(row interface{ Scan(...any) error }) (h Hit, err error) {
	err = row.Scan(&h.Service, &h.Offer, &h.Location, &h.place, &h.Due, &h.lat, &h.lon)
	return h, err
}

// read reads what is in a ring: as it comes, or what was confirmed latest first, which takes longer.
func (w Wanted) read(ctx context.Context, q db.Reader, r ring, latest bool) ([]Hit, error) {
	areas := AreasOf(w.Place)
	where, args := w.where(dates.Of(q.Now()))
	text := `SELECT ` + hitColumns + ` FROM directory_ways WHERE need = ? AND area IN ` + db.In(len(areas)) + ` AND place >= ? AND place < ?`
	all := []any{w.need()}
	for _, a := range areas {
		all = append(all, a)
	}
	all = append(all, r.from, r.to)
	if r.without[1] != "" {
		text += ` AND (place < ? OR place >= ?)`
		all = append(all, r.without[0], r.without[1])
	}
	text += where
	if latest {
		text += ` ORDER BY due_on DESC, offer_id DESC`
	}
	rows, err := q.Query(ctx, text+` LIMIT ?`, append(append(all, args...), w.most())...)
	return db.Collect(rows, err, scanHit)
}

// country reads what is for everybody and offered at no place.
func (w Wanted) country(ctx context.Context, q db.Reader) ([]Hit, error) {
	where, args := w.where(dates.Of(q.Now()))
	rows, err := q.Query(ctx, `SELECT `+hitColumns+` FROM directory_ways WHERE need = ? AND area = ? AND place = ''`+where+` LIMIT ?`, append(append([]any{w.need(), listing.Country}, args...), w.most())...)
	return db.Collect(rows, err, scanHit)
}

// anywhere reads for somebody who said no place: what is offered at none, and else what was confirmed latest.
func (w Wanted) anywhere(ctx context.Context, q db.Reader) (found []Hit, err error) {
	where, args := w.where(dates.Of(q.Now()))
	for _, part := range []struct{ where, order string }{{` AND place = ''`, ``}, {` AND place <> ''`, ` ORDER BY due_on DESC, offer_id DESC`}} {
		rows, err := q.Query(ctx, `SELECT `+hitColumns+` FROM directory_ways WHERE need = ? AND area = '*'`+part.where+where+part.order+` LIMIT ?`, append(append([]any{w.need()}, args...), w.most())...)
		some, err := db.Collect(rows, err, scanHit)
		if err != nil {
			return nil, err
		}
		if found = append(found, some...); len(found) >= w.most() {
			break
		}
	}
	return found, nil
}

func (w Wanted) need() string { return cmp.Or(w.Need, Anything) }

// where holds whom a service is for against who she is.
func (w Wanted) where(today dates.Partial) (where string, args []any) {
	if w.Sex != "" {
		where, args = where+` AND sex IN ('', ?)`, append(args, w.Sex)
	}
	if w.Age > 0 {
		where, args = where+` AND min_age <= ? AND max_age >= ?`, append(args, w.Age, w.Age)
	}
	if w.Women {
		where += ` AND staff IN ('women', 'both')`
	}
	if w.Free {
		where += ` AND free <> 0`
	}
	if !w.Returned.IsZero() {
		where, args = where+` AND (months = 0 OR months >= ?)`, append(args, months(w.Returned.Latest(), today))
	}
	return where, args
}

// months counts full months between two days.
func months(from, to dates.Partial) int {
	n := (to.Year-from.Year)*12 + to.Month - from.Month
	if to.Day < from.Day {
		n--
	}
	return max(n, 0)
}

// near tells how near a way is to where she lives.
func (w Wanted) near(h Hit) Nearness {
	same := func(n int) bool { return len(w.Place) >= n && strings.HasPrefix(h.place, w.Place[:n]) }
	switch {
	case h.place == "":
		return ByPhone
	case w.Place == "" || h.place == nowhere:
		return Elsewhere
	case same(6):
		return InUpazila
	case same(4):
		return InDistrict
	case same(2):
		return InDivision
	}
	return Elsewhere
}

// far tells how far a way is from the middle of where she lives, in km.
func (w Wanted) far(h Hit) float64 {
	home, known := geo.Centre(w.Place)
	if !known || h.place == "" {
		return -1
	}
	there, known := geo.Centre(h.place)
	if h.lat != nil && h.lon != nil {
		there, known = geo.Point{Lat: float64(*h.lat) / fine, Lon: float64(*h.lon) / fine}, true
	}
	if !known {
		return -1
	}
	return geo.Km(home, there)
}
