// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"context"
	"fmt"
	"slices"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/dates"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/names"
)

// Amendment gives further values for a person's fields. What was there before
// stays as a claim; see prefer for which is in use afterwards.
type Amendment struct {
	Person  ID
	Version int // the version it was based on
	Source  Source
	Values  map[Field]string
	Reason  string
}

// Change adds values to a person, and puts them in use unless a value in use
// stands on better ground.
func Change(ctx context.Context, tx *db.Tx, who access.Actor, a Amendment) error {
	e, err := editable(ctx, tx, who, access.ChangePerson, a.Person)
	if err != nil {
		return err
	}
	claims, err := a.read(dates.Of(tx.Now()))
	if err != nil {
		return err
	}
	to, err := e.through(ctx, tx, who)
	if err != nil {
		return fmt.Errorf("change person: %w", err)
	}
	if err := e.mayProtect(ctx, tx, who, to.person, slices.ContainsFunc(claims, func(c Claim) bool { return c.Field.Protected() })); err != nil {
		return err
	}
	before, err := claimsOf(ctx, tx, e.records)
	if err != nil {
		return err
	}
	claims = slices.DeleteFunc(claims, func(c Claim) bool { return known(before, c) })
	if len(claims) == 0 {
		tx.Recorded() // nothing is new, nothing is written
		return nil
	}
	if err := e.at(a.Version); err != nil {
		return err
	}
	if err := insertClaims(ctx, tx, who, to, claims); err != nil {
		return fmt.Errorf("change person: %w", err)
	}
	if err := refresh(ctx, tx, to.person); err != nil {
		return fmt.Errorf("change person: %w", err)
	}
	old, fresh := map[string]string{}, map[string]string{}
	for _, c := range claims {
		fresh[string(c.Field)] = c.Value
		old[string(c.Field)] = inUse(before, c.Field)
	}
	return audit.Record(ctx, tx, who, access.ChangePerson, audit.Entry{Subject: "person:" + string(to.person), Person: string(to.person),
		Before: old, After: fresh, Reason: a.Reason})
}

func (a *Amendment) read(today dates.Partial) (claims []Claim, err error) {
	var faults []*fault.Error
	if a.Source == "" {
		a.Source = OwnWord
	}
	if !slices.Contains(Sources(), a.Source) {
		faults = append(faults, fault.New(fault.Invalid, "fault.bad_choice").On("source"))
	}
	reason, problem := names.CheckText(a.Reason, 500)
	if problem != "" {
		faults = append(faults, fault.New(fault.Invalid, problem).With("max", 500).On("reason"))
	}
	a.Reason = reason
	for f := range a.Values {
		if !slices.Contains(Fields(), f) {
			faults = append(faults, fault.New(fault.Invalid, "person.field_unknown").On(string(f)))
		}
	}
	for _, f := range Fields() {
		given, ok := a.Values[f]
		if !ok {
			continue
		}
		value, wrong := readValue(f, given, today)
		if wrong != nil {
			faults = append(faults, wrong)
		} else if value == "" {
			faults = append(faults, fault.New(fault.Invalid, "person.value_needed").On(string(f)))
		} else {
			claims = append(claims, Claim{Field: f, Value: value, Source: a.Source})
		}
	}
	if f := fault.Join(faults...); f != nil {
		return nil, f
	}
	return claims, nil
}

// known reports whether the same value from the same source is in use already.
func known(claims []Claim, c Claim) bool {
	return slices.ContainsFunc(claims, func(have Claim) bool {
		return !c.Field.Protected() && have.InUse && have.Field == c.Field && have.Value == c.Value && have.Source == c.Source
	})
}

func inUse(claims []Claim, f Field) string {
	for _, c := range claims {
		if c.Field == f && c.InUse {
			return c.Value
		}
	}
	return ""
}

// refresh brings a record's card and index up to date with the claims in use,
// and raises its version.
func refresh(ctx context.Context, tx *db.Tx, id ID) error {
	if err := revise(ctx, tx, id); err != nil {
		return err
	}
	all, err := claimsOf(ctx, tx, records{id})
	if err != nil {
		return err
	}
	values := map[Field]string{}
	for _, c := range all {
		if c.InUse {
			values[c.Field] = c.Value
		}
	}
	_, err = tx.Exec(ctx, `UPDATE persons SET name_bn = ?, name_latin = ?, call_name = ?, sex = ?, birth = ?, place_code = ?, do_not_contact = ? WHERE id = ?`,
		values[NameBn], values[NameLatin], values[CallName], values[SexField], values[Birth], values[Home], values[DoNotContact] == "yes", string(id))
	if err != nil {
		return err
	}
	if err := resettle(ctx, tx, id); err != nil {
		return err
	}
	return reindex(ctx, tx, id)
}

// resettle moves a record between the areas whose desks may see it, after her
// home or her agreement changed.
func resettle(ctx context.Context, tx *db.Tx, id ID) error {
	var home string
	if err := tx.QueryRow(ctx, `SELECT place_code FROM persons WHERE id = ?`, string(id)).Scan(&home); err != nil {
		return err
	}
	scopes, err := access.ScopesOf(ctx, tx, string(id))
	if err != nil {
		return err
	}
	scopes = slices.DeleteFunc(scopes, func(s access.Scope) bool { return s[:2] == access.InArea("") })
	consents, err := consentsOf(ctx, tx, records{id})
	if err != nil {
		return err
	}
	if agreed(current(consents), PurposeCoordinate) {
		scopes = append(scopes, areas(home)...)
	}
	return access.Place(ctx, tx, string(id), scopes...)
}
