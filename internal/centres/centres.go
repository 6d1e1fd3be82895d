// SPDX-License-Identifier: Apache-2.0

// Package centres keeps one-stop centres: the counters of several agencies under one roof, and who waits there today.
//
// A centre is an office that says of itself which counters it has. Who waits has a ticket, which is a short number without a
// name; whose it is may be said beside it, for those alone who may see her. What may be done with a ticket, whose turn it is
// and how long it will take are pure functions: Possible, Turn and reckon. Appointments are in a package of their own.
package centres

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/calendars"
	"fera/internal/db"
	"fera/internal/directory/listing"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/offices"
	"fera/internal/seal"
)

// Centre is an office with counters.
type Centre struct {
	Office   offices.Office `json:"-"`
	Hours    listing.Hours  `json:"hours"`
	Version  int            `json:"-"` // zero while the office is no centre
	MayRun   bool           `json:"-"` // who asked may change it
	MayServe bool           `json:"-"` // who asked may draw tickets there, for all counters

	keyNumber int
}

// Setting makes a centre of an office, or says its hours anew.
type Setting struct {
	Office  string
	Version int // zero to make it a centre
	Hours   listing.Hours
}

const centreColumns = `c.hours, c.key_number, c.version`

func notFound() error { return fault.New(fault.NotFound, "centre.not_found") }

func subject(office string) string { return "centre:" + office }

// load is a centre with the rights of who over it, whoever asks. An office that is none has version zero.
func load(ctx context.Context, q db.Reader, who access.Actor, office string) (Centre, error) {
	c := Centre{}
	var err error
	if c.Office, err = offices.Find(ctx, q, who, office); err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return c, notFound()
		}
		return c, err
	}
	var hours string
	err = q.QueryRow(ctx, `SELECT `+centreColumns+` FROM centres c WHERE c.office_id = ?`, office).Scan(&hours, &c.keyNumber, &c.Version)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return c, fmt.Errorf("find centre: %w", err)
	}
	if err == nil {
		if err := json.Unmarshal([]byte(hours), &c.Hours); err != nil {
			return c, fmt.Errorf("find centre: %w", err)
		}
	}
	scopes, err := offices.Scopes(ctx, q, office)
	if err != nil {
		return c, err
	}
	c.MayRun, c.MayServe = who.Covers(access.ManageCentre, scopes...), who.Covers(access.ServeQueue, scopes...)
	return c, nil
}

// Find returns a centre that who works at: one of her office or organisation, or one where her organisation has a counter.
// Who may run an office that is no centre yet finds it too, with version zero.
func Find(ctx context.Context, q db.Reader, who access.Actor, office string) (Centre, error) {
	c, err := load(ctx, q, who, office)
	if err != nil {
		return c, err
	}
	if c.MayRun || c.Version > 0 && c.MayServe {
		return c, nil
	}
	guest, err := c.guest(ctx, q, who)
	if err != nil {
		return c, err
	}
	if !guest {
		return Centre{}, notFound()
	}
	return c, nil
}

// guest tells whether who works at a counter of a centre that is another organisation's.
func (c Centre) guest(ctx context.Context, q db.Reader, who access.Actor) (bool, error) {
	if c.Version == 0 || !mayServeFor(who, who.Organisation) || ids.IsApart(c.Office.ID) != who.Practises() {
		return false, nil
	}
	var n int
	err := q.QueryRow(ctx, `SELECT count(*) FROM centre_counters WHERE office_id = ? AND organisation_id = ? AND closed_at IS NULL`, c.Office.ID, who.Organisation).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("find centre: %w", err)
	}
	return n > 0, nil
}

// mayServeFor tells whether who serves people for an organisation, which is her own.
func mayServeFor(who access.Actor, organisation string) bool {
	return organisation != "" && organisation == who.Organisation && who.Covers(access.ServeQueue, access.AtOffice(who.Office), access.OfOrganisation(organisation))
}

// List returns the centres that Find would find, but for offices that are none yet; her own office comes first.
func List(ctx context.Context, q db.Reader, who access.Actor) (all []Centre, err error) {
	rows, err := q.Query(ctx, `SELECT c.office_id FROM centres c JOIN offices o ON o.id = c.office_id WHERE o.closed_at IS NULL
		ORDER BY CASE WHEN c.office_id = ? THEN 0 ELSE 1 END, o.name_bn, o.id`, who.Office)
	found, err := db.Collect(rows, err, func(r interface{ Scan(...any) error }) (id string, err error) { return id, r.Scan(&id) })
	if err != nil {
		return nil, fmt.Errorf("list centres: %w", err)
	}
	for _, id := range found {
		c, err := Find(ctx, q, who, id)
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// Set makes a centre of an office, or changes its hours.
func Set(ctx context.Context, tx *db.Tx, who access.Actor, s Setting) error {
	c, err := running(ctx, tx, who, s.Office)
	if err != nil {
		return err
	}
	if c.Version != s.Version {
		return fault.New(fault.Conflict, "fault.conflict")
	}
	if !c.Office.ClosedAt.IsZero() {
		return fault.New(fault.Conflict, "centre.office_closed")
	}
	if f := s.Hours.Check(); f != nil {
		return f
	}
	hours, err := json.Marshal(s.Hours)
	if err != nil {
		return fmt.Errorf("set centre: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO centres (office_id, hours, key_number, set_at, version) VALUES (?, ?, 1, ?, 1)
		ON CONFLICT (office_id) DO UPDATE SET hours = excluded.hours, version = centres.version + 1`, s.Office, string(hours), tx.Now())
	if err != nil {
		return fmt.Errorf("set centre: %w", err)
	}
	after := c
	after.Hours = s.Hours
	entry := audit.Entry{Subject: subject(s.Office), After: after}
	if c.Version > 0 {
		entry.Before = c
	}
	return audit.Record(ctx, tx, who, access.ManageCentre, entry)
}

// running finds a centre for an act of who runs it, and lets the transaction commit.
func running(ctx context.Context, tx *db.Tx, who access.Actor, office string) (Centre, error) {
	c, err := Find(ctx, tx, who, office)
	if err != nil {
		return c, err
	}
	scopes, err := offices.Scopes(ctx, tx, office)
	if err != nil {
		return c, err
	}
	return c, access.Check(tx, who, access.ManageCentre, scopes...)
}

// Open tells whether a centre is open at a moment, and when it is open on that day. Hours that nobody said are open always.
func (c Centre) Open(ctx context.Context, q db.Reader, at time.Time) (bool, error) {
	if !c.Hours.Known() {
		return true, nil
	}
	calendar, err := calendars.Now(ctx, q)
	return err == nil && c.Hours.Open(at, calendar), err
}

// WallKey is what the address of a wall screen holds beside the office: who has it sees numbers and counters, and nothing else.
func WallKey(ctx context.Context, q db.Reader, who access.Actor, office string) (string, error) {
	c, err := Find(ctx, q, who, office)
	if err != nil {
		return "", err
	}
	if !c.MayRun || c.Version == 0 {
		return "", notFound()
	}
	return c.key(ctx, q)
}

func (c Centre) key(ctx context.Context, q db.Reader) (string, error) {
	key, err := seal.Blind(ctx, q, "centre_wall", c.Office.ID+":"+strconv.Itoa(c.keyNumber))
	return strings.ToLower(key), err
}

// RenewWallKey gives the wall screens of a centre a new address. Those that show the old one show nothing any more.
func RenewWallKey(ctx context.Context, tx *db.Tx, who access.Actor, office string) error {
	c, err := running(ctx, tx, who, office)
	if err != nil {
		return err
	}
	if c.Version == 0 {
		return notFound()
	}
	if _, err := tx.Exec(ctx, `UPDATE centres SET key_number = key_number + 1 WHERE office_id = ?`, office); err != nil {
		return fmt.Errorf("renew key of wall: %w", err)
	}
	return audit.Record(ctx, tx, who, access.ManageCentre, audit.Entry{Subject: subject(office), Named: []string{"wall_key"}})
}

// byKey is the centre whose wall has a key. Of an office that is none, and of a key that is not its own, nothing is found.
func byKey(ctx context.Context, q db.Reader, office, key string) (Centre, error) {
	c, err := load(ctx, q, access.System(access.ReadOffices), office)
	if err != nil {
		return Centre{}, err
	}
	want, err := c.key(ctx, q)
	if err != nil {
		return Centre{}, err
	}
	if c.Version == 0 || !c.Office.ClosedAt.IsZero() || subtle.ConstantTimeCompare([]byte(want), []byte(key)) != 1 {
		return Centre{}, notFound()
	}
	return c, nil
}

// HoursOf returns when an office is open, as the centre there says. Of an office that is no centre nothing is known. Anybody may
// know it.
func HoursOf(ctx context.Context, q db.Reader, office string) (h listing.Hours, err error) {
	var text string
	err = q.QueryRow(ctx, `SELECT c.hours FROM centres c WHERE c.office_id = ?`, office).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return h, nil
	}
	if err != nil {
		return h, fmt.Errorf("find hours: %w", err)
	}
	return h, json.Unmarshal([]byte(text), &h)
}
