// SPDX-License-Identifier: Apache-2.0

package offices

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/names"
)

// LongestName is how many characters the name of an organisation, an office or
// one who works there may have.
const LongestName = 200

// Sector is what sort of organisation one is.
type Sector string

// The sectors of organisations.
const (
	Government    Sector = "government"
	CivilSociety  Sector = "civil_society"
	International Sector = "international"
	Private       Sector = "private"
)

// Sectors returns the sectors, in the order they are offered.
func Sectors() []Sector { return []Sector{Government, CivilSociety, International, Private} }

// Organisation is a body with offices: a ministry, a board, a civil-society
// organisation, a provider.
type Organisation struct {
	ID      string    `json:"-"`
	NameEn  string    `json:"name_en"`
	NameBn  string    `json:"name_bn"`
	Kind    Sector    `json:"kind"`
	AddedAt time.Time `json:"-"`
	Version int       `json:"-"` // grows by one with each change
}

// Name returns the organisation's name in "en" or "bn", or the only one it has.
func (o Organisation) Name(lang string) string { return nameIn(lang, o.NameEn, o.NameBn) }

// AddOrganisation adds an organisation; only ID, AddedAt and Version of o are not heeded.
func AddOrganisation(ctx context.Context, tx *db.Tx, who access.Actor, o Organisation) (Organisation, error) {
	if err := access.CheckAnywhere(tx, who, access.ManageOffices); err != nil {
		return Organisation{}, err
	}
	o.ID, o.AddedAt, o.Version = ids.New(tx.Now()), tx.Now(), 1
	if err := o.check(); err != nil {
		return Organisation{}, err
	}
	_, err := tx.Exec(ctx, `INSERT INTO organisations (`+organisationColumns+`) VALUES (?, ?, ?, ?, ?, ?)`,
		o.ID, o.NameEn, o.NameBn, string(o.Kind), o.AddedAt, o.Version)
	if err != nil {
		return Organisation{}, fmt.Errorf("add organisation: %w", err)
	}
	return o, audit.Record(ctx, tx, who, access.ManageOffices, audit.Entry{Subject: "organisation:" + o.ID, After: o})
}

// AlterOrganisation changes the names and kind of the organisation that o
// names, if it still is at o's version.
func AlterOrganisation(ctx context.Context, tx *db.Tx, who access.Actor, o Organisation) (Organisation, error) {
	before, err := FindOrganisation(ctx, tx, who, o.ID)
	if err != nil {
		return Organisation{}, err
	}
	if err := access.Check(tx, who, access.ManageOffices, access.OfOrganisation(o.ID)); err != nil {
		return Organisation{}, err
	}
	if o.Version != before.Version {
		return Organisation{}, fault.New(fault.Conflict, "fault.conflict")
	}
	o.AddedAt, o.Version = before.AddedAt, before.Version+1
	if err := o.check(); err != nil {
		return Organisation{}, err
	}
	_, err = tx.Exec(ctx, `UPDATE organisations SET name_en = ?, name_bn = ?, kind = ?, version = ? WHERE id = ?`, o.NameEn, o.NameBn, string(o.Kind), o.Version, o.ID)
	if err != nil {
		return Organisation{}, fmt.Errorf("change organisation: %w", err)
	}
	return o, audit.Record(ctx, tx, who, access.ManageOffices, audit.Entry{Subject: "organisation:" + o.ID, Before: before, After: o})
}

func (o *Organisation) check() error {
	var kind *fault.Error
	if !slices.Contains(Sectors(), o.Kind) {
		kind = fault.New(fault.Invalid, "fault.bad_choice").On("kind")
	}
	return checkNames(&o.NameEn, &o.NameBn, kind)
}

// FindOrganisation returns an organisation by its id.
func FindOrganisation(ctx context.Context, q db.Reader, who access.Actor, id string) (Organisation, error) {
	if !who.Holds(access.ReadOffices) {
		return Organisation{}, fault.New(fault.NotFound, "office.organisation_not_found")
	}
	return findOrganisation(ctx, q, id)
}

func findOrganisation(ctx context.Context, q db.Reader, id string) (Organisation, error) {
	o, err := scanOrganisation(q.QueryRow(ctx, `SELECT `+organisationColumns+` FROM organisations WHERE id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Organisation{}, fault.New(fault.NotFound, "office.organisation_not_found")
	}
	if err != nil {
		return Organisation{}, fmt.Errorf("find organisation: %w", err)
	}
	return o, nil
}

// Organisations returns all organisations, the oldest first; for who practises, the one that stands behind the training office.
func Organisations(ctx context.Context, q db.Reader, who access.Actor) ([]Organisation, error) {
	if !who.Holds(access.ReadOffices) {
		return nil, nil
	}
	rows, err := q.Query(ctx, `SELECT `+organisationColumns+` FROM organisations WHERE `+amongWhom(who, "id")+` ORDER BY id`)
	return db.Collect(rows, err, scanOrganisation)
}

const organisationColumns = `id, name_en, name_bn, kind, added_at, version`

func scanOrganisation(row interface{ Scan(...any) error }) (o Organisation, err error) {
	err = row.Scan(&o.ID, &o.NameEn, &o.NameBn, &o.Kind, db.Time(&o.AddedAt), &o.Version)
	return o, err
}

// CheckName cleans a name in place and says what is wrong with it, for the form field given.
func CheckName(name *string, field string) *fault.Error {
	clean, problem := names.Check(*name, LongestName)
	if problem != "" {
		return fault.New(fault.Invalid, problem).With("max", LongestName).On(field)
	}
	*name = clean
	return nil
}

// checkNames wants a name in at least one language, and joins what else was found.
func checkNames(en, bn *string, more ...*fault.Error) error {
	found := []*fault.Error{CheckName(bn, "name_bn"), CheckName(en, "name_en")}
	if *en == "" && *bn == "" {
		found = append(found, fault.New(fault.Invalid, "office.name_needed").On("name_bn"))
	}
	if all := fault.Join(append(found, more...)...); all != nil {
		return all
	}
	return nil
}

func nameIn(lang, en, bn string) string {
	if (lang == "en" && en != "") || bn == "" {
		return en
	}
	return bn
}
