// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/directory/bodies"
	"fera/internal/directory/listing"
	"fera/internal/fault"
)

// Outcome counts what became of an arrival.
type Outcome struct{ Added, Changed, Same int }

// Refused is the error of an arrival that was not taken in, with the entry or the person that is at fault.
type Refused struct {
	ID  string
	Err error
}

// Error implements error.
func (r *Refused) Error() string { return "entry " + r.ID + ": " + r.Err.Error() }

// Unwrap returns what is wrong with the entry.
func (r *Refused) Unwrap() error { return r.Err }

// Import takes in what an exchange brings, all of it or nothing. An entry that is here already is changed, and its earlier
// version stays; what only this directory knows of it, such as whose people keep it, stays too.
func Import(ctx context.Context, tx *db.Tx, who access.Actor, a listing.Arrival) (o Outcome, err error) {
	if err := access.Check(tx, who, access.ManageDirectory, own(who)...); err != nil {
		return o, err
	}
	for _, in := range a.Entries {
		if err := arrive(ctx, tx, who, in, &o); err != nil {
			return o, &Refused{in.ID, err}
		}
	}
	for _, f := range a.People {
		if _, err := appoint(ctx, tx, who, access.ManageDirectory, f); err != nil {
			return o, &Refused{f.ID, err}
		}
	}
	if o.Added+o.Changed+len(a.People) == 0 {
		tx.Recorded() // nothing was changed
	}
	return o, nil
}

func arrive(ctx context.Context, tx *db.Tx, who access.Actor, in listing.Arriving, o *Outcome) error {
	body, err := in.Body.Clone()
	if err != nil {
		return err
	}
	before, err := find(ctx, tx, in.ID)
	isNew := fault.KindOf(err) == fault.NotFound
	if err != nil && !isNew {
		return err
	}
	if !isNew && before.Kind() != body.Kind() {
		return fault.New(fault.Invalid, "directory.there_already").On("id")
	}
	stay(&body, before)
	if err := right(ctx, tx, &body, in.ID); err != nil {
		return err
	}
	w := writing{perm: access.ManageDirectory, act: "imported"}
	w.after = Entry{Body: body, ID: in.ID, Owner: body.Belongs(in.ID), State: body.Says(), Version: before.Version + 1, ConfirmedOn: before.ConfirmedOn, ConfirmedBy: before.ConfirmedBy}
	if c := in.Confirmed; !c.IsZero() && !c.SurelyBefore(before.ConfirmedOn) && !today(tx).SurelyBefore(c) && c != before.ConfirmedOn {
		w.after.ConfirmedOn, w.after.ConfirmedBy = c, ""
	}
	if isNew {
		o.Added++
		if err := insert(ctx, tx, w.after); err != nil {
			return fmt.Errorf("import entry: %w", err)
		}
		return keep(ctx, tx, who, w)
	}
	same, err := equal(before.Body, body)
	if err != nil {
		return err
	}
	if same && w.after.ConfirmedOn == before.ConfirmedOn {
		o.Same++
		return nil
	}
	o.Changed++
	if before.State == listing.Withdrawn { // what was taken out here is not brought back by others
		w.after.State = listing.Withdrawn
	}
	w.before = &before
	return keep(ctx, tx, who, w)
}

// stay keeps what only this directory knows of an entry.
func stay(body *listing.Body, before Entry) {
	if body.Organisation != nil && before.Organisation != nil {
		body.Organisation.Partner = before.Organisation.Partner
	}
	if body.Service != nil && before.Service != nil {
		body.Service.Every = before.Service.Every
		if body.Service.Capacity == nil {
			body.Service.Capacity = before.Service.Capacity
		}
		for i := range body.Service.At {
			for _, old := range before.Service.At {
				if o := &body.Service.At[i]; o.ID == old.ID && o.Capacity == nil {
					o.Capacity = old.Capacity
				}
			}
		}
		body.Service.Hidden = body.Service.Hidden || before.Service.Hidden // never less protected than it was
	}
}

func equal(a, b listing.Body) (bool, error) {
	first, err := json.Marshal(a)
	second, err2 := json.Marshal(b)
	return bytes.Equal(first, second), errors.Join(err, err2)
}

// Seed adds those public bodies that ship and are not here. One that is here stays as it is, whatever became of it.
func Seed(ctx context.Context, tx *db.Tx, who access.Actor) (Outcome, error) {
	all := bodies.Shipped()
	wanted := make([]string, len(all))
	for i, in := range all {
		wanted[i] = in.ID
	}
	there, err := Several(ctx, tx, wanted)
	if err != nil {
		return Outcome{}, err
	}
	var missing listing.Arrival
	for _, in := range all {
		if _, here := there[in.ID]; !here {
			missing.Entries = append(missing.Entries, in)
		}
	}
	o, err := Import(ctx, tx, who, missing)
	o.Same = len(all) - len(missing.Entries)
	return o, err
}
