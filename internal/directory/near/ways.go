// SPDX-License-Identifier: Apache-2.0

package near

import (
	"context"
	"slices"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/geo"
)

// Anything stands, in what services are found by, for every need and every area.
const Anything = "*"

// nowhere stands for a place that nobody knows, of a location that is one.
const nowhere = "-"

// fine is how many parts of a degree are counted.
const fine = 100_000

// Way is one way to a service: at a location, or at none.
type Way struct {
	Offer    string
	At       string            // the location
	Location *listing.Location // nil for a way without a place
	Free     int               // how many more can be served; -1 when it is not known
}

// Service is what is found by its ways.
type Service struct {
	ID   string
	Says *listing.Service
	Due  dates.Partial // until when it is confirmed
	Ways []Way
}

func (w Way) place() (place string, lat, lon any) {
	if w.Location == nil || w.Location.Kind == "virtual" {
		return "", nil, nil
	}
	if place = w.Location.Place; place == "" {
		place = nowhere
	}
	if at, on, said := w.Location.Point(); said {
		return place, int(at * fine), int(on * fine)
	}
	return place, nil, nil
}

// Enter writes what a service is found by, in place of what was written before. One without ways is not found.
func Enter(ctx context.Context, tx *db.Tx, of Service) error {
	if _, err := tx.Exec(ctx, `DELETE FROM directory_ways WHERE service_id = ?`, of.ID); err != nil {
		return err
	}
	s := of.Says
	most := s.For.MaxAge
	if most == 0 {
		most = 999
	}
	var rows [][]any
	for _, w := range of.Ways {
		place, lat, lon := w.place()
		for _, need := range append(slices.Clone(s.Needs), Anything) {
			for _, area := range append(slices.Clone(s.Areas), Anything) {
				rows = append(rows, []any{need, area, place, w.Offer, of.ID, w.At, s.Staff, s.For.Sex, s.For.MinAge, most, s.For.Returns, w.Free, of.Due.String(), lat, lon})
			}
		}
	}
	for some := range slices.Chunk(rows, 50) {
		if _, err := tx.Exec(ctx, `INSERT INTO directory_ways (need, area, place, offer_id, service_id, location, staff, sex, min_age, max_age, months, free, due_on, lat, lon) VALUES `+db.Values(len(some), 15), slices.Concat(some...)...); err != nil {
			return err
		}
	}
	return nil
}

// Confirmed notes until when a service is confirmed.
func Confirmed(ctx context.Context, tx *db.Tx, service string, due dates.Partial) error {
	_, err := tx.Exec(ctx, `UPDATE directory_ways SET due_on = ? WHERE service_id = ?`, due.String(), service)
	return err
}

// EnterOffers writes at which locations a service is offered, whether or not they are there now.
func EnterOffers(ctx context.Context, tx *db.Tx, service string, s *listing.Service) error {
	if _, err := tx.Exec(ctx, `DELETE FROM directory_offers WHERE service_id = ?`, service); err != nil {
		return err
	}
	for some := range slices.Chunk(s.At, 200) {
		var args []any
		for _, o := range some {
			args = append(args, o.Location, service)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO directory_offers (location_id, service_id) VALUES `+db.Values(len(some), 2), args...); err != nil {
			return err
		}
	}
	return nil
}

// AreasOf returns the areas whose services are for somebody who lives at a place: those around it, and those within it, since she
// may live in any of them.
func AreasOf(place string) []string {
	all := []string{listing.Country}
	for _, p := range geo.Path(place) {
		all = append(all, p.Code)
	}
	for _, p := range geo.Children(place) {
		all = append(all, p.Code)
		for _, c := range geo.Children(p.Code) {
			all = append(all, c.Code)
		}
	}
	return all
}
