// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"fera/internal/access"
	"fera/internal/assessments"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/filling"
	"fera/internal/instruments"
	"fera/internal/persons"
)

// Ask asks questionnaires of some of the simulated people whom the caseworkers among the clerks registered, so that a
// demonstration has answers to look at. What they answer is chance and says nothing about anybody.
func Ask(ctx context.Context, d *db.DB, o Options, each int) error {
	for n, clerk := range o.Clerks {
		if !slices.Contains(clerk.Roles, access.Caseworker) {
			continue
		}
		var met persons.Page
		if err := d.Read(ctx, func(q db.Reader) (err error) {
			met, err = persons.List(ctx, q, clerk, persons.Filter{Limit: each})
			return err
		}); err != nil {
			return fmt.Errorf("simulate answers: %w", err)
		}
		w := &world{Options: o}
		for i, c := range met.Cards {
			chance := w.throw(n<<16|i, whatSheAnswers)
			for _, name := range []string{"progress_check", "reduced_coping_strategies", "reduced_coping_strategies", "phq9"} {
				if err := ask(ctx, d, clerk, assessments.Beginning{Person: c.ID, Name: name, Language: "bn"}, chance); err != nil {
					return fmt.Errorf("simulate answers: %w", err)
				}
			}
		}
	}
	return nil
}

// ask completes one questionnaire, where it may be asked at all.
func ask(ctx context.Context, d *db.DB, who access.Actor, b assessments.Beginning, chance dice) error {
	var id assessments.ID
	err := d.Write(ctx, func(tx *db.Tx) (err error) {
		id, err = assessments.Begin(ctx, tx, who, b)
		return err
	})
	if fault.KindOf(err) != fault.Internal {
		return nil // she is too young, did not agree, or was asked this quarter
	}
	if err != nil {
		return err
	}
	var answers map[string]string
	if err := d.Read(ctx, func(q db.Reader) error {
		o, err := assessments.InHand(ctx, q, who, id)
		if err == nil {
			answers = guesses(o.Filling, chance)
		}
		return err
	}); err != nil {
		return err
	}
	if err := d.Write(ctx, func(tx *db.Tx) error {
		_, err := assessments.Save(ctx, tx, who, assessments.Answering{ID: id, Answers: answers})
		return err
	}); err != nil {
		return err
	}
	return d.Write(ctx, func(tx *db.Tx) error {
		_, err := assessments.Finish(ctx, tx, who, assessments.Completing{ID: id})
		return err
	})
}

// guesses are answers by chance to all that is asked at first.
func guesses(f *filling.Filling, chance dice) map[string]string {
	all := map[string]string{}
	for _, e := range f.Whole("bn").Entries {
		switch {
		case e.ReadOnly:
		case e.Item.Alert != nil && len(e.Options) > 0 && !chance.chance(0.05):
			all[e.Key] = e.Options[0].Name // few answers need somebody
		case len(e.Options) > 0 && e.Item.Kind == instruments.SelectOne:
			all[e.Key] = e.Options[min(chance.IntN(len(e.Options)), chance.IntN(len(e.Options)))].Name
		case e.Item.Kind == instruments.Integer, e.Item.Kind == instruments.Range:
			all[e.Key] = strconv.Itoa(chance.between(0, 3))
		}
	}
	return all
}
