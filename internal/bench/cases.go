// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"fera/internal/access"
	"fera/internal/cases"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/ids"
	"fera/internal/persons"
	"fera/internal/seal"
	"fera/internal/services"
)

// The casework of the store: of how many of ten people there is an open case, and how many caseworkers an office has.
const (
	casesOfTen       = 3
	workersOfOffice  = 50
	entriesOfOneLife = 1000
)

// worker is the identifier of a caseworker of an office, who is no user.
func worker(office, n int) string {
	return fmt.Sprintf("00000000-0000-7000-8000-%06d%06d", office, n)
}

// bareCase is what is written of one case.
type bareCase struct {
	id, person, registration, office string
}

// casework adds open cases to a store that has none: their rows past the program, without course and trail, and one life of a
// thousand entries through its acts.
func casework(ctx context.Context, o options, s *store, t *table) error {
	if s.Cases > 0 {
		return nil
	}
	d, err := openStore(ctx, o.dir)
	if err != nil {
		return err
	}
	defer d.Close()
	all, err := toOpen(ctx, d)
	if err != nil {
		return err
	}
	desks := map[string]*bareDesk{}
	began := time.Now()
	for at := 0; at < len(all); at += bareAtOnce {
		some := all[at:min(at+bareAtOnce, len(all))]
		if err := d.Maintain(ctx, func(tx *db.Tx) error { return s.insertCases(ctx, tx, some, desks) }); err != nil {
			return err
		}
		t.say("%d of %d cases, %.0f/s", at+len(some), len(all), float64(at+len(some))/time.Since(began).Seconds())
	}
	if err := s.live(ctx, d); err != nil {
		return err
	}
	if err := d.Analyze(ctx); err != nil {
		return err
	}
	s.Cases = len(all)
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(o.dir, "bench.json"), text, 0o600)
}

// bareDesk is an office, and how many cases it has so far, and how many of them somebody has.
type bareDesk struct{ office, cases, worked int }

// toOpen are three of each ten persons, with a registration of theirs.
func toOpen(ctx context.Context, d *db.DB) (all []bareCase, err error) {
	err = d.Read(ctx, func(q db.Reader) error {
		rows, err := q.Query(ctx, `SELECT r.person_id, r.id, r.office_id FROM person_registrations r ORDER BY r.person_id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for n := 0; rows.Next(); n++ {
			var c bareCase
			if err := rows.Scan(&c.person, &c.registration, &c.office); err != nil {
				return err
			}
			if n%10 < casesOfTen {
				all = append(all, c)
			}
		}
		return rows.Err()
	})
	return all, err
}

// insertCases writes some cases with the scopes in which they lie, a task for every other one, and now and then something to decide.
func (s *store) insertCases(ctx context.Context, tx *db.Tx, some []bareCase, desks map[string]*bareDesk) error {
	statuses := []cases.Status{cases.Intake, cases.Assigned, cases.Assessed, cases.Planned, cases.Active, cases.Active, cases.Active, cases.Active}
	risks := []cases.Risk{cases.Unrated, cases.Low, cases.Low, cases.Medium, cases.Medium, cases.Medium, cases.High, cases.Critical}
	today := dates.Of(tx.Now())
	for i, c := range some {
		if desks[c.office] == nil {
			desks[c.office] = &bareDesk{office: len(desks)}
			s.Offices = append(s.Offices, c.office)
		}
		at := desks[c.office]
		c.id = ids.Nth(tx.Now(), i%4000)
		n := at.cases
		at.cases++
		who, status := "", statuses[n%len(statuses)]
		if status != cases.Intake {
			who = worker(at.office, at.worked%workersOfOffice)
			at.worked++
		}
		touched := tx.Now().AddDate(0, 0, -n%60)
		if _, err := tx.Exec(ctx, `INSERT INTO cases (id, person_id, registration_id, programme, organisation_id, office_id, worker_id, worker_name, status, origin, risk, openings, closure,
			returned_on, clock_from, clock_due, paused, due_for, due_on, alarm_to, opened_at, touched_at, version)
			VALUES (?, ?, ?, 'reintegration', ?, ?, ?, ?, ?, 'registration', ?, 1, '', '', ?, '', ?, 'review', ?, '', ?, ?, 1)`,
			c.id, c.person, c.registration, s.Organisation, c.office, who, who, string(status), string(risks[n%len(risks)]), today.Add(-n%60).String(), false, today.Add(n%80-20).String(), touched, touched); err != nil {
			return err
		}
		scopes := []access.Scope{access.AtOffice(c.office), access.OfOrganisation(s.Organisation)}
		if who != "" {
			scopes = append(scopes, access.OnCaseload(who))
			if err := access.Add(ctx, tx, c.person, access.OnCaseload(who)); err != nil {
				return err
			}
		}
		if err := access.Add(ctx, tx, c.id, scopes...); err != nil {
			return err
		}
		if err := c.asks(ctx, tx, who, n); err != nil {
			return err
		}
	}
	return nil
}

// asks writes what is to be done for a case, and what is to be decided.
func (c bareCase) asks(ctx context.Context, tx *db.Tx, who string, n int) error {
	if n%2 == 0 && who != "" {
		id := ids.New(tx.Now())
		sealed, err := seal.JSON(ctx, tx, c.person, "case_tasks:"+id, map[string]string{"why": "ব্যাংকের কাগজ নিয়ে যাওয়া"})
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO case_tasks (id, case_id, user_id, due_on, sealed, by_name, at, done_name) VALUES (?, ?, ?, ?, ?, 'Bench', ?, '')`,
			id, c.id, who, dates.Of(tx.Now()).Add(n%60-15).String(), sealed, tx.Now()); err != nil {
			return err
		}
	}
	if n%150 != 1 {
		return nil
	}
	id := ids.New(tx.Now())
	sealed, err := seal.JSON(ctx, tx, c.person, "case_approvals:"+id, map[string]string{"why": "সেলাই মেশিন কেনার জন্য"})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO case_approvals (id, case_id, kind, subject, amount, needed, status, sealed, asked_by, asked_name, asked_at) VALUES (?, ?, 'money', '', 1000000, 1, 'waiting', ?, ?, 'Bench', ?)`,
		id, c.id, sealed, who, tx.Now())
	return err
}

// live lets a thousand things happen to one woman.
func (s *store) live(ctx context.Context, d *db.DB) error {
	who := s.caseworker(0, "00000000-0000-7000-8000-999999000000")
	var id cases.ID
	if err := d.Write(ctx, func(tx *db.Tx) error {
		r := persons.Registration{Values: map[persons.Field]string{persons.NameBn: "রহিমা খাতুন", persons.NameLatin: "Rahima Khatun", persons.SexField: "female", persons.Birth: "1991", persons.Home: "305670"},
			Consents: []persons.Consent{{Purpose: persons.PurposeRegister, Given: true}}}
		person, err := persons.Register(ctx, tx, who, r)
		if err != nil {
			return err
		}
		if id, err = cases.Open(ctx, tx, who, cases.Opening{Person: person, Programme: "reintegration", Origin: "self"}); err != nil {
			return err
		}
		s.Lived = string(person)
		return cases.TakeUp(ctx, tx, who, id, 0)
	}); err != nil {
		return err
	}
	const atOnce = 20
	for n := 0; n < entriesOfOneLife; n += atOnce {
		if err := d.Write(ctx, func(tx *db.Tx) error {
			for i := range atOnce {
				if err := happen(ctx, tx, who, id, n+i); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// happen lets one thing happen in a case.
func happen(ctx context.Context, tx *db.Tx, who access.Actor, id cases.ID, n int) error {
	switch n % 10 {
	case 0, 1, 2, 3:
		return cases.Write(ctx, tx, who, id, cases.Note{Text: "বাড়িতে গিয়ে কথা হয়েছে; পরের ধাপগুলো বুঝিয়ে বলা হয়েছে।"})
	case 4, 5, 6:
		_, err := services.Log(ctx, tx, who, services.Giving{Case: id, Code: "information", On: dates.Of(tx.Now()).Add(-n / 10), Remark: "দলে বারোজন ছিলেন।"})
		return err
	case 7, 8:
		task, err := cases.Remember(ctx, tx, who, cases.Task{Case: id, What: "ব্যাংকের কাগজ নিয়ে যাওয়া", DueOn: dates.Of(tx.Now())})
		if err != nil {
			return err
		}
		return cases.Tick(ctx, tx, who, task)
	}
	if n%20 == 9 {
		return cases.Stop(ctx, tx, who, cases.Stopping{Case: id, Why: "হাসপাতালে ভর্তি।"})
	}
	return cases.GoOn(ctx, tx, who, id, 0)
}

// caseworker is an actor who is no user.
func (s *store) caseworker(office int, id string) access.Actor {
	a := access.Actor{ID: id, Name: "Bench", Office: s.Offices[office], Organisation: s.Organisation}
	a.Grant(access.Caseworker, access.AtOffice(a.Office))
	return a
}
