// SPDX-License-Identifier: Apache-2.0

package plans

import (
	"context"
	"fmt"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/fault"
)

// Happening is something that happened to a plan: a version was agreed, a step of it ended, or a review was held.
type Happening struct {
	ID     string
	At     time.Time
	By     string
	Number int     // of the version that was agreed, else 0
	How    string  // it was agreed
	Step   *Step   // that ended, with its state
	Review *Review // that was held
}

// Course returns what of class 2 happened to the plan of a case that who may see, in no order: the versions that were
// agreed, the steps of the one that holds which ended, the reviews that were held.
func Course(ctx context.Context, q db.Reader, who access.Actor, of cases.ID) (all []Happening, err error) {
	c, err := cases.Find(ctx, q, who, of)
	if err != nil {
		return nil, err
	}
	p, err := holding(ctx, q, c)
	if err != nil || p.Agreed == 0 {
		return nil, err
	}
	if all, err = p.agreements(ctx, q); err != nil {
		return nil, fmt.Errorf("course of plan: %w", err)
	}
	if err := p.states(ctx, q, c); err != nil {
		return nil, err
	}
	all = append(all, p.ended(false)...)
	reviews, err := Reviews(ctx, q, who, of)
	for _, r := range reviews {
		if !r.DoneAt.IsZero() {
			all = append(all, Happening{ID: r.ID, At: r.DoneAt, By: r.By, Review: &r})
		}
	}
	return all, err
}

// LookCourse returns the steps of goals of class 3 that ended, to who sees what is protected about the person. The look is
// in the trail.
func LookCourse(ctx context.Context, tx *db.Tx, who access.Actor, of cases.ID) ([]Happening, error) {
	c, err := cases.Find(ctx, tx, who, of)
	if err != nil {
		return nil, err
	}
	if err := sees(ctx, tx, who, c); err != nil {
		return nil, err
	}
	p, err := holding(ctx, tx, c)
	if err != nil {
		return nil, err
	}
	if err := p.unlock(ctx, tx, c); err != nil {
		return nil, fmt.Errorf("open plan: %w", err)
	}
	if err := p.states(ctx, tx, c); err != nil {
		return nil, err
	}
	tx.Allowed()
	return p.ended(true), audit.Record(ctx, tx, who, access.ReadProtected, audit.Entry{Subject: "case:" + string(of), Person: string(c.Person), Named: []string{"plan"}})
}

// holding is the version of the plan of a case that holds; none while nothing was agreed.
func holding(ctx context.Context, q db.Reader, c cases.Case) (Plan, error) {
	p, err := read(ctx, q, c, 0)
	switch {
	case fault.KindOf(err) == fault.NotFound && err != nil, err == nil && p.Agreed == 0:
		return Plan{}, nil
	case err == nil && p.Draft > 0:
		return read(ctx, q, c, p.Agreed)
	}
	return p, err
}

// agreements are the versions that were agreed.
func (p Plan) agreements(ctx context.Context, q db.Reader) ([]Happening, error) {
	rows, err := q.Query(ctx, `SELECT number, how, agreed_by, agreed_at FROM plan_versions WHERE plan_id = ? AND agreed_at IS NOT NULL`, string(p.ID))
	return db.Collect(rows, err, func(r interface{ Scan(...any) error }) (h Happening, err error) {
		err = r.Scan(&h.Number, &h.How, &h.By, db.Time(&h.At))
		h.ID = fmt.Sprintf("%s:%d", p.ID, h.Number)
		return h, err
	})
}

// ended are the steps of goals of one class that ended.
func (p Plan) ended(protected bool) (all []Happening) {
	for _, g := range p.Goals {
		for _, s := range g.Steps {
			if g.Protected == protected && s.State.Outcome != "" {
				all = append(all, Happening{ID: s.ID, At: s.State.At, By: s.State.By, Step: &s})
			}
		}
	}
	return all
}
