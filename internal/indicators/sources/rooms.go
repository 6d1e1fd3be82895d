// SPDX-License-Identifier: Apache-2.0

package sources

import (
	"context"
	"time"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	register "fera/internal/persons"
	given "fera/internal/services"
)

// persons counts who was registered, who returned and why, and what happened to them.
func persons() Source {
	return Source{Of: OfPersons, Measures: []Measure{
		{Code: "registered", Unit: "registration"},
		{Code: "return", Unit: "return"},
		{Code: "return_reason", Kinds: "reason", Unit: "mention"},
		{Code: "happened", Kinds: "happening", Unit: "mention", Class: 3},
		{Code: "recruitment", Unit: "journey", Amount: "taka"},
	}, Events: func(ctx context.Context, q db.Reader, of []string) (all []Event, err error) {
		ids := make([]register.ID, len(of))
		for i, id := range of {
			ids[i] = register.ID(id)
		}
		found, err := register.CountedOf(ctx, q, ids)
		for _, c := range found {
			all = append(all, registered(c)...)
		}
		return all, err
	}}
}

func registered(c register.Counted) []Event {
	id := string(c.ID)
	all := []Event{{Measure: "registered", Person: id, Record: "person:" + id, On: dates.Of(c.At), Events: 1}}
	for _, j := range c.Journeys {
		if j.Cost > 0 {
			all = append(all, Event{Measure: "recruitment", Person: id, Record: "person:" + id, On: j.Departed, Country: j.Country, Reason: reason(j), Events: 1, Amount: j.Cost})
		}
		if !cameBack(j) {
			continue
		}
		e := Event{Measure: "return", Person: id, Record: "person:" + id, On: j.Returned, Country: j.Country, Reason: reason(j), Events: 1}
		all = append(all, e)
		for _, r := range j.Reasons {
			e.Measure, e.Kind = "return_reason", r
			all = append(all, e)
		}
		if j.Circumstances == nil {
			continue
		}
		for _, h := range j.Circumstances.Happened {
			e.Measure, e.Kind, e.Hidden = "happened", h, true
			all = append(all, e)
		}
	}
	return all
}

// cameBack tells whether a journey is over: somebody said when, where or why she returned.
func cameBack(j register.Journey) bool {
	return !j.Returned.IsZero() || j.Port != "" || len(j.Reasons) > 0
}

// reason is the one reason of a return, or that there were several.
func reason(j register.Journey) string {
	switch len(j.Reasons) {
	case 0:
		return ""
	case 1:
		return j.Reasons[0]
	}
	return "several"
}

// LastReturn is the journey by which somebody is known when she is counted: the latest that is over.
func LastReturn(all []register.Journey) (country, why string) {
	latest := ""
	for _, j := range all {
		if on := j.Returned.String(); cameBack(j) && on >= latest {
			latest, country, why = on, j.Country, reason(j)
		}
	}
	return country, why
}

// cases counts what was opened and closed, and what is open.
func cases() Source {
	type row struct {
		id, person, org, closure string
		opened, closed, ended    time.Time
	}
	return Source{Of: OfPersons, Measures: []Measure{
		{Code: "case_opened", Unit: "case"},
		{Code: "case_closed", Kinds: "closure", Unit: "case"},
		{Code: "case_live", Unit: "case", Stock: true},
	}, Events: func(ctx context.Context, q db.Reader, of []string) (all []Event, err error) {
		rows, err := q.Query(ctx, `SELECT id, person_id, organisation_id, closure, opened_at, closed_at, ended_at FROM cases WHERE person_id IN `+db.In(len(of))+` ORDER BY id`, anyOf(of)...)
		found, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v row, err error) {
			err = r.Scan(&v.id, &v.person, &v.org, &v.closure, db.Time(&v.opened), db.NullTime(&v.closed), db.NullTime(&v.ended))
			return v, err
		})
		for _, c := range found {
			e := Event{Measure: "case_opened", Person: c.person, Record: "case:" + c.id, Org: c.org, On: dates.Of(c.opened), Events: 1}
			all = append(all, e)
			e.Measure = "case_live"
			all = append(all, e)
			if !c.ended.IsZero() {
				e.On, e.Events = dates.Of(c.ended), -1
				all = append(all, e)
			}
			if !c.closed.IsZero() {
				e.Measure, e.Kind, e.On, e.Events = "case_closed", c.closure, dates.Of(c.closed), 1
				all = append(all, e)
			}
		}
		return all, err
	}}
}

// services counts what was given, by kind and by category, and the money that was paid.
func services() Source {
	return Source{Of: OfPersons, Measures: []Measure{
		{Code: "service", Kinds: "service", Unit: "service", Amount: "poisha", Mixed: true},
		{Code: "help", Kinds: "help", Unit: "service", Amount: "poisha", Mixed: true},
		{Code: "units", Kinds: "service", Unit: "unit", Mixed: true},
	}, Events: func(ctx context.Context, q db.Reader, of []string) (all []Event, err error) {
		found, err := given.CountedOf(ctx, q, of)
		if err != nil || len(found) == 0 {
			return nil, err
		}
		category, err := categories(ctx, q, found)
		if err != nil {
			return nil, err
		}
		orgs, err := caseOrgs(ctx, q, of)
		for _, s := range found {
			e := Event{Measure: "service", Kind: s.Code, Hidden: s.Protected, Person: string(s.Person), Record: "service:" + string(s.ID), Org: orgs[string(s.Case)], On: s.On, Events: 1, Amount: s.Amount}
			all = append(all, e)
			e.Measure, e.Kind = "help", category[on(s)]
			all = append(all, e)
			e.Measure, e.Kind, e.Events, e.Amount = "units", s.Code, int64(s.Quantity), 0
			all = append(all, e)
		}
		return all, err
	}}
}

// on is a kind as it was on the day of a service.
func on(s given.Service) [2]string { return [2]string{s.Code, s.On.String()} }

// categories are those of the kinds of services, as they were when these were given.
func categories(ctx context.Context, q db.Reader, of []given.Service) (map[[2]string]string, error) {
	by := map[[2]string]string{}
	for _, s := range of {
		if _, known := by[on(s)]; known || s.Code == "" {
			continue
		}
		k, err := given.FindKind(ctx, q, s.Code, s.On)
		if err != nil && fault.KindOf(err) != fault.Invalid {
			return nil, err
		}
		by[on(s)] = k.Category
	}
	return by, nil
}

// caseOrgs are the organisations of the cases of records.
func caseOrgs(ctx context.Context, q db.Reader, of []string) (map[string]string, error) {
	rows, err := q.Query(ctx, `SELECT id, organisation_id FROM cases WHERE person_id IN `+db.In(len(of)), anyOf(of)...)
	found, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v [2]string, err error) {
		err = r.Scan(&v[0], &v[1])
		return v, err
	})
	by := map[string]string{}
	for _, pair := range found {
		by[pair[0]] = pair[1]
	}
	return by, err
}
