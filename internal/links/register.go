// SPDX-License-Identifier: Apache-2.0

package links

import (
	"context"
	"fmt"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/persons"
	"fera/internal/ties"
)

// Registering is a registration by somebody who was shown who the person may be.
type Registering struct {
	persons.Registration
	Same      persons.ID   // she is this one, who is in the register already
	Different []persons.ID // she is none of these
	Reason    string       // why not, in the clerk's words
}

// mostDifferent bounds how many may be named.
const mostDifferent = 20

// Register enters a person, and what the clerk said about those whom she
// resembles. Of somebody who is in the register already it makes a registration of
// its own, tied to the record that the clerk saw.
func (f *Finder) Register(ctx context.Context, tx *db.Tx, who access.Actor, r Registering) (persons.ID, error) {
	if len(r.Different) > mostDifferent {
		return "", fault.New(fault.Invalid, "fault.too_many").With("max", mostDifferent).On("different")
	}
	reason, err := Judgement{Reason: r.Reason}.reason()
	if err != nil {
		return "", err
	}
	for _, other := range r.Different {
		if _, err := persons.FindCard(ctx, tx, who, other); err != nil {
			return "", err
		}
	}
	if r.Same != "" {
		return f.registerAgain(ctx, tx, who, r)
	}
	id, err := persons.Register(ctx, tx, who, r.Registration)
	if err != nil {
		return "", err
	}
	for _, other := range r.Different {
		d := Decision{Pair: ties.PairOf(string(id), string(other)), Answer: Different, State: Holds, How: ByRegistration}
		if err := f.once(ctx, tx, who, &d, reason); err != nil {
			return "", fmt.Errorf("register: %w", err)
		}
	}
	return id, nil
}

func (f *Finder) registerAgain(ctx context.Context, tx *db.Tx, who access.Actor, r Registering) (persons.ID, error) {
	id, pair, err := persons.RegisterAgain(ctx, tx, who, r.Same, r.Registration)
	if err != nil {
		return "", err
	}
	d := Decision{Pair: pair, Answer: Same, State: Holds, How: ByRegistration}
	if err := f.once(ctx, tx, who, &d, ""); err != nil {
		return "", fmt.Errorf("register again: %w", err)
	}
	return id, nil
}

// once keeps a decision, unless the same act was sent before.
func (f *Finder) once(ctx context.Context, tx *db.Tx, who access.Actor, d *Decision, reason string) error {
	if d.Pair.One == d.Pair.Other {
		return nil
	}
	if _, found, err := latest(ctx, tx, d.Pair); err != nil || found {
		return err
	}
	if err := d.weigh(ctx, tx, f); err != nil {
		return err
	}
	if err := d.keep(ctx, tx, who, reason); err != nil || d.Answer == Same {
		return err // that they are tied is in the trail already
	}
	return d.record(ctx, tx, who, reason)
}
