// SPDX-License-Identifier: Apache-2.0

package plans

import (
	"context"
	"fmt"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/cases"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
)

// Brought is the How of a draft that came with a case from another organisation.
const Brought = "handover"

// Bringing is what she wanted to reach as another organisation had it, when it hands her case over.
type Bringing struct {
	Case  cases.ID
	Goals []Goal
	From  string // who wrote it, there
}

// Bring makes goals that came with a case the first draft of its plan. It may be done before anybody here has assessed her, which a
// draft of one's own may not; all that follows is as with any draft: it is amended by who works with her now, and holds nothing until
// she agreed anew.
func Bring(ctx context.Context, tx *db.Tx, who access.Actor, b Bringing) (ID, error) {
	c, err := cases.Find(ctx, tx, who, b.Case)
	if err != nil {
		return "", err
	}
	if err := access.CheckOn(ctx, tx, who, access.WorkCase, string(c.ID)); err != nil {
		return "", err
	}
	if !c.Live() {
		return "", fault.New(fault.Conflict, "case.not_now")
	}
	if _, err := read(ctx, tx, c, 0); err == nil {
		return "", fault.New(fault.Conflict, "plan.changed_meanwhile")
	} else if fault.KindOf(err) != fault.NotFound {
		return "", fmt.Errorf("bring plan: %w", err)
	}
	from, problem := names.Check(b.From, 200)
	if problem != "" {
		return "", fault.New(fault.Invalid, problem).With("max", 200).On("from")
	}
	goals, err := check(b.Goals, tx)
	if err != nil {
		return "", err
	}
	p := Plan{ID: ID(ids.New(tx.Now())), Case: c.ID}
	if err := p.clients(ctx, tx, who, goals); err != nil {
		return "", err
	}
	if err := p.draw(ctx, tx, who, c, goals); err != nil {
		return "", err
	}
	if _, err := tx.Exec(ctx, `UPDATE plan_versions SET how = ?, user_name = ? WHERE plan_id = ?`, Brought, from, string(p.ID)); err != nil {
		return "", fmt.Errorf("bring plan: %w", err)
	}
	return p.ID, audit.Record(ctx, tx, who, access.WorkCase, audit.Entry{Subject: p.subject(), Person: string(c.Person), Named: []string{"plan", Brought}})
}

// Left are goals as another organisation goes on with them: those of herself that have not ended, with the steps that are still to be done, and
// without the names that they had here. Goals of which nothing is left to do are the other part: they are no plan.
func Left(goals []Goal) (open, bare []Goal) {
	for _, g := range goals {
		if g.State.Outcome != "" || g.Client != "" {
			continue
		}
		left := Goal{Dimension: g.Dimension, Level: g.Level, Words: g.Words, Protected: g.Protected}
		for _, s := range g.Steps {
			if s.State.Outcome == "" {
				left.Steps = append(left.Steps, Step{What: s.What, Who: s.Who, By: s.By, Service: s.Service})
			}
		}
		if len(left.Steps) == 0 {
			bare = append(bare, left)
			continue
		}
		open = append(open, left)
	}
	return open, bare
}
