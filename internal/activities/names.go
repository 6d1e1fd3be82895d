// SPDX-License-Identifier: Apache-2.0

package activities

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/persons"
	"fera/internal/seal"
)

// Attendee is somebody who was at an activity, by name.
type Attendee struct {
	ID         string
	Person     persons.ID // in the register; empty for one who is not
	Name       string     // empty for one in the register, and for one who was erased
	Sex        string
	Age        string
	Disability string
	By         string
	At         time.Time

	sealed []byte
}

// Naming says who was at an activity.
type Naming struct {
	Activity ID
	People   []Attendee
}

// mostNamed is how many names one act takes.
const mostNamed = 200

// AddNames enters who was at an activity that is listed by name, and counts them.
func AddNames(ctx context.Context, tx *db.Tx, who access.Actor, n Naming) error {
	a, err := change(ctx, tx, who, n.Activity, 0)
	if err != nil {
		return err
	}
	if !a.Named {
		return fault.New(fault.Conflict, "activity.not_named")
	}
	if !SeesNames(who, a) {
		return fault.New(fault.Forbidden, "access.not_allowed")
	}
	if len(n.People) == 0 || len(n.People) > mostNamed {
		return fault.New(fault.Invalid, "fault.out_of_range").With("min", 1).With("max", mostNamed).On("people")
	}
	if err := seal.NewKey(ctx, tx, a.Organisation, string(a.ID)); err != nil {
		return fmt.Errorf("enter names: %w", err)
	}
	for i, one := range n.People {
		one.ID = ids.Nth(tx.Now(), i+1)
		if err := one.ready(ctx, tx, who, a); err != nil {
			return err
		}
		if err := one.insert(ctx, tx, who, a); err != nil {
			return err
		}
	}
	if err := a.recount(ctx, tx); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.LogActivity, audit.Entry{Subject: a.subject(), Named: []string{"attendance"}})
}

// ready fills in what the register knows of somebody, and refuses what may not be entered.
func (p *Attendee) ready(ctx context.Context, tx *db.Tx, who access.Actor, a Act) error {
	if p.Person == "" {
		if f := text(&p.Name, 2, 120, "name"); f != nil {
			return f
		}
	} else {
		records, err := persons.Records(ctx, tx, who, access.ReadPersons, p.Person)
		if err != nil {
			return err
		}
		if len(records) == 0 {
			return fault.New(fault.Invalid, "activity.person_unknown").On("person")
		}
		c, err := persons.FindCard(ctx, tx, who, p.Person)
		if err != nil {
			return err
		}
		p.Person, p.Name, p.Sex, p.Age = records[0], "", string(c.Sex), band(c.Birth, a.From)
	}
	if !slices.Contains(Sexes(), p.Sex) {
		p.Sex = Unknown
	}
	cells, f := gather([]Cell{{p.Sex, p.Age, p.Disability, 1}})
	if f != nil {
		return f
	}
	p.Sex, p.Age, p.Disability = cells[0].Sex, cells[0].Age, cells[0].Disability
	return nil
}

func (p Attendee) insert(ctx context.Context, tx *db.Tx, who access.Actor, a Act) error {
	var person any
	var sealed []byte
	if p.Person != "" {
		person = string(p.Person)
	} else {
		var err error
		if sealed, err = seal.Seal(ctx, tx, string(a.ID), "activity_attendances:"+p.ID, []byte(p.Name)); err != nil {
			return fmt.Errorf("enter names: %w", err)
		}
	}
	n, err := tx.Exec(ctx, `INSERT INTO activity_attendances (id, activity_id, person_id, sealed, sex, age, disability, user_name, at, ended_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '') ON CONFLICT DO NOTHING`,
		p.ID, string(a.ID), person, sealed, p.Sex, p.Age, p.Disability, who.Name, tx.Now())
	if err != nil {
		return fmt.Errorf("enter names: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "activity.named_already").On("person")
	}
	return nil
}

// StrikeName takes somebody off the list of an activity, because she was not there.
func StrikeName(ctx context.Context, tx *db.Tx, who access.Actor, activity ID, attendee string) error {
	a, err := change(ctx, tx, who, activity, 0)
	if err != nil {
		return err
	}
	if !SeesNames(who, a) {
		return fault.New(fault.Forbidden, "access.not_allowed")
	}
	n, err := tx.Exec(ctx, `UPDATE activity_attendances SET ended_by = ?, ended_at = ? WHERE id = ? AND activity_id = ? AND ended_at IS NULL`, who.Name, tx.Now(), attendee, string(a.ID))
	if err != nil {
		return fmt.Errorf("strike name: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "activity.name_unknown")
	}
	if err := a.recount(ctx, tx); err != nil {
		return err
	}
	return audit.Record(ctx, tx, who, access.LogActivity, audit.Entry{Subject: a.subject(), Named: []string{"attendance"}})
}

// recount counts an activity from the names.
func (a Act) recount(ctx context.Context, tx *db.Tx) error {
	rows, err := tx.Query(ctx, `SELECT sex, age, disability, count(*) FROM activity_attendances WHERE activity_id = ? AND ended_at IS NULL GROUP BY sex, age, disability`, string(a.ID))
	cells, err := db.Collect(rows, err, scanCell)
	if err != nil {
		return fmt.Errorf("count names: %w", err)
	}
	if err := a.keepCells(ctx, tx, cells); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE activities SET reached = ? WHERE id = ?`, sum(cells), string(a.ID)); err != nil {
		return fmt.Errorf("count names: %w", err)
	}
	return nil
}

// SeesNames tells whether who, who sees an activity, may know who was there: who may see the people of its office.
func SeesNames(who access.Actor, a Act) bool { return who.Covers(access.ReadPersons, a.scopes()...) }

// Names returns who was at an activity, to who may know. Of one in the register there is her id alone: what she is called is read
// from there, by who sees her.
func Names(ctx context.Context, q db.Reader, who access.Actor, id ID) ([]Attendee, error) {
	a, err := Find(ctx, q, who, id)
	if err != nil {
		return nil, err
	}
	if !SeesNames(who, a) {
		return nil, fault.New(fault.Forbidden, "access.not_allowed")
	}
	rows, err := q.Query(ctx, `SELECT id, COALESCE(person_id, ''), sealed, sex, age, disability, user_name, at FROM activity_attendances WHERE activity_id = ? AND ended_at IS NULL ORDER BY id`, string(id))
	all, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (p Attendee, err error) {
		err = r.Scan(&p.ID, &p.Person, &p.sealed, &p.Sex, &p.Age, &p.Disability, &p.By, db.Time(&p.At))
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("list names: %w", err)
	}
	for i, p := range all {
		if p.sealed == nil {
			continue
		}
		name, err := seal.Open(ctx, q, string(id), "activity_attendances:"+p.ID, p.sealed)
		if err != nil {
			return nil, fmt.Errorf("list names: %w", err)
		}
		all[i].Name = string(name)
	}
	return all, nil
}
