// SPDX-License-Identifier: Apache-2.0

package sources

import (
	"context"
	"strings"

	"fera/internal/db"
)

// activities counts what was done among people, how many households that were and how many people were there. Who was there is
// counted as the activity counts, by sex and age; one who came twice counts twice. Disability is left out: a tally of one
// activity is no total.
func activities() Source {
	return Source{Of: "activity", Measures: []Measure{
		{Code: "activity", Kinds: "activity", Unit: "activity"},
		{Code: "households", Kinds: "activity", Unit: "household"},
		{Code: "reached", Kinds: "activity", Unit: "reached"},
	}, Events: activityEvents, Next: func(ctx context.Context, q db.Reader, after string, most int) ([]string, error) {
		rows, err := q.Query(ctx, `SELECT id FROM activities WHERE id > ? ORDER BY id LIMIT ?`, after, most)
		return db.Collect(rows, err, func(r interface{ Scan(...any) error }) (id string, err error) {
			err = r.Scan(&id)
			return id, err
		})
	}}
}

func activityEvents(ctx context.Context, q db.Reader, of []string) (all []Event, err error) {
	type row struct {
		Event
		events, households int64
	}
	rows, err := q.Query(ctx, `SELECT id, kind, organisation_id, place, from_on, events, households FROM activities WHERE undone = FALSE AND id IN `+db.In(len(of))+` ORDER BY id`, anyOf(of)...)
	found, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v row, err error) {
		err = r.Scan(&v.Subject, &v.Kind, &v.Org, &v.Place, &v.On, &v.events, &v.households)
		v.Record = "activity:" + v.Subject
		return v, err
	})
	if err != nil {
		return nil, err
	}
	by := map[string]Event{}
	for _, v := range found {
		e := v.Event
		by[e.Subject] = e
		if e.Measure, e.Events = "activity", v.events; e.Events > 0 {
			all = append(all, e)
		}
		if e.Measure, e.Events = "households", v.households; e.Events > 0 {
			all = append(all, e)
		}
	}
	type cell struct {
		of, sex, age string
		people       int64
	}
	rows, err = q.Query(ctx, `SELECT activity_id, sex, age, sum(people) FROM activity_cells WHERE activity_id IN `+db.In(len(of))+` GROUP BY activity_id, sex, age ORDER BY activity_id, sex, age`, anyOf(of)...)
	cells, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (c cell, err error) {
		err = r.Scan(&c.of, &c.sex, &c.age, &c.people)
		return c, err
	})
	for _, c := range cells {
		e, there := by[c.of]
		if !there || c.people == 0 {
			continue
		}
		e.Measure, e.Sex, e.Age, e.Events = "reached", known(c.sex), strings.ReplaceAll(strings.ReplaceAll(known(c.age), "_up", "+"), "_", "-"), c.people
		all = append(all, e)
	}
	return all, err
}

// known is a value, and nothing where the activity says that it is not known.
func known(value string) string {
	if value == "unknown" {
		return ""
	}
	return value
}
