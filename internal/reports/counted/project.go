// SPDX-License-Identifier: Apache-2.0

package counted

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/indicators/facts"
	"fera/internal/indicators/sources"
	"fera/internal/persons"
	"fera/internal/projects"
	"fera/internal/reports/content"
)

// project is what counts for a project, read once for a report.
type project struct {
	projects.Project
	records  map[string]string // of the register, and which person each is of
	counts   map[string]bool   // what counts, as the trail names it: "case:<id>"
	people   map[string]person
	acts     []act
	gathered map[string][]sources.Event // by measure, as far as asked for
}

// person is what is known of somebody who counts, as far as figures need it.
type person struct {
	record, sex, home, country  string
	birth, returned, registered dates.Partial
	also                        []dates.Partial // when other records of hers were made
}

// act is an activity that counts.
type act struct {
	id, kind, place            string
	estimate                   bool
	on                         dates.Partial
	times, households, reached int64
	typed                      int64 // what was typed in; below zero for none
	cells                      []cell
}

type cell struct {
	sex, age string
	people   int64
}

// chunk is how many records are read at once.
const chunk = 400

// read reads which people, cases, services and activities count for a project.
func read(ctx context.Context, q db.Reader, p projects.Project) (*project, error) {
	of := &project{Project: p, records: map[string]string{}, counts: map[string]bool{}, people: map[string]person{}, gathered: map[string][]sources.Event{}}
	for subject, query := range map[projects.Subject]string{
		projects.Persons:  `SELECT s.id, COALESCE(t.person_id, s.id) FROM persons s LEFT JOIN ties t ON t.record_id = s.id WHERE `,
		projects.Cases:    `SELECT s.id, '' FROM cases s WHERE `,
		projects.Services: `SELECT s.id, '' FROM services s WHERE s.state IN ('given', 'paid') AND `,
	} {
		counting := projects.Counts(p.ID, subject, "s.id")
		rows, err := q.Query(ctx, query+counting.SQL, counting.Args...)
		found, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (v [2]string, err error) {
			err = r.Scan(&v[0], &v[1])
			return v, err
		})
		if err != nil {
			return nil, fmt.Errorf("count for report: %w", err)
		}
		for _, one := range found {
			of.counts[string(subject)+":"+one[0]] = true
			if subject == projects.Persons {
				of.records[one[0]] = one[1]
			}
		}
	}
	if err := of.readPeople(ctx, q); err != nil {
		return nil, fmt.Errorf("count for report: %w", err)
	}
	if err := of.readActs(ctx, q); err != nil {
		return nil, fmt.Errorf("count for report: %w", err)
	}
	return of, nil
}

func (of *project) ids() []string {
	var all []string
	for id := range of.records {
		all = append(all, id)
	}
	slices.Sort(all)
	return all
}

// readPeople reads who is counted. Several records of one person are one; what she is known by is from her own record, or else the first.
// Nothing that is sealed is opened for it.
func (of *project) readPeople(ctx context.Context, q db.Reader) error {
	for some := range slices.Chunk(of.ids(), chunk) {
		back, err := returns(ctx, q, some)
		if err != nil {
			return err
		}
		rows, err := q.Query(ctx, `SELECT p.id, p.sex, p.birth, p.place_code, p.registered_at FROM persons p WHERE p.id IN `+db.In(len(some))+` ORDER BY p.id`, anyOf(some)...)
		found, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (p person, err error) {
			var at time.Time
			err = r.Scan(&p.record, &p.sex, &p.birth, &p.home, db.Time(&at))
			p.registered = dates.Of(at)
			return p, err
		})
		if err != nil {
			return err
		}
		for _, p := range found {
			key := of.records[p.record]
			if known, there := of.people[key]; there && key != p.record {
				known.also = append(known.also, p.registered)
				of.people[key] = known
				continue
			} else if there {
				p.also = append(known.also, known.registered)
			}
			p.country, _ = sources.LastReturn(back[p.record])
			for _, one := range back[p.record] {
				if one.Returned.String() > p.returned.String() {
					p.returned = one.Returned
				}
			}
			of.people[key] = p
		}
	}
	return nil
}

// returns are the stays abroad of records, as far as figures need them.
func returns(ctx context.Context, q db.Reader, of []string) (map[string][]persons.Journey, error) {
	type row struct {
		of string
		persons.Journey
	}
	rows, err := q.Query(ctx, `SELECT j.person_id, j.country, j.returned, j.port, j.reasons FROM person_journeys j WHERE j.person_id IN `+db.In(len(of))+` AND j.ended_at IS NULL ORDER BY j.returned DESC, j.id`, anyOf(of)...)
	found, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (j row, err error) {
		var reasons string
		err = r.Scan(&j.of, &j.Country, &j.Returned, &j.Port, &reasons)
		j.Reasons = strings.Fields(reasons)
		return j, err
	})
	all := map[string][]persons.Journey{}
	for _, j := range found {
		all[j.of] = append(all[j.of], j.Journey)
	}
	return all, err
}

func anyOf(ids []string) []any {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	return args
}

func (of *project) readActs(ctx context.Context, q db.Reader) error {
	counting := projects.Counts(of.ID, projects.Activities, "a.id")
	rows, err := q.Query(ctx, `SELECT a.id, a.kind, a.place, a.unit, a.from_on, a.events, a.households, a.reached, a.typed FROM activities a WHERE a.undone = FALSE AND `+counting.SQL+` ORDER BY a.id`, counting.Args...)
	if of.acts, err = db.Collect(rows, err, func(r interface{ Scan(...any) error }) (a act, err error) {
		var unit string
		err = r.Scan(&a.id, &a.kind, &a.place, &unit, &a.on, &a.times, &a.households, &a.reached, &a.typed)
		a.estimate = unit == "estimate"
		return a, err
	}); err != nil {
		return err
	}
	at := map[string]int{}
	for i, a := range of.acts {
		at[a.id] = i
		of.counts["activity:"+a.id] = true
	}
	type row struct {
		of string
		cell
	}
	rows, err = q.Query(ctx, `SELECT c.activity_id, c.sex, c.age, sum(c.people) FROM activity_cells c JOIN activities a ON a.id = c.activity_id WHERE a.undone = FALSE AND `+counting.SQL+`
		GROUP BY c.activity_id, c.sex, c.age ORDER BY c.activity_id, c.sex, c.age`, counting.Args...)
	cells, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (c row, err error) {
		err = r.Scan(&c.of, &c.sex, &c.age, &c.people)
		return c, err
	})
	for _, c := range cells {
		if i, there := at[c.of]; there {
			of.acts[i].cells = append(of.acts[i].cells, c.cell)
		}
	}
	return err
}

// events are what of a measure counts for the project, whenever it was. Of what hangs on people but is no case and no service, such
// as referrals, those count that the project's organisations did for its people.
func (of *project) events(ctx context.Context, q db.Reader, measure string) ([]sources.Event, error) {
	if known, there := of.gathered[measure]; there {
		return known, nil
	}
	var all []sources.Event
	for _, s := range sources.All() {
		if !slices.ContainsFunc(s.Measures, func(m sources.Measure) bool { return m.Code == measure }) || s.Of != sources.OfPersons {
			continue
		}
		for some := range slices.Chunk(of.ids(), chunk) {
			found, err := s.Events(ctx, q, some)
			if err != nil {
				return nil, fmt.Errorf("count for report: %w", err)
			}
			for _, e := range found {
				if e.Measure == measure && of.has(e) {
					all = append(all, e)
				}
			}
		}
	}
	of.gathered[measure] = all
	return all, nil
}

// has tells whether an event counts for the project.
func (of *project) has(e sources.Event) bool {
	kind, _, _ := strings.Cut(e.Record, ":")
	if kind == "referral" {
		return e.Org == of.Organisation || slices.ContainsFunc(of.Partners, func(p projects.Partner) bool { return p.Organisation != "" && p.Organisation == e.Org })
	}
	return of.counts[e.Record]
}

// during are the events that were in a period.
func during(all []sources.Event, p content.Period) (some []sources.Event) {
	for _, e := range all {
		if p.Holds(e.On) {
			some = append(some, e)
		}
	}
	return some
}

// held are the activities that began in a period.
func (of *project) held(p content.Period) (some []act) {
	for _, a := range of.acts {
		if p.Holds(a.on) {
			some = append(some, a)
		}
	}
	return some
}

// who are the people to whom events happened.
func (of *project) who(events []sources.Event) map[string]bool {
	all := map[string]bool{}
	for _, e := range events {
		all[of.records[e.Person]] = true
	}
	return all
}

func band(p person, on dates.Partial) string { return facts.AgeBand(p.birth, on) }
