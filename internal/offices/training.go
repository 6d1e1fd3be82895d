// SPDX-License-Identifier: Apache-2.0

package offices

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"fera/internal/access"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
)

// setApart gives a training office an identifier that is apart, and an organisation of its own behind it, so that no scope
// of the real organisation reaches what is made up there.
func (o *Office) setApart(ctx context.Context, tx *db.Tx) error {
	var n int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM training_offices WHERE organisation_id = ?`, o.Organisation).Scan(&n); err != nil {
		return fmt.Errorf("add training office: %w", err)
	}
	if n > 0 {
		return fault.New(fault.Conflict, "office.training_there").On("kind")
	}
	real, err := findOrganisation(ctx, tx, o.Organisation)
	if err != nil {
		return err
	}
	o.ID, o.Organisation = ids.Apart(tx.Now()), ids.Apart(tx.Now())
	_, err = tx.Exec(ctx, `INSERT INTO organisations (`+organisationColumns+`) VALUES (?, ?, ?, ?, ?, 1)`, o.Organisation, real.NameEn, real.NameBn, string(real.Kind), tx.Now())
	if err != nil {
		return fmt.Errorf("add training office: %w", err)
	}
	return nil
}

func noteTraining(ctx context.Context, tx *db.Tx, organisation, office string) error {
	if _, err := tx.Exec(ctx, `INSERT INTO training_offices (organisation_id, office_id) VALUES (?, ?)`, organisation, office); err != nil {
		return fmt.Errorf("add training office: %w", err)
	}
	return nil
}

// managedAt are the scopes at which an office is managed: a training office, where the organisation is whose people
// practise there.
func managedAt(ctx context.Context, q db.Reader, o Office) ([]access.Scope, error) {
	if o.Kind != Training {
		return []access.Scope{access.AtOffice(o.ID), access.OfOrganisation(o.Organisation)}, nil
	}
	var real string
	if err := q.QueryRow(ctx, `SELECT organisation_id FROM training_offices WHERE office_id = ?`, o.ID).Scan(&real); err != nil {
		return nil, fmt.Errorf("find training office: %w", err)
	}
	return []access.Scope{access.OfOrganisation(real)}, nil
}

// MayManage reports whether who may change an office, close it or open it again.
func MayManage(ctx context.Context, q db.Reader, who access.Actor, o Office) (bool, error) {
	scopes, err := managedAt(ctx, q, o)
	return err == nil && who.Covers(access.ManageOffices, scopes...), err
}

// FindTraining returns the training office of an organisation, open or closed. Where there is none it is not found.
func FindTraining(ctx context.Context, q db.Reader, who access.Actor, organisation string) (Office, error) {
	var id string
	err := q.QueryRow(ctx, `SELECT office_id FROM training_offices WHERE organisation_id = ?`, organisation).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return Office{}, fault.New(fault.NotFound, "office.no_training")
	}
	if err != nil {
		return Office{}, fmt.Errorf("find training office: %w", err)
	}
	return Find(ctx, q, who, id)
}

// amongWhom keeps the real ones, and for who practises the made-up ones of her own.
func amongWhom(who access.Actor, organisation string) string {
	if who.Practises() && ids.Valid(who.Organisation) {
		return organisation + " = '" + who.Organisation + "'"
	}
	return access.Real(organisation)
}

// Behind returns the organisation whose people practise in a training organisation, and any other organisation itself.
func Behind(ctx context.Context, q db.Reader, organisation string) (string, error) {
	if !ids.IsApart(organisation) {
		return organisation, nil
	}
	var real string
	err := q.QueryRow(ctx, `SELECT t.organisation_id FROM training_offices t JOIN offices o ON o.id = t.office_id WHERE o.organisation_id = ?`, organisation).Scan(&real)
	if err != nil {
		return "", fmt.Errorf("find organisation: %w", err)
	}
	return real, nil
}
