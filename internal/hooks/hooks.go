// SPDX-License-Identifier: Apache-2.0

// Package hooks tells other systems what happened.
//
// An administrator says where: an endpoint of an organisation, with the kinds of events that it wants. Publish puts down an event
// in the transaction of the act; a Sender tells it to each endpoint, signed as Standard Webhooks asks, again and again over about
// three days until it is taken. What an event holds is for who publishes it: identifiers, states and times, never what is known
// about somebody.
//
// An event is told at least once, and in no order. Its identifier stays the same however often it is told.
package hooks

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fera/internal/access"
	"fera/internal/audit"
	"fera/internal/db"
	"fera/internal/fault"
	"fera/internal/ids"
	"fera/internal/seal"
)

// ID identifies an endpoint.
type ID string

// State is whether an endpoint is told anything.
type State string

// The states of an endpoint.
const (
	On       State = "on"
	Off      State = "off"      // switched off by somebody
	Disabled State = "disabled" // it failed for too long, or said that it is gone
	Removed  State = "removed"
)

// Ping is the kind of event that somebody sends to try an endpoint. It is not asked for.
const Ping = "ping"

// Kinds returns the kinds of events that an endpoint can ask for.
func Kinds() []string {
	return []string{
		"referral.sent", "referral.received", "referral.accepted", "referral.waiting", "referral.appointed", "referral.served", "referral.unserved", "referral.reopened",
		"referral.confirmed", "referral.declined", "referral.withdrawn", "referral.acknowledged", "referral.expired", "referral.closed",
		"handover.offered", "handover.accepted", "handover.declined",
		"appointment.made", "appointment.moved", "appointment.off", "appointment.kept", "appointment.missed",
	}
}

// Hook is an endpoint. Its secret is shown once, when it is made or turned.
type Hook struct {
	ID           ID        `json:"id"`
	Organisation string    `json:"organisation"`
	URL          string    `json:"url"`
	Kinds        []string  `json:"kinds"`
	State        State     `json:"state"`
	Why          string    `json:"why,omitempty"` // key of the reason why it is disabled
	OldUntil     time.Time `json:"-"`             // until when the secret before is good
	GoodAt       time.Time `json:"-"`             // when it last took something
	FailingSince time.Time `json:"-"`
	By           string    `json:"-"`
	MadeAt       time.Time `json:"-"`
	Version      int       `json:"-"`
}

// Endpoint is what an administrator enters.
type Endpoint struct {
	ID           ID // of the one that is changed; empty for a new one
	Organisation string
	URL          string
	Kinds        []string
	Version      int
}

// oldLasts is how long the secret before is good after a turn.
const oldLasts = 24 * time.Hour

// Rules say what may be an endpoint in this installation.
type Rules struct {
	Private bool // addresses of this network and of this machine may, too, and without TLS
}

// Add enters an endpoint, and returns its secret, this once.
func Add(ctx context.Context, tx *db.Tx, who access.Actor, rules Rules, e Endpoint) (ID, string, error) {
	if err := access.Check(tx, who, access.ManageHooks, access.OfOrganisation(e.Organisation)); err != nil {
		return "", "", err
	}
	if err := e.check(rules); err != nil {
		return "", "", err
	}
	var n int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM organisations WHERE id = ?`, e.Organisation).Scan(&n); err != nil || n == 0 {
		return "", "", errors.Join(err, fault.New(fault.NotFound, "office.organisation_not_found").On("organisation"))
	}
	id := ID(ids.New(tx.Now()))
	secret, sealed, err := freshSecret(ctx, tx, id)
	if err != nil {
		return "", "", fmt.Errorf("add hook: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO hooks (id, organisation_id, url, kinds, secret, state, why, user_id, user_name, made_at, version) VALUES (?, ?, ?, ?, ?, 'on', '', ?, ?, ?, 1)`,
		string(id), e.Organisation, e.URL, strings.Join(e.Kinds, " "), sealed, who.ID, who.Name, tx.Now())
	if err != nil {
		return "", "", fmt.Errorf("add hook: %w", err)
	}
	return id, secret, record(ctx, tx, who, id, Hook{ID: id, Organisation: e.Organisation, URL: e.URL, Kinds: e.Kinds, State: On})
}

func record(ctx context.Context, tx *db.Tx, who access.Actor, id ID, after any) error {
	return audit.Record(ctx, tx, who, access.ManageHooks, audit.Entry{Subject: "hook:" + string(id), After: after})
}

func (e *Endpoint) check(rules Rules) error {
	if f := rules.address(e.URL); f != nil {
		return f.On("url")
	}
	slices.Sort(e.Kinds)
	e.Kinds = slices.Compact(e.Kinds)
	if len(e.Kinds) == 0 {
		return fault.New(fault.Invalid, "hook.kinds_needed").On("kinds")
	}
	for _, k := range e.Kinds {
		if !slices.Contains(Kinds(), k) {
			return fault.New(fault.Invalid, "fault.bad_choice").On("kinds")
		}
	}
	return nil
}

// freshSecret makes a secret in the form that Standard Webhooks gives it, and seals it.
func freshSecret(ctx context.Context, tx *db.Tx, id ID) (string, []byte, error) {
	raw := make([]byte, 32)
	rand.Read(raw)
	sealed, err := seal.Seal(ctx, tx, seal.System, "hooks:"+string(id), raw)
	return "whsec_" + base64.StdEncoding.EncodeToString(raw), sealed, err
}

// Change changes where an endpoint is and what it asks for.
func Change(ctx context.Context, tx *db.Tx, who access.Actor, rules Rules, e Endpoint) error {
	h, err := manageable(ctx, tx, who, e.ID)
	if err != nil {
		return err
	}
	if err := e.check(rules); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE hooks SET url = ?, kinds = ?, version = version + 1 WHERE id = ? AND version = ?`, e.URL, strings.Join(e.Kinds, " "), string(h.ID), e.Version)
	if err != nil {
		return fmt.Errorf("change hook: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "hook.changed_meanwhile")
	}
	return record(ctx, tx, who, h.ID, map[string]any{"url": e.URL, "kinds": e.Kinds})
}

// Turn makes a fresh secret and returns it, this once. For a day both are good: what is told then is signed with both.
func Turn(ctx context.Context, tx *db.Tx, who access.Actor, id ID) (string, error) {
	h, err := manageable(ctx, tx, who, id)
	if err != nil {
		return "", err
	}
	secret, sealed, err := freshSecret(ctx, tx, id)
	if err != nil {
		return "", fmt.Errorf("turn secret: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE hooks SET old_secret = secret, old_until = ?, secret = ?, version = version + 1 WHERE id = ?`, tx.Now().Add(oldLasts), sealed, string(h.ID)); err != nil {
		return "", fmt.Errorf("turn secret: %w", err)
	}
	return secret, record(ctx, tx, who, id, map[string]string{"secret": "turned"})
}

// Switch turns an endpoint on, off, or removes it for good. What waits for one that is no longer told anything is given up.
func Switch(ctx context.Context, tx *db.Tx, who access.Actor, id ID, to State) error {
	h, err := manageable(ctx, tx, who, id)
	if err != nil {
		return err
	}
	if !slices.Contains([]State{On, Off, Removed}, to) {
		return fault.New(fault.Invalid, "fault.bad_choice").On("state")
	}
	if err := h.set(ctx, tx, to, ""); err != nil {
		return fmt.Errorf("switch hook: %w", err)
	}
	return record(ctx, tx, who, id, map[string]any{"state": to})
}

func (h Hook) set(ctx context.Context, tx *db.Tx, to State, why string) error {
	if _, err := tx.Exec(ctx, `UPDATE hooks SET state = ?, why = ?, failing_since = NULL, version = version + 1 WHERE id = ?`, string(to), why, string(h.ID)); err != nil || to == On {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE hook_deliveries SET state = 'dead', why = 'hook.dead.off', holder = '', until = NULL, ended_at = ? WHERE hook_id = ? AND state IN ('waiting', 'sending')`, tx.Now(), string(h.ID))
	return err
}

// Try tells an endpoint a ping, so that one sees whether it is reached.
func Try(ctx context.Context, tx *db.Tx, who access.Actor, id ID) error {
	h, err := manageable(ctx, tx, who, id)
	if err != nil {
		return err
	}
	if h.State != On {
		return fault.New(fault.Conflict, "hook.not_on")
	}
	event, err := enter(ctx, tx, Event{Kind: Ping, Organisation: h.Organisation, Subject: "hook:" + string(id)})
	if err != nil {
		return fmt.Errorf("try hook: %w", err)
	}
	if err := h.deliver(ctx, tx, event); err != nil {
		return fmt.Errorf("try hook: %w", err)
	}
	return record(ctx, tx, who, id, map[string]string{"tried": event})
}

func notFound() error { return fault.New(fault.NotFound, "hook.not_found") }

// manageable finds an endpoint that who manages.
func manageable(ctx context.Context, tx *db.Tx, who access.Actor, id ID) (Hook, error) {
	h, err := Find(ctx, tx, who, id)
	if err != nil {
		return h, err
	}
	return h, access.Check(tx, who, access.ManageHooks, access.OfOrganisation(h.Organisation))
}

const columns = `id, organisation_id, url, kinds, state, why, old_until, good_at, failing_since, user_name, made_at, version`

func scan(row interface{ Scan(...any) error }) (h Hook, err error) {
	var kinds string
	err = row.Scan(&h.ID, &h.Organisation, &h.URL, &kinds, &h.State, &h.Why, db.NullTime(&h.OldUntil), db.NullTime(&h.GoodAt), db.NullTime(&h.FailingSince), &h.By, db.Time(&h.MadeAt), &h.Version)
	h.Kinds = strings.Fields(kinds)
	return h, err
}

// Find returns an endpoint. One that who does not manage is not found.
func Find(ctx context.Context, q db.Reader, who access.Actor, id ID) (Hook, error) {
	h, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM hooks WHERE id = ? AND state <> 'removed'`, string(id)))
	if errors.Is(err, sql.ErrNoRows) || err == nil && !who.Covers(access.ManageHooks, access.OfOrganisation(h.Organisation)) {
		return Hook{}, notFound()
	}
	if err != nil {
		return Hook{}, fmt.Errorf("find hook: %w", err)
	}
	return h, nil
}

// List returns the endpoints that who manages.
func List(ctx context.Context, q db.Reader, who access.Actor) ([]Hook, error) {
	if !who.Holds(access.ManageHooks) {
		return nil, nil
	}
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM hooks WHERE state <> 'removed' ORDER BY organisation_id, id`)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list hooks: %w", err)
	}
	return slices.DeleteFunc(all, func(h Hook) bool { return !who.Covers(access.ManageHooks, access.OfOrganisation(h.Organisation)) }), nil
}
