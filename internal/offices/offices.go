// SPDX-License-Identifier: Apache-2.0

// Package offices keeps the organisations that work with Fera and their
// offices: where people work, and where records belong.
//
// Which organisations and offices there are is open to everyone who signs in;
// only ManageOffices changes it.
package offices

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/geo"
	"fera/internal/ids"
)

// Kind is what sort of place an office is.
type Kind string

// The kinds of offices.
const (
	HeadOffice    Kind = "head_office"
	LocalOffice   Kind = "local_office"
	ServiceCentre Kind = "service_centre"
	AirportDesk   Kind = "airport_desk"
	CallCentre    Kind = "call_centre"
	Mission       Kind = "mission" // an embassy or consulate
	Shelter       Kind = "shelter"
	Provider      Kind = "provider" // a clinic, bank, training centre or legal aid office
	Training      Kind = "training" // where people practise, and nothing counts; see docs/adr/0067
)

// Kinds returns the kinds of offices, in the order they are offered.
func Kinds() []Kind {
	return []Kind{HeadOffice, LocalOffice, ServiceCentre, AirportDesk, CallCentre, Mission, Shelter, Provider, Training}
}

// Office is a place where people of one organisation work.
type Office struct {
	ID           string    `json:"-"`
	Organisation string    `json:"organisation"`
	NameEn       string    `json:"name_en"`
	NameBn       string    `json:"name_bn"`
	Kind         Kind      `json:"kind"`
	Place        string    `json:"place"` // code of the administrative unit, empty for a mission abroad
	OpenedAt     time.Time `json:"-"`
	ClosedAt     time.Time `json:"-"` // zero while open
	Version      int       `json:"-"` // grows by one with each change
}

// Name returns the office's name in "en" or "bn", or the only one it has.
func (o Office) Name(lang string) string { return nameIn(lang, o.NameEn, o.NameBn) }

// Opening is what is needed to add an office.
type Opening struct {
	Organisation string
	NameEn       string
	NameBn       string
	Kind         Kind
	Place        string
}

// Change is an office as it should be, with the version it was read at.
type Change struct {
	ID      string
	Version int
	NameEn  string
	NameBn  string
	Kind    Kind
	Place   string
	Closed  bool
}

// Add opens an office of an organisation.
func Add(ctx context.Context, tx *db.Tx, who access.Actor, o Opening) (Office, error) {
	if err := access.Check(tx, who, access.ManageOffices, access.OfOrganisation(o.Organisation)); err != nil {
		return Office{}, err
	}
	if _, err := FindOrganisation(ctx, tx, who, o.Organisation); fault.KindOf(err) == fault.NotFound {
		return Office{}, fault.New(fault.Invalid, "office.organisation_needed").On("organisation")
	} else if err != nil {
		return Office{}, err
	}
	made := Office{ID: ids.New(tx.Now()), Organisation: o.Organisation, NameEn: o.NameEn, NameBn: o.NameBn, Kind: o.Kind, Place: o.Place,
		OpenedAt: tx.Now(), Version: 1}
	if err := made.check(); err != nil {
		return Office{}, err
	}
	if made.Kind == Training {
		if err := made.setApart(ctx, tx); err != nil {
			return Office{}, err
		}
	}
	if err := insert(ctx, tx, made); err != nil {
		return Office{}, fmt.Errorf("add office: %w", err)
	}
	if made.Kind == Training {
		if err := noteTraining(ctx, tx, o.Organisation, made.ID); err != nil {
			return Office{}, err
		}
	}
	return made, audit.Record(ctx, tx, who, access.ManageOffices, audit.Entry{Subject: "office:" + made.ID, After: made})
}

// Alter changes an office, closes it or opens it again. An office is never
// removed, because records belong to it.
func Alter(ctx context.Context, tx *db.Tx, who access.Actor, c Change) (Office, error) {
	before, err := Find(ctx, tx, who, c.ID)
	if err != nil {
		return Office{}, err
	}
	scopes, err := managedAt(ctx, tx, before)
	if err != nil {
		return Office{}, err
	}
	if err := access.Check(tx, who, access.ManageOffices, scopes...); err != nil {
		return Office{}, err
	}
	if (c.Kind == Training) != (before.Kind == Training) {
		return Office{}, fault.New(fault.Invalid, "office.training_stays").On("kind")
	}
	if c.Version != before.Version {
		return Office{}, fault.New(fault.Conflict, "fault.conflict")
	}
	after := before
	after.NameEn, after.NameBn, after.Kind, after.Place, after.Version = c.NameEn, c.NameBn, c.Kind, c.Place, before.Version+1
	if c.Closed != !before.ClosedAt.IsZero() {
		after.ClosedAt = time.Time{}
		if c.Closed {
			after.ClosedAt = tx.Now()
		}
	}
	if err := after.check(); err != nil {
		return Office{}, err
	}
	if err := update(ctx, tx, after); err != nil {
		return Office{}, fmt.Errorf("change office: %w", err)
	}
	return after, audit.Record(ctx, tx, who, access.ManageOffices, audit.Entry{Subject: "office:" + c.ID, Before: before.entry(), After: after.entry()})
}

// entry is what the trail keeps of an office.
func (o Office) entry() any {
	return struct {
		Office
		Closed bool `json:"closed"`
	}{o, !o.ClosedAt.IsZero()}
}

func (o *Office) check() error {
	var kind, place *fault.Error
	if !slices.Contains(Kinds(), o.Kind) {
		kind = fault.New(fault.Invalid, "fault.bad_choice").On("kind")
	}
	if _, ok := geo.Find(o.Place); !ok && (o.Place != "" || o.Kind != Mission) {
		place = fault.New(fault.Invalid, "office.place_needed").On("place")
	}
	return checkNames(&o.NameEn, &o.NameBn, kind, place)
}

// Find returns an office, open or closed.
func Find(ctx context.Context, q db.Reader, who access.Actor, id string) (Office, error) {
	if !who.Holds(access.ReadOffices) {
		return Office{}, fault.New(fault.NotFound, "office.not_found")
	}
	return find(ctx, q, id)
}

func find(ctx context.Context, q db.Reader, id string) (Office, error) {
	o, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM offices WHERE id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Office{}, fault.New(fault.NotFound, "office.not_found")
	}
	if err != nil {
		return Office{}, fmt.Errorf("find office: %w", err)
	}
	return o, nil
}

// List returns the offices of an organisation, or of all when it is empty,
// closed ones last. Training offices are in it for those alone who practise there.
func List(ctx context.Context, q db.Reader, who access.Actor, organisation string) ([]Office, error) {
	if !who.Holds(access.ReadOffices) {
		return nil, nil
	}
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM offices WHERE (organisation_id = ? OR ? = '') AND `+amongWhom(who, "organisation_id")+`
		ORDER BY CASE WHEN closed_at IS NULL THEN 0 ELSE 1 END, id`, organisation, organisation)
	return db.Collect(rows, err, scan)
}

// scopesOf is the name under which a transaction remembers an office's scopes.
type scopesOf string

// Scopes returns the scopes in which an office's own records lie: the office and its organisation.
func Scopes(ctx context.Context, q db.Reader, office string) ([]access.Scope, error) {
	found, err := q.Memo(scopesOf(office), func() (any, error) {
		o, err := find(ctx, q, office)
		return []access.Scope{access.AtOffice(office), access.OfOrganisation(o.Organisation)}, err
	})
	if err != nil {
		return nil, err
	}
	return found.([]access.Scope), nil
}

// Around returns the scopes that hold everything within a scope, itself first.
// It fails when the scope names no office, organisation or place there is.
func Around(ctx context.Context, q db.Reader, scope access.Scope) ([]access.Scope, error) {
	unknown := fault.New(fault.Invalid, "office.scope_unknown").On("scope")
	kind, id, _ := strings.Cut(scope, ":")
	switch {
	case kind == "o":
		scopes, err := Scopes(ctx, q, id)
		if fault.KindOf(err) == fault.NotFound {
			return nil, unknown
		}
		return scopes, err
	case kind == "g":
		if _, err := findOrganisation(ctx, q, id); fault.KindOf(err) == fault.NotFound {
			return nil, unknown
		} else if err != nil {
			return nil, err
		}
		return []access.Scope{scope}, nil
	case kind == "a":
		if _, ok := geo.Find(id); ok {
			return []access.Scope{scope}, nil
		}
	}
	return nil, unknown
}

const columns = `id, organisation_id, name_en, name_bn, kind, place_code, opened_at, closed_at, version`

func scan(row interface{ Scan(...any) error }) (o Office, err error) {
	err = row.Scan(&o.ID, &o.Organisation, &o.NameEn, &o.NameBn, &o.Kind, &o.Place, db.Time(&o.OpenedAt), db.NullTime(&o.ClosedAt), &o.Version)
	return o, err
}

func insert(ctx context.Context, tx *db.Tx, o Office) error {
	_, err := tx.Exec(ctx, `INSERT INTO offices (`+columns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		o.ID, o.Organisation, o.NameEn, o.NameBn, string(o.Kind), o.Place, o.OpenedAt, db.When(o.ClosedAt), o.Version)
	return err
}

func update(ctx context.Context, tx *db.Tx, o Office) error {
	_, err := tx.Exec(ctx, `UPDATE offices SET name_en = ?, name_bn = ?, kind = ?, place_code = ?, closed_at = ?, version = ? WHERE id = ?`,
		o.NameEn, o.NameBn, string(o.Kind), o.Place, db.When(o.ClosedAt), o.Version, o.ID)
	return err
}
