// SPDX-License-Identifier: Apache-2.0

package services

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
)

// When is the moment at which a service stands in what happened: when it was logged, or the end of the day on which it
// was given when it was logged later.
func (s Service) When() time.Time { return when(s.On, s.At) }

func when(on dates.Partial, at time.Time) time.Time {
	end := on.End().Add(-time.Millisecond)
	if at.Before(end) {
		return at
	}
	return end
}

// Course returns the services of class 2 of a case that who may see, by When, the latest first.
func Course(ctx context.Context, q db.Reader, who access.Actor, of cases.ID, back cases.Back) ([]Service, error) {
	if _, err := cases.Find(ctx, q, who, of); err != nil {
		return nil, err
	}
	return course(ctx, q, of, false, back)
}

// LookCourse returns those of class 3, to who sees what is protected about the person. The look is in the trail.
func LookCourse(ctx context.Context, tx *db.Tx, who access.Actor, of cases.ID, back cases.Back) ([]Service, error) {
	c, err := cases.Find(ctx, tx, who, of)
	if err != nil {
		return nil, err
	}
	ok, _, err := access.SeesProtected(ctx, tx, who, string(c.Person))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fault.New(fault.Forbidden, "person.protected_not_allowed")
	}
	all, err := course(ctx, tx, of, true, back)
	if err != nil {
		return nil, err
	}
	tx.Allowed()
	return all, audit.Record(ctx, tx, who, access.ReadProtected, audit.Entry{Subject: "case:" + string(of), Person: string(c.Person), Named: []string{"service"}})
}

// course finds which services come next by their days alone, and opens only those.
func course(ctx context.Context, q db.Reader, of cases.ID, protected bool, back cases.Back) ([]Service, error) {
	type place struct {
		id string
		at time.Time
	}
	rows, err := q.Query(ctx, `SELECT s.id, s.given_on, s.at FROM services s WHERE s.case_id = ? AND s.protected = ?`, string(of), protected)
	places, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (p place, err error) {
		var on dates.Partial
		err = r.Scan(&p.id, &on, db.Time(&p.at))
		p.at = when(on, p.at)
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("course of services: %w", err)
	}
	places = slices.DeleteFunc(places, func(p place) bool { return !back.Before(p.at, p.id) })
	slices.SortFunc(places, func(a, b place) int { return cmp.Or(b.at.Compare(a.at), cmp.Compare(b.id, a.id)) })
	_, limit := back.Part().Range()
	places = places[:min(len(places), limit)]
	if len(places) == 0 {
		return nil, nil
	}
	in := make([]any, len(places))
	for i, p := range places {
		in[i] = p.id
	}
	rows, err = q.Query(ctx, `SELECT `+columns+` FROM services s WHERE s.id IN `+db.In(len(in)), in...)
	all, err := db.Collect(rows, err, scan)
	for i := range all {
		if err := all[i].open(ctx, q); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, func(a, b Service) int { return cmp.Or(b.When().Compare(a.When()), cmp.Compare(b.ID, a.ID)) })
	return all, err
}
