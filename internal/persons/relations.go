// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"context"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/choices"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
)

// Relation is one member of a person's family or household. Other names her
// record when she is registered too, so that a family can be served as one.
type Relation struct {
	ID           string        `json:"id,omitempty"`
	Registration string        `json:"-"`
	Other        ID            `json:"other,omitempty"`
	Relation     string        `json:"relation"` // see Kinships: what the other is to her
	Name         string        `json:"name,omitempty"`
	Sex          Sex           `json:"sex,omitempty"`
	Birth        dates.Partial `json:"birth,omitzero"`
	LivesWith    bool          `json:"lives_with,omitempty"`
	Depends      bool          `json:"depends,omitempty"` // lives on what she earns
	At           time.Time     `json:"at,omitzero"`
	Version      int           `json:"version,omitempty"`
}

func (r *Relation) read(prefix string, today dates.Partial) *fault.Error {
	if !slices.Contains(choices.Kinships(), r.Relation) {
		return fault.New(fault.Invalid, "fault.bad_choice").On(prefix + "relation")
	}
	r.Sex = Sex(orElse(string(r.Sex), string(Unsaid)))
	if !slices.Contains([]Sex{Female, Male, Other, Unsaid}, r.Sex) {
		return fault.New(fault.Invalid, "fault.bad_choice").On(prefix + "sex")
	}
	if !r.Birth.IsZero() && r.Birth.String() > today.String() {
		return fault.New(fault.Invalid, "person.birth_implausible").On(prefix + "birth")
	}
	if r.Other != "" && !ids.Valid(string(r.Other)) {
		return fault.New(fault.Invalid, "person.not_found").On(prefix + "other")
	}
	return fault.Join(line(&r.Name, 200, prefix+"name"))
}

// meet finds the other when she is registered herself, which needs the right to see her.
func (r *Relation) meet(ctx context.Context, q db.Reader, who access.Actor, prefix string) error {
	if r.Other != "" {
		other, err := FindCard(ctx, q, who, r.Other)
		if err != nil {
			return err
		}
		r.Name = orElse(r.Name, other.Name())
	}
	if r.Name == "" {
		return fault.New(fault.Invalid, "person.name_needed").On(prefix + "name")
	}
	return nil
}

func insertRelation(ctx context.Context, tx *db.Tx, to link, r *Relation) error {
	r.ID, r.Registration, r.At, r.Version = newID(tx), to.registration, tx.Now(), 1
	var other any
	if r.Other != "" {
		other = string(r.Other)
	}
	_, err := tx.Exec(ctx, `INSERT INTO person_relations (id, person_id, registration_id, other_id, relation, name, sex, birth, lives_with, depends, at, version)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`,
		r.ID, string(to.person), to.registration, other, r.Relation, r.Name, string(r.Sex), r.Birth.String(), r.LivesWith, r.Depends, r.At)
	if err != nil {
		return err
	}
	return to.has(ctx, tx, listRelations)
}

func relationsOf(ctx context.Context, q db.Reader, of records) ([]Relation, error) {
	in, args := of.in()
	rows, err := q.Query(ctx, `SELECT id, registration_id, COALESCE(other_id, ''), relation, name, sex, birth, lives_with, depends, at, version
		FROM person_relations WHERE person_id`+in+` AND ended_at IS NULL ORDER BY id`, args...)
	return db.Collect(rows, err, func(row interface{ Scan(...any) error }) (r Relation, err error) {
		err = row.Scan(&r.ID, &r.Registration, &r.Other, &r.Relation, &r.Name, &r.Sex, partial{&r.Birth}, &r.LivesWith, &r.Depends, db.Time(&r.At), &r.Version)
		return r, err
	})
}

// AddRelation adds a member of a person's family or household. One who is
// registered herself can be named only by who may see her.
func AddRelation(ctx context.Context, tx *db.Tx, who access.Actor, person ID, r Relation) error {
	e, err := editable(ctx, tx, who, access.ChangePerson, person)
	if err != nil {
		return err
	}
	if f := r.read("", dates.Of(tx.Now())); f != nil {
		return f
	}
	if err := r.meet(ctx, tx, who, ""); err != nil {
		return err
	}
	to, err := e.through(ctx, tx, who)
	if err != nil {
		return err
	}
	if err := insertRelation(ctx, tx, to, &r); err != nil {
		return err
	}
	return rowChange{to.person, "relation", nil, r}.record(ctx, tx, who)
}
